"""Provide the verbs for learning and prototyping with video, sound and words: `import vmm_lab as vl`.

Each name of `__init__.pyi` is imported when it is first used, so that `import vmm_lab` is quick and
loads no TensorFlow; editors and type checkers read the same list.
"""
import lazy_loader

__version__ = "1.0.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

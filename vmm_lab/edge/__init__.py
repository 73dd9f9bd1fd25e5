"""Make networks smaller, bring them to a phone, and run them on a stream: thin over Keras, LiteRT and ONNX.

TensorFlow is imported with the first name that needs it, not with the package; the names are listed in `__init__.pyi`.
"""
import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

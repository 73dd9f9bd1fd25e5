"""Verbs for learning and prototyping with video, sound and words: `import vmm_lab as vl`.

Each name below is imported when it is first used, so that `import vmm_lab` is quick and loads no TensorFlow.
"""
import importlib

__version__ = "0.1.0"

_HOME = {
    "open_media": "media", "Media": "media", "MediaError": "media", "write_video": "media",
    "split_clips": "clips",
    "load_table": "tables", "split_by_group": "tables", "TableError": "tables",
    "filmstrip": "plots",
    "extract": "features",
    "load_examples": "networks", "fit": "widgets",
    "compare": "tasks", "load_pipeline": "tasks",
    "report": "exercises", "check": "exercises", "hint": "exercises", "solution": "exercises", "progress": "exercises",
}
_ROOMS = ("media", "clips", "assets", "theatre", "tables", "plots", "features", "networks", "tasks", "explain", "widgets",
          "exercises")
__all__ = [*_HOME, *_ROOMS]


def __getattr__(name):
    if name in _ROOMS:
        return importlib.import_module(f".{name}", __name__)
    if name in _HOME:
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module 'vmm_lab' has no attribute '{name}'")


def __dir__():
    return sorted([*globals(), *__all__])

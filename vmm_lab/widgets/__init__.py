"""Explore media, frames, tables, trainings and predictions in JupyterLab, by mouse and keyboard.

Each name of `__init__.pyi` is imported when it is first used; only `fit` works without ipywidgets.
"""
from typing import Any

import lazy_loader

_getattr, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> Any:
    try:
        return _getattr(name)
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets", "IPython"):
            raise
        raise ImportError("The widgets need ipywidgets and anywidget; install them with: "
                          'python -m pip install "vmm-lab[lab]"') from error

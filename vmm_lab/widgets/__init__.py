"""Explore media, frames, tables, trainings and predictions in JupyterLab, by mouse and keyboard.

Each widget is imported when it is first used; only `fit` works without ipywidgets.
"""
import importlib
from typing import Any

_HOME = {
    "FramePlayer": "player", "ClipExplorer": "clips", "FeatureExplorer": "features",
    "EmbeddingExplorer": "embedding", "PredictionExplorer": "predictions",
    "ConvolutionExplorer": "convolution", "SoundExplorer": "sound", "FusionExplorer": "fusion",
    "ModelExplorer": "model", "ModalityBudget": "budget",
    "GradCamExplorer": "gradcam", "TrainingMonitor": "training", "fit": "fitting",
}
__all__ = [*_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'vmm_lab.widgets' has no attribute '{name}'")
    try:
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name not in ("anywidget", "ipywidgets", "traitlets", "IPython"):
            raise
        raise ImportError("The widgets need ipywidgets and anywidget; install them with: "
                          'python -m pip install "vmm-lab[lab]"') from error


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

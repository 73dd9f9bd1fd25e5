"""Widgets for JupyterLab: media, frames, tables and predictions go in, views to explore by mouse and keyboard come out."""
try:
    import anywidget  # noqa: F401
    import ipywidgets  # noqa: F401
except ImportError as error:
    raise ImportError('The widgets need ipywidgets and anywidget; install them with: python -m pip install "vmm-lab[lab]"') from error

from .budget import ModalityBudget
from .clips import ClipExplorer
from .convolution import ConvolutionExplorer
from .embedding import EmbeddingExplorer
from .features import FeatureExplorer
from .fusion import FusionExplorer
from .gradcam import GradCamExplorer
from .model import ModelExplorer
from .player import FramePlayer
from .predictions import PredictionExplorer
from .sound import SoundExplorer
from .training import TrainingMonitor, fit

__all__ = ["ClipExplorer", "ConvolutionExplorer", "EmbeddingExplorer", "FeatureExplorer", "FramePlayer", "FusionExplorer",
           "GradCamExplorer", "ModalityBudget", "ModelExplorer", "PredictionExplorer", "SoundExplorer", "TrainingMonitor", "fit"]

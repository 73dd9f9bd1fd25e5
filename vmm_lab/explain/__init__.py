"""Explain an answer: Grad-CAM and HiResCAM, occlusion sensitivity, Shapley values, kernels and feature maps.

TensorFlow is imported when a model is asked, not with the package.
"""
from .activations import activations, filters, map_layers
from .evidence import evidence_picture
from .gradcam import grad_cam, heatmap_film, saliency_over_time, time_shares
from .occlusion import occlusion
from .shapley import evidence_over_time, leave_one_out, modality_shares, words_left_out

__all__ = [
    "activations", "evidence_over_time", "evidence_picture", "filters", "grad_cam", "heatmap_film", "leave_one_out",
    "map_layers", "modality_shares", "occlusion", "saliency_over_time", "time_shares", "words_left_out",
]

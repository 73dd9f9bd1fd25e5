"""A model and clips go in, why it said so comes out: heat over places and time, occlusion, kernels, feature maps.

TensorFlow is imported when a model is asked, not with the package.
"""
from .occlusion import occlusion
from .evidence import evidence_picture
from .gradcam import grad_cam, heatmap_film, saliency_over_time, time_shares
from .activations import activations, filters, map_layers
from .shapley import evidence_over_time, leave_one_out, modality_shares, words_left_out

__all__ = ["activations", "evidence_over_time", "evidence_picture", "filters", "grad_cam", "heatmap_film", "leave_one_out", "map_layers",
           "modality_shares", "occlusion", "saliency_over_time", "time_shares", "words_left_out"]

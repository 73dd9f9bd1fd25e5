"""A model and clips go in, why it said so comes out: heat over places and time, occlusion, kernels, feature maps.

TensorFlow is imported when a model is asked, not with the package.
"""
from .covering import occlusion
from .heat import grad_cam, heatmap_film, saliency_over_time, shades, time_shares
from .insides import activations, filters, map_layers

__all__ = ["activations", "filters", "grad_cam", "heatmap_film", "map_layers", "occlusion", "saliency_over_time",
           "shades", "time_shares"]

"""Draw static pictures: figures for notebooks and pages, drawings over frames, and one colour per class everywhere."""
from .diagrams import fusion_diagram
from .figures import MARKERS, bars, confusion, curves, draw_points, filmstrip, gallery, heatmap, scatter, score_bars
from .images import data_uri, fit_size, frames_image, jpeg, png, resized, side_by_side, spectrogram_image, spread
from .overlays import draw_arrows, draw_boxes, draw_hog, draw_keypoints, draw_matches, draw_skeletons, flow_colors
from .palette import AGAINST, INK, INSCRIBED, PALETTE, SHAPES, class_colors, class_looks, shades
from .picture import WIDTH, Picture, axes
from .timeline import timeline

__all__ = [
    "AGAINST", "INK", "INSCRIBED", "MARKERS", "PALETTE", "Picture", "SHAPES", "WIDTH", "axes", "bars",
    "class_colors", "class_looks", "confusion", "curves", "data_uri", "draw_arrows",
    "draw_boxes", "draw_hog", "draw_keypoints", "draw_matches", "draw_points", "draw_skeletons",
    "filmstrip", "fit_size", "flow_colors", "frames_image", "fusion_diagram", "gallery", "heatmap",
    "jpeg", "png", "resized", "scatter", "score_bars", "shades", "side_by_side", "spectrogram_image", "spread",
    "timeline",
]

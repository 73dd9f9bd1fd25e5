"""Draw static pictures: figures for notebooks and pages, drawings over frames, and one colour per class everywhere."""
from .figures import MARKERS, bars, confusion, draw_points, filmstrip, gallery, scatter, score_bars
from .images import data_uri, fit_size, frames_image, jpeg, png, resized, spectrogram_image, spread
from .overlays import draw_arrows, draw_hog, draw_keypoints, draw_matches, flow_colors
from .palette import AGAINST, PALETTE, SHAPES, class_colors, class_looks, shades
from .picture import Picture, axes
from .timeline import timeline

__all__ = [
    "AGAINST", "MARKERS", "PALETTE", "SHAPES", "Picture", "axes", "bars", "class_colors", "class_looks",
    "confusion", "data_uri", "draw_arrows", "draw_hog", "draw_keypoints", "draw_matches", "draw_points",
    "filmstrip", "fit_size", "flow_colors", "frames_image", "gallery", "jpeg", "png", "resized", "scatter",
    "score_bars", "shades", "spectrogram_image", "spread", "timeline",
]

"""Static pictures: figures for notebooks and pages, drawings over frames, and one colour per class everywhere."""
from .figures import MARKERS, confusion, draw_points, filmstrip, gallery, scatter, score_bars, timeline
from .overlays import draw_arrows, draw_hog, draw_keypoints, draw_matches, flow_colors
from .palette import MODALITY_COLORS, PALETTE, SHAPES, class_colors, class_looks
from .picture import Picture

__all__ = [
    "MARKERS", "MODALITY_COLORS", "PALETTE", "Picture", "SHAPES", "class_colors", "class_looks", "confusion", "draw_arrows", "draw_hog",
    "draw_keypoints", "draw_matches", "draw_points", "filmstrip", "flow_colors", "gallery", "scatter", "score_bars", "timeline",
]

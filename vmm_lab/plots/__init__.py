"""Static pictures: figures for notebooks and pages, drawings over frames, and one colour per class everywhere."""
from .figures import confusion, filmstrip, gallery, scatter, score_bars, timeline
from .overlays import draw_arrows, draw_hog, draw_keypoints, draw_matches, flow_colors
from .palette import MODALITY_COLORS, PALETTE, class_colors
from .picture import Picture

__all__ = [
    "MODALITY_COLORS", "PALETTE", "Picture", "class_colors", "confusion", "draw_arrows", "draw_hog", "draw_keypoints", "draw_matches",
    "filmstrip", "flow_colors", "gallery", "scatter", "score_bars", "timeline",
]

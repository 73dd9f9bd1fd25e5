"""Features: media pieces in, rows of numbers out; each is a scikit-learn transformer, and `extract` runs it over a table."""
from vmm_lab.features.base import Feature, FrameFeature, Piece
from vmm_lab.features.extract import descriptions, extract, pieces
from vmm_lab.features.gradients import HOG, hog

__all__ = ["Feature", "FrameFeature", "HOG", "Piece", "descriptions", "extract", "hog", "pieces"]

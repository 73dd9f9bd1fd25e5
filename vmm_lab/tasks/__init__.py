"""What a user wants done with a table of media: compare the methods, honestly scored."""
from .board import Board
from .compare import compare
from .networks import NetworkClassifier
from .pipelines import FeatureClassifier, SoftVote, load_pipeline

__all__ = ["Board", "FeatureClassifier", "NetworkClassifier", "SoftVote", "compare", "load_pipeline"]

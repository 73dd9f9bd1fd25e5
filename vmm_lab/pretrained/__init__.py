"""Load published networks out of pinned wheels: for pictures, sentences, shot boundaries, speech, people and faces.

TensorFlow is imported with the first name that is used, not with the package; the names are listed in `__init__.pyi`.
"""
import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# The features that `compare` scores where their weights are at hand, in the order of its protocol.
COMPARED = ("ImageEmbedding", "AlignedFaces", "FaceExpression", "SentenceEmbedding", "PoseStatistics")

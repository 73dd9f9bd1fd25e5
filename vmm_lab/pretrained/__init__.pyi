from . import blaze as blaze
from . import face as face
from . import image as image
from . import pose as pose
from . import pose_statistics as pose_statistics
from . import shots as shots
from . import text as text
from . import weights as weights
from .face import AlignedFaces as AlignedFaces
from .face import Face as Face
from .face import FaceFeature as FaceFeature
from .face import align_face as align_face
from .face import find_faces as find_faces
from .image import ImageEmbedding as ImageEmbedding
from .image import classify as classify
from .image import efficientnet_lite0 as efficientnet_lite0
from .image import imagenet_classes as imagenet_classes
from .pose import find_poses as find_poses
from .pose import follow_poses as follow_poses
from .pose_statistics import PoseStatistics as PoseStatistics
from .shots import transition_probabilities as transition_probabilities
from .shots import transnet as transnet
from .text import SentenceEmbedding as SentenceEmbedding
from .text import embed_sentences as embed_sentences
from .text import minilm as minilm

COMPARED: tuple[str, ...]

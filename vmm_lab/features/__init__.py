"""Turn segments of media into rows of numbers: each feature is a scikit-learn transformer, `extract` runs it."""
from vmm_lab.cache import content_hash
from vmm_lab.features.base import Feature, FrameFeature
from vmm_lab.features.color import ColorHistogram, color_histogram
from vmm_lab.features.described import Described
from vmm_lab.features.extract import describe_table, descriptions, extract
from vmm_lab.features.frames import Frames
from vmm_lab.features.gradients import HOG, hog
from vmm_lab.features.keypoints import SIFTBag, sift
from vmm_lab.features.motion import MotionEnergy, MotionHistogram, flow, flow_histogram, motion_history
from vmm_lab.features.segment import Segment, is_missing, modalities_of, segments
from vmm_lab.features.sound import MFCC, LogMel, Spectrogram, deltas, hertz_to_mel, log_mel, mel_filters, mfcc
from vmm_lab.features.words import WordBag, tokens

# What `compare` scores unless it is given methods, in the order of its protocol.
COMPARED = ("ColorHistogram", "HOG", "SIFTBag", "MotionHistogram", "MotionEnergy", "LogMel", "MFCC", "WordBag")

__all__ = [
    "COMPARED", "ColorHistogram", "Described", "Feature", "FrameFeature", "Frames", "HOG", "LogMel", "MFCC",
    "MotionEnergy", "MotionHistogram", "SIFTBag", "Segment", "Spectrogram", "WordBag", "color_histogram",
    "content_hash", "deltas", "describe_table", "descriptions", "extract", "flow", "flow_histogram",
    "hertz_to_mel", "hog", "is_missing", "log_mel", "mel_filters", "mfcc", "modalities_of", "motion_history",
    "segments", "sift", "tokens",
]

"""Turn segments of media into rows of numbers: each feature is a scikit-learn transformer, `extract` runs it."""
from vmm_lab.cache import content_hash
from vmm_lab.features.base import Feature, FrameFeature, PictureFeature
from vmm_lab.features.color import ColorHistogram, color_histogram
from vmm_lab.features.described import Described, RowFile
from vmm_lab.features.extract import describe_table, descriptions, extract
from vmm_lab.features.frames import Frames, brightened
from vmm_lab.features.gradients import HOG, hog
from vmm_lab.features.keypoints import SIFTBag, sift
from vmm_lab.features.motion import MotionEnergy, MotionHistogram, flow, flow_histogram, motion_history
from vmm_lab.features.pose import PoseSequence, PoseStatistics, joint_angles, on_body, pose_curves
from vmm_lab.features.segment import Segment, fusible_rows, is_missing, modalities_of, modality_table, segments
from vmm_lab.features.sound import MFCC, LogMel, Spectrogram, deltas, hertz_to_mel, log_mel, mel_filters, mfcc
from vmm_lab.features.sound_statistics import MFCCDeltas, SoundStatistics, modulation_spectrum, spectral_contrast
from vmm_lab.features.speech import (
    SpeechFunctionals,
    SpeechStatistics,
    functionals,
    pitch_and_harmonicity,
    speech_curves,
)
from vmm_lab.features.texture import HOGLBP, local_binary_patterns
from vmm_lab.features.words import WordBag, tokens

# What `compare` scores unless it is given methods, in the order of its protocol.
COMPARED = ("ColorHistogram", "HOG", "SIFTBag", "HOGLBP", "MotionHistogram", "MotionEnergy", "LogMel", "MFCC",
            "MFCCDeltas", "SoundStatistics", "SpeechFunctionals", "SpeechStatistics", "WordBag", "PoseStatistics")

__all__ = [
    "COMPARED", "ColorHistogram", "Described", "Feature", "FrameFeature", "Frames", "HOG", "HOGLBP", "LogMel",
    "MFCC", "MFCCDeltas", "MotionEnergy", "MotionHistogram", "PictureFeature", "PoseSequence",
    "PoseStatistics", "RowFile", "SIFTBag", "Segment", "SoundStatistics", "Spectrogram", "SpeechFunctionals",
    "SpeechStatistics", "WordBag", "brightened", "color_histogram", "content_hash", "deltas", "describe_table",
    "descriptions", "extract", "flow", "flow_histogram", "functionals", "fusible_rows", "hertz_to_mel", "hog",
    "is_missing", "joint_angles", "local_binary_patterns", "log_mel", "mel_filters", "mfcc", "modalities_of",
    "modality_table", "modulation_spectrum", "motion_history", "on_body", "pitch_and_harmonicity", "pose_curves",
    "segments", "sift", "spectral_contrast", "speech_curves", "tokens",
]

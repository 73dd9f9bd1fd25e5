"""Pieces of media in, rows of numbers out: each feature a scikit-learn transformer, `extract` runs it over a table."""
from vmm_lab.features.base import Feature, FrameFeature, Segment
from vmm_lab.features.color import ColorHistogram, color_histogram
from vmm_lab.features.extract import content_hash, describe_table, descriptions, extract, segments
from vmm_lab.features.frames import Frames
from vmm_lab.features.gradients import HOG, hog
from vmm_lab.features.keypoints import SIFTBag, sift
from vmm_lab.features.motion import MotionEnergy, MotionHistogram, flow, flow_histogram, motion_history
from vmm_lab.features.sound import MFCC, LogMel, Spectrogram, deltas, hertz_to_mel, log_mel, mel_filters, mfcc
from vmm_lab.features.words import WordBag, tokens

__all__ = [
    "ColorHistogram", "Feature", "FrameFeature", "Frames", "HOG", "LogMel", "MFCC", "MotionEnergy", "MotionHistogram", "Segment",
    "SIFTBag", "Spectrogram", "WordBag", "color_histogram", "content_hash", "deltas", "describe_table", "descriptions", "extract",
    "flow", "flow_histogram", "hertz_to_mel", "hog",
    "log_mel", "mel_filters", "mfcc", "motion_history", "segments", "sift", "tokens",
]

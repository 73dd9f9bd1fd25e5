"""Frames go in, the same pixels come out: what a network that learns from pixels starts from, and the plainest feature."""
from vmm_lab.features.base import FrameFeature, pool


class Frames(FrameFeature):
    """The pixels themselves: frames spread evenly over the piece, small and cached, so that training decodes nothing.

    size: (height, width), pixels. n_frames: frames per piece (an image has one, repeated where rows must be alike).
    A description is uint8 (T, height, width, 3) RGB; `encode` lays the pixels end to end, as float32.

    >>> import numpy as np
    >>> Frames(size=(4, 4), n_frames=2).transform([np.zeros((2, 4, 4, 3), np.uint8)]).shape
    (1, 96)
    """

    modality = "video"

    def __init__(self, *, size=(64, 64), n_frames=16):
        self.size = size
        self.n_frames = n_frames

    def describe(self, frames):
        """uint8 (T, height, width, 3): the frames as they are."""
        return frames

    def encode(self, descriptions):
        return pool(descriptions, None, length=self.n_frames)

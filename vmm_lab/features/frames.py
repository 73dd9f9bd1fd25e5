"""Keep the pixels themselves: what a network that learns from pixels starts from, and the plainest feature."""
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmm_lab.features.base import FrameFeature, pool


@dataclass(kw_only=True, eq=False, repr=False)
class Frames(FrameFeature):
    """Represent the pixels themselves: frames spread evenly, small and cached, so that training decodes nothing.

    size: (height, width), pixels. n_frames: frames per segment (an image has one, repeated where rows must be alike).
    A description is uint8 (T, height, width, 3) RGB; `encode` lays the pixels end to end, as float32.

    >>> Frames(size=(4, 4), n_frames=2).transform([np.zeros((2, 4, 4, 3), np.uint8)]).shape
    (1, 96)
    """

    modality = "video"

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return frames

    def encode(self, descriptions: Iterable[NDArray]) -> NDArray[np.float32]:
        return pool(descriptions, None, length=self.n_frames)

"""Keep the pixels themselves: what a network that learns from pixels starts from, and the plainest feature."""
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vmm_lab.features.base import FrameFeature, pool

DARK, BRIGHT = 90, 220  # levels of 255


def brightened(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return dark pictures as bright as usual, all multiplied by one number, and others as they are.

    frames: uint8 (…, H, W, 3) or (H, W). Dark is where 99 of 100 levels are below 90; the 99th becomes 220. So a
    threshold on levels means the same by night, and detectors see what they learnt by day; noise grows alike.

    >>> brightened(np.full((8, 8, 3), 20, np.uint8)).max(), brightened(np.full((8, 8, 3), 120, np.uint8)).max()
    (np.uint8(220), np.uint8(120))
    """
    step = max(1, min(frames.shape[:2]) // 64) if frames.ndim < 4 else 1
    top = np.percentile(frames[::step, ::step] if step > 1 else frames, 99)
    if not 0 < top < DARK:
        return frames
    return np.minimum(np.arange(256) * BRIGHT / top, 255).astype(np.uint8)[frames]


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

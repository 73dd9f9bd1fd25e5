"""Compute color histograms: how much of which color a picture has, wherever it is."""
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vmm_lab.features.base import PooledFrames
from vmm_lab.features.checks import check_frames
from vmm_lab.media.options import check_wholes


def color_histogram(frames: NDArray[np.uint8], *, bins: tuple[int, int, int] = (8, 4, 4)) -> NDArray[np.float32]:
    """Compute the share of each frame's pixels in every bin of hue × saturation × value.

    frames: uint8 (T, H, W, 3) RGB. bins: how many for hue (a circle, 0–360°), saturation and value (0–100 %).
    Returns float32 (T, *bins); each frame's bins sum to 1, so the size of the picture does not matter.
    Raises ValueError for frames of another dtype or shape, or bins that are not three whole numbers.
    Source: Swain and Ballard, "Color indexing", International Journal of Computer Vision 7(1), 1991.

    >>> red = np.zeros((1, 4, 4, 3), np.uint8)
    >>> red[..., 0] = 255
    >>> histogram = color_histogram(red)
    >>> histogram.shape, float(histogram[0, 0, 3, 3])  # hue 0°, fully saturated, fully bright
    ((1, 8, 4, 4), 1.0)
    """
    check_frames(frames, "color_histogram")
    check_wholes("color_histogram", names=("hue", "saturation", "value"), bins=bins)
    hsv = [cv2.cvtColor(frame, cv2.COLOR_RGB2HSV) for frame in frames]  # OpenCV counts hue in steps of 2°: 0–179
    counts = [cv2.calcHist([image], [0, 1, 2], None, list(bins), [0, 180, 0, 256, 0, 256]) for image in hsv]
    return np.stack(counts).astype(np.float32) / np.float32(hsv[0].shape[0] * hsv[0].shape[1])


@dataclass(kw_only=True, eq=False, repr=False)
class ColorHistogram(PooledFrames):
    """Represent frames spread over the segment by color histograms; see `color_histogram`.

    size: (height, width) of the frames, pixels. n_frames: frames per segment (an image has one).
    pooling: "mean", "mean+std" over time, or None: the frames' histograms end to end.
    A description is float32 (T, d), d the product of the bins.

    >>> frames = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    >>> ColorHistogram(bins=(6, 3, 3)).transform([frames]).shape
    (1, 54)
    """

    bins: tuple[int, int, int] = (8, 4, 4)

    def check_options(self) -> None:
        super().check_options()
        check_wholes("ColorHistogram", names=("hue", "saturation", "value"), bins=self.bins)

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        return color_histogram(frames, bins=self.bins).reshape(len(frames), -1)

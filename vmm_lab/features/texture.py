"""Compute local binary patterns (LBP): which pattern of brighter and darker surrounds each pixel, cell by cell."""
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vmm_lab.features.base import PictureFeature, cell_numbers
from vmm_lab.features.checks import check_image
from vmm_lab.features.gradients import hog
from vmm_lab.media.options import check_wholes

# The eight neighbours of a pixel, in a circle: (rows down, columns to the right) from the top left one.
CIRCLE = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))
# A pattern is uniform if it changes at most twice around the circle, as edges, corners and spots do: those count one by
# one, all others together.
_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
_UNIFORM = (_BITS != np.roll(_BITS, 1, axis=1)).sum(axis=1) <= 2
PATTERNS = int(_UNIFORM.sum()) + 1  # 59
BIN_OF = np.where(_UNIFORM, np.cumsum(_UNIFORM) - 1, PATTERNS - 1)


def local_binary_patterns(image: NDArray[np.uint8], *, grid: tuple[int, int] = (7, 7)) -> NDArray[np.float32]:
    """Compute histograms of uniform local binary patterns: the share of each pattern among a cell's pixels.

    image: uint8 (H, W, 3) RGB or (H, W) grey; its outermost pixels have no pattern. grid: cells (down, across).
    A pattern says which of the eight neighbours are at least as bright as the pixel, so it is the same in any light.
    Returns float32 (down, across, 59). Raises ValueError for another dtype or shape, or more cells than pixels.
    Sources: Ojala, Pietikäinen and Mäenpää, "Multiresolution gray-scale and rotation invariant texture classification
    with local binary patterns", IEEE PAMI 24(7), 2002; cells: Ahonen et al., "Face recognition with local binary
    patterns", ECCV 2004.

    >>> histogram = local_binary_patterns(np.full((16, 16), 7, np.uint8), grid=(1, 2))
    >>> histogram.shape, histogram[0, 0].max()  # a flat picture has one pattern
    ((1, 2, 59), np.float32(1.0))
    """
    check_image(image, "local_binary_patterns")
    check_wholes("local_binary_patterns", names=("down", "across"), grid=grid)
    height, width = max(0, image.shape[0] - 2), max(0, image.shape[1] - 2)
    cells, number = cell_numbers("local_binary_patterns", (height, width), grid), grid[0] * grid[1]
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    code = np.zeros((height, width), np.uint8)
    for bit, (down, right) in enumerate(CIRCLE):
        brighter = grey[down : down + height, right : right + width] >= grey[1:-1, 1:-1]
        code |= brighter.view(np.uint8) << np.uint8(bit)
    counts = np.bincount((cells * PATTERNS + BIN_OF[code]).ravel(), minlength=number * PATTERNS)
    shares = counts.reshape(number, PATTERNS) / np.bincount(cells.ravel(), minlength=number)[:, None]
    return shares.reshape(*grid, PATTERNS).astype(np.float32)


@dataclass(kw_only=True, eq=False, repr=False)
class HOGLBP(PictureFeature):
    """Represent pictures by fine gradients and textures together: `hog` in cells of 8 pixels, `local_binary_patterns`.

    size: (height, width) to which a picture is brought. n_frames: frames per segment, whose descriptions are averaged.
    longest_side: frames are read at most so large, pixels. grid: of `local_binary_patterns`.
    A description is float32 (d,): the blocks of `hog`, then the square roots of the patterns' shares, since a distance
    between those (Hellinger's) does not leave all to the most frequent pattern.
    Source: Wang, Han and Yan, "An HOG-LBP human detector with partial occlusion handling", ICCV 2009.

    >>> frames = np.random.default_rng(0).integers(0, 256, (2, 120, 80, 3), dtype=np.uint8)
    >>> HOGLBP().transform([frames]).shape  # 11×11 blocks × 36, and 7×7 cells × 59
    (1, 7247)
    """

    chosen_learner = True

    size: tuple[int, int] = (96, 96)
    grid: tuple[int, int] = (7, 7)

    def check_options(self) -> None:
        super().check_options()
        check_wholes("HOGLBP", names=("height", "width"), least=16, size=self.size)
        check_wholes("HOGLBP", names=("down", "across"), most=min(self.size) - 2, grid=self.grid)

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        shrinks = frames.shape[1] >= self.size[0] and frames.shape[2] >= self.size[1]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        pictures = [cv2.resize(frame, self.size[::-1], interpolation=how) for frame in frames]
        rows = [np.r_[hog(picture).ravel(), np.sqrt(local_binary_patterns(picture, grid=self.grid)).ravel()]
                for picture in pictures]
        return np.mean(rows, axis=0)

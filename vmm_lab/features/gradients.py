"""Compute histograms of oriented gradients (HOG): where edges run which way, cell by cell."""
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vmm_lab.features.base import PooledFrames
from vmm_lab.features.checks import check_image
from vmm_lab.media.options import check_whole, check_wholes


def hog(
    image: NDArray[np.uint8], *, orientations: int = 9, pixels_per_cell: tuple[int, int] = (8, 8),
    cells_per_block: tuple[int, int] = (2, 2),
) -> NDArray[np.float32]:
    """Compute the histogram of oriented gradients of one picture, in the layout of scikit-image's `hog`.

    image: uint8 (H, W, 3) RGB or (H, W) grey, at least one block large; pixels beyond the last whole cell are left out.
    orientations: bins over 180°, a gradient and its opposite counting alike; at least 4 if a block is a single cell.
    pixels_per_cell, cells_per_block: (rows, columns).
    Returns float32 (block rows, block columns, cell rows, cell columns, orientations), each block of unit length
    after clipping at 0.2 (L2-Hys). In colour, a pixel votes with its strongest channel.
    Raises ValueError for another dtype or shape, options out of range, or an image smaller than a block.

    The work is OpenCV's, an order of magnitude faster than scikit-image's. Bins, cells, blocks and norm are the same;
    but OpenCV shares each pixel's vote between neighbouring bins and cells, as the paper does, and scikit-image does
    not, so the two correlate at about 0.9 and are not equal.
    Source: Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.

    >>> step = np.zeros((32, 32), np.uint8)
    >>> step[:, 16:] = 255  # a vertical edge: its gradient points along x, at 0°
    >>> descriptor = hog(step, orientations=4, cells_per_block=(1, 1))
    >>> descriptor.shape
    (4, 4, 1, 1, 4)
    >>> descriptor[1, 1, 0, 0].round(2)  # 0° lies between the first bin and, the circle being closed, the last
    array([0.7, 0. , 0. , 0.7], dtype=float32)
    """
    check_image(image, "hog")
    _check_cells("hog", image.shape, orientations, pixels_per_cell, cells_per_block)
    (cell_height, cell_width), (rows, columns) = pixels_per_cell, cells_per_block
    height, width = image.shape[0] // cell_height * cell_height, image.shape[1] // cell_width * cell_width
    block, cell = (columns * cell_width, rows * cell_height), (cell_width, cell_height)
    descriptor = cv2.HOGDescriptor(
        (width, height), block, cell, cell, orientations,
        1,  # derivative aperture: the plain [-1, 0, 1] of the paper
        1e6,  # so wide a Gaussian over the block that every pixel weighs the same, as in scikit-image
        cv2.HOGDescriptor_L2Hys, 0.2,
        False,  # no gamma correction
    )
    flat = np.asarray(descriptor.compute(np.ascontiguousarray(image[:height, :width])))
    # OpenCV walks over blocks, and over the cells in a block, column by column.
    down, across = height // cell_height - rows + 1, width // cell_width - columns + 1
    blocks = flat.reshape(across, down, columns, rows, orientations)
    return np.ascontiguousarray(blocks.transpose(1, 0, 3, 2, 4))


def _check_cells(who, size, orientations, pixels_per_cell, cells_per_block):
    check_whole(who, orientations=orientations)
    check_wholes(who, names=("rows", "columns"), pixels_per_cell=pixels_per_cell, cells_per_block=cells_per_block)
    numbers = orientations * cells_per_block[0] * cells_per_block[1]
    if numbers < 4:  # OpenCV's norm reads four at a time, past the end of the array, and ends the process
        raise ValueError(f"{who}: a block needs at least 4 numbers, and {orientations} orientations in "
                         f"{cells_per_block[0]}×{cells_per_block[1]} cells are {numbers}; take more orientations, or "
                         "more cells per block.")
    height, width = (pixels * cells for pixels, cells in zip(pixels_per_cell, cells_per_block))
    if size[0] < height or size[1] < width:
        raise ValueError(f"{who} needs an image of at least one block, {height}×{width} pixels, got "
                         f"{size[0]}×{size[1]}; take a larger image, or smaller blocks.")


@dataclass(kw_only=True, eq=False, repr=False)
class HOG(PooledFrames):
    """Represent frames spread over the segment by histograms of oriented gradients; see `hog`.

    size: (height, width) of the frames, pixels. n_frames: frames per segment (an image has one).
    pooling: "mean", "mean+std" over time, or None: the frames' descriptors end to end, which keeps their order.
    A description is float32 (T, d): d = 1764 with these defaults.

    >>> frames = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    >>> HOG().transform([frames]).shape
    (1, 1764)
    """

    orientations: int = 9
    pixels_per_cell: tuple[int, int] = (8, 8)
    cells_per_block: tuple[int, int] = (2, 2)

    def check_options(self) -> None:
        super().check_options()
        _check_cells("HOG", self.size, self.orientations, self.pixels_per_cell, self.cells_per_block)

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        bins, cell, block = self.orientations, self.pixels_per_cell, self.cells_per_block
        return np.stack([
            hog(frame, orientations=bins, pixels_per_cell=cell, cells_per_block=block).ravel() for frame in frames
        ])

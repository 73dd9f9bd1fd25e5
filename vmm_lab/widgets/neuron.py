"""Compute the feature map of one neuron, what it answers at every place of a picture, and draw it."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..plots.images import resized
from ..plots.palette import shades
from .charts import Sketch

OWN = "your own"
NOTHING = np.zeros((3, 3))
IDENTITY = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
# {name: (weights on this frame, weights on an earlier frame)}
PRESETS = {
    "Identity": (IDENTITY, NOTHING),
    "Blur": (np.full((3, 3), 1 / 9), NOTHING),
    "Blur 5×5": (np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256, np.zeros((5, 5))),
    "Sharpen": (np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]), NOTHING),
    "Sobel x": (SOBEL, NOTHING),
    "Sobel y": (SOBEL.T, NOTHING),
    "Laplacian": (np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]), NOTHING),
    "Emboss": (np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]), NOTHING),
    "Difference in time": (IDENTITY, -IDENTITY),
}
GAP = 8  # pixels between two pictures
PANEL = (300, 404)  # the most height and width of each of two pictures side by side, pixels


@dataclass(frozen=True)
class FeatureMap:
    """Hold what a neuron answers at each place, and the picture of it."""

    numbers: NDArray[np.float32] = field(repr=False)  # (rows, columns)
    picture: NDArray = field(repr=False)  # uint8 (rows, columns, 3)
    palette: NDArray[np.uint8] = field(repr=False)  # (256, 3), from `low` to `high`
    low: float
    high: float


def convolve(
    picture: NDArray, weights: ArrayLike, *, bias: float = 0.0, stride: int = 1, padding: str = "same"
) -> NDArray[np.float32]:
    """Compute bias + the sum of weights × pixels around each place, float32 (rows, columns), as Keras' Conv2D does.

    picture: float32 (H, W). weights: (k, k) with odd k. stride: pixels between places. padding: "same", where zeros
    stand around the picture and ceil(H / stride) rows come out, or "valid", where (H - k) // stride + 1 do.
    Raises ValueError where the kernel does not fit.

    >>> convolve(np.ones((5, 5), np.float32), np.ones((3, 3)), padding="valid", stride=2).tolist()
    [[9.0, 9.0], [9.0, 9.0]]
    """
    kernel = np.asarray(weights, np.float32)
    side, reach = len(kernel), len(kernel) // 2
    if padding == "valid" and side > min(picture.shape):
        height, width = picture.shape
        raise ValueError(f"A kernel of {side}×{side} does not fit into {height}×{width} pixels: "
                         "choose the padding “same”.")
    everywhere = cv2.filter2D(picture, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT)
    if padding == "valid":
        places = [slice(reach, size - reach, stride) for size in picture.shape]
    else:
        # A stride needs fewer zeros; half of them, rounded down, stand before the picture: that moves the first place.
        zeros = [max(0, (-(-size // stride) - 1) * stride + side - size) for size in picture.shape]
        places = [slice(reach - missing // 2, None, stride) for missing in zeros]
    return everywhere[tuple(places)] + np.float32(bias)


def max_pool(numbers: NDArray, side: int) -> NDArray:
    """Take the largest number of each square, (H // side, W // side); what fills no square is left out.

    Raises ValueError where not even one square is full.

    >>> max_pool(np.arange(12.0).reshape(3, 4), 2).tolist()
    [[5.0, 7.0]]
    """
    rows, columns = (size // side for size in numbers.shape)
    if not rows or not columns:
        raise ValueError(f"{numbers.shape[0]}×{numbers.shape[1]} numbers are too few to pool by {side}×{side}: "
                         "choose a smaller stride or pooling.")
    return numbers[: rows * side, : columns * side].reshape(rows, side, columns, side).max(axis=(1, 3))


def feature_map(
    picture: NDArray, weights: ArrayLike, *, earlier: NDArray | None = None, earlier_weights: Any = None,
    bias: float = 0.0, stride: int = 1, padding: str = "same", relu: bool = False, pool: int = 1,
) -> FeatureMap:
    """Slide one neuron over a picture, and with `earlier` over an earlier picture at the same time.

    picture, earlier: float32 (H, W), 0 black and 1 white. weights, earlier_weights: (k, k). relu: what is below 0
    becomes 0. pool: side of the squares of which the largest number is kept.
    """
    numbers = convolve(picture, weights, bias=bias, stride=stride, padding=padding)
    if earlier is not None:
        numbers = numbers + convolve(earlier, earlier_weights, stride=stride, padding=padding)
    if relu:
        numbers = np.maximum(numbers, 0)
    return colored(max_pool(numbers, pool) if pool > 1 else numbers)


def colored(numbers: NDArray) -> FeatureMap:
    """Colour numbers: shades of grey where none is negative, else red above 0, blue below it and white at 0.

    The deepest shade stands for the hundredth that is farthest from 0, but for no less than a third of the farthest: a
    few wild numbers would leave all others pale, and a few true ones would let noise look like something.
    """
    size = np.abs(numbers).ravel()
    far = -(-99 * (len(size) - 1) // 100)
    most = max(float(np.partition(size, far)[far]), float(size.max()) / 3, 1e-6)
    low, palette = (-most, shades("RdBu_r")) if numbers.min() < 0 else (0.0, shades("gray"))
    index = np.clip((numbers - low) * (255 / (most - low)) + 0.5, 0, 255).astype(np.uint8)
    return FeatureMap(numbers, cv2.applyColorMap(index, palette[:, None]), palette, low, most)


def preset_name(weights: list, earlier: list) -> str:
    """Return the name of the preset with these weights, lists of rows, or `OWN`."""
    both = [weights, earlier]
    return next((name for name, preset in PRESETS.items() if [grid.tolist() for grid in preset] == both), OWN)


def growth(frame: NDArray, most: tuple[int, int] = PANEL) -> float:
    """Compute how many times as large a frame becomes that fills one side of (height, width)."""
    return min(most[0] / frame.shape[0], most[1] / frame.shape[1])


def fitted(frame: NDArray, most: tuple[int, int] = PANEL) -> NDArray[np.uint8]:
    """Enlarge or shrink a frame until it fills one side of (height, width)."""
    return resized(frame, growth(frame, most))


def color_key(palette: NDArray[np.uint8], ends: dict[str, str], *, width: int, title: str) -> Sketch:
    """Draw a title and what colours mean, below the left and the right of two pictures that are `width` pixels wide.

    ends: {"start", "middle" or "end": what the colour there stands for}.
    """
    half = (width - GAP) / 2
    sketch = Sketch(width, 32)
    sketch.words(0, 13, title, size=11, color="soft")
    sketch.picture(half + GAP, 3, half, 12, resized(palette[None], (12, int(half))))
    for anchor, text in ends.items():
        x = {"start": half + GAP, "middle": GAP + 1.5 * half, "end": width}[anchor]
        sketch.words(x, 28, text, size=11, color="soft", anchor=anchor)
    return sketch


def number_text(number: float) -> str:
    """Write a number with at most two decimals and a true minus sign.

    >>> number_text(-0.5), number_text(-0.0001), number_text(12.0)
    ('−0.5', '0', '12')
    """
    return f"{round(float(number), 2) + 0.0:g}".replace("-", "−")


def sizes(shape: Sequence[int]) -> str:
    """Write a shape.

    >>> sizes((16, 8, 8, 32))
    '16×8×8×32'
    """
    return "×".join(map(str, shape))

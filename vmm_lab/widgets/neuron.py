"""A picture and the weights of one neuron go in, what it answers at every place comes out, as numbers and as a picture."""
from dataclasses import dataclass, field

import cv2
import numpy as np

from ..plots.overlays import enlarged
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
PANEL = (300, 404)  # the most height and width of each of the two pictures, pixels
GAP = 8


@dataclass(frozen=True)
class Answer:
    """What a neuron answers at each place, and the picture of it."""

    numbers: np.ndarray = field(repr=False)  # float32 (rows, columns)
    picture: np.ndarray = field(repr=False)  # uint8 (rows, columns, 3)
    palette: np.ndarray = field(repr=False)  # uint8 (256, 3), from `low` to `high`
    low: float
    high: float


def convolve(picture, weights, *, bias=0.0, stride=1, padding="same"):
    """float32 (rows, columns): bias + the sum of weights × pixels around each place, as Keras' Conv2D has it.

    picture: float32 (H, W). weights: (k, k) with odd k. stride: pixels between places. padding: "same", where zeros stand
    around the picture and ceil(H / stride) rows come out, or "valid", where (H - k) // stride + 1 do.
    Raises ValueError where the kernel does not fit.

    >>> convolve(np.ones((5, 5), np.float32), np.ones((3, 3)), padding="valid", stride=2).tolist()
    [[9.0, 9.0], [9.0, 9.0]]
    """
    side, reach = len(weights), len(weights) // 2
    if padding == "valid" and side > min(picture.shape):
        height, width = picture.shape
        raise ValueError(f"A kernel of {side}×{side} does not fit into {height}×{width} pixels: choose the padding “same”.")
    everywhere = cv2.filter2D(picture, cv2.CV_32F, np.asarray(weights, np.float32), borderType=cv2.BORDER_CONSTANT)
    if padding == "valid":
        places = [slice(reach, size - reach, stride) for size in picture.shape]
    else:
        # A stride needs fewer zeros; half of them, rounded down, stand before the picture, and this moves the first place.
        zeros = [max(0, (-(-size // stride) - 1) * stride + side - size) for size in picture.shape]
        places = [slice(reach - missing // 2, None, stride) for missing in zeros]
    return everywhere[tuple(places)] + np.float32(bias)


def max_pool(numbers, side):
    """float32 (H // side, W // side): the largest number of each square; what fills no square is left out.

    Raises ValueError where not even one square is full.

    >>> max_pool(np.arange(12.0).reshape(3, 4), 2).tolist()
    [[5.0, 7.0]]
    """
    rows, columns = (size // side for size in numbers.shape)
    if not rows or not columns:
        raise ValueError(f"{numbers.shape[0]}×{numbers.shape[1]} numbers are too few to pool by {side}×{side}: choose a smaller stride or pooling.")
    return numbers[: rows * side, : columns * side].reshape(rows, side, columns, side).max(axis=(1, 3))


def answer(picture, weights, *, earlier=None, earlier_weights=None, bias=0.0, stride=1, padding="same", relu=False, pool=1):
    """The Answer of one neuron that slides over a picture, and with `earlier` over an earlier picture at the same time.

    picture, earlier: float32 (H, W), 0 black and 1 white. weights, earlier_weights: (k, k). relu: what is below 0 becomes 0.
    pool: side of the squares of which the largest number is kept.
    """
    numbers = convolve(picture, weights, bias=bias, stride=stride, padding=padding)
    if earlier is not None:
        numbers = numbers + convolve(earlier, earlier_weights, stride=stride, padding=padding)
    if relu:
        numbers = np.maximum(numbers, 0)
    return painted(max_pool(numbers, pool) if pool > 1 else numbers)


def painted(numbers):
    """The Answer of numbers: shades of grey where none is negative, else red above 0, blue below it and white at 0.

    The deepest shade stands for the hundredth that is farthest from 0, but for no less than a third of the farthest: a few
    wild numbers would leave all others pale, and a few true ones would let noise look like something.
    """
    size = np.abs(numbers).ravel()
    far = -(-99 * (len(size) - 1) // 100)
    most = max(float(np.partition(size, far)[far]), float(size.max()) / 3, 1e-6)
    low, palette = (-most, shades("RdBu_r")) if numbers.min() < 0 else (0.0, shades("gray"))
    index = np.clip((numbers - low) * (255 / (most - low)) + 0.5, 0, 255).astype(np.uint8)
    return Answer(numbers, cv2.applyColorMap(index, palette[:, None]), palette, low, most)


def named(weights, earlier):
    """The name of the preset with these weights, lists of rows, or `OWN`."""
    return next((name for name, (here, before) in PRESETS.items() if here.tolist() == weights and before.tolist() == earlier), OWN)


def side_by_side(picture, answered):
    """uint8 (h, w, 3): what is seen, float32 (H, W) from 0 to 1, and the answers as squares, both as large as a panel allows."""
    grey = cv2.cvtColor((picture * 255 + 0.5).astype(np.uint8), cv2.COLOR_GRAY2RGB)
    left = enlarged(grey, min(PANEL[0] / grey.shape[0], PANEL[1] / grey.shape[1]))
    right = cv2.resize(answered, left.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return np.concatenate([left, np.full((len(left), GAP, 3), 128, np.uint8), right], axis=1)


def scale_sketch(seen, *, width, told):
    """What the shades mean, below a picture of `side_by_side` that is `width` pixels wide; `told` is about its left half."""
    half = (width - GAP) / 2
    sketch = Sketch(width, 34)
    sketch.words(0, 13, told, size=11, color="soft")
    sketch.picture(half + GAP, 3, half, 12, cv2.resize(seen.palette[None], (int(half), 12), interpolation=cv2.INTER_LINEAR))
    below, above = ("≤ " * bool(seen.numbers.min() < seen.low), "≥ " * bool(seen.numbers.max() > seen.high))
    ends = {"start": (half + GAP, below + number_text(seen.low)), "end": (width, above + number_text(seen.high))}
    if seen.low < 0:
        ends["middle"] = (half + GAP + half / 2, "0")
    for anchor, (x, text) in ends.items():
        sketch.words(x, 29, text, size=11, color="soft", anchor=anchor)
    return sketch


def kernel_sketch(grids, *, cell=40):
    """{title: weights} as one drawing: red is positive, blue is negative, as in the answers."""
    side = max(len(weights) for weights in grids.values())
    step = max(side * cell + 30, 200)  # room for the titles
    sketch = Sketch(len(grids) * step, side * cell + 20)
    for k, (title, weights) in enumerate(grids.items()):
        left, most = 1 + k * step, max(np.abs(weights).max(), 1e-9)
        sketch.words(left, 12, title, size=11, color="soft")
        for (y, x), weight in np.ndenumerate(weights):
            corner = left + x * cell, 18 + y * cell
            sketch.box(*corner, cell, cell, fill="#b2182b" if weight > 0 else "#2166ac", opacity=0.5 * abs(weight) / most)
            sketch.box(*corner, cell, cell, fill="none", line="rule")
            sketch.words(corner[0] + cell / 2, corner[1] + cell / 2 + 4, number_text(weight), anchor="middle")
    return sketch


def number_text(number):
    """A number with at most two decimals and a true minus sign.

    >>> number_text(-0.5), number_text(-0.0001), number_text(12.0)
    ('−0.5', '0', '12')
    """
    return f"{round(float(number), 2) + 0.0:g}".replace("-", "−")

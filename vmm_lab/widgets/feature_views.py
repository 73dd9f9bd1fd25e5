"""Show what features find in a frame: each view is a function of frames and a frame's number, with its own options.

`VIEWS` holds every view of `FeatureExplorer`; one of your own is one more entry.
"""
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import cv2
import ipywidgets
import numpy as np
from numpy.typing import NDArray

from ..features import color_histogram, flow, flow_histogram, hog, sift
from ..plots import side_by_side
from ..plots.overlays import ORANGE, draw_arrows, draw_hog, draw_keypoints, flow_colors, hog_cells
from .base import choice, slider
from .charts import Sketch, bars, percent
from .neuron import fitted, growth

SIDES = {"64×64 pixels": 64, "128×128 pixels": 128, "the frame as it is": 0}


@dataclass(frozen=True)
class Shown:
    """Represent what a feature finds in a frame: an image, a chart, how many numbers, how long it took, a sentence."""

    picture: NDArray[np.uint8] = field(repr=False)  # (H, W, 3): the frame with what was found, and what is kept
    chart: Sketch = field(repr=False)
    dimensions: str
    milliseconds: float
    sentence: str


@dataclass(frozen=True)
class FeatureView:
    """Represent a view: `draw(frames, index, **options)` gives a `Shown`; options are calls that make a control."""

    draw: Callable[..., Shown]
    options: dict[str, Callable[[], ipywidgets.Widget]]


def color_view(
    frames: NDArray, index: int, *, side: int = 64, hue: int = 8, saturation: int = 4, value: int = 4
) -> Shown:
    """Show a frame next to itself painted with the middles of its colour bins: what the histogram knows, and where."""
    frame, bins = _resized(frames[index], side), np.array([hue, saturation, value])
    histogram, spent = _timed(color_histogram, frame[None], bins=tuple(bins))
    steps = np.array([180, 256, 256]) / bins
    middles = ((cv2.cvtColor(frame, cv2.COLOR_RGB2HSV) // steps + 0.5) * steps).astype(np.uint8)
    order = np.argsort(histogram[0], axis=None)[::-1][:24]
    shares = histogram[0].ravel()[order]
    centres = (np.stack(np.unravel_index(order, tuple(bins)), 1) + 0.5) * steps
    used = int((histogram[0] > 0).sum())
    return _shown(
        fitted(frame), fitted(cv2.cvtColor(middles, cv2.COLOR_HSV2RGB)), 100 * shares, _hex(centres),
        "% of the pixels in each of the fullest bins, in the bin's own colour",
        numbers=f"{histogram[0].size} numbers a frame", spent=spent,
        sentence=f"{used} of {histogram[0].size} bins hold something, the fullest {percent(shares[0])} of the pixels",
    )


def hog_view(
    frames: NDArray, index: int, *, side: int = 64, orientations: int = 9, cell: int = 8, block: int = 2
) -> Shown:
    """Show a frame with its cells next to the edges that each cell keeps, lines that are the longer the stronger."""
    frame = _resized(frames[index], side)
    options = {"orientations": orientations, "pixels_per_cell": (cell, cell), "cells_per_block": (block, block)}
    blocks, spent = _timed(hog, frame, **options)
    cells, left = hog_cells(blocks), fitted(frame)
    scale = left.shape[0] / frame.shape[0]
    rows, columns = ((np.arange(cell, size, cell) * scale).round().astype(int) for size in frame.shape[:2])
    left[rows] = left[:, columns] = 128
    down, across = cells.shape[:2]
    return _shown(
        left, draw_hog(frame, blocks, pixels_per_cell=cell, scale=scale),
        100 * cells.sum((0, 1)) / max(cells.sum(), 1e-9), ["#0072B2"] * orientations,
        "% of the gradient in each direction, over the whole frame (90° is a horizontal edge)",
        [f"{180 * (k + 0.5) / orientations:.0f}°" for k in range(orientations)],
        numbers=f"{blocks.size} numbers a frame", spent=spent,
        sentence=f"{down}×{across} cells of {cell}×{cell} pixels, {orientations} directions, "
                 f"in blocks of {block}×{block} cells",
    )


def sift_view(frames: NDArray, index: int, *, keypoints: int = 100, chosen: int = 0) -> Shown:
    """Show keypoints as circles as wide as what they describe, next to the neighbourhood of one of them."""
    frame = frames[index]
    (points, descriptors), spent = _timed(sift, frame, n_keypoints=keypoints)
    scale = growth(frame)
    left = draw_keypoints(frame, points, scale=scale)
    if not len(points):
        return _shown(left, left // 3, [], [], "", numbers="128 numbers a keypoint", spent=spent,
                     sentence="No keypoints: this frame is flat")
    chosen = min(chosen, len(points) - 1)
    x, y, diameter, angle = points[chosen]
    marked = np.array([(x * scale, y * scale, max(12, diameter * scale), angle)])
    left = draw_keypoints(left, marked, color=ORANGE, thick=2)
    # SIFT looks at 4×4 cells, each three times as wide as the keypoint's radius, turned to its direction.
    side = left.shape[0]
    turn = cv2.getRotationMatrix2D((float(x), float(y)), float(angle), side / (6 * float(diameter)))
    turn[:, 2] += (side / 2 - x, side / 2 - y)
    patch = cv2.warpAffine(frame, turn, (side, side), flags=cv2.INTER_CUBIC, borderValue=(64, 64, 64))
    for line in np.linspace(0, side - 1, 5).round().astype(int):
        patch[line] = patch[:, line] = ORANGE
    return _shown(
        left, patch, descriptors[chosen], np.where((np.arange(128) // 8) % 2, "#56B4E9", "#0072B2"),
        f"the 128 numbers of keypoint {chosen}: 16 cells × 8 directions, 0 to 255",
        numbers=f"{len(points)} × 128 numbers a frame", spent=spent,
        sentence=f"{len(points)} keypoints; keypoint {chosen} (orange) is {diameter:.1f} pixels wide and points to "
                 f"{angle:.0f}°",
    )


def flow_view(frames: NDArray, index: int, *, distance: int = 3, preset: str = "medium", grid: int = 4) -> Shown:
    """Show arrows to where pixels are `distance` frames later, next to direction as hue and speed as light."""
    last = len(frames) - 1
    if not last:
        raise ValueError("Motion needs at least two frames, and this is one picture: choose colour, HOG or SIFT.")
    first = min(index, max(0, last - distance))
    after = min(first + distance, last)
    field_, spent = _timed(flow, frames[first], frames[after], preset=preset)
    histogram = flow_histogram(field_, orientations=8, grid=(grid, grid))
    left = draw_arrows(frames[first], field_, scale=growth(frames[first]))
    # Enlarged before it is coloured, so that the key is drawn in the panel's own pixels.
    right = flow_colors(cv2.resize(field_, left.shape[1::-1], interpolation=cv2.INTER_NEAREST), key=True)
    return _shown(
        left, right, histogram[..., :8].mean((0, 1)), _hex([[k * 22.5, 255, 220] for k in range(8)]),
        "mean speed towards each direction, pixels, over the whole frame", list("→↘↓↙←↖↑↗"), digits=2,
        numbers=f"{histogram.size} numbers a pair of frames", spent=spent,
        sentence=f"from frame {first} to {after}, {percent(histogram[..., 8].mean())} of the pixels stand still, the "
                 f"fastest moves {np.hypot(*field_.T).max():.1f} pixels; arrows are three times as long",
    )


VIEWS = {
    "Colour histogram": FeatureView(color_view, {
        "side": partial(choice, "Seen at", SIDES, 64), "hue": partial(slider, "Hue bins", 8, 1, 36),
        "saturation": partial(slider, "Saturation bins", 4, 1, 8), "value": partial(slider, "Value bins", 4, 1, 8),
    }),
    "HOG": FeatureView(hog_view, {
        "side": partial(choice, "Seen at", SIDES, 64), "orientations": partial(slider, "Directions", 9, 4, 18),
        "cell": partial(slider, "Cell (pixels)", 8, 4, 32, step=2), "block": partial(slider, "Block (cells)", 2, 1, 4),
    }),
    "SIFT": FeatureView(sift_view, {
        "keypoints": partial(slider, "Most keypoints", 100, 1, 400),
        "chosen": partial(slider, "Keypoint shown", 0, 0, 399),
    }),
    "Optical flow": FeatureView(flow_view, {
        "distance": partial(slider, "Frames apart", 3, 1, 12),
        "preset": partial(choice, "Preset", ["fast", "medium"], "medium"),
        "grid": partial(slider, "Grid (cells)", 4, 1, 8),
    }),
}


def _shown(
    left, right, values, colors, caption, names=(), *, numbers: str, spent: float, sentence: str, digits: int = 0
) -> Shown:
    """Put two images next to one another, and the bars below them as wide, but with room for their caption."""
    both = side_by_side(left, right)
    chart = bars(values, colors, caption, names, width=max(480, both.shape[1]), digits=digits)
    return Shown(both, chart, numbers, spent, sentence)


def _timed(work: Callable, *arguments: Any, **options: Any) -> tuple[Any, float]:
    """Return what `work` gives, and the milliseconds it took."""
    start = time.perf_counter()
    found = work(*arguments, **options)
    return found, 1000 * (time.perf_counter() - start)


def _resized(frame: NDArray, side: int) -> NDArray:
    return cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA) if side else frame


def _hex(hsv: Any) -> list[str]:
    """Write HSV colours, numbers (n, 3), as "#rrggbb"."""
    colors = cv2.cvtColor(np.asarray(hsv).astype(np.uint8)[None], cv2.COLOR_HSV2RGB)[0]
    return ["#" + bytes(color.tolist()).hex() for color in colors]

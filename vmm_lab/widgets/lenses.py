"""A film and a frame's number go in, what one feature sees there comes out: a picture, a chart, a length and a sentence.

Each lens is a pure function; its keyword options are what the reader may turn.
"""
import time
from dataclasses import dataclass, field

import cv2
import numpy as np

from ..features import color_histogram, flow, flow_histogram, hog, sift
from ..plots.overlays import ORANGE, draw_arrows, draw_hog, draw_keypoints, enlarged, flow_colors, hog_cells
from .base import percent
from .charts import Sketch

PANEL = (300, 404)  # the most height and width of each of the two pictures, pixels


@dataclass(frozen=True)
class Seen:
    """What a feature sees in one frame."""

    picture: np.ndarray = field(repr=False)  # uint8 (H, W, 3): the frame with what was found; beside it what is kept
    chart: Sketch = field(repr=False)
    dimensions: str
    milliseconds: float
    sentence: str


def color_lens(frames, index, *, side=64, hue=8, saturation=4, value=4):
    """The frame beside the same frame painted with the middles of its colour bins: what the histogram knows, and where."""
    frame, bins = _resized(frames[index], side), np.array([hue, saturation, value])
    histogram, spent = _timed(color_histogram, frame[None], bins=tuple(bins))
    hsv = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
    steps = np.array([180, 256, 256]) / bins
    middles = ((hsv // steps + 0.5) * steps).astype(np.uint8)
    kept = cv2.cvtColor(middles, cv2.COLOR_HSV2RGB)
    order = np.argsort(histogram[0], axis=None)[::-1][:24]
    shares = histogram[0].ravel()[order]
    centres = ((np.stack(np.unravel_index(order, tuple(bins)), 1) + 0.5) * steps).astype(np.uint8)
    colors = cv2.cvtColor(centres[None], cv2.COLOR_HSV2RGB)[0]
    both, caption = _beside(_panel(frame), _panel(kept)), "% of the pixels in each of the fullest bins, in the bin's own colour"
    chart = bars(100 * shares, [_hex(c) for c in colors], caption, width=_below(both))
    used = int((histogram[0] > 0).sum())
    sentence = f"{used} of {histogram[0].size} bins hold something, the fullest {percent(shares[0])} of the pixels"
    return Seen(both, chart, f"{histogram[0].size} numbers a frame", spent, sentence)


def hog_lens(frames, index, *, side=64, orientations=9, cell=8, block=2):
    """The frame with its cells beside the edges that each cell keeps, drawn along the edge, the longer the stronger."""
    frame = _resized(frames[index], side)
    options = {"orientations": orientations, "pixels_per_cell": (cell, cell), "cells_per_block": (block, block)}
    blocks, spent = _timed(hog, frame, **options)
    cells = hog_cells(blocks)
    left = _panel(frame)
    scale = left.shape[0] / frame.shape[0]
    for line in range(cell, frame.shape[0], cell):
        cv2.line(left, (0, round(line * scale)), (left.shape[1], round(line * scale)), (128, 128, 128), 1)
    for line in range(cell, frame.shape[1], cell):
        cv2.line(left, (round(line * scale), 0), (round(line * scale), left.shape[0]), (128, 128, 128), 1)
    right = draw_hog(frame, blocks, pixels_per_cell=cell, scale=scale)
    degrees = [f"{180 * (k + 0.5) / orientations:.0f}°" for k in range(orientations)]
    shares = cells.sum((0, 1)) / max(cells.sum(), 1e-9)
    caption = "% of the gradient in each direction, over the whole frame (90° is a horizontal edge)"
    both = _beside(left, right)
    chart = bars(100 * shares, ["#0072B2"] * orientations, caption, degrees, width=_below(both))
    down, across = cells.shape[:2]
    sentence = f"{down}×{across} cells of {cell}×{cell} pixels, {orientations} directions, in blocks of {block}×{block} cells"
    return Seen(both, chart, f"{blocks.size} numbers a frame", spent, sentence)


def sift_lens(frames, index, *, keypoints=100, chosen=0):
    """Keypoints on the frame, circles as wide as what they describe; beside it the neighbourhood of one, and its numbers."""
    frame = frames[index]
    (points, descriptors), spent = _timed(sift, frame, n_keypoints=keypoints)
    scale = _scale(frame)
    left = draw_keypoints(frame, points, scale=scale)
    if not len(points):
        both = _beside(left, left // 3)
        return Seen(both, bars([], [], "", width=_below(both)), "128 numbers a keypoint", spent, "No keypoints: this frame is flat")
    chosen = min(chosen, len(points) - 1)
    x, y, diameter, angle = points[chosen]
    left = draw_keypoints(left, [(x * scale, y * scale, max(12, diameter * scale), angle)], color=ORANGE, thick=2)
    # SIFT looks at 4×4 cells, each three times as wide as the keypoint's radius, turned to its direction.
    side, wide = left.shape[0], 12 * diameter / 2
    turn = cv2.getRotationMatrix2D((float(x), float(y)), float(angle), float(side / wide))
    turn[:, 2] += (side / 2 - x, side / 2 - y)
    patch = cv2.warpAffine(frame, turn, (side, side), flags=cv2.INTER_CUBIC, borderValue=(64, 64, 64))
    for line in np.linspace(0, side - 1, 5).round().astype(int):
        cv2.line(patch, (0, line), (side, line), ORANGE, 1)
        cv2.line(patch, (line, 0), (line, side), ORANGE, 1)
    colors = np.where((np.arange(128) // 8) % 2, "#56B4E9", "#0072B2")
    both, caption = _beside(left, patch), f"the 128 numbers of keypoint {chosen}: 16 cells × 8 directions, 0 to 255"
    chart = bars(descriptors[chosen], colors, caption, width=_below(both))
    sentence = f"{len(points)} keypoints; keypoint {chosen} (orange) is {diameter:.1f} pixels wide and points to {angle:.0f}°"
    return Seen(both, chart, f"{len(points)} × 128 numbers a frame", spent, sentence)


def flow_lens(frames, index, *, apart=3, preset="medium", grid=4, still=0.2):
    """Arrows from where pixels are to where they are `apart` frames later; beside it direction as hue, speed as brightness."""
    last = len(frames) - 1
    if not last:
        raise ValueError("Motion needs at least two frames, and this is one picture: choose colour, HOG or SIFT.")
    first = min(index, max(0, last - apart))
    after = min(first + apart, last)
    field_, spent = _timed(flow, frames[first], frames[after], preset=preset)
    histogram = flow_histogram(field_, orientations=8, grid=(grid, grid), still=still)
    left = draw_arrows(frames[first], field_, scale=_scale(frames[first]))
    # Enlarged before it is coloured, so that the key is drawn in the panel's own pixels.
    right = flow_colors(cv2.resize(field_, left.shape[1::-1], interpolation=cv2.INTER_NEAREST), key=True)
    names = ["→", "↘", "↓", "↙", "←", "↖", "↑", "↗"]
    colors = [_hex(c) for c in cv2.cvtColor(np.array([[[k * 22.5, 255, 220] for k in range(8)]], np.uint8), cv2.COLOR_HSV2RGB)[0]]
    means = histogram[..., :8].mean((0, 1))
    both, caption = _beside(left, right), "mean speed towards each direction, pixels, over the whole frame"
    chart = bars(means, colors, caption, names, width=_below(both), digits=2)
    still_share = percent(histogram[..., 8].mean())
    sentence = (
        f"to frame {after}: {still_share} of the pixels stand still, the fastest moves {np.hypot(*field_.T).max():.1f} pixels; "
        "arrows are three times as long"
    )
    return Seen(both, chart, f"{histogram.size} numbers a pair of frames", spent, sentence)


def bars(values, colors, caption, names=(), *, width, height=118, digits=0):
    """A bar for each value, in its colour, with its name below and the largest value told; the caption has the unit."""
    sketch = Sketch(width, height)
    sketch.words(2, 13, caption, size=11, color="soft")
    base, room = height - (18 if len(names) else 4), height - (50 if len(names) else 36)
    wide = min(60, (width - 4) / max(1, len(values)))
    most = max(float(np.max(values, initial=0)), 1e-9)
    for k, (value, color) in enumerate(zip(values, colors)):
        tall = room * float(value) / most
        sketch.box(2 + k * wide, base - tall, wide * 0.86, tall, fill=str(color), line="soft", thick=0.5, tip=f"{value:.{digits + 1}f}")
        if len(names):
            sketch.words(2 + (k + 0.43) * wide, base + 13, names[k], size=11, color="soft", anchor="middle")
        if value == most and len(values) <= 32:
            sketch.words(2 + (k + 0.43) * wide, base - tall - 3, f"{value:.{digits}f}", size=10, anchor="middle")
    sketch.path([(0, base), (2 + max(1, len(values)) * wide, base)], line="rule")
    return sketch


def _timed(work, *arguments, **options):
    """What `work` gives, and the milliseconds it took."""
    start = time.perf_counter()
    found = work(*arguments, **options)
    return found, 1000 * (time.perf_counter() - start)


def _resized(frame, side):
    return cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA) if side else frame


def _scale(frame):
    """How much a frame may grow to fill a panel."""
    return min(PANEL[0] / frame.shape[0], PANEL[1] / frame.shape[1])


def _panel(frame):
    """A copy of a frame, as large as a panel allows."""
    return enlarged(frame, _scale(frame))


def _beside(left, right):
    gap = np.full((left.shape[0], 8, 3), 128, np.uint8)
    return np.concatenate([left, gap, right], axis=1)


def _below(picture):
    """The width of a chart below a picture: the same, but with room for its caption."""
    return max(480, picture.shape[1])


def _hex(rgb):
    return "#" + "".join(f"{int(c):02x}" for c in rgb)

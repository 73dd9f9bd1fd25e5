"""A film and a frame's number go in, what one feature sees there comes out: a picture, a chart, a length and a sentence.

Each lens is a pure function; its keyword options are what the reader may turn.
"""
import time
from dataclasses import dataclass, field

import cv2
import numpy as np

from ..features import color_histogram, flow, flow_histogram, hog, sift
from .base import percent
from .sketch import Sketch

PANEL = (300, 404)  # the most height and width of each of the two pictures, pixels
ORANGE = (255, 170, 0)


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
    chart = bars(100 * shares, [_hex(c) for c in colors], "% of the pixels in each of the fullest bins, in the bin's own colour")
    used = int((histogram[0] > 0).sum())
    sentence = f"{used} of {histogram[0].size} bins hold something, the fullest {percent(shares[0])} of the pixels"
    return Seen(_beside(_panel(frame), _panel(kept)), chart, f"{histogram[0].size} numbers a frame", spent, sentence)


def hog_lens(frames, index, *, side=64, orientations=9, cell=8, block=2):
    """The frame with its cells beside the edges that each cell keeps, drawn along the edge, the longer the stronger."""
    frame = _resized(frames[index], side)
    options = {"orientations": orientations, "pixels_per_cell": (cell, cell), "cells_per_block": (block, block)}
    blocks, spent = _timed(hog, frame, **options)
    cells = _cells(blocks)
    left = _panel(frame)
    scale = left.shape[0] / frame.shape[0]
    for line in range(cell, frame.shape[0], cell):
        cv2.line(left, (0, round(line * scale)), (left.shape[1], round(line * scale)), (128, 128, 128), 1)
    for line in range(cell, frame.shape[1], cell):
        cv2.line(left, (round(line * scale), 0), (round(line * scale), left.shape[0]), (128, 128, 128), 1)
    right = _glyphs(_panel(frame) // 3, cells, cell * scale)
    degrees = [f"{180 * (k + 0.5) / orientations:.0f}°" for k in range(orientations)]
    shares = cells.sum((0, 1)) / max(cells.sum(), 1e-9)
    caption = "% of the gradient in each direction, over the whole frame (90° is a horizontal edge)"
    chart = bars(100 * shares, ["#0072B2"] * orientations, caption, degrees)
    down, across = cells.shape[:2]
    sentence = f"{down}×{across} cells of {cell}×{cell} pixels, {orientations} directions, in blocks of {block}×{block} cells"
    return Seen(_beside(left, right), chart, f"{blocks.size} numbers a frame", spent, sentence)


def sift_lens(frames, index, *, keypoints=100, chosen=0):
    """Keypoints on the frame, circles as wide as what they describe; beside it the neighbourhood of one, and its numbers."""
    frame = frames[index]
    (points, descriptors), spent = _timed(sift, frame, n_keypoints=keypoints)
    left = _panel(frame)
    scale = left.shape[0] / frame.shape[0]
    for x, y, diameter, angle in points:
        _circle(left, x * scale, y * scale, diameter * scale / 2, angle, (255, 255, 255), 1)
    if not len(points):
        return Seen(_beside(left, left // 3), bars([], [], ""), "128 numbers a keypoint", spent, "No keypoints: this frame is flat")
    chosen = min(chosen, len(points) - 1)
    x, y, diameter, angle = points[chosen]
    _circle(left, x * scale, y * scale, max(6, diameter * scale / 2), angle, ORANGE, 2)
    # SIFT looks at 4×4 cells, each three times as wide as the keypoint's radius, turned to its direction.
    side, wide = left.shape[0], 12 * diameter / 2
    turn = cv2.getRotationMatrix2D((float(x), float(y)), float(angle), float(side / wide))
    turn[:, 2] += (side / 2 - x, side / 2 - y)
    patch = cv2.warpAffine(frame, turn, (side, side), flags=cv2.INTER_CUBIC, borderValue=(64, 64, 64))
    for line in np.linspace(0, side - 1, 5).round().astype(int):
        cv2.line(patch, (0, line), (side, line), ORANGE, 1)
        cv2.line(patch, (line, 0), (line, side), ORANGE, 1)
    colors = np.where((np.arange(128) // 8) % 2, "#56B4E9", "#0072B2")
    chart = bars(descriptors[chosen], colors, f"the 128 numbers of keypoint {chosen}: 16 cells × 8 directions, 0 to 255")
    sentence = f"{len(points)} keypoints; keypoint {chosen} (orange) is {diameter:.1f} pixels wide and points to {angle:.0f}°"
    return Seen(_beside(left, patch), chart, f"{len(points)} × 128 numbers a frame", spent, sentence)


def flow_lens(frames, index, *, apart=3, preset="medium", grid=4, still=0.2):
    """Arrows from where pixels are to where they are `apart` frames later; beside it direction as hue, speed as brightness."""
    last = len(frames) - 1
    if not last:
        raise ValueError("Motion needs at least two frames, and this is one picture: choose colour, HOG or SIFT.")
    first = min(index, max(0, last - apart))
    after = min(first + apart, last)
    field_, spent = _timed(flow, frames[first], frames[after], preset=preset)
    histogram = flow_histogram(field_, orientations=8, grid=(grid, grid), still=still)
    speed, angle = cv2.cartToPolar(field_[..., 0], field_[..., 1], angleInDegrees=True)
    left = _panel(frames[first])
    scale = left.shape[0] / frames.shape[1]
    _arrows(left, field_, scale)
    top = max(0.5, float(np.percentile(speed, 99)))  # a few wild pixels would leave all others dark
    hsv = np.stack([angle / 2, np.full_like(angle, 255), np.minimum(255, 255 * speed / top)], -1).astype(np.uint8)
    right = _wheel(_panel(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)))
    names = ["→", "↘", "↓", "↙", "←", "↖", "↑", "↗"]
    colors = [_hex(c) for c in cv2.cvtColor(np.array([[[k * 22.5, 255, 220] for k in range(8)]], np.uint8), cv2.COLOR_HSV2RGB)[0]]
    means = histogram[..., :8].mean((0, 1))
    chart = bars(means, colors, "mean speed towards each direction, pixels, over the whole frame", names, digits=2)
    still_share = percent(histogram[..., 8].mean())
    sentence = (
        f"frame {first} to {after}: {still_share} of the pixels stand still, the fastest moves {speed.max():.1f} pixels; "
        "arrows are three times as long"
    )
    return Seen(_beside(left, right), chart, f"{histogram.size} numbers a pair of frames", spent, sentence)


def bars(values, colors, caption, names=(), *, width=820, height=118, digits=0):
    """A bar for each value, in its colour, with its name below and the largest value told; the caption has the unit."""
    sketch = Sketch(width, height)
    sketch.words(2, 13, caption, size=11, color="soft")
    base, room = height - (18 if len(names) else 4), height - (50 if len(names) else 36)
    wide = min(60, (width - 4) / max(1, len(values)))
    most = max(float(np.max(values, initial=0)), 1e-9)
    for k, (value, color) in enumerate(zip(values, colors)):
        tall = room * float(value) / most
        sketch.box(2 + k * wide, base - tall, wide * 0.86, tall, fill=str(color), line="rule", thick=0.5, tip=f"{value:.{digits + 1}f}")
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


def _panel(frame):
    """A copy of a frame, as large as a panel allows."""
    scale = min(PANEL[0] / frame.shape[0], PANEL[1] / frame.shape[1])
    how = cv2.INTER_NEAREST if scale > 2 else cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
    return cv2.resize(frame, (round(frame.shape[1] * scale), round(frame.shape[0] * scale)), interpolation=how)


def _beside(left, right):
    gap = np.full((left.shape[0], 8, 3), 128, np.uint8)
    return np.concatenate([left, gap, right], axis=1)


def _cells(blocks):
    """(down, across, orientations): each cell's numbers, averaged over the blocks that it is in."""
    down, across, rows, columns, orientations = blocks.shape
    total = np.zeros((down + rows - 1, across + columns - 1, orientations), np.float32)
    count = np.zeros((*total.shape[:2], 1), np.float32)
    for r in range(rows):
        for c in range(columns):
            total[r : r + down, c : c + across] += blocks[:, :, r, c]
            count[r : r + down, c : c + across] += 1
    return total / count


def _glyphs(canvas, cells, side):
    """Draw each cell's directions as lines along the edge: across the gradient."""
    down, across, orientations = cells.shape
    angle = np.pi * (np.arange(orientations) + 0.5) / orientations + np.pi / 2
    reach = cells / max(float(cells.max()), 1e-9) * side * 0.48
    centre = (np.stack(np.mgrid[:down, :across][::-1], -1) + 0.5)[:, :, None] * side
    offset = reach[..., None] * np.stack([np.cos(angle), np.sin(angle)], -1)
    ends = np.stack([centre - offset, centre + offset], axis=-2)
    strong = reach > 0.06 * side
    cv2.polylines(canvas, list((ends[strong] * 16).round().astype(np.int32)), False, ORANGE, 1, cv2.LINE_AA, shift=4)
    return canvas


def _circle(canvas, x, y, radius, angle, color, thick):
    centre = round(float(x)), round(float(y))
    radius = max(2, round(float(radius)))
    cv2.circle(canvas, centre, radius, color, thick, cv2.LINE_AA)
    turn = np.deg2rad(angle)
    tip = round(centre[0] + radius * float(np.cos(turn))), round(centre[1] + radius * float(np.sin(turn)))
    cv2.line(canvas, centre, tip, color, thick, cv2.LINE_AA)


def _arrows(canvas, field_, scale, spacing=16):
    """Arrows on a grid, three times as long as the way that the pixel goes; none where nothing moves."""
    for y in range(spacing // 2, canvas.shape[0], spacing):
        for x in range(spacing // 2, canvas.shape[1], spacing):
            row, column = min(int(y / scale), field_.shape[0] - 1), min(int(x / scale), field_.shape[1] - 1)
            dx, dy = field_[row, column] * scale
            if np.hypot(dx, dy) >= 1:
                cv2.arrowedLine(canvas, (x, y), (round(x + 3 * float(dx)), round(y + 3 * float(dy))), ORANGE, 1, cv2.LINE_AA, tipLength=0.35)


def _wheel(canvas, radius=22):
    """The key to the colours of directions, in the lower right corner."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
    speed, angle = cv2.cartToPolar(x, y, angleInDegrees=True)
    hsv = np.stack([angle / 2, np.full_like(angle, 255), np.minimum(255, 255 * speed / radius)], -1).astype(np.uint8)
    corner = canvas[-2 * radius - 7 : -6, -2 * radius - 7 : -6]
    inside = speed <= radius
    corner[inside] = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[inside]
    cv2.circle(canvas, (canvas.shape[1] - radius - 7, canvas.shape[0] - radius - 7), radius, (200, 200, 200), 1, cv2.LINE_AA)
    return canvas


def _hex(rgb):
    return "#" + "".join(f"{int(c):02x}" for c in rgb)

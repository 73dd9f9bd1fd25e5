"""Frames go in, a strip of them comes out, in the order of time: as pixels, as a drawing, and as parts of a widget."""
import html

import cv2
import numpy as np

from .base import COLUMN
from .charts import Sketch


def spread(count, n):
    """The numbers of at most n of `count` frames, spread evenly, first and last included.

    >>> spread(10, 4)
    array([0, 3, 6, 9])
    """
    return np.unique(np.linspace(0, count - 1, min(n, count)).round().astype(int))


def strip(frames, *, width=COLUMN, most_height=110, gap=2):
    """uint8 (H, ≤ width, 3): frames (T, H, W, 3) side by side.

    >>> strip(np.zeros((4, 30, 40, 3), np.uint8), width=206).shape
    (37, 202, 3)
    """
    n, (tall, wide) = len(frames), frames.shape[1:3]
    cell = max(1, (width - gap * (n - 1)) // n)
    height = max(1, min(most_height, cell * tall // wide))
    cell = max(1, min(cell, height * wide // tall))
    how = cv2.INTER_AREA if cell < wide else cv2.INTER_LINEAR
    picture = np.full((height, n * cell + gap * (n - 1), 3), 128, np.uint8)
    for k, frame in enumerate(frames):
        left = k * (cell + gap)
        picture[:, left : left + cell] = cv2.resize(frame, (cell, height), interpolation=how)
    return picture


def strip_sketch(frames, labels, **options):
    """The same with a label under each frame, as a drawing."""
    picture = strip(frames, **options)
    height, width = picture.shape[:2]
    sketch = Sketch(COLUMN, height + 16)
    sketch.picture(0, 0, width, height, picture)
    for k, label in enumerate(labels):
        sketch.words((k + 0.5) * width / len(labels), height + 12, label, size=10, color="soft", anchor="middle")
    return sketch


def seconds(times):
    """Labels for times in seconds."""
    return [f"{t:.2f} s" for t in times]


def strip_parts(frames, labels, **options):
    """The same for `Explorer.put`: the frames as one picture, the labels as text, which stays sharp and follows the theme."""
    picture = strip(frames, **options)
    cells = "".join(f"<span>{html.escape(label)}</span>" for label in labels)
    columns = f"grid-template-columns:repeat({len(labels)},1fr)"
    return picture, f'<div class="vmm-labels" style="width:{picture.shape[1]}px;max-width:100%;{columns}">{cells}</div>'

"""Draw boxes with names over a frame, as an array."""
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray


def draw_boxes(frame: NDArray, boxes: NDArray, *, names: Sequence[str] = (), colors: Sequence[str] = (),
               thick: int | Sequence[int] = 2) -> NDArray[np.uint8]:
    """Draw boxes over a copy of a frame, uint8 (H, W, 3) RGB.

    boxes: float (n, 4), left, top, width, height in pixels. names: written above each. colors: "#rrggbb" each, white by
    default. thick: pixels, of all or of each.
    """
    canvas = np.array(frame, np.uint8)
    for k, (x, y, w, h) in enumerate(np.asarray(boxes, float).reshape(-1, 4).round().astype(int).tolist()):
        color = tuple(bytes.fromhex(colors[k][1:])) if k < len(colors) else (255, 255, 255)
        line = thick if isinstance(thick, int) else thick[k]
        cv2.rectangle(canvas, (x, y), (x + w - 1, y + h - 1), color, line)
        if k < len(names):
            (wide, tall), _ = cv2.getTextSize(names[k], cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
            top = max(y, tall + 6)
            cv2.rectangle(canvas, (x, top - tall - 6), (x + wide + 4, top), color, -1)
            ink = (0, 0, 0) if sum(color) > 330 else (255, 255, 255)
            cv2.putText(canvas, names[k], (x + 2, top - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, 1, cv2.LINE_AA)
    return canvas

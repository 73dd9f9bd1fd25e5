"""Draw what a feature found in a frame over that frame, as an array."""
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from .images import resized, side_by_side
from .palette import shades

ORANGE = (255, 170, 0)
# Of the 17 points of COCO: what is joined by a line. Even numbers are on the right side of the body.
BONES = ((5, 7), (7, 9), (6, 8), (8, 10), (5, 6), (11, 12), (5, 11), (6, 12), (11, 13), (13, 15), (12, 14), (14, 16),
         (0, 1), (0, 2), (1, 3), (2, 4))


def draw_hog(frame: NDArray, blocks: NDArray, *, pixels_per_cell: int = 8, scale: int = 5) -> NDArray[np.uint8]:
    """Draw each cell's gradients as lines along the edges, the longer the stronger, over the dimmed frame.

    blocks: float32 (block rows, block columns, rows, columns, orientations), from `hog` of the frame, uint8 (H, W, 3).
    """
    canvas, cells, side = resized(frame, scale) // 3, hog_cells(blocks), pixels_per_cell * scale
    angle = np.pi * (np.arange(cells.shape[2]) + 0.5) / cells.shape[2] + np.pi / 2  # an edge runs across its gradient
    reach = cells / max(float(cells.max()), 1e-9) * side * 0.48
    centre = (np.moveaxis(np.mgrid[: cells.shape[0], : cells.shape[1]][::-1], 0, -1) + 0.5)[:, :, None] * side
    offset = reach[..., None] * np.stack([np.cos(angle), np.sin(angle)], -1)
    ends = np.stack([centre - offset, centre + offset], axis=-2)[reach > 0.06 * side]
    cv2.polylines(canvas, list((ends * 16).round().astype(np.int32)), False, ORANGE, 1, cv2.LINE_AA, shift=4)
    return canvas


def hog_cells(blocks: NDArray) -> NDArray[np.float32]:
    """Average each cell's numbers over the blocks that it is in: float32 (down, across, orientations)."""
    down, across, rows, columns, orientations = blocks.shape
    total = np.zeros((2, down + rows - 1, across + columns - 1, orientations), np.float32)  # sums and counts
    for r, c in np.ndindex(rows, columns):
        total[:, r : r + down, c : c + across] += np.stack([blocks[:, :, r, c], np.ones_like(blocks[:, :, r, c])])
    return total[0] / total[1]


def draw_keypoints(frame: NDArray, points: NDArray, *, scale: float = 1.0, color: tuple = (255, 255, 255),
                   thick: int = 1) -> NDArray[np.uint8]:
    """Draw a circle as wide as each keypoint, with a line towards its direction: uint8 (H·scale, W·scale, 3).

    frame: uint8 (H, W, 3) RGB. points: float (K, 4), x, y, diameter in pixels and direction in degrees, from `sift`.
    """
    canvas = resized(frame, scale)
    for x, y, diameter, angle in np.asarray(points, float):
        radius, centre = max(2.0, diameter * scale / 2), (round(x * scale), round(y * scale))
        right, down = radius * np.cos(np.deg2rad(angle)), radius * np.sin(np.deg2rad(angle))
        cv2.circle(canvas, centre, round(radius), color, thick, cv2.LINE_AA)
        cv2.line(canvas, centre, (round(centre[0] + right), round(centre[1] + down)), color, thick, cv2.LINE_AA)
    return canvas


def draw_matches(left: NDArray, left_points: NDArray, right: NDArray, right_points: NDArray,
                 pairs: NDArray) -> NDArray[np.uint8]:
    """Draw two frames side by side, with a line from each keypoint of the left one to its match in the right one.

    left_points, right_points: float (K, 4) from `sift`. pairs: int (M, 2), numbers of a left and of a right keypoint.
    """
    canvas, shift = side_by_side(left, right, ground=255), left.shape[1] + 8
    for k, (a, b) in enumerate(pairs):
        color = shades("hsv")[k * 256 // len(pairs)].tolist()
        begin, end = (np.round(points[j][:2]).astype(int) for points, j in ((left_points, a), (right_points, b)))
        cv2.line(canvas, begin, end + (shift, 0), color, 1, cv2.LINE_AA)
        for place in (begin, end + (shift, 0)):
            cv2.circle(canvas, place, 3, color, 1, cv2.LINE_AA)
    return canvas


def flow_colors(field: NDArray, *, fastest: float | None = None, key: bool = False) -> NDArray[np.uint8]:
    """Draw optical flow as colour, uint8 (H, W, 3) RGB: the hue is the direction, the brightness the speed.

    field: float32 (H, W, 2) from `flow`, pixels right and down. fastest: the speed of full brightness, by default that
    of the fastest hundredth, as a few wild pixels would leave all others dark. key: draw the circle of directions.
    """
    speed, angle = cv2.cartToPolar(field[..., 0], field[..., 1], angleInDegrees=True)
    top = fastest or max(0.5, float(np.percentile(speed, 99)))
    hsv = np.stack([angle / 2, np.full_like(angle, 255), np.minimum(255, 255 * speed / top)], -1).astype(np.uint8)
    picture: NDArray = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    if key:
        radius = max(6, min(picture.shape[:2]) // 10)
        down, right = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
        corner = picture[-2 * radius - 3 : -2, -2 * radius - 3 : -2]
        inside = np.hypot(down, right) <= radius
        corner[inside] = flow_colors(np.stack([right, down], -1), fastest=radius)[inside]
        middle = picture.shape[1] - radius - 3, picture.shape[0] - radius - 3
        cv2.circle(picture, middle, radius, (200, 200, 200), 1, cv2.LINE_AA)
    return picture


def draw_arrows(frame: NDArray, field: NDArray, *, scale: float = 1.0, spacing: int = 16,
                stretch: float = 3.0) -> NDArray[np.uint8]:
    """Draw arrows on a grid over the frame, `stretch` times as long as the pixel moves; none where nothing moves.

    field: float32 (H, W, 2) from `flow`. spacing: pixels of the picture, uint8 (H·scale, W·scale, 3), between arrows.
    """
    canvas = resized(frame, scale)
    moves = scale * cv2.resize(field, canvas.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    places = np.mgrid[spacing // 2 : len(canvas) : spacing, spacing // 2 : canvas.shape[1] : spacing]
    for y, x in places.reshape(2, -1).T:
        if np.hypot(*moves[y, x]) >= 1:
            tip = np.round((x, y) + stretch * moves[y, x]).astype(int)
            cv2.arrowedLine(canvas, (x, y), tip, ORANGE, 1, cv2.LINE_AA, tipLength=0.35)
    return canvas


def draw_skeletons(frame: NDArray, people: NDArray, *, scale: float = 1.0, least: float = 0.5,
                   names: Sequence[str] = ()) -> NDArray[np.uint8]:
    """Draw the 17 points of COCO of each person, and the bones between them: uint8 (H·scale, W·scale, 3).

    frame: uint8 (H, W, 3) RGB. people: float (n, 17, 3), x and y in pixels and how well a point is seen; those of less
    than `least`, or NaN, are left out. names: written next to each person. Left is blue, right is orange.
    """
    canvas = resized(frame, scale).copy()
    thick = max(1, round(min(canvas.shape[:2]) / 240))
    for number, person in enumerate(np.asarray(people, float).reshape(-1, 17, 3)):
        seen = np.isfinite(person).all(axis=1) & (np.nan_to_num(person[:, 2]) >= least)
        places = (np.nan_to_num(person[:, :2]) * scale).round().clip(-9999, 9999).astype(int).tolist()
        for a, b in BONES:
            if seen[a] and seen[b]:
                color = (255, 255, 255) if (a + b) % 2 else (86, 180, 233) if a % 2 else ORANGE
                cv2.line(canvas, places[a], places[b], color, thick + 1, cv2.LINE_AA)
        for place in (place for place, known in zip(places, seen) if known):
            cv2.circle(canvas, place, thick + 1, (255, 255, 255), -1, cv2.LINE_AA)
        if number < len(names) and seen.any():
            x, y = np.array(places)[seen].min(axis=0).clip(2, None).tolist()
            cv2.putText(canvas, names[number], (x, max(12, y - 6)), cv2.FONT_HERSHEY_SIMPLEX, 0.4 + 0.1 * thick,
                        (255, 255, 255), thick, cv2.LINE_AA)
    return canvas


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

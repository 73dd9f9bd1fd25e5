"""A frame and what a feature found in it go in, a picture of both comes out, as an array."""
import cv2
import numpy as np

ORANGE = (255, 170, 0)
GREY = (128, 128, 128)


def enlarged(frame, scale):
    """uint8 (H·scale, W·scale, 3): a copy, its pixels kept sharp where they become large."""
    size = round(frame.shape[1] * scale), round(frame.shape[0] * scale)
    return cv2.resize(frame, size, interpolation=cv2.INTER_NEAREST if scale > 2 else cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA)


def draw_hog(frame, blocks, *, pixels_per_cell=8, scale=5):
    """Each cell's gradients as lines along the edges, the longer the stronger, over the dimmed frame.

    frame: uint8 (H, W, 3) RGB. blocks: float32 (block rows, block columns, rows, columns, orientations), from `hog`.
    pixels_per_cell: pixels of a cell's side. scale: how much larger the picture is than the frame.
    Returns uint8 (H·scale, W·scale, 3).
    """
    canvas = enlarged(frame, scale) // 3
    cells = hog_cells(blocks)
    side = pixels_per_cell * scale
    orientations = cells.shape[2]
    angle = np.pi * (np.arange(orientations) + 0.5) / orientations + np.pi / 2  # an edge runs across its gradient
    reach = cells / max(float(cells.max()), 1e-9) * side * 0.48
    centre = (np.stack(np.mgrid[: cells.shape[0], : cells.shape[1]][::-1], -1) + 0.5)[:, :, None] * side
    offset = reach[..., None] * np.stack([np.cos(angle), np.sin(angle)], -1)
    ends = np.stack([centre - offset, centre + offset], axis=-2)[reach > 0.06 * side]
    cv2.polylines(canvas, list((ends * 16).round().astype(np.int32)), False, ORANGE, 1, cv2.LINE_AA, shift=4)
    return canvas


def hog_cells(blocks):
    """float32 (down, across, orientations): each cell's numbers, averaged over the blocks that it is in."""
    down, across, rows, columns, orientations = blocks.shape
    total = np.zeros((down + rows - 1, across + columns - 1, orientations), np.float32)
    count = np.zeros((*total.shape[:2], 1), np.float32)
    for r, c in np.ndindex(rows, columns):
        total[r : r + down, c : c + across] += blocks[:, :, r, c]
        count[r : r + down, c : c + across] += 1
    return total / count


def draw_keypoints(frame, points, *, scale=1.0, color=(255, 255, 255), thick=1):
    """A circle as wide as each keypoint, with a line towards its direction.

    frame: uint8 (H, W, 3) RGB. points: float (K, 4), each x, y, diameter in pixels and direction in degrees, from `sift`.
    Returns uint8 (H·scale, W·scale, 3).
    """
    canvas = enlarged(frame, scale)
    for x, y, diameter, angle in np.asarray(points, float):
        radius = max(2.0, diameter * scale / 2)
        tip = radius * np.cos(np.deg2rad(angle)), radius * np.sin(np.deg2rad(angle))
        centre = round(x * scale), round(y * scale)
        cv2.circle(canvas, centre, round(radius), color, thick, cv2.LINE_AA)
        cv2.line(canvas, centre, (round(centre[0] + tip[0]), round(centre[1] + tip[1])), color, thick, cv2.LINE_AA)
    return canvas


def draw_matches(left, left_points, right, right_points, pairs):
    """Two frames side by side, a line from each keypoint of the left one to its match in the right one.

    left, right: uint8 (H, W, 3) RGB. left_points, right_points: float (K, 4) from `sift`.
    pairs: int (M, 2): numbers of a left and of a right keypoint. Returns uint8 (max H, W + W, 3).
    """
    canvas = np.full((max(len(left), len(right)), left.shape[1] + right.shape[1] + 8, 3), 255, np.uint8)
    canvas[: len(left), : left.shape[1]] = left
    canvas[: len(right), left.shape[1] + 8 :] = right
    hues = np.array([[[k * 180 // max(1, len(pairs)), 220, 255] for k in range(len(pairs))]], np.uint8).reshape(1, -1, 3)
    colors = cv2.cvtColor(hues, cv2.COLOR_HSV2RGB)[0].tolist() if len(pairs) else []
    for (a, b), color in zip(pairs, colors):
        begin = round(float(left_points[a][0])), round(float(left_points[a][1]))
        end = round(float(right_points[b][0])) + left.shape[1] + 8, round(float(right_points[b][1]))
        cv2.line(canvas, begin, end, color, 1, cv2.LINE_AA)
        for place in (begin, end):
            cv2.circle(canvas, place, 3, color, 1, cv2.LINE_AA)
    return canvas


def flow_colors(field, *, fastest=None, key=False):
    """Optical flow as colour: the hue is the direction, the brightness the speed.

    field: float32 (H, W, 2) from `flow`, pixels to the right and down. fastest: the speed of full brightness, in pixels;
    by default that of the fastest hundredth, as a few wild pixels would leave all others dark.
    key: draw the circle of directions into the lower right corner. Returns uint8 (H, W, 3) RGB.
    """
    speed, angle = cv2.cartToPolar(field[..., 0], field[..., 1], angleInDegrees=True)
    top = fastest or max(0.5, float(np.percentile(speed, 99)))
    hsv = np.stack([angle / 2, np.full_like(angle, 255), np.minimum(255, 255 * speed / top)], -1).astype(np.uint8)
    picture = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)
    if key:
        radius = max(6, min(picture.shape[:2]) // 10)
        down, right = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(np.float32)
        corner = picture[-2 * radius - 3 : -2, -2 * radius - 3 : -2]
        inside = np.hypot(down, right) <= radius
        corner[inside] = flow_colors(np.stack([right, down], -1), fastest=radius)[inside]
        middle = picture.shape[1] - radius - 3, picture.shape[0] - radius - 3
        cv2.circle(picture, middle, radius, (200, 200, 200), 1, cv2.LINE_AA)
    return picture


def draw_arrows(frame, field, *, scale=1.0, spacing=16, stretch=3.0):
    """Arrows on a grid over the frame, `stretch` times as long as the way that the pixel goes; none where nothing moves.

    frame: uint8 (H, W, 3) RGB. field: float32 (H, W, 2) from `flow`. spacing: pixels of the picture between arrows.
    Returns uint8 (H·scale, W·scale, 3).
    """
    canvas = enlarged(frame, scale)
    for y in range(spacing // 2, canvas.shape[0], spacing):
        for x in range(spacing // 2, canvas.shape[1], spacing):
            row, column = min(int(y / scale), field.shape[0] - 1), min(int(x / scale), field.shape[1] - 1)
            right, down = (float(v) * scale for v in field[row, column])
            if np.hypot(right, down) >= 1:
                tip = round(x + stretch * right), round(y + stretch * down)
                cv2.arrowedLine(canvas, (x, y), tip, ORANGE, 1, cv2.LINE_AA, tipLength=0.35)
    return canvas

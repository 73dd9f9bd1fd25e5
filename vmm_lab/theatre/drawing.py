"""Paint shapes that move: from polygons over time, in metres, to anti-aliased RGB frames and a part map.

A shape holds its outline for every frame at once, (T, K, 2), so that numpy bends all the limbs of a clip in one go and
only the filling runs frame by frame. Frames are painted at twice their size and averaged down, which with OpenCV's
sub-pixel polygons gives smooth edges at 128×128.
"""
from typing import NamedTuple

import cv2
import numpy as np

SCALE = 2           # painted this many times larger than shown
_SHIFT = 4          # fractional bits of a polygon's corners


class Shape(NamedTuple):
    points: np.ndarray          # float (T or 1, K, 2): x to the right, y upwards, metres
    color: tuple                # RGB
    depth: np.ndarray           # float (T or 1,): larger is nearer to the viewer; NaN where it is not drawn
    part: int = 0               # what the shape belongs to, for the part map; 0 leaves the map as it is
    convex: bool = True


def mix(color, other, amount):
    """Return a colour `amount` of the way from `color` to `other`, RGB tuples."""
    return tuple(int(round(a + (b - a) * amount)) for a, b in zip(color, other))


def shade(color):
    return mix(color, (70, 30, 70), 0.34)


def light(color):
    return mix(color, (255, 244, 214), 0.38)


def _time(value):
    """A number as one frame's worth, (1,); a number per frame, (T,), as it is."""
    return np.atleast_1d(np.asarray(value, float))


def capsule(start, end, start_radius, end_radius, *, corners=7):
    """Outline (T, 2 * corners, 2) of two discs and all between them: a tapered limb. `start`, `end`: (T, 2)."""
    start, end = np.atleast_2d(start), np.atleast_2d(end)
    along = end - start
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)
    r1, r2 = _time(start_radius), _time(end_radius)
    angle = np.arctan2(along[:, 1], along[:, 0])
    tangent = np.arccos(np.clip((r1 - r2) / length, -1, 1))
    turn = np.linspace(0, 1, corners)
    first = (angle + tangent)[:, None] + (2 * np.pi - 2 * tangent)[:, None] * turn
    second = (angle - tangent)[:, None] + (2 * tangent)[:, None] * turn

    def arc(a, c, r):
        return c[:, None, :] + np.stack([np.cos(a), np.sin(a)], -1) * np.reshape(r, (-1, 1, 1))

    return np.concatenate([arc(first, start, r1), arc(second, end, r2)], 1)


def ellipse(center, width, height, *, angle=0.0, corners=20):
    """Outline (T, corners, 2) of an ellipse with half axes `width` and `height`, turned by `angle` radians."""
    center = np.atleast_2d(center)
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    x = _time(width)[:, None] * np.cos(turn)
    y = _time(height)[:, None] * np.sin(turn)
    c, s = np.cos(_time(angle))[:, None], np.sin(_time(angle))[:, None]
    return center[:, None, :] + np.stack([x * c - y * s, x * s + y * c], -1)


def ribbon(path, width):
    """Outline (T, 2M, 2) of a path (T, M, 2) with half `width` (number or (M,)), tapering where the width does."""
    path = path if path.ndim == 3 else path[None]
    along = np.gradient(path, axis=1)
    along /= np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-9)
    aside = np.stack([-along[..., 1], along[..., 0]], -1) * np.broadcast_to(width, path.shape[1])[None, :, None]
    return np.concatenate([path + aside, (path - aside)[:, ::-1]], 1)


def solid(outlines, color, depth, *, part=0, bulk=0.05, gloss=True):
    """Return shapes of one body made of several convex outlines, softly shaded: dark rim below, lit from upper left.

    `bulk` (metres) is about the radius of the body: how far light and shade are apart.
    """
    depth = np.atleast_1d(depth)
    shapes = [Shape(points, shade(color), depth, part) for points in outlines]
    lift = np.array([-0.16, 0.16]) * bulk
    shapes += [Shape(_shrink(points, 0.12 * bulk) + lift, color, depth) for points in outlines]
    if gloss:
        shapes += [Shape(_shrink(points, 0.55 * bulk) + 1.9 * lift, mix(color, light(color), 0.75), depth)
                   for points in outlines]
    return shapes


def _shrink(points, amount):
    """Move the corners of a convex outline `amount` metres towards its middle, less where it is thin."""
    center = points.mean(1, keepdims=True)
    spread = points - center
    extent = np.maximum(np.abs(spread).max(1, keepdims=True), 1e-6)
    return center + spread * np.maximum(1 - amount / extent, 0.2)


class Camera(NamedTuple):
    """Hold where metres fall on the picture: `zoom` pixels of it per metre; the origin's place in pixels."""

    zoom: np.ndarray        # (T,)
    origin: np.ndarray      # (T, 2): x, y of the floor under the puppet's mark

    def pixels(self, points):
        """(T or 1, K, 2) metres → (T, K, 2) pixels, x to the right and y downwards; whole numbers are pixel centres."""
        flip = np.array([1.0, -1.0])
        return self.origin[:, None] + points * flip * self.zoom[:, None, None]


def paint(shapes, backdrops, camera):
    """Fill the shapes over the backdrops, far ones first.

    `backdrops` yields T uint8 (SCALE·H, SCALE·W, 3) pictures, which are painted over. Returns the frames, uint8
    (T, H, W, 3), and the part maps, uint8 (T, H, W): the part that is nearest in each pixel, 0 for none.
    """
    count = len(camera.zoom)
    corners, depths = [], np.empty((len(shapes), count))
    for k, shape in enumerate(shapes):
        points = (camera.pixels(shape.points) + 0.5) * SCALE - 0.5
        corners.append(np.round(points * (1 << _SHIFT)).astype(np.int32))
        depths[k] = shape.depth
    order = np.argsort(depths, axis=0, kind="stable")
    hidden = np.isnan(depths)
    frames, parts = [], []
    for t, canvas in enumerate(backdrops):
        canvas = np.ascontiguousarray(canvas)
        part = np.zeros((canvas.shape[0] // SCALE, canvas.shape[1] // SCALE), np.uint8)
        for k in order[:, t]:
            if hidden[k, t]:
                continue
            shape, points = shapes[k], corners[k][t]
            if shape.convex:
                cv2.fillConvexPoly(canvas, points, shape.color, cv2.LINE_AA, _SHIFT)
            else:
                cv2.fillPoly(canvas, [points], shape.color, cv2.LINE_AA, _SHIFT)
            if shape.part:
                cv2.fillConvexPoly(part, points, shape.part, cv2.LINE_8, _SHIFT + 1) if shape.convex else \
                    cv2.fillPoly(part, [points], shape.part, cv2.LINE_8, _SHIFT + 1)
        frames.append(cv2.resize(canvas, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_AREA))
        parts.append(part)
    return np.stack(frames), np.stack(parts)

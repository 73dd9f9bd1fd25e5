"""Set the scene: eight backdrops, each with a wall or a sky, a floor and things of its own, painted once per clip."""
import cv2
import numpy as np

from .backdrops import HORIZON, PAINTERS
from .drawing import SCALE, Camera, capsule, ellipse, mix, shade


class Set:
    """Collect the still shapes of a backdrop from back to front; x, y in metres."""

    def __init__(self, rng):
        self.rng, self.shapes = rng, []

    def add(self, points, color):
        self.shapes.append((np.asarray(points, float).reshape(1, -1, 2), tuple(int(c) for c in color)))

    def box(self, x, y, wide, tall, color, *, rim=True):
        """Return a box with its lower left corner at x, y."""
        if rim:
            self.add([(x - 0.015, y - 0.015), (x + wide + 0.015, y - 0.015), (x + wide + 0.015, y + tall + 0.015),
                      (x - 0.015, y + tall + 0.015)], shade(color))
        self.add([(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)], color)

    def disc(self, x, y, wide, tall, color):
        self.add(ellipse([[x, y]], wide, tall, corners=28), color)

    def post(self, x0, y0, x1, y1, r0, r1, color):
        self.add(capsule([[x0, y0]], [[x1, y1]], r0, r1), color)

    def floor(self, near, far):
        """Return a floor from the horizon to the viewer, in bands that grow warmer."""
        for k in range(14):
            top = HORIZON - k * 0.085
            self.add([(-9, top), (9, top), (9, -2), (-9, -2)], mix(far, near, k / 13))

    def above(self, low, high):
        """Return a wall or a sky, from the horizon upwards."""
        for k in range(18):
            self.add([(-9, HORIZON + k * 0.16), (9, HORIZON + k * 0.16), (9, 7), (-9, 7)], mix(low, high, k / 17))

    def pick(self, *colors):
        return colors[self.rng.integers(len(colors))]

    def somewhere(self, low, high):
        return self.rng.uniform(low, high)


SCENES = tuple(PAINTERS)
"""The eight scenes; the calm level plays in the first four."""


def paint_scene(scene, rng, *, zoom, origin, size, haze=0.0):
    """Return a backdrop, uint8 (SCALE·H, SCALE·W, 3): slightly out of focus, lit from upper left, dark in the corners.

    `rng` arranges it; `haze`, 0 to 1, makes it step back behind the puppets as in a mist.
    `zoom` pixels per metre, `origin` (x, y) pixels of the floor mark, `size` (H, W) of the shown picture.
    """
    s = Set(rng)
    PAINTERS[scene](s)
    canvas = np.zeros((SCALE * size[0], SCALE * size[1], 3), np.uint8)
    camera = Camera(np.array([zoom], float), np.array([origin], float))
    for outline, color in s.shapes:
        points = (camera.pixels(outline)[0] + 0.5) * SCALE - 0.5
        cv2.fillPoly(canvas, [np.round(points * 16).astype(np.int32)], color, cv2.LINE_AA, 4)
    canvas = cv2.GaussianBlur(canvas, (0, 0), (1.0 + 1.5 * haze) * SCALE / 2 * zoom / 57)
    if haze:
        mist = cv2.GaussianBlur(cv2.resize(canvas, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA), (0, 0), 3.5)
        mist = cv2.resize(mist, canvas.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        canvas = cv2.addWeighted(canvas, 1 - haze, mist, haze, 5 * haze)
    y, x = np.mgrid[-1:1:canvas.shape[0] * 1j, -1:1:canvas.shape[1] * 1j]
    lit = 1.04 - 0.05 * (x + 0.6 * y) - 0.08 * (x**2 + y**2) / 2
    return np.clip(canvas * lit[..., None], 0, 255).astype(np.uint8)


def pan_over(scene, rng, camera, *, size, margin, haze):
    """Paint a backdrop that is wider by `margin` pixels, and yield what a moving camera sees of it in each frame."""
    height, width = size
    zoom, middle = camera.zoom.max(), camera.origin.mean(0)
    whole = paint_scene(scene, rng, zoom=zoom, origin=middle + margin, size=(height + 2 * margin, width + 2 * margin),
                        haze=haze)
    for near, origin in zip(camera.zoom, camera.origin):
        ratio = zoom / near
        shift = (middle + margin + 0.5) * SCALE - (origin + 0.5) * SCALE * ratio
        yield cv2.warpAffine(whole, np.array([[ratio, 0, shift[0]], [0, ratio, shift[1]]]),
                             (width * SCALE, height * SCALE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                             borderMode=cv2.BORDER_REPLICATE)

"""Film a clip: from what is known of the stage to frames and their complete ground truth.

`film` is told the picture (which motion, forwards or backwards) and never the action, so two actions that look alike
are drawn alike, pixel by pixel, from the same random stream.
"""
from typing import NamedTuple

import cv2
import numpy as np

from .drawing import SCALE, Camera, paint
from .motions import FRAMES, perform
from .puppet import draw_puppet, visibility
from .scenes import SCENES, paint_scene, pan_over
from .skeleton import Body
from .stage import bystanders, draw_bystander, draw_occluder, dress_stage, foot_shadows

SIZE = (128, 128)


class Level(NamedTuple):
    """Hold what a difficulty asks of the stage. Ranges are (least, most)."""

    scenes: tuple
    zoom: tuple             # pixels per metre
    pan: float              # metres that the camera wanders, to either side
    jitter: float           # pixels, standard deviation from frame to frame
    light: float            # how much brightness and warmth vary, as a share
    noise: tuple            # grey levels, standard deviation
    bystanders: tuple
    occluders: tuple
    freedom: float          # 0 to 1: how freely puppets take their place and turn, and furniture stands about
    haze: float             # how far the backdrop steps back from the puppet, as a share
    layouts: int            # how many arrangements a scene has, 0 for a new one every time


LEVELS = {
    "calm": Level(SCENES[:4], (52, 56), 0.0, 0.0, 0.05, (0, 0), (0, 0), (0, 0), 0.3, 0.35, 2),
    "busy": Level(SCENES, (38, 48), 0.22, 0.0, 0.16, (2, 5), (1, 2), (0, 0), 0.7, 0.15, 0),
    "wild": Level(SCENES, (26, 36), 0.35, 0.8, 0.26, (8, 18), (2, 3), (1, 2), 1.0, 0.0, 0),
}


class Take(NamedTuple):
    """Hold a filmed clip: T frames of H×W pixels; positions in pixels, x right, y down, pixel centres whole."""

    frames: np.ndarray      # uint8 (T, H, W, 3) RGB
    keypoints: np.ndarray   # float32 (T, 17, 3): x, y, COCO visibility (2 seen, 1 hidden, 0 outside the picture)
    boxes: np.ndarray       # float32 (T, 4): left, top, right, bottom of the puppet, what is hidden included
    beats: np.ndarray       # int (B,): frames at which something happens that may be heard


def film(picture, backwards, *, actor, expression, scene, prop, color, difficulty, rng):
    """Film a puppet: `picture` one of motions.PICTURES, `actor` an Actor, the rest by name. Returns a Take."""
    level = LEVELS[difficulty]
    show = perform(picture, rng, freedom=level.freedom)
    body = Body(show.pose, actor, facing=show.facing, place=show.place)
    shapes = draw_puppet(body, expression, _blinks(rng))
    camera = _camera(level, rng)
    boxes = _boxes(shapes, camera)
    shadows = foot_shadows(body)
    more, cast_shadows = dress_stage(body, show, prop, color, level.freedom, rng)
    shapes, shadows = shapes + more, shadows + cast_shadows
    for other, x in bystanders(actor, rng.integers(level.bystanders[0], level.bystanders[1] + 1), rng):
        more, cast_shadows = draw_bystander(other, x, _blinks(rng), rng)
        shapes, shadows = shapes + more, shadows + cast_shadows
    for _ in range(rng.integers(level.occluders[0], level.occluders[1] + 1)):
        shapes += draw_occluder(rng)
    frames, part_map = paint(shapes, _backdrops(scene, camera, shadows, level, rng), camera)
    frames = _develop(frames, level, rng)
    joints = body.keypoints()
    pixels = camera.pixels(joints[..., :2])
    seen = visibility(pixels, part_map)
    height, width = SIZE
    boxes = np.clip(boxes, 0, [width - 1, height - 1, width - 1, height - 1])
    keypoints = np.concatenate([pixels, seen[..., None]], -1)
    beats = show.beats
    if backwards:
        frames, keypoints, boxes, beats = frames[::-1], keypoints[::-1], boxes[::-1], np.sort(FRAMES - 1 - beats)
    return Take(np.ascontiguousarray(frames), keypoints.astype(np.float32), boxes.astype(np.float32), beats)


def _boxes(shapes, camera):
    """The tightest box around all that is drawn of the shapes, (T, 4): left, top, right, bottom in pixels."""
    corners = [(camera.pixels(shape.points), np.isnan(shape.depth)[:, None]) for shape in shapes]
    least = np.min([np.where(hidden, np.inf, points.min(1)) for points, hidden in corners], axis=0)
    most = np.max([np.where(hidden, -np.inf, points.max(1)) for points, hidden in corners], axis=0)
    return np.concatenate([least, most], 1)


def _blinks(rng):
    """How open the eyes are, (T,): shut for an instant once or twice."""
    t = np.arange(FRAMES)
    openness = np.ones(FRAMES)
    for _ in range(rng.integers(1, 3)):
        openness = np.minimum(openness, np.clip(np.abs(t - rng.integers(FRAMES)) / 2.5, 0, 1))
    return openness


def _camera(level, rng):
    """The camera over time; it wanders as readily one way as the other, so it does not tell which way time runs."""
    t = np.linspace(0, 1, FRAMES)
    zoom = rng.uniform(*level.zoom) * (1 + 0.35 * level.pan * np.sin(2 * np.pi * (0.6 * t + rng.uniform())))
    pan = level.pan * np.sin(2 * np.pi * (rng.uniform(0.3, 0.7) * t + rng.uniform()))
    rise = 0.25 * level.pan * np.sin(2 * np.pi * (rng.uniform(0.3, 0.7) * t + rng.uniform()))
    shake = level.jitter * rng.normal(size=(FRAMES, 2))
    x = SIZE[1] / 2 + rng.uniform(-6, 6) * level.freedom + zoom * pan + shake[:, 0]
    floor = 0.92 if level.zoom[0] > 36 else 0.70        # small puppets stand in the middle of the picture
    y = SIZE[0] * floor + rng.uniform(-2, 2) * level.freedom + zoom * rise + shake[:, 1]
    return Camera(zoom, np.stack([x, y], 1))


def _backdrops(scene, camera, shadows, level, rng):
    """Yield the backdrop of each frame with soft shadows on its floor, uint8 (SCALE·H, SCALE·W, 3)."""
    layout = np.random.default_rng(rng.integers(level.layouts)) if level.layouts else rng
    if np.ptp(camera.zoom) == 0 and not np.ptp(camera.origin, axis=0).any():
        whole = paint_scene(scene, layout, zoom=camera.zoom[0], origin=camera.origin[0], size=SIZE, haze=level.haze)
        views = (whole.copy() for _ in camera.zoom)
    else:
        views = pan_over(scene, layout, camera, size=SIZE, margin=64, haze=level.haze)
    for t, view in enumerate(views):
        yield _shaded(view, camera, shadows, t)


def _shaded(view, camera, shadows, t):
    """Darken the floor of a backdrop where things stand; shadows are soft, so half the resolution will do."""
    zoom, (left, down) = camera.zoom[t], camera.origin[t]
    top = int(np.clip(down - 0.6 * zoom, 0, SIZE[0] - 1))
    y, x = np.arange(top, SIZE[0], dtype=np.float32), np.arange(SIZE[1], dtype=np.float32)
    dark = np.zeros((len(y), len(x)), np.float32)
    for at_x, at_y, wide, strength in shadows:
        k = t if len(at_x) > 1 else 0
        spread = np.float32((wide[k] if np.ndim(wide) else wide) * zoom)
        column = strength[k] * np.exp(-((y - np.float32(down - at_y[k] * zoom)) / (0.36 * spread)) ** 2)
        np.maximum(dark, column[:, None] * np.exp(-((x - np.float32(left + at_x[k] * zoom)) / spread) ** 2), out=dark)
    floor = view[SCALE * top:]
    bright = cv2.resize(cv2.merge([1 - dark] * 3), (floor.shape[1], floor.shape[0]), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(floor, bright, floor, dtype=cv2.CV_8U)
    return view


def _develop(frames, level, rng):
    """Light and grain: brightness and warmth of the clip, their slow change, and the noise of the sensor."""
    t = np.linspace(0, 1, len(frames))
    flicker = 0.4 * level.light * np.sin(2 * np.pi * (rng.uniform(0.3, 1.2) * t + rng.uniform())) * (level.pan > 0)
    gain = 1 + rng.uniform(-1, 0.6) * level.light + flicker
    warm = rng.uniform(-0.5, 0.8) * level.light
    tint = np.array([1 + warm, 1.0, 1 - warm])
    levels = np.arange(256)[:, None]
    sigma = rng.uniform(*level.noise)
    out = np.empty_like(frames)
    for k, frame in enumerate(frames):
        table = np.clip(levels * (gain[k] * tint), 0, 255)
        out[k] = cv2.LUT(frame, np.round(table).astype(np.uint8)[None])
        if sigma > 0:
            grain = rng.standard_normal((*frame.shape[:2], 1), dtype=np.float32)
            grain = grain + 0.5 * rng.standard_normal(frame.shape, dtype=np.float32)
            out[k] = np.clip(out[k] + sigma * grain, 0, 255).astype(np.uint8)
    return out

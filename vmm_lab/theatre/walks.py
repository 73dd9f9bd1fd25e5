"""Film walks: a camera that stands still, and one to six people who walk through its picture and cross.

Each has a lane of its own, nearer or farther, so that who hides whom is known; all meet near the middle at about the
same time. Boxes are those of all that is drawn of a person, what somebody else hides included, clipped to the picture.
"""
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from ..files import atomic_path
from ..media import write_video
from ..media.options import check_whole
from .actors import CAST
from .drawing import SCALE, Camera, paint
from .motions import FPS
from .once import folder_of, render_missing, stored_truth
from .puppet import PARTS, draw_puppet
from .scenes import SCENES, paint_scene
from .skeleton import Body, standing
from .stage import foot_shadows
from .stagings import STAGINGS

if TYPE_CHECKING:
    import pandas as pd

WALK_VERSION = 1        # raised whenever the films or their truth change
SIZE = (240, 320)       # height, width
MOST = 6                # people
_COUNT = 200            # frames of a film
_FLOOR = 0.90           # of the height, where the floor mark is


class Walk(NamedTuple):
    """Hold what a film of people walking shows. Everything is drawn from `seed`."""

    number: int
    people: int
    seed: tuple[int, ...]

    @property
    def file(self) -> str:
        return f"{self.people}/{self.number:03d}.mp4"


def walks(count: int = 6, *, people: Sequence[int] = (1, 2, 4), seed: int = 0, n_jobs: int = -1,
          folder: str | os.PathLike | None = None) -> "pd.DataFrame":
    """Return films of a still camera with people who walk and cross, 8 s of 320×240 pixels at 25 frames per second.

    They are rendered on first use, and kept. The same seed gives the same films, however many are asked for and with
    whatever `n_jobs`. Most people come in from outside, some are in the picture from the start, and some stop for a
    moment. Light has its noise, and people have shadows.

    count: how many films. people: how many in each, from 1 to 6, in turn. seed: int ≥ 0.
    n_jobs: processes to render with, -1 for one per core. folder: `data_dir() / "walks"` by default.

    Returns a DataFrame with a row per film: `path`, `people` (int), `group` (the scene) and `caption`.
    `walk_truth` tells who is where. Raises ValueError for an option that is not offered, or a folder that cannot be
    made.

    >>> import tempfile
    >>> from vmm_lab import theatre
    >>> table = theatre.walks(1, people=[2], folder=tempfile.mkdtemp())
    >>> truth = theatre.walk_truth(table.path[0])
    >>> truth.id.nunique(), truth.attrs["fps"]
    (2, 25)
    """
    import pandas as pd

    plans = _plans(count, people, seed)
    root = folder_of(folder, "walks", f"{seed}-v{WALK_VERSION}")
    render_missing(plans, root, _render, n_jobs, "walks", "film")
    rows = [{"path": str(root / plan.file), "people": plan.people, "group": _scene(plan),
             "caption": f"{plan.people} {'person walks' if plan.people == 1 else 'people walk'} through the "
                        f"{_scene(plan)}."} for plan in plans]
    return pd.DataFrame(rows, columns=["path", "people", "group", "caption"])


def walk_truth(path: "str | os.PathLike | pd.Series") -> "pd.DataFrame":
    """Return who is where in a film of `walks`, from its path (or a row of the table), a row per frame and person.

    `frame` (from 0), `id` (from 1), `x`, `y` (left, top), `w`, `h`: the box in pixels, clipped to the picture;
    `visible` (0 to 1): the share of the person that is inside the picture and not hidden by somebody else.
    `attrs["names"]` has the name of each id, `attrs["fps"]`. Raises ValueError if it is no such film.

    >>> from vmm_lab import theatre
    >>> theatre.walk_truth("no_such_film.mp4")
    Traceback (most recent call last):
    ValueError: there is no ground truth next to no_such_film.mp4: give a path from the table of theatre.walks.
    """
    import pandas as pd

    stored = stored_truth(path, ("fps", "names", "boxes"), "walks")
    boxes = pd.DataFrame(stored["boxes"], columns=["frame", "id", "x", "y", "w", "h", "visible"], dtype=float)
    boxes.attrs = {"fps": stored["fps"], "names": dict(enumerate(stored["names"], 1))}
    return boxes.astype({"frame": int, "id": int})


def _plans(count, people, seed):
    check_whole("walks", count=count)
    check_whole("walks", least=0, seed=seed)
    people = list(dict.fromkeys(np.ravel(people).tolist()))
    for number in people or [None]:
        check_whole("walks", most=MOST, people=number)
    chosen = [(people[k % len(people)], k // len(people)) for k in range(count)]
    return [Walk(number, n, (int(seed), n, number)) for n, number in chosen]


def _scene(plan):
    return SCENES[np.random.default_rng([*plan.seed, 1]).integers(len(SCENES))]


def _render(plan, path):
    """Write the truth of a film, and then the film."""
    frames, boxes, names = perform_walk(plan)
    with atomic_path(path.with_suffix(".json")) as part:
        part.write_text(json.dumps({"fps": FPS, "names": names, "boxes": boxes}), encoding="utf-8")
    write_video(path, frames, fps=FPS)


def perform_walk(plan):
    """Return the frames, uint8 (T, 240, 320, 3), rows of boxes as in `walk_truth`, and the names, of a plan."""
    rng = np.random.default_rng(plan.seed)
    height, width = SIZE
    zoom = rng.uniform(40, 52)
    camera = Camera(np.full(_COUNT, zoom), np.tile([width / 2, height * _FLOOR], (_COUNT, 1)))
    actors = [CAST[k] for k in rng.permutation(len(CAST))[:plan.people]]
    lanes = np.sort(rng.uniform(-1.3, 0.5, plan.people) if plan.people < 3 else
                    np.linspace(-1.3, 0.5, plan.people) + rng.uniform(-0.1, 0.1, plan.people))
    first = rng.choice([-1, 1])
    sides = [first * (-1) ** k for k in rng.permutation(plan.people)]
    bodies = [_walker(actor, lane, side, width / zoom, rng) for actor, lane, side in zip(actors, lanes, sides)]
    people = []
    for rank, body in enumerate(bodies, 1):
        blink = np.clip(np.abs(np.arange(_COUNT) - rng.integers(_COUNT)) / 2.5, 0, 1)
        shapes = draw_puppet(body, "neutral", blink, parts=dict.fromkeys(PARTS, rank))
        # Whoever is nearer is nearer with every limb.
        people.append([shape._replace(depth=shape.depth + 20 * rank) for shape in shapes])
    backdrop = paint_scene(_scene(plan), np.random.default_rng([*plan.seed, 2]), zoom=zoom, origin=camera.origin[0],
                           size=SIZE, haze=0.15)
    shadows = [shadow for body in bodies for shadow in foot_shadows(body)]
    views = (_shaded(backdrop, camera, shadows, t) for t in range(_COUNT))
    frames, parts = paint([shape for shapes in people for shape in shapes], views, camera)
    frames = _noisy(frames, rng)
    rows = [row for rank, shapes in enumerate(people, 1) for row in _boxes(shapes, rank, camera, parts)]
    return frames, sorted(rows), [actor.name for actor in actors]


def _walker(actor, lane, side, wide, rng):
    """Somebody who crosses the picture in a lane, z in metres; farther people are smaller. `wide`: metres seen."""
    actor = actor._replace(height=actor.height * (1 + 0.10 * lane))
    pace = np.full(_COUNT, rng.uniform(1.0, 1.5))
    if rng.uniform() < 0.25:        # stops for a second
        stop = rng.integers(_COUNT // 4, _COUNT // 2)
        pace *= 1 - np.interp(np.arange(_COUNT), [stop, stop + 8, stop + 26, stop + 34], [0, 1, 1, 0])
    time = np.cumsum(pace) + rng.uniform(0, 20)
    pose = standing(_COUNT)
    STAGINGS["walk"](pose, time, np.array([0]), int(rng.integers(9, 12)), rng)
    pose.turn += side * rng.uniform(0.2, 0.5)
    meets = int(_COUNT * rng.uniform(0.35, 0.65))
    pose.travel -= pose.travel[meets]
    return Body(pose, actor, facing=side * np.pi / 2, place=(rng.uniform(-0.22, 0.22) * wide, lane))


def _shaded(backdrop, camera, shadows, t):
    """The backdrop with soft shadows on its floor, uint8 (SCALE·H, SCALE·W, 3), at half of what is shown."""
    height, width = SIZE[0] // 2, SIZE[1] // 2
    zoom, (left, down) = camera.zoom[t] / 2, camera.origin[t] / 2
    y, x = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
    dark = np.zeros((height, width), np.float32)
    for at_x, at_y, wide, strength in shadows:
        spread = np.float32((wide[t] if np.ndim(wide) else wide) * zoom)
        column = strength[t] * np.exp(-((y - np.float32(down - at_y[t] * zoom)) / (0.36 * spread)) ** 2)
        np.maximum(dark, column[:, None] * np.exp(-((x - np.float32(left + at_x[t] * zoom)) / spread) ** 2), out=dark)
    bright = cv2.resize(1 - dark, (SCALE * SIZE[1], SCALE * SIZE[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(backdrop, cv2.merge([bright] * 3), dtype=cv2.CV_8U)


def _noisy(frames, rng):
    """The grain of the sensor, and light that changes slowly by a little."""
    sigma = rng.uniform(1, 5)
    light = 1 + 0.02 * np.sin(2 * np.pi * (rng.uniform(0.5, 1.5) * np.linspace(0, 1, len(frames)) + rng.uniform()))
    for frame, gain in zip(frames, light.astype(np.float32)):
        grain = sigma * rng.standard_normal(frame.shape, dtype=np.float32)
        np.clip(frame * gain + grain, 0, 255, out=grain)
        frame[:] = grain.astype(np.uint8)
    return frames


def _boxes(shapes, rank, camera, parts):
    """Rows of one person: where anything is inside the picture."""
    height, width = SIZE
    drawn = [shape for shape in shapes if shape.part]
    pixels = [np.broadcast_to(camera.pixels(shape.points), (_COUNT, *shape.points.shape[1:])) for shape in drawn]
    shown = [~np.isnan(np.broadcast_to(shape.depth, _COUNT)) for shape in drawn]
    for t in range(_COUNT):
        outlines = [points[t] for points, here in zip(pixels, shown) if here[t]]
        corners = np.concatenate(outlines)
        # Whole numbers are the middles of pixels; a box reaches to their edges.
        low, high = corners.min(0) + 0.5, corners.max(0) + 0.5
        (left, top), (right, bottom) = np.clip([low, high], 0, [width, height])
        if right - left < 1 or bottom - top < 1:
            continue
        mask = np.zeros(np.ceil(high - low).astype(int)[::-1] + 2, np.uint8)
        for outline in outlines:
            cv2.fillPoly(mask, [np.round((outline - low + 1) * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
        visible = min(1.0, np.count_nonzero(parts[t] == rank) / max(1, np.count_nonzero(mask)))
        yield [t, rank, *(round(float(v), 2) for v in (left, top, right - left, bottom - top, visible))]

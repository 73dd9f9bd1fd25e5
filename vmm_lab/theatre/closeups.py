"""Photograph faces: close-ups of every actor with every expression, turned and lit differently, by day and in the dark.

All that differs is known: who it is, the expression, how the head is turned, and the light.
"""
import os
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from ..files import atomic_path
from ..media.options import check_whole
from .actors import CAST
from .drawing import Camera, paint
from .face import EXPRESSIONS
from .once import folder_of, render_missing
from .puppet import draw_puppet
from .scenes import SCENES, paint_scene
from .skeleton import Body, standing

if TYPE_CHECKING:
    import pandas as pd

CLOSEUP_VERSION = 1     # raised whenever the pictures change
SIZE = (128, 128)       # height, width
LIGHTS = ("day", "lamp", "dark")


class Closeup(NamedTuple):
    """Hold what a picture shows. Everything else is drawn from `seed`."""

    actor: int
    expression: str
    take: int
    seed: tuple[int, ...]

    @property
    def file(self) -> str:
        return f"{CAST[self.actor].name}/{self.expression}_{self.take}.png"

    @property
    def light(self) -> str:
        return LIGHTS[(self.take + self.actor + EXPRESSIONS.index(self.expression)) % len(LIGHTS)]


def closeups(takes: int = 2, *, seed: int = 0, n_jobs: int = -1, folder: str | os.PathLike | None = None
             ) -> "pd.DataFrame":
    """Return close-ups of faces: 20 actors × 7 expressions × `takes` pictures of 128×128 pixels.

    They are rendered on first use, and kept; the same seed gives the same pictures, however many are asked for. Heads
    are turned and tilted a little, eyes are open, and the light is one of `LIGHTS`: "day", "lamp" (warm, from one side)
    or "dark" (dim, with noise).

    Returns a DataFrame with a row per picture: `path`, `label` (the expression), `group` (the actor), `take`, `light`,
    `skin`, `hair`, `glasses` (bool). Raises ValueError for an option that is not offered, or a folder that cannot be
    made.

    >>> from vmm_lab.theatre.closeups import photograph, Closeup
    >>> photograph(Closeup(0, "happy", 0, (0, 0, 1, 0))).shape
    (128, 128, 3)
    """
    import pandas as pd

    check_whole("closeups", takes=takes)
    check_whole("closeups", least=0, seed=seed)
    plans = [Closeup(actor, expression, take, (int(seed), actor, k, take)) for actor in range(len(CAST))
             for k, expression in enumerate(EXPRESSIONS) for take in range(takes)]
    root = folder_of(folder, "closeups", f"{seed}-v{CLOSEUP_VERSION}")
    render_missing(plans, root, _render, n_jobs, "close-ups", "picture", few=12)
    return pd.DataFrame([{
        "path": str(root / plan.file), "label": plan.expression, "group": CAST[plan.actor].name, "take": plan.take,
        "light": plan.light, "skin": CAST[plan.actor].skin, "hair": CAST[plan.actor].hair,
        "glasses": "glasses" in CAST[plan.actor].extras} for plan in plans])


def photograph(plan: Closeup) -> np.ndarray:
    """Return the picture of a plan, uint8 (128, 128, 3) RGB."""
    rng = np.random.default_rng(plan.seed)
    actor, pose = CAST[plan.actor], standing(1)
    pose.turn += rng.uniform(-0.3, 0.3)
    pose.tilt += rng.uniform(-0.15, 0.15)
    pose.nod += rng.uniform(-0.1, 0.1)
    body = Body(pose, actor, facing=rng.uniform(-0.15, 0.15))
    zoom = SIZE[0] * rng.uniform(0.24, 0.31) / body.head_size
    middle = np.array(SIZE[::-1]) / 2 + rng.uniform(-6, 6, 2)
    head = body.joints["head"][0, :2]
    camera = Camera(np.array([zoom]), (middle + [-head[0] * zoom, head[1] * zoom])[None])
    scene = SCENES[rng.integers(len(SCENES))]
    backdrop = paint_scene(scene, rng, zoom=zoom, origin=camera.origin[0], size=SIZE, haze=0.4)
    frames, _ = paint(draw_puppet(body, plan.expression, np.ones(1)), [backdrop], camera)
    return _lit(frames[0], plan.light, rng)


def _lit(picture, light, rng):
    """Give a picture its light and the grain of the sensor."""
    x = np.linspace(-1, 1, picture.shape[1])[None, :, None]
    if light == "day":
        gain, grain = np.full((1, 1, 3), rng.uniform(0.92, 1.05)), 2.0
    elif light == "lamp":
        gain, grain = (0.8 + 0.25 * rng.choice([-1, 1]) * x) * [1.1, 1.0, 0.8], 4.0
    else:
        gain, grain = np.full((1, 1, 3), rng.uniform(0.22, 0.32)), 6.0
    return np.clip(np.round(picture * gain + rng.normal(0, grain, picture.shape)), 0, 255).astype(np.uint8)


def _render(plan, path):
    """Write one picture."""
    with atomic_path(path) as part:
        part.write_bytes(cv2.imencode(".png", photograph(plan)[:, :, ::-1])[1].tobytes())

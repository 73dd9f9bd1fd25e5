"""Draw seven expressions on brows, eyes and mouth, in degrees on the head, so that a face may be any size."""
from typing import NamedTuple

import numpy as np

from . import actors
from .actors import COLORS, HAIRS, SKINS
from .drawing import Shape, ellipse, light, mix, ribbon, shade, solid


class Look(NamedTuple):
    """Hold how an expression moves a face; lengths in degrees on the head, 1 is the usual opening of the eyes."""

    raise_brows: float = 0
    slant: float = 0            # inner ends of the brows down, degrees of turn
    open_eyes: float = 1.0
    pupil: float = 1.0
    smile: float = 2            # how far the corners of the mouth stand up
    open_mouth: float = 0
    width: float = 17           # half width of the mouth
    skew: float = 0             # one corner up, the other down
    flush: tuple = (224, 120, 110)
    flushed: float = 0.25       # how much of the flush is in the cheeks


LOOKS = {name: Look(**look) for name, look in actors.LOOKS["expressions"].items()}
EXPRESSIONS = tuple(LOOKS)
"""The seven expressions, in table order."""

INK = (58, 34, 40)


def draw_face(body, expression, openness, part):
    """Return shapes of a face: the skin of the head, ears, eyes, brows, nose, mouth and what the actor wears on it.

    `openness` (T,): 0 where a blink closes the eyes, else 1.
    """
    actor, look = body.actor, LOOKS[expression]
    skin, size = SKINS[actor.skin], body.head_size
    depth = body.joints["head"][:, 2] + 0.02
    shapes = []

    def place(azimuth, elevation, color, layer, *, convex=True, radius=1.0, facing=0.12):
        """Lay an outline, degrees (K,) or (T, K), on the head where it faces the viewer."""
        points = body.on_head(azimuth, elevation, radius)
        seen = (points[..., 2].mean(1) - body.joints["head"][:, 2]) / size > facing
        shapes.append(Shape(points[..., :2], color, np.where(seen, depth + layer * 1e-4, np.nan), part, convex))

    def oval(azimuth, elevation, width, height, color, layer, **options):
        turn = np.linspace(0, 2 * np.pi, 14, endpoint=False)
        place(azimuth + width * np.cos(turn), elevation + np.reshape(height, (-1, 1)) * np.sin(turn), color, layer,
              **options)

    def stroke(azimuth, elevation, width, color, layer, **options):
        outline = ribbon(np.stack([azimuth, elevation], -1), width)[0]
        place(outline[:, 0], outline[:, 1], color, layer, convex=False, **options)

    for side in (1, -1):
        ear = body.on_head([side * 90], [-4], 0.98)[:, 0]
        near = ear[:, 2] > body.joints["head"][:, 2] - 0.6 * size
        for outline, color in ((1.0, shade(skin)), (0.8, skin)):
            shapes.append(Shape(ellipse(ear[:, :2], 0.16 * size * outline, 0.23 * size * outline), color,
                                np.where(near, ear[:, 2] * 0.2 + 0.8 * depth - 0.03, np.nan), part))
    around = np.linspace(0, 360, 30, endpoint=False)
    rim = np.stack([np.cos(np.radians(around)), np.sin(np.radians(around))], -1)
    oval_head = rim * np.where(rim[:, 1:] < 0, [[actor.jaw, 1.06]], [[1.0, 1.06]]) * size
    shapes += solid([body.joints["head"][:, None, :2] + oval_head], skin, depth, part=part, bulk=0.7 * size,
                    gloss=False)

    cheek = mix(skin, look.flush, look.flushed)
    for side in (1, -1):
        oval(side * 38, -20, 13, 9, cheek, 3)
    if expression == "afraid":
        oval(0, 34, 40, 14, mix(skin, look.flush, 0.35), 2)
    if "freckles" in actor.extras:
        for azimuth, elevation in ((-34, -12), (-25, -16), (-41, -19), (34, -12), (25, -16), (41, -19)):
            oval(azimuth, elevation, 2.4, 2.4, mix(skin, (150, 80, 50), 0.55), 4)
    if "beard" in actor.extras:
        hair = HAIRS[actor.hair_color]
        azimuth = np.concatenate([np.linspace(-78, 78, 12), np.linspace(78, -78, 12)])
        elevation = np.concatenate([np.full(12, -2.0) - 22 * np.cos(np.linspace(-1.5, 1.5, 12)),
                                    np.full(12, -64.0) + np.abs(np.linspace(78, -78, 12)) * 0.55])
        place(azimuth, elevation, hair, 5, convex=False, radius=1.02)
        place(azimuth * 0.8, elevation * 0.9 - 6, mix(hair, light(hair), 0.25), 5.5, convex=False, radius=1.02)

    for side in (1, -1):
        spread = side * 22 * actor.spacing
        wide, tall = 11.5 * actor.eyes, 14.5 * actor.eyes * look.open_eyes
        lids = np.maximum(openness, 0.09)
        oval(spread, 3, wide + 1.5, tall * lids + 1.5, shade(skin), 10)
        oval(spread, 3, wide, tall * lids, (255, 252, 244), 11)
        iris = 7.6 * actor.eyes * look.pupil ** 0.5
        oval(spread - side * 1.5, 2.5, iris, np.minimum(iris * 1.15, tall) * lids, INK, 12)
        oval(spread - side * 1.5 + 2.6, 6, 2.4 * look.pupil, 2.6 * lids * min(1, look.open_eyes), (255, 255, 255), 13)
        if expression in ("sad", "disgusted", "angry"):      # a lid over the upper part of the eye
            reach = np.linspace(-1, 1, 7)
            stroke(spread + reach * (wide + 1),
                   3 + tall * 0.9 - side * np.tan(np.radians(look.slant)) * -reach * wide * 0.7, 2.6, shade(skin), 14)
        along = np.linspace(-1, 1, 7)
        outward = along * side
        height = 24 + look.raise_brows + outward * np.tan(np.radians(look.slant)) * 13 - 3 * along**2
        height = height + (4 if expression == "disgusted" and side > 0 else 0)
        stroke(spread + along * 14, height, 3.1 * actor.brows * (1 - 0.45 * np.clip(outward, 0, 1)),
               mix(HAIRS[actor.hair_color], INK, 0.55), 16)
        if "glasses" in actor.extras:
            turn = np.linspace(0, 2 * np.pi, 17)
            stroke(spread + 19 * np.cos(turn), 2 + 19 * np.sin(turn), 1.7, (70, 56, 60), 18, radius=1.04)
        if "earrings" in actor.extras:
            oval(side * 86, -22, 5, 6, COLORS["yellow"], 20, facing=-0.3, radius=1.05)
    if "glasses" in actor.extras:
        stroke(np.linspace(-6, 6, 5), np.full(5, 5.0), 1.5, (70, 56, 60), 18, radius=1.04)
    if expression == "disgusted":       # a wrinkled nose
        for k in (0, 1):
            stroke(np.linspace(-5, 5, 5), 3 + 5 * k + np.zeros(5), 1.0, shade(skin), 15)
    _mouth(stroke, place, actor, look, expression)
    oval(0, -7, 5.5 * actor.nose, 5.0 * actor.nose, mix(skin, shade(skin), 0.75), 17, radius=1.06)
    oval(0.8, -5.6, 4.0 * actor.nose, 3.4 * actor.nose, mix(skin, light(skin), 0.4), 17.5, radius=1.07)
    if expression == "afraid":
        oval(46, 24, 4, 7, (150, 200, 232), 19)
    return shapes


def _mouth(stroke, place, actor, look, expression):
    """The mouth between an upper and a lower lip line, with teeth or a tongue where it is open."""
    across = np.linspace(-1, 1, 11)
    middle = -27.0 - 0.25 * look.smile + (0.05 if expression == "surprised" else 0.3) * look.open_mouth
    corners = middle + look.smile * across**2 + look.skew * across
    azimuth = look.width * across
    bulge = np.sqrt(1 - across**2)
    skin = SKINS[actor.skin]
    lips = mix(skin, (240, 150, 138), 0.5) if sum(skin) < 330 else INK       # dark lines would drown in dark skin
    if expression == "afraid":
        corners = corners + 2.5 * np.sin(across * 9)
    upper = corners + (0.45 * look.open_mouth * bulge if expression == "surprised" else 0)
    lower = corners - look.open_mouth * bulge * (0.55 if expression == "surprised" else 1)
    if look.open_mouth > 1:
        outline = np.concatenate([azimuth, azimuth[::-1]]), np.concatenate([upper, lower[::-1]])
        place(*outline, (112, 36, 44), 6 + 1, convex=False)
        if expression in ("happy", "angry", "afraid"):
            share = 0.42 if expression == "happy" else 0.95
            place(np.concatenate([azimuth, azimuth[::-1]]) * 0.9,
                  np.concatenate([corners - 0.5, (corners - share * look.open_mouth * bulge)[::-1]]), (255, 250, 240),
                  8, convex=False)
        elif expression in ("surprised", "disgusted"):
            tongue = lower + 0.35 * look.open_mouth * bulge
            place(np.concatenate([azimuth, azimuth[::-1]]) * 0.7, np.concatenate([tongue, lower[::-1] + 1]),
                  (214, 96, 100), 8, convex=False)
    stroke(azimuth, upper, 1.9, lips, 9)
    if look.open_mouth > 1:
        stroke(azimuth, lower, 1.6, lips, 9)
    if "moustache" in actor.extras:
        reach = np.linspace(-1, 1, 11)
        stroke(reach * 24, -17 - 6 * np.abs(reach), 4.2 * (1.05 - np.abs(reach)) + 0.6, HAIRS[actor.hair_color], 16,
               radius=1.04)

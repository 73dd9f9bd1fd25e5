"""Place what else is on the stage: the prop, a seat or a door, bystanders, things in the way, and all their shadows."""
import numpy as np

from .actors import CAST, COLORS
from .drawing import Shape, capsule, ellipse
from .motions import FRAMES, idle
from .props import draw_door, draw_prop, draw_seat
from .puppet import PARTS, draw_puppet
from .skeleton import TILT, Body


def foot_shadows(body):
    """Return the two soft shadows under the feet; each x (T,), y (T,), width and strength (T,), metres on the floor."""
    shadows = []
    for ankle in (body.joints["left_ankle"], body.joints["right_ankle"]):
        floor = -TILT * ankle[:, 2]
        above = np.maximum(ankle[:, 1] - floor - 0.07 * body.size, 0)
        shadows.append((ankle[:, 0], floor, 0.16 + 0.25 * above, 0.42 / (1 + 7 * above)))
    return shadows


def dress_stage(body, show, prop, color, freedom, rng):
    """Return shapes and shadows of the prop, and of the seat or door that a motion needs or that stands about."""
    size, facing = body.size, show.facing
    side = rng.choice([-1, 1])
    furniture, paint_name = show.furniture, list(COLORS)[rng.integers(len(COLORS))]
    about = rng.choice(["seat", "door", "none"], p=[freedom / 2, freedom / 2, 1 - freedom])
    away = -side * rng.uniform(0.72, 0.9)
    shapes, shadows = [], []
    if (furniture or about) == "seat":
        if furniture:
            center = body.plane(np.tile([-0.27, 0.0, 0.0], (FRAMES, 1)))[0]
        else:
            center = np.array([away, 0.05, -0.3])
        shapes += draw_seat(paint_name, center[:2], center[2] - 0.35, size, PARTS["other"])
        shadows.append((np.array([center[0]]), np.array([center[1] + 0.02]), 0.30, np.array([0.45])))
    elif (furniture or about) == "door":
        sign = np.sign(facing) if furniture else -side
        if furniture:
            edge = body.plane(np.tile([0.55, 0.0, 0.0], (FRAMES, 1)))[0]
        else:
            edge = np.array([away, 0.10, -0.5])
        shapes += draw_door(paint_name, edge[:2] + [0.02 * sign, 0.02], sign, edge[2] - 0.6, PARTS["other"])
        shadows.append((np.array([edge[0] + 0.2 * sign]), np.array([edge[1] + 0.03]), 0.36, np.array([0.4])))
    z = rng.uniform(-0.1, 0.35)
    if show.held is None:
        center = np.tile([side * rng.uniform(0.62, 0.88), 0.13 - TILT * z], (FRAMES, 1))
        depth = np.full(FRAMES, z)
        floor = np.full(FRAMES, -TILT * z)
    else:
        beat = int(np.argmax(show.held))
        grip = (body.joints["left_wrist"] + body.joints["right_wrist"]) / 2
        rest = np.arange(FRAMES) < beat
        center = np.where(rest[:, None], grip[beat, :2], grip[:, :2]) + [0, -0.03]
        depth = np.where(rest, grip[beat, 2], grip[:, 2]) - 0.04
        floor = np.full(FRAMES, grip[beat, 1] - 0.16)
    shapes += draw_prop(prop, color, center, depth, PARTS["other"])
    above = np.maximum(center[:, 1] - 0.13 - floor, 0)
    shadows.append((center[:, 0], floor + 0.01, 0.17, 0.45 / (1 + 6 * above)))
    return shapes, shadows


def bystanders(actor, count, rng):
    """Some of the cast but the actor, each with a place of its own to the left or the right, x in metres."""
    others = [other for other in CAST if other.name != actor.name]
    places = rng.permutation([-1.35, -0.85, 0.85, 1.35])[:count] + rng.uniform(-0.15, 0.15, count)
    return [(others[k], x) for k, x in zip(rng.permutation(len(others)), places)]


def draw_bystander(other, x, openness, rng):
    """Somebody else who stands about, further back and so a little smaller."""
    other = other._replace(height=0.88 * other.height)
    place = (x, -rng.uniform(0.7, 1.2))
    body = Body(idle(rng), other, facing=rng.uniform(-0.8, 0.8), place=place)
    parts = dict.fromkeys(PARTS, PARTS["other"])
    return draw_puppet(body, "neutral", openness, parts=parts), foot_shadows(body)


def draw_occluder(rng):
    """Something out of focus close to the camera: a post or leaves, in front of everything."""
    x, color = rng.uniform(-1.4, 1.4), list(COLORS.values())[rng.integers(len(COLORS))]
    near = np.array([50.0])
    if rng.uniform() < 0.5:
        return [Shape(capsule([[x, -2.0]], [[x + rng.normal(0, 0.15), 3.5]], rng.uniform(0.05, 0.10), 0.08), color,
                      near, PARTS["other"])]
    return [Shape(ellipse([[x + rng.normal(0, 0.25), rng.uniform(0.0, 1.2)]], rng.uniform(0.10, 0.22), 0.10,
                          angle=rng.uniform(0, 3)), color, near, PARTS["other"])
            for _ in range(3)]

"""Draw things on the stage: small ones that can be carried, a seat to sit on and a door to strike."""
import numpy as np

from .actors import COLORS
from .drawing import Shape, capsule, ellipse, light, mix, shade, solid

PROPS = ("ball", "teddy", "plant", "present", "lantern", "bucket")
"""What may stand on the floor or be carried; each about 0.3 m tall."""


def _box(center, width, height, *, round_off=0.15):
    """Outline of an upright box with slightly cut corners, half sizes in metres, around (T, 2)."""
    r = round_off * min(width, height)
    corners = np.array([(-width + r, -height), (width - r, -height), (width, -height + r), (width, height - r),
                        (width - r, height), (-width + r, height), (-width, height - r), (-width, -height + r)])
    return np.atleast_2d(center)[:, None] + corners


def draw_prop(kind, color, center, depth, part=0):
    """Return shapes of a prop whose middle is at `center` (T, 2) metres, 0.13 m above what it stands on."""
    center = np.atleast_2d(center)
    depth = np.broadcast_to(depth, len(center))
    paint = COLORS[color]

    def at(x, y):
        return center + np.array([x, y])

    shapes = []

    def body(*outlines, color=paint, bulk=0.08):
        layer = depth + len(shapes) * 1e-5
        shapes.extend(solid(outlines, color, layer, part=part, bulk=bulk))

    def mark(outline, color):
        shapes.append(Shape(outline, color, depth + len(shapes) * 1e-5))

    if kind == "ball":
        body(ellipse(center, 0.14, 0.14), bulk=0.14)
        mark(ellipse(center, 0.13, 0.045, angle=0.5), mix(paint, (255, 255, 255), 0.75))
    elif kind == "teddy":
        body(*(ellipse(at(x, 0.135), 0.045, 0.045) for x in (0.085, -0.085)))
        body(*(ellipse(at(x, -0.06), 0.045, 0.06) for x in (0.12, -0.12)),
             *(ellipse(at(x, -0.13), 0.055, 0.045) for x in (0.07, -0.07)))
        body(ellipse(at(0, -0.05), 0.10, 0.10))
        body(ellipse(at(0, 0.075), 0.105, 0.09))
        mark(ellipse(at(0, 0.05), 0.05, 0.038), light(paint))
        for x, y in ((0, 0.062), (0.04, 0.10), (-0.04, 0.10)):
            mark(ellipse(at(x, y), 0.015, 0.015, corners=8), (50, 34, 36))
    elif kind == "plant":
        leaves = ((-1.0, 0.17), (-0.5, 0.22), (0.0, 0.24), (0.5, 0.21), (1.0, 0.16))
        body(*(capsule(at(0, -0.02), at(reach * np.sin(turn), reach * np.cos(turn)), 0.025, 0.045)
               for turn, reach in leaves), color=(92, 146, 78), bulk=0.05)
        body(center[:, None] + np.array([(-0.10, 0.0), (0.10, 0.0), (0.075, -0.13), (-0.075, -0.13)]))
        body(_box(center, 0.115, 0.025), bulk=0.03)
    elif kind == "present":
        ribbon = mix(paint, (255, 250, 235), 0.8)
        body(_box(at(0, -0.01), 0.14, 0.12), bulk=0.12)
        mark(_box(at(0, -0.01), 0.026, 0.118), ribbon)
        mark(_box(center, 0.138, 0.024), ribbon)
        body(*(ellipse(at(x, 0.135), 0.055, 0.034, angle=9 * x) for x in (0.055, -0.055)), color=ribbon, bulk=0.03)
    elif kind == "lantern":
        body(*(capsule(at(x, 0.12), at(0, 0.19), 0.012, 0.012) for x in (-0.06, 0.06)), bulk=0.012)
        body(_box(at(0, -0.01), 0.095, 0.125))
        mark(_box(at(0, -0.015), 0.066, 0.075, round_off=0.5), (250, 196, 112))
        mark(ellipse(at(0, -0.025), 0.032, 0.05), (255, 246, 214))
    else:
        body(center[:, None] + np.array([(-0.125, 0.11), (0.125, 0.11), (0.09, -0.13), (-0.09, -0.13)]), bulk=0.11)
        mark(ellipse(at(0, 0.11), 0.125, 0.035), light(paint))
        mark(ellipse(at(0, 0.107), 0.105, 0.025), shade(paint))
    return shapes


def draw_seat(color, center, depth, size, part=0):
    """Return a padded stool; `center` (2,): the middle of its foot on the floor, metres; `size` as the puppet's."""
    paint, wood = COLORS[color], (150, 104, 68)
    at = np.asarray(center, float)[None]
    depth = np.atleast_1d(depth)
    shapes = []
    for x in (-0.17, 0.17, -0.10, 0.10):
        back = 0.07 if abs(x) < 0.15 else 0.0
        leg = capsule(at + [x * 0.8 * size, 0.34 * size], at + [x * size, 0.02 + back], 0.024, 0.020)
        color = mix(wood, (60, 40, 40), 0.35) if back else wood
        shapes += solid([leg], color, depth - (1e-3 if back else 0), part=part, bulk=0.02, gloss=False)
    cushion = capsule(at + [-0.15 * size, 0.36 * size], at + [0.15 * size, 0.36 * size], 0.055, 0.055)
    shapes += solid([cushion], paint, depth + 1e-3, part=part, bulk=0.05)
    return shapes


def draw_door(color, edge, sign, depth, part=0):
    """Return a standing door, its near edge at `edge` (2,) on the floor, receding to the side of `sign` (±1)."""
    paint = COLORS[color]
    depth = np.atleast_1d(depth)

    def panel(x0, x1, low, high):
        """Part of the face of the door: shares of its width and height."""
        def corner(x, y):
            bottom, top = 0.10 * x, 1.86 - 0.10 * x
            return (edge[0] + sign * 0.46 * x, edge[1] + bottom + (top - bottom) * y)
        return np.array([[corner(x0, low), corner(x1, low), corner(x1, high), corner(x0, high)]])

    thick = np.array([[(0, 0), (-sign * 0.05, 0.015), (-sign * 0.05, 1.845), (0, 1.86)]]) + edge
    shapes = [Shape(panel(0, 1, 0, 1), paint, depth, part), Shape(thick, shade(paint), depth, part)]
    for low, high in ((0.08, 0.44), (0.54, 0.92)):
        shapes.append(Shape(panel(0.14, 0.86, low, high), mix(paint, shade(paint), 0.55), depth + 1e-4))
        shapes.append(Shape(panel(0.20, 0.86, low, high - 0.02), mix(paint, light(paint), 0.35), depth + 2e-4))
    knob = np.array([[edge[0] + sign * 0.40, edge[1] + 0.90]])
    return shapes + [Shape(ellipse(knob, 0.025, 0.025, corners=10), COLORS["yellow"], depth + 3e-4)]

"""Draw hair and headwear: a cap bounded by a hairline, and what grows, hangs or is wound around it."""
import numpy as np

from .actors import COLORS, HAIRS, LOOKS
from .drawing import Shape, capsule, ellipse, light, mix, shade, solid

# Where the cap ends, degrees above the middle of the head: over the brow, at the temples, behind; and its fullness.
_CAPS = LOOKS["caps"]


def _after(points, lag=0.72):
    """How far something loose trails behind the points (T, 2) it hangs from."""
    trail = np.zeros_like(points)
    for t in range(1, len(points)):
        trail[t] = lag * trail[t - 1] - (points[t] - points[t - 1])
    return trail


def draw_hair(body, part):
    """Return shapes of the actor's hair: most of it over the face's rim, the long parts behind the head."""
    actor, size = body.actor, body.head_size
    style = actor.hair
    if style == "bald":
        return []
    color = HAIRS[actor.hair_color]
    if style in ("scarf", "turban"):        # cloth, to match the dress or the shoes
        color = mix(COLORS[actor.top_color if style == "scarf" else actor.shoes], (255, 255, 255), 0.2)
    head = body.joints["head"]
    depth = head[:, 2] + 0.03
    behind = np.minimum(head[:, 2], body.joints["chest"][:, 2]) - 0.12
    trail = _after(head[:, :2])
    shapes = []

    def on(azimuth, elevation, radius=1.0):
        return body.on_head([azimuth], [elevation], radius)[:, 0, :]

    def grow(outline, bulk, where, paint=color, **options):
        shapes.extend(solid([outline], paint, where, part=part, bulk=bulk * size, **{"gloss": False} | options))

    def lump(center, width, height, where, *, corners=16):
        grow(ellipse(center[:, :2], width * size, height * size, corners=corners), 0.5 * width, where)

    if style in ("bob", "long", "afro", "scarf"):
        low = {"bob": -0.45, "long": -1.45, "afro": -0.1, "scarf": -0.75}[style]
        full = {"bob": 1.10, "long": 1.02, "afro": 1.45, "scarf": 1.02}[style]
        end = head[:, :2] + np.array([0, low * size]) + 0.5 * trail
        grow(capsule(head[:, :2], end, full * size, 0.85 * full * size, corners=15), 0.5, behind,
             mix(color, shade(color), 0.5))
    if style in ("ponytail", "braid"):
        root, drop = on(165, 38 if style == "ponytail" else -20, 1.05), 1.35 if style == "ponytail" else 1.9
        end = root[:, :2] + np.array([0, -drop * size]) + 0.9 * trail - 0.35 * size * np.array([np.sin(body.facing), 0])
        grow(capsule(root[:, :2], end, 0.36 * size, 0.17 * size), 0.3, behind)
    if style == "bun":
        top = on(180, 62, 1.28)
        lump(top + np.pad(0.2 * trail, ((0, 0), (0, 1))), 0.42, 0.40,
             np.where(top[:, 2] > head[:, 2], depth + 0.02, behind))
    if style == "puffs":
        for side in (1, -1):
            lump(on(side * 75, 48, 1.28), 0.52, 0.50, behind)
    if style == "spikes":
        for turn in np.linspace(12, 168, 7):
            way = np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))])
            grow(capsule(head[:, :2] + 0.85 * size * way, head[:, :2] + 1.42 * size * way, 0.30 * size, 0.03 * size),
                 0.2, behind)
    if style == "flat_top":
        left, right = (head[:, :2] + size * np.array([x, 1.05]) for x in (-0.62, 0.62))
        grow(capsule(left, right, 0.38 * size, 0.38 * size), 0.3, behind)

    shapes += _cap(body, _CAPS[style], color, depth, part)

    if style == "curls":
        for azimuth, elevation in ((-70, 20), (-45, 36), (-15, 42), (15, 42), (45, 36), (70, 20), (-60, 55), (0, 66),
                                   (60, 55), (95, 0), (-95, 0)):
            spot = on(azimuth, elevation, 1.1)
            lump(spot, 0.30, 0.28, np.where(spot[:, 2] > head[:, 2] - 0.3 * size, depth + 0.01, behind), corners=10)
    if style == "quiff":
        tuft = capsule(on(-30, 52, 1.12)[:, :2], on(24, 56, 1.30)[:, :2], 0.26 * size, 0.34 * size)
        grow(tuft, 0.25, depth + 0.01, gloss=True)
    if style == "braids":
        for side in (1, -1):
            root = on(side * 92, -14, 1.05)
            end = root[:, :2] + np.array([side * 0.12 * np.cos(body.facing) * size, -1.25 * size]) + 0.8 * trail
            near = np.where(root[:, 2] > head[:, 2] - 0.4 * size,
                            np.maximum(depth, body.joints["chest"][:, 2] + 0.06), behind)
            for k, share in enumerate(np.linspace(0, 1, 5)):
                spot = root[:, :2] * (1 - share) + end * share
                grow(ellipse(spot, (0.24 - 0.02 * k) * size, 0.22 * size, corners=10), 0.12, near + k * 1e-4)
            shapes.append(Shape(ellipse(end - [0, 0.2 * size], 0.12 * size, 0.14 * size, corners=8), COLORS["red"],
                                near + 1e-3, part))
    if style == "turban":
        for lift in (0.0, 16, 30):
            line = np.linspace(-62, 62, 9) - np.degrees(body.facing)
            dip = 12 * np.cos(np.radians(np.linspace(-90, 90, 9))) * (1 if lift else 0.4)
            path = body.on_head(line, 28 + lift + dip, 1.19)
            outline = np.concatenate([path[..., :2], (path[..., :2] + [0, 0.07 * size])[:, ::-1]], 1)
            shapes.append(Shape(outline, shade(color), depth + 0.01, 0, False))
    if style == "scarf":
        chin = body.joints["neck"][:, :2] + [0, 0.02]
        grow(ellipse(chin, 0.62 * size, 0.40 * size), 0.3, body.joints["chest"][:, 2] + 0.015)
    return shapes


def _cap(body, cap, color, depth, part):
    """The hair on the skull: everything above the hairline, out to `full` head radii."""
    brow, temple, back, full = cap
    head, size = body.joints["head"], body.head_size
    view = np.linspace(-93, 93, 19)
    azimuth = view[None] - np.degrees(body.facing - body.pose.turn)[:, None]
    azimuth = (azimuth + 180) % 360 - 180
    elevation = np.interp(np.abs(azimuth), [0, 42, 68, 92, 130, 180], [brow + 3, brow, 0.45 * brow + 0.55 * temple,
                                                                       temple, 0.5 * (temple + back), back])
    shapes = []
    for layer, (radius, paint, lift) in enumerate(((1.0, shade(color), 0.0), (0.95, color, 1.5),
                                                   (0.80, mix(color, light(color), 0.3), 14))):
        line = body.on_head(azimuth, elevation + lift, 1.03)[..., :2]
        spread = line[:, [0, -1]] - head[:, None, :2]
        first = np.arctan2(spread[:, 1, 1], spread[:, 1, 0])
        last = np.arctan2(spread[:, 0, 1], spread[:, 0, 0])
        last = np.where(last < first, last + 2 * np.pi, last)
        turn = first[:, None] + (last - first)[:, None] * np.linspace(0, 1, 17)
        reach = size * (1 + (full - 1) * np.clip(0.35 + np.sin(turn), 0, 1)) * radius
        arc = head[:, None, :2] + reach[..., None] * np.stack([np.cos(turn), 1.07 * np.sin(turn)], -1)
        if layer == 2:      # a soft gleam near the crown, not a second cap
            center = head[:, :2] + size * np.array([-0.30, 0.62 + 0.9 * (full - 1)])
            shapes.append(Shape(ellipse(center, 0.34 * size, 0.15 * size, angle=0.45, corners=12), paint,
                                depth + 2e-4, 0))
            continue
        shapes.append(Shape(np.concatenate([line, arc], 1), paint, depth + layer * 1e-4, part if layer == 0 else 0,
                            False))
    return shapes

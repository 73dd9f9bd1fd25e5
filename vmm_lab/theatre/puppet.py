"""Turn joints into shapes: limbs, clothes and hair of one actor over all frames of a clip."""
import numpy as np

from .actors import COLORS, SKINS
from .drawing import Shape, capsule, ellipse, mix, shade, solid
from .face import draw_face
from .hair import draw_hair
from .skeleton import HIP, KEYPOINTS, SHOULDER, lean

PARTS = {"head": 1, "trunk": 2, "left_arm": 3, "right_arm": 4, "left_leg": 5, "right_leg": 6, "hair": 7, "other": 8}


def draw_puppet(body, expression, openness, *, parts=PARTS):
    """Return all shapes of a puppet; `openness` (T,) of the eyes. Another puppet passes its own `parts`."""
    actor = body.actor
    shapes = _trunk(body, parts["trunk"])
    for side in ("left", "right"):
        shapes += _leg(body, side, parts[f"{side}_leg"]) + _arm(body, side, parts[f"{side}_arm"])
    skin = SKINS[actor.skin]
    joints, size = body.joints, body.size
    neck = capsule(joints["neck"][:, :2] - [0, 0.05 * size], joints["head"][:, :2], 0.055 * size, 0.055 * size)
    shapes.append(Shape(neck, shade(skin), joints["chest"][:, 2] + 0.01, parts["head"]))
    shapes += draw_face(body, expression, openness, parts["head"])
    shapes += draw_hair(body, parts["hair"])
    return shapes


def _limb(body, names, radii, color, depth, part, *, cut=1.0):
    """A chain of tapered pieces through the named joints; `cut` ends the last piece early."""
    points = [body.joints[name][:, :2] for name in names]
    points[-1] = points[-2] + (points[-1] - points[-2]) * cut
    radii = [r * body.size for r in radii]
    radii[-1] = radii[-2] + (radii[-1] - radii[-2]) * cut
    pieces = [capsule(a, b, r, s) for a, b, r, s in zip(points, points[1:], radii, radii[1:])]
    return solid(pieces, color, depth, part=part, bulk=max(radii), gloss=False)


def _arm(body, side, part):
    actor, joints, size = body.actor, body.joints, body.size
    skin = SKINS[actor.skin]
    names = [f"{side}_{joint}" for joint in ("shoulder", "elbow", "wrist")]
    depth = (joints[names[1]][:, 2] + joints[names[2]][:, 2]) / 2 + 0.03
    forearm = joints[names[2]][:, :2] - joints[names[1]][:, :2]
    hand = joints[names[2]][:, :2] + 0.12 * forearm
    shapes = _limb(body, names, (0.055, 0.047, 0.040), skin, depth, part)
    shapes += solid([ellipse(hand, 0.056 * size, 0.056 * size, corners=12)], skin, depth + 1e-3, part=part,
                    bulk=0.05 * size, gloss=False)
    cloth = COLORS["white" if actor.top == "dungarees" else actor.top_color]
    if actor.top in ("hoodie", "stripes"):
        shapes += _limb(body, names, (0.070, 0.060, 0.054), cloth, depth + 5e-4, part, cut=0.86)
    else:
        shapes += _limb(body, names[:2], (0.072, 0.066), cloth, depth + 5e-4, part, cut=0.72)
    return shapes


def _leg(body, side, part):
    actor, joints, size = body.actor, body.joints, body.size
    names = [f"{side}_{joint}" for joint in ("hip", "knee", "ankle")]
    hip, knee = joints[names[0]], joints[names[1]]
    # Under the shirt and the skirt, the nearer leg over the other; a raised knee comes out in front.
    depth = joints["chest"][:, 2] - 0.06 + 0.05 * (knee[:, 2] - joints["pelvis"][:, 2])
    depth = np.where(knee[:, 1] > hip[:, 1] - 0.20 * size, np.maximum(depth, joints["chest"][:, 2] + 0.02), depth)
    cloth = COLORS[actor.bottom_color]
    shapes = []
    if actor.bottom == "trousers":
        shapes += _limb(body, names, (0.088, 0.072, 0.060), cloth, depth, part, cut=0.95)
    else:
        shapes += _limb(body, names, (0.078, 0.062, 0.046), SKINS[actor.skin], depth, part)
        if actor.bottom == "shorts":
            shapes += _limb(body, names[:2], (0.094, 0.092), cloth, depth + 5e-4, part, cut=0.75)
    heel, toe = joints[names[2]][:, :2] - [0, 0.012 * size], joints[f"{side}_toe"][:, :2]
    shoe = COLORS[actor.shoes]
    shapes.append(Shape(capsule(heel - [0, 0.02 * size], toe - [0, 0.012 * size], 0.058 * size, 0.050 * size),
                        shade(shade(shoe)), depth + 8e-4, part))
    shapes += solid([capsule(heel, toe, 0.060 * size, 0.048 * size)], shoe, depth + 1e-3, part=part, bulk=0.05 * size,
                    gloss=False)
    return shapes


def _on_trunk(body, azimuth, height):
    """Points on the front of the trunk: degrees from the breastbone as the viewer sees it, metres above the hips."""
    azimuth, height = np.broadcast_arrays(np.radians(azimuth), np.asarray(height, float))
    seen = azimuth - body.facing
    share = np.clip(height / SHOULDER, 0, 1)
    wide = (0.125 + 0.045 * share) * body.actor.build
    deep = (0.125 + 0.010 * share) * body.actor.build
    local = np.stack([deep * np.cos(seen), wide * np.sin(seen), height], -1)
    count = len(body.pose.pitch)
    local = np.broadcast_to(local, (count, *local.shape))
    pelvis = body.pose.pelvis + np.array([0, 0, HIP])
    return body.plane(pelvis[:, None] + lean(local, body.pose.pitch, body.pose.roll))[..., :2]


def _trunk(body, part):
    actor, joints, size = body.actor, body.joints, body.size
    color = COLORS["white" if actor.top == "dungarees" else actor.top_color]
    depth = joints["chest"][:, 2]
    wide = actor.build * size
    left, right = joints["left_shoulder"][:, :2], joints["right_shoulder"][:, :2]
    drop = np.array([0, 0.035 * size])
    pieces = [
        capsule(left - drop, right - drop, 0.072 * size, 0.072 * size),
        capsule(joints["chest"][:, :2], joints["pelvis"][:, :2], 0.150 * wide, 0.128 * wide),
    ]
    shapes = []
    if actor.bottom != "skirt":
        hips = COLORS[actor.bottom_color]
        shapes += solid([capsule(joints["left_hip"][:, :2], joints["right_hip"][:, :2], 0.098 * size, 0.098 * size)],
                        hips, depth - 0.02, part=part, bulk=0.09 * size, gloss=False)
    shapes += solid(pieces, color, depth, part=part, bulk=0.13 * wide)
    view = np.linspace(-80, 80, 9)

    def band(low, high, paint, layer, span=view):
        outline = np.concatenate([_on_trunk(body, span, low), _on_trunk(body, span[::-1], high)], 1)
        shapes.append(Shape(outline, paint, depth + layer * 1e-4, 0, False))

    if actor.top == "stripes":
        for low in (0.03, 0.14, 0.25):
            band(low, low + 0.05, COLORS["white"], 2)
    elif actor.top == "hoodie":
        band(-0.06, -0.01, shade(color), 2)
        front = np.degrees(body.facing) + np.linspace(-38, 38, 5)
        band(0.06, 0.16, mix(color, shade(color), 0.45), 2, front)
    elif actor.top == "dungarees":
        cloth = COLORS[actor.top_color]
        front = np.degrees(body.facing) + np.linspace(-46, 46, 6)
        band(-0.08, 0.08, cloth, 2)
        band(0.06, 0.27, cloth, 3, front)
        for edge in (-40, 40):
            band(0.26, 0.42, cloth, 3, np.degrees(body.facing) + edge + np.linspace(-8, 8, 3))
        band(0.12, 0.19, mix(cloth, shade(cloth), 0.6), 4, np.degrees(body.facing) + np.linspace(-20, 20, 4))
    elif actor.top == "dress":
        band(0.02, 0.06, shade(color), 4)
    if actor.bottom == "skirt":
        shapes += _skirt(body, part, depth)
    return shapes


def _skirt(body, part, depth):
    """A skirt hangs from the hips around both thighs and swings a little after them."""
    joints, size, color = body.joints, body.size, COLORS[body.actor.bottom_color]
    hem = [joints[f"{s}_hip"][:, :2] * 0.22 + joints[f"{s}_knee"][:, :2] * 0.78 for s in ("left", "right")]
    middle = (hem[0] + hem[1]) / 2
    swing = np.zeros(len(middle))
    for t in range(1, len(middle)):
        swing[t] = 0.8 * swing[t - 1] - 0.35 * (middle[t, 0] - middle[t - 1, 0])
    hem = [point + np.stack([swing, np.zeros_like(swing)], -1) for point in hem]
    top = [joints[f"{s}_hip"][:, :2] for s in ("left", "right")]
    pieces = [capsule(a, b, 0.112 * size, 0.128 * size) for a, b in zip(top, hem)]
    shapes = solid(pieces, color, depth - 0.01, part=part, bulk=0.11 * size, gloss=False)
    between = Shape(np.stack([top[0], hem[0], hem[1], top[1]], 1), color, depth - 0.01, part, False)
    raised = np.maximum(joints["left_knee"][:, 1] - top[0][:, 1], joints["right_knee"][:, 1] - top[1][:, 1])
    depth = depth + np.where(raised > -0.20 * size, 0.03, -0.01)
    return [shape._replace(depth=depth) for shape in shapes + [between]]


_SEEN_ON = {"shoulder": ("trunk", "arm"), "elbow": ("arm",), "wrist": ("arm",), "hip": ("trunk", "leg"),
            "knee": ("leg",), "ankle": ("leg",)}


def visibility(pixels, part_map):
    """COCO visibility (T, 17): 2 seen, 1 hidden behind something, 0 outside the picture.

    `pixels`: keypoints (T, 17, 2) x, y; `part_map`: uint8 (T, H, W) from `paint`.
    """
    count, height, width = part_map.shape
    column, row = np.round(pixels[..., 0]).astype(int), np.round(pixels[..., 1]).astype(int)
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    found = part_map[np.arange(count)[:, None], row.clip(0, height - 1), column.clip(0, width - 1)]
    seen = np.zeros_like(inside)
    for k, name in enumerate(KEYPOINTS):
        if k < 5:
            allowed = [PARTS["head"]]
        else:
            side, joint = name.split("_")
            allowed = [PARTS["trunk"] if p == "trunk" else PARTS[f"{side}_{p}"] for p in _SEEN_ON[joint]]
        seen[:, k] = np.isin(found[:, k], allowed)
    return np.where(inside, np.where(seen, 2, 1), 0)

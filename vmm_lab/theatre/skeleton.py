"""Turn a pose over time into the joints of a puppet: two-bone inverse kinematics, then a turn towards the viewer.

Body frame: f forwards, l to the puppet's own left, u upwards, metres for a puppet of 1.70 m, origin on the floor.
Plane frame: x to the right of the picture, y upwards, z towards the viewer.
"""
from dataclasses import dataclass

import numpy as np

USUAL_HEIGHT = 1.70
HIP, SHOULDER, NECK, HEAD = 0.74, 0.40, 0.45, 0.68      # above the floor, then above the pelvis
UPPER_ARM, FOREARM = 0.27, 0.25
THIGH, SHIN = 0.36, 0.34
ANKLE = 0.07
HEAD_RADIUS = 0.235
TILT = 0.16     # how much the floor rises in the picture per metre away from the viewer

KEYPOINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)
"""The 17 keypoints of COCO, in its order; left is the puppet's own left."""


@dataclass
class Pose:
    """Hold a pose over T frames; angles in radians, lengths in metres. Sides are ordered left, right."""

    pelvis: np.ndarray      # (T, 3) away from standing upright
    pitch: np.ndarray       # (T,) the trunk leans forwards
    roll: np.ndarray        # (T,) the trunk leans to its left
    nod: np.ndarray         # (T,) the head looks down
    tilt: np.ndarray        # (T,) the head leans to its left
    turn: np.ndarray        # (T,) the head turns to its left
    hands: np.ndarray       # (T, 2, 3) wrist, from the shoulder
    feet: np.ndarray        # (T, 2, 3) ankle, on the floor frame
    toes: np.ndarray        # (T, 2) the foot points down
    travel: np.ndarray      # (T,) way gone forwards


def standing(count):
    """Return a puppet at rest for `count` frames: feet apart, arms hanging."""
    def still(*shape):
        return np.zeros((count, *shape))

    hands = np.tile([[0.03, 0.10, -0.46], [0.03, -0.10, -0.46]], (count, 1, 1))
    feet = np.tile([[0.0, 0.11, ANKLE], [0.0, -0.11, ANKLE]], (count, 1, 1))
    return Pose(still(3), still(), still(), still(), still(), still(), hands, feet, still(2), still())


def _bend(root, target, upper, lower, hint):
    """Middle joint and end (T, 3) of two bones that reach from root towards target, bending towards `hint`."""
    reach = target - root
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    direction = reach / np.maximum(distance, 1e-6)
    distance = np.clip(distance, abs(upper - lower) + 0.02, (upper + lower) * 0.998)
    along = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(upper**2 - along**2, 0))
    aside = hint - (hint * direction).sum(-1, keepdims=True) * direction
    aside /= np.maximum(np.linalg.norm(aside, axis=-1, keepdims=True), 1e-6)
    return root + direction * along + aside * height, root + direction * distance


def lean(points, pitch, roll):
    """Lean (T, …, 3) forwards, then to the left."""
    expand = (slice(None),) + (None,) * (points.ndim - 2)
    f, l, u = points[..., 0], points[..., 1], points[..., 2]
    c, s = np.cos(pitch)[expand], np.sin(pitch)[expand]
    f, u = f * c + u * s, u * c - f * s
    c, s = np.cos(roll)[expand], np.sin(roll)[expand]
    return np.stack([f, l * c + u * s, u * c - l * s], -1)


class Body:
    """Hold the joints of one actor in one pose, in the plane frame: `joints[name]` is (T, 3) metres, x, y, z."""

    def __init__(self, pose, actor, *, facing, place=(0.0, 0.0)):
        """`facing`: radians, 0 looks at the viewer, positive to the right of the picture; `place`: x, z metres."""
        self.actor, self.pose = actor, pose
        self.size = actor.height / USUAL_HEIGHT
        self.facing, self.place = facing, place
        count = len(pose.pitch)
        pelvis = np.array([0, 0, HIP]) + pose.pelvis

        def trunk(l, u):
            return pelvis + lean(np.tile([0.0, l, u], (count, 1)), pose.pitch, pose.roll)

        width = actor.build
        inner = {"pelvis": pelvis, "chest": trunk(0, SHOULDER - 0.09), "neck": trunk(0, NECK),
                 "head": trunk(0, NECK) + lean(np.tile([0.02, 0.0, HEAD - NECK], (count, 1)),
                                                  0.6 * pose.pitch + 0.35 * pose.nod, pose.roll + pose.tilt)}
        for k, side in enumerate(("left", "right")):
            sign = 1 - 2 * k
            shoulder = trunk(sign * 0.165 * width, SHOULDER)
            hip = trunk(sign * 0.085 * width, 0.0)
            elbow, wrist = _bend(shoulder, shoulder + pose.hands[:, k], UPPER_ARM, FOREARM,
                                 np.array([-0.7, sign * 0.55, -0.45]))
            knee, ankle = _bend(hip, pose.feet[:, k], THIGH, SHIN, np.array([1.0, sign * 0.18, 0.0]))
            toe = ankle + np.stack([0.13 * np.cos(pose.toes[:, k]), np.full(count, sign * 0.03),
                                    -0.13 * np.sin(pose.toes[:, k]) - 0.02], -1)
            inner |= {f"{side}_shoulder": shoulder, f"{side}_elbow": elbow, f"{side}_wrist": wrist,
                      f"{side}_hip": hip, f"{side}_knee": knee, f"{side}_ankle": ankle, f"{side}_toe": toe}
        self.joints = {name: self.plane(point) for name, point in inner.items()}

    def plane(self, points):
        """Body frame (T or 1, …, 3) for a puppet of usual height → plane frame of this one."""
        expand = (slice(None),) + (None,) * (points.ndim - 2)
        f = (points[..., 0] + self.pose.travel[expand]) * self.size
        l, u = points[..., 1] * self.size, points[..., 2] * self.size
        x = self.place[0] + l * np.cos(self.facing) + f * np.sin(self.facing)
        z = self.place[1] + f * np.cos(self.facing) - l * np.sin(self.facing)
        return np.stack([x, u - TILT * z, z], -1)

    def on_head(self, azimuth, elevation, radius=1.0):
        """Return head points (T, K, 3), degrees left and above of the nose (T or 1, K), `radius` in its radii."""
        azimuth, elevation = np.broadcast_arrays(np.atleast_2d(np.radians(azimuth)),
                                                 np.atleast_2d(np.radians(elevation)))
        local = np.stack([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth),
                          np.sin(elevation)], -1) * radius
        count = len(self.pose.nod)
        local = np.broadcast_to(local, (count, *local.shape[1:]))
        narrow = 1 + (self.actor.jaw - 1) * np.clip(-np.sin(elevation), 0, 1)[..., None]
        local = local * np.concatenate([narrow, narrow, np.full_like(narrow, 1.07)], -1)
        turned = lean(local, 0.75 * self.pose.pitch + self.pose.nod, self.pose.roll + self.pose.tilt)
        angle = (self.facing - self.pose.turn)[:, None]
        f, l, u = turned[..., 0], turned[..., 1], turned[..., 2]
        size = HEAD_RADIUS * self.actor.head * self.size
        x, z = l * np.cos(angle) + f * np.sin(angle), f * np.cos(angle) - l * np.sin(angle)
        return self.joints["head"][:, None] + size * np.stack([x, u - TILT * z, z], -1)

    @property
    def head_size(self):
        """Radius of the head, metres."""
        return HEAD_RADIUS * self.actor.head * self.size

    def keypoints(self):
        """Return the 17 COCO keypoints in the plane frame, (T, 17, 3)."""
        spread = 21 * self.actor.spacing
        face = self.on_head([0, spread, -spread, 90, -90], [-6, 3, 3, 0, 0], 1.0)
        return np.concatenate([face, np.stack([self.joints[name] for name in KEYPOINTS[5:]], 1)], 1)

"""Perform a motion: a rhythm (which frames count) and a pose that keeps to it.

A motion gets a random stream and returns the pose over time, where the puppet stands and faces, what it handles, and
the beats: the frames at which something could be heard. The beats are drawn first and by the rhythm alone, so that
motions of one rhythm are heard at the same times.
"""
from dataclasses import dataclass

import numpy as np

from .skeleton import Pose
from .stagings import FPS, FRAMES, STAGINGS, idle


@dataclass
class Performance:
    """Hold a motion as performed: see `perform`."""

    pose: Pose
    beats: np.ndarray               # int (B,): frames at which something happens that may be heard
    facing: float                   # radians, 0 looks at the viewer, positive to the right of the picture
    place: tuple                    # x, z metres
    furniture: str | None = None    # seat, door: what the motion needs on the stage
    held: np.ndarray | None = None  # bool (T,): the prop is in the hands


def _rhythm(kind, rng):
    """The beats of a rhythm and its period, in frames. A reversal in time leaves the "shift" rhythm as it is."""
    if kind == "steps":
        period = int(rng.integers(10, 14))
        return np.arange(rng.integers(1, period), FRAMES - 1, period), period
    if kind == "landings":
        period = int(rng.integers(20, 25))
        first = int(rng.integers(13, 20))
        return np.arange(first, FRAMES - 2, period), period
    if kind == "claps":
        period = int(rng.integers(8, 13))
        return np.arange(rng.integers(4, 10), FRAMES - 3, period), period
    if kind == "strikes":
        period = int(rng.integers(9, 12))
        return rng.integers(10, 17) + period * np.arange(3), period
    if kind == "bursts":
        period = int(rng.integers(7, 10))
        return rng.integers(9, 15) + period * np.arange(4), period
    if kind == "shift":
        return np.array([rng.integers(22, FRAMES - 22)]), int(rng.integers(20, 29))
    return np.array([], int), int(rng.integers(9, 13))       # no beat that could be heard


# picture → rhythm, how far it turns from the viewer at least and at most (radians)
_MOTIONS = {
    "walk": ("steps", 0.75, 1.15), "march": ("steps", 0.0, 1.1),
    "jump": ("landings", 0.0, 0.9), "star_jump": ("landings", 0.0, 0.9),
    "clap": ("claps", 0.0, 0.9), "bow": ("quiet", 0.0, 1.0),
    "sit": ("shift", 0.45, 1.0), "lift": ("shift", 0.5, 1.0),
    "strike": ("strikes", 0.9, 1.2), "wave": ("quiet", 0.0, 0.8),
    "shake": ("bursts", 0.0, 0.8),
}

PICTURES = tuple(_MOTIONS)


def perform(picture, rng, *, freedom=1.0):
    """Perform a motion for FRAMES frames at FPS frames per second, drawing its variety from `rng`.

    `freedom`, 0 to 1: how far the puppet may be from the middle and turn as it likes.
    """
    kind, least, most = _MOTIONS[picture]
    beats, period = _rhythm(kind, rng)
    pose = idle(rng)
    facing = (least + (most - least) * freedom * rng.uniform()) * rng.choice([-1, 1])
    place = (freedom * rng.uniform(-0.25, 0.25), freedom * rng.uniform(-0.25, 0.25))
    t = np.arange(FRAMES)
    STAGINGS[picture](pose, t, beats, period, rng)
    pose.turn[:] += 0.38 * facing       # puppets play to the house
    held = t >= beats[0] if picture == "lift" else None
    furniture = {"sit": "seat", "strike": "door"}.get(picture)
    return Performance(pose, beats, float(facing), place, furniture, held)


__all__ = ["FPS", "FRAMES", "PICTURES", "Performance", "idle", "perform"]

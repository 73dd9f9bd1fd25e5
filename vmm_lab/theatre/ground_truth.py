"""Write the ground truth of a clip next to its film, and read it back by the film's path."""
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files import atomic_path

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Truth:
    """Hold what was rendered in T frames; positions are pixels of the 128×128 picture, x to the right, y downwards."""

    keypoints: np.ndarray       # float32 (T, 17, 3): x, y, 2 seen, 1 hidden or 0 outside; order of KEYPOINTS
    boxes: np.ndarray           # float32 (T, 4): left, top, right, bottom of the puppet, hidden parts included
    events: np.ndarray          # float64 (E,): seconds at which a foot lands, hands meet, a door is struck …
    heard: str                  # the sound at the events, "quiet" where the microphone missed it or there is none
    expression: str


def write_truth(path, found):
    """Write a Truth next to the film `path` (pathlib.Path): there as a whole or not at all."""
    with atomic_path(path.with_suffix(".npz")) as part:
        np.savez_compressed(part, keypoints=found.keypoints, boxes=found.boxes, events=found.events,
                            heard=np.array(found.heard), expression=np.array(found.expression))


def truth(path: "str | os.PathLike | pd.Series") -> Truth:
    """Return the exact ground truth of a rendered clip, from its path (or a row of the table).

    Returns a Truth: keypoints, boxes, event times, the sound played and the expression. Raises ValueError if `path` is
    no clip of the theatre.

    >>> from vmm_lab import theatre
    >>> theatre.truth("no_such_clip.mp4")
    Traceback (most recent call last):
    ValueError: there is no ground truth next to no_such_clip.mp4: give a path from the table of theatre.render.
    """
    path = Path(path if isinstance(path, (str, os.PathLike)) else path["path"])
    sidecar = path.with_suffix(".npz")
    if not sidecar.is_file():
        raise ValueError(f"there is no ground truth next to {path}: give a path from the table of theatre.render.")
    with np.load(sidecar, allow_pickle=False) as found:
        return Truth(found["keypoints"], found["boxes"], found["events"], str(found["heard"]), str(found["expression"]))

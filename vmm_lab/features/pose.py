"""Describe how the joints of a body move: centred on the body, scaled by it, pooled over parts of the time."""
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from vmm_lab.features.base import Feature, bin_centres, segment_means
from vmm_lab.features.segment import Segment
from vmm_lab.media import MediaError, open_media
from vmm_lab.media.options import brief, check_interval, check_whole

# Of the layouts whose joints are known, by their number: hips, shoulders, and triples of which the angle in the middle
# is measured (elbows, armpits, hips, knees). 17 are those of COCO, 33 those of BlazePose.
LAYOUTS: dict[int, tuple[tuple[int, int], tuple[int, int], tuple[tuple[int, int, int], ...]]] = {
    17: ((11, 12), (5, 6), ((5, 7, 9), (6, 8, 10), (7, 5, 11), (8, 6, 12), (5, 11, 13), (6, 12, 14), (11, 13, 15),
                            (12, 14, 16))),
    33: ((23, 24), (11, 12), ((11, 13, 15), (12, 14, 16), (13, 11, 23), (14, 12, 24), (11, 23, 25), (12, 24, 26),
                              (23, 25, 27), (24, 26, 28))),
}


def filled(sequence: NDArray) -> NDArray[np.float64]:
    """Return a sequence (T, joints, D) with missing joints, NaN, filled in from the frames before and after.

    A joint that is missing in all frames lies at the mean of the others. Raises ValueError where all are missing.

    >>> filled(np.array([[[0.0, 0.0]], [[np.nan, np.nan]], [[2.0, 4.0]]]))[1].tolist()
    [[1.0, 2.0]]
    """
    sequence = np.array(sequence, np.float64)
    known = np.isfinite(sequence).all(axis=2)
    if not known.any():
        raise ValueError("there is no joint in any frame.")
    frames = np.arange(len(sequence))
    for joint in np.flatnonzero(known.any(axis=0)):
        seen = known[:, joint]
        for axis in range(sequence.shape[2]):
            sequence[:, joint, axis] = np.interp(frames, frames[seen], sequence[seen, joint, axis])
    never = ~known.any(axis=0)
    sequence[:, never] = sequence[:, ~never].mean(axis=1, keepdims=True)
    return sequence


def steady(sequence: NDArray) -> NDArray[np.float64]:
    """Return (T, joints, D) without missing joints, each number the median of three frames: no frame stands alone.

    A joint that is found somewhere else for one frame is put back; a movement over several frames stays.

    >>> steady(np.array([0.0, 9.0, 2.0, 3.0])[:, None, None]).ravel().tolist()
    [0.0, 2.0, 3.0, 3.0]
    """
    return median_filter(sequence, size=(3, 1, 1), mode="nearest")


def on_body(sequence: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return joints relative to the body, (T, joints, D), and the path of the body, (T, D), both in body lengths.

    sequence: (T, joints, D) without missing joints. Of 17 or 33 joints the middle of the hips is the origin and the
    length from there to the shoulders the unit; of other layouts the mean of all joints, and twice their mean distance
    from it. One unit serves all frames, their median. The path starts at 0.

    >>> square = np.array([[[0, 0], [2, 0], [2, 2], [0, 2.0]]])
    >>> on_body(square)[0][0, 2].round(3).tolist()
    [0.354, 0.354]
    """
    if (layout := LAYOUTS.get(sequence.shape[1])) is not None:
        hips, shoulders, _ = layout
        origin = sequence[:, hips].mean(axis=1)
        lengths = np.linalg.norm(sequence[:, shoulders].mean(axis=1) - origin, axis=1)
    else:
        origin = sequence.mean(axis=1)
        lengths = 2 * np.linalg.norm(sequence - origin[:, None], axis=2).mean(axis=1)
    unit = float(np.median(lengths)) or 1.0
    return (sequence - origin[:, None]) / unit, (origin - origin[0]) / unit


def joint_angles(sequence: NDArray) -> NDArray[np.float64]:
    """Return the angle at each joint between two bones, radians in [0, π], float64 (T, angles), of 17 or 33 joints.

    The angle at b between a and c is the arc cosine of (a - b)·(c - b) / |a - b||c - b|. Of other layouts, whose bones
    are unknown, the result is (T, 0).

    >>> bent = np.zeros((1, 17, 2))
    >>> bent[0, [5, 7, 9]] = [[0, 0], [1, 0], [1, 1]]
    >>> joint_angles(bent)[0, 0].round(3).item()  # a right angle at the left elbow
    1.571
    """
    _, _, triples = LAYOUTS.get(sequence.shape[1], (None, None, ()))
    a, b, c = (sequence[:, [triple[k] for triple in triples]] for k in range(3))
    lengths = np.linalg.norm(a - b, axis=2) * np.linalg.norm(c - b, axis=2)
    return np.arccos(np.clip(((a - b) * (c - b)).sum(axis=2) / np.maximum(lengths, 1e-9), -1, 1))


def pose_curves(sequence: NDArray) -> dict[str, NDArray[np.float64]]:
    """Return what a sequence (T, joints, D) says over time, one row each, float64 (T, d).

    "joints" and "path" as `on_body` gives them; "velocity" of both, in body lengths a frame; "angles" of known layouts;
    and of 3-D joints "distances" between each two, which do not depend on the direction that a body is seen from.

    >>> curves = pose_curves(np.random.default_rng(0).normal(0, 1, (30, 20, 3)))
    >>> {name: curve.shape[1] for name, curve in curves.items()}
    {'joints': 60, 'path': 3, 'velocity': 63, 'angles': 0, 'distances': 190}
    """
    body, path = on_body(sequence)
    everything = np.concatenate([body, path[:, None]], axis=1).reshape(len(body), -1)
    velocity = np.gradient(everything, axis=0) if len(body) > 1 else np.zeros_like(everything)
    first, second = np.triu_indices(body.shape[1] if body.shape[2] == 3 else 0, 1)
    return {"joints": everything[:, :-body.shape[2]], "path": path, "velocity": velocity, "angles": joint_angles(body),
            "distances": np.linalg.norm(body[:, first] - body[:, second], axis=2)}


def without_scores(sequence: NDArray) -> NDArray[np.float64]:
    """Return (T, joints, 2) where the third number of a joint says how well it is seen; other sequences as they are.

    It is taken for one where it lies in [0, 1], or is 0, 1 or 2 as in COCO, while x and y go over tens of pixels; a
    joint with 0 is missing.
    """
    if sequence.shape[2] == 2 or not np.isfinite(sequence).any():
        return sequence
    third, place = sequence[..., 2], sequence[..., :2]
    known = third[np.isfinite(third)]
    scores = known.min() >= 0 and (known.max() <= 1 or set(np.unique(known)) <= {0.0, 1.0, 2.0})
    if not scores or np.nanmax(place) - np.nanmin(place) < 20:
        return sequence
    return np.where((third > 0)[..., None], place, np.nan)


@dataclass(kw_only=True, eq=False, repr=False)
class PoseStatistics(Feature):
    """Represent how a body moves: joints, path, velocities and angles, averaged over parts of the time.

    parts: equal parts of the time, of which each gives the means of the joints' places, path and angles, and of the
    velocities with and without their direction; deviations and speed are also of the whole time. The joints may be of
    any layout, 2-D or 3-D; all rows of a table need the same one. Reads .npy files (frames, joints, 2 or 3); `start`
    and `end` of a row need a column `fps`. `pretrained.PoseStatistics` also finds people in pictures.
    A description is float32 (d,). Source of the pooling: Lazebnik et al., "Spatial pyramid matching", CVPR 2006, here
    over time.

    >>> poses = np.random.default_rng(0).normal(0, 1, (3, 30, 17, 2))  # three sequences of 30 frames
    >>> PoseStatistics().transform(poses).shape
    (3, 660)
    """

    modality = "pose"
    chosen_learner = True
    read_columns = ("fps",)
    version = 3
    sentence = ("PoseStatistics reads joints, steadied by medians of three frames, centred on the body and scaled by "
                "it: their places, velocities and angles, pooled over parts of the time.")

    parts: int = 5

    def check_options(self) -> None:
        check_whole(type(self).__name__, parts=self.parts)

    def check_item(self, item: Any) -> None:
        floats = isinstance(item, np.ndarray) and item.dtype.kind == "f"  # an array of bytes is a picture
        if not floats or item.ndim != 3 or item.shape[2] not in (2, 3) or not len(item):
            raise ValueError(f"{type(self).__name__} takes poses as float (frames, joints, 2 or 3), got {brief(item)}")

    def read(self, segment: Segment) -> NDArray[np.float64]:
        """Return float64 (T, joints, 2 or 3), NaN where a joint is missing; MediaError where nobody is in any frame."""
        with open_media(segment.path) as media:
            if not media.has_poses:
                raise MediaError(f"{segment.path}: is no pose sequence (.npy); vl.pretrained.PoseStatistics finds "
                                 "people in pictures, with the weights that `vmm-lab fetch` brings.")
            poses = without_scores(media.poses())
        if segment.start is not None or segment.end is not None:
            poses = poses[_piece(segment, len(poses))]
        if not np.isfinite(poses).any():
            raise MediaError(f"{segment.path}: there is no joint in any frame of it.")
        return poses

    def describe(self, poses: NDArray) -> NDArray[np.float32]:
        curves = pose_curves(steady(filled(poses)))
        pooled = [segment_means(curves[name], self.parts) for name in ("joints", "path", "angles", "distances")]
        pooled += [segment_means(moved, self.parts) for moved in (curves["velocity"], np.abs(curves["velocity"]))]
        spread = [curves[name].std(axis=0) for name in ("joints", "path", "angles", "distances")]
        speed = np.abs(curves["velocity"]).mean(axis=0)
        return np.concatenate([*map(np.ravel, pooled), *spread, speed]).astype(np.float32)

    def blank(self) -> NDArray[np.float64]:
        return np.zeros((2, 17, 2))


@dataclass(kw_only=True, eq=False, repr=False)
class PoseSequence(PoseStatistics):
    """Represent how a body moves, step by step, for a network over time: joints, path, velocity and angles.

    n_frames: steps, spread evenly over the segment; velocities are those between frames of the file. A description is
    float32 (n_frames, d); a row lays the steps end to end.

    >>> poses = np.random.default_rng(0).normal(0, 1, (3, 30, 17, 2))
    >>> PoseSequence(n_frames=8).transform(poses).shape  # 34 + 2 + 36 + 8 numbers a step
    (3, 640)
    """

    n_frames: int = 32

    def check_options(self) -> None:
        super().check_options()
        check_whole(type(self).__name__, n_frames=self.n_frames)

    def describe(self, poses: NDArray) -> NDArray[np.float32]:
        """Return float32 (n_frames, d) of (T, joints, 2 or 3)."""
        curves = pose_curves(steady(filled(poses)))
        steps = np.concatenate([curves[name] for name in ("joints", "path", "velocity", "angles")], axis=1)
        return steps[bin_centres(len(steps), self.n_frames)].astype(np.float32)


def _piece(segment: Segment, length: int) -> slice:
    """Return the frames of the row's seconds; MediaError without a frame rate, or without a frame."""
    fps = segment.columns.get("fps")
    try:
        rate = float(fps)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        rate = 0.0
    if not 0 < rate < np.inf:
        raise MediaError(f"{segment.path}: a pose sequence has no clock, so `start` and `end` need a column `fps` with "
                         "its frames a second.")
    start, end = check_interval(segment.start, segment.end)
    piece = slice(round((start or 0) * rate), length if end is None else round(end * rate))
    if not range(length)[piece]:
        raise MediaError(f"{segment.path}: has no frame in this row's seconds, and ends at {length / rate:g} s; change "
                         "its `start` or `end`.")
    return piece

"""Find which actions happen in a long video, and from when to when: a classifier of short clips slides over it."""
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from ..media.options import check_number


def sliding_windows(length: float, *, seconds: float = 1.0, step: float = 0.25) -> NDArray[np.float64]:
    """Return where windows of so many seconds begin that cover a video of `length` seconds, float64 (n,); one at least.

    >>> sliding_windows(3.0, seconds=2.0, step=0.5).tolist()
    [0.0, 0.5, 1.0]
    """
    check_number("sliding_windows", seconds=seconds, step=step)
    last = max(0.0, length - seconds)
    return np.append(np.arange(0, last - 1e-9, step), last)


def cut_windows(poses: NDArray, *, fps: float, seconds: float = 1.0,
                step: float = 0.25) -> tuple[list[NDArray], NDArray[np.float64]]:
    """Cut a sequence (frames, …) into windows that overlap: a list of (seconds · fps, …), and where each begins.

    A classifier of windows learns from windows, not from whole actions: it has to know an action from any part.

    >>> parts, starts = cut_windows(np.zeros((50, 17, 2)), fps=25, seconds=1.0, step=0.5)
    >>> len(parts), parts[0].shape, starts.tolist()
    (3, (25, 17, 2), [0.0, 0.5, 1.0])
    """
    check_number("cut_windows", fps=fps)
    starts = sliding_windows(len(poses) / fps, seconds=seconds, step=step)
    width = max(1, round(seconds * fps))
    return [poses[first:first + width] for first in (starts * fps).round().astype(int)], starts


def actions_in_poses(
    poses: ArrayLike, classify: Callable[[Sequence[NDArray]], Any], classes: Sequence[str], *, fps: float,
    seconds: float = 1.0, step: float = 0.25, least: float = 0.5, shortest: float = 0.5,
) -> pd.DataFrame:
    """Find actions in a long sequence of poses, (frames, joints, 2 or 3), `fps` of them a second.

    classify: takes a list of sequences, one for each window, and gives probabilities (windows, classes), such as
    `lambda poses: svm.predict_proba(PoseStatistics().transform(poses))`. classes: their names. seconds, step: see
    `cut_windows`; others: see `merge_windows`. A window without any joint counts as none of the classes.
    Returns a table as `merge_windows` does.
    """
    sequence = np.asarray(poses, np.float64)
    if sequence.ndim != 3 or not len(sequence):
        raise ValueError(f"actions_in_poses takes poses (frames, joints, 2 or 3), got the shape {sequence.shape}.")
    parts, starts = cut_windows(sequence, fps=fps, seconds=seconds, step=step)
    seen = np.array([np.isfinite(part).all(axis=2).any() for part in parts])
    outputs = np.zeros((len(parts), len(classes)))
    if seen.any():
        outputs[seen] = classify([part for part, known in zip(parts, seen) if known])
    length = len(sequence) / fps
    return merge_windows(outputs, starts, classes, seconds=min(seconds, length), least=least, shortest=shortest)


def merge_windows(
    outputs: ArrayLike, starts: ArrayLike, classes: Sequence[str], *, seconds: float, least: float = 0.5,
    shortest: float = 0.5, tick: float = 0.05,
) -> pd.DataFrame:
    """Turn probabilities of windows that overlap, (n, classes), into actions with a start and an end.

    starts: seconds, float (n,), sorted; each window is `seconds` long. At every `tick` the windows that cover it are
    averaged, those that are centred there weighing most, and the class with the highest mean wins (of several that
    overlap, the others are suppressed); neighbouring moments of one class are merged. An action whose best mean stays
    below `least`, or that is shorter than `shortest` seconds, is dropped.
    Returns a DataFrame of `start`, `end` (seconds), `action` and `score`, the mean probability over its time.

    >>> outputs = [[1, 0], [1, 0], [0.4, 0.6], [0, 1], [0, 1]]
    >>> found = merge_windows(outputs, [0, 0.5, 1, 1.5, 2], ["sit", "wave"], seconds=2)
    >>> found[["start", "end", "action"]].values.tolist()
    [[0.0, 1.95, 'sit'], [1.95, 4.0, 'wave']]
    """
    outputs, starts = np.asarray(outputs, np.float64), np.asarray(starts, np.float64)
    if outputs.shape != (len(starts), len(classes)) or not outputs.size or not np.isfinite(outputs).all():
        raise ValueError(f"merge_windows takes one row of {len(classes)} finite probabilities for each of "
                         f"{len(starts)} windows, got the shape {outputs.shape}.")
    end = starts[-1] + seconds
    ticks = (np.arange(max(1, round((end - starts[0]) / tick))) + 0.5) * tick + starts[0]
    apart = np.abs(ticks[:, None] - (starts + seconds / 2)) / (seconds / 2)
    weights = np.where(apart < 1, 1 - apart, 0.0) + np.where(apart <= 1, 1e-3, 0.0)
    means = weights @ outputs / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    winner = np.where(means.max(axis=1) > 0, means.argmax(axis=1), -1)
    edges = np.flatnonzero(np.diff(winner, prepend=-2, append=-2))
    rows = []
    for first, last in zip(edges, edges[1:]):
        score = means[first:last, winner[first]]
        long_enough = (last - first) * tick >= shortest - 1e-9
        if winner[first] >= 0 and score.max() >= least and long_enough:
            begin, stop = starts[0] + first * tick, min(starts[0] + last * tick, end)
            rows.append((round(begin, 3), round(stop, 3), classes[winner[first]], float(score.mean())))
    return pd.DataFrame(rows, columns=["start", "end", "action", "score"])


def score_actions(found: pd.DataFrame, truth: pd.DataFrame, *, overlap: float = 0.5) -> dict[str, float]:
    """Score actions that were found against those that happened: precision, recall, F1 and the mean overlap.

    found, truth: tables of `start`, `end` in seconds and `action`. An action is right where one of the same name
    overlaps it by at least `overlap`, intersection over union in time; each counts once. With nothing to find, or
    nothing found, what cannot be told is NaN.

    >>> truth = pd.DataFrame({"start": [0.0, 2.0], "end": [2.0, 4.0], "action": ["sit", "wave"]})
    >>> score_actions(truth.assign(end=[2.5, 2.6]), truth)["recall"]
    0.5
    """
    (start, end), (begin, finish) = (table[["start", "end"]].to_numpy(float).T for table in (found, truth))
    inner = np.clip(np.minimum.outer(end, finish) - np.maximum.outer(start, begin), 0, None)
    lengths = np.add.outer(end - start, finish - begin)
    shared = inner / np.maximum(lengths - inner, 1e-12)
    alike = found["action"].to_numpy()[:, None] == truth["action"].to_numpy()
    shared = np.where(alike & (shared >= overlap), shared, 0.0)
    right = shared[linear_sum_assignment(-shared)]
    count = int((right > 0).sum())
    precision = count / len(found) if len(found) else np.nan
    recall = count / len(truth) if len(truth) else np.nan
    total = len(found) + len(truth)
    return {"precision": precision, "recall": recall, "f1": 2 * count / total if total else np.nan,
            "overlap": float(right[right > 0].mean()) if count else np.nan}

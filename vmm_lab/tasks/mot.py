"""Read, write and score tracks: boxes with identities over frames, in the text format of the MOT challenge.

A line is frame, id, left, top, width, height, score, and three numbers not used here; frames count from 1 in files and
from 0 in tables.
"""
import os
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from vmm_lab.files import write_text
from vmm_lab.media.options import check_number

COLUMNS = ["frame", "id", "x", "y", "w", "h", "score"]


def read_mot(path: str | os.PathLike) -> pd.DataFrame:
    """Read boxes from a file in the MOT format: detections, tracks or the truth.

    Returns a DataFrame with `frame` (from 0), `id` (-1 where the file knows none), `x`, `y`, `w`, `h` in pixels and
    `score` (1 where the file has none), in the order of frames. Frames without boxes are no error.
    Raises ValueError, with the number of the line, for a file that is empty or does not hold such lines.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text; a MOT file has lines such as 1,-1,10,20,30,60,0.9.") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror or error}); give a file in the MOT format.") from None
    rows = [_numbers(line, f"{path}, line {k}") for k, line in enumerate(text.splitlines(), 1)
            if line.strip() and not line.lstrip().startswith("#")]
    if not rows:
        raise ValueError(f"{path} holds no boxes; a MOT file has lines such as 1,-1,10,20,30,60,0.9.")
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"frame": int, "id": int})
    known = table[table.id > 0]
    double = known[known.duplicated(["frame", "id"])]
    if len(double) and known.id.nunique() > 1:
        row = double.iloc[0]
        raise ValueError(f"{path} has two boxes of id {row.id:.0f} in frame {row.frame + 1:.0f}; an id is in a frame "
                         "once, and detections without ids have -1.")
    return table.sort_values(["frame", "id"], kind="stable", ignore_index=True)


def _numbers(line, where):
    parts = line.replace(",", " ").replace(";", " ").split()
    try:
        values = [float(part) for part in parts[:7]]
    except ValueError:
        raise ValueError(f"{where} is {line.strip()[:60]!r}; it needs numbers: frame, id, left, top, width, height, "
                         "score.") from None
    if len(values) < 6 or not np.isfinite(values).all():
        raise ValueError(f"{where} is {line.strip()[:60]!r}; it needs six finite numbers at least: frame, id, left, "
                         "top, width, height.")
    frame, identity, x, y, w, h = values[:6]
    if frame < 1 or frame != int(frame) or identity != int(identity):
        raise ValueError(f"{where} has frame {frame:g} and id {identity:g}; frames are whole numbers from 1, and ids "
                         "whole numbers.")
    if w <= 0 or h <= 0:
        raise ValueError(f"{where} has a box {w:g} wide and {h:g} high; both must be above 0.")
    return [frame - 1, identity, x, y, w, h, values[6] if len(values) > 6 else 1.0]


def write_mot(tracks: pd.DataFrame, path: str | os.PathLike) -> Path:
    """Write tracks, with the columns that `read_mot` gives, as a MOT file, whole or not at all."""
    tracks = checked(tracks, "tracks")
    lines = [f"{row.frame + 1},{row.id},{row.x:.2f},{row.y:.2f},{row.w:.2f},{row.h:.2f},{row.score:.3g},-1,-1,-1\n"
             for row in tracks.itertuples()]
    return write_text(path, "".join(lines))


def checked(tracks: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return tracks in the order of frames, with `score` 1 where there is none.

    ValueError for a missing column, or a cell that is no finite number.
    """
    missing = [column for column in COLUMNS[:6] if column not in tracks]
    if missing:
        raise ValueError(f"{name} have no column {', '.join(missing)}; they need {', '.join(COLUMNS[:6])}.")
    if not np.isfinite(tracks[COLUMNS[:6]].to_numpy(float)).all():
        raise ValueError(f"{name} have cells without a number in {', '.join(COLUMNS[:6])}; leave those rows out.")
    if "score" not in tracks:
        tracks = tracks.assign(score=1.0)
    tracks = tracks.astype({"frame": int, "id": int})
    return tracks.sort_values(["frame", "id"], kind="stable", ignore_index=True)


def overlaps(a: NDArray, b: NDArray) -> NDArray[np.float64]:
    """Compute intersection over union (n, m) of boxes (n, 4) and (m, 4), each left, top, width, height.

    >>> overlaps(np.array([[0, 0, 2, 2]]), np.array([[1, 0, 2, 2], [5, 5, 1, 1]])).round(2).tolist()
    [[0.33, 0.0]]
    """
    a, b = np.asarray(a, float).reshape(-1, 4), np.asarray(b, float).reshape(-1, 4)
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    inner = np.clip(high - low, 0, None).prod(-1)
    union = a[:, 2:].prod(-1)[:, None] + b[:, 2:].prod(-1)[None] - inner
    return inner / np.maximum(union, 1e-12)


def score_tracks(tracks: pd.DataFrame, truth: pd.DataFrame, *, iou: float = 0.5) -> dict[str, float]:
    """Score tracks against the truth, both as `read_mot` gives them; boxes agree from an overlap of `iou` on.

    A box of the truth keeps the track that it had in the frame before as long as both overlap; the others are paired
    for the largest overlaps. `mota` = 1 - (misses + false_alarms + switches) / boxes of the truth (Bernardin and
    Stiefelhagen, "CLEAR MOT", 2008); a switch is where somebody's track differs from the last one that they had.
    `idf1` gives each person one track for the whole film, the best choice of all (Ristani et al., 2016).
    Rows of the truth with `score` 0 are left out, as MOT files ask. NaN where nothing could be found.

    Returns `precision`, `recall`, `mota`, `idf1`, `motp` (mean overlap), `switches`, `misses`, `false_alarms`, `tracks`
    and `people` (how many different ones).
    """
    check_number("score_tracks", most=1, iou=iou)
    tracks, truth = checked(tracks, "tracks"), checked(truth, "truth")
    truth = truth[truth.score != 0]
    ids, people = [np.unique(table.id, return_inverse=True) for table in (tracks, truth)]
    shared = np.zeros((len(people[0]), len(ids[0])))
    last: dict[int, int] = {}
    before: dict[int, int] = {}
    right, switches, overlap_sum = 0, 0, 0.0
    ours = {frame: rows for frame, rows in _by_frame(tracks, ids[1])}
    for frame, (who, boxes) in _by_frame(truth, people[1]):
        found, theirs = ours.get(frame, (np.array([], int), np.zeros((0, 4))))
        similar = overlaps(boxes, theirs)
        for i, j in zip(*np.nonzero(similar >= iou)):
            shared[who[i], found[j]] += 1
        kept = [(i, j) for i in range(len(who)) for j in range(len(found))
                if before.get(who[i]) == found[j] and similar[i, j] >= iou]
        gain = np.where(similar >= iou, 1 + similar, 0)
        for i, j in kept:
            gain[i], gain[:, j] = 0, 0
        pairs = kept + [(i, j) for i, j in zip(*linear_sum_assignment(-gain)) if gain[i, j] > 0]
        before = {}
        for i, j in pairs:
            person, track = int(who[i]), int(found[j])
            switches += last.get(person, track) != track
            last[person] = before[person] = track
            overlap_sum += similar[i, j]
        right += len(pairs)
    rows, columns = linear_sum_assignment(-shared)
    same = shared[rows, columns].sum()

    def share(part: float, whole: float) -> float:
        return float(part / whole) if whole else float("nan")

    misses, false_alarms = len(truth) - right, len(tracks) - right
    return {"precision": share(right, len(tracks)), "recall": share(right, len(truth)),
            "mota": 1 - share(misses + false_alarms + switches, len(truth)),
            "idf1": share(2 * same, len(tracks) + len(truth)), "motp": share(overlap_sum, right),
            "switches": switches, "misses": misses, "false_alarms": false_alarms,
            "tracks": len(ids[0]), "people": len(people[0])}


def _by_frame(table, numbers):
    """Yield (frame, (number of each box's identity, boxes)) in the order of frames."""
    boxes = table[["x", "y", "w", "h"]].to_numpy(float)
    for frame, rows in table.groupby("frame").indices.items():
        yield frame, (numbers[rows], boxes[rows])

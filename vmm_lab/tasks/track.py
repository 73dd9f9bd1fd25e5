"""Follow what moves in a film: tracks, each with an identity that outlasts meetings and short absences.

Each edge of a box has a Kalman filter of constant velocity (Kalman, 1960); the Hungarian method pairs tracks with
detections by overlap, distance and colour, as in SORT (Bewley et al., 2016). Where people meet and become one blob, its
edges still tell where the outermost of them are. A film of any length is read in one pass.
"""
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from vmm_lab.files import write_text
from vmm_lab.media import Media, open_media
from vmm_lab.media.options import check_choice, check_number
from vmm_lab.plots import fit_size

from .mot import COLUMNS, checked
from .moving import DETECTORS, Found
from .tracker import Tracker

_LARGEST = 480  # pixels of the longer side that detectors see


def find_tracks(media: Media | str | os.PathLike | None, *, detector: str = "background",
                detections: pd.DataFrame | None = None, start: float | None = None, end: float | None = None,
                fps: float = 25.0, progress: bool = False) -> pd.DataFrame:
    """Find what moves in a film, and follow it.

    media: a path, or what `open_media` returns; None where `detections` are enough. detector: one of DETECTORS,
    "background" and "flow" for anything that moves before a camera that stands still or moves, "pedestrians" and
    "people" for small and for large people. detections: boxes of a detector of your own instead, as `read_mot` gives
    them. start, end: seconds, a part of the film, such as one shot; frames count from its first.
    fps: frames per second of detections without a film. progress: show a bar.

    Returns a DataFrame with a row per frame and track: `frame` (from 0), `id` (from 1), `x`, `y` (left, top), `w`, `h`
    in pixels of the film, `score` (0 to 1, half where a track was not seen and is filled in). `attrs["fps"]`.
    Raises MediaError where there are no pictures or they cannot be read, ValueError for other options.
    """
    check_choice("find_tracks", list(DETECTORS), detector=detector)
    if media is None and detections is None:
        raise ValueError("find_tracks needs a film, or detections of one, or both.")
    media = media if isinstance(media, Media) or media is None else open_media(media)
    fps, shape = (media.fps or fps, media.size) if media is not None else (fps, (np.inf, np.inf))
    if detections is not None:
        tracker, frames = Tracker(fps=fps, size=shape[::-1]), _given(checked(detections, "detections"))
        scale = np.ones(4)
    else:
        size = fit_size((int(shape[0]), int(shape[1])), _LARGEST)
        scale = np.array([shape[1] / size[1], shape[0] / size[0]] * 2)
        begin, finish = start or 0.0, min(media.duration if end is None else end, (start or 0.0) + 60)
        rate = min(fps, 40 / max(1, finish - begin))
        first, _ = media.frames(size=size, fps=rate, start=start, end=finish if finish > begin else None)
        find = DETECTORS[detector](first)
        tracker = Tracker(fps=fps, size=size[::-1], merges=find.merges, least_move=find.least_move)
        stream = media.stream(size=size, start=start, end=end)
        stream = tqdm(stream, desc="tracking", unit="frame", disable=not progress)
        frames = ((k, find(frame, tracker.keep())) for k, (_, frame) in enumerate(stream))
    rows = [row for frame, found in frames for row in tracker.step(frame, found)] + list(tracker.rest())
    return _table(rows, scale, shape, fps)


def _given(detections):
    """Yield (frame, Found) of every frame from the first to the last with a box; colours are unknown.

    Of a hole in the file 500 frames are enough, since no track outlasts them.
    """
    groups = detections.groupby("frame").indices
    corners = detections[["x", "y", "w", "h"]].to_numpy(float)
    boxes = np.hstack([corners[:, :2], corners[:, :2] + corners[:, 2:]])
    scores, before = detections.score.to_numpy(float), min(groups, default=0)
    for frame, rows in sorted(groups.items()):
        for k in range(before + 1, min(frame, before + 500)):
            yield k, Found(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 1), np.float32))
        yield frame, Found(boxes[rows], scores[rows], np.ones((len(rows), 1), np.float32))
        before = frame


def _table(rows, scale, shape, fps):
    """Return the rows of a tracker as a table, in pixels of the film, ids from 1 in the order that they come."""
    boxes = np.array([box for _, _, box, _ in rows]).reshape(-1, 4) * scale
    boxes = np.clip(boxes, 0, [shape[1], shape[0]] * 2)
    boxes[:, 2:] -= boxes[:, :2]
    frames, ids, scores = ([row[k] for row in rows] for k in (0, 1, 3))
    columns = dict(zip("xywh", boxes.T), frame=frames, id=ids, score=np.clip(scores, 0, 1))
    table = pd.DataFrame(columns, columns=COLUMNS)
    table = table[(table.w >= 2) & (table.h >= 2)].sort_values(["frame", "id"], ignore_index=True)
    numbers = {old: k for k, old in enumerate(dict.fromkeys(table.id), 1)}
    table["id"] = table.id.map(numbers).astype(int)
    table.attrs = {"fps": fps}
    return table


def motion(tracks: pd.DataFrame, *, fps: float | None = None, smooth: float = 0.3) -> pd.DataFrame:
    """Compute where each track is and how fast, from the centres of its boxes, averaged over `smooth` seconds.

    fps: frames per second, by default that of the film, and 25 where the table does not know it. Returns the tracks
    with `seconds`, `center_x`, `center_y` (pixels), `speed` (pixels per second) and `path` (pixels gone so far).
    Raises ValueError for boxes that are not joined into tracks.

    >>> tracks = pd.DataFrame({"frame": [0, 1, 2], "id": 1, "x": [0, 2, 4], "y": 0, "w": 4, "h": 8})
    >>> motion(tracks, fps=10, smooth=0)[["center_x", "speed", "path"]].values.tolist()
    [[2.0, 20.0, 0.0], [4.0, 20.0, 2.0], [6.0, 20.0, 4.0]]
    """
    rate = _rate(tracks, fps)
    tracks = _joined(tracks)
    parts = [tracks.assign(seconds=[], center_x=[], center_y=[], speed=[], path=[])] if tracks.empty else []
    for _, rows in tracks.groupby("id"):
        centers = rows[["x", "y"]].to_numpy(float) + rows[["w", "h"]].to_numpy(float) / 2
        width = 2 * round(smooth * rate / 2) + 1
        centers = pd.DataFrame(centers).rolling(width, center=True, min_periods=1).mean().to_numpy()
        times = rows.frame.to_numpy() / rate
        steps = np.hypot(*np.diff(centers, axis=0).T)
        speed = np.hypot(*np.gradient(centers, times, axis=0).T) if len(rows) > 1 else np.zeros(1)
        parts.append(rows.assign(seconds=times, center_x=centers[:, 0], center_y=centers[:, 1], speed=speed,
                                 path=np.concatenate([[0], np.cumsum(steps)])))
    return pd.concat(parts).sort_values(["frame", "id"], ignore_index=True)


def count_crossings(tracks: pd.DataFrame, line: Sequence[Sequence[float]]) -> tuple[int, int]:
    """Count how often the middle of the lower edge of a box goes over a line, ((x, y), (x, y)) in pixels.

    Returns how many go from left to right and from right to left, as somebody sees it who walks along the line in the
    picture. Somebody who dithers on the line counts once they are a tenth of their height away from it.

    >>> tracks = pd.DataFrame({"frame": [0, 1, 2], "id": 1, "x": [0, 20, 40], "y": 0, "w": 4, "h": 8})
    >>> count_crossings(tracks, ((22, 100), (22, 0)))
    (1, 0)
    """
    ends = np.asarray(line, float)
    if ends.shape != (2, 2) or not np.isfinite(ends).all() or not np.ptp(ends, axis=0).any():
        raise ValueError(f"count_crossings needs a line of two different points, ((x, y), (x, y)), got {line!r}.")
    along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
    counts = [0, 0]
    for _, rows in _joined(tracks).groupby("id"):
        feet = np.stack([rows.x + rows.w / 2, rows.y + rows.h], 1)
        aside = (feet - ends[0]) @ [-along[1], along[0]]  # y goes down: positive is on the right
        clear = np.abs(aside) > 0.1 * rows.h.to_numpy()
        aside, feet = aside[clear], feet[clear]
        for k in np.flatnonzero(np.diff(np.sign(aside))):
            share = aside[k] / (aside[k] - aside[k + 1])
            place = ((1 - share) * feet[k] + share * feet[k + 1] - ends[0]) @ along
            if 0 <= place <= np.linalg.norm(ends[1] - ends[0]):
                counts[int(aside[k] > 0)] += 1
    return counts[0], counts[1]


def summary(tracks: pd.DataFrame, *, fps: float | None = None) -> pd.DataFrame:
    """Summarise tracks, a row for each: its frames, `start` and `end` (seconds), mean `speed` and `path`, in pixels."""
    rate = _rate(tracks, fps)
    moved = motion(tracks, fps=rate).groupby("id")
    ends = moved.seconds.max() + 1 / rate
    return pd.DataFrame({"frames": moved.frame.size(), "start": moved.seconds.min(), "end": ends,
                         "speed": moved.speed.mean(), "path": moved.path.max()}).reset_index()


def _joined(tracks):
    """Return tracks in the order of frames; ValueError for detections, which have one id several times in a frame."""
    tracks = checked(tracks, "tracks")
    if tracks.duplicated(["frame", "id"]).any():
        raise ValueError("tracks have an id once in a frame; find_tracks(None, detections=…) joins boxes into tracks.")
    return tracks


def _rate(tracks, fps):
    fps = tracks.attrs.get("fps", 25.0) if fps is None else fps
    check_number("motion", fps=fps)
    return float(fps)


def write_json(tracks: pd.DataFrame, path: str | os.PathLike) -> Path:
    """Write tracks as JSON, whole or not at all: `fps`, how many `tracks`, and `boxes`, an object per row."""
    boxes = tracks.round(3).to_dict("records")
    stored = {"fps": tracks.attrs.get("fps"), "tracks": int(tracks.id.nunique()), "boxes": boxes}
    return write_text(path, json.dumps(stored) + "\n")

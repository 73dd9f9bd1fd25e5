"""A path, a Media or frames go in, a film small enough to explore comes out: frames, times, a name and a note."""
import functools
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ..media import MediaError, open_media

FRAMES_PER_SECOND = 25  # of frames that come without times


@dataclass(frozen=True)
class Film:
    """Frames uint8 (T, H, W, 3), their times in seconds (T,), what to call them, and what was left out, in words; of a
    piece also the seconds at which it begins and ends."""

    frames: np.ndarray = field(repr=False)
    times: np.ndarray = field(repr=False)
    name: str = "frames"
    note: str = ""
    start: float | None = None
    end: float | None = None


def opened(source):
    """A context that gives an open Media for a path (closed at the end) or for a Media (left open: it is the caller's)."""
    return nullcontext(source) if hasattr(source, "stream") else open_media(source)


def name_of(source):
    """What to call a source without telling where on this computer it is."""
    if isinstance(source, (np.ndarray, list, tuple)):
        return "frames"
    return Path(getattr(source, "path", source)).name


def checked(frames, times=None):
    """(frames, times) as they should be: uint8 (T, H, W, 3), T ≥ 1, and T rising seconds; ValueError if they cannot be."""
    frames = np.asarray(frames)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not frames.size:
        raise ValueError(f"Frames must be uint8 RGB of shape (T, H, W, 3) with T ≥ 1, got {frames.dtype} {frames.shape}.")
    times = np.arange(len(frames)) / FRAMES_PER_SECOND if times is None else np.asarray(times, float)
    if times.shape != (len(frames),) or not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise ValueError(f"Times must be {len(frames)} rising numbers of seconds, one for each frame, got shape {times.shape}.")
    return frames, times


def fit(size, longest_side):
    """(height, width) shrunk, never enlarged, until the longer side is at most `longest_side`, in whole pixels."""
    scale = min(1.0, longest_side / max(size))
    return tuple(max(1, round(side * scale)) for side in size)


def read_film(source, times=None, *, longest_side=320, most=750, start=None, end=None):
    """The film of a source, shrunk to `longest_side` pixels and thinned to about `most` frames.

    source: path, Media, or uint8 (T, H, W, 3). start, end: seconds. Raises ValueError or MediaError in one sentence.

    >>> read_film(np.zeros((3, 48, 64, 3), np.uint8)).times
    array([0.  , 0.04, 0.08])
    """
    if isinstance(source, np.ndarray):
        frames, times = checked(source, times)
        return Film(shrunk(frames, longest_side), times)
    with opened(source) as media:
        if not media.has_video:
            raise ValueError(f"{name_of(source)} has no pictures to explore; use vmm_lab.widgets.FramePlayer to hear it.")
        fps, note = thinned(media, start, end, most)
        frames, times = media.frames(size=fit(media.size, longest_side), fps=fps, start=start, end=end)
    if not len(frames):
        raise ValueError(f"{name_of(source)} has no frames between start={start} and end={end}: choose other seconds.")
    return Film(frames, times, name_of(source), note)


def thinned(media, start, end, most):
    """(frames per second, note) with which a piece of a media has at most `most` frames; (None, "") leaves it as it is."""
    seconds = (media.duration if end is None else min(end, media.duration)) - (start or 0.0)
    if not media.fps or seconds * media.fps <= most:
        return None, ""
    fps = most / seconds
    return fps, f"shown at {fps:.3g} of its {media.fps:.3g} frames/s to keep it light"


def shrunk(frames, longest_side):
    """Frames resized to `fit`; the same array where nothing has to change."""
    size = fit(frames.shape[1:3], longest_side)
    if size == frames.shape[1:3]:
        return frames
    return np.stack([cv2.resize(frame, size[::-1], interpolation=cv2.INTER_AREA) for frame in frames])


def span(item):
    """(path, start, end) of a table's row; None where the table has no start or end."""
    return item["path"], *(None if is_missing(item.get(name)) else float(item[name]) for name in ("start", "end"))


def piece_film(path, start, end, *, n, longest_side):
    """The Film of a piece: n frames spread over the seconds from `start` to `end`."""
    with opened(path) as media:
        if not media.has_video:
            raise MediaError(f"{Path(path).name} has no pictures, only sound.")
        frames, times = media.sample(1 if media.is_image else n, size=fit(media.size, longest_side), start=start, end=end)
        end = media.duration if end is None else min(end, media.duration)
    return Film(frames, times, Path(path).name, start=start or 0.0, end=end)


class Shelf:
    """What `read(path, start, end)` makes of a table's rows: read once, and the likely next ones while the reader still
    looks at this one."""

    def __init__(self, table, read, *, most=32):
        self._table, self._ready = table, set()
        self._film = functools.lru_cache(most)(read)
        self._helper, self._soon = ThreadPoolExecutor(1), []

    def __getitem__(self, k):
        piece = span(self._table.iloc[k])
        film = self._film(*piece)
        self._ready.add(piece)
        return film

    def ready(self, k):
        """Whether row k was read before, so that nobody has to wait for it."""
        return span(self._table.iloc[k]) in self._ready

    def expect(self, rows):
        """Read these rows in the background, in place of those expected before; what cannot be read is told when it is asked for."""
        for reading in self._soon:
            reading.cancel()
        self._soon = [self._helper.submit(self._read_soon, k) for k in rows]

    def _read_soon(self, k):
        time.sleep(0.1)  # what was just drawn is still on its way to the page, and goes first
        self[k]

    def clear(self):
        """Let go of all that was read."""
        self._film.cache_clear()
        self._ready.clear()

    def forget(self):
        """Stop reading and let go of all films."""
        self._helper.shutdown(wait=True, cancel_futures=True)
        self.clear()


def title(item):
    """What to call a table's row: its file, and its group where there is one, since files of many folders share names."""
    group = item.get("group")
    return Path(item["path"]).name + ("" if is_missing(group) else f" of {group}")


def is_missing(value):
    """Whether a table's cell is empty: None or NaN, which is not itself."""
    return value is None or value != value

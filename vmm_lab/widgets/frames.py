"""Read the frames that widgets show: shrunk, thinned, with their times, and decoded ahead of the reader."""
import functools
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..features import segments
from ..media import MediaError, open_media
from ..media.options import brief
from ..plots import fit_size, resized

FRAMES_PER_SECOND = 25  # of frames that come without times
Source = Any  # a path, a Media, or frames uint8 (T, H, W, 3)


@dataclass(frozen=True)
class Video:
    """Represent frames uint8 (T, H, W, 3) and their times in seconds; start and end are those of a segment.

    note: what was left out, in words.
    """

    frames: NDArray[np.uint8] = field(repr=False)
    times: NDArray[np.float64] = field(repr=False)
    name: str = "frames"
    note: str = ""
    start: float | None = None
    end: float | None = None


def opened(source: Source, times: Any = None) -> Any:
    """Open the Media of a path, or return the Media that was given; ValueError for times, which are the file's own."""
    if times is not None:
        raise ValueError(f"{name_of(source)} brings its own times: pass times only with frames.")
    return source if hasattr(source, "stream") else open_media(source)


def name_of(source: Source) -> str:
    """Return what to call a source without telling where on this computer it is."""
    return "frames" if is_frames(source) else Path(getattr(source, "path", None) or source).name


def is_frames(source: Source) -> bool:
    """Tell whether a source is frames, and not a path or Media."""
    return isinstance(source, (np.ndarray, list, tuple))


def numbers(given: Any, what: str) -> NDArray:
    """Return numbers as an array; ValueError where they are something else, or rows of different length."""
    try:
        array = np.asarray(given)
    except ValueError:  # NumPy's own sentence is about its insides
        raise ValueError(f"{what}, got parts of different shapes.") from None
    if array.dtype.kind not in "buif":
        raise ValueError(f"{what}, got {brief(array)}.")
    return array


def checked(frames: Any, times: Any = None) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Return frames uint8 (T, H, W, 3), T ≥ 1, and T rising seconds; ValueError where they are something else."""
    wanted = "Frames must be uint8 RGB (T, H, W, 3) with T ≥ 1"
    frames = numbers(frames, wanted)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not frames.size:
        way_out = "; for floats in [0, 1] pass (frames * 255).round().astype('uint8')" * (frames.dtype.kind == "f")
        raise ValueError(f"{wanted}, got {frames.dtype} {frames.shape}{way_out}.")
    wanted = f"Times must be {len(frames)} rising seconds, one for each frame"
    times = np.arange(len(frames)) / FRAMES_PER_SECOND if times is None else numbers(times, wanted).astype(float)
    if times.shape != (len(frames),) or not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise ValueError(f"{wanted}, got {brief(times)}.")
    return frames, times


def read_video(
    source: Source, times: Any = None, *, longest_side: int = 320, most: int = 750,
    start: float | None = None, end: float | None = None,
) -> Video:
    """Read a path, Media or frames, shrunk to `longest_side` pixels; a file is thinned to about `most` frames.

    start, end: seconds of a file. Raises ValueError or MediaError in one sentence.

    >>> read_video(np.zeros((3, 48, 64, 3), np.uint8)).times
    array([0.  , 0.04, 0.08])
    """
    if is_frames(source):
        frames, times = checked(source, times)
        size = fit_size(frames.shape[1:3], longest_side)
        return Video(frames if size == frames.shape[1:3] else np.stack([resized(f, size) for f in frames]), times)
    media, fps, note = opened(source, times), None, ""
    if not media.has_video:
        raise ValueError(f"{name_of(source)} has no pictures to explore; use vmm_lab.widgets.FramePlayer to hear it.")
    seconds = (media.duration if end is None else min(end, media.duration)) - (start or 0.0)
    if media.fps and seconds * media.fps > most:
        fps = most / seconds
        note = f"shown at {fps:.3g} of its {media.fps:.3g} frames/s to keep it light"
    frames, times = media.frames(size=fit_size(media.size, longest_side), fps=fps, start=start, end=end)
    if not len(frames):
        raise ValueError(f"{name_of(source)} has no frames between start={start} and end={end}: choose other seconds.")
    return Video(frames, times, name_of(source), note)


def sample_video(path: str, start: float | None, end: float | None, *, n: int, longest_side: int) -> Video:
    """Read n frames spread over the seconds from `start` to `end` of a file."""
    media = open_media(path)
    if not media.has_video:
        raise MediaError(f"{Path(path).name} has no pictures, only sound.")
    size = fit_size(media.size, longest_side)
    frames, times = media.sample(1 if media.is_image else n, size=size, start=start, end=end)
    end = media.duration if end is None else min(end, media.duration)
    return Video(frames, times, Path(path).name, start=start or 0.0, end=end)


def title(item: pd.Series) -> str:
    """Return what to call a table's row: its file, and its group, because files of many folders share names."""
    return Path(item["path"]).name + ("" if pd.isna(item.get("group")) else f" of {item['group']}")


def quoted_caption(item: pd.Series) -> str:
    """Return the caption of a table's row behind a space and in quotes; nothing where it has none."""
    return "" if pd.isna(item.get("caption")) else f" “{item['caption']}”"


class ReadAhead:
    """Keep what `read(path, start=, end=)` makes of a table's rows, and read the next ones while one is looked at."""

    def __init__(self, table: pd.DataFrame, read: Callable[..., Any], *, most: int = 32) -> None:
        self.segments, self._known = segments(table), set[int]()
        self._read = functools.lru_cache(most)(read)
        self._helper, self._soon = ThreadPoolExecutor(1), list[Future]()

    def __getitem__(self, k: int) -> Any:
        segment = self.segments[k]
        found = self._read(segment.path, start=segment.start, end=segment.end)
        self._known.add(k)
        return found

    def ready(self, k: int) -> bool:
        """Tell whether row k was read before, so that nobody has to wait for it."""
        return k in self._known

    def expect(self, rows: Iterable[int]) -> None:
        """Read these rows in the background, and no more those expected before; errors come when a row is used."""
        for reading in self._soon:
            reading.cancel()
        self._soon = [self._helper.submit(self._read_soon, k) for k in rows]

    def _read_soon(self, k: int) -> None:
        time.sleep(0.1)  # what was just drawn is still on its way to the page, and goes first
        self[k]

    def forget(self) -> None:
        """Stop reading and let go of everything."""
        self._helper.shutdown(wait=True, cancel_futures=True)
        self._read.cache_clear()

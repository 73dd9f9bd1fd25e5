"""Cut a video into clips by hand: what length, stride and padding do, on a timeline."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..plots import spread
from ..splits import split_clips
from .base import Explorer, choice, slider
from .charts import COLUMN, Sketch, percent, runs, strip
from .frames import Source, read_video

PADS = {"leave the incomplete clip out": "drop", "repeat the last frame": "repeat"}


@dataclass(frozen=True)
class Windows:
    """Represent the clips of a video of `n_frames`: their first frames, and the length and stride that made them."""

    firsts: NDArray[np.int64]
    length: int
    stride: int
    n_frames: int

    @property
    def coverage(self) -> NDArray[np.int64]:
        """How many clips each frame is in, int (n_frames,)."""
        begun, over = (np.searchsorted(edges, np.arange(self.n_frames), side="right")
                       for edges in (self.firsts, self.firsts + self.length))
        return begun - over

    @property
    def overlap(self) -> float:
        """The share of a clip that the next one shows again, 0 to 1."""
        return max(0, self.length - self.stride) / self.length


def windows(n_frames: int, length: int, stride: int, pad: str | None) -> Windows:
    """Find the windows that `split_clips` cuts, without cutting any frames.

    >>> windows(10, 4, 3, None).firsts
    array([0, 3, 6])
    """
    _, firsts = split_clips(np.arange(n_frames), length=length, stride=stride, pad=pad)
    return Windows(firsts, length, stride, n_frames)


def timeline(found: Windows, chosen: int, times: NDArray[np.float64]) -> Sketch:
    """Draw every window on the timeline, overlaps on rows of their own, and below how many clips each frame is in."""
    rows = max(1, min(-(-found.length // found.stride), len(found.firsts)))
    tall = max(2.0, min(14.0, 110 / rows))
    top, below, scale = 20, 20 + rows * tall + 8, (COLUMN - 4) / found.n_frames
    sketch = Sketch(COLUMN, below + 66)
    for tick in _ticks(found.n_frames):
        x, anchor = 2 + tick * scale, "middle" if tick else "start"
        sketch.path([(x, top - 4), (x, below + 30)], line="rule", thick=0.7)
        sketch.words(x, 12, tick or "frame 0", size=11, color="soft", anchor=anchor)
        sketch.words(x, below + 43, f"{times[tick]:.2f} s", size=11, color="soft", anchor=anchor)
    for k in sorted(range(len(found.firsts)), key=lambda k: k == chosen):  # the chosen one over all others
        first, y = found.firsts[k], top + (k % rows) * tall + 0.5
        stop, thick = min(first + found.length, found.n_frames), max(1.0, tall - 1)
        repeated = bool(first + found.length > found.n_frames)
        tip = f"frames {first} to {first + found.length - 1}" + "; the last one is repeated" * repeated
        fill, opacity = ("#D55E00", 1) if k == chosen else ("#56B4E9", 0.65)
        sketch.box(2 + first * scale, y, (stop - first) * scale, thick, fill=fill, opacity=opacity, line="paper",
                   thick=0.8, tip=tip)
        if repeated:  # as a stub at the edge
            sketch.box(2 + stop * scale - 5, y, 5, thick, fill="ink", tip=tip)
    coverage = found.coverage
    most = max(1, coverage.max(initial=0))
    across = 2 + scale * np.repeat(np.arange(found.n_frames + 1), 2)
    up = np.concatenate([[0], np.repeat(coverage, 2) * 22 / most, [0]])
    sketch.polygon(np.stack([across, below + 26 - up], axis=1), fill="soft", opacity=0.35)
    for start, stop in runs(coverage == 0):
        sketch.box(2 + start * scale, below + 20, (stop - start) * scale, 6, fill="#CC79A7",
                   tip=f"frames {start} to {stop - 1} are in no clip")
    key = ["orange: the clip shown", f"grey: how many clips a frame is in, at most {most}"]
    key += ["pink: frames in no clip"] * bool((coverage == 0).any())
    key += ["stub at the end: the last frame, repeated"] * bool((found.firsts + found.length > found.n_frames).any())
    sketch.words(2, below + 60, " · ".join(key), size=11, color="soft")
    return sketch


class ClipExplorer(Explorer):
    """Cut a video into clips by hand: length and stride on a timeline, overlap, and the frames of each clip.

    source: path, Media, or uint8 (T, H, W, 3) RGB frames; times: float (T,), seconds of each frame, where frames were
    given, 25 frames per second if left out. length, stride: frames, how long a clip is, and from one clip's first frame
    to the next one's. pad: None or "repeat", as in `split_clips`; ValueError for another.

    Attributes:
    length, stride, pad, clip : the controls; read or set their `.value` (of pad: "drop" or "repeat")
    windows : the clips' first frames, and more

    >>> explorer = ClipExplorer(np.zeros((50, 48, 64, 3), np.uint8), length=16, stride=8)
    >>> explorer.stride.value = 16
    >>> explorer.windows.firsts, explorer
    (array([ 0, 16, 32]), ClipExplorer(frames, 50 frames: 3 clips of 16, stride 16))
    """

    def __init__(
        self, source: Source, times: ArrayLike | None = None, *, length: int = 16, stride: int = 8,
        pad: str | None = None,
    ) -> None:
        if pad not in (None, "repeat"):
            raise ValueError('pad must be None (leave the incomplete clip out) or "repeat" (repeat the last frame), '
                             f"got {pad!r}.")
        self._video = read_video(source, times, longest_side=160)
        count = len(self._video.frames)
        self.length = slider("Length (frames)", min(length, count), 1, count)
        self.stride = slider("Stride (frames)", min(stride, count), 1, count)
        self.pad, self.clip = choice("At the end", PADS, pad or "drop"), slider("Clip shown", 0, 0, 0)
        super().__init__([self.length, self.stride], [self.pad, self.clip])

    def draw(self) -> str:
        video, length, pad = self._video, self.length.value, self.pad.value
        self.windows = found = windows(len(video.frames), length, self.stride.value, None if pad == "drop" else pad)
        self.clip.max = max(0, len(found.firsts) - 1)
        k = self.clip.value
        drawing = timeline(found, k, video.times)
        if not len(found.firsts):
            self.put(drawing.labelled("No clip"))
            return (f"No clip: {found.n_frames} frames are fewer than the length of {length}. Choose a shorter length, "
                    "or repeat the last frame.")
        shown = np.minimum(found.firsts[k] + spread(length, 12), found.n_frames - 1)  # beyond the end, the last frame
        image, seconds = strip(video.frames[shown], video.times[shown])
        summary = self._summary()
        self.put(drawing.labelled(summary), (image, f"Frames of clip {k}, in the order of time"), seconds)
        return summary

    def _summary(self) -> str:
        found, k, times = self.windows, self.clip.value, self._video.times
        first, count = found.firsts[k], len(found.firsts)
        last = min(first + found.length, found.n_frames) - 1
        step = (times[-1] - times[0]) / max(1, len(times) - 1)
        end = times[last + 1] if last + 1 < len(times) else times[last] + step  # a clip lasts until its last frame goes
        parts = [f"Clip {k} (of 0 to {count - 1}): frames {first} to {last}, {times[first]:.2f} to {end:.2f} s"]
        again = "it is the last" if k == count - 1 else f"{percent(found.overlap)} of it comes again in the next"
        parts.append(again if found.overlap else "no overlap")
        repeated = first + found.length - found.n_frames
        if repeated > 0:
            parts.append(f"its last frame is repeated {f'{repeated} times' if repeated > 1 else 'once'}")
        lost = int((found.coverage == 0).sum())
        lone = f"{lost} {'frame is' if lost == 1 else 'frames are'} in no clip"
        parts.append(lone if lost else "every frame is in a clip")
        return "; ".join(parts + [self._video.note] * bool(self._video.note)) + "."

    def describe(self) -> str:
        count = len(self.windows.firsts)
        size = f"{self._video.name}, {self.windows.n_frames} frames"
        return f"{size}: {count} {'clip' if count == 1 else 'clips'} of {self.length.value}, stride {self.stride.value}"


def _ticks(count: int) -> range:
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 10**9) if count / s <= 11)
    return range(0, count - step // 3 if count > step else count, step)

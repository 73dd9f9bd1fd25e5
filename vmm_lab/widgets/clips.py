"""A film goes in, its fixed-length windows come out on a timeline: what length, stride and padding do to a video."""
from dataclasses import dataclass

import numpy as np

from ..clips import split_clips
from .base import COLUMN, Explorer, choice, percent, row, slider
from .film import read_film
from .charts import Sketch, stack
from .strips import seconds, spread, strip_parts, strip_sketch

PADS = {"leave the incomplete clip out": "drop", "repeat the last frame": "repeat"}


@dataclass(frozen=True)
class Windows:
    """The clips of a film of `n_frames`: their first frames, and what length, stride and padding made of it."""

    firsts: np.ndarray
    length: int
    stride: int
    n_frames: int

    @property
    def coverage(self):
        """How many clips each frame is in, int (n_frames,)."""
        counts = np.zeros(self.n_frames + 1, int)
        np.add.at(counts, self.firsts, 1)
        np.add.at(counts, np.minimum(self.firsts + self.length, self.n_frames), -1)
        return counts.cumsum()[:-1]

    @property
    def shared(self):
        """The share of a clip that the next one shows again, 0 to 1."""
        return max(0, self.length - self.stride) / self.length


def windows(n_frames, length, stride, pad):
    """The windows that `split_clips` cuts, without cutting any frames.

    >>> windows(10, 4, 3, None).firsts
    array([0, 3, 6])
    """
    _, firsts = split_clips(np.arange(n_frames), length=length, stride=stride, pad=pad)
    return Windows(firsts, length, stride, n_frames)


def clip_frames(films, chosen):
    """The frame numbers of one window, the last frame standing in for those beyond the end."""
    first = films.firsts[chosen]
    return np.minimum(np.arange(first, first + films.length), films.n_frames - 1)


def timeline(found, chosen, times, *, width=COLUMN):
    """Every window on the timeline, overlaps on rows of their own, and below how many clips each frame is in."""
    rows = max(1, min(-(-found.length // found.stride), len(found.firsts)))
    tall = max(2.0, min(14.0, 110 / rows))
    top, below = 20, 20 + rows * tall + 8
    sketch = Sketch(width, below + 66)
    x = lambda frame: 2 + frame / found.n_frames * (width - 4)  # noqa: E731
    for tick in _ticks(found.n_frames):
        sketch.path([(x(tick), top - 4), (x(tick), below + 30)], line="rule", thick=0.7)
        sketch.words(x(tick), 12, f"{tick}" if tick else "frame 0", size=11, color="soft", anchor="start" if tick == 0 else "middle")
        sketch.words(x(tick), below + 43, f"{times[tick]:.2f} s", size=11, color="soft", anchor="start" if tick == 0 else "middle")
    for k, first in enumerate(found.firsts):
        if k != chosen:
            _window(sketch, found, x, top + (k % rows) * tall, tall, first, fill="#56B4E9", opacity=0.65)
    if len(found.firsts):
        _window(sketch, found, x, top + (chosen % rows) * tall, tall, found.firsts[chosen], fill="#D55E00", opacity=1)
    coverage = found.coverage
    most = max(1, coverage.max(initial=0))
    steps = np.repeat(np.arange(found.n_frames + 1), 2)[1:-1]
    heights = below + 26 - 22 * np.repeat(coverage, 2) / most
    outline = [(x(0), below + 26), *((x(f), h) for f, h in zip(steps, heights)), (x(found.n_frames), below + 26)]
    sketch.polygon(outline, fill="soft", opacity=0.35)
    for start, stop in _runs(coverage == 0):
        sketch.box(x(start), below + 20, x(stop) - x(start), 6, fill="#CC79A7", tip=f"frames {start} to {stop - 1} are in no clip")
    key = f"orange: the clip shown · grey: how many clips a frame is in, at most {most} · pink: frames in no clip"
    sketch.words(2, below + 60, key, size=11, color="soft")
    return sketch


class ClipExplorer(Explorer):
    """Cut a video into clips by hand: length and stride on a timeline, overlap, and the frames of each clip.

    Parameters
    ----------
    source : path, Media, or uint8 (T, H, W, 3) RGB frames
    times : float (T,), optional
        Seconds of each frame, where frames were given; 25 frames per second if left out.
    length, stride : int
        Frames: how long a clip is, and from one clip's first frame to the next one's.
    pad : None or "repeat"
        As in `split_clips`.

    Attributes
    ----------
    length, stride, pad, clip : the controls; read or set their `.value` (of pad: "drop" or "repeat")
    windows : the clips' first frames, and more

    Examples
    --------
    >>> import numpy as np
    >>> explorer = ClipExplorer(np.zeros((50, 48, 64, 3), np.uint8), length=16, stride=8)
    >>> explorer.stride.value = 16
    >>> explorer.windows.firsts, explorer
    (array([ 0, 16, 32]), ClipExplorer(frames, 50 frames: 3 clips of 16, stride 16))
    """

    def __init__(self, source, times=None, *, length=16, stride=8, pad=None):
        self._film = read_film(source, times, longest_side=160)
        count = len(self._film.frames)
        self.length = slider("Length (frames)", min(length, count), 1, count)
        self.stride = slider("Stride (frames)", min(stride, count), 1, count)
        self.pad = choice("At the end", PADS, pad or "drop")
        self.clip = slider("Clip shown", 0, 0, 0)
        super().__init__(row(self.length, self.stride), row(self.pad, self.clip))
        self.follow(self.length, self.stride, self.pad, self.clip)
        self.refresh()

    def draw(self):
        film, length = self._film, self.length.value
        self.windows = found = windows(len(film.frames), length, self.stride.value, None if self.pad.value == "drop" else self.pad.value)
        self.clip.max = max(0, len(found.firsts) - 1)
        drawing = timeline(found, self.clip.value, film.times).svg(self._summary())
        if not len(found.firsts):
            self.put(drawing)
            return f"No clip: {found.n_frames} frames are fewer than the length of {length}. Choose a shorter length, or repeat the last frame."
        numbers = clip_frames(found, self.clip.value)
        shown = numbers[spread(length, 12)]
        self.put(drawing, *strip_parts(film.frames[shown], seconds(film.times[shown])))
        return self._summary()

    def alts(self):
        return [f"Frames of clip {self.clip.value}, in the order of time"]

    def _summary(self):
        found = self.windows
        if not len(found.firsts):
            return "No clip"
        first = found.firsts[self.clip.value]
        last = min(first + found.length, found.n_frames) - 1
        times, lost = self._film.times, int((found.coverage == 0).sum())
        step = (times[-1] - times[0]) / max(1, len(times) - 1)
        end = times[last + 1] if last + 1 < len(times) else times[last] + step  # a clip lasts until its last frame goes
        again = "it is the last" if self.clip.value == len(found.firsts) - 1 else f"{percent(found.shared)} of it comes again in the next"
        parts = [
            f"Clip {self.clip.value} (of 0 to {len(found.firsts) - 1}): frames {first} to {last}, {times[first]:.2f} to {end:.2f} s",
            again if found.shared else "no overlap",
        ]
        missing = first + found.length - found.n_frames
        if missing > 0:
            parts.append(f"its last frame is repeated {missing} times" if missing > 1 else "its last frame is repeated once")
        parts.append(f"{lost} frames are in no clip" if lost else "every frame is in a clip")
        return "; ".join(parts + ([self._film.note] if self._film.note else [])) + "."

    def describe(self):
        count = len(self.windows.firsts)
        return f"{self._film.name}, {self.windows.n_frames} frames: {count} clips of {self.length.value}, stride {self.stride.value}"

    def pixels(self):
        return self.sketch().pixels()

    def sketch(self):
        """Timeline and chosen clip as one drawing."""
        drawing = timeline(self.windows, self.clip.value, self._film.times)
        if not len(self.windows.firsts):
            return drawing
        shown = clip_frames(self.windows, self.clip.value)[spread(self.length.value, 12)]
        return stack([drawing, strip_sketch(self._film.frames[shown], seconds(self._film.times[shown]))])

    def forget(self):
        self._film = None


def _window(sketch, found, x, y, tall, first, **look):
    stop = first + found.length
    real = min(stop, found.n_frames)
    tip = f"frames {first} to {stop - 1}" + ("; the last one is repeated" if stop > real else "")
    sketch.box(x(first), y + 0.5, x(real) - x(first), max(1.0, tall - 1), line="paper", thick=0.8, tip=tip, **look)
    if stop > real:  # what is repeated, as a stub at the edge
        sketch.box(x(real) - 5, y + 0.5, 5, max(1.0, tall - 1), fill="ink", tip=tip)


def _ticks(count):
    step = next(s for s in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 10**9) if count / s <= 11)
    return range(0, count - step // 3 if count > step else count, step)


def _runs(mask):
    """(start, stop) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    return zip(edges[::2], edges[1::2])

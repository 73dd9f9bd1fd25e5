"""Play media in the browser: every frame as JPEG with the sound in step, held by the page whole.

What is too long or too large for a page is thinned and shrunk, and the preview says so.
"""
import bisect
import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import anywidget
import cv2
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray
from scipy.io import wavfile

from ..media.options import check_number, check_size, check_wave
from ..plots import fit_size, jpeg, resized, spread
from .base import HERE, Pictured, dismiss_own, script
from .charts import COLUMN, Sketch, outline, strip
from .frames import FRAMES_PER_SECOND, Source, checked, is_frames, name_of, numbers, opened, sample_video

MOST_FRAMES = 1500
MOST_PIXELS = 100_000_000  # in all frames together: 10 to 25 MB as JPEG
MOST_SECONDS = MOST_FRAMES / 5  # fewer frames per second are no video any more
LONGEST_SIDE = 480
SOUND_RATE = 24_000  # samples per second: enough for speech and film sound, 3 MB a minute
OUTLINE = 240  # points of the sound's outline
Size = tuple[int, int]  # (height, width)
BLANK = np.zeros((1, 90, 160, 3), np.uint8)  # what is shown where there is no film


@dataclass(frozen=True)
class Preview:
    """Represent all that the player's page needs; frame k is film[offsets[k]:offsets[k + 1]], from times[k] on."""

    film: bytes = field(repr=False)
    offsets: list[int] = field(repr=False)
    times: list[float] = field(repr=False)  # seconds
    size: Size  # (height, width) of a frame; (0, 0) without pictures
    sound: bytes = field(repr=False)  # WAV that begins at `begin`, or nothing
    loudness: list[float] = field(repr=False)  # the sound's outline for the timeline, 0 to 1
    begin: float  # seconds
    finish: float
    keyframes: list[float]
    name: str
    note: str = ""

    def frame(self, k: int) -> NDArray[np.uint8]:
        """Decode frame k as the page shows it, uint8 (H, W, 3)."""
        data = np.frombuffer(self.film[self.offsets[k] : self.offsets[k + 1]], np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)

    def strip(self) -> tuple[Any, ...]:
        """Put eight frames next to one another, their times below: an image and a drawing, or nothing."""
        if not self.times:
            return ()
        shown = spread(len(self.times), 8)
        return strip(np.stack([self.frame(k) for k in shown]), [self.times[k] for k in shown])

    def marks(self) -> Sketch:
        """Draw the outline of the sound and the keyframes, from `begin` to `finish`."""
        sketch, seconds = Sketch(COLUMN, 32), max(self.finish - self.begin, 1e-9)
        if self.loudness:
            outline(sketch, self.loudness, left=0, wide=COLUMN, middle=16, half=15, fill="mark", opacity=0.7)
        for mark in self.keyframes:
            at = (mark - self.begin) / seconds * COLUMN
            sketch.path([(at, 0), (at, 32)], line="#D55E00", thick=2)
        return sketch

    def timeline(self) -> Sketch:
        """Draw the timeline with its marks, and say what they are."""
        sketch = self.marks().labelled("Timeline")
        sketch.height = 48
        sketch.path([(0, 16), (COLUMN, 16)], line="rule")
        facts = [self.name, f"{self.begin:.2f} to {self.finish:.2f} s", "blue: sound" if self.loudness else "no sound"]
        sketch.words(0, 44, " · ".join(facts + ["orange: keyframes"] * bool(self.keyframes)), size=11, color="soft")
        return sketch


def plan(
    duration: float, fps: float | None, size: Size, *, wanted_fps: float | None = None,
    wanted_size: Size | None = None,
) -> tuple[Size, float | None, str]:
    """Choose (size, fps or None, note) that keep a page light; None keeps the file's own times.

    duration: seconds. fps: the file's. size: (height, width) of its frames. Raises ValueError where it is too long.

    >>> plan(10, 25, (240, 320))
    ((240, 320), None, '')
    >>> plan(120, 25, (720, 1280))[:2]
    ((193, 344), 12.5)
    """
    if duration > MOST_SECONDS:
        raise ValueError(f"{duration:.0f} s are too long for one player, which holds {MOST_SECONDS:.0f} s: choose a "
                         "part with start= and end= (seconds).")
    rate = wanted_fps or fps or FRAMES_PER_SECOND
    shown_fps = min(rate, MOST_FRAMES / duration) if duration else rate
    height, width = wanted_size or fit_size(size, LONGEST_SIDE)
    scale = min(1, (MOST_PIXELS / max(1, duration * shown_fps) / (height * width)) ** 0.5)
    shown = max(1, int(height * scale)), max(1, int(width * scale))
    notes = [f"{shown_fps:.3g} of {rate:.3g} frames/s"] if shown_fps < rate else []
    notes += [f"{shown[0]}×{shown[1]} of {size[0]}×{size[1]} pixels"] if scale < 1 else []
    note = f"Shown with {' and '.join(notes)}, to keep the page light." if notes else ""
    return shown, (shown_fps if wanted_fps or shown_fps < rate else None), note


def read_preview(
    source: Source, times: Any = None, *, sound: bool | ArrayLike | None = None,
    sample_rate: int | None = None, keyframes: Iterable[float] | None = None, size: Size | None = None,
    fps: float | None = None, start: float | None = None, end: float | None = None, name: str | None = None,
) -> Preview:
    """Encode a path, Media or frames for the player; the options are those of `FramePlayer`."""
    given, wave = is_frames(source), None
    if isinstance(sound, bool) or sound is None:
        if given and (sound or sample_rate is not None):
            raise ValueError("Frames bring no sound: pass a wave as sound=, with its sample_rate=, or leave both out.")
    elif given:
        wave = check_wave("A wave", numbers(sound, "A wave must be one channel of floats"), sample_rate)
    else:
        raise ValueError("A file brings its own sound: pass a wave only with frames, or sound=False for silence.")
    rate_of_sound, size = int(sample_rate or 0), check_size("FramePlayer", size)
    if fps is not None:
        check_number("FramePlayer", fps=fps)
    if given:
        frames, times = checked(source, times)
        step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
        begin, finish = float(times[0] if start is None else start), float(times[-1] + step if end is None else end)
        rate, full = (1 / step if step else None), frames.shape[1:3]
    else:
        media = opened(source, times)
        begin = float(start or 0.0)
        finish = max(begin, float(media.duration if end is None else min(end, media.duration)))
        rate, full = (media.fps, media.size) if media.has_video else (None, (1, 1))
    shown, fps, note = plan(finish - begin, rate, full, wanted_fps=fps, wanted_size=size)
    if given:
        kept = np.arange(len(frames))
        if fps:
            shown_at = np.append(begin, np.arange(begin, finish, 1 / fps))  # one frame alone lasts no time
            kept = np.unique((np.searchsorted(times, shown_at, side="right") - 1).clip(0))
        film = _encode((resized(frames[k], shown), times[k]) for k in kept)
        finish = finish if wave is None else max(finish, begin + len(wave) / rate_of_sound)
    elif media.has_video:
        film = _encode((frame, t) for t, frame in media.stream(size=shown, fps=fps, start=start, end=end))
        if not film[2] and not media.has_audio:
            raise ValueError(f"{name_of(source)} has no frames between {start=} and {end=}: choose other seconds.")
        keyframes = media.keyframes if keyframes is None and not media.is_image else keyframes
    else:
        film, note = _encode(()), ""
    if not given and media.has_audio and sound is not False:
        rate_of_sound = int(min(SOUND_RATE, media.sample_rate or SOUND_RATE))
        wave = media.audio(sample_rate=rate_of_sound, start=start, end=end)
    marks = [float(t) for t in (() if keyframes is None else keyframes) if begin <= t <= finish]
    heard = (b"", []) if wave is None else _encode_sound(wave, rate_of_sound, finish - begin)
    size = shown if film[2] else (0, 0)
    return Preview(*film, size, *heard, begin, max(begin, finish), marks, name or name_of(source), note)


def sample_preview(path: str, start: float | None, end: float | None, *, n: int, longest_side: int) -> Preview:
    """Encode n silent frames spread over the seconds from `start` to `end` of a file."""
    video = sample_video(path, start, end, n=n, longest_side=longest_side)
    preview = read_preview(video.frames, video.times, start=video.start, end=video.end, name=video.name)
    few = len(video.frames) < 2
    return replace(preview, note="" if few else f"{len(video.frames)} frames, spread evenly, without sound.")


def _encode(pairs: Iterable[tuple[NDArray[np.uint8], float]]) -> tuple[bytes, list[int], list[float]]:
    """Return (film, offsets, times) of frames and their seconds, one frame in memory at a time."""
    film, offsets, times = io.BytesIO(), [0], []
    for frame, seconds in pairs:
        film.write(jpeg(frame))
        offsets.append(film.tell())
        times.append(float(seconds))
    return film.getvalue(), offsets, times


def _encode_sound(wave: NDArray, rate: int, seconds: float) -> tuple[bytes, list[float]]:
    """Return (WAV, outline), padded with silence: the sound is the player's clock until the last frame is over."""
    buffer = io.BytesIO()
    wave = np.pad(wave, (0, max(0, round(seconds * rate) - len(wave))))
    if not len(wave):
        return b"", []
    wavfile.write(buffer, rate, (np.clip(wave, -1, 1) * 32767).astype("<i2"))
    peaks = np.array([np.abs(part).max(initial=0) for part in np.array_split(wave, OUTLINE)])
    return buffer.getvalue(), (peaks / max(peaks.max(), 1e-3)).round(3).tolist()


class FramePlayer(Pictured, anywidget.AnyWidget):
    """Play, scrub and step through a video, hear it, and see its keyframes; everything happens in the browser.

    source: path, Media, or uint8 (T, H, W, 3) RGB frames; sound without pictures is welcome too. times: float (T,),
    seconds of each frame, where frames were given; 25 frames per second if left out. sound: False is silence; with
    frames, a wave of floats (N,) in [−1, 1] that begins with the first; a file brings its own. sample_rate: samples per
    second of that wave. keyframes: seconds to mark on the timeline; a file's own by default, where they are known.
    size: (height, width), pixels; by default at most 480 on the longer side. fps: frames per second to show; the
    source's own by default. start, end: seconds, the part [start, end) of a file; of frames, when the first comes and
    the last goes. loop: whether to begin again at the end. name: what to call it; a file's name by default.
    Raises ValueError for more than 300 s, and for frames, times or a wave of another shape or type. Shorter videos that
    are still heavy are shown with fewer or smaller frames, and say so.

    Attributes:
    frame : int, the number of the frame on screen, eight times a second while playing; setting it moves the picture
    time : float, the same in seconds
    playing : bool

    >>> player = FramePlayer(np.zeros((50, 48, 64, 3), np.uint8))
    >>> player.frame = 10
    >>> player.time, player
    (0.4, FramePlayer(frames, 50 frames of 48×64, 2.00 s, at frame 10))
    """

    _esm = script("player.js")
    _css = HERE / "lab.css"
    _preview: Any = None  # a Preview, but None until it is read; a source that is refused leaves nothing to close

    film = traitlets.Bytes(b"").tag(sync=True)
    offsets = traitlets.List(traitlets.Int()).tag(sync=True)
    times = traitlets.List(traitlets.Float()).tag(sync=True)
    sound = traitlets.Bytes(b"").tag(sync=True)
    timeline = traitlets.Unicode("").tag(sync=True)  # what stands in its SVG
    keyframes = traitlets.List(traitlets.Float()).tag(sync=True)
    begin = traitlets.Float(0.0).tag(sync=True)
    finish = traitlets.Float(0.0).tag(sync=True)
    name = traitlets.Unicode("").tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)
    loop = traitlets.Bool(False).tag(sync=True)
    # What the page sends all the time need not be sent back to it.
    frame = traitlets.Int(0).tag(sync=True, echo_update=False)
    time = traitlets.Float(0.0).tag(sync=True, echo_update=False)
    playing = traitlets.Bool(False).tag(sync=True, echo_update=False)

    def __init__(
        self, source: Source, times: Any = None, *, sound: bool | ArrayLike | None = None,
        sample_rate: int | None = None, keyframes: Iterable[float] | None = None, size: Size | None = None,
        fps: float | None = None, start: float | None = None, end: float | None = None, loop: bool = False,
        name: str | None = None,
    ) -> None:
        self._preview = read_preview(source, times, sound=sound, sample_rate=sample_rate, keyframes=keyframes,
                                     size=size, fps=fps, start=start, end=end, name=name)
        super().__init__(loop=loop, **_state(self._preview))  # whole in the first message: never half loaded

    def load(self, source: Any, times: Any = None, *, play: bool = False, **options: Any) -> None:
        """Show another source, or a Preview, in the same place; options as for a new player."""
        self._preview = source if isinstance(source, Preview) else read_preview(source, times, **options)
        with self.hold_sync():
            for trait, value in {**_state(self._preview), "frame": 0, "playing": play}.items():
                setattr(self, trait, value)

    @traitlets.validate("frame")
    def _within(self, proposal):
        return int(np.clip(proposal["value"], 0, max(0, len(self.times) - 1)))

    @traitlets.validate("time")
    def _in_time(self, proposal):
        return float(np.clip(proposal["value"], self.begin, self.finish))

    @traitlets.observe("frame", "time")
    def _moved(self, change):
        on_screen = max(0, bisect.bisect_right(self.times, self.time + 1e-6) - 1)
        if self.times and on_screen != self.frame:
            if change["name"] == "frame":
                self.time = self.times[self.frame]
            else:
                self.frame = on_screen

    def describe(self) -> str:
        height, width = self._preview.size
        count = f"{len(self.times)} frame{'s' * (len(self.times) != 1)}"
        pictures = f"{count} of {height}×{width}, " if self.times else ""
        place = f", at frame {self.frame}" if self.frame else ""
        return f"{self.name}, {pictures}{self.finish - self.begin:.2f} s{', with sound' if self.sound else ''}{place}"

    def static(self) -> list[Any]:
        return [*self._preview.strip(), self._preview.timeline()]

    def close(self) -> None:
        """Take the player from the page and free its frames."""
        dismiss_own(self)
        super().close()
        self._preview = self._preview and replace(self._preview, film=b"", sound=b"")
        self.film = self.sound = b""


def _state(preview: Preview) -> dict[str, Any]:
    """Return what the page needs, by the names of the player's traits."""
    state = {name: value for name, value in vars(preview).items() if name not in ("size", "loudness")}
    return {**state, "time": preview.begin, "timeline": preview.marks().body()}

"""A path, a Media or frames go in, a reel comes out: every frame as JPEG in one run of bytes, the sound as WAV beside it.

A browser holds a reel whole and so moves through it without asking the kernel. What is too long or too large for that is
thinned and shrunk, and the reel says so.
"""
import io
import wave as wave_files
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from .film import FRAMES_PER_SECOND, checked, fit, name_of, opened, piece_film
from .charts import jpeg

MOST_FRAMES = 1500
MOST_PIXELS = 100_000_000  # in all frames together: 10 to 25 MB as JPEG
LEAST_FPS = 5
MOST_SECONDS = MOST_FRAMES / LEAST_FPS
LONGEST_SIDE = 480
SOUND_RATE = 24_000  # samples per second: enough for speech and film sound, 3 MB a minute


@dataclass(frozen=True)
class Reel:
    """What the player's page needs; frame k is film[offsets[k]:offsets[k + 1]], shown from times[k] on."""

    film: bytes = field(repr=False)
    offsets: tuple = field(repr=False)
    times: np.ndarray = field(repr=False)  # seconds
    size: tuple  # (height, width) of a frame; (0, 0) without pictures
    sound: bytes = field(repr=False)  # WAV that begins at `begin`, or nothing
    loudness: tuple = field(repr=False)  # the sound's outline for the timeline, 0 to 1
    begin: float  # seconds
    finish: float
    keyframes: tuple
    name: str
    note: str = ""

    def frame(self, k):
        """uint8 (H, W, 3): frame k, as the page shows it."""
        data = np.frombuffer(self.film[self.offsets[k] : self.offsets[k + 1]], np.uint8)
        return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def plan(duration, fps, size, *, wanted_fps=None, wanted_size=None):
    """(size, fps or None, note): how to show so many seconds in a page that must stay light; None keeps the file's own times.

    duration: seconds. fps: the file's. size: (height, width) of its frames. Raises ValueError where it is too long.

    >>> plan(10, 25, (240, 320))
    ((240, 320), None, '')
    >>> plan(120, 25, (720, 1280))[:2]
    ((193, 344), 12.5)
    """
    if duration > MOST_SECONDS:
        raise ValueError(
            f"{duration:.0f} s are too long for one player, which holds {MOST_SECONDS:.0f} s: choose a part with start= and end= (seconds)."
        )
    rate = wanted_fps or fps or FRAMES_PER_SECOND
    shown_fps = min(rate, MOST_FRAMES / duration) if duration else rate
    room = MOST_PIXELS / max(1, duration * shown_fps)
    height, width = wanted_size or fit(size, LONGEST_SIDE)
    scale = min(1, (room / (height * width)) ** 0.5)
    shown = max(1, int(height * scale)), max(1, int(width * scale))
    notes = []
    if shown_fps < rate:
        notes.append(f"{shown_fps:.3g} of {rate:.3g} frames/s")
    if scale < 1:
        notes.append(f"{shown[0]}×{shown[1]} of {size[0]}×{size[1]} pixels")
    note = f"Shown with {' and '.join(notes)}, to keep the page light." if notes else ""
    return shown, (shown_fps if wanted_fps or shown_fps < rate else None), note


def read_reel(source, times=None, *, sound=None, sample_rate=None, keyframes=None, size=None, fps=None, start=None, end=None, name=None):
    """The reel of a source; see `FramePlayer` for what the options mean."""
    name = name or name_of(source)
    if isinstance(source, (np.ndarray, list, tuple)):
        return _of_frames(source, times, sound, sample_rate, keyframes, size, start, end, name)
    if isinstance(sound, np.ndarray):
        raise ValueError("A file brings its own sound: pass a wave only with frames, or sound=False for silence.")
    with opened(source) as media:
        begin = float(start or 0.0)
        finish = float(media.duration if end is None else min(end, media.duration))
        film, offsets, shown, note, picture = b"", (0,), np.zeros(0), "", (0, 0)
        if media.has_video:
            picture, rate, note = plan(finish - begin, media.fps, media.size, wanted_fps=fps, wanted_size=size)
            film, offsets, shown = _encode((f, t) for t, f in media.stream(size=picture, fps=rate, start=start, end=end))
            if not len(shown) and not media.has_audio:
                raise ValueError(f"{name_of(source)} has no frames between start={start} and end={end}: choose other seconds.")
        elif finish - begin > MOST_SECONDS:
            plan(finish - begin, None, (1, 1))  # the same limit, in the same words
        wave, outline = b"", ()
        if media.has_audio and sound is not False:
            rate = int(min(SOUND_RATE, media.sample_rate or SOUND_RATE))
            wave, outline = _sound(media.audio(sample_rate=rate, start=start, end=end), rate, finish - begin)
        if keyframes is None and media.has_video and not media.is_image:
            keyframes = media.keyframes
    marks = tuple(float(t) for t in (() if keyframes is None else keyframes) if begin <= t <= finish)
    return Reel(film, offsets, shown, picture if len(shown) else (0, 0), wave, outline, begin, max(finish, begin), marks, name, note)


def piece_reel(path, start, end, *, n, longest_side):
    """The Reel of a piece, silent: n frames spread over the seconds from `start` to `end`."""
    film = piece_film(path, start, end, n=n, longest_side=longest_side)
    reel = read_reel(film.frames, film.times, start=film.start, end=film.end, name=film.name)
    return replace(reel, note=f"{len(film.frames)} frames, spread evenly, without sound." if len(film.frames) > 1 else "")


def _of_frames(frames, times, sound, sample_rate, keyframes, size, start, end, name):
    frames, times = checked(frames, times)
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    begin, finish = float(times[0] if start is None else start), float(times[-1] + step if end is None else end)
    fps = 1 / step if step else None
    size, thinner, note = plan(finish - begin, fps, frames.shape[1:3], wanted_size=size)
    kept = np.arange(len(frames))
    if thinner:
        kept = np.unique(np.searchsorted(times, np.arange(begin, finish, 1 / thinner), side="right") - 1)
    resize = size != frames.shape[1:3]
    film, offsets, shown = _encode(
        (cv2.resize(frames[k], size[::-1], interpolation=cv2.INTER_AREA) if resize else frames[k], times[k]) for k in kept
    )
    wave, outline = b"", ()
    if isinstance(sound, np.ndarray):
        if not sample_rate:
            raise ValueError("A wave needs its sample_rate= (samples per second) beside it.")
        finish = max(finish, begin + len(sound) / sample_rate)
        wave, outline = _sound(sound, int(sample_rate), finish - begin)
    marks = tuple(float(t) for t in (() if keyframes is None else keyframes))
    return Reel(film, offsets, shown, size, wave, outline, begin, finish, marks, name, note)


def _encode(pairs):
    """(bytes, offsets, times) of (frame, seconds) pairs, one frame in memory at a time."""
    film, offsets, times = io.BytesIO(), [0], []
    for frame, seconds in pairs:
        film.write(jpeg(frame, quality=80))
        offsets.append(film.tell())
        times.append(float(seconds))
    return film.getvalue(), tuple(offsets), np.asarray(times)


def _sound(wave, rate, seconds, bins=240):
    """(WAV bytes, outline) of float32 (N,) in [−1, 1], padded with silence: the sound is the clock until the last frame is over."""
    wave = np.asarray(wave, np.float32)
    if wave.ndim != 1:
        raise ValueError(f"A wave must be one channel of samples, float32 (N,), got shape {wave.shape}.")
    wave = np.pad(wave, (0, max(0, round(seconds * rate) - len(wave))))
    if not len(wave):
        return b"", ()
    buffer = io.BytesIO()
    with wave_files.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes())
    peaks = [float(np.abs(part).max(initial=0)) for part in np.array_split(wave, bins)]
    loudest = max(max(peaks), 1e-3)
    return buffer.getvalue(), tuple(round(p / loudest, 3) for p in peaks)

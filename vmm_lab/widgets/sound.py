"""A film or a sound goes in, its waveform and log-mel spectrogram come out, with a play head that moves over both."""
from dataclasses import dataclass, field

import anywidget
import cv2
import numpy as np
import traitlets

from ..features.sound import hertz_to_mel, log_mel, mel_filters
from ..plots.palette import shades
from .base import COLUMN, HERE, Explorer, choice, row, slider
from .frames import name_of, opened
from .player import FramePlayer
from .charts import Sketch, on_paper

RATE = 16_000  # samples per second: pitches up to 8 kHz, which is all of speech and most of what hands and feet do
WINDOWS = {f"{ms} ms": ms for ms in (8, 16, 32, 64, 128)}
MOST_STEPS = 2400  # windows: three for each pixel; a longer sound is looked at with a longer step
LEFT, RIGHT = 58, 4  # pixels: room for the names of the pitches, and for the last number of the seconds


@dataclass(frozen=True)
class Heard:
    """A log-mel spectrogram float32 (T, bands), dB, and how it was made; `loudest` is (seconds, hertz)."""

    spectrogram: np.ndarray = field(repr=False)
    window: int  # samples
    step: int
    empty: int  # bands too narrow for the window: no frequency falls into them
    loudest: tuple | None  # None in silence


def hear(wave, *, n_mels, milliseconds, sample_rate=RATE):
    """What the controls mean: the spectrogram of float32 (N,) with so many bands and windows so long.

    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    >>> heard = hear(tone, n_mels=40, milliseconds=32)
    >>> heard.spectrogram.shape, heard.window, round(heard.loudest[1], -2)
    ((126, 40), 512, 1000.0)
    """
    window = milliseconds * sample_rate // 1000
    step = max(window // 4, -(-len(wave) // MOST_STEPS))
    spectrogram = log_mel(wave, sample_rate=sample_rate, n_fft=window, hop_length=step, n_mels=n_mels)
    filters = mel_filters(sample_rate, n_fft=window, n_mels=n_mels)
    at, band = np.unravel_index(spectrogram.argmax(), spectrogram.shape)
    middle = filters[:, band].argmax() * sample_rate / window
    loudest = (at * step / sample_rate, float(middle)) if np.abs(wave).max(initial=0) > 1e-5 else None
    return Heard(spectrogram, window, step, int((filters.sum(axis=0) == 0).sum()), loudest)


def sound_sketch(wave, heard, *, begin=0.0, sample_rate=RATE, width=COLUMN):
    """The waveform above the spectrogram on one axis of seconds, as a drawing; pitches are named at the left."""
    seconds = len(wave) / sample_rate
    wide, tall, top = width - LEFT - RIGHT, 190, 74
    sketch = Sketch(width, top + tall + 32)
    columns = np.array_split(np.abs(wave), wide // 2)
    peaks = np.array([part.max(initial=0) for part in columns])
    peaks = 32 * peaks / max(peaks.max(), 1e-3)
    x = LEFT + np.linspace(0, wide, len(peaks))
    sketch.path([(LEFT, 34), (LEFT + wide, 34)], line="rule")
    sketch.polygon(np.concatenate([np.c_[x, 34 - peaks], np.c_[x, 34 + peaks][::-1]]), fill="mark", opacity=0.8)
    sketch.words(LEFT - 6, 38, "wave", size=11, color="soft", anchor="end")
    sketch.picture(LEFT, top, wide, tall, colored(heard.spectrogram, (tall, wide)))
    highest = hertz_to_mel(sample_rate / 2)
    for hertz in (200, 500, 1000, 2000, 4000):
        y = top + tall * (1 - hertz_to_mel(hertz) / highest)
        sketch.path([(LEFT - 4, y), (LEFT, y)], line="soft")
        sketch.words(LEFT - 6, y + 4, f"{hertz} Hz" if hertz < 1000 else f"{hertz // 1000} kHz", size=11, color="soft", anchor="end")
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60) if seconds / s <= 12 or s == 60)
    for tick in np.arange(0, seconds - step / 3, step):
        at = LEFT + wide * tick / seconds
        sketch.path([(at, top + tall), (at, top + tall + 4)], line="soft")
        anchor = "middle" if tick else "start"
        sketch.words(at, top + tall + 16, f"{begin + tick:g}" + ("" if tick else " s"), size=11, color="soft", anchor=anchor)
    sketch.words(LEFT, top + tall + 29, "spectrogram: the louder, the lighter; 80 decibels from black to the lightest", size=10, color="soft")
    return sketch


def colored(spectrogram, size):
    """uint8 (height, width, 3): a spectrogram (T, bands) as a picture, low pitches below, the loudest lightest."""
    height, width = size
    levels = np.clip((spectrogram - spectrogram.max()) / 80 + 1, 0, 1) if np.ptp(spectrogram) else np.zeros_like(spectrogram)
    bands = cv2.resize(levels.T[::-1], (width, spectrogram.shape[1]), interpolation=cv2.INTER_AREA)
    return shades("magma")[(255 * cv2.resize(bands, (width, height), interpolation=cv2.INTER_NEAREST)).astype(np.uint8)]


class Head(anywidget.AnyWidget):
    """A line over the drawing beside it that follows the player of the same widget, in the browser alone."""

    _esm = HERE / "sound.js"
    _css = HERE / "lab.css"
    left = traitlets.Float(0.0).tag(sync=True)  # where the drawing's seconds begin and end, as shares of its width
    right = traitlets.Float(1.0).tag(sync=True)


class SoundExplorer(Explorer):
    """Hear a film and see what is heard: the player, and below it waveform and log-mel spectrogram with a play head.

    A click into the drawing moves the play head; play, space and arrow keys are the player's. Everything that moves
    moves in the browser; only a change of the bands or the window asks the kernel.

    Parameters
    ----------
    source : path or Media, with pictures, sound or both
    n_mels : int
        Bands of pitch.
    milliseconds : 8, 16, 32, 64 or 128
        How long a window is: a long one tells pitches apart, a short one tells when.
    start, end : float, optional
        Seconds: the part [start, end) of a file; at most 300 s.

    Attributes
    ----------
    player : a FramePlayer
    n_mels, window : controls; read or set their `.value`, of the window in milliseconds
    heard : the spectrogram on show, see `Heard`; None for a film without sound

    Raises
    ------
    ValueError, MediaError
        The source cannot be read, or is too long.

    Examples
    --------
    >>> explorer = SoundExplorer("data/sample/clap/ada.mp4")    # doctest: +SKIP
    >>> explorer.window.value = 128                             # doctest: +SKIP
    """

    def __init__(self, source, *, n_mels=64, milliseconds=32, start=None, end=None):
        if milliseconds not in WINDOWS.values():
            raise ValueError(f"milliseconds must be one of {', '.join(map(str, WINDOWS.values()))}, got {milliseconds!r}.")
        self._name, self._wave, self.heard, self._sketch = name_of(source), None, None, None
        with opened(source) as media:
            self.player = FramePlayer(media, start=start, end=end, name=self._name)
            if media.has_audio:
                self._wave = media.audio(sample_rate=RATE, start=start, end=end)
        self.n_mels = slider("Mel bands", n_mels, 8, 128, step=4)
        self.window = choice("Window", WINDOWS, milliseconds)
        seconds = max(self.player.finish - self.player.begin, 1e-9)
        lasts = 0 if self._wave is None else min(1.0, len(self._wave) / RATE / seconds)
        wide = COLUMN - LEFT - RIGHT  # a track that ends before the pictures do has a drawing that ends there, too
        self._head = Head(left=LEFT / COLUMN, right=(LEFT + wide / max(lasts, 1e-9)) / COLUMN if lasts else 0.0)
        heard = [] if self._wave is None else [row(self.n_mels, self.window), self._head]
        super().__init__(self.player, *heard)
        self.follow(self.n_mels, self.window)
        self.refresh()

    def draw(self):
        if self._wave is None:
            return f"{self._name} has no sound to see: its pictures play, and there is nothing to hear."
        if not len(self._wave):
            return f"{self._name} has no sound in this part: choose other seconds."
        self.heard = heard = hear(self._wave, n_mels=self.n_mels.value, milliseconds=self.window.value)
        self._sketch = sound_sketch(self._wave, heard, begin=self.player.begin)
        steps, bands = heard.spectrogram.shape
        told = f"{steps} windows of {self.window.value} ms ({heard.window} samples), {bands} bands up to {RATE // 2000} kHz: {steps * bands:,} numbers"
        if heard.loudest is None:
            told += "; all of it silence"
        else:
            told += f"; loudest at {self.player.begin + heard.loudest[0]:.2f} s, around {heard.loudest[1]:.0f} Hz"
        if heard.empty:
            told += f"; {heard.empty} low bands stay empty: so short a window cannot tell them apart" if heard.empty > 1 else "; one low band stays empty"
        self.put(self._sketch.svg(f"Waveform and log-mel spectrogram of {self._name}: {told}"))
        return f"{told}."

    def describe(self):
        if self.heard is None:
            return f"{self._name}, no sound"
        return f"{self._name}, {len(self._wave) / RATE:.2f} s: {self.n_mels.value} mel bands, windows of {self.window.value} ms"

    def pixels(self):
        return on_paper(*self.player.static(), *[self._sketch] * bool(self._sketch), self.message)

    def forget(self):
        self._wave = self.heard = self._sketch = None

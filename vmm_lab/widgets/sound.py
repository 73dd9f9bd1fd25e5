"""Explore a sound: its waveform and log-mel spectrogram, with a play head that moves over both."""
from dataclasses import dataclass, field
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray

from ..features.sound import hertz_to_mel, log_mel, mel_filters
from ..plots.images import spectrogram_image
from .base import COLUMN, HERE, Explorer, choice, slider
from .charts import Sketch, outline, seconds_axis
from .frames import Source, name_of, opened
from .player import FramePlayer

RATE = 16_000  # samples per second: pitches up to 8 kHz, which is all of speech and most of what hands and feet do
WINDOWS = {f"{ms} ms": ms for ms in (8, 16, 32, 64, 128)}
MOST_STEPS = 2400  # windows: three for each pixel; a longer sound is looked at with a longer step
LEFT, RIGHT = 58, 4  # pixels: room for the names of the pitches, and for the last number of the seconds


@dataclass(frozen=True)
class Spectrogram:
    """Hold a log-mel spectrogram float32 (T, bands), dB, and how it was made; `loudest` is (seconds, hertz)."""

    decibels: NDArray[np.float32] = field(repr=False)
    window: int  # samples
    step: int
    empty: int  # bands too narrow for the window: no frequency falls into them
    loudest: tuple[float, float] | None  # None in silence


def spectrogram(wave: NDArray, *, n_mels: int, milliseconds: int) -> Spectrogram:
    """Compute the spectrogram of a wave float32 (N,) with so many bands and windows so long.

    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    >>> found = spectrogram(tone, n_mels=40, milliseconds=32)
    >>> found.decibels.shape, found.window, round(found.loudest[1], -2)
    ((126, 40), 512, 1000.0)
    """
    window = milliseconds * RATE // 1000
    step = max(window // 4, -(-len(wave) // MOST_STEPS))
    decibels = log_mel(wave, sample_rate=RATE, n_fft=window, hop_length=step, n_mels=n_mels)
    filters = mel_filters(RATE, n_fft=window, n_mels=n_mels)
    time, band = np.unravel_index(decibels.argmax(), decibels.shape)
    middle = filters[:, band].argmax() * RATE / window
    loudest = (time * step / RATE, float(middle)) if np.abs(wave).max(initial=0) > 1e-5 else None
    return Spectrogram(decibels, window, step, int((filters.sum(axis=0) == 0).sum()), loudest)


def sound_chart(wave: NDArray, decibels: NDArray, *, begin: float = 0.0) -> Sketch:
    """Draw the waveform above the spectrogram on one axis of seconds; pitches are named at the left."""
    seconds, wide, tall, top = len(wave) / RATE, COLUMN - LEFT - RIGHT, 190, 74
    sketch = Sketch(COLUMN, top + tall + 32)
    peaks = np.array([part.max(initial=0) for part in np.array_split(np.abs(wave), wide // 2)])
    sketch.path([(LEFT, 34), (LEFT + wide, 34)], line="rule")
    outline(sketch, peaks / max(peaks.max(), 1e-3), left=LEFT, wide=wide, middle=34, half=32, fill="mark", opacity=0.8)
    sketch.words(LEFT - 6, 38, "wave", size=11, color="soft", anchor="end")
    sketch.picture(LEFT, top, wide, tall, spectrogram_image(decibels, height=tall, width=wide))
    highest = hertz_to_mel(RATE / 2)
    for hertz in (200, 500, 1000, 2000, 4000):
        y = float(top + tall * (1 - hertz_to_mel(hertz) / highest))
        name = f"{hertz} Hz" if hertz < 1000 else f"{hertz // 1000} kHz"
        sketch.path([(LEFT - 4, y), (LEFT, y)], line="soft")
        sketch.words(LEFT - 6, y + 4, name, size=11, color="soft", anchor="end")
    seconds_axis(sketch, begin, seconds, left=LEFT, wide=wide, top=top + tall)
    sentence = "spectrogram: the louder, the lighter; 80 decibels from black to the lightest"
    sketch.words(LEFT, top + tall + 29, sentence, size=10, color="soft")
    return sketch


class Head(anywidget.AnyWidget):
    """Represent a line over the drawing below it that follows the player of the same widget, in the browser alone."""

    _esm = HERE / "sound.js"
    _css = HERE / "lab.css"
    left = traitlets.Float(0.0).tag(sync=True)  # where the drawing's seconds begin and end, as shares of its width
    right = traitlets.Float(1.0).tag(sync=True)


class SoundExplorer(Explorer):
    """Hear a film and see its sound: the player, and below it waveform and log-mel spectrogram with a play head.

    A click into the drawing moves the play head; play, space and arrow keys are the player's. Everything that moves
    moves in the browser; only a change of the bands or the window asks the kernel.

    source: path or Media, with pictures, sound or both. n_mels: bands of pitch. milliseconds: 8, 16, 32, 64 or 128,
    how long a window is: a long one separates pitches, a short one moments. start, end: seconds, the part [start, end)
    of a file, at most 300 s. Raises ValueError or MediaError where the source cannot be read, or is too long.

    Attributes:
    player : a FramePlayer
    n_mels, window : controls; read or set their `.value`, of the window in milliseconds
    spectrogram : on show, see `Spectrogram`; None for a film without sound

    >>> explorer = SoundExplorer("data/sample/clap/ada.mp4")    # doctest: +SKIP
    >>> explorer.window.value = 128                             # doctest: +SKIP
    """

    def __init__(self, source: Source, *, n_mels: int = 64, milliseconds: int = 32, start: float | None = None,
                 end: float | None = None) -> None:
        if milliseconds not in WINDOWS.values():
            choices = ", ".join(map(str, WINDOWS.values()))
            raise ValueError(f"milliseconds must be one of {choices}, got {milliseconds!r}.")
        self._name, self._wave = name_of(source), None
        self.spectrogram: Spectrogram | None = None
        media = opened(source)
        self.player = FramePlayer(media, start=start, end=end, name=self._name)
        self.n_mels, self.window = slider("Mel bands", n_mels, 8, 128, step=4), choice("Window", WINDOWS, milliseconds)
        below: list[Any] = []
        if media.has_audio:
            self._wave = media.audio(sample_rate=RATE, start=start, end=end)
            # A track that ends before the pictures do has a drawing that ends there, too.
            share = min(1.0, len(self._wave) / RATE / max(self.player.finish - self.player.begin, 1e-9))
            right = (LEFT + (COLUMN - LEFT - RIGHT) / share) / COLUMN if share else 0.0
            below = [[self.n_mels, self.window], Head(left=LEFT / COLUMN, right=right)]
        super().__init__(self.player, *below)
        self.follow(self.n_mels, self.window)  # those that are not on show, too, so that they end with the rest

    def draw(self) -> str:
        if self._wave is None:
            return f"{self._name} has no sound to see: its pictures play, and there is nothing to hear."
        if not len(self._wave):
            return f"{self._name} has no sound in this part: choose other seconds."
        found = self.spectrogram = spectrogram(self._wave, n_mels=self.n_mels.value, milliseconds=self.window.value)
        (steps, bands), begin = found.decibels.shape, self.player.begin
        facts = [f"{steps} windows of {self.window.value} ms ({found.window} samples), {bands} bands up to "
                 f"{RATE // 2000} kHz: {steps * bands:,} numbers", "all of it silence"]
        if found.loudest is not None:
            facts[1] = f"loudest at {begin + found.loudest[0]:.2f} s, around {found.loudest[1]:.0f} Hz"
        if found.empty > 1:
            facts.append(f"{found.empty} low bands stay empty: so short a window cannot separate them")
        elif found.empty:
            facts.append("one low band stays empty")
        chart, sentence = sound_chart(self._wave, found.decibels, begin=begin), "; ".join(facts)
        self.put(chart.labelled(f"Waveform and log-mel spectrogram of {self._name}: {sentence}"))
        return f"{sentence}."

    def describe(self) -> str:
        if self.spectrogram is None:
            return f"{self._name}, no sound"
        seconds = len(self._wave) / RATE
        return f"{self._name}, {seconds:.2f} s: {self.n_mels.value} mel bands, windows of {self.window.value} ms"

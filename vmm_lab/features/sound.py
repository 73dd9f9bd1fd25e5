"""Compute log-mel spectrograms and cepstral coefficients (MFCC): which pitches are loud, and when."""
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from numbers import Integral
from typing import Any

import numpy as np
import scipy.fft
import scipy.signal
import scipy.sparse
from numpy.typing import ArrayLike, NDArray

from vmm_lab.features.base import Feature, segment_means
from vmm_lab.features.checks import check_wave
from vmm_lab.features.segment import Segment
from vmm_lab.media import MediaError, open_media
from vmm_lab.media.container import open_source
from vmm_lab.media.decode import decode
from vmm_lab.media.options import check_choice, check_number, check_whole

BLOCK = 256  # windows transformed at a time: few enough to stay in the processor's cache, however long the sound


def log_mel(
    wave: NDArray[np.floating], *, sample_rate: int, n_fft: int = 512, hop_length: int = 160, n_mels: int = 64,
    fmin: float = 0.0, fmax: float | None = None, top_db: float | None = 80.0,
) -> NDArray[np.float32]:
    """Compute the log-mel spectrogram: the loudness, in decibels, of `n_mels` bands of pitch, window by window.

    wave: float32 (N,) in [-1, 1]; a sound shorter than one window is padded with silence. sample_rate: in Hz.
    n_fft, hop_length: window (periodic Hann) and step, in samples; windows are centred on multiples of the step, with
    silence before and after. fmin, fmax: lowest and highest pitch, in Hz; None is half the sample rate.
    top_db: anything quieter than the loudest value by more is raised to it; None keeps all above -100 dB.
    Returns float32 (1 + N // hop_length, n_mels), dB relative to a power of 1; time first, as Keras has it.
    Raises ValueError for a wave that is not one-dimensional floating point and finite, or options that do not fit.

    The same numbers, transposed, as librosa's `power_to_db(feature.melspectrogram(...))`, its mel scale being Slaney's.
    Sources: Davis and Mermelstein, IEEE Trans. ASSP 28(4), 1980; Slaney, "Auditory Toolbox", 1998.

    >>> seconds = np.arange(16_000, dtype=np.float32) / 16_000
    >>> spectrogram = log_mel(np.sin(2 * np.pi * 440 * seconds), sample_rate=16_000)
    >>> spectrogram.shape
    (101, 64)
    >>> int(spectrogram[50].argmax())  # the band around 440 Hz
    8
    """
    check_wave(wave, "log_mel")
    check_whole("log_mel", n_fft=n_fft, hop_length=hop_length)
    filters = mel_filters(sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
    # Each bin is part of two bands at most. A dense product of matrices so small is up to seven times as slow where
    # other work keeps the processor busy, because the threads of the linear algebra library wait for each other.
    bands = scipy.sparse.csr_array(filters.T)
    blocks = power_blocks(wave, n_fft=n_fft, hop_length=hop_length)
    power = np.concatenate([(bands @ np.ascontiguousarray(block.T)).T for block in blocks])
    decibels = np.maximum(power, 1e-10, out=power)  # in place: an hour of sound has 90 MB of them
    np.log10(decibels, out=decibels)
    decibels *= 10
    return decibels if top_db is None else np.maximum(decibels, decibels.max() - np.float32(top_db), out=decibels)


def power_blocks(wave: NDArray[np.floating], *, n_fft: int, hop_length: int) -> Iterator[NDArray[np.float32]]:
    """Yield the power spectra of a wave, float32 (at most 256, 1 + n_fft // 2), in order; options as in `log_mel`."""
    window = scipy.signal.get_window("hann", n_fft).astype(np.float32)
    windows = windows_around(np.asarray(wave, np.float32), n_fft, hop_length)
    for first in range(0, len(windows), BLOCK):
        spectrum = scipy.fft.rfft(windows[first : first + BLOCK] * window)
        yield spectrum.real**2 + spectrum.imag**2


def windows_around(wave: NDArray, length: int, hop_length: int) -> NDArray:
    """Show a wave (N,) as windows around each step, (1 + N // hop_length, length), with silence at both ends."""
    padded = np.pad(wave, (length // 2, length))
    return np.lib.stride_tricks.sliding_window_view(padded, length)[::hop_length][: 1 + len(wave) // hop_length]


@functools.lru_cache(maxsize=16)
def mel_filters(
    sample_rate: int, *, n_fft: int, n_mels: int, fmin: float = 0.0, fmax: float | None = None
) -> NDArray[np.float32]:
    """Return the matrix from a power spectrum to mel bands: triangles, equally wide on the mel scale, of equal area.

    Options as in `log_mel`. Returns float32 (1 + n_fft // 2, n_mels), read-only. The scale is Slaney's: linear below
    1 kHz, logarithmic above. Raises ValueError unless 0 ≤ fmin < fmax ≤ sample_rate / 2.

    >>> mel_filters(16_000, n_fft=512, n_mels=40).shape
    (257, 40)
    """
    check_whole("mel bands", sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels)
    top = sample_rate / 2 if fmax is None else fmax
    if not 0 <= fmin < top <= sample_rate / 2:
        limit = f"{sample_rate / 2:g} Hz, half the sample rate"
        raise ValueError(f"mel bands need 0 ≤ fmin < fmax ≤ {limit}; got {fmin:g} and {top:g}")

    edges = np.linspace(hertz_to_mel(fmin), hertz_to_mel(top), n_mels + 2)
    hertz = np.where(edges < 15, edges * 200 / 3, 1000 * 6.4 ** ((edges - 15) / 27))
    low, centre, high = hertz[:-2], hertz[1:-1], hertz[2:]
    bins = np.fft.rfftfreq(n_fft, 1 / sample_rate)[:, None]
    triangles = np.maximum(0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    filters = (triangles * 2 / (high - low)).astype(np.float32)
    filters.flags.writeable = False
    return filters


def hertz_to_mel(hertz: ArrayLike) -> NDArray[np.float64]:
    """Return pitch on Slaney's mel scale, on which equal steps sound equally far: linear up to 1 kHz, mel 15.

    >>> hertz_to_mel(np.array([200, 1000, 6400])).tolist()
    [3.0, 15.0, 42.0]
    """
    hertz = np.asarray(hertz, float)
    return np.where(hertz < 1000, hertz * 3 / 200, 15 + 27 * np.log(np.maximum(hertz, 1e-9) / 1000) / np.log(6.4))


def mfcc(
    wave: NDArray[np.floating], *, sample_rate: int, n_mfcc: int = 13, n_mels: int = 26, n_fft: int = 512,
    hop_length: int = 160, fmin: float = 0.0, fmax: float | None = 4000.0, top_db: float | None = 80.0,
) -> NDArray[np.float32]:
    """Compute mel-frequency cepstral coefficients: the shape of the spectrum in a few numbers, window by window.

    The discrete cosine transform (type II, orthonormal) of `log_mel`, its first `n_mfcc` numbers: c0 is the loudness,
    the low ones the broad shape (which vowel), and the pitch of the voice is left out with the high ones.
    26 bands up to 4 kHz are the custom for speech: the band of a phone call, which recordings of every rate share.
    Other options, errors and the source as in `log_mel`. Returns float32 (1 + N // hop_length, n_mfcc).

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> mfcc(noise, sample_rate=16_000).shape
    (51, 13)
    """
    _check_n_mfcc("mfcc", n_mfcc, n_mels)
    decibels = log_mel(
        wave, sample_rate=sample_rate, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels, fmin=fmin, fmax=fmax,
        top_db=top_db,
    )
    return scipy.fft.dct(decibels, norm="ortho")[:, :n_mfcc]


def deltas(sequence: NDArray[np.floating], *, width: int = 9) -> NDArray[np.floating]:
    """Compute how fast each column of (T, d) changes: the slope of a line fitted to `width` (odd) steps; same shape.

    >>> deltas(np.arange(20.0)[:, None] * 2)[10].round(6)
    array([2.])
    """
    if not isinstance(width, Integral) or width < 3 or width % 2 == 0:
        raise ValueError(f"deltas: width must be an odd whole number, at least 3, got {width!r}.")
    return scipy.signal.savgol_filter(sequence, width, polyorder=1, deriv=1, axis=0, mode="nearest")


def trimmed(decibels: NDArray[np.floating], trim: float | None) -> NDArray[np.floating]:
    """Cut off both ends of a spectrogram (T, bands) that are quieter than its loudest step by more than `trim` dB."""
    if trim is None:
        return decibels
    loudness = decibels.max(axis=1)
    loud = np.flatnonzero(loudness >= loudness.max() - trim)
    return decibels[loud[0] : loud[-1] + 1]


@dataclass(kw_only=True, eq=False, repr=False)
class SoundFeature(Feature):
    """Hold what all sound features share: a mono wave at a fixed rate, and options of the mel bands."""

    modality = "sound"
    read_options = ("sample_rate",)

    sample_rate: int = 16_000
    n_fft: int = 512
    hop_length: int = 160
    n_mels: int = 64
    fmin: float = 0.0
    fmax: float | None = None
    top_db: float | None = 80.0

    def check_options(self) -> None:
        lengths = {name: getattr(self, name) for name in ("segments", "n_frames") if hasattr(self, name)}
        check_whole(type(self).__name__, n_fft=self.n_fft, hop_length=self.hop_length, **lengths)
        mel_filters(self.sample_rate, n_fft=self.n_fft, n_mels=self.n_mels, fmin=self.fmin, fmax=self.fmax)
        levels = {name: getattr(self, name, None) for name in ("top_db", "trim")}
        check_number(type(self).__name__, **{name: level for name, level in levels.items() if level is not None})
        if hasattr(self, "n_mfcc"):
            _check_n_mfcc(type(self).__name__, self.n_mfcc, self.n_mels)

    def check_item(self, item: Any) -> None:
        check_wave(item, type(self).__name__)

    def read(self, segment: Segment) -> NDArray[np.float32]:
        """Return float32 (N,) mono, at `sample_rate`."""
        with open_media(segment.path) as media:
            rate, start, end = self.sample_rate, segment.start, segment.end
            wave = media.audio(sample_rate=rate, start=start, end=end)
            # Before a late sound, and behind the end of one, there is silence that nobody recorded.
            if start and not wave.any() and not len(media.audio(sample_rate=rate, start=start)):
                wave = wave[:0]
            if end is not None and not wave[:1].any() and end <= _first_sound(media.path):
                wave = wave[:0]
            if len(wave) == 0:
                end = media.duration if end is None else end
                raise MediaError(f"{segment.path}: no sound between {start or 0.0} and {end} s; check start and end")
        return wave

    def blank(self) -> NDArray[np.float32]:
        return np.zeros(self.sample_rate // 10 + 1, np.float32)

    def _mel_options(self):
        return {option.name: getattr(self, option.name) for option in fields(SoundFeature)}


@dataclass(kw_only=True, eq=False, repr=False)
class LogMel(SoundFeature):
    """Represent sound by its log-mel spectrogram, summed up: mean and deviation of each band, means of equal parts.

    sample_rate: Hz; sounds of other rates are resampled. segments: equal parts of the time, each averaged; the rest as
    in `log_mel`. A description is float32 (T, n_mels), dB; a row (2 + segments)·n_mels numbers.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> LogMel().transform([noise]).shape
    (1, 320)
    """

    encode_options = ("segments",)

    segments: int = 3

    def describe(self, wave: NDArray[np.floating]) -> NDArray[np.float32]:
        return log_mel(wave, **self._mel_options())

    def encode(self, descriptions: Iterable[NDArray]) -> NDArray[np.float32]:
        return np.stack([summary(d, self.segments) for d in descriptions])


@dataclass(kw_only=True, eq=False, repr=False)
class Spectrogram(SoundFeature):
    """Represent sound by the log-mel spectrogram itself, stretched to a fixed number of steps, as networks need it.

    n_frames: steps of time; a longer sound is averaged over each, a shorter one repeats some. trim: dB; what is quieter
    than the loudest step by more is cut off at both ends, so that a word fills the time however it was recorded; None
    keeps the whole time, and with it what happens when. The rest as in `log_mel`.
    A description is float32 (n_frames, n_mels), dB; a row the same, laid end to end.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> Spectrogram().describe(noise).shape
    (128, 48)
    """

    hop_length: int = 256
    n_mels: int = 48
    n_frames: int = 128
    trim: float | None = None

    def describe(self, wave: NDArray[np.floating]) -> NDArray[np.float32]:
        return segment_means(trimmed(log_mel(wave, **self._mel_options()), self.trim), self.n_frames)


@dataclass(kw_only=True, eq=False, repr=False)
class MFCC(SoundFeature):
    """Represent sound by cepstral coefficients and their slopes, summed up: mean, deviation and means of equal parts.

    sample_rate: Hz; sounds of other rates are resampled. segments: equal parts of the time, each averaged, so that the
    order of what is heard counts. normalise: subtract each recording's mean, which takes out microphone, room and
    loudness (cepstral mean normalisation), and with them anything that they tell. The rest as in `mfcc`.
    A description is float32 (T, n_mfcc); a row 2·(2 + segments)·n_mfcc numbers.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> MFCC().transform([noise]).shape
    (1, 130)
    """

    encode_options = ("segments", "normalise")

    n_mfcc: int = 13
    n_mels: int = 26
    fmax: float | None = 4000.0
    segments: int = 3
    normalise: bool = False

    def check_options(self) -> None:
        super().check_options()
        check_choice("MFCC", (True, False), normalise=self.normalise)

    def describe(self, wave: NDArray[np.floating]) -> NDArray[np.float32]:
        return mfcc(wave, n_mfcc=self.n_mfcc, **self._mel_options())

    def encode(self, descriptions: Iterable[NDArray]) -> NDArray[np.float32]:
        rows = []
        for sequence in descriptions:
            level = sequence - sequence.mean(0) if self.normalise else sequence
            rows.append(summary(np.concatenate([level, deltas(sequence)], axis=1), self.segments))
        return np.stack(rows)


def summary(sequence: NDArray[np.floating], segments: int) -> NDArray[np.float32]:
    """Return float32 ((2 + segments)·d,): mean and deviation over time of (T, d), and the mean of each equal part."""
    return np.vstack([sequence.mean(0), sequence.std(0), segment_means(sequence, segments)]).ravel().astype(np.float32)


def _first_sound(path):
    """Return the second of the media's clock at which its sound begins."""
    with open_source(path, partial=True) as source:
        return next((time for time, _ in decode(source, source.audio)), 0.0)


def _check_n_mfcc(who, n_mfcc, n_mels):
    check_whole(who, n_mfcc=n_mfcc)
    if n_mfcc > n_mels:
        raise ValueError(f"{who}: n_mfcc {n_mfcc} is more than there are mel bands, n_mels {n_mels}")

"""Describe how something is said: pitch, voice quality, loudness and spectrum over time, and their statistics."""
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from vmm_lab.features.checks import check_wave
from vmm_lab.features.sound import BLOCK, SoundFeature, deltas, mfcc, windows_around
from vmm_lab.features.sound_statistics import SoundStatistics
from vmm_lab.media.options import check_number, check_whole

PITCH_WINDOW = 0.04  # seconds
LOUDNESS_WINDOW = 0.025  # seconds
VOICED = 0.45  # the autocorrelation from which a window counts as voiced (Boersma)
SILENT = 0.03  # of the loudest window: what is quieter has no pitch (Boersma)
OCTAVE_COST = 0.03  # by which r of an octave down must be better: with noise, multiples of the period look alike
CURVES = ("pcm_zcr", "pcm_RMSenergy", "F0", "HNR", *(f"pcm_fftMag_mfcc[{k}]" for k in range(1, 13)))
FUNCTIONALS = ("max", "min", "range", "maxPos", "minPos", "amean", "linregc1", "linregc2", "linregerrQ", "stddev",
               "skewness", "kurtosis")
SPEECH_NAMES = tuple(f"{curve}_sma{delta}_{name}" for delta in ("", "_de") for curve in CURVES for name in FUNCTIONALS)


def pitch_and_harmonicity(
    wave: NDArray[np.floating], *, sample_rate: int, hop_length: int = 160, lowest: float = 60.0,
    highest: float = 500.0,
) -> NDArray[np.float32]:
    """Compute the pitch of a voice, and its harmonics-to-noise ratio (HNR), in windows of 40 ms.

    wave: float32 (N,). hop_length: step, samples. lowest, highest: the pitches that are looked for, in Hz.
    The autocorrelation of a Hann window of sound, divided by that of the window itself, has its peak r at the period;
    r is the share of the power that repeats, so HNR = 10 log10(r / (1 - r)), held between -20 and 40 dB. A window
    without voice (r < 0.45, or nearly silent) has pitch 0.
    Returns float32 (1 + N // hop_length, 2): Hz, and dB; windows are centred as those of `log_mel`.
    Source: Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a
    sampled sound", Proc. IFA Amsterdam 17, 1993; without his search for the smoothest path.

    >>> seconds = np.arange(8_000) / 16_000
    >>> voice = sum(np.sin(2 * np.pi * 150 * k * seconds) / k for k in (1, 2, 3)).astype(np.float32)
    >>> pitch_and_harmonicity(voice, sample_rate=16_000)[25].round().tolist()  # with a little error of rounding
    [150.0, 32.0]
    """
    check_wave(wave, "pitch_and_harmonicity")
    check_whole("pitch_and_harmonicity", sample_rate=sample_rate, hop_length=hop_length)
    check_number("pitch_and_harmonicity", lowest=lowest, highest=highest)
    length = max(2, round(PITCH_WINDOW * sample_rate))
    first, last = max(1, int(sample_rate / highest)), min(length - 2, int(np.ceil(sample_rate / lowest)))
    windows = windows_around(wave, length, hop_length)
    if last <= first:  # so few samples a second hold no pitch
        return np.tile(np.array([0, -20], np.float32), (len(windows), 1))
    hann = scipy.signal.get_window("hann", length).astype(np.float32)
    size = scipy.fft.next_fast_len(length + last + 2, real=True)
    lags = np.arange(first - 1, last + 2)
    own = _autocorrelation(hann[None], size)[0]
    own = own[lags] / own[0]
    cost = OCTAVE_COST * np.log2(lags[1:-1])
    found = []
    for start in range(0, len(windows), BLOCK):
        block = windows[start : start + BLOCK]
        block = (block - block.mean(axis=1, keepdims=True)) * hann
        raw = _autocorrelation(block, size)
        power = raw[:, :1]
        r = raw[:, lags] / np.maximum(power * own, 1e-12)
        inner = r[:, 1:-1]
        peaks = (inner >= r[:, :-2]) & (inner >= r[:, 2:])
        best = np.where(peaks, inner - cost, -np.inf).argmax(axis=1)
        left, top, right = (r[np.arange(len(r)), best + k] for k in (0, 1, 2))
        bend = left - 2 * top + right
        shift = np.clip(np.where(bend < -1e-9, (left - right) / np.where(bend < -1e-9, 2 * bend, 1), 0), -0.5, 0.5)
        height = top - (left - right) * shift / 4  # of the parabola through the three
        found.append(np.stack([sample_rate / (lags[best + 1] + shift), height, np.sqrt(power[:, 0])], axis=1))
    hertz, height, level = np.concatenate(found).T
    height = np.where(level > 0, np.clip(height, 0.01, 0.9999), 0.01)
    voiced = (height >= VOICED) & (level > SILENT * level.max())
    decibels = np.clip(10 * np.log10(height / (1 - height)), -20, 40)
    return np.stack([np.where(voiced, hertz, 0), decibels], axis=1).astype(np.float32)


def speech_curves(wave: NDArray[np.floating], *, sample_rate: int, hop_length: int = 160) -> NDArray[np.float32]:
    """Compute the 16 curves of `SpeechFunctionals`, each averaged over three steps: float32 (T, 16), see `CURVES`.

    Zero crossings a sample and root mean square of windows of 25 ms, `pitch_and_harmonicity`, `mfcc` 1 to 12.

    >>> tone = np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000).astype(np.float32)
    >>> speech_curves(tone, sample_rate=16_000)[50, 1:3].round(2)  # 1/√2; the pitch
    array([  0.71, 200.  ], dtype=float32)
    """
    width = max(2, round(LOUDNESS_WINDOW * sample_rate))
    crossings = np.diff(np.signbit(wave), prepend=np.signbit(wave[:1]))
    zcr, power = (windows_around(curve, width, hop_length).mean(axis=1) for curve in (crossings, wave**2))
    cepstra = mfcc(wave, sample_rate=sample_rate, hop_length=hop_length)[:, 1:]
    voice = pitch_and_harmonicity(wave, sample_rate=sample_rate, hop_length=hop_length)
    curves = np.concatenate([np.stack([zcr, np.sqrt(power)], axis=1), voice, cepstra], axis=1)
    edges = np.pad(curves, ((1, 1), (0, 0)), mode="edge")
    return ((edges[:-2] + edges[1:-1] + edges[2:]) / 3).astype(np.float32)


def functionals(curves: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute 12 statistics over time of each curve (T, d): float64 (d, 12), in the order of `FUNCTIONALS`.

    Largest, smallest, their difference, where they are (0 at the start, 1 at the end), mean; of the straight line
    fitted best, with time from 0 to 1, slope, offset and mean squared error; standard deviation, skewness, kurtosis
    (3 for a normal distribution; both 0 for a constant).

    >>> functionals(np.array([[0.0], [1], [2], [3]]))[0].round(2).tolist()
    [3.0, 0.0, 3.0, 1.0, 0.0, 1.5, 3.0, 0.0, 0.0, 1.12, 0.0, 1.64]
    """
    values = np.asarray(curves, float)
    time, mean = np.linspace(0, 1, len(values)), values.mean(axis=0)
    centred, deviation = values - mean, values.std(axis=0)
    slope = (time - time.mean()) @ centred / max(((time - time.mean()) ** 2).sum(), 1e-9)  # 0 of a single step
    error = ((centred - np.outer(time - time.mean(), slope)) ** 2).mean(axis=0)
    moving = deviation > 1e-6 * np.maximum(1e-3, np.abs(mean))
    z = centred / np.where(moving, deviation, 1) * moving
    highest, lowest = values.max(axis=0), values.min(axis=0)
    places = (time[values.argmax(axis=0)], time[values.argmin(axis=0)])
    return np.stack([highest, lowest, highest - lowest, *places, mean, slope, mean - slope * time.mean(), error,
                     deviation, (z**3).mean(axis=0), (z**4).mean(axis=0)], axis=1)


@dataclass(kw_only=True, eq=False, repr=False)
class SpeechFunctionals(SoundFeature):
    """Represent how something is said, by the 384 numbers of the INTERSPEECH 2009 Emotion Challenge.

    16 curves (zero crossings, loudness, pitch, harmonics-to-noise ratio, cepstra 1 to 12; `speech_curves`) and their
    slopes over 5 steps, each summed up by 12 `functionals`. Names are those of the challenge's openSMILE file, except
    for HNR, whose place there holds its probability of voice. sample_rate: Hz. hop_length: step, samples.
    A description is float32 (384,).
    Source: Schuller, Steidl and Batliner, "The INTERSPEECH 2009 emotion challenge", Interspeech 2009.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> SpeechFunctionals().transform([noise]).shape
    (1, 384)
    """

    chosen_learner = True

    def describe(self, wave: NDArray[np.floating]) -> NDArray[np.float32]:
        curves = speech_curves(wave, sample_rate=self.sample_rate, hop_length=self.hop_length)
        return functionals(np.concatenate([curves, deltas(curves, width=5)], axis=1)).ravel().astype(np.float32)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the 384 names, such as F0_sma_range, and F0_sma_de_range of its slope."""
        return np.asarray(SPEECH_NAMES, dtype=object)


@dataclass(kw_only=True, eq=False, repr=False)
class SpeechStatistics(SoundStatistics):
    """Represent how something is said, by `SpeechFunctionals` followed by `SoundStatistics`; options as of these.

    A description is float32 (384 + d,).

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> SpeechStatistics().transform([noise]).shape
    (1, 626)
    """

    def describe(self, wave: NDArray[np.floating]) -> NDArray[np.float32]:
        speech = SpeechFunctionals(sample_rate=self.sample_rate, hop_length=self.hop_length)
        return np.concatenate([speech.describe(wave), super().describe(wave)])


def _autocorrelation(rows, size):
    spectrum = scipy.fft.rfft(rows, size)
    return scipy.fft.irfft(spectrum.real**2 + spectrum.imag**2, size)

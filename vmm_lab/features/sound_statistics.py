"""Sum up a sound in the numbers that recognisers of speech and of scenes begin with: spectra, rhythms, cepstra."""
from dataclasses import dataclass

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

from vmm_lab.features.base import segment_means
from vmm_lab.features.checks import check_wave
from vmm_lab.features.sound import SoundFeature, deltas, log_mel, power_blocks, summary, trimmed
from vmm_lab.media.options import check_number, check_whole

OCTAVES = (0, 200, 400, 800, 1600, 3200, 6400)  # Hz, where the bands of spectral contrast begin; the last has no end
RHYTHMS = (1, 2, 3, 4, 6, 9, 13, 20)  # Hz, between which the modulation spectrum is averaged: syllables are at 3 to 6


def spectral_contrast(
    wave: NDArray[np.floating], *, sample_rate: int, n_fft: int = 512, hop_length: int = 160
) -> NDArray[np.float32]:
    """Compute spectral contrast: how far the peaks of the spectrum rise above its valleys, octave by octave, in dB.

    wave, options: as in `log_mel`. Peaks and valleys are the means of the loudest and the quietest fifth of a band, so
    a voice or a tone has much contrast, noise little. Returns float32 (T, bands, 2), contrast and valley in dB; bands
    are the octaves from 200 Hz to half the sample rate, and what is below.
    Source: Jiang et al., "Music type classification by spectral contrast feature", ICME 2002.

    >>> seconds = np.arange(16_000, dtype=np.float32) / 16_000
    >>> tone = spectral_contrast(np.sin(2 * np.pi * 1000 * seconds), sample_rate=16_000)
    >>> tone.shape, int(tone[50, :, 0].argmax())  # of the band from 800 to 1600 Hz
    ((101, 7, 2), 3)
    """
    check_wave(wave, "spectral_contrast")
    check_whole("spectral_contrast", sample_rate=sample_rate, n_fft=n_fft, hop_length=hop_length)
    edges = [round(n_fft * edge / sample_rate) for edge in OCTAVES if edge < sample_rate / 2] + [n_fft // 2 + 1]
    bands = [slice(low, max(high, low + 1)) for low, high in zip(edges, edges[1:]) if low <= n_fft // 2]
    blocks = []
    for power in power_blocks(wave, n_fft=n_fft, hop_length=hop_length):
        ordered = [np.sort(power[:, band], axis=1) for band in bands]
        fifths = [max(1, band.shape[1] // 5) for band in ordered]
        peaks = np.stack([band[:, -n:].mean(axis=1) for band, n in zip(ordered, fifths)], axis=1)
        valleys = np.stack([band[:, :n].mean(axis=1) for band, n in zip(ordered, fifths)], axis=1)
        peaks, valleys = (10 * np.log10(np.maximum(level, 1e-10)) for level in (peaks, valleys))
        blocks.append(np.stack([peaks - valleys, valleys], axis=2))
    return np.concatenate(blocks)


def modulation_spectrum(decibels: NDArray[np.floating], *, rate: float, n_bands: int = 8) -> NDArray[np.float32]:
    """Compute the modulation spectrum: how strongly the loudness of bands of pitch goes up and down at which rhythm.

    decibels: (T, mels), such as `log_mel`. rate: steps a second. n_bands: bands of pitch to which mels are averaged.
    Returns float32 (n_bands, 7): the logarithm of the mean amplitude, in dB, of rhythms from 1 to 20 Hz, see `RHYTHMS`,
    in windows of a second that overlap by half; a shorter sound is padded with its mean.
    Source: Greenberg and Kingsbury, "The modulation spectrogram", ICASSP 1997.

    >>> steps = np.arange(300)[:, None] / 100
    >>> beats = modulation_spectrum(20 * np.sin(2 * np.pi * 5 * steps) + np.zeros(40), rate=100)
    >>> beats.shape, int(beats[0].argmax())  # 5 Hz: between 4 and 6
    ((8, 7), 3)
    """
    check_whole("modulation_spectrum", n_bands=n_bands)
    check_number("modulation_spectrum", rate=rate)
    bands = segment_means(np.asarray(decibels).T, n_bands).T  # (T, n_bands)
    length = max(2, round(rate))
    bands = np.pad(bands - bands.mean(axis=0), ((0, max(0, length - len(bands))), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(bands, length, axis=0)[:: max(1, length // 2)]
    amplitude = np.abs(scipy.fft.rfft(windows * scipy.signal.get_window("hann", length), axis=2)).mean(axis=0)
    amplitude /= length / 4  # of a sine under a Hann window
    hertz = np.arange(amplitude.shape[1]) * rate / length
    masks = [(hertz >= low) & (hertz < high) for low, high in zip(RHYTHMS, RHYTHMS[1:])]
    return np.stack([np.log(amplitude[:, mask].mean(axis=1) + 0.01) if mask.any() else np.zeros(n_bands)
                     for mask in masks], axis=1).astype(np.float32)


def cepstra_with_deltas(decibels: NDArray[np.floating], *, n_mfcc: int = 13) -> NDArray[np.floating]:
    """Return (T, 3 · n_mfcc): the cepstra of a log-mel spectrogram (T, mels), their slopes, and the slopes of these."""
    cepstra = scipy.fft.dct(decibels, norm="ortho")[:, :n_mfcc]
    slopes = deltas(cepstra)
    return np.concatenate([cepstra, slopes, deltas(slopes)], axis=1)


@dataclass(kw_only=True, eq=False, repr=False)
class SoundStatistics(SoundFeature):
    """Represent sound by statistics of its log-mel bands, their rhythms, spectral contrast and cepstra with deltas.

    n_mfcc: cepstral coefficients. The rest as in `log_mel`. A description is float32 (d,): mean and deviation of
    `log_mel`, of `spectral_contrast` and of `cepstra_with_deltas`, then `modulation_spectrum`. The order is lost.
    Sources: as of those functions.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> SoundStatistics().transform([noise]).shape
    (1, 242)
    """

    chosen_learner = True

    n_mels: int = 40
    n_mfcc: int = 13

    def describe(self, wave: NDArray[np.floating]) -> NDArray[np.float32]:
        decibels = log_mel(wave, **self._mel_options())
        contrast = spectral_contrast(wave, sample_rate=self.sample_rate, n_fft=self.n_fft, hop_length=self.hop_length)
        cepstra = cepstra_with_deltas(decibels, n_mfcc=self.n_mfcc)
        rhythms = modulation_spectrum(decibels, rate=self.sample_rate / self.hop_length)
        sequences = decibels, contrast.reshape(len(contrast), -1), cepstra
        found = [statistic for each in sequences for statistic in (each.mean(axis=0), each.std(axis=0))]
        return np.concatenate([*found, rhythms.ravel()], dtype=np.float32)


@dataclass(kw_only=True, eq=False, repr=False)
class MFCCDeltas(SoundFeature):
    """Represent a spoken word by cepstra with first and second deltas: mean, deviation, and means of equal parts.

    n_mfcc: cepstral coefficients. segments: equal parts of the time. trim: dB, see `Spectrogram`: the time begins and
    ends where the sound is loud enough, so that the parts of a word meet those of another. The rest as in `mfcc`.
    A description is float32 (d,).
    Source: Furui, "Speaker-independent isolated word recognition using dynamic features of speech spectrum", IEEE
    Trans. ASSP 34(1), 1986.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> MFCCDeltas().transform([noise]).shape  # 39 numbers, 2 + 5 times
    (1, 273)
    """

    chosen_learner = True

    n_mfcc: int = 13
    n_mels: int = 26
    fmax: float | None = 4000.0
    segments: int = 5
    trim: float | None = 30.0

    def describe(self, wave: NDArray[np.floating]) -> NDArray[np.float32]:
        cepstra = cepstra_with_deltas(trimmed(log_mel(wave, **self._mel_options()), self.trim), n_mfcc=self.n_mfcc)
        return summary(cepstra, self.segments)

"""Wrong answers to the exercises of 12 sound, each with words that its refusal says."""

import numpy as np

WRONG = {
    "level": [
        (lambda wave: 20 * np.log10(max(np.mean(np.square(wave)), 1e-5)), "twice"),
        (lambda wave: 10 * np.log(max(np.mean(np.square(wave)), 1e-10)), "natural logarithm"),
        (lambda wave: 10 * np.log10(max(np.sum(np.square(wave)), 1e-10)), "sum"),
        (lambda wave: 10 * np.log10(np.mean(np.square(wave)) + 1e-300), "silence"),
    ],
    "columns": [
        (lambda seconds, sample_rate, hop_length: int(seconds * sample_rate) // hop_length, "window on sample 0"),
        (lambda seconds, sample_rate, hop_length: 1 + seconds * sample_rate / hop_length, "whole number"),
        (lambda seconds, sample_rate, hop_length: 1 + int(seconds * 1000) // hop_length, "in samples"),
    ],
    "normalise": [
        (lambda spectrogram: spectrogram - spectrogram.mean(), "one mean of everything"),
        (lambda spectrogram: spectrogram - spectrogram.mean(axis=1, keepdims=True), "each moment"),
        (lambda spectrogram: (spectrogram - spectrogram.mean(axis=0)) / spectrogram.std(axis=0), "divided"),
        (lambda spectrogram: spectrogram.mean(axis=0), "should be of shape"),
    ],
    "perfect_listener": [
        (lambda missed: 1 - missed, "may still guess"),
        (lambda missed: 1 - missed + missed / 16, "one of the two"),
        (lambda missed: missed + (1 - missed) / 2, "heard"),
    ],
    "heard_at": [
        (lambda hertz, rate: hertz, "folded back"),
        (lambda hertz, rate: min(hertz, rate // 2), "not cut off"),
        (lambda hertz, rate: hertz % (rate // 2), "as far below"),
        (lambda hertz, rate: abs(rate - hertz), "stays"),
        (lambda hertz, rate: hertz if hertz <= rate / 2 else abs(rate - hertz), "whole rates"),
    ],
}

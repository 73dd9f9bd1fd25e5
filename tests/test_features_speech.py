"""The INTERSPEECH 2009 emotion features, against tones whose pitch and noise are known."""
import numpy as np
import pytest

from vmm_lab.features import (
    SpeechFunctionals,
    SpeechStatistics,
    deltas,
    functionals,
    pitch_and_harmonicity,
    speech_curves,
)
from vmm_lab.features.speech import CURVES, FUNCTIONALS, SPEECH_NAMES

RATE = 16_000


def voice(hertz, *, seconds=1.0, rate=RATE, noise_db=None, seed=0):
    """A tone with seven harmonics; noise_db: how far the noise lies below it."""
    times = np.arange(int(seconds * rate)) / rate
    wave = 0.1 * sum(np.sin(2 * np.pi * hertz * k * times) / k for k in range(1, 8))
    if noise_db is not None:
        noise = np.random.default_rng(seed).normal(0, 1, len(wave))
        wave = wave + noise * np.sqrt((wave**2).mean() / (noise**2).mean() / 10 ** (noise_db / 10))
    return wave.astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("hertz", [80, 150, 220, 330, 440])
def test_the_pitch_of_a_tone_is_found(hertz, rate):
    found = pitch_and_harmonicity(voice(hertz, rate=rate), sample_rate=rate, hop_length=rate // 100)[10:-10, 0]
    np.testing.assert_allclose(found, hertz, rtol=0.01)


@pytest.mark.parametrize("decibels", [20, 10, 5])
@pytest.mark.parametrize("hertz", [150, 220, 330])
def test_the_harmonicity_is_how_far_the_noise_lies_below_the_tone(hertz, decibels):
    found = pitch_and_harmonicity(voice(hertz, noise_db=decibels), sample_rate=RATE)[10:-10, 1]
    assert found.mean() == pytest.approx(decibels, abs=1)


def test_noise_and_silence_have_no_pitch():
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    assert (pitch_and_harmonicity(noise, sample_rate=RATE)[:, 0] > 0).mean() < 0.02
    assert not pitch_and_harmonicity(np.zeros(RATE, np.float32), sample_rate=RATE)[:, 0].any()


def test_a_rising_tone_rises_in_the_curve_and_its_slope():
    times = np.arange(2 * RATE) / RATE
    wave = np.sin(2 * np.pi * (150 * times + 25 * times**2)).astype(np.float32)  # 150 Hz to 250 Hz
    rows = dict(zip(SPEECH_NAMES, SpeechFunctionals().describe(wave)))
    assert rows["F0_sma_max"] == pytest.approx(250, abs=5) and rows["F0_sma_maxPos"] > 0.95
    slope = deltas(speech_curves(wave, sample_rate=RATE), width=5)[20:-20, CURVES.index("F0")]
    np.testing.assert_allclose(slope, 0.5, atol=0.05)  # 50 Hz a second, 100 steps a second


def test_zero_crossings_and_loudness_are_those_of_the_tone():
    curves = speech_curves(0.5 * np.sin(2 * np.pi * 400 * np.arange(RATE) / RATE).astype(np.float32), sample_rate=RATE)[10:-10]
    np.testing.assert_allclose(curves[:, 0], 2 * 400 / RATE, rtol=0.02)
    np.testing.assert_allclose(curves[:, 1], 0.5 / np.sqrt(2), rtol=0.02)


def test_the_functionals_are_numpys_and_scipys():
    from scipy import stats

    curve = np.random.default_rng(0).gamma(2, 1, 200)
    line = stats.linregress(np.linspace(0, 1, 200), curve)
    error = np.mean((curve - line.intercept - line.slope * np.linspace(0, 1, 200)) ** 2)
    expected = [curve.max(), curve.min(), np.ptp(curve), curve.argmax() / 199, curve.argmin() / 199, curve.mean(), line.slope,
                line.intercept, error, curve.std(), stats.skew(curve), stats.kurtosis(curve, fisher=False)]
    np.testing.assert_allclose(functionals(curve[:, None])[0], expected)


def test_there_are_384_numbers_with_the_published_names():
    assert len(set(SPEECH_NAMES)) == 384 == len(CURVES) * 2 * len(FUNCTIONALS)
    assert SPEECH_NAMES[12:14] == ("pcm_RMSenergy_sma_max", "pcm_RMSenergy_sma_min") and "pcm_fftMag_mfcc[12]_sma_de_kurtosis" in SPEECH_NAMES
    assert list(SpeechFunctionals().get_feature_names_out()) == list(SPEECH_NAMES)


@pytest.mark.parametrize("wave", [np.zeros(1), np.ones(3), np.zeros(4000), np.full(500, 0.5)], ids=["a sample", "three", "silence", "constant"])
def test_odd_sounds_give_finite_numbers(wave):
    assert np.isfinite(SpeechStatistics().describe(wave.astype(np.float32))).all()

"""Log-mel spectrograms and cepstral coefficients."""
import numpy as np
import pytest

from vmm_lab.features import (
    MFCC,
    LogMel,
    MFCCDeltas,
    SoundStatistics,
    deltas,
    log_mel,
    mel_filters,
    mfcc,
    modulation_spectrum,
    spectral_contrast,
)


def noise(n, *, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, n).astype(np.float32)


def tone(hertz, *, sample_rate=16_000, seconds=0.5):
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * sample_rate)) / sample_rate).astype(np.float32)


OPTIONS = [
    {},
    {"n_fft": 2048, "hop_length": 512, "n_mels": 128, "top_db": None},
    {"n_fft": 400, "hop_length": 160, "n_mels": 40, "fmin": 60.0, "fmax": 3800.0},
]


@pytest.mark.slow
@pytest.mark.parametrize("options", OPTIONS, ids=["defaults", "librosa's defaults", "a band"])
@pytest.mark.parametrize("sample_rate, n", [(16_000, 40_000), (8_000, 3_001), (44_100, 50_000), (16_000, 100)])
@pytest.mark.filterwarnings("ignore:n_fft", "ignore:Empty filters")
def test_log_mel_equals_librosa_to_a_thousandth_of_a_decibel(options, sample_rate, n):
    librosa = pytest.importorskip("librosa")
    full = {"n_fft": 512, "hop_length": 160, "n_mels": 64, "fmin": 0.0, "fmax": None, "top_db": 80.0} | options
    top_db = full.pop("top_db")
    power = librosa.feature.melspectrogram(y=noise(n), sr=sample_rate, **full)
    ours = log_mel(noise(n), sample_rate=sample_rate, **options)
    np.testing.assert_allclose(ours, librosa.power_to_db(power, top_db=top_db).T, atol=1e-3)


@pytest.mark.slow
def test_mfcc_equals_librosa():
    librosa = pytest.importorskip("librosa")
    options = {"n_mfcc": 13, "n_mels": 26, "n_fft": 512, "hop_length": 160, "fmax": 4000.0}
    theirs = librosa.feature.mfcc(y=noise(9_000), sr=16_000, **options)
    np.testing.assert_allclose(mfcc(noise(9_000), sample_rate=16_000), theirs.T, atol=1e-3)


def test_log_mel_equals_the_sum_written_out():
    wave, n_fft, hop = noise(1_000), 64, 16
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    padded = np.r_[np.zeros(n_fft // 2), wave, np.zeros(n_fft // 2)]
    filters = mel_filters(8_000, n_fft=n_fft, n_mels=10)
    starts = range(0, 1_000 + 1, hop)
    by_hand = [np.abs(np.fft.rfft(padded[start : start + n_fft] * window)) ** 2 @ filters for start in starts]
    ours = log_mel(wave, sample_rate=8_000, n_fft=n_fft, hop_length=hop, n_mels=10, top_db=None)
    np.testing.assert_allclose(ours, 10 * np.log10(np.maximum(by_hand, 1e-10)), atol=1e-3)


def test_a_long_sound_is_worked_through_in_blocks_without_a_seam():
    wave = noise(16_000 * 12)
    whole = log_mel(wave, sample_rate=16_000, top_db=None)
    late = log_mel(wave[160 * 200 :], sample_rate=16_000, top_db=None)
    np.testing.assert_allclose(whole[210:1100], late[10:900], atol=1e-3)


@pytest.mark.parametrize("sample_rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("hertz", [300, 1000, 3000])
def test_a_tone_lights_up_the_band_of_its_pitch_at_any_sample_rate(sample_rate, hertz):
    options = {"n_fft": 2048, "n_mels": 40, "fmax": 4000.0}
    filters = mel_filters(sample_rate, **options)
    spectrogram = log_mel(tone(hertz, sample_rate=sample_rate), sample_rate=sample_rate, **options)
    nearest = int(round(hertz * 2048 / sample_rate))
    assert abs(spectrogram[len(spectrogram) // 2].argmax() - filters[nearest].argmax()) <= 1  # 1 kHz lies between two


def test_ten_times_the_amplitude_is_twenty_decibels_more():
    quiet, loud = (log_mel(noise(8_000) * gain, sample_rate=16_000, top_db=None) for gain in (1, 10))
    np.testing.assert_allclose(loud - quiet, 20, atol=1e-3)


@pytest.mark.parametrize("n", [1, 50, 511])
def test_a_sound_shorter_than_a_window_is_padded(n):
    assert log_mel(noise(n), sample_rate=16_000).shape == (1 + n // 160, 64)
    assert np.isfinite(MFCC().transform([noise(n)])).all()


@pytest.mark.parametrize("n_fft", [1, 511, 512])
def test_there_is_a_window_around_each_step_also_where_its_length_is_odd(n_fft):
    """The last one was left out."""
    assert log_mel(noise(1_600), sample_rate=16_000, n_fft=n_fft, n_mels=1).shape == (11, 1)


def test_silence_is_a_value_not_an_error():
    np.testing.assert_allclose(log_mel(np.zeros(4_000, np.float32), sample_rate=16_000), -100, rtol=1e-6)
    assert np.isfinite(MFCC(normalise=True).transform([np.zeros(4_000, np.float32)])).all()


@pytest.mark.parametrize(
    "wave",
    [
        np.zeros(100, np.int16), np.zeros((2, 100), np.float32), np.array([], np.float32),
        np.array([0, np.nan], np.float32), [0.0, 1.0],
    ],
    ids=["integers", "stereo", "empty", "NaN", "a list"],
)
def test_what_is_not_a_mono_wave_is_refused(wave):
    for function in (log_mel, spectral_contrast):
        with pytest.raises(ValueError, match=f"{function.__name__} takes a"):
            function(wave, sample_rate=16_000)


@pytest.mark.parametrize(
    "options", [{"fmax": 9_000}, {"fmin": -1}, {"n_mels": 0}, {"hop_length": 0}, {"fmin": 4_000, "fmax": 4_000}]
)
def test_log_mel_refuses_options_that_do_not_fit(options):
    with pytest.raises(ValueError, match="Hz|whole number"):
        log_mel(noise(1_000), sample_rate=16_000, **options)


def test_deltas_are_the_slope_whatever_the_level():
    line = np.arange(30.0)[:, None] * [2, -1] + [5, 100]
    np.testing.assert_allclose(deltas(line)[4:-4], np.tile([2, -1], (22, 1)), atol=1e-9)


def test_normalising_takes_out_a_microphone_and_the_loudness():
    wave = noise(16_000) * np.linspace(0.2, 1, 16_000, dtype=np.float32)
    plain, normal = MFCC(), MFCC(normalise=True)
    a, b = plain.transform([wave, wave * 0.3])
    assert np.abs(a - b).max() > 5
    a, b = normal.transform([wave, wave * 0.3])
    np.testing.assert_allclose(a, b, atol=0.01)


@pytest.mark.parametrize("feature", [MFCC(), LogMel()], ids=["MFCC", "LogMel"])
def test_the_order_of_what_is_heard_counts(feature):
    low, high = tone(300), tone(2500)
    rising, falling = feature.transform([np.r_[low, high], np.r_[high, low]])
    overall = 2 * len(rising) // (2 + feature.segments)
    assert np.abs(rising - falling)[overall:].max() > 10 * np.abs(rising - falling)[: overall // 2].max()


def test_rows_have_one_length_however_long_the_sound():
    rows = MFCC(segments=5).transform([noise(n) for n in (1, 700, 16_000, 100_000)])
    assert rows.shape == (4, 2 * 7 * 13) and np.isfinite(rows).all()


@pytest.mark.parametrize("width", [1, 4, 0, 2.5])
def test_deltas_refuse_a_width_that_has_no_middle(width):
    with pytest.raises(ValueError, match="odd whole number"):
        deltas(np.zeros((20, 3)), width=width)


def test_a_tone_has_more_spectral_contrast_than_noise_in_its_own_band():
    contrast = spectral_contrast(tone(1000) + noise(8000, seed=1) / 100, sample_rate=16_000)[:, :, 0].mean(0)
    plain = spectral_contrast(noise(8000), sample_rate=16_000)[:, :, 0].mean(0)
    assert contrast.argmax() == 3 and contrast[3] > plain[3] + 20


@pytest.mark.parametrize("sample_rate", [400, 8_000, 44_100])
def test_spectral_contrast_has_the_octaves_below_half_the_rate(sample_rate):
    bands = {400: 1, 8_000: 6, 44_100: 7}[sample_rate]
    assert spectral_contrast(noise(3000), sample_rate=sample_rate).shape == (1 + 3000 // 160, bands, 2)


@pytest.mark.parametrize("hertz, bin_of", [(1.5, 0), (3.4, 2), (5, 3), (15, 6)])
def test_the_modulation_spectrum_finds_the_rhythm(hertz, bin_of):
    beats = 10 * np.sin(2 * np.pi * hertz * np.arange(500) / 100)
    assert (modulation_spectrum(beats[:, None] + np.arange(40), rate=100).argmax(axis=1) == bin_of).all()


def test_silence_before_and_after_a_word_changes_its_cepstra_little():
    word = tone(500, seconds=0.3) * np.hanning(4800).astype(np.float32) + tone(900, seconds=0.3) * np.linspace(0, 1, 4800, dtype=np.float32)
    padded = np.pad(word, (8000, 4000))
    near = np.abs(MFCCDeltas().transform([word]) - MFCCDeltas().transform([padded])).mean()
    assert near < 0.2 * np.abs(MFCCDeltas(trim=None).transform([word]) - MFCCDeltas(trim=None).transform([padded])).mean()


def test_statistics_of_sound_do_not_depend_on_when_something_is_heard():
    first, second = np.pad(tone(500), (1600, 8000)), np.pad(tone(500), (8000, 1600))
    a, b, other = SoundStatistics().transform([first, second, np.pad(tone(700), (8000, 1600))])
    assert np.abs(a - b).mean() < 0.2 * np.abs(a - other).mean()

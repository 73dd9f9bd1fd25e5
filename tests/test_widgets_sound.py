"""What is heard is drawn: waveform, spectrogram and what the controls make of them; a film without sound says so."""
import wave

import numpy as np
import pytest

ipywidgets = pytest.importorskip("ipywidgets", reason="the widgets come with vmm-lab[lab]")

from vmm_lab import write_video
from vmm_lab.plots.images import spectrogram_image
from vmm_lab.widgets import SoundExplorer
from vmm_lab.widgets.sound import MOST_STEPS, RATE, sound_chart, spectrogram

FRAMES = np.full((20, 48, 64, 3), 120, np.uint8)


def tone(hertz, seconds=1.0):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """film.mp4 (silence, then a tone of 1 kHz), mute.mp4, and note.wav (stereo, 44.1 kHz)."""
    folder = tmp_path_factory.mktemp("sound")
    write_video(folder / "film.mp4", FRAMES, fps=10, audio=np.concatenate([np.zeros(RATE, np.float32), tone(1000)]), sample_rate=RATE)
    write_video(folder / "mute.mp4", FRAMES, fps=10)
    with wave.open(str(folder / "note.wav"), "wb") as file:
        file.setnchannels(2), file.setsampwidth(2), file.setframerate(44_100)
        samples = 16_000 * np.sin(2 * np.pi * 440 * np.arange(22_050) / 44_100)
        file.writeframes(np.repeat(samples, 2).astype("<i2").tobytes())
    return folder


@pytest.fixture
def film(folder):
    explorer = SoundExplorer(folder / "film.mp4")
    yield explorer
    explorer.close()


@pytest.mark.parametrize("hertz", [300, 1000, 4000])
def test_the_loudest_pitch_is_the_tones(hertz):
    assert spectrogram(tone(hertz), n_mels=128, milliseconds=64).loudest[1] == pytest.approx(hertz, rel=0.06)


def test_a_long_window_tells_two_close_pitches_apart_and_a_short_one_does_not():
    def valleys(milliseconds):
        found = spectrogram(tone(400) + tone(580), n_mels=40, milliseconds=milliseconds)
        assert not found.empty
        levels = found.decibels[len(found.decibels) // 2][2:10]
        return ((levels[1:-1] < levels[:-2] - 3) & (levels[1:-1] < levels[2:] - 3)).sum()

    assert valleys(128) >= 1 > valleys(16)


def test_a_short_window_tells_when_a_click_was():
    click = np.zeros(RATE, np.float32)
    click[RATE // 2] = 0.9

    def seconds_lit(milliseconds):
        found = spectrogram(click, n_mels=40, milliseconds=milliseconds)
        return (found.decibels.max(axis=1) > found.decibels.max() - 30).sum() * found.step / RATE

    assert seconds_lit(8) < 0.02 < 0.08 < seconds_lit(128)


def test_bands_that_no_frequency_falls_into_are_counted():
    assert spectrogram(tone(440), n_mels=128, milliseconds=8).empty > 10 and spectrogram(tone(440), n_mels=40, milliseconds=64).empty == 0


@pytest.mark.parametrize("samples", [1, 100, 5 * RATE])
def test_silence_and_a_single_sample_are_drawn(samples):
    silence = np.zeros(samples, np.float32)
    found = spectrogram(silence, n_mels=64, milliseconds=32)
    assert found.loudest is None and np.isfinite(found.decibels).all()
    assert sound_chart(silence, found.decibels).pixels().shape[1] == 820


def test_a_long_sound_takes_no_more_windows_than_there_are_pixels_for():
    assert len(spectrogram(np.zeros(RATE * 290, np.float32), n_mels=16, milliseconds=8).decibels) <= MOST_STEPS + 1


def test_low_pitches_are_below_and_the_loudest_is_lightest():
    levels = np.full((10, 8), -80.0, np.float32)
    levels[5, 1] = 0
    rows, columns = np.nonzero(spectrogram_image(levels, height=80, width=100).sum(axis=2) > 600)
    assert rows.min() >= 60 and rows.max() < 70 and columns.min() >= 50 and columns.max() < 60


def test_the_controls_change_what_is_drawn_and_said(film):
    before = film.status.parts[0]
    film.n_mels.value = 32
    assert film.spectrogram.decibels.shape[1] == 32 and film.status.parts[0] != before and "32 bands" in film.message
    film.window.value = 128
    assert film.spectrogram.window == 2048 and "128 ms" in film.message


def test_the_loudest_moment_is_told_on_the_films_clock(folder, film):
    assert 0.95 < film.spectrogram.loudest[0] < 2.0
    part = SoundExplorer(folder / "film.mp4", start=0.5, end=1.5)
    assert part.player.begin == 0.5 and "loudest at 1." in part.message and 0.45 < part.spectrogram.loudest[0] < 1.0


def test_a_sound_without_pictures_is_welcome(folder):
    explorer = SoundExplorer(folder / "note.wav", n_mels=128, milliseconds=64)
    assert explorer.player.times == [] and explorer.spectrogram.loudest[1] == pytest.approx(440, rel=0.06)


def test_a_film_without_sound_plays_and_says_so_in_one_sentence(folder):
    explorer = SoundExplorer(folder / "mute.mp4")
    assert explorer.message == "mute.mp4 has no sound to see: its pictures play, and there is nothing to hear."
    assert not explorer.status.failed and explorer.status.parts == [] and len(explorer.player.times) == 20
    assert len(explorer.children) == 2 and explorer.pixels().shape[1] == 820


def test_windows_that_are_not_offered_are_refused(folder):
    with pytest.raises(ValueError, match="8, 16, 32, 64, 128"):
        SoundExplorer(folder / "film.mp4", milliseconds=20)


def test_the_drawing_tells_in_words_what_it_shows(film):
    assert 'role="img"' in film.status.parts[0] and "Waveform and log-mel spectrogram of film.mp4" in film.status.parts[0]


def test_the_play_head_knows_where_the_seconds_begin_and_end(film):
    head = film.children[-2]
    assert 0 < head.left < 0.1 and 0.97 < head.right <= 1


def test_on_paper_it_is_a_picture_and_a_text_without_addresses(film):
    data = film._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert data["image/png"] and data["text/plain"] == "SoundExplorer(film.mp4, 2.00 s: 64 mel bands, windows of 32 ms)"


def test_closing_a_film_without_sound_leaves_no_part_open(folder):
    made = []
    ipywidgets.Widget.on_widget_constructed(made.append)
    try:
        SoundExplorer(folder / "mute.mp4").close()
    finally:
        ipywidgets.Widget.on_widget_constructed(None)
    assert len(made) > 1 and [type(part).__name__ for part in made if part.comm is not None] == []


def test_closing_frees_the_sound(folder):
    explorer = SoundExplorer(folder / "film.mp4")
    explorer.close()
    assert explorer._wave is None and explorer.spectrogram is None

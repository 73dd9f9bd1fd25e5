"""What is heard belongs to what is seen: at the beats, after coding and decoding too."""
import numpy as np
import pytest

from vmm_lab import open_media, write_video
from vmm_lab.theatre import plans, rendering
from vmm_lab.theatre.actors import CAST
from vmm_lab.theatre.motions import FPS, FRAMES, perform
from vmm_lab.theatre.skeleton import Body
from vmm_lab.theatre.sound import RATE, SOUNDS, make_sound


def sounding(sound, times=(0.5, 1.2), level=-60, seed=0):
    return make_sound(sound, np.array(times), duration=2.0, scene="park", voice=200, level=level,
                      rng=np.random.default_rng(seed))


def onset(wave, around, *, reach=0.12):
    """Seconds of the steepest rise of loudness within `reach` of a time."""
    loudness = np.convolve(wave**2, np.ones(48) / 48, "same")
    first = int((around - reach) * RATE)
    piece = loudness[first:int((around + reach) * RATE)]
    return (first + int(np.argmax(piece > 0.25 * piece.max()))) / RATE


@pytest.mark.parametrize("take", range(3))
def test_a_clap_is_within_20_ms_of_its_frame_after_coding_and_decoding(take, tmp_path):
    p = next(p for p in plans.plan("full", "calm", take) if p.action == "clap" and p.sound == "clap")
    film, wave = rendering.perform_clip(p)
    write_video(tmp_path / "clap.mp4", film.frames, fps=FPS, audio=wave, sample_rate=RATE)
    with open_media(tmp_path / "clap.mp4") as media:
        _, times = media.frames()
        heard = media.audio(sample_rate=RATE)
    hands = film.keypoints[:, 9:11, :2]
    apart = np.linalg.norm(hands[:, 0] - hands[:, 1], axis=-1)
    assert len(film.beats) >= 3
    for beat in film.beats:
        assert apart[beat] <= apart[max(beat - 2, 0):beat + 3].min() + 0.5
        assert onset(heard, times[beat]) == pytest.approx(times[beat], abs=0.020)


@pytest.mark.parametrize("sound", [s for s in SOUNDS if s not in ("quiet", "creak", "laugh")])
def test_a_struck_sound_begins_at_its_time(sound):
    wave = sounding(sound)
    for time in (0.5, 1.2):
        assert onset(wave, time) == pytest.approx(time, abs=0.015)


def test_a_creak_has_its_middle_at_its_time_so_that_it_does_not_tell_which_way_time_runs():
    wave = sounding("creak", times=(1.0,)) ** 2
    t = np.arange(len(wave)) / RATE
    assert (wave * t).sum() / wave.sum() == pytest.approx(1.0, abs=0.05)


def test_quiet_is_the_background_alone():
    assert np.array_equal(sounding("quiet"), sounding("quiet", times=()))
    assert 20 * np.log10(sounding("quiet", level=-40).std()) == pytest.approx(-40, abs=1)


def test_sounds_stay_within_full_scale_and_are_as_long_as_asked():
    for sound in SOUNDS:
        wave = sounding(sound, level=-20)
        assert wave.dtype == np.float32 and wave.shape == (2 * RATE,) and np.abs(wave).max() <= 1


def test_different_sounds_are_told_by_their_spectrum():
    def spectrum(sound, seed):
        bands = np.abs(np.fft.rfft(sounding(sound, seed=seed))) ** 2
        return np.log([band.sum() for band in np.array_split(bands, 40)])

    names = [s for s in SOUNDS if s != "quiet"]
    means = {name: np.mean([spectrum(name, seed) for seed in range(6)], axis=0) for name in names}

    def nearest(found):
        return min(names, key=lambda name: np.linalg.norm(means[name] - found))

    assert np.mean([nearest(spectrum(name, seed)) == name for name in names for seed in range(6, 12)]) > 0.9


def test_a_foot_is_on_the_floor_when_a_step_is_heard():
    for picture in ("walk", "march", "jump", "star_jump"):
        show = perform(picture, np.random.default_rng(1))
        body = Body(show.pose, CAST[0], facing=show.facing, place=show.place)
        lift = np.minimum(show.pose.feet[:, 0, 2], show.pose.feet[:, 1, 2])
        swing = show.pose.feet[:, :, 2].max(1)
        assert body.joints["left_ankle"].shape == (FRAMES, 3)
        for beat in show.beats:
            assert swing[beat] - 0.07 < 0.02 and lift[beat] - 0.07 < 0.02

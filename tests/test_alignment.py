"""What is heard belongs to what is seen, the whole way: rendered, coded, decoded, cut into clips, described for a network."""
from typing import NamedTuple

import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab import features
from vmm_lab.features import Segment
from vmm_lab.theatre import plans, rendering
from vmm_lab.theatre.ground_truth import Truth, truth, write_truth
from vmm_lab.theatre.motions import FPS
from vmm_lab.theatre.sound import RATE

pytestmark = pytest.mark.slow  # it renders many clips

NEAR = 0.020  # seconds: a clap from its frame
PER_FRAME = RATE // FPS  # samples
CRACK = round(0.030 * RATE)  # samples at the beginning of a clap that it is known by
FILMS = [(difficulty, take) for difficulty in ("calm", "busy", "wild") for take in range(2)]


class Film(NamedTuple):
    path: str
    drawn: np.ndarray  # the frames before coding
    hands: np.ndarray  # (T,) pixels between the wrists
    events: np.ndarray  # seconds at which hands meet
    claps: np.ndarray  # (N,) the claps before coding, without the noise of the place
    frames: np.ndarray  # decoded
    times: np.ndarray
    wave: np.ndarray


@pytest.fixture(scope="module", params=FILMS, ids=lambda film: f"{film[0]} {film[1]}")
def film(request, tmp_path_factory):
    """A film of clapping that is heard: written as the theatre writes it, and read as anybody reads it."""
    difficulty, take = request.param
    p = [p for p in plans.plan("full", difficulty, 0) if p.action == "clap" and p.sound == "clap"][7 * take]
    shown, sound = rendering.perform_clip(p)
    _, noise = rendering.perform_clip(p._replace(sound="quiet"))
    path = tmp_path_factory.mktemp("film") / "clap.mp4"
    write_truth(path, Truth(shown.keypoints, shown.boxes, shown.beats / FPS, "clap", "neutral"))
    vl.write_video(path, shown.frames, fps=FPS, audio=sound, sample_rate=RATE)
    known = truth(path)
    media = vl.open_media(path)
    hands = np.linalg.norm(known.keypoints[:, 9, :2] - known.keypoints[:, 10, :2], axis=-1)
    frames, times = media.frames()
    return Film(str(path), shown.frames, hands, known.events, sound - noise, frames, times, media.audio(sample_rate=RATE, end=media.duration))


def heard_at(film, event, wave, *, begin=0.0, reach=0.1):
    """Seconds of the media's clock at which the clap of an event is heard in a wave that begins at `begin`: where it fits best, however
    loud the place is (a matched filter)."""
    crack = film.claps[round(event * RATE) : round(event * RATE) + CRACK]
    first = max(0, round((event - begin - reach) * RATE))
    last = min(len(wave) - len(crack), round((event - begin + reach) * RATE))
    return begin + (first + int(np.correlate(wave[first : last + len(crack)], crack, "valid").argmax())) / RATE


def loudness(feature, piece):
    """(T,) the logarithm of the power of all bands together, in each step of a spectrogram."""
    return np.log((10 ** (feature.describe(feature.read(piece)) / 10)).sum(axis=1))


def fit(steps, claps, lag):
    """How well the loudness in steps of time goes with that of the claps alone, `lag` steps earlier."""
    power = np.log([np.mean(part**2) + 1e-6 for part in np.array_split(claps, len(steps))])
    inside = slice(2, len(steps) - 2)
    return np.corrcoef(steps[inside], np.roll(power, lag)[inside])[0, 1]


def test_the_truth_is_true_hands_meet_in_the_frame_of_an_event_and_the_clap_begins_there(film):
    assert len(film.events) >= 3
    for event in film.events:
        beat = round(event * FPS)
        assert film.hands[beat] <= film.hands[max(beat - 2, 0) : beat + 3].min() + 0.5
        before = round((event - 0.05) * RATE)
        begins = (before + np.flatnonzero(np.abs(film.claps[before:]) > 0.05)[0]) / RATE
        assert begins == pytest.approx(event, abs=0.001)


def test_coding_moves_no_picture_to_another_frame_number(film):
    assert len(film.frames) == len(film.drawn)
    np.testing.assert_allclose(film.times, np.arange(len(film.frames)) / FPS, atol=1e-6)
    errors = np.array([[np.abs(film.frames[k].astype(int) - film.drawn[j]).mean() for j in range(k - 2, k + 3)] for k in range(2, len(film.frames) - 2)])
    moving = np.array([np.abs(film.drawn[k].astype(int) - film.drawn[k + step]).mean() for k in range(2, len(film.frames) - 2) for step in (-1, 1)])
    clear = moving.reshape(-1, 2).min(axis=1) > 0.5  # grey levels: enough to tell a frame from the ones beside it
    assert clear.sum() >= 10
    assert (errors[clear].argmin(axis=1) == 2).all()


def test_a_clap_is_heard_within_20_ms_of_the_frame_that_shows_it(film):
    for event in film.events:
        assert heard_at(film, event, film.wave) == pytest.approx(film.times[round(event * FPS)], abs=NEAR)


@pytest.mark.parametrize(("length", "stride"), [(16, 8), (10, 10), (7, 3)])
def test_frames_and_sound_are_cut_into_the_same_windows_and_the_clap_keeps_its_place(film, length, stride):
    clips, firsts = vl.split_clips(film.frames, length=length, stride=stride)
    sounds, first_samples = vl.split_clips(film.wave, length=length * PER_FRAME, stride=stride * PER_FRAME)
    assert len(clips) == len(sounds)
    np.testing.assert_array_equal(first_samples, firsts * PER_FRAME)
    seen = set()
    for clip, first, sound in zip(clips, firsts, sounds):
        for event in film.events:
            shown = round(event * FPS)
            if 0 <= shown - first < length:  # a crack is shorter than a frame
                assert np.array_equal(clip[shown - first], film.frames[shown])
                place = heard_at(film, event, sound, reach=0.08, begin=first / FPS) - first / FPS
                assert place == pytest.approx((shown - first) / FPS, abs=NEAR)
                seen.add(event)
    assert seen == {event for event in film.events if event * FPS < firsts[-1] + length - 0.5}, "every clap is in the clip that shows it"


def test_a_window_read_from_the_file_is_the_window_cut_from_the_whole(film):
    media = vl.open_media(film.path)
    for first in (0, 8, 17, 34):
        start, end = first / FPS, (first + 16) / FPS
        frames, times = media.frames(start=start, end=end)
        wave = media.audio(sample_rate=RATE, start=start, end=end)
        np.testing.assert_array_equal(frames, film.frames[first : first + 16])
        np.testing.assert_allclose(times, film.times[first : first + 16], atol=1e-6)
        np.testing.assert_allclose(wave, film.wave[first * PER_FRAME : (first + 16) * PER_FRAME], atol=1e-4)


@pytest.mark.parametrize(("n_frames", "late"), [(128, 1), (16, 0)])
def test_a_clap_is_in_its_own_step_of_a_spectrogram_or_where_steps_are_shorter_than_windows_at_most_in_the_next(film, n_frames, late):
    """A step of 128 is 16 ms, its window 32 ms, a frame 40 ms; a step of 16 is 125 ms: a place is known to a step at best."""
    steps = loudness(features.Spectrogram(n_frames=n_frames), Segment(film.path))
    found = {lag: fit(steps, film.claps, lag) for lag in range(-3 * late - 1, 3 * late + 2)}
    best = max(found, key=found.get)
    assert abs(best) <= late and found[best] > 0.3, found


def test_the_steepest_rise_of_a_spectrogram_is_less_than_a_frame_from_the_clap(film):
    steps = loudness(features.Spectrogram(n_frames=128), Segment(film.path))
    for event in film.events:
        step = int(event * 64)
        near = np.arange(max(0, step - 4), min(127, step + 4))
        rise = near[np.diff(steps)[near].argmax()] + 1
        assert abs((rise + 0.5) / 64 - event) <= 0.016 + 1 / 64 < 1 / FPS  # half a window and a step


def test_a_clip_window_described_alone_has_its_claps_at_its_own_places(film):
    feature = features.Spectrogram(n_frames=40)
    for first in (0, 8, 17):
        start, end = first / FPS, (first + 25) / FPS
        steps = loudness(feature, Segment(film.path, start=start, end=end))
        claps = film.claps[round(start * RATE) : round(end * RATE)]
        found = {lag: fit(steps, claps, lag) for lag in range(-4, 5)}  # of 25 ms
        best = max(found, key=found.get)
        assert abs(best) <= 1 and found[best] > 0.3, found


def test_pictures_and_sound_of_a_network_share_one_clock(film):
    """Sixteen frames at the centres of equal parts of the time, sixteen means of the sound over the same parts."""
    _, times = vl.open_media(film.path).sample(16)
    np.testing.assert_allclose(times, (np.arange(16) + 0.5) * 2.0 / 16, atol=1 / FPS)
    steps = loudness(features.Spectrogram(n_frames=16), Segment(film.path))
    others = np.delete(steps, [int(event * 8 + late) for event in film.events for late in (0, 0.3) if int(event * 8 + late) < 16])
    for event in film.events:
        part = int(event * 8)
        if event * 8 % 1 < 0.7:  # else most of the clap is in the next part
            assert abs(times[part] - event) <= 1 / 16 + 1 / FPS
            assert steps[part] > np.median(others), "louder than the parts in which nobody claps"

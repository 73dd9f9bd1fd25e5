"""The player holds every frame and the sound, in step, within limits that it tells."""
import io
import wave

import numpy as np
import pytest

from vmm_lab import open_media, write_video
from vmm_lab.widgets import FramePlayer
from vmm_lab.widgets.player import MOST_FRAMES, MOST_PIXELS, plan, read_preview

RATE = 16_000


def grey_steps(count, size=(48, 64)):
    """Frames of one grey each, brighter and brighter."""
    greys = np.linspace(20, 235, count).astype(np.uint8)
    return np.broadcast_to(greys[:, None, None, None], (count, *size, 3)).copy()


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Two seconds, 25 frames/s, a keyframe every 10, a beep in the second second."""
    sound = np.zeros(2 * RATE, np.float32)
    sound[RATE:] = 0.8 * np.sin(np.arange(RATE) * 0.3)
    path = tmp_path_factory.mktemp("media") / "steps.mp4"
    return write_video(path, grey_steps(50), fps=25, audio=sound, sample_rate=RATE, keyframe_interval=10)


def wave_of(data):
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnchannels() == 1 and file.getsampwidth() == 2
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767, file.getframerate()


def test_every_frame_of_the_file_is_there_at_its_own_time(video):
    preview = read_preview(video)
    with open_media(video) as media:
        frames, times = media.frames()
    assert np.allclose(preview.times, times) and len(preview.offsets) == 51 and preview.offsets[-1] == len(preview.film)
    for k in (0, 17, 49):
        assert np.abs(preview.frame(k).astype(int) - frames[k]).mean() < 3
    assert preview.note == ""


def test_the_sound_begins_with_the_pictures_and_lasts_until_the_last_is_over(video):
    preview = read_preview(video)
    samples, rate = wave_of(preview.sound)
    assert len(samples) / rate == pytest.approx(preview.finish - preview.begin, abs=0.001)
    assert np.abs(samples[: int(0.95 * rate)]).max() < 0.05 < np.abs(samples[int(1.1 * rate) :]).max()
    outline = np.asarray(preview.loudness)
    assert outline[:110].max() < 0.1 and outline[130:].min() > 0.8


def test_a_part_of_a_file_has_the_sound_of_that_part(video):
    player = FramePlayer(video, start=1.2, end=1.6)
    assert (player.begin, player.finish) == (1.2, 1.6) and player.times[0] >= 1.2 and player.times[-1] < 1.6
    samples, rate = wave_of(player.sound)
    assert len(samples) / rate == pytest.approx(0.4, abs=0.01) and np.abs(samples).max() > 0.5


def test_keyframes_are_those_of_the_file_unless_given(video):
    with open_media(video) as media:
        assert FramePlayer(video).keyframes == pytest.approx(media.keyframes.tolist())
    assert FramePlayer(video, keyframes=[0.5, 99]).keyframes == [0.5]


def test_silence_can_be_asked_for(video):
    assert FramePlayer(video).sound and not FramePlayer(video, sound=False).sound


def test_a_media_that_is_open_stays_open(video):
    with open_media(video) as media:
        FramePlayer(media)
        assert len(media.frames()[1]) == 50


def test_sound_alone_and_a_picture_alone_are_welcome(tmp_path):
    path = tmp_path / "beep.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(8000)
        file.writeframes((20_000 * np.sin(np.arange(8000) * 0.2)).astype("<i2").tobytes())
    player = FramePlayer(path)
    assert player.times == [] and player.finish == pytest.approx(1.0) and "with sound" in repr(player)
    assert player._repr_mimebundle_()[0]["image/png"]
    still = FramePlayer(grey_steps(1))
    assert still.finish == still.begin == 0 and len(still.times) == 1


def test_frame_and_time_tell_the_same_whichever_is_set():
    player = FramePlayer(grey_steps(20), times=np.arange(20) * 0.1)
    player.frame = 7
    assert player.time == pytest.approx(0.7)
    player.time = 1.23
    assert player.frame == 12 and player.time == 1.23
    player.frame = 99
    assert player.frame == 19
    player.time = -5
    assert (player.frame, player.time) == (0, 0.0)


def test_uneven_times_are_kept():
    times = np.array([0.0, 0.5, 0.6, 2.0])
    player = FramePlayer(grey_steps(4), times)
    player.time = 1.9
    assert player.times == times.tolist() and player.frame == 2


@pytest.mark.parametrize("duration, fps, size", [
    (10, 25, (240, 320)), (59, 60, (1080, 1920)), (300, 25, (2160, 3840)), (0.0, None, (50, 40)),
])
def test_the_plan_keeps_within_the_limits_and_says_when_it_leaves_something_out(duration, fps, size):
    (height, width), shown_fps, note = plan(duration, fps, size)
    rate = shown_fps or fps or 25
    assert duration * rate <= MOST_FRAMES * 1.001 and duration * rate * height * width <= MOST_PIXELS
    assert height / width == pytest.approx(size[0] / size[1], rel=0.05)
    assert bool(note) == bool(shown_fps), "the size alone is no news"


def test_what_is_too_long_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="start= and end="):
        plan(301, 25, (48, 64))


def test_many_frames_are_thinned_evenly_and_keep_their_times():
    player = FramePlayer(np.zeros((4000, 8, 8, 3), np.uint8), np.arange(4000) / 100)
    assert len(player.times) <= MOST_FRAMES + 1 and player.times[0] == 0 and player.times[-1] > 39.9
    assert np.ptp(np.diff(player.times)) < 0.011 and "frames/s" in player.note


def test_a_wave_needs_its_rate_and_a_file_takes_no_other_wave(video):
    with pytest.raises(ValueError, match="sample_rate="):
        FramePlayer(grey_steps(5), sound=np.zeros(100, np.float32))
    with pytest.raises(ValueError, match="its own sound"):
        FramePlayer(video, sound=np.zeros(100, np.float32), sample_rate=RATE)
    player = FramePlayer(grey_steps(25), sound=np.ones(2 * RATE, np.float32), sample_rate=RATE)
    assert player.finish == pytest.approx(2.0), "the last frame stays while the sound goes on"


def test_another_film_takes_the_place_of_the_first_and_begins_anew(video):
    player = FramePlayer(grey_steps(20), loop=True)
    player.frame = 12
    player.load(video, play=True)
    assert len(player.times) == 50 and player.frame == 0 and player.playing and player.loop


def test_closing_lets_go_of_the_film(video):
    player = FramePlayer(video)
    player.close()
    assert player.film == player.sound == b"" and player.comm is None


# ---- sound and frames of other kinds ----

TONE = 0.05 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
WRONG_WAVES = {
    "int16": ((TONE * 32767).astype(np.int16), "divide 16-bit samples by 32768"),
    "uint8": ((128 + 127 * TONE).astype(np.uint8), "A wave must be one channel of floats"),
    "whole numbers in a list": (TONE.round().astype(int).tolist(), "A wave must be one channel of floats"),
    "16-bit numbers as floats": (TONE * 32767, "divide 16-bit samples by 32768"),
    "NaN": (np.where(np.arange(RATE) == 7, np.nan, TONE), "NaN or infinite samples"),
    "stereo": (np.stack([TONE, TONE], axis=1), "average its channels"),
    "ragged": ([TONE.tolist(), [0.0]], "parts of different shapes"),
    "words": (["a", "b"], "A wave must be one channel of floats"),
    "none": (np.zeros(0), "N ≥ 1"),
}


@pytest.mark.parametrize("kind", WRONG_WAVES)
def test_a_wave_that_is_none_is_refused_in_one_sentence(kind):
    wave_given, said = WRONG_WAVES[kind]
    with pytest.raises(ValueError, match=said):
        FramePlayer(grey_steps(25), sound=wave_given, sample_rate=RATE)


@pytest.mark.parametrize("given", [TONE, TONE.astype(np.float32), TONE.astype(np.float16), TONE.tolist(), tuple(TONE.tolist())],
                         ids=["float64", "float32", "float16", "list", "tuple"])
def test_a_wave_of_floats_sounds_as_loud_as_it_is(given):
    samples, rate = wave_of(FramePlayer(grey_steps(25), sound=given, sample_rate=RATE).sound)
    assert rate == RATE and len(samples) == RATE and np.abs(samples - TONE).max() < 1e-3


@pytest.mark.parametrize("options, said", [
    ({"sound": TONE}, "needs its sample_rate="), ({"sound": TONE, "sample_rate": 0}, "sample_rate must be a whole number"),
    ({"sound": TONE, "sample_rate": 16e3}, "sample_rate must be a whole number"), ({"sound": True}, "Frames bring no sound"),
    ({"sample_rate": RATE}, "Frames bring no sound"), ({"fps": -1}, "fps must be a number greater than 0"),
    ({"size": (0, 9)}, "size must be whole numbers"), ({"times": ["a"] * 25}, "Times must be 25 rising seconds"),
])
def test_an_option_that_does_not_fit_is_refused_in_one_sentence(options, said):
    with pytest.raises(ValueError, match=said):
        FramePlayer(grey_steps(25), **options)


def test_a_file_brings_its_own_times_and_sound(video):
    for options in ({"times": np.arange(50)}, {"sound": TONE, "sample_rate": RATE}):
        with pytest.raises(ValueError, match="brings its own"):
            FramePlayer(video, **options)


@pytest.mark.parametrize("part, said", [({"start": 10}, "start is 10 s, but steps.mp4 ends at 2 s"),
                                        ({"start": 1.5, "end": 1}, "end is 1 s, which is not after the start at 1.5 s")])
def test_a_part_that_a_file_has_not_is_refused_for_what_it_is(video, part, said):
    with pytest.raises(ValueError, match=said):
        FramePlayer(video, **part)


def test_one_frame_is_shown_at_any_rate():
    assert len(read_preview(grey_steps(1), fps=5).times) == 1
    assert repr(FramePlayer(grey_steps(1))) == "FramePlayer(frames, 1 frame of 48×64, 0.00 s)"


def test_frames_that_come_later_than_the_part_are_each_shown_once():
    assert read_preview(grey_steps(20), fps=4, start=-0.5).times == pytest.approx([0, 0.24, 0.48, 0.72])

"""Clips: windows of one length over frames, sound and time."""
import numpy as np
import pytest

from vmm_lab.splits import split_clips


def numbered(n, height=4, width=6):
    """n frames, each filled with its own number."""
    return np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None, None], (n, height, width, 3)).copy()


def test_clips_lie_side_by_side_unless_a_stride_is_given():
    clips, first_frames = split_clips(numbered(12), length=4)
    assert clips.shape == (3, 4, 4, 6, 3) and clips.dtype == np.uint8
    assert first_frames.tolist() == [0, 4, 8] and first_frames.dtype == np.int64
    assert clips[:, :, 0, 0, 0].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]


@pytest.mark.parametrize("n, length, stride", [(10, 4, 3), (16, 16, 8), (33, 5, 1), (7, 2, 9), (5, 1, 2)])
@pytest.mark.parametrize("pad", [None, "repeat"])
def test_every_clip_is_the_frames_from_its_first_frame_on(n, length, stride, pad):
    frames = numbered(n)
    clips, first_frames = split_clips(frames, length=length, stride=stride, pad=pad)
    for clip, first in zip(clips, first_frames, strict=True):
        expected = [frames[min(k, n - 1)] for k in range(first, first + length)]
        assert np.array_equal(clip, expected)


def test_without_padding_an_incomplete_tail_is_dropped():
    assert split_clips(numbered(11), length=4)[1].tolist() == [0, 4]


def test_a_short_input_without_padding_gives_no_clips_of_the_right_shape():
    clips, first_frames = split_clips(numbered(3), length=16, stride=8)
    assert clips.shape == (0, 16, 4, 6, 3) and clips.dtype == np.uint8
    assert first_frames.shape == (0,) and first_frames.dtype == np.int64


def test_repeat_completes_the_tail_with_the_last_frame_so_that_no_frame_is_lost():
    clips, first_frames = split_clips(numbered(11), length=4, pad="repeat")
    assert first_frames.tolist() == [0, 4, 8]
    assert clips[-1, :, 0, 0, 0].tolist() == [8, 9, 10, 10]


def test_repeat_makes_one_clip_of_a_single_frame():
    clips, first_frames = split_clips(numbered(1), length=16, pad="repeat")
    assert clips.shape == (1, 16, 4, 6, 3) and first_frames.tolist() == [0]


def test_repeat_adds_no_clip_where_the_frames_come_out_even():
    assert split_clips(numbered(12), length=4, pad="repeat")[1].tolist() == [0, 4, 8]


def test_overlapping_clips_share_the_memory_of_the_frames_and_cannot_be_written_by_mistake():
    frames = numbered(100)
    clips, _ = split_clips(frames, length=16, stride=1)
    assert np.shares_memory(clips, frames)
    with pytest.raises(ValueError, match="read-only"):
        clips[0, 0] = 0
    clips.copy()[0, 0] = 0


def test_a_wave_and_times_split_like_frames():
    wave = np.arange(10, dtype=np.float32)
    clips, first = split_clips(wave, length=4, stride=2)
    assert clips.dtype == np.float32 and clips.tolist() == [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7], [6, 7, 8, 9]]
    assert first.tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize(
    "frames, options, words",
    [
        (np.empty((0, 4, 6, 3), np.uint8), dict(length=4), "no frames"),
        (np.uint8(3), dict(length=4), "time first"),
        (numbered(4), dict(length=0), "length"),
        (numbered(4), dict(length=-1), "length"),
        (numbered(4), dict(length=2.5), "length"),
        (numbered(4), dict(length=True), "length"),
        (numbered(4), dict(length=2, stride=0), "stride"),
        (numbered(4), dict(length=2, pad="zeros"), "repeat"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_sentence(frames, options, words):
    with pytest.raises(ValueError, match=words) as error:
        split_clips(frames, **options)
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_length_is_keyword_only():
    with pytest.raises(TypeError):
        split_clips(numbered(4), 2)


def test_no_padded_clip_begins_behind_the_last_frame():
    clips, first_frames = split_clips(np.arange(5), length=1, stride=3, pad="repeat")
    assert clips.tolist() == [[0], [3]] and first_frames.tolist() == [0, 3]

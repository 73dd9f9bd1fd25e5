"""Check exercises of 02 clips: windows, their span, two ways to fill the last one, the sound of a clip, leakage."""
import itertools

import numpy as np

from .answers import array, call, expect, require
from .exercise import exercise


@exercise(stars=1,
    task="Write `count_windows(n_frames, length, stride)`: how many whole windows fit into a video.",
    hint="The last window must end with the video or before: which is the latest frame that it can begin at?",
    more="First frames are 0, stride, 2·stride, … up to n_frames − length. Count them; there may be none at all.",
    insight="half the stride gives twice the windows, but not twice the information: neighbours share frames.",
    solution="""
        def count_windows(n_frames, length, stride):
            return max(0, (n_frames - length) // stride + 1)
    """)
def count_windows(answer):
    expect(answer, (10, 4, 2), 4, traps=[
        (5, "the last window needs all its frames, too."),
        (3, "the first window begins at frame 0 and counts as well."),
        (2, "windows may overlap: a new one begins every `stride` frames."),
    ])
    expect(answer, (10, 4, 3), 3)
    expect(answer, (11, 4, 2), 4, otherwise="half a window does not count: use whole-number division, //.")
    expect(answer, (16, 16, 8), 1)
    expect(answer, (5, 16, 4), 0, otherwise="a video shorter than one window has none.")


@exercise(stars=1,
    task="Write `span(length, temporal_stride, fps)`: the seconds from a clip's first frame until its last one goes.",
    hint="Between `length` frames there are fewer steps than frames: how many?",
    more="The last frame begins (length − 1) · temporal_stride frames after the first, and stays for one frame more.",
    insight="16×4 at 25 frames/s spans 2.44 s: sixteen pictures to read, 61 to decode.",
    solution="""
        def span(length, temporal_stride, fps):
            return ((length - 1) * temporal_stride + 1) / fps
    """)
def span(answer):
    expect(answer, (8, 4, 25), 29 / 25, traps=[
        (32 / 25, "the last frame is on screen for one frame only, not for a whole step."),
        (28 / 25, "the last frame stays on screen, too, for one frame."),
        (29, "that is a number of frames; how many seconds are they?"),
    ])
    expect(answer, (1, 9, 50), 1 / 50, otherwise="a clip of one frame lasts one frame, with any stride.")


@exercise(stars=2,
    task="Write `pad_repeat(frames, length)`: the frames, followed by copies of the last one, `length` frames in all.",
    hint="Which frame should be at each of the `length` places? The places past the end all need the same one.",
    more="np.minimum(np.arange(length), len(frames) - 1) are the numbers of the frames wanted; index with them.",
    insight="a frozen frame adds no motion and no new colours; a cut to black is the largest motion of the clip.",
    solution="""
        def pad_repeat(frames, length):
            return frames[np.minimum(np.arange(length), len(frames) - 1)]
    """)
def pad_repeat(answer):
    frames = np.random.default_rng(2).integers(1, 256, (4, 2, 3, 3), dtype=np.uint8)
    black = np.concatenate([frames, np.zeros((3, 2, 3, 3), np.uint8)])
    expect(answer, (frames, 7), frames[[0, 1, 2, 3, 3, 3, 3]], dtype=np.uint8, traps=[
        (black, "frames of zeros are a cut to black, which every motion feature takes for an event."),
        (frames[[0, 1, 2, 3, 0, 1, 2]], "the clip jumps back to its beginning, which never happened."),
        (frames[[0, 0, 0, 0, 1, 2, 3]], "you pad at the beginning; the sound would then come too early."),
    ], otherwise="after the last frame there should be only copies of it.")
    expect(answer, (frames, 4), frames, dtype=np.uint8, otherwise="a clip that is long enough stays as it is.")


@exercise(stars=3,
    task="Write `masked_mean(rows, mask)`: (N, d), the mean over the real frames of each clip.",
    hint="What is 0 times NaN? And by how many frames should the sum of each clip be divided?",
    more="np.where(mask[..., None], rows, 0) puts zeros into the padding; mask.sum(axis=1) counts the real frames.",
    insight="a mask makes clips of any length into one array, and the padding changes nothing.",
    solution="""
        def masked_mean(rows, mask):
            real = np.where(mask[..., None], rows, 0)
            return real.sum(axis=1) / mask.sum(axis=1, keepdims=True)
    """)
def masked_mean(answer):
    rng = np.random.default_rng(6)
    rows, mask = rng.normal(size=(3, 5, 2)), np.arange(5) < np.array([[5], [2], [3]])
    true = np.stack([row[real].mean(axis=0) for row, real in zip(rows, mask)])
    expect(answer, (np.where(mask[..., None], rows, 0), mask), true, traps=[
        (true * mask.mean(axis=1, keepdims=True), "divide by the number of real frames of each clip, not by T."),
        (true * mask.mean(axis=1, keepdims=True) / mask.mean(), "each clip has a number of real frames of its own."),
    ])
    dirty = np.where(mask[..., None], rows, 1e6)
    expect(answer, (dirty, mask), true, otherwise="what stands in the padding must not count.")
    require(np.isfinite(np.asarray(call(answer, np.where(mask[..., None], rows, np.nan), mask), float)).all(),
            "with NaN in the padding your means are NaN: 0 times NaN is NaN, so replace it instead of multiplying.")


@exercise(stars=3,
    task="Write `sound_of_clip(wave, sample_rate, fps, first_frame, length)`: the samples that are heard while these "
         "frames are on screen.",
    hint="Convert to seconds first: when does the first frame appear, and when does the last one end?",
    more="Samples run from round(first_frame / fps · sample_rate) to round((first_frame + length) / fps · "
         "sample_rate): round both ends, never the length.",
    insight="30 frames/s at 16 kHz are 533⅓ samples a frame; without the third, the sound lags a frame after a minute.",
    solution="""
        def sound_of_clip(wave, sample_rate, fps, first_frame, length):
            start = round(first_frame / fps * sample_rate)
            end = round((first_frame + length) / fps * sample_rate)
            return wave[start:end]
    """)
def sound_of_clip(answer):
    wave = np.arange(16_000 * 12, dtype=np.float64)  # the value of each sample is its place
    for fps, first, length in ((25, 0, 16), (25, 16, 16), (30, 300, 30), (30, 1, 1)):
        what = f"sound_of_clip(wave, 16000, {fps}, {first}, {length})"
        piece = array(call(answer, wave, 16_000, fps, first, length), what)
        require(piece.ndim == 1 and len(piece) > 0,
                f"{what} should be a piece of the wave, of one dimension; yours is of shape {piece.shape}.")
        begin, end = first / fps * 16_000, (first + length) / fps * 16_000
        require(len(piece) != length, f"{what} has as many samples as frames, {length}; but a second has {fps} frames "
                                      f"and 16000 samples.")
        for edge, off in (("begins", piece[0] - begin), ("ends", piece[-1] + 1 - end)):
            require(abs(off) <= 1, f"{what} {edge} {abs(off):.0f} samples too {'early' if off < 0 else 'late'}.")
    pieces = [call(answer, wave, 16_000, 30, first, 7) for first in (0, 7, 14, 21)]
    require(all(a[-1] + 1 == b[0] for a, b in itertools.pairwise(pieces)),
            "clips that follow one another should share no sample and lose none, but yours do at 30 frames/s: round "
            "both ends, not the length.")


@exercise(stars=2,
    task="Write `leaked_share(videos, is_test)`: the share of test clips whose video also has training clips.",
    hint="Ask one question about each test clip: does the name of its video occur among the training clips?",
    more="np.isin(videos[is_test], videos[~is_test]) answers it for all test clips; its mean is the share.",
    insight="with several clips per video, a random split leaks nearly every test clip: the model recognises the room, "
            "not the action. Split by video, or better by person.",
    solution="""
        def leaked_share(videos, is_test):
            return np.isin(videos[is_test], videos[~is_test]).mean()
    """)
def leaked_share(answer):
    videos = np.array(["a", "a", "a", "a", "b", "b", "c", "c"])
    is_test = np.array([True, False, False, False, True, True, False, False])
    expect(answer, (videos, is_test), 1 / 3, traps=[
        (1 / 2, "the task is a share of clips, not of videos: one of the three test clips leaks."),
        (1 / 8, "that is a share of all clips; divide by the number of test clips."),
        (3 / 5, "you look the other way round, from the training clips to the test."),
        (3 / 8, "that is the share of test clips; how many of them leak?"),
    ])
    expect(answer, (videos, np.isin(videos, ["b"])), 0.0, otherwise="whole videos are held out here, so nothing leaks.")
    expect(answer, (videos, np.arange(8) % 2 == 0), 1.0,
           otherwise="every second clip is a test clip here, and each has a training clip of the same video.")

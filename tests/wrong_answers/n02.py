"""Wrong answers to the exercises of 02 clips, each with words that its refusal says."""

import numpy as np

WRONG = {
    "count_windows": [
        (lambda n_frames, length, stride: n_frames // stride, "needs all its frames"),
        (lambda n_frames, length, stride: max(0, (n_frames - length) // stride), "the first window"),
        (lambda n_frames, length, stride: (n_frames - length) // stride + 1, "shorter than one window"),
        (lambda n_frames, length, stride: max(0, (n_frames - length) / stride + 1), "half a window"),
        (lambda n_frames, length, stride: n_frames // length, "overlap"),
    ],
    "pad_repeat": [
        (
            lambda frames, length: np.concatenate(
                [frames, np.zeros((length - len(frames), *frames.shape[1:]), frames.dtype)]
            ),
            "cut to black",
        ),
        (lambda frames, length: np.resize(frames, (length, *frames.shape[1:])), "jumps back"),
        (
            lambda frames, length: np.concatenate([frames, frames[-1:].repeat(length - len(frames), axis=0)]).astype(
                float
            ),
            "dtype uint8",
        ),
        (lambda frames, length: np.concatenate([frames, frames[-1:]]), "shape (7, 2, 3, 3)"),
        (
            lambda frames, length: np.concatenate([frames[:1].repeat(length - len(frames), axis=0), frames]),
            "at the beginning",
        ),
    ],
    "span": [
        (lambda length, k, fps: length * k / fps, "not for a whole step"),
        (lambda length, k, fps: (length - 1) * k / fps, "stays on screen, too"),
        (lambda length, k, fps: (length - 1) * k + 1, "how many seconds"),
        (lambda length, k, fps: max(2, (length - 1) * k + 1) / fps, "with any stride"),
    ],
    "masked_mean": [
        (lambda rows, mask: rows.mean(axis=1), "not by T"),
        (lambda rows, mask: (rows * mask[..., None]).sum(axis=1) / mask.sum(axis=1).mean(), "a number of real frames"),
        (lambda rows, mask: rows.sum(axis=1) / mask.sum(axis=1, keepdims=True), "must not count"),
        (lambda rows, mask: (rows * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True), "replace it"),
        (lambda rows, mask: rows[mask].mean(axis=0), "shape (3, 2)"),
    ],
    "sound_of_clip": [
        (
            lambda wave, rate, fps, first, length: wave[first * int(rate / fps) : (first + length) * int(rate / fps)],
            "100 samples too early",
        ),
        (lambda wave, rate, fps, first, length: wave[first : first + length], "as many samples as frames"),
        (
            lambda wave, rate, fps, first, length: wave[
                round(first / fps * rate) : round(first / fps * rate) + int(length / fps * rate)
            ],
            "round both ends",
        ),
        (lambda wave, rate, fps, first, length: wave[: round(length / fps * rate)], "begins 10240 samples too early"),
        (
            lambda wave, rate, fps, first, length: wave[
                round(first / fps * rate) : round((first + length) / fps * rate)
            ].reshape(length, -1),
            "one dimension",
        ),
    ],
    "leaked_share": [
        (
            lambda videos, is_test: len(set(videos[is_test]) & set(videos[~is_test])) / len(set(videos[is_test])),
            "not of videos",
        ),
        (lambda videos, is_test: np.isin(videos[is_test], videos[~is_test]).sum() / len(videos), "of all clips"),
        (lambda videos, is_test: np.isin(videos[~is_test], videos[is_test]).mean(), "the other way round"),
        (lambda videos, is_test: np.isin(videos[is_test], videos[~is_test]), "one number"),
        (lambda videos, is_test: is_test.mean(), "the share of test clips"),
    ],
}

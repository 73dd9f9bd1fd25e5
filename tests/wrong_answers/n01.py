"""Wrong answers to the exercises of 01 frames, each with words that its refusal says."""

import itertools

import numpy as np

WRONG = {
    "frames_to_decode": [
        (lambda keyframes, wanted: wanted - max(k for k in keyframes if k <= wanted), "both ends count"),
        (lambda keyframes, wanted: min(abs(k - wanted) for k in keyframes) + 1, "runs forwards only"),
        (lambda keyframes, wanted: wanted + 1, "nearer keyframe"),
        (lambda keyframes, wanted: wanted - max(k for k in keyframes if k < wanted) + 1, "before the wanted frame"),
    ],
    "on_screen": [
        (lambda times, t: int(np.abs(times - t).argmin()), "has not appeared yet"),
        (lambda times, t: int(t * 25), "frame rate"),
        (lambda times, t: int(np.searchsorted(times, t)) - 1, "the very moment"),
        (lambda times, t: int(np.searchsorted(times, t, side="right")), "how many frames have appeared"),
        (
            lambda times, t: next(i for i, pair in enumerate(itertools.pairwise(times)) if t < pair[1]) if t < 9 else 3,
            "stays to the end",
        ),
    ],
    "bin_centers": [
        (lambda duration, n: np.linspace(0, duration, n), "both edges"),
        (lambda duration, n: np.arange(n) * duration / n, "left edges"),
        (lambda duration, n: (np.arange(n) + 1) * duration / n, "right edges"),
        (lambda duration, n: np.linspace(0, duration, n + 1), "of shape (4,)"),
        (lambda duration, n: np.linspace(0, duration, n + 2)[1:-1], "inner"),
    ],
    "seek_or_read": [
        (lambda keyframes, wanted: "seek", "every 250 frames"),
        (lambda keyframes, wanted: "read", "every 12 frames"),
        (lambda keyframes, wanted: "seek" if len(keyframes) > 2 else "read", "neighbouring frames"),
        (
            lambda keyframes, wanted: "seek" if len(keyframes) >= len(wanted) > 1 and len(wanted) > 5 else "read",
            "one frame near the end",
        ),
        (lambda keyframes, wanted: len(keyframes) > len(wanted), "should be a str"),
    ],
}

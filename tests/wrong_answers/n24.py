"""Wrong answers to the exercises of 24 smaller models, each with words that its refusal says."""

import numpy as np

WRONG = {
    "quantise": [
        (lambda w: (w / (np.abs(w).max() / 127)).astype(np.int8), "round before"),
        (lambda w: np.round(w / (w.max() / 127)).astype(np.int16), "magnitude"),
    ],
    "soften": [
        (lambda p, T: p ** (1 / T), "add up to 1"),
        (lambda p, T: p ** T / (p ** T).sum(), "sharper"),
        (lambda p, T: p / T, "not a factor"),
    ],
    "channels": [
        (lambda kernel, gamma, keep: np.sort(np.argsort(-np.abs(kernel).sum(axis=(0, 1, 2)))[:keep]), "scales a channel"),
        (lambda kernel, gamma, keep: np.argsort(-np.abs(kernel).sum(axis=(0, 1, 2)) * np.abs(gamma))[:keep], "rising order"),
        (lambda kernel, gamma, keep: np.sort(np.argsort(np.abs(kernel).sum(axis=(0, 1, 2)) * np.abs(gamma))[:keep]), "least important"),
        (lambda kernel, gamma, keep: np.sort(np.argsort(-np.abs(kernel).sum(axis=(0, 1, 2)) * gamma)[:keep]), "take |γ|"),
    ],
    "on_frontier": [
        (
            """
                def on_frontier(cost, accuracy):
                    c, a = cost[:, None], accuracy[:, None]
                    return ~((c < cost) & (a > accuracy)).any(axis=0)
            """,
            "less accurate",
        ),
        (
            """
                def on_frontier(cost, accuracy):
                    c, a = cost[:, None], accuracy[:, None]
                    beats = (c <= cost) & (a >= accuracy)
                    np.fill_diagonal(beats, False)
                    return ~beats.any(axis=0)
            """,
            "neither beats",
        ),
        (
            """
                def on_frontier(cost, accuracy):
                    c, a = cost[:, None], accuracy[:, None]
                    return ~((c <= cost) & (a > accuracy)).any(axis=0)
            """,
            "cheaper",
        ),
    ],
}

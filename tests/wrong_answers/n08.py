"""Wrong answers to the exercises of 08 a first cnn, each with words that its refusal says."""

import numpy as np

WRONG = {
    "map_sizes": [
        (
            """
                def map_sizes(size, rounds):
                    sizes = []
                    for _ in range(rounds):
                        size = -(-(size - 2) // 2)
                        sizes.append(size)
                    return sizes
            """,
            "has no neighbour",
        ),
        (lambda size, rounds: [size // 2 ** (k + 1) for k in range(rounds)], "the border"),
        (lambda size, rounds: [(size - 2) // 2] * rounds, "each round"),
        (lambda size, rounds: (size - 2) // 2, "a list"),
    ],
    "count_parameters": [
        (lambda size, kernels, neurons: 27 * kernels + ((size - 2) // 2) ** 2 * kernels * neurons + neurons, "bias"),
        (
            lambda size, kernels, neurons: 28 * kernels + ((size - 2) ** 2 * kernels + 1) * neurons + neurons + 1,
            "pooling",
        ),
        (
            lambda size, kernels, neurons: 28 * kernels + ((size // 2) ** 2 * kernels + 1) * neurons + neurons + 1,
            "the border",
        ),
        (
            lambda size, kernels, neurons: (
                10 * kernels + (((size - 2) // 2) ** 2 * kernels + 1) * neurons + neurons + 1
            ),
            "three channels",
        ),
        (lambda size, kernels, neurons: 28 * kernels + (((size - 2) // 2) ** 2 * kernels + 1) * neurons, "last neuron"),
    ],
    "cross_entropy": [
        (lambda y, p: np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), "minus"),
        (lambda y, p: -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)), "the mean"),
        (lambda y, p: -np.mean(y * np.log(p)), "where y is 0"),
        (lambda y, p: -np.mean(y * np.log2(p) + (1 - y) * np.log2(1 - p)), "natural"),
        (lambda y, p: np.mean((p > 0.5) == y), "share of right"),
        (lambda y, p: np.mean((y - p) ** 2), "squared"),
    ],
    "early_stopping": [
        (lambda val_loss, patience: (len(val_loss), int(np.argmin(val_loss))), "from 1"),
        (lambda val_loss, patience: (len(val_loss), int(np.argmin(val_loss)) + 1), "never learns"),
        (
            """
                def early_stopping(val_loss, patience):
                    waited, best = 0, 1
                    for k in range(1, len(val_loss)):
                        waited = 0 if val_loss[k] < val_loss[k - 1] else waited + 1
                        best = k + 1 if val_loss[k] < val_loss[best - 1] else best
                        if waited == patience:
                            return k + 1, best
                    return len(val_loss), best
            """,
            "lowest so far",
        ),
        (
            """
                def early_stopping(val_loss, patience):
                    best = 0
                    for k, loss in enumerate(val_loss):
                        if loss < val_loss[best]:
                            best = k
                        elif k - best == patience:
                            return k + 1, k + 1
                    return len(val_loss), best + 1
            """,
            "the weights",
        ),
        (lambda val_loss, patience: len(val_loss), "two numbers"),
    ],
    "moving_part": [
        (lambda clip: clip / 255 - (clip / 255).mean(), "one picture"),
        (lambda clip: (clip - clip.mean(axis=0).astype(np.uint8)) / 255, "wrap around"),
        (lambda clip: clip - clip.mean(axis=0), "divide by 255"),
        (lambda clip: np.abs(clip / 255 - (clip / 255).mean(axis=0)), "has a sign"),
        (lambda clip: np.diff(clip / 255, axis=0), "the frame before"),
    ],
}

"""Wrong answers to the exercises of 07 convolution by hand, each with words that its refusal says."""

import numpy as np

WRONG = {
    "upward": [
        ([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], "towards the bottom"),
        ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "from left to right"),
        ([[1, 2, 1], [0, 0, 0], [0, 0, 0]], "flat picture"),
        ([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]], "only from left to right, too"),
        ([1, 0, -1], "of shape (3, 3)"),
        (np.zeros((3, 3)), "neither up nor down"),
    ],
    "output_size": [
        (
            lambda size, side, stride, padding: -(-size // stride) if padding == "same" else (size - side) // stride,
            "the first place",
        ),
        (
            lambda size, side, stride, padding: size // stride if padding == "same" else (size - side) // stride + 1,
            "rounded up",
        ),
        (lambda size, side, stride, padding: (size - side) // stride + 1, "pads"),
        (
            lambda size, side, stride, padding: size / stride if padding == "same" else (size - side) / stride + 1,
            "whole number",
        ),
        (lambda size, side, stride, padding: size if padding == "same" else size - side + 1, "jumps"),
    ],
    "count_parameters": [
        (lambda side, channels, kernels: side * side * channels * kernels, "bias"),
        (lambda side, channels, kernels: side * side * channels * kernels + 1, "a single bias"),
        (lambda side, channels, kernels: (side * side + 1) * kernels, "every channel"),
        (lambda side, channels, kernels: (side * channels + 1) * kernels, "a square"),
        (lambda side, channels, kernels: (side * side + 1) * channels * kernels, "a bias for each channel"),
    ],
    "receptive_field": [
        (lambda layers: 1 + sum(side - 1 for side, stride in layers), "two pixels apart"),
        (lambda layers: sum(side for side, stride in layers), "overlap"),
        (
            """
                def receptive_field(layers):
                    field, step = 1, 1
                    for side, stride in layers:
                        step *= stride
                        field += (side - 1) * step
                    return field
            """,
            "before its own",
        ),
        (
            """
                def receptive_field(layers):
                    field, step = 0, 1
                    for number, (side, stride) in enumerate(layers):
                        field += (side - (number > 0)) * step
                        step *= stride
                    return field
            """,
            "without any layer",
        ),
    ],
    "secret_kernel": [
        (
            lambda picture, answers: np.linalg.lstsq(
                np.lib.stride_tricks.sliding_window_view(picture, (3, 3)).reshape(-1, 9), answers.ravel()
            )[0],
            "of shape (3, 3)",
        ),
        (
            lambda picture, answers: np.linalg.lstsq(
                np.lib.stride_tricks.sliding_window_view(picture, (3, 3)).reshape(-1, 9), answers.ravel()
            )[0].reshape(3, 3)[::-1, ::-1],
            "flipped",
        ),
        (
            lambda picture, answers: (
                np.linalg.lstsq(
                    np.lib.stride_tricks.sliding_window_view(picture, (3, 3)).reshape(-1, 9), answers.ravel()
                )[0]
                .reshape(3, 3)
                .T
            ),
            "rows and columns",
        ),
        (lambda picture, answers: np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]), "other pictures"),
        (
            """
                def secret_kernel(picture, answers):
                    X, w = np.lib.stride_tricks.sliding_window_view(picture, (3, 3)).reshape(-1, 9), np.zeros(9)
                    for step in range(5):
                        w -= 0.1 * X.T @ (X @ w - answers.ravel()) / len(X)
                    return w.reshape(3, 3)
            """,
            "still off",
        ),
    ],
    "weight_gradient": [
        (lambda W, v, x, y: np.outer(2 * (y - v @ np.maximum(W @ x, 0)) * v * (W @ x > 0), x), "the sign"),
        (lambda W, v, x, y: np.outer((v @ np.maximum(W @ x, 0) - y) * v * (W @ x > 0), x), "the derivative of"),
        (lambda W, v, x, y: np.outer(2 * (v @ np.maximum(W @ x, 0) - y) * v, x), "lets no gradient through"),
        (lambda W, v, x, y: np.outer(2 * (v @ np.maximum(W @ x, 0) - y) * (W @ x > 0), x), "gets its part"),
        (lambda W, v, x, y: np.outer(2 * (v @ np.maximum(W @ x, 0) - y) * v * (W @ x > 0), x).T, "the shape of W"),
    ],
}

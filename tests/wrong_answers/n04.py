"""Wrong answers to the exercises of 04 motion, each with words that its refusal says."""

import numpy as np

WRONG = {
    "moved_share": [
        (lambda before, after: (np.abs(after - before) > 20).mean(), "wraps around"),
        (lambda before, after: (after.astype(int) - before.astype(int) > 20).mean(), "darker"),
        (lambda before, after: (np.abs(after.astype(int) - before.astype(int)) > 20).sum(), "a share"),
        (lambda before, after: (np.abs(after.astype(int) - before.astype(int)) > 0).mean(), "more than 20"),
    ],
    "heading": [
        (
            """
                def heading(history):
                    late = history[np.nonzero(history)]
                    down, right = (np.average(i, weights=late) - i.mean() for i in np.nonzero(history))
                    across = "left" if right > 0 else "right"
                    return across if abs(right) > abs(down) else ("up" if down > 0 else "down")
            """,
            "bright is late",
        ),
        (
            """
                def heading(history):
                    late = history[np.nonzero(history)]
                    down, right = (np.average(i, weights=late) - i.mean() for i in np.nonzero(history))
                    across = "right" if right > 0 else "left"
                    return across if abs(right) > abs(down) else ("up" if down > 0 else "down")
            """,
            "count downwards",
        ),
        (
            """
                def heading(history):
                    rows, columns = np.nonzero(history)
                    return "right" if np.average(columns, weights=history[rows, columns]) > columns.mean() else "left"
            """,
            "up and down",
        ),
        (
            """
                def heading(history):
                    down, right = (np.average(i, weights=history[np.nonzero(history)]) - n / 2 + 0.5
                                   for i, n in zip(np.nonzero(history), history.shape))
                    across = "right" if right > 0 else "left"
                    return across if abs(right) > abs(down) else ("down" if down > 0 else "up")
            """,
            "not with the middle of the picture",
        ),
        (lambda history: history.argmax(), "should be a str"),
    ],
    "speed_and_direction": [
        (
            lambda flow: (np.hypot(flow[..., 0], flow[..., 1]), np.arctan2(flow[..., 1], flow[..., 0]) % (2 * np.pi)),
            "radians",
        ),
        (
            lambda flow: (np.hypot(flow[..., 0], flow[..., 1]), np.degrees(np.arctan2(flow[..., 1], flow[..., 0]))),
            "negative",
        ),
        (
            lambda flow: (
                np.hypot(flow[..., 0], flow[..., 1]),
                np.degrees(np.arctan2(flow[..., 0], flow[..., 1])) % 360,
            ),
            "down before across",
        ),
        (
            lambda flow: (
                np.hypot(flow[..., 0], flow[..., 1]),
                np.degrees(np.arctan2(-flow[..., 1], flow[..., 0])) % 360,
            ),
            "count downwards",
        ),
        (
            lambda flow: (np.abs(flow).sum(axis=-1), np.degrees(np.arctan2(flow[..., 1], flow[..., 0])) % 360),
            "in a straight line",
        ),
        (lambda flow: np.hypot(flow[..., 0], flow[..., 1]), "two arrays"),
    ],
    "direction_bin": [
        (lambda angle, n_bins: int(angle // (360 / n_bins)), "belong together"),
        (lambda angle, n_bins: round(angle / (360 / n_bins)), "closes"),
        (lambda angle, n_bins: int(np.ceil(angle / (360 / n_bins))) % n_bins, "nearest centre"),
        (lambda angle, n_bins: (angle / (360 / n_bins)) % n_bins, "whole number"),
    ],
    "keeps_order": [
        (lambda sequence: sequence.mean(axis=0), "sitting down and standing up"),
        (lambda sequence: np.concatenate([sequence.max(axis=0), sequence.std(axis=0)]), "played backwards"),
        (lambda sequence: sequence[0], "played backwards"),
        (lambda sequence: sequence.mean(axis=0) * np.random.rand(), "leave nothing to chance"),
        (lambda sequence: sequence.ravel(), "same length"),
        (lambda sequence: np.abs(np.diff(sequence, axis=0)).mean(axis=0), "played backwards, too"),
        (lambda sequence: np.diff(sequence, axis=0), "one row"),
    ],
    "window_motion": [
        (lambda right, down, change: np.linalg.lstsq(np.stack([right.ravel(), down.ravel()], axis=1),
                                                     change.ravel())[0], "the sign"),
        (lambda right, down, change: np.linalg.lstsq(np.stack([down.ravel(), right.ravel()], axis=1),
                                                     -change.ravel())[0], "first to the right"),
        (lambda right, down, change: np.linalg.lstsq(np.stack([right.ravel(), down.ravel()], axis=1) / 2,
                                                     -change.ravel())[0], "per pixel already"),
        (lambda right, down, change: np.linalg.solve([[right[0, 0], down[0, 0]], [right[0, 1], down[0, 1]]],
                                                     -change[0, :2]), "all pixels of the window"),
    ],
}

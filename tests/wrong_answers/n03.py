"""Wrong answers to the exercises of 03 handcrafted features, each with words that its refusal says."""

import numpy as np

WRONG = {
    "scramble": [
        (lambda frame: frame.copy(), "the very same picture"),
        (lambda frame: frame[..., ::-1], "red and blue"),
        (lambda frame: np.sort(frame.reshape(-1, 3), axis=0).reshape(frame.shape), "tore the pixels apart"),
        (lambda frame: 255 - frame, "pixels of another colour"),
        (lambda frame: frame.swapaxes(0, 1), "should be of shape"),
    ],
    "turned_cell": [
        (lambda votes, degrees: np.roll(votes, -(degrees // 20)), "clockwise"),
        (lambda votes, degrees: np.concatenate([np.zeros(degrees // 20), votes])[:9], "comes back"),
        (lambda votes, degrees: np.roll(votes, degrees), "shifted by 20 bins"),
        (lambda votes, degrees: votes, "stay as they are"),
        (lambda votes, degrees: np.roll(votes, degrees // 20)[:: -1 if degrees == 180 else 1], "upside down"),
    ],
    "corner_strength": [
        (lambda right, down: np.linalg.eigvalsh([[(right**2).sum(), (right * down).sum()],
                                                 [(right * down).sum(), (down**2).sum()]])[1], "larger one"),
        (lambda right, down: min((right**2).sum(), (down**2).sum()), "slanted edge"),
        (lambda right, down: np.linalg.eigvalsh([[(right**2).mean(), (right * down).mean()],
                                                 [(right * down).mean(), (down**2).mean()]])[0], "not averaged"),
        (lambda right, down: np.linalg.eigvalsh([[(right**2).sum(), (right * down).sum()],
                                                 [(right * down).sum(), (down**2).sum()]]), "both eigenvalues"),
    ],
    "ratio_test": [
        (lambda distances: np.flatnonzero(distances.min(axis=1) < 0.8), "almost as near"),
        (lambda distances: np.flatnonzero(distances[:, 0] < 0.8 * distances[:, 1]), "sort each row first"),
        (lambda distances: np.sort(distances, axis=1)[:, 0] < 0.8 * np.sort(distances, axis=1)[:, 1], "np.flatnonzero"),
        (
            lambda distances: np.flatnonzero(
                np.sort(distances, axis=1)[:, 0] >= 0.8 * np.sort(distances, axis=1)[:, 1]
            ),
            "you keep those that fail",
        ),
    ],
    "bag_of_words": [
        (
            """
                def bag_of_words(descriptors, vocabulary):
                    words = np.linalg.norm(descriptors[:, None] - vocabulary, axis=2).argmin(axis=1)
                    return np.bincount(words, minlength=len(vocabulary))
            """,
            "divide by their number",
        ),
        (
            """
                def bag_of_words(descriptors, vocabulary):
                    words = np.linalg.norm(descriptors[:, None] - vocabulary, axis=2).argmin(axis=1)
                    return np.bincount(words) / len(descriptors)
            """,
            "even those that do not occur",
        ),
        (
            """
                def bag_of_words(descriptors, vocabulary):
                    words = np.linalg.norm(descriptors[:, None] - vocabulary, axis=2).argmin(axis=1)
                    with np.errstate(invalid="ignore"):
                        return np.bincount(words, minlength=len(vocabulary)) / np.float64(len(descriptors))
            """,
            "divided by zero",
        ),
        (
            lambda descriptors, vocabulary: np.linalg.norm(descriptors[:, None] - vocabulary, axis=2).argmin(axis=1),
            "number of its word",
        ),
    ],
}

"""Wrong answers to the exercises of 23 few labels, each with words that its refusal says."""

import numpy as np

WRONG = {
    "nearest_mean": [
        (lambda X, y, query: y[((X - query) ** 2).sum(axis=1).argmin()], "the nearest row"),
        (lambda X, y, query: int(((X - query) ** 2).sum(axis=1).argmin() * 0), "the name of the class"),
        (
            """
                def nearest_mean(X, y, query):
                    names = np.unique(y)
                    means = np.stack([X[y == name].mean(axis=0) for name in names])
                    return names[((means - query) ** 2).sum(axis=1).argmax()]
            """,
            "least distance",
        ),
    ],
    "smallest_margins": [
        (lambda P, n: np.argsort(P.max(axis=1))[:n], "largest probability alone"),
        (lambda P, n: np.argsort(-(np.sort(P, axis=1)[:, -1] - np.sort(P, axis=1)[:, -2]))[:n], "the surest"),
        (lambda P, n: np.argsort(np.sort(P, axis=1)[:, -1] - np.sort(P, axis=1)[:, -2]), "not all"),
    ],
    "farthest": [
        (lambda X, labelled: int(np.linalg.norm(X[:, None] - X[labelled], axis=2).max(axis=1).argmax()), "nearest label"),
        (lambda X, labelled: int(np.linalg.norm(X[:, None] - X[labelled], axis=2).min(axis=1).argmin()), "not the least"),
    ],
    "paired_gain": [
        (lambda a, b: ((a - b).mean(), (a - b).std(ddof=1)), "a is above b"),
        (lambda a, b: ((b - a).mean(), (b - a).std()), "n - 1"),
        (lambda a, b: ((b - a).mean(), np.sqrt(a.var(ddof=1) + b.var(ddof=1))), "unrelated"),
        (lambda a, b: (b.mean() - a.mean(), b.std(ddof=1) - a.std(ddof=1)), "no deviation"),
    ],
}

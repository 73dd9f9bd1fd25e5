"""Wrong answers to the exercises of 18 retrieve, each with words that its refusal says."""

import numpy as np

WRONG = {
    "nearest": [
        (lambda vectors, query, k: np.argsort(-(vectors @ query))[:k], "divide each row"),
        (lambda vectors, query, k: np.argsort(vectors @ query / np.linalg.norm(vectors, axis=1))[:k], "the farthest"),
        (lambda vectors, query, k: np.argsort(-(vectors @ query) / np.linalg.norm(vectors, axis=1)), "not all"),
    ],
    "recall": [
        (lambda ranks, k: np.mean(ranks < k), "place k"),
        (lambda ranks, k: int((ranks <= k).sum()), "a share"),
    ],
    "fair_rank": [
        (lambda scores, right: int((scores > scores[right]).sum()) + 1, "in its favour"),
        (lambda scores, right: int((scores >= scores[right]).sum()), "the worst place"),
        (lambda scores, right: (scores > scores[right]).sum() + 1 + (scores == scores[right]).sum() / 2, "itself one of"),
    ],
    "ridge": [
        (lambda X, T, strength: np.linalg.solve(X.T @ X + strength * np.eye(X.shape[1]), X.T @ T), "centre X and T"),
        (
            """
                def ridge(X, T, strength):
                    X, T = X - X.mean(axis=0), T - T.mean(axis=0)
                    return np.linalg.lstsq(X, T, rcond=None)[0]
            """,
            "left out",
        ),
    ],
}

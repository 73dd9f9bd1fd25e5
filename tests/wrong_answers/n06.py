"""Wrong answers to the exercises of 06 finding, each with words that its refusal says."""

import numpy as np


def shares(X, power):
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False) ** power
    return s.cumsum() / s.sum()


def step(X, centres, power=2, combine=np.mean):
    nearest = (np.abs(X[:, None] - centres) ** power).sum(axis=-1).argmin(axis=1)
    return np.stack([combine(X[nearest == k], axis=0) for k in range(len(centres))])


WRONG = {
    "purity": [
        (lambda clusters, labels: np.mean(clusters == labels), "only a name"),
        (
            lambda clusters, labels: np.mean(
                [
                    np.unique(labels[clusters == c], return_counts=True)[1].max() / (clusters == c).sum()
                    for c in np.unique(clusters)
                ]
            ),
            "a larger cluster",
        ),
        (
            lambda clusters, labels: sum(
                np.unique(labels[clusters == c], return_counts=True)[1].max() for c in np.unique(clusters)
            ),
            "a share",
        ),
        (
            lambda clusters, labels: (
                sum(np.unique(clusters[labels == v], return_counts=True)[1].max() for v in np.unique(labels))
                / len(labels)
            ),
            "each label",
        ),
    ],
    "components_for": [
        (lambda X, share: int(np.argmax(shares(X, 1) >= share)) + 1, "squares of the singular values"),
        (lambda X, share: int(np.argmax(shares(X, 2) >= share)), "counting begins at 1"),
        (lambda X, share: 2, "25/35"),
        (lambda X, share: shares(X, 2), "one number"),
    ],
    "precision_at": [
        (lambda d, labels, k: np.mean(labels[d.argsort(axis=1)[:, :k]] == labels[:, None]), "found itself"),
        (lambda d, labels, k: np.mean(labels[d.argsort(axis=1)[:, 1:2]] == labels[:, None]), "not only the first"),
        (lambda d, labels, k: np.sum(labels[d.argsort(axis=1)[:, 1:2]] == labels[:, None]), "a share"),
    ],
    "move_centres": [
        (lambda X, centres: centres, "have not moved"),
        (lambda X, centres: step(X, centres, combine=np.sum), "mean"),
        (lambda X, centres: np.nan_to_num(step(X, centres)), "stays where it is"),
        (lambda X, centres: step(X, centres), "NaN"),
    ],
}

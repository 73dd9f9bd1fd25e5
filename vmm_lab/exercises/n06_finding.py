"""Check exercises of 06 finding: purity, explained variance, precision of a search, a step of k-means."""
import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `purity(clusters, labels)`: the share of items that have the most frequent label of their own cluster.",
    hint="The number of a cluster is only a name. Give each cluster the label that most of its items have, and count "
         "the items that agree.",
    more="For each cluster: np.unique(labels[clusters == c], return_counts=True)[1].max(); add these up and divide by "
         "the number of items.",
    insight="but if every item is its own cluster, the purity is 1. Say how many clusters there were, and what purity "
            "random ones reach.",
    solution="""
        def purity(clusters, labels):
            agree = [np.unique(labels[clusters == c], return_counts=True)[1].max() for c in np.unique(clusters)]
            return sum(agree) / len(labels)
    """)
def purity(answer):
    expect(answer, (np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1])), 1.0, traps=[
        (0.0, "the number of a cluster is only a name: cluster 1 may well be class 0."),
        (4, "that is a number of items; the task is a share."),
    ])
    expect(answer, (np.array([7, 7, 7, 3, 3, 3, 3, 3]), np.array(list("aabcccab"))), 5 / 8, traps=[
        ((2 / 3 + 3 / 5) / 2, "a larger cluster should count more: count items, do not average over clusters."),
        (6 / 8, "you ask in which cluster each label is; ask which label each cluster holds."),
    ])
    expect(answer, (np.arange(5), np.array(list("aabbc"))), 1.0, otherwise="each item is its own, pure cluster here.")


@exercise(stars=1,
    task="Write `components_for(X, share)`: how many principal components explain at least this share of the variance.",
    hint="The variance along component k is proportional to the square of its singular value. Mind the mean.",
    more="s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False); cumulate s² / sum of s² and "
         "count how many are needed.",
    insight="two components are good for the eye; for a classifier, keep as many as explain 95 %, or choose the number "
            "inside the folds.",
    solution="""
        def components_for(X, share):
            s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
            return int(np.argmax((s**2).cumsum() / (s**2).sum() >= share)) + 1
    """)
def components_for(answer):
    sides = np.array([[5.0, 0, 0], [0, 3, 0], [0, 0, 1]])
    X = np.concatenate([sides, -sides]) + [40, 2, 2]  # shares of the variance: 25, 9 and 1 of 35
    expect(answer, (X, 0.9), 2, traps=[
        (3, "the shares are of s², the squares of the singular values."),
        (1, "subtract the mean of each column first; or you return the place, and counting begins at 1."),
    ])
    expect(answer, (X, 0.5), 1, otherwise="the first component explains 25/35 by itself.")
    expect(answer, (X, 0.99), 3, otherwise="two components explain 34/35, which is less than 0.99.")


@exercise(stars=2,
    task="Write `precision_at(distances, labels, k)`: over all films, the share of the k nearest others that have the "
         "label of the film.",
    hint="Sort each row of the distances. Which film is always the nearest, and does not count?",
    more="Set the diagonal of a copy to np.inf (np.fill_diagonal), take near = distances.argsort(axis=1)[:, :k], and "
         "compare labels[near] with labels[:, None].",
    insight="a film finds itself at distance 0: with k = 1, a search that forgets this is always perfect. Other films "
            "of the same person are nearly as unfair.",
    solution="""
        def precision_at(distances, labels, k):
            others = distances + np.diag(np.full(len(labels), np.inf))
            near = others.argsort(axis=1)[:, :k]
            return np.mean(labels[near] == labels[:, None])
    """)
def precision_at(answer):
    places = np.array([0.0, 1.0, 2.5, 10.0, 11.5, 13.5])
    distances, labels = np.abs(places[:, None] - places), np.array(list("aabbbb"))
    expect(answer, (distances, labels, 1), 5 / 6, traps=[
        (1.0, "each film found itself; only the others count."),
        (5, "that is a number of films; the task is a share."),
    ])
    expect(answer, (distances, labels, 2), 8 / 12, traps=[
        (11 / 12, "each film found itself; only the others count."),
        (5 / 6, "all k neighbours count, not only the first."),
    ])


@exercise(stars=3,
    task="Write `move_centres(X, centres)`: the centres after one step of k-means; one without rows stays.",
    hint="Two steps: which centre is nearest to each row, and what is the mean of the rows of each centre?",
    more="nearest = ((X[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1); then X[nearest == k].mean(axis=0) for "
         "each k for which (nearest == k).any(), otherwise centres[k].",
    insight="without the last rule one NaN spreads, and a loop that waits for two equal results never ends: NaN is not "
            "equal to NaN.",
    solution="""
        def move_centres(X, centres):
            nearest = ((X[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
            return np.stack([X[nearest == k].mean(axis=0) if np.any(nearest == k) else centre
                             for k, centre in enumerate(centres)])
    """)
def move_centres(answer):
    X = np.array([[0.0, 0], [2, 0], [0, 4], [9, 9], [11, 9]])
    expect(answer, (X, np.array([[1.0, 1], [8, 8]])), np.array([[2 / 3, 4 / 3], [10, 9]]), traps=[
        (np.array([[1.0, 1], [8, 8]]), "the centres have not moved."),
        (np.array([[2.0, 4], [20, 18]]), "that is the sum of the rows; the centre is their mean."),
    ])
    expect(answer, (X, np.array([[1.0, 1], [8, 8], [100, 100]])), np.array([[2 / 3, 4 / 3], [10, 9], [100, 100]]),
           otherwise="no row is nearest to the third centre, so it stays where it is.")
    expect(answer, (X, np.array([[0.0, 0], [5, 0]])), np.array([[2 / 3, 4 / 3], [10, 9]]),
           otherwise="the distance counts both columns: square the differences and add them up.")

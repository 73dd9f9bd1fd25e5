"""Check exercises of 18 retrieve: nearest by the cosine, recall, fair ranks under ties, ridge regression."""
import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `nearest(vectors, query, k)`: the numbers of the k rows with the largest cosine, best first.",
    hint="An inner product is a cosine only between vectors of length 1. Whose lengths matter for the order?",
    more="Divide each row by its length, multiply by the query, and sort what comes with a minus sign.",
    insight="the length of the query changes all scores alike, and so never the order; those of the rows do.",
    solution="""
        def nearest(vectors, query, k):
            cosines = vectors @ query / np.linalg.norm(vectors, axis=1)
            return np.argsort(-cosines)[:k]
    """)
def nearest(answer):
    vectors = np.array([[9.0, 9.0], [1.0, 0.1], [0.0, 2.0], [-5.0, 0.0]])
    query = np.array([2.0, 0.0])
    expect(answer, (vectors, query, 2), np.array([1, 0]), traps=[
        (np.array([0, 1]), "row 0 is long and not near: divide each row by its length."),
        (np.array([3, 2]), "these are the farthest: the largest cosine comes first."),
        (np.array([1, 0, 2, 3]), "return k of them, and not all."),
    ])
    expect(answer, (vectors, -query, 1), np.array([3]), otherwise="a cosine may be negative; keep its sign.")


@exercise(stars=1,
    task="Write `recall(ranks, k)`: the share of queries whose right item is among the first k.",
    hint="The places count from 1. Is the item at place k among the first k?",
    more="Compare the ranks with k, and take the mean of what comes.",
    insight="the mean of True and False is a share.",
    solution="""
        def recall(ranks, k):
            return np.mean(ranks <= k)
    """)
def recall(answer):
    ranks = np.array([1, 3, 10, 11, 200])
    expect(answer, (ranks, 10), 0.6, traps=[
        (0.4, "the item at place k is still among the first k."),
        (3, "that is how many; a recall is a share."),
    ])
    expect(answer, (ranks, 1), 0.2, otherwise="a right item at place 1 is among the first 1.")


@exercise(stars=2,
    task="Write `fair_rank(scores, right)`: the mean place of an item over all orders of equal scores.",
    hint="Count the scores that are higher, and those that are equal. Where do the equal ones stand on average?",
    more="With a above and t equal ones, itself among them, the places a + 1 to a + t are equally probable.",
    insight="a method that gives every item the same score gets the rank of chance, and no better.",
    solution="""
        def fair_rank(scores, right):
            above = (scores > scores[right]).sum()
            equal = (scores == scores[right]).sum()
            return above + (equal + 1) / 2
    """)
def fair_rank(answer):
    scores = np.array([0.2, 0.9, 0.2, 0.2, 0.1])
    expect(answer, (scores, 0), 3.0, traps=[
        (2, "that is the best place it can get: the sort may not decide in its favour."),
        (4, "that is the worst place it can get; take the mean over all orders."),
        (2.0, "places count from 1, and one score is higher."),
        (3.5, "it is itself one of the equal ones."),
    ])
    expect(answer, (scores, 1), 1.0, otherwise="the best of all has place 1.")
    expect(answer, (np.zeros(9), 4), 5.0, otherwise="among nine equal ones the mean place is the middle.")


@exercise(stars=3,
    task="Write `ridge(X, T, strength)`: the matrix that maps centred X to centred T by ridge regression.",
    hint="Take the mean over the rows from both, and use the formula above.",
    more="`np.linalg.solve(A, B)` solves A W = B; here A is XᵀX plus strength times the unit matrix.",
    insight="with centred numbers no row of ones is needed, and the strength does not shrink the mean.",
    solution="""
        def ridge(X, T, strength):
            X, T = X - X.mean(axis=0), T - T.mean(axis=0)
            return np.linalg.solve(X.T @ X + strength * np.eye(X.shape[1]), X.T @ T)
    """)
def ridge(answer):
    rng = np.random.default_rng(3)
    X, T = rng.normal(2, 1, (12, 3)), rng.normal(-1, 1, (12, 2))

    def solved(X, T, strength):
        return np.linalg.solve(X.T @ X + strength * np.eye(3), X.T @ T)

    centred = X - X.mean(axis=0), T - T.mean(axis=0)
    expect(answer, (X, T, 2.0), solved(*centred, 2.0), traps=[
        (solved(X, T, 2.0), "centre X and T first: take the mean of each column away."),
        (solved(*centred, 0.0), "the strength is left out."),
        (solved(*centred, 2.0 * 12), "the strength counts once, and not once for each row."),
        (solved(centred[0], T, 0.0), "the strength is left out."),
    ])
    expect(answer, (X, T, 0.0), solved(*centred, 0.0), otherwise="with strength 0 it is least squares.")

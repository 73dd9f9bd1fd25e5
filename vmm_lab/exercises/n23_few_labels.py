"""Check exercises of 23 few labels: prototypes, the margin, the farthest row, a gain on the same draws."""
import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `nearest_mean(X, y, query)`: the class whose mean row is nearest to the query.",
    hint="One mean for each class, taken over its rows. Which of the means is nearest?",
    more="`X[y == name].mean(axis=0)` is the mean of a class; compare squared distances to the query.",
    insight="with one label a class the prototype is that row, and this is the nearest neighbour.",
    solution="""
        def nearest_mean(X, y, query):
            names = np.unique(y)
            means = np.stack([X[y == name].mean(axis=0) for name in names])
            return names[((means - query) ** 2).sum(axis=1).argmin()]
    """)
def nearest_mean(answer):
    X = np.array([[0.0, 0.0], [4.0, 0.0], [3.0, 0.0], [2.0, 3.0]])
    y = np.array(["walk", "walk", "clap", "jump"])
    expect(answer, (X, y, np.array([3.6, 0.0])), "clap", traps=[
        ("walk", "that is the class of the nearest row; compare with the mean of each class."),
        ("jump", "that mean is the farthest, or one of the farther: take the least distance."),
        (0, "return the name of the class, and not its number."),
    ])
    expect(answer, (X, y, np.array([1.0, 0.0])), "walk", otherwise="the mean of walk is [2, 0], which is nearest.")


@exercise(stars=2,
    task="Write `smallest_margins(P, n)`: the n rows whose two most probable classes are nearest to each other.",
    hint="Sort each row of probabilities. Which two of its numbers make the margin?",
    more="`np.sort(P, axis=1)` puts the largest last; the margin is the last minus the one before.",
    insight="a row with a small margin lies on the boundary between two classes, and its label moves the boundary.",
    solution="""
        def smallest_margins(P, n):
            ranked = np.sort(P, axis=1)
            return np.argsort(ranked[:, -1] - ranked[:, -2])[:n]
    """)
def smallest_margins(answer):
    P = np.array([[0.50, 0.48, 0.02], [0.40, 0.31, 0.29], [0.90, 0.05, 0.05], [0.60, 0.35, 0.05]])
    expect(answer, (P, 2), np.array([0, 1]), traps=[
        (np.array([1, 0]), "that is by the largest probability alone; subtract the second largest."),
        (np.array([2, 3]), "these are the surest: the smallest margin comes first."),
        (np.array([0, 1, 3, 2]), "return n of them, and not all."),
    ])
    expect(answer, (P[:, ::-1], 1), np.array([0]), otherwise="the order of the classes must not matter.")


@exercise(stars=2,
    task="Write `farthest(X, labelled)`: the row that is farthest from its nearest labelled row.",
    hint="How far is each row from the labelled row that is nearest to it?",
    more="Of the distances (rows, labelled) take the least of each row, and of those the largest.",
    insight="each such row covers a part of the videos that no label has covered yet; outliers are chosen as well.",
    solution="""
        def farthest(X, labelled):
            distances = np.linalg.norm(X[:, None] - X[labelled], axis=2)
            return int(distances.min(axis=1).argmax())
    """)
def farthest(answer):
    X = np.array([[0.0], [10.0], [4.5], [11.0], [-3.0]])
    expect(answer, (X, [0, 1]), 2, traps=[
        (4, "that is the farthest on average, or from the farthest label: take the nearest label of each row first."),
        (3, "that one lies next to a labelled row: take the nearest label of each row first."),
        (0, "a labelled row has the distance 0 to itself; take the largest distance, not the least."),
    ])
    expect(answer, (X, [2]), 4, otherwise="with one label it is the row farthest from that.")


@exercise(stars=3,
    task="Write `paired_gain(a, b)`: the mean and the deviation (ddof=1) of the gain of b over a on the same draws.",
    hint="Both scores of a draw share the same labels and the same held-out actors. What varies if you subtract first?",
    more="Subtract draw by draw; then take the mean and the standard deviation of the differences.",
    insight="a lucky draw lifts both, so differences vary less than scores: all methods get the same draws.",
    solution="""
        def paired_gain(a, b):
            gain = np.asarray(b) - np.asarray(a)
            return gain.mean(), gain.std(ddof=1)
    """)
def paired_gain(answer):
    a, b = np.array([0.40, 0.50, 0.62]), np.array([0.55, 0.62, 0.75])
    gain = b - a
    expect(answer, (a, b), (gain.mean(), gain.std(ddof=1)), traps=[
        ((-gain.mean(), gain.std(ddof=1)), "that is how much a is above b."),
        ((gain.mean(), gain.std()), "over a few draws divide by n - 1: ddof=1."),
        ((gain.mean(), np.sqrt(a.var(ddof=1) + b.var(ddof=1))), "that takes the draws for unrelated; subtract first."),
        ((gain.mean(), b.std(ddof=1) - a.std(ddof=1)), "a difference of deviations is no deviation; subtract first."),
    ])

"""Wrong answers to the exercises of 15 which modality decided, each with words that its refusal says."""
import numpy as np

AVERAGE = """
    import itertools
    def shapley(worth, count):
        shares, orders = np.zeros(count), list(itertools.permutations(range(count)))
        for order in orders:
            for k, m in enumerate(order):
                shares[m] += worth[frozenset(order[:k]) | {m}] - worth[frozenset(order[:k])]
        return shares
"""
SUBSETS = """
    def shapley(worth, count):
        return np.array([np.mean([worth[s | {m}] - worth[s] for s in worth if m not in s]) for m in range(count)])
"""


def loss(worth, count, m):
    return worth[frozenset(range(count))] - worth[frozenset(range(count)) - {m}]


WRONG = {
    "memorises_from": [
        (lambda accuracies, ceiling: int(np.argmax(np.array(accuracies) > ceiling)) + 1, "below again"),
        (lambda accuracies, ceiling: int(np.flatnonzero(np.array(accuracies) < ceiling)[-1]) + 2, "at exactly"),
        (lambda accuracies, ceiling: int(np.flatnonzero(np.array(accuracies) <= ceiling)[-1]) + 1, "counted from 1"),
        (lambda accuracies, ceiling: len(accuracies), "an earlier epoch"),
    ],
    "log_odds": [
        (lambda p: p / (1 - p), "take their logarithm"),
        (lambda p: np.log(p), "logarithm of the probability"),
        (lambda p: np.log10(p / (1 - p)), "base 10"),
        (lambda p: np.log2(p / (1 - p)), "in bits"),
        (lambda p: np.log((1 - p) / p), "turned round"),
    ],
    "missed": [
        (lambda worth, count: np.array([-loss(worth, count, m) for m in range(count)]), "turned round"),
        (lambda worth, count: np.array([worth[frozenset({m})] - worth[frozenset()] for m in range(count)]),
         "adds to nothing"),
    ],
    "shapley": [
        (lambda worth, count: np.array([loss(worth, count, m) for m in range(count)]), "leaves all"),
        (lambda worth, count: np.array([worth[frozenset({m})] - worth[frozenset()] for m in range(count)]),
         "adds to nothing"),
        (AVERAGE, "sum over the orders"),
        (SUBSETS, "weigh the same"),
    ],
}

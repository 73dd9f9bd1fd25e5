"""Wrong answers to the exercises of 05 deciding, each with words that its refusal says."""

import numpy as np

WRONG = {
    "majority_accuracy": [
        (lambda train, test: max(test.count(label) for label in test) / len(test), "peeks"),
        (lambda train, test: max(train.count(label) for label in train) / len(train), "training labels themselves"),
        (lambda train, test: 1 / len(set(train)), "chance"),
        (lambda train, test: test.count(max(set(train), key=train.count)), "a share"),
    ],
    "folds": [
        (lambda groups: [(np.delete(range(len(groups)), i), [i]) for i in range(len(groups))], "both sides"),
        (
            lambda groups: [(np.flatnonzero(groups == g), np.flatnonzero(groups != g)) for g in np.unique(groups)],
            "the other way round",
        ),
        (lambda groups: [(np.flatnonzero(groups != groups[0]), np.flatnonzero(groups == groups[0]))], "never tested"),
        (lambda groups: [(groups[groups != g], groups[groups == g]) for g in np.unique(groups)], "row numbers"),
        (lambda groups: [np.flatnonzero(groups == g) for g in np.unique(groups)], "pairs"),
    ],
    "standardize": [
        (
            lambda train, test: ((train - train.mean(0)) / train.std(0), (test - test.mean(0)) / test.std(0)),
            "scaled by itself",
        ),
        (
            """
                def standardize(train, test):
                    both = np.concatenate([train, test])
                    return (train - both.mean(0)) / both.std(0), (test - both.mean(0)) / both.std(0)
            """,
            "all rows",
        ),
        (
            lambda train, test: ((train - train.mean()) / train.std(), (test - train.mean()) / train.std()),
            "each column",
        ),
        (lambda train, test: (train - train.mean(0)) / train.std(0), "the scaled test rows too"),
        (lambda train, test: (train - train.mean(0), test - train.mean(0)), "deviation"),
    ],
    "most_confused": [
        (
            """
                def most_confused(confusion):
                    np.fill_diagonal(confusion, 0)
                    return np.unravel_index(confusion.argmax(), confusion.shape)
            """,
            "a class with more items",
        ),
        (lambda confusion: np.unravel_index(confusion.argmax(), confusion.shape), "diagonal"),
        (
            """
                def most_confused(confusion):
                    shares = confusion / confusion.sum(axis=1, keepdims=True)
                    np.fill_diagonal(shares, 0)
                    return np.unravel_index(shares.argmax(), shares.shape)[::-1]
            """,
            "true class first",
        ),
        (
            """
                def most_confused(confusion):
                    shares = confusion / confusion.sum(axis=0, keepdims=True)
                    np.fill_diagonal(shares, 0)
                    return np.unravel_index(shares.argmax(), shares.shape)
            """,
            "share of a column",
        ),
        (lambda confusion: confusion.argmax(), "two numbers"),
    ],
    "precision_at_recall": [
        (lambda scores, truth, recall: truth[np.argsort(-scores)][: int(recall * 4) + 1].mean(), "last true one"),
        (lambda scores, truth, recall: recall, "that is the recall"),
        (lambda scores, truth, recall: scores.max(), "not 0.666667"),
        (lambda scores, truth, recall: int(recall * truth.sum()), "number of items"),
    ],
}

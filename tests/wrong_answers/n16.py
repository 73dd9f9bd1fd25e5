"""Wrong answers to the exercises of 16 missing modalities, each with words that its refusal says."""

import numpy as np

WRONG = {
    "fair_mean": [
        (lambda decisions, present: decisions.mean(axis=1), "never looked at"),
        (lambda decisions, present: (decisions * present[..., None]).mean(axis=1), "add up to less than 1"),
        (lambda decisions, present: (decisions * present[..., None]).sum(axis=1), "add up to more than 1"),
        (lambda decisions, present: (decisions * present[..., None]).sum(axis=1) / present.sum(), "over all rows"),
        (
            lambda decisions, present: (
                (decisions * present[..., None]).sum(axis=2) / present.sum(axis=1, keepdims=True)
            ),
            "should be of shape",
        ),
        (
            lambda decisions, present: (
                (decisions * present[..., None]).sum(axis=1) / present.sum(axis=1, keepdims=True)
            ),
            "leave it out",
        ),
    ],
    "standardise": [
        (lambda X, there: (X - X[there].mean(axis=0)) / X[there].std(axis=0) * there[:, None], "NaN times 0"),
        (
            """
                def standardise(X, there):
                    filled = np.where(there[:, None], X, 0)
                    return np.where(there[:, None], (filled - filled.mean(axis=0)) / filled.std(axis=0), 0)
            """,
            "zeros of the missing rows",
        ),
        (
            lambda X, there: (np.where(there[:, None], X, 0) - X[there].mean(axis=0)) / X[there].std(axis=0),
            "should be 0",
        ),
        (
            lambda X, there: np.where(there[:, None], (X - X[there].mean()) / X[there].std(), 0),
            "one mean of all columns",
        ),
    ],
    "share_kept": [
        (lambda rate, count: 1 - rate, "never all"),
        (lambda rate, count: 1 - rate + rate**count, "only one comes back"),
        (lambda rate, count: count * (1 - rate) + rate**count, "how many"),
        (lambda rate, count: rate - rate**count / count, "that is removed"),
    ],
    "reachable": [
        (
            lambda share, both, first, second: (1 - share) ** 2 * both + share * (1 - share) * (first + second),
            "at least one is left",
        ),
        (lambda share, both, first, second: (1 - share) * both + share * (first + second) / 2, "probability of both"),
        (
            lambda share, both, first, second: (1 - share) ** 2 * both + (1 - (1 - share) ** 2) * max(first, second),
            "not choose",
        ),
        (lambda share, both, first, second: both, "nothing is ever missing"),
    ],
}

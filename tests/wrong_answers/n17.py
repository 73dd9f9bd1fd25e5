"""Wrong answers to the exercises of 17 classify and tag, each with words that its refusal says."""

import numpy as np

WRONG = {
    "average_precision": [
        (
            lambda scores, truth: np.mean(truth[np.argsort(-scores)].cumsum() / np.arange(1, len(truth) + 1)),
            "only the places of true items",
        ),
        (lambda scores, truth: truth.mean(), "guessing"),
        (
            """
                def average_precision(scores, truth):
                    hits = truth[np.argsort(scores)]
                    return (hits.cumsum() / np.arange(1, len(hits) + 1))[hits].mean()
            """,
            "go down",
        ),
        (
            """
                def average_precision(scores, truth):
                    hits = truth[np.argsort(-scores)]
                    return (hits.cumsum() / np.arange(1, len(hits) + 1))[hits].sum() / len(hits)
            """,
            "not of all",
        ),
    ],
    "best_threshold": [
        (lambda scores, truth: 0.5, "nobody would get the tag"),
        (lambda scores, truth: scores.max(), "the recall is not"),
        (lambda scores, truth: scores.min(), "the precision is not"),
        (
            """
                def best_threshold(scores, truth):
                    return max(2 * (truth & (scores >= t)).sum() / ((scores >= t).sum() + truth.sum()) for t in scores)
            """,
            "F1 itself",
        ),
    ],
    "micro_macro": [
        (lambda truth, given: (np.mean(truth == given), np.mean(truth == given)), "accuracy"),
        (
            """
                def micro_macro(truth, given):
                    hits = truth & given
                    micro = 2 * hits.sum() / (given.sum() + truth.sum())
                    macro = (2 * hits.sum(axis=0) / (given.sum(axis=0) + truth.sum(axis=0))).mean()
                    return macro, micro
            """,
            "micro first",
        ),
        (
            """
                def micro_macro(truth, given):
                    hits = truth & given
                    micro = 2 * hits.sum() / (given.sum() + truth.sum())
                    items = 2 * hits.sum(axis=1) / np.maximum(given.sum(axis=1) + truth.sum(axis=1), 1)
                    return micro, items.mean()
            """,
            "not over the items",
        ),
    ],
    "moments": [
        (
            """
                def moments(times, scores, threshold):
                    found, run = [], []
                    for time, score in zip(times, scores):
                        if score >= threshold:
                            run.append(time)
                        elif run:
                            found.append((run[0], run[-1]))
                            run = []
                    return found
            """,
            "still open at the end",
        ),
        (lambda times, scores, threshold: [(t, t) for t, s in zip(times, scores) if s >= threshold], "two runs"),
        (lambda times, scores, threshold: np.array(scores) >= threshold, "list of pairs"),
    ],
}

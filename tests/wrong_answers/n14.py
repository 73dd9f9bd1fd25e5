"""Wrong answers to the exercises of 14 fusion, each with words that its refusal says."""

import numpy as np

WRONG = {
    "vote": [
        (lambda P, there: (P * there[:, None]).sum(axis=0) / there.sum(), "holds NaN"),
        (lambda P, there: P[there].sum(axis=0) / len(P), "those present"),
        (lambda P, there: P[there].mean(axis=1), "of shape"),
        (lambda P, there: P[there].prod(axis=0) / P[there].prod(axis=0).sum(), "product"),
    ],
    "posterior": [
        (lambda P, prior: P.prod(axis=0) / P.prod(axis=0).sum(), "frequent classes are"),
        (lambda P, prior: P.prod(axis=0) * prior / (P.prod(axis=0) * prior).sum(), "once more"),
        (lambda P, prior: P.prod(axis=0) / prior ** len(P) / (P.prod(axis=0) / prior ** len(P)).sum(), "not at all"),
        (lambda P, prior: P.prod(axis=0) * prior ** (1.0 - len(P)), "add up to 1"),
    ],
    "best_weight": [
        (
            """
                def best_weight(a, b, y):
                    weights = np.arange(11) / 10
                    return weights[np.argmax([((w * b + (1 - w) * a).argmax(axis=1) == y).mean() for w in weights])]
            """,
            "the weight of b",
        ),
        (
            """
                def best_weight(a, b, y):
                    return max(((w * a + (1 - w) * b).argmax(axis=1) == y).mean() for w in np.arange(11) / 10)
            """,
            "how many",
        ),
        (
            """
                def best_weight(a, b, y):
                    weights = np.arange(10, -1, -1) / 10
                    return weights[np.argmax([((w * a + (1 - w) * b).argmax(axis=1) == y).mean() for w in weights])]
            """,
            "the smallest",
        ),
        (
            """
                def best_weight(a, b, y):
                    return np.argmax([((w * a + (1 - w) * b).argmax(axis=1) == y).mean() for w in np.arange(11) / 10])
            """,
            "its number",
        ),
    ],
    "together": [
        (lambda eye, ear: max(eye.max(axis=0).sum(), ear.max(axis=0).sum()) / len(eye), "better of the two"),
        (
            lambda eye, ear: 1 - (1 - eye.max(axis=0).sum() / len(eye)) * (1 - ear.max(axis=0).sum() / len(ear)),
            "wrong independently",
        ),
        (
            lambda eye, ear: eye.max(axis=0).sum() / len(eye) * ear.max(axis=0).sum() / len(ear),
            "each modality by itself",
        ),
        (lambda eye, ear: np.einsum("ai,aj->aij", eye, ear).max(axis=0).sum(), "equally frequent"),
    ],
}

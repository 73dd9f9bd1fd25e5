"""Wrong answers to the exercises of 19 summarise and review, each with words that its refusal says."""

import numpy as np

WRONG = {
    "frame_f1": [
        (lambda chosen, wanted: (chosen & wanted).sum() / chosen.sum(), "the precision alone"),
        (lambda chosen, wanted: (chosen & wanted).sum() / wanted.sum(), "the recall alone"),
        (lambda chosen, wanted: (chosen & wanted).sum() / (chosen | wanted).sum(), "of the union"),
        (lambda chosen, wanted: np.mean(chosen == wanted), "the accuracy"),
        (lambda chosen, wanted: 2 * (chosen & wanted).sum() / max(chosen.sum() + wanted.sum(), 1) or 0.1, "F1 is 0"),
    ],
    "is_flash": [
        (lambda frames, k: np.abs(frames[k].astype(float) - frames[k - 1]).mean() > 50, "that is a cut"),
        (lambda frames, k: frames[k].mean() > max(frames[k - 1].mean(), frames[k + 1].mean()), "a dark frame"),
        (lambda frames, k: bool(abs(float(frames[k].mean()) - frames[k - 1].mean()) > 40
                                and abs(float(frames[k].mean()) - frames[k + 1].mean()) > 40), "a steady rise"),
    ],
    "boundary_f1": [
        (
            """
                def boundary_f1(found, true, tolerance):
                    hits = sum(any(abs(k - cut) < tolerance for cut in true) for k in found)
                    return 2 * hits / (len(found) + len(true))
            """,
            "within the tolerance",
        ),
        (
            """
                def boundary_f1(found, true, tolerance):
                    hits = sum(any(abs(k - cut) <= tolerance for cut in true) for k in found)
                    return 2 * hits / (len(found) + len(true))
            """,
            "for one of them only",
        ),
        (
            """
                def boundary_f1(found, true, tolerance):
                    hits = sum(any(abs(k - cut) <= tolerance for k in found) for cut in true)
                    return 2 * hits / (len(found) + len(true))
            """,
            "right for two",
        ),
    ],
    "best_shots": [
        (
            """
                def best_shots(seconds, worth, budget):
                    chosen = []
                    for k in np.argsort(-worth):
                        if sum(seconds[j] for j in chosen) + seconds[k] <= budget:
                            chosen.append(int(k))
                    return sorted(chosen)
            """,
            "worth 9.5",
        ),
        (lambda seconds, worth, budget: [2, 1], "in the order of the film"),
        (lambda seconds, worth, budget: [0, 1], "16 seconds"),
    ],
}

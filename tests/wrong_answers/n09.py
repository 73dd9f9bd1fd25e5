"""Wrong answers to the exercises of 09 what the cnn sees, each with words that its refusal says."""

import numpy as np

WRONG = {
    "heat_map": [
        (
            lambda maps, gradient: (
                (maps * gradient.mean(axis=(0, 1))).sum(axis=-1)
                / (maps * gradient.mean(axis=(0, 1))).sum(axis=-1).max()
            ),
            "speaks against",
        ),
        (
            """
                def heat_map(maps, gradient):
                    heat = np.maximum((maps * gradient).sum(axis=-1), 0)
                    return heat / max(heat.max(), 1e-9)
            """,
            "one weight for each channel",
        ),
        (
            """
                def heat_map(maps, gradient):
                    heat = np.maximum((maps * gradient.mean(axis=(0, 1))).sum(axis=-1), 0)
                    with np.errstate(invalid="ignore"):
                        return heat / heat.max()
            """,
            "holds NaN",
        ),
        (
            """
                def heat_map(maps, gradient):
                    heat = np.maximum(maps * gradient.mean(axis=(0, 1)), 0).sum(axis=-1)
                    return heat / max(heat.max(), 1e-9)
            """,
            "add the channels first",
        ),
        (lambda maps, gradient: np.maximum((maps * gradient.mean(axis=(0, 1))).sum(axis=-1), 0), "largest number"),
    ],
    "share_in_box": [
        (lambda heat, box: heat[box[0] : box[2], box[1] : box[3]].sum() / max(heat.sum(), 1e-9), "array come first"),
        (
            lambda heat, box: heat[box[1] : box[3] + 1, box[0] : box[2] + 1].sum() / max(heat.sum(), 1e-9),
            "not included",
        ),
        (lambda heat, box: heat[box[1] : box[3], box[0] : box[2]].sum(), "share"),
        (lambda heat, box: heat[box[1] : box[3], box[0] : box[2]].mean() / max(heat.mean(), 1e-9), "mean"),
        (
            """
                def share_in_box(heat, box):
                    with np.errstate(invalid="ignore"):
                        return heat[box[1]:box[3], box[0]:box[2]].sum() / heat.sum()
            """,
            "NaN",
        ),
    ],
    "deciding_frame": [
        (
            """
                def deciding_frame(predict, clip):
                    covered = np.repeat(clip[None], len(clip), axis=0)
                    for t in range(len(clip)):
                        covered[t, t] = clip.mean(axis=0)
                    return predict(covered)[:, predict(clip[None])[0].argmax()].argmax()
            """,
            "surer of it",
        ),
        (
            """
                def deciding_frame(predict, clip):
                    covered = np.repeat(clip[None], len(clip), axis=0)
                    for t in range(len(clip)):
                        covered[t, t] = 0
                    return predict(covered)[:, predict(clip[None])[0].argmax()].argmin()
            """,
            "mean over time",
        ),
        (
            """
                def deciding_frame(predict, clip):
                    wanted, mean, said = predict(clip[None])[0].argmax(), clip.mean(axis=0), []
                    for t in range(len(clip)):
                        clip[t] = mean
                        said.append(predict(clip[None])[0, wanted])
                    return int(np.argmin(said))
            """,
            "stay covered",
        ),
        (
            """
                def deciding_frame(predict, clip):
                    covered = np.repeat(clip[None], len(clip), axis=0)
                    for t in range(len(clip)):
                        covered[t, t] = clip.mean(axis=0)
                    return predict(covered)[:, 0].argmin()
            """,
            "predicted class",
        ),
    ],
    "swayed": [
        (lambda before, after, wanted: (after.argmax(axis=1) == wanted).mean(), "called so before"),
        (
            lambda before, after, wanted: ((before.argmax(axis=1) != wanted) & (after.argmax(axis=1) == wanted)).mean(),
            "of the films that were not",
        ),
        (lambda before, after, wanted: (after[before.argmax(axis=1) != wanted][:, wanted] > 0.5).mean(), "above 0.5"),
        (
            lambda before, after, wanted: after[before.argmax(axis=1) != wanted][:, wanted].mean(),
            "the mean probability",
        ),
        (
            """
                def swayed(before, after, wanted):
                    others = before.argmax(axis=1) != wanted
                    with np.errstate(invalid="ignore"):
                        return np.float64((after[others].argmax(axis=1) == wanted).sum()) / others.sum()
            """,
            "NaN",
        ),
    ],
}

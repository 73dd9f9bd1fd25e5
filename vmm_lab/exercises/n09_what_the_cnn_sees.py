"""Check exercises of 09 what the CNN sees: heat maps, where the heat is, which frame decides, what sways it."""
import numpy as np

from .answers import array, call, expect, require
from .exercise import exercise


@exercise(stars=2,
    task="Write `heat_map(maps, gradient)`: Grad-CAM of maps (rows, columns, channels) and the score's gradient of the "
         "same shape, (rows, columns), divided by its largest number; all 0 where nothing supports the class.",
    hint="What is the weight of one channel? And what do you do with places that speak against the class?",
    more="gradient.mean(axis=(0, 1)) has a weight for each channel; multiply, add over the last axis, np.maximum with "
         "0, and divide only if the largest number is above 0.",
    insight="one weight a channel, add up, keep what supports the class: without the mean it would be HiResCAM.",
    solution="""
        def heat_map(maps, gradient):
            weights = gradient.mean(axis=(0, 1))
            heat = np.maximum((maps * weights).sum(axis=-1), 0)
            return heat / heat.max() if heat.max() > 0 else heat
    """)
def heat_map(answer):
    #                 channel 0: a corner            channel 1: the opposite corner
    maps = np.stack([[[4, 2, 0], [1, 0, 0]], [[0, 1, 0], [0, 0, 5]]], axis=-1).astype(float)
    gradient = np.stack([[[3, 0, 0], [0, 0, 0]], [[0, 0, -1], [0, 0.4, 0]]], axis=-1) * 1.0  # means 0.5 and -0.1
    given = array(call(answer, maps, gradient), "the heat", shape=(2, 3))
    require(given.min() >= 0, "a place below 0 speaks against the class; such places have no heat.")
    right = np.array([[1, 0.45, 0], [0.25, 0, 0]])
    expect(answer, (maps, gradient), right, traps=[
        (2 * right, "the heat should be divided by its largest number, which is 2 here."),
        (np.array([[1.0, 0, 0], [0, 0, 0]]), "Grad-CAM has one weight for each channel, the mean of its gradient."),
        (np.array([[1, 0.5, 0], [0.25, 0, 0]]), "add the channels first, and only then drop what is below 0."),
    ])
    expect(answer, (maps, -np.abs(gradient)), np.zeros((2, 3)), otherwise="nothing supports the class, so all is 0.")


@exercise(stars=1,
    task="Write `share_in_box(heat, box)`: which share of the heat (rows, columns) is in the box (left, top, right, "
         "bottom) in pixels, right and bottom not included; 0.0 where there is no heat.",
    hint="Which of the four numbers count rows, and which columns?",
    more="heat[top:bottom, left:right].sum() is in the box; divide it by heat.sum() if that is above 0.",
    insight="a share alone says little: compare it with the box's share of the picture, as the notebook did.",
    solution="""
        def share_in_box(heat, box):
            left, top, right, bottom = box
            whole = heat.sum()
            return heat[top:bottom, left:right].sum() / whole if whole > 0 else 0.0
    """)
def share_in_box(answer):
    heat = np.zeros((8, 12))
    heat[2:4, 6:9] = [[1, 2, 3], [4, 5, 6]]
    heat[6, 1] = 9
    box = (6, 2, 8, 4)
    expect(answer, (heat, box), 12 / 30, traps=[
        (0.0, "the rows of an array come first: heat[top:bottom, left:right]."),
        (21 / 30, "right and bottom are not included, as in a slice."),
        (12, "that is a sum; the task is its share of all the heat."),
        (3 / (30 / 96), "that compares means, how dense the heat is; the task is a share of the sum."),
    ])
    expect(answer, (heat, (0, 0, 12, 8)), 1.0)
    expect(answer, (np.zeros((8, 12)), box), 0.0, otherwise="without any heat the share is 0.")


@exercise(stars=3,
    task="Write `deciding_frame(predict, clip)`: the number of the frame that matters most, the one without which the "
         "probability of the predicted class drops most; a frame is covered by the clip's mean over time.",
    hint="Ask predict(clip[None]) for the class before you cover anything. Then make a covered clip for each frame.",
    more="covered = np.repeat(clip[None], len(clip), axis=0); covered[t, t] = clip.mean(axis=0) for each t; the "
         "smallest predict(covered)[:, wanted] has dropped most.",
    insight="that is occlusion in time: it needs no gradient and no layers, only answers, so it works for any model.",
    solution="""
        def deciding_frame(predict, clip):
            wanted = predict(clip[None])[0].argmax()
            covered = np.repeat(clip[None], len(clip), axis=0)
            for t in range(len(clip)):
                covered[t, t] = clip.mean(axis=0)
            return predict(covered)[:, wanted].argmin()
    """)
def deciding_frame(answer):
    clip = np.ones((6, 2, 2, 3)) * np.array([0.2, 0.9, 0.3, 0.8, 0.1, 0.7])[:, None, None, None]
    expect(answer, (_predict, clip), 4, traps=[
        (2, "without that frame the model is surer of it; look for the largest drop, of the predicted class."),
        (3, "cover the frame with the clip's mean over time; black is something to see as well."),
        (5, "each frame is covered alone: did the ones before it stay covered?"),
    ])
    expect(answer, (_predict, clip[::-1]), 2)


def _predict(clips):
    """Return (n, 2), the answers of a model of clips (n, 6, H, W, 3) that adds up brightness, weighted by time."""
    bright = np.asarray(clips, float).mean(axis=(2, 3, 4))
    sure = 1 / (1 + np.exp(-bright @ np.array([1.0, 1.0, 4.0, 2.0, -2.0, 1.0])))
    return np.stack([1 - sure, sure], axis=1)


@exercise(stars=2,
    task="Write `swayed(before, after, wanted)`: of the films that were not predicted as `wanted` before, the share "
         "that is after; before and after are probabilities (n, classes), and without such films it is 0.0.",
    hint="The predicted class of a film is the argmax of its row. Which films can be swayed at all?",
    more="others = before.argmax(axis=1) != wanted picks the films; the mean of after[others].argmax(axis=1) == wanted "
         "is the share, unless there are none.",
    insight="one thing changed, everything else as before: an experiment proves what a picture only suggests.",
    solution="""
        def swayed(before, after, wanted):
            others = before.argmax(axis=1) != wanted
            if not others.any():
                return 0.0
            return (after[others].argmax(axis=1) == wanted).mean()
    """)
def swayed(answer):
    before = np.array([[0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.2, 0.1, 0.7], [0.5, 0.1, 0.4], [0.4, 0.3, 0.3]])
    after = np.array([[0.1, 0.9, 0.0], [0.1, 0.7, 0.2], [0.3, 0.4, 0.3], [0.5, 0.2, 0.3], [0.3, 0.2, 0.5]])
    expect(answer, (before, after, 1), 2 / 4, traps=[
        (3 / 5, "a film that was called so before has not been swayed; leave it out."),
        (2 / 5, "it is the share of the films that were not called so before, not of all."),
        (1 / 4, "the predicted class has the largest probability, which need not be above 0.5."),
        ((0.7 + 0.4 + 0.2 + 0.2) / 4, "that is the mean probability; count the films."),
    ])
    expect(answer, (before[:1], after[:1], 1), 0.0, otherwise="no film could be swayed, so the share is 0.")

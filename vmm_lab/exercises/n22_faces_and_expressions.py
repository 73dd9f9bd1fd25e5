"""Check exercises of 22 faces and expressions: the turn of a face, two error rates, unknown people, errors by group."""
import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `turn(right, left)`: the angle of the line from the right eye to the left one, in degrees, clockwise.",
    hint="Which function of NumPy gives an angle from two lengths, and keeps its sign?",
    more="Take left - right, and np.arctan2 of its y and its x, in this order; np.degrees does the rest.",
    insight="y points down in pictures, so that an angle from arctan2 grows clockwise.",
    solution="""
        def turn(right, left):
            dx, dy = left - right
            return np.degrees(np.arctan2(dy, dx))
    """)
def turn(answer):
    right, left = np.array([10.0, 20.0]), np.array([40.0, 37.320508])
    expect(answer, (right, left), 30.0, atol=1e-3, traps=[
        (np.radians(30), "these are radians: 180° are π."),
        (-30.0, "the sign is the other way round: y points down, and is not turned over."),
        (60.0, "that is the angle to the vertical: arctan2 takes y first."),
        (-150.0, "the way goes from the right eye to the left one: left - right."),
    ])
    expect(answer, (np.array([40.0, 20.0]), np.array([10.0, 20.0])), 180.0,
           otherwise="a head upside down has 180°, which a ratio of y and x cannot tell from 0°.")


@exercise(stars=2,
    task="Write `error_rates(distance, same, threshold)`: FAR and FRR, where pairs up to the threshold pass.",
    hint="Which pairs pass? Of which pairs is it wrong to pass, and of which is it wrong not to?",
    more="passed = distance <= threshold. FAR is its mean over the pairs that are not the same, FRR is one minus its "
         "mean over those that are.",
    insight="a lower threshold moves errors from strangers who pass to people who are refused.",
    solution="""
        def error_rates(distance, same, threshold):
            passed = distance <= threshold
            return passed[~same].mean(), 1 - passed[same].mean()
    """)
def error_rates(answer):
    distance = np.array([0.1, 0.3, 0.5, 0.7, 0.2, 0.4, 0.6, 0.8, 0.9])
    same = np.array([True] * 4 + [False] * 5)
    expect(answer, (distance, same, 0.5), (0.4, 0.25), traps=[
        ((0.25, 0.4), "FAR comes first: it is of strangers, who pass."),
        ((0.4, 0.75), "the second is the share of one person's pairs that are refused, not that pass."),
        ((0.6, 0.75), "pairs pass that are near: up to the threshold."),
        ((0.4, 0.5), "a distance of exactly the threshold passes."),
        ((2 / 9, 1 / 9), "divide by the pairs of that kind, not by all."),
    ])


@exercise(stars=2,
    task='Write `who(distances, names, threshold)`: the name of the nearest, or "unknown" if it is too far.',
    hint="Where is the smallest distance? Is it small enough?",
    more="k = np.argmin(distances); names[k] belongs to it, if distances[k] is at most the threshold.",
    insight="a machine that cannot say *unknown* gives every stranger somebody's name.",
    solution="""
        def who(distances, names, threshold):
            k = np.argmin(distances)
            return names[k] if distances[k] <= threshold else "unknown"
    """)
def who(answer):
    distances, names = np.array([0.9, 0.4, 0.7]), ["Ada", "Bo", "Cleo"]
    expect(answer, (distances, names, 0.5), "Bo", traps=[
        ("Ada", "that one is the farthest: take the smallest distance."),
        ("unknown", "the nearest is near enough; only above the threshold nobody is known."),
        (1, "return the name, not its place."),
    ])
    expect(answer, (distances, names, 0.3), "unknown", otherwise="all three are farther than the threshold.")
    expect(answer, (distances, names, 0.4), "Bo", otherwise="a distance of exactly the threshold is near enough.")


@exercise(stars=3,
    task="Write `worst_group(correct, groups)`: the group with the highest share of errors, and that share.",
    hint="Which pictures are of one group? What share of them is wrong?",
    more="For each of np.unique(groups) the error is 1 - correct[groups == group].mean(); take the largest.",
    insight="few pictures make large shares: the worst group is often the smallest, so look at its interval, too.",
    solution="""
        def worst_group(correct, groups):
            errors = {group: 1 - correct[groups == group].mean() for group in np.unique(groups)}
            worst = max(errors, key=errors.get)
            return worst, errors[worst]
    """)
def worst_group(answer):
    groups = np.array(["dark"] * 4 + ["day"] * 16 + ["lamp"] * 8)
    correct = np.array([False, False, False, True] + [False] * 6 + [True] * 10 + [True] * 7 + [False])
    expect(answer, (correct, groups), ("dark", 0.75), traps=[
        (("day", 0.375), "that group has the most errors, but not the highest share of them."),
        (("lamp", 0.125), "that is the group with the lowest share of errors."),
        (("dark", 0.25), "right group; the share is of errors, not of right answers."),
        (("lamp", 0.875), "that is the group with the highest share of right answers."),
        (0.75, "return the group, too."),
    ])
    expect(answer, (np.array([True, True, False]), np.array(["b", "a", "a"])), ("a", 0.5),
           otherwise="it has to work for any groups.")

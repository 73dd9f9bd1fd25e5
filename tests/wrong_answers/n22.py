"""Wrong answers to the exercises of 22 faces and expressions, each with words that its refusal says."""
import numpy as np


def passed(distance, threshold):
    return distance <= threshold


def errors(correct, groups):
    return {str(group): 1 - correct[groups == group].mean() for group in np.unique(groups)}


def worst(correct, groups):
    return max(errors(correct, groups).items(), key=lambda item: item[1])


WRONG = {
    "turn": [
        (lambda right, left: np.arctan2(*(left - right)[::-1]), "radians"),
        (lambda right, left: -np.degrees(np.arctan2(*(left - right)[::-1])), "y points down"),
        (lambda right, left: np.degrees(np.arctan2(*(left - right))), "y first"),
        (lambda right, left: np.degrees(np.arctan2(*(right - left)[::-1])), "left - right"),
        (lambda right, left: np.degrees(np.arctan((left - right)[1] / (left - right)[0])), "upside down"),
    ],
    "error_rates": [
        (lambda d, same, t: (1 - passed(d, t)[same].mean(), passed(d, t)[~same].mean()), "FAR comes first"),
        (lambda d, same, t: (passed(d, t)[~same].mean(), passed(d, t)[same].mean()), "are refused, not that pass"),
        (lambda d, same, t: ((d > t)[~same].mean(), passed(d, t)[same].mean()), "pairs pass that are near"),
        (lambda d, same, t: ((d < t)[~same].mean(), 1 - (d < t)[same].mean()), "exactly the threshold passes"),
        (lambda d, same, t: ((passed(d, t) & ~same).mean(), (~passed(d, t) & same).mean()), "not by all"),
    ],
    "who": [
        (lambda distances, names, threshold: names[np.argmax(distances)], "farthest"),
        (lambda distances, names, threshold: "unknown", "near enough"),
        (lambda distances, names, threshold: int(np.argmin(distances)), "the name"),
        (lambda distances, names, threshold: names[np.argmin(distances)], "farther than the threshold"),
        (lambda distances, names, threshold: names[np.argmin(distances)] if min(distances) < threshold else "unknown",
         "exactly the threshold"),
    ],
    "worst_group": [
        (lambda correct, groups: ("day", errors(correct, groups)["day"]), "most errors"),
        (lambda correct, groups: min(errors(correct, groups).items(), key=lambda item: item[1]), "lowest share"),
        (lambda correct, groups: (worst(correct, groups)[0], 1 - worst(correct, groups)[1]), "not of right answers"),
        (lambda correct, groups: ("lamp", 0.875), "of right answers"),
        (lambda correct, groups: worst(correct, groups)[1], "the group, too"),
        (lambda correct, groups: ("dark", 0.75), "any groups"),
    ],
}

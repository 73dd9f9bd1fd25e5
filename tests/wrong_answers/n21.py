"""Wrong answers to the exercises of 21 actions and pose, each with words that its refusal says."""
import numpy as np


def cosine(a, b, c):
    return (a - b) @ (c - b) / np.linalg.norm(a - b) / np.linalg.norm(c - b)


def hips(points):
    return points[[11, 12]].mean(axis=0)


def torso(points):
    return np.linalg.norm(points[[5, 6]].mean(axis=0) - hips(points))


def apart(found, truth):
    return np.linalg.norm(found - truth, axis=1)


WRONG = {
    "angle": [
        (lambda a, b, c: np.arccos(cosine(a, b, c)), "radians"),
        (lambda a, b, c: cosine(a, b, c), "no angle yet"),
        (lambda a, b, c: np.degrees(np.arccos(-cosine(a, b, c))), "leave b"),
    ],
    "centred": [
        (lambda points: points - hips(points), "in pixels"),
        (lambda points: points / torso(points), "not the origin yet"),
        (lambda points: (points - points.mean(axis=0)) / torso(points), "not of all points"),
    ],
    "pck": [
        (lambda found, truth, torso: np.mean(apart(found, truth) <= 0.2 * torso), "does not count"),
        (lambda found, truth, torso: np.nanmean(apart(found, truth)[[0, 1, 2, 4]] <= torso), "within one"),
        (lambda found, truth, torso: np.mean(apart(found, truth)[[0, 1, 2, 4]] < 0.2 * torso), "still within"),
        (lambda found, truth, torso: int((apart(found, truth) <= 0.2 * torso).sum()), "a share"),
    ],
}

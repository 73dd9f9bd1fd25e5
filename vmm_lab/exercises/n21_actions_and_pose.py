"""Check exercises of 21 actions and pose: an angle, a skeleton on the body, the share of correct keypoints."""
import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `angle(a, b, c)`: the angle at `b` between `a` and `c`, in degrees from 0 to 180.",
    hint="Two ways leave b: one to a, one to c. What is the cosine of the angle between them?",
    more="With u = a - b and v = c - b it is u·v / |u||v|; np.arccos gives radians.",
    insight="a stretched arm has 180°, and the angle does not change where the person goes.",
    solution="""
        def angle(a, b, c):
            u, v = a - b, c - b
            return np.degrees(np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v)))
    """)
def angle(answer):
    a, b, c = np.array([0.0, 0.0]), np.array([2.0, 0.0]), np.array([2.0, 3.0])
    expect(answer, (a, b, c), 90.0, traps=[
        (np.pi / 2, "these are radians: 180° are π."),
        (0.0, "a cosine is no angle yet: take its arc cosine."),
    ])
    expect(answer, (a, b, np.array([5.0, 0.0])), 180.0, traps=[
        (0.0, "both ways leave b: subtract b from a and from c."),
    ])
    expect(answer, (a, b, np.array([0.0, 2.0])), 45.0, otherwise="divide by the lengths of both ways.")


@exercise(stars=2,
    task="Write `centred(points)`: 17 points relative to the middle of the hips, in torsos.",
    hint="The middle of two points is their mean. What is subtracted, and what is divided by?",
    more="hips = points[[11, 12]].mean(axis=0); the torso is the length from there to the mean of points 5 and 6.",
    insight="a child and an adult who wave have nearly the same numbers now.",
    solution="""
        def centred(points):
            hips = points[[11, 12]].mean(axis=0)
            torso = np.linalg.norm(points[[5, 6]].mean(axis=0) - hips)
            return (points - hips) / torso
    """)
def centred(answer):
    points = np.random.default_rng(0).uniform(0, 100, (17, 2))
    hips = points[[11, 12]].mean(axis=0)
    torso = np.linalg.norm(points[[5, 6]].mean(axis=0) - hips)
    expect(answer, (points,), (points - hips) / torso, traps=[
        (points - hips, "that is in pixels: divide by the length of the torso."),
        (points / torso, "the middle of the hips is not the origin yet: subtract it first."),
        ((points - points.mean(axis=0)) / torso, "the origin is the middle of the hips, not of all points."),
    ])


@exercise(stars=2,
    task="Write `pck(found, truth, torso)`: the share of points within 0.2 torsos of the truth, NaN left out.",
    hint="How far is each point from its truth? Which points can be judged at all?",
    more="np.linalg.norm(found - truth, axis=1) is NaN where the truth is; keep the others, and take a mean.",
    insight="measured in torsos, an error means the same for somebody near and somebody far away.",
    solution="""
        def pck(found, truth, torso):
            apart = np.linalg.norm(found - truth, axis=1)
            return np.mean(apart[~np.isnan(apart)] <= 0.2 * torso)
    """)
def pck(answer):
    truth = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [np.nan, np.nan], [40.0, 0.0]])
    found = np.array([[0.0, 9.0], [16.0, 8.0], [20.0, 11.0], [5.0, 5.0], [40.0, 30.0]])
    expect(answer, (found, truth, 50.0), 0.5, traps=[
        (0.4, "the point whose truth is NaN does not count, neither as right nor as wrong."),
        (1.0, "within 0.2 torsos, and not within one."),
        (0.25, "a point at exactly 0.2 torsos is still within."),
        (2, "that is how many; return a share."),
    ])

"""Check exercises of 19 summarise and review: F1 of frames, flashes, boundaries with tolerance, a knapsack of shots."""
import itertools

import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `frame_f1(chosen, wanted)`: F1 of two bool arrays (T,); 0 where no frame is shared.",
    hint="Count what both share, and what each has. F1 is twice the first by the sum of the other two.",
    more="`(chosen & wanted).sum()` counts what is shared; a sum of 0 below the line needs a care.",
    insight="2 · shared / (chosen + wanted) is the same as 2PR / (P + R), without two divisions that may fail.",
    solution="""
        def frame_f1(chosen, wanted):
            both = chosen.sum() + wanted.sum()
            return 2 * (chosen & wanted).sum() / both if both else 0.0
    """)
def frame_f1(answer):
    chosen, wanted = np.arange(20) < 10, (np.arange(20) >= 6) & (np.arange(20) < 12)
    expect(answer, (chosen, wanted), 0.5, traps=[
        (0.4, "that is the precision alone."),
        (2 / 3, "that is the recall alone."),
        ((0.4 + 2 / 3) / 2, "F1 is the harmonic mean of precision and recall, not the arithmetic one."),
        (4 / 12, "that is the shared part of the union, the intersection over union."),
        (0.6, "that is the accuracy: frames that neither has do not count."),
    ])
    expect(answer, (chosen, ~chosen), 0.0, otherwise="where nothing is shared, F1 is 0.")
    expect(answer, (chosen & False, wanted & False), 0.0, otherwise="where neither has a frame, return 0.")


@exercise(stars=2,
    task="Write `is_flash(frames, k)`: whether frames k − 1 and k + 1 are more alike than either is like frame k.",
    hint="Three differences: before and after, before and k, after and k. When is the first the smallest?",
    more="`frames[...].astype(float)` first: in uint8, 10 − 20 is 246.",
    insight="a cut stays and a flash goes. To see that takes a look at what comes after.",
    solution="""
        def is_flash(frames, k):
            before, here, after = frames[k - 1:k + 2].astype(float)
            far = [np.abs(a - b).mean() for a, b in ((before, after), (before, here), (after, here))]
            return far[0] < min(far[1:])
    """)
def is_flash(answer):
    def grey(*levels):
        return np.stack([np.full((4, 6, 3), level, np.uint8) for level in levels])

    cases = [
        (grey(100, 250, 104), True, "bright for one frame and then as before: that is a flash."),
        (grey(100, 250, 250), False, "what comes after is like frame k: that is a cut."),
        (grey(200, 20, 190), True, "a dark frame is a flash, too; and in uint8 20 − 200 is 76, so go to float first."),
        (grey(0, 120, 240), False, "a steady rise: before and after differ most of all."),
    ]
    for frames, is_one, sentence in cases:
        expect(answer, (frames, 1), is_one, otherwise=sentence)


@exercise(stars=2,
    task="Write `boundary_f1(found, true, tolerance)`: F1 of sorted lists of frames; each true cut counts once.",
    hint="Go through the true cuts in order, and give each the first found one that is near and not yet taken.",
    more="Keep a list of what is left of `found`, and remove what was taken. F1 = 2 hits / (found + true).",
    insight="without 'once', a method that calls every frame a cut would have a perfect precision near each true one.",
    solution="""
        def boundary_f1(found, true, tolerance):
            left, hits = list(found), 0
            for cut in true:
                near = [k for k in left if abs(k - cut) <= tolerance]
                if near:
                    left.remove(near[0])
                    hits += 1
            total = len(found) + len(true)
            return 2 * hits / total if total else 0.0
    """)
def boundary_f1(answer):
    expect(answer, ([10, 50, 90], [12, 47, 200], 2), 1 / 3, traps=[
        (2 / 3, "47 and 50 are three frames apart, which is more than the tolerance."),
        (0.0, "10 and 12 are two frames apart, which is within the tolerance."),
    ])
    expect(answer, ([9, 10, 11], [10], 2), 0.5, traps=[
        (1.5, "three found cuts share one true one: it counts for one of them only."),
    ], otherwise="one of the three is right, so 2 · 1 / (3 + 1).")
    expect(answer, ([10], [9, 11], 2), 2 / 3, otherwise="one found cut cannot be right for two true ones.")
    expect(answer, ([12, 14], [10, 12], 2), 1.0, otherwise="give each true cut the first near one that is left.")


@exercise(stars=3,
    task="Write `best_shots(seconds, worth, budget)`: the sorted list of shots that fit and are worth most together.",
    hint="The most valuable shot may be so long that two others, together worth more, no longer fit.",
    more="Count `bits` up to 2ⁿ: shot k is in where `bits >> k & 1`. Keep those that fit; take `max(…, key=…)`.",
    insight="greedy is near, not best. With 60 shots there are 10¹⁸ subsets; dynamic programming needs few steps.",
    solution="""
        def best_shots(seconds, worth, budget):
            n = len(seconds)
            sets = [[k for k in range(n) if bits >> k & 1] for bits in range(2 ** n)]
            fitting = [s for s in sets if sum(seconds[k] for k in s) <= budget]
            return max(fitting, key=lambda s: sum(worth[k] for k in s))
    """)
def best_shots(answer):
    seconds, worth = np.array([10, 6, 5, 4, 8]), np.array([9.0, 5.0, 4.5, 3.0, 1.0])
    expect(answer, (seconds, worth, 11), [1, 2], traps=[
        ([0], "the most valuable shot alone is worth 9; shots 1 and 2 together are worth 9.5."),
        ([2, 1], "return the shots in the order of the film."),
        ([2, 3], "that is the greedy choice for its size; look for the largest sum."),
        ([0, 1], "these last 16 seconds."),
    ])
    expect(answer, (seconds, worth, 15), [0, 2], otherwise="shots 0 and 2 last exactly 15 seconds, which fits.")
    expect(answer, (seconds, worth, 3), [], otherwise="where no shot fits, the list is empty.")
    rng = np.random.default_rng(5)
    seconds, worth = rng.integers(2, 9, 9), rng.uniform(0, 1, 9).round(3)
    sets = [list(s) for size in range(10) for s in itertools.combinations(range(9), size) if seconds[[*s]].sum() <= 17]
    best = max(sets, key=lambda chosen: worth[chosen].sum())
    expect(answer, (seconds, worth, 17), best, otherwise="another set fits and is worth more.")

"""Check exercises of 25 to the phone: a ring buffer in order, parity, dropped frames, frames over their budget."""
import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=2,
    task="Write `ring(rows, count)`: the last n frames of a ring that is written round and round, oldest first.",
    hint="The next frame would be written to row count % n. Which frame stands there now?",
    more="The oldest stands where the next one goes. Begin there, go to the end, and go on at row 0: `np.roll`.",
    insight="nothing is moved when a frame comes in, which is why a ring costs the same for any length.",
    solution="""
        def ring(rows, count):
            return np.roll(rows, -(count % len(rows)), axis=0)
    """)
def ring(answer):
    rows = np.array([[10.0], [11.0], [7.0], [8.0], [9.0]])  # 12 frames were written
    wanted = np.arange(7.0, 12.0)[:, None]
    expect(answer, (rows, 12), wanted, traps=[
        (rows, "that is the order in which they are stored; the oldest is where the next one goes."),
        (wanted[::-1], "the oldest comes first."),
        (np.roll(rows, 2, axis=0), "that turns the ring the other way round."),
    ])
    expect(answer, (rows, 10), rows, otherwise="after whole rounds the oldest stands in row 0.")


@exercise(stars=1,
    task="Write `parity(expected, got, tolerance)`: True where arrays differ by at most the tolerance; never with NaN.",
    hint="What is NaN > 0.1, and what is NaN <= 0.1?",
    more="Both are False. So ask whether all differences are at most the tolerance, not whether one is more.",
    insight="a test for `> tolerance` lets NaN pass, and some conversions give nothing else.",
    solution="""
        def parity(expected, got, tolerance):
            return bool(np.all(np.abs(expected - got) <= tolerance))
    """)
def parity(answer):
    expected = np.array([[0.25, 0.75], [0.5, 0.5]])
    expect(answer, (expected, expected + 1e-5, 1e-4), True, otherwise="a difference of 1e-5 is within 1e-4.")
    broken = expected.copy()
    broken[1, 0] = np.nan
    expect(answer, (expected, broken, 1e-4), False, traps=[(True, "one answer is NaN: no comparison with it is True.")])
    expect(answer, (expected, expected - 0.01, 1e-4), False, traps=[
        (True, "the difference is -0.01 everywhere: take its size, without the sign."),
    ])
    far = expected + np.array([[0.0, 0.0], [0.3, 0.0]])
    expect(answer, (expected, far, 0.1), False, otherwise="one number is 0.3 off; the largest difference counts.")


@exercise(stars=3,
    task="Write `dropped(times, cost)`: how many frames arrive while one is at work.",
    hint="Remember the moment when the work ends. What happens to it when a frame is dropped?",
    more="Go through the times: one before that moment is dropped, any other sets it to its time plus the cost.",
    insight="a dropped frame costs nothing: a slow machine takes every second or third, and falls no further behind.",
    solution="""
        def dropped(times, cost):
            free, lost = -np.inf, 0
            for time in times:
                if time < free:
                    lost += 1
                else:
                    free = time + cost
            return lost
    """)
def dropped(answer):
    times = np.arange(8) / 8.0
    expect(answer, (times, 0.25), 4, traps=[
        (7, "only what is at work makes others wait: a dropped frame must not lengthen the work."),
        (5, "a frame that arrives at the very moment when the work ends is taken."),
        (0, "the work ends at the time of the frame plus the cost."),
    ])
    expect(answer, (times, 0.1), 0, otherwise="work of 0.1 s is done before the next frame comes, after 0.125 s.")
    expect(answer, (np.array([0.0, 0.1, 2.0, 2.5]), 1.0), 2, otherwise="the frames need not come at equal distances.")


@exercise(stars=1,
    task="Write `over_budget(costs, budget)`: the share of frames that took longer than their budget.",
    hint="Compare each cost with the budget. What is the mean of True and False?",
    more="`np.mean(costs > budget)`; exactly the budget is still in time.",
    insight="a mean cost below the budget can hide a stutter; this share shows it.",
    solution="""
        def over_budget(costs, budget):
            return np.mean(costs > budget)
    """)
def over_budget(answer):
    costs = np.array([0.01, 0.02, 0.125, 0.3, 0.5])
    expect(answer, (costs, 0.125), 0.4, traps=[
        (0.6, "a frame that takes exactly its budget is in time."),
        (2, "that is how many; a share is between 0 and 1."),
        (0.0, "compare each frame, and not their mean: a mean hides the slow ones."),
        (1.0, "compare each frame, and not their mean: a mean hides the slow ones."),
    ])
    expect(answer, (costs, 1.0), 0.0, otherwise="no frame took a second.")

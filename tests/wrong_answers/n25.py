"""Wrong answers to the exercises of 25 to the phone, each with words that its refusal says."""

import numpy as np

WRONG = {
    "ring": [
        (lambda ring, count: ring, "the order in which they are stored"),
        (lambda ring, count: np.roll(ring, -(count % len(ring)), axis=0)[::-1], "oldest comes first"),
        (lambda ring, count: np.roll(ring, count % len(ring), axis=0), "the other way round"),
    ],
    "parity": [
        (lambda expected, got, tolerance: not np.any(np.abs(expected - got) > tolerance), "NaN"),
        (lambda expected, got, tolerance: bool(np.all(expected - got >= -np.inf) and np.all(got - expected <= tolerance)), "without the sign"),
        (lambda expected, got, tolerance: bool(np.abs(expected - got).mean() <= tolerance), "the largest difference"),
    ],
    "dropped": [
        (
            """
                def dropped(times, cost):
                    free, lost = -np.inf, 0
                    for time in times:
                        lost += int(time < free)
                        free = max(free, time) + cost
                    return lost
            """,
            "must not lengthen",
        ),
        (
            """
                def dropped(times, cost):
                    free, lost = -np.inf, 0
                    for time in times:
                        if time <= free:
                            lost += 1
                        else:
                            free = time + cost
                    return lost
            """,
            "at the very moment",
        ),
        (lambda times, cost: 0, "plus the cost"),
    ],
    "over_budget": [
        (lambda costs, budget: np.mean(costs >= budget), "exactly its budget"),
        (lambda costs, budget: int((costs > budget).sum()), "a share"),
        (lambda costs, budget: float(np.mean(costs) > budget), "not their mean"),
    ],
}

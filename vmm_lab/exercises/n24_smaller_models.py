"""Check exercises of 24 smaller models: weights of eight bits, softer answers, important channels, the frontier."""
import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `quantise(w)`: weights as int8 from -127 to 127, the largest magnitude being 127.",
    hint="Which weight is one step? The largest magnitude, divided by 127.",
    more="Divide by that step, round, and only then turn into int8: `.astype(np.int8)` alone cuts off.",
    insight="the step is set by the largest weight, so a single large one makes all others coarse.",
    solution="""
        def quantise(w):
            step = np.abs(w).max() / 127
            return np.round(w / step).astype(np.int8)
    """)
def quantise(answer):
    w = np.array([[0.5, -2.0], [0.26, 1.0]])
    wanted = np.array([[32, -127], [17, 64]], np.int8)
    expect(answer, (w,), wanted, dtype="int8", traps=[
        (np.array([[31, -127], [16, 63]]), "round before you turn the numbers into int8, which cuts off."),
        (np.array([[64, -254], [33, 127]]), "the largest *magnitude* is that of -2."),
    ])
    expect(answer, (10 * w,), wanted, otherwise="ten times the weights have ten times the step, and the same numbers.")


@exercise(stars=1,
    task="Write `soften(p, T)`: probabilities at temperature T.",
    hint="Take each to the power 1 / T. Do they still add up to 1?",
    more="`q = p ** (1 / T)`, and divide by its sum.",
    insight="T = 1 changes nothing, and a very high T makes all classes alike.",
    solution="""
        def soften(p, T):
            q = p ** (1 / T)
            return q / q.sum()
    """)
def soften(answer):
    p = np.array([0.9, 0.09, 0.01])
    q = p ** 0.5
    expect(answer, (p, 2.0), q / q.sum(), traps=[
        (q, "these do not add up to 1: divide by their sum."),
        (p ** 2 / (p ** 2).sum(), "that is sharper, not softer: the power is 1 / T."),
        (p / 2, "a temperature is a power of the probabilities, and not a factor."),
    ])
    expect(answer, (p, 1.0), p, otherwise="at T = 1 nothing changes.")


@exercise(stars=2,
    task="Write `channels(kernel, gamma, keep)`: the numbers of the most important output channels, in rising order.",
    hint="Sum |w| over all but the last axis. What does γ do with each channel?",
    more="Multiply by |γ|, sort by it with the largest first, take `keep` of them, and sort these.",
    insight="a channel with large weights and a γ near 0 gives nothing on, and can go.",
    solution="""
        def channels(kernel, gamma, keep):
            weight = np.abs(kernel).sum(axis=(0, 1, 2)) * np.abs(gamma)
            return np.sort(np.argsort(-weight)[:keep])
    """)
def channels(answer):
    kernel = np.ones((3, 3, 2, 4)) * np.array([1.0, -4.0, 2.0, 3.0])
    kernel[0, :, :, 1] *= -1  # its sum is small, the sum of its sizes is not
    gamma = np.array([1.0, 1.0, -3.0, 0.1])
    expect(answer, (kernel, gamma, 2), np.array([1, 2]), traps=[
        (np.array([1, 3]), "γ scales a channel as well: channel 3 has a γ of 0.1."),
        (np.array([2, 1]), "give the numbers in rising order, so that the channels keep theirs."),
        (np.array([0, 3]), "these are the least important ones."),
        (np.array([0, 2]), "a negative weight counts as much as a positive one: take |w| before the sum."),
        (np.array([0, 1]), "a negative γ scales as much as a positive one: take |γ|."),
    ])
    expect(answer, (kernel, gamma, 3), np.array([0, 1, 2]), otherwise="three of four are to be kept here.")


@exercise(stars=3,
    task="Write `on_frontier(cost, accuracy)`: True for each network that no other beats.",
    hint="For each network, look for one that is at least as cheap, at least as accurate, and better in one of both.",
    more="Compare all with all: `cost[:, None] <= cost` is a square; `~beats.any(axis=0)` are those that none beats.",
    insight="two equal networks do not beat each other, and both stay.",
    solution="""
        def on_frontier(cost, accuracy):
            c, a = cost[:, None], accuracy[:, None]
            beats = (c <= cost) & (a >= accuracy) & ((c < cost) | (a > accuracy))
            return ~beats.any(axis=0)
    """)
def on_frontier(answer):
    cost = np.array([3.0, 1.0, 2.0, 2.0, 4.0, 1.0])
    accuracy = np.array([0.9, 0.5, 0.8, 0.9, 0.95, 0.5])
    expect(answer, (cost, accuracy), np.array([False, True, False, True, True, True]), traps=[
        (np.array([True, True, True, True, True, True]), "network 2 costs as much as network 3 and is less accurate."),
        (np.array([False, False, False, True, True, False]), "networks 1 and 5 are equal: neither beats the other."),
        (np.array([True, True, False, True, True, True]), "network 3 is as accurate as network 0, and cheaper."),
        (np.array([False, True, True, True, True, True]), "network 2 costs as much as network 3 and is less accurate."),
    ])
    expect(answer, (cost[:1], accuracy[:1]), np.array([True]), otherwise="a single network is beaten by none.")

"""Check exercises of 16 missing modalities: fair means, scaling, modality dropout, the falling ceiling."""
import numpy as np

from .answers import array, call, close, expect, require
from .exercise import exercise


@exercise(stars=1,
    task="Write `fair_mean(decisions, present)`: for probabilities (n, modalities, classes) and a mask (n, "
         "modalities), the mean of each row over the modalities that it has, (n, classes).",
    hint="Add up the decisions of the modalities that are present. By how many do you divide, in each row?",
    more="`np.where(present[..., None], decisions, 0)` is 0 where a modality is missing, even where it holds NaN; the "
         "sum of `present` over the modalities is the count.",
    insight="a modality that is absent does not vote; the answer is as sure as those that are present.",
    solution="""
        def fair_mean(decisions, present):
            counted = np.where(present[..., None], decisions, 0)
            return counted.sum(axis=1) / present.sum(axis=1, keepdims=True)
    """)
def fair_mean(answer):
    decisions = np.random.default_rng(0).dirichlet(np.ones(4), (5, 3))
    present = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 1]], np.float64)
    summed = (decisions * present[..., None]).sum(axis=1)
    right = summed / present.sum(axis=1, keepdims=True)
    expect(answer, (decisions, present), right, traps=[
        (decisions.mean(axis=1), "the mask was never looked at: a missing modality votes all the same."),
        (summed / 3, "the rows that lack a modality add up to less than 1: divide by how many are present."),
        (summed, "rows with several modalities add up to more than 1: divide by how many are present."),
        (summed / present.sum(), "that divides by the modalities over all rows; each row has its own count."),
    ])
    holes = np.where(present[..., None] > 0, decisions, np.nan)
    require(close(call(answer, holes, present), right),
            "a missing modality may hold anything, and NaN times 0 is NaN: leave it out, as `np.where` does.")


@exercise(stars=2,
    task="Write `standardise(X, there)`: for float (n, d) and bool (n,), each column minus its mean, divided by its "
         "standard deviation, both over the rows that are present; 0 in the other rows, no matter what they held.",
    hint="Which rows may influence the mean and the deviation? And what is NaN times 0?",
    more="`X[there]` are the rows to learn from. Start from `np.zeros_like(X)` and write only into `out[there]`.",
    insight="after scaling, 0 is the mean and says nothing; before it, 0 is data: a black picture, the loudest sound.",
    solution="""
        def standardise(X, there):
            known, out = X[there], np.zeros_like(X)
            out[there] = (known - known.mean(axis=0)) / known.std(axis=0)
            return out
    """)
def standardise(answer):
    whole = np.random.default_rng(1).normal(-40, 12, (6, 3)) + np.array([0.0, 30, -9])
    there = np.array([True, True, False, True, False, True])
    known, right = whole[there], np.zeros_like(whole)
    right[there] = (known - known.mean(axis=0)) / known.std(axis=0)
    filled = np.where(there[:, None], whole, 0)
    zeros = (filled - filled.mean(axis=0)) / filled.std(axis=0)
    given = array(call(answer, whole, there), "what standardise gives", shape=whole.shape)
    require(not close(given[there], zeros[there]),
            "the zeros of the missing rows pull the mean: take it over `X[there]` alone.")
    require(not close(given[there], (known - known.mean()) / known.std()),
            "that is one mean of all columns; each has its own.")
    require(close(given[~there], np.zeros((2, 3))), "the rows that are missing should be 0.")
    expect(answer, (whole, there), right)
    require(close(call(answer, np.where(there[:, None], whole, np.nan), there), right),
            "a missing row may hold anything, and NaN times 0 is NaN: never compute with what it holds.")


@exercise(stars=2,
    task="Write `share_kept(rate, count)`: the share of the modalities that modality dropout leaves on average if it "
         "removes each with probability `rate`, but never all of them.",
    hint="First ignore the rule that one must stay. Then: how often would all be gone, and how many stay in that case?",
    more="All are gone with probability `rate ** count`; then one of them, a share of `1 / count`, comes back.",
    insight="for three modalities and a rate of 0.2 it is 0.803: that one must stay matters only at high rates.",
    solution="""
        def share_kept(rate, count):
            return (1 - rate) + rate ** count / count
    """)
def share_kept(answer):
    expect(answer, (0.5, 2), 0.625, traps=[
        (0.5, "one of them always stays: never all are removed."),
        (0.75, "where all would be gone only one comes back, and that is not the share 1."),
        (1.25, "that is how many are left; divide by the number of modalities."),
        (0.375, "that is the share that is removed."),
    ])
    expect(answer, (0.0, 3), 1.0)
    expect(answer, (0.9, 3), 0.343)


@exercise(stars=3,
    task="Write `reachable(share, both, first, second)`: the best accuracy with two modalities, each missing with "
         "probability `share`, but at least one left; the ceilings are those of both, of the first alone and of the "
         "second alone.",
    hint="How probable is it that both are present? Otherwise exactly one is left, each of the two equally often.",
    more="Both are present with probability `(1 - share) ** 2`; the rest is split equally: `(first + second) / 2`.",
    insight="it needs no model at all: what is lost here is lost to every method.",
    solution="""
        def reachable(share, both, first, second):
            together = (1 - share) ** 2
            return together * both + (1 - together) * (first + second) / 2
    """)
def reachable(answer):
    expect(answer, (0.5, 0.96, 0.8, 0.6), 0.765, traps=[
        (0.25 * 0.96 + 0.25 * 1.4, "at least one is left: where both would be gone, one of them comes back."),
        (0.5 * 0.96 + 0.5 * 0.7, "`1 - share` is not the probability of both; there are two chances to lose one."),
        (0.25 * 0.96 + 0.75 * 0.8, "you do not choose which of the two is left."),
        (0.96, "that is the accuracy if nothing is ever missing."),
    ])
    expect(answer, (0.0, 0.9, 0.7, 0.5), 0.9)
    expect(answer, (1.0, 0.9, 0.7, 0.5), 0.6)

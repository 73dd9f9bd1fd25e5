"""Exercises of 13 missing modalities: a mean of those that are there, rows that lack a sense, shares kept, what nobody can avoid."""
import numpy as np

from .answers import array, call, expect, require
from .exercise import exercise


@exercise(
    task="Write `fair_mean(decisions, present)`: probabilities (n, senses, classes) and a mask (n, senses) in, each "
         "row's mean over the senses that it has, (n, classes), out.",
    hint="Add up the decisions of the senses that are there. By how many do you divide, in each row?",
    second_hint="`present[..., None]` fits beside the decisions: their product is 0 where a sense is missing. Its sum "
                "over the senses is the count.",
    solution="""
        def fair_mean(decisions, present):
            there = present[..., None]
            return (decisions * there).sum(axis=1) / there.sum(axis=1)
    """,
    insight="whoever is absent does not vote; the answer is as sure as those who are there.",
)
def fair_mean(answer):
    rng = np.random.default_rng(0)
    decisions = rng.dirichlet(np.ones(4), (5, 3))
    present = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 1]], np.float64)
    summed = (decisions * present[..., None]).sum(axis=1)
    got = array(call(answer, decisions, present), "what fair_mean gives", shape=(5, 4))
    require(not np.allclose(got, decisions.mean(axis=1)), "the mask was never looked at: a missing sense votes all the same.")
    require(not np.allclose(got, summed / 3), "the rows that lack a sense add up to less than 1: divide by how many are there.")
    require(not np.allclose(got, summed), "rows with several senses add up to more than 1: divide by how many are there.")
    require(not np.allclose(got, summed / present.sum()), "that divides by the senses over all rows; each row has its own count.")
    expect(answer, (decisions, present), summed / present.sum(axis=1, keepdims=True))


@exercise(
    task="Write `standardise(X, there)`: float (n, d) and bool (n,) in; each column minus its mean, over its "
         "deviation, both over the rows that are there; 0 in the other rows, whatever stood in them.",
    hint="Which rows may have a say in the mean and the deviation? And what is NaN times 0?",
    second_hint="`X[there]` are the rows to learn from. Start from `np.zeros_like(X)` and write into `out[there]` "
                "only.",
    solution="""
        def standardise(X, there):
            known, out = X[there], np.zeros_like(X)
            out[there] = (known - known.mean(axis=0)) / known.std(axis=0)
            return out
    """,
    insight="after it 0 is the mean, so a 0 says nothing; before it, a 0 is data: the loudest sound there is, or a "
            "black picture.",
)
def standardise(answer):
    rng = np.random.default_rng(1)
    whole = rng.normal(-40, 12, (6, 3)) + np.array([0.0, 30, -9])
    there = np.array([True, True, False, True, False, True])
    known = whole[there]
    want = np.zeros_like(whole)
    want[there] = (known - known.mean(axis=0)) / known.std(axis=0)
    got = array(call(answer, whole, there), "what standardise gives", shape=whole.shape)
    filled = np.where(there[:, None], whole, 0)
    zeros = (filled - filled.mean(axis=0)) / filled.std(axis=0)
    require(not np.allclose(got[there], zeros[there]), "the zeros of the missing rows pull the mean: take it over `X[there]` alone.")
    one = (known - known.mean()) / known.std()
    require(not np.allclose(got[there], one), "that is one mean of all columns; each has its own.")
    require(np.allclose(got[~there], 0), "the rows that are missing should be 0.")
    expect(answer, (whole, there), want)
    holes = np.where(there[:, None], whole, np.nan)
    try:
        again = np.asarray(call(answer, holes, there), float)
    except (TypeError, ValueError):
        again = np.full(want.shape, np.nan)
    require(again.shape == want.shape and np.allclose(again, want),
            "a missing row may hold anything, and NaN times 0 is NaN: never look at what stands there.")


@exercise(
    task="Write `share_kept(rate, senses)`: the share of the senses that modality dropout leaves on average, each "
         "taken away with probability `rate`, never all of them.",
    hint="First forget the rule that one must stay. Then: how often would all be gone, and how many stay in that case?",
    second_hint="All are gone with probability `rate ** senses`; then one of them, a share of `1 / senses`, is put "
                "back.",
    solution="""
        def share_kept(rate, senses):
            return (1 - rate) + rate ** senses / senses
    """,
    insight="with three senses and a rate of 0.2 it is 0.803: the rule that one must stay hardly shows until the rate "
            "is high.",
)
def share_kept(answer):
    expect(answer, (0.5, 2), 0.625, traps=[
        (0.5, "one of them always stays: never all are taken away."),
        (0.75, "where all would be gone only one comes back, and that is not the share 1."),
        (1.25, "that is how many are left; the share is over all senses."),
        (0.375, "that is the share taken away."),
    ])
    expect(answer, (0.0, 3), 1.0)
    expect(answer, (0.9, 3), 0.343)


@exercise(
    task="Write `reachable(share, both, first, second)`: the best accuracy with two senses, each missing with "
         "probability `share`, at least one left; the ceilings are those of both, of the first alone and of the second "
         "alone.",
    hint="How probable is it that both are there? In all other cases exactly one is left, and it is each of the two "
         "equally often.",
    second_hint="Both are there with probability `(1 - share) ** 2`; the rest of 1 is shared out between `first` and "
                "`second`, half each.",
    solution="""
        def reachable(share, both, first, second):
            together = (1 - share) ** 2
            return together * both + (1 - together) * (first + second) / 2
    """,
    insight="it needs no model at all: what is lost here is lost to whoever looks.",
)
def reachable(answer):
    expect(answer, (0.5, 0.96, 0.8, 0.6), 0.765, traps=[
        (0.25 * 0.96 + 0.25 * 1.4, "at least one is left: where both would be gone, one of them comes back."),
        (0.5 * 0.96 + 0.5 * 0.7, "that takes `1 - share` for the probability of both; there are two chances to lose one."),
        (0.25 * 0.96 + 0.75 * 0.8, "you do not choose which of the two is left."),
        (0.96, "that is as if nobody lost anything."),
    ])
    expect(answer, (0.0, 0.9, 0.7, 0.5), 0.9)
    expect(answer, (1.0, 0.9, 0.7, 0.5), 0.6)

"""Check exercises of 11 attention: softmax, pairs of tokens, attention by hand, layer normalisation, no look ahead."""
import numpy as np

from .answers import array, call, expect, require
from .exercise import exercise


@exercise(stars=1,
    task="Write `shares(scores, temperature)`: the softmax of scores (n,) divided by a temperature, safe for any size.",
    hint="Divide by the temperature before anything else. Which number can you subtract from all of them freely?",
    more="With the largest score at 0, np.exp never overflows; then divide the powers by their sum.",
    insight="a low temperature picks the best, a high one treats all alike; the division by √d is a temperature.",
    solution="""
        def shares(scores, temperature):
            scaled = scores / temperature
            powers = np.exp(scaled - scaled.max())
            return powers / powers.sum()
    """)
def shares(answer):
    scores = np.array([0.0, 2.0, 4.0])
    right = np.exp(scores / 2) / np.exp(scores / 2).sum()
    plain, double = (np.exp(scores * factor) / np.exp(scores * factor).sum() for factor in (1, 2))
    expect(answer, (scores, 2.0), right, traps=[
        (np.exp(scores / 2), "these are the powers; divide them by their sum."),
        (plain, "the temperature makes no difference."),
        (double, "scores are divided by the temperature, not multiplied."),
        (plain / 2, "divide the scores by the temperature, not the shares."),
    ])
    with np.errstate(over="ignore", invalid="ignore"):
        expect(answer, (np.array([1000.0, 1000.0]), 1.0), np.array([0.5, 0.5]))


@exercise(stars=1,
    task="Write `count_pairs(frames, patches, divided)`: how many pairs of tokens joint or divided attention scores.",
    hint="How many tokens are there? And how many tokens does each of them look at?",
    more="A token looks at all frames × patches; divided, at its place in each frame, then at each place in its frame.",
    insight="joint attention grows with the square of the frames; divided attention makes long films affordable.",
    solution="""
        def count_pairs(frames, patches, divided):
            tokens = frames * patches
            return tokens * (frames + patches) if divided else tokens * tokens
    """)
def count_pairs(answer):
    expect(answer, (8, 196, False), 2_458_624, traps=[
        (1568, "that is the number of tokens; each of them looks at all of them."),
        (8 * 196**2, "that is attention inside each frame only."),
        (1568 * 1567 // 2, "each ordered pair counts, also a token with itself: query and key differ."),
    ])
    expect(answer, (8, 196, True), 319_872, traps=[
        (2_458_624, "that is joint attention; look at `divided`."),
        (1568 * 8 * 196, "the two steps come one after the other: their pairs are added."),
        (8 + 196, "that is for one token; there are frames × patches of them."),
    ])


@exercise(stars=2,
    task="Write `attend(Q, K, V)`: what each of n queries (n, d) gets of m keys (m, d) and values (m, e): (n, e).",
    hint="Scores first: each query with each key. What are they divided by, and along which axis is the softmax?",
    more="Q @ K.T is (n, m); divide by np.sqrt of d, softmax over the last axis, then multiply with V.",
    insight="nothing in it depends on n, m or the order of the keys: that is why positions are needed.",
    solution="""
        def attend(Q, K, V):
            scores = Q @ K.T / np.sqrt(Q.shape[1])
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True) @ V
    """)
def attend(answer):
    random = np.random.default_rng(0)
    Q, K, V = random.normal(size=(3, 4)), random.normal(size=(5, 4)), random.normal(size=(5, 2))
    powers, unscaled = np.exp(Q @ K.T / 2), np.exp(Q @ K.T)
    expect(answer, (Q, K, V), powers / powers.sum(axis=1, keepdims=True) @ V, traps=[
        (unscaled / unscaled.sum(axis=1, keepdims=True) @ V, "the scores should be divided by the root of d."),
        (powers / powers.sum(axis=0) @ V, "each query's shares add up to 1; yours do so for each key."),
        (powers @ V, "the softmax is missing its division: shares add up to 1."),
        (Q @ K.T / 2 @ V, "that is the sum of the values weighted by plain scores; the softmax is missing."),
    ])


@exercise(stars=2,
    task="Write `standardised(x)`: of x (T, D), each frame's numbers minus their mean, over √(variance + 0.001).",
    hint="Mean and variance belong to one frame. Along which axis are they taken, and what shape must they keep?",
    more="x.mean(axis=1, keepdims=True) and x.var(axis=1, keepdims=True) are (T, 1) and fit to (T, D).",
    insight="each frame alone: no other frame and no other film plays a part, as it does in batch normalisation.",
    solution="""
        def standardised(x):
            centred = x - x.mean(axis=1, keepdims=True)
            return centred / np.sqrt(x.var(axis=1, keepdims=True) + 0.001)
    """)
def standardised(answer):
    x = np.random.default_rng(0).normal(3, 2, size=(4, 6))
    centred, variance = x - x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    expect(answer, (x,), centred / np.sqrt(variance + 0.001), traps=[
        ((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.001), "that is over time; normalise the numbers of a frame."),
        ((x - x.mean()) / np.sqrt(x.var() + 0.001), "that is one mean of everything; each frame has its own."),
        (centred / (variance + 0.001), "divide by the root of the variance."),
        (centred / np.sqrt(variance), "add 0.001 to the variance, under the root."),
        (centred, "the mean is 0 now; divide by the deviation, too."),
    ])
    expect(answer, (np.ones((2, 3)),), np.zeros((2, 3)))


@exercise(stars=3,
    task="Write `causal(scores)`: the attention matrix of scores (T, T) where a frame sees itself "
         "and earlier ones only.",
    hint="What score gets the share 0 from a softmax? Which entries of the matrix are in the future?",
    more="Where column > row, put −np.inf in the place of the score; np.tril or np.triu finds them. Then softmax.",
    insight="the mask comes before the softmax, so that the rows still add up to 1. The first frame sees only itself.",
    solution="""
        def causal(scores):
            past = np.tril(np.ones(scores.shape, bool))
            masked = np.where(past, scores, -np.inf)
            powers = np.exp(masked - masked.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)
    """)
def causal(answer):
    scores = np.random.default_rng(0).normal(size=(5, 5))
    powers, past = np.exp(scores), np.tril(np.ones((5, 5)))
    whole = powers / powers.sum(axis=1, keepdims=True)
    given = array(call(answer, scores), "the attention matrix", shape=(5, 5))
    require(not np.allclose(given, whole), "every frame still looks at later ones.")
    require(not np.allclose(given, whole * past), "the rows do not add up to 1: mask the scores before the softmax.")
    zeroed = np.exp(scores * past)
    expect(answer, (scores,), powers * past / (powers * past).sum(axis=1, keepdims=True), traps=[
        (zeroed / zeroed.sum(axis=1, keepdims=True), "a score of 0 still gets a share, because e⁰ is 1; use −np.inf."),
        (powers * past.T / (powers * past.T).sum(axis=1, keepdims=True), "this looks ahead only; a row is who looks."),
        (powers * past / (powers * past).sum(axis=0), "each row, not each column, adds up to 1."),
    ])

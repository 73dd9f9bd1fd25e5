"""Exercises of 12 fusion: a vote of those who are there, priors counted once, the weight of a vote, the ceiling of two senses."""
import numpy as np

from .answers import agree, array, call, expect, require
from .exercise import exercise


@exercise(
    task="Write `vote(P, there)`: the mean of the opinions of those senses that are there.",
    hint="An opinion that is not there must not touch the sum, whatever it holds, and must not be counted either.",
    second_hint="`there` is bool: `P[there]` are the rows of those who are there.",
    solution="""
        def vote(P, there):
            return P[there].mean(axis=0)
    """,
    insight="zero times what is not a number is not a number: what is missing is left out, not multiplied away.",
)
def vote(answer):
    P = np.array([[0.7, 0.2, 0.1], [np.nan, np.nan, np.nan], [0.1, 0.6, 0.3]])
    there = np.array([True, False, True])
    got = array(call(answer, P, there), "what vote gives", shape=(3,))
    require(not np.allclose(got, P[there].sum(axis=0) / 3), "the opinions do not add up to 1: divide by those who are there.")
    require(not np.allclose(got, P[there].prod(axis=0) / P[there].prod(axis=0).sum()), "that is the product rule; a vote is a mean.")
    expect(answer, (P, there), np.array([0.4, 0.4, 0.2]))
    expect(answer, (P, np.array([False, False, True])), P[2], otherwise="a single voter is right with itself.")


@exercise(
    task="Write `posterior(P, prior)`: the product rule for classes that are not equally frequent.",
    hint="Each of the M opinions has already counted how frequent the classes are. How often should that count in the "
         "end?",
    second_hint="Bayes' rule above has a factor p(c) to the power 1 − M. Multiply it by the product, and make the sum "
                "1.",
    solution="""
        def posterior(P, prior):
            product = P.prod(axis=0) * prior ** (1 - len(P))
            return product / product.sum()
    """,
    insight="two witnesses who only repeat what is usual have seen nothing, and together they still say what is usual.",
)
def posterior(answer):
    prior = np.array([0.7, 0.2, 0.1])
    P = np.array([[0.5, 0.4, 0.1], [0.6, 0.2, 0.2], [0.6, 0.3, 0.1]])

    def scaled(power):
        product = P.prod(axis=0) * prior**power
        return product / product.sum()

    got = array(call(answer, P, prior), "what posterior gives", shape=(3,))
    require(not np.allclose(got, scaled(0)), "the frequent classes are counted three times, once by each opinion.")
    require(not np.allclose(got, scaled(1.0)), "the prior is in each opinion already, and here it is counted once more.")
    require(not np.allclose(got, scaled(-3.0)), "now the prior is taken out of every opinion: it should count once, and not at all is too little.")
    require(abs(got.sum() - 1) < 1e-6, "what comes out should be probabilities: they add up to 1.")
    expect(answer, (P, prior), scaled(-2.0))
    expect(answer, (np.stack([prior] * 4), prior), prior, otherwise="four opinions that only repeat the prior should give the prior.")


@exercise(
    task="Write `best_weight(a, b, y)`: of 0, 0.1, …, 1 the weight of `a` in a mean with `b` that gets most of the "
         "labels y right.",
    hint="Try all eleven weights. For each of them: mix, take the likeliest class, count how often it is the label.",
    second_hint="With w for `a` and 1 − w for `b` the mix is w · a + (1 − w) · b; of equally good weights `np.argmax` "
                "takes the first.",
    solution="""
        def best_weight(a, b, y):
            weights = np.arange(11) / 10
            right = [((w * a + (1 - w) * b).argmax(axis=1) == y).mean() for w in weights]
            return weights[np.argmax(right)]
    """,
    insight="choose it on actors who are neither learnt from nor tested: a weight chosen on the test flatters.",
)
def best_weight(answer):
    # The mix of row 1 is right from w = 0.3 on, of row 2 from 0.2 on, of row 3 up to 0.6.
    a = np.array([[0.9, 0.1], [1.0, 0.0], [0.3, 0.7]])
    b = np.array([[0.35, 0.65], [0.4, 0.6], [0.9, 0.1]])
    y = np.array([0, 0, 0])
    expect(answer, (a, b, y), 0.3, traps=[
        (0.4, "that is the weight of b; asked for is that of a."),
        (1.0, "that is how many it gets right, not the weight that does it."),
        (0.6, "several weights are as good, and the smallest of them is asked for."),
        (3, "that is its number in the list, not the weight."),
    ])
    expect(answer, (b, b, y), 0.0, otherwise="where both opinions are the same, all weights are as good: take the smallest.")
    expect(answer, (np.eye(3), np.full((3, 3), 1 / 3), np.arange(3)), 0.1, otherwise="a little of one who knows, mixed with one who says nothing, is enough.")


@exercise(
    task="Write `together(eye, ear)`: the best accuracy of one who has both senses.",
    hint="What does one see who has both? A pair, one observation of each. How likely is a pair, given the action?",
    second_hint="P(pair | action) is the product. For each pair take the largest over the actions, add up, divide by "
                "how many actions there are.",
    solution="""
        def together(eye, ear):
            pairs = np.einsum("ai,aj->aij", eye, ear)
            return pairs.max(axis=0).sum() / len(eye)
    """,
    insight="two senses that each get half of the films right may together get all: it depends on what they confuse.",
)
def together(answer):
    eye = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])  # a and b look alike, and so do c and d
    ear = np.array([[0.8, 0.0, 0.2], [0.0, 0.8, 0.2], [0.8, 0.0, 0.2], [0.0, 0.8, 0.2]])  # a and c sound alike; some is missed
    expect(answer, (eye, ear), 0.9, traps=[
        (0.5, "that is the better of the two alone: it forgets that they confuse different actions."),
        (1 - 0.5 * 0.55, "that holds if the two were wrong independently of each other and one of them knew when; count the pairs."),
        (0.225, "that is the product of the two ceilings, where each sense by itself must be right."),
        (3.6, "an accuracy is at most 1: the actions are equally frequent, so each counts as one of so many."),
    ])
    expect(answer, (eye, eye), 0.5, otherwise="a second eye that sees the same adds nothing.")
    agree(call(answer, np.eye(3), np.full((3, 1), 1.0)), 1.0, what="the best accuracy of a perfect eye and a deaf ear")

"""Check exercises of 14 fusion: a vote of what is present, priors counted once, weighted votes, a common ceiling."""
import numpy as np

from .answers import array, call, close, expect, require
from .exercise import exercise


@exercise(stars=1,
    task="Write `vote(P, there)`: the mean of the opinions of those modalities that are present.",
    hint="A missing opinion must not touch the sum, no matter what it holds, and must not be counted either.",
    more="`there` is bool: `P[there]` are the rows of the modalities that are present.",
    insight="zero times NaN (not a number) is NaN: what is missing is left out, not multiplied away.",
    solution="""
        def vote(P, there):
            return P[there].mean(axis=0)
    """)
def vote(answer):
    P = np.array([[0.7, 0.2, 0.1], [np.nan, np.nan, np.nan], [0.1, 0.6, 0.3]])
    there = np.array([True, False, True])
    product = P[there].prod(axis=0)
    expect(answer, (P, there), np.array([0.4, 0.4, 0.2]), traps=[
        (P[there].sum(axis=0) / 3, "the opinions do not add up to 1: divide by the number of those present."),
        (product / product.sum(), "that is the product rule; a vote is a mean."),
    ])
    expect(answer, (P, np.array([False, False, True])), P[2], otherwise="a single opinion is its own mean.")


@exercise(stars=3,
    task="Write `posterior(P, prior)`: the product rule for classes that are not equally frequent.",
    hint="Each of the M opinions includes how frequent the classes are. How often should that count in the end?",
    more="Bayes' rule above has a factor p(c) to the power 1 − M. Multiply by it, and make the sum 1.",
    insight="two opinions that only repeat the prior contain no evidence, and together they still give the prior.",
    solution="""
        def posterior(P, prior):
            product = P.prod(axis=0) * prior ** (1 - len(P))
            return product / product.sum()
    """)
def posterior(answer):
    prior = np.array([0.7, 0.2, 0.1])
    P = np.array([[0.5, 0.4, 0.1], [0.6, 0.2, 0.2], [0.6, 0.3, 0.1]])

    def scaled(power):
        product = P.prod(axis=0) * prior**power
        return product / product.sum()

    given = array(call(answer, P, prior), "what posterior gives", shape=(3,))
    for power, sentence in (
        (0, "the frequent classes are counted three times, once by each opinion."),
        (1.0, "the prior is in each opinion already, and here it is counted once more."),
        (-3.0, "now the prior is removed from every opinion: it should count once, and not at all is too little."),
    ):
        require(not close(given, scaled(power)), sentence)
    require(abs(given.sum() - 1) < 1e-6, "the result should be probabilities, which add up to 1.")
    expect(answer, (P, prior), scaled(-2.0))
    expect(answer, (np.stack([prior] * 4), prior), prior, otherwise="four copies of the prior should give the prior.")


@exercise(stars=2,
    task="Write `best_weight(a, b, y)`: of 0, 0.1, …, 1 the weight of `a` in a mean with `b` that gets most of the "
         "labels y right.",
    hint="Try all eleven weights: mix, take the most probable class of each row, count how often it is the label.",
    more="With w for `a` and 1 − w for `b` the mix is w · a + (1 − w) · b; of equally good weights `np.argmax` takes "
         "the first.",
    insight="choose it on actors outside the training and the test set: a weight tuned on the test set flatters.",
    solution="""
        def best_weight(a, b, y):
            weights = np.arange(11) / 10
            right = [((w * a + (1 - w) * b).argmax(axis=1) == y).mean() for w in weights]
            return weights[np.argmax(right)]
    """)
def best_weight(answer):
    # The mix of row 1 is right from w = 0.3 on, of row 2 from 0.2 on, of row 3 up to 0.6.
    a = np.array([[0.9, 0.1], [1.0, 0.0], [0.3, 0.7]])
    b = np.array([[0.35, 0.65], [0.4, 0.6], [0.9, 0.1]])
    y = np.array([0, 0, 0])
    expect(answer, (a, b, y), 0.3, traps=[
        (0.4, "that is the weight of b; give the weight of a."),
        (1.0, "that is how many it gets right, not the weight that does it."),
        (0.6, "several weights are equally good; give the smallest of them."),
        (3, "that is its number in the list, not the weight."),
    ])
    expect(answer, (b, b, y), 0.0, otherwise="all weights are equally good here: take the smallest.")
    expect(answer, (np.eye(3), np.full((3, 3), 1 / 3), np.arange(3)), 0.1,
           otherwise="a little of an opinion that is right, mixed with one that says nothing, is enough.")


@exercise(stars=3,
    task="Write `together(eye, ear)`: the best accuracy of an observer with both modalities.",
    hint="An observer with both sees a pair, one observation of each. How likely is a pair, given the action?",
    more="P(pair | action) is the product. For each pair take the largest over the actions, add up, and divide by the "
         "number of actions.",
    insight="two modalities, each right half of the time, may together always be right, if their mistakes differ.",
    solution="""
        def together(eye, ear):
            pairs = np.einsum("ai,aj->aij", eye, ear)
            return pairs.max(axis=0).sum() / len(eye)
    """)
def together(answer):
    eye = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])  # a and b look alike, and so do c and d
    # a and c sound alike, and so do b and d; some of it is missed
    ear = np.array([[0.8, 0.0, 0.2], [0.0, 0.8, 0.2], [0.8, 0.0, 0.2], [0.0, 0.8, 0.2]])
    expect(answer, (eye, ear), 0.9, traps=[
        (0.5, "that is the better of the two alone: it forgets that they confuse different actions."),
        (1 - 0.5 * 0.55, "the two are not wrong independently, and neither knows when it is wrong; count the pairs."),
        (0.225, "that is the product of the two ceilings, where each modality by itself must be right."),
        (3.6, "an accuracy is at most 1: the actions are equally frequent, so divide by their number."),
    ])
    expect(answer, (eye, eye), 0.5, otherwise="a second eye that sees the same adds nothing.")
    expect(answer, (np.eye(3), np.full((3, 1), 1.0)), 1.0, otherwise="a deaf ear takes nothing from a perfect eye.")

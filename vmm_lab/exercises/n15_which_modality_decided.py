"""Check exercises of 15 which modality decided: memorised epochs, log-odds, what is missed, Shapley's shares."""
import numpy as np

from .answers import expect
from .exercise import exercise

TWO = {frozenset(m): worth for m, worth in (((), -2.8), ((0,), -0.2), ((1,), -0.4), ((0, 1), -0.1))}
THREE = {frozenset(m): worth for m, worth in (((), -3.0), ((0,), -1.0), ((1,), -2.0), ((2,), -3.0), ((0, 1), -0.8),
                                              ((0, 2), -1.5), ((1, 2), -1.0), ((0, 1, 2), 0.0))}


@exercise(stars=2,
    task="Write `memorises_from(accuracies, ceiling)`: the first epoch, counted from 1, from which on every training "
         "accuracy is above the ceiling; 0 if there is none.",
    hint="It is not enough to be above once: later epochs must stay above. Where is the last one that is not?",
    more="`np.flatnonzero(np.asarray(accuracies) <= ceiling)` are the epochs that are not above, counted from 0.",
    insight="above its ceiling a network can only have memorised: nothing in the modality could tell it more.",
    solution="""
        def memorises_from(accuracies, ceiling):
            below = np.flatnonzero(np.asarray(accuracies) <= ceiling)
            first = below[-1] + 2 if len(below) else 1
            return first if first <= len(accuracies) else 0
    """)
def memorises_from(answer):
    curve = [0.3, 0.72, 0.66, 0.70, 0.74, 0.81]
    expect(answer, (curve, 0.7), 5, traps=[
        (2, "in epoch 2 it is above, but in epoch 3 it is below again: from then on, every epoch must be above."),
        (4, "at exactly the ceiling nothing is memorised yet; and epochs are counted from 1."),
        (1, "count the epochs from 1, and give the first that stays above, not how many there are."),
        (6, "an earlier epoch already stays above the ceiling."),
    ])
    expect(answer, ([0.9, 0.95], 0.7), 1, otherwise="it is above from the first epoch on.")
    expect(answer, ([0.3, 0.8, 0.5], 0.7), 0, otherwise="the last epoch is not above, so the answer is 0.")


@exercise(stars=1,
    task="Write `log_odds(p)`: the log-odds of a probability, or of an array of them, in nats.",
    hint="Odds of 3 to 1 are the probability 0.75. How do you get from 0.75 to 3? Then take a logarithm.",
    more="The odds are `p / (1 - p)`; in nats means the natural logarithm, `np.log`.",
    insight="0 is undecided, and +1 nat multiplies the odds by e, whether p was 0.5 or 0.99.",
    solution="""
        def log_odds(p):
            return np.log(p / (1 - p))
    """)
def log_odds(answer):
    expect(answer, (0.8,), float(np.log(4)), traps=[
        (4.0, "those are the odds; take their logarithm."),
        (float(np.log(0.8)), "that is the logarithm of the probability; the odds are p / (1 − p)."),
        (float(np.log10(4)), "that is the logarithm of base 10; in nats it is the natural one."),
        (2.0, "that is in bits, base 2; in nats it is the natural logarithm."),
        (float(-np.log(4)), "the sign is turned round: a probable event has positive log-odds."),
    ])
    expect(answer, (np.array([0.5, 0.2]),), np.log([1.0, 0.25]))


@exercise(stars=2,
    task="Write `missed(worth, count)`: from a dict {frozenset of modality numbers: ln p} how much falls when each of "
         "`count` modalities is taken away from all, float (count,).",
    hint="Two sets matter for each modality: the one with all, and the one with all but this modality.",
    more="`everything = frozenset(range(count))` is the largest set, and `everything - {m}` is it without modality m.",
    insight="this is leave-one-out: of two modalities that know the same, neither is missed.",
    solution="""
        def missed(worth, count):
            everything = frozenset(range(count))
            return np.array([worth[everything] - worth[everything - {m}] for m in range(count)])
    """)
def missed(answer):
    expect(answer, (THREE, 3), np.array([1.0, 1.5, 0.8]), traps=[
        (np.array([-1.0, -1.5, -0.8]), "the sign is turned round: a modality that helps is missed by more than 0."),
        (np.array([2.0, 1.0, 0.0]), "that is what each adds to nothing; what falls when it leaves all of them?"),
    ])
    expect(answer, (TWO, 2), np.array([0.3, 0.1]))


@exercise(stars=3,
    task="Write `shapley(worth, count)`: from the same dict the share of each modality, float (count,).",
    hint="Let the modalities come one after the other: what does each add when it comes? Then take another order.",
    more="For each order of `itertools.permutations(range(count))`, modality m adds `worth[before | {m}] - "
         "worth[before]`; average over the orders.",
    insight="the shares add up to ln p with all minus ln p with none: nothing is counted twice, nothing is lost.",
    solution="""
        import itertools
        def shapley(worth, count):
            shares, orders = np.zeros(count), list(itertools.permutations(range(count)))
            for order in orders:
                for k, m in enumerate(order):
                    before = frozenset(order[:k])
                    shares[m] += (worth[before | {m}] - worth[before]) / len(orders)
            return shares
    """)
def shapley(answer):
    expect(answer, (TWO, 2), np.array([1.45, 1.25]), traps=[
        (np.array([0.3, 0.1]), "that is what is missed when each leaves all; average over the orders."),
        (np.array([2.6, 2.4]), "that is what each adds to nothing; average over the orders in which they come."),
        (np.array([2.9, 2.5]), "that is the sum over the orders; divide by their number."),
    ])
    expect(answer, (THREE, 3), np.array([1.45, 1.2, 0.35]),
           otherwise="the subsets do not all weigh the same: average over the six orders, not over the subsets.")

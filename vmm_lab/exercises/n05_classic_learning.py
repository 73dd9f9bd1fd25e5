"""Exercises of 05 classic learning: the baseline, honest folds and scaling, confusion, clusters."""
import numpy as np

from .answers import Complaint, array, call, expect, require, short
from .exercise import exercise


@exercise(
    task="Write `majority_accuracy(train_labels, test_labels)`: the accuracy of always answering the commonest "
         "training label.",
    hint="The baseline may look at the training labels only; the test labels are there to score it.",
    second_hint="max(set(train_labels), key=list(train_labels).count) is the answer it always gives; count how often that is "
                "right.",
    solution="""
        def majority_accuracy(train_labels, test_labels):
            guess = max(set(train_labels), key=train_labels.count)
            return test_labels.count(guess) / len(test_labels)
    """,
    insight="where nine of ten videos are of daily life, the answer \"no fall\" scores 0.90 and finds not one fall. "
            "First the baseline, then the model.",
)
def majority_accuracy(answer):
    train, test = ["walk", "fall", "walk", "walk", "sit"], ["fall", "fall", "walk", "fall", "sit", "walk"]
    expect(answer, (train, test), 2 / 6, traps=[
        (3 / 6, "it peeks at the test labels to choose its answer; only the training labels may tell it."),
        (3 / 5, "that is how common it is among the training labels themselves; score it on the test labels."),
        (2, "that is a number of right answers; an accuracy is a share."),
    ])
    expect(answer, (["a", "a", "b", "b", "b", "c"], ["b", "b", "b", "a"]), 3 / 4, traps=[
        (1 / 3, "that is chance, which knows nothing; the majority knows which label is common."),
    ])
    expect(answer, (["a", "a", "b"], ["b", "b"]), 0.0, otherwise="a baseline can be wrong every time.")


@exercise(
    task="Write `folds(groups)`: a list of (train, test) row numbers that holds out each group once, and never splits "
         "one.",
    hint="Each group (a person, a video) has one turn at being tested. How many folds does that make?",
    second_hint="For each group in np.unique(groups): test is np.flatnonzero(groups == group), train is np.flatnonzero(groups "
                "!= group).",
    solution="""
        import numpy as np

        def folds(groups):
            return [(np.flatnonzero(groups != group), np.flatnonzero(groups == group)) for group in np.unique(groups)]
    """,
    insight="the score now says how the model does with a person that it has never seen, which is the only kind it "
            "will meet.",
)
def folds(answer):
    for groups in (np.array(["ada", "bob", "ada", "cyd", "bob", "ada"]), np.array(["x", "x", "y", "z", "z", "z", "w"])):
        told, everyone = "folds(groups)", set(range(len(groups)))
        given = call(answer, groups)
        require(hasattr(given, "__iter__"), f"{told} should give a list of pairs; yours gives {short(given)}.")
        tested = []
        for pair in given:
            require(isinstance(pair, (tuple, list)) and len(pair) == 2,
                    f"{told} should give pairs (train, test); one of yours is {short(pair)}.")
            train, test = (_rows(part, len(groups)) for part in pair)
            shared = sorted(set(groups[train]) & set(groups[test]))
            require(not shared, f"in one of your folds, {' and '.join(shared)} "
                                f"{'stands' if len(shared) == 1 else 'stand'} on both sides.")
            require(len(set(groups[test])) == 1 or len(set(groups[train])) > 1,
                    "one group trains and the rest is tested: that is the other way round.")
            count = len(set(groups[test]))
            require(count == 1, f"each fold should test one group, and one of yours tests {count or 'none'}.")
            require(set(train) | set(test) == everyone,
                    "rows of the other groups are left out of training; all of them may be used.")
            tested += list(test)
        require(set(tested) == everyone, "some rows are never tested: each group should have its turn.")
        require(len(tested) == len(everyone), "some rows are tested more than once.")


@exercise(
    task="Write `standardize(train, test)`: both scaled by the mean and the deviation of each column of the training "
         "rows.",
    hint="Whatever is learnt, is learnt from the training rows alone; a mean is learnt, too.",
    second_hint="mean, deviation = train.mean(axis=0), train.std(axis=0); then (train - mean) / deviation, and the same for "
                "test.",
    solution="""
        def standardize(train, test):
            mean, deviation = train.mean(axis=0), train.std(axis=0)
            return (train - mean) / deviation, (test - mean) / deviation
    """,
    insight="a mean over all rows has seen the test, and so has a vocabulary, or a choice of features. A pipeline "
            "learns them inside the fold.",
)
def standardize(answer):
    rng = np.random.default_rng(5)
    train, test = rng.normal([3, 100], [1, 20], (12, 2)), rng.normal([5, 160], [2, 10], (5, 2))
    given = call(answer, train, test)
    require(isinstance(given, (tuple, list)) and len(given) == 2,
            f"standardize(train, test) should give the scaled training rows and the scaled test rows too; yours gives "
            f"{short(given)}.")
    mine = array(given[0], "the scaled training rows", shape=train.shape)
    tested = array(given[1], "the scaled test rows", shape=test.shape)
    both = np.concatenate([train, test])
    require(not np.allclose(mine, (train - both.mean(0)) / both.std(0)),
            "the mean was taken over all rows, so it has seen the test.")
    require(not np.allclose(mine, (train - train.mean()) / train.std()),
            "one mean was taken for everything; each column has its own.")
    require(np.allclose(mine.mean(0), 0, atol=1e-4), "the scaled training rows should have mean 0 in each column.")
    require(np.allclose(mine.std(0), 1, rtol=1e-3) or np.allclose(mine.std(0, ddof=1), 1, rtol=1e-3),
            "the scaled training rows should have deviation 1 in each column.")
    require(not np.allclose(tested.mean(0), 0, atol=1e-4),
            "the test set is scaled by itself: its own mean is gone, and with it what makes it different.")
    expected = (test - train.mean(0)) / (train.std(0) if np.allclose(mine.std(0), 1, rtol=1e-6) else train.std(0, ddof=1))
    require(np.allclose(tested, expected, rtol=1e-3, atol=1e-3),
            "the test rows are not scaled by the numbers of the training rows.")


@exercise(
    task="Write `most_confused(confusion)`: (true, predicted), the two classes for which the largest share of a true "
         "class's items is mistaken for one other class; "
         "rows are true, columns predicted.",
    hint="Three mistakes of five are worse than nine of a hundred: turn counts into shares of each row first. And the "
         "diagonal holds no mistakes.",
    second_hint="Divide by confusion.sum(axis=1, keepdims=True), set the diagonal to 0 (np.fill_diagonal), and "
                "np.unravel_index(shares.argmax(), shares.shape).",
    solution="""
        import numpy as np

        def most_confused(confusion):
            shares = confusion / confusion.sum(axis=1, keepdims=True)
            np.fill_diagonal(shares, 0)
            return np.unravel_index(shares.argmax(), shares.shape)
    """,
    insight="now you know which clips to look at. A class with few items can be lost altogether while the accuracy "
            "hardly moves.",
)
def most_confused(answer):
    for confusion, pair, traps in (
        (np.array([[90, 9, 1], [0, 20, 0], [1, 3, 1]]), (2, 1), {(0, 1): "count", (0, 2): "column", (1, 2): "order"}),
        (np.array([[6, 4, 0], [1, 30, 9], [0, 1, 40]]), (0, 1), {(1, 2): "count", (1, 0): "order"}),
    ):
        given = call(answer, confusion)
        try:
            found = tuple(int(part) for part in given)
        except (TypeError, ValueError):
            found = ()
        require(len(found) == 2, f"most_confused(confusion) should give two numbers, (true, predicted); yours gives "
                                 f"{short(given)}.")
        told = f"for the rows {' '.join(map(str, confusion.tolist()))}, yours gives {found}: "
        require(found[0] != found[1], told + "that is on the diagonal, where nothing is confused.")
        said = {"count": "that is the largest count, but of a class with more items; compare shares of a row.",
                "column": "you take the share of a column; of the items of a true class, so of a row, is asked.",
                "order": "the true class first, then the one it was mistaken for."}
        if found in traps:
            raise Complaint(told + said[traps[found]])
        require(found == pair, told + "another cell holds a larger share of its row.")


@exercise(
    task="Write `purity(clusters, labels)`: the share of items that carry the commonest label of their own cluster.",
    hint="A cluster's number is only a name. Give each cluster the label that most of its items carry, and count the "
         "items that agree.",
    second_hint="For each cluster: np.unique(labels[clusters == c], return_counts=True)[1].max(); add these up and divide by "
                "the number of items.",
    solution="""
        import numpy as np

        def purity(clusters, labels):
            agree = [np.unique(labels[clusters == c], return_counts=True)[1].max() for c in np.unique(clusters)]
            return sum(agree) / len(labels)
    """,
    insight="and beware: if every item is its own cluster, the purity is 1. Say how many clusters there were, and what "
            "purity random ones reach.",
)
def purity(answer):
    expect(answer, (np.array([1, 1, 0, 0]), np.array([0, 0, 1, 1])), 1.0, traps=[
        (0.0, "a cluster's number is only a name: cluster 1 may well be class 0."),
        (4, "that is a number of items; a share is asked for."),
    ])
    expect(answer, (np.array([7, 7, 7, 3, 3, 3, 3, 3]), np.array(list("aabcccab"))), 5 / 8, traps=[
        ((2 / 3 + 3 / 5) / 2, "a larger cluster should weigh more: count items, do not average over clusters."),
        (6 / 8, "you ask of each label which cluster it is in; ask of each cluster which label it holds."),
    ])
    expect(answer, (np.arange(5), np.array(list("aabbc"))), 1.0, otherwise="every item is its own cluster here, and so "
                                                                           "quite pure.")


def _rows(part, n):
    try:
        rows = np.asarray(part).ravel()
        sound = (rows.dtype.kind in "iu" and len(rows) > 0 and rows.min() >= 0 and rows.max() < n) or len(rows) == 0
    except ValueError:
        sound = False
    require(sound, f"train and test should be row numbers from 0 to {n - 1}; one of yours is {short(part)}.")
    return rows.astype(int)

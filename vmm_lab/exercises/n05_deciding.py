"""Check exercises of 05 deciding: the baseline, honest folds and scaling, confusion, precision and recall."""
import numpy as np

from .answers import array, call, close, expect, pair, require, short
from .exercise import exercise


@exercise(stars=1,
    task="Write `majority_accuracy(train_labels, test_labels)`: the test accuracy of always answering the most "
         "frequent training label.",
    hint="The baseline may look at the training labels only; the test labels are for scoring it.",
    more="max(set(train_labels), key=train_labels.count) is the answer; count how often it is right in the test.",
    insight="where nine of ten videos show daily life, the answer \"no fall\" scores 0.90 and detects not one fall. "
            "First the baseline, then the model.",
    solution="""
        def majority_accuracy(train_labels, test_labels):
            guess = max(set(train_labels), key=train_labels.count)
            return test_labels.count(guess) / len(test_labels)
    """)
def majority_accuracy(answer):
    train, test = ["walk", "fall", "walk", "walk", "sit"], ["fall", "fall", "walk", "fall", "sit", "walk"]
    expect(answer, (train, test), 2 / 6, traps=[
        (3 / 6, "it peeks at the test labels to choose its answer; only the training labels may decide that."),
        (3 / 5, "that is its share of the training labels themselves; score it on the test labels."),
        (2, "that is a number of right answers; an accuracy is a share."),
    ])
    expect(answer, (["a", "a", "b", "b", "b", "c"], ["b", "b", "b", "a"]), 3 / 4, traps=[
        (1 / 3, "that is chance, which knows nothing; the majority baseline knows which label is frequent."),
    ])
    expect(answer, (["a", "a", "b"], ["b", "b"]), 0.0, otherwise="a baseline can be wrong every time.")


@exercise(stars=2,
    task="Write `folds(groups)`: a list of (train, test) row numbers that holds out each group once, as a whole.",
    hint="Each group (a person, a video) is tested once. How many folds does that make?",
    more="For each group in np.unique(groups), np.flatnonzero(groups == group) is test, and with != it is train.",
    insight="the score now says how the model does with a person it has never seen, and in use it will meet no others.",
    solution="""
        def folds(groups):
            return [(np.flatnonzero(groups != group), np.flatnonzero(groups == group)) for group in np.unique(groups)]
    """)
def folds(answer):
    for groups in (np.array(["ada", "bob", "ada", "cyd", "bob", "ada"]), np.array(["x", "x", "y", "z", "z", "z", "w"])):
        every_row, tested = set(range(len(groups))), []
        given = call(answer, groups)
        require(hasattr(given, "__iter__"), f"folds(groups) should give a list of pairs; yours gives {short(given)}.")
        for fold in given:
            parts = pair(fold, "folds(groups)", "pairs (train, test)")
            train, test = (_rows(part, len(groups)) for part in parts)
            shared = sorted(set(groups[train]) & set(groups[test]))
            require(not shared, f"in one of your folds, {' and '.join(shared)} "
                                f"{'is' if len(shared) == 1 else 'are'} on both sides.")
            count = len(set(groups[test]))
            require(count == 1 or len(set(groups[train])) > 1,
                    "one group trains and the others are tested: that is the other way round.")
            require(count == 1, f"each fold should test one group, and one of yours tests {count or 'none'}.")
            require(set(train) | set(test) == every_row,
                    "rows of the other groups are left out of training; all of them may be used.")
            tested += list(test)
        require(set(tested) == every_row, "some rows are never tested: each group should be tested once.")
        require(len(tested) == len(every_row), "some rows are tested more than once.")


@exercise(stars=2,
    task="Write `standardize(train, test)`: both scaled by each column's mean and deviation of the training rows.",
    hint="A mean is learnt, too, so it may use the training rows only.",
    more="mean, deviation = train.mean(axis=0), train.std(axis=0); then (rows - mean) / deviation for both.",
    insight="a mean over all rows has seen the test set, and so has a vocabulary or a selection of features. A "
            "pipeline learns them inside the fold.",
    solution="""
        def standardize(train, test):
            mean, deviation = train.mean(axis=0), train.std(axis=0)
            return (train - mean) / deviation, (test - mean) / deviation
    """)
def standardize(answer):
    rng = np.random.default_rng(5)
    train, test = rng.normal([3, 100], [1, 20], (12, 2)), rng.normal([5, 160], [2, 10], (5, 2))
    trained, tested = pair(call(answer, train, test), "standardize(train, test)",
                           "the scaled training rows and the scaled test rows too")
    trained = array(trained, "the scaled training rows", shape=train.shape)
    tested = array(tested, "the scaled test rows", shape=test.shape)
    both = np.concatenate([train, test])
    require(not close(trained, (train - both.mean(0)) / both.std(0)),
            "the mean was taken over all rows, so it has seen the test.")
    require(not close(trained, (train - train.mean()) / train.std()),
            "one mean was taken of everything; each column has its own.")
    require(close(trained.mean(0), np.zeros(2), atol=1e-4),
            "the scaled training rows should have mean 0 in each column.")
    ones = np.ones(2)
    deviation = next((train.std(0, ddof=d) for d in (0, 1) if close(trained.std(0, ddof=d), ones, rtol=1e-3)), None)
    require(deviation is not None, "the scaled training rows should have standard deviation 1 in each column.")
    require(not close(tested.mean(0), np.zeros(2), atol=1e-4),
            "the test set is scaled by itself: its own mean is gone, and with it what makes it different.")
    require(close(tested, (test - train.mean(0)) / deviation, rtol=1e-3, atol=1e-3),
            "the test rows are not scaled by the numbers of the training rows.")


@exercise(stars=3,
    task="Write `most_confused(confusion)`: (true, predicted), the two classes for which the largest share of the true "
         "class is mistaken for the other; rows are true, columns predicted.",
    hint="Three mistakes of five are worse than nine of a hundred: turn counts into shares of each row first. And the "
         "diagonal holds no mistakes.",
    more="Divide by confusion.sum(axis=1, keepdims=True), set the diagonal to 0 (np.fill_diagonal), and use "
         "np.unravel_index(shares.argmax(), shares.shape).",
    insight="now you know which clips to watch. A small class can be lost while the accuracy hardly changes.",
    solution="""
        def most_confused(confusion):
            shares = confusion / confusion.sum(axis=1, keepdims=True)
            np.fill_diagonal(shares, 0)
            return np.unravel_index(shares.argmax(), shares.shape)
    """)
def most_confused(answer):
    by_count = "that is the largest count, but of a class with more items; compare shares of a row."
    by_column = "you take the share of a column; the task is the share of a true class, so of a row."
    by_order = "the true class first, then the one it was mistaken for."
    for confusion, right, traps in (
        ([[90, 9, 1], [0, 20, 0], [1, 3, 1]], (2, 1), {(0, 1): by_count, (0, 2): by_column, (1, 2): by_order}),
        ([[6, 4, 0], [1, 30, 9], [0, 1, 40]], (0, 1), {(1, 2): by_count, (1, 0): by_order}),
    ):
        given = call(answer, np.array(confusion))
        try:
            found = tuple(int(part) for part in given)
        except (TypeError, ValueError):
            found = ()
        require(len(found) == 2,
                f"most_confused(confusion) should give two numbers, (true, predicted); yours gives {short(given)}.")
        what = f"for the rows {' '.join(map(str, confusion))}, yours gives {found}: "
        require(found[0] != found[1], what + "that is on the diagonal, where nothing is confused.")
        require(found == right, what + traps.get(found, "another cell holds a larger share of its row."))


@exercise(stars=3,
    task="Write `precision_at_recall(scores, truth, recall)`: the precision where the threshold is just low enough to "
         "find at least the share `recall` of the true items.",
    hint="Sort the items by their score, the highest first. How far down must you go until enough true ones are found?",
    more="hits = truth[np.argsort(-scores)].cumsum() counts the true ones among the first 1, 2, …; take the first "
         "place with hits ≥ recall · truth.sum(), and divide hits by the number of items up to there.",
    insight="\"precision 0.9 at recall 0.5\" can be compared between detectors; an accuracy hides both.",
    solution="""
        def precision_at_recall(scores, truth, recall):
            hits = truth[np.argsort(-scores)].cumsum()
            place = np.flatnonzero(hits >= recall * truth.sum())[0]
            return hits[place] / (place + 1)
    """)
def precision_at_recall(answer):
    scores = np.array([0.1, 0.9, 0.4, 0.8, 0.3, 0.7, 0.6, 0.2])
    truth = np.array([False, True, True, False, False, True, False, True])
    expect(answer, (scores, truth, 0.5), 2 / 3, traps=[
        (2 / 4, "that is the recall; the precision divides by the number of items called true."),
        (0.0, "you begin with the lowest scores."),
        (2, "that is a number of items; a precision is a share."),
        (1.0, "only one of four true ones is found there, and half of them were wanted."),
    ])
    expect(answer, (scores, truth, 1.0), 4 / 7, otherwise="to find the last true one, seven items are called true.")
    expect(answer, (scores, truth, 0.25), 1.0)
    expect(answer, (scores, truth, 0.6), 3 / 5, otherwise="0.6 of four is 2.4, so three have to be found.")


def _rows(part, n):
    try:
        rows = np.asarray(part).ravel()
        are_rows = len(rows) == 0 or (rows.dtype.kind in "iu" and rows.min() >= 0 and rows.max() < n)
    except ValueError:
        are_rows = False
    require(are_rows, f"train and test should be row numbers from 0 to {n - 1}; one of yours is {short(part)}.")
    return rows.astype(int)

"""True and predicted classes go in; accuracy with its interval, balanced accuracy and macro-F1 come out."""
import numpy as np
from scipy import stats


def confusion(truth, predicted, n_classes):
    """int64 (classes, classes): how many items of each class (row) were taken for each class (column); inputs are class numbers."""
    table = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(table, (np.asarray(truth, int), np.asarray(predicted, int)), 1)
    return table


def summarise(table):
    """Accuracy, balanced accuracy and macro-F1 of a confusion table, counted or expected, as a dict of floats.

    Balanced accuracy is the mean recall of the classes that have items; macro-F1 the mean F1 of the classes that have
    items or predictions (as scikit-learn's `balanced_accuracy_score` and `f1_score(average="macro")` have it).

    >>> summarise(np.array([[3, 1], [0, 4]]))["accuracy"]
    0.875
    """
    table = np.asarray(table, float)
    right, true, said = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    used = true + said > 0
    return {
        "accuracy": float(right.sum() / table.sum()),
        "balanced_accuracy": float(np.mean(right[true > 0] / true[true > 0])),
        "macro_f1": float(np.mean(2 * right[used] / (true + said)[used])),
    }


def accuracy_interval(correct, groups=None, *, level=0.95):
    """(low, high): the interval of an accuracy, for new items of new groups.

    Without groups it is Wilson's score interval (1927). Items of one group, such as the videos of one person, tend to be
    right or wrong together, and count for fewer than they are. With at least two groups, the number of items is therefore
    divided by the design effect, the cluster-robust variance of the accuracy over its binomial variance (never below
    1), and the normal quantile becomes Student's with groups − 1 degrees of freedom: Wilson's interval for clustered
    samples, found the most reliable by Dean and Pagano, "Evaluating confidence interval methods for binomial proportions in
    clustered surveys" (2015). Few groups give a wide interval, and rightly so.

    Parameters
    ----------
    correct : bool (n,)
    groups : sequence (n,), optional
    level : float

    Examples
    --------
    >>> [round(end, 2) for end in accuracy_interval([True] * 8 + [False] * 2)]
    [0.49, 0.94]
    """
    correct = np.asarray(correct, float)
    n, share = len(correct), correct.mean()
    quantile = stats.norm.ppf(0.5 + level / 2)
    if groups is not None:
        _, codes = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
        number = codes.max() + 1
        if number > 1:
            residuals = np.bincount(codes, correct - share)
            robust = number / (number - 1) * (residuals**2).sum() / n**2
            binomial = share * (1 - share) / n
            n = n / max(1.0, robust / binomial if binomial > 0 else 1.0)
            quantile = stats.t.ppf(0.5 + level / 2, number - 1)
    centre = (share + quantile**2 / (2 * n)) / (1 + quantile**2 / n)
    half = quantile / (1 + quantile**2 / n) * np.sqrt(share * (1 - share) / n + quantile**2 / (4 * n**2))
    # Rounding must not push an end past the share that it surrounds, which happens at 0 and 1.
    return float(min(max(centre - half, 0.0), share)), float(max(min(centre + half, 1.0), share))


def chance_interval(n, n_classes, *, level=0.95):
    """(low, high): the accuracies between which `level` of all uniform guesses at n items lie (binomial quantiles)."""
    low, high = stats.binom.ppf([0.5 - level / 2, 0.5 + level / 2], n, 1 / n_classes) / n
    return float(low), float(high)

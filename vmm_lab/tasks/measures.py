"""Measure out-of-fold outputs: accuracy, balanced accuracy and macro-F1, intervals, and what guessing would give."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from sklearn.metrics import f1_score, recall_score

Interval = tuple[float, float]


@dataclass(frozen=True)
class HeldOut:
    """Hold what a measure looks at: the tested rows of one method.

    output (m, …): what models gave that had not learnt from the row, such as probabilities (m, classes). truth (m,):
    the labels as numbers into `classes`; of tags, bool (m, classes). fold int (m,): which fold tested each row. groups
    str (m,), or None.
    """

    output: NDArray
    truth: NDArray
    fold: NDArray[np.int64]
    groups: NDArray | None
    classes: NDArray

    @property
    def predicted(self) -> NDArray[np.int64]:
        """Return the most probable class of each row, int (m,)."""
        return self.output.argmax(axis=1)

    def take(self, rows: NDArray) -> "HeldOut":
        """Return some of the rows: their numbers, or bools of all."""
        groups = None if self.groups is None else self.groups[rows]
        return HeldOut(self.output[rows], self.truth[rows], self.fold[rows], groups, self.classes)


@dataclass(frozen=True)
class Measure:
    """Describe one column of a board.

    compute(held_out) gives a number, or one for each tested row, float (m,), NaN for a row that it does not look at:
    then the board shows their mean, its deviation between folds and its `interval(values, groups)`; "bootstrap" gives
    an interval to a number of all rows, too. chance(held_out) gives (value, low, high) of guessing.
    better: "higher" or "lower". share: whether it is a share of 1, which pages write as a percentage. about: what it
    is, in the words that a board shows.
    """

    name: str
    title: str
    compute: Callable[[HeldOut], float | NDArray]
    better: str = "higher"
    share: bool = True
    interval: Callable[[NDArray, NDArray | None], Interval] | Literal["bootstrap"] | None = None
    chance: Callable[[HeldOut], tuple[float, float | None, float | None]] | None = None
    about: str = ""

    def row(self, held_out: HeldOut, *, guessing: bool = False) -> dict[str, float | None]:
        """Return the entries of one row: name, and name_std, name_low and name_high where there is an interval."""
        if guessing and self.chance is not None:
            value, low, high = self.chance(held_out)
            means = [0.0] * len(np.unique(held_out.fold))
        else:
            values = np.asarray(self.compute(held_out), float)
            asked = np.isfinite(values)
            value, low, high, means = float(values[asked].mean()) if asked.any() else np.nan, None, None, []
            if self.interval == "bootstrap":
                low, high = bootstrap_interval(self.compute, held_out)
                low, high = np.clip((low, high), 0, 1) if self.share else (low, high)
                parts = [held_out.take(held_out.fold == fold) for fold in np.unique(held_out.fold)]
                means = [float(np.mean(self.compute(part))) for part in parts]
            elif self.interval and asked.any():
                fold = held_out.fold[asked]
                low, high = self.interval(values[asked], None if held_out.groups is None else held_out.groups[asked])
                means = [float(values[asked][fold == one].mean()) for one in np.unique(fold)]
        entries = {"": value}
        if self.interval:
            entries |= {"_std": float(np.std(means, ddof=1)) if len(means) > 1 else None, "_low": low, "_high": high}
        return {self.name + end: None if number is None or not np.isfinite(number) else float(number)
                for end, number in entries.items()}

    @property
    def formula(self) -> str:
        """Return what a board calls the interval."""
        known = {"bootstrap": "a bootstrap", accuracy_interval: "Wilson's formula", mean_interval: "Student's formula"}
        return known.get(self.interval, "its own formula")


def bootstrap_interval(compute: Callable[[HeldOut], float | NDArray], held_out: HeldOut) -> Interval:
    """Compute the 95 % interval of any number that is computed from all rows, by drawing these again with replacement.

    Whole groups are drawn where there are two. The standard error is the deviation over the draws, times Student's
    quantile for so many groups (Efron, "Bootstrap methods", 1979). Percentiles would be too high: a rare class that is
    drawn twice is easier to rank.
    """
    rng, names = np.random.default_rng(0), np.arange(len(held_out.truth))
    if held_out.groups is not None and len(np.unique(held_out.groups)) > 1:
        names = np.unique(held_out.groups, return_inverse=True)[1]
    members = [np.flatnonzero(names == name) for name in range(names.max() + 1)]
    drawn = (rng.integers(len(members), size=len(members)) for _ in range(200))
    found = [np.mean(compute(held_out.take(np.concatenate([members[k] for k in names])))) for names in drawn]
    known = [number for number in found if np.isfinite(number)]
    half = stats.t.ppf(0.975, max(1, len(members) - 1)) * np.std(known) if len(known) > 1 else np.nan
    value = float(np.mean(compute(held_out)))
    return value - half, value + half


def accuracy_interval(correct: ArrayLike, groups: ArrayLike | None = None, *, level: float = 0.95) -> Interval:
    """Compute the interval of an accuracy, for new items of new groups.

    Without groups it is Wilson's score interval (1927). With two groups or more, whose items tend to be right or wrong
    together, the number of items is divided by the design effect, the cluster-robust variance of the accuracy over its
    binomial variance (never below 1), and the normal quantile becomes Student's with groups − 1 degrees of freedom:
    Dean and Pagano, "Evaluating confidence interval methods for binomial proportions in clustered surveys", 2015.

    correct: bool (n,). groups: (n,), optional. level: the share of such intervals that hold the true accuracy.
    Returns (low, high), shares of 1.

    >>> [round(end, 2) for end in accuracy_interval([True] * 8 + [False] * 2)]
    [0.49, 0.94]
    """
    # SciPy's binomtest(…).proportion_ci takes whole numbers of items; the design effect leaves a fraction.
    correct = np.asarray(correct, float)
    n, share = float(len(correct)), correct.mean()
    effect, quantile = 1.0, stats.norm.ppf(0.5 + level / 2)
    variance, number = (np.nan, 1) if groups is None else _clustered_variance(correct, groups)
    if number > 1:
        binomial = share * (1 - share) / n
        effect = max(1.0, variance / binomial if binomial > 0 else 1.0)
        quantile = stats.t.ppf(0.5 + level / 2, number - 1)
    n = n / effect
    centre = (share + quantile**2 / (2 * n)) / (1 + quantile**2 / n)
    half = quantile / (1 + quantile**2 / n) * np.sqrt(share * (1 - share) / n + quantile**2 / (4 * n**2))
    # Rounding must not push an end past the share that it surrounds, which happens at 0 and 1.
    return float(min(max(centre - half, 0.0), share)), float(max(min(centre + half, 1.0), share))


def mean_interval(values: ArrayLike, groups: ArrayLike | None = None, *, level: float = 0.95) -> Interval:
    """Compute Student's interval of a mean of numbers (n,), with the cluster-robust variance where there are groups.

    >>> [round(end, 2) for end in mean_interval([0.0, 0.5, 1.0, 0.5])]
    [-0.15, 1.15]
    """
    values = np.asarray(values, float)
    variance, number = _clustered_variance(values, np.arange(len(values)) if groups is None else groups)
    half = stats.t.ppf(0.5 + level / 2, number - 1) * np.sqrt(variance) if number > 1 else np.inf
    return float(values.mean() - half), float(values.mean() + half)


def chance_interval(n: int, n_classes: int, *, level: float = 0.95) -> Interval:
    """Compute the accuracies (low, high) between which `level` of all guesses at n items lie (binomial quantiles)."""
    low, high = stats.binom.ppf([0.5 - level / 2, 0.5 + level / 2], n, 1 / n_classes) / n
    return float(low), float(high)


def _clustered_variance(values: NDArray, groups: ArrayLike) -> tuple[float, int]:
    """Return (the cluster-robust variance of the mean of values (n,), the number of groups); NaN for a single group."""
    _, codes = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    number = int(codes.max()) + 1
    if number == 1:
        return np.nan, 1
    residuals = np.bincount(codes, values - values.mean())
    return number / (number - 1) * float((residuals**2).sum()) / len(values) ** 2, number


def _macro_f1_of_chance(held_out: HeldOut) -> tuple[float, None, None]:
    """Return the macro-F1 of the expected counts: of n items, n / k are guessed to be of each of k classes."""
    n, k = len(held_out.truth), len(held_out.classes)
    counts = np.bincount(held_out.truth, minlength=k)
    return float(np.mean(2 * counts / k / (counts + n / k))), None, None


CLASSIFICATION = (
    Measure("accuracy", "Accuracy", lambda h: h.predicted == h.truth, interval=accuracy_interval,
            chance=lambda h: (1 / len(h.classes), *chance_interval(len(h.truth), len(h.classes)))),
    Measure("balanced_accuracy", "Balanced accuracy", about="the mean over classes of the share that came out right",
            chance=lambda h: (1 / len(h.classes), None, None),
            compute=lambda h: recall_score(h.truth, h.predicted, labels=np.unique(h.truth), average="macro")),
    Measure("macro_f1", "Macro-F1", about="the mean over classes of 2PR / (P + R), of precision P and recall R",
            chance=_macro_f1_of_chance,
            compute=lambda h: f1_score(h.truth, h.predicted, average="macro", zero_division=0)),
)
"""The measures of a classification. Balanced accuracy is the mean recall of the classes that were tested."""

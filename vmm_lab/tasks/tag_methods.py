"""Represent methods that give tags: one tag against the rest by least squares, a threshold each, votes, baselines."""
import os
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GroupKFold

from ..tables import load_table, tag_matrix, tags_of
from .method import Method, Paths
from .methods import LEARNERS, FeatureMethod, SoftVote
from .rows import Items, has_label
from .svm import ComparesRows


class TagMachine(ComparesRows, BaseEstimator):
    """Represent a kernel machine that scores each tag against the rest, and says from which score on an item has it.

    Each tag is fitted as +1 or -1 by least squares with a penalty on large weights, which ranks as a support vector
    machine does and solves all tags at once (Rifkin and Klautau, "In defense of one-vs-all classification", 2004).
    Features are standardised; kernel (linear or RBF) and penalty have the best mean average precision on three inner
    folds, by group where groups are given; each tag's threshold has the best F1 there. Scores lie in [0, 1], with 0.5
    at the threshold.

    After `fit`: `classes_` (the tags that were learnt), `kernel_`, `penalty_`, `thresholds_` (tags,).

    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> tags = [("right|" if x > 0 else "|") + ("up" if y > 0 else "") for x, y in X]
    >>> machine = TagMachine().fit(X, tags)
    >>> machine.classes_.tolist(), (machine.predict_proba([[2, -2]]) >= 0.5).tolist()
    (['right', 'up'], [[True, False]])
    """

    def __init__(self, *, penalties: tuple[float, ...] = (0.03, 0.3, 3.0)):
        self.penalties = penalties

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> "TagMachine":
        """Fit on X (n, d) and the tags of each row, str (n,) such as "dog|park"; `groups` (n,) stay together."""
        data, frame = np.asarray(X, float), tag_matrix(pd.DataFrame({"tags": np.asarray(y, dtype=str)}))
        self.classes_ = np.array(frame.columns, dtype=str)
        has, groups = frame.to_numpy(), np.arange(len(data)) if groups is None else np.asarray(groups)
        self._keep(data)
        signs = np.where(has, 1.0, -1.0)
        number = min(3, len(np.unique(groups)))
        inner = list(GroupKFold(number).split(data, groups=groups)) if number > 1 else []
        found = self._held_out(signs, inner, self.penalties)
        held = {choice: np.concatenate(parts) if parts else np.zeros(has.shape) for choice, parts in found.items()}
        truth = has[np.concatenate([test for _, test in inner])] if inner else has
        self.kernel_, self.penalty_ = max(held, key=lambda choice: np.nansum(average_precision(truth, held[choice])))
        best = held[self.kernel_, self.penalty_]
        self.thresholds_ = np.array([best_threshold(*pair) for pair in zip(best.T, truth.T)])
        self.machine_ = self._machine(self._similarities(self.rows_, self.kernel_), signs, self.penalty_)
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return scores (n, tags) in [0, 1], in the order of `classes_`; from 0.5 on an item has the tag."""
        # The least squares lie between -1 and 1: a slope of 4 spreads them over the range of a probability.
        return expit(4 * (self._margins(np.asarray(X, float)) - self.thresholds_))

    def _similarities(self, rows, kernel):
        return super()._similarities(rows, kernel) + 1  # which lets the weights hold an offset

    def _machine(self, similarities, signs, penalty):
        return KernelRidge(alpha=penalty, kernel="precomputed").fit(similarities, signs).dual_coef_

    def _ask(self, machine, similarities):
        return similarities @ machine


LEARNERS[TagMachine] = (
    "a kernel machine for each tag against the rest (regularised least squares), whose kernel and penalty do best on "
    "three inner folds of the training rows; the threshold of a tag is the one with the best F1 on these inner folds")


class Tagging(Method):
    """Represent what all methods that give tags share: they learn the column `tags`, and predict sets of tags."""

    label = "tags"

    def predict(self, source: Paths, *, n_jobs: int | None = None) -> list[tuple[str, ...]]:  # type: ignore[override]
        """Return the tags of each row or path, those with a score of at least 0.5."""
        return [tuple(self.classes_[scores >= 0.5].tolist()) for scores in self.predict_proba(source, n_jobs=n_jobs)]

    def score(self, table: pd.DataFrame | str | os.PathLike, y: object = None) -> float:
        """Compute the share of the rows with tags that get exactly these; `y` is for scikit-learn and not used."""
        table = load_table(table)
        table = table[has_label(table, self.label)]
        return float(np.mean([set(given) == set(tags or ()) for given, tags in
                              zip(self.predict(table), tags_of(table), strict=True)]))


class TagMethod(Tagging, FeatureMethod):
    """Represent a feature and a `TagMachine` on it."""

    def _classifier(self) -> object:
        return self.classifier or TagMachine()


class TagVote(Tagging, SoftVote):
    """Represent a vote: the scores averaged over the methods of a modality, then over the modalities."""


class TagBaseline(Tagging):
    """Represent a baseline: "chance" gives each tag to half of the items, "prevalence" to all of them.

    Both rank the items at random, so the expected average precision of a tag is its prevalence.
    """

    def __init__(self, strategy: Literal["chance", "prevalence"]):
        self.strategy = strategy

    @property
    def name(self) -> str:
        return self.strategy.capitalize()

    @property
    def procedure(self) -> str:
        """Return how the baseline is scored."""
        return {"chance": "the expected score of giving each tag to half of the items, whichever",
                "prevalence": "every tag given to every item"}[self.strategy]

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "TagBaseline":
        self.classes_ = np.array(tag_matrix(pd.DataFrame({"tags": y})).columns, dtype=str)
        return self

    def predict_items(self, items: Items) -> NDArray[np.float64]:
        return np.full((len(items), len(self.classes_)), 0.5)


def average_precision(truth: NDArray[np.bool_], scores: NDArray) -> NDArray[np.float64]:
    """Compute the average precision of each column of scores (n, tags); NaN for a tag that all rows have, or none.

    As scikit-learn's `average_precision_score`, for all columns at once.

    >>> average_precision(np.array([[True], [False], [True]]), np.array([[0.9], [0.5], [0.1]])).round(3)
    array([0.833])
    """
    n = len(truth)
    order = np.argsort(-scores, axis=0, kind="stable")
    ranked, hits = (np.take_along_axis(array, order, axis=0) for array in (scores, truth))
    last = np.vstack([ranked[1:] != ranked[:-1], np.ones((1, truth.shape[1]), bool)])  # the last row of equal scores
    place = np.where(last, np.arange(n)[:, None], n)
    place = np.minimum.accumulate(place[::-1], axis=0)[::-1]
    precision = np.take_along_axis(hits.cumsum(axis=0), place, axis=0) / (place + 1)
    count = hits.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.where((count > 0) & (count < n), (precision * hits).sum(axis=0) / count, np.nan)


def best_threshold(scores: NDArray, truth: NDArray[np.bool_]) -> float:
    """Return the threshold with the best F1 = 2 hits / (given + true), midway between two neighbouring scores.

    >>> best_threshold(np.array([0.9, 0.6, 0.2, 0.1]), np.array([True, True, False, False]))
    0.4
    """
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    f1 = 2 * truth[order].cumsum() / (np.arange(1, len(order) + 1) + truth.sum())
    f1[:-1][ranked[1:] == ranked[:-1]] = -1  # equal scores are on one side
    best = int(f1.argmax())
    return float((ranked[best] + ranked[best + 1]) / 2) if best + 1 < len(ranked) else float(ranked[-1] - 1e-9)

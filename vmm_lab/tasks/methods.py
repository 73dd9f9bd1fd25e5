"""Represent a feature with a classifier, a soft vote over modalities, and baselines as methods."""
import inspect
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted

from .. import features
from ..media import MediaError
from .method import Method, Paths, as_table, check_two_classes, delegated, predict_usable
from .rows import Items, Need
from .svm import ChosenSVM, LinearSVM, SoftmaxClassifier


def discriminants(components: float | None = 0.98) -> Pipeline:
    """Make a classifier by PCA, which keeps this share of the variance, and linear discriminants, shrunken.

    It needs few rows of many numbers, as faces are. Belhumeur, Hespanha and Kriegman, "Eigenfaces vs. Fisherfaces",
    IEEE PAMI 19(7), 1997; Ledoit and Wolf, "A well-conditioned estimator", 2004. None: without PCA.
    """
    steps = [PCA(components, svd_solver="full")] if components else []
    return make_pipeline(*steps, Discriminants(solver="lsqr", shrinkage="auto"))


class Discriminants(LinearDiscriminantAnalysis):
    """Represent linear discriminants that take one row of each class, too: then the class of the nearest row."""

    def fit(self, X: NDArray, y: NDArray) -> "Discriminants":
        self.classes_ = np.unique(y)
        if len(self.classes_) < len(y):
            return super().fit(X, y)
        rows = np.asarray(X, np.float64)[np.argsort(y)]
        within = max(float(rows.var(axis=0).sum()), 1e-9)  # nothing tells what varies within a class: all alike
        self.coef_, self.intercept_ = rows / within, -0.5 * (rows**2).sum(axis=1) / within
        if len(rows) == 2:  # as scikit-learn keeps it
            self.coef_, self.intercept_ = np.diff(self.coef_, axis=0), np.diff(self.intercept_)
        return self


LEARNERS: dict[type, str] = {
    LinearSVM: "a linear SVM with fixed settings (C = 1), its margins turned into probabilities",
    ChosenSVM: ("an SVM, linear or RBF, whose kernel and C (1, 10 or 100) are those that do best on three inner folds "
                "of the training rows, by group where there are groups, its margins turned into probabilities"),
    PCA: "principal components", Discriminants: "linear discriminants with a shrunken covariance",
}
"""How the protocol describes classifiers and the steps of their pipelines, by their type."""


class FeatureMethod(Method):
    """Represent a feature, and a classifier on it that is fitted with the feature on the training rows.

    classifier: one of scikit-learn with `predict_proba`, by default `ChosenSVM()` for a feature with `chosen_learner`,
    `discriminants()` for one with `face_learner`, else `LinearSVM()`; groups are passed to a `fit` that takes them.
    seed: of the inner folds of a default classifier.
    """

    votes = True
    modality: str = delegated("feature.modality")
    packages: Sequence[str] = delegated("feature.packages")
    sentence: str = delegated("feature.sentence")

    def __init__(self, feature: features.Feature, classifier: Any = None, *, seed: int = 0):
        self.feature = feature
        self.classifier = classifier
        self.seed = seed

    @property
    def name(self) -> str:
        return type(self.feature).__name__

    @property
    def procedure(self) -> str:
        learner = self._classifier()
        kinds = [type(step) for _, step in learner.steps] if isinstance(learner, Pipeline) else [type(learner)]
        learner = ", then ".join(LEARNERS.get(kind, kind.__name__) for kind in kinds)
        return f"a feature and {learner}; everything that is learnt is learnt from the training rows of the fold"

    @property
    def needs(self) -> Sequence[Need]:
        """Return the one need: the feature's vectors, or its descriptions where the feature itself learns."""
        return (Need(self.modality, self.feature, "description" if self.feature.learns else "row"),)

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "FeatureMethod":
        check_two_classes(y)
        (described,) = items.parts
        self.feature_ = clone(self.feature)
        if self.feature.learns:
            self.feature_.fit_descriptions(described, y)
        self.classifier_ = clone(self._classifier())
        takes_groups = "groups" in inspect.signature(self.classifier_.fit).parameters
        self.classifier_.fit(self._vectors(items), y, **({"groups": groups} if takes_groups else {}))
        self.classes_ = self.classifier_.classes_
        return self

    def predict_items(self, items: Items) -> NDArray[np.float64]:
        return self.classifier_.predict_proba(self._vectors(items))

    def _classifier(self) -> Any:
        if self.classifier is None and self.feature.face_learner:
            return discriminants()
        return self.classifier or (ChosenSVM if self.feature.chosen_learner else LinearSVM)(seed=self.seed)

    def _vectors(self, items: Items) -> Any:
        """Return float32 (n, d); for a machine that reads by blocks, a `RowFile`."""
        (described,) = items.parts
        if self.feature.learns:
            return self.feature_.encode(described)
        rows = described.rows()
        return rows if isinstance(self.classifier_, SoftmaxClassifier) else np.asarray(rows)


class SoftVote(Method):
    """Represent a vote: probabilities averaged over the methods of a modality, then over the modalities.

    A modality that an item lacks is left out for that item; an item that no member can describe raises MediaError.
    Source: Kittler et al., "On combining classifiers", PAMI 1998 (the sum rule).

    members : list of Method
    """

    modality = "fusion"
    any_part = True
    procedure = ("an average of probabilities over the methods of a modality, then over the modalities that an item "
                 "has; its costs are the sum of its members'")

    def __init__(self, members: Sequence[Method]):
        self.members = members

    @property
    def needs(self) -> Sequence[Need]:
        return tuple(need for member in self.members for need in member.needs)

    def without(self, modality: str) -> "SoftVote | None":
        """Return a vote of the members that never look at a modality; None unless they still have two modalities."""
        members = [left for member in self.members if (left := member.without(modality)) is not None]
        if len(members) == len(self.members):
            return self
        return SoftVote(members) if len({member.modality for member in members}) > 1 else None

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "SoftVote":
        check_two_classes(y)
        self.members_: list[Method | None] = [None] * len(self.members)  # None: nothing to learn from
        for k, (member, part) in enumerate(self._shares(items)):
            rows = np.flatnonzero(part.usable(any_part=member.any_part))
            if len(np.unique(y[rows])) > 1:
                member_groups = None if groups is None else groups[rows]
                self.members_[k] = clone(member).fit_items(part.take(rows), y[rows], member_groups)
        fitted = [member for member in self.members_ if member is not None]
        if not fitted:
            raise MediaError(f"No member of the vote can use rows of two classes; give more than these {len(y)} rows.")
        self.classes_ = np.unique(np.concatenate([member.classes_ for member in fitted]))
        return self

    def predict_items(self, items: Items) -> NDArray[np.float64]:
        """Return probabilities (n, classes); NaN where no fitted member can describe an item."""
        fitted = [(member, part) for member, (_, part) in zip(self.members_, self._shares(items)) if member is not None]
        return average_over_modalities(
            [(member.modality, predict_usable(member, part, self.classes_)) for member, part in fitted]
        )

    def _shares(self, items: Items) -> list[tuple[Method, Items]]:
        """Pair each member with its share of the parts, which stand in the order of the members' needs."""
        parts = iter(items.parts)
        return [(member, Items(len(items), [next(parts) for _ in member.needs], items.groups))
                for member in self.members]


class Baseline(Method):
    """Represent a baseline: "chance" guesses every class alike, "majority" predicts the most frequent one."""

    def __init__(self, strategy: Literal["chance", "majority"] = "majority", *, seed: int = 0):
        self.strategy = strategy
        self.seed = seed

    @property
    def name(self) -> str:
        return "Chance" if self.strategy == "chance" else "Majority class"

    @property
    def procedure(self) -> str:
        if self.strategy == "chance":
            return "the expected score of guessing every class alike, with the range that 95 % of such guesses fall in"
        return "the majority class, the most frequent one, of the training rows"

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "Baseline":
        strategy = "uniform" if self.strategy == "chance" else "prior"
        self.model_ = DummyClassifier(strategy=strategy, random_state=self.seed).fit(np.zeros((len(y), 1)), y)
        self.classes_ = self.model_.classes_
        return self

    def predict_items(self, items: Items) -> NDArray[np.float64]:
        return self.model_.predict_proba(np.zeros((len(items), 1)))

    def predict(self, source: Paths, *, n_jobs: int | None = None) -> NDArray:
        """Return the most frequent class; or, for "chance", a seeded draw for each item."""
        check_is_fitted(self, "classes_")
        return self.model_.predict(np.zeros((len(as_table(source)), 1)))


def average_over_modalities(outputs: Sequence[tuple[str, NDArray]]) -> NDArray[np.float64]:
    """Average [(modality, probabilities (n, classes), NaN where missing)], modalities weighing alike: (n, classes)."""
    modalities = sorted({modality for modality, _ in outputs})
    return _nan_mean([_nan_mean([output for name, output in outputs if name == modality]) for modality in modalities])


def _nan_mean(arrays: Sequence[NDArray]) -> NDArray:
    """Average arrays (n, classes), rows of NaN left out; NaN where all are."""
    stack = np.stack(arrays)
    known = ~np.isnan(stack[:, :, :1])
    with np.errstate(invalid="ignore"):
        return np.where(known, stack, 0.0).sum(axis=0) / known.sum(axis=0)

"""Classify feature vectors by support vector machines whose scores are probabilities."""
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics.pairwise import pairwise_kernels
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.svm import SVC
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ..features import RowFile
from .squared_hinge import NOT_FINITE, Standardised, blocks, minimise_squared_hinge

MOST_ROWS = 10_000  # that are compared with each other, which takes 1.2 GB


class SoftmaxClassifier(ClassifierMixin, BaseEstimator):
    """Hold what classifiers share whose probabilities are a softmax of `_margins(X)` / `temperature_`.

    Margins are float64 (n, classes) of checked rows; -inf for a class that was not learnt.
    """

    def _checked(self, X, y):
        """Return X (n, d) as floats, and y (n,) as numbers into `classes_`, which are noted."""
        if isinstance(X, RowFile):
            self.n_features_in_ = X.shape[1]
        else:
            X, y = validate_data(self, X, y, dtype=(np.float64, np.float32))
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("The training rows hold one class only; a classifier needs at least two.")
        return X, codes

    def _checked_margins(self, X):
        check_is_fitted(self)
        if not isinstance(X, RowFile):
            X = validate_data(self, X, reset=False, dtype=(np.float64, np.float32))
        return self._margins(X)

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return margins, float64 (n, classes); (n,) for two classes, positive for the second."""
        margins = self._checked_margins(X)
        return margins[:, 1] - margins[:, 0] if len(self.classes_) == 2 else margins

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return probabilities, float64 (n, classes), in the order of `classes_`."""
        return softmax(self._checked_margins(X) / self.temperature_, axis=1)

    def predict(self, X: ArrayLike) -> NDArray:
        """Return the most probable class of each row of X."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]


class LinearSVM(SoftmaxClassifier):
    """Represent a one-against-rest linear SVM on standardised features, with calibrated probabilities.

    Features are standardised and scaled so that a training row has length 1 on average; so `C` means the same
    for 10 dimensions and for 10,000, and its default serves without tuning. The squared hinge loss is smooth, so L-BFGS
    (Liu and Nocedal, 1989) finds its one minimum from the rows block by block: time grows nearly in proportion to
    the rows, and memory does not grow where they are a `RowFile`. Probabilities are a softmax of the margins; its
    temperature (Guo et al., "On calibration of modern neural networks", 2017) is fitted on margins of training rows
    held out in turn, by group where groups are given.

    C : float, what an error costs against the width of the margin
    seed : int, for the inner folds

    >>> X = np.random.default_rng(0).normal(size=(40, 3)) + 4 * np.repeat([[0], [1]], 20, axis=0)
    >>> model = LinearSVM().fit(X, np.repeat(["low", "high"], 20))
    >>> model.predict([[0, 0, 0], [4, 4, 4]]).tolist()
    ['low', 'high']
    """

    # scikit-learn's CalibratedClassifierCV(method="temperature") gives the same accuracy and log loss, but is up to
    # five times slower on small tables with many dimensions, and fails where an inner fold by group lacks all classes
    # but one.

    def __init__(self, *, C: float = 1.0, seed: int = 0):
        self.C = C
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> "LinearSVM":
        """Fit on X (n, d) float and y (n,); `groups` (n,) keeps the rows of a group together in the inner folds."""
        X, codes = self._checked(X, y)
        self.coef_, self.intercept_ = self._solve(X, codes, np.arange(len(codes)))
        folds = list(inner_folds(codes, groups, self.seed))
        margins = [self._project(X, held, *self._solve(X, codes, train)) for train, held in folds]
        self.temperature_ = temperature(margins, [codes[held] for _, held in folds])
        return self

    def _margins(self, X):
        margins = self._project(X, np.arange(len(X)), self.coef_, self.intercept_)
        if not np.isfinite(margins[:, np.isfinite(self.intercept_)]).all():  # of a `RowFile`, which nobody checked
            raise ValueError(NOT_FINITE)
        return margins

    def _solve(self, X, codes, rows):
        """Learn from some rows; return weights (classes, d) and intercepts (classes,), -inf for an absent class."""
        data, present = Standardised(X, rows), np.unique(codes[rows])
        # Of two classes one is told from the other: half of its margin on each side is the same decision.
        asked = present[1:] if len(present) == 2 else present
        weights, offsets = minimise_squared_hinge(data, codes[rows][:, None] == asked, self.C, data.scale)
        if len(present) == 2:
            weights, offsets = np.vstack([-weights, weights]) / 2, np.r_[-offsets, offsets] / 2
        coefficients, intercepts = np.zeros((len(self.classes_), X.shape[1])), np.full(len(self.classes_), -np.inf)
        coefficients[present] = weights
        intercepts[present] = offsets - weights @ data.mean
        return coefficients, intercepts

    def _project(self, X, rows, weights, offsets):
        return np.concatenate([X[part] @ weights.T + offsets for part in blocks(rows, X)])


class ComparesRows:
    """Hold what kernel machines share: all training rows are compared with each other, once for every cost."""

    def _keep(self, X):
        """Note the training rows (n, d), and how they are standardised to length 1 on average."""
        if len(X) > MOST_ROWS:
            raise ValueError(f"{type(self).__name__} compares training rows with each other, at most {MOST_ROWS:,}, "
                             f"and got {len(X):,}; give fewer, or another classifier, such as LinearSVM().")
        rows = np.asarray(X)
        self.mean_, self.scale_ = rows.mean(axis=0), rows.std(axis=0)
        del rows  # of a `RowFile` it is a copy
        self.scale_[self.scale_ < 1e-6 * np.maximum(1, np.abs(self.mean_))] = np.inf  # a constant tells nothing
        self.scale_ = self.scale_ * np.sqrt(max(1, np.isfinite(self.scale_).sum()))
        self.rows_ = np.empty(X.shape, self.scale_.dtype)
        for part in blocks(np.arange(len(X)), X):
            self.rows_[part] = (X[part] - self.mean_) / self.scale_

    def _similarities(self, rows, kernel):
        """Return float (n, training rows) of standardised rows."""
        return pairwise_kernels(rows, self.rows_, metric=kernel, filter_params=True, gamma=1)

    def _held_out(self, y, folds, costs):
        """Return {(kernel, cost): answers, fold by fold, on rows that were held out}."""
        found = {}
        for kernel in ("linear", "rbf"):
            K = self._similarities(self.rows_, kernel)
            for cost in costs:
                found[kernel, cost] = [self._ask(self._machine(K[np.ix_(train, train)], y[train], cost),
                                                 K[np.ix_(held, train)]) for train, held in folds]
            del K  # it is the most memory that is needed
        return found

    def _margins(self, X):
        """Return what the best machine answers to rows (n, d), block by block."""
        parts = blocks(np.arange(len(X)), self.rows_.T)  # as wide as the similarities of a row
        rows = ((X[part] - self.mean_) / self.scale_ for part in parts)
        return np.concatenate([self._ask(self.machine_, self._similarities(some, self.kernel_)) for some in rows])


class ChosenSVM(ComparesRows, SoftmaxClassifier):
    """Represent a support vector machine, linear or with a radial basis function (RBF), with calibrated probabilities.

    The kernel and the cost of an error are those that get most right on three inner folds of the training rows, by
    group where groups are given; equal ones fall to the plainer, which comes first. Features are scaled as by
    `LinearSVM`, and so the RBF, exp(-distance²), is as wide as rows lie apart. The similarities of all training rows,
    10,000 at most, are computed once, so that thousands of dimensions cost little more than a hundred. The temperature
    of the probabilities is fitted on the margins of the inner folds.

    costs : the values of C to choose from. seed : int, for inner folds without groups.

    After `fit`: `kernel_` ("linear" or "rbf"), `C_`, and `right_`, [(kernel, C, right answers on the inner folds)].

    >>> angle = np.random.default_rng(0).uniform(0, 6.28, 60)
    >>> X = np.c_[np.cos(angle), np.sin(angle)] * np.repeat([[1], [3]], 30, axis=0)  # a ring inside a ring
    >>> model = ChosenSVM().fit(X, np.repeat(["inner", "outer"], 30))
    >>> model.kernel_, model.predict([[1, 0], [0, 3]]).tolist()
    ('rbf', ['inner', 'outer'])
    """

    def __init__(self, *, costs: tuple[float, ...] = (1.0, 10.0, 100.0), seed: int = 0):
        self.costs = costs
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> "ChosenSVM":
        """Fit on X (n, d) float and y (n,); `groups` (n,) keeps the rows of a group together in the inner folds."""
        data, codes = self._checked(X, y)
        self._keep(data)  # this looks at no label, so the inner folds share the scale of all training rows
        folds = list(inner_folds(codes, groups, self.seed))
        margins, truth = self._held_out(codes, folds, self.costs), [codes[held] for _, held in folds]
        self.right_ = [(*choice, sum(int((m.argmax(axis=1) == t).sum()) for m, t in zip(found, truth)))
                       for choice, found in margins.items()]
        self.kernel_, self.C_, _ = max(self.right_, key=lambda found: found[2])
        self.temperature_ = temperature(margins[self.kernel_, self.C_], truth)
        self.machine_ = self._machine(self._similarities(self.rows_, self.kernel_), codes, self.C_)
        return self

    def _machine(self, similarities, codes, C):
        return SVC(C=C, kernel="precomputed", decision_function_shape="ovr").fit(similarities, codes)

    def _ask(self, machine, similarities):
        """Return margins (n, classes); -inf for a class that the machine never learnt."""
        found = machine.decision_function(similarities)
        margins = np.full((len(found), len(self.classes_)), -np.inf)
        margins[:, machine.classes_] = found if found.ndim == 2 else np.c_[-found, found] / 2
        return margins


def temperature(margins: Sequence[NDArray], truth: Sequence[NDArray]) -> float:
    """Fit the temperature of a softmax, 1.0 where there is nothing to learn from.

    Both are given fold by fold: held-out margins (n, classes), -inf for a class never learnt; the truth int (n,).
    """
    # What was never learnt says nothing about the scale.
    known = [np.isfinite(m)[np.arange(len(t)), t] for m, t in zip(margins, truth)]
    if not sum(map(np.sum, known)):
        return 1.0
    margin, true = (np.concatenate([part[k] for part, k in zip(parts, known)]) for parts in (margins, truth))
    rows, present = np.arange(len(true)), np.isfinite(margin)
    # As Platt (1999) does: a target just below 1 keeps a separable training set from claiming certainty.
    smooth = 1.0 / (len(true) + 2)

    def loss(log_temperature):
        logs = log_softmax(margin / np.exp(log_temperature), axis=1)
        others = np.where(present, logs, 0.0).sum(axis=1) / present.sum(axis=1)
        return -np.mean((1 - smooth) * logs[rows, true] + smooth * others)

    return float(np.exp(minimize_scalar(loss, bounds=(-4.0, 4.0), method="bounded").x))


def inner_folds(codes: NDArray, groups: ArrayLike | None, seed: int) -> Iterator[tuple[NDArray, NDArray]]:
    """Yield up to three folds of the training rows: by group where there are two, else by class; none for few rows.

    A fold whose training rows are of one class is left out.
    """
    if groups is not None and len(np.unique(groups)) > 1:
        folds = GroupKFold(min(3, len(np.unique(groups)))).split(codes, codes, groups)
    else:
        number = min(3, np.bincount(codes).max())
        folds = StratifiedKFold(number, shuffle=True, random_state=seed).split(codes, codes) if number > 1 else ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class smaller than the folds
        yield from [(train, held) for train, held in folds if len(np.unique(codes[train])) > 1]

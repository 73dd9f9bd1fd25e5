"""Classify feature vectors by a linear support vector machine whose scores are probabilities."""
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.svm import LinearSVC
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class CalibratedSVM(ClassifierMixin, BaseEstimator):
    """Hold what both support vector machines share: probabilities are a softmax of `_margins(X)` / `temperature_`."""

    def _checked(self, X, y):
        """Return X (n, d) as floats, and y (n,) as numbers into `classes_`, which are noted."""
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32))
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("The training rows hold one class only; a classifier needs at least two.")
        return X, codes

    def _margins(self, X):
        """Return margins, float64 (n, classes), of checked rows; -inf for a class that was not learnt."""
        raise NotImplementedError

    def _checked_margins(self, X):
        check_is_fitted(self)
        return self._margins(validate_data(self, X, reset=False, dtype=(np.float64, np.float32)))

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


class LinearSVM(CalibratedSVM):
    """Represent a one-against-rest linear SVM on standardised features, with calibrated probabilities.

    Features are standardised and scaled so that a training row has length 1 on average; so `C` means the same
    for 10 dimensions and for 10,000, and its default serves without tuning. Where a row has more dimensions than there
    are rows, the rows are first turned into the space that they span: an L2-penalised linear model is unchanged by it
    (Hastie and Tibshirani, "Efficient quadratic regularization for expression arrays", 2004) and fits many times
    faster. Probabilities are a softmax of the margins; its temperature (Guo et al., "On calibration of modern neural
    networks", 2017) is fitted on margins of training rows held out in turn, by group where groups are given.

    C : float, what an error costs against the width of the margin
    seed : int, for the inner folds and the solver

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
        self.coef_, self.intercept_ = self._solve(X, codes)
        self.temperature_ = self._calibrate(X, codes, groups)
        return self

    def _margins(self, X):
        return X @ self.coef_.T + self.intercept_

    def _solve(self, X, codes):
        """Return weights (classes, d) and intercepts (classes,) over the raw features; -inf for an absent class."""
        X = X.astype(np.float64)
        mean, scale = X.mean(axis=0), X.std(axis=0)
        scale[scale < 1e-12 * np.maximum(1, np.abs(mean))] = 1.0
        rows = (X - mean) / scale
        length = np.sqrt((rows**2).sum(axis=1).mean()) or 1.0
        rows /= length
        basis = np.linalg.qr(rows.T)[0] if rows.shape[1] > rows.shape[0] else None
        machine = LinearSVC(C=self.C, dual="auto", max_iter=5000, random_state=self.seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the last digits of a margin decide nothing
            machine.fit(rows if basis is None else rows @ basis, codes)
        weights = machine.coef_ if basis is None else machine.coef_ @ basis.T
        offsets = machine.intercept_
        if len(machine.classes_) == 2:  # liblinear gives one margin; half on each side is the same decision
            weights, offsets = np.vstack([-weights, weights]) / 2, np.r_[-offsets, offsets] / 2
        weights = weights / (scale * length)
        coefficients, intercepts = np.zeros((len(self.classes_), X.shape[1])), np.full(len(self.classes_), -np.inf)
        coefficients[machine.classes_] = weights
        intercepts[machine.classes_] = offsets - weights @ mean
        return coefficients, intercepts

    def _calibrate(self, X, codes, groups):
        """Return the temperature that makes margins of held-out training rows the best log-probabilities."""
        margins, truth = [], []
        for train, held in inner_folds(codes, groups, self.seed):
            weights, offsets = self._solve(X[train], codes[train])
            margins.append(X[held] @ weights.T + offsets)
            truth.append(codes[held])
        return temperature(margins, truth)


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
        splitter = StratifiedKFold(number, shuffle=True, random_state=seed) if number > 1 else None
        folds = splitter.split(codes, codes) if splitter else ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class smaller than the folds
        yield from [(train, held) for train, held in folds if len(np.unique(codes[train])) > 1]

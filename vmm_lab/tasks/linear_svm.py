"""Classify feature vectors by a linear support vector machine whose scores are probabilities."""
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold, StratifiedKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from ..features import RowFile

BLOCK, HELD = 1 << 18, 1 << 21  # numbers of X that are worked on, and that are held standardised, at a time
NOT_FINITE = "Input X contains NaN or infinity; give finite numbers."


class CalibratedSVM(ClassifierMixin, BaseEstimator):
    """Hold what both support vector machines share: probabilities are a softmax of `_margins(X)` / `temperature_`."""

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

    def _margins(self, X):
        """Return margins, float64 (n, classes), of checked rows; -inf for a class that was not learnt."""
        raise NotImplementedError

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


class LinearSVM(CalibratedSVM):
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
        self.temperature_ = self._calibrate(X, codes, groups)
        return self

    def _margins(self, X):
        parts = _parts(np.arange(len(X)), X)
        margins = np.concatenate([X[part] @ self.coef_.T + self.intercept_ for part in parts])
        if not np.isfinite(margins[:, np.isfinite(self.intercept_)]).all():  # of a `RowFile`, which nobody checked
            raise ValueError(NOT_FINITE)
        return margins

    def _solve(self, X, codes, rows):
        """Learn from some rows; return weights (classes, d) and intercepts (classes,), -inf for an absent class."""
        data, present = _Standardised(X, rows), np.unique(codes[rows])
        # Of two classes one is told from the other: half of its margin on each side is the same decision.
        asked = present[1:] if len(present) == 2 else present
        weights, offsets = minimise_squared_hinge(data, codes[rows][:, None] == asked, self.C, data.scale)
        if len(present) == 2:
            weights, offsets = np.vstack([-weights, weights]) / 2, np.r_[-offsets, offsets] / 2
        coefficients, intercepts = np.zeros((len(self.classes_), X.shape[1])), np.full(len(self.classes_), -np.inf)
        coefficients[present] = weights
        intercepts[present] = offsets - weights @ data.mean
        return coefficients, intercepts

    def _calibrate(self, X, codes, groups):
        """Return the temperature that makes margins of held-out training rows the best log-probabilities."""
        margins, truth = [], []
        for train, held in inner_folds(codes, groups, self.seed):
            weights, offsets = self._solve(X, codes, train)
            margins.append(np.concatenate([X[part] @ weights.T + offsets for part in _parts(held, X)]))
            truth.append(codes[held])
        return temperature(margins, truth)


class _Standardised:
    """Give some rows of X less their mean, float32, block by block and again and again.

    `scale` (d,): what they are divided by to be standardised and of length 1 on average.
    """

    def __init__(self, X: Any, rows: NDArray):
        self._X, self._rows, self._held = X, _parts(rows, X), None
        self.mean = sum(X[part].sum(axis=0, dtype=np.float64) for part in self._rows) / len(rows)
        if not np.isfinite(self.mean).all():
            raise ValueError(NOT_FINITE)
        scale = np.sqrt(sum(((X[part] - self.mean) ** 2).sum(axis=0) for part in self._rows) / len(rows))
        moves = scale >= 1e-12 * np.maximum(1, np.abs(self.mean))
        self.scale = np.where(moves, scale, 1.0) * np.sqrt(max(1, moves.sum()))
        # As it is subtracted; float32 numbers that are large and hardly move lie some of their steps beside the mean.
        self.mean = self.mean.astype(getattr(X, "dtype", np.float32)).astype(np.float64)
        if len(rows) * X.shape[1] <= HELD:
            self._held = [self._centred(part, self._room()) for part in self._rows]

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        # One room for all blocks: the system takes longer to give a new one than all the rest of a pass.
        room = None if self._held is not None else self._room()
        return iter(self._held) if room is None else (self._centred(part, room) for part in self._rows)

    def _room(self):
        return np.empty((len(self._rows[0]), self._X.shape[1]), getattr(self._X, "dtype", np.float32))

    def _centred(self, part, room):
        block = self._X.take(part, 0, room[:len(part)], "clip")
        block -= self.mean.astype(block.dtype)
        return block.astype(np.float32, copy=False)


def _parts(rows: NDArray, X: Any) -> list[NDArray]:
    """Cut row numbers of X into blocks."""
    size = max(1, BLOCK // X.shape[1])
    return [rows[first:first + size] for first in range(0, len(rows), size)]


def minimise_squared_hinge(data: Any, positive: NDArray, C: float,
                           scale: ArrayLike = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Minimise ½(|w s|² + b²) + C Σ max(0, 1 ∓ (w·x + b))² for each column of `positive`, bool (n, k).

    data: iterable of blocks of the n rows, float32 (m, d); s: `scale` (d,). Returns weights (k, d) and offsets (k,).
    liblinear's objective for the rows x / s, which are not copied.
    """
    sign, d = np.where(positive, np.float32(1), np.float32(-1)), len(next(iter(data))[0])

    def loss(flat):
        slope, total, first = np.zeros((sign.shape[1], d + 1)), 0.5 * flat @ flat, 0
        narrow = (flat.reshape(-1, d + 1) / scales).astype(np.float32)
        for block in data:
            sides = sign[first:first + len(block)]
            short = np.maximum(0, 1 - sides * (block @ narrow[:, :d].T + narrow[:, d]))
            total += C * np.square(short, dtype=np.float64).sum()
            pull = sides * short
            slope[:, :d] += pull.T @ block
            slope[:, d] += pull.sum(axis=0)
            first += len(block)
        return total, flat - 2 * C * (slope / scales).ravel()

    scales = np.append(np.broadcast_to(scale, d), 1.0)
    start = np.zeros(sign.shape[1] * (d + 1))
    # Relative to the slope of the rarest class at the start, as a class of few rows pulls little.
    tolerance = 1e-3 * np.abs(loss(start)[1].reshape(-1, d + 1)[:, :d]).max(axis=1).min()
    with threadpool_limits(1):  # small products: where others work too, threads that wait for one another take minutes
        found = minimize(loss, start, jac=True, method="L-BFGS-B",
                         options={"gtol": tolerance, "ftol": 0, "maxiter": 500})
    weights = found.x.reshape(-1, d + 1) / scales
    return weights[:, :d], weights[:, d]


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

"""Classify feature vectors by a support vector machine whose kernel and cost are chosen on inner folds."""
import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics.pairwise import pairwise_kernels
from sklearn.svm import SVC

from .linear_svm import CalibratedSVM, inner_folds, temperature


class ChosenSVM(CalibratedSVM):
    """Represent a support vector machine, linear or with a radial basis function (RBF), with calibrated probabilities.

    The kernel and the cost of an error are those that get most right on three inner folds of the training rows, by
    group where groups are given; equal ones fall to the plainer, which comes first. Features are standardised and
    scaled so that a training row has length 1 on average, so that the costs mean the same for any number of dimensions,
    and the RBF, exp(-distance²), is as wide as rows lie apart. The similarities of all training rows are computed once,
    so that thousands of dimensions cost little more than a hundred. Probabilities are a softmax of the margins, whose
    temperature is fitted on the margins of the inner folds, see `LinearSVM`.

    costs : the values of C to choose from. seed : int, for inner folds without groups.

    After `fit`: `kernel_` ("linear" or "rbf"), `C_`, and `right_`, {(kernel, C): right answers on the inner folds}.

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
        # Mean and scale look at no label, so the inner folds share those of all training rows.
        self.mean_, self.scale_ = data.mean(axis=0), data.std(axis=0)
        self.scale_[self.scale_ < 1e-6 * np.maximum(1, np.abs(self.mean_))] = 1.0
        self.scale_ *= np.sqrt((((data - self.mean_) / self.scale_) ** 2).sum(axis=1).mean()) or 1.0
        self.rows_ = self._scaled(data)
        kernels = {kernel: self._similarities(self.rows_, kernel) for kernel in ("linear", "rbf")}
        folds = list(inner_folds(codes, groups, self.seed))
        margins = {(kernel, C): [self._spread(self._machine(K[np.ix_(train, train)], codes[train], C),
                                              K[np.ix_(held, train)]) for train, held in folds]
                   for kernel, K in kernels.items() for C in self.costs}
        truth = [codes[held] for _, held in folds]
        self.right_ = {choice: sum(int((m.argmax(axis=1) == t).sum()) for m, t in zip(found, truth))
                       for choice, found in margins.items()}
        self.kernel_, self.C_ = max(self.right_, key=self.right_.__getitem__)
        self.temperature_ = temperature(margins[self.kernel_, self.C_], truth)
        self.machine_ = self._machine(kernels[self.kernel_], codes, self.C_)
        return self

    def _margins(self, X):
        return self._spread(self.machine_, self._similarities(self._scaled(X), self.kernel_))

    def _scaled(self, X):
        return (X - self.mean_) / self.scale_

    def _similarities(self, rows, kernel):
        """Return float (n, training rows)."""
        return pairwise_kernels(rows, self.rows_, metric=kernel, filter_params=True, gamma=1)

    def _machine(self, similarities, codes, C):
        return SVC(C=C, kernel="precomputed", decision_function_shape="ovr").fit(similarities, codes)

    def _spread(self, machine, similarities):
        """Return margins (n, classes); -inf for a class that the machine never learnt."""
        found = machine.decision_function(similarities)
        margins = np.full((len(found), len(self.classes_)), -np.inf)
        margins[:, machine.classes_] = found if found.ndim == 2 else np.c_[-found, found] / 2
        return margins

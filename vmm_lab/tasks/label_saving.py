"""Save labels by prototypes, pseudo-labels, votes and active learning."""
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances
from sklearn.preprocessing import StandardScaler, normalize
from sklearn.semi_supervised import SelfTrainingClassifier
from threadpoolctl import threadpool_limits

from .. import features
from ..media.options import check_choice
from .methods import FeatureMethod, SoftVote
from .rows import Items
from .svm import SoftmaxClassifier

STRATEGIES = ("typical", "margin", "k-center", "random")
NEIGHBOURS = 20  # near rows that tell how typical a row is, as in the paper


class Prototypes(SoftmaxClassifier):
    """Represent each class by the mean of its rows, and a row by the class whose mean is nearest.

    Numbers are standardised, and rows brought to length 1. Probabilities are a softmax of the negative squared
    distances, divided by `temperature`. Source: Snell et al., "Prototypical networks for few-shot learning", NeurIPS
    2017.

    >>> Prototypes().fit([[0.0, 1], [0, 2], [1, 0]], ["up", "up", "right"]).predict([[0.1, 3]]).tolist()
    ['up']
    """

    def __init__(self, *, temperature: float = 0.1):
        self.temperature = temperature

    def fit(self, X: ArrayLike, y: ArrayLike) -> "Prototypes":
        """Compute the mean of each class, of X float (n, d) and y (n,)."""
        rows, codes = self._checked(X, y)
        self.scaler_, self.temperature_ = StandardScaler().fit(rows), self.temperature
        rows = self._unit(rows)
        self.prototypes_ = np.stack([rows[codes == k].mean(axis=0) for k in range(len(self.classes_))])
        return self

    def _margins(self, X):
        return -pairwise_distances(self._unit(X), self.prototypes_, metric="sqeuclidean")

    def _unit(self, X):
        return normalize((X - self.scaler_.mean_) / self.scaler_.scale_)  # what it is was checked


class SelfTraining(FeatureMethod):
    """Represent a feature and a classifier that also learns from its own surest answers (pseudo-labels).

    In each of three rounds, the sixth of the unlabelled rows of which it is surest get its answer as their label.
    Source: Lee, "Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks", ICML
    workshop 2013; scikit-learn's SelfTrainingClassifier. feature, classifier: as of `FeatureMethod`.
    """

    def fit_unlabelled(self, items: Items) -> "SelfTraining":
        """Keep the training rows, whose labels are not known."""
        self.unlabelled_ = items
        return self

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "SelfTraining":
        """Fit the feature on the labelled rows, and the classifier on those and its own answers."""
        super().fit_items(items, y, groups)
        if not hasattr(self, "unlabelled_"):
            return self
        # A labelled row is among the training rows once more, without its label: it gets one, or does no harm.
        X = np.concatenate([self._vectors(items), self._vectors(self.unlabelled_)])
        learner = SelfTrainingClassifier(clone(self._classifier()), criterion="k_best", max_iter=3,
                                         k_best=max(1, len(self.unlabelled_) // 6))
        codes = np.searchsorted(self.classes_, y)
        self.classifier_ = learner.fit(X, np.append(codes, np.full(len(self.unlabelled_), -1)))
        return self


class TaughtVote(SoftVote):
    """Represent a `SoftVote` whose members may see the training rows without their labels first.

    members: methods, as of `SoftVote`.
    """

    one_at_a_time = True

    def fit_unlabelled(self, items: Items) -> "TaughtVote":
        """Let each member that can learn without labels do so."""
        self.members_ = [clone(member) for member in self.members]
        for member, (_, part) in zip(self.members_, self._shares(items)):
            if hasattr(member, "fit_unlabelled"):
                member.fit_unlabelled(part)
        return self

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "TaughtVote":
        """Fit each member on the labelled rows; all members must be able to use them."""
        if not hasattr(self, "members_"):
            self.fit_unlabelled(items)
        for member, (_, part) in zip(self.members_, self._shares(items)):
            member.fit_items(part, y, groups)
        self.classes_ = np.unique(y)
        return self


class ActiveLearning(FeatureMethod):
    """Represent a feature and a classifier that asks for the labels of the rows that teach it most: see `choose_next`.

    feature, classifier: as of `FeatureMethod`. strategy: as of `choose_next`.
    """

    def __init__(self, feature: features.Feature, classifier: Any = None, *, strategy: str = "margin"):
        super().__init__(feature, classifier)
        self.strategy = strategy

    def choose(self, items: Items, labelled: NDArray, y: NDArray, n: int) -> NDArray[np.intp]:
        """Return the n rows of `items` whose labels to ask for next, int (n,), knowing the labels y of `labelled`."""
        self.fit_items(items.take(labelled), y)
        probabilities = self.predict_items(items) if self.strategy == "margin" else None
        return choose_next(self._vectors(items), labelled, n, strategy=self.strategy, probabilities=probabilities)


# Small products again and again, ten times as fast without threads that wait for one another.
@threadpool_limits.wrap(limits=1)
def choose_next(X: ArrayLike, labelled: Sequence[int] | NDArray, n: int, *, strategy: str = "margin",
                probabilities: ArrayLike | None = None, seed: int = 0) -> NDArray[np.intp]:
    """Choose the n rows whose labels to ask for next, int (n,), the one that teaches most first.

    X: float (rows, d). labelled: the rows whose labels are known. strategy:
    * "margin": those where the two most probable classes are nearest to each other (Scheffer et al., "Active hidden
      Markov models for information extraction", IDA 2001); needs `probabilities`, float (rows, classes);
    * "k-center": one after the other, the row farthest from all that are labelled or chosen (Sener and Savarese,
      "Active learning for convolutional neural networks: a core-set approach", ICLR 2018);
    * "typical": rows are clustered; of each of the largest clusters without a label the row with the nearest neighbours
      (Hacohen et al., "Active learning on a budget", ICML 2022);
    * "random": drawn without a look at them, which the others must beat.
    Raises ValueError where fewer than n rows have no label.

    >>> choose_next([[0.0], [1.0], [9.0]], [0], 1, strategy="k-center").tolist()
    [2]
    >>> choose_next(np.eye(3), [0], 1, probabilities=[[1, 0], [0.9, 0.1], [0.6, 0.4]]).tolist()
    [2]
    """
    check_choice("choose_next", STRATEGIES, strategy=strategy)
    X, labelled = np.asarray(X, float), np.asarray(labelled, int)
    free = np.setdiff1d(np.arange(len(X)), labelled)
    if n > len(free):
        raise ValueError(f"{n} rows are asked for, and {len(free)} have no label yet; ask for fewer.")
    if strategy == "random":
        return free[np.argsort(np.random.default_rng(seed).random(len(X))[free])[:n]]
    if strategy == "margin":
        if probabilities is None:
            raise ValueError('strategy="margin" needs the probabilities of a classifier; give them, or another one.')
        ranked = np.sort(np.asarray(probabilities, float)[free], axis=1)
        return free[np.argsort(ranked[:, -1] - ranked[:, -2], kind="stable")[:n]]
    rows = StandardScaler().fit_transform(X)
    if min(rows.shape) > 64:  # distances in a few principal components say as much, and take a hundredth of the time
        rows = PCA(64, random_state=seed).fit_transform(rows)
    return (_farthest if strategy == "k-center" else _typical)(rows, labelled, free, n, seed)


def _farthest(rows, labelled, free, n, seed):
    """Return n rows, each the farthest from all before; without a label, the first is the one nearest to the mean."""
    chosen = list(labelled) or [int(np.linalg.norm(rows, axis=1).argmin())]
    found = [] if len(labelled) else chosen[:1]
    near = pairwise_distances(rows, rows[chosen]).min(axis=1)
    near[chosen] = -1.0  # a copy of a chosen row may be chosen, the row itself not again
    while len(found) < n:
        found.append(int(free[near[free].argmax()]))
        near = np.minimum(near, pairwise_distances(rows, rows[found[-1:]])[:, 0])
        near[found] = -1.0
    return np.array(found)


def _typical(rows, labelled, free, n, seed):
    """Return the most typical row of each of the largest clusters that hold no label."""
    number = min(len(labelled) + n, len(rows))
    cluster = KMeans(number, n_init=1, random_state=seed).fit_predict(rows)
    found = []
    sizes = np.bincount(cluster, minlength=number).astype(float)
    sizes[np.unique(cluster[labelled])] -= len(rows)  # clusters with a label come last
    for k in np.argsort(-sizes, kind="stable"):
        inside = np.setdiff1d(np.flatnonzero(cluster == k), labelled)
        if len(inside) and len(found) < n:
            near = np.sort(pairwise_distances(rows[inside]), axis=1)[:, 1:NEIGHBOURS + 1]
            found.append(int(inside[near.mean(axis=1).argmin() if len(inside) > 1 else 0]))
    rest = np.setdiff1d(free, found)  # where most clusters hold labels
    return np.append(found, rest[:n - len(found)]).astype(int)

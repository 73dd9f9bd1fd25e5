"""What rows show goes in, probabilities of a network trained on it come out: the recipes of `vmm_lab.networks` as rows of a board."""
import threading

import numpy as np

from .. import features
from ..tables import TableError
from .pipelines import FeatureClassifier

NETWORKS = {"CNN": "image", "Frame average CNN": "video", "(2+1)D CNN": "video", "HOG + GRU": "video"}
"""The networks that `compare` trains, and the modality that a row must have for each."""


class NetworkClassifier(FeatureClassifier):
    """A network from random weights, trained for a fixed number of optimiser steps, as an estimator on tables.

    "CNN" looks at one frame, the middle one of a video; "Frame average CNN" at 16 without their order; "(2+1)D CNN" at
    16 in their order; "HOG + GRU" at the HOG of 16 in their order. The last step's weights are kept: no rows are
    spent on choosing an epoch. The same seed gives the same scores on the same computer. TensorFlow is imported when
    one is fitted, or predicts; what is saved are the settings and the weights, as arrays.

    Parameters
    ----------
    name : str, one of `NETWORKS`
    seed : int, of the first weights, the order of the rows, the augmentation and dropout
    minutes : float
        A training that takes longer is given up with a ValueError: half a training's score would tell how fast
        the computer is.
    """

    def __init__(self, name, *, seed=0, minutes=30):
        self.name = name
        self.seed = seed
        self.minutes = minutes

    @property
    def modality(self):
        """What a row must have: "image" or "video"."""
        return NETWORKS[self.name]

    @property
    def feature(self):
        """The Feature whose descriptions the network learns from."""
        return self.recipe.feature

    @property
    def recipe(self):
        """The `networks.Recipe`: model, feature and settings of the training."""
        from .. import networks

        if self.name not in NETWORKS:
            raise ValueError(f"There is no network {self.name!r}; there are {', '.join(NETWORKS)}.")
        if self.name == "CNN":
            return networks.Recipe(lambda n_classes, shape: networks.small_cnn(n_classes, shape[:2]), features.Frames(n_frames=1), steps=400)
        return networks.RECIPES[self.name.removesuffix(" CNN")]

    def fit_described(self, descriptions, labels, groups=None):
        """Train on what `feature.describe` gave for each row: frames (T, …) of any T ≥ 1."""
        from ..networks import Examples

        classes, y = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
        if len(classes) < 2:
            raise TableError(f"There is one class only ({next(iter(classes), 'no rows')}) to learn from; a network needs at least two.")
        examples = Examples(self._stacked(descriptions), y, tuple(classes.tolist()))
        self._model = self._trained(examples)
        self.classes_, self.shape_, self.weights_ = classes, examples.X.shape[1:], self._model.get_weights()
        return self

    def proba_described(self, descriptions):
        """Probabilities float64 (n, classes) from descriptions."""
        from ..networks.feeding import outputs

        if not hasattr(self, "_model"):  # it was loaded from a file
            self._model = self.recipe.build(len(self.classes_), tuple(self.shape_))
            self._model.set_weights(self.weights_)
        proba = outputs(self._model, self._stacked(descriptions)).astype(float)
        return proba / proba.sum(axis=1, keepdims=True)

    def _trained(self, examples):
        from ..networks.watch import Silent

        monitor = Silent()
        alarm = threading.Timer(60 * self.minutes, monitor.stop.set)
        alarm.daemon = True
        alarm.start()
        try:
            model, history = self.recipe.train(examples, seed=self.seed, monitor=monitor, progress=False)
        finally:
            alarm.cancel()
        if history.ended == "interrupted":
            raise KeyboardInterrupt
        if history.ended == "stopped":
            raise ValueError(f"its training was given up after {self.minutes:g} minutes, at step {history.steps} of {self.recipe.steps} or "
                             "more; on a faster computer it has a score.")
        if history.ended == "diverged":
            raise ValueError(f"its training came to a loss that is no number, at step {history.steps}.")
        return model

    def _stacked(self, descriptions):
        from ..networks.examples import stack

        return stack(descriptions, self.feature)

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "_model"}

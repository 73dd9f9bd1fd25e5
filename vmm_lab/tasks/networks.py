"""What rows show, sound like and say goes in, probabilities of a network trained on it come out: recipes as rows of a board."""
import threading
import warnings

import numpy as np

from .. import features
from ..media import MediaError
from ..tables import TableError
from .pipelines import FeatureClassifier

FUSED, FUSED_WITHOUT_WORDS = "Fused network", "Fused network without words"
SEVERAL = {"Word network": ("words",), FUSED: ("video", "sound", "words"), FUSED_WITHOUT_WORDS: ("video", "sound")}
"""The networks that `networks.fusion` makes, and the modalities that each may read."""

NETWORKS = {
    "CNN": "image", "Frame average CNN": "video", "(2+1)D CNN": "video", "HOG + GRU": "video",
    "Sound CNN": "sound", "Word network": "words", FUSED: "fusion", FUSED_WITHOUT_WORDS: "fusion",
}
"""The networks that `compare` trains, and the modality that a row must have for each; for a fusion, one of several."""

COMPONENTS = 96  # principal components of HOG, which need as many frames to be learnt from


class NetworkClassifier(FeatureClassifier):
    """A network from random weights, trained for a fixed number of optimiser steps, as an estimator on tables.

    "CNN" looks at one frame, the middle one of a video; "Frame average CNN" at 16 without their order; "(2+1)D CNN" at
    16 in their order; "HOG + GRU" at the HOG of 16 in their order; "Sound CNN" hears a trimmed sound; "Word network"
    reads the caption; "Fused network" takes pictures, sound and caption, as many of them as a row has
    ("hybrid" fusion, and in training modalities are taken away at random; one that no training row has is no part of the model).
    The last step's weights are kept: no rows are spent on choosing an epoch. The same seed gives the same scores on
    the same computer. TensorFlow is imported when one is fitted, or predicts; what is saved are the settings, the
    weights, as arrays, and the vocabulary.

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
        """What a row must have: "image", "video", "sound", "words"; or "fusion", where one of several is enough."""
        return NETWORKS[self.name]

    @property
    def title(self):
        """What messages call it."""
        return self.name

    @property
    def feature(self):
        """The Feature whose descriptions the network learns from, or a dict of {modality: Feature}."""
        return self.recipe.feature

    @property
    def recipe(self):
        """The `networks.Recipe`: model, feature and settings of the training; of a fitted fusion, with the modalities that it learnt."""
        from .. import networks

        if self.name not in NETWORKS:
            raise ValueError(f"There is no network {self.name!r}; there are {', '.join(NETWORKS)}.")
        if self.name in SEVERAL:
            names = getattr(self, "modalities_", SEVERAL[self.name])
            return networks.fusion_recipe("hybrid" if self.modality == "fusion" else "features", tuple(names))
        if self.name == "CNN":
            return networks.Recipe(lambda n_classes, shape: networks.small_cnn(n_classes, shape[:2]), features.Frames(n_frames=1), steps=400)
        return next(recipe for recipe in networks.RECIPES.values() if recipe.title == self.name)

    def fit(self, table, y=None, *, n_jobs=None):
        """Fit on the labelled rows; rows that cannot be described are left out, with one warning that names them.

        A fusion that finds one modality only learns from that one, and a warning says so.
        """
        vars(self).pop("modalities_", None)
        super().fit(table, n_jobs=n_jobs)
        if self.modality == "fusion" and len(self.modalities_) == 1:
            lacking = " or ".join(name for name in SEVERAL[self.name] if name not in self.modalities_)
            warnings.warn(f"{self.name} learnt from {self.modalities_[0]} alone: no row has {lacking}.", stacklevel=2)
        return self

    def described(self, table, *, on_error="raise", **options):
        """As of every pipeline; of several features a description is {modality: description, None where the row lacks it}."""
        if self.name not in SEVERAL:
            return super().described(table, on_error=on_error, **options)
        from ..networks.examples import describe_several

        found, reasons, _ = describe_several(table, self.feature, **options)
        if reasons and on_error == "raise":
            raise MediaError(next(iter(reasons.values())))
        return [None if row in reasons else parts for row, parts in enumerate(found)], reasons

    def fit_described(self, descriptions, labels, groups=None):
        """Train on what was described of each row: frames (T, …) of any T ≥ 1, a spectrogram; of several, a dict."""
        from ..networks import Examples
        from ..networks.examples import each

        for name in ("shape_", "vocabulary_"):  # of an earlier table
            vars(self).pop(name, None)
        classes, y = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
        if len(classes) < 2:
            raise TableError(f"There is one class only ({next(iter(classes), 'no rows')}) to learn from; a network needs at least two.")
        if self.name in SEVERAL:
            self.modalities_ = [name for name in SEVERAL[self.name] if any(parts.get(name) is not None for parts in descriptions)]
        self._enough(descriptions)
        examples = Examples(self._stacked(descriptions), y, tuple(classes.tolist()))
        self._model = self._trained(examples)
        self.classes_, self.shape_, self.weights_ = classes, each(lambda part: part.shape[1:], examples.X), self._model.get_weights()
        if "words" in getattr(self, "modalities_", ()):
            self.vocabulary_ = _vocabulary(self._model).get_vocabulary(include_special_tokens=False)
        return self

    def proba_described(self, descriptions):
        """Probabilities float64 (n, classes) from descriptions; NaN where an item has none of the modalities that were learnt."""
        from ..networks.feeding import outputs

        if not hasattr(self, "_model"):  # it was loaded from a file
            self._model = self._rebuilt()
        known = np.ones(len(descriptions), bool)
        if self.name in SEVERAL:
            known[:] = [any(parts.get(name) is not None for name in self.modalities_) for parts in descriptions]
        proba = np.full((len(descriptions), len(self.classes_)), np.nan)
        if known.any():
            proba[known] = outputs(self._model, self._stacked([parts for parts, can in zip(descriptions, known) if can]))
        return proba / proba.sum(axis=1, keepdims=True)

    def _rebuilt(self):
        """The model of the stored weights and words."""
        shape = {name: tuple(part) for name, part in self.shape_.items()} if isinstance(self.shape_, dict) else tuple(self.shape_)
        model = self.recipe.build(len(self.classes_), shape)
        if hasattr(self, "vocabulary_"):
            _vocabulary(model).set_vocabulary(self.vocabulary_)
        model.set_weights(self.weights_)
        return model

    def _enough(self, descriptions):
        """Raise TableError for too few pictures to learn the principal components of HOG from."""
        for name, feature in self.feature.items() if self.name in SEVERAL else [(None, self.feature)]:
            if isinstance(feature, features.HOG):
                rows = sum(parts is not None if name is None else parts.get(name) is not None for parts in descriptions)
                if rows * feature.n_frames < COMPONENTS:
                    raise TableError(f"{self.name} learns from the pictures of at least {-(-COMPONENTS // feature.n_frames)} rows, and there "
                                     f"{'is' if rows == 1 else 'are'} {rows} in training; add rows with pictures.")

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
        from ..networks.examples import stack, stack_several

        if self.name in SEVERAL:
            return stack_several(descriptions, self.feature, getattr(self, "shape_", None))
        return stack(descriptions, self.feature)

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "_model"}


def _vocabulary(model):
    """The layer that knows the words of a fusion: keras.layers.TextVectorization, whose words are no weights."""
    return model.get_layer("words_encoder").get_layer("vocabulary").words

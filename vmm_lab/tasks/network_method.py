"""Train a network as a method of a board: a recipe, the folds' training rows, and a fixed number of optimiser steps."""
import os
import threading
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .method import Method, check_two_classes, delegated
from .rows import Items, Need

if TYPE_CHECKING:
    from .. import features
    from ..networks import Recipe, keras


class NetworkMethod(Method):
    """Represent a network from random weights, trained for a fixed number of optimiser steps.

    The weights of the last step are kept: no rows are spent on choosing an epoch. The same seed gives the same scores
    on the same computer. A recipe of several modalities learns from as many as a row has; one that no training row has
    is no part of the model. What is saved are the settings, the weights as arrays, and the vocabulary.

    recipe: a key of `networks.RECIPES`, or a `networks.Recipe`. name: what a board calls it; by default what the recipe
    does. modalities: those that a recipe of several may read, all by default. seed: of the first weights, the order of
    the rows, the augmentation and dropout. minutes: a training that takes longer is given up with a ValueError.
    """

    modality: str = delegated("recipe_.modality")
    sentence: str = delegated("recipe_.sentence")
    one_at_a_time = True  # the seed of a network is Keras' own, one for all threads
    packages = ("tensorflow", "keras")
    procedure = ("trained from random weights on the training rows of the fold, for a fixed number of optimiser steps, "
                 "with the same settings for every table; the weights of the last step are scored")

    def __init__(self, recipe: "str | Recipe", *, name: str | None = None, modalities: Sequence[str] | None = None,
                 seed: int = 0, minutes: float = 30):
        self.recipe = recipe
        self.name = name
        self.modalities = modalities
        self.seed = seed
        self.minutes = minutes

    @property
    def name(self) -> str:
        return self._name or self.recipe_.title or str(self.recipe)

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name

    @property
    def any_part(self) -> bool:
        """Return whether one of several modalities is enough."""
        return isinstance(self.recipe_.feature, dict)

    @property
    def needs(self) -> Sequence[Need]:
        """Return the descriptions that the network learns from."""
        recipe = self.recipe_
        if isinstance(recipe.feature, dict):
            return tuple(Need(name, feature) for name, feature in recipe.feature.items())
        return (Need(recipe.modality, recipe.feature),)

    def without(self, modality: str) -> "NetworkMethod | None":
        """Return the same network for the other modalities; None where fewer than two would be left."""
        names = [need.modality for need in self.needs]
        if modality not in names:
            return self
        left = tuple(name for name in names if name != modality)
        if len(left) < 2:
            return None
        name = f"{self.name} without {modality}"
        return NetworkMethod(self.recipe, name=name, modalities=left, seed=self.seed, minutes=self.minutes)

    def fit(self, table: pd.DataFrame | str | os.PathLike, y: object = None, *,
            n_jobs: int | None = None) -> "NetworkMethod":
        """Fit on the labelled rows as every method does; a fusion that finds one modality uses that, and warns."""
        super().fit(table, n_jobs=n_jobs)
        if self.any_part and len(self.modalities_) == 1 < len(self.needs):
            lacking = " or ".join(need.modality for need in self.needs if need.modality not in self.modalities_)
            warnings.warn(f"{self.name} learnt from {self.modalities_[0]} alone: no row has {lacking}.", stacklevel=2)
        return self

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "NetworkMethod":
        from ..networks import Examples, get_state

        check_two_classes(y)
        self.classes_, codes = np.unique(np.asarray(y, dtype=str), return_inverse=True)
        self.modalities_ = [need.modality for need, part in zip(self.needs, items.parts) if part.present.any()]
        self.shapes_ = None
        X = self._stacked(items)
        examples = Examples(X, codes, tuple(self.classes_.tolist()))
        recipe = self.recipe_.only(*self.modalities_)
        recipe.check(examples)
        self.model_ = self._trained(recipe, examples)
        self.shapes_ = {name: part.shape[1:] for name, part in X.items()} if isinstance(X, dict) else X.shape[1:]
        self.state_ = get_state(self.model_)
        return self

    def predict_items(self, items: Items) -> NDArray[np.float64]:
        """Return probabilities (n, classes); NaN where an item has none of the modalities that were learnt."""
        from ..networks import predict

        model = self.network()
        learnt = self._parts(items).values()
        known = np.any([part.present for part in learnt], axis=0)
        probabilities = np.full((len(items), len(self.classes_)), np.nan)
        if known.any():
            answers = predict(model, self._stacked(items.take(np.flatnonzero(known))))
            # One sigmoid tells the second of two classes.
            probabilities[known] = answers if answers.shape[1] > 1 else np.hstack([1 - answers, answers])
        return probabilities / probabilities.sum(axis=1, keepdims=True)

    def network(self) -> "keras.Model":
        """Return the trained model, built again where the method was loaded from a file."""
        if not hasattr(self, "model_"):
            from ..networks import set_state

            self.model_ = self.recipe_.only(*self.modalities_).build(len(self.classes_), self.shapes_)
            set_state(self.model_, self.state_)
        return self.model_

    @property
    def recipe_(self) -> "Recipe":
        """Return the recipe itself, for the modalities that may be read."""
        from .. import networks

        if isinstance(self.recipe, str) and self.recipe not in networks.RECIPES:
            raise ValueError(f"There is no network {self.recipe!r}; there are {', '.join(networks.RECIPES)}.")
        recipe = networks.RECIPES[self.recipe] if isinstance(self.recipe, str) else self.recipe
        return recipe.only(*self.modalities) if self.modalities else recipe

    def _stacked(self, items: Items) -> NDArray | dict[str, NDArray]:
        """Return the items as the arrays that the model takes."""
        from ..networks.examples import stack, stack_several

        if not self.any_part:
            return stack(list(items.parts[0]), self.recipe_.feature)  # type: ignore[arg-type]
        parts = self._parts(items)
        features_of = {name: self.recipe_.feature[name] for name in parts}
        rows = [dict(zip(parts, row)) for row in zip(*parts.values())]
        return stack_several(rows, features_of, self.shapes_)  # type: ignore[arg-type]

    def _parts(self, items: Items) -> dict[str, "features.Described"]:
        """Return {modality: Described} of the modalities that are learnt from."""
        return {need.modality: part for need, part in zip(self.needs, items.parts) if need.modality in self.modalities_}

    def _trained(self, recipe: "Recipe", examples):
        """Train the recipe's model; ValueError where that takes too long or diverges."""
        from ..networks import Monitor

        monitor = Monitor()
        alarm = threading.Timer(60 * self.minutes, monitor.stop.set)
        alarm.daemon = True
        alarm.start()
        try:
            model, history = recipe.train(examples, seed=self.seed, monitor=monitor, progress=False)
        finally:
            alarm.cancel()
        if history.ended == "interrupted":
            raise KeyboardInterrupt
        if history.ended == "stopped":
            raise ValueError(f"its training was given up after {self.minutes:g} minutes, at step {history.steps} of "
                             f"{recipe.steps} or more; on a faster computer it has a score.")
        if history.ended == "diverged":
            raise ValueError(f"its training came to a loss that is not a number, at step {history.steps}.")
        return model

    def __getstate__(self) -> dict:
        return {name: value for name, value in vars(self).items() if name != "model_"}

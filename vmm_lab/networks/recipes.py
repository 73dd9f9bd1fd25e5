"""Examples go in, a trained model comes out: the six models over time, each with what it reads and how long it learns."""
import math
from dataclasses import dataclass
from typing import Callable

import keras

from .. import features
from . import video
from .augmentation import Augment
from .training import train


@dataclass(frozen=True)
class Recipe:
    """How one model is made and trained, the same in notebooks, in `compare` and in the benchmark.

    build(n_classes, shape) gives the model; feature is what `load_examples` reads for it; steps is the budget in
    optimiser steps, of batch_size rows each; shift is the augmentation, in pixels; frames names the recipe whose frame
    network is taken over, so that only what is above it learns.
    """

    build: Callable
    feature: features.Feature = features.Frames()
    steps: int = 260
    batch_size: int = 16
    learning_rate: float = 3e-3
    shift: int = 3
    frames: str | None = None

    def model(self, examples, *, frames=None, seed=0):
        """A new keras.Model for such examples, its weights drawn with this seed; frames: a trained model to take over from."""
        keras.utils.set_random_seed(seed)
        return self.build(len(examples.classes), examples.X.shape[1:], **({"frames": frames} if self.frames else {}))

    def settings(self, examples, *, seed=0):
        """The options of `train`, or of `fit`, for so many examples."""
        augment = Augment(self.shift) if self.shift and not self.frames else None
        return {"epochs": self.epochs(len(examples)), "batch_size": self.batch_size, "learning_rate": self.learning_rate,
                "augment": augment, "seed": seed}

    def train(self, examples, *, frames=None, seed=0, **options):
        """(model, History): make the model and `train` it with these settings; options go to `train`.

        frames: a trained model of the recipe that `frames` names; without one, it is trained first, with the same options.
        """
        if self.frames and frames is None:
            frames, _ = RECIPES[self.frames].train(examples, seed=seed, **options | {"monitor": None, "checkpoint": None})
        model = self.model(examples, frames=frames, seed=seed)
        return model, train(model, examples, **self.settings(examples, seed=seed) | options)

    def epochs(self, rows):
        """How many passes over so many rows the budget of steps is, at least one."""
        return max(1, math.ceil(self.steps / max(1, rows // self.batch_size)))


RECIPES = {
    "HOG + GRU": Recipe(video.hog_gru, features.HOG(pooling=None), steps=400, shift=0),
    "Frame average": Recipe(video.frame_average, steps=300),
    "CNN + GRU": Recipe(video.cnn_gru, steps=350, frames="Frame average"),
    "Transformer": Recipe(video.transformer, steps=350, learning_rate=2e-3, frames="Frame average"),
    "Conv3D": Recipe(video.conv3d),
    "(2+1)D": Recipe(video.conv2plus1d),
}
"""The six models over time, by the names that tables and figures give them."""

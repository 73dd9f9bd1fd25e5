"""Examples go in, a trained model comes out: each model with what it reads and how long it learns."""
import math
from dataclasses import dataclass
from typing import Callable

from .. import features
from . import video
from .augmentation import Augment
from .examples import each
from .fusion_models import fusion
from ._keras import keras
from .sound import sound_cnn, sound_encoder
from .training import train
from .words import word_encoder


@dataclass(frozen=True)
class Recipe:
    """How one model is made and trained, the same in notebooks, in `compare` and in the benchmark.

    build(n_classes, shape) gives the model, shape being a dict where X is one; feature is what `load_examples` reads for it; steps is the budget in
    optimiser steps, of batch_size rows each; shift is the augmentation, in pixels; frames names the recipe whose frame
    network is taken over, so that only what is above it learns.
    """

    build: Callable
    feature: features.Feature | dict = features.Frames()
    steps: int = 260
    batch_size: int = 16
    learning_rate: float = 3e-3
    shift: int = 3
    frames: str | None = None

    def model(self, examples, *, frames=None, seed=0):
        """A new keras.Model for such examples, its weights drawn with this seed; frames: a trained model to take over from."""
        keras.utils.set_random_seed(seed)
        return self.build(len(examples.classes), each(lambda part: part.shape[1:], examples.X), **({"frames": frames} if self.frames else {}))

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


SOUND_RECIPE = Recipe(
    sound_cnn, features.Spectrogram(hop_length=160, n_mels=24, fmax=4000.0, n_frames=24, trim=30.0, top_db=45.0),
    steps=600, batch_size=32, learning_rate=2e-3, shift=0,
)
"""The sound CNN on a trimmed sound, whatever was silent before and after: for words, calls and knocks by whoever makes them."""

MODALITY_FEATURES = {"video": features.HOG(pooling=None), "sound": features.Spectrogram(), "words": features.WordBag()}
"""What `load_examples` reads of each modality for `fusion_recipe`."""

ENCODERS = {
    "video": video.hog_encoder,
    "sound": lambda shape: sound_encoder(shape, filters=(16, 32, 48)),
    "words": lambda shape: word_encoder(),
}


def fusion_recipe(kind, modalities=tuple(MODALITY_FEATURES), *, modality_dropout=0.3, steps=400):
    """The Recipe of one kind of `fusion`, of these modalities; of a single one, of a network of its own.

    >>> fusion_recipe("hybrid", ("sound", "words")).steps
    400
    """
    def build(n_classes, shape):
        dropout = modality_dropout if len(modalities) > 1 else 0.0
        return fusion(kind, {name: ENCODERS[name](shape[name]) for name in modalities}, n_classes, modality_dropout=dropout)

    return Recipe(build, {name: MODALITY_FEATURES[name] for name in modalities}, steps=steps, batch_size=32, shift=0)

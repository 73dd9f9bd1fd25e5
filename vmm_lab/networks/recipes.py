"""Describe how each network is made, what it reads and how long it learns, as data that notebooks and boards share."""
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .. import features
from ..modalities import MODALITIES, fusible
from . import image, sound, video
from ._keras import keras
from .augmentation import Augment
from .examples import Examples, each, has
from .fusion_models import fusion
from .training import train

if TYPE_CHECKING:
    from .watch import History


@dataclass(frozen=True)
class Recipe:
    """Describe how one model is made and trained, the same in notebooks, in `compare` and in the benchmark.

    build(n_classes, shape) gives the model, shape being a dict where X is one; feature is what `load_examples` reads
    for it; steps is the budget in optimiser steps, of batch_size rows each; shift is the augmentation, in pixels;
    frames names the recipe whose frame network is taken over, so that only what is above it learns.

    modality is what a row must have, "fusion" where one of several is enough; by default, what the feature needs. title
    is the name on a board; sentence says there how the network works. compared: whether `compare` trains it by default.
    """

    build: Callable[..., "keras.Model"]
    feature: features.Feature | dict[str, features.Feature] = features.Frames()
    steps: int = 260
    batch_size: int = 16
    learning_rate: float = 3e-3
    shift: int = 3
    frames: str | None = None
    modality: str = ""
    title: str = ""
    sentence: str = ""
    compared: bool = False

    def __post_init__(self) -> None:
        if not self.modality:
            names = tuple(self.feature) if isinstance(self.feature, dict) else (self.feature.modality,)
            object.__setattr__(self, "modality", names[0] if len(names) == 1 else "fusion")

    def only(self, *names: str) -> "Recipe":
        """Return the same recipe for fewer modalities, of a dict of features; the sentence names those that are left."""
        strangers = [name for name in names if not isinstance(self.feature, dict) or name not in self.feature]
        if strangers or not names:
            raise ValueError(f"{self.title or 'The recipe'} does not read {' or '.join(strangers) or 'nothing'}; it reads "
                             f"{_enumerate(self.feature) if isinstance(self.feature, dict) else self.modality}.")
        kept = {name: feature for name, feature in self.feature.items() if name in names}
        sentence = self.sentence.replace(_enumerate(self.feature), _enumerate(kept))
        return replace(self, feature=kept, sentence=sentence)

    def check(self, examples: Examples) -> None:
        """Raise ValueError where the examples hold too few pictures to learn the principal components from."""
        name = self.title or "The network"
        X = examples.X if isinstance(examples.X, dict) else {"": examples.X}
        for modality, feature in (self.feature if isinstance(self.feature, dict) else {"": self.feature}).items():
            if not isinstance(feature, features.HOG):
                continue
            rows = int(has(X, modality).sum()) if modality else len(examples)
            if rows * feature.n_frames < video.COMPONENTS:
                least = math.ceil(video.COMPONENTS / feature.n_frames)
                raise ValueError(f"{name} learns from the pictures of at least {least} rows, and there "
                                 f"{'is' if rows == 1 else 'are'} {rows} in training; add rows with pictures.")

    def model(self, examples: Examples, *, frames: "keras.Model | None" = None, seed: int = 0) -> "keras.Model":
        """Build a new model for such examples, its weights drawn with this seed; frames: a trained one to take over from."""
        keras.utils.set_random_seed(seed)
        shape = each(lambda part: part.shape[1:], examples.X)
        return self.build(len(examples.classes), shape, **({"frames": frames} if self.frames else {}))

    def settings(self, examples: Examples, *, seed: int = 0) -> dict[str, Any]:
        """Return the options of `train`, or of `fit`, for so many examples."""
        augment = Augment(self.shift) if self.shift and not self.frames else None
        return {"epochs": self.epochs(len(examples)), "batch_size": self.batch_size, "learning_rate": self.learning_rate,
                "augment": augment, "seed": seed}

    def train(self, examples: Examples, *, frames: "keras.Model | None" = None, seed: int = 0,
              **options: Any) -> "tuple[keras.Model, History]":
        """Make the model and `train` it with these settings; options go to `train`.

        frames: a trained model of the recipe that `frames` names; without one, it is trained first, with the same options.
        """
        if self.frames and frames is None:
            alone = options | {"monitor": None, "checkpoint": None}
            frames, _ = RECIPES[self.frames].train(examples, seed=seed, **alone)
        model = self.model(examples, frames=frames, seed=seed)
        return model, train(model, examples, **self.settings(examples, seed=seed) | options)

    def epochs(self, rows: int) -> int:
        """Return how many passes over so many rows the budget of steps is, at least one."""
        return max(1, math.ceil(self.steps / max(1, rows // self.batch_size)))


MODALITY_FEATURES: dict[str, features.Feature] = {
    name: MODALITIES[name].make_feature() for name in fusible()
}
"""What `load_examples` reads of each modality for `fusion_recipe`."""


def fusion_recipe(kind: str, modalities: tuple[str, ...] | None = None, *, modality_dropout: float = 0.3,
                  steps: int = 400, **about: Any) -> Recipe:
    """Return the Recipe of one kind of `fusion`, of these modalities; of a single one, of a network of its own.

    modalities: names in the registry (`vmm_lab.modalities`); by default all that have a feature and an encoder.
    about: `title`, `sentence`, `compared` and `modality` of the Recipe.

    >>> fusion_recipe("hybrid", ("sound", "words")).steps
    400
    """
    def build(n_classes: int, shape: dict[str, tuple[int, ...]]) -> "keras.Model":
        encoders = {name: MODALITIES[name].make_encoder(shape[name]) for name in shape if name != "present"}
        dropout = modality_dropout if len(encoders) > 1 else 0.0
        return fusion(kind, encoders, n_classes, modality_dropout=dropout)

    feature = {name: MODALITIES[name].make_feature() for name in modalities or fusible()}
    return Recipe(build, feature, steps=steps, batch_size=32, shift=0, **about)


def _picture_cnn(n_classes, shape):
    return image.small_cnn(n_classes, shape[:2])


def _enumerate(names):
    """ "sound", "video and sound", "video, sound and words"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


RECIPES: dict[str, Recipe] = {
    "CNN": Recipe(
        _picture_cnn, features.Frames(n_frames=1), steps=400, modality="image", title="CNN", compared=True,
        sentence="CNN looks at one frame, the middle one of a video.",
    ),
    "Frame average": Recipe(
        video.frame_average, steps=300, title="Frame average CNN", compared=True,
        sentence="Frame average CNN looks at 16 frames without their order.",
    ),
    "CNN + GRU": Recipe(
        video.cnn_gru, steps=350, frames="Frame average", title="CNN + GRU",
        sentence="CNN + GRU takes over the frame network of Frame average CNN, and learns a GRU over 16 frames in order.",
    ),
    "Transformer": Recipe(
        video.transformer, steps=350, learning_rate=2e-3, frames="Frame average", title="Transformer",
        sentence="Transformer takes over the frame network of Frame average CNN, and learns self-attention over 16 frames.",
    ),
    "Conv3D": Recipe(
        video.conv3d, title="Conv3D", sentence="Conv3D convolves the differences of 16 frames over space and time.",
    ),
    "(2+1)D": Recipe(
        video.conv2plus1d, title="(2+1)D CNN", compared=True,
        sentence="(2+1)D CNN convolves the differences of 16 frames over space, then over time.",
    ),
    "HOG + GRU": Recipe(
        video.hog_gru, features.HOG(pooling=None), steps=400, shift=0, modality="video", title="HOG + GRU", compared=True,
        sentence="HOG + GRU reads the HOG of 16 frames in their order.",
    ),
    "Sound CNN": Recipe(
        sound.sound_cnn,
        features.Spectrogram(hop_length=160, n_mels=24, fmax=4000.0, n_frames=24, trim=30.0, top_db=45.0),
        steps=600, batch_size=32, learning_rate=2e-3, shift=0, title="Sound CNN", compared=True,
        sentence="Sound CNN hears the sound, what is silent before and after it cut off.",
    ),
    "Word network": fusion_recipe(
        "features", ("words",), title="Word network", compared=True, sentence="Word network reads the caption.",
    ),
    "Fused network": fusion_recipe(
        "hybrid", title="Fused network", compared=True,
        sentence=f"Fused network is one network that takes {_enumerate(MODALITY_FEATURES)} ('hybrid' fusion of embeddings "
                 "and decisions), as many of them as an item has; in training some are taken away at random, so that it "
                 "learns to do without.",
    ),
}
"""The networks that `compare` and the notebooks train; those of modality "video" are the six models over time."""

"""Describe how each network is made, what it reads and how long it learns, as data that notebooks and boards share."""
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .. import features
from ..modalities import MODALITIES, fusible
from . import image, sound, video
from ._keras import keras
from .augmentation import Augment
from .callbacks import History
from .examples import Examples, each, has
from .fusion_models import fusion
from .training import train


@dataclass(frozen=True)
class Recipe:
    """Describe how one model is made and trained, the same in notebooks, in `compare` and in the benchmark.

    build(n_classes, shape) gives the model, shape being a dict where X is one. feature: what `load_examples` reads.
    steps: the budget in optimiser steps, of batch_size rows each. shift: the augmentation, in pixels. frames: the
    recipe whose frame network is taken over and frozen. modality: what a row must have ("fusion": one of several), by
    default what the feature needs. title, sentence: its name and how it works, on a board. compared: whether `compare`
    trains it by default.
    """

    build: Callable[..., "keras.Model"]
    feature: features.Feature | dict[str, features.Feature] = features.Frames()  # noqa: RUF009
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
        """Return the same recipe for fewer modalities of a dict of features; its sentence names those."""
        reads = self.feature if isinstance(self.feature, dict) else {self.modality: self.feature}
        if not names or not set(names) <= set(reads):
            strangers = " or ".join(name for name in names if name not in reads) or "nothing"
            raise ValueError(f"{self.title or 'The recipe'} does not read {strangers}; it reads {_enumerate(reads)}.")
        kept = {name: feature for name, feature in reads.items() if name in names}
        return replace(self, feature=kept if isinstance(self.feature, dict) else self.feature,
                       sentence=self.sentence.replace(_enumerate(reads), _enumerate(kept)))

    def check(self, examples: Examples) -> None:
        """Raise ValueError where the examples hold too few pictures to learn the principal components from."""
        for name, feature in (self.feature if isinstance(self.feature, dict) else {None: self.feature}).items():
            rows = len(examples) if name is None else int(has(examples.X, name).sum())
            if isinstance(feature, features.HOG) and rows * feature.n_frames < video.COMPONENTS:
                least = math.ceil(video.COMPONENTS / feature.n_frames)
                are = "is" if rows == 1 else "are"
                raise ValueError(f"{self.title or 'The network'} learns from the pictures of at least {least} rows, "
                                 f"and there {are} {rows} in training; add rows with pictures.")

    def model(self, examples: Examples, *, frames: "keras.Model | None" = None, seed: int = 0) -> "keras.Model":
        """Build a model for such examples, with weights of this seed; frames: a trained one to take over from."""
        keras.utils.set_random_seed(seed)
        shape = each(lambda part: part.shape[1:], examples.X)
        return self.build(len(examples.classes), shape, **({"frames": frames} if self.frames else {}))

    def settings(self, examples: Examples, *, seed: int = 0) -> dict[str, Any]:
        """Return the options of `train`, or of `fit`, for so many examples."""
        augment = Augment(self.shift) if self.shift and not self.frames else None
        return {"epochs": self.epochs(len(examples)), "batch_size": self.batch_size, "augment": augment,
                "learning_rate": self.learning_rate, "seed": seed}

    def train(self, examples: Examples, *, frames: "keras.Model | None" = None, seed: int = 0,
              **options: Any) -> "tuple[keras.Model, History]":
        """Build the model and `train` it with these settings; without `frames`, that model is trained first."""
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
    """Return the Recipe of one kind of `fusion`, of these modalities of the registry, by default all that can be fused.

    about: `title`, `sentence`, `compared` and `modality` of the Recipe.

    >>> fusion_recipe("hybrid", ("sound", "words")).steps
    400
    """
    names = tuple(modalities or fusible())

    def build(n_classes: int, shape: dict[str, tuple[int, ...]]) -> "keras.Model":
        encoders = {name: MODALITIES[name].make_encoder(shape[name]) for name in names if name in shape}
        dropout = modality_dropout if len(encoders) > 1 else 0.0
        return fusion(kind, encoders, n_classes, modality_dropout=dropout)

    feature = {name: MODALITIES[name].make_feature() for name in names}
    return Recipe(build, feature, steps=steps, batch_size=32, shift=0, **about)


def _enumerate(names):
    """ "sound", "video and sound", "video, sound and words"."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


FUSED = (f"Fused network is one network that takes {_enumerate(MODALITY_FEATURES)} ('hybrid' fusion of embeddings and "
         "decisions), as many of them as an item has; in training some are taken away at random, so that it learns to "
         "do without.")
TRIMMED = features.Spectrogram(hop_length=160, n_mels=24, fmax=4000.0, n_frames=24, trim=30.0, top_db=45.0)

RECIPES: dict[str, Recipe] = {
    "CNN": Recipe(image.small_cnn, features.Frames(n_frames=1), 400, modality="image", title="CNN", compared=True,
                  sentence="CNN looks at one frame, the middle one of a video."),
    "Frame average": Recipe(video.frame_average, steps=300, title="Frame average CNN", compared=True,
                            sentence="Frame average CNN looks at 16 frames without their order."),
    "CNN + GRU": Recipe(video.cnn_gru, steps=350, frames="Frame average", title="CNN + GRU"),
    "Transformer": Recipe(video.transformer, steps=350, learning_rate=2e-3, frames="Frame average",
                          title="Transformer"),
    "Conv3D": Recipe(video.conv3d, title="Conv3D"),
    "(2+1)D": Recipe(video.conv2plus1d, title="(2+1)D CNN", compared=True,
                     sentence="(2+1)D CNN looks at the differences of 16 frames in their order."),
    "HOG + GRU": Recipe(video.hog_gru, features.HOG(pooling=None), 400, shift=0, modality="video", title="HOG + GRU",
                        compared=True, sentence="HOG + GRU reads the HOG of 16 frames in their order."),
    "Sound CNN": Recipe(sound.sound_cnn, TRIMMED, 600, 32, 2e-3, shift=0, title="Sound CNN", compared=True,
                        sentence="Sound CNN hears the sound, what is silent before and after it cut off."),
    "Pose + GRU": Recipe(video.pose_gru, features.PoseSequence(), 500, 32, shift=0, title="Pose + GRU",
                         sentence="Pose + GRU reads 32 poses in their order."),
    "Word network": fusion_recipe("features", ("words",), title="Word network", compared=True,
                                  sentence="Word network reads the caption."),
    "Fused network": fusion_recipe("hybrid", title="Fused network", compared=True, sentence=FUSED),
}
"""The networks that `compare` and the notebooks train; those of modality "video" are the six models over time."""

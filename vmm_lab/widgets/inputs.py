"""Read what a model is shown in a widget: frames of the shape that it takes, the classes, and what it predicts."""
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..explain.activations import probabilities
from .base import Slider, slider
from .charts import percent
from .frames import is_frames, name_of, numbers, opened


def prediction_sentence(probabilities: NDArray, classes: Sequence[str], truth: str | None = None) -> str:
    """Write what a model predicts, and whether that is right.

    >>> prediction_sentence(np.array([0.2, 0.7, 0.1]), ("bow", "clap", "walk"), "bow")
    'The model predicts clap, 70 % (then bow, 20 %); it is bow.'
    """
    first, second = np.argsort(-probabilities, kind="stable")[:2]
    right, true = truth == classes[first], "" if truth in (None, classes[first]) else f"; it is {truth}"
    return (f"The model {'rightly ' * right}predicts {classes[first]}, {percent(probabilities[first])} "
            f"(then {classes[second]}, {percent(probabilities[second])}){true}.")


@dataclass
class Inputs:
    """Hold X (n, …) as the model takes it, and what it answers to it.

    probabilities: float (n, classes), of one sigmoid both. truths: the true class of each item, where known.
    """

    model: Any = field(repr=False)  # a keras.Model
    X: NDArray = field(repr=False)
    classes: tuple[str, ...]
    name: str
    truths: tuple[str, ...] | None
    probabilities: NDArray = field(repr=False)

    @property
    def length(self) -> int:
        """Frames of each item: 1 for pictures."""
        return self.X.shape[1] if self.X.ndim == 5 else 1

    def frames(self, k: int) -> NDArray[np.uint8]:
        """Return what the model gets of item k, as pictures (T, H, W, 3)."""
        frames = self.X[k] if self.X.ndim == 5 else self.X[k][None]
        if frames.dtype == np.uint8:
            return frames
        low, high = self.bounds
        return ((frames - low) * (255 / (high - low)) + 0.5).astype(np.uint8)

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """Return what black and white are in X of floats: 0 and 1, −1 and 1, 0 and 255, or the least and the most."""
        least, most = float(self.X.min()), float(self.X.max())
        return next(((low, high) for low, high in ((0, 1), (-1, 1), (0, 255)) if low <= least and most <= high),
                    (least, most))

    def step(self, frame: int, steps: int) -> int:
        """Return the step of a layer, of so many over the clip, that a frame falls into."""
        return min(steps - 1, frame * steps // self.length)

    def sliders(self, clip: int, frame: int | None) -> tuple[Slider, Slider]:
        """Make sliders for the clip and the frame, by default the middle one; one without a choice is hidden."""
        both = (slider("Clip", clip, 0, len(self.X) - 1),
                slider("Frame", self.length // 2 if frame is None else frame, 0, self.length - 1))
        for control in both:
            control.layout.display = None if control.max else "none"
        return both

    def sentence(self, k: int) -> str:
        """Write what the model predicts for item k, and whether that is right."""
        return prediction_sentence(self.probabilities[k], self.classes, None if self.truths is None else self.truths[k])


def read_inputs(model: Any, source: Any, classes: Sequence[str] | None = None) -> Inputs:
    """Read the Inputs of a model from Examples, a path or Media, frames (T, H, W, 3), or an array that the model takes.

    A path is read as the model takes it: so many frames, spread evenly, of its size. A model that takes floats gets
    bytes as floats from 0 to 1. Raises ValueError for a model without frames or probabilities, or where shapes or
    classes do not fit.
    """
    shape = model.input_shape
    if isinstance(shape, (list, dict)) or len(shape) not in (4, 5) or shape[-1] != 3 or None in shape[1:]:
        raise ValueError(f"{model.name} takes {shape}; only a model of frames (n, T, H, W, 3) or pictures (n, H, W, 3) "
                         "can be looked into here.")
    if [len(output.shape) for output in model.outputs] != [2]:
        raise ValueError(f"{model.name} gives {model.output_shape}; only a model that gives probabilities (n, classes) "
                         "can be looked into here.")
    length, size = (shape[1] if len(shape) == 5 else 1), tuple(shape[-3:-1])
    truths, wanted = None, f"{model.name} takes frames as numbers in one array"
    if hasattr(source, "labels") and hasattr(source, "X"):
        X, name, truths = numbers(source.X, wanted), f"{len(source)} examples", tuple(map(str, source.labels))
        classes = source.classes if classes is None else classes
    elif is_frames(source):
        X = numbers(source, wanted)
        X, name = (X if X.ndim == len(shape) else X[None]), "frames"
    else:
        name, media = name_of(source), opened(source)
        if not media.has_video:
            raise ValueError(f"{name} has no pictures for the model to see.")
        frames, _ = media.sample(length, size=size)
        X = frames[None] if len(shape) == 5 else frames
    if X.shape[1:] != shape[1:] or not len(X):
        raise ValueError(f"{model.name} takes frames of shape {shape[1:]}, got {X.shape[1:] if len(X) else 'none'}; "
                         f"read them with media.sample({length}, size={size}).")
    if X.dtype != np.uint8 and (X.dtype.kind != "f" or not np.isfinite(X).all()):
        found = "NaN or infinite numbers" if X.dtype.kind == "f" else X.dtype
        raise ValueError(f"{model.name} takes frames as uint8 from 0 to 255, or as finite floats as it was trained on, "
                         f"got {found}.")
    if X.dtype == np.uint8 and "float" in str(model.inputs[0].dtype):
        X = X.astype(np.float32) / 255
    known = max(2, model.output_shape[-1])
    classes = tuple(f"class {k}" for k in range(known)) if classes is None else tuple(map(str, classes))
    if not len(classes) == len(set(classes)) == known:
        raise ValueError(f"{model.name} knows {known} classes, got {len(set(classes))} names for them; each needs one "
                         "of its own.")
    return Inputs(model, X, classes, name, truths, probabilities(model, X))

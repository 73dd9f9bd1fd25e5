"""A model and something to look at go in, what the model gets and what the reader sees of it come out."""
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .base import slider
from .frames import name_of, opened


@dataclass
class Inputs:
    """X (n, …) as the model takes it; names of its classes; what each of the n is called, and truly is, where that is known."""

    model: object = field(repr=False)
    X: np.ndarray = field(repr=False)
    classes: tuple
    name: str
    truths: tuple | None = None

    @cached_property
    def probabilities(self):
        """float (n, classes), of one sigmoid both."""
        from ..explain.activations import batches

        said = np.concatenate([np.asarray(self.model(batch, training=False)) for batch in batches(self.X)])
        return np.concatenate([1 - said, said], axis=1) if said.shape[1] == 1 else said

    @property
    def length(self):
        """Frames of each: 1 for pictures."""
        return self.X.shape[1] if self.X.ndim == 5 else 1

    def frames(self, k):
        """uint8 (T, H, W, 3): what the model sees of item k, as pictures."""
        frames = self.X[k] if self.X.ndim == 5 else self.X[k][None]
        return frames if frames.dtype == np.uint8 else (np.clip(frames, 0, 1) * 255 + 0.5).astype(np.uint8)

    def sliders(self, clip=0, frame=None):
        """Sliders for the clip and the frame, by default the middle one; one with nothing to choose from is not on show."""
        last = self.length - 1
        both = slider("Clip", clip, 0, len(self.X) - 1), slider("Frame", (last + 1) // 2 if frame is None else frame, 0, last)
        for control in both:
            control.layout.display = None if control.max else "none"
        return both

    def told(self, k):
        """What the model says of item k, and whether that is right, as a sentence."""
        first, second = np.argsort(-self.probabilities[k])[:2]
        said = [f"{self.classes[c]}, {100 * self.probabilities[k][c]:.0f} %" for c in (first, second)]
        right = self.truths is not None and self.truths[k] == self.classes[first]
        truth = "" if self.truths is None or right else f"; it is {self.truths[k]}"
        return f"The model {'rightly ' * right}says {said[0]} (then {said[1]}){truth}."


def read_inputs(model, source, classes=None):
    """The Inputs of a model from Examples, a path or Media, frames (T, H, W, 3), or an array of the model's input shape.

    A path is read as the model takes it: so many frames, spread evenly, of its size. A model that takes floats gets bytes
    as floats from 0 to 1. Raises ValueError for a model without frames, or where shapes or classes do not fit.
    """
    shape = model.input_shape
    if isinstance(shape, (list, dict)) or len(shape) not in (4, 5) or shape[-1] != 3 or None in shape[1:]:
        raise ValueError(f"{model.name} takes {shape}; only a model of frames (n, T, H, W, 3) or pictures (n, H, W, 3) can be looked into here.")
    length, size = (shape[1] if len(shape) == 5 else 1), tuple(shape[-3:-1])
    truths = None
    if hasattr(source, "labels") and hasattr(source, "X"):
        X, name, truths = source.X, f"{len(source)} examples", tuple(map(str, source.labels))
        classes = source.classes if classes is None else classes
    elif isinstance(source, np.ndarray):
        X, name = (source if source.ndim == len(shape) else source[None]), "frames"
    else:
        name = name_of(source)
        with opened(source) as media:
            if not media.has_video:
                raise ValueError(f"{name} has no pictures for the model to see.")
            frames, _ = media.sample(length, size=size)
        X = frames[None] if len(shape) == 5 else frames
    if X.shape[1:] != shape[1:] or not len(X):
        raise ValueError(f"{model.name} takes frames of shape {shape[1:]}, got {X.shape[1:]}; read them with media.sample({length}, size={size}).")
    if X.dtype == np.uint8 and "float" in str(model.inputs[0].dtype):
        X = X.astype(np.float32) / 255
    known = max(2, model.output_shape[-1])
    classes = tuple(f"class {k}" for k in range(known)) if classes is None else tuple(map(str, classes))
    if len(classes) != known:
        raise ValueError(f"{model.name} knows {known} classes, got {len(classes)} names for them.")
    return Inputs(model, X, classes, name, truths)

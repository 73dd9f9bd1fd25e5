"""Look inside a model: its kernels and feature maps, and what every explanation asks of it, checked."""
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import networks
from ..edge.exported import both
from ..networks.examples import fits

BATCH = 32  # clips at a time: the first maps of 32 clips of 16×64×64 take 17 MB for eight channels


def filters(model: "networks.keras.Model", layer: str | None = None) -> NDArray[np.float32]:
    """Return the kernels of a convolution, for display; by default of the first.

    They are (filters, k, k, channels), or with time (filters, frames, k, k, channels). Raises ValueError where the
    model has no such convolution.
    """
    convolutions = [each.name for each in model.layers if _kind(each) == "kernel"]
    name = chosen(model, convolutions, layer, "convolution", first=True)
    return np.moveaxis(np.asarray(_inner(model.get_layer(name)).kernel, np.float32), -1, 0)


def activations(model: "networks.keras.Model", clips: NDArray, layer: str) -> NDArray[np.float32]:
    """Compute the output of a layer for clips or pictures: maps (n, T, h, w, channels), or (n, h, w, channels).

    Raises ValueError for no such layer, or another shape than the model's input.
    """
    clips = checked(model, clips)
    name = chosen(model, [each.name for each in model.layers], layer, "layer")
    part = networks.keras.Model(model.inputs, model.get_layer(name).output)
    return np.concatenate([np.asarray(part([batch], training=False), np.float32) for batch in batches(clips)])


def map_layers(model: "networks.keras.Model") -> list[str]:
    """Return the names of the layers that keep places: convolutions, and the norms and activations behind them."""
    names, behind = [], False
    for each in model.layers:
        kind = _kind(each)
        behind = behind or kind in ("kernel", "convolution")
        if behind and kind and len(getattr(each.output, "shape", ())) == len(model.input_shape) >= 4:
            names.append(each.name)
    return names


def chosen(model: "networks.keras.Model", names: Sequence[str], name: str | None, what: str, *,
           first: bool = False) -> str:
    """Return `name`, or the first or last of `names` where it is None; ValueError where it is not among them."""
    if not names:
        raise ValueError(f"{model.name} has no {what} of its own; occlusion explains a model without one.")
    if name is None:
        return names[0 if first else -1]
    if name not in names:
        raise ValueError(f"{model.name} has no {what} {name!r}; choose one of {', '.join(names)}.")
    return name


def checked(model: "networks.keras.Model", clips: NDArray) -> NDArray:
    """Return clips as an array of the model's input shape and range; ValueError if they are not."""
    from ..networks.checks import check_range

    shape = model.input_shape
    if isinstance(shape, (list, dict)):
        raise ValueError(f"{model.name} takes several inputs; only a model of one input can be explained.")
    clips = np.asarray(clips)
    if not fits(clips.shape, shape) or not len(clips):
        wanted = ", ".join("any" if side is None else str(side) for side in shape[1:])
        alone = "; for one of them alone, give clip[None]" * (clips.ndim == len(shape) - 1)
        raise ValueError(f"{model.name} takes arrays of shape (n, {wanted}) with n ≥ 1, got {clips.shape}{alone}.")
    check_range(model, model.inputs[0], clips, "The clips")
    return clips


def probabilities(model: "networks.keras.Model", X: Any) -> NDArray[np.float32]:
    """Compute the probabilities of all classes, (n, classes); a single sigmoid has the classes 0 and 1.

    Raises ValueError for a model whose answers are none.
    """
    answers = networks.predict(model, X)
    if answers.size and (answers.min() < 0 or answers.max() > 1.001):  # of several labels they add up to more
        raise ValueError(f"{model.name} gives numbers from {answers.min():.3g} to {answers.max():.3g}, which are no "
                         "probabilities; put a softmax on it: keras.Model(model.inputs, keras.layers.Softmax()"
                         "(model.outputs[0])).")
    return both(answers)


def class_numbers(model: "networks.keras.Model", X: Any, class_index: int | NDArray | None) -> NDArray[np.int64]:
    """Return the classes to explain, int (n,), by default those predicted; ValueError for one that does not exist."""
    if len(model.output_shape) != 2:
        raise ValueError(f"{model.name} gives {model.output_shape}; "
                         "only a model that gives (n, classes) can be explained.")
    if class_index is None:
        answers = networks.predict(model, X) if model.output_shape[1] > 1 else probabilities(model, X)
        return answers.argmax(axis=1)
    n, known = len(X["present"] if isinstance(X, dict) else X), max(2, model.output_shape[-1])
    numbers = np.asarray(class_index)
    exist = numbers.dtype.kind in "iu" and (numbers >= 0).all() and (numbers < known).all()
    if not exist or numbers.shape not in ((), (n,)):
        raise ValueError(f"class_index must be a whole number from 0 to {known - 1}, or one for each of the {n} clips, "
                         f"got {class_index!r}.")
    return np.broadcast_to(numbers, n).astype(int)


def batches(rows: NDArray) -> Iterator[NDArray]:
    """Yield the rows, some at a time."""
    for begin in range(0, len(rows), BATCH):
        yield rows[begin : begin + BATCH]


def _inner(layer):
    """The layer that a TimeDistributed runs on each frame; any other layer itself."""
    return layer.layer if isinstance(layer, networks.keras.layers.TimeDistributed) else layer


def _kind(layer):
    """"kernel" or "convolution", with or without a kernel to show; "behind" for norms and activations; or ""."""
    layer, kinds = _inner(layer), networks.keras.layers
    if isinstance(layer, (kinds.Conv2D, kinds.Conv3D)):
        return "kernel"
    if isinstance(layer, (kinds.DepthwiseConv2D, kinds.SeparableConv2D)):
        return "convolution"
    norms = kinds.BatchNormalization, kinds.ReLU, kinds.LeakyReLU, kinds.Activation
    return "behind" if isinstance(layer, norms) else ""

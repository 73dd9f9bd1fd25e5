"""Compute Grad-CAM and HiResCAM heat over places and frames, and lay it over the film."""
import cv2
import numpy as np
from numpy.typing import NDArray

from .. import networks
from ..plots import shades
from .activations import batches, checked, chosen, class_numbers, map_layers

HEAT = "inferno"  # matplotlib's colour map, which brightens evenly


def grad_cam(
    model: "networks.keras.Model", clips: NDArray, class_index: int | NDArray | None = None, *,
    layer: str | None = None, averaged: bool = True, own_steps: bool = False,
) -> NDArray[np.float32]:
    """Compute where a model looked for a class: Grad-CAM or HiResCAM heat, (n, T, H, W), or (n, H, W) for pictures.

    Each channel of a layer is weighted by how much the class's score, before the softmax, grows with it; the channels
    are added, and what speaks against the class, below 0, is left out. The maps are stretched to the input by linear
    interpolation; where the first layer takes differences, step t stands half-way between the frames t and t + 1.
    A clip's heat is divided by its largest; it is 0 where nothing at this layer speaks for the class.

    model: of clips (n, T, H, W, C) or pictures (n, H, W, C). class_index: int, or int (n,), by default the predicted
    class of each clip; a single sigmoid has the classes 0 and 1. layer: of `map_layers(model)`, by default the last.
    averaged: True weights a channel by its mean gradient: Grad-CAM (Selvaraju et al., ICCV 2017). False weights each
    number by its own: HiResCAM (Draelos and Carin, 2020), for networks that flatten their maps, where a channel may
    speak for the class in one place and against it in another. own_steps: True leaves time as the layer has it, fewer
    steps than frames where it strides over them: (n, steps, H, W).
    Raises ValueError for no convolution, no such layer or class, another shape.
    """
    clips, name = checked(model, clips), chosen(model, map_layers(model), layer, "convolution")
    classes = class_numbers(model, clips, class_index)
    parts = []
    for batch, wanted in zip(batches(clips), batches(classes)):
        maps, gradient = maps_and_gradient(model, name, batch, wanted)
        if averaged:
            gradient = gradient.mean(axis=tuple(range(1, gradient.ndim - 1)), keepdims=True)
        parts.append(np.maximum((maps * gradient).sum(axis=-1), 0))
    heat = np.concatenate(parts)
    for axis, size in list(enumerate(clips.shape[1:-1], 1))[own_steps and clips.ndim == 5 :]:
        steps = _time_steps(model) if clips.ndim == 5 and axis == 1 else size
        heat = np.moveaxis(np.tensordot(stretching(heat.shape[axis], size, steps), heat, (1, axis)), 0, axis)
    return _shares(heat, heat.max(axis=tuple(range(1, heat.ndim)), keepdims=True))


def saliency_over_time(
    model: "networks.keras.Model", clips: NDArray, class_index: int | NDArray | None = None, *,
    layer: str | None = None, averaged: bool = True,
) -> NDArray[np.float32]:
    """Compute when a model looked: each frame's share of its clip's heat, (n, T); options as in `grad_cam`."""
    if len(model.input_shape) != 5:
        raise ValueError(f"{model.name} takes no clips (n, T, H, W, C), so there is no time; use grad_cam.")
    return time_shares(grad_cam(model, clips, class_index, layer=layer, averaged=averaged))


def time_shares(heat: NDArray) -> NDArray[np.float32]:
    """Compute each frame's share of the heat (n, T, H, W) of its clip: (n, T), all 0 where there is no heat."""
    frames = np.asarray(heat, np.float32).sum(axis=(2, 3))
    return _shares(frames, frames.sum(axis=1, keepdims=True))


def maps_and_gradient(model: "networks.keras.Model", name: str, clips: NDArray,
                      classes: NDArray) -> tuple[NDArray, NDArray]:
    """Compute the output of a layer, and how the score of each clip's class, before the softmax, changes with it."""
    from ..networks.prediction import compiled

    call = compiled(model, ("maps", name), lambda model: _graph(model, name))
    maps, gradient = call(clips.astype(model.inputs[0].dtype), classes)
    if gradient is None:
        raise ValueError(f"The answer of {model.name} does not depend on its layer {name!r}; choose another.")
    return maps.numpy(), gradient.numpy()


def _graph(model, name):
    """Compile (clips, classes) -> (maps, gradient, None where there is none), several times as fast as step by step."""
    import tensorflow as tf

    keras, last = networks.keras, model.layers[-1]
    squashes = keras.activations.softmax, keras.activations.sigmoid
    squashed = last if isinstance(last, keras.layers.Softmax) or getattr(last, "activation", 0) in squashes else None
    part = keras.Model(model.inputs, [model.get_layer(name).output, squashed.input if squashed else model.outputs[0]])
    clips, classes = tf.TensorSpec(model.input_shape, model.inputs[0].dtype), tf.TensorSpec([None], tf.int32)

    @tf.function(input_signature=[clips, classes], autograph=False)
    def call(clips, classes):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            # A frozen layer is not watched by itself, and then nothing behind it is recorded.
            tape.watch([each.value for each in part.variables if "float" in str(each.dtype)])
            maps, scores = part([clips], training=False)
            if isinstance(squashed, keras.layers.Dense):
                scores = scores @ squashed.kernel + (0.0 if squashed.bias is None else squashed.bias)
            if scores.shape[1] == 1:
                scores = tf.concat([-scores, scores], axis=1)
            score = tf.gather(scores, classes, axis=1, batch_dims=1)
        return maps, tape.gradient(score, maps)

    return call


def stretching(count: int, size: int, steps: int) -> NDArray[np.float32]:
    """Return the weights, (size, count), that turn `count` numbers in a row into `size` by linear interpolation.

    The numbers stand in the middles of equal shares of `steps` pixels or frames, which lie in the middle of the `size`.

    >>> stretching(2, 3, 2).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    place = (np.arange(size) - (size - steps) / 2 + 0.5) * count / steps - 0.5
    return np.maximum(0, 1 - np.abs(np.clip(place, 0, count - 1)[:, None] - np.arange(count))).astype(np.float32)


def heatmap_film(
    frames: NDArray, heat: NDArray, *, opacity: float = 0.8, legend: bool = False
) -> NDArray[np.uint8]:
    """Lay heat over frames: the frame in grey, and over it the hotter the brighter, in the colour map `HEAT`.

    frames: uint8 (T, H, W, 3) RGB, or one (H, W, 3). heat: (T, H, W), or (H, W), from 0 to 1. opacity: that of the
    hottest places; places without heat stay clear. legend: a bar along the lower edge, from no heat to the most.
    Raises ValueError where the shapes do not fit.

    >>> heatmap_film(np.zeros((2, 8, 8, 3), np.uint8), np.ones((2, 8, 8)), opacity=1)[0, 0, 0].tolist()
    [252, 254, 164]
    """
    frames, heat = np.asarray(frames), np.asarray(heat)
    if frames.dtype != np.uint8 or frames.ndim not in (3, 4) or frames.shape != (*heat.shape, 3):
        raise ValueError(f"Heat (T, H, W) goes over uint8 frames (T, H, W, 3); got heat {heat.shape} over "
                         f"{frames.dtype} {frames.shape}.")
    heat = np.clip(heat, 0, 1)
    grey = frames.mean(axis=-1, keepdims=True)
    film = grey + opacity * np.sqrt(heat[..., None]) * (shades(HEAT)[(255 * heat + 0.5).astype(np.uint8)] - grey)
    film = (film + 0.5).astype(np.uint8)
    if legend:
        film[..., -max(2, frames.shape[-3] // 16) :, :, :] = cv2.resize(shades(HEAT)[None], (frames.shape[-2], 1))
    return film


def _time_steps(model):
    """How many steps the first layer of a model of clips makes of T frames: T − 1 of their differences, else T."""
    frames = model.input_shape[1]
    first = next(each.output.shape for each in model.layers if each.output is not model.inputs[0])
    return frames - 1 if len(first) == 5 and first[1] == frames - 1 else frames


def _shares(parts, whole):
    """parts / whole as float32, 0 where the whole is 0."""
    return np.divide(parts, whole, out=np.zeros(parts.shape, np.float32), where=whole > 0)

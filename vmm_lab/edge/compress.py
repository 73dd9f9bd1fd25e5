"""Make a network smaller: prune weights, prune channels, distil into a narrow one; and measure what that brings."""
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import networks
from ..media.options import check_number, check_whole
from .convert import to_bytes
from .exported import both, run_rows, runner


def prune_weights(model: "networks.keras.Model", share: float) -> "networks.keras.Model":
    """Copy a model with the smallest `share` of each kernel's weights set to 0, by magnitude.

    The zeros stay in the file and are multiplied all the same. Source: Han et al., "Learning both weights and
    connections for efficient neural networks", NeurIPS 2015.
    """
    check_number("prune_weights", most=1, share=share)
    clone = networks.keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    for weight in _kernels(clone):
        kernel = np.asarray(weight)
        weight.assign(np.where(np.abs(kernel) <= np.quantile(np.abs(kernel), share), 0, kernel))
    return clone


def prune_channels(model: "networks.keras.Model", keep: float) -> "networks.keras.Model":
    """Build the same chain of layers with a share `keep` of each convolution's channels, the most important ones.

    A channel weighs the sum of its |w|, times |γ| of the batch normalisation behind it; the weights that are left are
    taken over, and want some steps of training. Dense layers keep their units, and a last convolution its classes.
    Source: Li et al., "Pruning filters for efficient ConvNets", ICLR 2017; |γ|: Liu et al., ICCV 2017.
    Raises ValueError for a model that is no chain, or has a layer that cannot take fewer channels.

    >>> from vmm_lab.networks import small_cnn
    >>> model = small_cnn(4, (32, 32))
    >>> prune_channels(model, 0.5).count_params() < 0.5 * model.count_params()
    True
    """
    layers = networks.keras.layers
    convolutions = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
    check_number("prune_channels", most=1, keep=keep)
    chain = [layer for layer in model.layers if not isinstance(layer, layers.InputLayer)]
    _check_chain(model, chain)
    x = inputs = networks.keras.Input(model.inputs[0].shape[1:], dtype=model.inputs[0].dtype)
    mixing = [layer for layer in chain if isinstance(layer, (*convolutions, layers.Dense))]
    kept: NDArray | None = None  # of the channels that come in; None is all
    for layer, behind in zip(chain, [*chain[1:], None]):
        config, weights = layer.get_config(), layer.get_weights()
        vectors = all(part.shape == layer.input.shape[-1:] for part in weights)  # of a norm: γ, β, mean, variance
        takes_fewer = layer in mixing or (vectors and not isinstance(layer, (layers.Reshape, layers.Permute)))
        if getattr(layer, "groups", 1) > 1 or (kept is not None and not takes_fewer):
            raise ValueError(f"{model.name} has {layer.name!r} ({type(layer).__name__}), which cannot take fewer "
                             "channels from what is before it; prune a chain of convolutions, norms, poolings and "
                             "Dense.")
        if kept is not None and layer in mixing:
            weights[0] = np.take(weights[0], kept, axis=-2)
        elif kept is not None:
            weights = [part[kept] for part in weights]
        if isinstance(layer, convolutions) and layer is not mixing[-1]:
            kept = _important(weights[0], behind if isinstance(behind, layers.BatchNormalization) else None, keep)
            config["filters"] = len(kept)
            weights = [part[..., kept] for part in weights]
        elif layer in mixing:
            kept = None
        elif isinstance(layer, layers.Flatten) and kept is not None:
            channels = layer.input.shape[-1]
            kept = (np.arange(layer.output.shape[-1] // channels)[:, None] * channels + kept).ravel()
        new = type(layer).from_config(config)
        x = new(x)
        new.set_weights(weights)
    return networks.keras.Model(inputs, x, name=f"{model.name}_narrow")


def distil(student: "networks.keras.Model", teacher: "networks.keras.Model", examples: "networks.Examples", *,
           steps: int = 260, batch_size: int = 16, learning_rate: float = 3e-3, temperature: float = 4.0,
           weight: float = 0.7, augment: Callable | None = None, seed: int = 0) -> list[float]:
    """Train a student to answer as a teacher does, softened by a temperature, and return the loss of each step.

    weight: of the teacher's answers; the rest is of the labels. Both models must give probabilities of the same
    classes. augment: as of `train`; the teacher sees the same changed rows. Source: Hinton, Vinyals and Dean,
    "Distilling the knowledge in a neural network", 2015.
    """
    from ..networks._keras import tensorflow as tf

    check_whole("distil", steps=steps, batch_size=batch_size)
    check_number("distil", learning_rate=learning_rate, temperature=temperature)
    known, wanted = student.outputs[0].shape[-1], teacher.outputs[0].shape[-1]
    if known != wanted or known < 2:
        raise ValueError(f"{student.name} gives {known} probabilities and {teacher.name} {wanted}; both must know the "
                         "same classes, and give a probability of each.")
    optimizer = networks.keras.optimizers.Adam(networks.keras.optimizers.schedules.CosineDecay(learning_rate, steps))
    optimizer.build(student.trainable_variables)

    @tf.function(autograph=False, reduce_retracing=True)
    def step(X: Any, y: Any) -> Any:
        wanted = soften(teacher(X, training=False), temperature)
        with tf.GradientTape() as tape:
            answers = student(X, training=True)
            soft = -tf.reduce_sum(wanted * tf.math.log(soften(answers, temperature) + 1e-9), axis=-1)
            hard = networks.keras.losses.sparse_categorical_crossentropy(y, answers)
            loss = tf.reduce_mean(weight * temperature ** 2 * soft + (1 - weight) * hard)
        gradients = tape.gradient(loss, student.trainable_variables)
        optimizer.apply_gradients(zip(gradients, student.trainable_variables))
        return loss

    def soften(probabilities: Any, temperature: float) -> Any:
        return tf.nn.softmax(tf.math.log(probabilities + 1e-9) / temperature)

    rng, losses, order = np.random.default_rng(seed), [], np.zeros(0, int)
    batch_size = min(batch_size, len(examples))
    for number in range(steps):
        if len(order) < batch_size:
            order = rng.permutation(len(examples))
        rows, order = order[:batch_size], order[batch_size:]
        X = tf.constant(examples.X[rows])
        X = X if augment is None else augment(X, tf.constant([seed, number]))
        losses.append(float(step(X, tf.constant(examples.y[rows]))))
    return losses


def measure(model: "networks.keras.Model", X: ArrayLike, y: ArrayLike, *, quantize: str | None = None,
            calibration: NDArray | None = None, repeats: int = 60) -> dict[str, float]:
    """Convert a model to LiteRT and measure it: parameters, flops, bytes, milliseconds (median, one thread), accuracy.

    y: int (n,), the numbers of the classes of the rows X. parameters counts those that are not 0; same_answer is the
    share of rows that Keras's float model answers alike. Raises ValueError for a y of something else.
    """
    X, y = np.asarray(X), np.asarray(y)
    if y.shape != (len(X),) or y.dtype.kind not in "iuf":
        raise ValueError(f"measure: y is {y.dtype} {y.shape}; give the number of the class of each of {len(X)} rows.")
    rows = X.astype(model.inputs[0].dtype, copy=False)
    data = to_bytes(model, quantize=quantize, calibration=calibration)
    run = runner("litert", data)
    answers = both(run_rows(run, [rows])[0])
    seconds = []
    for k in range(repeats):
        began = time.perf_counter()
        run(rows[k % len(rows)][None])
        seconds.append(time.perf_counter() - began)
    zeros = sum(int((np.asarray(kernel) == 0).sum()) for kernel in _kernels(model))
    return {"parameters": model.count_params() - zeros, "flops": networks.cost(model)["flops"], "bytes": len(data),
            "milliseconds": 1000 * float(np.median(seconds)), "accuracy": float((answers.argmax(axis=1) == y).mean()),
            "same_answer": float((answers.argmax(axis=1) == both(networks.predict(model, X)).argmax(axis=1)).mean())}


def frontier(cost: ArrayLike, accuracy: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points no other beats: none is as cheap and more accurate, or cheaper and as accurate.

    >>> frontier([1, 2, 3], [0.5, 0.9, 0.8]).tolist()
    [True, True, False]
    """
    cost, accuracy = np.asarray(cost, float)[:, None], np.asarray(accuracy, float)[:, None]
    beats = (cost <= cost.T) & (accuracy >= accuracy.T) & ((cost < cost.T) | (accuracy > accuracy.T))
    return np.logical_not(beats.any(axis=0))


def _kernels(model):
    """The weights that something is multiplied by, of recurrent layers and of models inside too."""
    return [weight for weight in model.weights if weight.name.endswith("kernel")]


def _important(kernel, norm, keep):
    """The places of the channels to keep, in their order."""
    weight = np.abs(kernel).sum(axis=tuple(range(kernel.ndim - 1)))
    if norm is not None:
        weight = weight * np.abs(np.asarray(norm.gamma))
    return np.sort(np.argsort(-weight, kind="stable")[:max(1, round(keep * len(weight)))])


def _check_chain(model, chain):
    for layer, after in zip(chain, chain[1:]):
        if isinstance(after.input, list) or after.input is not layer.output:
            raise ValueError(f"{model.name} is no chain: {after.name!r} does not read {layer.name!r} alone, so its "
                             "channels cannot be pruned one convolution after the other.")

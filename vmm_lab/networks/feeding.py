"""Feed a training from arrays in memory: layers that learn from all rows first, class weights, batches."""
from collections.abc import Callable
from typing import Any

import numpy as np

from ._keras import keras
from ._keras import tensorflow as tf
from .callbacks import variables_of
from .examples import each, modalities, rows_of
from .prediction import predict


def adapt(model: "keras.Model", X: Any) -> None:
    """Let layers that learn from rows at once (`PCA`, a vocabulary) do so; one that has learnt stays as it is.

    X as the model takes it; of a model of several modalities, each encoder learns from the rows that have its modality.
    """
    if isinstance(X, dict):
        for name, present in zip(modalities(X), X["present"].T > 0):
            for part in model.layers:  # an encoder, or what stands below its learnt layers
                reads = isinstance(part, keras.Model) and part.name in (f"{name}_encoder", f"{name}_steps")
                if reads and present.any():
                    adapt(part, X[name][present])
        return
    for layer in model.layers:
        if hasattr(layer, "adapt") and not layer.adapted:
            below = layer.input
            layer.adapt(X if below is model.inputs[0] else predict(keras.Model(model.inputs[0], below), X))


def split_frozen(model: "keras.Model") -> tuple:
    """Return (a copy of the model, its part up to "embedding", its part above) where that part is frozen.

    Elsewhere (model, None, model). The copy is there because a keras.Model that begins in the middle of another one
    leaves its graph in the layers of both, at every training anew; `transfer` brings what was learnt back.
    """
    names = [layer.name for layer in model.layers]
    if len(model.inputs) > 1 or "embedding" not in names[:-1]:
        return model, None, model
    if keras.Model(model.inputs[0], model.get_layer("embedding").output).trainable_weights:
        return model, None, model
    copy = keras.models.clone_model(model)
    transfer(model, copy)
    embedding = copy.get_layer("embedding").output
    return copy, keras.Model(copy.inputs[0], embedding), keras.Model(embedding, copy.outputs[0], name=model.name)


def transfer(source: "keras.Model", target: "keras.Model") -> None:
    """Give a model the weights of its copy, and the seeds of its dropout."""
    for theirs, mine in zip(variables_of(source), variables_of(target), strict=True):
        mine.assign(theirs)


def build_variables(model: "keras.Model", X: Any, targets: np.ndarray) -> None:
    """Make the variables of a compiled model's optimizer and metrics, which else its first step makes.

    TensorFlow traces a step again that has made variables, and tracing costs more than many steps.
    """
    model.optimizer.build(model.trainable_variables)
    few = each(lambda part: tf.constant(part[:2]), X)
    model.compute_metrics(few, targets[:2], model(few, training=False))
    model.reset_metrics()


def balanced_weights(y: np.ndarray, n_classes: int) -> np.ndarray:
    """Compute what a row of each class counts, float32 (n_classes,): all classes of y alike, their mean over y 1.

    >>> balanced_weights(np.array([0, 0, 0, 1]), 3).tolist()
    [0.6666666865348816, 2.0, 2.0]
    """
    counts = np.bincount(y, minlength=n_classes)
    return (len(y) / np.maximum(counts, 1) / (counts > 0).sum()).astype(np.float32)


def batches(X: Any, targets: np.ndarray, weights: np.ndarray, *, batch_size: int, steps: int, epochs: range,
            augment: Callable | None, seed: int) -> "tf.data.Dataset":
    """Stream (inputs, targets, weights), gathered from memory a batch at a time.

    The order of an epoch depends on the seed and its number alone, so that a resumed training sees what an
    uninterrupted one would have seen. Rows beyond the last whole batch are others in every epoch.
    """
    n, used = rows_of(X), steps * batch_size
    drawn = [np.random.default_rng((seed, epoch)).permutation(n)[:used] for epoch in epochs]
    orders = np.concatenate(drawn).reshape(-1, batch_size)
    numbers = np.arange(epochs.start * steps, epochs.stop * steps)
    inputs, targets, weights = each(tf.constant, X), tf.constant(targets), tf.constant(weights)

    def batch(rows, number):
        x = each(lambda part: tf.gather(part, rows), inputs)
        x = x if augment is None else augment(x, tf.stack([tf.constant(seed, tf.int64), number]))
        return x, tf.gather(targets, rows), tf.gather(weights, rows)

    return tf.data.Dataset.from_tensor_slices((orders, numbers)).map(batch, num_parallel_calls=1).prefetch(2)

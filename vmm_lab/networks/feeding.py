"""Arrays in memory go in; the batches that an optimiser is fed come out, and what frozen layers make of them, computed once."""
import numpy as np

from .examples import each, modalities, rows_of
from ._keras import keras, tensorflow as tf

AT_A_TIME = 32  # clips: their largest feature maps take some 40 MB


def split(model):
    """(a copy of the model, its part up to "embedding", its part above) where the first part is frozen; (model, None, model) elsewhere.

    The copy is there because a keras.Model that begins in the middle of another one leaves its graph in the layers of both, at
    every training anew; `transfer` brings what was learnt back.
    """
    names = [layer.name for layer in model.layers]
    if len(model.inputs) > 1 or "embedding" not in names[:-1] or keras.Model(model.inputs[0], model.get_layer("embedding").output).trainable_weights:
        return model, None, model
    copy = keras.models.clone_model(model)
    transfer(model, copy)
    embedding = copy.get_layer("embedding").output
    return copy, keras.Model(copy.inputs[0], embedding), keras.Model(embedding, copy.outputs[0], name=model.name)


def transfer(source, target):
    """Give a model the weights of its copy, and the seeds of its dropout."""
    for theirs, mine in zip(state(source), state(target), strict=True):
        mine.assign(theirs)


def state(model):
    """The variables of a model but those of its metrics: weights and the seeds of dropout."""
    metrics = {id(variable) for variable in model.metrics_variables}
    return [variable for variable in model.variables if id(variable) not in metrics]


def adapt(model, X):
    """Let layers that learn from rows at once (`PCA`, a vocabulary) do so; one that has learnt stays as it is.

    X as the model takes it; of a model of several modalities, each encoder learns from the rows that have its modality.
    """
    if isinstance(X, dict):
        for name, there in zip(modalities(X), X["present"].T > 0):
            for part in model.layers:  # an encoder, or what stands below its learnt layers
                if isinstance(part, keras.Model) and part.name in (f"{name}_encoder", f"{name}_steps") and there.any():
                    adapt(part, X[name][there])
        return
    for layer in model.layers:
        if hasattr(layer, "adapt") and not layer.adapted:
            below = layer.input
            layer.adapt(X if below is model.inputs[0] else outputs(keras.Model(model.inputs[0], below), X))


def outputs(model, X):
    """float32 (n, …): what a model gives for arrays, or a dict of them, of any number of rows, as at test time.

    Unlike `model.predict` it traces no graph, which for a few hundred rows takes longer than they do; and it takes strings.
    """
    def some(k):
        return each(lambda part: tf.constant(part[k:k + AT_A_TIME]), X)

    return np.concatenate([np.asarray(model(some(k), training=False)) for k in range(0, rows_of(X), AT_A_TIME)])


def balanced_weights(y, n_classes):
    """float32 (n_classes,): what a row of each class counts, so that all classes of y count alike and the mean over y is 1.

    >>> balanced_weights(np.array([0, 0, 0, 1]), 3).tolist()
    [0.6666666865348816, 2.0, 2.0]
    """
    counts = np.bincount(y, minlength=n_classes)
    return (len(y) / np.maximum(counts, 1) / (counts > 0).sum()).astype(np.float32)


def whole_batches(X, targets, *, size=64):
    """A tf.data stream of (inputs, targets) of all rows in their order: what a validation reads."""
    inputs = each(tf.constant, X)
    return tf.data.Dataset.from_tensor_slices((inputs, targets)).batch(size)


def batches(X, targets, weights, *, batch_size, steps, epochs, augment, seed):
    """A tf.data stream of (inputs, targets, weights), gathered from memory a batch at a time; `epochs` is a range.

    The order of an epoch depends on the seed and its number alone, so that a resumed training sees what an
    uninterrupted one would have seen. Rows beyond the last whole batch are others in every epoch.
    """
    orders = [np.random.default_rng((seed, epoch)).permutation(rows_of(X))[:steps * batch_size] for epoch in epochs]
    orders = np.concatenate(orders).reshape(-1, batch_size)
    numbers = np.arange(epochs.start * steps, epochs.stop * steps)
    inputs, targets, weights = each(tf.constant, X), tf.constant(targets), tf.constant(weights)

    def batch(rows, number):
        x = each(lambda part: tf.gather(part, rows), inputs)
        x = x if augment is None else augment(x, tf.stack([tf.constant(seed, tf.int64), number]))
        return x, tf.gather(targets, rows), tf.gather(weights, rows)

    return tf.data.Dataset.from_tensor_slices((orders, numbers)).map(batch, num_parallel_calls=1).prefetch(2)

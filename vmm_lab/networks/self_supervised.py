"""Learn an encoder of video without labels: from the order of time, and from which sound belongs to which pictures."""
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..media.options import check_whole
from ._keras import keras
from ._keras import tensorflow as tf
from .examples import Examples
from .feeding import adapt
from .layers import PCA, Layer, Normalization, WithDifferences
from .training import train

layers, ops = keras.layers, keras.ops

ORDERS = ("forwards", "backwards", "shuffled")
PARTS = ((0, 2, 1, 3), (1, 0, 2, 3), (0, 1, 3, 2), (2, 1, 0, 3), (0, 3, 2, 1))  # quarters of a clip out of order


def sequence_encoder(shape: tuple[int, ...] = (16, 1764), *, components: int = 96,
                     filters: int = 96) -> "keras.Model":
    """Build an encoder of sequences (n, T, D), such as HOG of each frame, without a classifier: (n, 3 · filters).

    Principal components and their differences → one convolution over time → its mean, its maximum, and how the last
    third differs from the first, so that the order is not lost.
    """
    inputs = keras.Input(shape)
    x = WithDifferences(name="steps")(PCA(components, name="pca")(inputs))
    x = layers.SpatialDropout1D(0.2)(x)
    x = layers.Conv1D(filters, 3, padding="same", activation="relu", name="times")(x)
    third, mean = max(1, shape[0] // 3), layers.GlobalAveragePooling1D
    change = layers.Subtract(name="change")([mean()(x[:, -third:]), mean()(x[:, :third])])
    x = layers.Concatenate(name="embedding")([mean()(x), layers.GlobalMaxPooling1D()(x), change])
    return keras.Model(inputs, x, name="sequence_encoder")


def untrained_encoder(X: NDArray, *, seed: int = 0) -> "keras.Model":
    """Build a `sequence_encoder` with random weights that has learnt the principal components of X (n, T, D) alone."""
    if X.ndim != 3 or X.shape[1] < 4 or len(X) < 2:
        raise ValueError(f"An encoder learns from sequences (n, T, D) of at least 2 clips and 4 steps, got {X.shape}.")
    keras.utils.set_random_seed(seed)
    encoder = sequence_encoder(X.shape[1:], components=min(96, X.shape[2], len(X) * X.shape[1]))
    adapt(encoder, X)
    return encoder


def pretrain_order(X: NDArray, *, epochs: int = 16, seed: int = 0) -> "keras.Model":
    """Train a `sequence_encoder` to tell clips that run forwards from backwards and from shuffled ones; return it.

    X: float (n, T, D), T ≥ 4, of clips without labels. Source: Misra et al., "Shuffle and learn: unsupervised learning
    using temporal order verification", ECCV 2016; the arrow of time is of Wei et al., CVPR 2018.
    """
    check_whole("pretrain_order", epochs=epochs)
    encoder, rng = untrained_encoder(X, seed=seed), np.random.default_rng(seed)
    orders = np.concatenate([[in_order(X.shape[1], kind, rng) for _ in X] for kind in ORDERS])
    rows = np.tile(np.arange(len(X)), len(ORDERS))
    examples = Examples(X[rows[:, None], orders], np.repeat(np.arange(len(ORDERS)), len(X)), ORDERS)
    probabilities = layers.Dense(len(ORDERS), activation="softmax", name="order")(layers.Dropout(0.3)(encoder.output))
    model = keras.Model(encoder.input, probabilities, name="time_order")
    train(model, examples, epochs=epochs, batch_size=48, seed=seed, progress=False)
    return encoder


def in_order(length: int, kind: str, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the order of the steps of a clip, int (length,): one of ORDERS; shuffled are its quarters, not each step.

    >>> in_order(8, "backwards", np.random.default_rng(0)).tolist()
    [7, 6, 5, 4, 3, 2, 1, 0]
    """
    steps = np.arange(length)
    if kind == "shuffled":
        quarters = np.array_split(steps, 4)
        return np.concatenate([quarters[part] for part in PARTS[rng.integers(len(PARTS))]])
    return steps[::-1] if kind == "backwards" else steps


def pretrain_correspondence(X: NDArray, sound: NDArray, *, steps: int = 600, batch_size: int = 32,
                            seed: int = 0) -> "keras.Model":
    """Train a `sequence_encoder` to tell which sound belongs to which clip, and return it.

    X: float (n, T, D) of clips, sound: float (n, S, bands), dB, of the same clips; no labels. In each batch every clip
    is paired with every sound, and the true pairs weigh as much as the false ones. Source: Arandjelović and Zisserman,
    "Look, listen and learn", ICCV 2017.
    """
    check_whole("pretrain_correspondence", steps=steps)
    if len(X) != len(sound) or len(X) < 4:
        raise ValueError(f"{len(X)} clips and {len(sound)} sounds make no pairs; give the sound of each of at least 4 "
                         "clips.")
    encoder, batch_size = untrained_encoder(X, seed=seed), min(batch_size, len(X))
    listener = keras.Input(sound.shape[1:])
    heard = normal = Normalization(name="bands")(listener)
    for filters, width in ((48, 5), (64, 3)):
        heard = layers.MaxPooling1D(2)(layers.Conv1D(filters, width, padding="same", activation="relu")(heard))
    heard = layers.Dense(48)(layers.Dropout(0.2)(layers.GlobalMaxPooling1D()(heard)))
    seen = layers.Dense(48)(layers.Dropout(0.2)(encoder.output))
    unit = layers.UnitNormalization()
    model = keras.Model([encoder.input, listener], Agreement(name="agreement")([unit(seen), unit(heard)]))
    adapt(keras.Model(listener, normal), sound)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)), loss=pair_loss,
                  jit_compile=False)
    rng = np.random.default_rng(seed)
    drawn = np.stack([rng.choice(len(X), batch_size, replace=False) for _ in range(steps)])
    seen, heard = tf.constant(X), tf.constant(sound)

    def batch(rows):
        return (tf.gather(seen, rows), tf.gather(heard, rows)), tf.eye(batch_size)

    model.fit(tf.data.Dataset.from_tensor_slices(drawn).map(batch).prefetch(2), verbose=0, shuffle=False)
    return encoder


class Agreement(Layer):
    """Compute how well each clip and each sound of a batch agree, as logits (B, B): their cosine, scaled and moved."""

    def build(self, shapes):
        constant = keras.initializers.Constant
        self.scale = self.add_weight(shape=(), initializer=constant(5.0), name="scale")
        self.offset = self.add_weight(shape=(), initializer=constant(-2.0), name="offset")

    def call(self, pair):
        return self.scale * ops.matmul(pair[0], ops.transpose(pair[1])) + self.offset


def pair_loss(truth: Any, logits: Any) -> Any:
    """Compute the cross-entropy of all pairs of a batch (B, B), the true ones (1 in `truth`) as heavy as the false."""
    cost = tf.nn.sigmoid_cross_entropy_with_logits(truth, logits)
    return (tf.reduce_sum(cost * truth) / tf.reduce_sum(truth)
            + tf.reduce_sum(cost * (1 - truth)) / tf.reduce_sum(1 - truth)) / 2

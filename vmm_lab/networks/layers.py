"""Clips (B, T, H, W, C) or sequences (B, T, D) go in, the same without light, stillness or order comes out: Keras layers without a network inside."""
import numpy as np

from ._keras import keras

ops = keras.ops

SCALE = 4.0  # differences of grey are small, about 0.05 where a limb moves; a first layer learns faster on numbers near 1


@keras.saving.register_keras_serializable(package="vmm_lab")
class Foreground(keras.layers.Layer):
    """uint8 clips (B, T, H, W, 3) to float32 (B, T, H, W, 1): grey minus the clip's mean over time, which leaves what moves.

    The mean does not know the order of the frames, nor does a frame minus it: background subtraction without a clock.
    """

    def call(self, clips):
        grey = _grey(clips)
        return SCALE * (grey - ops.mean(grey, axis=1, keepdims=True))


@keras.saving.register_keras_serializable(package="vmm_lab")
class Differences(keras.layers.Layer):
    """uint8 clips (B, T, H, W, 3) to float32 (B, T − 1, H, W, 1): grey of each frame minus that of the one before."""

    def call(self, clips):
        grey = _grey(clips)
        return SCALE * (grey[:, 1:] - grey[:, :-1])


@keras.saving.register_keras_serializable(package="vmm_lab")
class WithDifferences(keras.layers.Layer):
    """Sequences (B, T, D) to (B, T, 2D): each step, and beside it its difference to the step before (0 for the first)."""

    def call(self, sequences):
        change = sequences[:, 1:] - sequences[:, :-1]
        change = ops.pad(change, [[0, 0], [1, 0], [0, 0]])
        return ops.concatenate([sequences, 3.0 * change], axis=-1)


@keras.saving.register_keras_serializable(package="vmm_lab")
class PCA(keras.layers.Layer):
    """(…, D) to (…, components): principal components, learnt by `adapt` from training rows and then fixed.

    The outputs share one scale, so that their mean variance is 1.
    """

    def __init__(self, components=96, *, trainable=False, **options):
        super().__init__(trainable=trainable, **options)
        self.components = components

    def build(self, shape):
        self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", name="mean")
        self.axes = self.add_weight(shape=(shape[-1], self.components), initializer="orthogonal", name="axes")
        self.known = self.add_weight(shape=(), initializer="zeros", name="known")  # saved with the weights: adapted or not

    @property
    def adapted(self):
        """Whether the components have been learnt."""
        return self.built and float(self.known) > 0

    def adapt(self, rows):
        """Learn mean and axes from float rows (…, D); at least as many rows as components."""
        from sklearn.decomposition import PCA as SklearnPCA

        rows = np.reshape(rows, (-1, rows.shape[-1])).astype(np.float32)
        if len(rows) < self.components:
            raise ValueError(f"{self.components} principal components need as many rows, got {len(rows)}; ask for fewer components.")
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), 4000)).astype(int)]  # more rows move the axes no further
        learnt = SklearnPCA(self.components, svd_solver="randomized", random_state=0).fit(rows)
        if not self.built:
            self.build(rows.shape)
        self.mean.assign(learnt.mean_)
        self.axes.assign(learnt.components_.T / np.sqrt(learnt.explained_variance_.mean()))
        self.known.assign(1.0)

    def call(self, rows):
        return ops.matmul(ops.cast(rows, "float32") - self.mean, self.axes)

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.components)

    def get_config(self):
        return super().get_config() | {"components": self.components}


@keras.saving.register_keras_serializable(package="vmm_lab")
class Position(keras.layers.Layer):
    """(B, T, D) to the same shape: a learnt vector for each place in time is added, since attention alone sees no order."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer=keras.initializers.RandomNormal(stddev=0.1), name="table")

    def call(self, sequences):
        return sequences + self.table


def _grey(clips):
    """float32 (B, T, H, W, 1) in [0, 1] of uint8 clips (B, T, H, W, 3)."""
    return ops.mean(ops.cast(clips, "float32"), axis=-1, keepdims=True) / 255.0


@keras.saving.register_keras_serializable(package="vmm_lab")
class Standardise(keras.layers.Layer):
    """(…, D) to the same shape: each of the D numbers minus its mean, over its deviation; both learnt by `adapt` and then fixed."""

    def __init__(self, *, trainable=False, **options):
        super().__init__(trainable=trainable, **options)

    def build(self, shape):
        self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", name="mean")
        self.deviation = self.add_weight(shape=(shape[-1],), initializer="ones", name="deviation")
        self.known = self.add_weight(shape=(), initializer="zeros", name="known")

    @property
    def adapted(self):
        """Whether mean and deviation have been learnt."""
        return self.built and float(self.known) > 0

    def adapt(self, rows):
        """Learn mean and deviation from float rows (…, D)."""
        rows = np.reshape(rows, (-1, rows.shape[-1]))
        if not self.built:
            self.build(rows.shape)
        self.mean.assign(rows.mean(axis=0, dtype=np.float64))
        self.deviation.assign(np.maximum(rows.std(axis=0, dtype=np.float64), 1e-3))
        self.known.assign(1.0)

    def call(self, rows):
        return (ops.cast(rows, "float32") - self.mean) / self.deviation


@keras.saving.register_keras_serializable(package="vmm_lab")
class Attend(keras.layers.Layer):
    """Sequences (B, T, D) to (B, D): a mean over the steps, each weighing what a small network finds it worth.

    A step of zeros is no step (padding behind a short text): it weighs nothing; a sequence of none gives zeros.
    `weights_of` gives the weights (B, T). Source: Bahdanau et al., ICLR 2015, with a learnt question instead of a state.
    """

    def build(self, shape):
        self.key = keras.layers.Dense(shape[-1] // 2, activation="tanh", name="key")
        self.value = keras.layers.Dense(1, use_bias=False, name="worth")
        self.key.build(shape)
        self.value.build((*shape[:-1], shape[-1] // 2))

    def weights_of(self, steps):
        """(B, T), rows sum to 1 (or 0 for a sequence without steps): what each step weighs."""
        there = ops.cast(ops.any(ops.not_equal(steps, 0), axis=-1), steps.dtype)
        worth = self.value(self.key(steps))[..., 0]
        weights = ops.exp(worth - ops.max(worth, axis=-1, keepdims=True)) * there
        return weights / ops.maximum(ops.sum(weights, axis=-1, keepdims=True), 1e-9)

    def call(self, steps):
        return ops.sum(self.weights_of(steps)[..., None] * steps, axis=1)

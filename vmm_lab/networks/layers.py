"""Provide the layers of clips (B, T, H, W, C) and sequences (B, T, D) that Keras lacks."""
import numpy as np

from ._keras import keras

ops = keras.ops

SCALE = 4.0  # differences of grey are about 0.05 where a limb moves; a first layer learns faster on numbers near 1


class Layer(keras.layers.Layer):
    """Register each subclass, so that saved models find it, and save the options that `saved` names."""

    saved: tuple[str, ...] = ()

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        keras.saving.register_keras_serializable(package="vmm_lab")(cls)

    def get_config(self):
        return super().get_config() | {name: getattr(self, name) for name in self.saved}


class Foreground(Layer):
    """Convert uint8 clips (B, T, H, W, 3) to float32 (B, T, H, W, 1): grey minus its mean over time."""

    def call(self, clips):
        grey = _grey(clips)
        return SCALE * (grey - ops.mean(grey, axis=1, keepdims=True))


class Differences(Layer):
    """Convert uint8 clips (B, T, H, W, 3) to float32 (B, T − 1, H, W, 1): grey of each frame minus the one before."""

    def call(self, clips):
        grey = _grey(clips)
        return SCALE * (grey[:, 1:] - grey[:, :-1])


class WithDifferences(Layer):
    """Append to each step of (B, T, D) its difference to the step before, 0 for the first: (B, T, 2D)."""

    def call(self, sequences):
        change = ops.pad(sequences[:, 1:] - sequences[:, :-1], [[0, 0], [1, 0], [0, 0]])
        return ops.concatenate([sequences, 3.0 * change], axis=-1)


class Position(Layer):
    """Add a learnt vector for each place in time to (B, T, D), since attention alone sees no order."""

    def build(self, shape):
        normal = keras.initializers.RandomNormal(stddev=0.1)
        self.table = self.add_weight(shape=shape[1:], initializer=normal, name="table")

    def call(self, sequences):
        return sequences + self.table


class Adapted(Layer):
    """Represent a layer that learns from rows at once (`adapt`), and is fixed then.

    Keras' `Normalization` keeps what it divides by outside its weights, which `set_weights` would leave in use.
    """

    def __init__(self, *, trainable=False, **options):
        super().__init__(trainable=trainable, **options)

    @property
    def adapted(self) -> bool:
        """Whether it has learnt; saved with the weights."""
        return self.built and float(self.known) > 0

    def adapt(self, rows: np.ndarray) -> None:
        """Learn from float rows (…, D)."""
        rows = np.reshape(rows, (-1, rows.shape[-1]))
        learnt = self.learn(rows)
        if not self.built:
            self.build(rows.shape)
        for weight, value in zip(self.weights, (*learnt, 1.0), strict=True):
            weight.assign(value)


class PCA(Adapted):
    """Project (…, D) on principal components, (…, components), with one scale for all: their mean variance is 1."""

    saved = ("components",)

    def __init__(self, components=96, **options):
        super().__init__(**options)
        self.components = components

    def build(self, shape):
        self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", name="mean")
        self.axes = self.add_weight(shape=(shape[-1], self.components), initializer="orthogonal", name="axes")
        self.known = self.add_weight(shape=(), initializer="zeros", name="known")

    def learn(self, rows):
        from sklearn.decomposition import PCA as SklearnPCA

        if min(rows.shape) < self.components:
            raise ValueError(f"{self.components} principal components need as many rows, and as many numbers in each, "
                             f"got {rows.shape}; ask for fewer components.")
        # More than 4000 rows move the axes no further.
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), 4000)).astype(int)].astype(np.float32)
        learnt = SklearnPCA(self.components, svd_solver="randomized", random_state=0).fit(rows)
        return learnt.mean_, learnt.components_.T / np.sqrt(learnt.explained_variance_.mean())

    def call(self, rows):
        return ops.matmul(ops.cast(rows, "float32") - self.mean, self.axes)


class Normalization(Adapted):
    """Bring each of the D numbers of (…, D) to mean 0 and deviation 1 over the training rows."""

    def build(self, shape):
        self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", name="mean")
        self.deviation = self.add_weight(shape=(shape[-1],), initializer="ones", name="deviation")
        self.known = self.add_weight(shape=(), initializer="zeros", name="known")

    def learn(self, rows):
        return rows.mean(axis=0, dtype=np.float64), np.maximum(rows.std(axis=0, dtype=np.float64), 1e-3)

    def call(self, rows):
        return (ops.cast(rows, "float32") - self.mean) / self.deviation


class StepMask(Layer):
    """Convert the numbers of words (B, T) to a mask float32 (B, T, 1): 1 where a word stands, 0 behind the end."""

    def call(self, numbers):
        return ops.cast(numbers > 0, "float32")[..., None]


class Masked(Layer):
    """Put zeros where a mask is 0, even in place of NaN: takes [numbers (B, …), mask that fits them]."""

    def call(self, parts):
        numbers, mask = parts
        return ops.where(mask > 0, numbers, ops.zeros_like(numbers))


class AttentionPooling(Layer):
    """Average [steps (B, T, D), mask (B, T, 1)] to (B, D), each step with the weight that a small network gives it.

    A sequence without steps gives zeros. Source: Bahdanau et al., ICLR 2015, with a learnt query instead of a state.
    """

    def build(self, shapes):
        steps = shapes[0]
        self.key = keras.layers.Dense(steps[-1] // 2, activation="tanh", name="key")
        self.value = keras.layers.Dense(1, use_bias=False, name="value")
        self.key.build(steps)
        self.value.build((*steps[:-1], steps[-1] // 2))

    def weights_of(self, steps, mask):
        """Compute what each step weighs: (B, T), rows sum to 1, or to 0 where there is no step."""
        return masked_softmax(self.value(self.key(steps))[..., 0], mask[..., 0])

    def call(self, parts):
        steps, mask = parts
        return ops.sum(self.weights_of(steps, mask)[..., None] * steps, axis=1)


def strided_convolutions(x, filters):
    """Halve height and width of (n, H, W, C) by a convolution, batch normalisation and ReLU for each of `filters`."""
    for number, n in enumerate(filters, 1):
        kernel = 5 if number == 1 else 3
        x = keras.layers.Conv2D(n, kernel, strides=2, padding="same", use_bias=False, name=f"conv{number}")(x)
        # A momentum of 0.99 would need hundreds of steps to learn the mean.
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x))
    return x


def masked_softmax(scores, mask):
    """Compute a softmax over the last axis where the mask is 1, 0 elsewhere.

    `keras.layers.Softmax` with a mask spreads the weight evenly where nothing is there; here nothing weighs anything.
    """
    weights = ops.exp(scores - ops.max(scores, axis=-1, keepdims=True)) * mask
    return weights / ops.maximum(ops.sum(weights, axis=-1, keepdims=True), 1e-9)


def _grey(clips):
    """float32 (B, T, H, W, 1) in [0, 1] of uint8 clips (B, T, H, W, 3)."""
    return ops.mean(ops.cast(clips, "float32"), axis=-1, keepdims=True) / 255.0

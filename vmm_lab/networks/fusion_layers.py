"""What several modalities say goes in, with a mask of those that are there; weights and sums over modalities come out: Keras layers."""
import numpy as np

from ._keras import keras

ops = keras.ops
register = keras.saving.register_keras_serializable(package="vmm_lab")


@register
class ModalityDropout(keras.layers.Layer):
    """A mask (B, M) of the modalities that are there; in training each of them is taken away with probability `rate`, never all.

    Source: Neverova et al., "ModDrop", PAMI 2016.
    """

    def __init__(self, rate=0.0, *, seed=None, **options):
        super().__init__(**options)
        if not 0 <= rate < 1:
            raise ValueError(f"modality_dropout must be a share from 0 to below 1, got {rate!r}.")
        self.rate = rate
        self.draws = keras.random.SeedGenerator(seed)

    def call(self, present, training=False):
        if not training or not self.rate:
            return present
        drawn = keras.random.uniform(ops.shape(present), seed=self.draws) * present
        kept = ops.cast(drawn > self.rate, present.dtype)
        luckiest = ops.one_hot(ops.argmax(drawn, axis=-1), present.shape[-1], dtype=present.dtype) * present
        return ops.where(ops.any(kept > 0, axis=-1, keepdims=True), kept, luckiest)

    def get_config(self):
        return super().get_config() | {"rate": self.rate}


@register
class IfPresent(keras.layers.Layer):
    """Numbers (B, …) and a mask that fits them go in; the numbers, and zeros where the mask is 0, whatever stood there, come out."""

    def call(self, parts):
        numbers, present = parts
        return ops.where(present > 0, numbers, ops.zeros_like(numbers))


@register
class Share(keras.layers.Layer):
    """Worths (B, M) and a mask (B, M) to weights (B, M): a softmax over the modalities that are there; 0 for the others."""

    def call(self, parts):
        worth, present = parts
        weights = ops.exp(worth - ops.max(worth, axis=-1, keepdims=True)) * present
        return weights / ops.maximum(ops.sum(weights, axis=-1, keepdims=True), 1e-9)


@register
class Worth(keras.layers.Layer):
    """A mask (B, M) to the same shape: one learnt number for each modality, the same for all items."""

    def build(self, shape):
        self.worth = self.add_weight(shape=(shape[-1],), initializer="zeros", name="worth")

    def call(self, present):
        return self.worth + ops.zeros_like(present)


@register
class WeightedSum(keras.layers.Layer):
    """Vectors (B, M, D) and weights (B, M) to (B, D)."""

    def call(self, parts):
        vectors, weights = parts
        return ops.sum(vectors * weights[..., None], axis=1)


@register
class Product(keras.layers.Layer):
    """Logarithms of probabilities (B, M, C), zeros where missing, to probabilities (B, C): softmax(b + Σ W_m log p_m).

    W_m starts as the identity, which is the product of the modalities' probabilities.
    """

    def build(self, shape):
        modalities, classes = shape[1:]
        self.kernel = self.add_weight(shape=(modalities, classes, classes), initializer="zeros", name="kernel")
        self.kernel.assign(np.tile(np.eye(classes, dtype=np.float32), (modalities, 1, 1)))
        self.bias = self.add_weight(shape=(classes,), initializer="zeros", name="bias")

    def call(self, logs):
        return ops.softmax(self.bias + ops.einsum("bmc,mcd->bd", logs, self.kernel))


@register
class OneClock(keras.layers.Layer):
    """Sequences (B, T, D) to (B, length, D): equal parts of the time, each averaged; a shorter sequence repeats steps."""

    def __init__(self, length, **options):
        super().__init__(**options)
        self.length = length

    def call(self, steps):
        total = steps.shape[1]
        starts = np.arange(self.length) * total // self.length
        stops = np.maximum(starts + 1, np.arange(1, self.length + 1) * total // self.length)
        at = np.arange(total)
        inside = ((at >= starts[:, None]) & (at < stops[:, None])).astype(np.float32)
        return ops.einsum("lt,btd->bld", inside / inside.sum(axis=1, keepdims=True), steps)

    def get_config(self):
        return super().get_config() | {"length": self.length}


@register
class Tagged(keras.layers.Layer):
    """Steps (B, T, D) to the same shape: a learnt vector is added that says which modality they are of."""

    def build(self, shape):
        self.tag = self.add_weight(shape=(shape[-1],), initializer=keras.initializers.RandomNormal(stddev=0.1), name="tag")

    def call(self, steps):
        return steps + self.tag


@register
class AttentionShare(keras.layers.Layer):
    """Attention (B, heads, M, Σ lengths) and a mask (B, M) to weights (B, M): the share of all attention that each modality's steps got.

    Only the questions of modalities that are there count.
    """

    def __init__(self, lengths, **options):
        super().__init__(**options)
        self.lengths = tuple(lengths)
        self.supports_masking = True  # of the steps that are padding; their attention is 0 already

    def call(self, parts):
        scores, present = parts
        asked = present / ops.maximum(ops.sum(present, axis=-1, keepdims=True), 1e-9)
        got = ops.sum(ops.mean(scores, axis=1) * asked[..., None], axis=1)
        stops = np.cumsum(self.lengths)
        return ops.stack([ops.sum(got[:, stop - length:stop], axis=-1) for stop, length in zip(stops, self.lengths)], axis=-1)

    def get_config(self):
        return super().get_config() | {"lengths": self.lengths}

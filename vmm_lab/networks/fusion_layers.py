"""Provide the layers that weigh and join modalities, with a mask (B, M) of those that are there."""
import numpy as np

from ._keras import keras
from .layers import Layer, masked_softmax

ops = keras.ops


class ModalityDropout(Layer):
    """Take away each modality of a mask (B, M) with probability `rate`, in training only and never all.

    Source: Neverova et al., "ModDrop", PAMI 2016.
    """

    saved = ("rate",)

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


class MaskedSoftmax(Layer):
    """Convert [scores (B, M), mask (B, M)] to weights (B, M): a softmax over the modalities that are there."""

    def call(self, parts):
        return masked_softmax(*parts)


class ModalityWeights(Layer):
    """Give each modality of a mask (B, M) one learnt score, the same for all items: (B, M)."""

    def build(self, shape):
        self.scores = self.add_weight(shape=(shape[-1],), initializer="zeros", name="scores")

    def call(self, present):
        return self.scores + ops.zeros_like(present)


class ProductOfExperts(Layer):
    """Join log-probabilities (B, M, C), zeros where missing, to probabilities (B, C): softmax(b + Σ W_m log p_m).

    W_m starts as the identity, which is the product of the modalities' probabilities.
    """

    def build(self, shape):
        modalities, classes = shape[1:]
        self.kernel = self.add_weight(shape=(modalities, classes, classes), initializer="zeros", name="kernel")
        self.kernel.assign(np.tile(np.eye(classes, dtype=np.float32), (modalities, 1, 1)))
        self.bias = self.add_weight(shape=(classes,), initializer="zeros", name="bias")

    def call(self, logs):
        return ops.softmax(self.bias + ops.einsum("bmc,mcd->bd", logs, self.kernel))


class ResampleTime(Layer):
    """Bring (B, T, D) to (B, length, D): equal parts of the time, each averaged; a shorter sequence repeats steps."""

    saved = ("length",)

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


class ModalityEmbedding(Layer):
    """Add to each step of (B, T, D) a learnt vector that says which modality it is of."""

    def build(self, shape):
        normal = keras.initializers.RandomNormal(stddev=0.1)
        self.tag = self.add_weight(shape=(shape[-1],), initializer=normal, name="tag")

    def call(self, steps):
        return steps + self.tag


class AttentionShare(Layer):
    """Sum the attention (B, heads, M, Σ lengths) that the steps of each modality got: (B, M).

    Takes [attention, mask (B, M)]; only the queries of modalities that are there count.
    """

    saved = ("lengths",)

    def __init__(self, lengths, **options):
        super().__init__(**options)
        self.lengths = tuple(lengths)
        self.supports_masking = True  # Keras puts a mask on attention, whose scores are 0 there already

    def call(self, parts):
        scores, present = parts
        queries = present / ops.maximum(ops.sum(present, axis=-1, keepdims=True), 1e-9)
        got = ops.sum(ops.mean(scores, axis=1) * queries[..., None], axis=1)
        stops = np.cumsum(self.lengths)
        parts = [ops.sum(got[:, stop - length:stop], axis=-1) for stop, length in zip(stops, self.lengths)]
        return ops.stack(parts, axis=-1)

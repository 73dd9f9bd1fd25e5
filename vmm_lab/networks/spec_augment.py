"""Change spectrograms (B, T, bands) in training so that they still say the same: layers that are part of a model.

What is drawn comes from a layer's own seed, which is saved with the weights: a training resumes to the same draws. At
test time `Warp` and `Mask` give what they get.
"""
import math

from ._keras import keras
from .layers import Layer

ops = keras.ops


class WithoutMean(Layer):
    """Subtract from each of the D numbers of (B, T, D) its mean over time, and multiply by `scale`.

    Of decibels this removes microphone, room and level: cepstral mean normalisation (Atal, JASA 55, 1974).
    """

    saved = ("scale",)

    def __init__(self, scale=0.05, **options):
        super().__init__(**options)
        self.scale = scale

    def call(self, steps):
        steps = ops.cast(steps, "float32")
        return self.scale * (steps - ops.mean(steps, axis=1, keepdims=True))


class Drawn(Layer):
    """Change the input in training only, by numbers drawn for each item from a seed of the layer's own."""

    def __init__(self, *, seed=None, **options):
        super().__init__(**options)
        self.draws = keras.random.SeedGenerator(seed)

    def call(self, x, training=False):
        return self.change(x) if training else x

    def draw(self, x, low, high):
        """Draw a number for each item, between the bounds: float (B, 1)."""
        return keras.random.uniform((ops.shape(x)[0], 1), low, high, seed=self.draws)


class Warp(Drawn):
    """Move and stretch (B, T, D) along both axes, in training: another speaker, another tempo.

    steps, bands: most that a spectrogram is moved, in time and in pitch; its border is repeated. tempo, tract: most
    that it is stretched around its middle, as a share of 1; a longer vocal tract moves all resonances down by one
    factor. Source: Jaitly and Hinton, "Vocal tract length perturbation", ICML 2013 workshop.
    """

    saved = ("steps", "tempo", "bands", "tract")

    def __init__(self, *, steps=0.0, tempo=0.0, bands=0.0, tract=0.0, seed=None, **options):
        super().__init__(seed=seed, **options)
        self.steps, self.tempo, self.bands, self.tract = steps, tempo, bands, tract

    def change(self, x):
        x = ops.einsum("bst,btd->bsd", self._weights(x, x.shape[1], self.steps, self.tempo), x)
        return ops.einsum("bcd,bsd->bsc", self._weights(x, x.shape[2], self.bands, self.tract), x)

    def _weights(self, x, length, shift, stretch):
        """float (B, length, length): how much of each old place a new one takes, by linear interpolation."""
        at = ops.arange(length, dtype="float32")
        middle = (length - 1) / 2
        factor = ops.exp(self.draw(x, -math.log1p(stretch), math.log1p(stretch)))
        source = ops.clip(middle + (at - middle) * factor + self.draw(x, -shift, shift), 0, length - 1)
        return ops.maximum(0.0, 1.0 - ops.abs(source[:, :, None] - at))


class Mask(Drawn):
    """Set up to so many neighbouring steps, and bands, of (B, T, D) to the mean of the item, in training.

    `count`: masks along each axis. Source: Park et al., "SpecAugment", Interspeech 2019.
    """

    saved = ("steps", "bands", "count")

    def __init__(self, *, steps=0, bands=0, count=1, seed=None, **options):
        super().__init__(seed=seed, **options)
        self.steps, self.bands, self.count = steps, bands, count

    def change(self, x):
        mean = ops.mean(x, axis=(1, 2), keepdims=True)
        for _ in range(self.count):
            hidden = self._run(x, x.shape[1], self.steps)[:, :, None] | self._run(x, x.shape[2], self.bands)[:, None, :]
            x = ops.where(hidden, mean, x)
        return x

    def _run(self, x, length, most):
        """bool (B, length): one run of 0 to `most` neighbours, at any place."""
        width = ops.floor(self.draw(x, 0, min(most, length) + 1))
        start = ops.floor(self.draw(x, 0, 1) * (length - width + 1))
        at = ops.arange(length, dtype="float32")
        return (at >= start) & (at < start + width)

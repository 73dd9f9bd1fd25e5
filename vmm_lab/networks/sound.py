"""Log-mel spectrograms go in, class probabilities or a sequence of embeddings come out: the networks that hear.

Both take float (n, T, bands), dB, as `features.Spectrogram` describes sound, and begin with the same convolutions.
"""
from .layers import Standardise
from .spec_augment import Mask, Warp, WithoutMean
from ._keras import keras

layers = keras.layers


def sound_cnn(n_classes, shape=(24, 24), *, filters=(24, 48, 64), width=64, normalise=True, augment=True, dropout=0.4):
    """A small CNN on a whole spectrogram, made for voices and rooms that it has never heard.

    normalise: each band minus its mean over the recording (`WithoutMean`), which takes the microphone and the voice's
    colour out; else the bands are standardised over all training rows, which does not. augment: in training the
    spectrogram is moved, stretched and partly hidden (`Warp`, `Mask`). Gives probabilities (n, n_classes).

    24 steps of 24 bands, of a trimmed sound, were chosen from some twenty settings by spoken digits of speakers left out
    in pairs, one seed: of finer ones it learns more of the voice. The benchmark holds out the same speakers one by one, so
    its score is a little kind to that choice.

    >>> sound_cnn(10).output_shape
    (None, 10)
    """
    inputs = keras.Input(shape)
    x = WithoutMean(name="steps")(inputs) if normalise else Standardise(name="steps")(inputs)
    if augment:
        steps, bands = shape  # the same changes of a sound, however finely it is described
        x = Warp(steps=steps / 48, tempo=0.1, bands=bands / 20, name="warp")(x)
        x = Mask(steps=steps // 12, bands=bands // 12, name="mask")(x)
    x = _convolved(x, filters, width)
    x = layers.Conv1D(width, 3, strides=2, padding="same", activation="relu", name="times")(x)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dense(width, activation="relu", name="embedding")(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax", name="probabilities")(layers.Dropout(dropout)(x)), name="sound_cnn")


def sound_encoder(shape=(128, 48), *, filters=(24, 48, 64), width=64):
    """A sequence of embeddings, for `fusion` to hear with: float32 (n, T / 2^len(filters), width).

    >>> sound_encoder((128, 48)).output_shape
    (None, 16, 64)
    """
    inputs = keras.Input(shape)
    return keras.Model(inputs, _convolved(Standardise(name="steps")(inputs), filters, width), name="sound_encoder")


def _convolved(x, filters, width):
    """Convolutions over time and pitch, strides instead of pooling; the pitches of a step are joined, its time is kept."""
    x = layers.Reshape((*x.shape[1:], 1))(x)
    for number, n in enumerate(filters, 1):
        x = layers.Conv2D(n, 5 if number == 1 else 3, strides=2, padding="same", use_bias=False, name=f"conv{number}")(x)
        x = layers.BatchNormalization(momentum=0.9)(x)  # 0.99 would need hundreds of steps to learn the mean
        x = layers.ReLU()(x)
    x = layers.Dropout(0.3)(layers.Reshape((x.shape[1], -1))(x))
    return layers.Dense(width, activation="relu", name="pitches")(x)

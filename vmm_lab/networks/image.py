"""Build convolutional networks for single pictures."""
from ._keras import keras
from .layers import strided_convolutions

layers = keras.layers


def first_cnn(size: tuple[int, int] = (64, 64)) -> "keras.Model":
    """Build the first convolutional network of the course: two classes, 3,937,409 parameters at 64×64.

    Conv2D 32 of 3×3 with ReLU → MaxPooling 2×2 → Flatten → Dense 128 → Dense 1 sigmoid; Adam, binary cross-entropy.
    Takes float pictures (n, height, width, 3) in [0, 1], gives float32 (n, 1): the probability of class 1.

    >>> first_cnn().count_params()
    3937409
    """
    model = keras.Sequential([
        keras.Input((*size, 3)),
        layers.Conv2D(32, 3, activation="relu", name="conv1"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu", name="embedding"),
        layers.Dense(1, activation="sigmoid"),
    ], name="first_cnn")
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def small_cnn(n_classes: int, size: tuple[int, ...] = (64, 64)) -> "keras.Model":
    """Build a small modern CNN for many classes: strided convolutions, batch normalisation, dropout.

    Takes uint8 pictures (n, height, width, 3), gives probabilities (n, n_classes); size is (height, width), or the
    shape of a picture. The feature maps are flattened and not averaged: where the arm is tells what it does.
    """
    inputs = keras.Input((*size[:2], 3), dtype="uint8")
    x = strided_convolutions(layers.Rescaling(1 / 127.5, offset=-1)(inputs), (16, 32, 32))
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.Dense(64, activation="relu", name="embedding")(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax")(x), name="small_cnn")

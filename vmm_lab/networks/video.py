"""Build networks over time: six ways to put frames together.

All take uint8 clips (n, T, height, width, 3) and give probabilities (n, n_classes), but `hog_gru`, whose frames are
described by HOG before. Convolutions over single frames are Conv3D with a kernel of one frame: the feature maps keep
their time, which is what Grad-CAM draws.
"""
from ._keras import keras
from .layers import PCA, Differences, Foreground, Position, WithDifferences

layers = keras.layers

CLIP = (16, 64, 64, 3)
COMPONENTS = 96  # principal components of HOG, which need as many frames to be learnt from


def hog_gru(n_classes: int, shape: tuple[int, ...] = (16, 1764), *, components: int = COMPONENTS,
            units: int = 48) -> "keras.Model":
    """Build a network on sequences: HOG of each frame → PCA → values and differences → a GRU in both directions.

    Takes float sequences (n, T, D), as `load_examples(table, features.HOG(pooling=None))` reads them; `train` learns
    the principal components from the training rows. Source: Cho et al., "Learning phrase representations", EMNLP 2014
    (GRU).
    """
    inputs = keras.Input(shape)
    x = WithDifferences()(PCA(components, name="pca")(inputs))
    x = layers.Bidirectional(layers.GRU(units), name="gru")(x)
    return _classify(inputs, x, n_classes, "hog_gru", dropout=0.3)


def pose_gru(n_classes: int, shape: tuple[int, ...] = (32, 80), *, units: int = 48) -> "keras.Model":
    """Build a network on poses: each number normalised over the batch → a GRU in both directions → classes.

    Takes float sequences (n, T, D), as `load_examples(table, features.PoseSequence())` reads them.
    """
    inputs = keras.Input(shape)
    x = layers.BatchNormalization(name="alike")(inputs)
    x = layers.Dense(64, activation="relu")(layers.SpatialDropout1D(0.2)(x))
    x = layers.Bidirectional(layers.GRU(units), name="gru")(x)
    return _classify(inputs, x, n_classes, "pose_gru", dropout=0.3)


def hog_encoder(shape: tuple[int, ...] = (16, 1764), *, components: int = COMPONENTS, width: int = 64) -> "keras.Model":
    """Build the encoder of video for `fusion`: `hog_gru` that gives the state of its GRU at every frame.

    Takes float sequences (n, T, D) as `hog_gru` does; gives float32 (n, T, width). In training, three of ten components
    are left out of a whole clip: on the actors who choose the epoch that brought 0.76 instead of 0.73.
    """
    inputs = keras.Input(shape)
    x = WithDifferences(name="steps")(PCA(components, name="pca")(inputs))
    x = layers.SpatialDropout1D(0.3)(x)
    x = layers.Bidirectional(layers.GRU(width // 2, return_sequences=True), name="gru")(x)
    return keras.Model(inputs, x, name="video_encoder")


def frame_average(n_classes: int, shape: tuple[int, ...] = CLIP) -> "keras.Model":
    """Build a CNN on each frame, averaged over time, which sees every pose and no order.

    The frames are the clip's minus its mean (`Foreground`), which knows no order either.
    """
    inputs = keras.Input(shape, dtype="uint8")
    x = layers.GlobalAveragePooling1D(name="average")(_frames(inputs))
    return _classify(inputs, x, n_classes, "frame_average")


def cnn_gru(n_classes: int, shape: tuple[int, ...] = CLIP, *, frames: "keras.Model | None" = None,
            units: int = 32) -> "keras.Model":
    """Build a CNN on each frame, and a bidirectional GRU over its embeddings.

    frames: a trained `frame_average` whose frame network is taken over and frozen; then only the GRU learns. Source:
    Donahue et al., "Long-term recurrent convolutional networks", CVPR 2015.
    """
    inputs = keras.Input(shape, dtype="uint8")
    x = layers.Bidirectional(layers.GRU(units), name="gru")(_frames(inputs))
    return _take_over(_classify(inputs, x, n_classes, "cnn_gru"), frames)


def transformer(n_classes: int, shape: tuple[int, ...] = CLIP, *, frames: "keras.Model | None" = None,
                heads: int = 4) -> "keras.Model":
    """Build a CNN on each frame, places in time added, one block of self-attention over the frames, averaged.

    frames: as in `cnn_gru`. Source: Vaswani et al., "Attention is all you need", NeurIPS 2017 (norm before each part).
    """
    inputs = keras.Input(shape, dtype="uint8")
    x = transformer_block(Position(name="position")(_frames(inputs)), heads=heads)
    x = layers.GlobalAveragePooling1D(name="average")(layers.LayerNormalization()(x))
    return _take_over(_classify(inputs, x, n_classes, "transformer"), frames)


def transformer_block(x: "keras.KerasTensor", *, heads: int = 4) -> "keras.KerasTensor":
    """Add to a sequence (n, T, D) what self-attention finds in it, then what two layers make of each step: (n, T, D).

    Source: as of `transformer`. A model of it has the layers "attention_norm", "attention" (its weights: kernel and
    bias of query, key, value and output), "hidden_norm", "hidden" and "output".

    >>> steps = keras.Input((16, 64))
    >>> keras.Model(steps, transformer_block(steps)).get_layer("attention").get_weights()[0].shape
    (64, 4, 16)
    """
    width = x.shape[-1]
    y = layers.LayerNormalization(name="attention_norm")(x)
    x = layers.Add()([x, layers.MultiHeadAttention(heads, width // heads, dropout=0.1, name="attention")(y, y)])
    y = layers.LayerNormalization(name="hidden_norm")(x)
    return layers.Add()([x, layers.Dense(width, name="output")(
        layers.Dense(2 * width, activation="relu", name="hidden")(y))])


def conv3d(n_classes: int, shape: tuple[int, ...] = CLIP) -> "keras.Model":
    """Build convolutions over time, height and width at once, on frame differences; strides instead of pooling.

    Source: Tran et al., "Learning spatiotemporal features with 3D convolutional networks", ICCV 2015.
    """
    inputs = keras.Input(shape, dtype="uint8")
    x = _block(Differences()(inputs), 8, (3, 5, 5), (1, 2, 2), "conv1", norm=False)
    for number, filters in enumerate((24, 48, 64), 2):
        x = _block(x, filters, 3, 2, f"conv{number}")
    return _classify(inputs, layers.Flatten()(x), n_classes, "conv3d")


def conv2plus1d(n_classes: int, shape: tuple[int, ...] = CLIP) -> "keras.Model":
    """Split each convolution of `conv3d` in two: one over height and width, then one over time; (2+1)D.

    Source: Tran et al., "A closer look at spatiotemporal convolutions", CVPR 2018.
    """
    inputs = keras.Input(shape, dtype="uint8")
    x = _block(Differences()(inputs), 8, (1, 5, 5), (1, 2, 2), "conv1", norm=False)
    for number, filters in enumerate((24, 48, 64), 2):
        x = _block(x, filters, (1, 3, 3), (1, 2, 2), f"conv{number}_space")
        x = _block(x, filters, (3, 1, 1), (2, 1, 1), f"conv{number}_time")
    return _classify(inputs, layers.Flatten()(x), n_classes, "conv2plus1d")


def _frames(inputs):
    """Embeddings (n, T, 64), layer "embedding": the same CNN on every frame."""
    x = _block(Foreground()(inputs), 8, (1, 5, 5), (1, 2, 2), "conv1", norm=False)
    for number, filters in enumerate((16, 32), 2):
        x = _block(x, filters, (1, 3, 3), (1, 2, 2), f"conv{number}")
    x = layers.Dropout(0.3)(layers.Reshape((x.shape[1], -1))(x))
    return layers.Dense(64, activation="relu", name="embedding")(x)


def _block(x, filters, kernel, strides, name, *, norm=True):
    """Convolution, batch normalisation, ReLU; over a first layer's large maps the norm costs too much."""
    x = layers.Conv3D(filters, kernel, strides=strides, padding="same", use_bias=not norm, name=name)(x)
    if norm:
        # A momentum of 0.99 would need hundreds of steps to learn the mean.
        x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def _classify(inputs, x, n_classes, name, dropout=0.4):
    x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax", name="probabilities")(x), name=name)


def _take_over(model, frames):
    """Give the layers up to "embedding" the weights of a trained model, and freeze them."""
    if frames is None:
        return model
    for layer in model.layers:
        if layer.weights:
            layer.set_weights(frames.get_layer(layer.name).get_weights())
        layer.trainable = False
        if layer.name == "embedding":
            return model

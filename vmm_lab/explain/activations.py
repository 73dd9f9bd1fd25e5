"""A model and clips go in, what is inside comes out: kernels, feature maps, and the parts that the explanations ask."""
import numpy as np

BATCH = 32  # clips at a time: the first maps of 32 clips of 16×64×64 take 17 MB for eight channels


def filters(model, layer=None):
    """The kernels of a convolution, for display; by default of the first.

    Returns float32 (filters, k, k, channels), or with time (filters, frames, k, k, channels). Raises ValueError where the
    model has no such convolution.

    >>> from vmm_lab.networks import first_cnn
    >>> filters(first_cnn()).shape
    (32, 3, 3, 3)
    """
    name = chosen(model, [each.name for each in model.layers if _kind(each) == "kernel"], layer, "convolution", first=True)
    return np.moveaxis(np.asarray(_inner(model.get_layer(name)).kernel, np.float32), -1, 0)


def activations(model, clips, layer):
    """What a layer answers to clips or pictures.

    Returns float32 (n, …): maps are (n, T, h, w, channels), or (n, h, w, channels) for pictures. Raises ValueError for no
    such layer, or another shape than the model's input.

    >>> from vmm_lab.networks import conv3d
    >>> activations(conv3d(10), np.zeros((1, 16, 64, 64, 3), np.uint8), "conv1_relu").shape
    (1, 15, 32, 32, 8)
    """
    from ..networks import keras

    clips = checked(model, clips)
    name = chosen(model, [each.name for each in model.layers], layer, "layer")
    part = keras.Model(model.inputs, model.get_layer(name).output)
    return np.concatenate([np.asarray(part([batch], training=False), np.float32) for batch in batches(clips)])


def map_layers(model):
    """The names of the layers that keep places, from first to last: convolutions, and the norms and activations behind them.

    >>> from vmm_lab.networks import first_cnn
    >>> map_layers(first_cnn())
    ['conv1']
    """
    names, behind = [], False
    for each in model.layers:
        kind = _kind(each)
        behind = behind or kind in ("kernel", "convolution")
        if behind and kind and len(getattr(each.output, "shape", ())) == len(model.input_shape) >= 4:
            names.append(each.name)
    return names


def chosen(model, names, name, what, *, first=False):
    """`name`, or the first or last of `names` where it is None; ValueError where it is not among them."""
    if not names:
        raise ValueError(f"{model.name} has no {what} of its own; occlusion explains a model without one.")
    if name is None:
        return names[0 if first else -1]
    if name not in names:
        raise ValueError(f"{model.name} has no {what} {name!r}; choose one of {', '.join(names)}.")
    return name


def checked(model, clips):
    """Clips as an array of the model's input shape; ValueError if they are not."""
    shape = model.input_shape
    if isinstance(shape, (list, dict)):
        raise ValueError(f"{model.name} takes several inputs; only a model of one input can be explained.")
    clips = np.asarray(clips)
    fits = clips.ndim == len(shape) and all(wanted in (None, got) for wanted, got in zip(shape, clips.shape))
    if not fits or not len(clips):
        wanted = ", ".join("any" if side is None else str(side) for side in shape[1:])
        alone = clips.ndim == len(shape) - 1
        raise ValueError(f"{model.name} takes arrays of shape (n, {wanted}) with n ≥ 1, got {clips.shape}"
                         f"{'; for one of them alone, give clip[None]' if alone else ''}.")
    return clips


def class_numbers(model, clips, class_index):
    """int (n,): the classes to explain, by default those that the model predicts; ValueError for one that it does not know."""
    if len(model.output_shape) != 2:
        raise ValueError(f"{model.name} gives {model.output_shape}; only a model that gives (n, classes) can be explained.")
    known = max(2, model.output_shape[-1])
    if class_index is None:
        answers = np.concatenate([np.asarray(model(batch, training=False)) for batch in batches(clips)])
        return answers.argmax(axis=1) if answers.shape[1] > 1 else (answers[:, 0] > 0.5).astype(int)
    numbers = np.asarray(class_index)
    if numbers.dtype.kind not in "iu" or numbers.shape not in ((), (len(clips),)) or (numbers < 0).any() or (numbers >= known).any():
        raise ValueError(f"class_index must be a whole number from 0 to {known - 1}, or one for each of the {len(clips)} clips, "
                         f"got {class_index!r}.")
    return np.broadcast_to(numbers, len(clips)).astype(int)


def probability(model, clips, classes):
    """float32 (n,): the probability that the model gives to each clip's class."""
    answers = np.asarray(model(clips, training=False))
    if answers.shape[1] == 1:
        return np.where(classes == 1, answers[:, 0], 1 - answers[:, 0])
    return answers[np.arange(len(clips)), classes]


def maps_and_gradient(model, name, clips, classes):
    """What a layer answers to clips, and how their class's score, before the softmax, changes with each number of it."""
    import tensorflow as tf

    from ..networks import keras

    last = model.layers[-1]
    squashed = last if getattr(last, "activation", None) in (keras.activations.softmax, keras.activations.sigmoid) else None
    dense = isinstance(squashed, keras.layers.Dense)
    part = keras.Model(model.inputs, [model.get_layer(name).output, squashed.input if squashed else model.outputs[0]])
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        # A frozen layer is not watched by itself, and then nothing behind it is recorded.
        tape.watch([each.value for each in model.variables if "float" in str(each.dtype)])
        maps, scores = part([clips], training=False)
        if dense:
            scores = scores @ squashed.kernel + (0.0 if squashed.bias is None else squashed.bias)
        if scores.shape[1] == 1:
            scores = tf.concat([-scores, scores], axis=1)
        score = tf.gather(scores, classes, axis=1, batch_dims=1)
    gradient = tape.gradient(score, maps)
    if gradient is None:
        raise ValueError(f"The answer of {model.name} does not depend on its layer {name!r}; choose another.")
    return maps.numpy(), gradient.numpy()


def time_steps(model):
    """How many steps the first layer of a model of clips makes of the T frames: T − 1 if it takes their differences, else T."""
    frames = model.input_shape[1]
    first = next(each.output.shape for each in model.layers if each.output is not model.inputs[0])
    return frames - 1 if len(first) == 5 and first[1] == frames - 1 else frames


def batches(rows):
    """The rows, some at a time."""
    for begin in range(0, len(rows), BATCH):
        yield rows[begin : begin + BATCH]


def _inner(layer):
    """The layer that a TimeDistributed runs on each frame; any other layer itself."""
    from ..networks import keras

    return layer.layer if isinstance(layer, keras.layers.TimeDistributed) else layer


def _kind(layer):
    """"kernel" or "convolution", with a kernel to show or without; "behind" for norms and activations; "" for others."""
    from ..networks import keras

    layer, kinds = _inner(layer), keras.layers
    if isinstance(layer, (kinds.Conv2D, kinds.Conv3D)):
        return "kernel"
    if isinstance(layer, (kinds.DepthwiseConv2D, kinds.SeparableConv2D)):
        return "convolution"
    return "behind" if isinstance(layer, (kinds.BatchNormalization, kinds.ReLU, kinds.LeakyReLU, kinds.Activation)) else ""

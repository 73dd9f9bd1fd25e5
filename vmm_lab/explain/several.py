"""A model of several modalities goes in, a compiled function that answers for many items at once comes out."""
import weakref

import numpy as np

from .activations import class_numbers

AT_ONCE = 128  # items in memory at a time
_compiled = weakref.WeakKeyDictionary()  # {model: its compiled call}


def names_of(X):
    """The names of the modalities, in the order of "present"."""
    return tuple(name for name in X if name != "present")


def checked_parts(model, X, class_index=None):
    """(X as arrays, int (n,) classes to explain); ValueError where the model does not take such a dict."""
    if not isinstance(model.input, dict) or "present" not in model.input:
        raise ValueError(f"{model.name} is no model of several modalities; networks.fusion gives one, and occlusion explains others.")
    if not isinstance(X, dict) or set(X) != set(model.input):
        have = ", ".join(X) if isinstance(X, dict) else type(X).__name__
        raise ValueError(f"{model.name} takes a dict of {', '.join(model.input)}, got {have}; load_examples(table, {{…}}).X is one.")
    X = {name: np.asarray(part) for name, part in X.items()}
    for name, inputs in model.input.items():
        if X[name].ndim != len(inputs.shape) or any(want not in (None, got) for want, got in zip(inputs.shape, X[name].shape)):
            raise ValueError(f"{model.name} takes {name} of shape (n, {', '.join(map(str, inputs.shape[1:]))}), got {X[name].shape}.")
    n = len(X["present"])
    if not n or any(len(part) != n for part in X.values()) or not X["present"].any(axis=1).all():
        raise ValueError("X needs at least one item, as many in each modality, and each item at least one modality.")
    if class_index is not None:
        return X, class_numbers(model, X["present"], class_index)
    asked = answering(model)
    answers = [asked({name: part[k : k + AT_ONCE] for name, part in X.items()})[0] for k in range(0, n, AT_ONCE)]
    return X, np.concatenate(answers).argmax(axis=1)


def answering(model):
    """A function of such a dict, compiled once for each model: (probabilities (n, classes), weights (n, modalities) or None).

    A sigmoid gives both its classes. Weights are those of a layer "weights", where the model has one.
    """
    if model not in _compiled:
        import tensorflow as tf

        from ..networks import keras

        weights = [layer.output for layer in model.layers if layer.name == "weights"]
        part = keras.Model(model.input, [model.outputs[0], *weights])
        signature = {name: tf.TensorSpec(inputs.shape, inputs.dtype) for name, inputs in model.input.items()}

        @tf.function(input_signature=[signature], autograph=False)
        def call(X):
            return tf.nest.flatten(part(X, training=False))

        types = {name: object if inputs.dtype == "string" else inputs.dtype for name, inputs in model.input.items()}
        _compiled[model] = call, types
    call, types = _compiled[model]

    def asked(X):
        given = {name: np.asarray(X[name]).astype(dtype) for name, dtype in types.items()}
        answers, *weights = (np.asarray(part) for part in call(given))
        answers = answers if answers.shape[1] > 1 else np.concatenate([1 - answers, answers], axis=1)
        return answers, weights[0] if weights else None

    return asked

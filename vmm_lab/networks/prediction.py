"""Ask a model for its answers, and copy all that it has learnt: its weights, and the words that it knows."""
import hashlib
import json
import re
import weakref
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ._keras import keras
from ._keras import tensorflow as tf
from .checks import check_range, input_of
from .examples import each, rows_of

_compiled: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # {model: {what is asked of it: compiled}}


def predict(model: "keras.Model", X: Any, *, batch_size: int = 32) -> Any:
    """Compute what a model gives for arrays in memory, as at test time.

    The model is compiled once, at the first call. X: array (n, …), or a dict of arrays, as `load_examples` reads them;
    unlike `model.predict` this takes strings too. batch_size: rows at a time, which bounds the memory. Returns
    float32 (n, …); of a model with several outputs the same structure of arrays.
    ValueError for pixels from 0 to 255 where a model takes pictures in [0, 1], and the other way round.

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="softmax")])
    >>> predict(model, np.zeros((5, 2))).shape
    (5, 3)
    """
    call, dtypes = compiled(model, "answers", _compile)
    if isinstance(dtypes, dict):
        X = {name: np.asarray(X[name]) for name in dtypes}
    else:
        X = np.asarray(X)
        check_range(model, model.inputs[0], X, "The rows")
    X = tf.nest.map_structure(lambda part, dtype: part.astype(dtype), X, dtypes)
    # No rows are one empty batch: its answers have the right shape.
    answers = [call(each(lambda part, k=k: tf.constant(part[k:k + batch_size]), X))
               for k in range(0, max(rows_of(X), 1), batch_size)]
    return tf.nest.map_structure(lambda *parts: np.concatenate([part.numpy() for part in parts]), *answers)


def compiled(model: "keras.Model", what: Hashable, make: Callable) -> Any:
    """Return make(model), made once for `what` is asked of a model, and kept for as long as the model is."""
    made = _compiled.setdefault(model, {})
    if what not in made:
        made[what] = make(model)
    return made[what]


def get_state(model: "keras.Model") -> list[np.ndarray]:
    """Return all that a model has learnt as arrays: its weights, and str arrays of the words of each vocabulary."""
    words = [np.array(layer.get_vocabulary(include_special_tokens=False), dtype=str) for layer in _vocabularies(model)]
    return [np.asarray(part) for part in (*model.get_weights(), *words)]


def set_state(model: "keras.Model", state: list[np.ndarray]) -> None:
    """Give a model built alike what `get_state` returned; ValueError where the shapes are another model's."""
    vocabularies = _vocabularies(model)
    split = len(state) - len(vocabularies)
    for layer, words in zip(vocabularies, state[split:]):
        if len(words):
            layer.set_vocabulary([str(word) for word in words])
    model.set_weights(state[:split])


def layers_of(model: "keras.Model") -> str:
    """Describe the layers of a model and their settings, without the names that Keras numbers on, as text."""
    kinds = [layer for layer in model._flatten_layers(include_self=False) if not isinstance(layer, keras.Model)]
    settings = json.dumps([[type(layer).__name__, layer.get_config()] for layer in kinds], default=repr, sort_keys=True)
    return hashlib.sha256(re.sub(r'"name": "[^"]*"|0x[0-9a-f]+', "", settings).encode()).hexdigest()


def _compile(model):
    """(the model as a graph for any number of rows, the dtypes of its inputs)."""
    inputs = input_of(model)
    signature = tf.nest.map_structure(lambda part: tf.TensorSpec(part.shape, part.dtype), inputs)
    itself = weakref.ref(model)  # or the dictionary would keep its own key alive

    @tf.function(input_signature=[signature], autograph=False)
    def call(X):
        return itself()(X, training=False)

    return call, tf.nest.map_structure(lambda part: object if part.dtype == "string" else part.dtype, inputs)


def _vocabularies(model):
    """The layers whose words are no weights, in the order of the model."""
    return [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.TextVectorization)]

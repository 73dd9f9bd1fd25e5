"""Turn a recurrent network over whole clips into a function of one step and a state, for a stream without end."""
import numpy as np

from .. import networks
from .convert import random_rows


def step_model(model: "networks.keras.Model") -> "networks.keras.Model":
    """Build, from a trained model (n, T, …) → (n, classes), one of (step (n, 1, …), state) → (probabilities, state).

    The model must be a chain with one GRU or LSTM that reads forwards; what comes before it must look at each step
    alone. The weights are shared. Fed step by step from a state of zeros, it gives what the model gives for the steps
    so far, which is checked here on random numbers. Raises ValueError that names the layer which needs other steps.

    >>> from vmm_lab.networks import keras
    >>> layers = keras.layers
    >>> model = keras.Sequential([keras.Input((8, 5)), layers.GRU(4), layers.Dense(2, activation="softmax")])
    >>> [tuple(part.shape) for part in step_model(model).inputs]
    [(None, 1, 5), (None, 4)]
    """
    keras = networks.keras
    rnn = (keras.layers.GRU, keras.layers.LSTM)
    chain = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    places = [k for k, layer in enumerate(chain) if isinstance(layer, rnn)]
    backwards = [layer.name for layer in chain if isinstance(layer, keras.layers.Bidirectional)]
    if backwards:
        raise ValueError(f"The layer {backwards[0]!r} of {model.name} also reads from the end, and a stream has none; "
                         "train one that reads forwards.")
    if len(places) != 1 or chain[places[0]].return_sequences or chain[places[0]].go_backwards:
        raise ValueError(f"{model.name} has no single GRU or LSTM that ends in its last state; a step function needs "
                         "one.")
    place, old = places[0], chain[places[0]]
    shape = model.inputs[0].shape[1:]
    (rows,) = random_rows(model, 2)
    _check_steps(model, chain[:place], rows)
    step = keras.Input((1, *shape[1:]), dtype=model.inputs[0].dtype, name="input_0")
    x = step
    for layer in chain[:place]:
        x = layer(x)
    states = [keras.Input((old.units,), name=f"input_{k + 1}") for k in range(2 if isinstance(old, rnn[1]) else 1)]
    layer = type(old).from_config(old.get_config() | {"return_state": True, "unroll": True, "name": f"{old.name}_step"})
    x, *after = layer(x, initial_state=states if len(states) > 1 else states[0])
    layer.set_weights(old.get_weights())
    for head in chain[place + 1:]:
        x = head(x)
    built = keras.Model([step, *states], [x, *after], name=f"{model.name}_step")
    memory = [np.zeros((2, old.units), np.float32) for _ in states]
    for k in range(rows.shape[1]):
        answer, *memory = map(np.asarray, built([rows[:, k:k + 1], *memory], training=False))
    if not np.allclose(answer, model(rows, training=False), atol=1e-4):
        raise ValueError(f"Step by step, {model.name} does not give what it gives for the whole; its layers must stand "
                         "in one chain.")
    return built


def _check_steps(model, layers, rows):
    """Raise ValueError where a layer gives another answer to one step alone than within the whole."""
    x = rows
    for layer in layers:
        whole = np.asarray(layer(x, training=False))
        try:
            alone = np.asarray(layer(x[:, 2:3], training=False))
            same = np.allclose(alone, whole[:, 2:3], atol=1e-4)
        except Exception:
            same = False
        if not same:
            raise ValueError(f"The layer {layer.name!r} of {model.name} looks at several steps at once, or at their "
                             "number; a step function needs layers that look at each step alone.")
        x = whole

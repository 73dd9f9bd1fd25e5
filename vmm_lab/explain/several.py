"""Keep the old names of what now is `networks.predict` and `explain.shapley`, until nothing uses them."""
import weakref

import numpy as np

from .shapley import check_modalities as checked_parts  # noqa: F401
from .shapley import modalities_of as names_of  # noqa: F401

_parts: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # {model: its part that also gives the weights}


def answering(model):
    """Return a function of a dict: (probabilities (n, classes), weights (n, modalities) or None)."""
    from .. import networks

    if model not in _parts:
        weights = [layer.output for layer in model.layers if layer.name == "weights"]
        outputs = {"answers": model.outputs[0]} | {"weights": each for each in weights}
        _parts[model] = networks.keras.Model(model.input, outputs)

    def ask(X):
        found = networks.predict(_parts[model], X)
        answers = found["answers"]
        answers = answers if answers.shape[1] > 1 else np.concatenate([1 - answers, answers], axis=1)
        return answers, found.get("weights")

    return ask

"""Keep the old names of what now is `networks.predict` and `explain.shapley`, until nothing uses them."""
from .activations import probabilities
from .shapley import check_modalities as checked_parts, modalities_of as names_of  # noqa: F401


def answering(model):
    """Return a function of a dict: (probabilities (n, classes), weights (n, modalities) or None)."""
    from ..networks import modality_weights

    weighs = any(layer.name == "weights" for layer in model.layers)
    return lambda X: (probabilities(model, X), modality_weights(model, X) if weighs else None)

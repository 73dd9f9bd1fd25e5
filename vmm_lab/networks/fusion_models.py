"""Encoders of several modalities go in, one model of all of them comes out: eight ways to fuse them.

Every model takes a dict: one input for each modality, and "present", float (n, modalities), 1 where an item has the modality
and 0 where it is missing. What a missing modality's input holds is never looked at. All give probabilities (n, n_classes).
"""
import numpy as np

from .feeding import outputs
from .layers import Attend
from .fusion_layers import AttentionShare, IfPresent, ModalityDropout, OneClock, Product, Share, Tagged, WeightedSum, Worth
from ._keras import keras

layers, ops = keras.layers, keras.ops

FUSION_KINDS = ("inputs", "features", "average", "weighted", "stacked", "hybrid", "gated", "attention")
"""Early: "inputs", "features". Late: "average", "weighted", "stacked". Then "hybrid", "gated" and cross-"attention"."""

EPSILON = 1e-4  # no logarithm of 0, and no single modality that can forbid a class
STEPS = 16  # of early fusion on inputs, which needs one clock for all


def fusion(kind, encoders, n_classes, *, modality_dropout=0.0, units=64, dropout=0.3):
    """One model of several modalities.

    Parameters
    ----------
    kind : str
        How the modalities meet:

        * "inputs": early. What comes before the encoders' learnt layers ("steps"), brought to one clock and laid side by side; one
          GRU reads all. The encoders' own networks are not used.
        * "features": early. The embeddings laid side by side, and a hidden layer on them.
        * "average": late. The mean of the modalities' probabilities (the sum rule; Kittler et al., PAMI 1998).
        * "weighted": late. Their mean with one learnt weight for each modality.
        * "stacked": late. A learnt linear rule over the logarithms of their probabilities (Wolpert, Neural Networks 1992);
          it starts as their product, which is right where the modalities are independent given the class.
        * "hybrid": embeddings and the modalities' decisions side by side, and a hidden layer on them.
        * "gated": a sum of the embeddings, each times what a gate opens for it in this item (Arevalo et al., 2017).
        * "attention": each modality's embedding asks all steps of all modalities (cross-attention; Tsai et al., ACL 2019).
    encoders : dict of {modality: keras.Model}
        Each takes one array and gives a sequence (n, T, D), zeros where no step is, D the same for all;
        "inputs" also needs a layer "steps". They are part of the new model, and learn with it.
    n_classes : int
    modality_dropout : float
        The probability that a modality that is there is taken away in training, one at least being left: the model learns to do without.
    units, dropout : size of hidden layers, share of the embeddings left out in training.

    Returns
    -------
    keras.Model
        Kinds that weigh the modalities ("average", "weighted", "gated", "attention") tell the weights: `modality_weights`. The
        others mix them in hidden layers; `explain.modality_shares` asks any kind from outside.

    Raises
    ------
    ValueError
        No such kind, no encoders, or encoders whose sequences differ in width.

    Examples
    --------
    >>> from vmm_lab.networks import sound_encoder, word_encoder
    >>> model = fusion("gated", {"sound": sound_encoder(), "words": word_encoder()}, 4)
    >>> sorted(model.input)
    ['present', 'sound', 'words']
    """
    if kind not in FUSION_KINDS:
        raise ValueError(f"fusion knows no kind {kind!r}; there are {', '.join(FUSION_KINDS)}.")
    if not encoders or "present" in encoders:
        raise ValueError('encoders are a dict of {modality: keras.Model}, such as {"sound": sound_encoder()}, and "present" is no modality.')
    if len({encoder.output_shape[-1] for encoder in encoders.values()}) > 1:
        widths = ", ".join(f"{name} {encoder.output_shape[-1]}" for name, encoder in encoders.items())
        raise ValueError(f"The encoders' sequences differ in width ({widths}); build them with one width.")
    inputs = {name: keras.Input(encoder.input_shape[1:], dtype=encoder.inputs[0].dtype, name=name) for name, encoder in encoders.items()}
    inputs["present"] = keras.Input((len(encoders),), name="present")
    present = ModalityDropout(modality_dropout, name="kept")(inputs["present"])
    if kind == "inputs":
        x = _one_clock(encoders, inputs, present)
        x = layers.Dropout(dropout)(layers.Bidirectional(layers.GRU(units), name="gru")(x))
        return keras.Model(inputs, _decide(x, n_classes), name="inputs_fusion")
    steps = {}
    for k, (name, encoder) in enumerate(encoders.items()):
        told = keras.Model(encoder.input, encoder.output, name=f"{name}_encoder")(inputs[name])
        # Zeros before anything is mixed: a weight of 0 later would let NaN through.
        steps[name] = IfPresent(name=f"{name}_steps_there")([told, inputs["present"][:, k, None, None]])
    pooled = {name: layers.Dropout(dropout)(Attend(name=f"{name}_embedding")(x)) for name, x in steps.items()}
    if kind == "attention":
        x = _attention(steps, pooled, present)
    elif kind == "gated":
        x = _gated(pooled, present, units)
    elif kind == "features":
        x = _hidden([*_there(pooled, present), present], units)
    else:
        decisions = {name: _decide(x, n_classes, f"{name}_decision") for name, x in pooled.items()}
        if kind in ("average", "weighted"):
            worth = ops.zeros_like(present) if kind == "average" else Worth(name="worth")(present)
            weights = Share(name="weights")([worth, present])
            mean = WeightedSum(name="probabilities")([ops.stack(list(decisions.values()), axis=1), weights])
            return keras.Model(inputs, mean, name=f"{kind}_fusion")
        # 0, where a modality is missing, is the logarithm of a guess over the classes: a decision that decides nothing.
        guess = np.log(1 / n_classes + EPSILON)
        logs = _there({name: ops.log(p + EPSILON) - guess for name, p in decisions.items()}, present)
        if kind == "stacked":
            return keras.Model(inputs, Product(name="probabilities")(ops.stack(logs, axis=1)), name="stacked_fusion")
        x = _hidden([*_there(pooled, present), *logs, present], units)
    return keras.Model(inputs, _decide(layers.Dropout(dropout)(x), n_classes), name=f"{kind}_fusion")


def modality_weights(model, X):
    """float (n, modalities), rows of sum 1: what each modality weighed in each item of a dict X.

    Of a `fusion` of kind "average", "weighted", "gated" or "attention"; a missing modality weighs 0. Raises ValueError for others.
    """
    if "weights" not in (layer.name for layer in model.layers):
        raise ValueError(f"{model.name} does not weigh its modalities one by one; explain.modality_shares tells what each of them changes.")
    weights = outputs(keras.Model(model.input, model.get_layer("weights").output), X)
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)


def _decide(x, n_classes, name="probabilities"):
    return layers.Dense(n_classes, activation="softmax", name=name)(x)


def _hidden(parts, units):
    return layers.Dense(units, activation="relu", name="fused")(layers.Concatenate()(parts))


def _there(vectors, present):
    """The vectors of each modality, zeros in the items that lack it."""
    return [IfPresent()([x, present[:, k:k + 1]]) for k, x in enumerate(vectors.values())]


def _one_clock(encoders, inputs, present):
    """(n, STEPS, …): what each encoder starts from, averaged or repeated to STEPS steps, zeros where the modality is missing."""
    sides = []
    for k, (name, encoder) in enumerate(encoders.items()):
        front = keras.Model(encoder.input, encoder.get_layer("steps").output, name=f"{name}_steps")
        sides.append(IfPresent()([OneClock(STEPS)(front(inputs[name])), present[:, k, None, None]]))
    return layers.Concatenate()(sides)


def _gated(pooled, present, units):
    """(n, units): each modality's part, times a gate between 0 and 1 that looks at all of them."""
    parts = {name: layers.Dense(units, activation="tanh", name=f"{name}_part")(x) for name, x in pooled.items()}
    seen = layers.Concatenate()([*_there(parts, present), present])
    gates = layers.Dense(len(parts), activation="sigmoid", bias_initializer="ones", name="gates")(seen)
    gates = IfPresent(name="weights")([gates, present])
    return WeightedSum(name="fused")([ops.stack(list(parts.values()), axis=1), gates])


def _attention(steps, pooled, present, heads=4):
    """(n, modalities · width): each modality's embedding with what it found among all steps, times the attention that it got."""
    width = next(iter(pooled.values())).shape[-1]
    tokens = layers.Concatenate(axis=1)([Tagged(name=f"{name}_tagged")(x) for name, x in steps.items()])
    there = [ops.any(ops.not_equal(x, 0), axis=-1) & (present[:, k:k + 1] > 0) for k, x in enumerate(steps.values())]
    asked = ops.stack(list(pooled.values()), axis=1)
    attend = layers.MultiHeadAttention(heads, width // heads, dropout=0.1, name="attention")
    answers, scores = attend(layers.LayerNormalization()(asked), tokens, return_attention_scores=True,
                             attention_mask=layers.Concatenate(axis=1)(there)[:, None, :])
    weights = AttentionShare([x.shape[1] for x in steps.values()], name="weights")([scores, present])
    x = layers.LayerNormalization()(layers.Add()([asked, answers]))
    x = layers.Dense(width, activation="relu", name="found")(x)
    return layers.Flatten(name="fused")(x * weights[..., None])

"""Build one model of several modalities from an encoder of each: eight ways to fuse them.

Every model takes a dict: one input for each modality, and "present", float (n, modalities), 1 where an item has the
modality and 0 where it is missing. What a missing modality's input holds is never looked at. All give probabilities (n,
n_classes).
"""
import numpy as np

from ._keras import keras
from .fusion_layers import (
    AttentionShare,
    MaskedSoftmax,
    ModalityDropout,
    ModalityEmbedding,
    ModalityWeights,
    ProductOfExperts,
    ResampleTime,
)
from .layers import AttentionPooling, Masked
from .prediction import predict

layers, ops = keras.layers, keras.ops

FUSION_KINDS = ("inputs", "features", "average", "weighted", "stacked", "hybrid", "gated", "attention")
"""Early: "inputs", "features". Late: "average", "weighted", "stacked". Then "hybrid", "gated" and cross-"attention"."""

EPSILON = 1e-4  # no logarithm of 0, and no single modality that can forbid a class
STEPS = 16  # of early fusion on inputs, which needs one clock for all


def fusion(kind: str, encoders: "dict[str, keras.Model]", n_classes: int, *, modality_dropout: float = 0.0,
           units: int = 64, dropout: float = 0.3) -> "keras.Model":
    """Build one model of several modalities.

    kind: how the modalities meet.

    * "inputs": early. What comes before the encoders' learnt layers ("steps"), on one clock and joined; a GRU reads it.
    * "features": early. The embeddings joined, and a hidden layer on them.
    * "average": late. The mean of the modalities' probabilities (the sum rule; Kittler et al., PAMI 1998).
    * "weighted": late. Their mean with one learnt weight for each modality.
    * "stacked": late. A learnt linear rule over the logarithms of their probabilities (Wolpert, Neural Networks 1992);
      it starts as their product, which is right where the modalities are independent given the class.
    * "hybrid": embeddings and the modalities' decisions joined, and a hidden layer on them.
    * "gated": a sum of the embeddings, each times a gate that depends on the item (Arevalo et al., 2017).
    * "attention": each modality's embedding attends to all steps of all modalities (Tsai et al., ACL 2019).

    encoders: {modality: keras.Model}, each from one array to a sequence (n, T, D), D the same for all. A layer "mask",
    (n, T, 1), tells which steps there are, where some are padding; "inputs" also needs a layer "steps". They learn with
    the new model. modality_dropout: the probability that a modality is taken away in training, one at least being left.
    units, dropout: size of hidden layers, share of the embeddings left out in training. ValueError for encoders or a
    kind that do not fit. `modality_weights` gives the weights of kinds that weigh; `explain.modality_shares` explains
    any.

    >>> from vmm_lab.networks import sound_encoder, word_encoder
    >>> sorted(fusion("gated", {"sound": sound_encoder(), "words": word_encoder()}, 4).input)
    ['present', 'sound', 'words']
    """
    _check(kind, encoders)
    inputs = {name: keras.Input(encoder.input_shape[1:], dtype=encoder.inputs[0].dtype, name=name)
              for name, encoder in encoders.items()}
    inputs["present"] = keras.Input((len(encoders),), name="present")
    present = ModalityDropout(modality_dropout, name="kept")(inputs["present"])
    if kind == "inputs":
        x = layers.Bidirectional(layers.GRU(units), name="gru")(_resampled(encoders, inputs, present))
        return keras.Model(inputs, _decide(layers.Dropout(dropout)(x), n_classes), name="inputs_fusion")
    steps, masks, pooled = {}, {}, {}
    for k, (name, encoder) in enumerate(encoders.items()):
        x, mask = _encoded(name, encoder, inputs[name])
        masks[name] = mask * inputs["present"][:, k, None, None]
        # Zeros before anything is mixed: a weight of 0 later would let NaN through.
        steps[name] = Masked(name=f"{name}_steps_masked")([x, masks[name]])
    for name, x in steps.items():
        pooled[name] = layers.Dropout(dropout)(AttentionPooling(name=f"{name}_embedding")([x, masks[name]]))
    if kind == "attention":
        x = _attention(steps, masks, pooled, present)
    elif kind == "gated":
        x = _gated(pooled, present, units)
    elif kind == "features":
        x = _hidden([*_masked(pooled, present), present], units)
    else:
        decisions = {name: _decide(x, n_classes, f"{name}_decision") for name, x in pooled.items()}
        if kind in ("average", "weighted"):
            scores = ops.zeros_like(present) if kind == "average" else ModalityWeights(name="scores")(present)
            weights = MaskedSoftmax(name="weights")([scores, present])
            mean = layers.Dot(1, name="probabilities")([ops.stack(list(decisions.values()), axis=1), weights])
            return keras.Model(inputs, mean, name=f"{kind}_fusion")
        # 0, where a modality is missing, is the logarithm of a guess over the classes: a decision that decides nothing.
        guess = np.log(1 / n_classes + EPSILON)
        logs = _masked({name: ops.log(p + EPSILON) - guess for name, p in decisions.items()}, present)
        if kind == "stacked":
            joint = ProductOfExperts(name="probabilities")(ops.stack(logs, axis=1))
            return keras.Model(inputs, joint, name="stacked_fusion")
        x = _hidden([*_masked(pooled, present), *logs, present], units)
    return keras.Model(inputs, _decide(layers.Dropout(dropout)(x), n_classes), name=f"{kind}_fusion")


def modality_weights(model: "keras.Model", X: dict) -> np.ndarray:
    """Compute what each modality weighed in each item of a dict X: float (n, modalities), rows of sum 1.

    Of a `fusion` of kind "average", "weighted", "gated" or "attention"; a missing modality weighs 0. Raises ValueError
    for others.
    """
    if "weights" not in (layer.name for layer in model.layers):
        raise ValueError(f"{model.name} does not weigh its modalities one by one; explain.modality_shares tells what "
                         "each of them changes.")
    weights = predict(keras.Model(model.input, model.get_layer("weights").output), X)
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)


def _check(kind, encoders):
    """Raise ValueError for a kind that there is not, or for encoders that do not fit together."""
    if kind not in FUSION_KINDS:
        raise ValueError(f"fusion knows no kind {kind!r}; there are {', '.join(FUSION_KINDS)}.")
    if not encoders or "present" in encoders:
        raise ValueError('encoders are a dict of {modality: keras.Model}, such as {"sound": sound_encoder()}, and '
                         '"present" is no modality.')
    if len({encoder.output_shape[-1] for encoder in encoders.values()}) > 1:
        widths = ", ".join(f"{name} {encoder.output_shape[-1]}" for name, encoder in encoders.items())
        raise ValueError(f"The encoders' sequences differ in width ({widths}); build them with one width.")


def _encoded(name, encoder, x):
    """The steps (n, T, D) of an encoder, and float (n, T, 1): 1 where there is a step, 0 where there is padding."""
    if not any(layer.name == "mask" for layer in encoder.layers):
        x = keras.Model(encoder.input, encoder.output, name=f"{name}_encoder")(x)
        return x, ops.ones_like(x[..., :1])
    both = [encoder.output, encoder.get_layer("mask").output]
    return keras.Model(encoder.input, both, name=f"{name}_encoder")(x)


def _decide(x, n_classes, name="probabilities"):
    return layers.Dense(n_classes, activation="softmax", name=name)(x)


def _hidden(parts, units):
    return layers.Dense(units, activation="relu", name="fused")(layers.Concatenate()(parts))


def _masked(vectors, present):
    """The vectors of each modality, zeros in the items that lack it."""
    return [Masked()([x, present[:, k:k + 1]]) for k, x in enumerate(vectors.values())]


def _resampled(encoders, inputs, present):
    """(n, STEPS, …): what each encoder starts from, on one clock, zeros where the modality is missing."""
    sides = []
    for k, (name, encoder) in enumerate(encoders.items()):
        front = keras.Model(encoder.input, encoder.get_layer("steps").output, name=f"{name}_steps")
        sides.append(Masked()([ResampleTime(STEPS)(front(inputs[name])), present[:, k, None, None]]))
    return layers.Concatenate()(sides)


def _gated(pooled, present, units):
    """(n, units): each modality's part, times a gate between 0 and 1 that depends on all of them."""
    parts = {name: layers.Dense(units, activation="tanh", name=f"{name}_part")(x) for name, x in pooled.items()}
    both = layers.Concatenate()([*_masked(parts, present), present])
    gates = layers.Dense(len(parts), activation="sigmoid", bias_initializer="ones", name="gates")(both)
    gates = Masked(name="weights")([gates, present])
    return layers.Dot(1, name="fused")([ops.stack(list(parts.values()), axis=1), gates])


def _attention(steps, masks, pooled, present, heads=4):
    """(n, modalities · width): each modality's embedding with what it found among all steps, times its attention."""
    width = next(iter(pooled.values())).shape[-1]
    tokens = layers.Concatenate(axis=1)([ModalityEmbedding(name=f"{name}_tagged")(x) for name, x in steps.items()])
    allowed = [(mask[..., 0] > 0) & (present[:, k:k + 1] > 0) for k, mask in enumerate(masks.values())]
    queries = ops.stack(list(pooled.values()), axis=1)
    attend = layers.MultiHeadAttention(heads, width // heads, dropout=0.1, name="attention")
    answers, scores = attend(layers.LayerNormalization()(queries), tokens, return_attention_scores=True,
                             attention_mask=layers.Concatenate(axis=1)(allowed)[:, None, :])
    weights = AttentionShare([x.shape[1] for x in steps.values()], name="weights")([scores, present])
    x = layers.LayerNormalization()(layers.Add()([queries, answers]))
    x = layers.Dense(width, activation="relu", name="found")(x)
    return layers.Flatten(name="fused")(x * weights[..., None])

"""Refuse examples that would train nonsense, with the sentence that says why."""
import numpy as np

from ._keras import keras
from ._keras import tensorflow as tf
from .examples import each, fits, modalities, rows_of


class TrainingError(ValueError):
    """Describe why a training cannot start or go on, and what to do."""


def check_examples(model, examples, validation) -> None:
    """Raise TrainingError for rows that do not fit the model, or a validation that would judge by nonsense."""
    _check_rows(model, examples, "The training rows")
    present = np.unique(examples.y)
    if len(present) < 2:
        only = examples.classes[present[0]]
        raise TrainingError(f"The training rows are all of one class ({only}); a network needs at least two.")
    if validation is None:
        return
    _check_rows(model, validation, "The validation rows")
    if validation.classes != examples.classes:
        raise TrainingError("Training and validation number their classes differently; read both with one classes=.")
    unknown = sorted(set(np.unique(validation.y)) - set(present))
    if unknown:
        raise TrainingError(f"The label {examples.classes[unknown[0]]!r} is among the validation rows and not among "
                            "the training rows; a network cannot answer what it was never shown.")
    if examples.groups is not None and validation.groups is not None:
        both = sorted(map(str, set(examples.groups) & set(validation.groups)))
        if both:
            more = f", as do {len(both) - 1} more" if len(both) > 1 else ""
            raise TrainingError(f"The group {both[0]!r} stands on both sides{more}; the validation score would be too "
                                "good. Split with split_by_group.")


def _check_rows(model, some, what):
    """Raise TrainingError where rows are none, or their shape, numbers or classes are not the model's."""
    if len(some) == 0:
        raise TrainingError(f"{what} are none; a split left nothing on that side.")
    if rows_of(some.X) != len(some):
        raise TrainingError(f"{what} have {rows_of(some.X)} X and {len(some)} y; each row needs one of both.")
    inputs = input_of(model)
    names, wanted = (set(part) if isinstance(part, dict) else None for part in (some.X, inputs))
    if names != wanted:
        have, takes = (", ".join(modalities(part)) if isinstance(part, dict) else "one array"
                       for part in (some.X, inputs))
        raise TrainingError(f"{what} have {have}, and {model.name} takes {takes}; read them with the same modalities.")
    if wanted is None:
        _check_array(model, inputs, some.X, what)
    else:
        for name, part in inputs.items():
            _check_array(model, part, some.X[name], f"{what} ({name})")
        bad = np.flatnonzero(~some.X["present"].any(axis=1))
        if len(bad):
            raise TrainingError(f"{what} lack every modality in {len(bad)} of {len(some)} rows, the first being "
                                f"{bad[0]}; leave those out.")
    known = max(2, model.outputs[0].shape[-1])  # one sigmoid tells two classes apart
    if len(some.classes) != known:
        outputs, n_classes = model.outputs[0].shape[-1], len(some.classes)
        raise TrainingError(f"{what} know {n_classes} classes, and {model.name} has {outputs} outputs; build it for "
                            f"{n_classes}.")
    y = np.asarray(some.y)
    if y.dtype.kind not in "iu" or y.ndim != 1 or y.min() < 0 or y.max() >= known:
        raise TrainingError(f"{what} have a y that does not number their {known} classes from 0 to {known - 1}; "
                            "load_examples gives one that does.")


def _check_array(model, inputs, X, what):
    """Raise TrainingError where the shape or numbers of X are not what an input of a model takes."""
    expected, got = tuple(inputs.shape[1:]), X.shape[1:]
    if not fits(got, expected):
        raise TrainingError(f"{what} have the shape {got}, and {model.name} takes {expected}; read them with that size "
                            "and number of frames.")
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        bad = np.flatnonzero(~np.isfinite(X.reshape(len(X), -1)).all(axis=1))
        raise TrainingError(f"{what} hold NaN or infinite numbers in {len(bad)} of {len(X)} rows, the first being "
                            f"{bad[0]}; leave those rows out.")
    check_range(model, inputs, X, what)


def input_of(model):
    """Return what a model takes: its input, or a dict of them."""
    inputs = getattr(model, "input", None)  # a Sequential that has never been called has `inputs` alone
    return inputs if isinstance(inputs, dict) else model.inputs[0]


def check_range(model, inputs, X, what) -> None:
    """Raise TrainingError for pixels from 0 to 255 where an input takes pictures in [0, 1], and the other way round."""
    if len(inputs.shape) < 4 or X.dtype.kind not in "iuf" or not X.size:
        return
    some = X[:64]
    if not inputs.dtype.startswith("float"):
        if X.dtype.kind == "f" and some.max() <= 1:
            raise TrainingError(f"{model.name} takes pixels from 0 to 255, and {what.lower()} are numbers in [0, 1]; "
                                "give the uint8 pixels themselves.")
        return
    pixels = X.dtype == np.uint8 or (inputs.shape[-1] == 3 and some.min() >= 0 and some.max() > 32)
    own = (keras.layers.Rescaling, keras.layers.Normalization)  # such a model brings pixels to its range itself
    if pixels and not any(isinstance(layer, own) for layer in model._flatten_layers()):
        raise TrainingError(f"{model.name} takes numbers in [0, 1], and {what.lower()} are pixels from 0 to 255; read "
                            "them with load_examples, and divide X by 255.")


def check_answers(model, X) -> None:
    """Raise TrainingError where a model's answers to these rows are no probabilities, on which the losses rest."""
    outputs = model.outputs[0].shape[-1]
    wanted = "sigmoid" if outputs == 1 else "softmax"
    layer = model
    while isinstance(layer, keras.Model):
        layer = layer.outputs[0]._keras_history.operation
    ends_in = getattr(getattr(layer, "activation", None), "__name__", "")
    ends_in = "softmax" if isinstance(layer, keras.layers.Softmax) else ends_in
    answers = np.asarray(model(each(lambda part: tf.constant(part[:8]), X), training=False))
    sums = answers.sum(axis=-1) if outputs > 1 else 1.0
    fine = np.all((answers >= 0) & (answers <= 1)) and np.allclose(sums, 1, atol=1e-3)
    known = ends_in in ("linear", "relu", "softmax", "sigmoid", "tanh")
    if (known and ends_in != wanted) or (np.isfinite(answers).all() and not fine):
        raise TrainingError(f"{model.name} ends in {outputs} output{'s' * (outputs > 1)} "
                            f"{f'with the activation {ends_in}' * known or 'that are no probabilities'}, and the loss "
                            f'needs probabilities; end it with Dense({outputs}, activation="{wanted}").')

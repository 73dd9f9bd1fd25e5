"""A model, its examples and their validation go in; the examples as arrays come out, or the sentence why they would train nonsense."""
import numpy as np

from .. import features
from .examples import Examples, load_examples, modalities, rows_of


class TrainingError(ValueError):
    """A training cannot start or go on; the message says what is wrong with the examples and what to do."""


def readable(model, examples, *, classes=None, progress=True):
    """Examples as they are, or those of a table: clips or pictures of the model's input shape, labels as numbers into `classes`."""
    if isinstance(examples, Examples):
        return examples
    shape = model.inputs[0].shape[1:]
    if len(shape) not in (3, 4) or shape[-1] != 3 or None in shape:
        raise TrainingError(f"{model.name} takes inputs of shape {shape}, which are no frames of one size; read the table with "
                            "load_examples(table, feature) first.")
    feature = features.Frames(size=tuple(shape[-3:-1]), n_frames=shape[0] if len(shape) == 4 else 1)
    return load_examples(examples, feature, classes=classes, progress=progress)


def check_options(*, epochs, batch_size, learning_rate, class_weight):
    """Raise TrainingError for options that train nothing."""
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, (int, np.integer)) or value < 1:
            raise TrainingError(f"{name} must be a whole number of at least 1, got {value!r}.")
    if not 0 < learning_rate < np.inf:
        raise TrainingError(f"learning_rate must be a number above 0, such as 2e-3, got {learning_rate!r}.")
    if class_weight not in ("balanced", None):
        raise TrainingError(f'class_weight must be "balanced" or None, got {class_weight!r}.')


def check_sides(model, examples, validation):
    """Raise TrainingError for rows that do not fit the model, or a validation that would judge by nonsense."""
    check_rows(model, examples, "The training rows")
    present = np.unique(examples.y)
    if len(present) < 2:
        raise TrainingError(f"The training rows are all of one class ({examples.classes[present[0]]}); a network needs at least two.")
    if validation is None:
        return
    check_rows(model, validation, "The validation rows")
    if validation.classes != examples.classes:
        raise TrainingError("Training and validation number their classes differently; read both with the same classes=.")
    strange = sorted(set(np.unique(validation.y)) - set(present))
    if strange:
        raise TrainingError(f"The label {examples.classes[strange[0]]!r} is among the validation rows and not among the training rows; "
                            "a network cannot say what it has never been shown.")
    if examples.groups is not None and validation.groups is not None:
        both = sorted(map(str, set(examples.groups) & set(validation.groups)))
        if both:
            raise TrainingError(f"The group {both[0]!r} stands on both sides{f', as do {len(both) - 1} more' * (len(both) > 1)}; the "
                                "validation score would be too good. Split with split_by_group.")


def check_rows(model, some, what):
    """Raise TrainingError where rows are none, or their shape, numbers or classes are not the model's; `what` names them."""
    if len(some) == 0:
        raise TrainingError(f"{what} are none; a split left nothing on that side.")
    if rows_of(some.X) != len(some):
        raise TrainingError(f"{what} have {rows_of(some.X)} X and {len(some)} y; each row needs one of both.")
    inputs = getattr(model, "input", None)  # a Sequential that has never been called has `inputs` alone
    if isinstance(inputs, dict) != isinstance(some.X, dict) or isinstance(some.X, dict) and set(inputs) != set(some.X):
        have = modalities(some.X) if isinstance(some.X, dict) else ("one array",)
        wanted = modalities(inputs) if isinstance(inputs, dict) else ("one array",)
        raise TrainingError(f"{what} have {', '.join(have)}, and {model.name} takes {', '.join(wanted)}; read them with the same modalities.")
    if isinstance(some.X, dict):
        for name, wanted in inputs.items():
            check_array(model.name, wanted, some.X[name], f"{what} ({name})")
        if not some.X["present"].any(axis=1).all():
            bad = np.flatnonzero(~some.X["present"].any(axis=1))
            raise TrainingError(f"{what} lack every modality in {len(bad)} of {len(some)} rows, the first being {bad[0]}; leave those out.")
    else:
        check_array(model.name, model.inputs[0], some.X, what)
    outputs = model.outputs[0].shape[-1]
    known = 2 if outputs == 1 else outputs
    if len(some.classes) != known:
        raise TrainingError(f"{what} know {len(some.classes)} classes, and {model.name} has {known} outputs; build it for {len(some.classes)}.")
    y = np.asarray(some.y)
    if y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= known:
        raise TrainingError(f"{what} have a y that does not number their {known} classes from 0 to {known - 1}; load_examples gives one that does.")


def check_array(model, inputs, X, what):
    """Raise TrainingError where the shape or numbers of X are not what an input of a model takes."""
    expected, got = tuple(inputs.shape[1:]), X.shape[1:]
    if len(got) != len(expected) or any(want not in (None, have) for want, have in zip(expected, got)):
        raise TrainingError(f"{what} have the shape {got}, and {model} takes {expected}; read them with that size and number of frames.")
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        bad = np.flatnonzero(~np.isfinite(X.reshape(len(X), -1)).all(axis=1))
        raise TrainingError(f"{what} hold NaN or infinite numbers in {len(bad)} of {len(X)} rows, the first being {bad[0]}; "
                            "leave those rows out.")
    if inputs.dtype.startswith("float") and X.dtype == np.uint8 and len(expected) > 2:
        raise TrainingError(f"{model} takes numbers in [0, 1], and {what.lower()} are pixels from 0 to 255; read them with "
                            "load_examples, and divide X by 255.")

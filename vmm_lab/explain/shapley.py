"""Measure what each modality, moment and word contributes to an answer: Shapley values, leave-one-out and occlusion.

The measure is evidence in nats: how much the logarithm of a class's probability falls when something is taken away;
below 0, the class would be more probable without it. Of moments and words it is the log-odds, log p / (1 − p), the
"weight of evidence" (Good, 1950), which still moves where an answer is nearly certain. X is a dict as `load_examples`
gives it: an array for each modality, and "present", float (n, modalities). class_index is an int, or int (n,): the
class to explain, by default the predicted one of each item.
"""
import itertools
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..modalities import MODALITIES
from ..networks.examples import column, fits, has
from ..networks.examples import modalities as modalities_of
from .activations import class_numbers, probabilities
from .occlusion import windows

if TYPE_CHECKING:
    import keras

LEAST = 1e-6  # probabilities below it count as so much: what is out of the question is not more so by a further zero
AT_ONCE = 128  # items in memory at a time


def modality_shares(model: "keras.Model", X: dict, class_index: int | NDArray | None = None) -> NDArray[np.float32]:
    """Compute how much each modality speaks for a class: exact Shapley values of its log-probability, (n, modalities).

    The model answers once with every set of an item's modalities. A modality's share is what it adds to a set, averaged
    over all orders in which the modalities could have come (Shapley, 1953; Lundberg and Lee, NeurIPS 2017). Without any
    modality every class counts as equally probable, 1 / n; a model is never trained on nothing, so it is not asked.

    model: such as `networks.fusion` gives. Returns nats, in the order of X: a row's sum is log p − log (1 / n), and a
    modality that an item lacks has 0. Raises ValueError for other modalities or shapes than the model takes, no such
    class, an item with no modality at all.
    """
    X, classes = check_modalities(model, X, class_index)
    count = X["present"].shape[1]
    masks = np.array(list(itertools.product((0, 1), repeat=count)), np.float32)  # the set's number in binary
    worth = _worth_of_sets(model, X, classes, masks)
    shares = np.zeros((len(worth), count), np.float32)
    for number, mask in enumerate(masks.astype(int)):
        weight = math.factorial(mask.sum()) * math.factorial(max(0, count - mask.sum() - 1)) / math.factorial(count)
        for k in np.flatnonzero(mask == 0):
            shares[:, k] += weight * (worth[:, number + 2 ** (count - 1 - k)] - worth[:, number])
    return shares


def leave_one_out(model: "keras.Model", X: dict, class_index: int | NDArray | None = None) -> NDArray[np.float32]:
    """Compute how much a class's log-probability falls when one modality is taken away: (n, modalities), nats.

    Neither of two modalities that know the same is missed: both have little here, and share it in `modality_shares`,
    whose parameters and errors these are.
    """
    X, classes = check_modalities(model, X, class_index)
    count = X["present"].shape[1]
    masks = np.concatenate([np.ones((1, count)), 1 - np.eye(count)]).astype(np.float32)
    worth = _worth_of_sets(model, X, classes, masks)
    return worth[:, :1] - worth[:, 1:]


def evidence_over_time(
    model: "keras.Model", X: dict, modality: str, class_index: int | NDArray | None = None, *,
    length: int | None = None, fill: str | None = None,
) -> NDArray[np.float32]:
    """Compute how much the log-odds of a class fall when a window of time says nothing: occlusion of a modality.

    modality: one of steps over time, (n, T, …). length: steps of a window, by default an eighth; windows overlap
    by half. fill: what a window holds instead, by default the modality's `fill`. "held": the step before it, so that
    nothing moves (before the first window, the step behind it). "quiet": each band's tenth percentile over time.
    Returns float32 (n, T), nats, the mean over the windows that cover a step; 0 for an item that lacks the modality.
    Raises ValueError as `modality_shares`, and for a modality without time or a window of no length.
    """
    X, classes = check_modalities(model, X, class_index)
    if modality not in X or modality == "present" or X[modality].ndim < 3:
        raise ValueError(f"{modality!r} has no steps over time in this model; choose one of "
                         f"{', '.join(name for name in X if X[name].ndim > 2) or 'another model'}.")
    fill = fill or (MODALITIES[modality].fill if modality in MODALITIES else "held")
    if fill not in ("held", "quiet"):
        raise ValueError(f'fill must be "held" or "quiet", got {fill!r}.')
    steps = X[modality]
    spans = windows(steps.shape[1], max(1, steps.shape[1] // 8) if length is None else length)
    rows = np.flatnonzero(has(X, modality)).tolist()

    def covered(row, span):
        changed = steps[row].copy()
        before = span.start - 1 if span.start else min(span.stop, len(changed) - 1)
        changed[span] = np.percentile(changed, 10, axis=0) if fill == "quiet" else changed[before]
        return changed

    changes = ((row, {modality: covered(row, span)} if span else {}) for row in rows for span in (None, *spans))
    worth = _evidence(model, classes, _changed(X, changes), odds=True).reshape(len(rows), 1 + len(spans))
    fall, count = np.zeros(steps.shape[:2], np.float32), np.zeros(steps.shape[1], np.float32)
    for k, span in enumerate(spans):
        fall[rows, span] += worth[:, :1] - worth[:, k + 1, None]
        count[span] += 1
    return fall / count


def words_left_out(
    model: "keras.Model", X: dict, class_index: int | NDArray | None = None, *, modality: str = "words"
) -> list[list[tuple[str, float]]]:
    """Compute how much the log-odds of a class fall when one word of a text is left out.

    modality: one of strings (n,), words with spaces between. Returns for each item a list of (word, nats), in the order
    of the text; it is empty where there is no text. A text of one word is missing without it.
    Raises ValueError as `modality_shares`, and where `modality` holds no words.
    """
    X, classes = check_modalities(model, X, class_index)
    if modality not in X or X[modality].dtype.kind not in "UO":
        names = ", ".join(modalities_of(X))
        raise ValueError(f"{modality!r} holds no words in this model; its modalities are {names}.")
    texts = [str(text).split() if held else [] for text, held in zip(X[modality], has(X, modality))]
    changes: list[tuple[int, dict[str, Any]]] = []
    for row, words in enumerate(texts):
        present = X["present"][row].copy()
        present[column(X, modality)] *= len(words) > 1
        changes += [(row, {})] * bool(words)
        shorter = [" ".join(words[:k] + words[k + 1 :]) for k in range(len(words))]
        changes += [(row, {modality: text, "present": present}) for text in shorter]
    worth = iter(_evidence(model, classes, _changed(X, changes), odds=True).tolist())
    found = []
    for words in texts:
        whole = next(worth) if words else 0.0
        found.append([(word, whole - next(worth)) for word in words])
    return found


def check_modalities(
    model: "keras.Model", X: Any, class_index: int | NDArray | None = None
) -> tuple[dict[str, NDArray], NDArray[np.int64]]:
    """Return (X as arrays, the classes to explain, int (n,)); ValueError where the model does not take such a dict."""
    if not isinstance(model.input, dict) or "present" not in model.input:
        raise ValueError(f"{model.name} is no model of several modalities; networks.fusion gives one, and occlusion "
                         "explains others.")
    if not isinstance(X, dict) or set(X) != set(model.input):
        have = ", ".join(X) if isinstance(X, dict) else type(X).__name__
        raise ValueError(f"{model.name} takes a dict of {', '.join(model.input)}, got {have}; load_examples(table, "
                         "{…}).X is one.")
    X = {name: np.asarray(part) for name, part in X.items()}
    for name, inputs in model.input.items():
        wanted, got = inputs.shape[1:], X[name].shape
        if not fits(got, inputs.shape):
            raise ValueError(f"{model.name} takes {name} of shape (n, {', '.join(map(str, wanted))}), got {got}.")
    n = len(X["present"])
    if not n or any(len(part) != n for part in X.values()) or not X["present"].any(axis=1).all():
        raise ValueError("X needs at least one item, as many in each modality, and each item at least one modality.")
    return X, class_numbers(model, X, class_index)


def _worth_of_sets(model, X, classes, masks):
    """float32 (n, sets): the log-probability of each item's class with only the modalities of each mask."""
    present = X["present"]
    changes = ((row, {"present": present[row] * mask}) for row in range(len(present)) for mask in masks)
    return _evidence(model, classes, _changed(X, changes)).reshape(len(present), len(masks))


def _changed(X: dict, changes: Iterable[tuple[int, dict]]) -> Iterator[tuple[NDArray, dict]]:
    """Some items at a time of (row, {part: what stands there instead}): (rows, the dict that a model takes)."""
    changes = iter(changes)
    while some := list(itertools.islice(changes, AT_ONCE)):
        rows = np.array([row for row, _ in some])
        yield rows, {name: np.array([new.get(name, part[row]) for row, new in some]) for name, part in X.items()}


def _evidence(model, classes, batches, *, odds=False):
    """float32: log-probability, or log-odds, of each row's class; of an item without a modality, that of 1 / n."""
    known, found = max(2, model.output_shape[-1]), [np.zeros(0, np.float32)]
    for rows, X in batches:
        shares, held = np.full(len(rows), 1 / known, np.float32), X["present"].any(axis=1)
        if held.any():
            answers = probabilities(model, {name: part[held] for name, part in X.items()})
            shares[held] = answers[np.arange(len(answers)), classes[rows[held]]]
        shares = np.clip(shares, LEAST, 1 - LEAST if odds else 1)
        found.append(np.log(shares) - (np.log1p(-shares) if odds else 0))
    return np.concatenate(found)

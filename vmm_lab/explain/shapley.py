"""A model of several modalities and items go in, what each modality, moment and word did for the answer comes out.

Everything is measured as evidence, in nats: how much the logarithm of a class's probability falls when something is taken
away; below 0, the class would be more probable without it. Of single moments and words it is the logarithm of the odds,
p / (1 − p), "weight of evidence" (Good, 1950), which still moves where an answer is nearly certain. X is a dict as
`load_examples` gives it for several features: an array for each modality, and "present", float (n, modalities).
"""
import itertools
import math

import numpy as np

from .occlusion import _spans
from .several import AT_ONCE, answering, checked_parts, names_of

LEAST = 1e-6  # probabilities below it count as so much: what is out of the question is not more so by a further zero


def modality_shares(model, X, class_index=None):
    """How much each modality speaks for a class: Shapley values of the logarithm of its probability, exact.

    The model answers once with every set of the item's modalities. A modality's share is what it adds to a set, averaged
    over all orders in which the modalities could have come. One who has seen nothing gives every class the same
    probability, 1 / n; a model is never trained on nothing, so it is not asked what it would say.

    Parameters
    ----------
    model : keras.Model, such as `networks.fusion` gives
    X : dict of arrays; see above
    class_index : int, or int (n,), optional
        The class to explain; by default the one that the model predicts for each item.

    Returns
    -------
    float32 (n, modalities)
        Nats, in the order of X. A row's sum is log p − log (1 / n); a modality that an item lacks has 0.

    Raises
    ------
    ValueError
        Other modalities or shapes than the model takes, no such class, an item with no modality at all.

    Notes
    -----
    Sources: Shapley, "A value for n-person games", 1953; Lundberg and Lee, "A unified approach to interpreting model
    predictions", NeurIPS 2017.

    Examples
    --------
    >>> from vmm_lab.networks import fusion, sound_encoder
    >>> model = fusion("features", {"sound": sound_encoder()}, 4)
    >>> X = {"sound": np.zeros((2, 128, 48), np.float32), "present": np.ones((2, 1), np.float32)}
    >>> modality_shares(model, X).shape
    (2, 1)
    """
    X, classes = checked_parts(model, X, class_index)
    n, count = X["present"].shape
    masks = np.array(list(itertools.product((0, 1), repeat=count)), np.float32)  # the set's number in binary
    worth = _evidence(model, classes, _changed(X, ((row, {"present": X["present"][row] * mask}) for row in range(n) for mask in masks)))
    worth = worth.reshape(n, len(masks))
    shares = np.zeros((n, count), np.float32)
    for number, mask in enumerate(masks.astype(int)):
        weight = math.factorial(mask.sum()) * math.factorial(max(0, count - mask.sum() - 1)) / math.factorial(count)
        for k in np.flatnonzero(mask == 0):
            shares[:, k] += weight * (worth[:, number + 2 ** (count - 1 - k)] - worth[:, number])
    return shares


def leave_one_out(model, X, class_index=None):
    """How much a class's log-probability falls when one modality is taken away and the others stay: float32 (n, modalities), nats.

    What two modalities both know, neither is missed for: then both have little here, and share it in `modality_shares`.
    Parameters and errors as there.

    >>> from vmm_lab.networks import fusion, sound_encoder
    >>> model = fusion("features", {"sound": sound_encoder()}, 4)
    >>> X = {"sound": np.zeros((2, 128, 48), np.float32), "present": np.array([[1], [1]], np.float32)}
    >>> np.allclose(leave_one_out(model, X), modality_shares(model, X), atol=1e-6)  # alone, it is all there is
    True
    """
    X, classes = checked_parts(model, X, class_index)
    n, count = X["present"].shape
    masks = np.concatenate([np.ones((1, count)), 1 - np.eye(count)]).astype(np.float32)
    worth = _evidence(model, classes, _changed(X, ((row, {"present": X["present"][row] * mask}) for row in range(n) for mask in masks)))
    worth = worth.reshape(n, count + 1)
    return worth[:, :1] - worth[:, 1:]


def evidence_over_time(model, X, modality, class_index=None, *, length=None, fill=None):
    """How much the log-odds of a class fall when a window of time says nothing: occlusion of one modality's steps.

    Parameters
    ----------
    model, X, class_index : as in `modality_shares`
    modality : str
        One whose items are steps over time, (n, T, …).
    length : int, optional
        Steps of a window, by default an eighth of them; windows overlap by half.
    fill : "held" or "quiet", optional
        What a window is filled with. "held", for pictures: the step before it goes on, so that nothing moves (before the
        first window, the step behind it). "quiet", for sound and its default: each band's own tenth percentile over time.

    Returns
    -------
    float32 (n, T)
        Nats, the mean over the windows that cover a step; 0 for an item that lacks the modality.

    Raises
    ------
    ValueError
        As in `modality_shares`; a modality without time; a window of no length.

    Notes
    -----
    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, over time.

    Examples
    --------
    >>> from vmm_lab.networks import fusion, sound_encoder
    >>> model = fusion("features", {"sound": sound_encoder()}, 4)
    >>> X = {"sound": np.zeros((1, 128, 48), np.float32), "present": np.ones((1, 1), np.float32)}
    >>> evidence_over_time(model, X, "sound").shape
    (1, 128)
    """
    X, classes = checked_parts(model, X, class_index)
    if modality not in X or modality == "present" or X[modality].ndim < 3:
        raise ValueError(f"{modality!r} has no steps over time in this model; choose one of "
                         f"{', '.join(name for name in X if X[name].ndim > 2) or 'another model'}.")
    if fill not in (None, "held", "quiet"):
        raise ValueError(f'fill must be "held" or "quiet", got {fill!r}.')
    quiet = fill == "quiet" or fill is None and modality == "sound"
    steps = X[modality]
    windows = _spans(steps.shape[1], max(1, steps.shape[1] // 8) if length is None else length, None)
    rows = np.flatnonzero(X["present"][:, names_of(X).index(modality)])

    def covered(row, window):
        changed = steps[row].copy()
        before = window.start - 1 if window.start else min(window.stop, len(changed) - 1)
        changed[window] = np.percentile(changed, 10, axis=0) if quiet else changed[before]
        return changed

    changes = ((row, {modality: covered(row, window)} if window else {}) for row in rows for window in (None, *windows))
    worth = _evidence(model, classes, _changed(X, changes), odds=True).reshape(len(rows), 1 + len(windows))
    fall, count = np.zeros(steps.shape[:2], np.float32), np.zeros(steps.shape[1], np.float32)
    for k, window in enumerate(windows):
        fall[rows, window] += worth[:, :1] - worth[:, k + 1, None]
        count[window] += 1
    return fall / count


def words_left_out(model, X, class_index=None, *, modality="words"):
    """How much the log-odds of a class fall when one word of the caption is left out.

    model, X, class_index: as in `modality_shares`. modality: the one of strings (n,), words with spaces between.
    Returns for each item a list of (word, nats), in the order of the caption; it is empty where there is no caption. A
    caption of one word is missing without it. Raises ValueError as there, and where `modality` holds no words.

    >>> from vmm_lab.networks import fusion, word_encoder
    >>> from vmm_lab.networks.feeding import adapt
    >>> encoder, X = word_encoder(), {"words": np.array(["a man falls"]), "present": np.ones((1, 1), np.float32)}
    >>> adapt(encoder, X["words"])
    >>> [word for word, fall in words_left_out(fusion("features", {"words": encoder}, 4), X)[0]]
    ['a', 'man', 'falls']
    """
    X, classes = checked_parts(model, X, class_index)
    if modality not in X or X[modality].dtype.kind not in "UO":
        raise ValueError(f"{modality!r} holds no words in this model; its modalities are {', '.join(names_of(X))}.")
    column = names_of(X).index(modality)
    texts = [str(text).split() if there else [] for text, there in zip(X[modality], X["present"][:, column])]
    changes = []
    for row, words in enumerate(texts):
        present = X["present"][row].copy()
        present[column] *= len(words) > 1
        changes += [(row, {})] * bool(words)
        changes += [(row, {modality: " ".join(words[:k] + words[k + 1:]), "present": present}) for k in range(len(words))]
    worth = iter(_evidence(model, classes, _changed(X, changes), odds=True).tolist())
    found = []
    for words in texts:
        whole = next(worth) if words else 0.0
        found.append([(word, whole - next(worth)) for word in words])
    return found


def _changed(X, changes):
    """Some items at a time of (row, {part: what stands there instead}): (rows, the dict of arrays that a model takes)."""
    changes = iter(changes)
    while some := list(itertools.islice(changes, AT_ONCE)):
        rows = np.array([row for row, _ in some])
        yield rows, {name: np.array([new.get(name, part[row]) for row, new in some]) for name, part in X.items()}


def _evidence(model, classes, batches, *, odds=False):
    """float32: the log-probability, or the log-odds, of each row's class, for all items of the batches; of no modality, that of 1 / n."""
    asked, known, found = answering(model), max(2, model.output_shape[-1]), [np.zeros(0, np.float32)]
    for rows, X in batches:
        shares = np.full(len(rows), 1 / known, np.float32)
        there = X["present"].any(axis=1)
        if there.any():
            answers, _ = asked({name: part[there] for name, part in X.items()})
            shares[there] = answers[np.arange(len(answers)), classes[rows[there]]]
        shares = np.clip(shares, LEAST, 1 - LEAST if odds else 1)
        found.append(np.log(shares) - (np.log1p(-shares) if odds else 0))
    return np.concatenate(found)

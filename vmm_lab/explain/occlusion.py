"""A model and clips go in, how much its answer falls when a place or a moment is covered comes out."""
import itertools

import numpy as np

from .activations import BATCH, checked, class_numbers, probability


def occlusion(model, clips, class_index=None, *, patch=16, length=None, stride=None):
    """How much a class's probability falls when a patch is covered: what the answer rests on, without any gradient.

    What is covered becomes the mean of its clip over time, as though nothing had moved there; in a picture, its mean
    colour. The model answers once for each place of the patch.

    Parameters
    ----------
    model : keras.Model of clips (n, T, H, W, C), pictures (n, H, W, C) or sequences (n, T, D)
    clips : array of the model's input shape
    class_index : int, or int (n,), optional
        As in `grad_cam`.
    patch : int or None
        The side of the patch, pixels; None covers whole frames. Sequences have no places and ignore it.
    length : int, optional
        How many frames are covered at a time; by default one where whole frames are covered, else all of them.
    stride : int, optional
        Pixels from one place of the patch to the next, by default half its side. In time the patches lie end to end.

    Returns
    -------
    float32 (n, T, H, W), (n, H, W) for pictures or (n, T) for sequences
        The mean fall over the patches that cover a place; below 0 where the model is surer without it.

    Raises
    ------
    ValueError
        No such class, another shape, a patch of no size, a stride that leaves gaps.

    Notes
    -----
    Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014.

    Examples
    --------
    >>> from vmm_lab.networks import small_cnn
    >>> occlusion(small_cnn(4), np.zeros((1, 64, 64, 3), np.uint8), patch=32).shape
    (1, 64, 64)
    """
    clips = checked(model, clips)
    classes = class_numbers(model, clips, class_index)
    shape = clips.shape[1:-1]
    over_time = clips.ndim != 4
    spans = [_spans(size, patch, stride) for size in shape[over_time:]]
    if over_time:
        length = length or (1 if patch is None or clips.ndim == 3 else shape[0])
        spans.insert(0, _spans(shape[0], length, length))
    instead = clips.mean(axis=1 if over_time else (1, 2), keepdims=True)
    instead = np.broadcast_to(np.round(instead) if clips.dtype.kind in "iu" else instead, clips.shape).astype(clips.dtype)
    windows = list(itertools.product(*spans))
    fall, count = np.zeros((len(clips), *shape), np.float32), np.zeros(shape, np.float32)
    for window in windows:
        count[window] += 1
    before = [float(probability(model, clips[k : k + 1], classes[k : k + 1])[0]) for k in range(len(clips))]
    todo = itertools.product(range(len(clips)), windows)
    while some := list(itertools.islice(todo, BATCH)):
        rows = [row for row, _ in some]
        covered = clips[rows]
        for clip, (row, window) in zip(covered, some):
            clip[window] = instead[row][window]
        for (row, window), after in zip(some, probability(model, covered, classes[rows])):
            fall[row][window] += before[row] - after
    return fall / count


def _spans(size, side, stride):
    """Slices of `side` that cover `size` numbers from end to end, the last one ending where they do."""
    side = size if side is None else side
    stride = max(1, side // 2) if stride is None else stride
    if not (isinstance(side, (int, np.integer)) and isinstance(stride, (int, np.integer)) and side >= 1 and 1 <= stride <= side):
        raise ValueError(f"A patch is at least 1 wide and its stride at least 1 and no longer than it, got {side!r} and {stride!r}.")
    side = min(side, size)
    starts = sorted({*range(0, size - side, stride), size - side})
    return [slice(begin, begin + side) for begin in starts]

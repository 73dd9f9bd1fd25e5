"""Compute occlusion sensitivity: how much an answer falls when a place or a moment is covered."""
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import networks
from .activations import BATCH, checked, class_numbers, probabilities


def occlusion(
    model: "networks.keras.Model", clips: NDArray, class_index: int | NDArray | None = None, *, patch: int | None = 16,
    length: int | None = None, stride: int | None = None,
) -> NDArray[np.float32]:
    """Compute how much a class's probability falls when a patch is covered: occlusion sensitivity, without gradients.

    What is covered becomes the mean of its clip over time, as though nothing had moved there; in a picture, its mean
    colour. The model answers once for each place of the patch (Zeiler and Fergus, ECCV 2014).

    model: of clips (n, T, H, W, C), pictures (n, H, W, C) or sequences (n, T, D). class_index: as in `grad_cam`.
    patch: its side, pixels; None covers whole frames; sequences have no places and ignore it. length: frames covered at
    a time, by default one where whole frames are covered, else all. stride: pixels from one place of the patch to the
    next, by default half its side; in time the patches lie end to end.
    Returns float32 (n, T, H, W), (n, H, W) for pictures or (n, T) for sequences: the mean fall over the patches that
    cover a place; below 0 where the model is surer without it.
    Raises ValueError for no such class, another shape, a patch or length of no size, a stride that leaves gaps.
    """
    clips = checked(model, clips)
    classes = class_numbers(model, clips, class_index)
    shape, over_time = clips.shape[1:-1], clips.ndim != 4
    spans = [windows(size, patch, stride) for size in shape[over_time:]]
    if over_time:
        if length is None:
            length = 1 if patch is None or clips.ndim == 3 else shape[0]
        spans.insert(0, windows(shape[0], length, length))
    instead = clips.mean(axis=1 if over_time else (1, 2), keepdims=True)
    instead = np.broadcast_to(np.round(instead) if clips.dtype.kind in "iu" else instead, clips.shape)
    places = list(itertools.product(*spans))
    fall: Any = np.zeros((len(clips), *shape), np.float32)
    count = np.zeros(shape, np.float32)
    for place in places:
        count[place] += 1
    before = probabilities(model, clips)[np.arange(len(clips)), classes]
    todo = itertools.product(range(len(clips)), places)
    while some := list(itertools.islice(todo, BATCH)):
        rows = [row for row, _ in some]
        covered = clips[rows]
        for clip, (row, place) in zip(covered, some):
            clip[place] = instead[row][place]
        for (row, place), answer in zip(some, probabilities(model, covered)):
            fall[row][place] += before[row] - answer[classes[row]]
    return fall / count


def windows(size: int, side: int | None, stride: int | None = None) -> list[slice]:
    """Return slices of `side` that cover `size` numbers from end to end, the last one ending where they do.

    side: None for all of them at once. stride: from one slice to the next, by default half a side.
    """
    side = size if side is None else side
    stride = max(1, side // 2) if stride is None else stride
    whole = isinstance(side, (int, np.integer)) and isinstance(stride, (int, np.integer))
    if not whole or side < 1 or not 1 <= stride <= side:
        raise ValueError(f"A patch is at least 1 wide and its stride at least 1 and no longer than it, "
                         f"got {side!r} and {stride!r}.")
    side = min(side, size)
    starts = sorted({*range(0, size - side, stride), size - side})
    return [slice(begin, begin + side) for begin in starts]

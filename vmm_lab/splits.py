"""Split tables into training and test rows, no group on both sides, and frames or sound into clips of one length."""
import warnings

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .media.options import check_choice, check_whole
from .tables import TableError


def split_by_group(table: pd.DataFrame, *, test: float = 0.25, group: str | None = "group",
                   seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a table into train and test rows so that no group stands on both sides.

    test: the share of rows wanted for testing, in (0, 1); met as nearly as whole groups allow, each class alike if it
        can be. See `group_split`.
    group: the column that must not be split. None asks for a random split, which warns: pieces of one video on both
        sides make a score look better than it is.
    Returns the train rows and the test rows, in the order of the table, their index kept. Raises TableError where there
    is no such column, a row has no group, or there are fewer than two groups.

    >>> table = pd.DataFrame({"path": list("abcdef"), "label": list("xyxyxy"), "group": list("112233")})
    >>> train, test = split_by_group(table, test=1 / 3)
    >>> set(train["group"]) & set(test["group"])
    set()
    """
    labels = table["label"] if "label" in table else np.full(len(table), "")
    if group is None:
        warnings.warn("A random split: pieces of the same video or person may stand on both sides, and the score will "
                      "look better than it is. Split by a group column where you can.", stacklevel=2)
        held = group_split(np.arange(len(table)), labels, test, seed)
    elif group not in table:
        raise TableError(f"The table has no column `{group}` to split by; add one that says who or what must not stand "
                         "on both sides, or ask for a random split with group=None.")
    else:
        missing = table[group].isna().to_numpy()
        if missing.any():
            raise TableError(f"Row {missing.argmax()} has no `{group}`; every row needs one to be split by it.")
        if table[group].nunique() < 2:
            raise TableError(f"The column `{group}` holds one group only; a split by group needs at least two.")
        held = group_split(table[group], labels, test, seed)
    return table[~held], table[held]


def group_split(groups: ArrayLike, labels: ArrayLike, test: float, seed: int = 0) -> NDArray[np.bool_]:
    """Choose whole groups for testing: bool (n,), True for a test row.

    groups, labels: (n,), of each row; a missing label counts as a class. test: the share of rows wanted, in (0, 1): no
    other choice of whole groups, leaving some on both sides, comes nearer (with more than 2,000 groups, hardly nearer).
    Among those that do, the best of several is taken: the one in which every class has its share.

    >>> group_split([1, 1, 2, 2, 3, 3], list("xyxyxy"), 1 / 3).sum()
    np.int64(2)
    """
    if not 0 < test < 1:
        raise ValueError(f"test={test} is not a share between 0 and 1; 0.25 keeps a quarter of the rows for testing.")
    group_of, names = pd.factorize(np.asarray(groups))
    if len(names) < 2:
        raise ValueError("there are fewer than two groups; a split needs at least two.")
    classes = pd.factorize(pd.Series(np.asarray(labels, object)).fillna("").astype(str))[0]
    counts = np.zeros((len(names), classes.max() + 1), int)
    np.add.at(counts, (group_of, classes), 1)
    rng, best, chosen = np.random.default_rng(seed), np.inf, None
    for _ in range(max(1, min(8, 8_000 // len(counts)))):
        order = rng.permutation(len(counts))
        order = order[np.argsort(-counts.std(1)[order], kind="stable")]  # what unbalances most goes first
        taken = order[_taken(counts[order], test)]
        share = counts[taken].sum(0) / counts.sum(0)
        distance = np.abs(share - test).sum() + (share == 0).sum() + (share == 1).sum()
        if distance < best:
            best, chosen = distance, taken
    return np.isin(group_of, chosen)


def _taken(counts, test):
    """Go through groups, counts (g, classes), once: bool (g,), those taken, whose rows come nearest to the share."""
    sizes = counts.sum(1)
    first = max(0, len(sizes) - 2000)
    sums = [1] * (len(sizes) + 1)  # sums[k]: an int whose bit s says that some of the groups from k on have s rows
    for k in range(len(sizes) - 1, first - 1, -1):
        sums[k] = sums[k + 1] | sums[k + 1] << int(sizes[k])
    need, left = test * sizes.sum(), sizes.sum()
    taken, wanted = np.zeros(len(sizes), bool), np.zeros(counts.shape[1])
    for k, size in enumerate(sizes):
        if k == first:
            need = _nearest(sums[k], need, 1 if k == 0 else 0, left - (k == 0))
        left -= size
        wanted += test * counts[k]
        fits = 0 <= need - size and (k < first or sums[k + 1] >> int(need - size) & 1)
        must = need > left or (k >= first and not sums[k + 1] >> int(need) & 1)
        closer = np.square(counts[k] - wanted).sum() < np.square(wanted).sum()
        if must or (fits and closer):
            taken[k] = True
            wanted -= counts[k]
            need -= size
    return taken


def _nearest(bits, need, low, high):
    """Return the number of the set bit from `low` to `high` that is nearest to `need`."""
    raw = np.frombuffer(bits.to_bytes(-(-bits.bit_length() // 8), "little"), np.uint8)
    possible = np.flatnonzero(np.unpackbits(raw, bitorder="little"))
    possible = possible[(possible >= low) & (possible <= high)]
    return int(possible[np.abs(possible - need).argmin()])


def split_clips(
    frames: ArrayLike, *, length: int, stride: int | None = None, pad: str | None = None
) -> tuple[NDArray, NDArray[np.int64]]:
    """Cut frames, or a sound wave, or anything else with time first, into clips of one length.

    frames: array (T, ...): frames (T, H, W, 3), times (T,), a wave (N,), descriptors (T, d).
    length: frames (first-axis steps) in a clip.
    stride: steps from the beginning of one clip to that of the next; default `length`, side by side without overlap.
    pad: None drops an incomplete clip at the end: fewer than `length` frames give no clips, shape (0, length, ...).
        "repeat" completes it with copies of the last frame, so that every frame is in some clip (stride <= length).

    Returns (clips, first_frames): clips (N, length, ...) of the dtype given, and int64 (N,), clip i being
    frames[first_frames[i] : first_frames[i] + length]. Where nothing is padded, the clips are a read-only view: they
    cost no memory, and none can be changed by mistake through its neighbour. Take clips.copy() to write.
    Raises ValueError if there are no frames, or for a length, stride or pad that makes no sense.

    >>> clips, first_frames = split_clips(np.arange(10), length=4, stride=3)
    >>> clips.tolist(), first_frames.tolist()
    ([[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 9]], [0, 3, 6])
    >>> split_clips(np.arange(3), length=4, pad="repeat")[0].tolist()
    [[0, 1, 2, 2]]
    """
    frames = np.asarray(frames)
    if frames.ndim == 0 or frames.dtype == object:
        raise ValueError("frames is not an array with time first; pass (T, H, W, 3) frames or a wave (N,).")
    if not len(frames):
        raise ValueError("there are no frames to split; check the start and end they were read with.")
    stride = length if stride is None else stride
    check_whole("split_clips", length=length, stride=stride)
    check_choice("split_clips", (None, "repeat"), pad=pad)
    if pad == "repeat":
        count = 1 + max(0, -(-(len(frames) - length) // stride))
        count = min(count, -(-len(frames) // stride))  # none begins behind the last frame
        missing = max(0, (count - 1) * stride + length - len(frames))
        if missing > 0:
            frames = np.concatenate([frames, np.repeat(frames[-1:], missing, axis=0)])
    if len(frames) < length:
        clips = np.empty((0, length, *frames.shape[1:]), frames.dtype)
        clips.flags.writeable = False
    else:
        windows = np.lib.stride_tricks.sliding_window_view(frames, length, axis=0)
        clips = np.moveaxis(windows[::stride], -1, 1)
    return clips, np.arange(len(clips), dtype=np.int64) * stride

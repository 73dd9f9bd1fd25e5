"""Choose whole groups for testing, so that no person and no film stands on both sides of a split."""
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


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
    group_of = pd.factorize(np.asarray(groups))[0]
    classes = pd.factorize(pd.Series(np.asarray(labels, object)).fillna("").astype(str))[0]
    counts = np.zeros((group_of.max() + 1, classes.max() + 1), int)
    np.add.at(counts, (group_of, classes), 1)
    if len(counts) < 2:
        raise ValueError("there is one group only; a split by group needs at least two.")
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

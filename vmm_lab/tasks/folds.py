"""Choose the folds on which every method is scored, and say in words how they were made."""
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut, StratifiedGroupKFold, StratifiedKFold

from ..tables import TableError, side_of
from ._text import named, plural


@dataclass(frozen=True)
class Folds:
    """Hold (train, test) row numbers, int arrays, one pair per fold; `kind` and `words` say how they were made."""

    kind: str
    words: str
    parts: list[tuple[NDArray, NDArray]]
    warnings: list[str] = field(default_factory=list)

    def fold_of(self, n: int) -> NDArray[np.int64]:
        """Return the fold that tests each of n rows, int (n,); -1 for a row that none tests."""
        fold = np.full(n, -1)
        for k, (_, test) in enumerate(self.parts):
            fold[test] = k
        return fold


def choose_folds(labels: ArrayLike, groups: Sequence[str | None] | None = None,
                 split: Sequence[str | None] | None = None, *, seed: int = 0) -> Folds:
    """Take the table's own split if every row has one, else folds by group, else stratified folds.

    labels: (n,); for a task without labels, anything, such as "" for each row. groups, split: (n,), None marks a
    missing value; `split` holds train, val or test, and rows of val are learnt from, because nothing is tuned by hand
    here. seed: shuffles the stratified folds and the stratified folds by group.

    Returns one fold for a split; leave-one-group-out up to 10 groups, else GroupKFold(5), or StratifiedGroupKFold(5)
    where that leaves fewer classes unseen in training; else StratifiedKFold(5), with fewer folds where the smallest
    class has fewer items. Raises TableError for an unknown word in `split`, or where no class has two items.

    >>> choose_folds(list("aabb"), groups=["ada", "bob", "ada", "bob"]).kind
    'leave-one-group-out'
    """
    labels, names = np.asarray(labels, dtype=object), group_names(groups)
    notes = []
    if split is not None and any(s is not None for s in split):
        folds = _own_split(split, notes)
        if folds:
            if groups is not None:
                train, test = ({groups[i] for i in side} - {None} for side in folds.parts[0])
                if train & test:
                    both = named(sorted(map(str, train & test)), "group", most=3)
                    notes.append(f"The table's own split has {both} on both sides, so the score is too good for new "
                                 "groups; move each group to one side.")
            return _checked(folds, labels, names)
    if names is None:
        notes.append("The table has no column `group`, so rows are split at random, and segments of one video or "
                     "person may stand on both sides; add a column `group` that says who or what must stay together.")
    elif (names == names[0]).all():
        notes.append(f"All rows are of one group ({groups[0]}), so the folds are random and the score holds for that "
                     "group alone; add rows of other groups.")
    else:
        return _checked(_by_group(labels, names, notes, seed), labels, names)
    return _checked(_stratified(labels, notes, seed), labels, names)


def group_names(groups: Sequence[str | None] | None) -> NDArray[np.str_] | None:
    """Return a name for the group of each row, str (n,), a row without one being its own; None where no row has one."""
    if groups is None or all(group is None for group in groups):
        return None
    return np.array([f"row {row}" if group is None else f"group {group}" for row, group in enumerate(groups)])


def _own_split(split, notes):
    """Return one fold, or None, with a note, where the split cannot serve."""
    sides = np.array(["" if word is None else side_of(word) or word for word in split])
    unknown = sorted(set(sides) - {"", "train", "val", "test"})
    if unknown:
        raise TableError(f"The column `split` holds {unknown[0]!r}; write train, val or test in every row, or leave it "
                         "out.")
    absent, held = int((sides == "").sum()), int((sides == "val").sum())
    if absent:
        notes.append(f"{absent} of {len(sides)} rows have no `split`, so the column is not used; fill it in every row.")
        return None
    train, test = np.flatnonzero(sides != "test"), np.flatnonzero(sides == "test")
    if not len(train) or not len(test):
        notes.append(f"The column `split` has no {'test' if len(train) else 'train'} rows, so it is not used.")
        return None
    also = f" or val ({held})" if held else ""
    text = f"Trained on the {len(train)} rows that the table marks train{also}, scored on its {len(test)} test rows."
    return Folds("table split", text, [(train, test)], notes)


def _by_group(labels, names, notes, seed):
    """Hold out each group once, or fifths of the groups."""
    absent = np.char.startswith(names, "row ").sum()
    if absent:
        notes.append(f"{absent} of {len(names)} rows have no `group`; each is taken for a group of its own, so name "
                     "the group where it is known.")
    number = len(np.unique(names))
    if number <= 10:
        parts = list(LeaveOneGroupOut().split(labels, groups=names))
        text = f"Each of the {number} groups is held out once while the others are learnt from (leave-one-group-out)."
        return Folds("leave-one-group-out", text, parts, notes)
    strata = labels.astype(str)
    kinds = {"GroupKFold": GroupKFold(5),
             "StratifiedGroupKFold": StratifiedGroupKFold(5, shuffle=True, random_state=seed)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class smaller than the folds
        dealt = {name: list(splitter.split(strata, strata, names)) for name, splitter in kinds.items()}
    kind = min(dealt, key=lambda name: sum(len(_unseen(labels, *part)) for part in dealt[name]))
    text = f"The {number} groups are dealt into 5 folds; each is held out once, whole groups at a time ({kind})."
    return Folds("group 5-fold", text, dealt[kind], notes)


def _unseen(labels, train, test):
    """Return the classes that are tested and not among the training rows."""
    return set(labels[test]) - set(labels[train])


def _stratified(labels, notes, seed):
    """Deal the rows into random folds with equal shares of each class."""
    names, counts = np.unique(labels.astype(str), return_counts=True)
    several = counts[counts > 1]
    if not len(several):
        raise TableError("No class has two items, so nothing can be learnt from one and tested on another; add items, "
                         "or check that the column `label` holds classes.")
    number = int(min(5, several.min()))
    if number < 5:
        smallest = names[counts == several.min()][0]
        notes.append(f"Class {smallest} has {several.min()} items only, so there are {number} folds and not 5; more "
                     "items would give steadier scores.")
    splitter = StratifiedKFold(number, shuffle=True, random_state=seed)
    # Classes of one item cannot be spread: they are dealt out as if they were one class.
    strata = np.where(np.isin(labels.astype(str), names[counts == 1]), "\0single", labels.astype(str))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        parts = list(splitter.split(np.zeros(len(labels)), strata))
    alike = " with equal shares of each class (stratified, seed {seed})" if len(names) > 1 else " (seed {seed})"
    text = f"The rows are dealt into {number} random folds{alike.format(seed=seed)}; each is held out once."
    return Folds(f"{'stratified' if len(names) > 1 else 'random'} {number}-fold", text, parts, notes)


def _checked(folds, labels, names):
    """Warn of the classes that some fold tests without having seen them."""
    unseen, rows = set(), 0
    for train, test in folds.parts:
        missing = _unseen(labels, train, test)
        unseen |= missing
        rows += sum(label in missing for label in labels[test])
    if unseen:
        others = " from other groups" if names is not None and folds.kind != "table split" else ""
        folds.warnings.append(
            f"{named(sorted(map(str, unseen)), 'class', most=3)} cannot be learnt where "
            f"{'it is' if len(unseen) == 1 else 'they are'} tested, because the training rows have none: {rows} "
            f"{plural('item', rows)} must come out wrong; add items{others}."
        )
    return folds

"""Labels, groups and splits go in, the folds on which every method is scored come out, with the reasons in words."""
import warnings
from dataclasses import dataclass, field

import numpy as np
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut, StratifiedKFold

from ..tables import TableError

SIDES = {"train": "train", "training": "train", "val": "train", "valid": "train", "validation": "train", "dev": "train",
         "test": "test", "testing": "test"}


@dataclass(frozen=True)
class Folds:
    """`parts`: (train, test) row numbers, int arrays, one pair per fold; `kind` and `words` say how they were made."""

    kind: str
    words: str
    parts: list
    warnings: list = field(default_factory=list)

    def fold_of(self, n):
        """int (n,): the fold that tests each row, -1 for a row that none tests."""
        fold = np.full(n, -1)
        for k, (_, test) in enumerate(self.parts):
            fold[test] = k
        return fold


def choose_folds(labels, groups=None, split=None, *, seed=0):
    """The table's own split if every row has one, else folds by group, else stratified folds.

    Parameters
    ----------
    labels : sequence of str (n,)
    groups, split : sequence of str (n,), optional
        None marks a missing value. `split` holds train, val or test. Rows of val are learnt from: nothing is tuned
        by hand here, so they would else be lost.
    seed : int
        Shuffles the stratified folds; the other kinds have nothing random.

    Returns
    -------
    Folds
        One fold for a split; leave-one-group-out up to 10 groups, else GroupKFold(5); StratifiedKFold(5), with
        fewer folds where the smallest class has fewer items.

    Raises
    ------
    TableError
        An unknown word in `split`, or no class has two items.

    Examples
    --------
    >>> choose_folds(list("aabb"), groups=["ada", "bob", "ada", "bob"]).kind
    'leave-one-group-out'
    """
    labels = np.asarray(labels, dtype=object)
    notes = []
    if split is not None and any(s is not None for s in split):
        folds = _own_split(split, notes)
        if folds:
            if groups is not None:
                train, test = ({groups[i] for i in side} - {None} for side in folds.parts[0])
                if train & test:
                    notes.append(f"The table's own split has {_some(train & test, 'group')} on both sides, so the score is "
                                 "too good for new groups; move each group to one side.")
            return _checked(folds, labels, groups)
    if groups is not None and any(g is not None for g in groups):
        if len({g for g in groups if g is not None} | {i for i, g in enumerate(groups) if g is None}) > 1:
            return _checked(_by_group(groups, notes), labels, groups)
        notes.append(f"All rows are of one group ({groups[0]}), so the folds are random and the score holds for that group "
                     "alone; add rows of other groups.")
    elif groups is None or not len(groups) or all(g is None for g in groups):
        notes.append("The table has no column `group`, so rows are split at random, and pieces of one video or person may "
                     "stand on both sides; add a column `group` that says who or what must stay together.")
    return _checked(_stratified(labels, notes, seed), labels, groups)


def _own_split(split, notes):
    """One fold, or None, with a note, where the split cannot serve."""
    words = [None if s is None else s.strip().lower() for s in split]
    unknown = sorted({s for s in words if s is not None and s not in SIDES})
    if unknown:
        raise TableError(f"The column `split` holds {unknown[0]!r}; write train, val or test in every row, or leave the column out.")
    sides = np.array([SIDES.get(s, "") for s in words])
    absent = int((sides == "").sum())
    if absent:
        notes.append(f"{absent} of {len(sides)} rows have no `split`, so the column is not used; fill it in every row.")
        return None
    train, test = np.flatnonzero(sides == "train"), np.flatnonzero(sides == "test")
    if not len(train) or not len(test):
        notes.append(f"The column `split` has no {'test' if len(train) else 'train'} rows, so it is not used.")
        return None
    held = sum(s not in ("train", "training", "test", "testing") for s in words)
    text = f"Trained on the {len(train)} rows that the table marks train{f' or val ({held})' if held else ''}, scored on its {len(test)} test rows."
    return Folds("table split", text, [(train, test)], notes)


def _by_group(groups, notes):
    absent = sum(g is None for g in groups)
    if absent:
        notes.append(f"{absent} of {len(groups)} rows have no `group`; each is taken for a group of its own, so name the group "
                     "where it is known.")
    names = np.array([f"row {i}" if g is None else f"group {g}" for i, g in enumerate(groups)])
    number = len(np.unique(names))
    rows = np.zeros(len(names))
    if number <= 10:
        parts = list(LeaveOneGroupOut().split(rows, groups=names))
        text = f"Each of the {number} groups is held out once while the others are learnt from (leave-one-group-out)."
        return Folds("leave-one-group-out", text, parts, notes)
    text = f"The {number} groups are dealt into 5 folds; each is held out once, whole groups at a time (GroupKFold)."
    return Folds("group 5-fold", text, list(GroupKFold(5).split(rows, groups=names)), notes)


def _stratified(labels, notes, seed):
    names, counts = np.unique(labels.astype(str), return_counts=True)
    several = counts[counts > 1]
    if not len(several):
        raise TableError("No class has two items, so nothing can be learnt from one and tested on another; add items, or check "
                         "that the column `label` holds classes.")
    number = int(min(5, several.min()))
    if number < 5:
        smallest = names[counts == several.min()][0]
        notes.append(f"Class {smallest} has {several.min()} items only, so there are {number} folds and not 5; more items would "
                     "give steadier scores.")
    splitter = StratifiedKFold(number, shuffle=True, random_state=seed)
    # Classes of one item cannot be spread: they are dealt out as if they were one class.
    strata = np.where(np.isin(labels.astype(str), names[counts == 1]), "\0single", labels.astype(str))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        parts = list(splitter.split(np.zeros(len(labels)), strata))
    text = f"The rows are dealt into {number} random folds with equal shares of each class (stratified, seed {seed}); each is held out once."
    return Folds(f"stratified {number}-fold", text, parts, notes)


def _checked(folds, labels, groups):
    """Note the classes that some fold tests without having seen them."""
    unseen, rows = set(), 0
    for train, test in folds.parts:
        missing = set(labels[test]) - set(labels[train])
        unseen |= missing
        rows += sum(label in missing for label in labels[test])
    if unseen:
        folds.warnings.append(f"{_some(unseen, 'class')} cannot be learnt where {'it is' if len(unseen) == 1 else 'they are'} tested, for "
                              f"the rows to learn from have none: {rows} item{'s' if rows > 1 else ''} must come out wrong; "
                              f"add items{' from other groups' if groups is not None and folds.kind != 'table split' else ''}.")
    return folds


def _some(names, what, most=3):
    """"group a", "groups a, b and c" or "groups a, b, c and 5 more"."""
    names = sorted(map(str, names))
    plural = {"class": "classes"}.get(what, what + "s")
    if len(names) == 1:
        return f"{what} {names[0]}"
    if len(names) > most:
        return f"{plural} {', '.join(names[:most])} and {len(names) - most} more"
    return f"{plural} {', '.join(names[:-1])} and {names[-1]}"

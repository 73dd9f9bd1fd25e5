"""A table goes in, the arrays that a network learns from come out: what each row shows, the number of its class, its group."""
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .. import features
from ..tables import TableError, load_table


@dataclass(frozen=True)
class Examples:
    """X (n, …) in memory; y int64 (n,) numbers into `classes`, a tuple of names; groups str (n,) or None.

    `examples[mask]` and `examples[indices]` are the same for some of the rows.
    """

    X: np.ndarray
    y: np.ndarray
    classes: tuple
    groups: np.ndarray | None = None

    def __len__(self):
        return len(self.y)

    def __getitem__(self, rows):
        return replace(self, X=self.X[rows], y=self.y[rows], groups=None if self.groups is None else self.groups[rows])

    @property
    def labels(self):
        """str (n,): the names of the classes of the rows."""
        return np.asarray(self.classes)[self.y]

    def __repr__(self):
        return f"Examples({len(self)} of shape {self.X.shape[1:]}, {self.X.dtype}; {len(self.classes)} classes)"


def load_examples(table, feature=None, *, classes=None, n_jobs=2, progress=True):
    """Read the labelled rows of a table into memory once, through the cache of `features`.

    Parameters
    ----------
    table : DataFrame, or anything that `load_table` takes
    feature : Feature with descriptions (T, …), default `features.Frames()`: 16 frames of 64×64
        `Frames(n_frames=1)` gives pictures (n, height, width, 3); `HOG(pooling=None)` sequences (n, 16, 1764).
    classes : sequence of str, optional
        The classes of a model trained before, in its order; by default the labels of the table, sorted.

    Returns
    -------
    Examples
        X is (n, T, …) with T = `feature.n_frames`; an image, or a shorter piece, repeats its frames.

    Raises
    ------
    TableError
        No labels, or one that is not among `classes`.
    MediaError
        A file that cannot be read.

    Examples
    --------
    >>> import vmm_lab as vl
    >>> table = vl.load_table("data/sample/clips.csv")                                      # doctest: +SKIP
    >>> load_examples(table)                                                               # doctest: +SKIP
    Examples(4 of shape (16, 64, 64, 3), uint8; 2 classes)
    """
    feature = features.Frames() if feature is None else feature
    table = load_table(table)
    if "label" not in table or table["label"].isna().all():
        raise TableError("The table has no labels to learn from; fill in the column `label`.")
    table = table[table["label"].notna()].reset_index(drop=True)
    labels = table["label"].to_numpy(str)
    classes = tuple(map(str, np.unique(labels) if classes is None else classes))
    strangers = sorted(map(str, set(labels) - set(classes)))
    if strangers:
        raise TableError(f"The label {strangers[0]!r} is not one of the {len(classes)} classes ({', '.join(classes[:6])}"
                         f"{', …' if len(classes) > 6 else ''}); leave those rows out, or train with them.")
    found, _, _ = features.descriptions(table, feature, n_jobs=n_jobs, progress=progress)
    groups = None if "group" not in table or table["group"].isna().all() else table["group"].to_numpy(object)
    if groups is not None:  # a row without a group is its file's own, whatever table it stands in
        groups = np.array([str(path if pd.isna(group) else group) for path, group in zip(table["path"], groups)])
    order = {name: number for number, name in enumerate(classes)}
    return Examples(stack(found, feature.n_frames), np.array([order[label] for label in labels]), classes, groups)


def stack(descriptions, length):
    """(n, length, …) from n arrays (T, …): steps at the centres of equal bins, so that a short one repeats; (n, …) for length 1."""
    def fitted(steps):
        return steps[((np.arange(length) + 0.5) * len(steps) / length).astype(int)]

    X = np.stack([fitted(steps) for steps in descriptions])
    return X[:, 0] if length == 1 else X

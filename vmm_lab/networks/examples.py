"""Read the rows of a table into the arrays that a network learns from: what each row shows, its class, its group."""
import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .. import features
from ..features.base import bin_centres
from ..media import MediaError
from ..splits import split_by_group
from ..tables import TableError, load_table

LETTERS = 4000  # of a caption that are kept; a `word_encoder` reads its first 32 words


@dataclass(frozen=True)
class Examples:
    """Describe rows in memory: X (n, …), y int64 (n,) numbers into `classes`, groups str (n,) or None.

    Of several modalities X is a dict: an array for each, and "present", float32 (n, modalities), 1 where a row has it.
    `examples[mask]`, `examples[indices]` and `examples[3]` are Examples of some of the rows, or of one.
    """

    X: Any
    y: np.ndarray
    classes: tuple[str, ...]
    groups: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, rows: Any) -> "Examples":
        if np.ndim(rows) == 0 and not isinstance(rows, slice):
            rows = [operator.index(rows)]
        groups = None if self.groups is None else self.groups[rows]
        return replace(self, X=each(lambda part: part[rows], self.X), y=self.y[rows], groups=groups)

    def split(self, *, by: str | None = "group", test: float = 0.25, seed: int = 0) -> "tuple[Examples, Examples]":
        """Split into (train, test) as `split_by_group` splits a table, so that no group stands on both sides.

        test: the share of rows wanted for testing. by: "group", or None for a random split, which warns.
        """
        if by not in ("group", None):
            raise ValueError(f'by is "group", or None for a random split, got {by!r}.')
        table = pd.DataFrame({"label": self.labels} | ({} if self.groups is None else {"group": self.groups}))
        train, held = split_by_group(table, test=test, group=by, seed=seed)
        return self[train.index.to_numpy()], self[held.index.to_numpy()]

    def only(self, *names: str) -> "Examples":
        """Return the same rows with these modalities alone; rows that have none of them are left out."""
        kept = [column(self.X, name) for name in names]
        X = {name: self.X[name] for name in names} | {"present": self.X["present"][:, kept]}
        return replace(self, X=X)[X["present"].any(axis=1)]

    @property
    def labels(self) -> np.ndarray:
        """The names of the classes of the rows, str (n,)."""
        return np.asarray(self.classes)[self.y]

    def __repr__(self) -> str:
        if isinstance(self.X, dict):
            counts = self.X["present"].sum(axis=0).astype(int)
            what = ": " + ", ".join(f"{name} in {count}" for name, count in zip(modalities(self.X), counts))
        else:
            what = f" of shape {self.X.shape[1:]}, {self.X.dtype}"
        return f"Examples({len(self)}{what}; {len(self.classes)} classes)"


def load_examples(table: Any, feature: Any = None, *, classes: Sequence[str] | None = None, n_jobs: int | None = 2,
                  progress: bool = True) -> Examples:
    """Read the labelled rows of a table into memory once, through the cache of `features`.

    feature: a Feature with descriptions (T, …), by default `features.Frames()`: 16 frames of 64×64.
    `Frames(n_frames=1)` gives pictures (n, height, width, 3), `HOG(pooling=None)` sequences (n, 16, 1764), `WordBag()`
    captions as str (n,). Or a dict of {modality: Feature} for `fusion`. classes: those of a model trained before, in
    its order; by default the labels, sorted.

    X is (n, T, …) with T = `feature.n_frames`; an image, or a shorter piece, repeats its frames. Of a dict of features
    X is a dict: what a row has, zeros or "" where it lacks the modality, and "present" that tells which. Raises
    TableError where there are no labels, or unknown ones, MediaError for a file that cannot be read, or has none of
    what is read.

    >>> import vmm_lab as vl
    >>> load_examples(vl.load_table("data/sample/clips.csv"))                              # doctest: +SKIP
    Examples(4 of shape (16, 64, 64, 3), uint8; 2 classes)
    """
    feature = features.Frames() if feature is None else feature
    table = load_table(table)
    if "label" not in table or table["label"].isna().all():
        raise TableError("The table has no labels to learn from; fill in the column `label`.")
    table = table[table["label"].notna()].reset_index(drop=True)
    labels = table["label"].to_numpy(str)
    classes = tuple(map(str, np.unique(labels) if classes is None else classes))
    unknown = sorted(map(str, set(labels) - set(classes)))
    if unknown:
        raise TableError(f"The label {unknown[0]!r} is not one of the {len(classes)} classes ({', '.join(classes[:6])}"
                         f"{', …' if len(classes) > 6 else ''}); leave those rows out, or train with them.")
    groups = None if "group" not in table or table["group"].isna().all() else table["group"].to_numpy(object)
    if groups is not None:  # a row without a group is its file's own, whatever table it stands in
        groups = np.array([str(path if pd.isna(group) else group) for path, group in zip(table["path"], groups)])
    order = {name: number for number, name in enumerate(classes)}
    options: dict = {"n_jobs": n_jobs, "progress": progress}
    X = _several(table, feature, **options) if isinstance(feature, dict) else stack(
        features.descriptions(table, feature, **options)[0], feature)
    return Examples(X, np.array([order[label] for label in labels]), classes, groups)


def stack_several(rows: list[dict], several: dict, shapes: dict | None = None) -> dict[str, np.ndarray]:
    """Stack rows {modality: description or None} into a dict of arrays, and "present".

    shapes: {modality: shape} of an item; without them, each modality must be there in one row at least.
    """
    X, present = {}, np.zeros((len(rows), len(several)), np.float32)
    for k, (name, feature) in enumerate(several.items()):
        found = [row.get(name) for row in rows]
        present[:, k] = [part is not None for part in found]
        example: Any = next((part for part in found if part is not None), None)
        shape = tuple(np.shape(example) if shapes is None else shapes[name])  # () for strings
        nothing: Any = np.zeros(shape, np.float32 if shapes else example.dtype) if shape else ""
        X[name] = stack([nothing if part is None else part for part in found], feature)
    return X | {"present": present}


def stack(descriptions: Sequence, feature: features.Feature) -> np.ndarray:
    """Stack what a feature gave for n rows: str (n,), of a very long text its beginning; or (n, T, …).

    T is `feature.n_frames`: steps at the centres of equal bins, so that a short one repeats; a T of 1 gives (n, …).
    One vector (d,) a row, without steps, stays whole: (n, d). Raises ValueError where such vectors differ in length.
    """
    if isinstance(descriptions[0], str):
        # An array of texts gives each the room of the longest: one of 100,000 words would cost every row megabytes.
        return np.array([text if len(text) <= LETTERS else text[:LETTERS].rsplit(" ", 1)[0] for text in descriptions])
    if np.ndim(descriptions[0]) == 1:
        lengths = {len(vector) for vector in descriptions}
        if len(lengths) > 1:
            raise ValueError(f"{type(feature).__name__} gives vectors of {min(lengths)} to {max(lengths)} numbers; "
                             "give each row as many, or steps over time, (T, …).")
        return np.stack(descriptions)
    X = np.stack([steps[bin_centres(len(steps), feature.n_frames)] for steps in descriptions])
    return X[:, 0] if feature.n_frames == 1 else X


def modalities(X: dict) -> tuple[str, ...]:
    """Return the names of the modalities of a dict of arrays, in the order of its "present"."""
    return tuple(name for name in X if name != "present")


def column(X: dict, name: str) -> int:
    """Return the number of a modality in "present"; ValueError for one that there is not."""
    names = modalities(X) if isinstance(X, dict) else ()
    if name not in names:
        raise ValueError(f"There is no modality {name!r} in X; there are {', '.join(names) or 'no modalities at all'}.")
    return names.index(name)


def has(X: dict, name: str) -> np.ndarray:
    """Tell which rows of a dict of arrays have a modality: bool (n,)."""
    return X["present"][:, column(X, name)] > 0


def each(function, X):
    """Apply a function of one array to an array, or to each in a dict."""
    return {name: function(part) for name, part in X.items()} if isinstance(X, dict) else function(X)


def fits(shape: Sequence[int], wanted: Sequence[int | None]) -> bool:
    """Tell whether a shape is the wanted one, where None stands for any size."""
    return len(shape) == len(wanted) and all(size in (None, own) for size, own in zip(wanted, shape))


def rows_of(X: Any) -> int:
    """Count the rows of an array, or of a dict of arrays."""
    return len(next(iter(X.values())) if isinstance(X, dict) else X)


def _several(table, several, **options):
    """X of {modality: Feature}; MediaError for a row that is damaged, or has none of the modalities."""
    if not several or "present" in several:
        raise ValueError('several features are a dict of {modality: Feature}: {"sound": features.Spectrogram()}.')
    described = features.describe_table(table, list(several.values()), on_error="skip", **options)
    reasons = {name: why for name, (_, why, _) in zip(several, described)}
    segments = features.segments(table)
    for row in sorted(set().union(*reasons.values())):
        segment, lacking = segments[row], {name: why[row] for name, why in reasons.items() if row in why}
        having = features.modalities_of(segment)
        if isinstance(having, str):
            raise MediaError(having)
        damaged = [why for name, why in lacking.items()
                   if several[name].modality in having and not features.is_missing(segment, several[name].modality)]
        if damaged or len(lacking) == len(several):
            why = (damaged or list(lacking.values()))[0]
            raise MediaError(why if segment.path in why else f"{segment.path}: {why}")
    absent = [name for name, why in reasons.items() if len(why) == len(table)]
    if absent:
        raise MediaError(f"No row has {' or '.join(absent)} (the first: {reasons[absent[0]][0]}); leave "
                         f"{' and '.join(absent)} out.")
    return stack_several([dict(zip(several, parts)) for parts in zip(*(found for found, _, _ in described))], several)

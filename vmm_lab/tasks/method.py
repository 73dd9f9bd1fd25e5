"""Define what a method is: what it needs of a row, how it is fitted on items and on tables, and how it predicts."""
import operator
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from ..files import atomic_path
from ..media import MediaError
from ..tables import TableError, load_table
from .rows import Items, Need, has_label, usable_rows

Paths: TypeAlias = str | os.PathLike | Sequence[str | os.PathLike] | pd.DataFrame


def delegated(path: str) -> Any:
    """Make a read-only property of what an attribute holds, such as "feature.modality"."""
    return property(operator.attrgetter(path))


class Method(ClassifierMixin, BaseEstimator):
    """Represent one row of a board: it fits on a table, and predicts for a table or a list of paths.

    A method of your own says what it `needs`, and gives `fit_items` and `predict_items`; the rest is shared.
    `fit(table)` leaves out rows without a label. `predict` and `predict_proba` take a DataFrame, a path or a list of
    paths; a file that cannot be read, or lacks what the method needs, raises MediaError.
    """

    modality = "none"
    label = "label"       # the column that it learns
    needs: Sequence[Need] = ()
    any_part = False      # one of several needs is enough
    votes = False         # takes part in the soft vote
    one_at_a_time = False  # folds are not fitted side by side
    packages: Sequence[str] = ()  # whose versions the protocol tells, beside those of the package
    procedure = ""  # what follows the names of methods of one kind in the protocol
    sentence = ""   # what else the protocol says of this method

    @property
    def name(self) -> str:
        """Return what a board calls the method by default."""
        return type(self).__name__

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "Method":
        """Fit on items that are all usable, with labels str (n,) and groups str (n,) or None."""
        raise NotImplementedError(f"{type(self).__name__} needs a method fit_items(items, y, groups).")

    def predict_items(self, items: Items) -> NDArray:
        """Return an output for each item, float (n, …); of a classifier, probabilities in the order of `classes_`."""
        raise NotImplementedError(f"{type(self).__name__} needs a method predict_items(items).")

    def without(self, modality: str) -> "Method | None":
        """Return the method that never looks at a modality: itself, a smaller one, or None where nothing is left."""
        return None if any(need.modality == modality for need in self.needs) else self

    def fit(self, table: pd.DataFrame | str | os.PathLike, y: object = None, *, n_jobs: int | None = None) -> "Method":
        """Fit on the labelled rows; rows that cannot be described are left out, with one warning that names them."""
        table = load_table(table)
        rows = usable_rows(table, {"": self}, label=self.label, fuse=1, n_jobs=n_jobs)
        if "" not in rows.items:
            raise MediaError(f"{self.name} can use none of the {len(table)} rows: {rows.left_out[0]['reason']}.")
        good = np.flatnonzero(rows.items[""].usable(any_part=self.any_part))
        lost = [f"{entry['path']}: {entry['reason']}" for entry in rows.skipped]
        lost += [f"{path} lacks what it needs" for path in rows.table["path"].drop(index=good)]
        if lost:
            n = len(good) + len(lost)
            warnings.warn(f"{self.name} leaves out {len(lost)} of {n} rows; the first: {lost[0]}", stacklevel=2)
        groups = None if rows.groups is None else rows.groups[good]
        return self.fit_items(rows.items[""].take(good), rows.labels[good], groups)

    def predict_proba(self, source: Paths, *, n_jobs: int | None = None) -> NDArray[np.float64]:
        """Return probabilities float64 (n, classes), in the order of `classes_`."""
        check_is_fitted(self, "classes_")
        table = as_table(source)
        try:
            rows = usable_rows(table, {"": self}, label=None, fuse=1, n_jobs=n_jobs, progress=False)
        except TableError as error:
            raise MediaError(str(error)) from None
        if rows.skipped:
            raise MediaError(f"{rows.skipped[0]['path']}: {rows.skipped[0]['reason']}")
        items = rows.items.get("", Items(0))
        probabilities = predict_usable(self, items) if len(items) else np.full((len(table), 1), np.nan)
        unknown = np.flatnonzero(np.isnan(probabilities).any(axis=1))
        if len(unknown):
            raise MediaError(f"{table['path'].iloc[unknown[0]]} lacks what {self.name} needs"
                             f"{': ' + rows.left_out[0]['reason'] if rows.left_out else ''}.")
        return probabilities

    def predict(self, source: Paths, *, n_jobs: int | None = None) -> NDArray:
        """Return the most probable label of each row or path, str (n,)."""
        best = self.predict_proba(source, n_jobs=n_jobs).argmax(axis=1)
        return self.classes_[best]

    def score(self, table: pd.DataFrame | str | os.PathLike, y: object = None) -> float:
        """Compute the accuracy on the labelled rows of a table; `y` is there for scikit-learn and not used."""
        table = load_table(table)
        table = table[has_label(table, self.label)]
        return float(np.mean(self.predict(table) == table[self.label].to_numpy(str)))

    def save(self, path: str | os.PathLike) -> Path:
        """Write the fitted method to `path` without pickle (skops), and return the path; `load_pipeline` reads it."""
        from skops import io

        check_is_fitted(self, "classes_")
        try:
            with atomic_path(path) as part:
                io.dump(self, part)
        except (OSError, TypeError, AttributeError) as error:
            reason = getattr(error, "strerror", None) or "not the path of a file"
            raise ValueError(f"{path} cannot be written ({reason}); give a file in a folder of yours.") from None
        return Path(path)


def predict_usable(method: Method, items: Items, classes: NDArray | None = None) -> NDArray:
    """Return a fitted method's output (n, …), NaN for items that it cannot use.

    Where `classes` are given, probabilities stand in their order, and a class that the method never learnt has 0.
    """
    rows = np.flatnonzero(items.usable(any_part=method.any_part))
    if not len(rows):
        return np.full((len(items), 1 if classes is None else len(classes)), np.nan)
    output = np.asarray(method.predict_items(items.take(rows)))
    if classes is not None:
        spread = np.zeros((len(rows), len(classes)))
        spread[:, np.searchsorted(classes, method.classes_)] = output
        spread[np.isnan(output).any(axis=1)] = np.nan
        output = spread
    everything = np.full((len(items), *output.shape[1:]), np.nan)
    everything[rows] = output
    return everything


def check_two_classes(y: ArrayLike) -> None:
    """Raise TableError where there is one class only to learn from."""
    classes = np.unique(np.asarray(y, dtype=str))
    if len(classes) < 2:
        raise TableError(f"There is one class only ({next(iter(classes), 'no rows')}) to learn from; a classifier "
                         "needs at least two.")


def as_table(source: Paths) -> pd.DataFrame:
    if not isinstance(source, pd.DataFrame):
        paths = [source] if isinstance(source, (str, os.PathLike)) else source
        source = pd.DataFrame({"path": [str(path) for path in paths]})
    if source.empty:
        raise ValueError("there is nothing to predict; pass the paths of one or more files, or a table.")
    return source

"""Scores and out-of-fold probabilities go in; a table, JSON, an offline page and fresh pipelines come out."""
import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import clone

from . import scores

MEASURES = ("accuracy", "accuracy_std", "accuracy_low", "accuracy_high", "balanced_accuracy", "macro_f1",
            "seconds_extract", "seconds_fit", "ms_per_item")


class Board:
    """What `compare` found: one row per method, best first, and everything needed to look behind the numbers.

    Attributes
    ----------
    frame : DataFrame
        `name`, `modality`, `accuracy` with its deviation between folds and its 95 % interval, `balanced_accuracy`,
        `macro_f1` (shares of 1), `seconds_extract`, `seconds_fit`, `ms_per_item`; NaN where there is no such number.
    protocol : dict
        How the scores were made: folds, items, classes, versions, and the same in `words`.
    warnings : list of str
        What can make the scores mislead, and the way out.
    skipped : list of dict
        `path` and `reason` of every file that was left out.
    table : DataFrame
        The rows that were used; `fold` (n,) tells which fold tested each, -1 for none; `classes` (k,) are the labels, sorted.
    best, best_without_words : str
        The name of the method with the highest accuracy; and of that without captions, where they name the label (else the same).
    """

    def __init__(self, rows, protocol, warnings, skipped, *, table, fold, classes, pipelines, probabilities, spoken=()):
        # Equal scores keep the order of the methods, so a baseline never stands above a method by luck of sorting.
        rank = {row["name"]: (-row["accuracy"], row["modality"] == "none") for row in rows}
        self.rows = sorted(rows, key=lambda row: rank[row["name"]])
        self.frame = pd.DataFrame(self.rows).astype({name: "float64" for name in MEASURES})
        self.protocol, self.warnings, self.skipped = protocol, warnings, skipped
        self.table, self.fold, self.classes = table, fold, classes
        self._pipelines, self._probabilities, self._spoken = pipelines, probabilities, set(spoken)
        methods = [row["name"] for row in self.rows if row["modality"] != "none"] or [self.rows[0]["name"]]
        self.best = methods[0]
        self.best_without_words = next((name for name in methods if name not in self._spoken), self.best)
        self.protocol = {**protocol, "best": self.best, "best_without_words": self.best_without_words}

    def pipeline(self, name):
        """A fresh estimator of row `name`: `.fit(table)`, `.predict(paths)`, `.save(path)`; see `TablePipeline`."""
        return clone(self._pipelines[self._known(name)])

    def probabilities(self, name):
        """DataFrame (n, classes): each row's probabilities by a model that had not learnt from it; NaN where never tested."""
        return pd.DataFrame(self._probabilities[self._known(name)], columns=self.classes, index=self.table.index)

    def predictions(self, name):
        """DataFrame of the tested rows: the table's own columns, then `fold`, `predicted`, `confidence` and `correct`."""
        tested = np.flatnonzero(self.fold >= 0)
        proba = self._probabilities[self._known(name)][tested]
        said = self.classes[proba.argmax(axis=1)]
        return self.table.iloc[tested].assign(
            fold=self.fold[tested], predicted=said, confidence=proba.max(axis=1), correct=said == self.table["label"].to_numpy(str)[tested]
        )

    def confusion(self, name):
        """DataFrame of counts (true class × predicted class) of the tested rows."""
        rows = self.predictions(name)
        codes = (np.searchsorted(self.classes, rows[column].to_numpy(str)) for column in ("label", "predicted"))
        table = scores.confusion(*codes, len(self.classes))
        return pd.DataFrame(table, index=pd.Index(self.classes, name="true"), columns=pd.Index(self.classes, name="predicted"))

    def to_json(self, path=None):
        """The board as JSON text (`rows`, `protocol`, `warnings`, `skipped`; null, never NaN), also written to `path` if given."""
        board = {"rows": self.rows, "protocol": self.protocol, "warnings": self.warnings, "skipped": self.skipped}
        return _written(json.dumps(board, indent=1, allow_nan=False), path)

    def to_html(self, path=None):
        """The board as one HTML page that needs nothing from outside, also written to `path` if given."""
        from .report import page

        return _written(page(self), path)

    def __repr__(self):
        from .report import number

        lines = [f"{'method':<28}{'modality':<10}{'accuracy':>10}{'95 % interval':>17}{'balanced':>10}{'macro-F1':>10}{'ms/item':>9}"]
        for row in self.rows:
            interval = f"{100 * row['accuracy_low']:.1f} to {100 * row['accuracy_high']:.1f}"
            lines.append(f"{row['name']:<28}{row['modality']:<10}{_percent(row['accuracy']):>10}{interval:>17}"
                         f"{_percent(row['balanced_accuracy']):>10}{_percent(row['macro_f1']):>10}{number('ms_per_item', row):>9}")
        folds = self.protocol["folds"] + (f", {self.protocol['n_folds']} folds" if self.protocol["n_folds"] > 1 else "")
        lines += ["", f"{self.protocol['n_tested']} items tested, {len(self.classes)} classes; {folds}"]
        lines += [f"! {warning}" for warning in self.warnings]
        lines += [f"- left out: {entry['path']}: {entry['reason']}" for entry in self.skipped[:5]]
        if len(self.skipped) > 5:
            lines.append(f"- and {len(self.skipped) - 5} more files left out, listed in board.skipped")
        return "\n".join(lines)

    def _repr_html_(self):
        from .report import fragment

        return fragment(self)

    def _known(self, name):
        if name not in self._pipelines:
            raise ValueError(f"There is no row {name!r} on this board; its rows are {', '.join(row['name'] for row in self.rows)}.")
        return name


def _percent(share):
    return f"{100 * share:.1f} %"


def _written(text, path):
    if path is not None:
        try:
            Path(path).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise ValueError(f"{path} cannot be written ({error.strerror}); give a file in a folder that is there and yours.") from None
    return text

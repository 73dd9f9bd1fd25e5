"""Collect results into a board: a table of scores, JSON, an offline page, and fresh methods to put to use."""
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import confusion_matrix

from .evaluate import COSTS, Result
from .folds import Folds
from .measures import CLASSIFICATION, HeldOut, Measure
from .method import Method
from .rows import Rows


class Board:
    """Represent what a comparison found: one row per method, best first, and all that stands behind the numbers.

    frame: `name`, `modality`, the measures (such as `accuracy`, `accuracy_std` between folds, `accuracy_low` and
    `_high`), `seconds_extract`, `seconds_fit`, `ms_per_item`; NaN where there is no such number. protocol: how the
    scores were made, also in `words`. warnings: what can make them mislead, and the way out. skipped: `path` and
    `reason` of every file that was left out. table: the rows that were used; `fold` (n,) tells which fold tested each,
    -1 for none; `classes` (k,) are sorted. best, best_without_words: the method with the best first measure; and of
    those that read nothing that gives the label away (else the same).
    """

    def __init__(self, results: Sequence[Result], rows: Rows, folds: Folds, *,
                 measures: Sequence[Measure] = CLASSIFICATION, warnings: Sequence[str] = (),
                 protocol: dict | None = None, leaking: str | None = None, title: str = "Which method does best?",
                 sections: Sequence[Callable] = (), noun: str = "class"):
        self.measures, self.sections, self.title, self.noun = tuple(measures), tuple(sections), title, noun
        self.table, self.classes, self.skipped = rows.table, rows.classes, rows.skipped
        self.fold, self.warnings = folds.fold_of(len(rows)), list(warnings)
        self.results = {result.name: result for result in results}
        first = self.measures[0]
        scored = [self._row(result, rows) for result in results]
        sign = -1 if first.better == "higher" else 1
        # Equal scores keep the order of the methods, so a baseline never stands above a method by luck of sorting.
        self.rows = sorted(scored, key=lambda row: (
            np.inf if row[first.name] is None else sign * row[first.name], row["modality"] == "none"))
        numbers = [name for name in self.rows[0] if name not in ("name", "modality")]
        self.frame = pd.DataFrame(self.rows).astype({name: "float64" for name in numbers})
        names = [row["name"] for row in self.rows if row["modality"] != "none"] or [self.rows[0]["name"]]
        self.best = names[0]
        self.best_without_words = next((name for name in names if leaking is None or all(
            need.modality != leaking for need in self.results[name].method.needs)), self.best)
        best = {"best": self.best, "best_without_words": self.best_without_words}
        self.protocol = self._facts(rows, folds) | (protocol or {}) | best

    def beats_baselines(self, name: str) -> bool:
        """Tell whether the whole interval of a row's first measure is better than every baseline's value."""
        first, rows = self.measures[0], {row["name"]: row for row in self.rows}
        sign, end = (1, "low") if first.better == "higher" else (-1, "high")
        value = rows[name].get(f"{first.name}_{end}", rows[name][first.name])
        bases = [row[first.name] for row in self.rows if row["modality"] == "none" and row[first.name] is not None]
        return rows[name]["modality"] != "none" and value is not None and all(sign * (value - b) > 0 for b in bases)

    def pipeline(self, name: str) -> Method:
        """Return a fresh method of row `name`: `.fit(table)`, `.predict(paths)`, `.save(path)`; see `Method`."""
        return clone(self._result(name).method)

    def probabilities(self, name: str) -> pd.DataFrame:
        """Return each row's probabilities (n, classes) by a model that had not learnt from it; NaN if never tested."""
        return pd.DataFrame(self._result(name).output, columns=self.classes, index=self.table.index)

    def predictions(self, name: str) -> pd.DataFrame:
        """Return the tested rows: the table's own columns, then `fold`, `predicted`, `confidence` and `correct`.

        A column of the table that has one of these names is kept as "table_" and its name.
        """
        tested = np.flatnonzero(self.fold >= 0)
        output = self._result(name).output[tested]
        predicted = self.classes[output.argmax(axis=1)]
        found = {"fold": self.fold[tested], "predicted": predicted, "confidence": output.max(axis=1)}
        found["correct"] = predicted == self.table["label"].to_numpy(str)[tested]
        return self._beside(tested, found)

    def confusion(self, name: str) -> pd.DataFrame:
        """Return the counts (true class × predicted class) of the tested rows."""
        rows = self.predictions(name)
        counts = confusion_matrix(rows["label"].to_numpy(str), rows["predicted"].to_numpy(str), labels=self.classes)
        true, predicted = (pd.Index(self.classes, name=name) for name in ("true", "predicted"))
        return pd.DataFrame(counts, index=true, columns=predicted)

    def to_json(self, path: str | os.PathLike | None = None) -> str:
        """Return the board as JSON (`rows`, `protocol`, `warnings`, `skipped`; no NaN); write it to `path` too."""
        board = {"rows": self.rows, "protocol": self.protocol, "warnings": self.warnings, "skipped": self.skipped}
        return _written(json.dumps(board, indent=1, allow_nan=False), path)

    def to_html(self, path: str | os.PathLike | None = None) -> str:
        """Return the board as one HTML page that needs nothing from outside; write it to `path` too."""
        from .page import page

        return _written(page(self), path)

    def __repr__(self) -> str:
        from .page import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from .page import fragment

        return fragment(self)

    def _beside(self, tested: np.ndarray, found: dict) -> pd.DataFrame:
        """Return the tested rows of the table, and next to their own columns what was found."""
        return self.table.iloc[tested].rename(columns={column: f"table_{column}" for column in found}).assign(**found)

    def _row(self, result: Result, rows: Rows) -> dict:
        """Return one row of the board, as the JSON has it."""
        tested = np.flatnonzero(self.fold >= 0)
        groups = None if rows.groups is None else rows.groups[tested]
        seen = HeldOut(result.output[tested], rows.truth[tested], self.fold[tested], groups, rows.classes)
        guessing = getattr(result.method, "strategy", None) == "chance"
        entries: dict[str, Any] = {"name": result.name, "modality": result.method.modality}
        for measure in self.measures:
            entries |= measure.row(seen, guessing=guessing)
        return entries | {cost: getattr(result, cost) for cost in COSTS}

    def _facts(self, rows: Rows, folds: Folds) -> dict:
        """Return the part of the protocol that every task shares."""
        return {
            "folds": folds.kind, "n_folds": len(folds.parts),
            "n_groups": None if rows.groups is None else len(set(rows.groups)),
            "n_items": len(rows), "n_tested": int((self.fold >= 0).sum()),
            "classes": {str(name): int(count) for name, count in zip(rows.classes, rows.indicators.sum(axis=0))},
            "words": [folds.words], "left_out": rows.left_out, "notes": [], "versions": {},
        }

    def _result(self, name: str) -> Result:
        if name not in self.results:
            raise ValueError(f"There is no row {name!r} on this board; its rows are {', '.join(self.results)}.")
        return self.results[name]


def _written(text: str, path: str | os.PathLike | None) -> str:
    if path is not None:
        try:
            Path(path).write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise ValueError(f"{path} cannot be written ({error.strerror}); give a file in a folder that is there and "
                             "yours.") from None
    return text

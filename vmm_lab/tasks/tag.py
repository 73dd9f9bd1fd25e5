"""Tag media: which of many tags, any number at once, belong to a video, and to each moment of it."""
import os
from collections.abc import Mapping, Sequence
from functools import partial

import markupsafe
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from ..media import Media, open_media
from ..media.options import check_number
from ..tables import TableError, load_table, look_alikes, tag_matrix
from ._text import named
from .board import Board
from .compare import evaluate_all, named_methods, procedure, versions, votes, without_weights
from .folds import Folds, choose_folds
from .leakage import class_warnings
from .measures import HeldOut, Measure
from .method import Method
from .page import percent, render
from .rows import Rows, usable_rows
from .tag_methods import TagBaseline, TagMethod, TagVote, average_precision

MEASURED = (
    "The average precision of a tag is the mean, over the items that have it, of the share of right items among those "
    "that score at least as high; mAP is its mean over the tags that some tested items have and some have not. "
    "Micro-F1 counts all decisions alike, macro-F1 all tags. ± is the deviation between folds; the 95 % interval comes "
    "from drawing the items, or whole groups, 200 times with replacement (the bootstrap's standard error).")


def tag(table: pd.DataFrame | str | os.PathLike, *, methods: Mapping | Sequence | None = None,
        n_jobs: int | None = None, seed: int = 0, progress: bool = True) -> "TagBoard":
    """Score every method that applies at giving items their tags, next to guessing and to the prevalence of each tag.

    table: what `load_table` takes, with a column `tags` (see `tables.tags_of`); rows without are left out. methods:
    features or methods, as for `compare`, and by default the same. Folds, n_jobs, seed and progress: as for `compare`.
    Raises TableError where no row has tags, all rows have the same, or no file can be used.

    >>> import tempfile, cv2
    >>> from vmm_lab import features
    >>> folder, tags = tempfile.mkdtemp(), ["dark|square", "light|square", "dark", "light"]
    >>> def picture(k):
    ...     image = np.full((32, 32, 3), 150 if "light" in tags[k % 4] else 20, np.uint8)
    ...     image[8:24, 8:24] += np.uint8(80 * ("square" in tags[k % 4]))
    ...     _ = cv2.imwrite(f"{folder}/{k}.png", image + np.uint8(k % 3))
    ...     return f"{folder}/{k}.png"
    >>> table = pd.DataFrame({"path": [picture(k) for k in range(40)], "tags": tags * 10})
    >>> board = tag(table, methods={"colours": features.ColorHistogram()}, progress=False)
    >>> board.frame[["name", "map"]].values.tolist()
    [['colours', 1.0], ['Chance', 0.5], ['Prevalence', 0.5]]
    """
    named_ones = named_methods(methods, baselines=(TagBaseline("chance"), TagBaseline("prevalence")), kind=TagMethod)
    rows = usable_rows(load_table(table), named_ones, label="tags", n_jobs=n_jobs, progress=progress)
    if len(np.unique(rows.labels)) < 2:
        raise TableError(f"All {len(rows)} rows have the same tags ({rows.labels[0]}), so there is nothing to tell "
                         "apart; add rows without some of them.")
    folds = choose_folds([""] * len(rows), rows.column("group"), rows.column("split"), seed=seed)
    results, failed = evaluate_all(named_ones, rows, folds, n_jobs=n_jobs, progress=progress)
    results += votes(results, kind=TagVote)
    return TagBoard(
        results, rows, folds, measures=TAGGING, noun="tag", sections=(by_tag,),
        title=f"{len(rows.classes)} tags, {len(rows)} items: which method finds them?",
        warnings=[*rows.warnings, *look_alikes(rows.table), *failed, *folds.warnings, *_warnings(rows, folds)],
        protocol={"seed": seed, "words": procedure(results, folds, MEASURED), "versions": versions(results),
                  "notes": without_weights(rows, named_ones) if methods is None else []})


def tags_over_time(model: Method, media: Media | str | os.PathLike, *, window: float = 2.0,
                   step: float | None = None) -> pd.DataFrame:
    """Compute the score of each tag (or class) in windows over a film, by a fitted method of a board.

    window: seconds of each; step: seconds from one to the next, by default half of a window. Returns a DataFrame of the
    scores in [0, 1], of `TagMethod` at least 0.5 where the tag is given; the index `time` is the middle of each window,
    in seconds. What is not in the file, such as a caption, is missing. A film that is shorter than a
    window is one window.
    """
    step = window / 2 if step is None else step
    check_number("tags_over_time", window=window, step=step)
    path = media.path if isinstance(media, Media) else media
    with open_media(path) as opened:
        duration = opened.duration
    starts = np.arange(0, max(duration - window, 0) + step / 2, step)
    ends = np.minimum(starts + window, duration) if duration else np.full(len(starts), np.nan)
    table = pd.DataFrame({"path": str(path), "start": starts if duration else np.nan, "end": ends})
    index = pd.Index(np.nan_to_num(starts + ends) / 2, name="time")
    return pd.DataFrame(model.predict_proba(table), index=index, columns=model.classes_)


class TagBoard(Board):
    """Represent what a comparison of tagging found; see `Board`. The first measure is `map`."""

    def predictions(self, name: str) -> pd.DataFrame:
        """Return the tested rows as `Board` does: with `fold` and `predicted`, the tags given, as "a|b"."""
        tested = np.flatnonzero(self.fold >= 0)
        given = self._result(name).output[tested] >= 0.5
        predicted = ["|".join(self.classes[row]) or "|" for row in given]
        return self._beside(tested, {"fold": self.fold[tested], "predicted": predicted})

    def confusion(self, name: str) -> pd.DataFrame:
        """Return for each tag the `items` that have it, `average_precision`, `precision`, `recall` and `f1`."""
        tested = np.flatnonzero(self.fold >= 0)
        truth, scores = tag_matrix(self.table).to_numpy()[tested], self._result(name).output[tested]
        given = scores >= 0.5
        hits, items = (truth & given).sum(axis=0), truth.sum(axis=0)
        found = {"items": items, "average_precision": average_precision(truth, scores),
                 "precision": hits / np.maximum(given.sum(axis=0), 1), "recall": hits / np.maximum(items, 1),
                 "f1": 2 * hits / np.maximum(given.sum(axis=0) + items, 1)}
        return pd.DataFrame(found, index=pd.Index(self.classes, name="tag"))


def by_tag(board: TagBoard) -> markupsafe.Markup:
    """Write the average precision of each tag, by the best row."""
    found = board.confusion(board.best).sort_values("average_precision", ascending=False)
    rows = [{"name": name, "items": int(row["items"]), "score": percent(row["average_precision"], 0),
             "found": f"{row['precision']:.2f} and {row['recall']:.2f}", "width": 100 * row["average_precision"],
             "low": None, "color": "var(--right)", "chance": 100 * row["items"] / board.protocol["n_tested"]}
            for name, row in found.dropna().iterrows()]
    return render("tags", name=board.best, rows=rows)


def _warnings(rows: Rows, folds: Folds) -> list[str]:
    """Warn of tags with few items or one group, and of those that are tested and were never learnt."""
    groups, has, notes = rows.column("group"), rows.indicators, []
    unseen = {rows.classes[k] for train, test in folds.parts
              for k in np.flatnonzero(has[test].any(axis=0) & ~has[train].any(axis=0))}
    if unseen:
        notes.append(f"{named(sorted(unseen), 'Tag')} cannot be learnt where tested, because the training rows "
                     "have none; add items from other groups.")
    row, tag_of = np.nonzero(has)
    owners = None if groups is None else [groups[k] for k in row]
    return notes + class_warnings([str(rows.classes[k]) for k in tag_of], owners, noun="tag")[:2]


def _f1(average: str, held_out: HeldOut) -> float:
    used = held_out.truth.any(axis=0)
    if not used.any():  # no tested row has a tag
        return np.nan
    return float(f1_score(held_out.truth[:, used], held_out.output[:, used] >= 0.5, average=average, zero_division=0))


def _chance_f1(average: str, held_out: HeldOut) -> tuple[float, None, None]:
    shares = held_out.truth.mean(axis=0)[held_out.truth.any(axis=0)]
    shares = np.array([_mean(shares)]) if average == "micro" else shares
    return _mean(2 * shares * 0.5 / (shares + 0.5)), None, None


def _chance_map(held_out: HeldOut) -> tuple[float, None, None]:
    shares = held_out.truth.mean(axis=0)
    return _mean(np.where((shares > 0) & (shares < 1), shares, np.nan)), None, None


def _mean(numbers: NDArray) -> float:
    """Average the numbers that there are; NaN where there is none."""
    known = numbers[~np.isnan(numbers)]
    return float(known.mean()) if len(known) else np.nan


TAGGING = (
    Measure("map", "Mean average precision", lambda h: _mean(average_precision(h.truth, h.output)),
            interval="bootstrap", chance=_chance_map),
    *(Measure(f"{average}_f1", f"{average.capitalize()}-F1", partial(_f1, average), about=about,
              chance=partial(_chance_f1, average))
      for average, about in (("micro", "2PR / (P + R), precision P and recall R counted over all decisions"),
                             ("macro", "the mean of the tags' own F1"))),
)
"""The measures of tagging. mAP is the mean over tags of the average precision."""

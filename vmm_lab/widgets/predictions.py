"""Predictions and a table go in, the mistakes come out first: what was said, how surely, and the video itself."""
import functools

import ipywidgets
import numpy as np
import pandas as pd

from ..media import MediaError
from ..plots import class_colors
from .base import COLUMN, Explorer, choice, one_sentence, percent, row, slider
from .film import Shelf, is_missing, piece_film, span, title
from .player import FramePlayer
from .charts import Sketch, on_paper
from .strips import seconds, strip_parts, strip_sketch

SHOWS = {"mistakes, the surest first": "mistakes", "all, the surest mistakes first": "all", "right ones, the least sure first": "right"}
MOST_BARS = 16


def ordered(labels, predicted, confidence, show):
    """The rows to show, int (n,), in the order that teaches most; `show` is "mistakes", "all" or "right".

    >>> ordered(["a", "b", "a"], ["b", "b", "a"], [0.6, 0.9, 0.7], "all")
    array([0, 2, 1])
    """
    right, confidence = np.asarray(labels, str) == np.asarray(predicted, str), np.asarray(confidence, float)
    mistakes, good = np.flatnonzero(~right), np.flatnonzero(right)
    mistakes = mistakes[np.argsort(-confidence[mistakes], kind="stable")]
    good = good[np.argsort(confidence[good], kind="stable")]
    return {"mistakes": mistakes, "right": good, "all": np.concatenate([mistakes, good])}[show]


def probability_bars(probabilities, label, predicted, *, width=COLUMN):
    """One bar for each class, the likeliest first; the true class is always among them, and named as such.

    probabilities: {class: share of 1}.
    """
    colors = class_colors(probabilities)
    order = sorted(probabilities, key=lambda name: -probabilities[name])
    shown = order[:MOST_BARS]
    if label in probabilities and label not in shown:
        shown[-1] = label
    gap = 24 + 7.2 * max(len(name) for name in shown)
    sketch = Sketch(width, 22 * len(shown) + 26)
    scale = width - gap - 190
    for tick in (0, 0.5, 1):
        x = gap + tick * scale
        sketch.path([(x, 0), (x, 22 * len(shown) + 4)], line="rule", thick=0.7)
        sketch.words(x, 22 * len(shown) + 18, percent(tick), size=11, color="soft", anchor="middle")
    for k, name in enumerate(shown):
        share, y = probabilities[name], 22 * k
        notes = [note for note, said in (("predicted", name == predicted), ("true", name == label)) if said]
        sketch.words(gap - 8, y + 15, name, anchor="end", bold=bool(notes))
        sketch.box(gap, y + 3, max(1.0, share * scale), 16, fill=colors[name], line="ink", thick=0.8)  # seen on dark ground too
        sketch.words(gap + share * scale + 6, y + 15, f"{percent(share)}" + (f"  ← {' and '.join(notes)}" if notes else ""), bold=bool(notes))
    return sketch


class PredictionExplorer(Explorer):
    """Look at a method's mistakes, the surest first: the probabilities as bars, and the video.

    Parameters
    ----------
    predictions : Board, or DataFrame
        A board from `compare`, whose methods can all be chosen; or a table with `path`, `label`, `predicted` and a column
        of probabilities for each class, named like the class or `probability_` and the class.
    method : str, optional
        Of a board: which method first; its best by default.
    show : "mistakes", "all" or "right"

    Attributes
    ----------
    method, show, item : controls; read or set their `.value` (items count from 1)
    row : the table's row on show, as a Series; None where there is nothing to show

    Raises
    ------
    ValueError
        A column is missing, or the board has no such method.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"path": ["a.mp4", "b.mp4"], "label": ["x", "y"], "predicted": ["x", "x"], "x": [0.9, 0.7], "y": [0.1, 0.3]})
    >>> explorer = PredictionExplorer(table)
    >>> explorer
    PredictionExplorer(2 predictions, 1 wrong: b.mp4 is y, predicted x at 70 %)
    """

    def __init__(self, predictions, *, method=None, show="mistakes"):
        self._board = None if isinstance(predictions, pd.DataFrame) else predictions
        if self._board is None:
            methods, rows = ["the predictions given"], predictions
        else:
            methods, rows = list(self._board.frame["name"]), None
            method = method or self._board.best
        if method is not None and method not in methods:
            raise ValueError(f"There is no method {method!r} to look at; choose one of {', '.join(methods)}.")
        if show not in SHOWS.values():
            raise ValueError(f"show must be one of {', '.join(SHOWS.values())}, got {show!r}.")
        self._rows, self._rows_of = (None, None) if rows is None else (readable(rows), methods[0])
        self._films = None if rows is None else self._shelf()
        self.row = None
        self.method, self.show = choice("Method", methods, method or methods[0]), choice("Show", SHOWS, show)
        self.item = slider("Video", 1, 1, 1)
        self.play = ipywidgets.Button(description="Play with sound", tooltip="Open this video in a player, with its sound")
        self._stage = ipywidgets.VBox()
        head = [self.method, self.show] if self._board is not None else [self.show]
        super().__init__(row(*head), row(self.item, self.play))
        self.children = (*self.children, self._stage)  # below what is said of the video
        self.play.on_click(self._open)
        self.follow(self.method, self.show, self.item)
        self.refresh()

    def draw(self):
        self._clear_stage()
        rows = self._choose_rows()
        order = ordered(rows["label"], rows["predicted"], rows["confidence"], self.show.value)
        self.item.max = max(1, len(order))
        self.play.disabled = not len(order)
        if not len(order):
            self.row = None
            self.put()
            return f"Nothing to show: all {len(rows)} predictions are {'right' if self.show.value == 'mistakes' else 'wrong'}."
        k = order[self.item.value - 1]
        self.row = item = rows.iloc[k]
        bars = self._chart().svg(f"Probabilities: {self._told(item)}")
        place = f"{self.item.value} of {len(order)}"
        try:
            film = self._films[k]
        except MediaError as error:
            self.put(bars)
            self._sentence = f"{place}: {self._told(item)}. {error}"
            return self._sentence
        self.put(*strip_parts(film.frames, seconds(film.times)), bars)
        self._films.expect(order[self.item.value : self.item.value + 2])
        caption = item.get("caption")
        self._sentence = f"{place}: {self._told(item)}." + ("" if is_missing(caption) else f" “{caption}”")
        return self._sentence

    def alts(self):
        return [f"{title(self.row)}, in the order of time"] if self.row is not None else []

    def _choose_rows(self):
        name = self.method.value
        if name != self._rows_of:
            found = self._board.predictions(name).join(self._board.probabilities(name).add_prefix("probability_"))
            self._rows, self._rows_of = readable(found), name
            self.forget_films()
            self._films = self._shelf()
        return self._rows

    def _shelf(self):
        return Shelf(self._rows, functools.partial(piece_film, n=8, longest_side=160), most=64)

    def forget_films(self):
        """Let go of the videos decoded so far."""
        if self._films is not None:
            self._films.forget()
            self._films = None

    def _chart(self):
        return probability_bars(self.row["probabilities"], str(self.row["label"]), str(self.row["predicted"]))

    def _told(self, item):
        return f"{title(item)} is {item['label']}, predicted {item['predicted']} at {percent(item['confidence'])}"

    def _open(self, button):
        self._clear_stage()
        self.say(f"Opening {title(self.row)} …")
        path, start, end = span(self.row)
        try:
            self._stage.children = [FramePlayer(path, start=start, end=end, name=title(self.row))]
            self._stage.children[0].playing = True
            self.say(self._sentence)
        except (ValueError, OSError) as error:
            self.say(one_sentence(error), failed=True)

    def _clear_stage(self):
        players, self._stage.children = self._stage.children, ()
        for player in players:
            player.close()

    def describe(self):
        rows = self._rows
        wrong = int((rows["label"].astype(str) != rows["predicted"].astype(str)).sum())
        method = f"{self.method.value}: " if self._board is not None else ""
        return f"{method}{len(rows)} predictions, {wrong} wrong" + (f": {self._told(self.row)}" if self.row is not None else "")

    def pixels(self):
        if self.row is None:
            return on_paper(self.message)
        parts = [self.message, self._chart()]
        try:
            film = self._films[self.row.name]
            parts.insert(1, strip_sketch(film.frames, seconds(film.times)))
        except MediaError:
            pass  # told in the caption
        return on_paper(*parts)

    def forget(self):
        self.play.on_click(self._open, remove=True)
        self.forget_films()
        self._board = self._rows = self.row = None


def readable(table):
    """A DataFrame of predictions with what the explorer reads: `probabilities` {class: share} and `confidence` in every row."""
    missing = [name for name in ("path", "label", "predicted") if name not in table]
    if missing:
        raise ValueError(f"Predictions need the columns path, label and predicted; {', '.join(missing)} is missing.")
    if not len(table):
        raise ValueError("There are no predictions to look at: the table has no rows.")
    classes = sorted({str(name) for column in ("label", "predicted") for name in table[column]})
    prefixed = {c.removeprefix("probability_"): c for c in map(str, table.columns) if c.startswith("probability_")}
    columns = prefixed or {name: name for name in classes if name in table}
    if not columns:
        raise ValueError("Predictions need a column of probabilities for each class, named like the class or probability_<class>.")
    shares = table[list(columns.values())].to_numpy(float)
    rows = [dict(zip(columns, map(float, line))) for line in shares]
    said = [line.get(str(name), float("nan")) for line, name in zip(rows, table["predicted"])]
    return table.assign(probabilities=rows, confidence=said).reset_index(drop=True)

"""Look at predictions, the mistakes first: what was predicted, how surely, and the video itself."""
import functools
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..media import MediaError
from ..media.options import check_choice
from .base import Explorer, choice, slider
from .charts import COLUMN, percent, probability_bars, strip
from .frames import ReadAhead, quoted_caption, sample_video, title
from .player import FramePlayer

if TYPE_CHECKING:
    from ..tasks import Board

SHOWS = {
    "mistakes, the surest first": "mistakes", "all, the surest mistakes first": "all",
    "right ones, the least sure first": "right",
}
COLUMNS = ("path", "label", "predicted", "group", "split", "caption", "start", "end")  # of a table: no probabilities


def ordered(labels: ArrayLike, predicted: ArrayLike, confidence: ArrayLike, show: str) -> NDArray[np.int64]:
    """Choose the rows to show, in the order that teaches most; `show` is "mistakes", "all" or "right".

    >>> ordered(["a", "b", "a"], ["b", "b", "a"], [0.6, 0.9, 0.7], "all")
    array([0, 2, 1])
    """
    right, confidence = np.asarray(labels, str) == np.asarray(predicted, str), np.asarray(confidence, float)
    mistakes, good = np.flatnonzero(~right), np.flatnonzero(right)
    mistakes = mistakes[np.argsort(-confidence[mistakes], kind="stable")]
    good = good[np.argsort(confidence[good], kind="stable")]
    return {"mistakes": mistakes, "right": good, "all": np.concatenate([mistakes, good])}[show]


class PredictionExplorer(Explorer):
    """Look at a method's mistakes, the surest first: the probabilities as bars, and the video.

    predictions: a Board from `compare`, whose methods can all be chosen; or a DataFrame with `path`, `label`,
    `predicted` and a column of probabilities for each class, named like the class or `probability_` and the class.
    method: of a board, which method first, its best by default. show: "mistakes", "all" or "right".
    Raises ValueError where a column is missing, a row has no label, or the board has no such method.

    Attributes:
    method, show, item : controls; read or set their `.value` (items count from 1)
    row : the table's row on show, as a Series; None where there is nothing to show

    >>> table = pd.DataFrame({"path": ["a.mp4", "b.mp4"], "label": ["x", "y"], "predicted": ["x", "x"],
    ...                       "x": [0.9, 0.7], "y": [0.1, 0.3]})
    >>> explorer = PredictionExplorer(table)
    >>> explorer
    PredictionExplorer(2 predictions, 1 wrong: b.mp4 is y, predicted x at 70 %)
    """

    def __init__(
        self, predictions: "Board | pd.DataFrame", *, method: str | None = None, show: str = "mistakes"
    ) -> None:
        self._source, self._boarded = predictions, not isinstance(predictions, pd.DataFrame)
        methods = list(predictions.frame["name"]) if self._boarded else ["the predictions given"]
        method = method or (predictions.best if self._boarded else methods[0])
        if method not in methods:
            raise ValueError(f"There is no method {method!r} to look at; choose one of {', '.join(methods)}.")
        check_choice("PredictionExplorer", SHOWS.values(), show=show)
        self._videos: Any = None  # a ReadAhead, once predictions are read
        self.row: Any = None
        self._read(method)
        self.method, self.show = choice("Method", methods, method), choice("Show", SHOWS, show)
        self.item = slider("Video", 1, 1, 1)
        tip = "Open this video in a player, with its sound"
        self.play = self.make_button("Play with sound", self._open, tip)
        self._stage = ipywidgets.VBox()
        super().__init__([*[self.method] * self._boarded, self.show], [self.item, self.play], below=[self._stage])
        self.follow(self.method, self.show, by=self._begin)

    def _begin(self, change: Any) -> None:
        """Begin with the first of another choice: it is the surest."""
        if self.item.value == 1:
            self.refresh()
        else:
            self.item.value = 1  # which draws

    def _read(self, method: str) -> None:
        """Read the predictions of a method, with its probabilities."""
        table, self._method = self._source, method
        if self._boarded:
            table = table.predictions(method).join(table.probabilities(method).add_prefix("probability_"))
        self._rows = with_probabilities(table)
        if self._videos is not None:
            self._videos.forget()
        self._videos = ReadAhead(self._rows, functools.partial(sample_video, n=8, longest_side=160), most=64)

    def draw(self) -> str:
        self._clear_stage()
        if self.method.value != self._method:
            self._read(self.method.value)
        rows, show = self._rows, self.show.value
        order = ordered(rows["label"], rows["predicted"], rows["confidence"], show)
        self.item.max = max(1, len(order))
        self.play.disabled = not len(order)
        if not len(order):
            self.row = None
            self.put()
            return f"Nothing to show: all {len(rows)} predictions are {'right' if show == 'mistakes' else 'wrong'}."
        k, place = order[self.item.value - 1], f"{self.item.value} of {len(order)}"
        self.row = item = rows.iloc[k]
        summary = self._summary(item)
        chart = probability_bars(item["probabilities"], str(item["label"]), str(item["predicted"]), width=COLUMN)
        chart.labelled(f"Probabilities: {summary}")
        try:
            video = self._videos[k]
        except MediaError as error:
            self.put(chart)
            return f"{place}: {summary}. {error}"
        image, seconds = strip(video.frames, video.times)
        self.put((image, f"{title(item)}, in the order of time"), seconds, chart)
        self._videos.expect(order[self.item.value : self.item.value + 2])
        return f"{place}: {summary}.{quoted_caption(item)}"

    def _summary(self, item: pd.Series) -> str:
        sure = "" if np.isnan(item["confidence"]) else f" at {percent(item['confidence'])}"  # it may have no column
        return f"{title(item)} is {item['label']}, predicted {item['predicted']}{sure}"

    def _open(self) -> None:
        self._clear_stage()
        sentence, name, segment = self.message, title(self.row), self._videos.segments[self.row.name]
        self.say(f"Opening {name} …")
        player = FramePlayer(segment.path, start=segment.start, end=segment.end, name=name)
        self._stage.children = [player]
        player.playing = True
        self.say(sentence)

    def _clear_stage(self) -> None:
        players, self._stage.children = self._stage.children, ()
        for player in players:
            player.close()

    def describe(self) -> str:
        rows = self._rows
        wrong = len(ordered(rows["label"], rows["predicted"], rows["confidence"], "mistakes"))
        method = f"{self.method.value}: " * self._boarded
        item = "" if self.row is None else f": {self._summary(self.row)}"
        return f"{method}{len(rows)} predictions, {wrong} wrong{item}"


def with_probabilities(table: pd.DataFrame) -> pd.DataFrame:
    """Add to predictions what the explorer reads: `probabilities` {class: share} and `confidence` in every row."""
    table, needed = table.rename(columns=str), ["path", "label", "predicted"]  # numbers name classes as well
    missing = [name for name in needed if name not in table]
    if missing:
        raise ValueError(f"Predictions need the columns path, label and predicted; {', '.join(missing)} is missing.")
    if not len(table):
        raise ValueError("There are no predictions to look at: the table has no rows.")
    gaps = int(table[needed].isna().any(axis=1).sum())
    if gaps:
        raise ValueError(f"Predictions need a path, label and predicted in each row, which {gaps} of {len(table)} have "
                         f"not; leave those rows out with table.dropna(subset={needed}).")
    classes = sorted({str(name) for column in ("label", "predicted") for name in table[column]})
    prefixed = {c.removeprefix("probability_"): c for c in table.columns if c.startswith("probability_")}
    columns = prefixed or {name: name for name in classes if name in table}
    if not columns:
        raise ValueError("Predictions need a column of probabilities for each class, named like the class or "
                         "probability_<class>.")
    for name, column in columns.items():
        if column in COLUMNS or not pd.api.types.is_numeric_dtype(table[column]):
            raise ValueError(f"The class {name!r} is named like another column of the table; call the columns of "
                             f"probabilities probability_<class>, such as probability_{name}.")
    shares = table[list(columns.values())].to_numpy(float)
    if np.nanmin(shares, initial=0) < 0 or np.nanmax(shares, initial=0) > 1 + 1e-6:
        raise ValueError(f"Probabilities must be shares from 0 to 1, got {np.nanmin(shares):g} to "
                         f"{np.nanmax(shares):g}: apply a softmax to logits, and divide percentages by 100.")
    rows = [dict(zip(columns, map(float, line))) for line in shares]
    confidence = [line.get(str(name), float("nan")) for line, name in zip(rows, table["predicted"])]
    return table.assign(probabilities=rows, confidence=confidence).reset_index(drop=True)

"""Edit a storyboard: keep, drop and reorder the shots of a film, then write the highlight reel."""
import os
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..media import Media
from ..media.options import brief
from ..tasks.summarise import Summary
from .base import COLUMN, Explorer
from .charts import Sketch
from .embedding import Map, tile_centres

ACROSS, GAP = 6, 8  # tiles in a row; pixels between them
TILE = (COLUMN - 12 - GAP * (ACROSS - 1)) // ACROSS  # pixels: the width of a tile
TILES: dict[str, Any] = {"across": ACROSS, "wide": TILE, "gap": GAP, "edge": 6}
MOST_SHOTS = 60  # ten rows: more are not looked over
KEYS = {" ": "toggle", "Delete": "drop", "Shift+ArrowLeft": "earlier", "Shift+ArrowRight": "later"}


def board_chart(pictures: list[NDArray[np.uint8]], shots: pd.DataFrame, order: list[int], kept: set[int]) -> Sketch:
    """Draw a tile for each shot, in the order of the reel: its picture, number and seconds; dropped ones are faint."""
    tall = pictures[0].shape[0] + 22
    centres = tile_centres(len(order), tall=tall, **TILES)
    sketch = Sketch(COLUMN, float(centres[-1, 1] + tall / 2 + 6))
    for (x, y), k in zip(centres - (TILE / 2, tall / 2), order):
        seconds = f"{shots['end'][k] - shots['start'][k]:.1f} s"
        sketch.box(x, y, TILE, tall, fill="panel", line="mark" if k in kept else "rule", thick=2 if k in kept else 1)
        sketch.picture(x + 2, y + 2, pictures[k].shape[1], pictures[k].shape[0], pictures[k])
        if k not in kept:
            sketch.box(x + 1, y + 1, TILE - 2, tall - 20, fill="paper", opacity=0.75)
        sketch.words(x + 5, y + tall - 6, f"{k + 1}", size=11, bold=k in kept)
        note = seconds if k in kept else "dropped"
        sketch.words(x + TILE - 5, y + tall - 6, note, size=11, color="soft", anchor="end")
    return sketch


class StoryboardEditor(Explorer):
    """Keep, drop and reorder the shots of a film by mouse or keyboard, and write those that are kept as a reel.

    A click or an arrow key chooses a shot. Space keeps or drops it, Shift with the left or right arrow moves it earlier
    or later; the buttons do the same.

    summary: a `tasks.summarise.Summary`, of at most 60 shots; a path or Media is summarised here. kept: the numbers
    (from 0) of the shots to begin with, in their order; all by default. file: where the reel is written. Raises
    ValueError or MediaError.

    Attributes:
    map : its `.value` is the place of the chosen tile, from 0
    keep, earlier, later, write : the buttons
    file : a text field, where the reel goes; an existing file is not overwritten
    storyboard : the shots that are kept, as a table in the order of the reel

    >>> editor = StoryboardEditor(Summary("film.mp4"))    # doctest: +SKIP
    >>> editor.keep.click()                               # doctest: +SKIP
    >>> editor.storyboard["start"].tolist()               # doctest: +SKIP
    [2.4, 7.1]
    """

    def __init__(self, summary: Summary | Media | str | os.PathLike, *, kept: ArrayLike | None = None,
                 file: str | os.PathLike = "reel.mp4") -> None:
        self._summary = summary if isinstance(summary, Summary) else Summary(summary)
        self._shots = self._summary.shots.reset_index(drop=True)
        n = len(self._shots)
        if n > MOST_SHOTS:
            raise ValueError(f"{n} shots are too many to look over: give a summary of at most {MOST_SHOTS}, such as of "
                             "the longest ones.")
        chosen = list(range(n)) if kept is None else np.asarray(kept).tolist()
        if not set(chosen) <= set(range(n)) or len(set(chosen)) != len(chosen):
            raise ValueError(f"kept must be different numbers from 0 to {n - 1}, got {brief(kept)}.")
        self._kept, self._order = set(chosen), chosen + [k for k in range(n) if k not in chosen]
        self._pictures = list(self._summary.keyframes(width=TILE - 4))
        x, y = tile_centres(n, tall=self._pictures[0].shape[0] + 22, **TILES).T.tolist()
        about = "Storyboard. Arrow keys choose, Space keeps or drops, Shift with an arrow moves a shot."
        self.map = Map(x=x, y=y, about=about, ring=16.0, reach=TILE / 2 + GAP, commands=list(KEYS))
        self.map.layout.width = f"{COLUMN}px"
        self.map.on_key(lambda key: self._change(KEYS.get(key)))
        self.keep = self.make_button("Keep or drop", lambda: self._change("toggle"))
        self.earlier = self.make_button("Move earlier", lambda: self._change("earlier"))
        self.later = self.make_button("Move later", lambda: self._change("later"))
        self.write = self.make_button("Write the reel", self._write)
        self.file = ipywidgets.Text(str(file), description="File", tooltip="Where the reel is written")
        super().__init__(self.map, [self.keep, self.earlier, self.later], [self.file, self.write])

    @property
    def storyboard(self) -> pd.DataFrame:
        """The shots that are kept, in the order of the reel."""
        return self._shots.iloc[[k for k in self._order if k in self._kept]].reset_index(drop=True)

    def draw(self) -> str:
        chart = board_chart(self._pictures, self._shots, self._order, self._kept)
        state = ["kept" if k in self._kept else "dropped" for k in range(len(self._shots))]
        self.map.show(chart.labelled(self._facts()), [f"shot {k + 1}, {state[k]}" for k in self._order])
        k = self._order[self.map.value]
        shot = self._shots.iloc[k]
        return f"{self._facts()}. Shot {k + 1}, {shot['start']:.2f} to {shot['end']:.2f} s, {state[k]}."

    def describe(self) -> str:
        return f"{self._summary.media.path.name}, {self._facts()}"

    def _facts(self) -> str:
        board = self.storyboard
        return f"{len(board)} of {len(self._shots)} shots kept, {(board['end'] - board['start']).sum():.1f} s"

    def _change(self, what: str | None) -> None:
        """Do to the chosen shot what a key or button says."""
        at = self.map.value
        k, to = self._order[at], at + {"earlier": -1, "later": 1}.get(what or "", 0)
        if what == "toggle":
            self._kept ^= {k}
        elif what == "drop":
            self._kept -= {k}
        elif to != at and 0 <= to < len(self._order):
            self._order[at], self._order[to] = self._order[to], k
            self.map.value = to  # which draws
            return
        self.refresh()

    def _write(self) -> None:
        """Write the reel, and say where it is."""
        path = Path(self.file.value)
        if not len(self.storyboard):
            return self.say("Every shot is dropped: keep one to write a reel.", failed=True)
        if path.exists():
            return self.say(f"{path.name} exists already: choose another name.", failed=True)
        self.say(f"Writing {path.name} …")
        self._summary.write_reel(path, list(self.storyboard[["start", "end"]].itertuples(index=False)))
        self.say(f"{self._facts()}, written to {path.name}.")

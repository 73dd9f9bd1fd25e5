"""Walk over a map of videos: choose a point, and its video plays."""
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import pandas as pd
import traitlets
from numpy.typing import ArrayLike, NDArray

from ..media import MediaError
from ..media.options import brief
from ..plots import class_looks
from .base import HERE, Explorer, row
from .charts import COLUMN, Sketch, shape
from .frames import ReadAhead, numbers, quoted_caption, title
from .player import BLANK, FramePlayer, sample_preview

SIDE, MARGIN = 400, 14  # pixels: the map is square, so that a distance is as long across as down


class Map(anywidget.AnyWidget):
    """Represent points to choose from, by mouse or arrow keys; `value` is the number of the chosen one."""

    _esm = HERE / "map.js"
    value = traitlets.Int(0).tag(sync=True, echo_update=False)
    drawing = traitlets.Unicode("").tag(sync=True)  # SVG
    x = traitlets.List(traitlets.Float()).tag(sync=True)  # pixels in the drawing
    y = traitlets.List(traitlets.Float()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    about = traitlets.Unicode("").tag(sync=True)
    ring = traitlets.Float(11.0).tag(sync=True)  # pixels: the radius of the mark around the chosen point
    reach = traitlets.Float(18.0).tag(sync=True)  # pixels: how near to a point a click must be
    commands = traitlets.List(traitlets.Unicode()).tag(sync=True)  # keys sent as {"key": …}
    sketch: Any = None  # the last one shown

    def show(self, sketch: Sketch, names: Sequence[str]) -> None:
        """Show a drawing, and what its points are called now."""
        self.sketch = sketch
        with self.hold_sync():
            self.names, self.drawing = list(names), sketch.svg()

    def on_key(self, action: Callable[[str], Any]) -> None:
        """Call `action` with each of the `commands` that is pressed."""
        self.on_msg(lambda widget, content, buffers: action(content.get("key", "")))

    def static(self) -> list[Any]:
        """Return what is shown on paper: nothing where the drawing was given as text."""
        return [self.sketch] * (self.sketch is not None)

    @traitlets.validate("value")
    def _within(self, proposal):
        return int(np.clip(proposal["value"], 0, max(0, len(self.x) - 1)))


def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place points (N, 2) in the pixels of the map, both directions to the same scale, y upwards as in a plot.

    >>> place(np.array([[0.0, 0.0], [2.0, 1.0]])).tolist()
    [[14.0, 293.0], [386.0, 107.0]]
    """
    low, high = points.min(0), points.max(0)
    scale = (SIDE - 2 * MARGIN) / max(float((high - low).max()), 1e-12)
    return SIDE / 2 + (points - (low + high) / 2) * scale * (1, -1)


def tile_centres(n: int, *, across: int, wide: float, tall: float, gap: float, edge: float) -> NDArray[np.float64]:
    """Compute the centres of n tiles, pixels (n, 2), row by row from the left, `across` of them in a row."""
    down, right = np.divmod(np.arange(n), across)
    return np.stack([edge + wide / 2 + right * (wide + gap), edge + tall / 2 + down * (tall + gap)], axis=1)


def scatter(
    spots: NDArray[np.float64], labels: Sequence[str], *, chosen: int | None = None, names: Sequence[str] = ()
) -> Sketch:
    """Draw the map: a marker for each point (pixels), in its class's colour and shape; a mouse over it shows a name."""
    sketch, look = Sketch(SIDE, SIDE), class_looks(labels)
    radius = 6 if len(spots) <= 150 else 4.5 if len(spots) <= 500 else 3.5
    sketch.box(0.5, 0.5, SIDE - 1, SIDE - 1, fill="none", line="rule")
    for k, ((x, y), label) in enumerate(zip(spots, labels)):
        color, marker = look[label]
        tip = names[k] if names else None
        sketch.polygon(shape(marker, x, y, radius), fill=color, line="ink", tip=tip)  # the edge shows on dark ground
    if chosen is not None:
        x, y = spots[chosen]
        sketch.polygon(shape("circle", x, y, radius + 6), fill="none", line="ink", thick=2.5)
    return sketch


def legend(labels: Sequence[str], *, about: str = "") -> Sketch:
    """Draw each class's marker and name, in as many lines as it takes."""
    look = class_looks(labels)
    step = 26 + 7.2 * max(map(len, look))
    across = max(1, min(len(look), int(COLUMN // step)))
    sketch = Sketch(COLUMN, 20 * -(-len(look) // across) + (18 if about else 0), f"Classes: {', '.join(look)}")
    for k, (label, (color, marker)) in enumerate(look.items()):
        x, y = 10 + (k % across) * step, 11 + 20 * (k // across)
        sketch.polygon(shape(marker, x, y, 6), fill=color, line="ink")
        sketch.words(x + 12, y + 4, label)
    if about:
        sketch.words(2, sketch.height - 5, about, size=11, color="soft")
    return sketch


class EmbeddingExplorer(Explorer):
    """Walk over a map of videos, such as PCA or t-SNE of their features: click a point, or use the arrow keys.

    points: float (N, 2), where each row of the table stands. table: DataFrame with `path`, and if present `label`,
    `start`, `end`, `caption`. labels: N of what colours the points, such as clusters; the table's `label` by default.
    Raises ValueError for points of another shape, or as many as the table has not.

    Attributes:
    map : its `.value` is the number of the chosen row; set it to choose another
    player : a FramePlayer with 16 frames of the chosen video; `play`, a button, loads it whole and with its sound

    >>> explorer = EmbeddingExplorer(np.eye(2), pd.DataFrame({"path": ["a.mp4", "b.mp4"], "label": ["x", "y"]}))
    >>> explorer.map.value = 1
    >>> explorer
    EmbeddingExplorer(2 points, 2 classes: row 1, b.mp4, y)
    >>> explorer.message  # an error is shown, not raised
    'b.mp4: no such file...'
    """

    def __init__(self, points: ArrayLike, table: pd.DataFrame, labels: Sequence | None = None) -> None:
        n = len(table)
        wanted = f"Points must be finite numbers of shape ({n}, 2), two for each row of the table"
        points = numbers(points, wanted).astype(float)
        if points.shape != (n, 2) or not n or not np.isfinite(points).all():
            raise ValueError(f"{wanted}, got {brief(points)}.")
        labels = (table["label"] if "label" in table else ["all"] * n) if labels is None else labels
        if len(labels) != n:
            raise ValueError(f"There are {len(labels)} labels for {n} rows of the table.")
        self._table = table.reset_index(drop=True)
        self._labels = ["no label" if pd.isna(label) else str(label) for label in labels]
        self._spots = place(points)
        self._videos = ReadAhead(self._table, functools.partial(sample_preview, n=16, longest_side=240))
        (x, y), about = self._spots.T.tolist(), "Arrow keys go to the next point in that direction, Page Up and Page"
        names = [f"{label}: {title(item)}" for label, (_, item) in zip(self._labels, self._table.iterrows())]
        self.map = Map(drawing=scatter(self._spots, self._labels, names=names).svg(), x=x, y=y, names=names,
                       about=f"Map of {n} videos. {about} Down through the table.")
        self.player = FramePlayer(BLANK, loop=True)
        self.player.layout.width = "390px"
        tip = "Load this video whole, with its sound"
        self.play = self.make_button("Play with sound", self._open, tip)
        classes = legend(self._labels, about="Click a point, or use the arrow keys. What is near is alike.").svg()
        film = ipywidgets.VBox([self.player, self.play])
        self._plays = False  # not the first one
        super().__init__(ipywidgets.HTML(classes), row(self.map, film, grid_gap="12px"))
        self._plays = True

    def draw(self) -> str:
        k = self.map.value
        item = self._table.iloc[k]
        if not self._videos.ready(k):
            self.say(f"Opening {title(item)} …")
        try:
            preview = self._videos[k]
        except (MediaError, OSError):
            self.player.load(BLANK, name=title(item))  # the film before is not this one
            raise
        self.player.load(replace(preview, name=title(item)), play=self._plays and len(preview.times) > 1)
        near = np.argsort(np.hypot(*(self._spots - self._spots[k]).T))[1:5]
        self._videos.expect([(k + 1) % len(self._spots), *near])
        return f"Row {k}: {self._labels[k]}, {title(item)}.{quoted_caption(item)}"

    def _open(self) -> None:
        """Play the chosen video whole, with its sound."""
        segment, name = self._videos.segments[self.map.value], title(self._table.iloc[self.map.value])
        self.player.load(segment.path, start=segment.start, end=segment.end, name=name, play=True)

    def describe(self) -> str:
        k = self.map.value
        count = len(set(self._labels))
        counts = f"{len(self._labels)} points, {count} {'class' if count == 1 else 'classes'}"
        return f"{counts}: row {k}, {title(self._table.iloc[k])}, {self._labels[k]}"

    def static(self) -> list:
        parts = [legend(self._labels), scatter(self._spots, self._labels, chosen=self.map.value)]
        try:
            parts += self._videos[self.map.value].strip()
        except (MediaError, OSError):
            pass  # the map is worth showing without the video
        return [*parts, self.message]

"""Points and a table go in, a map of videos comes out: choose a point, and its video plays."""
import functools
from dataclasses import replace

import anywidget
import numpy as np
import traitlets

from ..media import MediaError
from ..plots import class_looks
from .base import COLUMN, HERE, Explorer, html_view, row
from .film import Shelf, is_missing, title
from .player import FramePlayer
from .reel import piece_reel
from .charts import Sketch, on_paper, shape
from .strips import seconds, spread, strip_sketch

SIDE = 400  # pixels: the map is square, so that a distance is as long across as down


class Map(anywidget.AnyWidget):
    """Points to choose from, by mouse or arrow keys; `value` is the number of the chosen one."""

    _esm = HERE / "map.js"
    value = traitlets.Int(0).tag(sync=True, echo_update=False)
    drawing = traitlets.Unicode("").tag(sync=True)  # SVG whose shapes carry the numbers of the points
    x = traitlets.List(traitlets.Float()).tag(sync=True)  # pixels in the drawing
    y = traitlets.List(traitlets.Float()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    about = traitlets.Unicode("").tag(sync=True)

    @traitlets.validate("value")
    def _within(self, proposal):
        return int(np.clip(proposal["value"], 0, max(0, len(self.x) - 1)))


def place(points, *, side=SIDE, margin=14):
    """float (N, 2): points in the pixels of the map, both directions to the same scale, y upwards as in a plot.

    >>> place(np.array([[0.0, 0.0], [2.0, 1.0]]), side=128).tolist()
    [[14.0, 89.0], [114.0, 39.0]]
    """
    low, high = points.min(0), points.max(0)
    scale = (side - 2 * margin) / max(float((high - low).max()), 1e-12)
    return side / 2 + (points - (low + high) / 2) * scale * (1, -1)


def scatter(spots, labels, *, chosen=None, side=SIDE):
    """The map as a drawing: one marker for each point (pixels), in its class's colour and shape."""
    sketch, look = Sketch(side, side), class_looks(labels)
    radius = 6 if len(spots) <= 150 else 4.5 if len(spots) <= 500 else 3.5
    sketch.box(0.5, 0.5, side - 1, side - 1, fill="none", line="rule")
    for k, ((x, y), label) in enumerate(zip(spots, labels)):
        color, marker = look[label]
        sketch.polygon(shape(marker, x, y, radius), fill=color, line="ink", thick=1, item=k)  # seen on dark ground too
    if chosen is not None:
        sketch.polygon(shape("circle", *spots[chosen], radius + 6), fill="none", line="ink", thick=2.5)
    return sketch


def legend(labels, *, width=COLUMN, about=""):
    """Each class's marker and name, in as many lines as it takes."""
    look = class_looks(labels)
    step = 26 + 7.2 * max(map(len, look))
    across = max(1, min(len(look), int(width // step)))
    sketch = Sketch(width, 20 * -(-len(look) // across) + (18 if about else 0))
    for k, (label, (color, marker)) in enumerate(look.items()):
        x, y = 10 + (k % across) * step, 11 + 20 * (k // across)
        sketch.polygon(shape(marker, x, y, 6), fill=color, line="ink", thick=1)
        sketch.words(x + 12, y + 4, label)
    if about:
        sketch.words(2, sketch.height - 5, about, size=11, color="soft")
    return sketch


class EmbeddingExplorer(Explorer):
    """Walk over a map of videos, such as PCA or t-SNE of their features: click a point, or use the arrow keys, and it plays.

    Parameters
    ----------
    points : float (N, 2)
        Where each row of the table stands.
    table : DataFrame
        `path`, and if present `label`, `start`, `end`, `caption`.
    labels : sequence of N, optional
        What colours the points, such as clusters; the table's `label` by default.

    Attributes
    ----------
    map : its `.value` is the number of the chosen row; set it to choose another
    player : a FramePlayer with 16 frames of the chosen video

    Raises
    ------
    ValueError
        Points of another shape, or as many as the table has not.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> explorer = EmbeddingExplorer(np.eye(2), pd.DataFrame({"path": ["a.mp4", "b.mp4"], "label": ["x", "y"]}))
    >>> explorer.map.value = 1
    >>> explorer
    EmbeddingExplorer(2 points, 2 classes: row 1, b.mp4, y)
    >>> explorer.message  # there is no such file: told, not raised
    'b.mp4: no such file...'
    """

    def __init__(self, points, table, labels=None):
        points = np.asarray(points, float)
        if points.shape != (len(table), 2) or not len(table) or not np.isfinite(points).all():
            raise ValueError(f"Points must be finite numbers of shape ({len(table)}, 2), two for each row of the table, got {points.shape}.")
        labels = (table["label"] if "label" in table else ["all"] * len(table)) if labels is None else labels
        if len(labels) != len(table):
            raise ValueError(f"There are {len(labels)} labels for {len(table)} rows of the table.")
        self._table, self._labels = table.reset_index(drop=True), ["no label" if is_missing(label) else str(label) for label in labels]
        self._spots = place(points)
        self._films = Shelf(self._table, functools.partial(piece_reel, n=16, longest_side=240))
        look = scatter(self._spots, self._labels).svg("")
        about = f"Map of {len(points)} videos. Arrow keys go to the next point in that direction, Page Up and Page Down through the table."
        key = legend(self._labels, about="Click a point, or use the arrow keys. What is near is alike.")
        self.map = Map(drawing=look, x=self._spots[:, 0].tolist(), y=self._spots[:, 1].tolist(), names=self._names(), about=about)
        self.player = FramePlayer(np.zeros((1, 90, 160, 3), np.uint8), loop=True)
        self.player.layout.width = "390px"
        classes = html_view()
        classes.value = key.svg("Classes: " + ", ".join(class_looks(self._labels)))
        super().__init__(classes, row(self.map, self.player, grid_gap="12px"))
        self.follow(self.map)
        self.refresh(play=False)

    def _names(self):
        return [f"{label}: {title(item)}" for label, (_, item) in zip(self._labels, self._table.iterrows())]

    def refresh(self, *, play=True):
        """Show the chosen video, playing unless it is the first one."""
        self._play = play
        super().refresh()

    def draw(self):
        k = self.map.value
        item = self._table.iloc[k]
        if not self._films.ready(k):
            self.say(f"Opening {title(item)} …")
        reel = self._films[k]
        self.player.load(replace(reel, name=title(item)), play=self._play and len(reel.times) > 1)
        near = np.argsort(np.hypot(*(self._spots - self._spots[k]).T))[1:5]
        self._films.expect([(k + 1) % len(self._spots), *near])
        caption = item.get("caption")
        said = "" if is_missing(caption) else f" “{caption}”"
        return f"Row {k}: {self._labels[k]}, {title(item)}.{said}"

    def describe(self):
        k = self.map.value
        return f"{len(self._labels)} points, {len(set(self._labels))} classes: row {k}, {title(self._table.iloc[k])}, {self._labels[k]}"

    def pixels(self):
        k = self.map.value
        parts = [legend(self._labels), scatter(self._spots, self._labels, chosen=k)]
        try:
            reel = self._films[k]
            shown = spread(len(reel.times), 8)
            parts.append(strip_sketch(np.stack([reel.frame(k) for k in shown]), seconds(reel.times[shown])))
        except (MediaError, OSError):
            pass  # the map is worth showing without the video
        return on_paper(*parts, self.message)

    def forget(self):
        self._films.forget()
        self._table = None

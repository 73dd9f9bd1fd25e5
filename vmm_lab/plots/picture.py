"""Make matplotlib figures that show themselves in a notebook, and say in words what they show."""
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .images import png

LEGEND = {"frameon": False, "fontsize": 9}
INSIDE = 4  # entries of a legend that find room among what is drawn; a longer one stands at the right


class Picture(Figure):
    """Represent a matplotlib Figure with alternative text; it needs no pyplot and is drawn where it is returned.

    alt: what the picture shows, in a few words, for those who do not see it. legends: add one for labelled artists when
    the figure is drawn, unless there is one.

    >>> Picture("an empty square", figsize=(2, 2))
    <Picture: an empty square>
    """

    def __init__(self, alt: str, *, legends: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.alt, self._adds_legends = alt, legends

    def png(self) -> bytes:
        """Draw the picture on white, as bytes of a PNG file."""
        self.set_facecolor("white")
        self.set_dpi(96)
        canvas = FigureCanvasAgg(self)
        canvas.draw()
        return png(np.asarray(canvas.buffer_rgba())[..., :3].copy())

    def draw(self, renderer: Any) -> None:
        """Draw onto a matplotlib renderer."""
        if self._adds_legends and not self.legends:
            _add_legends(self)
        super().draw(renderer)

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": {"alt": self.alt}}


def axes(
    alt: str, *, rows: int = 1, columns: int = 1, width: float = 9.0, height: float = 3.0,
    xlabel: str = "", ylabel: str = "", title: str = "", **subplots_options: Any,
) -> tuple[Picture, Any]:
    """Make a figure to draw on: (figure, axis), or (figure, array of axes) with several rows or columns.

    There are no lines above and at the right, and labelled artists get a legend when the figure is drawn.
    alt: what the picture shows. width, height: of the whole figure, inches. xlabel, ylabel: with units; of several
    axes, those of the lowest row and of the first column. subplots_options: matplotlib's, such as sharey=True.
    """
    figure = Picture(alt, legends=True, figsize=(width, height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, **subplots_options)
    for axis in grid.flat:
        axis.spines[["top", "right"]].set_visible(False)
    for axis in grid[-1]:
        axis.set_xlabel(xlabel)
    for axis in grid[:, 0]:
        axis.set_ylabel(ylabel)
    if grid.size == 1:
        grid[0, 0].set_title(title)
    elif title:
        figure.suptitle(title)
    return figure, grid[0, 0] if grid.size == 1 else grid.squeeze()


def _add_legends(figure: Picture) -> None:
    """Add a legend to each axis with labelled artists, or one to the figure where all share it or it is long."""
    found = {axis: axis.get_legend_handles_labels() for axis in figure.axes if axis.get_legend() is None}
    found = {axis: entries for axis, entries in found.items() if entries[1]}
    names = {tuple(labels) for _, labels in found.values()}
    if len(names) == 1 and (len(found) > 1 or len(*names) > INSIDE):
        figure.legend(*next(iter(found.values())), loc="outside right upper", **LEGEND)
        return
    for axis in found:
        axis.legend(**LEGEND)

"""Make matplotlib figures that show themselves in a notebook, and say in words what they show."""
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from .images import png

LEGEND: dict[str, Any] = {"frameon": False, "fontsize": 9}
INSIDE = 4  # entries of a legend that find room among what is drawn; a longer one stands at the right


class Picture(Figure):
    """Represent a matplotlib Figure with alternative text; it needs no pyplot and is drawn where it is returned.

    alt: what the picture shows, for those who do not see it. legends: add one for labelled artists when it is drawn.
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
        """Draw onto a renderer; one legend serves all axes with the same labels, and a long one stands outside."""
        axes = [axis for axis in self.axes if axis.get_legend() is None and self._adds_legends and not self.legends]
        found = {axis: entries for axis in axes if (entries := axis.get_legend_handles_labels())[1]}
        names = {tuple(labels) for _, labels in found.values()}
        if len(names) == 1 and (len(found) > 1 or len(*names) > INSIDE):
            self.legend(*found.popitem()[1], loc="outside right upper", **LEGEND)
            found.clear()
        for axis in found:
            axis.legend(**LEGEND)
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
    for (row, column), axis in np.ndenumerate(grid):
        axis.spines[["top", "right"]].set_visible(False)
        axis.set(xlabel=xlabel if row == rows - 1 else "", ylabel="" if column else ylabel)
    if grid.size == 1:
        grid[0, 0].set_title(title)
    elif title:
        figure.suptitle(title)
    return figure, grid[0, 0] if grid.size == 1 else grid.squeeze()

"""Make matplotlib figures that show themselves in a notebook, and say in words what they show."""
from math import ceil
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from numpy.typing import NDArray

from .images import png
from .palette import INK

LEGEND: dict[str, Any] = {"frameon": False, "fontsize": 9}
INSIDE = 4  # entries of a legend that find room among what is drawn; a longer one stands at the right
LINE = 0.21  # inches that one of them takes
WIDTH = 10.0  # inches of a picture that fills the column
COLUMN = 1080  # pixels of the page that it then takes; a narrower column shrinks it
DENSITY = 2  # dots for each pixel of the page, as fine as screens are
HEAVY = 40_000  # bytes of a file; in a larger one, frames have a dot for each pixel, and letters keep theirs


class Picture(Figure):
    """Represent a matplotlib Figure with alternative text; it needs no pyplot and is drawn where it is returned.

    It is drawn on nothing, and what matplotlib draws in black becomes a grey, so that light and dark pages both show
    it.
    alt: what the picture shows, for those who do not see it. legends: add one for labelled artists when it is drawn.
    """

    def __init__(self, alt: str, *, legends: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.alt, self._adds_legends = alt, legends

    def png(self) -> bytes:
        """Draw the picture, with more dots than the page has pixels, as bytes of a PNG file."""
        self.set_dpi(DENSITY * COLUMN / WIDTH)
        canvas = FigureCanvasAgg(self)
        if any(image.colorbar for image in self.findobj(AxesImage)):
            self.draw_without_rendering()  # a colour bar has its numbers after this, and room for them after the next
        canvas.draw()
        dots = np.asarray(canvas.buffer_rgba()).copy()
        data = png(dots)
        if len(data) > HEAVY and self.findobj(AxesImage):
            self._coarsen_frames(dots)
            data = png(dots)
        return data

    def _coarsen_frames(self, dots: NDArray[np.uint8]) -> None:
        """Give each pixel of the page one colour within the frames, in place: a PNG of photographs halves."""
        for frame in self.findobj(AxesImage):
            box = frame.get_window_extent()
            rows, columns = np.sort([[len(dots) - box.y0, len(dots) - box.y1], [box.x0, box.x1]]).clip(0) / DENSITY
            place = tuple(slice(DENSITY * ceil(low), DENSITY * int(high)) for low, high in (rows, columns))
            # One of its dots, not their mean: large pixels keep their edges, and the palette needs no more colours.
            dots[place] = dots[place][::DENSITY, ::DENSITY].repeat(DENSITY, axis=0).repeat(DENSITY, axis=1)

    def draw(self, renderer: Any) -> None:
        """Draw onto a renderer; one legend serves all axes with the same labels, and a long one stands outside."""
        axes = [axis for axis in self.axes if axis.get_legend() is None and self._adds_legends and not self.legends]
        found = {axis: entries for axis in axes if (entries := axis.get_legend_handles_labels())[1]}
        names = {tuple(labels) for _, labels in found.values()}
        if len(names) == 1 and (len(found) > 1 or len(*names) > INSIDE):
            entries = found.popitem()[1]
            columns = 1 + int(len(entries[1]) * LINE / self.get_figheight())
            self.legend(*entries, loc="outside right upper", ncols=columns, **LEGEND)
            found.clear()
        for axis in found:
            axis.legend(**LEGEND)
        self._suit_light_and_dark()
        super().draw(renderer)

    def _suit_light_and_dark(self) -> None:
        self.patch.set_facecolor("none")
        for axis in self.axes:
            if same_color(axis.get_facecolor(), "white"):
                axis.set_facecolor("none")
        for artist in self.findobj(lambda artist: isinstance(artist, (Text, Line2D, Patch))):
            if isinstance(artist, Patch) and same_color(artist.get_edgecolor(), "black"):
                artist.set_edgecolor(INK)
            elif isinstance(artist, (Text, Line2D)) and same_color(artist.get_color(), "black"):
                artist.set_color(INK)

    def __repr__(self) -> str:
        return f"<Picture: {self.alt}>"

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = {"alt": self.alt, "width": round(self.get_figwidth() * COLUMN / WIDTH)}
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": shown}


def axes(
    alt: str, *, rows: int = 1, columns: int = 1, width: float = WIDTH, height: float = 3.0,
    xlabel: str = "", ylabel: str = "", title: str = "", **subplots_options: Any,
) -> tuple[Picture, Any]:
    """Make a figure to draw on: (figure, axis), or (figure, array of axes) with several rows or columns.

    There are no lines above and at the right, and labelled artists get a legend when the figure is drawn.
    alt: what the picture shows. width, height: of the whole figure, inches; 10 fill the column. xlabel, ylabel: with
    units; of several axes, those of the lowest row and of the first column. subplots_options: such as sharey=True.

    >>> figure, axis = axes("a rising line", xlabel="time (s)", ylabel="level")
    >>> axis.plot([0, 1], label="measured")[0].get_label()
    'measured'
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

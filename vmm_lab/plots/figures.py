"""Draw figures of frames, images, points, confusions and scores with matplotlib."""
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ..modalities import MODALITIES, color_of
from .images import pick, spread
from .palette import INK, INSCRIBED, PALETTE, SHAPES, class_looks
from .picture import LEGEND, WIDTH, Picture, axes

MARKERS = dict(zip(SHAPES, "os^DPph*"))  # what matplotlib calls them
GAP = 0.02  # of a frame's width, between the frames of a strip


def filmstrip(
    frames: NDArray | Mapping[str, NDArray], *, times: Any = None, n: int = 8, title: str = "", width: float = WIDTH
) -> Picture:
    """Draw frames next to one another in the order of time, as a figure.

    frames: uint8 (T, H, W, 3), or a dict {name: frames} for one strip below the other. times: float (T,), seconds to
    write under each frame; a dict where `frames` is one. n: how many frames at most, spread evenly. width: inches.
    Raises ValueError where there are no frames, or of another shape.
    """
    named = frames if isinstance(frames, Mapping) else {"": frames}
    films = {str(name): np.asarray(film) for name, film in named.items()}
    clocks = {str(name): times.get(name) if isinstance(times, Mapping) else times for name in named}
    shown = {name: pick(film, n) for name, film in films.items()}
    columns = max(map(len, shown.values()))
    heights = [width / columns * film.shape[1] / film.shape[2] + (0.06 if clocks[name] is None else 0.22)
               for name, film in shown.items()]
    names = ", ".join(filter(None, films)) or title or "one film"
    figure, grid = axes(f"filmstrip{'s' * (len(films) > 1)} of {names}", rows=len(films), title=title, width=width,
                        height=sum(heights) + 0.35 * bool(title), height_ratios=heights)
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    for axis, (name, film) in zip(np.ravel(grid), shown.items()):
        for k, frame in enumerate(film):
            axis.imshow(frame, extent=(k, k + 1 - GAP, 0, 1), aspect="auto")
        axis.set(xlim=(0, columns - GAP), ylim=(0, 1), xticks=[], yticks=[], frame_on=False)
        axis.set_ylabel(name, fontsize=9)
        if clocks[name] is not None:
            labels = [f"{time:.2f} s" for time in np.asarray(clocks[name])[spread(len(films[name]), n)]]
            axis.set_xticks(np.arange(len(film)) + (1 - GAP) / 2, labels, fontsize=8)
            axis.tick_params(bottom=False, pad=2)
    return figure


def gallery(images: Mapping[str, NDArray], *, columns: int | None = None, width: float = WIDTH, color_map: str = "gray",
            bounds: tuple[float, float] | None = None, unit: str = "") -> Picture:
    """Draw images side by side under their names, as a figure.

    images: {name: uint8 (H, W, 3) RGB, or (H, W) of any numbers, shown in matplotlib's `color_map`}. columns: images in
    a row, all by default. bounds: what the ends of the colour map stand for, by default each image's least and largest.
    unit: of the numbers, written at a colour bar: one for all images with `bounds`, else one for each.

    >>> gallery({"a ramp": np.eye(8)}, bounds=(0, 1), unit="share").axes[-1].get_ylabel()
    'share'
    """
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    tall, wide = next(iter(images.values())).shape[:2]
    lines = 1 + max(str(name).count("\n") for name in images)
    figure, grid = axes(f"pictures side by side: {', '.join(map(str, images))}", rows=rows, columns=columns,
                        width=width, height=rows * (width / columns * tall / wide + 0.14 + 0.16 * lines))
    low, high = bounds or (None, None)
    for axis in np.ravel(grid):
        axis.axis("off")
    for axis, (name, image) in zip(np.ravel(grid), images.items()):
        shown = axis.imshow(image, cmap=color_map, vmin=low, vmax=high)
        axis.set_title(name, fontsize=9)
        if unit and image.ndim == 2 and not (bounds and figure.axes[-1].get_ylabel()):
            figure.colorbar(shown, ax=grid if bounds else axis, label=unit, shrink=0.8)
    return figure


def heatmap(
    values: pd.DataFrame | NDArray, *, alt: str = "", unit: str = "", color_map: str = "Blues", title: str = "",
    bounds: tuple[float, float] | None = None, texts: str | Sequence[Sequence[str]] = "",
    width: float = 5.0, axis: Axes | None = None,
) -> Any:
    """Draw a table of numbers as shades with a colour bar, and return the figure.

    values: float (rows, columns); the names of a DataFrame's rows and columns stand at the sides. unit: of the numbers;
    without one there is no colour bar. bounds: what the ends of the colour map stand for. texts: how to write the
    numbers into their cells, such as ".2f", or what to write, (rows, columns). axis: draw onto this one.

    >>> heatmap(np.eye(2), alt="a unit matrix", unit="weight", texts=".0f").axes[0].texts[0].get_text()
    '1'
    """
    table = values if isinstance(values, pd.DataFrame) else pd.DataFrame(values)
    numbers, (rows, columns) = table.to_numpy(float), table.shape
    slanted = sum(len(str(name)) for name in table.columns) > 8.5 * width  # else they would run into one another
    if axis is None:
        below = 0.05 * max(len(str(name)) for name in table.columns) * slanted
        side = 0.07 * max(len(str(name)) for name in table.index) + (0.9 if unit else 0.1)  # names, and a colour bar
        tall = max(width - side, width / 3) * rows / columns
        _, axis = axes(alt, width=width, height=max(1.0, tall) + 0.4 + below, title=title)
    low, high = bounds or (None, None)
    shown = axis.imshow(numbers, cmap=color_map, vmin=low, vmax=high)
    axis.set_xticks(range(columns), table.columns, rotation=45 * slanted, ha="right" if slanted else "center")
    axis.set_yticks(range(rows), table.index)
    axis.tick_params(labelsize=8)
    for (row, column), number in np.ndenumerate(numbers):
        text = texts[row][column] if not isinstance(texts, str) else f"{number:{texts}}" if texts else ""
        if text and np.isfinite(number):
            light = np.dot(shown.cmap(shown.norm(number))[:3], (0.3, 0.6, 0.1)) > 0.5
            axis.text(column, row, text, ha="center", va="center", fontsize=8, color=INSCRIBED if light else "white")
    figure = axis.get_figure(root=True)
    if unit:
        figure.colorbar(shown, ax=axis, label=unit)
    return figure


def confusion(counts: pd.DataFrame, *, title: str = "", width: float = 5.0) -> Picture:
    """Draw a confusion matrix, such as `board.confusion(name)`: true classes down, each row's shares as shades."""
    table = counts.to_numpy(float)
    shares = pd.DataFrame(table / np.maximum(table.sum(axis=1, keepdims=True), 1), counts.index, counts.columns)
    written = [[f"{count:g}" if count and len(table) <= 20 else "" for count in row] for row in table]
    figure: Picture = heatmap(shares, alt=f"confusion matrix of {len(table)} classes", width=width, title=title,
                              bounds=(0, 1), unit="share of the true class", texts=written)
    figure.axes[0].set(xlabel="predicted class", ylabel="true class")
    return figure


def curves(
    lines: Mapping[str, Any], x: Any = None, *, alt: str = "", xlabel: str = "", ylabel: str = "", title: str = "",
    colors: Mapping[str, str] | None = None, dashed: Sequence[str] = (), axis: Axes | None = None,
    width: float = WIDTH, height: float = 3.0,
) -> Any:
    """Draw numbers over x, or over their places, as lines with a legend, and return the figure.

    lines: {name: float (n,)}, or a DataFrame: a line for each column, over its index. colors: {name: colour} of lines
    that should not have the palette's. dashed: names of dashed lines. axis: draw onto this one.

    >>> [line.get_label() for line in curves({"loss": [3, 2, 1]}, alt="a falling line").axes[0].lines]
    ['loss']
    """
    if isinstance(lines, pd.DataFrame) and x is None:
        x = lines.index
    if axis is None:
        _, axis = axes(alt or f"lines of {', '.join(map(str, lines))}", width=width, height=height, title=title,
                       xlabel=xlabel, ylabel=ylabel)
    for k, (name, numbers) in enumerate(lines.items()):
        color = (colors or {}).get(str(name), PALETTE[k % len(PALETTE)])
        style = "--" if name in dashed else "-"
        axis.plot(range(len(numbers)) if x is None else x, numbers, style, color=color, label=str(name))
    return axis.get_figure(root=True)


def scatter(points: NDArray, labels: Sequence[str], *, title: str = "", axes_names: tuple[str, str] = ("", ""),
            width: float = 6.0) -> Picture:
    """Draw points of the plane, float (n, 2), each of the n labels in its class's colour and marker, as a figure."""
    figure, axis = axes(f"{len(points)} points in the plane, of {len(set(map(str, labels)))} classes", width=width,
                        height=0.75 * width, xlabel=axes_names[0], ylabel=axes_names[1], title=title)
    draw_points(axis, points, labels)
    axis.legend(**LEGEND, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def draw_points(axis: Axes, points: NDArray, labels: Sequence[str], *, size: float = 40) -> None:
    """Draw points of the plane, float (n, 2), onto an axis, each of the n labels in its class's colour and marker."""
    points, names = np.asarray(points, float), np.asarray(labels, str)
    for name, (color, shape) in class_looks(names).items():
        x, y = points[names == name].T
        axis.scatter(x, y, s=size, color=color, marker=MARKERS[shape], alpha=0.85, linewidths=0)
        axis.scatter([], [], s=40, color=color, marker=MARKERS[shape], label=name)  # opaque: a PNG has few faint ones


def bars(
    values: Mapping[str, float], *, alt: str = "", axis: Axes | None = None, xlabel: str = "", title: str = "",
    colors: str | Sequence[str] = PALETTE[0], errors: Any = None, texts: Sequence[str] = (), width: float = WIDTH,
) -> Any:
    """Draw numbers, {name: number} or a pandas Series, as bars below one another, the first on top.

    axis: draw onto this one, instead of a new figure. colors: one, or one for each bar. errors: float (2, n), how far
    each interval reaches below and above its number. texts: what to write behind each bar. Returns the figure.
    """
    if axis is None:
        _, axis = axes(alt, width=width, height=0.7 + 0.32 * len(values))
    numbers = pd.Series(values, dtype=float)
    names, places = list(map(str, numbers.index)), np.arange(len(numbers))[::-1]
    low, high = min(0.0, numbers.min()), max(0.1, numbers.max())
    axis.barh(places, numbers, xerr=errors, color=colors, error_kw={"ecolor": INK, "elinewidth": 1.2})
    axis.set_yticks(places[::-1], names[::-1])
    axis.set(xlabel=xlabel, title=title)
    for place, number, text in zip(places, numbers, texts):
        axis.annotate(text, (max(number, 0.0), place), (4, 0), textcoords="offset points", va="center", fontsize=8)
    if texts:
        axis.set_xlim(1.1 * low, high + 0.35 * (high - low))
    axis.axvline(0, color=INK, linewidth=0.8)
    return axis.get_figure(root=True)


def score_bars(frame: pd.DataFrame, *, title: str = "", width: float = WIDTH) -> Picture:
    """Draw the rows of a board (`compare(table).frame`) as bars with their 95 % interval, one colour per modality.

    frame: columns `name`, `modality`, `accuracy`, `accuracy_low`, `accuracy_high`, all shares in [0, 1]. width: inches.
    """
    accuracy, modalities = frame["accuracy"].astype(float), list(frame["modality"])
    intervals = np.stack([accuracy - frame["accuracy_low"], frame["accuracy_high"] - accuracy]).astype(float)
    figure, axis = axes(f"bars of the accuracy of {len(frame)} methods, with intervals", width=width,
                        height=0.7 + 0.32 * len(frame))
    bars(accuracy.set_axis(frame["name"]), axis=axis, title=title, errors=np.abs(intervals),
         colors=[color_of(modality) for modality in modalities],
         xlabel="accuracy on held-out rows (share of 1), with its 95 % interval")
    for modality in dict.fromkeys(("none", *MODALITIES, *modalities)):
        if modality in modalities:
            axis.bar(0, 0, color=color_of(modality), label="baseline" if modality == "none" else modality)
    axis.legend(loc="lower right", **LEGEND)
    axis.set_xlim(0, 1)
    return figure

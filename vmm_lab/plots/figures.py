"""Draw figures of frames, images, points, confusions and scores with matplotlib."""
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ..modalities import MODALITIES, color_of
from .images import frames_image, spread
from .palette import PALETTE, SHAPES, class_looks
from .picture import LEGEND, Picture, axes

MARKERS = dict(zip(SHAPES, "os^DPph*"))  # what matplotlib calls them
GAP = 3  # pixels between the frames of a strip


def filmstrip(
    frames: NDArray | Mapping[str, NDArray], *, times: Any = None, n: int = 8, title: str = "", width: float = 9.0
) -> Picture:
    """Draw frames next to one another in the order of time, as a figure.

    frames: uint8 (T, H, W, 3), or a dict {name: frames} for one strip below the other. times: float (T,), seconds to
    write under each frame; a dict where `frames` is one. n: how many frames at most, spread evenly. width: inches.
    Raises ValueError where there are no frames, or of another shape.
    """
    frames = frames if isinstance(frames, Mapping) else {"": frames}
    films = {name: np.asarray(film) for name, film in frames.items()}
    times = times if isinstance(times, Mapping) else dict.fromkeys(films, times)
    strips = {name: frames_image(film, n=n, height=(*film.shape, 1, 1)[1], gap=GAP) for name, film in films.items()}
    columns = max(min(n, len(film)) for film in films.values())
    heights = [width / columns * film.shape[1] / film.shape[2] + (0.06 if times[name] is None else 0.22)
               for name, film in films.items()]
    names = ", ".join(map(str, filter(None, films))) or title or "one film"
    figure, grid = axes(f"filmstrip{'s' * (len(films) > 1)} of {names}", rows=len(films), title=title, width=width,
                        height=sum(heights) + 0.35 * bool(title), height_ratios=heights)
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    for axis, (name, strip) in zip(np.ravel(grid), strips.items()):
        cell = (strip.shape[1] + GAP) / len(shown := spread(len(films[name]), n))
        axis.imshow(strip, aspect="auto")
        axis.set(xlim=(-0.5, columns * cell - GAP - 0.5), xticks=[], yticks=[], frame_on=False)
        axis.set_ylabel(name, fontsize=9)
        if times[name] is not None:
            labels = [f"{time:.2f} s" for time in np.asarray(times[name])[shown]]
            axis.set_xticks((np.arange(len(shown)) + 0.5) * cell - GAP / 2 - 0.5, labels, fontsize=8)
            axis.tick_params(bottom=False, pad=2)
    return figure


def gallery(images: Mapping[str, NDArray], *, columns: int | None = None, width: float = 9.0, color_map: str = "gray",
            bounds: tuple[float, float] | None = None) -> Picture:
    """Draw images side by side under their names, as a figure.

    images: {name: uint8 (H, W, 3) RGB, or (H, W) of any numbers, shown in matplotlib's `color_map`}. columns: images in
    a row, all by default. bounds: what the ends of the colour map stand for, by default each image's least and largest.
    """
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    tall, wide = next(iter(images.values())).shape[:2]
    figure, grid = axes(f"pictures side by side: {', '.join(map(str, images))}", rows=rows, columns=columns,
                        width=width, height=rows * (width / columns * tall / wide + 0.3))
    low, high = bounds or (None, None)
    for axis in np.ravel(grid):
        axis.axis("off")
    for axis, (name, image) in zip(np.ravel(grid), images.items()):
        axis.imshow(image, cmap=color_map, vmin=low, vmax=high)
        axis.set_title(name, fontsize=9)
    return figure


def confusion(counts: pd.DataFrame, *, title: str = "", width: float = 5.0) -> Picture:
    """Draw a confusion matrix, such as `board.confusion(name)`: true classes down, each row's shares as shades."""
    table = counts.to_numpy(float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure, axis = axes(f"confusion matrix of {len(table)} classes", width=width, height=0.85 * width, title=title,
                        xlabel="predicted class", ylabel="true class")
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(table):
        if count and len(table) <= 20:
            color = "white" if shares[row, column] > 0.5 else "black"
            axis.text(column, row, f"{count:g}", ha="center", va="center", fontsize=8, color=color)
    axis.set_xticks(range(len(table)), counts.columns, rotation=45, ha="right", fontsize=8)
    axis.set_yticks(range(len(table)), counts.index, fontsize=8)
    return figure


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
        axis.scatter(x, y, s=size, color=color, marker=MARKERS[shape], alpha=0.85, linewidths=0, label=name)


def bars(
    values: Mapping[str, float], *, alt: str = "", axis: Axes | None = None, xlabel: str = "", title: str = "",
    colors: str | Sequence[str] = PALETTE[0], errors: Any = None, texts: Sequence[str] = (), width: float = 9.0,
) -> Any:
    """Draw numbers, {name: number} or a pandas Series, as bars below one another, the first on top.

    axis: draw onto this one, instead of a new figure. colors: one, or one for each bar. errors: float (2, n), how far
    each interval reaches below and above its number. texts: what to write behind each bar. Returns the figure.
    """
    if axis is None:
        _, axis = axes(alt, width=width, height=0.7 + 0.32 * len(values))
    names, numbers = list(map(str, dict(values))), np.array(list(dict(values).values()), float)
    places, low, high = np.arange(len(numbers))[::-1], min(0.0, *numbers), max(0.1, *numbers)
    axis.barh(places, numbers, xerr=errors, color=colors, error_kw={"ecolor": "#444444", "elinewidth": 1.2})
    axis.set_yticks(places[::-1], names[::-1])
    axis.set(xlabel=xlabel, title=title)
    for place, number, text in zip(places, numbers, texts):
        axis.annotate(text, (max(number, 0.0), place), (4, 0), textcoords="offset points", va="center", fontsize=8)
    if texts:
        axis.set_xlim(1.1 * low, high + 0.35 * (high - low))
    axis.axvline(0, color="#444444", linewidth=0.8)
    return axis.get_figure(root=True)


def score_bars(frame: pd.DataFrame, *, title: str = "", width: float = 9.0) -> Picture:
    """Draw the rows of a board (`compare(table).frame`) as bars with their 95 % interval, one colour per modality.

    frame: columns `name`, `modality`, `accuracy`, `accuracy_low`, `accuracy_high`, all shares in [0, 1]. width: inches.
    """
    accuracy, modalities = frame["accuracy"].astype(float), list(frame["modality"])
    intervals = np.stack([accuracy - frame["accuracy_low"], frame["accuracy_high"] - accuracy]).astype(float)
    figure, axis = axes(f"bars of the accuracy of {len(frame)} methods, with intervals", width=width,
                        height=0.7 + 0.32 * len(frame))
    bars(dict(zip(frame["name"], accuracy)), axis=axis, title=title, errors=np.abs(intervals),
         colors=[color_of(modality) for modality in modalities],
         xlabel="accuracy on held-out rows (share of 1), with its 95 % interval")
    for modality in dict.fromkeys(("none", *MODALITIES, *modalities)):
        if modality in modalities:
            axis.bar(0, 0, color=color_of(modality), label="baseline" if modality == "none" else modality)
    axis.legend(loc="lower right", **LEGEND)
    axis.set_xlim(0, 1)
    return figure

"""Draw figures of frames, images, points and confusions with matplotlib."""
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from .images import frames_image, spread
from .palette import SHAPES, class_looks
from .picture import LEGEND, Picture, axes

MARKERS = dict(zip(SHAPES, "os^DPph*"))  # what matplotlib calls them
GAP = 3  # pixels between the frames of a strip


def filmstrip(
    frames: ArrayLike | Mapping[str, ArrayLike], *, times: Any = None, n: int = 8, title: str = "", width: float = 9.0
) -> Picture:
    """Draw frames next to one another in the order of time, as a figure.

    frames: uint8 (T, H, W, 3), or a dict {name: frames} for one strip below the other. times: float (T,), seconds to
    write under each frame; a dict where `frames` is one. n: how many frames at most, spread evenly. width: inches.
    Raises ValueError where there are no frames, or of another shape.

    >>> strip = filmstrip(np.zeros((30, 48, 64, 3), np.uint8), times=np.arange(30) / 25)
    >>> strip.axes[0].get_xticklabels()[-1].get_text()
    '1.16 s'
    """
    films = {name: np.asarray(film) for name, film in (frames if isinstance(frames, Mapping) else {"": frames}).items()}
    times = times if isinstance(times, Mapping) else dict.fromkeys(films, times)
    strips = {name: frames_image(film, n=n, height=max(film.shape[1:2], default=1), gap=GAP)
              for name, film in films.items()}
    columns = max(min(n, len(film)) for film in films.values())
    heights = [width / columns * film.shape[1] / film.shape[2] + (0.06 if times[name] is None else 0.22)
               for name, film in films.items()]
    names = ", ".join(map(str, filter(None, films))) or title or "one film"
    figure, grid = axes(f"filmstrip{'s' * (len(films) > 1)} of {names}", rows=len(films), title=title, width=width,
                        height=sum(heights) + 0.35 * bool(title), height_ratios=heights)
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    for axis, (name, strip) in zip(np.ravel(grid), strips.items()):
        shown = spread(len(films[name]), n)
        cell = (strip.shape[1] + GAP) / len(shown)
        axis.imshow(strip, aspect="auto")
        axis.set(xlim=(-0.5, columns * cell - GAP - 0.5), xticks=[], yticks=[], frame_on=False)
        axis.set_ylabel(name, fontsize=9)
        if times[name] is not None:
            labels = [f"{time:.2f} s" for time in np.asarray(times[name])[shown]]
            axis.set_xticks((np.arange(len(shown)) + 0.5) * cell - GAP / 2 - 0.5, labels, fontsize=8)
            axis.tick_params(bottom=False, pad=2)
    return figure


def gallery(
    images: Mapping[str, NDArray], *, columns: int | None = None, width: float = 9.0, color_map: str = "gray",
    bounds: tuple[float, float] | None = None,
) -> Picture:
    """Draw images side by side under their names, as a figure.

    images: {name: uint8 (H, W, 3) RGB, or (H, W) of any numbers, shown in matplotlib's `color_map`}. columns: images in
    a row, all by default. width: inches. bounds: what the ends of the colour map stand for in every image; each
    image's least and largest by default.
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
    """Draw a confusion matrix: true classes down, predicted ones across, each row's shares as shades.

    counts: (k, k), such as `board.confusion(name)`. width: inches.
    """
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


def scatter(
    points: ArrayLike, labels: Sequence[str], *, title: str = "", axes_names: tuple[str, str] = ("", ""),
    width: float = 6.0,
) -> Picture:
    """Draw points of the plane, float (n, 2), in the colours of their n classes, each class with its own marker.

    axes_names: what the two axes are, with their units. width: inches.
    """
    figure, axis = axes(f"{len(points)} points in the plane, of {len(set(map(str, labels)))} classes", width=width,
                        height=0.75 * width, xlabel=axes_names[0], ylabel=axes_names[1], title=title)
    draw_points(axis, points, labels)
    axis.legend(**LEGEND, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def draw_points(axis: Axes, points: ArrayLike, labels: Sequence[str], *, size: float = 40) -> None:
    """Draw points of the plane, float (n, 2), onto a matplotlib axis, each class in its colour and with its marker.

    labels: n class names, which a legend shows. size: a marker's area, square points.
    """
    points, labels = np.asarray(points, float), np.asarray(labels, str)
    for name, (color, shape) in class_looks(labels).items():
        axis.scatter(*points[labels == name].T, s=size, color=color, marker=MARKERS[shape], label=name, alpha=0.85,
                     linewidths=0)

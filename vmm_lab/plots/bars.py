"""Draw numbers as bars: any named numbers, and the rows of a board."""
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from ..modalities import MODALITIES, color_of
from .palette import PALETTE
from .picture import LEGEND, Picture, axes


def bars(values: Mapping[str, float], *, alt: str, xlabel: str = "", title: str = "", width: float = 9.0,
         colors: str | Sequence[str] = PALETTE[0], errors: ArrayLike | None = None, texts: Sequence[str] = ()) -> Picture:
    """Draw numbers, {name: number} or a pandas Series, as bars below one another, the first on top.

    alt: what the picture shows. colors: one, or one for each bar. errors: float (2, n), how far each interval reaches
    below and above its number. texts: what to write behind each bar. width: inches.

    >>> bars({"walk": 0.7, "clap": 0.3}, alt="probabilities of two actions", xlabel="probability")
    <Picture: probabilities of two actions>
    """
    figure, axis = axes(alt, width=width, height=0.7 + 0.32 * len(values), xlabel=xlabel, title=title)
    draw_bars(axis, values, colors=colors, errors=errors, texts=texts)
    return figure


def draw_bars(axis: Axes, values: Mapping[str, float], *, colors: str | Sequence[str] = PALETTE[0],
              errors: ArrayLike | None = None, texts: Sequence[str] = ()) -> None:
    """Draw numbers as horizontal bars onto a matplotlib axis, the first on top; options as in `bars`."""
    names, numbers = list(map(str, dict(values))), np.array(list(dict(values).values()), float)
    places = np.arange(len(numbers))[::-1]
    axis.barh(places, numbers, xerr=errors, color=colors, error_kw={"ecolor": "#444444", "elinewidth": 1.2})
    axis.set_yticks(places[::-1], names[::-1])
    low, high = min(0.0, *numbers), max(0.1, *numbers)
    for place, number, text in zip(places, numbers, texts):
        axis.annotate(text, (max(number, 0.0), place), (4, 0), textcoords="offset points", va="center", fontsize=8)
    if texts:
        axis.set_xlim(1.1 * low, high + 0.35 * (high - low))
    if low < 0:
        axis.axvline(0, color="#444444", linewidth=0.8)


def score_bars(frame: pd.DataFrame, *, title: str = "", width: float = 9.0) -> Picture:
    """Draw the rows of a board (`compare(table).frame`) as bars with their 95 % interval, one colour per modality.

    frame: columns `name`, `modality`, `accuracy`, `accuracy_low`, `accuracy_high`, all shares in [0, 1]. width: inches.
    """
    accuracy, modalities = frame["accuracy"].astype(float), list(frame["modality"])
    intervals = np.stack([accuracy - frame["accuracy_low"], frame["accuracy_high"] - accuracy]).astype(float)
    figure = bars(dict(zip(frame["name"], accuracy)), alt=f"bars of the accuracy of {len(frame)} methods, with intervals",
                  xlabel="accuracy on held-out rows (share of 1), with its 95 % interval", title=title, width=width,
                  colors=[color_of(modality) for modality in modalities], errors=np.abs(intervals))
    axis = figure.axes[0]
    for modality in dict.fromkeys(("none", *MODALITIES, *modalities)):
        if modality in modalities:
            axis.bar(0, 0, color=color_of(modality), label="baseline" if modality == "none" else modality)
    axis.legend(loc="lower right", **LEGEND)
    axis.set_xlim(0, 1)
    return figure

"""Draw what an answer of several modalities rests on: moments of film and sound, words, and each modality's share."""
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from .. import networks
from ..modalities import MODALITIES, color_of
from ..plots import AGAINST, INK, INSCRIBED, WIDTH, Picture, bars, frames_image, spectrogram_image
from .activations import probabilities
from .shapley import check_modalities, evidence_over_time, modalities_of, modality_shares, words_left_out

WORDS_ACROSS = 84  # letters that a line of the text takes


def evidence_picture(
    model: "networks.keras.Model", X: dict[str, Any], *, classes: Sequence[str] | None = None,
    class_index: int | None = None, frames: NDArray[np.uint8] | None = None, duration: float | None = None,
    width: float = WIDTH,
) -> Picture:
    """Draw what an answer rests on: the film, the evidence in its frames, its sound and its words, and the shares.

    Film and sound share one clock. A frame's bar, and the line over the spectrogram, say how much the log-odds of the
    class fall when that moment says nothing (`evidence_over_time`); a word's colour, when it is left out
    (`words_left_out`): red and slanted speaks against the class. At the right are the values of `modality_shares`.

    X: of one item, as `load_examples(…)[k:k + 1].X`. classes: names of the model's classes; numbers by default.
    class_index: the class to explain, by default the predicted one. frames: uint8 (T, H, W, 3), spread evenly over the
    piece, from `media.sample(8)`. duration: of the piece, seconds; without it the axis runs from 0 to 1. width: inches.
    Raises ValueError as `modality_shares`, and for more than one item.
    """
    X, chosen = check_modalities(model, X, class_index)
    if len(chosen) != 1:
        raise ValueError(f"evidence_picture explains one item, got {len(chosen)}; give those of examples[k:k + 1].X.")
    share_of_class, names, held = probabilities(model, X)[0, chosen[0]], modalities_of(X), X["present"][0]
    label, end = str(chosen[0]) if classes is None else str(classes[chosen[0]]), float(duration or 1.0)
    shares = modality_shares(model, X, chosen)[0]
    curves = {name: evidence_over_time(model, X, name, chosen)[0]
              for name, present in zip(names, held) if X[name].ndim > 2 and present}
    texts = {name: words_left_out(model, X, chosen, modality=name)[0] for name in names if X[name].dtype.kind in "UO"}
    film = {} if frames is None else {"film": 1.1}
    heights = film | {name: 1.35 if _has_levels(name) else 0.9 for name in curves} | dict.fromkeys(texts, 0.5)
    values = ", ".join(f"{name} {share:+.1f}" for name, share in zip(names, shares))
    figure = Picture(f"why {label}: {values} nats", figsize=(width, sum(heights.values()) + 0.9), layout="constrained")
    figure.suptitle(f"{label}, {100 * share_of_class:.0f} %: why?", fontsize=11)
    left, right = figure.subfigures(1, 2, squeeze=False, width_ratios=[2.6, 1])[0]
    rows = left.subplots(len(heights), 1, squeeze=False, height_ratios=list(heights.values()))[:, 0]
    axes = dict(zip(heights, rows))
    if frames is not None:
        axes["film"].imshow(frames_image(frames), extent=(0, end, 0, 1), aspect="auto")
        axes["film"].set(xlim=(0, end), xticks=[], yticks=[], frame_on=False)
    for name, curve in curves.items():
        draw = _draw_levels if _has_levels(name) else _draw_steps
        draw(axes[name], X[name][0], curve, end, name)
        axes[name].set_xlim(0, end)
    if curves:
        axes[name].set_xlabel("time (s)" if duration else "time (share of the piece)", fontsize=8)
    for name, words in texts.items():
        _draw_words(axes[name], words, color_of(name))
    axis = right.subplots()
    bars(dict(zip(names, shares)), axis=axis, colors=[color_of(name) for name in names],
         texts=[f"{share:+.2f}" if present else "missing" for share, present in zip(shares, held)])
    axis.set_xlabel("share of the evidence (nats)", fontsize=8)
    axis.tick_params(labelsize=8)
    for each in (axis, *axes.values()):
        each.spines[["top", "right"]].set_visible(False)
    return figure


def _has_levels(name: str) -> bool:
    """Whether a modality is drawn as levels over time, as sound is: those for which silence is what says nothing."""
    return name in MODALITIES and MODALITIES[name].fill == "quiet"


def _draw_steps(axis: Axes, steps: NDArray, curve: NDArray, end: float, name: str) -> None:
    """Draw a bar for each step of time."""
    edges = np.linspace(0, end, len(curve) + 1)
    colors = [color_of(name) if value >= 0 else AGAINST for value in curve]
    axis.bar(edges[:-1], curve, width=0.9 * np.diff(edges), align="edge", color=colors)
    axis.axhline(0, color=INK, linewidth=0.8)
    axis.set_ylabel(f"{name}\n(log-odds)", fontsize=8)
    axis.tick_params(labelsize=7)


def _draw_levels(axis: Axes, steps: NDArray, curve: NDArray, end: float, name: str) -> None:
    """Draw a spectrogram, and the evidence as a line over it."""
    levels = steps.reshape(len(steps), -1)
    axis.imshow(spectrogram_image(levels), extent=(0, end, 0, levels.shape[1]), aspect="auto")
    axis.set_ylabel("band", fontsize=8)
    over, middles = axis.twinx(), (np.arange(len(curve)) + 0.5) * end / len(curve)
    for color, thickness in ((INSCRIBED, 3.5), ("white", 1.8)):
        over.plot(middles, curve, color=color, linewidth=thickness)
    over.axhline(0, color="white", linewidth=0.6, linestyle="--")
    most = 1.1 * max(0.1, float(np.abs(curve).max()))
    over.set_ylim(-most, most)
    over.set_ylabel(f"{name} (log-odds)", fontsize=8)
    for each in (axis, over):
        each.tick_params(labelsize=7)


def _draw_words(axis: Axes, words: list[tuple[str, float]], color: str) -> None:
    """Draw a text, each word on a ground as deep as what it does for the class."""
    axis.set(xlim=(0, WORDS_ACROSS), ylim=(-2.2, 1), xticks=[], yticks=[], frame_on=False)
    if not words:
        axis.text(0, 0, "no caption", fontsize=9, style="italic", color=INK, va="center")
        return
    most, place, line = max(0.1, max(abs(fall) for _, fall in words)), 0.0, 0.0
    for word, fall in words:
        if place and place + len(word) > WORDS_ACROSS:
            place, line = 0.0, line - 1.5
        if line < -2:
            axis.text(place, line + 1.5, " …", fontsize=9, va="center")
            break
        ground, style = (color, "normal") if fall >= 0 else (AGAINST, "italic")
        deep = 0.75 * abs(fall) / most
        axis.text(place, line, word, fontsize=9, va="center", family="monospace", style=style, color=INSCRIBED,
                  bbox={"facecolor": deep * np.array(to_rgb(ground)) + 1 - deep, "edgecolor": "none", "pad": 1.5})
        place += len(word) + 1.8

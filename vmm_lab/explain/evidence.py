"""A model of several modalities and one item go in, one picture comes out: what each modality, moment and word did for the answer."""
import numpy as np

from ..plots import MODALITY_COLORS, Picture
from .shapley import evidence_over_time, modality_shares, words_left_out
from .several import answering, checked_parts, names_of

AGAINST = "#B0455A"  # what speaks against the class; its sign, or slanted letters, say so too
WORDS_ACROSS = 84  # letters that a line of the caption takes


def evidence_picture(model, X, *, classes=None, class_index=None, frames=None, duration=None, width=9.0):
    """What an answer rests on: the film, the evidence in its frames, its sound and its words, and each modality's share.

    Film and sound stand above one another on one clock. A frame's bar, and the line over the spectrogram, tell how much
    the log-odds of the class fall when that moment says nothing (`evidence_over_time`); a word's colour, when it is left
    out (`words_left_out`): green speaks for the class, red and slanted against it. At the right are the shares of `modality_shares`.

    Parameters
    ----------
    model : keras.Model, such as `networks.fusion` gives
    X : dict of arrays of one item, as `load_examples(…)[k:k + 1].X`
    classes : sequence of str, optional
        Names of the model's classes, in its order; numbers by default.
    class_index : int, optional
        The class to explain; by default the one that the model predicts.
    frames : uint8 (T, H, W, 3), optional
        Pictures of the film, spread evenly over the piece, from `media.sample(8)`.
    duration : float, optional
        Seconds of the piece; without it the axis runs from 0 to 1.
    width : float
        Inches.

    Returns
    -------
    Picture, a matplotlib Figure

    Raises
    ------
    ValueError
        As in `modality_shares`; more than one item.

    Examples
    --------
    >>> from vmm_lab.networks import fusion, sound_encoder
    >>> model = fusion("features", {"sound": sound_encoder()}, 4)
    >>> X = {"sound": np.zeros((1, 128, 48), np.float32), "present": np.ones((1, 1), np.float32)}
    >>> evidence_picture(model, X, classes=["bow", "clap", "jump", "walk"], class_index=1, duration=3.0).alt[:9]
    'why clap:'
    """
    X, chosen = checked_parts(model, X, class_index)
    if len(chosen) != 1:
        raise ValueError(f"evidence_picture explains one item, got {len(chosen)}; give those of examples[k:k + 1].X.")
    probabilities, names = answering(model)(X)[0][0], names_of(X)
    label = str(chosen[0]) if classes is None else str(classes[chosen[0]])
    shares = modality_shares(model, X, chosen)[0]
    curves = {name: evidence_over_time(model, X, name, chosen)[0] for name in names if X[name].ndim > 2 and X["present"][0, names.index(name)]}
    captions = [words_left_out(model, X, chosen, modality=name)[0] for name in names if X[name].dtype.kind in "UO"]
    heights = [1.1] * (frames is not None) + [1.35 if name == "sound" else 0.9 for name in curves]
    told = ", ".join(f"{name} {share:+.1f}" for name, share in zip(names, shares))
    figure = Picture(f"why {label}: {told} nats", figsize=(width, sum(heights) + 0.9 + 0.5 * len(captions)), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[2.6, 1])
    figure.suptitle(f"{label}, {100 * probabilities[chosen[0]]:.0f} %: why?", fontsize=11)
    end = 1.0 if duration is None else float(duration)
    rows = left.subplots(len(heights) + len(captions), 1, squeeze=False, height_ratios=[*heights, *[0.5] * len(captions)])[:, 0]
    todo = list(rows)
    if frames is not None:
        _film(todo.pop(0), frames, end)
    for name, curve in curves.items():
        axis = todo.pop(0)
        (_heard if name == "sound" else _seen)(axis, X[name][0], curve, end, name)
        axis.set(xlim=(0, end))
    if curves:
        axis.set_xlabel("time (s)" if duration else "time (share of the piece)", fontsize=8)
    for words in captions:
        _said(todo.pop(0), words)
    _bars(right.subplots(), names, shares, X["present"][0], probabilities[chosen[0]])
    return figure


def _film(axis, frames, end):
    edges = np.linspace(0, end, len(frames) + 1)
    for frame, start, stop in zip(frames, edges, edges[1:]):
        axis.imshow(frame, extent=(start + 0.004 * end, stop, 0, 1), aspect="auto")
    axis.set(xlim=(0, end), ylim=(0, 1), xticks=[], yticks=[], frame_on=False)


def _seen(axis, steps, curve, end, name):
    edges = np.linspace(0, end, len(curve) + 1)
    color = MODALITY_COLORS.get(name, MODALITY_COLORS["fusion"])
    axis.bar(edges[:-1], curve, width=0.9 * np.diff(edges), align="edge", color=[color if value >= 0 else AGAINST for value in curve])
    axis.axhline(0, color="#444444", linewidth=0.8)
    axis.set_ylabel(f"{name}\n(log-odds)", fontsize=8)
    axis.tick_params(labelsize=7)
    axis.spines[["top", "right"]].set_visible(False)


def _heard(axis, steps, curve, end, name):
    axis.imshow(steps.T, origin="lower", extent=(0, end, 0, steps.shape[1]), aspect="auto", cmap="gray_r")
    axis.set_ylabel("mel band", fontsize=8)
    axis.tick_params(labelsize=7)
    over = axis.twinx()
    middles = (np.arange(len(curve)) + 0.5) * end / len(curve)
    over.plot(middles, curve, color="white", linewidth=3.5)
    over.plot(middles, curve, color="#B35A00", linewidth=1.8)
    over.axhline(0, color="#B35A00", linewidth=0.6, linestyle="--")
    most = max(0.1, float(np.abs(curve).max()))
    over.set(ylim=(-1.1 * most, 1.1 * most))
    over.set_ylabel(f"{name} (log-odds)", fontsize=8)
    over.tick_params(labelsize=7)


def _said(axis, words):
    """A caption, each word on a ground as deep as what it does for the class."""
    axis.set(xlim=(0, WORDS_ACROSS), ylim=(-2.2, 1), xticks=[], yticks=[], frame_on=False)
    if not words:
        axis.text(0, 0, "no caption", fontsize=9, style="italic", color="#555555", va="center")
        return
    most, place, line = max(0.1, max(abs(fall) for _, fall in words)), 0, 0
    for word, fall in words:
        if place and place + len(word) > WORDS_ACROSS:
            place, line = 0, line - 1.5
        if line < -2:
            axis.text(place, line + 1.5, " …", fontsize=9, va="center")
            break
        ground = MODALITY_COLORS["words"] if fall >= 0 else AGAINST
        axis.text(place, line, word, fontsize=9, va="center", family="monospace", style="normal" if fall >= 0 else "italic",
                  bbox={"facecolor": ground, "alpha": 0.75 * abs(fall) / most, "edgecolor": "none", "pad": 1.5})
        place += len(word) + 1.8


def _bars(axis, names, shares, present, probability):
    colors = [MODALITY_COLORS.get(name, MODALITY_COLORS["fusion"]) for name in names]
    axis.barh(names, shares, color=colors)
    low, high = min(0.0, float(shares.min())), max(0.1, float(shares.max()))
    for k, (share, there) in enumerate(zip(shares, present)):
        axis.text(max(share, 0) + 0.03 * (high - low), k, f"{share:+.2f}" if there else "missing", va="center", fontsize=8)
    axis.axvline(0, color="#444444", linewidth=0.8)
    axis.invert_yaxis()
    axis.set(xlim=(1.1 * low, high + 0.35 * (high - low)))
    axis.set_xlabel("share of the evidence (nats)", fontsize=8)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)

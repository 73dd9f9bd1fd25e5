"""A model of several modalities and one item go in, its answer comes out: as numbers and as a drawing."""
import html
from dataclasses import dataclass, field

import cv2
import numpy as np

from ..plots import MODALITY_COLORS, class_looks, spread
from ..plots.palette import shades
from .base import COLUMN, percent
from .charts import Sketch, shape

MOST_BARS = 16
OTHERS = 32  # captions that the words of a noisy one come from
LEFT = 530  # pixels: the probabilities; the modalities stand at their right


@dataclass(frozen=True)
class Fused:
    """What a model answers to an item as the controls have it, and what the item then was.

    probabilities, clean: (classes,), now, and with all that the item has and no noise. parts: (modalities,), the model's own
    weights, shares of 1, where `own`; else Shapley shares of the likeliest class, nats.
    """

    X: dict = field(repr=False)
    probabilities: np.ndarray
    clean: np.ndarray
    parts: np.ndarray
    own: bool


def read_several(model, examples, asker):
    """(X, modalities, classes) that a widget called `asker` looks at; ValueError where model and examples do not fit."""
    from ..explain.several import checked_parts, names_of  # with the first model, not with the widgets: TensorFlow is heavy

    if not isinstance(getattr(model, "input", None), dict):
        raise ValueError(f"{asker} looks into a model of several modalities, as networks.fusion gives it, got {getattr(model, 'name', type(model).__name__)}.")
    if not hasattr(examples, "X") or not hasattr(examples, "classes"):
        raise ValueError(f"{asker} looks at Examples, got {type(examples).__name__}; load_examples(table, networks.MODALITY_FEATURES) gives them.")
    X, _ = checked_parts(model, examples.X, 0)
    X = {name: part.astype(str) if part.dtype.kind == "O" else part for name, part in X.items()}
    names, known = names_of(X), max(2, model.output_shape[-1])
    if len(names) < 2:
        raise ValueError(f"{model.name} has only {names[0]}, and there is nothing to weigh it against: {asker} needs two modalities or more.")
    if len(examples.classes) != known:
        raise ValueError(f"{model.name} knows {known} classes, and the examples have {len(examples.classes)}: read them with load_examples(…, classes=…) "
                         "as the model was trained.")
    return X, names, tuple(map(str, examples.classes))


def spoiled(X, k, present, levels, deviations):
    """Item k of X as a dict of one row, with only the modalities of a mask (modalities,), each with its level of noise.

    levels: {modality: level}, as in `networks.add_noise`; deviations: {modality: that of the noise at level 1}. The words that come into
    a caption are those of others, spread over X. The same item and level give the same noise.
    """
    from ..networks import add_noise

    item = {name: part[k:k + 1] for name, part in X.items()} | {"present": (X["present"][k:k + 1] * present).astype(np.float32)}
    for name, level in levels.items():
        if level and name in deviations:
            item |= add_noise({name: item[name]}, name, level, seed=k, deviation=deviations[name])
        elif level:
            told = np.flatnonzero(X[name] != "")
            some = {name: X[name][[k, *told[spread(len(told), OTHERS)]]]}
            item[name] = add_noise(some, name, level, seed=k)[name][:1]
    return item


def fused(model, item, clean):
    """The Fused of one item, and of the same clean; both are dicts of one row."""
    from ..explain import modality_shares
    from ..explain.several import answering

    answers, weights = answering(model)({name: np.concatenate([item[name], clean[name]]) for name in clean})
    if weights is not None:
        parts = weights[0] / max(float(weights[0].sum()), 1e-9)
    else:
        parts = modality_shares(model, item, int(answers[0].argmax()))[0]
    return Fused(item, answers[0], answers[1], parts, weights is not None)


def answer_sketch(now, names, classes, truth, there, *, scales=None, width=COLUMN):
    """The probabilities, a mark where each was when the item was clean, and beside them each modality's part.

    there: (modalities,), what the item has. scales: {modality: (least, most)}, the numbers of what is drawn black and lightest.
    """
    shown = np.sort(np.argsort(-now.probabilities, kind="stable")[:MOST_BARS])
    if truth not in shown:
        shown = np.sort(np.r_[shown[now.probabilities[shown].argsort()][1:], truth])
    sketch = Sketch(width, 50 + max(18 * len(shown), 72 * len(names) + 22))
    _probabilities(sketch, now, classes, shown, truth)
    _modalities(sketch, now, names, there, scales or {}, width)
    return sketch


def _probabilities(sketch, now, classes, shown, truth):
    looks, said = class_looks(classes), int(now.probabilities.argmax())
    gap = 34 + 7.0 * max(len(classes[c]) for c in shown)
    scale, bottom = LEFT - gap - 180, 24 + 18 * len(shown)
    sketch.words(0, 12, "Probability of each class; a line: where it was, clean", size=11, color="soft")
    for tick in (0, 0.5, 1):
        sketch.path([(gap + tick * scale, 22), (gap + tick * scale, bottom)], line="rule", thick=0.7)
        sketch.words(gap + tick * scale, bottom + 15, percent(tick), size=11, color="soft", anchor="middle")
    for place, c in enumerate(shown):
        share, y, (color, marker) = float(now.probabilities[c]), 24 + 18 * place, looks[classes[c]]
        notes = [note for note, holds in (("predicted", c == said), ("true", c == truth)) if holds]
        sketch.words(gap - 20, y + 13, classes[c], anchor="end", bold=bool(notes))
        sketch.polygon(shape(marker, gap - 10, y + 9, 4), fill=color, line="ink", thick=0.8)
        sketch.box(gap, y + 2, max(1.0, share * scale), 13, fill=color, line="ink", thick=0.8)
        told, end, was = percent(share) + (f" ← {' and '.join(notes)}" if notes else ""), gap + share * scale, gap + float(now.clean[c]) * scale
        if abs(was - end) >= 2:
            sketch.path([(was, y), (was, y + 17)], line="ink", thick=2)
        end = was if end < was < end + 10 + 7.5 * len(told) else end  # a line through the number would hide it
        sketch.words(end + 6, y + 13, told, bold=bool(notes))


def _modalities(sketch, now, names, there, scales, width):
    left, wide = LEFT + 24, width - LEFT - 24
    sketch.words(left, 12, "Weight of each modality, the model's own" if now.own else "Share of the evidence (Shapley, nats)", size=11, color="soft")
    low = 0.0 if now.own else min(0.0, float(now.parts.min()))
    high = 1.0 if now.own else max(np.log(len(now.probabilities)), float(now.parts.max()))
    zero = left - low / (high - low) * wide
    for k, name in enumerate(names):
        y, part, on = 24 + 72 * k, float(now.parts[k]), now.X["present"][0, k] > 0
        told = part_text(part, now.own) if on else "off" if there[k] else "missing in this item"
        sketch.words(left, y + 13, name, bold=True)
        sketch.words(width, y + 13, told, anchor="end", color="ink" if on else "soft")
        sketch.box(left, y + 19, wide, 9, fill="panel")
        if on:
            end = zero + part / (high - low) * wide
            sketch.box(min(zero, end), y + 19, max(1.0, abs(end - zero)), 9, fill=MODALITY_COLORS.get(name, MODALITY_COLORS["fusion"]), line="ink", thick=0.8)
        sketch.path([(zero, y + 16), (zero, y + 31)], line="soft")
        if on and name in scales:
            sketch.picture(left, y + 32, wide, 28, numbers_picture(now.X[name][0], *scales[name], (28, wide)))
        elif on:
            sketch.words(left, y + 47, "its words stand below", size=11, color="soft")
    for k, line in enumerate(("Noise 1.0 is as large as the deviation of", "all examples’ numbers; of words it is the", "share that is replaced.")):
        sketch.words(left, 28 + 72 * len(names) + 14 * k, line, size=11, color="soft")


def numbers_picture(numbers, least, most, size):
    """uint8 (height, width, 3): numbers (T, …) as a model gets them, time from left to right, the lighter the larger."""
    plane = numbers.reshape(len(numbers), -1).astype(np.float32).T[::-1]
    plane = cv2.resize(plane, size[::-1], interpolation=cv2.INTER_NEAREST)
    return shades("magma")[(255 * np.clip((plane - least) / max(most - least, 1e-9), 0, 1)).astype(np.uint8)]


def part_text(part, own):
    """A modality's part with its unit."""
    return percent(part) if own else f"{part:+.2f} nats"


def caption_html(name, words, before, *, on):
    """The words as the model reads them, those that noise put there underlined; struck out where they are off."""
    texts = [f"<b><u>{html.escape(word)}</u></b>" if word != old else html.escape(word) for word, old in zip(words.split(), before.split())]
    text = f"“{' '.join(texts)}”" if texts else "none in this item"
    return f"<div>{html.escape(name)}: {text if on or not texts else f'<s>{text}</s> (off)'}</div>"

"""A model of several modalities and items go in; modalities are switched off or drowned in noise, and the answer moves."""
import functools
import html
from dataclasses import dataclass, field, replace

import cv2
import ipywidgets
import numpy as np
import pandas as pd
import traitlets

from ..media import MediaError
from ..plots import MODALITY_COLORS, class_looks
from ..plots.palette import shades
from .base import COLUMN, Explorer, percent, row, slider
from .film import Shelf, is_missing, span, title
from .player import FramePlayer
from .reel import read_reel
from .sketch import Sketch, on_paper, shape
from .strips import seconds, spread, strip_sketch

MOST_LEVEL = 2.0  # of noise in numbers: twice their own deviation
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
        raise ValueError(f"{asker} looks at Examples, got {type(examples).__name__}; load_examples(table, networks.SENSES) gives them.")
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

    levels: {modality: level}, as in `networks.drown`; deviations: {modality: that of the noise at level 1}. The words that come into
    a caption are those of others, spread over X. The same item and level give the same noise.
    """
    from ..networks import drown

    item = {name: part[k:k + 1] for name, part in X.items()} | {"present": (X["present"][k:k + 1] * present).astype(np.float32)}
    for name, level in levels.items():
        if level and name in deviations:
            item |= drown({name: item[name]}, name, level, seed=k, deviation=deviations[name])
        elif level:
            told = np.flatnonzero(X[name] != "")
            some = {name: X[name][[k, *told[spread(len(told), OTHERS)]]]}
            item[name] = drown(some, name, level, seed=k)[name][:1]
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
    sketch = Sketch(width, 50 + max(18 * len(shown), 72 * len(names) + 8))
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
    for k, line in enumerate(("Noise 1.0: as much as all examples’ numbers vary;", "of words: the share that is replaced.")):
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


class Level(ipywidgets.FloatSlider):
    """A slider over levels of noise that does not send back what the page has just told it."""

    value = traitlets.CFloat(0.0).tag(sync=True, echo_update=False)


class FusionExplorer(Explorer):
    """Switch the modalities of an item off, or drown them in noise, and see the answer and each modality's weight move.

    Noise is that of `networks.drown`: of numbers, normal noise with the deviation of all examples' numbers times the level; of
    words, the share that is replaced by words of other captions. The same item and level have the same noise.

    Parameters
    ----------
    model : keras.Model of several modalities, as `networks.fusion` gives it
    examples : Examples whose X is a dict of these modalities, from `load_examples(table, networks.SENSES)`
    table : DataFrame, optional
        The same rows with `path`, and if present `start`, `end`, `caption`: to play the film with its sound.
    item : int

    Attributes
    ----------
    item : a slider; read or set its `.value`
    present : {modality: a checkbox}; disabled where the item lacks the modality. One stays on.
    noise : {modality: a slider}, levels from 0 to 2, of words to 1
    player : a FramePlayer; None without a table
    answer : what is on show, see `Fused`
    probabilities : Series, of each class
    weights : Series, of each modality: the model's own weights, where it has them, else Shapley shares, in nats

    Raises
    ------
    ValueError
        Model and examples do not fit, or have one modality only; a table of another length; no such item.

    Examples
    --------
    >>> from vmm_lab.networks import Examples, fusion, sound_encoder
    >>> model = fusion("gated", {"sound": sound_encoder(), "echo": sound_encoder()}, 4)
    >>> X = {"sound": np.ones((2, 128, 48), "float32"), "echo": np.ones((2, 128, 48), "float32"), "present": np.ones((2, 2), "float32")}
    >>> explorer = FusionExplorer(model, Examples(X, np.array([0, 3]), ("bow", "clap", "jump", "walk")))
    >>> explorer.present["echo"].value = False
    >>> explorer.weights.tolist()
    [1.0, 0.0]
    """

    def __init__(self, model, examples, table=None, *, item=0):
        self._X, self.names, self.classes = read_several(model, examples, "FusionExplorer")
        n = len(examples)
        if isinstance(item, bool) or not isinstance(item, (int, np.integer)) or not 0 <= item < n:
            raise ValueError(f"item must be a whole number from 0 to {n - 1}, got {item!r}.")
        if table is not None and (len(table) != n or "path" not in table):
            raise ValueError(f"The table must be the examples' own {n} rows, with a column path; got {len(table)} rows of {', '.join(map(str, table.columns))}.")
        self._model, self._truths = model, np.asarray(examples.y)
        self._deviations = {name: float(self._X[name].std()) for name in self.names if self._X[name].dtype.kind not in "US"}
        self._known, self._note, self._sketch, self.answer = {}, "", None, None
        self._table = None if table is None else table.reset_index(drop=True)
        self._films = self.player = None
        self.item = slider("Item", int(item), 0, n - 1)
        self.present = {name: self._switch(name) for name in self.names}
        self.noise = {name: self._level(name) for name in self.names}
        panel = [self.item, *(part for name in self.names for part in (self.present[name], self.noise[name]))]
        sides = [ipywidgets.VBox(panel)]
        if table is not None:
            self._films = Shelf(self._table, read_reel_piece, most=16)
            self.player = FramePlayer(np.zeros((1, 90, 160, 3), np.uint8))
            self.player.layout.width = "390px"
            sides.insert(0, self.player)
        super().__init__(row(*sides, grid_gap="12px"))
        self.follow(self.item, by=self._move)
        self.follow(*self.present.values(), by=self._toggle)
        self.follow(*self.noise.values())
        self._move(None)

    def _switch(self, name):
        return ipywidgets.Checkbox(True, description=name, indent=False, tooltip=f"Whether the model gets {name}")

    def _level(self, name):
        numbers = name in self._deviations
        tip = "Deviation of the noise, in deviations of all numbers" if numbers else "Share of the words replaced by words of other captions"
        return Level(value=0.0, min=0.0, max=MOST_LEVEL if numbers else 1.0, step=0.1, readout_format=".1f" if numbers else ".0%", tooltip=tip,
                     description=f"Noise in {name}", style={"description_width": "110px"}, layout={"width": "380px", "max_width": "100%"})

    @property
    def _there(self):
        """bool (modalities,): what the item has."""
        return self._X["present"][self.item.value] > 0

    @property
    def _on(self):
        """bool (modalities,): what the model gets."""
        return self._there & [self.present[name].value for name in self.names]

    def _move(self, change):
        """Another item: what it lacks cannot be switched, and where nothing would be left, all that it has is on."""
        if not self._on.any():
            self._set({name: True for name, has in zip(self.names, self._there) if has})
        for name, has in zip(self.names, self._there):
            switch = self.present[name]
            switch.disabled, switch.description = not has, name if has else f"{name} (missing in this item)"
        self._note = ""
        self._quiet_noise()
        self.refresh()
        if self._films is not None:
            self._show_film()

    def _toggle(self, change):
        kept = ""
        if not self._on.any():
            switch = change["owner"]
            self._set({switch.description: True})
            kept = f" {switch.description} stays on: the model needs one modality at least."
        self._quiet_noise()
        self.refresh()
        if kept:
            self.say(self.message + kept)

    def _set(self, values):
        for name, value in values.items():
            self.present[name].unobserve(self._toggle, "value")
            self.present[name].value = value
            self.present[name].observe(self._toggle, "value")

    def _quiet_noise(self):
        """Noise in what the model does not get changes nothing."""
        for name, on in zip(self.names, self._on):
            self.noise[name].disabled = not on

    def draw(self):
        k, on = self.item.value, self._on
        levels = {name: self.noise[name].value for name, has in zip(self.names, on) if has}
        asked = k, tuple(levels.items())
        if asked not in self._known:
            item, clean = (spoiled(self._X, k, mask, noise, self._deviations) for mask, noise in ((on, levels), (self._there, {})))
            self._known[asked] = fused(self._model, item, clean)
        self.answer = now = self._known[asked]
        scales = {name: (float(part.min()), float(part.max())) for name in self._deviations for part in [self._X[name][k]]}
        self._sketch = answer_sketch(now, self.names, self.classes, int(self._truths[k]), self._there, scales=scales)
        captions = [caption_html(name, str(now.X[name][0]), str(self._X[name][k]), on=on[j]) for j, name in enumerate(self.names) if name not in scales]
        told = self._told()
        self.put(self._sketch.svg(told), *captions)
        return f"{told} {self._note}".rstrip()

    def _told(self):
        now, k = self.answer, self.item.value
        first, second = np.argsort(-now.probabilities, kind="stable")[:2]
        truth = self.classes[self._truths[k]]
        right = self.classes[first] == truth
        said = [f"{self.classes[c]}, {percent(now.probabilities[c])}" for c in (first, second)]
        parts = [f"{name} {part_text(part, now.own) if on else 'off' if has else 'missing'}" for name, part, on, has in zip(self.names, now.parts, self._on, self._there)]
        whose = "The model's own weights" if now.own else f"Shapley shares of the evidence for {self.classes[first]}"
        return (f"Item {k}: the model {'rightly ' * right}says {said[0]} (then {said[1]}){'' if right else f'; it is {truth}'}. "
                f"{whose}: {', '.join(parts)}.")

    def _show_film(self):
        k = self.item.value
        item = self._table.iloc[k]
        try:
            self.player.load(replace(self._films[k], name=title(item)))
            self._films.expect([j for j in (k + 1, k - 1) if 0 <= j < len(self._table)])
        except (MediaError, ValueError, OSError) as error:
            self.player.load(np.zeros((1, 90, 160, 3), np.uint8), name=title(item))
            self._note = str(error)
            self.refresh()

    @property
    def probabilities(self):
        """Series: the probability of each class, as on show."""
        return pd.Series(self.answer.probabilities, self.classes, name="probability")

    @property
    def weights(self):
        """Series: each modality's part in the answer on show."""
        return pd.Series(self.answer.parts, self.names, name="weight" if self.answer.own else "nats")

    def describe(self):
        if self.answer is None:
            return f"{self._model.name}, item {self.item.value}"
        first = int(self.answer.probabilities.argmax())
        on = [name + (f" with noise {self.noise[name].value:g}" if self.noise[name].value else "") for name, has in zip(self.names, self._on) if has]
        return (f"{self._model.name}, item {self.item.value} of {len(self._truths)}: {', '.join(on)}: "
                f"{self.classes[first]}, {percent(self.answer.probabilities[first])}")

    def pixels(self):
        if self._sketch is None:
            return on_paper(self.message)
        parts = [self._sketch, *(f"{name}: “{self.answer.X[name][0]}”" for name in self.names if name not in self._deviations and self.answer.X[name][0]), self.message]
        if self._films is not None and not self._note:
            reel = self._films[self.item.value]
            shown = spread(len(reel.times), 8) if len(reel.times) else []
            if len(shown):
                parts.insert(0, strip_sketch(np.stack([reel.frame(k) for k in shown]), seconds(reel.times[shown])))
        return on_paper(*parts)

    def forget(self):
        if self._films is not None:
            self._films.forget()
        self._X = self._model = self._table = self._films = self._sketch = self.answer = None
        self._known.clear()


def read_reel_piece(path, start, end):
    """The Reel of a piece of a file, with its sound."""
    return read_reel(path, start=start, end=end)

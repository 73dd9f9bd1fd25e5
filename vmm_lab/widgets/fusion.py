"""A model of several modalities and items go in; modalities are switched off or drowned in noise, and the answer moves."""
from dataclasses import replace

import ipywidgets
import numpy as np
import pandas as pd
import traitlets

from ..media import MediaError
from .base import Explorer, percent, row, slider
from .frames import ReadAhead, title
from .fused import answer_sketch, caption_html, fused, part_text, read_several, spoiled
from .player import FramePlayer, read_preview
from .charts import on_paper

MOST_LEVEL = 2.0  # of noise in numbers: twice their own deviation
MOST_KNOWN = 256  # answers kept, each with its item: about 30 MB of films and sounds


class Level(ipywidgets.FloatSlider):
    """A slider over levels of noise that does not send back what the page has just told it."""

    value = traitlets.CFloat(0.0).tag(sync=True, echo_update=False)


class FusionExplorer(Explorer):
    """Switch the modalities of an item off, or drown them in noise, and see the answer and each modality's weight move.

    Noise is that of `networks.add_noise`: of numbers, normal noise with the deviation of all examples' numbers times the level; of
    words, the share that is replaced by words of other captions. The same item and level have the same noise.

    Parameters
    ----------
    model : keras.Model of several modalities, as `networks.fusion` gives it
    examples : Examples whose X is a dict of these modalities, from `load_examples(table, networks.MODALITY_FEATURES)`
    table : DataFrame, optional
        The same rows with `path`, and if present `start`, `end`, `caption`: to play the film with its sound.
    item : int

    Attributes
    ----------
    item : a slider; read or set its `.value`
    present : {modality: a checkbox}; disabled where the item lacks the modality. One stays on.
    noise : {modality: a slider}, levels from 0 to 2, of words to 1
    player : a FramePlayer; None without a table
    answer : what is on show, see `fused.Fused`
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
            raise ValueError(f"The table must be the examples' own {n} rows, with a column path; got {len(table)} rows of "
                             f"{', '.join(map(str, table.columns))}.")
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
            self._films = ReadAhead(self._table, read_reel_piece, most=16)
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
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
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
        parts = [f"{name} {part_text(part, now.own) if on else 'off' if has else 'missing'}"
                 for name, part, on, has in zip(self.names, now.parts, self._on, self._there)]
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
        texts = {name: str(self.answer.X[name][0]) for name in self.names if name not in self._deviations}
        parts = [self._sketch, *(f"{name}: “{text}”" for name, text in texts.items() if text), self.message]
        if self._films is not None and not self._note:
            parts[:0] = self._films[self.item.value].strip()
        return on_paper(*parts)

    def forget(self):
        if self._films is not None:
            self._films.forget()
        self._X = self._model = self._table = self._films = self._sketch = self.answer = None
        self._known.clear()


def read_reel_piece(path, start, end):
    """The Reel of a piece of a file, with its sound."""
    return read_preview(path, start=start, end=end)

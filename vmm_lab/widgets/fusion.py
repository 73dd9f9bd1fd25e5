"""Explore a network of several modalities: switch them off in one item, or see which of them decides for which class."""
import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import pandas as pd
import traitlets
from numpy.typing import NDArray

from ..media import MediaError
from .base import Explorer, choice, percent, row, slider
from .frames import ReadAhead, title
from .fused import Answer, FusedItems
from .fusion_charts import answer_chart, caption_html, evidence_chart, part_text
from .inputs import prediction_sentence
from .player import FramePlayer, read_preview

if TYPE_CHECKING:
    import keras

    from ..networks import Examples

MOST_LEVEL = 2.0  # of noise in numbers: twice their own deviation
ONE, ALL = "one item", "all items"
EVERY = "all classes"


class Level(ipywidgets.FloatSlider):
    """A slider over levels of noise that does not send back what the page has just sent."""

    value = traitlets.CFloat(0.0).tag(sync=True, echo_update=False)


class FusionExplorer(Explorer):
    """See how a network of several modalities decides: for one item, whose modalities can be switched off or made noisy, and
    for all classes, by each modality's mean share of the evidence.

    Noise is that of `networks.add_noise`: of numbers, normal noise with the deviation of all examples' numbers times the
    level; of words, the share that is replaced by words of other captions. In the second view at most 20 items of each class
    are used, spread evenly; choose a class to see them one by one.

    Parameters
    ----------
    model : keras.Model of several modalities, as `networks.fusion` gives it
    examples : Examples whose X is a dict of these modalities, from `load_examples(table, networks.MODALITY_FEATURES)`
    table : DataFrame, optional
        The same rows with `path`, and if present `start`, `end`: to play the film with its sound.
    item : int
    view : "one item" or "all items"
    classes : sequence of str, optional
        The classes of the second view; by default all that have examples.

    Attributes
    ----------
    view, item, order, shown : controls; read or set their `.value`: of `order` a modality's name, of `shown` a class
    present, noise : {modality: control}; a checkbox, disabled where the item lacks the modality, and a slider from 0 to 2, of
        words to 1. One modality stays on.
    player : a FramePlayer; None without a table
    answer : what the first view shows, see `fused.Answer`
    rows : DataFrame, a line for each item of the second view, see `fused.FusedItems.evidence`
    frame : DataFrame, their means: a line for each class, with `rows`, the number of items

    Raises
    ------
    ValueError
        Model and examples do not fit, or have one modality only; a table of another length; no such item, view or class.

    Notes
    -----
    Source of the shares: see `explain.modality_shares`. Those of an item add up to log p − log (1 / classes).

    Examples
    --------
    >>> from vmm_lab.networks import Examples, fusion, sound_encoder
    >>> model = fusion("gated", {"sound": sound_encoder(), "echo": sound_encoder()}, 2)
    >>> X = {name: np.ones((6, 128, 48), "float32") for name in ("sound", "echo")} | {"present": np.ones((6, 2), "float32")}
    >>> explorer = FusionExplorer(model, Examples(X, np.array([0, 0, 0, 1, 1, 1]), ("bow", "clap")))
    >>> explorer.present["echo"].value = False
    >>> explorer.weights.tolist()
    [1.0, 0.0]
    >>> explorer.frame.columns.tolist()
    ['rows', 'sound', 'echo', 'accuracy', 'without_sound', 'without_echo']
    """

    def __init__(self, model: "keras.Model", examples: "Examples", table: pd.DataFrame | None = None, *, item: int = 0,
                 view: str = ONE, classes: Sequence[str] | None = None) -> None:
        self._items: Any = FusedItems(model, examples)
        self._chosen, self.names, n = self._items.rows_of(classes), self._items.names, len(self._items)
        if isinstance(item, bool) or not isinstance(item, (int, np.integer)) or not 0 <= item < n:
            raise ValueError(f"item must be a whole number from 0 to {n - 1}, got {item!r}.")
        if view not in (ONE, ALL):
            raise ValueError(f'view must be "{ONE}" or "{ALL}", got {view!r}.')
        if table is not None and (len(table) != n or "path" not in table):
            raise ValueError(f"The table must be the examples' own {n} rows, with a column path; got {len(table)} rows of "
                             f"{', '.join(map(str, table.columns))}.")
        self._table = None if table is None else table.reset_index(drop=True)
        self._films: Any = None
        self._note, self.player = "", None
        self.view, self.item = choice("View", [ONE, ALL], view), slider("Item", int(item), 0, n - 1)
        self.present = {name: ipywidgets.Checkbox(True, description=name, indent=False,
                                                  tooltip=f"Whether the model gets {name}") for name in self.names}
        self.noise = {name: noise_slider(name, name not in self._items.deviations) for name in self.names}
        orders = {"as the model has them": "classes", **{f"{name}, the most first": name for name in self.names},
                  "accuracy, the least first": "accuracy"}
        self.order = choice("Order", orders, "classes")
        shown = [self._items.classes[c] for c in dict.fromkeys(self._items.y[self._chosen].tolist())]
        self.shown = choice("Class", [EVERY, *shown], EVERY)
        controls = [self.item, *(part for name in self.names for part in (self.present[name], self.noise[name]))]
        sides: list[ipywidgets.Widget] = [ipywidgets.VBox(controls)]
        if self._table is not None:
            self._films = ReadAhead(self._table, lambda path, start, end: read_preview(path, start=start, end=end), most=16)
            self.player = FramePlayer(np.zeros((1, 90, 160, 3), np.uint8))
            self.player.layout.width = "300px"
            sides.insert(0, self.player)
        self._panels = {ONE: row(*sides, grid_gap="12px"), ALL: row(self.order, self.shown)}
        super().__init__(self.view, *self._panels.values())
        self.follow(self.view, by=self._turn)
        self.follow(self.item, by=self._move)
        self.follow(*self.present.values(), by=self._toggle)
        self.follow(*self.noise.values(), self.order, self.shown)
        self._turn(None)

    def _turn(self, change: Any) -> None:
        """Show the controls of the view that was chosen."""
        for name, panel in self._panels.items():
            panel.layout.display = None if name == self.view.value else "none"
        if self.view.value == ONE:
            self._move(None)
            return
        if "rows" not in self.__dict__:
            self.say(f"Asking the model about {len(self._chosen)} items without each of their modalities …")
        self.refresh()

    @property
    def _on(self) -> NDArray:
        """Which modalities the model gets of the item: bool (modalities,)."""
        return self._items.has(self.item.value) & [self.present[name].value for name in self.names]

    def _move(self, change: Any) -> None:
        """Show another item: what it lacks cannot be switched, and where nothing would be left, all that it has is on."""
        has = dict(zip(self.names, self._items.has(self.item.value)))
        if not self._on.any():
            self._set({name: True for name in self.names if has[name]})
        for name, switch in self.present.items():
            switch.disabled, switch.description = not has[name], name if has[name] else f"{name} (missing in this item)"
        self._note = ""
        self._disable_noise()
        self.refresh()
        if self._films is not None:
            self._show_film()

    def _toggle(self, change: Any) -> None:
        kept = ""
        if not self._on.any():
            name = change["owner"].description
            self._set({name: True})
            kept = f" {name} stays on: the model needs one modality at least."
        self._disable_noise()
        self.refresh()
        if kept:
            self.say(self.message + kept)

    def _set(self, values: dict[str, bool]) -> None:
        for name, value in values.items():
            self.present[name].unobserve(self._toggle, "value")
            self.present[name].value = value
            self.present[name].observe(self._toggle, "value")

    def _disable_noise(self) -> None:
        """Noise in what the model does not get changes nothing."""
        for name, on in zip(self.names, self._on):
            self.noise[name].disabled = not on

    def draw(self) -> str:
        return self._draw_item() if self.view.value == ONE else self._draw_all()

    def _draw_item(self) -> str:
        k, answer, items = self.item.value, self.answer, self._items
        parts = ", ".join(f"{name} {part_text(part, answer.weighted) if on else 'off' if has else 'missing'}"
                          for name, part, on, has in zip(self.names, answer.parts, self._on, items.has(k)))
        kind = ("The model's own weights" if answer.weighted
                else f"Shapley shares of the evidence for {items.classes[answer.probabilities.argmax()]}")
        predicted = prediction_sentence(answer.probabilities, items.classes, items.classes[items.y[k]])
        sentence = f"Item {k}. {predicted} {kind}: {parts}."
        captions = [caption_html(name, str(answer.X[name][0]), str(items.X[name][k]), on=on)
                    for name, on in zip(self.names, self._on) if name not in items.deviations]
        self.put(answer_chart(answer, items, k).labelled(sentence), *captions)
        return f"{sentence} {self._note}".rstrip()

    def _draw_all(self) -> str:
        name, names = self.shown.value, list(self.names)
        if name == EVERY:
            chart, means = evidence_chart(self.ordered, self.names), self.rows.drop(columns="class").mean()
            decides = self.frame[names].idxmax(axis=1).value_counts().reindex(names, fill_value=0)
            least, most = self.frame["rows"].min(), self.frame["rows"].max()
            sentence = (f"{len(self.frame)} classes, {most if least == most else f'{least} to {most}'} rows of each. The most "
                        f"evidence comes from {', '.join(f'{name} in {count}' for name, count in decides.items())}.")
        else:
            means, some = self.frame.loc[name], self.rows[self.rows["class"] == name]
            some = some.sort_values(**self._sorting) if self._sorting else some
            lines = pd.concat([self.frame.loc[[name]], some.set_index(some["item"].map("item {}".format))])
            chart = evidence_chart(lines, self.names, bold=name)
            shares = ", ".join(f"{modality} {means[modality]:+.2f}" for modality in names)
            sentence = f"{name}, {means['rows']:.0f} rows, mean shares: {shares} nats."
        without = ", ".join(f"without {name} {percent(means[f'without_{name}'])}" for name in names)
        sentence += f" Right with all: {percent(means['accuracy'])}; {without}."
        self.put(chart.labelled(sentence))
        return sentence

    @property
    def _sorting(self) -> dict[str, Any]:
        by = self.order.value
        return {} if by == "classes" else {"by": by, "ascending": by == "accuracy", "kind": "stable"}

    def _show_film(self) -> None:
        k = self.item.value
        try:
            self.player.load(replace(self._films[k], name=title(self._table.iloc[k])))
            self._films.expect([j for j in (k + 1, k - 1) if 0 <= j < len(self._table)])
        except (MediaError, ValueError, OSError) as error:
            self.player.load(np.zeros((1, 90, 160, 3), np.uint8), name=title(self._table.iloc[k]))
            self._note = str(error)
            self.refresh()

    @functools.cached_property
    def rows(self) -> pd.DataFrame:
        """What each modality does for each item of the second view; the model is asked at the first use."""
        return self._items.evidence(self._chosen)

    @functools.cached_property
    def frame(self) -> pd.DataFrame:
        """The means of `rows`, a line for each class."""
        return self._items.by_class(self.rows)

    @property
    def ordered(self) -> pd.DataFrame:
        """The lines of `frame` as they stand in the chart."""
        return self.frame.sort_values(**self._sorting) if self._sorting else self.frame

    @property
    def answer(self) -> Answer:
        """What the model answers to the item as the controls leave it."""
        levels = {name: self.noise[name].value for name, on in zip(self.names, self._on) if on}
        return self._items.answer(self.item.value, self._on, levels)

    @property
    def probabilities(self) -> pd.Series:
        """The probability of each class."""
        return pd.Series(self.answer.probabilities, self._items.classes, name="probability")

    @property
    def weights(self) -> pd.Series:
        """Each modality's part in the answer: the model's own weight, where it has one, else its Shapley share in nats."""
        return pd.Series(self.answer.parts, self.names, name="weight" if self.answer.weighted else "nats")

    def describe(self) -> str:
        if self._items is None:
            return "closed"
        if self.view.value == ALL:
            order = "" if self.order.value == "classes" else f", by {self.order.value}"
            return f"{self._items.model.name}, {len(self.frame)} classes, {len(self.rows)} rows{order}: {self.shown.value}"
        on = [name + (f" with noise {self.noise[name].value:g}" if self.noise[name].value else "")
              for name, on in zip(self.names, self._on) if on]
        return (f"{self._items.model.name}, item {self.item.value} of {len(self._items)}: {', '.join(on)}: "
                f"{self.probabilities.idxmax()}, {percent(self.probabilities.max())}")

    def static(self) -> list[Any]:
        if self.view.value == ALL or self._items is None:
            return super().static()
        texts = {name: str(self.answer.X[name][0]) for name in self.names if name not in self._items.deviations}
        captions = [f"{name}: “{text}”" for name, text in texts.items() if text]
        film = [] if self.player is None or self._note else self.player.static()
        return [*film[:2], *self._drawn, *captions, self.message]

    def forget(self) -> None:
        if self._films is not None:
            self._films.forget()
        self._items = self._table = self._films = None


def noise_slider(name: str, text: bool) -> Level:
    """Make the slider of the noise in a modality of numbers, or of text."""
    tip = "Share of the words replaced by words of other captions" if text else "Noise, in deviations of all numbers"
    return Level(value=0.0, min=0.0, max=1.0 if text else MOST_LEVEL, step=0.1, readout_format=".0%" if text else ".1f",
                 tooltip=tip, description=f"Noise in {name}", style={"description_width": "110px"},
                 layout={"width": "380px", "max_width": "100%"})

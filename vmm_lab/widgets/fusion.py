"""Explore a network of several modalities: switch them off in one item, or see which one decides for which class."""
import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import networks
from ..tasks._text import plural
from .base import Explorer, choice, level, row, slider
from .charts import percent
from .frames import ReadAhead, title
from .fused import Answer, FusedItems
from .fusion_charts import answer_chart, caption_html, evidence_chart, part_text
from .inputs import prediction_sentence
from .player import BLANK, FramePlayer, read_preview

if TYPE_CHECKING:
    import keras

# Of a slider: the most, how it is written, and what it means.
NOISE = 2.0, ".1f", "Noise, in deviations of all numbers"
NOISE_IN_WORDS = 1.0, ".0%", "Share of the words replaced by words of other captions"
ONE, ALL, EVERY = "one item", "all items", "all classes"
PICTURES = ("image", "video")  # modalities that the film shows


class FusionExplorer(Explorer):
    """See how a network of several modalities decides: for one item, its modalities switched off or made noisy, and for
    all classes, by each modality's mean share of the evidence, see `explain.modality_shares`.

    Noise is that of `networks.add_noise`: of numbers, normal noise, level 1 being the deviation of all their numbers;
    of words, the share that is replaced by words of other captions. The second view takes at most 20 items of each
    class, spread evenly; choose a class to see them one by one.

    model: keras.Model of several modalities, as `networks.fusion` gives it. examples: Examples whose X is a dict of
    these, from `load_examples(table, networks.MODALITY_FEATURES)`. table: the same rows with `path`, if present
    `start`, `end`, to play the film with its sound. item: a row. view: "one item" or "all items", and its classes, by
    default all that have examples.
    Raises ValueError where model and examples do not fit, or have one modality; for a table of another length; where
    there is no such item, view or class.

    Attributes:
    view, item, order, shown : controls; read or set their `.value`: of `order` a modality's name, of `shown` a class
    present, noise : {modality: control}; a checkbox, disabled and empty where the item lacks the modality, and a slider
        from 0 to 2, of words to 1. One modality stays on.
    player : a FramePlayer; None without a table

    >>> from vmm_lab.networks import Examples, fusion, sound_encoder
    >>> model = fusion("gated", {"sound": sound_encoder(), "echo": sound_encoder()}, 2)
    >>> X = {name: np.ones((6, 128, 48), "float32") for name in ("sound", "echo")}
    >>> examples = Examples(X | {"present": np.ones((6, 2), "float32")}, np.array([0, 0, 0, 1, 1, 1]), ("bow", "clap"))
    >>> explorer = FusionExplorer(model, examples)
    >>> explorer.present["echo"].value = False
    >>> explorer.weights.tolist()
    [1.0, 0.0]
    >>> explorer.frame.columns.tolist()
    ['rows', 'sound', 'echo', 'accuracy', 'without_sound', 'without_echo']
    """

    def __init__(self, model: "keras.Model", examples: "networks.Examples", table: pd.DataFrame | None = None, *,
                 item: int = 0, view: str = ONE, classes: Sequence[str] | None = None) -> None:
        self._items: Any = FusedItems(model, examples)
        self._chosen, self.names, n = self._items.rows_of(classes), self._items.names, len(self._items)
        if view not in (ONE, ALL):
            raise ValueError(f'view must be "{ONE}" or "{ALL}", got {view!r}.')
        if table is not None and (len(table) != n or "path" not in table):
            raise ValueError(f"The table must be the examples' own {n} rows, with a column path; got {len(table)} rows "
                             f"of {', '.join(map(str, table.columns))}.")
        self._table: Any = None if table is None else table.reset_index(drop=True)
        self._films: Any = None
        self._note, self._setting, self._wanted, self.player = "", False, dict.fromkeys(self.names, True), None
        self.view, self.item = choice("View", [ONE, ALL], view), slider("Item", item, 0, n - 1)
        self.present, self.noise, one = {}, {}, [self.item]
        for name in self.names:
            tip = f"Whether the model gets {name}"
            self.present[name] = ipywidgets.Checkbox(True, description=name, indent=False, tooltip=tip)
            most, written, tip = NOISE if name in self._items.deviations else NOISE_IN_WORDS
            self.noise[name] = level(f"Noise in {name}", 0.0, most, written=written, tip=tip)
            one += [self.present[name], self.noise[name]]
        orders = {f"{name}, the most first": name for name in self.names} | {"accuracy, the least first": "accuracy"}
        self.order = choice("Order", {"as the model has them": "classes"} | orders, "classes")
        classes = [self._items.classes[c] for c in dict.fromkeys(self._items.y[self._chosen].tolist())]
        self.shown = choice("Class", [EVERY, *classes], EVERY)
        sides: list[ipywidgets.Widget] = [ipywidgets.VBox([self.view, *one, self.order, self.shown])]
        self._panels = {ONE: one, ALL: [self.order, self.shown]}
        if table is not None:
            self._films, self.player = ReadAhead(table, read_preview, most=16), FramePlayer(BLANK)
            self.player.layout.width = "260px"
            sides.insert(0, self.player)
            one.append(self.player)
        super().__init__(row(*sides, grid_gap="12px"))
        self.follow(self.item, *self.present.values(), *self.noise.values(), by=self._change_item)
        self._change_item(None)

    @property
    def _on(self) -> NDArray[np.bool_]:
        """Which modalities the model gets of the item, (modalities,)."""
        return np.array([self.present[name].value for name in self.names])

    def _change_item(self, change: Any) -> None:
        """Show the item as the controls have it: what it lacks cannot be switched, and one modality stays on."""
        if self._setting:
            return
        has, control = dict(zip(self.names, self._items.has(self.item.value))), change and change["owner"]
        moved, kept = control in (None, self.item), []
        self._wanted |= {name: box.value for name, box in self.present.items() if box is control}
        if not any(has[name] and self._wanted[name] for name in self.names):
            kept = [name for name in self.names if has[name] and (moved or self.present[name] is control)]
            self._wanted |= dict.fromkeys(kept, True)
        self._setting = True
        for name, box in self.present.items():
            box.value, box.disabled = bool(has[name] and self._wanted[name]), not has[name]
            box.description = name if has[name] else f"{name} (missing in this item)"
            self.noise[name].disabled = not box.value  # noise in what the model does not get changes nothing
        self._setting = False
        if moved:
            self._note = ""
        self.refresh()
        if kept and not moved:
            self.say(f"{self.message} {kept[0]} stays on: the model needs one modality at least.")
        if moved and self._films is not None:
            self._show_film()
        self._grey_film()

    def _grey_film(self) -> None:
        """Stop the film and take its colour while the model gets none of its pictures."""
        seen = [self.present[name].value for name in self.names if name in PICTURES]
        if self.player is None or not seen:
            return
        if any(seen):
            self.player.remove_class("vmm-off")
        else:
            self.player.add_class("vmm-off")
            self.player.playing = False

    def _show_film(self) -> None:
        k, name = self.item.value, title(self._table.iloc[self.item.value])
        try:
            self.player.load(replace(self._films[k], name=name))
            self._films.expect([j for j in (k + 1, k - 1) if 0 <= j < len(self._table)])
        except (ValueError, OSError) as error:
            self.player.load(BLANK, name=name)
            self._note = f" {error}"
            self.refresh()

    def draw(self) -> str:
        for view, controls in self._panels.items():
            for control in controls:
                control.layout.display = None if view == self.view.value else "none"
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
        return sentence + self._note

    def _draw_all(self) -> str:
        name, names, lines = self.shown.value, list(self.names), self.ordered
        if name == EVERY:
            means, counts = self.rows.drop(columns="class").mean(), self.frame["rows"]
            decides = self.frame[names].idxmax(axis=1).value_counts().reindex(names, fill_value=0)
            number = counts.min() if counts.nunique() == 1 else f"{counts.min()} to {counts.max()}"
            sentence = (f"{len(self.frame)} {plural('class', len(self.frame))}, {number} "
                        f"{plural('row', counts.max())} of each. The most evidence comes from "
                        f"{', '.join(f'{name} in {count}' for name, count in decides.items())}.")
        else:
            means, some = self.frame.loc[name], self._sorted(self.rows[self.rows["class"] == name])
            lines = pd.concat([self.frame.loc[[name]], some.set_index(some["item"].map("item {}".format))])
            shares = ", ".join(f"{modality} {means[modality]:+.2f}" for modality in names)
            sentence = f"{name}, {means['rows']:.0f} {plural('row', means['rows'])}, mean shares: {shares} nats."
        without = ", ".join(f"without {name} {percent(means[f'without_{name}'])}" for name in names)
        sentence += f" Right with all: {percent(means['accuracy'])}; {without}."
        self.put(evidence_chart(lines, self.names, bold=self.shown.value).labelled(sentence))
        return sentence

    def _sorted(self, frame: pd.DataFrame) -> pd.DataFrame:
        by = self.order.value
        return frame if by == "classes" else frame.sort_values(by, ascending=by == "accuracy", kind="stable")

    @functools.cached_property
    def rows(self) -> pd.DataFrame:
        """Return a line for each item of the second view, see `fused.FusedItems.evidence`; computed when first used."""
        return self._items.evidence(self._chosen)

    @functools.cached_property
    def frame(self) -> pd.DataFrame:
        """Return the means of `rows`, a line for each class, with `rows`, the number of items."""
        groups = self.rows.drop(columns="item").groupby("class", sort=False)
        return pd.concat([groups.size().rename("rows"), groups.mean()], axis=1)

    @property
    def ordered(self) -> pd.DataFrame:
        """The lines of `frame` as they stand in the chart."""
        return self._sorted(self.frame)

    @property
    def answer(self) -> Answer:
        """What the model answers to the item as the controls have it, see `fused.Answer`."""
        levels = {name: self.noise[name].value for name, on in zip(self.names, self._on) if on}
        return self._items.answer(self.item.value, self._on, levels)

    @property
    def probabilities(self) -> pd.Series:
        """The probability of each class."""
        return pd.Series(self.answer.probabilities, self._items.classes, name="probability")

    @property
    def weights(self) -> pd.Series:
        """Each modality's part in the answer: the model's own weight, where it has one, else its Shapley share."""
        return pd.Series(self.answer.parts, self.names, name="weight" if self.answer.weighted else "nats")

    def describe(self) -> str:
        if self.view.value == ALL:
            order = "" if self.order.value == "classes" else f", by {self.order.value}"
            shown = f"{len(self.frame)} classes, {len(self.rows)} rows{order}: {self.shown.value}"
            return f"{self._items.model.name}, {shown}"
        on = [name + (f" with noise {self.noise[name].value:g}" if self.noise[name].value else "")
              for name, on in zip(self.names, self._on) if on]
        return (f"{self._items.model.name}, item {self.item.value} of {len(self._items)}: {', '.join(on)}: "
                f"{self.probabilities.idxmax()}, {percent(self.probabilities.max())}")

    def static(self) -> list[Any]:
        if self.view.value == ALL or self._items is None:
            return super().static()
        texts = {name: self.answer.X[name][0] for name in self.names if name not in self._items.deviations}
        captions = [f"{name}: “{text}”" for name, text in texts.items() if text]
        film = [] if self.player is None or self._note else self.player.static()
        return [*film[:2], *self._drawn, *captions, self.message]

"""A model of several modalities and examples go in, which modality decides for which class comes out: as a table and as a chart."""
import numpy as np
import pandas as pd

from ..plots import MODALITY_COLORS, spread
from .base import COLUMN, Explorer, choice, percent, row
from .fused import read_several
from .charts import Sketch, on_paper, shape, stack

MOST_ROWS = 20  # of each class
EVERY = "all classes"
AGAINST = "#B0455A"  # what speaks against the class, as in explain.evidence_picture; that it lies left of 0 says so too
MARKS = ("square", "triangle", "diamond", "pentagon", "hexagon", "star", "cross")  # of the accuracy without each modality
NAMES, ACCURACY, GAP, LINE = 120, 160, 18, 20  # pixels: the columns at both sides, between columns, and of a line


def modality_budget(model, X, y, names, rows):
    """(shares (n, modalities), hits (n, 1 + modalities)) of some rows of X, each for its own class.

    Shares are Shapley's, nats. Hits are 1 where the answer is right: with all that the row has, then without each modality. A row
    that has nothing left is guessed: 1 / classes.
    """
    from ..explain import modality_shares
    from ..explain.several import answering
    from ..networks import without_modalities

    some, truth = {name: part[rows] for name, part in X.items()}, y[rows]
    shares = modality_shares(model, some, truth)
    hits = np.full((len(rows), 1 + len(names)), 1 / max(2, model.output_shape[-1]))
    for column, spoilt in enumerate((some, *(without_modalities(some, name) for name in names))):
        left = np.flatnonzero(spoilt["present"].any(axis=1))
        if len(left):
            answers, _ = answering(model)({name: part[left] for name, part in spoilt.items()})
            hits[left, column] = answers.argmax(axis=1) == truth[left]
    return shares, hits


class ModalityBudget(Explorer):
    """Which modality decides for which class: each modality's mean share of the evidence for a class, over examples of it.

    At most 20 rows of each class are asked, spread evenly, once, when it is built. Choose a class to see each of its rows.

    Parameters
    ----------
    model : keras.Model of several modalities, as `networks.fusion` gives it
    examples : Examples whose X is a dict of these modalities, from `load_examples(table, networks.MODALITY_FEATURES)`; not those learnt from
    classes : sequence of str, optional
        The classes to show; by default all that have examples.

    Attributes
    ----------
    order, shown : controls; read or set their `.value`: a modality's name, or a class
    frame : DataFrame
        A line for each class: `rows` asked; of each modality the mean Shapley share in nats for the class, under its name; `accuracy`
        of these rows, and `without_` each modality, where a row that has nothing left counts as a guess.
    rows : DataFrame
        A line for each row asked: `item`, its number in the examples; `class`; the same of it alone, `right` being 1, or 0.

    Raises
    ------
    ValueError
        Model and examples do not fit, or have one modality only; a class that has no examples.

    Notes
    -----
    Source of the shares: see `explain.modality_shares`. A row of shares adds up to log p − log (1 / classes).

    Examples
    --------
    >>> from vmm_lab.networks import Examples, fusion, sound_encoder
    >>> model = fusion("gated", {"sound": sound_encoder(), "echo": sound_encoder()}, 2)
    >>> X = {"sound": np.ones((6, 128, 48), "float32"), "echo": np.ones((6, 128, 48), "float32"), "present": np.ones((6, 2), "float32")}
    >>> budget = ModalityBudget(model, Examples(X, np.array([0, 0, 0, 1, 1, 1]), ("bow", "clap")))
    >>> budget.frame.columns.tolist()
    ['rows', 'sound', 'echo', 'accuracy', 'without_sound', 'without_echo']
    """

    def __init__(self, model, examples, *, classes=None):
        X, self.names, known = read_several(model, examples, "ModalityBudget")
        y = np.asarray(examples.y)
        have = [name for c, name in enumerate(known) if (y == c).any()]
        wanted = have if classes is None else list(dict.fromkeys(map(str, [classes] if isinstance(classes, str) else classes)))
        strangers = [name for name in wanted if name not in have]
        if strangers or not wanted:
            raise ValueError(f"There are no examples of {', '.join(strangers) or 'no class'} to look at; choose among {', '.join(have)}.")
        picked = [np.flatnonzero(y == known.index(name)) for name in wanted]
        picked = [rows[spread(len(rows), MOST_ROWS)] for rows in picked]
        rows = np.concatenate(picked)
        shares, hits = modality_budget(model, X, y, self.names, rows)
        self._name, self._sketch = model.name, None
        without = [f"without_{name}" for name in self.names]
        self.rows = pd.DataFrame({"item": rows, "class": np.asarray(known)[y[rows]], **dict(zip(self.names, shares.T)),
                                  "right": hits[:, 0], **dict(zip(without, hits[:, 1:].T))})
        groups = self.rows.groupby("class", sort=False)
        means = groups[[*self.names, "right", *without]].mean().rename(columns={"right": "accuracy"})
        self.frame = pd.concat([groups.size().rename("rows"), means], axis=1)
        orders = {"as the model has them": "classes", **{f"{name}, the most first": name for name in self.names}, "accuracy, the least first": "accuracy"}
        self.order, self.shown = choice("Order", orders, "classes"), choice("Class", [EVERY, *wanted], EVERY)
        super().__init__(row(self.order, self.shown))
        self.follow(self.order, self.shown)
        self.refresh()

    @property
    def ordered(self):
        """The lines of `frame` as they stand in the chart."""
        by = self.order.value
        return self.frame if by == "classes" else self.frame.sort_values(by, ascending=by == "accuracy", kind="stable")

    def draw(self):
        name = self.shown.value
        self._sketch = budget_sketch(self.ordered, self.names, chosen=name)
        told = self._told_of_all() if name == EVERY else self._told_of(name)
        if name != EVERY:
            below = class_sketch(self.rows[self.rows["class"] == name], self.frame.loc[name], self.names, self._span(), name)
            self._sketch = stack([self._sketch, below], gap=14)
        self.put(self._sketch.svg(told))
        return told

    def _span(self):
        return span_of(self.rows[list(self.names)].to_numpy())

    def _told_of_all(self):
        frame = self.frame
        decides = frame[list(self.names)].idxmax(axis=1).value_counts(sort=False).reindex(self.names, fill_value=0)
        least, most = frame["rows"].min(), frame["rows"].max()
        counts = ", ".join(f"{name} in {count}" for name, count in decides.items())
        return (f"{len(frame)} classes, {most if least == most else f'{least} to {most}'} rows of each. The most evidence comes from {counts}. "
                f"{self._accuracies(self.rows.rename(columns={'right': 'accuracy'}).drop(columns='class').mean())}")

    def _told_of(self, name):
        line = self.frame.loc[name]
        shares = ", ".join(f"{modality} {line[modality]:+.2f}" for modality in self.names)
        return f"{name}, {line['rows']:.0f} rows, mean shares: {shares} nats. {self._accuracies(line)}"

    def _accuracies(self, line):
        without = ", ".join(f"without {name} {percent(line[f'without_{name}'])}" for name in self.names)
        return f"Right with all: {percent(line['accuracy'])}; {without}."

    def describe(self):
        order = "" if self.order.value == "classes" else f", by {self.order.value}"
        return f"{self._name}, {len(self.frame)} classes, {len(self.rows)} rows{order}: {self.shown.value}"

    def pixels(self):
        return on_paper(self._sketch, self.message)

    def forget(self):
        self._sketch = None


def span_of(shares):
    """(low, high) of an axis that holds all these shares, nats, and 0."""
    return min(0.0, float(shares.min())), max(0.1, float(shares.max()))


def budget_sketch(frame, names, *, chosen=None, width=COLUMN):
    """A line for each class: a bar for each modality, and the accuracy with all modalities and without each."""
    sketch, shares = Sketch(width, 46 + LINE * len(frame) + 50), frame[list(names)].to_numpy()
    low, high = span_of(shares)
    bottom = 42 + LINE * len(frame)
    for left, wide, name in _columns(sketch, names, width, bottom):
        room = wide - 36  # for the number behind the bar
        zero = left - low / (high - low) * room
        for k, (label, line) in enumerate(frame.iterrows()):
            share, y = line[name], 42 + LINE * k
            end = zero + share / (high - low) * room
            sketch.box(min(zero, end), y + 3, max(0.5, abs(end - zero)), LINE - 6, fill=_color(name) if share >= 0 else AGAINST, line="ink", thick=0.6,
                       tip=f"{label}: {name} {share:+.2f} nats")
            sketch.words(max(zero, end) + 4, y + 14, f"{share:+.2f}", size=10, bold=share == line[list(names)].max())
        sketch.path([(zero, 40), (zero, bottom)], line="soft")
    left = width - ACCURACY
    for tick in (0, 0.5, 1):
        x = left + 6 + tick * (ACCURACY - 30)
        sketch.path([(x, 40), (x, bottom)], line="rule", thick=0.7)
        sketch.words(x, bottom + 13, percent(tick), size=10, color="soft", anchor="middle")
    for k, (label, line) in enumerate(frame.iterrows()):
        y = 42 + LINE * k + LINE / 2
        sketch.words(NAMES - 10, y + 4, label, anchor="end", bold=label == chosen)
        for name, mark in zip(names, MARKS * len(names)):
            x = left + 6 + line[f"without_{name}"] * (ACCURACY - 30)
            sketch.polygon(shape(mark, x, y, 4.5), fill=_color(name), line="ink", thick=0.8,
                           tip=f"{label}: {percent(line[f'without_{name}'])} without {name}")
        sketch.polygon(shape("circle", left + 6 + line["accuracy"] * (ACCURACY - 30), y, 3), fill="ink", tip=f"{label}: {percent(line['accuracy'])} with all")
    sketch.words(0, bottom + 30, "Bars: mean Shapley share of the evidence for the class, nats; left of 0 it speaks against it.", size=11, color="soft")
    sketch.words(0, bottom + 47, "Accuracy:", size=11, color="soft")
    x = 62
    for mark, name in zip(("circle", *MARKS * len(names)), ("all", *names)):
        told = "with all" if mark == "circle" else f"without {name}"
        sketch.polygon(shape(mark, x + 4, bottom + 43, 3 if mark == "circle" else 4.5), fill="ink" if mark == "circle" else _color(name), line="ink", thick=0.8)
        sketch.words(x + 14, bottom + 47, told, size=11, color="soft")
        x += 34 + 6 * len(told)
    return sketch


def class_sketch(rows, line, names, span, label, *, width=COLUMN):
    """The rows of one class: a dot for each modality's share of each, crosses where the answer is wrong, and the accuracies as bars."""
    tall = max(8 * len(rows), 26 * (1 + len(names)))
    sketch, (low, high) = Sketch(width, 46 + tall + 36), span
    bottom = 42 + tall
    for left, wide, name in _columns(sketch, names, width, bottom):
        zero = left + 6 - low / (high - low) * (wide - 12)
        sketch.path([(zero, 40), (zero, bottom)], line="soft")
        mean = zero + line[name] / (high - low) * (wide - 12)
        sketch.path([(mean, 40), (mean, bottom)], line="ink", dashed=True)
        for tick in {round(low), 0, round(high)}:
            sketch.words(zero + tick / (high - low) * (wide - 12), bottom + 13, tick, size=10, color="soft", anchor="middle")
        for k, (_, item) in enumerate(rows.iterrows()):
            x, y = zero + item[name] / (high - low) * (wide - 12), 42 + tall * (k + 0.5) / len(rows)
            right = item["right"] == 1
            sketch.polygon(shape("circle" if right else "cross", x, y, 3.5), fill=_color(name) if right else AGAINST,
                           line="ink", thick=0.6, tip=f"item {item['item']}: {name} {item[name]:+.2f} nats, {'right' if right else 'wrong'}")
    sketch.words(NAMES - 10, 42 + 12, label, anchor="end", bold=True)
    sketch.words(NAMES - 10, 42 + 28, f"{len(rows)} rows", anchor="end", size=11, color="soft")
    left = width - ACCURACY
    for k, (told, column) in enumerate([("all", "accuracy"), *((f"without {name}", f"without_{name}") for name in names)]):
        y = 42 + 26 * k
        sketch.words(left, y + 9, told, size=11, color="soft")
        sketch.box(left, y + 12, ACCURACY - 40, 9, fill="panel")
        sketch.box(left, y + 12, max(1.0, line[column] * (ACCURACY - 40)), 9, fill="ink" if k == 0 else _color(names[k - 1]))
        sketch.words(width, y + 21, percent(line[column]), size=11, anchor="end")
    told = "Dots: each row's shares, nats, one row at the same height in all columns; crosses: answered wrongly; dashed: the mean."
    sketch.words(0, bottom + 30, told, size=11, color="soft")
    return sketch


def _columns(sketch, names, width, bottom):
    """(left, width, name) of each modality's column, its name written above; the last column's is accuracy."""
    wide = (width - NAMES - ACCURACY - GAP * len(names)) / len(names)
    sketch.words(width - ACCURACY, 14, "accuracy", bold=True)
    for k, name in enumerate(names):
        left = NAMES + k * (wide + GAP)
        sketch.words(left, 14, name, bold=True)
        sketch.words(left, 30, "share, nats", size=11, color="soft")
        yield left, wide, name


def _color(name):
    return MODALITY_COLORS.get(name, MODALITY_COLORS["fusion"])

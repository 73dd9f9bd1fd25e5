"""Explore what smaller networks lose and what they save: allow some points of accuracy, and see the cheapest one."""
import numpy as np
import pandas as pd

from ..edge.compress import frontier
from ..media.options import check_choice
from ..plots import PALETTE
from .base import COLUMN, Explorer, choice, slider
from .charts import Sketch, levels, shape, ticks

# {column: (what it is called, unit, how many of the unit one is)}
COSTS = {"bytes": ("File size", "kB", 1e-3), "milliseconds": ("Time for one clip", "ms", 1.0),
         "parameters": ("Parameters that are not 0", "thousand", 1e-3), "flops": ("Operations", "million", 1e-6)}
LEFT, TOP, WIDE, TALL = 56, 20, 420, 280  # pixels of the plot; the names of the points stand to its right


def cheapest(rows: pd.DataFrame, cost: str, lost: float) -> str:
    """Return the name of the row with the least cost that is at most `lost` below the first row's accuracy.

    rows: a DataFrame with the columns accuracy and `cost`, named by its index; the first row is the whole network.

    >>> rows = pd.DataFrame({"accuracy": [0.97, 0.96, 0.8], "bytes": [300, 100, 50]}, index=["whole", "half", "tiny"])
    >>> cheapest(rows, "bytes", 0.02), cheapest(rows, "bytes", 0.0)
    ('half', 'whole')
    """
    enough = rows[rows["accuracy"] >= rows["accuracy"].iloc[0] - lost - 1e-9]
    return str(enough[cost].idxmin())


def tradeoff_chart(rows: pd.DataFrame, cost: str, lost: float) -> Sketch:
    """Draw accuracy over a cost: the frontier as a line, what is accurate enough above a dashed one, and the names."""
    name, unit, scale = COSTS[cost]
    x, y = scale * rows[cost].to_numpy(float), rows["accuracy"].to_numpy(float)
    most, low = 1.08 * x.max(), max(0.0, np.floor(10 * y.min() - 0.2) / 10)
    places = LEFT + WIDE * x / most, TOP + TALL * (1 - (y - low) / (1 - low))
    best, chosen = frontier(x, y), cheapest(rows, cost, lost)
    sketch = Sketch(COLUMN, max(TOP + TALL + 44, 40 + 19 * len(rows)), f"accuracy over {name}, {len(rows)} ways")
    step = 0.2 if low < 0.5 else 0.05
    heights = {TOP + TALL * (1 - (tick - low) / (1 - low)): f"{tick:.2f}" for tick in np.arange(1, low - 1e-9, -step)}
    levels(sketch, heights, left=LEFT, wide=WIDE)
    for tick in ticks(most):
        sketch.words(LEFT + WIDE * tick / most, TOP + TALL + 16, f"{tick:g}", size=11, color="soft", anchor="middle")
    sketch.words(LEFT + WIDE / 2, TOP + TALL + 34, f"{name} ({unit})", anchor="middle")
    sketch.words(2, 9, "accuracy", size=11, color="soft")
    least = TOP + TALL * (1 - (y[0] - lost - low) / (1 - low))
    if least <= TOP + TALL:
        sketch.path([(LEFT, least), (LEFT + WIDE, least)], line="mark", dashed=True)
    order = np.flatnonzero(best)[np.argsort(x[best])]
    sketch.path(np.column_stack([places[0][order], places[1][order]]), line="ink", thick=1.5)
    named = sorted(enumerate(zip(map(str, rows.index), *places)), key=lambda point: point[1][0] == chosen)
    for k, (name_of, across, down) in named:  # the chosen one last, on top of its neighbours
        mark, at = name_of == chosen, 26 + 19 * k
        fill = PALETTE[1] if mark else PALETTE[0] if best[k] else "panel"
        tip = f"{name_of}: accuracy {y[k]:.3f}, {x[k]:.3g} {unit}"
        for left, top in ((across, down), (LEFT + WIDE + 30, at - 4)):
            sketch.polygon(shape("circle", left, top, 8), fill=fill, line="ink", tip=tip)
            sketch.words(left, top + 3.5, k + 1, size=9, anchor="middle", color="ink" if fill == "panel" else "#ffffff")
        sketch.words(LEFT + WIDE + 44, at, name_of, size=11.5, bold=mark)
    return sketch


class TradeoffExplorer(Explorer):
    """Choose a cost and how many points of accuracy may be lost; the cheapest network that keeps to it is marked.

    rows: a DataFrame with the column accuracy and one of bytes, milliseconds, parameters, flops at least, each row a
    network, named by the index; the first is the whole one, such as `assets.results("edge")` or rows of `edge.measure`.
    Raises ValueError for another table.

    >>> rows = pd.DataFrame({"accuracy": [0.97, 0.96, 0.8], "bytes": [300, 100, 50]}, index=["whole", "half", "tiny"])
    >>> explorer = TradeoffExplorer(rows)
    >>> explorer.lost.value = 2
    >>> explorer
    TradeoffExplorer(3 networks: half)
    """

    def __init__(self, rows: pd.DataFrame, *, cost: str = "bytes", lost: int = 0) -> None:
        known = [name for name in COSTS if name in getattr(rows, "columns", ())]
        fits = known and "accuracy" in rows and len(rows) and rows.index.map(str).is_unique
        fits = fits and rows["accuracy"].between(0, 1).all() and rows[known].iloc[0].all()
        if not fits or not (rows[known].ge(0) & rows[known].lt(np.inf)).all(axis=None):
            raise ValueError("Networks must be a table with the column accuracy, from 0 to 1, and one of "
                             f"{', '.join(COSTS)}, from 0 on and above 0 in the first row; without gaps, each row with "
                             "a name of its own; edge.measure gives such rows.")
        check_choice("TradeoffExplorer", tuple(known), cost=cost)
        self._rows = rows.set_axis(rows.index.map(str))  # numbers name them as well
        self.cost = choice("Cost", {COSTS[name][0]: name for name in known}, cost)
        self.lost = slider("Points lost", lost, 0, 20, tip="How many points of accuracy may be lost, of 100")
        super().__init__([self.cost, self.lost])

    @property
    def chosen(self) -> str:
        """Return the name of the cheapest network that is accurate enough."""
        return cheapest(self._rows, self.cost.value, self.lost.value / 100)

    def draw(self) -> str:
        name, cost = self.chosen, self.cost.value
        self.put(tradeoff_chart(self._rows, cost, self.lost.value / 100))
        whole, one = self._rows.iloc[0], self._rows.loc[name]
        called, unit, scale = COSTS[cost]
        return (f"{name}: accuracy {one['accuracy']:.3f}, {100 * (whole['accuracy'] - one['accuracy']):.1f} points "
                f"lost; {called.lower()} {scale * one[cost]:.3g} {unit}, {one[cost] / whole[cost]:.0%} of the whole.")

    def describe(self) -> str:
        return f"{len(self._rows)} networks: {self.chosen}"

"""Describe how far a training is: loss and accuracy by epoch as a chart, and how it stands in words."""
import math
from dataclasses import dataclass, field

from ..plots import PALETTE
from .charts import Sketch, levels, ticks

WIDTH, HEIGHT = 760, 274
PANELS = {"loss": (44, "loss (cross-entropy)"), "accuracy": (436, "accuracy (share of 1)")}  # left edge, title
SIDE, TOP, BOTTOM = 310, 88, 238  # of a panel, in pixels
LINES = {"": ("training", PALETTE[0], False), "val_": ("validation", PALETTE[1], True)}  # name, colour, dashed
Points = list[tuple[float, float]]  # (epoch, value)


@dataclass
class Progress:
    """Hold how far a training is: everything that its chart and its sentence are made from.

    epochs: planned. steps: in one epoch. curves: {name: one number for each epoch done}, names as in `History.epochs`.
    running: loss and accuracy of the epoch under way, so far. step: done in all. left: seconds, or None where unknown.
    best: the number, from 1, of the best epoch, or 0. ended: as in `History`, "failed" by an error, or None.
    seconds: of the whole training.
    """

    epochs: int = 0
    steps: int = 0
    validated: bool = False
    curves: dict[str, list[float]] = field(default_factory=dict)
    running: dict[str, float] = field(default_factory=dict)
    step: int = 0
    left: float | None = None
    stopping: bool = False
    best: int = 0
    ended: str | None = None
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """The number of epochs done."""
        return len(self.curves.get("loss", ()))


def chart(progress: Progress) -> Sketch:
    """Draw the training: how far it is, above loss and accuracy by epoch, training solid and validation dashed."""
    sketch = Sketch(WIDTH, HEIGHT, f"Training curves. {facts(progress)}{scores(progress, progress.done)}")
    planned = progress.epochs * progress.steps
    share = min(1, progress.step / planned) if planned else 0
    sketch.words(0, 16, facts(progress), size=13)
    sketch.box(0, 26, WIDTH, 6, fill="panel")
    sketch.box(0, 26, share * WIDTH, 6, fill="mark")
    if progress.epochs:
        for name in PANELS:
            lines = {prefix: points(progress, prefix, name) for prefix in LINES}
            draw_panel(sketch, name, lines, last=horizon(progress), best=progress.best * progress.validated)
    return sketch


def draw_panel(sketch: Sketch, name: str, lines: dict[str, Points], *, last: int, best: int) -> None:
    """Draw one pair of axes: the lines of training and validation, over epochs from 0 to `last`."""
    (left, title), top = PANELS[name], 1.0 if name == "accuracy" else loss_top(lines)

    def place(epoch: float, value: float) -> tuple[float, float]:
        return left + SIDE * epoch / last, BOTTOM - (BOTTOM - TOP) * min(value, top) / top

    sketch.words(left, TOP - 34, title, size=12, bold=True)
    levels(sketch, {place(0, tick)[1]: f"{tick:g}" for tick in ticks(top)}, left=left, wide=SIDE)
    for tick in ticks(last, integer=True):
        sketch.words(place(tick, 0)[0], BOTTOM + 15, f"{tick:g}", size=11, color="soft", anchor="middle")
    sketch.words(left + SIDE / 2, BOTTOM + 31, "epoch", size=11, color="soft", anchor="middle")
    if best:
        x, _ = place(best, 0)
        sketch.path([(x, TOP), (x, BOTTOM)], line="soft", thick=1)
        beyond = x > left + SIDE - 34
        free = TOP + 12 if name == "loss" else BOTTOM - 5  # lines come down in the one and go up in the other
        near, anchor = (x - 4, "end") if beyond else (x + 4, "start")
        sketch.words(near, free, "best", size=11, color="soft", anchor=anchor)
    for x, (prefix, (label, color, dashed)) in zip((left, left + 150), LINES.items()):
        if not lines[prefix]:
            continue
        spots = [place(*point) for point in thinned(lines[prefix])]
        sketch.path(spots, line=color, thick=2, dashed=dashed)
        for spot_x, spot_y in spots if len(spots) < 12 else ():
            sketch.box(spot_x - 2, spot_y - 2, 4, 4, fill=color)
        sketch.path([(x, TOP - 17), (x + 24, TOP - 17)], line=color, thick=2, dashed=dashed)
        sketch.words(x + 30, TOP - 13, f"{label} {lines[prefix][-1][1]:.3f}", size=12)


def points(progress: Progress, prefix: str, name: str) -> Points:
    """Return the points of one line; the epoch under way is its last, as far as it is."""
    line: Points = list(enumerate(progress.curves.get(prefix + name, ()), 1))
    begun = progress.step - progress.done * progress.steps
    if not prefix and name in progress.running and begun > 0 and math.isfinite(progress.running[name]):
        line.append((progress.done + min(1, begun / progress.steps), progress.running[name]))
    return line


def thinned(line: Points) -> Points:
    """Return at most about 300 of the points, the last among them."""
    return line[:: -max(1, len(line) // 300)][::-1]


def horizon(progress: Progress) -> int:
    """Return the last epoch on the axis: at the end the one reached, before it the last planned, if it is not far."""
    if progress.ended:
        return max(1, progress.done)
    reach = 8
    while reach <= progress.done:
        reach *= 2
    return min(progress.epochs, reach)


def loss_top(lines: dict[str, Points]) -> float:
    """Return the upper end of the loss axis; a first epoch far above all others is cut off, not they pressed flat."""
    values = [value for line in lines.values() for _, value in line]
    later = [value for line in lines.values() for _, value in line[1:]]
    return min(max(values, default=1.0), 2 * max(later, default=math.inf)) * 1.04 or 1.0


def facts(progress: Progress) -> str:
    """Write the line above the curves, in numbers."""
    if not progress.epochs:
        return progress.ended or "waiting for the first step"
    current = min(progress.done + (progress.ended is None), progress.epochs)
    steps = progress.epochs * progress.steps
    parts = [f"epoch {current:,} of {progress.epochs:,}", f"step {progress.step:,} of {steps:,}"]
    if "learning_rate" in progress.curves and not progress.ended:
        parts.append(f"learning rate {progress.curves['learning_rate'][-1]:.2g}")
    if progress.ended:
        parts.append(f"{progress.ended} after {duration(progress.seconds)}" if progress.seconds else progress.ended)
    elif progress.stopping:
        parts.append("stopping after this batch")
    elif progress.left is not None:
        parts.append(f"about {duration(progress.left)} left")
    return "  ·  ".join(parts)


def duration(seconds: float) -> str:
    """Write seconds in words.

    >>> duration(3.2), duration(75), duration(4000)
    ('3 s', '75 s', '67 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def sentence(progress: Progress) -> str:
    """Write how the training stands."""
    if not progress.epochs and not progress.ended:
        return "The training begins as soon as the examples are read."
    if not progress.ended:
        # In quarters: a screen reader comes to the end of the sentence, and the numbers of the chart stay true to it.
        quarter = ("less than a quarter", "at least a quarter", "at least half", "at least three quarters")
        part = quarter[min(3, 4 * progress.done // progress.epochs)]
        return f"Training: {part} of {progress.epochs:,} epochs done. Stop keeps the best weights so far."
    epochs = f"{progress.done:,} epoch{'s' * (progress.done != 1)}"
    how = {
        "finished": f"Finished after {epochs}",
        "early": f"Ended early after {epochs}: the validation loss had been no lower for "
                 f"{progress.done - progress.best}",
        "stopped": f"Stopped by you after {epochs}",
        "interrupted": f"Interrupted after {epochs}",
        "diverged": f"Diverged after {epochs}: the loss is no number any more; a smaller learning_rate may help",
        "failed": f"Failed after {epochs}: an error ended it",
    }[progress.ended]
    if not progress.best:
        kept = "had at the beginning" if progress.ended == "diverged" or not progress.step else "had learnt by then"
        return f"{how}. The model has the weights that it {kept}."
    best = "the best" if progress.validated else "the last"
    return f"{how}. The model has the weights of epoch {progress.best}, {best}{scores(progress, progress.best)}."


def scores(progress: Progress, epoch: int) -> str:
    """Write the accuracies of an epoch as the end of a sentence; nothing before there are any."""
    found = [f"{progress.curves[prefix + 'accuracy'][epoch - 1]:.3f} in {name}"
             for prefix, (name, _, _) in LINES.items() if epoch and prefix + "accuracy" in progress.curves]
    return f": accuracy {', '.join(found)}" if found else ""

"""How far a training is goes in, its picture and its sentence come out: loss and accuracy by epoch, and how it stands in words."""
import math
from dataclasses import dataclass, field

from ..plots import PALETTE
from .charts import Sketch

WIDTH, HEIGHT = 760, 274
PANELS = {"loss": (44, "loss (cross-entropy)"), "accuracy": (436, "accuracy (share of 1)")}  # left edge, title
SIDE, TOP, BOTTOM = 310, 88, 238  # of a panel, in pixels
LINES = {"": ("training", PALETTE[0], False), "val_": ("validation", PALETTE[1], True)}  # name, colour, dashed


@dataclass
class Progress:
    """How far a training is: everything that its picture and its sentence are made from.

    epochs: planned. steps: in one epoch. curves: {name: one number for each epoch done}, names as in `History.epochs`.
    running: loss and accuracy of the epoch under way, so far. step: done in all. left: seconds, or None where unknown.
    best: the number, from 1, of the best epoch, or 0. ended: as in `History`, "failed" by an error, or None. seconds: of the whole training.
    """

    epochs: int = 0
    steps: int = 0
    validated: bool = False
    curves: dict = field(default_factory=dict)
    running: dict = field(default_factory=dict)
    step: int = 0
    left: float | None = None
    stopping: bool = False
    best: int = 0
    ended: str | None = None
    seconds: float = 0.0

    @property
    def done(self):
        """Epochs done."""
        return len(self.curves.get("loss", ()))


def picture(progress):
    """A Sketch of the training: how far it is, above loss and accuracy by epoch, training solid and validation dashed."""
    sketch = Sketch(WIDTH, HEIGHT)
    planned = progress.epochs * progress.steps
    share = min(1, progress.step / planned) if planned else 0
    sketch.words(0, 16, facts(progress), size=13)
    sketch.box(0, 26, WIDTH, 6, fill="panel")
    sketch.box(0, 26, share * WIDTH, 6, fill="mark")
    if not progress.epochs:
        return sketch
    last = horizon(progress)
    for name, (left, title) in PANELS.items():
        lines = {prefix: points(progress, prefix, name) for prefix in LINES}
        draw_panel(sketch, left, title, lines, top=1.0 if name == "accuracy" else loss_top(lines), last=last, best=progress.best)
    return sketch


def draw_panel(sketch, left, title, lines, *, top, last, best):
    """One pair of axes: {prefix: [(epoch, value), …]} from 0 to `top`, over epochs from 0 to `last`."""
    def place(epoch, value):
        return left + SIDE * epoch / last, BOTTOM - (BOTTOM - TOP) * min(value, top) / top

    sketch.words(left, TOP - 34, title, size=12, bold=True)
    step = tick_step(top)
    for k in range(int(top / step + 1e-6) + 1):
        _, y = place(0, k * step)
        sketch.path([(left, y), (left + SIDE, y)], line="rule", thick=0.7)
        sketch.words(left - 6, y + 4, f"{k * step:.{max(0, -math.floor(math.log10(step)))}f}", size=11, color="soft", anchor="end")
    for k in range(int(last / whole_step(last)) + 1):
        epoch = k * whole_step(last)
        sketch.words(place(epoch, 0)[0], BOTTOM + 15, epoch, size=11, color="soft", anchor="middle")
    sketch.words(left + SIDE / 2, BOTTOM + 31, "epoch", size=11, color="soft", anchor="middle")
    if best:
        x, _ = place(best, 0)
        sketch.path([(x, TOP), (x, BOTTOM)], line="soft", thick=1)
        beyond = x > left + SIDE - 34
        free = TOP + 12 if title == PANELS["loss"][1] else BOTTOM - 5  # lines come down in the one and go up in the other
        sketch.words(x - 4 if beyond else x + 4, free, "best", size=11, color="soft", anchor="end" if beyond else "start")
    for number, (prefix, (name, color, dashed)) in enumerate(LINES.items()):
        if not lines[prefix]:
            continue
        spots = [place(*point) for point in thinned(lines[prefix])]
        sketch.path(spots, line=color, thick=2, dashed=dashed)
        if len(spots) < 12:
            for x, y in spots:
                sketch.box(x - 2, y - 2, 4, 4, fill=color)
        x = left + 150 * number
        sketch.path([(x, TOP - 17), (x + 24, TOP - 17)], line=color, thick=2, dashed=dashed)
        sketch.words(x + 30, TOP - 13, f"{name} {lines[prefix][-1][1]:.3f}", size=12)


def points(progress, prefix, name):
    """[(epoch, value), …] of one line; the epoch under way is its last point, as far as it is."""
    line = list(enumerate(progress.curves.get(prefix + name, ()), 1))
    begun = progress.step - progress.done * progress.steps
    if not prefix and name in progress.running and begun > 0 and math.isfinite(progress.running[name]):
        line.append((progress.done + min(1, begun / progress.steps), progress.running[name]))
    return line


def thinned(line, most=300):
    """At most about `most` of the points, the last among them."""
    return line[:: -max(1, len(line) // most)][::-1]


def horizon(progress):
    """The last epoch on the axis: what was reached once it has ended, before that what is planned, if that is not far away."""
    if progress.ended:
        return max(1, progress.done)
    reach = 8
    while reach <= progress.done:
        reach *= 2
    return min(progress.epochs, reach)


def loss_top(lines):
    """The upper end of the loss axis; a first epoch far above all others is cut off, not they pressed flat."""
    values = [value for line in lines.values() for _, value in line]
    later = [value for line in lines.values() for _, value in line[1:]]
    return min(max(values, default=1.0), 2 * max(later, default=math.inf)) * 1.04 or 1.0


def tick_step(top):
    """A round distance of ticks: three to six of them up to `top`.

    >>> [tick_step(top) for top in (1.0, 0.73, 14)]
    [0.2, 0.2, 5.0]
    """
    power = 10 ** math.floor(math.log10(top))
    return next(round(factor * power, 12) for factor in (0.1, 0.2, 0.5, 1, 2) if top / (factor * power) <= 5.5)


def whole_step(last):
    """The same for epochs, in whole numbers."""
    return max(1, math.ceil(tick_step(last)))


def facts(progress):
    """The line above the curves, in numbers."""
    if not progress.epochs:
        return progress.ended or "waiting for the first step"
    told = [f"epoch {min(progress.done + (progress.ended is None), progress.epochs):,} of {progress.epochs:,}",
            f"step {progress.step:,} of {progress.epochs * progress.steps:,}"]
    if "learning_rate" in progress.curves and not progress.ended:
        told.append(f"learning rate {progress.curves['learning_rate'][-1]:.2g}")
    if progress.ended:
        told.append(f"{progress.ended} after {duration(progress.seconds)}" if progress.seconds else progress.ended)
    elif progress.stopping:
        told.append("stopping after this batch")
    elif progress.left is not None:
        told.append(f"about {duration(progress.left)} left")
    return "  ·  ".join(told)


def duration(seconds):
    """Seconds in words.

    >>> duration(3.2), duration(75), duration(4000)
    ('3 s', '75 s', '67 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def sentence(progress):
    """How the training stands, in words."""
    if not progress.epochs and not progress.ended:
        return "The training begins as soon as the examples are read."
    if not progress.ended:
        return f"Training, {progress.done:,} of {progress.epochs:,} epochs done{scores(progress, progress.done)}."
    epochs = f"{progress.done:,} epoch{'s' * (progress.done != 1)}"
    how = {
        "finished": f"Finished after {epochs}",
        "early": f"Ended early after {epochs}: the validation loss had been no lower for {progress.done - progress.best}",
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


def scores(progress, epoch):
    """The accuracies of an epoch as the end of a sentence; nothing before there are any."""
    told = [f"{progress.curves[prefix + 'accuracy'][epoch - 1]:.3f} in {name}"
            for prefix, (name, _, _) in LINES.items() if epoch and prefix + "accuracy" in progress.curves]
    return f": accuracy {', '.join(told)}" if told else ""

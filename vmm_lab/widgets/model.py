"""A model and frames go in, its layers come out: what each gives, has to learn and costs, and what it answers to a frame."""
import cv2
import numpy as np

from ..plots.overlays import enlarged
from .base import COLUMN, Explorer, choice, row
from .inputs import read_inputs
from .neuron import number_text, painted
from .charts import Sketch, on_paper

FRAME = 200  # pixels, the longer side of the frame; the answers have the rest of the column
GAP = 4
MOST = 32  # channels on show: more would be too small to see


class ModelExplorer(Explorer):
    """Walk through the layers of a model: shapes, parameters, operations, and what each layer answers to a frame.

    Parameters
    ----------
    model : keras.Model of clips (n, T, H, W, 3) or pictures (n, H, W, 3)
    source : Examples, path, Media, frames uint8 (T, H, W, 3), or an array of the model's input shape
    classes : sequence of str, optional
        Names of the classes, in the model's order.
    layer : str, optional
        The layer to begin with, by default the first with something to learn.
    clip, frame : int

    Attributes
    ----------
    layer, clip, frame : controls; read or set their `.value`
    answers : float32, what the layer gives for the clip: maps (T, h, w, channels), rows (T, D) or numbers (D,)

    Raises
    ------
    ValueError
        The model takes no frames, or has no such layer; shapes or names do not fit.

    Examples
    --------
    >>> from vmm_lab.networks import conv3d
    >>> explorer = ModelExplorer(conv3d(3), np.zeros((16, 64, 64, 3), np.uint8))
    >>> explorer
    ModelExplorer(conv3d, frames, clip 0, frame 8: conv1 gives 15×32×32×8)
    """

    def __init__(self, model, source, *, classes=None, layer=None, clip=0, frame=None):
        from .. import explain  # with the first model, not with the widgets: TensorFlow is heavy

        self._explain = explain
        self._inputs = read_inputs(model, source, classes)
        self._rows = layer_rows(model)
        names = [name for name, *_ in self._rows]
        if layer is not None and layer not in names:
            raise ValueError(f"{model.name} has no layer {layer!r}; choose one of {', '.join(names)}.")
        learns = next((name for name, _, _, parameters, _ in self._rows if parameters), names[0])
        self._known, self._shown, self.answers = {}, None, None
        self.layer = choice("Layer", names, layer or learns)
        self.clip, self.frame = self._inputs.sliders(clip, frame)
        super().__init__(row(self.layer, self.clip, self.frame))
        self.follow(self.layer, self.clip, self.frame)
        self.refresh()

    def draw(self):
        k, name = self.clip.value, self.layer.value
        if (k, name) not in self._known:
            self._known[k, name] = self._explain.activations(self._inputs.model, self._inputs.X[k : k + 1], name)[0]
        self.answers = self._known[k, name]
        frame = self._inputs.frames(k)[self.frame.value]
        left = enlarged(frame, FRAME / max(frame.shape[:2]))
        step = self._step()
        answered, told = answers_picture(self.answers, step, timed=self._inputs.X.ndim == 5, width=COLUMN - left.shape[1] - 2 * GAP)
        self._shown = beside(left, answered)
        self.put(self._shown, self._table().svg(f"The layers of {self._inputs.model.name}; {name} is chosen"))
        low, high = (number_text(number) for number in (self.answers.min(), self.answers.max()))
        at = f"frame {self.frame.value}" if step is None or step == self.frame.value else f"frame {self.frame.value}, its step {step}"
        return f"{name}, {at}: {told}, from {low} to {high}. {self._inputs.told(k)}"

    def _step(self):
        """The layer's own step in time that the frame falls into; None where it has none."""
        if self._inputs.X.ndim != 5 or self.answers.ndim not in (2, 4):
            return None
        return min(len(self.answers) - 1, self.frame.value * len(self.answers) // self._inputs.length)

    def _table(self):
        return layers_sketch(self._rows, self.layer.value)

    def alts(self):
        return [f"Frame {self.frame.value}; beside it what {self.layer.value} answers"]

    def describe(self):
        shape = "" if self.answers is None else f" gives {sizes(self.answers.shape)}"
        return f"{self._inputs.model.name}, {self._inputs.name}, clip {self.clip.value}, frame {self.frame.value}: {self.layer.value}{shape}"

    def pixels(self):
        if self._shown is None:
            return on_paper(self.message)
        return on_paper(self._shown, self._table())

    def forget(self):
        self._inputs = self._shown = self.answers = None
        self._known.clear()


def layer_rows(model):
    """[(name, kind, output shape without the batch, parameters, floating-point operations)], one for each layer."""
    from ..networks.model_cost import layer_flops

    rows = []
    for layer in model.layers:
        shape = tuple(layer.output.shape[1:]) if hasattr(layer.output, "shape") else ()
        rows.append((layer.name, type(layer).__name__, shape, layer.count_params(), layer_flops(layer)))
    return rows


def sizes(shape):
    """A shape as text.

    >>> sizes((16, 8, 8, 32))
    '16×8×8×32'
    """
    return "×".join(map(str, shape))


def layers_sketch(rows, chosen):
    """The rows of `layer_rows` as a table, the chosen layer marked, with a line of sums."""
    tall, edges = 17, (8, 160, 400, 520, 660)
    sketch = Sketch(680, tall * (len(rows) + 2) + 6)
    heads = ("layer", "kind", "gives", "parameters", "operations (million)")
    every = [heads, *rows, ("in all", "", "", sum(r[3] for r in rows), sum(r[4] for r in rows))]
    for k, (name, kind, shape, parameters, flops) in enumerate(every):
        y, looks = tall * (k + 1) - 4, {"color": "soft" if k == 0 else "ink", "bold": name == chosen}
        if name == chosen:
            sketch.box(0, y - 13, 680, tall, fill="mark", opacity=0.2)
        if k in (1, len(every) - 1):
            sketch.path([(0, y - 13), (680, y - 13)], line="rule")
        sketch.words(edges[0], y, name, **looks)
        sketch.words(edges[1], y, kind, **looks)
        sketch.words(edges[2], y, shape if isinstance(shape, str) else sizes(shape), anchor="end", **looks)
        sketch.words(edges[3], y, parameters if k == 0 else f"{parameters:,}" if parameters else "", anchor="end", **looks)
        sketch.words(edges[4], y, flops if k == 0 else f"{flops / 1e6:,.2f}" if flops >= 5000 else "< 0.01" if flops else "", anchor="end", **looks)
    return sketch


def answers_picture(answers, step, *, timed, width):
    """(uint8 (h, ≤ width, 3), words): maps side by side, rows over time with a frame around this step, or numbers in a row.

    answers: as in `ModelExplorer`. timed: whether two-dimensional answers are rows over time.
    """
    if answers.ndim >= 3:
        maps = answers if step is None else answers[step]
        shown = np.moveaxis(maps[..., :MOST], -1, 0)
        columns = len(shown) if len(shown) <= 3 else 4 if len(shown) <= 8 else 8
        side = (width - GAP * (columns - 1)) // columns
        side = min(side, FRAME if len(shown) <= 4 else side)
        cells = painted(shown.reshape(-1, shown.shape[-1])).picture.reshape(*shown.shape, 3)
        cells = [cv2.resize(cell, (side, side * cell.shape[0] // cell.shape[1]), interpolation=cv2.INTER_NEAREST) for cell in cells]
        blank = [np.full_like(cells[0], 128)] * (-len(cells) % columns)
        lines = [beside(*line) for line in zip(*[iter(cells + blank)] * columns)]
        gap = np.full((GAP, lines[0].shape[1], 3), 128, np.uint8)
        picture = np.concatenate([part for line in lines for part in (line, gap)][:-1])
        told = f"{sizes(maps.shape[:-1])} places, " + (f"the first {MOST} of {maps.shape[-1]} channels" if maps.shape[-1] > MOST else f"{maps.shape[-1]} channels")
        return picture, told
    numbers = np.atleast_2d(answers)
    tall = max(12, min(24, FRAME // len(numbers)))
    picture = cv2.resize(painted(numbers).picture, (width, tall * len(numbers)), interpolation=cv2.INTER_NEAREST)
    if step is not None and timed:
        cv2.rectangle(picture, (0, tall * step), (width - 1, tall * (step + 1) - 1), (255, 170, 0), 2)
        return picture, f"a row of {numbers.shape[1]} numbers for each of {len(numbers)} steps"
    return picture, f"{numbers.size} numbers"


def beside(*pictures):
    """Pictures side by side with a gap, on grey where they are of different height."""
    tall = max(len(picture) for picture in pictures)
    parts = []
    for picture in pictures:
        part = np.full((tall, picture.shape[1] + GAP, 3), 128, np.uint8)
        part[: len(picture), : picture.shape[1]] = picture
        parts.append(part)
    return np.concatenate(parts, axis=1)[:, :-GAP]

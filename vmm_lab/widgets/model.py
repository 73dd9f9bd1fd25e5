"""Explore the layers of a model: what each gives, has to learn and costs, and what it answers to a frame."""
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..explain.activations import activations
from ..plots import side_by_side
from .base import COLUMN, Explorer, choice
from .charts import Sketch
from .inputs import read_inputs
from .neuron import colored, fitted, number_text, sizes

if TYPE_CHECKING:
    import keras

FRAME = 200  # pixels, the longer side of the frame; the answers have the rest of the column
GAP = 4
MOST = 32  # channels on show: more would be too small to see


class ModelExplorer(Explorer):
    """Walk through the layers of a model: shapes, parameters, operations, and what each layer answers to a frame.

    model: keras.Model of clips (n, T, H, W, 3) or pictures (n, H, W, 3). source, classes: as in `GradCamExplorer`.
    layer: the one to begin with, by default the first with something to learn. Raises ValueError where the model takes
    no frames, gives no probabilities or has no such layer, or where shapes or names do not fit.

    Attributes:
    layer, clip, frame : controls; read or set their `.value`
    answers : float32, what the layer gives for the clip: maps (T, h, w, channels), rows (T, D) or numbers (D,)

    >>> from vmm_lab.networks import conv3d
    >>> explorer = ModelExplorer(conv3d(3), np.zeros((16, 64, 64, 3), np.uint8))
    >>> explorer
    ModelExplorer(conv3d, frames, clip 0, frame 8: conv1 gives 15×32×32×8)
    """

    def __init__(self, model: "keras.Model", source: Any, *, classes: Sequence[str] | None = None,
                 layer: str | None = None, clip: int = 0, frame: int | None = None) -> None:
        self._inputs: Any = read_inputs(model, source, classes)
        self._rows, self.answers = layer_rows(model), np.zeros(0, np.float32)
        self._known: dict[tuple[int, str], NDArray] = {}
        names = [name for name, *_ in self._rows]
        if layer is not None and layer not in names:
            raise ValueError(f"{model.name} has no layer {layer!r}; choose one of {', '.join(names)}.")
        learns = next((name for name, _, _, parameters, _ in self._rows if parameters), names[0])
        self.layer = choice("Layer", names, layer or learns)
        self.clip, self.frame = self._inputs.sliders(clip, frame)
        super().__init__([self.layer, self.clip, self.frame])

    def draw(self) -> str:
        k, name, inputs, t = self.clip.value, self.layer.value, self._inputs, self.frame.value
        if (k, name) not in self._known:
            self._known[k, name] = activations(inputs.model, inputs.X[k : k + 1], name)[0]
        answers = self.answers = self._known[k, name]
        left, step = fitted(inputs.frames(k)[t], (FRAME, FRAME)), None
        if inputs.X.ndim == 5 and answers.ndim in (2, 4):  # the layer's own step in time that the frame falls into
            step = inputs.step(t, len(answers))
        right, meaning = answers_picture(answers, step, width=COLUMN - left.shape[1] - 2 * GAP)
        table = layers_table(self._rows, name).labelled(f"The layers of {inputs.model.name}; {name} is chosen")
        self.put((side_by_side(left, right, gap=GAP), f"Frame {t}; beside it what {name} answers"), table)
        low, high = number_text(answers.min()), number_text(answers.max())
        place = f"frame {t}" + ("" if step is None or step == t else f", its step {step}")
        return f"{name}, {place}: {meaning}, from {low} to {high}. {inputs.sentence(k)}"

    def describe(self) -> str:
        shape = f" gives {sizes(self.answers.shape)}" if self.answers.size else ""
        return (f"{self._inputs.model.name}, {self._inputs.name}, clip {self.clip.value}, frame {self.frame.value}: "
                f"{self.layer.value}{shape}")


def layer_rows(model: "keras.Model") -> list[tuple[str, str, tuple[int, ...], int, int]]:
    """Return (name, kind, output shape without the batch, parameters, floating-point operations) of each layer."""
    from ..networks.model_cost import layer_flops

    return [(layer.name, type(layer).__name__, tuple(layer.output.shape[1:]) if hasattr(layer.output, "shape") else (),
             layer.count_params(), layer_flops(layer)) for layer in model.layers]


def layers_table(rows: list[tuple], chosen: str) -> Sketch:
    """Draw the rows of `layer_rows` as a table, the chosen layer marked, with a line of sums."""
    tall, edges = 17, (8, 160, 400, 520, 660)
    sketch = Sketch(680, tall * (len(rows) + 2) + 6)
    lines = [("layer", "kind", "gives", "parameters", "operations (million)")]
    sums = ("in all", "", (), sum(row[3] for row in rows), sum(row[4] for row in rows))
    for name, kind, shape, parameters, flops in [*rows, sums]:
        millions = f"{flops / 1e6:,.2f}" if flops >= 5000 else "< 0.01" if flops else ""
        lines.append((name, kind, sizes(shape), f"{parameters:,}" if parameters else "", millions))
    for k, line in enumerate(lines):
        y, bold = tall * (k + 1) - 4, line[0] == chosen
        if bold:
            sketch.box(0, y - 13, 680, tall, fill="mark", opacity=0.2)
        if k in (1, len(lines) - 1):
            sketch.path([(0, y - 13), (680, y - 13)], line="rule")
        for x, text, anchor in zip(edges, line, ("start", "start", "end", "end", "end")):
            sketch.words(x, y, text, anchor=anchor, color="ink" if k else "soft", bold=bold)
    return sketch


def answers_picture(answers: NDArray, step: int | None, *, width: int) -> tuple[NDArray, str]:
    """Draw maps side by side, rows over time with a frame around this step, or numbers in a row; say which it is.

    answers: as in `ModelExplorer`. step: None where they have no time. width: pixels, at most.
    """
    if answers.ndim >= 3:
        maps = answers if step is None else answers[step]
        shown, channels = np.moveaxis(maps[..., :MOST], -1, 0), maps.shape[-1]
        columns = len(shown) if len(shown) <= 3 else 4 if len(shown) <= 8 else 8
        side = (width - GAP * (columns - 1)) // columns
        side = min(side, FRAME) if len(shown) <= 4 else side
        cells = colored(shown.reshape(-1, shown.shape[-1])).picture.reshape(*shown.shape, 3)
        size = side, side * shown.shape[1] // shown.shape[2]
        enlarged = [cv2.resize(cell, size, interpolation=cv2.INTER_NEAREST) for cell in cells]
        lines = [side_by_side(*enlarged[k : k + columns], gap=GAP) for k in range(0, len(enlarged), columns)]
        picture: NDArray = side_by_side(*(line.swapaxes(0, 1) for line in lines), gap=GAP).swapaxes(0, 1)
        first = f"the first {MOST} of " * (channels > MOST)
        return picture, f"{sizes(maps.shape[:-1])} places, {first}{channels} channel{'s' * (channels > 1)}"
    numbers = np.atleast_2d(answers)
    tall = max(12, min(24, FRAME // len(numbers)))
    picture = cv2.resize(colored(numbers).picture, (width, tall * len(numbers)), interpolation=cv2.INTER_NEAREST)
    if step is not None:
        cv2.rectangle(picture, (0, tall * step), (width - 1, tall * (step + 1) - 1), (255, 170, 0), 2)
        return picture, f"a row of {numbers.shape[1]} numbers for each of {len(numbers)} steps"
    return picture, f"{numbers.size} numbers"

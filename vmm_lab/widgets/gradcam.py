"""Explore where and when a model looked: heat over the frames, for any class and layer."""
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..explain import grad_cam, heatmap_film, map_layers, time_shares
from ..explain.gradcam import HEAT
from ..plots import shades, side_by_side
from .base import Explorer, choice, slider
from .charts import Sketch, bars, percent, stack
from .inputs import read_inputs
from .neuron import color_key, fitted

if TYPE_CHECKING:
    import keras

PREDICTED = "the one predicted"
WEIGHTS = {"their mean: Grad-CAM": True, "each place its own: HiResCAM": False}


class GradCamExplorer(Explorer):
    """See where and when a model looked: a frame, the heat over it, and each step's share of the heat below.

    Steps are those of the layer: where it strides over time, several frames share one, and nothing finer is drawn.

    model: keras.Model with convolutions, of clips (n, T, H, W, 3) or pictures (n, H, W, 3). source: Examples, path,
    Media, frames uint8 (T, H, W, 3), or an array of the model's input shape. classes: their names in the model's
    order, by default those of the Examples, or numbers. averaged: Grad-CAM, or HiResCAM, see `explain.grad_cam`; by
    default HiResCAM for a model that flattens its maps, where a mean over places means little, and Grad-CAM for others.
    Raises ValueError where the model has no convolution, takes no frames or gives no probabilities, or where shapes or
    names do not fit.

    Attributes:
    clip, frame, explained, layer, weights, opacity : controls; read or set their `.value`
    heat : float32 (T, H, W), on show; the frames of one step have the same

    >>> from vmm_lab.networks import conv3d
    >>> explorer = GradCamExplorer(conv3d(3), np.zeros((16, 64, 64, 3), np.uint8), classes=["bow", "clap", "walk"])
    >>> explorer.explained.value = "clap"
    >>> explorer
    GradCamExplorer(conv3d, frames, clip 0, frame 8: heat for clap at conv4_relu)
    """

    def __init__(self, model: "keras.Model", source: Any, *, classes: Sequence[str] | None = None,
                 averaged: bool | None = None, clip: int = 0, frame: int | None = None) -> None:
        layers = map_layers(model)
        if not layers:
            raise ValueError(f"{model.name} has no convolution, so no maps to draw; explain.occlusion needs none.")
        self._known, self.heat = dict[tuple, NDArray](), np.zeros((1, 1, 1), np.float32)
        self._inputs: Any = read_inputs(model, source, classes)
        self.clip, self.frame = self._inputs.sliders(clip, frame)
        self.explained = choice("Class", [PREDICTED, *self._inputs.classes], PREDICTED)
        self.layer = choice("Layer", layers, layers[-1])
        flat = any(type(getattr(each, "layer", each)).__name__ == "Flatten" for each in model.layers)
        self.weights = choice("Weights", WEIGHTS, not flat if averaged is None else averaged)
        self.opacity = slider("Opacity (%)", 80, 0, 100, step=5)
        super().__init__([self.clip, self.frame, self.explained, self.layer, self.weights, self.opacity])

    @property
    def _class(self) -> int:
        """The number of the class that is explained."""
        if self.explained.value == PREDICTED:
            return int(self._inputs.probabilities[self.clip.value].argmax())
        return self._inputs.classes.index(self.explained.value)

    def draw(self) -> str:
        k, t, inputs, layer = self.clip.value, self.frame.value, self._inputs, self.layer.value
        key = k, self._class, layer, self.weights.value
        if key not in self._known:
            heat = grad_cam(inputs.model, inputs.X[k : k + 1], key[1], layer=layer, averaged=key[3], own_steps=True)
            self._known[key] = heat.reshape(-1, *heat.shape[-2:])
        heat = self._known[key]
        steps = np.array([inputs.step(frame, len(heat)) for frame in range(inputs.length)])
        self.heat = heat[steps]
        left = fitted(inputs.frames(k)[t])
        small = cv2.resize(self.heat[t], left.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        both = side_by_side(left, heatmap_film(left, small, opacity=self.opacity.value / 100))
        name, shares = inputs.classes[key[1]], time_shares(heat[None])[0]
        spans = [np.flatnonzero(steps == step)[[0, -1]].tolist() for step in range(len(heat))]
        names = [str(first) if first == last else f"{first}–{last}" for first, last in spans]
        alt = f"Frame {t}; beside it in grey, with the heat for {name} over it"
        chart = self._chart(shares, steps[t], names, both.shape[1])
        self.put((both, alt), chart.labelled(f"Each step's share of the heat for {name}"))
        if not self.heat.any():
            return f"{inputs.sentence(k)} Nothing at {layer} speaks for {name}."
        first, last = spans[steps[t]]
        who = f"frame {t} has" if first == last else f"its step of the frames {first} to {last} has"
        share = f": {who} {percent(shares[steps[t]])} of it" if inputs.length > 1 else ""
        return f"{inputs.sentence(k)} Heat for {name} at {layer}{share}."

    def _chart(self, shares: NDArray, chosen: int, names: list[str], width: int) -> Sketch:
        """Draw the colours' meaning, and below them, where there is time, the shares of the steps."""
        ends = {"start": "no heat", "end": "the most in this clip"}
        key = color_key(shades(HEAT), ends, width=width, title="What the model sees")
        if self._inputs.length == 1:
            return key
        colors = ["#D55E00" if step == chosen else "#0072B2" for step in range(len(shares))]
        caption = "% of the heat in each frame" if len(shares) == self._inputs.length else \
            f"% of the heat in each of the layer's {len(shares)} steps; below, their frames"
        heat = bars((100 * shares).tolist(), colors, caption, names if len(names) <= 24 else [], width=width)
        return stack([key, heat], gap=4)

    def describe(self) -> str:
        return (f"{self._inputs.model.name}, {self._inputs.name}, clip {self.clip.value}, frame {self.frame.value}: "
                f"heat for {self._inputs.classes[self._class]} at {self.layer.value}")

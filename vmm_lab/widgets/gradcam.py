"""A model and clips go in, heat comes out where and when the model looked, for any class and layer."""
import cv2
import numpy as np

from ..plots.overlays import enlarged
from ..plots.palette import shades
from .base import Explorer, choice, percent, row, slider
from .inputs import read_inputs
from .charts import Sketch, bars, on_paper, stack

PANEL = 300  # pixels, the longer side of each of the two pictures
GAP = 8
PREDICTED = "the one predicted"
WEIGHTS = {"their mean: Grad-CAM": True, "each place its own: HiResCAM": False}


class GradCamExplorer(Explorer):
    """See where and when a model looked: a frame, the heat over it, and each frame's share of the heat below.

    Parameters
    ----------
    model : keras.Model with convolutions, of clips (n, T, H, W, 3) or pictures (n, H, W, 3)
    source : Examples, path, Media, frames uint8 (T, H, W, 3), or an array of the model's input shape
    classes : sequence of str, optional
        Names of the classes, in the model's order; those of the Examples, or numbers.
    averaged : bool
        Grad-CAM, or HiResCAM; see `explain.grad_cam`.
    clip, frame : int

    Attributes
    ----------
    clip, frame, explained, layer, weights, opacity : controls; read or set their `.value`
    heat : float32 (T, H, W), on show

    Raises
    ------
    ValueError
        The model has no convolution or takes no frames; shapes or names do not fit.

    Examples
    --------
    >>> from vmm_lab.networks import conv3d
    >>> explorer = GradCamExplorer(conv3d(3), np.zeros((16, 64, 64, 3), np.uint8), classes=["bow", "clap", "walk"])
    >>> explorer.explained.value = "clap"
    >>> explorer
    GradCamExplorer(conv3d, frames, clip 0, frame 8: heat for clap at conv4_relu)
    """

    def __init__(self, model, source, *, classes=None, averaged=True, clip=0, frame=None):
        from .. import explain  # with the first model, not with the widgets: TensorFlow is heavy

        layers = explain.map_layers(model)
        if not layers:
            raise ValueError(f"{model.name} has no convolution, so there are no maps to draw; explain.occlusion needs none.")
        self._explain = explain
        self._inputs = read_inputs(model, source, classes)
        self._known, self._joined, self.heat = {}, None, None
        self.clip, self.frame = self._inputs.sliders(clip, frame)
        self.explained = choice("Class", [PREDICTED, *self._inputs.classes], PREDICTED)
        self.layer = choice("Layer", layers, layers[-1])
        self.weights = choice("Weights", WEIGHTS, averaged)
        self.opacity = slider("Opacity (%)", 80, 0, 100, step=5)
        super().__init__(row(self.clip, self.frame, self.explained, self.layer, self.weights, self.opacity))
        self.follow(self.clip, self.frame, self.explained, self.layer, self.weights, self.opacity)
        self.refresh()

    @property
    def _class(self):
        """The number of the class that is explained."""
        if self.explained.value == PREDICTED:
            return int(self._inputs.probabilities[self.clip.value].argmax())
        return self._inputs.classes.index(self.explained.value)

    def draw(self):
        k, t = self.clip.value, self.frame.value
        asked = k, self._class, self.layer.value, self.weights.value
        if asked not in self._known:
            heat = self._explain.grad_cam(self._inputs.model, self._inputs.X[k : k + 1], asked[1], layer=asked[2], averaged=asked[3])
            self._known[asked] = heat.reshape(self._inputs.length, *heat.shape[-2:])
        self.heat = self._known[asked]
        frame = self._inputs.frames(k)[t]
        left = enlarged(frame, PANEL / max(frame.shape[:2]))
        heat = cv2.resize(self.heat[t], left.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        right = self._explain.heatmap_film(left, heat, opacity=self.opacity.value / 100)
        self._joined = np.concatenate([left, np.full((len(left), GAP, 3), 128, np.uint8), right], axis=1)
        name = self._inputs.classes[asked[1]]
        self.put(self._joined, self._chart().svg(f"Each frame's share of the heat for {name}"))
        share = self._shares()[t]
        if not self.heat.any():
            told = f"Nothing at {asked[2]} speaks for {name}."
        else:
            told = f"Heat for {name} at {asked[2]}" + (f": frame {t} has {percent(share)} of it." if self._inputs.length > 1 else ".")
        return f"{self._inputs.told(k)} {told}"

    def _shares(self):
        return self._explain.time_shares(self.heat[None])[0]

    def _chart(self):
        """The colours' meaning, and below them, where there is time, the shares of the frames."""
        width = self._joined.shape[1]
        half = (width - GAP) / 2
        key = Sketch(width, 32)
        key.words(0, 13, "What the model sees", size=11, color="soft")
        key.picture(half + GAP, 3, half, 11, cv2.resize(shades(self._explain.heat.HEAT)[None], (int(half), 11)))
        key.words(half + GAP, 28, "no heat", size=11, color="soft")
        key.words(width, 28, "the most in this clip", size=11, color="soft", anchor="end")
        if self._inputs.length == 1:
            return key
        colors = ["#D55E00" if t == self.frame.value else "#0072B2" for t in range(self._inputs.length)]
        names = range(self._inputs.length) if self._inputs.length <= 24 else ()
        return stack([key, bars(100 * self._shares(), colors, "% of the heat in each frame", list(map(str, names)), width=width)], gap=4)

    def alts(self):
        return [f"Frame {self.frame.value}; beside it in grey, with the heat for {self._inputs.classes[self._class]} over it"]

    def describe(self):
        name = "" if self._inputs is None else f" for {self._inputs.classes[self._class]}"
        return (f"{self._inputs.model.name}, {self._inputs.name}, clip {self.clip.value}, frame {self.frame.value}: "
                f"heat{name} at {self.layer.value}")

    def pixels(self):
        if self._joined is None:
            return on_paper(self.message)
        return on_paper(self._joined, self._chart(), self.message)

    def forget(self):
        self._inputs = self._joined = self.heat = None
        self._known.clear()

"""Explore a convolution: change the weights of one neuron, and see what it answers everywhere in a frame."""
from typing import Any

import anywidget
import cv2
import ipywidgets
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from ..plots import side_by_side
from .base import HERE, Explorer, choice, level, look, row, slider
from .frames import Source, read_video
from .neuron import OWN, PRESETS, color_key, feature_map, fitted, number_text, preset_name, sizes

CHANNELS = {"grey": None, "red": 0, "green": 1, "blue": 2}


class KernelGrid(anywidget.AnyWidget):
    """Represent the weights of a kernel, typed, dragged or moved by arrow keys; `value` is a list of 3 or 5 rows."""

    _esm = HERE / "kernel.js"
    _css = HERE / "lab.css"
    value: Any = traitlets.List().tag(sync=True, echo_update=False)
    title = traitlets.Unicode("").tag(sync=True)  # above the grid
    called = traitlets.Unicode("weight").tag(sync=True)  # what a screen reader calls a weight

    @traitlets.validate("value")
    def _square(self, proposal):
        try:
            weights = np.asarray(proposal["value"], float)
        except (TypeError, ValueError):
            weights = np.zeros(0)
        if weights.shape not in ((3, 3), (5, 5)) or not np.isfinite(weights).all():
            raise ValueError("The weights of a kernel are 3 rows of 3 or 5 rows of 5 finite numbers: [[-1, 0, 1]] * 3.")
        return weights.tolist()


class ConvolutionExplorer(Explorer):
    """Change the weights of one neuron and see what it answers everywhere in a frame: a convolution, live.

    source: path, Media, or uint8 (T, H, W, 3) RGB frames; times: float (T,), seconds of each frame, where frames were
    given, 25 frames per second if left out. kernel: one of `neuron.PRESETS`, "Identity", "Blur", "Sobel x",
    "Difference in time" … Raises ValueError where there is no such kernel, or the source has no pictures.

    Attributes:
    weights, earlier : the weights on this frame and on an earlier one; read or set their `.value`, a list of rows
    kernel, frame, side, channel, distance, bias, relu, stride, padding, pool : controls; read or set their `.value`
    feature_map : what the neuron answers: numbers float32 (rows, columns), and their picture

    >>> explorer = ConvolutionExplorer(np.zeros((5, 48, 64, 3), np.uint8), kernel="Blur")
    >>> explorer.weights.value = [[-1, 0, 1]] * 3
    >>> explorer.stride.value = 2
    >>> explorer
    ConvolutionExplorer(frames, frame 0 of 5: your own kernel, 23×31 numbers)
    """

    def __init__(
        self, source: Source, times: ArrayLike | None = None, *, kernel: str = "Sobel x", frame: int = 0
    ) -> None:
        if kernel not in PRESETS:
            raise ValueError(f"There is no kernel {kernel!r} to begin with; choose one of {', '.join(PRESETS)}.")
        self._video: Any = read_video(source, times, longest_side=320)
        self.feature_map: Any = None
        self._setting = False
        last = len(self._video.frames) - 1
        now, before = PRESETS[kernel]
        self.kernel, self.frame = choice("Kernel", [*PRESETS, OWN], kernel), slider("Frame", frame, 0, last)
        self.weights = KernelGrid(value=now.tolist(), title="Weights: type, drag, or ↑ ↓")
        self.earlier = KernelGrid(value=before.tolist(), title="Weights on the earlier frame", called="earlier weight")
        self.side = choice("Kernel size", {"3×3": 3, "5×5": 5}, len(now))
        self.channel = choice("Looks at", list(CHANNELS), "grey")
        self.distance = slider("Frames earlier", min(3, max(1, last)), 1, min(12, max(1, last)))
        self.bias = level("Bias", -2.0, 2.0, written="+.1f")
        self.relu = ipywidgets.Checkbox(False, description="ReLU: negative becomes 0", indent=True, **look())
        self.stride, self.padding = slider("Stride", 1, 1, 8), choice("Padding", ["valid", "same"], "valid")
        self.pool = choice("Max pooling", {"none": 1, "2×2": 2, "4×4": 4, "8×8": 8}, 1)
        options = [self.channel, self.bias, self.relu, self.stride, self.padding, self.pool, self.distance]
        grids, controls = ipywidgets.VBox([self.weights, self.earlier]), ipywidgets.VBox([self.side, *options])
        super().__init__([self.kernel, self.frame], row(grids, controls, grid_gap="12px"))
        self.follow(self.kernel, by=self._take)
        self.follow(self.side, by=self._resize)
        self.follow(self.weights, self.earlier, by=self._name)

    def _take(self, change: Any) -> None:
        """Take the weights of the kernel that was chosen."""
        if self.kernel.value != OWN:
            self._set(*PRESETS[self.kernel.value])
        self.refresh()

    def _resize(self, change: Any) -> None:
        """Put zeros around the weights, or keep the middle of them; as one's own, because few of these have a name."""
        if self._setting:
            return
        both = np.array([self.weights.value, self.earlier.value])
        self._set(*(np.pad(both, ((0, 0), (1, 1), (1, 1))) if self.side.value == 5 else both[:, 1:-1, 1:-1]))
        self._name(change)

    def _name(self, change: Any) -> None:
        """Choose the name of weights that were changed."""
        if self._setting:
            return
        if len(self.weights.value) != len(self.earlier.value):
            changed = np.array(change["owner"].value)
            self._set(*((changed, 0 * changed) if change["owner"] is self.weights else (0 * changed, changed)))
        name = preset_name(self.weights.value, self.earlier.value)
        if name == self.kernel.value:
            self.refresh()
        else:
            self.kernel.value = name  # which draws

    def _set(self, weights: NDArray, earlier: NDArray) -> None:
        """Set both grids and their size at once, to be drawn once."""
        self._setting = True
        try:
            self.weights.value, self.earlier.value = weights.tolist(), earlier.tolist()
            self.side.value = len(weights)
        finally:
            self._setting = False

    def draw(self) -> str:
        frame, before = self.frame.value, max(0, self.frame.value - self.distance.value)
        in_time = bool(np.any(self.earlier.value))
        if in_time or self.kernel.value != OWN:  # one's own weights may be 0 for a moment, and the grid stays
            self.earlier.layout.display = self.distance.layout.display = None if in_time else "none"
        picture, self.feature_map = self._plane(frame), None
        past = {"earlier": self._plane(before), "earlier_weights": self.earlier.value} if in_time else {}
        found = feature_map(picture, self.weights.value, **past, bias=self.bias.value, stride=self.stride.value,
                            padding=self.padding.value, relu=self.relu.value, pool=self.pool.value)
        self.feature_map, channel, size = found, self.channel.value, sizes(found.numbers.shape)
        left = fitted(cv2.cvtColor((picture * 255 + 0.5).astype(np.uint8), cv2.COLOR_GRAY2RGB))
        both = side_by_side(left, cv2.resize(found.picture, left.shape[1::-1], interpolation=cv2.INTER_NEAREST))
        least, most = found.numbers.min(), found.numbers.max()
        below, above = "≤ " * bool(least < found.low), "≥ " * bool(most > found.high)
        ends = {"start": below + number_text(found.low), "end": above + number_text(found.high)}
        key = color_key(found.palette, ends | ({"middle": "0"} if found.low < 0 else {}), width=both.shape[1],
                        title=f"What it sees: {channel}, from black, 0, to white, 1")
        colors = "red above 0 and blue below" if found.low < 0 else "the brighter the larger"
        self.put((both, f"Frame {frame} in {channel}; beside it the answers of the neuron, {size} numbers, {colors}"),
                 key.labelled("The shades of the answers, from the least to the largest"))
        sentence = (f"Frame {frame}, {self._video.times[frame]:.2f} s: {sizes(picture.shape)} pixels → {size} numbers "
                    f"from {number_text(least)} to {number_text(most)}.")
        if in_time:
            twice = "Nothing is earlier than frame 0: it is taken twice."
            sentence += f" The earlier frame is {before}." if before < frame else f" {twice}"
        return f"{sentence} Film {self._video.note}." if self._video.note else sentence

    def _plane(self, k: int) -> NDArray[np.float32]:
        """Return frame k as the neuron sees it, (H, W) from 0, black, to 1, white."""
        frame, channel = self._video.frames[k], CHANNELS[self.channel.value]
        plane = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if channel is None else frame[..., channel]
        return plane.astype(np.float32) / 255

    def describe(self) -> str:
        kernel = "your own kernel" if self.kernel.value == OWN else self.kernel.value
        size = f", {sizes(self.feature_map.numbers.shape)} numbers" if self.feature_map else ""
        return f"{self._video.name}, frame {self.frame.value} of {len(self._video.frames)}: {kernel}{size}"

    def static(self) -> list[Any]:
        grids = {"Weights": self.weights.value, self.earlier.title: self.earlier.value}
        texts = [f"{name}: {' | '.join(' '.join(map(number_text, line)) for line in grid)}"
                 for name, grid in grids.items() if np.any(grid)]
        return [*texts, *super().static()]

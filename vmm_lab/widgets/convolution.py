"""A film goes in, a neuron with weights to change comes out: what it answers everywhere in a frame is shown at once."""
import anywidget
import cv2
import ipywidgets
import numpy as np
import traitlets

from .base import HERE, Explorer, choice, row, slider
from .frames import read_video
from .neuron import OWN, PRESETS, answer, kernel_sketch, named, number_text, scale_sketch, side_by_side
from .charts import on_paper

CHANNELS = {"grey": None, "red": 0, "green": 1, "blue": 2}


class KernelGrid(anywidget.AnyWidget):
    """The weights of a kernel, to be typed, dragged or moved by arrow keys; `value` is a list of 3 or 5 rows."""

    _esm = HERE / "kernel.js"
    _css = HERE / "lab.css"
    value = traitlets.List().tag(sync=True, echo_update=False)
    title = traitlets.Unicode("").tag(sync=True)  # above the grid
    called = traitlets.Unicode("weight").tag(sync=True)  # what a screen reader calls a weight

    @traitlets.validate("value")
    def _square(self, proposal):
        try:
            weights = np.asarray(proposal["value"], float)
        except (TypeError, ValueError):
            weights = np.zeros(0)
        if weights.shape not in ((3, 3), (5, 5)) or not np.isfinite(weights).all():
            raise ValueError("The weights of a kernel are 3 rows of 3 or 5 rows of 5 finite numbers, such as [[-1, 0, 1]] * 3.")
        return weights.tolist()


class ConvolutionExplorer(Explorer):
    """Change the weights of one neuron and see what it answers everywhere in a frame: a convolution, live.

    Parameters
    ----------
    source : path, Media, or uint8 (T, H, W, 3) RGB frames
    times : float (T,), optional
        Seconds of each frame, where frames were given; 25 frames per second if left out.
    kernel : "Identity", "Blur", "Blur 5×5", "Sharpen", "Sobel x", "Sobel y", "Laplacian", "Emboss" or "Difference in time"
    frame : int

    Attributes
    ----------
    weights, earlier : the weights on this frame and on an earlier one; read or set their `.value`, a list of rows
    kernel, frame, side, channel, apart, bias, relu, stride, padding, pool : controls; read or set their `.value`
    seen : the answer on show: its numbers float32 (rows, columns), and its picture

    Raises
    ------
    ValueError
        There is no such kernel, or there are no pictures in the source.

    Examples
    --------
    >>> import numpy as np
    >>> explorer = ConvolutionExplorer(np.zeros((5, 48, 64, 3), np.uint8), kernel="Blur")
    >>> explorer.weights.value = [[-1, 0, 1]] * 3
    >>> explorer.stride.value = 2
    >>> explorer
    ConvolutionExplorer(frames, frame 0 of 5: your own kernel, 23×31 numbers)
    """

    def __init__(self, source, times=None, *, kernel="Sobel x", frame=0):
        if kernel not in PRESETS:
            raise ValueError(f"There is no kernel {kernel!r} to begin with; choose one of {', '.join(PRESETS)}.")
        self._film = read_video(source, times, longest_side=320)
        self._joined = self.seen = None
        self._setting = False
        last = len(self._film.frames) - 1
        here, before = PRESETS[kernel]
        self.kernel, self.frame = choice("Kernel", [*PRESETS, OWN], kernel), slider("Frame", frame, 0, last)
        self.weights = KernelGrid(value=here.tolist(), title="Weights: type, drag, or ↑ ↓")
        self.earlier = KernelGrid(value=before.tolist(), title="Weights on the earlier frame", called="earlier weight")
        self.side = choice("Kernel size", {"3×3": 3, "5×5": 5}, len(here))
        self.channel = choice("Looks at", list(CHANNELS), "grey")
        self.apart = slider("Frames earlier", min(3, max(1, last)), 1, min(12, max(1, last)))
        self.bias = ipywidgets.FloatSlider(0, min=-2, max=2, step=0.1, readout_format="+.1f", description="Bias",
                                           style={"description_width": "110px"}, layout={"width": "380px", "max_width": "100%"})
        self.relu = ipywidgets.Checkbox(False, description="ReLU: negative becomes 0", style={"description_width": "110px"},
                                        layout={"width": "380px", "max_width": "100%"})
        self.stride, self.padding = slider("Stride", 1, 1, 8), choice("Padding", ["valid", "same"], "valid")
        self.pool = choice("Max pooling", {"none": 1, "2×2": 2, "4×4": 4, "8×8": 8}, 1)
        options = [self.channel, self.bias, self.relu, self.stride, self.padding, self.pool, self.apart]
        panel = row(ipywidgets.VBox([self.weights, self.earlier]), ipywidgets.VBox([self.side, *options]), grid_gap="12px")
        super().__init__(row(self.kernel, self.frame), panel)
        self.follow(self.kernel, by=self._take)
        self.follow(self.side, by=self._resize)
        self.follow(self.weights, self.earlier, by=self._name)
        self.follow(self.frame, *options)
        self.refresh()

    def _take(self, change):
        if self.kernel.value != OWN:
            self._set(*PRESETS[self.kernel.value])
        self.refresh()

    def _resize(self, change):
        """The same weights with zeros around them, or the middle of them; as one's own, for few of these have a name."""
        if self._setting:
            return
        both = np.array([self.weights.value, self.earlier.value])
        self._set(*(np.pad(both, ((0, 0), (1, 1), (1, 1))) if self.side.value == 5 else both[:, 1:-1, 1:-1]))
        self._name(change)

    def _name(self, change):
        """Call weights that were changed what they are."""
        if self._setting:
            return
        if len(self.weights.value) != len(self.earlier.value):
            changed = np.array(change["owner"].value)
            self._set(*((changed, 0 * changed) if change["owner"] is self.weights else (0 * changed, changed)))
        name = named(self.weights.value, self.earlier.value)
        if name == self.kernel.value:
            self.refresh()
        else:
            self.kernel.value = name  # which draws

    def _set(self, weights, earlier):
        """Both grids and their size at once, to be drawn once."""
        self._setting = True
        try:
            self.weights.value, self.earlier.value = weights.tolist(), earlier.tolist()
            self.side.value = len(weights)
        finally:
            self._setting = False

    def draw(self):
        frame, before = self.frame.value, max(0, self.frame.value - self.apart.value)
        in_time = bool(np.any(self.earlier.value))
        if in_time or self.kernel.value != OWN:  # one's own weights may be 0 for a moment, and the grid stays
            self.earlier.layout.display = self.apart.layout.display = None if in_time else "none"
        picture = self._plane(frame)
        past = {"earlier": self._plane(before), "earlier_weights": self.earlier.value} if in_time else {}
        self.seen = answer(picture, self.weights.value, **past, bias=self.bias.value, stride=self.stride.value,
                           padding=self.padding.value, relu=self.relu.value, pool=self.pool.value)
        self._joined = side_by_side(picture, self.seen.picture)
        self.put(self._joined, self._scale_sketch().svg("The shades of the answers, from the least to the largest"))
        numbers, size = self.seen.numbers, "×".join(map(str, picture.shape))
        told = f"Frame {frame}, {self._film.times[frame]:.2f} s: {size} pixels → {self._size()} numbers from "
        told += f"{number_text(numbers.min())} to {number_text(numbers.max())}."
        if in_time:
            told += f" The earlier frame is {before}." if before < frame else " Nothing is earlier than frame 0: it is taken twice."
        return f"{told} Film {self._film.note}." if self._film.note else told

    def _plane(self, k):
        """float32 (H, W): frame k as the neuron sees it, from 0, black, to 1, white."""
        frame, channel = self._film.frames[k], CHANNELS[self.channel.value]
        plane = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if channel is None else frame[..., channel]
        return plane.astype(np.float32) / 255

    def _size(self):
        return "×".join(map(str, self.seen.numbers.shape))

    def _scale_sketch(self):
        return scale_sketch(self.seen, width=self._joined.shape[1], told=f"What it sees: {self.channel.value}, from black, 0, to white, 1")

    def alts(self):
        shades = "red above 0 and blue below" if self.seen.low < 0 else "the brighter the larger"
        return [f"Frame {self.frame.value} in {self.channel.value}; beside it the answers of the neuron, {self._size()} numbers, {shades}"]

    def describe(self):
        kernel = "your own kernel" if self.kernel.value == OWN else self.kernel.value
        size = f", {self._size()} numbers" if self.seen else ""
        return f"{self._film.name}, frame {self.frame.value} of {len(self._film.frames)}: {kernel}{size}"

    def pixels(self):
        if self.seen is None:
            return on_paper(self.message)
        grids = {f"Weights: {self.kernel.value}": self.weights.value}
        if np.any(self.earlier.value):
            grids[self.earlier.title] = self.earlier.value
        return on_paper(kernel_sketch(grids), self._joined, self._scale_sketch())

    def forget(self):
        self._film = self._joined = self.seen = None

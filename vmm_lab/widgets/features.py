"""A film goes in, what colour histograms, HOG, SIFT and optical flow see in each of its frames comes out."""
from collections import namedtuple

from .base import Explorer, choice, row, slider
from .film import read_film
from .lenses import color_lens, flow_lens, hog_lens, sift_lens
from .charts import on_paper

Kind = namedtuple("Kind", "lens controls")
SIDES = {"64×64 pixels": 64, "128×128 pixels": 128, "the frame as it is": 0}


def kinds():
    """{name: (lens, {option: control})}: a control's value is what the lens gets."""
    return {
        "Colour histogram": Kind(color_lens, {
            "side": choice("Seen at", SIDES, 64),
            "hue": slider("Hue bins", 8, 1, 36), "saturation": slider("Saturation bins", 4, 1, 8), "value": slider("Value bins", 4, 1, 8),
        }),
        "HOG": Kind(hog_lens, {
            "side": choice("Seen at", SIDES, 64),
            "orientations": slider("Directions", 9, 2, 18),
            "cell": slider("Cell (pixels)", 8, 4, 32, step=2), "block": slider("Block (cells)", 2, 1, 4),
        }),
        "SIFT": Kind(sift_lens, {"keypoints": slider("Most keypoints", 100, 1, 400), "chosen": slider("Keypoint shown", 0, 0, 399)}),
        "Optical flow": Kind(flow_lens, {
            "apart": slider("Frames apart", 3, 1, 12), "preset": choice("Preset", ["fast", "medium"], "medium"),
            "grid": slider("Grid (cells)", 4, 1, 8),
        }),
    }


class FeatureExplorer(Explorer):
    """Look at a frame through a feature: colour histogram, HOG, SIFT or optical flow, with its parameters live.

    Parameters
    ----------
    source : path, Media, or uint8 (T, H, W, 3) RGB frames
    times : float (T,), optional
        Seconds of each frame, where frames were given; 25 frames per second if left out.
    feature : "Colour histogram", "HOG", "SIFT" or "Optical flow"
    frame : int

    Attributes
    ----------
    feature, frame : controls; read or set their `.value`
    options : dict {option: control} of the feature on show
    seen : its picture, chart, dimensions, milliseconds and a sentence

    Examples
    --------
    >>> import numpy as np
    >>> explorer = FeatureExplorer(np.zeros((5, 48, 64, 3), np.uint8), feature="HOG")
    >>> explorer.options["cell"].value = 16
    >>> explorer
    FeatureExplorer(frames, frame 0: HOG, 324 numbers a frame)
    """

    def __init__(self, source, times=None, *, feature="HOG", frame=0):
        self._kinds = kinds()
        if feature not in self._kinds:
            raise ValueError(f"There is no feature {feature!r} to explore; choose one of {', '.join(self._kinds)}.")
        self._film = read_film(source, times, longest_side=320)
        self.seen = None
        self.feature = choice("Feature", list(self._kinds), feature)
        self.frame = slider("Frame", frame, 0, len(self._film.frames) - 1)
        self._panel = row()
        super().__init__(row(self.feature, self.frame), self._panel)
        self._turn(None)
        self.follow(self.feature, by=self._turn)
        self.follow(self.feature, self.frame, *(control for kind in self._kinds.values() for control in kind.controls.values()))
        self.refresh()

    @property
    def options(self):
        return self._kinds[self.feature.value].controls

    def _turn(self, change):
        self._panel.children = tuple(self.options.values())

    def draw(self):
        options = {name: control.value for name, control in self.options.items()}
        self.seen = seen = self._kinds[self.feature.value].lens(self._film.frames, self.frame.value, **options)
        self.put(seen.picture, seen.chart.svg(f"{self.feature.value}: {seen.sentence}"))
        seconds = self._film.times[self.frame.value]
        told = f"Frame {self.frame.value}, {seconds:.2f} s: {seen.sentence}. {seen.dimensions}, {seen.milliseconds:.1f} ms."
        return f"{told} Film {self._film.note}." if self._film.note else told

    def alts(self):
        return [f"Frame {self.frame.value} through {self.feature.value}; beside it what the feature keeps"]

    def describe(self):
        size = f", {self.seen.dimensions}" if self.seen else ""
        return f"{self._film.name}, frame {self.frame.value}: {self.feature.value}{size}"

    def pixels(self):
        if self.seen is None:
            return on_paper(self.message)
        return on_paper(self.seen.picture, self.seen.chart)

    def forget(self):
        self._film = self.seen = None

"""Explore what colour histograms, HOG, SIFT and optical flow find in each frame of a video."""
import ipywidgets
from numpy.typing import ArrayLike

from .base import Explorer, choice, row, slider
from .feature_views import VIEWS, Shown
from .frames import Source, read_video


class FeatureExplorer(Explorer):
    """Look at a frame through a feature: colour histogram, HOG, SIFT or optical flow, with its parameters live.

    source: path, Media, or uint8 (T, H, W, 3) RGB frames; times: float (T,), seconds of each frame, where frames were
    given, 25 frames per second if left out. feature: "Colour histogram", "HOG", "SIFT", "Optical flow", or another of
    `feature_views.VIEWS`. frame: the number of the first one shown.

    Attributes:
    feature, frame : controls; read or set their `.value`
    options : dict {option: control} of the feature on show
    shown : its picture, chart, dimensions, milliseconds and a sentence

    >>> import numpy as np
    >>> explorer = FeatureExplorer(np.zeros((5, 48, 64, 3), np.uint8), feature="HOG")
    >>> explorer.options["cell"].value = 16
    >>> explorer
    FeatureExplorer(frames, frame 0: HOG, 324 numbers a frame)
    """

    def __init__(
        self, source: Source, times: ArrayLike | None = None, *, feature: str = "HOG", frame: int = 0
    ) -> None:
        if feature not in VIEWS:
            raise ValueError(f"There is no feature {feature!r} to explore; choose one of {', '.join(VIEWS)}.")
        self._video = read_video(source, times, longest_side=320)
        self._controls = {name: {key: make() for key, make in view.options.items()} for name, view in VIEWS.items()}
        self.shown: Shown | None = None
        self.feature = choice("Feature", list(VIEWS), feature)
        self.frame = slider("Frame", frame, 0, len(self._video.frames) - 1)
        self._panel = row()
        super().__init__([self.feature, self.frame], self._panel)
        self.follow(*(control for controls in self._controls.values() for control in controls.values()))

    @property
    def options(self) -> dict[str, ipywidgets.Widget]:
        return self._controls[self.feature.value]

    def draw(self) -> str:
        self._panel.children = tuple(self.options.values())
        video, k, name, self.shown = self._video, self.frame.value, self.feature.value, None
        options = {key: control.value for key, control in self.options.items()}
        self.shown = shown = VIEWS[name].draw(video.frames, k, **options)
        self.put((shown.picture, f"Frame {k} through {name}; next to it what the feature keeps"),
                 shown.chart.labelled(f"{name}: {shown.sentence}"))
        cost = f"{shown.dimensions}, {shown.milliseconds:.1f} ms."
        note = f" Film {video.note}." if video.note else ""
        return f"Frame {k}, {video.times[k]:.2f} s: {shown.sentence}. {cost}{note}"

    def describe(self) -> str:
        size = f", {self.shown.dimensions}" if self.shown else ""
        return f"{self._video.name}, frame {self.frame.value}: {self.feature.value}{size}"

"""Explore how somebody moves: the skeleton over the film, and below it the angles of the joints over time."""
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..features.pose import joint_angles
from ..media.options import brief
from ..plots import draw_skeletons
from ..pretrained.pose import follow_poses, largest_person
from .base import COLUMN, Explorer, choice
from .charts import Sketch, levels, runs, seconds_axis
from .frames import Source, numbers, read_video
from .player import FramePlayer
from .sound import Head

LEFT, RIGHT, TALL = 60, 6, 150  # pixels: room for the degrees, for the last number of the seconds; height of the curves
WIDE = COLUMN - LEFT - RIGHT
JOINTS = {"Elbows": (0, 1), "Shoulders": (2, 3), "Hips": (4, 5), "Knees": (6, 7)}
SIDES = (("left", "#56B4E9"), ("right", "#E69F00"))
LONGEST = 480  # pixels: larger frames are shrunk


def check_poses(poses: ArrayLike, length: int) -> NDArray[np.float64]:
    """Return the points of one person, float64 (length, 17, 3): x, y and visibility; NaN where nobody is.

    Raises ValueError for another shape, or another number of frames.
    """
    wanted = f"Poses must be numbers (frames, 17, 2 or 3), COCO's points in pixels, one for each of the {length} frames"
    points = numbers(poses, wanted).astype(np.float64)
    if points.shape not in ((length, 17, 2), (length, 17, 3)):
        raise ValueError(f"{wanted}, got {brief(points)}.")
    return points if points.shape[2] == 3 else np.concatenate([points, np.ones((length, 17, 1))], axis=2)


def degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the angles at elbows, shoulders, hips and knees, left and right, degrees (T, 8), of (T, 17, 3).

    NaN where one of the three points that make an angle is seen by less than a half.
    """
    seen = np.where(points[..., 2:] >= 0.5, points[..., :2], np.nan)
    return np.rad2deg(joint_angles(seen))


def angle_chart(times: Sequence[float], angles: NDArray[np.float64], begin: float, finish: float) -> Sketch:
    """Draw two angles over time, degrees (T, 2), left and right; with gaps where they are not known."""
    sketch, span = Sketch(COLUMN, TALL + 40), max(finish - begin, 1e-9)

    def place(seconds: Any, angle: Any) -> Any:
        return LEFT + WIDE * (np.asarray(seconds) - begin) / span, TALL + 8 - TALL * np.asarray(angle) / 180

    levels(sketch, {float(place(0, angle)[1]): f"{angle}°" for angle in (0, 90, 180)}, left=LEFT, wide=WIDE)
    for (side, color), curve, dashed in zip(SIDES, angles.T, (False, True)):
        for first, last in runs(np.isfinite(curve)):
            points = np.column_stack(place(np.asarray(times)[first:last], curve[first:last]))
            sketch.path(points if len(points) > 1 else np.repeat(points, 2, axis=0), line=color, thick=2, dashed=dashed)
        sketch.words(LEFT + WIDE - (110 if side == "left" else 50), 16, side, size=12, color=color, bold=True)
    seconds_axis(sketch, begin, span, left=LEFT, wide=WIDE, top=TALL + 8)
    return sketch


class PoseExplorer(Explorer):
    """Play a film with a skeleton over it, and see the angles of its joints over time; a drag there moves the film.

    source: path, Media, or frames uint8 (T, H, W, 3) RGB. poses: float (T, 17, 2 or 3), the points of COCO in pixels of
    each frame of the source and perhaps how well each is seen, NaN where it is not; None looks for the largest person
    by BlazePose. times: seconds of each frame of an array. start, end: seconds, the part [start, end) of a file.
    Raises ValueError or MediaError.

    Attributes:
    player : a FramePlayer
    joints : the choice of the joints whose angles are drawn
    angles : float64 (T, 8), degrees: elbows, shoulders, hips and knees, left and right of each

    >>> frames = np.zeros((4, 48, 64, 3), np.uint8)
    >>> explorer = PoseExplorer(frames, np.random.default_rng(0).uniform(0, 48, (4, 17, 2)))
    >>> explorer.joints.value = "Knees"
    >>> explorer
    PoseExplorer(frames, 4 of 4 frames with a person: Knees)
    """

    def __init__(self, source: Source, poses: ArrayLike | None = None, *, times: ArrayLike | None = None,
                 start: float | None = None, end: float | None = None) -> None:
        video = read_video(source, times, longest_side=10**6, most=10**6, start=start, end=end)
        frames = video.frames
        points = check_poses(largest_person(list(follow_poses(frames))) if poses is None else poses, len(frames))
        shrink = min(1.0, LONGEST / max(frames.shape[1:3]))
        drawn = np.stack([draw_skeletons(frame, person, scale=shrink) for frame, person in zip(frames, points)])
        self.angles = degrees(points)
        self.player = FramePlayer(drawn, video.times, name=video.name)
        # Of a long film the player keeps fewer frames.
        self._kept = np.searchsorted(video.times, self.player.times, side="right") - 1
        self._seen = int((np.isfinite(points[..., :2]).all(axis=2) & (points[..., 2] >= 0.5)).any(axis=1).sum())
        self.joints = choice("Joints", list(JOINTS), "Elbows")
        head = Head(left=LEFT / COLUMN, right=(LEFT + WIDE) / COLUMN)
        super().__init__(self.player, [self.joints], head)
        self.player.observe(self._moved, "frame")

    def draw(self) -> str:
        chart = angle_chart(self.player.times, self._chosen(), self.player.begin, self.player.finish)
        self.put(chart.labelled(f"{self.joints.value} of {self.player.name}: angles over time. {self._facts()}"))
        return self._facts()

    def describe(self) -> str:
        seen = f"{self._seen} of {len(self.angles)} frames with a person"
        return f"{self.player.name}, {seen}: {self.joints.value}"

    def _chosen(self) -> NDArray[np.float64]:
        return self.angles[self._kept][:, list(JOINTS[self.joints.value])]

    def _facts(self) -> str:
        now = self._chosen()[self.player.frame]
        told = [f"{side} {angle:.0f}°" if np.isfinite(angle) else f"{side} not seen"
                for (side, _), angle in zip(SIDES, now)]
        return f"{self.joints.value} at {self.player.time:.2f} s: {', '.join(told)}."

    def _moved(self, change: Any) -> None:
        self.say(self._facts())  # the curves stay as they are

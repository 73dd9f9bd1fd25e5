"""Find people and the 33 points of each by BlazePose: a detector, and a network that looks at each person upright.

Bazarevsky et al., "BlazePose: on-device real-time body pose tracking", CVPR workshop 2020. The weights are Apache-2.0,
from a pinned wheel. In a video the detector works only where somebody was lost or may have come; else the network finds
a person again from its own points of the frame before.
"""
import collections
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from json import dumps
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.special import expit
from tqdm.auto import tqdm

from vmm_lab.features import brightened
from vmm_lab.files import atomic_path, write_text
from vmm_lab.media import open_media, write_video
from vmm_lab.media.options import check_whole
from vmm_lab.plots import draw_skeletons
from vmm_lab.pretrained.blaze import Region, crop, detect, in_color, network

DETECTOR = ("pose_detection", 224, (8, 16, 32, 32, 32))
SIDE = 256  # pixels: what the network of the points looks at
MARGIN = 1.25  # around the circle in which the detector puts a whole person
# The network's own score says "a person" of pillars and bicycles, too; its heatmaps are flat there. Measured in a
# street and in rooms: of people 0.36 to 0.81 at the points, of other things 0.08 to 0.34.
LEAST, LEAST_TURNED = 0.3, 0.45
REMEMBERED = 25  # frames for which somebody who was lost keeps a number, in case they are found again
NAMES = (
    "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
    "left_ear", "right_ear", "mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb",
    "right_thumb", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_heel",
    "right_heel", "left_foot_index", "right_foot_index")
COCO17 = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Which of the 33 points are the 17 of COCO, in the order of `theatre.KEYPOINTS`."""


@dataclass(frozen=True)
class Pose:
    """Represent one person: `points` float64 (33, 3), x and y in pixels of the picture and z, the depth from the hips.

    visibility, presence: float64 (33,), in [0, 1]: whether a point is seen, and whether it is inside of the region.
    score: whether there is a person in the region, in [0, 1]. certainty: the mean of the heatmaps at the points that
    are seen, in [0, 1]. region: what was looked at. following: where to look in the next frame. person: a number that a
    person keeps from frame to frame.
    """

    points: NDArray[np.float64]
    visibility: NDArray[np.float64]
    presence: NDArray[np.float64]
    score: float
    certainty: float
    region: Region
    following: Region
    person: int = 0

    @property
    def coco(self) -> NDArray[np.float64]:
        """Return the 17 points of COCO, float64 (17, 3): x, y in pixels, and visibility."""
        return np.column_stack([self.points[:, :2], self.visibility])[list(COCO17)]


def find_poses(picture: NDArray[np.uint8], *, people: int = 8, turned: bool = True) -> list[Pose]:
    """Find the people in a picture, the largest first; an empty list where there is nobody.

    picture: uint8 (H, W, 3) RGB or (H, W) grey. people: at most so many. turned: where nobody is found, look again at
    the picture turned by a half and by quarters, since the detector misses people who hang or lie.
    Raises ValueError for an array of another kind, AssetError where the weights cannot be fetched.
    """
    check_whole("find_poses", people=people)
    picture = brightened(in_color(picture, "find_poses"))
    found: list[Pose] = []
    for quarters in (0, 2, 1, 3) if turned else (0,):
        for region in _regions(picture, quarters):
            pose = landmarks(picture, region)
            # A second look, from the network's own points, is more exact than the detector.
            pose = landmarks(picture, pose.following) if pose.score >= 0.5 else pose
            _add(found, pose, people, LEAST_TURNED if quarters else LEAST)
        if found:
            break
    found.sort(key=lambda pose: -pose.region.side)
    return [replace(pose, person=number) for number, pose in enumerate(found)]


def landmarks(picture: NDArray[np.uint8], region: Region) -> Pose:
    """Look for the 33 points of the person in a region of a picture, uint8 (H, W, 3) RGB.

    Also of a region without a person there are points: `score` tells whether to believe them.
    """
    batch = crop(picture, region, SIDE, edge="black")[None].astype(np.float32) / 255
    outputs = {output.size: output for output in network("pose_landmark")(batch)}
    values = outputs[195].reshape(39, 5).astype(float)
    places = region.to_picture(values[:, :2] / SIDE)
    seen = expit(values[:33, 3:])
    points = np.column_stack([places[:33], values[:33, 2] / SIDE * region.side])
    shown = [k for k in COCO17 if seen[k].min() > 0.5]
    x, y = (values[shown, :2] / 4).round().clip(0, 63).astype(int).T
    certainty = expit(outputs[64 * 64 * 39].reshape(64, 64, 39)[y, x, shown].astype(float))
    return Pose(points, seen[:, 0], seen[:, 1], float(outputs[1].item()), float(certainty.mean()) if shown else 0.0,
                region, _around(places[33], places[34]))


@dataclass
class PoseFollower:
    """Follow people from frame to frame: called with each frame in turn, it returns the `Pose` of everybody in it.

    people: at most so many. every: frames from one thorough look of the detector for newcomers to the next; where
    nobody is followed, it looks at each frame. Who is lost and found again near that place, within 25 frames, keeps
    their number.
    """

    people: int = 8
    every: int = 5
    detections: int = 0  # how often the detector was asked
    _followed: list[Pose] = field(default_factory=list)
    _lost: list[tuple[int, Pose]] = field(default_factory=list)  # and the frame in which they were lost
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _frame: int = 0

    def __post_init__(self) -> None:
        check_whole("PoseFollower", people=self.people, every=self.every)

    def __call__(self, picture: NDArray[np.uint8]) -> list[Pose]:
        picture, found = brightened(in_color(picture, "follow_poses")), list[Pose]()
        for before in self._followed:
            _add(found, replace(landmarks(picture, before.following), person=before.person), self.people)
        here = {pose.person for pose in found}
        lost = [(self._frame, pose) for pose in self._followed if pose.person not in here]
        self._lost = [(frame, pose) for frame, pose in self._lost if self._frame - frame < REMEMBERED] + lost
        newcomers = self._frame % self.every == 0
        if len(found) < self.people and (lost or not found or newcomers):
            self.detections += 1
            for region in _regions(picture, windows=newcomers):
                if not any(_same_place(region, pose.following) for pose in found):
                    _add(found, replace(landmarks(picture, region), person=-1), self.people)
            found = [replace(pose, person=self._number(pose)) if pose.person < 0 else pose for pose in found]
        self._frame += 1
        self._followed = found
        return found

    def _number(self, pose: Pose) -> int:
        """Return the number of who was lost nearest to a newcomer, within the side of a region; else a new one."""
        apart = [float(np.hypot(*np.subtract(pose.region.center, before.following.center))) / before.following.side
                 for _, before in self._lost]
        if not apart or min(apart) > 1:
            return next(self._numbers)
        return self._lost.pop(int(np.argmin(apart)))[1].person


def follow_poses(frames: Iterable[NDArray[np.uint8]], *, people: int = 8, every: int = 5) -> Iterator[list[Pose]]:
    """Yield, for each frame uint8 (H, W, 3) RGB in turn, the people in it; only one frame is held at a time.

    people, every: see `PoseFollower`.
    """
    follower = PoseFollower(people, every)
    return map(follower, frames)


def largest_person(frames: Sequence[Sequence[Pose]]) -> NDArray[np.float64]:
    """Return the COCO points of one person over all frames, float64 (frames, 17, 3): x, y in pixels, visibility.

    frames: the people of each, as `follow_poses` gives them. It is the person whose regions, added up, are the largest,
    joined by whoever is never seen at the same time: most likely that person, lost and found elsewhere. Frames without
    them are NaN.
    """
    sizes: dict[int, float] = {}
    for pose in itertools.chain.from_iterable(frames):
        sizes[pose.person] = sizes.get(pose.person, 0.0) + pose.region.side * pose.score
    sequence = np.full((len(frames), len(COCO17), 3), np.nan)
    for person in sorted(sizes, key=sizes.__getitem__, reverse=True):
        there = {number: pose.coco for number, found in enumerate(frames) for pose in found if pose.person == person}
        if np.isnan(sequence[list(there)]).all():
            sequence[list(there)] = list(there.values())
    return sequence


def write_poses(path: str | os.PathLike, *, out: str | os.PathLike | None = None,
                json: str | os.PathLike | None = None, people: int = 8, progress: bool = False) -> dict:
    """Find the people in each frame of a video, or in a picture, and return them as `as_json` does; write if wanted.

    out: an .mp4 with skeletons drawn over each frame; of a picture a .png or .jpg. json: a file for what is returned:
    `names` of the 17 points, `size` [height, width] in pixels, `fps`, and `frames`, each with `time` in seconds and
    `people`.
    Raises MediaError where there are no pictures, ValueError where `out` has another ending or is the video itself.
    """
    with open_media(path) as media:
        still, fps = media.is_image, media.fps or 25.0
        endings = (".png", ".jpg", ".jpeg") if still else (".mp4",)
        if out is not None and (Path(out).suffix.lower() not in endings
                                or os.path.exists(out) and os.path.samefile(out, path)):
            raise ValueError(f"{out}: skeletons over {'a picture' if still else 'a video'} are written into a file of "
                             f"their own that ends in {' or '.join(endings)}.")
        follower = (lambda frame: find_poses(frame, people=people)) if still else PoseFollower(people)
        frames: list[dict] = []

        def drawn() -> Iterator[NDArray[np.uint8]]:
            total = 1 if still else round(media.duration * fps)
            for time, frame in tqdm(media.stream(), total=total, unit="frame", disable=not progress, desc="poses"):
                found = follower(frame)
                frames.append({"time": round(time, 4), "people": as_json(found)})
                names = [str(pose.person + 1) for pose in found] if len(found) > 1 else []
                yield draw_skeletons(frame, np.array([pose.coco for pose in found]), names=names) if out else frame

        if out is None:
            collections.deque(drawn(), maxlen=0)
        elif still:
            with atomic_path(out) as part:
                Image.fromarray(next(drawn())).save(part, format="PNG" if str(out).lower().endswith("png") else "JPEG")
        else:
            write_video(out, drawn(), fps=fps)
        found = {"names": [NAMES[k] for k in COCO17], "size": list(media.size), "fps": None if still else fps,
                 "frames": frames}
    if json is not None:
        write_text(json, dumps(found))
    return found


def as_json(found: Sequence[Pose]) -> list[dict]:
    """Return people as plain values: `person`, `score`, 17 `points` [x, y] in pixels, and their `scores` in [0, 1]."""
    return [{"person": pose.person, "score": round(pose.score, 4), "points": pose.coco[:, :2].round(2).tolist(),
             "scores": pose.coco[:, 2].round(4).tolist()} for pose in found]


def _regions(picture, quarters=0, *, windows=True):
    """Return the upright `Region` of each person that the detector finds in a picture turned by so many quarters.

    windows: look also at squares along a wide or tall picture; as a whole it shows the detector the largest person.
    """
    height, width = picture.shape[:2]
    short, long = sorted((height, width))
    count = int(np.ceil(2 * long / short - 1.6)) if windows and long > 1.3 * short else 0
    found = []
    for start in [None, *np.linspace(0, long - short, count).round().astype(int)] if count else [None]:
        left, top = (start or 0, 0) if width > height else (0, start or 0)
        part = picture if start is None else picture[top:top + short, left:left + short]
        for one in detect(np.ascontiguousarray(np.rot90(part, quarters)), *DETECTOR):
            found.append(_around(*_turned_back(one.points[:2], quarters, *part.shape[:2]) + (left, top)))
    return found


def _turned_back(points, quarters, height, width):
    """Return points (n, 2) of a picture turned by `quarters` of np.rot90 as those of the picture itself."""
    x, y = points.T
    return np.column_stack([(x, y), (width - y, x), (width - x, height - y), (y, height - x)][quarters])


def _around(hips, edge):
    """Return the region around the middle of a person's hips, turned so that `edge`, of the circle around, is up."""
    x, y = edge - hips
    turn = np.arctan2(y, x) + np.pi / 2
    return Region((float(hips[0]), float(hips[1])), 2 * MARGIN * float(np.hypot(x, y)),
                  float(np.arctan2(np.sin(turn), np.cos(turn))))


def _add(found, pose, people, least=LEAST):
    """Add a pose where there is a person, room for one more, and not the same person already."""
    alike = any(_distance(pose, other) < 0.1 for other in found)
    if pose.score >= 0.5 and pose.certainty >= least and len(found) < people and not alike:
        found.append(pose)


def _distance(pose, other):
    """Return how far the points seen of both people lie apart, on average, as a share of the smaller region."""
    both = (pose.coco[:, 2] > 0.5) & (other.coco[:, 2] > 0.5)
    apart = np.hypot(*(pose.coco - other.coco)[both if both.sum() > 2 else slice(None), :2].T).mean()
    return apart / max(1e-9, min(pose.following.side, other.following.side))


def _same_place(region, other):
    """Tell whether two regions are about as large and lie on each other."""
    apart = np.hypot(*np.subtract(region.center, other.center))
    return apart < 0.25 * min(region.side, other.side) and 0.5 < region.side / max(other.side, 1e-9) < 2

"""Find faces, their 468 points, and cut them out aligned: eyes, nose and mouth always at the same places.

Bazarevsky et al., "BlazeFace: sub-millisecond neural face detection on mobile GPUs", 2019; Kartynnik et al.,
"Real-time facial surface geometry from monocular video on mobile GPUs", 2019. Weights: Apache-2.0, a pinned wheel.
"""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import clone

from vmm_lab import features, modalities
from vmm_lab.features.base import Feature, PictureFeature
from vmm_lab.features.segment import Segment
from vmm_lab.media import MediaError
from vmm_lab.media.options import check_number, check_whole
from vmm_lab.pretrained.blaze import Detection, Region, crop, detect, in_color, network, suppress, whole

DETECTOR, DETECTOR_SIDE, STRIDES = "face_detection", 128, (8, 16, 16, 16)
SURE = 0.9  # the score of most upright faces; those that lie on their side have less
LANDMARKS, LANDMARK_SIDE = "face_landmark", 192
# Of the 468 points: the corners and lids of either eye, the tip of the nose, the corners of the mouth.
_EYES, _NOSE, _MOUTH = ((33, 133, 159, 145), (263, 362, 386, 374)), 4, (61, 291)
# Where the right eye, the left eye, the nose and the middle of the mouth come to lie, (x, y) in [0, 1]; the right eye
# is on the left of the picture. Deng et al., "ArcFace", CVPR 2019, align faces so.
TEMPLATE = np.array([[0.3415, 0.4615], [0.6565, 0.4598], [0.5002, 0.6405], [0.5012, 0.8240]])

modalities.register(modalities.Modality(
    "face", "#D55E00", "faces", lambda media, segment: media.has_video,
    decode=lambda media, segment: media.sample(1, size=(16, 16), start=segment.start, end=segment.end)))


@dataclass(frozen=True)
class Face:
    """Represent a face: `box` (left, top, right, bottom), `points` (468, 2) or (0, 2), `anchors` (4, 2), in pixels.

    anchors: right eye, left eye, tip of the nose, middle of the mouth. score: of the detector, in (0, 1).
    """

    box: NDArray[np.float64]
    anchors: NDArray[np.float64]
    score: float
    points: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    @property
    def size(self) -> float:
        """Return the longer side of the box, in pixels."""
        return float(max(self.box[2:] - self.box[:2]))


def find_faces(
    picture: NDArray[np.uint8], *, least: float = 0.5, tiles: bool | None = None, smallest: int = 28,
    landmarks: bool = True
) -> list[Face]:
    """Find the faces of a picture, uint8 (H, W, 3) RGB or (H, W) grey, the best score first; an empty list of none.

    least: the score that a face needs. tiles: whether to look into overlapping parts of the picture, too, for faces
    smaller than about a tenth of it; None does so where the whole picture shows none. smallest: the size of the
    smallest face that tiles are made for, pixels: half of it costs four times as long. The whole picture is looked at
    once more with a margin, for a face that fills it. landmarks: whether to find the 468 points, which place eyes,
    nose and mouth more exactly than the detector does; a face of which they cannot be found has none.
    Raises ValueError for another dtype or shape, AssetError where the weights cannot be fetched.
    """
    picture = in_color(picture, "find_faces")
    check_number("find_faces", most=1, least=least)
    check_whole("find_faces", least=8, smallest=smallest)
    found: list[Detection] = []
    for regions in _views(picture, tiles, 3 * smallest):
        found += [face for region in regions for face in detect(picture, DETECTOR, DETECTOR_SIDE, STRIDES, least=least,
                                                                region=region)]
        if found and not tiles:
            break
    faces = [Face(one.box, one.points[:4], one.score) for one in _joined(found)]  # the other points are both ears
    return [_with_landmarks(picture, face) for face in faces] if landmarks else faces


def main_face(faces: Sequence[Face], picture: NDArray[np.uint8]) -> Face | None:
    """Return the face that a picture is of, a large one near the middle; None of none."""
    middle = np.array(picture.shape[1::-1]) / 2

    def weight(face):
        return face.size / (1 + np.linalg.norm((face.box[:2] + face.box[2:]) / 2 - middle) / max(middle))

    return max(faces, key=weight, default=None)


def face_landmarks(picture: NDArray[np.uint8], region: Region) -> tuple[NDArray[np.float64], float]:
    """Find the 468 points of the face in a region: float64 (468, 3), pixels of the picture, and how surely it is one.

    The third coordinate is depth, in pixels, smaller towards the camera. The region: upright, 1.5 times as large as the
    face's box.
    """
    batch = crop(picture, region, LANDMARK_SIDE)[None].astype(np.float32) / 255
    points, logit = sorted(network(LANDMARKS)(batch), key=lambda output: -output.size)
    unit = points.reshape(468, 3).astype(float) / LANDMARK_SIDE
    sure = float(expit(np.ravel(logit)[0]))
    return np.column_stack([region.to_picture(unit[:, :2]), unit[:, 2] * region.side]), sure


def align_face(
    picture: NDArray[np.uint8], face: Face, *, size: int = 96, margin: float = 0.0
) -> NDArray[np.uint8]:
    """Cut a face out, uint8 (size, size, 3) RGB, turned and scaled so that its anchors come closest to `TEMPLATE`.

    picture: uint8 (H, W, 3) RGB or (H, W) grey, ValueError for others. size: of the cut, pixels. margin: what to add on
    each side, as a share of the cut without it; negative cuts closer.
    """
    check_whole("align_face", size=size)
    return crop(in_color(picture, "align_face"), face_region(face, margin=margin), size)


def face_region(face: Face, *, margin: float = 0.0) -> Region:
    """Return the square in which the anchors of a face come closest to `TEMPLATE`."""
    return fitted_region(TEMPLATE, face.anchors, margin=margin)


def fitted_region(template: NDArray, points: NDArray, *, margin: float = 0.0) -> Region:
    """Return the square in which points, (n, 2) pixels, come closest to a template, (n, 2) in [0, 1], by least squares.

    A turn, a scale and a shift are one complex multiplication and addition, w = a·z + b. margin: see `align_face`.
    Source: Umeyama, "Least-squares estimation of transformation parameters", IEEE PAMI 13(4), 1991.
    """
    z, w = (xy[:, 0] + 1j * xy[:, 1] for xy in (template, points))
    around = z - z.mean()
    a = (around.conj() @ (w - w.mean())) / (around.conj() @ around).real
    center = w.mean() + a * (0.5 + 0.5j - z.mean())
    side = max(abs(a) * (1 + 2 * margin), 1.0)
    return Region((center.real, center.imag), float(side), float(np.angle(a)))


@dataclass(kw_only=True, eq=False, repr=False)
class FaceFeature(PictureFeature):
    """Represent the face that pictures are of: found in each of a few frames, cut out and aligned.

    n_frames, longest_side: the frames, and how large they are read at most, pixels. side: of the cut, pixels.
    margin: see `align_face`. least: the score that a face needs. A segment without a face raises MediaError: it lacks
    the modality.
    """

    modality = "face"
    assets = (DETECTOR, LANDMARKS)
    packages = ("ai-edge-litert",)
    version = 2
    read_options = (  # type: ignore[assignment]
        "n_frames", "longest_side", "side", "margin", "least")

    longest_side: int = 640
    side: int = 96
    margin: float = -0.15
    least: float = 0.5

    def check_options(self) -> None:
        super().check_options()
        check_whole(type(self).__name__, least=16, side=self.side)
        if not -0.4 <= self.margin <= 4:
            raise ValueError(f"{type(self).__name__}: margin is a share between -0.4 and 4, got {self.margin!r}")
        check_number(type(self).__name__, most=1, least=self.least)

    def read(self, segment: Segment) -> NDArray[np.uint8]:
        """Return uint8 (T, side, side, 3) RGB: the face of each frame that shows one; MediaError where none does."""
        cuts = [self.cut(frame, face) for frame, face in faces_of_frames(super().read(segment), least=self.least)]
        if not cuts:
            raise MediaError(f"{segment.path}: no face was found in it.")
        return np.stack(cuts)

    def cut(self, frame: NDArray[np.uint8], face: Face) -> NDArray[np.uint8]:
        """Cut a face out as `describe` takes it, uint8 (side, side, 3) RGB."""
        return align_face(frame, face, size=self.side, margin=self.margin)

    def reads(self) -> str:
        return f"{super().reads()} {type(self).cut}"  # one that cuts in its own way reads something else

    def blank(self) -> NDArray[np.uint8]:
        return np.zeros((1, self.side, self.side, 3), np.uint8)


def faces_of_frames(
    frames: Iterable[NDArray[np.uint8]], *, least: float = 0.5
) -> Iterator[tuple[NDArray[np.uint8], Face]]:
    """Yield each frame that shows a face with a score of at least `least`, and its main face.

    Faces whose 468 points are found come first; one without needs a score of 0.5, and parts of the frame are looked at
    before it is believed. Where none is sure, the frame is turned by quarters, too, and yielded as it shows a face
    best: pictures of telephones lie on their side where their EXIF data are lost.
    """
    for frame in frames:
        best = _surest(frame, find_faces(frame, least=least, smallest=50, landmarks=False))
        if best is not None and not len(best[1].points):
            best = _surest(frame, find_faces(frame, least=least, smallest=50, landmarks=False, tiles=True))
        if best is not None and not len(best[1].points) and best[1].score < 0.5:
            best = None
        for quarter in range(4) if best is None or best[1].score < SURE else ():  # a margin may find it better, too
            turned = np.ascontiguousarray(np.rot90(frame, quarter)) if quarter else frame
            other = _surest(turned, find_faces(turned, least=0.7, tiles=False, landmarks=False))
            if other and len(other[1].points) and (best is None or other[1].score > best[1].score + 0.05):
                best = other
        if best is not None:
            yield best


def _surest(picture: NDArray[np.uint8], faces: list[Face]) -> tuple[NDArray[np.uint8], Face] | None:
    """Return the picture and its main face with its points; one without is taken where none has any."""
    seen = [_with_landmarks(picture, face) for face in faces]
    face = main_face([face for face in seen if len(face.points)] or seen, picture)
    return None if face is None else (picture, face)


@dataclass(kw_only=True, eq=False, repr=False)
class AlignedFaces(FaceFeature):
    """Represent the face that pictures are of by any feature of pictures: found, cut out and aligned before it.

    feature: what describes the cuts, `HOGLBP()` if None; it may learn. The other options: see `FaceFeature`.

    >>> AlignedFaces(feature=features.HOG(size=(64, 64))).transform([np.zeros((2, 96, 96, 3), np.uint8)]).shape
    (1, 1764)
    """

    feature: Feature | None = None

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """Return what a protocol says of the feature."""
        return (f"{type(self).__name__} finds the face of each picture (BlazeFace), cuts it out with eyes, nose and "
                f"mouth at fixed places, and describes that by {type(self._inner()).__name__}.")

    @property
    def chosen_learner(self) -> bool:  # type: ignore[override]
        """Return whether a comparison chooses the SVM's kernel and cost."""
        return self._inner().chosen_learner

    @property
    def learns(self) -> bool:  # type: ignore[override]
        """Return whether the feature learns from the training rows."""
        return self._inner().learns

    def check_options(self) -> None:
        super().check_options()
        inner = self._inner()
        if not isinstance(inner, Feature) or inner.modality not in ("image", "video"):
            raise ValueError(f"AlignedFaces takes a feature of pictures, such as vl.features.HOG(), not {inner!r}")
        inner.check_options()

    def describe(self, frames: NDArray[np.uint8]) -> Any:
        """Return what the feature makes of the cuts, which are brought to its own size."""
        inner = self._inner()
        size = getattr(inner, "size", None)
        if size is not None and tuple(size) != frames.shape[1:3]:
            frames = np.stack([cv2.resize(frame, tuple(size)[::-1], interpolation=cv2.INTER_AREA) for frame in frames])
        return inner.describe(frames)

    def fit_descriptions(self, descriptions: Iterable[Any], y: Any = None) -> "AlignedFaces":
        self.feature_ = clone(self._inner()).fit_descriptions(descriptions, y)
        return self

    def encode(self, descriptions: Iterable[Any]) -> NDArray[np.float32]:
        learnt: Any = getattr(self, "feature_", self._inner())
        return learnt.encode(descriptions)

    def _inner(self) -> Feature:
        return features.HOGLBP() if self.feature is None else self.feature


@dataclass(kw_only=True, eq=False, repr=False)
class FacePixels(FaceFeature):
    """Represent a face by its grey pixels, of mean 0 and deviation 1: what eigenfaces are learnt from.

    Turk and Pentland, "Eigenfaces for recognition", Journal of Cognitive Neuroscience 3(1), 1991.
    """

    side: int = 48

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 (side²,), the mean over the frames."""
        grey = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).ravel() for frame in frames]).astype(np.float32)
        return ((grey - grey.mean(axis=1, keepdims=True)) / (grey.std(axis=1, keepdims=True) + 1)).mean(axis=0)


@dataclass(kw_only=True, eq=False, repr=False)
class FaceTextures(FaceFeature):
    """Represent a face by local binary patterns in 7×7 cells: square roots of their shares, 2,891 numbers.

    Ahonen, Hadid and Pietikäinen, "Face recognition with local binary patterns", ECCV 2004.
    """

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 (2891,), the mean over the frames."""
        return np.mean([np.sqrt(features.local_binary_patterns(frame)).ravel() for frame in frames], axis=0)


def _views(picture: NDArray[np.uint8], tiles: bool | None, least_side: int) -> Iterator[list[Region]]:
    """Yield the parts of a picture to look at, rough to fine: all, all with a margin, then ever smaller tiles."""
    everything = whole(picture)
    yield [everything]
    yield [Region(everything.center, 1.6 * everything.side)]
    height, width = picture.shape[:2]
    side = max(height, width) / 2
    while tiles is not False and side >= least_side:
        rows, columns = (_starts(length, side) for length in (height, width))
        yield [Region((x + side / 2, y + side / 2), side) for y in rows for x in columns]
        side /= 2


def _starts(length: float, side: float) -> NDArray[np.float64]:
    """Return where tiles begin that overlap by a half or more, so that a face of half a tile is whole in one."""
    return np.linspace(0, max(0.0, length - side), 1 + int(np.ceil(max(0.0, length - side) / (side / 2))))


def _joined(found: list[Detection]) -> list[Detection]:
    """Join what several views found twice."""
    if len(found) < 2:
        return found
    stacked = np.array([np.r_[one.box.reshape(2, 2), one.points] for one in found])
    kept, scores = suppress(stacked, np.array([one.score for one in found]))
    return [Detection(one[:2].ravel(), one[2:], float(score)) for one, score in zip(kept, scores)]


def _with_landmarks(picture: NDArray[np.uint8], face: Face) -> Face:
    """Return the face with its 468 points, and anchors from those; as it is where they show none."""
    eyes = face.anchors[1] - face.anchors[0]
    center = (face.box[:2] + face.box[2:]) / 2
    region = Region((center[0], center[1]), 1.5 * max(face.size, 1.0), float(np.arctan2(eyes[1], eyes[0])))
    points, sure = face_landmarks(picture, region)
    if sure < 0.5:
        return face
    flat = points[:, :2]
    anchors = np.stack([*(flat[list(eye)].mean(axis=0) for eye in _EYES), flat[_NOSE], flat[list(_MOUTH)].mean(axis=0)])
    return Face(face.box, anchors, face.score, flat)

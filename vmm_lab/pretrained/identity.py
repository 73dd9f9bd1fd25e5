"""Describe whose face it is: by dlib's ResNet where its extra is installed, else by aligned gradients and textures.

King, "dlib-ml", JMLR 10, 2009, and his network of 2017, trained on 3 million faces of 7,485 people: faces of one person
lie closer together than 0.6. Weights: CC0, in the package face-recognition-models, which is never imported.
"""
import functools
import importlib.util
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from vmm_lab.assets import AssetError
from vmm_lab.files import sha256
from vmm_lab.pretrained.blaze import Region, crop
from vmm_lab.pretrained.face import AlignedFaces, Face, FaceFeature, fitted_region

MISSING = 'dlib\'s network of faces is not installed; bring it with pip install "vmm-lab[identity]".'
WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"
HASH = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
CHIP = 150  # pixels
EVEN = 0.9  # of `FaceLooks`: how much the picture counts whose light is evened out
# Of the 468 points: the corners of either eye, outer and inner, and the base of the nose; and where dlib's average face
# has them in the picture of a face that the network was trained on, (x, y) in [0, 1].
_POINTS = (263, 362, 33, 133, 2)
_PLACES = (np.array([[0.8596, 0.2135], [0.6461, 0.2290], [0.1206, 0.2137], [0.3341, 0.2291], [0.4901, 0.6278]])
           + 0.25) / 1.5
_EYES = np.array([_PLACES[2:4].mean(axis=0), _PLACES[:2].mean(axis=0)])  # for a face without the 468 points


def dlib_installed() -> bool:
    """Tell whether dlib and the weights of its network of faces are installed."""
    return importlib.util.find_spec("dlib") is not None and _weights() is not None


@dataclass(kw_only=True, eq=False, repr=False)
class FaceIdentity(FaceFeature):
    """Represent a face by the 128 numbers of dlib's ResNet: the distance of two tells whether it is one person.

    Needs the extra "identity"; ValueError without it. The options: see `FaceFeature`.
    """

    packages = ("ai-edge-litert", "dlib-bin")  # type: ignore[assignment]
    sentence = "FaceIdentity asks dlib's ResNet, which learnt 7,485 people from 3 million faces, whose face it is."
    threshold: ClassVar[float] = 0.6  # published with the network
    title: ClassVar[str] = "dlib's ResNet"

    side: int = CHIP
    margin: float = 0.0

    def check_options(self) -> None:
        super().check_options()
        if self.side != CHIP or self.margin:
            raise ValueError(f"FaceIdentity: the network reads {CHIP} pixels and no margin, got {self.side} and "
                             f"{self.margin}")
        if not dlib_installed():
            raise ValueError(MISSING)

    def cut(self, frame: NDArray[np.uint8], face: Face) -> NDArray[np.uint8]:
        """Cut a face out as the network was trained, uint8 (150, 150, 3) RGB."""
        return crop(frame, chip_region(face), CHIP)

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 (128,), the mean over the frames."""
        with _lock:
            return np.mean([_network().compute_face_descriptor(frame) for frame in frames], axis=0).astype(np.float32)


@dataclass(kw_only=True, eq=False, repr=False)
class FaceLooks(AlignedFaces):
    """Represent a face by gradients and textures, as it is and with its light evened out: float32 (14494,).

    Each is averaged with that of the mirror picture; the second counts most, so that distances stay of one size whether
    pictures are dim, lit from one side, blurred or noisy. What `FaceIdentity` is compared with, and what stands for it
    where it is not installed.
    """

    title: ClassVar[str] = "gradients and textures (HOG and LBP)"
    # Where as many strangers pass as people are refused, over 400 portraits (benchmarks/bench_faces.py).
    threshold: ClassVar[float] = 0.46

    margin: float = -0.2

    def check_options(self) -> None:
        super().check_options()
        if self.feature is not None:
            raise ValueError("FaceLooks describes faces by HOG and LBP alone; AlignedFaces takes another feature.")

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 (14494,), of length 1."""
        rows = []
        for faces in (frames, np.stack([even_light(frame) for frame in frames])):
            row = super().describe(faces) + super().describe(np.ascontiguousarray(faces[:, :, ::-1]))
            rows.append(row / np.linalg.norm(row))
        return np.concatenate([(1 - EVEN) ** 0.5 * rows[0], EVEN**0.5 * rows[1]]).astype(np.float32)


@dataclass(kw_only=True, eq=False, repr=False)
class LearntFaces(FaceFeature):
    """Represent a face by a small network that learns from the training rows and the names of their people.

    It sees grey faces of 64×64 pixels and gives 64 numbers of length 1, see `networks.identity`; it may then describe
    people whom it has never seen. steps, seed: of its training. The other options: see `FaceFeature`.
    """

    packages = ("ai-edge-litert", "tensorflow", "keras")  # type: ignore[assignment]
    encode_options = ("steps", "seed")
    learns = True
    sentence = "LearntFaces trains a small network to put faces of one person close together, and others far apart."
    title: ClassVar[str] = "a network trained on your own people"
    # Where as many strangers pass as people are refused, for people whom it had not seen (benchmarks/bench_faces.py).
    threshold: ClassVar[float] = 0.82

    side: int = 64
    steps: int = 400
    seed: int = 0

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the cuts as they are, uint8 (T, 64, 64, 3)."""
        return frames

    def fit_descriptions(self, descriptions: Iterable[NDArray[np.uint8]], y: Any = None) -> "LearntFaces":
        """Train the network on cuts and the names of their people, y; ValueError without names or of one person."""
        from vmm_lab.networks.identity import face_network, train_faces

        if y is None:
            raise ValueError("LearntFaces learns from the names of the people: give y.")
        cuts = list(descriptions)
        names = np.repeat(np.asarray(y).astype(str), [len(one) for one in cuts])
        network = face_network()
        train_faces(network, np.concatenate(cuts), names, steps=self.steps, seed=self.seed)
        self.weights_ = network.get_weights()  # arrays can be saved with a pipeline, a model cannot
        return self

    def encode(self, descriptions: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return float32 (n, 64): of each row the mean over its cuts, of length 1."""
        from vmm_lab.networks.identity import embed_faces, face_network

        check_is_fitted(self)
        network, cuts = face_network(), list(descriptions)
        network.set_weights(self.weights_)
        starts = np.cumsum([0, *(len(one) for one in cuts[:-1])])
        rows = np.add.reduceat(embed_faces(network, np.concatenate(cuts)), starts, axis=0)
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def identity_feature(**options: Any) -> FaceIdentity | FaceLooks:
    """Return the feature that tells people apart best, of those that are installed; see `FaceFeature` for options."""
    return FaceIdentity(**options) if dlib_installed() else FaceLooks(**options)


def even_light(face: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Even out the light of a face, uint8 (H, W, 3) RGB: dark parts are lifted, slow changes and extremes taken away.

    A power of 0.2, differences of Gaussians of 1 and 2 pixels, and contrast brought to one size. Tan and Triggs,
    "Enhanced local texture feature sets for face recognition under difficult lighting conditions", IEEE Transactions on
    Image Processing 19(6), 2010.
    """
    bright = (cv2.cvtColor(face, cv2.COLOR_RGB2GRAY) / 255).astype(np.float32) ** 0.2
    detail = cv2.GaussianBlur(bright, (0, 0), 1) - cv2.GaussianBlur(bright, (0, 0), 2)
    for most in (np.inf, 10.0):
        detail = detail / (np.mean(np.minimum(np.abs(detail), most) ** 0.1) ** 10 + 1e-6)
    even = np.clip(127.5 * (1 + np.tanh(detail / 10)), 0, 255).astype(np.uint8)
    return np.repeat(even[..., None], 3, axis=2)


def chip_region(face: Face) -> Region:
    """Return the square that dlib's network was trained to see of a face."""
    if len(face.points):
        return fitted_region(_PLACES, face.points[list(_POINTS)])
    return fitted_region(_EYES, face.anchors[:2])


_lock = threading.Lock()


def _weights() -> Path | None:
    found = importlib.util.find_spec("face_recognition_models")
    places = found.submodule_search_locations if found else None
    path = Path(places[0]) / "models" / WEIGHTS if places else None
    return path if path and path.is_file() else None


@functools.cache
def _network() -> Any:
    path = _weights()
    try:
        import dlib
    except ImportError:
        path = None
    if path is None:
        raise ValueError(MISSING)
    if sha256(path) != HASH:
        raise AssetError(f"{path} is not the file of face-recognition-models 0.3.0: its SHA-256 differs; install that "
                         "version again.")
    return dlib.face_recognition_model_v1(str(path))

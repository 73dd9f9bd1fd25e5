"""Measure motion: optical flow and its histograms, and where and how recently things moved."""
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vmm_lab.features.base import Feature, cell_numbers, segment_means
from vmm_lab.features.checks import check_frames, check_image
from vmm_lab.features.frames import brightened
from vmm_lab.features.segment import Segment
from vmm_lab.media import MediaError, open_media
from vmm_lab.media.options import brief, check_choice, check_number, check_whole, check_wholes

PRESETS = {"fast": cv2.DISOPTICAL_FLOW_PRESET_FAST, "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM}

# OpenCV's DIS crashes the process on flatter pictures that are much wider than high.
LEAST = 32


def flow(
    previous: NDArray[np.uint8], frame: NDArray[np.uint8], *, preset: str = "medium"
) -> NDArray[np.float32]:
    """Compute dense optical flow: how far each pixel of `previous` has moved by the next `frame`.

    previous, frame: uint8 (H, W, 3) RGB or (H, W) grey, of one shape, at least 32×32.
    preset: "medium", or "fast": five times as quick, less exact, from 96×96 on; no gain on smaller pictures.
    Returns float32 (H, W, 2): pixels to the right, pixels down. Raises ValueError for other dtypes or shapes.
    Source: Kroeger et al., "Fast optical flow using dense inverse search" (DIS), ECCV 2016.

    >>> noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    >>> still = cv2.GaussianBlur(noise, (0, 0), 3)
    >>> moved = np.roll(still, 2, axis=1)  # two pixels to the right
    >>> np.median(flow(still, moved), axis=(0, 1)).round(1)
    array([2., 0.], dtype=float32)
    """
    check_choice("flow", tuple(PRESETS), preset=preset)
    for image in (previous, frame):
        check_image(image, "flow")
    if previous.shape != frame.shape or min(frame.shape[:2]) < LEAST:
        got = f"{previous.shape} and {frame.shape}"
        raise ValueError(f"flow takes two images of one shape, at least {LEAST}×{LEAST}, got {got}")
    return cv2.DISOpticalFlow.create(PRESETS[preset]).calc(_grey(previous), _grey(frame), None)


def flow_histogram(
    field: NDArray[np.float32], *, orientations: int = 8, grid: tuple[int, int] = (4, 4), still: float = 0.2
) -> NDArray[np.float32]:
    """Compute histograms of optical flow (HOF): cell by cell, how fast the picture moves in which direction.

    field: float32 (H, W, 2) from `flow`. orientations: bins of 360°/orientations, the first centred on "to the right",
    then clockwise. grid: cells (down, across). still: slower pixels, in pixels per frame, vote for standing still.
    Returns float32 (down, across, orientations + 1): the mean speed towards each direction, in pixels per frame, each
    pixel sharing its vote between the two nearest bins; and last the share of still pixels. Raises ValueError for a
    field of another dtype or shape, or more cells than pixels.
    Sources: Dalal, Triggs and Schmid, "Human detection using oriented histograms of flow and appearance", ECCV 2006;
    Laptev et al., "Learning realistic human actions from movies", CVPR 2008.

    >>> right = np.zeros((8, 8, 2), np.float32)
    >>> right[..., 0] = 3
    >>> flow_histogram(right, orientations=4, grid=(1, 1))
    array([[[3., 0., 0., 0., 0.]]], dtype=float32)
    """
    if not isinstance(field, np.ndarray) or field.dtype != np.float32 or field.ndim != 3 or field.shape[2] != 2:
        raise ValueError(f"flow_histogram takes the flow as float32 (H, W, 2), got {brief(field)}")
    check_whole("flow_histogram", orientations=orientations)
    check_wholes("flow_histogram", names=("down", "across"), grid=grid)
    speed, angle = cv2.cartToPolar(field[..., 0], field[..., 1])
    where = angle * np.float32(orientations / (2 * np.pi))
    low = np.floor(where)
    share = where - low
    moving = np.where(speed < still, np.float32(0), speed)
    low = low.astype(np.intp) % orientations
    cell = cell_numbers("flow_histogram", field.shape[:2], grid)
    n_cells, n_bins = grid[0] * grid[1], orientations + 1
    votes = np.bincount((cell * n_bins + low).ravel(), (moving * (1 - share)).ravel(), n_cells * n_bins)
    votes += np.bincount((cell * n_bins + (low + 1) % orientations).ravel(), (moving * share).ravel(), n_cells * n_bins)
    votes += np.bincount((cell * n_bins + orientations).ravel(), (speed < still).ravel(), n_cells * n_bins)
    pixels = np.bincount(cell.ravel(), minlength=n_cells)
    return (votes.reshape(n_cells, n_bins) / pixels[:, None]).reshape(*grid, n_bins).astype(np.float32)


def motion_history(frames: NDArray[np.uint8], *, threshold: float = 20) -> NDArray[np.float32]:
    """Compute the motion history image: how recently each pixel changed.

    frames: uint8 (T, H, W, 3) RGB, T ≥ 2. threshold: a grey value changing by more, of 255, has moved.
    Returns float32 (H, W): 1 where the last step moved, falling evenly to 1/(T−1) where only the first did, 0 where
    nothing ever moved. `motion_history(frames) > 0` is the motion energy image: where anything moved at all.
    Raises ValueError for frames of another dtype or shape, or fewer than two.
    Source: Bobick and Davis, "The recognition of human movement using temporal templates", IEEE PAMI 23(3), 2001.

    >>> frames = np.zeros((3, 16, 16, 3), np.uint8)
    >>> frames[1:, :, :8] = 255  # first the left half lights up,
    >>> frames[2:, :, 8:] = 255  # then the right half
    >>> motion_history(frames)[0, [2, 13]]
    array([0.5, 1. ], dtype=float32)
    """
    check_frames(frames, "motion_history", least=2)
    # A slight blur first: the codec's and the camera's noise is finer than what moves.
    grey = [cv2.GaussianBlur(_grey(frame), (3, 3), 0) for frame in frames]
    history = np.zeros(grey[0].shape, np.float32)
    for step, (before, after) in enumerate(zip(grey, grey[1:]), start=1):
        history[cv2.absdiff(before, after) > threshold] = step / (len(grey) - 1)
    return history


@dataclass(kw_only=True, eq=False, repr=False)
class _MotionFeature(Feature):
    """Hold what both motion features share: frames at a fixed rate, and at least two of them."""

    modality = "video"
    read_options = ("size", "fps")

    size: tuple[int, int] = (64, 64)
    fps: float = 10

    def check_options(self) -> None:
        name = type(self).__name__
        check_wholes(name, names=("height", "width"), least=LEAST, size=self.size)
        check_wholes(name, names=("down", "across"), grid=self.grid)
        check_number(name, fps=self.fps)
        cell_numbers(name, self.size, self.grid)  # refuses more cells than pixels

    def check_item(self, item: Any) -> None:
        check_frames(item, type(self).__name__, least=2, size=self.size)

    def read(self, segment: Segment) -> NDArray[np.uint8]:
        """Return uint8 (T, height, width, 3) RGB, `fps` frames a second; dark ones `brightened`, all alike."""
        with open_media(segment.path) as media:
            fps = None if media.is_image else self.fps
            frames, _ = media.frames(size=self.size, fps=fps, start=segment.start, end=segment.end)
        if len(frames) < 2:
            raise MediaError(
                f"{segment.path}: motion needs at least two frames at {self.fps:g} frames/s, got {len(frames)}; "
                "use a longer segment, or a feature of single frames such as HOG"
            )
        return brightened(frames)

    def blank(self) -> NDArray[np.uint8]:
        return np.zeros((2, *self.size, 3), np.uint8)


@dataclass(kw_only=True, eq=False, repr=False)
class MotionHistogram(_MotionFeature):
    """Represent motion by histograms of optical flow over a grid of space and time; see `flow` and `flow_histogram`.

    size: (height, width) of the frames, pixels. fps: frames per second. preset: of `flow`.
    orientations, grid, still: of `flow_histogram`. segments: equal parts of the time, each averaged, end to end.
    A description is float32 (T−1, d): one histogram for each pair of neighbouring frames.

    >>> frames = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    >>> MotionHistogram().transform([frames]).shape  # 4×4 cells × 9 bins × 3 segments
    (1, 432)
    """

    encode_options = ("segments",)

    preset: str = "medium"
    orientations: int = 8
    grid: tuple[int, int] = (4, 4)
    still: float = 0.2
    segments: int = 3

    def check_options(self) -> None:
        super().check_options()
        check_choice("MotionHistogram", tuple(PRESETS), preset=self.preset)
        check_whole("MotionHistogram", orientations=self.orientations, segments=self.segments)
        check_number("MotionHistogram", still=self.still)

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        grey = [_grey(frame) for frame in frames]
        fields = (flow(before, after, preset=self.preset) for before, after in zip(grey, grey[1:]))
        return np.stack([
            flow_histogram(field, orientations=self.orientations, grid=self.grid, still=self.still).ravel()
            for field in fields
        ])

    def encode(self, descriptions: Iterable[NDArray]) -> NDArray[np.float32]:
        return np.stack([segment_means(d, self.segments).ravel() for d in descriptions]).astype(np.float32)


@dataclass(kw_only=True, eq=False, repr=False)
class MotionEnergy(_MotionFeature):
    """Represent where anything moved (motion energy) and how recently (motion history); see `motion_history`.

    size: (height, width) of the frames, pixels. fps: frames per second. threshold: of `motion_history`.
    grid: cells (down, across) to which both images are averaged. A description is float32 (2, down, across).

    >>> frames = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    >>> MotionEnergy().transform([frames]).shape
    (1, 512)
    """

    threshold: float = 20
    grid: tuple[int, int] = (16, 16)

    def check_options(self) -> None:
        super().check_options()
        check_number("MotionEnergy", threshold=self.threshold)

    def describe(self, frames: NDArray[np.uint8]) -> NDArray[np.float32]:
        history = motion_history(frames, threshold=self.threshold)
        cells = self.grid[::-1]  # OpenCV's order is (width, height)
        images = ((history > 0).astype(np.float32), history)
        return np.stack([cv2.resize(image, cells, interpolation=cv2.INTER_AREA) for image in images])


def _grey(image):
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image

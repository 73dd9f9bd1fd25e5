"""Turn decoded frames into upright RGB arrays of one size, and hold as many of them as fit into memory."""
import contextlib
import functools
import math
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import Colorspace, VideoReformatter
from numpy.typing import NDArray
from PIL import Image

from vmm_lab.media.container import Source
from vmm_lab.media.errors import DECODER_ERRORS, Damaged

# A turn is (a, b, c, d) of a display matrix: x' = a x + c y, y' = b x + d y.
Turn = tuple[int, int, int, int]
UPRIGHT: Turn = (1, 0, 0, 1)
# By degrees clockwise
QUARTERS: dict[int, Turn] = {0: UPRIGHT, 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
EXIF_TURNS: tuple[Turn, ...] = (
    UPRIGHT, (-1, 0, 0, 1), QUARTERS[180], (1, 0, 0, -1), (0, 1, 1, 0), QUARTERS[90], (0, -1, -1, 0), QUARTERS[270],
)
JPEG_BYTES = 32 * 2**20  # of larger ones the end is not looked for
EXIF_ORIENTATION = 0x0112  # CIPA DC-008
THREADED_PIXELS = 640 * 480  # a picture of fewer is scaled sooner by one thread than several can be woken
# Numbers of ITU-T H.273: matrices that swscale knows, curves and primaries.
UNSPECIFIED, BT709, BT2020 = 2, 1, 9
KNOWN_MATRICES = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10}
PQ, HLG = HDR = 16, 18
# RGB of BT.2020 as a row, times this, is RGB of BT.709 (ITU-R BT.2087).
TO_BT709 = np.array([[1.6605, -0.1246, -0.0182], [-0.5876, 1.1329, -0.1006], [-0.0728, -0.0083, 1.1187]], np.float32)
# These are BT.601 by their definition; of others without a tag players take HD for BT.709.
BT601_CODECS = {"vp8", "theora", "mjpeg"}
# PyAV frees the names of colour profiles twice, which ends the process, once their side data was looked at (18.1).
NAMED_PROFILES = {"png", "apng"}
TRUSTED_BYTES = 2**32  # of room are made at once for what a header promises: untouched room costs no memory


def orientation(frame: Any, metadata: Any = (), *, codec: str | None = None) -> Turn:
    """Return the turn that makes `frame` upright, from its display matrix or the `rotate` tag of older files.

    Matrices that are no turn or flip by quarters (some cameras write zeros or noise) count as upright.
    """
    try:
        if codec in NAMED_PROFILES:
            raise ValueError
        matrices = [np.frombuffer(data, np.int32) for data in frame.side_data if data.type is Type.DISPLAYMATRIX]
    except ValueError:  # PyAV does not know every kind of side data, and then lists none
        return QUARTERS.get(-frame.rotation % 360, UPRIGHT)
    for matrix in matrices:
        a, b, _, c, d = (float(value) for value in matrix[:5])
        if abs(a * d) > abs(b * c):
            return (round(math.copysign(1, a)), 0, 0, round(math.copysign(1, d)))
        if abs(b * c) > abs(a * d):
            return (0, round(math.copysign(1, b)), round(math.copysign(1, c)), 0)
        return UPRIGHT
    tags = {key.lower(): value for key, value in dict(metadata).items()}
    try:
        degrees = float(tags.get("rotate", 0))
        return QUARTERS[round(degrees / 90) * 90 % 360] if abs(degrees) <= 360 else UPRIGHT
    except ValueError:
        return UPRIGHT


def clockwise(turn: Turn) -> int:
    """Return the degrees clockwise (0, 90, 180, 270) of a turn; one that also mirrors mirrors left and right first."""
    a, b, c, d = turn
    if a * d - b * c < 0:
        a, b = -a, -b
    return round(math.degrees(math.atan2(b, a))) % 360


def exif_turn(path: Path) -> Turn | None:
    """Return the turn that the EXIF block of a photograph asks for, or None where there is none."""
    try:
        with warnings.catch_warnings(), Image.open(path, formats=("JPEG", "PNG", "WEBP", "TIFF")) as image:
            warnings.simplefilter("ignore")
            held: Any = image.getexif().get(EXIF_ORIENTATION)
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, Image.DecompressionBombError):
        return None
    return EXIF_TURNS[held - 1] if held in range(1, 9) else None


def is_cut_off_jpeg(path: Path) -> bool:
    """Return whether the last scan of a JPEG lacks its end: libav paints what is missing grey and says nothing."""
    data = path.read_bytes() if path.stat().st_size <= JPEG_BYTES else b""
    # Inside a scan 0xFF is followed by 0x00 or a restart marker, so an end that is found is one (ITU-T T.81, B.1.1.5).
    return data[:2] == b"\xff\xd8" and data.rfind(b"\xff\xda") > data.rfind(b"\xff\xd9")


class FrameConverter:
    """Turn frames into upright uint8 (H, W, 3) RGB of `size` (height, width), by area averaging, with one scaler.

    The first frame settles the size and the turn unless they are given; later ones of another size are fitted to it.
    Pixels that are not square are made so, HDR becomes what an ordinary screen shows. Alpha is dropped: what comes out
    are the stored colours, as in OpenCV and Pillow's convert("RGB").
    """

    def __init__(self, source: Source, size: tuple[int, int] | None = None, turn: Turn | None = None):
        self.source, self.size, self.turn = source, size, turn
        self._metadata = source.video.metadata
        aspect = 1.0 if source.facts.is_image else float(source.video.sample_aspect_ratio or 1)
        self._aspect = aspect if 1 / 8 < aspect < 8 else 1.0
        self._guesses_hd = not source.facts.is_image and source.facts.video_codec not in BT601_CODECS
        self._scaler: Any = VideoReformatter()

    def settle(self, frame: Any) -> tuple[int, int]:
        """Learn the turn and the size from a frame; return the (height, width) of all results."""
        self.turn = self.turn or orientation(frame, self._metadata, codec=self.source.facts.video_codec)
        if self.size is None:
            height, width = frame.height, max(1, round(frame.width * self._aspect))
            self.size = (height, width) if self.turn[0] else (width, height)
        return self.size

    def __call__(self, frame: Any) -> NDArray[np.uint8]:
        height, width = self.settle(frame)
        a, b, c, d = self.turn or UPRIGHT
        height, width = (height, width) if a else (width, height)
        threads = 1 if frame.width * frame.height <= THREADED_PIXELS else 0
        if frame.interlaced_frame:
            self.source.note("is interlaced: two moments stand in each frame, as combs; deinterlace it first")
        matrix = frame.colorspace
        if matrix not in KNOWN_MATRICES:
            self.source.note("has its colours in a form that is not known here, and they come out wrong; convert it")
        if "f16" in frame.format.name or "f32" in frame.format.name:
            self.source.note("holds light as floats, which come out dark or clipped; convert it to 8 bits")
        is_hd = matrix == UNSPECIFIED and self._guesses_hd and (frame.width >= 1280 or frame.height > 576)
        is_wide = frame.color_trc in HDR or frame.color_primaries == BT2020
        try:
            rgb = self._scaler.reformat(
                frame, width, height, format="rgb48le" if is_wide else "rgb24", interpolation="AREA", threads=threads,
                src_colorspace=Colorspace.ITU709 if is_hd else None,
            )
        except DECODER_ERRORS:
            kind = f"{frame.width}x{frame.height}, {frame.format.name}"
            raise Damaged(f"its pictures ({kind}) cannot be turned into RGB") from None
        plane = rgb.planes[0]
        if plane.line_size >= 3 * width and not is_wide:
            rows = np.frombuffer(plane, np.uint8, count=plane.line_size * height).reshape(height, plane.line_size)
            picture = rows[:, : 3 * width].reshape(height, width, 3)
        else:  # stored bottom row first, or with 16 bits
            picture = to_screen(rgb.to_ndarray(), frame.color_trc) if is_wide else rgb.to_ndarray()
        return (picture if a else picture.transpose(1, 0, 2))[:: d or b, :: a or c]


def to_screen(picture: NDArray[np.uint16], curve: int) -> NDArray[np.uint8]:
    """Turn RGB of BT.2020 in a transfer curve of ITU-T H.273 into that of an ordinary screen, BT.709 and BT.1886.

    White is where ITU-R BT.2408 has it, at 203 nits of PQ and 75 % of HLG, whose system gamma is 1 for a screen of
    330 nits (BT.2100); what is brighter is white.
    """
    light = _light(curve)[picture] @ TO_BT709
    return _screen()[(np.clip(light, 0, 1) * 65535).astype(np.uint16)]


@functools.cache
def _light(curve: int) -> NDArray[np.float32]:
    """Return the light, 1 for white, of each signal of 16 bits."""
    signal = np.arange(65536) / 65535
    if curve == PQ:
        root = signal ** (1 / 78.84375)
        root = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
        light = root ** (1 / 0.1593017578125) * 10_000 / 203
    elif curve == HLG:
        light = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12)
        light /= light[round(0.75 * 65535)]
    else:
        light = signal**2.4
    return light.astype(np.float32)


@functools.cache
def _screen() -> NDArray[np.uint8]:
    return (255 * (np.arange(65536) / 65535) ** (1 / 2.4)).round().astype(np.uint8)


class TooLarge(Exception):
    """Say that frames would not fit into memory, and how much they would take."""


class FrameArray:
    """Collect frames of one size in one uint8 array, in any order, without ever holding them twice; and their times."""

    def __init__(self, expected: int):
        self.frames: Any = None
        self.times = np.full(expected, np.nan)

    def put(self, k: int, frame: NDArray[np.uint8], time: float) -> None:
        """Store frame `k`; `expected` is only a hint, more may come."""
        if self.frames is None:
            check_memory(len(self.times) * frame.size)
            self._resize(max(1, min(len(self.times), TRUSTED_BYTES // frame.size)), frame.shape)
        elif k >= len(self.frames):
            self._resize(k + max(8, k // 4), frame.shape)
        self.frames[k], self.times[k] = frame, time

    def repeat(self, k: int, first: int) -> None:
        """Store the frame of place `first` at place `k` too."""
        self.put(k, self.frames[first], self.times[first])

    def __len__(self) -> int:
        """Return how many of the first places are filled without a gap."""
        missing = np.flatnonzero(np.isnan(self.times))
        return int(missing[0]) if len(missing) else len(self.times)

    def arrays(self, size: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Return the frames filled without a gap, and their times; where there are none, no frames of this size."""
        if self.frames is None:
            return np.empty((0, *size, 3), np.uint8), np.empty(0)
        return self.frames[: len(self)], self.times[: len(self)]

    def _resize(self, length: int, shape: tuple[int, ...]) -> None:
        check_memory(length * math.prod(shape))
        if self.frames is None:
            self.frames = np.empty((length, *shape), np.uint8)
        self.frames.resize((length, *shape), refcheck=False)
        self.times = np.append(self.times, np.full(max(0, length - len(self.times)), np.nan))


def check_memory(size: int) -> None:
    """Raise TooLarge where `size` bytes are more than four fifths of the memory that this process may use."""
    if size > 0.8 * memory_limit():
        raise TooLarge(f"the frames would take {size / 1e9:.0f} GB, more than this computer or container has")


@functools.cache
def memory_limit(root: str | Path = "/") -> float:
    """Return the bytes of memory that this process may use: the computer's, or its container's (cgroup v1 and v2).

    root: folder of `proc` and `sys`. Where the system says nothing, 64 GB.
    """
    limits = [64e9]
    with contextlib.suppress(AttributeError, ValueError, OSError):
        limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    top = Path(root, "sys/fs/cgroup")
    folders = {top, top / "memory"}
    try:
        lines = Path(root, "proc/self/cgroup").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:  # hierarchy:controllers:path; a group is bound by the limits of those that it is in
        _, controllers, group = line.split(":", 2)
        folder = top / ("memory" if controllers else "") / group.strip("/")
        folders |= {folder, *folder.parents}
    for folder in folders:
        for name in ("memory.max", "memory.limit_in_bytes"):
            with contextlib.suppress(OSError, ValueError):  # there is none, or it says "max"
                limits.append(int((folder / name).read_text()))
    return min(limits)

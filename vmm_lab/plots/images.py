"""Make images of frames and spectrograms, as arrays, and the bytes that a web page shows them from."""
import base64
import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .palette import SPECTROGRAM_COLORS, shades

FRAME_HEIGHT = 112  # pixels of a frame in a strip, enough to see a person fall
DYNAMIC_RANGE = 80.0  # decibels from the darkest to the lightest colour of a spectrogram


def fit_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Shrink a (height, width) so that its longer side is at most `longest` pixels; never enlarge it."""
    height, width = (max(1, round(side * min(1.0, longest / max(size)))) for side in size)
    return height, width


def resized(frame: NDArray, size: tuple[int, int] | float) -> NDArray:
    """Resize a frame to (height, width), or to a multiple of its size; pixels stay sharp where they become large."""
    height, width = size if isinstance(size, tuple) else (max(1, round(side * size)) for side in frame.shape[:2])
    scale = height / frame.shape[0]
    how = cv2.INTER_NEAREST if scale > 2 else cv2.INTER_LINEAR if scale > 1 else cv2.INTER_AREA
    return cv2.resize(frame, (width, height), interpolation=how)


def spread(count: int, n: int) -> NDArray[np.int64]:
    """Choose at most n of `count` frames, spread evenly, first and last included: their numbers, in order."""
    return np.unique(np.linspace(0, count - 1, min(n, count)).round().astype(int))


def side_by_side(*pictures: NDArray, gap: int = 8, ground: int = 128) -> NDArray[np.uint8]:
    """Put pictures (H, W, 3) side by side, on grey between them and where they are of different height."""
    image = np.full((max(map(len, pictures)), sum(p.shape[1] + gap for p in pictures) - gap, 3), ground, np.uint8)
    for part, end in zip(pictures, np.cumsum([p.shape[1] + gap for p in pictures]) - gap):
        image[: len(part), end - part.shape[1] : end] = part
    return image


def frames_image(frames: NDArray, *, n: int | None = None, height: int = FRAME_HEIGHT,
                 gap: int = 3) -> NDArray[np.uint8]:
    """Put frames next to one another in the order of time, as one image: uint8 (height, width, 3).

    frames: (T, H, W, 3) RGB, whole numbers from 0 to 255 or floats from 0 to 1. n: how many to show at most, spread
    evenly; all by default. gap: white pixels between two frames. Raises ValueError where there are no frames, or of
    another shape.

    >>> frames_image(np.zeros((30, 48, 64, 3), np.uint8), n=4, height=24).shape
    (24, 137, 3)
    """
    return side_by_side(*(resized(frame, height / len(frame)) for frame in pick(frames, n)), gap=gap, ground=255)


def pick(frames: NDArray, n: int | None = None) -> NDArray[np.uint8]:
    """Pick at most n frames, spread evenly, as `frames_image` shows them: uint8 (≤ n, H, W, 3)."""
    frames = np.asarray(frames)
    if frames.ndim != 4 or frames.shape[-1] != 3 or not frames.size:
        raise ValueError(f"A filmstrip needs frames of shape (T, H, W, 3) with T ≥ 1, got {frames.shape}.")
    shown = frames[spread(len(frames), n or len(frames))]
    if shown.dtype == np.uint8:
        return shown
    levels = shown if shown.dtype.kind in "iu" else 255 * np.clip(shown, 0, 1)
    return np.clip(levels, 0, 255).round().astype(np.uint8)


def spectrogram_image(decibels: NDArray, *, height: int = FRAME_HEIGHT, width: int | None = None,
                      bounds: tuple[float, float] | None = None) -> NDArray[np.uint8]:
    """Draw a spectrogram as an image, uint8 (height, width, 3): time right, low bands below, the louder the lighter.

    decibels: float (T, bands), from `features.log_mel`, or other numbers over time. width: pixels, by default one for
    each time step. bounds: what the darkest and the lightest colour stand for, by default the loudest and 80 dB less.
    Raises ValueError where there is no time or no band.
    """
    levels = np.asarray(decibels, np.float32)
    if levels.ndim != 2 or not levels.size:
        raise ValueError(f"A spectrogram is an array (T, bands) with at least one of each, got {levels.shape}.")
    most = float(levels.max()) + (not np.ptp(levels)) * DYNAMIC_RANGE  # silence is dark
    least, most = bounds or (most - DYNAMIC_RANGE, most)
    width = width or len(levels)
    bands = cv2.resize(levels.T[::-1], (width, levels.shape[1]), interpolation=cv2.INTER_AREA)
    bands = cv2.resize(bands, (width, height), interpolation=cv2.INTER_NEAREST)
    return shades(SPECTROGRAM_COLORS)[(255 * np.clip((bands - least) / max(most - least, 1e-9), 0, 1)).astype(np.uint8)]


def jpeg(image: NDArray[np.uint8], quality: int = 80) -> bytes:
    """Encode an RGB image, uint8 (H, W, 3), as a JPEG."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)  # many times as fast as turning the last axis around
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def png(image: NDArray[np.uint8]) -> bytes:
    """Encode an RGB or RGBA image, uint8 (H, W, 3 or 4), as a PNG with a palette: a third of the size."""
    clear = image[..., 3:] < 255 if image.shape[2] == 4 else np.zeros((1, 1, 1), bool)
    # Of 256 colours so many are for what is seen through, such as the edges of letters on a page of any colour.
    few = 16 if clear.any() else 0
    # An octree keeps the hues of small places, such as a key's, which median cut loses, and takes a thirtieth of the
    # time of maximum coverage; but its white, and with it paper, would be a little grey.
    picture = _quantized(np.where(clear, 255, image[..., :3]).astype(np.uint8), 256 - few)
    levels = np.array(picture.getpalette("RGBA"), np.uint8).reshape(-1, 4)[: 256 - few]
    levels[levels[:, :3].min(axis=1) >= 248] = 255
    if few:
        seen_through = _quantized(image[clear[..., 0]][None], few)
        numbers = np.array(picture)
        numbers[clear[..., 0]] = len(levels) + np.array(seen_through)[0]
        levels = np.vstack([levels, np.array(seen_through.getpalette("RGBA"), np.uint8).reshape(-1, 4)])
        picture = Image.fromarray(numbers, "P")
    picture.putpalette(levels[:, : image.shape[2]].tobytes(), "RGBA" if image.shape[2] == 4 else "RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "png", optimize=True)
    return buffer.getvalue()


def _quantized(image: NDArray[np.uint8], colors: int) -> Image.Image:
    return Image.fromarray(image).quantize(colors, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def data_uri(data: bytes, mime: str) -> str:
    """Return bytes as an address that a page can show without a file."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"

"""Check the arrays that features take, and say in one sentence what is accepted instead."""
from typing import Any

import numpy as np

from vmm_lab.media.options import brief


def check_image(image: Any, who: str) -> None:
    """Raise ValueError unless `image` is uint8 (H, W, 3) or (H, W), and not empty."""
    good = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim in (2, 3) and image.size
    if not good or image.shape[2:] not in ((), (3,)):
        raise ValueError(f"{who} takes an image as uint8 (H, W, 3) RGB or (H, W) grey, got {brief(image)}")


def check_frames(frames: Any, who: str, *, least: int = 1, size: tuple[int, int] | None = None) -> None:
    """Raise ValueError unless `frames` is uint8 (T, H, W, 3) with T ≥ least, and of `size` (height, width) if given."""
    good = isinstance(frames, np.ndarray) and frames.dtype == np.uint8 and frames.ndim == 4 and frames.shape[3] == 3
    if good and len(frames) >= least and frames.size and (size is None or frames.shape[1:3] == tuple(size)):
        return
    height, width = size or ("H", "W")
    way_out = "; resize the frames, or set size=(height, width) to theirs" if good and size else ""
    expected = f"RGB frames as uint8 (T, {height}, {width}, 3), T ≥ {least}"
    raise ValueError(f"{who} takes {expected}, got {brief(frames)}{way_out}")


def check_wave(wave: Any, who: str) -> None:
    """Raise ValueError unless `wave` is floating point (N,), N ≥ 1, and finite."""
    good = isinstance(wave, np.ndarray) and wave.ndim == 1 and np.issubdtype(wave.dtype, np.floating)
    if not good or not len(wave):
        raise ValueError(f"{who} takes a mono wave as float32 (N,) in [-1, 1], N ≥ 1, got {brief(wave)}")
    if not np.isfinite(wave).all():
        raise ValueError(f"{who} takes a finite wave, got one with NaN or infinite samples")

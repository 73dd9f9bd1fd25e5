"""Check what callers pass as options, and say in one sentence what is accepted instead."""
import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

LONGEST_SIDE = 16384
LOUDEST = 32  # a mix may go a little beyond 1 and is cut off there; so far beyond are whole numbers written as floats


def check_whole(who: str, *, least: int = 1, most: float = math.inf, **values: object) -> None:
    """Raise ValueError unless each value is a whole number of at least `least`, and at most `most`."""
    for name, value in values.items():
        if not _is_whole(value, least, most):
            raise ValueError(f"{who}: {name} must be a whole number, {_limits(least, most)}, got {value!r}.")


def check_wholes(who: str, *, names: Sequence[str], least: int = 1, most: float = math.inf, **values: Any) -> None:
    """Raise ValueError unless each value is a tuple or list of whole numbers, one for each of `names`."""
    for name, value in values.items():
        good = isinstance(value, (tuple, list)) and len(value) == len(names)
        if not good or not all(_is_whole(part, least, most) for part in value):
            wanted = f"whole numbers ({', '.join(names)}), {_limits(least, most)}"
            raise ValueError(f"{who}: {name} must be {wanted}, got {value!r}.")


def check_number(who: str, *, most: float = math.inf, **values: Any) -> None:
    """Raise ValueError unless each value is a finite number greater than 0, and at most `most`."""
    for name, value in values.items():
        if not _is_number(value) or not 0 < value <= most:
            limit = "" if most == math.inf else f" and at most {most:g}"
            raise ValueError(f"{who}: {name} must be a number greater than 0{limit}, got {value!r}.")


def check_choice(who: str, choices: Iterable[object], **values: object) -> None:
    """Raise ValueError unless each value is one of `choices`."""
    for name, value in values.items():
        if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
            raise ValueError(f"{who}: {name} must be one of {', '.join(map(repr, choices))}, got {value!r}.")


def check_size(who: str, size: Sequence[int] | None) -> tuple[int, int] | None:
    """Return a size as (height, width); None stays None, anything but two whole numbers raises ValueError."""
    if size is None:
        return None
    size = tuple(size) if isinstance(size, np.ndarray) else size
    check_wholes(who, names=("height", "width"), most=LONGEST_SIDE, size=size)
    return int(size[0]), int(size[1])


def check_interval(start: float | None, end: float | None) -> tuple[float | None, float | None]:
    """Return start and end in seconds, each a float or None; ValueError unless 0 <= start < end."""
    for name, value in (("start", start), ("end", end)):
        if value is not None and not _is_number(value):
            raise ValueError(f"{name} is a number of seconds, not {value!r}.")
    if start is not None and start < 0:
        raise ValueError(f"start is {start:g} s, but media begin at 0 s; give a start of 0 or more.")
    if end is not None and end <= (start or 0.0):
        raise ValueError(f"end is {end:g} s, which is not after the start at {start or 0:g} s; give an end beyond it.")
    return None if start is None else float(start), None if end is None else float(end)


def check_fps(who: str, fps: float | None) -> float | None:
    """Return frames per second as a float, or None; ValueError unless they lie above 0 and up to 10000."""
    if fps is not None:
        check_number(who, most=10_000, fps=fps)
    return None if fps is None else float(fps)


def check_on_error(who: str, on_error: str) -> bool:
    """Return whether damaged media are wanted as far as they can be read; ValueError for another word."""
    check_choice(who, ("raise", "partial"), on_error=on_error)
    return on_error == "partial"


def check_wave(what: str, wave: np.ndarray, sample_rate: Any) -> NDArray[np.float32]:
    """Return a wave as float32 (N,), cut off at -1 and 1; ValueError where it is another thing, or the rate is none."""
    wanted = f"{what} must be one channel of floats (N,) in [-1, 1], N ≥ 1"
    if wave.ndim != 1 or not len(wave) or wave.dtype.kind != "f":
        way_out = "average its channels" if wave.ndim == 2 else "divide 16-bit samples by 32768"
        raise ValueError(f"{wanted}, got {wave.dtype} {wave.shape}; {way_out}.")
    if not np.isfinite(wave).all():
        raise ValueError(f"{wanted}, and this one has NaN or infinite samples: replace them first.")
    if np.abs(wave).max() > LOUDEST:
        raise ValueError(f"{wanted}, got {wave.min():g} to {wave.max():g}; divide 16-bit samples by 32768.")
    if sample_rate is None:
        raise ValueError(f"{what} needs its sample_rate= (samples per second).")
    check_whole(what, least=1000, most=192_000, sample_rate=sample_rate)
    return np.clip(wave, -1, 1).astype(np.float32)


def brief(value: object) -> str:
    """Return a value as text, short enough for an error message."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return f"{type(value).__name__} {value!r}"[:60]


def _is_whole(value: Any, least: float, most: float) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _limits(least: int, most: float) -> str:
    return f"at least {least}" if most == math.inf else f"from {least} to {most}"

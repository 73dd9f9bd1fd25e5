"""The options of the media verbs go in as the caller wrote them; checked values come out, or a ValueError of one sentence."""
import math
from numbers import Integral, Real

LONGEST_SIDE = 16384


def check_size(size):
    """size as (height, width) ints, or None."""
    if size is None:
        return None
    try:
        height, width = size
    except (TypeError, ValueError):
        raise ValueError(f"size is (height, width), two whole numbers, not {size!r}.") from None
    for side in (height, width):
        if not isinstance(side, Integral) or isinstance(side, bool) or not 1 <= side <= LONGEST_SIDE:
            raise ValueError(f"size is (height, width), two whole numbers from 1 to {LONGEST_SIDE}, not {size!r}.")
    return int(height), int(width)


def check_number(name, value, unit):
    if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"{name} is a number of {unit}, not {value!r}.")
    return float(value)


def check_interval(start, end):
    """start and end in seconds, each a float or None, start before end."""
    if start is not None:
        start = check_number("start", start, "seconds")
        if start < 0:
            raise ValueError(f"start is {start:g} s, but media begin at 0 s; give a start of 0 or more.")
    if end is not None:
        end = check_number("end", end, "seconds")
        if end <= (start or 0.0):
            raise ValueError(f"end is {end:g} s, which is not after the start at {start or 0:g} s; give an end beyond it.")
    return start, end


def check_fps(fps):
    if fps is None:
        return None
    fps = check_number("fps", fps, "frames per second")
    if not 0 < fps <= 10_000:
        raise ValueError(f"fps is {fps:g}, but frames per second lie above 0 and up to 10000; leave it out for the file's own frames.")
    return fps


def check_count(n):
    if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
        raise ValueError(f"n is the number of frames to sample, a whole number of at least 1, not {n!r}.")
    return int(n)


def check_rate(sample_rate):
    if not isinstance(sample_rate, Integral) or isinstance(sample_rate, bool) or not 100 <= sample_rate <= 768_000:
        raise ValueError(f"sample_rate is a whole number of samples per second from 100 to 768000, not {sample_rate!r}.")
    return int(sample_rate)


def check_on_error(on_error):
    if on_error not in ("raise", "partial"):
        raise ValueError(f'on_error is "raise" or "partial", not {on_error!r}.')
    return on_error == "partial"

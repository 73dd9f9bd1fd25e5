"""What the functions and options of this room accept, told in one sentence when it is something else."""
import numpy as np


def check_whole(who, *, least=1, **values):
    """Raise ValueError unless each value is a whole number of at least `least`."""
    for name, value in values.items():
        if not _is_whole(value, least):
            raise ValueError(f"{who}: {name} must be a whole number, at least {least}, got {value!r}")


def check_wholes(who, *, names, least=1, **values):
    """Raise ValueError unless each value is a tuple of whole numbers, one for each of `names`."""
    for name, value in values.items():
        good = isinstance(value, (tuple, list)) and len(value) == len(names) and all(_is_whole(v, least) for v in value)
        if not good:
            wanted = f"whole numbers ({', '.join(names)})"
            raise ValueError(f"{who}: {name} must be {wanted}, at least {least}, got {value!r}")


def check_number(who, *, above=0.0, **values):
    """Raise ValueError unless each value is a finite number greater than `above`."""
    for name, value in values.items():
        number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
        if not number or not above < value < np.inf:
            raise ValueError(f"{who}: {name} must be a number greater than {above:g}, got {value!r}")


def check_choice(who, choices, **values):
    """Raise ValueError unless each value is one of `choices`."""
    for name, value in values.items():
        if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
            raise ValueError(f"{who}: {name} must be one of {', '.join(map(repr, choices))}, got {value!r}")


def check_image(image, who):
    """Raise ValueError unless `image` is uint8 (H, W, 3) or (H, W), and not empty."""
    good = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim in (2, 3) and image.size
    if not good or image.shape[2:] not in ((), (3,)):
        raise ValueError(f"{who} takes an image as uint8 (H, W, 3) RGB or (H, W) grey, got {brief(image)}")


def check_frames(frames, who, *, least=1, size=None):
    """Raise ValueError unless `frames` is uint8 (T, H, W, 3) with T ≥ least, and of `size` (height, width) if given."""
    good = isinstance(frames, np.ndarray) and frames.dtype == np.uint8 and frames.ndim == 4 and frames.shape[3] == 3
    if good and len(frames) >= least and frames.size and (size is None or frames.shape[1:3] == tuple(size)):
        return
    height, width = size or ("H", "W")
    way_out = "; resize the frames, or set size=(height, width) to theirs" if good and size else ""
    expected = f"RGB frames as uint8 (T, {height}, {width}, 3), T ≥ {least}"
    raise ValueError(f"{who} takes {expected}, got {brief(frames)}{way_out}")


def check_wave(wave, who):
    """Raise ValueError unless `wave` is floating point (N,), N ≥ 1, and finite."""
    good = isinstance(wave, np.ndarray) and wave.ndim == 1 and np.issubdtype(wave.dtype, np.floating)
    if not good or not len(wave):
        raise ValueError(f"{who} takes a mono wave as float32 (N,) in [-1, 1], N ≥ 1, got {brief(wave)}")
    if not np.isfinite(wave).all():
        raise ValueError(f"{who} takes a finite wave, got one with NaN or infinite samples")


def brief(value):
    """A value, short enough for an error message."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}"
    return f"{type(value).__name__} {value!r}"[:60]


def _is_whole(value, least):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= least

"""Read a sequence of poses, as a depth camera or a motion capture gives it, from a .npy file of plain numbers."""
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vmm_lab.files import DAMAGED
from vmm_lab.media.errors import MediaError

WANTED = "a pose sequence is saved by np.save as numbers of shape (frames, joints, 2 or 3)"


def is_poses(path: str | os.PathLike) -> bool:
    """Tell whether a file is a pose sequence, by its name.

    >>> is_poses("wave.npy"), is_poses("wave.mp4")
    (True, False)
    """
    return Path(path).suffix.lower() == ".npy"


def read_poses(path: str | os.PathLike) -> NDArray[np.float64]:
    """Return float64 (frames, joints, 2 or 3); a joint that is missing in a frame is NaN there.

    Missing is what the file says so by NaN or infinity, and a joint that is exactly 0, as trackers write what they did
    not find. One joint that is 0 in all frames is there if the others lie around it: all is told relative to it.
    Several such joints, like those of a second person who is not there, are missing.
    Raises MediaError, in one sentence, for anything else, and for pickled objects, which could run code.
    """
    try:
        found = np.lib.format.open_memmap(path, mode="r")
    except PermissionError:
        raise MediaError(f"{path}: reading it is not permitted; change its permissions.") from None
    except DAMAGED as error:
        reason = "is no whole .npy file"
        if "magic" in str(error):  # as NumPy says it
            reason = "is no .npy file, whatever its name says"
        elif "objects" in str(error):
            reason = "holds pickled objects, which could run code"
        raise MediaError(f"{path}: {reason}; {WANTED}.") from None
    if found.dtype.kind not in "iuf":
        raise MediaError(f"{path}: holds values of type {found.dtype} instead of numbers; {WANTED}.")
    if found.ndim != 3 or found.shape[2] not in (2, 3) or not found.size:
        raise MediaError(f"{path}: has the shape {found.shape}; {WANTED}.")
    poses = np.array(found, np.float64)
    poses[~np.isfinite(poses).all(axis=2)] = np.nan
    zero = (poses == 0).all(axis=2)
    always = zero.all(axis=0)
    poses[zero & ~always] = np.nan
    if always.sum() != 1 or not _around_zero(poses[:, ~always]):
        poses[:, always] = np.nan
    return poses


def _around_zero(poses: NDArray[np.float64]) -> bool:
    """Tell whether 0 lies within the joints (T, n, D) of most frames, or no farther out than half of their extent."""
    seen = poses[np.isfinite(poses).any(axis=(1, 2))]
    if not len(seen):
        return False
    low, high = (np.median(edge(seen, axis=1), axis=0) for edge in (np.nanmin, np.nanmax))
    return bool((np.abs(low + high) <= 2 * (high - low)).all())

"""Keep descriptions on disk under a name made of what they depend on, so that none is computed twice."""
import functools
import hashlib
import os
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from vmm_lab.features.base import Feature
from vmm_lab.features.segment import Segment
from vmm_lab.files import atomic_write, sha256


def entry_of(feature: Feature, segment: Segment, recipe: str, folder: Path) -> Path | None:
    """Return the path of a cache entry; None where the file cannot be read, which `read` will say better."""
    if feature.modality == "words":
        what = ["words", segment.caption]
    else:
        try:
            what = [content_hash(segment.path, folder / "hashes"), segment.start, segment.end]
        except OSError:
            return None
    key = hashlib.sha256(repr((recipe, what)).encode()).hexdigest()
    return folder / type(feature).__name__ / key[:2] / f"{key}.npz"


def load(entry: str | os.PathLike, *, whole: bool = True) -> tuple[Any, float] | None:
    """Read (description, seconds) of a cache entry, or None where there is none or it is damaged.

    whole: False reads the seconds alone, and gives None for the description.
    """
    try:
        with np.load(entry, allow_pickle=False) as stored:
            seconds = float(stored["seconds"])
            if not whole:
                return None, seconds
            description = stored["description"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return (description.item() if description.dtype.kind == "U" else description), seconds


def store(entry: Path, description: Any, seconds: float) -> bool:
    """Write a cache entry and tell whether it could be written; where not, warn that the work goes on without."""
    return _write(entry, lambda file: np.savez(file, description=description, seconds=seconds))


def content_hash(path: str | os.PathLike, memory: Path) -> str:
    """Compute the SHA-256 of a file; not again while its size and times stand, as noted in the folder `memory`."""
    state = os.stat(path)
    stamp = repr((os.path.abspath(path), state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    return _hash_once(str(path), stamp, memory)


@functools.lru_cache(maxsize=100_000)
def _hash_once(path: str, stamp: str, memory: Path) -> str:
    note = memory / hashlib.sha256(stamp.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        known = note.read_text()
        if len(known) == 64:
            return known
    except OSError:
        pass
    digest = sha256(path)
    _write(note, lambda file: file.write(digest.encode()))
    return digest


def _write(path: Path, write) -> bool:
    try:
        atomic_write(path, write)
    except OSError as error:
        text = f"nothing is cached in {path.parents[1]}: {error.strerror}; the work goes on without"
        warnings.warn(text, stacklevel=2)
        return False
    return True

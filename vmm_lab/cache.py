"""Keep descriptions on disk under a name made of what they depend on, so that none is computed twice."""
import bisect
import contextlib
import functools
import hashlib
import itertools
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from vmm_lab.files import DAMAGED, atomic_write, sha256
from vmm_lab.fingerprint import fingerprint, is_ours


def entry_of(feature: Any, segment: Any, recipe: str, folder: Path) -> Path | None:
    """Return the path of the entry of a `Feature` for a `Segment`; None where it is uncertain, or a file unreadable.

    recipe: `feature.fingerprint()`, which is the same for all rows.
    """
    try:
        read = [content_hash(path, folder / "hashes") for path in feature.sources(segment)]
    except OSError:  # `read` will say it better
        return None
    parts = [recipe, read, segment.start, segment.end]
    parts += [segment.columns[name] for name in feature.read_columns if name in segment.columns]
    ours = is_ours(type(feature))
    if not ours or feature.modality == "words":  # a picture stays the same when its caption is corrected
        parts.append(segment.caption)
    if not ours:  # it may read anything else that belongs to the row
        parts += [os.path.abspath(segment.path), dict(segment.columns), sidecars(segment.path)]
    key = fingerprint(parts)
    return folder / type(feature).__name__ / key[:2] / f"{key}.npz" if key else None


def sidecars(path: str | os.PathLike) -> list[tuple[str, int, int]]:
    """Return (name, size, time) of the files next to a file that have its stem: a.txt, a.depth.npy next to a.mp4."""
    folder, name = os.path.split(os.path.abspath(path))
    try:
        names = _names_in(folder, os.stat(folder).st_mtime_ns)
    except OSError:
        return []
    stem = os.path.splitext(name)[0] + "."
    first = bisect.bisect_left(names, stem)
    found = []
    for other in itertools.takewhile(lambda other: other.startswith(stem), names[first:]):
        state = os.stat(os.path.join(folder, other))
        found += [(other, state.st_size, state.st_mtime_ns)] if other != name else []
    return found


@functools.lru_cache(maxsize=16)
def _names_in(folder: str, time: int) -> list[str]:
    return sorted(os.listdir(folder))


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
            return (description.item() if description.dtype.kind == "U" else description), seconds
    except DAMAGED:
        return None


def store(entry: Path, description: Any, seconds: float) -> bool:
    """Write a cache entry and tell whether it could be written; where not, warn that the work goes on without."""
    return _write(entry, lambda file: np.savez(file, description=description, seconds=seconds))


def content_hash(path: str | os.PathLike, memory: Path) -> str:
    """Compute the SHA-256 of a file; not again while its size and times stand, as noted in the folder `memory`."""
    state = os.stat(path)
    stamp = repr((os.path.abspath(path), state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    return _hash_once(str(path), stamp, memory)


@functools.lru_cache(maxsize=1000)  # the rows of one film follow each other
def _hash_once(path: str, stamp: str, memory: Path) -> str:
    note = memory / hashlib.sha256(stamp.encode("utf-8", "surrogatepass")).hexdigest()
    with contextlib.suppress(OSError):
        known = note.read_text()
        if len(known) == 64:
            return known
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

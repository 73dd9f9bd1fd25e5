"""Write files whole, take locks, hash, and tell where the cache and the generated data are."""
import contextlib
import ctypes
import functools
import hashlib
import os
import re
import shutil
import struct
import sys
import time
import tokenize
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import filelock
import platformdirs

PART = re.compile(r"\.part-[0-9a-f]{32}(\..*)?")
ABANDONED = 24 * 3600  # seconds without a write after which a part is what a killed process left
#: What NumPy, zipfile, json and skops raise on damaged files, from fields that make no sense.
DAMAGED = (
    OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError, MemoryError, RuntimeError,
    SyntaxError, ImportError, AssertionError, tokenize.TokenError, struct.error, zipfile.BadZipFile, zlib.error,
)


def cache_dir() -> Path:
    """Return the folder of all that can be fetched or computed again; `VMM_LAB_CACHE` moves it."""
    return Path(os.environ.get("VMM_LAB_CACHE") or platformdirs.user_cache_dir("vmm_lab", appauthor=False)).expanduser()


def data_dir() -> Path:
    """Return the folder of generated data: `data/` of a checkout, else one in the cache; `VMM_LAB_DATA` moves it."""
    if os.environ.get("VMM_LAB_DATA"):
        return Path(os.environ["VMM_LAB_DATA"]).expanduser()
    checkout = Path(__file__).resolve().parents[1]
    in_checkout = (checkout / "pyproject.toml").is_file() and os.access(checkout / "data", os.W_OK)
    return checkout / "data" if in_checkout else cache_dir() / "data"


def sha256(path: str | os.PathLike) -> str:
    """Compute the SHA-256 of a file, as 64 hexadecimal digits; OSError where it cannot be read."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Give a path next to `path` to write to, and rename it into place at the end: nobody ever meets half a file.

    Folders that are missing are made. Where the block raises, or the process is killed, what was there before stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(path)
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def part_of(path: Path) -> Path:
    """Return a name that is new next to `path`, to write to and then rename; what was killed a day ago is removed."""
    _sweep(str(path.parent))
    # The ending stays, because writers of media choose the format by it.
    return path.with_name(f".part-{uuid.uuid4().hex}{path.suffix}")


@functools.lru_cache(maxsize=5000)
def _sweep(folder: str) -> None:
    """Remove from a folder, once in a process, the parts that nobody has written to for a day."""
    with contextlib.suppress(OSError):
        for left in [left for left in Path(folder).iterdir() if PART.fullmatch(left.name)]:
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def atomic_write(path: str | os.PathLike, write: Callable[[BinaryIO], object]) -> None:
    """Write a file whole or not at all: `write(file)` gets it open for bytes; OSError where it cannot be written."""
    with atomic_path(path) as part, open(part, "wb") as file:
        write(file)


def write_text(path: str | os.PathLike, text: str) -> Path:
    """Write text as UTF-8, whole or not at all, and return the path; OSError where it cannot be written."""
    atomic_write(path, lambda file: file.write(text.encode()))
    return Path(path)


@contextlib.contextmanager
def lock(path: str | os.PathLike, *, timeout: float = -1) -> Iterator[None]:
    """Hold the lock file `path` against other processes and threads; TimeoutError after `timeout` seconds (-1: never).

    Waiting is said once, on stderr, and can be interrupted. A file system without locks (some network drives) is used
    without one, because waiting there would never end.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    held, waits = filelock.FileLock(path), [1, -1] if timeout < 0 else [timeout]
    with contextlib.ExitStack() as stack:
        for wait in waits:
            try:
                stack.enter_context(held.acquire(timeout=wait))
                break
            except filelock.Timeout:
                if wait == waits[-1]:
                    raise
                print(f"Waiting for another process that uses {Path(path).parent}; interrupt to stop.", file=sys.stderr)
            except (NotImplementedError, OSError):
                break
        yield


@contextlib.contextmanager
def no_stderr() -> Iterator[None]:
    """Send standard error nowhere, that of C++ as well; exceptions come through.

    TensorFlow 2.21 writes its first notes (no GPU, oneDNN is on) before it reads TF_CPP_MIN_LOG_LEVEL, so the file
    descriptor itself has to be turned away.
    """
    with contextlib.suppress(AttributeError, ValueError, OSError):  # None under pythonw, or closed
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # closed: nothing can be written to it
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def return_freed_memory() -> bool:
    """Give memory that was freed back to the system, and tell whether it could be: glibc keeps it in pieces."""
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (AttributeError, OSError, TypeError):  # another C library
        return False

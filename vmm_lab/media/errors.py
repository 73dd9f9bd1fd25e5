"""Name what can go wrong with a media file, and put it in one sentence: file, reason, way out."""
import os
import stat
from pathlib import Path

import av

#: What PyAV and libav throw on damaged bytes: their own errors, and plain Python ones from fields that make no sense.
DECODER_ERRORS = (av.FFmpegError, OSError, ValueError, ArithmeticError, LookupError, RuntimeError, MemoryError)
#: Those of them that are no mistake of ours, wherever they come from.
FAILURES = (av.FFmpegError, OSError, MemoryError)

PLAY_IT = "check that it plays in a video player"


class MediaError(ValueError):
    """Say that a media file cannot be read or written: the file, the reason and the way out."""


class Damaged(Exception):
    """Stop reading at damage; the text says what and where, and the verbs of Media add the way out."""


def check_path(path: str | os.PathLike) -> Path:
    """Return the path of a regular file; anything else (nothing, a folder, an endless pipe) raises MediaError."""
    if not isinstance(path, (str, os.PathLike)):
        raise MediaError(f"open_media takes the path of a file as text, not {type(path).__name__}; pass str(path).")
    text = os.fspath(path)
    if not text:
        raise MediaError("open_media got an empty path; name a file.")
    try:
        path = Path(os.fsdecode(text))
        mode = os.stat(path).st_mode
    except PermissionError:
        raise MediaError(f"{text}: its folder may not be entered; change the folder's permissions.") from None
    except (OSError, ValueError):
        is_address = "://" in str(text)
        way_out = "vmm_lab reads local files: download it first" if is_address else "check the spelling and the folder"
        raise MediaError(f"{text}: no such file; {way_out}.") from None
    if stat.S_ISDIR(mode):
        raise MediaError(f"{path}: is a folder, not a media file; open the files in it, or pass it to load_table.")
    if not stat.S_ISREG(mode):
        raise MediaError(f"{path}: is not a regular file; copy its content into one first.")
    return path


def explain(error: Exception) -> str:
    """Put an exception of libav's into a few plain words: the reason and the way out."""
    if isinstance(error, PermissionError):
        return "reading it is not permitted; change its permissions"
    if isinstance(error, FileNotFoundError):
        return "no such file; check the spelling and the folder"
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is; check that it plays, and convert it to a smaller size"
    if isinstance(error, av.error.InvalidDataError):
        return f"is not media that can be understood, or it is cut off; {PLAY_IT}, or copy or convert it again"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"cannot be read ({text.splitlines()[0].rstrip('.')}); {PLAY_IT}, or convert it again"

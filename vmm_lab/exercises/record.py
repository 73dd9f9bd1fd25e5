"""What a learner has tried and done, kept in one small JSON file that several kernels may write at once."""
import contextlib
import json
import os
from datetime import datetime, timezone

from vmm_lab.files import data_dir

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

BLANK = {"tries": 0, "hints": 0, "solution": False, "done": None}


def path():
    """Where the record is: `progress.json` in the folder of generated data."""
    return data_dir() / "progress.json"


def load():
    """{name: {"tries", "hints", "solution", "done"}}; empty where there is no file yet, or none that can be read.

    tries: answers checked until one was right. hints: how many were shown. solution: whether it was shown before the
    exercise was done. done: when, in UTC (ISO 8601), or None.
    """
    try:
        kept = json.loads(path().read_text(encoding="utf-8"))
        return {name: _entry(entry) for name, entry in kept.items() if isinstance(entry, dict)}
    except (OSError, ValueError, AttributeError):
        return {}


def note(name, event):
    """Add an event to the record of an exercise: "right", "wrong", "hint" or "solution"; OSError if it cannot be kept."""
    path().parent.mkdir(parents=True, exist_ok=True)
    with _alone():
        kept = load()
        if not kept and path().exists():
            os.replace(path(), path().with_suffix(".unreadable.json"))  # a person may still make sense of it
        entry = kept.setdefault(name, dict(BLANK))
        if event == "hint":
            entry["hints"] = min(2, entry["hints"] + 1)
        elif entry["done"] is None:
            entry["solution"] = entry["solution"] or event == "solution"
            entry["tries"] += event in ("right", "wrong")
            entry["done"] = datetime.now(timezone.utc).isoformat(timespec="seconds") if event == "right" else None
        write(path(), json.dumps(kept, indent=1, sort_keys=True) + "\n")


def write(target, text):
    """Write a text file as a whole or not at all."""
    partial = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        partial.write_text(text, encoding="utf-8", newline="")
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def _entry(entry):
    """A record with every field, of the right type, whoever edited the file."""
    kinds = {"tries": int, "hints": int, "solution": bool, "done": str}
    return {key: entry[key] if type(entry.get(key)) is kind else BLANK[key] for key, kind in kinds.items()}


@contextlib.contextmanager
def _alone():
    """Only one process at a time: reading, changing and writing belong together. The system frees a dead owner's lock."""
    with open(path().with_suffix(".lock"), "a") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        else:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            if not fcntl:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

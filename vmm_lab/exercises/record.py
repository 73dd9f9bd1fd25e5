"""Keep what a learner has tried and done in one small JSON file that several kernels may write at once."""
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from vmm_lab.files import atomic_write, data_dir, lock

BLANK = {"tries": 0, "hints": 0, "solution": False, "done": None}
_KINDS = {"tries": int, "hints": int, "solution": bool, "done": str}
_COURSE = 2  # the second numbering of the notebooks; a record without a number is of the first
_RENUMBERED = {"06": "07", "07": "08", "08": "09", "09": "10", "10": "12", "11": "13", "12": "14", "13": "16"}
_MOVED = {"05.purity": "06.purity"}  # exercises of the first course whose notebook became two


def path() -> Path:
    """Return where the record is: `progress.json` in the folder of generated data."""
    return data_dir() / "progress.json"


def load() -> dict[str, dict]:
    """Return {name: {"tries", "hints", "solution", "done"}}; empty if there is no file yet, or none that can be read.

    tries: answers checked until one was right. hints: how many were shown. solution: whether it was shown before the
    exercise was done. done: when, in UTC (ISO 8601), or None.
    """
    return _read() or {}


def note(name: str, event: str) -> None:
    """Add "right", "wrong", "hint" or "solution" to the record of an exercise; OSError if it cannot be kept."""
    with lock(path().with_suffix(".lock")):
        kept = _read()
        if kept is None:
            os.replace(path(), path().with_suffix(".unreadable.json"))  # a person may still make sense of it
            kept = {}
        entry = kept.setdefault(name, dict(BLANK))
        if event == "hint":
            entry["hints"] = min(2, entry["hints"] + 1)
        elif entry["done"] is None:
            entry["solution"] = entry["solution"] or event == "solution"
            entry["tries"] += event in ("right", "wrong")
            entry["done"] = datetime.now(UTC).isoformat(timespec="seconds") if event == "right" else None
        text = json.dumps({"course": _COURSE, **kept}, indent=1, sort_keys=True) + "\n"
        atomic_write(path(), lambda file: file.write(text.encode()))


def _read() -> dict[str, dict] | None:
    """Read the record, with every field of the right type; None if the file makes no sense."""
    try:
        kept = json.loads(path().read_text(encoding="utf-8"))
        entries = {name: {key: entry[key] if type(entry.get(key)) is _KINDS[key] else BLANK[key] for key in BLANK}
                   for name, entry in kept.items() if isinstance(entry, dict)}
        if kept.get("course") != _COURSE:
            entries = {_present_name(name): entry for name, entry in entries.items()}
        return entries if entries or kept.keys() <= {"course"} else None
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError):
        return None


def _present_name(name: str) -> str:
    """Return what the exercise is called that had this name in the first course."""
    number, dot, word = name.partition(".")
    return _MOVED.get(name, _RENUMBERED.get(number, number) + dot + word)

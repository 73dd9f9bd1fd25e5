"""Copy the notebooks of the installed package into a folder of the learner's, and never over one that was changed."""
import json
import os
import shutil
from pathlib import Path

from vmm_lab.files import atomic_path, sha256, write_text

FOLDER = "vmm_lab_course"  # where they are copied to, below the folder in which the command runs
RECORD = ".course.json"  # in that folder: {"copied": {name: SHA-256}, "told": {name: SHA-256}}
PACKAGE = Path(__file__).resolve().parents[1]


def listed(folder: str | os.PathLike) -> list[Path]:
    """List the notebooks of a course in a folder, `00_welcome.ipynb` and so on, in order."""
    return sorted(Path(folder).glob("[0-9][0-9]_*.ipynb"))


def find() -> Path | None:
    """Find a folder with the course: that of the checkout, or one in or below the present folder; None without one."""
    here = Path.cwd()
    places = [PACKAGE.parent / "notebooks", here / "notebooks", here, here / FOLDER]
    return next(filter(listed, places), None)


def bring(folder: str | os.PathLike) -> list[str]:
    """Copy the notebooks into a folder and return sentences about it, none where there was nothing to do.

    A notebook that is missing is copied; one that is as it was copied follows the installed version; one that was
    changed, by running it too, is kept, and a newer version of it is told once. ValueError if the package carries no
    notebooks, or the folder cannot be written.
    """
    folder = Path(folder).expanduser().absolute()
    source = next(filter(listed, (PACKAGE.parent / "notebooks", PACKAGE / "_notebooks")), None)
    if source is None:
        raise ValueError("the notebooks of the course are not here: neither a checkout of the project nor an "
                         "installed wheel is around this package; install it again with pip.")
    try:
        return [] if source == folder else _bring(source, folder)
    except OSError as error:
        raise ValueError(f"the notebooks cannot be copied into {folder} ({error.strerror or error}); "
                         "vmm-lab --folder DIR puts them elsewhere.") from None


def _bring(source: Path, folder: Path) -> list[str]:
    copied, told = _recorded(folder)
    new, kept = [], []
    for path in listed(source):
        target, version = folder / path.name, sha256(path)
        present = sha256(target) if target.is_file() else None
        if present == version:
            copied[path.name] = version
        elif present in (None, copied.get(path.name)):
            with atomic_path(target) as part:
                shutil.copyfile(path, part)
            copied[path.name] = version
            new.append(path.name)
        elif version not in (copied.get(path.name), told.get(path.name)):
            told[path.name] = version
            kept.append(path.name)
    text = json.dumps({"copied": copied, "told": told}, indent=1, sort_keys=True) + "\n"
    if not (folder / RECORD).is_file() or (folder / RECORD).read_text(encoding="utf-8") != text:
        write_text(folder / RECORD, text)
    sentences = [f"{len(new)} notebook{'s were' if len(new) > 1 else ' was'} copied into {folder}."] if new else []
    if kept:
        sentences.append(f"{', '.join(kept)}: you have changed {'it' if len(kept) == 1 else 'them'}, so yours is kept, "
                         "although there is a newer version; rename yours to get that one, too.")
    return sentences


def _recorded(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    try:
        kept = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return dict(kept["copied"]), dict(kept["told"])
    except (OSError, ValueError, TypeError, KeyError):
        return {}, {}  # then every file that is there counts as changed, and is kept

"""Help a teacher: a plan of lessons, the records of a class in one table, and which laptops are ready."""
import itertools
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from vmm_lab import assets
from vmm_lab.exercises.exercise import catalogue, titles
from vmm_lab.tables import read_csv

from .notebooks import find, listed

COLUMNS = {"notebook", "exercise", "tries", "hints", "solution", "done"}


def lesson_plan(folder: str | os.PathLike | None = None) -> pd.DataFrame:
    """Return a row per notebook of the course: number, title, minutes to read, how long it runs, exercises, stars.

    The minutes are those that each notebook states below its title; `folder` is where they are (default: `find()`).
    ValueError if there are no notebooks.
    """
    folder = folder or find() or Path(__file__).resolve().parents[1] / "_notebooks"
    rows = []
    for path in listed(folder):
        first = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])
        minutes = re.search(r"About (\d+) minutes to read[;,] ([^.]*?) to run", first)
        done = [e for e in catalogue().values() if e.notebook == path.name[:2]]
        rows.append({"notebook": path.name[:2], "title": re.sub(r"^# (\d\d · )?", "", first.splitlines()[0]),
                     "minutes": int(minutes[1]) if minutes else None, "runs": minutes[2] if minutes else "",
                     "exercises": len(done), "stars": sum(e.stars for e in done)})
    if not rows:
        raise ValueError(f"there are no notebooks of the course in {folder}; `vmm-lab` copies them there.")
    return pd.DataFrame(rows).astype({"minutes": "Int64"})


def before_the_lesson() -> list[str]:
    """Return what to do before the lesson, with how long it took where it was measured (`bench_install.py`)."""
    measured = assets.results("install")
    took = measured.apply("{seconds:.0f} s; {processor_seconds:.0f} s of work".format_map, axis=1)
    return [
        'On each laptop: python -m pip install "vmm-lab[lab]", in an environment of its own; 3 GB '
        f"({took.loc['install the wheel with the lab']}).",
        "vmm-lab fetch brings all media and weights, so that the lesson needs no network "
        f"({took.loc['fetch all media and weights']}); or copy the cache folder that vmm-lab check names.",
        "vmm-lab check --json NAME.json tells whether the laptop is ready; vmm-lab teach FOLDER reads these files.",
        'In the lesson: vl.progress(to="NAME.csv") writes what a learner has done; vmm-lab teach FOLDER reads it, too.',
        f"Times: {measured.attrs['machine']}, {measured.attrs['date']}; a slow line or a busy computer takes longer.",
    ]


def gather(paths: Iterable[str | os.PathLike]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str]]:
    """Gather the files of a class, .csv and .json, in folders or one by one: (records, laptops, unread).

    records: a row per learner, who is named as the file (behind its folder, where several files share a name), with a
    column "03" of exercises done for each notebook, and done, of, tries, hints and solutions in all. laptops: a row per
    `vmm-lab check --json`, named likewise: ready, and what is missing. unread: {path: why}, for what is neither.
    FileNotFoundError if a path does not exist.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist; give the folder of the class's files.")
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in (".csv", ".json"))
        files += inside if path.is_dir() else [path]
    learners: dict[Path, dict] = {}
    laptops: dict[Path, dict] = {}
    unread = {}
    for path in {path.absolute(): path for path in files}.values():
        try:
            content = _read(path)
            if isinstance(content, dict):
                laptops[path] = content
            else:
                learners[path] = _counts(content)
        except (ValueError, OSError) as error:
            unread[str(path)] = " ".join(str(error).split())
    return _rows("learner", learners), _rows("laptop", laptops), unread


def _rows(kind: str, found: dict[Path, dict]) -> pd.DataFrame:
    """Return a row per file; names that are shared get as many folders before them as tell all of them apart."""
    places = {path: path.absolute().with_suffix("").parts for path in found}
    rows = []
    for path, row in found.items():
        alike = {place for place in places.values() if place[-1] == path.stem}
        depth = next(k for k in itertools.count(1) if len({place[-k:] for place in alike}) == len(alike))
        rows.append({kind: "/".join(places[path][-depth:]), **row})
    return pd.DataFrame(rows)


def _read(path: Path) -> dict | pd.DataFrame:
    """Read one file: a dict of a laptop's check, or the rows of a learner's progress."""
    if path.suffix.lower() == ".json":
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if isinstance(content, dict) and isinstance(content.get("ready"), bool):
            missing = [str(word) for key in ("missing", "not_fetched") for word in content.get(key) or []]
            return {"ready": content["ready"], "missing": ", ".join(missing), "version": content.get("version")}
        rows = pd.DataFrame(content if isinstance(content, list) else [])
    else:
        rows = read_csv(path, str)
    if not set(rows.columns) >= COLUMNS:
        raise ValueError("it is neither written by vl.progress(to=…) nor by vmm-lab check --json.")
    return rows


def _counts(rows: pd.DataFrame) -> dict[str, object]:
    known = rows["exercise"].isin(list(catalogue()))
    if not known.all():
        raise ValueError(f"there is no exercise {rows['exercise'][~known].iloc[0]!r} in this version of the course.")
    rows = rows.drop_duplicates("exercise", keep="last")
    done = rows["done"].fillna("").astype(str).str.len() > 0
    numbers = rows["exercise"].str[:2]
    by_notebook = {number: int(done[numbers == number].sum()) for number in sorted(titles())}
    tries, hints = (int(pd.to_numeric(rows[name]).sum()) for name in ("tries", "hints"))
    shown = rows["solution"].astype(str).str.lower() == "true"
    return {"done": int(done.sum()), "of": len(catalogue()), "tries": tries, "hints": hints,
            "solutions": int(shown.sum()), **by_notebook}

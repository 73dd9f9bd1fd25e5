"""Render films once: each into its place below a folder, in parallel, resumable, one process at a time."""
import json
import os
from pathlib import Path

import cv2
import numpy as np
from joblib import Parallel, delayed
from tqdm.auto import tqdm

from ..files import data_dir, lock


def render_missing(plans, root, render, n_jobs, title, unit, *, few=2):
    """Render each plan that has no film yet, by `render(plan, path)`, in `n_jobs` processes.

    A plan has a `file`, its path below `root`. The film is written last: where there is one, its truth is next to it.
    Up to a `few` films are rendered sooner without processes, which cost about a second to start.
    Raises ValueError for n_jobs that is none, and for a folder that cannot be made.
    """
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise ValueError(f"n_jobs is how many processes render, or -1 for one per core, not {n_jobs!r}.")
    if not _missing(plans, root):
        return
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{root}: the theatre cannot make this folder ({error.strerror}); "
                         "give another one, or set VMM_LAB_DATA.") from None
    with lock(root / ".lock"):
        missing = _missing(plans, root)  # none where another process was first, which may be writing its table now
        for left in root.glob("**/.*part*") if missing else ():  # half a file of a process that was killed
            left.unlink(missing_ok=True)
        work = Parallel(n_jobs=1 if len(missing) <= few else n_jobs, return_as="generator_unordered")(
            delayed(_render_one)(render, plan, root / plan.file) for plan in missing)
        for _ in tqdm(work, total=len(missing), desc=f"rendering {title}", unit=unit):
            pass


def _missing(plans, root):
    return [plan for plan in plans if not (root / plan.file).is_file()]


def _render_one(render, plan, path):
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)        # films are the parallel work; threads inside them would get in each other's way
    try:
        render(plan, path)
    finally:
        cv2.setNumThreads(threads)


def folder_of(folder, kind, name):
    """Return the absolute path of the folder `name`, in `folder` or, by default, in that of a kind of generated data.
    """
    root = Path(folder).expanduser() if folder is not None else data_dir() / kind
    return Path(os.path.abspath(root)) / name


def stored_truth(path, names, maker):
    """Return what lies as JSON next to a film, by its path or a row of the table: an object that has all `names`."""
    path = Path(path if isinstance(path, (str, os.PathLike)) else path["path"])
    try:
        stored = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        if set(names) <= set(stored):
            return stored
    except (OSError, ValueError, TypeError):
        pass
    raise ValueError(f"there is no ground truth next to {path}: give a path from the table of theatre.{maker}.")

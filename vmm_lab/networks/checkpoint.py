"""A training's arrays and facts go into one .npz file, whole or not at all, and come out of it as they were."""
import json
import os
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np


def write_checkpoint(path, now, best, facts, training):
    """Write two lists of arrays, the facts and what training they are of beside `path`, and rename into it.

    A kill leaves the checkpoint before; so does a full disk, which is warned of.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    arrays = {f"now_{k}": value for k, value in enumerate(now)} | {f"best_{k}": value for k, value in enumerate(best)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb") as file:
            np.savez(file, facts=json.dumps(facts), training=json.dumps(training), **arrays)
        os.replace(part, path)
    except OSError as error:
        if part.is_file():
            part.unlink()
        warnings.warn(f"The checkpoint {path} was not written ({error.strerror}); the training goes on.", stacklevel=2)


def read_checkpoint(path, name, now, best, training):
    """(now, best, facts) of the file, two lists of arrays of the shapes that are given; None without such a file.

    Raises ValueError for a file that is no checkpoint, or one of another model or training.
    """
    if not os.path.exists(path):
        return None
    start = "give another path, or delete it to train from the start."
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts, found = json.loads(stored["facts"].item()), json.loads(stored["training"].item())
            arrays = {key: stored[key] for key in stored.files if key not in ("facts", "training")}
    except (OSError, ValueError, KeyError, EOFError, TypeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is not a checkpoint of {name} ({type(error).__name__}); {start}") from None
    wanted = {f"now_{k}": tuple(shape) for k, shape in enumerate(now)} | {f"best_{k}": tuple(shape) for k, shape in enumerate(best)}
    if {key: value.shape for key, value in arrays.items()} != wanted:
        raise ValueError(f"{path} is a checkpoint of another model than {name}; {start}")
    for what, value in training.items():
        if found.get(what) != value:
            raise ValueError(f"{path} is a checkpoint of another training of {name}: its {what} were {found.get(what)}, and not {value}; {start}")
    return [arrays[f"now_{k}"] for k in range(len(now))], [arrays[f"best_{k}"] for k in range(len(best))], facts

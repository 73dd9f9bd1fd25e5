"""A model in training goes into one .npz file, whole or not at all, and comes out of it as it was: weights, optimiser, history."""
import json
import os
import tempfile
import warnings
import zipfile
from pathlib import Path

import numpy as np


def write_checkpoint(path, model, best, best_loss, facts):
    """Write beside `path` and rename into it; a kill, or a full disk, leaves the checkpoint before. Does nothing for None."""
    if path is None:
        return
    path = Path(path)
    arrays = {f"now_{k}": np.asarray(value) for k, value in enumerate(_state(model))}
    arrays |= {f"best_{k}": value for k, value in enumerate(best)}
    part = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
            np.savez(part, facts=json.dumps(facts | {"best_loss": best_loss}), **arrays)
        os.replace(part.name, path)
    except OSError as error:
        if part is not None:
            Path(part.name).unlink(missing_ok=True)
        warnings.warn(f"The checkpoint {path} was not written ({error.strerror}); the training goes on.", stacklevel=2)


def read_checkpoint(path, model):
    """(best weights, their loss, facts), the model and its optimiser set to what was stored; None without such a file.

    Raises ValueError for a file that is no checkpoint, or one of another model.
    """
    if path is None or not Path(path).exists():
        return None
    model.optimizer.build(model.trainable_variables)
    state, weights = _state(model), model.get_weights()
    try:
        with np.load(path, allow_pickle=False) as stored:
            facts = json.loads(stored["facts"].item())
            now = [stored[f"now_{k}"] for k in range(len(state))]
            best = [stored[f"best_{k}"] for k in range(len(weights))]
            more = f"now_{len(state)}" in stored
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is not a checkpoint of {model.name} ({type(error).__name__}); give another path, or delete it "
                         "to train from the start.") from None
    if more or any(tuple(a.shape) != tuple(b.shape) for a, b in zip([*state, *weights], [*now, *best])):
        raise ValueError(f"{path} is a checkpoint of another model than {model.name}; give another path, or delete it to "
                         "train from the start.")
    for variable, value in zip(state, now):
        variable.assign(value)
    return best, facts.pop("best_loss"), facts


def _state(model):
    """The variables that training changes: weights, the seeds of dropout, and what the optimiser remembers."""
    model.optimizer.build(model.trainable_variables)
    metrics = {id(variable) for variable in model.metrics_variables}
    return [v for v in model.variables if id(v) not in metrics] + list(model.optimizer.variables)

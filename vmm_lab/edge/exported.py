"""Run a model that `export` wrote: one folder with the model, its labels and what a picture must look like."""
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..files import DAMAGED, no_stderr, sha256
from .convert import need

Run = Callable[..., list[NDArray]]


@dataclass
class Exported:
    """Represent an exported model: `predict` gives probabilities, `run` all outputs, `facts` what model.json says."""

    facts: dict[str, Any]
    run: Run = field(repr=False)
    folder: Path | None = None

    @property
    def labels(self) -> list[str]:
        """Return the names of the classes, in the order of the probabilities."""
        return self.facts["labels"]

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one row of the first input."""
        return tuple(self.facts["inputs"][0]["shape"])

    def predict(self, X: ArrayLike) -> NDArray[np.float32]:
        """Compute probabilities float32 (n, classes) of rows (n, …); ValueError where they are not of its shape."""
        X = np.asarray(X)
        if X.shape[1:] != self.shape:
            raise ValueError(f"The rows have the shape {X.shape[1:]}, and the exported model takes {self.shape}; "
                             "prepare them as the preprocessing of its model.json says.")
        looks = self.facts["preprocessing"].get("range")
        if X.size and (looks == [0, 255] and X.dtype.kind == "f" and X.max() <= 1 or looks == [0, 1] and X.max() > 32):
            raise ValueError(f"The exported model takes pixels from {looks[0]} to {looks[1]}, and the rows are from "
                             f"{X.min():g} to {X.max():g}; prepare them as the preprocessing of its model.json says.")
        X = X.astype(self.facts["inputs"][0]["dtype"], copy=False)
        if not len(X):
            return np.zeros((0, len(self.labels)), np.float32)
        return both(np.concatenate([self.run(row[None])[0] for row in X]))


def both(answers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities of both classes where a model gives that of the second alone."""
    return np.concatenate([1 - answers, answers], axis=1) if answers.shape[1] == 1 else answers


def runner(to: str, model: bytes, *, threads: int = 1) -> Run:
    """Return run(*arrays) → outputs, arrays in the order of the model's inputs, one row at a time."""
    if to == "onnx":
        need("onnxruntime")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [part.name for part in session.get_inputs()]
        return lambda *arrays: session.run(None, dict(zip(names, arrays, strict=True)))
    need("ai_edge_litert")
    with no_stderr():  # the library writes a line past Python
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(model_content=model, num_threads=threads)
        interpreter.allocate_tensors()
        call = interpreter.get_signature_runner()
    (signature,) = interpreter.get_signature_list().values()
    inputs, outputs = sorted(signature["inputs"]), sorted(signature["outputs"])  # their names end in their number

    def run(*arrays: NDArray) -> list[NDArray]:
        answers = call(**dict(zip(inputs, arrays, strict=True)))
        return [answers[name] for name in outputs]

    return run


def run_rows(run: Run, rows: Sequence[NDArray]) -> list[NDArray]:
    """Run each row alone, as a stream does, and return the outputs, one array (n, …) each."""
    answers = [run(*(part[k:k + 1] for part in rows)) for k in range(len(rows[0]))]
    return [np.concatenate(parts) for parts in zip(*answers)]


def aside(folder: Path) -> Path:
    """Return where an export lies while another takes its place: it is found there if that process is killed."""
    return folder.absolute().with_name(f".before-{folder.absolute().name}")


def load_exported(folder: str | os.PathLike, *, threads: int = 1) -> Exported:
    """Load what `export` wrote, to run it on so many threads; Keras and TensorFlow are not needed for that.

    Raises ValueError where the folder holds no exported model, or a file in it was changed.
    """
    folder = Path(folder)
    folder = aside(folder) if aside(folder).exists() and not folder.exists() else folder
    try:
        facts = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        path = folder / facts["file"]
        intact = sha256(path) == facts["sha256"]
        _ = [*map(str, facts["labels"]), *map(int, facts["inputs"][0]["shape"]), np.dtype(facts["inputs"][0]["dtype"])]
    except DAMAGED as error:
        raise ValueError(f"{folder} holds no exported model ({type(error).__name__}); `vmm-lab export` writes "
                         "one.") from None
    if not intact:
        raise ValueError(f"{path} is not the model that was exported: its SHA-256 differs; export it again.")
    return Exported(facts, runner(facts["format"], path.read_bytes(), threads=threads), folder)

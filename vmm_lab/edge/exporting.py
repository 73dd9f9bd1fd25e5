"""Export a trained network to one folder, after proving that the exported file answers as Keras does."""
import datetime
import hashlib
import importlib.metadata
import itertools
import json
import os
import re
import shutil
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import networks
from ..files import DAMAGED, part_of
from ..media.options import check_choice, check_number
from . import convert
from .exported import Exported, aside, load_exported, run_rows, runner
from .page import PAGE_FILES, add_page

PACKAGES = {"litert": ("vmm-lab", "tensorflow", "keras", "ai-edge-litert"),
            "onnx": ("vmm-lab", "tensorflow", "keras", "tf2onnx", "onnxruntime")}
TOLERANCE = 1e-4  # largest difference of a float model's outputs from Keras's
README = """# {name}

`{file}` is a network as a {kind} file. It takes {inputs} and gives the probabilities of {n} classes: {labels}.

Preprocessing, also in `model.json`: {preprocessing}

```python
from vmm_lab import edge
model = edge.load_exported("{folder}")
model.predict(X)                 # float32 (n, {n})
```

Against Keras on {rows} rows: largest difference {difference:.2g}, same answer on {same:.1%}. {size:,} bytes.
"""


def export(model: "networks.keras.Model | str | os.PathLike", folder: str | os.PathLike, *, to: str = "litert",
           quantize: str | None = None, labels: Sequence[str] | str | os.PathLike | None = None,
           calibration: "networks.Examples | NDArray | None" = None, seconds: float = 2.0) -> Exported:
    """Write a folder with the converted model, model.json and README.md, and return it, loaded from there.

    The converted model is compared with Keras's on the calibration rows, or on random ones, before anything is written
    and again as loaded from the folder: a float model may differ by 1e-4, no output may be NaN.

    Parameters
    ----------
    model : keras.Model, or the path of a saved pipeline of a network, or of a .keras file
    folder : a new folder, or one that an export wrote, which is replaced
    to : "litert" (phones, small computers), "onnx" (browsers, servers), or "page": ONNX, and a page for any static
        server that runs it on the camera of a phone or laptop, also as one file, single.html
    quantize : of LiteRT: None, "fp16", "dynamic" or "int8", as in `convert.to_bytes`
    labels : names of the classes in the order of the outputs, or a text file with one a line; a pipeline knows its own
    calibration : Examples, or rows as the model takes them; "int8" needs some, of every class
    seconds : how long the piece of a stream is that a model of several frames looks at

    Raises ValueError for a layer that does not convert, outputs that differ or are NaN, labels that do not fit, and a
    calibration set of one class; nothing is written then.
    """
    check_choice("export", (*convert.FORMATS, "page"), to=to)
    check_choice("export", (None, *convert.QUANTIZED), quantize=quantize)
    check_number("export", seconds=seconds)
    with_page, to = to == "page", "onnx" if to == "page" else to
    if to == "onnx" and quantize:
        raise ValueError(f'ONNX files are written as float; {quantize} needs to="litert".')
    target = _checked_folder(folder)
    model, known, preprocessing = source_of(model, seconds)
    labels = _labels(model, labels if labels is not None else known)
    rows = _rows(model, calibration, quantize, labels)
    expected = _answers(model, rows)
    if not is_probability(expected[0]):
        raise ValueError(f"{model.name} gives numbers that are no probabilities; end it with a layer whose activation "
                         "is softmax (sigmoid for one output).")
    data = convert.to_bytes(model, to, quantize=quantize, calibration=rows[0])
    parity = _parity(model.name, expected, run_rows(runner(to, data), rows), to, quantize)
    facts = {
        "name": model.name, "format": to, "file": convert.FORMATS[to], "quantize": quantize, "labels": labels,
        "inputs": [{"shape": list(part.shape[1:]), "dtype": part.dtype} for part in model.inputs],
        "outputs": [{"shape": list(part.shape[1:]), "dtype": part.dtype} for part in model.outputs],
        "preprocessing": preprocessing, "parity": parity, "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(), "date": datetime.date.today().isoformat(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES[to]}}
    part, old = part_of(target), aside(target)
    try:
        part.mkdir(parents=True)
        (part / facts["file"]).write_bytes(data)
        (part / "model.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        (part / "README.md").write_text(_readme(facts, target), encoding="utf-8")
        if with_page:
            add_page(part, facts)
        _parity(model.name, expected, run_rows(load_exported(part).run, rows), to, quantize)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
        try:
            part.rename(target)
        except OSError:  # as where another program holds a file
            if old.exists():
                old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return load_exported(target)


def is_probability(answers: NDArray) -> bool:
    """Tell whether rows of outputs (n, classes) are probabilities: from 0 to 1, several of them 1 in all; or NaN."""
    whole = answers.shape[-1] == 1 or not (np.abs(answers.sum(axis=-1) - 1) > 1e-3).any()
    return bool(whole and not (answers < 0).any() and not (answers > 1).any())


def source_of(model: Any, seconds: float = 2.0) -> "tuple[networks.keras.Model, list[str] | None, dict[str, Any]]":
    """Return (Keras model, labels or None, preprocessing) of a model, a saved pipeline of a network or a .keras file.

    ValueError for anything else, with what is wrong with it.
    """
    model, labels, feature = _network_of(model)
    return model, labels, _preprocessing(model, feature, seconds)


def read_rows(model: Any, table: Any) -> "networks.Examples":
    """Read a table as the rows that a model takes, to calibrate it or to compare with Keras; as in `export`.

    ValueError for a model whose rows cannot be read from files by their shape alone.
    """
    from .. import features

    model, labels, feature = _network_of(model)
    facts = _preprocessing(model, feature, seconds=2.0)
    if facts["kind"] == "frames":
        feature = features.Frames(size=(facts["height"], facts["width"]), n_frames=facts["n_frames"])
    elif feature is None:
        raise ValueError(f"{model.name} takes rows of shape {tuple(model.inputs[0].shape[1:])}, which are no frames; "
                         "give the saved pipeline, which knows its feature, or read them with load_examples.")
    read = networks.load_examples(table, feature, classes=labels, progress=False)
    return replace(read, X=np.float32(read.X / 255)) if facts.get("range") == [0, 1] else read


def _network_of(model):
    """(Keras model, labels or None, feature or None) of what `source_of` takes."""
    labels, feature = None, None
    if isinstance(model, (str, os.PathLike)) and str(model).endswith(".keras"):
        try:
            model = networks.keras.saving.load_model(model, compile=False)
        except DAMAGED as error:
            own = re.search(r"Could not locate class '(\w+)'", str(error))
            reason = (f"only your own code knows its class {own[1]}; call edge.export from there" if own else
                      "there is no such file" if not Path(model).exists() else
                      "it is no .keras file, or it is cut off" if not zipfile.is_zipfile(model) else
                      " ".join(str(error).partition("\n")[0].split())[:300].rstrip(".: "))
            raise ValueError(f"{model} cannot be loaded as a Keras model: {reason}.") from None
    elif not isinstance(model, networks.keras.Model):
        from ..tasks import NetworkMethod, load_pipeline

        if isinstance(model, (str, os.PathLike)) and str(model).endswith(".npz"):
            raise ValueError(f"{model} is a checkpoint, which holds weights and no layers; train on to its end, and "
                             "save the model with model.save(\"name.keras\").")
        method = load_pipeline(model) if isinstance(model, (str, os.PathLike)) else model
        if not isinstance(method, NetworkMethod):
            raise ValueError(f"{getattr(method, 'name', method)} is no network but a {type(method).__name__}; a "
                             "pipeline of a network, or a .keras file, can be exported.")
        model, labels, feature = method.network(), method.classes_.tolist(), method.recipe_.feature
    if not getattr(model, "built", False) or not model.inputs:
        raise ValueError(f"{model.name} is not built yet; call it once on data, or begin it with keras.Input.")
    several = [part.name for part in model.inputs if not part.name.startswith("input_")]
    if len(model.inputs) > 1 and several:
        raise ValueError(f"{model.name} takes {len(model.inputs)} inputs ({', '.join(several)}); export a network of "
                         "one modality.")
    shapes = [tuple(part.shape[1:]) for part in model.inputs]
    if any(None in shape for shape in shapes):
        raise ValueError(f"{model.name} takes inputs of shape {shapes[0]}, and a file has one size; build it with a "
                         "number in place of None.")
    if "string" in [part.dtype for part in model.inputs]:
        raise ValueError(f"{model.name} reads text, which neither file takes; export a network of pictures or sound.")
    return model, labels, feature


def _preprocessing(model, feature, seconds):
    """What a row must be: frames of a size, or what another feature describes."""
    shape = model.inputs[0].shape[1:]
    if len(shape) not in (3, 4) or shape[-1] != 3 or (feature is not None and type(feature).__name__ != "Frames"):
        return {"kind": "feature", "feature": repr(feature) if feature is not None else None}
    n = shape[0] if len(shape) == 4 else 1
    begin = itertools.takewhile(lambda layer: not layer.count_params(), _leaves(model))
    rescales = any(type(layer).__name__ == "Rescaling" and np.max(layer.scale) < 0.1 for layer in begin)
    scale = [0, 255] if rescales or np.dtype(model.inputs[0].dtype).kind in "iu" else [0, 1]
    return {"kind": "frames", "height": shape[-3], "width": shape[-2], "n_frames": n, "channels": "RGB", "range": scale,
            "seconds": float(seconds) if n > 1 else 0.0, "resize": "area",
            "frames": "those on screen at the centres of n_frames equal parts of the last `seconds`"}


def _leaves(layer):
    """The layers of a model, and of the models in it, in their order."""
    return [leaf for part in layer.layers for leaf in _leaves(part)] if hasattr(layer, "layers") else [layer]


def _labels(model, labels):
    """The names of the outputs, checked."""
    n = model.outputs[0].shape[-1]
    n = 2 if n == 1 else n
    where = "labels="
    if isinstance(labels, (str, os.PathLike)):
        where = str(labels)
        try:
            labels = Path(labels).read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"The label file {where} cannot be read ({type(error).__name__}); give a text file with "
                             "one label a line.") from None
        labels = [line.strip() for line in labels if line.strip()]
    labels = [f"class {k}" for k in range(n)] if labels is None else list(map(str, labels))
    if len(labels) != n or len(set(labels)) != n:
        raise ValueError(f"{where} names {len(set(labels))} different classes, and {model.name} gives {n} "
                         "probabilities; name each once, in their order.")
    return labels


def _rows(model, calibration, quantize, labels):
    """The rows that both models answer, a list with an array for each input."""
    if calibration is None:
        if quantize == "int8":
            raise ValueError("int8 needs calibration rows, some hundred of every class, to see how large the "
                             "activations become: calibration=, or --calibration TABLE.")
        return convert.random_rows(model)
    X = np.asarray(getattr(calibration, "X", calibration))
    shape = tuple(model.inputs[0].shape[1:])
    if len(X) == 0 or X.shape[1:] != shape:
        raise ValueError(f"The calibration rows are an array of shape {X.shape}, and {model.name} takes rows of "
                         f"shape {shape}; read them as the training rows were.")
    X = X.astype(model.inputs[0].dtype, copy=False)
    seen = np.unique(calibration.y if hasattr(calibration, "y") else _answers(model, [X])[0].argmax(axis=-1))
    if len(seen) == 1 and len(labels) > 1 and quantize == "int8":
        raise ValueError(f"The calibration rows are all of one class ({labels[int(seen[0])]}); the activations of the "
                         "others would be cut off. Give rows of every class.")
    if len(seen) < len(labels) and quantize == "int8":
        warnings.warn(f"The calibration rows show {len(seen)} of {len(labels)} classes.", stacklevel=3)
    return [X[np.linspace(0, len(X) - 1, min(len(X), 200)).astype(int)]]


def _answers(model, rows):
    """What Keras answers, a list with an array for each output."""
    answers = [model([part[k:k + 32] for part in rows] if len(rows) > 1 else rows[0][k:k + 32], training=False)
               for k in range(0, len(rows[0]), 32)]
    answers = [answer if isinstance(answer, (list, tuple)) else [answer] for answer in answers]
    return [np.concatenate([np.asarray(part) for part in parts]) for parts in zip(*answers)]


def _parity(name, expected, got, to, quantize):
    """How far two lists of outputs differ; ValueError where that is too far."""
    if not all(np.isfinite(part).all() for part in expected):
        raise ValueError(f"{name} itself answers NaN in Keras; its weights or the calibration rows hold NaN, and "
                         "nothing was written.")
    if not all(np.isfinite(part).all() for part in got):
        raise ValueError(f"Converted to {to}{f' as {quantize}' if quantize else ''}, {name} answers NaN; nothing was "
                         'written. Try another quantize=, or the other format.')
    difference = max(float(np.abs(a - b).max()) for a, b in zip(expected, got, strict=True))
    same = float((expected[0].argmax(-1) == got[0].argmax(-1)).mean()) if expected[0].shape[-1] > 1 else float(
        ((expected[0] > 0.5) == (got[0] > 0.5)).mean())
    if quantize is None and difference > TOLERANCE:
        raise ValueError(f"Converted to {to}, {name} differs from Keras by {difference:.2g}, more than {TOLERANCE}; "
                         "nothing was written. Try the other format.")
    if same < 0.9:
        warnings.warn(f"As {quantize}, {name} gives another answer on {1 - same:.0%} of {len(expected[0])} rows; "
                      "calibrate with real ones, or try another quantize.", stacklevel=3)
    return {"rows": len(expected[0]), "largest_difference": difference, "same_answer": same,
            "tolerance": TOLERANCE if quantize is None else None}


def _readme(facts, folder):
    inputs = " and ".join(f"{part['dtype']} {tuple(part['shape'])}" for part in facts["inputs"])
    kind = {"litert": "LiteRT", "onnx": "ONNX"}[facts["format"]] + (f", {facts['quantize']}" * bool(facts["quantize"]))
    parity = facts["parity"]
    return README.format(
        name=facts["name"], file=facts["file"], kind=kind, inputs=inputs,
        n=len(facts["labels"]), labels=", ".join(facts["labels"]), folder=folder.name, size=facts["bytes"],
        preprocessing=json.dumps(facts["preprocessing"]), rows=parity["rows"],
        difference=parity["largest_difference"], same=parity["same_answer"])


def _checked_folder(folder):
    """The folder to write, which must be new or hold what an export writes alone: nothing else is replaced."""
    folder = Path(folder).absolute()
    written = {"model.json", "README.md", *convert.FORMATS.values(), *PAGE_FILES}
    if folder.exists() and not (folder.is_dir() and {path.name for path in folder.iterdir()} <= written):
        raise ValueError(f"{folder} is there, and holds what no export wrote; give a new folder.")
    return folder

"""Read the weights of published networks without running anything that their files say.

A PyTorch file is a pickle, and a pickle is a program. The reader here knows five names, all of which only put numbers
into arrays; a file that asks for any other is refused. What was read once is kept as .npz, which holds numbers alone.
"""
import collections
import functools
import pickle
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from vmm_lab import assets
from vmm_lab.files import DAMAGED, atomic_path

_DTYPES = {
    "FloatStorage": "<f4", "HalfStorage": "<f2", "DoubleStorage": "<f8", "LongStorage": "<i8", "IntStorage": "<i4",
}


def weights(asset: str) -> dict[str, NDArray]:
    """Return the arrays of a pretrained network, {name: array}; fetched at first, later read from an .npz file.

    asset: a name in `assets.ASSETS` whose file is a PyTorch or a safetensors file.
    Raises ValueError for another name, AssetError where it cannot be fetched or is no such file.
    """
    source = assets.fetch(asset)
    if source.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return load_file(source)
    kept = source.with_name(f"{asset}-{assets.ASSETS[asset].sha256[:12]}.npz")
    if not kept.is_file():
        arrays: Any = read_torch(source)
        with atomic_path(kept) as part:
            np.savez(part, **arrays)  # NumPy 2.0 would take any other word for an array, too
    with np.load(kept, allow_pickle=False) as stored:
        return dict(stored)


Built = TypeVar("Built")


def built_once(build: Callable[[], Built]) -> Callable[[], Built]:
    """Return a function that gives what `build` makes: made at the first call, the same for all threads afterwards."""
    kept, lock = functools.cache(build), threading.Lock()

    @functools.wraps(build)
    def built() -> Built:
        with lock:
            return kept()

    return built


def read_torch(path: str | Path) -> dict[str, NDArray]:
    """Read the tensors of a PyTorch state dictionary, old or new format, without PyTorch.

    Returns {name: array} in the order of the file. Raises AssetError for a file that is none, is cut off, or asks for
    anything but tensors.
    Source: torch.serialization in PyTorch 2 (a zip of storages) and before 1.6 (pickles, then the storages).
    """
    try:
        with open(path, "rb") as file:
            if zipfile.is_zipfile(file):
                return _read_zip(file)
            file.seek(0)
            return _read_legacy(file)
    except (pickle.UnpicklingError, *DAMAGED) as error:
        raise assets.AssetError(f"{path} is not a PyTorch file of tensors alone ({error}); delete it and run "
                                "`vmm-lab fetch`.") from None


class _TensorsOnly(pickle.Unpickler):
    """Unpickle tensors and nothing else; `storages` gets {key: flat array}, whose numbers are filled in afterwards."""

    def __init__(self, file: BinaryIO, storages: dict[str, NDArray]):
        super().__init__(file, encoding="latin-1")
        self.storages = storages

    def persistent_load(self, saved: tuple) -> NDArray:
        kind, dtype, key, _, count, *_ = saved
        if kind != "storage":
            raise pickle.UnpicklingError(f"it holds a {kind!r}")
        return self.storages.setdefault(key, np.empty(count, dtype))

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _DTYPES:
            return np.dtype(_DTYPES[name])
        raise pickle.UnpicklingError(f"it asks for {module}.{name}")


def _tensor(storage, offset, size, stride, *_):
    """Show a part of a storage as an array of that size; ValueError where it would lie outside."""
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if offset < 0 or min(stride, default=0) < 0 or 0 not in size and last >= len(storage):
        raise ValueError("a tensor lies outside of its storage")
    strides = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], tuple(size), strides, writeable=False)


def _read_zip(file):
    storages = {}
    with zipfile.ZipFile(file) as archive:
        [index] = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        with archive.open(index) as described:
            state = _TensorsOnly(described, storages).load()
        for key, storage in storages.items():
            storage[:] = np.frombuffer(archive.read(f"{index.removesuffix('data.pkl')}data/{key}"), storage.dtype)
    return {name: np.ascontiguousarray(tensor) for name, tensor in state.items()}


def _read_legacy(file):
    storages = {}
    _magic, _protocol, _system, state, keys = (_TensorsOnly(file, storages).load() for _ in range(5))
    for key in keys:
        count, storage = int(np.fromfile(file, "<i8", 1)[0]), storages[key]
        if count != len(storage):
            raise ValueError("a storage has another size than its tensors")
        storage[:] = np.fromfile(file, storage.dtype, count)
    return {name: np.ascontiguousarray(tensor) for name, tensor in state.items()}

"""Hold the descriptions of many rows in little memory: rows of numbers in a file, others by a place in the cache."""
import os
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vmm_lab import cache
from vmm_lab.features.base import Feature
from vmm_lab.features.segment import Segment


@dataclass(frozen=True, slots=True)
class Stored:
    """Stand for a description in the cache."""

    entry: str | os.PathLike
    feature: Feature
    segment: Segment

    def load(self) -> Any:
        """Read the description back, or describe the row once more where the entry was deleted or damaged meanwhile."""
        stored = cache.load(self.entry)
        return self.feature.describe(self.feature.read(self.segment)) if stored is None else stored[0]


class _Place(int):
    """The place of a row of numbers in a file."""


class _File:
    """Append float32 rows of one length to a file without a name, and read some of them; the first MB is in memory."""

    def __init__(self) -> None:
        self.d, self.n = 0, 0
        self._file: Any = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 it lives as long as the rows
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()  # folds that are fitted side by side read from one file

    def append(self, row: NDArray[np.float32]) -> _Place:
        with self._lock:
            self._file.seek(0, os.SEEK_END)  # what was read meanwhile moved it
            self._file.write(row.tobytes())
            self.d, self.n = len(row), self.n + 1
        return _Place(self.n - 1)

    def read(self, places: NDArray[np.int64], out: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return float32 (m, d), in `out` where it is given; what stands in a run is read at once."""
        found, first = np.empty((len(places), self.d), np.float32) if out is None else out, 0
        with self._lock:
            for run in np.split(places, np.flatnonzero(np.diff(places) != 1) + 1) if len(places) else []:
                self._file.seek(int(run[0]) * self.d * 4)
                self._file.readinto(found[first:first + len(run)].data.cast("B"))
                first += len(run)
        return found


class RowFile:
    """Represent float32 (n, d) that lies in a file: `rows[numbers]` reads the rows of these numbers, int (m,).

    `np.asarray(rows)` reads all.

    >>> described = Described()
    >>> for k in range(3):
    ...     described.append(np.full(2, k, np.float32), numbers=True)
    >>> described.rows()[[2, 0]].tolist()
    [[2.0, 2.0], [0.0, 0.0]]
    """

    def __init__(self, file: _File, places: NDArray[np.int64]) -> None:
        self._file, self._places, self.shape = file, places, (len(places), file.d)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, numbers: Any) -> NDArray[np.float32]:
        return self._file.read(self._places[numbers])

    def take(self, numbers: Any, axis: int = 0, out: NDArray[np.float32] | None = None,
             mode: str = "raise") -> NDArray[np.float32]:
        """Return the rows of these numbers, in `out` where it is given, as an array's `take` along its first axis."""
        return self._file.read(self._places[numbers], out)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray:
        return self._file.read(self._places).astype(dtype or np.float32, copy=False)


class Described(Sequence):
    """Represent what one feature found in n rows, loading one item at a time.

    `described[k]` is the item of row k, None where the row gave nothing; iterating loads one after the other, as often
    as one likes. `described.present` tells which rows gave something; `described.take(rows)` chooses rows.

    >>> described = Described([np.ones(2), None, np.zeros(2)])
    >>> described.present.tolist(), described.take([2, 0])[1].tolist()
    ([True, False, True], [1.0, 1.0])
    """

    def __init__(self, items: Iterable[Any] = (), *, file: _File | None = None) -> None:
        self._items, self._file = list(items), _File() if file is None else file

    @property
    def present(self) -> NDArray[np.bool_]:
        """Return which rows gave something, bool (n,)."""
        return np.array([item is not None for item in self._items], bool)

    def append(self, item: Any, *, numbers: bool = False) -> None:
        """Add the item of one more row; numbers: whether it may go into the file, as float32 (d,), d alike for all."""
        plain = numbers and isinstance(item, np.ndarray) and item.dtype == np.float32 and item.ndim == 1 and item.size
        self._items.append(self._file.append(item) if plain and len(item) == (self._file.d or len(item)) else item)

    def rows(self) -> "RowFile | NDArray[np.float32]":
        """Return the vectors of all rows, which must be there: float32 (n, d), by its file where it lies in one."""
        if self._items and all(isinstance(item, _Place) for item in self._items):
            return RowFile(self._file, np.array(self._items, np.int64))
        rows = list(self)
        if len(lengths := sorted({len(row) for row in rows})) > 1:
            raise ValueError(f"A feature gives rows of {lengths[0]} and of {lengths[-1]} numbers, which cannot be "
                             "compared; keep to items of one kind, such as poses with the same joints.")
        return np.stack(rows)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, k: Any) -> Any:
        if isinstance(k, slice):
            return self._of(self._items[k])
        item = self._items[k]
        if isinstance(item, _Place):
            return self._file.read(np.array([item]))[0]
        return item.load() if isinstance(item, Stored) else item

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        return f"<Described: {int(self.present.sum())} of {len(self)} rows>"

    def __getstate__(self) -> list[Any]:
        """Take the rows along to another process, which may be on another machine."""
        return [self[k] if isinstance(item, _Place) else item for k, item in enumerate(self._items)]

    def __setstate__(self, items: list[Any]) -> None:
        self.__init__()  # type: ignore[misc]
        for item in items:
            self.append(item, numbers=True)

    def take(self, rows: ArrayLike) -> "Described":
        """Return a Described of these rows: numbers, or bools of all rows."""
        chosen = np.asarray(rows)
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(int)
        return self._of([self._items[k] for k in numbers])

    def where(self, kept: ArrayLike) -> "Described":
        """Return the same rows with those missing where `kept`, bool (n,), is False."""
        return self._of([item if keep else None for item, keep in zip(self._items, np.asarray(kept, bool))])

    def _of(self, items):
        return Described(items, file=self._file)

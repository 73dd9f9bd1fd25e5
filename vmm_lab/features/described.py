"""Hold the descriptions of many rows in little memory: as rows of numbers, or by their place in the cache."""
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vmm_lab import cache


@dataclass(frozen=True)
class Stored:
    """Stand for a description in the cache."""

    entry: str | os.PathLike
    again: Callable[[], Any]  # describes the row once more, where the entry was deleted or damaged meanwhile

    def load(self) -> Any:
        """Read the description back."""
        stored = cache.load(self.entry)
        return self.again() if stored is None else stored[0]


class Described(Sequence):
    """Represent what one feature found in n rows, loading one item at a time.

    `described[k]` is the item of row k, None where the row gave nothing; iterating loads one after the other, as often
    as one likes. `described.present` tells which rows gave something; `described.take(rows)` chooses rows.

    >>> described = Described([np.ones(2), None, np.zeros(2)])
    >>> described.present.tolist(), described.take([2, 0])[1].tolist()
    ([True, False, True], [1.0, 1.0])
    """

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = list(items)
        self.present: NDArray[np.bool_] = np.array([item is not None for item in self._items], bool)

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, k: Any) -> Any:
        if isinstance(k, slice):
            return Described(self._items[k])
        item = self._items[k]
        return item.load() if isinstance(item, Stored) else item

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        return f"<Described: {int(self.present.sum())} of {len(self)} rows>"

    def take(self, rows: ArrayLike) -> "Described":
        """Return a Described of these rows: numbers, or bools of all rows."""
        chosen = np.asarray(rows)
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(int)
        return Described([self._items[k] for k in numbers])

    def where(self, kept: ArrayLike) -> "Described":
        """Return the same rows with those missing where `kept`, bool (n,), is False."""
        return Described([item if keep else None for item, keep in zip(self._items, np.asarray(kept, bool))])

"""Pictures of one size go in one by one; a single array (T, H, W, 3) comes out, without ever holding them twice."""
import os

import numpy as np


class TooLarge(Exception):
    """The array would not fit into this computer's memory; `gigabytes` says how large it would be."""

    def __init__(self, size):
        super().__init__(size)
        self.gigabytes = size / 1e9


def memory():
    """Bytes of this computer's memory (where the system does not say: 64 GB)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 64 * 10**9


def check_room(size):
    if size > 0.8 * memory():
        raise TooLarge(size)


class Stack:
    """A growing uint8 array. `expected` pictures are made room for at once: untouched room costs no memory."""

    def __init__(self, expected=0):
        self.expected = expected
        self.array = None
        self.length = 0

    def append(self, picture):
        if self.array is None:
            # What a header expects may be a lie: beyond 4 GB, room is made as pictures really come.
            room = max(1, min(self.expected, 2**32 // picture.size))
            check_room(picture.size * max(1, min(self.expected, 10**9)))
            self.array = np.empty((room, *picture.shape), np.uint8)
        elif self.length == len(self.array):
            room = self.length + max(8, self.length // 4)
            check_room(picture.size * room)
            self.array.resize((room, *self.array.shape[1:]), refcheck=False)
        self.array[self.length] = picture
        self.length += 1

    def finish(self, shape):
        """The array of all that was appended; of none, an empty one of pictures of `shape`."""
        if self.array is None:
            return np.empty((0, *shape), np.uint8)
        self.array.resize((self.length, *self.array.shape[1:]), refcheck=False)
        return self.array


class Slots:
    """A uint8 array of `n` pictures, filled in any order; pictures of a slot and its copies are stored by `put` and `repeat`."""

    def __init__(self, n):
        self.n = n
        self.array = None
        self.times = np.full(n, np.nan)

    def clear(self):
        self.times[:] = np.nan

    def put(self, k, picture, time):
        if self.array is None:
            check_room(picture.size * self.n)
            self.array = np.empty((self.n, *picture.shape), np.uint8)
        self.array[k] = picture
        self.times[k] = time

    def repeat(self, k, source):
        self.array[k] = self.array[source]
        self.times[k] = self.times[source]

    def filled(self):
        """How many of the first slots are filled without a gap."""
        missing = np.flatnonzero(np.isnan(self.times))
        return int(missing[0]) if len(missing) else self.n

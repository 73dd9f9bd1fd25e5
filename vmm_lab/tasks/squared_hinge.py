"""Minimise the squared hinge loss of linear machines over rows that are read block by block."""
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

BLOCK, HELD = 1 << 18, 1 << 21  # numbers of X that are worked on, and that are held standardised, at a time
NOT_FINITE = "Input X contains NaN or infinity; give finite numbers."


class Standardised:
    """Give some rows of X less their mean, float32, block by block and again and again.

    `scale` (d,): what they are divided by to be standardised and of length 1 on average.
    """

    def __init__(self, X: Any, rows: NDArray):
        self._X, self._rows, self._held = X, blocks(rows, X), None
        self.mean = sum(X[part].sum(axis=0, dtype=np.float64) for part in self._rows) / len(rows)
        if not np.isfinite(self.mean).all():
            raise ValueError(NOT_FINITE)
        scale = np.sqrt(sum(((X[part] - self.mean) ** 2).sum(axis=0) for part in self._rows) / len(rows))
        moves = scale >= 1e-12 * np.maximum(1, np.abs(self.mean))
        self.scale = np.where(moves, scale, 1.0) * np.sqrt(max(1, moves.sum()))
        # As it is subtracted; float32 numbers that are large and hardly move lie some of their steps beside the mean.
        self.mean = self.mean.astype(getattr(X, "dtype", np.float32)).astype(np.float64)
        if len(rows) * X.shape[1] <= HELD:
            self._held = [self._centred(part, self._room()) for part in self._rows]

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        if self._held is not None:
            return iter(self._held)
        room = self._room()  # one for all blocks: the system takes longer to give a new one than all the rest of a pass
        return (self._centred(part, room) for part in self._rows)

    def _room(self):
        return np.empty((len(self._rows[0]), self._X.shape[1]), getattr(self._X, "dtype", np.float32))

    def _centred(self, part, room):
        block = self._X.take(part, 0, room[:len(part)], "clip")
        block -= self.mean.astype(block.dtype)
        return block.astype(np.float32, copy=False)


def blocks(rows: NDArray, X: Any) -> list[NDArray]:
    """Cut row numbers of X into blocks."""
    size = max(1, BLOCK // X.shape[1])
    return [rows[first:first + size] for first in range(0, len(rows), size)]


# Thousands of small products: threads that wait for one another take twice as long, and on a busy machine minutes.
@threadpool_limits.wrap(limits=1)
def minimise_squared_hinge(data: Any, positive: NDArray, C: float,
                           scale: ArrayLike = 1.0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Minimise ½(|w s|² + b²) + C Σ max(0, 1 ∓ (w·x + b))² for each column of `positive`, bool (n, k).

    data: iterable of blocks of the n rows, float32 (m, d); s: `scale` (d,). Returns weights (k, d) and offsets (k,).
    liblinear's objective for the rows x / s, which are not copied.
    """
    sign, d = np.where(positive, np.float32(1), np.float32(-1)), len(next(iter(data))[0])

    def loss(flat):
        slope, total, first = np.zeros((sign.shape[1], d + 1)), 0.5 * flat @ flat, 0
        narrow = (flat.reshape(-1, d + 1) / scales).astype(np.float32)
        for block in data:
            sides = sign[first:first + len(block)]
            short = np.maximum(0, 1 - sides * (block @ narrow[:, :d].T + narrow[:, d]))
            total += C * np.square(short, dtype=np.float64).sum()
            pull = sides * short
            slope[:, :d] += pull.T @ block
            slope[:, d] += pull.sum(axis=0)
            first += len(block)
        return total, flat - 2 * C * (slope / scales).ravel()

    scales = np.append(np.broadcast_to(scale, d), 1.0)
    start = np.zeros(sign.shape[1] * (d + 1))
    # Relative to the slope of the rarest class at the start, as a class of few rows pulls little.
    tolerance = 1e-3 * np.abs(loss(start)[1].reshape(-1, d + 1)[:, :d]).max(axis=1).min()
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"gtol": tolerance, "ftol": 0, "maxiter": 500})
    weights = found.x.reshape(-1, d + 1) / scales
    return weights[:, :d], weights[:, d]

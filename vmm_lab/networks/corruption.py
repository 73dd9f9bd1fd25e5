"""Take modalities away from examples, or add noise to them, to test how a model copes."""
import numpy as np

from .examples import column, has


def drop_modalities(X: dict, share: float, *, seed: int = 0) -> dict:
    """Take each modality away from `share` of the rows, at random; one at least is left to every row.

    X: a dict as `load_examples` gives it, with "present" float (n, modalities). Returns the same dict with another
    "present"; the same seed, share and number of rows give the same mask for every model.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be from 0 to 1, got {share!r}.")
    drawn = np.random.default_rng(seed).uniform(size=X["present"].shape) * (X["present"] > 0)
    kept = drawn > share
    kept[np.arange(len(kept)), drawn.argmax(axis=1)] |= drawn.max(axis=1) > 0
    return X | {"present": kept.astype(np.float32)}


def without_modalities(X: dict, *names: str) -> dict:
    """Return X with some modalities missing in every row; ValueError for one that it does not have.

    >>> X = {"sound": np.zeros((4, 8)), "words": np.array(["a"] * 4), "present": np.ones((4, 2), "float32")}
    >>> without_modalities(X, "words")["present"][0].tolist()
    [1.0, 0.0]
    """
    present = np.array(X["present"])
    present[:, [column(X, name) for name in names]] = 0
    return X | {"present": present}


def add_noise(X: dict, name: str, level: float, *, seed: int = 0, deviation: float | None = None) -> dict:
    """Add noise to one modality, which stays "present": a model must find out by itself that it tells nothing.

    level: of numbers, the deviation of normal noise in units of `deviation_of`; of words, the share (at most 1) that is
    replaced by words of other rows. A caption keeps its length. deviation: of numbers, what level 1 is, where X is a
    few of many rows.
    """
    if level < 0:
        raise ValueError(f"level must be at least 0, got {level!r}.")
    rng = np.random.default_rng(seed)
    clean = X[name]
    if clean.dtype.kind not in "UOS":
        unit = deviation_of(X, name) if deviation is None else deviation
        noisy = clean + rng.normal(0, level * unit, clean.shape)
        if clean.dtype.kind in "iu":  # a pixel below 0 is black, not white
            noisy = noisy.round().clip(np.iinfo(clean.dtype).min, np.iinfo(clean.dtype).max)
        return X | {name: noisy.astype(clean.dtype)}
    every = " ".join(clean).split()
    texts = [" ".join(every[rng.integers(len(every))] if rng.uniform() < level else word for word in text.split())
             for text in clean]
    return X | {name: np.array(texts)}


def deviation_of(X: dict, name: str) -> np.floating:
    """Compute the standard deviation of a modality's numbers in the rows that have it; 0 where none has."""
    own = X[name][has(X, name)]
    return own.std() if own.size else np.float32(0)

"""Extract features: one float32 row for each row of a table, cached, resumable, parallel.

Each description is written to the cache the moment it is done, under a name made of the file's content, the segment and
the feature's fingerprint. So a run that was stopped, or killed, goes on where it stood; renaming or moving a file costs
nothing; and changing a file, a segment or an option that matters gives a new description.
"""
import time
import warnings
from collections.abc import Sequence
from typing import Any

import cv2
import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted
from tqdm.auto import tqdm

from vmm_lab import cache as stored
from vmm_lab.features.base import Feature
from vmm_lab.features.described import Described, Stored
from vmm_lab.features.segment import segments
from vmm_lab.files import cache_dir, return_freed_memory

BLOCK = 64  # rows of a learner encoded at a time


def extract(
    table: pd.DataFrame, feature: Feature, *, n_jobs: int | None = None, on_error: str = "raise", cache: bool = True,
    progress: bool = True,
) -> NDArray[np.float32]:
    """Compute one row of numbers for each row of a table.

    table: DataFrame with `path` and, as needed, `start`, `end` (seconds) and `caption`; see `load_table`.
    feature: a `Feature`, such as `HOG()`. One that learns (`SIFTBag`, `WordBag`) must be fitted before.
    n_jobs: how many rows at a time; None is one, or whatever `joblib.parallel_config` says.
    on_error: "raise" stops at the first row that cannot be read; "skip" leaves NaN there and warns once, naming them.
    cache: keep descriptions under `cache_dir()/features`, and use those that are there. A feature of your own is
        described anew when its code changes, or a helper, a global variable or an option that the code uses, or a file
        that begins like the row's own (a.txt next to a.mp4); one that uses what has no certain value, such as an open
        file or a network, is not cached. What cannot be noticed are other files (name them in `Feature.sources`), the
        clock, random numbers, the environment and the internet: with those inside `describe` say cache=False.
    Returns float32 (len(table), dimensions). Raises MediaError for a bad row, ValueError for a bad option.

    >>> from vmm_lab.features import WordBag
    >>> table = pd.DataFrame({"path": ["a.mp4", "b.mp4"], "caption": ["a man falls", "a man waves"]})
    >>> extract(table, WordBag().fit(table.caption), cache=False, progress=False).shape
    (2, 4)
    """
    _check_feature(feature)
    if feature.learns:
        try:
            check_is_fitted(feature)
        except NotFittedError:
            name = type(feature).__name__
            raise ValueError(
                f"{name} has learnt nothing yet: fit it on the training rows first, with "
                "feature.fit_descriptions(descriptions(train, feature)[0]), or use compare, which does so in each fold"
            ) from None
    keep = ["description" if feature.learns else "row"]
    [(described, reasons, _)] = describe_table(
        table, [feature], n_jobs=n_jobs, on_error=on_error, cache=cache, progress=progress, keep=keep
    )
    if reasons:
        named = ((table["path"].iloc[row], reason) for row, reason in reasons.items())
        listed = "; ".join(f"{path}: {reason.removeprefix(f'{path}: ')}" for path, reason in named)
        warnings.warn(f"{len(reasons)} of {len(table)} rows have no {type(feature).__name__}: {listed}", stacklevel=2)
    good = np.flatnonzero(described.present)
    if not len(good):
        return np.full((len(table), feature.dimensions), np.nan, np.float32)
    rows = None if feature.learns else described.take(good).rows()
    for first in range(0, len(good), BLOCK):
        block = slice(first, first + BLOCK)
        numbers = feature.encode(described.take(good[block])) if rows is None else rows[block]
        if not first:
            X = np.full((len(table), numbers.shape[1]), np.nan, np.float32)
        X[good[block]] = numbers
    return X


def descriptions(
    table: pd.DataFrame, feature: Feature, **options: Any
) -> tuple[list[Any], dict[int, str], NDArray[np.float64]]:
    """Describe each row, the stateless half of `extract`: what `feature.describe` makes of it, with nothing learnt.

    Returns (found, reasons, seconds): a list of len(table) descriptions with None for a bad row; a dict from the
    number of a bad row to the reason; float64 (len(table),), the seconds that each row took the first time, also
    when it now came from the cache. Options and errors as in `extract`.
    """
    return describe_table(table, [feature], **options)[0]


def describe_table(
    table: pd.DataFrame, features: Sequence[Feature], *, n_jobs: int | None = None, on_error: str = "raise",
    cache: bool = True, progress: bool = True, keep: Sequence[str] | None = None,
) -> list[tuple[Any, dict[int, str], NDArray[np.float64]]]:
    """Describe each row for several features at once: a list of what `descriptions` gives, one for each feature.

    What two features read alike, such as the same frames, is decoded once for both; either's seconds count it in full,
    as what that feature costs alone.

    keep: None gives lists of descriptions. ["row", "description", …], one for each feature, gives a `Described` each,
    which holds little: of "row" the encoded float32 (d,), of features that learn nothing; of "description" the place in
    the cache, from which it is read back when it is asked for (without the cache, the description itself).
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip", got {on_error!r}')
    keeps = [None] * len(features) if keep is None else keep
    if len(keeps) != len(features) or not {*keeps} <= {None, "row", "description"}:
        raise ValueError(f'keep takes "row" or "description" for each of {len(features)} features, got {keep!r}')
    for feature, kept in zip(features, keeps):
        _check_feature(feature)
        feature.check_options()
        if kept == "row" and feature.learns:
            raise ValueError(f'{type(feature).__name__} learns from the training rows: keep its "description"')
    todo = segments(table)
    folder = cache_dir() / "features" if cache else None
    plans = [(feature, kept, feature.fingerprint(), feature.reads()) for feature, kept in zip(features, keeps)]
    names = ", ".join(type(feature).__name__ for feature in features)
    # Decoding, OpenCV and FFTs release the GIL: two threads described six videos 1.4 times as fast as one, two
    # processes 1.5, which does not pay for starting them. A row keeps to one OpenCV thread, since n_jobs is where
    # the parallelism is asked for.
    cv2_threads = cv2.getNumThreads()
    results: list = [([] if kept is None else Described(), {}, np.zeros(len(todo))) for kept in keeps]
    try:
        rows = joblib.Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
            joblib.delayed(_describe_row)(plans, segment, folder, on_error) for segment in todo
        )
        for number, row in enumerate(tqdm(rows, total=len(todo), desc=names, unit="row", disable=not progress)):
            for (items, reasons, seconds), kept, (item, took, reason) in zip(results, keeps, row):
                items.append(item) if kept is None else items.append(item, numbers=kept == "row")
                seconds[number] = took
                if reason:
                    reasons[number] = reason
            if number % 100 == 99:
                return_freed_memory()
    finally:
        cv2.setNumThreads(cv2_threads)
    return results


def _describe_row(plans, segment, folder, on_error):
    """Return for each feature (item, seconds, None) of one segment, or (None, seconds, reason)."""
    cv2.setNumThreads(1)
    read = {}  # what was read so far, or the error: (item or ValueError, seconds)
    return [_describe(*plan, segment, folder, on_error, read) for plan in plans]


def _describe(feature, kept, fingerprint, key, segment, folder, on_error, read):
    entry = stored.entry_of(feature, segment, fingerprint, folder) if folder and fingerprint else None
    found = stored.load(entry, whole=kept != "description") if entry else None
    if found:
        return _kept(feature, kept, segment, found[0], entry), found[1], None
    if key not in read:
        read[key] = _timed(feature.read, segment)
    item, seconds = read[key]
    if not isinstance(item, ValueError):
        item, more = _timed(feature.describe, item)
        seconds += more
    if isinstance(item, ValueError):
        if on_error == "raise":
            raise item
        return None, seconds, str(item)
    if entry and not stored.store(entry, item, seconds):
        entry = None
    return _kept(feature, kept, segment, item, entry), seconds, None


def _timed(function, argument):
    """Return (what it gives, or the ValueError that it raises; seconds)."""
    started = time.perf_counter()
    try:
        result = function(argument)
    except ValueError as error:
        result = error
    return result, time.perf_counter() - started


def _kept(feature, kept, segment, description, entry):
    """Return what is held of one row: a row of numbers, the place in the cache, or the description itself."""
    if kept == "row":
        return np.array(feature.encode([description])[0])  # a copy: a view would hold all that it is a part of
    if kept == "description" and entry:
        return Stored(entry, feature, segment)
    return description


def _check_feature(feature):
    if not isinstance(feature, Feature):
        raise ValueError(f"a feature is an object such as vl.features.HOG(), not {feature!r}; add the brackets, or its "
                         "name to vl.features.")

"""Extract features: one float32 row for each row of a table, cached, resumable, parallel.

Each description is written to the cache the moment it is done, under a name made of the file's content, the segment and
the feature's fingerprint. So a run that was stopped, or killed, goes on where it stood; renaming or moving a file costs
nothing; and changing a file, a segment or an option that matters gives a new description.
"""
import functools
import time
import warnings

import cv2
import joblib
import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted
from tqdm.auto import tqdm

from vmm_lab.features import cache as cache_files
from vmm_lab.features.base import Feature
from vmm_lab.features.described import KEEP, Described, Stored
from vmm_lab.features.segment import segments
from vmm_lab.files import cache_dir

BLOCK = 64  # rows of a learner encoded at a time


def extract(table, feature, *, n_jobs=None, on_error="raise", cache=True, progress=True):
    """Compute one row of numbers for each row of a table.

    table: DataFrame with `path` and, as needed, `start`, `end` (seconds) and `caption`; see `load_table`.
    feature: a `Feature`, such as `HOG()`. One that learns (`SIFTBag`, `WordBag`) must be fitted before.
    n_jobs: how many rows at a time; None is one, or whatever `joblib.parallel_config` says.
    on_error: "raise" stops at the first row that cannot be read; "skip" leaves NaN there and warns once, naming them.
    cache: keep descriptions under `cache_dir()/features`, and use those that are there. A feature of your own is
        described anew when its code changes, or a helper, a global variable or an option that the code uses, or a file
        that begins like the row's own (a.txt beside a.mp4); one that uses what has no certain value, such as an open
        file or a network, is not cached. What cannot be noticed are other files (name them in `Feature.sources`), the
        clock, random numbers, the environment and the internet: with those inside `describe` say cache=False.
    Returns float32 (len(table), dimensions). Raises MediaError for a bad row, ValueError for a bad option.

    >>> import pandas as pd
    >>> from vmm_lab.features import WordBag, extract
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
    options = {"n_jobs": n_jobs, "on_error": on_error, "cache": cache, "progress": progress, "keep": keep}
    [(described, reasons, _)] = describe_table(table, [feature], **options)
    if reasons:
        named = ((table["path"].iloc[row], reason) for row, reason in reasons.items())
        listed = "; ".join(f"{path}: {reason.removeprefix(f'{path}: ')}" for path, reason in named)
        warnings.warn(f"{len(reasons)} of {len(table)} rows have no {type(feature).__name__}: {listed}", stacklevel=2)
    good = np.flatnonzero(described.present)
    X = np.full((len(table), _width(described, feature)), np.nan, np.float32)
    for block in np.array_split(good, -(-len(good) // BLOCK)) if len(good) else ():
        X[block] = feature.encode(described.take(block)) if feature.learns else described.take(block)
    return X


def _width(described, feature):
    if feature.learns or not described.present.any():
        return feature.dimensions
    return len(described[int(described.present.argmax())])


def descriptions(table, feature, *, n_jobs=None, on_error="raise", cache=True, progress=True):
    """The stateless half of `extract`: what `feature.describe` makes of each row, before anything is learnt.

    Returns (found, reasons, seconds): a list of len(table) descriptions with None for a bad row; a dict from the
    number of a bad row to the reason; float64 (len(table),), the seconds that each row took the first time, also
    when it now came from the cache. Options and errors as in `extract`.
    """
    return describe_table(table, [feature], n_jobs=n_jobs, on_error=on_error, cache=cache, progress=progress)[0]


def describe_table(table, features, *, n_jobs=None, on_error="raise", cache=True, progress=True, keep=None):
    """Describe each row for several features at once: a list of what `descriptions` gives, one for each feature.

    What two features read alike, such as the same frames, is decoded once for both; either's seconds count it in full,
    as what that feature costs alone.

    keep: None gives lists of descriptions. ["row", "description", …], one for each feature, gives a `Described` each,
    which holds little: of "row" the encoded float32 (d,), of features that learn nothing; of "description" the place in
    the cache, from which it is read back when it is asked for (without the cache, the description itself).
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip", got {on_error!r}')
    for feature in features:
        _check_feature(feature)
        feature.check_options()
    todo = segments(table)
    folder = cache_dir() / "features" if cache else None
    recipes = [(feature.fingerprint(), feature.reads()) for feature in features]
    keep = _check_keep(features, keep)
    names = ", ".join(type(feature).__name__ for feature in features)
    # Decoding, OpenCV and FFTs release the GIL: two threads described six videos 1.4 times as fast as one, two
    # processes 1.5, which does not pay for starting them. A row keeps to one OpenCV thread, since n_jobs is where
    # the parallelism is asked for.
    cv2_threads = cv2.getNumThreads()
    try:
        rows = joblib.Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
            joblib.delayed(_describe_row)(features, keep, recipes, segment, folder, on_error) for segment in todo
        )
        rows = list(tqdm(rows, total=len(todo), desc=names, unit="row", disable=not progress))
    finally:
        cv2.setNumThreads(cv2_threads)
    results = []
    for number in range(len(features)):
        column = [row[number] for row in rows]
        reasons = {row: reason for row, (_, _, reason) in enumerate(column) if reason}
        seconds = np.array([seconds for _, seconds, _ in column], np.float64)
        items = [item for item, _, _ in column]
        results.append((items if keep[number] is None else Described(items), reasons, seconds))
    return results


def _describe_row(features, keep, recipes, segment, folder, on_error):
    """Return for each feature (item, seconds, None) of one segment, or (None, seconds, reason)."""
    cv2.setNumThreads(1)
    read = {}  # what was read so far, or the error: (item or ValueError, seconds)
    return [_describe(*one, segment, folder, on_error, read) for one in zip(features, keep, recipes)]


def _describe(feature, kept, recipe, segment, folder, on_error, read):
    fingerprint, key = recipe
    entry = cache_files.entry_of(feature, segment, fingerprint, folder) if folder and fingerprint else None
    stored = cache_files.load(entry, whole=kept != "description") if entry else None
    if stored:
        return _kept(feature, kept, segment, stored[0], entry), stored[1], None
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
    if entry and not cache_files.store(entry, item, seconds):
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
        return Stored(entry, functools.partial(_describe_again, feature, segment))
    return description


def _describe_again(feature, segment):
    return feature.describe(feature.read(segment))


def _check_keep(features, keep):
    if keep is None:
        return [None] * len(features)
    if len(keep) != len(features) or any(kept not in KEEP for kept in keep):
        raise ValueError(f'keep takes "row" or "description" for each of {len(features)} features, got {keep!r}')
    for feature, kept in zip(features, keep):
        if kept == "row" and feature.learns:
            raise ValueError(f'{type(feature).__name__} learns from the training rows: keep its "description"')
    return keep


def _check_feature(feature):
    if not isinstance(feature, Feature):
        raise ValueError(f"a feature is an object such as vl.features.HOG(), not {feature!r}; add the brackets, or its name to vl.features.")

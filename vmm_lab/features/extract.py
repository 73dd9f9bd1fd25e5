"""A table and a feature go in, one float32 row for each row of the table comes out: cached, resumable, parallel.

Each description is written to the cache the moment it is done, under a name made of the file's content, the piece and
the feature's recipe. So a run that was stopped, or killed, goes on where it stood; renaming or moving a file costs
nothing; and changing a file, a piece or an option that matters can never give a stale answer.
"""
import functools
import hashlib
import os
import tempfile
import time
import warnings
import zipfile
import zlib
from pathlib import Path

import cv2
import joblib
import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted
from tqdm.auto import tqdm

from vmm_lab.files import cache_dir
from vmm_lab.features.base import Feature, Segment


def extract(table, feature, *, n_jobs=None, on_error="raise", cache=True, progress=True):
    """One row of numbers for each row of a table.

    table: DataFrame with `path` and, as needed, `start`, `end` (seconds) and `caption`; see `load_table`.
    feature: a `Feature`, such as `HOG()`. One that learns (`SIFTBag`, `WordBag`) must be fitted before.
    n_jobs: how many rows at a time; None is one, or whatever `joblib.parallel_config` says.
    on_error: "raise" stops at the first row that cannot be read; "skip" leaves NaN there and warns once, naming them.
    cache: keep descriptions under `cache_dir()/features`, and use those that are there.
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
    found, reasons, _ = descriptions(
        table, feature, n_jobs=n_jobs, on_error=on_error, cache=cache, progress=progress
    )
    if reasons:
        named = ((table["path"].iloc[row], reason) for row, reason in reasons.items())
        listed = "; ".join(f"{path}: {reason.removeprefix(f'{path}: ')}" for path, reason in named)
        warnings.warn(f"{len(reasons)} of {len(table)} rows have no {type(feature).__name__}: {listed}", stacklevel=2)
    good = [row for row in range(len(table)) if row not in reasons]
    rows = feature.encode([found[row] for row in good]) if good else np.empty((0, feature.dimensions), np.float32)
    if len(good) == len(table):
        return rows
    X = np.full((len(table), rows.shape[1]), np.nan, np.float32)
    X[good] = rows
    return X


def descriptions(table, feature, *, n_jobs=None, on_error="raise", cache=True, progress=True):
    """The stateless half of `extract`: what `feature.describe` makes of each row, before anything is learnt.

    Returns (found, reasons, seconds): a list of len(table) descriptions with None for a bad row; a dict from the
    number of a bad row to the reason; float64 (len(table),), the seconds that each row took the first time, also
    when it now came from the cache. Options and errors as in `extract`.
    """
    return describe_table(table, [feature], n_jobs=n_jobs, on_error=on_error, cache=cache, progress=progress)[0]


def describe_table(table, features, *, n_jobs=None, on_error="raise", cache=True, progress=True):
    """What `descriptions` gives, for several features at once: a list of its results, one for each feature.

    What two features read alike, such as the same frames, is decoded once for both; either's seconds count it in full,
    as what that feature costs alone.
    """
    if on_error not in ("raise", "skip"):
        raise ValueError(f'on_error must be "raise" or "skip", got {on_error!r}')
    for feature in features:
        _check_feature(feature)
        feature.check_options()
    todo = segments(table)
    folder = cache_dir() / "features" if cache else None
    recipes = [feature.recipe() for feature in features]
    names = ", ".join(type(feature).__name__ for feature in features)
    # Decoding, OpenCV and FFTs release the GIL: two threads described six videos 1.4 times as fast as one, two
    # processes 1.5, which does not pay for starting them. A row keeps to one OpenCV thread, since n_jobs is where
    # the parallelism is asked for.
    cv2_threads = cv2.getNumThreads()
    try:
        rows = joblib.Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
            joblib.delayed(_describe_row)(features, recipes, piece, folder, on_error) for piece in todo
        )
        rows = list(tqdm(rows, total=len(todo), desc=names, unit="row", disable=not progress))
    finally:
        cv2.setNumThreads(cv2_threads)
    results = []
    for number in range(len(features)):
        column = [row[number] for row in rows]
        reasons = {row: reason for row, (_, _, reason) in enumerate(column) if reason}
        seconds = np.array([seconds for _, seconds, _ in column], np.float64)
        results.append(([description for description, _, _ in column], reasons, seconds))
    return results


def segments(table):
    """The rows of a table as a list of `Segment`; NaN and None are both missing."""
    if "path" not in getattr(table, "columns", ()):
        raise ValueError("extract takes a table with a column 'path', one row for each piece of media: see load_table")

    def column(name):
        values = table[name] if name in table else [None] * len(table)
        return [None if pd.isna(value) else value for value in values]

    return [
        Segment(str(path), None if start is None else float(start), None if end is None else float(end), caption)
        for path, start, end, caption in zip(table["path"], *map(column, ("start", "end", "caption")))
    ]


def _describe_row(features, recipes, piece, folder, on_error):
    """For each feature (description, seconds, None) of one piece, or (None, seconds, reason)."""
    cv2.setNumThreads(1)
    read = {}  # what was read so far: (item, seconds)
    return [_describe(feature, recipe, piece, folder, on_error, read) for feature, recipe in zip(features, recipes)]


def _describe(feature, recipe, piece, folder, on_error, read):
    entry = _entry(feature, piece, recipe, folder) if folder else None
    stored = _load(entry) if entry else None
    if stored:
        return *stored, None
    started = time.perf_counter()
    key = feature.reads()
    try:
        if key not in read:
            read[key] = feature.read(piece), time.perf_counter() - started
        item, seconds = read[key]
        started = time.perf_counter()
        description = feature.describe(item)
    except ValueError as error:
        if on_error == "raise":
            raise
        return None, time.perf_counter() - started, str(error)
    seconds += time.perf_counter() - started
    if entry:
        _store(entry, description, seconds)
    return description, seconds, None


def _entry(feature, piece, recipe, folder):
    """The path of the cache entry; None where the file cannot be read, which `read` will say better."""
    if feature.modality == "words":
        what = ["words", piece.caption]
    else:
        try:
            what = [content_hash(piece.path, folder / "hashes"), piece.start, piece.end]
        except OSError:
            return None
    key = hashlib.sha256(repr((recipe, what)).encode()).hexdigest()
    return folder / type(feature).__name__ / key[:2] / f"{key}.npz"


def content_hash(path, memory):
    """SHA-256 of a file; not read again while its size and times stand, as noted in the folder `memory`."""
    state = os.stat(path)
    stamp = repr((os.path.abspath(path), state.st_size, state.st_mtime_ns, state.st_ctime_ns))
    return _hash_once(str(path), stamp, memory)


@functools.lru_cache(maxsize=100_000)
def _hash_once(path, stamp, memory):
    note = memory / hashlib.sha256(stamp.encode("utf-8", "surrogatepass")).hexdigest()
    try:
        known = note.read_text()
        if len(known) == 64:
            return known
    except OSError:
        pass
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    _write(note, lambda out: out.write(digest.encode()))
    return digest


def _check_feature(feature):
    if not isinstance(feature, Feature):
        raise ValueError(f"a feature is an object such as vl.features.HOG(), not {feature!r}; add the brackets, or its name to vl.features.")


def _load(entry):
    """(description, seconds) of a cache entry, or None: a damaged entry is as good as none."""
    try:
        with np.load(entry, allow_pickle=False) as stored:
            description, seconds = stored["description"], float(stored["seconds"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return (description.item() if description.dtype.kind == "U" else description), seconds


def _store(entry, description, seconds):
    _write(entry, lambda file: np.savez(file, description=description, seconds=seconds))


def _write(path, write):
    """Write beside the place and rename into it, so that a reader, or a kill, never meets half a file."""
    file = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            write(file)
        os.replace(file.name, path)
    except OSError as error:
        if file is not None:
            Path(file.name).unlink(missing_ok=True)
        text = f"nothing is cached in {path.parents[1]}: {error.strerror}; the work goes on without"
        warnings.warn(text, stacklevel=2)

"""Load data sets as pandas DataFrames, one row per labelled piece of media, and split them by group."""
import difflib
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from .media import MediaError
from .media.subtitles import read_srt
from .splits import group_split

# What a folder is searched for; a manifest may name files of any extension.
EXTENSIONS = frozenset(
    ".mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .ogv .wmv .flv .3gp .ts .mts .gif "
    ".wav .flac .mp3 .m4a .aac .ogg .opus .oga "
    ".png .jpg .jpeg .bmp .webp .tif .tiff .pgm .ppm".split()
)
TEXT_COLUMNS = ("label", "group", "split", "caption")
TIME_COLUMNS = ("start", "end")
SPLIT_FOLDERS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test",
}


class TableError(ValueError):
    """A table cannot be used; the message names the row and the column, and says the way out."""


def load_table(
    source: str | os.PathLike | pd.DataFrame, *, root: str | os.PathLike | None = None, size: str = "small",
    difficulty: str = "calm", seed: int = 0,
) -> pd.DataFrame:
    """Load a data set as a DataFrame with one row per labelled piece of media.

    source: one of
        * a folder: each subfolder is a class, a folder inside that is a group (the subject, the source video); if
          the subfolders are named train, val or test, they are the split and the classes are inside; subtitles next to
          a file (walk.srt next to walk.mp4) are its caption;
        * a CSV manifest (UTF-8; comma, semicolon or tab) with a column `path` and, as wanted, `label`, `group`,
          `split`, `caption`, `start`, `end`; any other column is kept;
        * a DataFrame with the same columns, whose relative paths start at the current folder;
        * the word "theatre", as str: the generated data set, rendered on first use.
    root: a folder that a manifest's paths may also lie in (and be relative to). Without it they stay inside the
        manifest's own folder, so that a manifest from elsewhere cannot reach the rest of the disk.
    size, difficulty, seed: for "theatre" only, see `vmm_lab.theatre.render`.

    Returns a DataFrame: `path` absolute; `label`, `group`, `split`, `caption` strings or missing; `start`, `end` as
    float64 seconds, NaN for "from the beginning" and "to the end".
    Raises TableError where the folder or the file is not there or is empty, `path` is missing, a path leads outside, or
    `start` and `end` make no interval. A file that cannot be read is found later: `extract` and `compare` report it.

    >>> import tempfile, pathlib, vmm_lab as vl
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "clips.csv").write_text("path,label,group\\na.mp4,wave,ada\\nb.mp4,jump,bob\\n")
    >>> (folder / "a.mp4").touch(), (folder / "b.mp4").touch()
    (None, None)
    >>> vl.load_table(folder / "clips.csv")[["label", "group"]].values.tolist()
    [['wave', 'ada'], ['jump', 'bob']]
    """
    if isinstance(source, pd.DataFrame):
        table = source.reset_index(drop=True).copy()
        return _tidy(table, where="the table", folder=Path.cwd(), root=root, bounded=False)
    if isinstance(source, str) and source == "theatre":  # Path("theatre") is a folder of that name
        from . import theatre

        return theatre.render(size=size, difficulty=difficulty, seed=seed)
    try:
        path = Path(os.path.expanduser(source))
    except TypeError:
        raise TableError("load_table takes a folder, a CSV manifest, a DataFrame or \"theatre\", "
                         f"not {type(source).__name__}.") from None
    if path.is_dir():
        return _from_folder(path)
    if not os.path.exists(path):
        raise TableError(f"There is no file or folder {path}; give a folder of class folders, a CSV manifest, "
                         "or \"theatre\".")
    return _tidy(_read_manifest(path), where=path.name, folder=path.parent, root=root, bounded=True)


def my_table(*, size: str = "small") -> pd.DataFrame:
    """Load the table of your own videos, which the environment variable VMM_LAB_VIDEOS names; without it, the theatre.

    size: of the theatre, see `load_table`.
    """
    return load_table(os.environ.get("VMM_LAB_VIDEOS") or "theatre", size=size)


def split_by_group(
    table: pd.DataFrame, *, test: float = 0.25, group: str | None = "group", seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split a table into train and test rows so that no group stands on both sides.

    test: the share of rows wanted for testing, in (0, 1); met as nearly as whole groups allow, each class alike if it
        can be. See `splits.group_split`.
    group: the column that must not be split. None asks for a random split, which warns: pieces of one video on both
        sides make a score look better than it is.
    Returns the train rows and the test rows, in the order of the table, their index kept. Raises TableError where there
    is no such column, a row has no group, or there are fewer than two groups.

    >>> table = pd.DataFrame({"path": list("abcdef"), "label": list("xyxyxy"), "group": list("112233")})
    >>> train, test = split_by_group(table, test=1 / 3)
    >>> set(train["group"]) & set(test["group"])
    set()
    """
    labels = table["label"] if "label" in table else np.full(len(table), "")
    if group is None:
        warnings.warn("A random split: pieces of the same video or person may stand on both sides, and the score will "
                      "look better than it is. Split by a group column where you can.", stacklevel=2)
        held = group_split(np.arange(len(table)), labels, test, seed)
    elif group not in table:
        raise TableError(f"The table has no column `{group}` to split by; add one that says who or what must not stand "
                         "on both sides, or ask for a random split with group=None.")
    else:
        missing = table[group].isna().to_numpy()
        if missing.any():
            raise TableError(f"Row {missing.argmax()} has no `{group}`; every row needs one to be split by it.")
        if table[group].nunique() < 2:
            raise TableError(f"The column `{group}` holds one group only; a split by group needs at least two.")
        held = group_split(table[group], labels, test, seed)
    return table[~held], table[held]


def _from_folder(folder):
    files = [file for file in map(Path, sorted(_walk(folder))) if file.suffix.lower() in EXTENSIONS]
    files = [file for file in files if not file.name.startswith(".")]
    if not files:
        raise TableError(f"The folder {folder} holds no media that can be told by its extension; "
                         "it wants one subfolder per class, with videos, sounds or pictures inside.")
    parts = [f.relative_to(folder).parts[:-1] for f in files]
    columns = {"path": [os.path.abspath(f) for f in files]}
    if all(p and p[0].lower() in SPLIT_FOLDERS for p in parts):
        columns["split"] = [SPLIT_FOLDERS[p[0].lower()] for p in parts]
        parts = [p[1:] for p in parts]
    if any(parts):
        columns["label"] = [p[0] if p else None for p in parts]
    if any(len(p) > 1 for p in parts):
        # A file beside group folders is its own group: nothing else is known to belong to it.
        columns["group"] = [p[1] if len(p) > 1 else "/".join([*p, f.stem]) for p, f in zip(parts, files)]
    captions = [_subtitles(f) for f in files]
    if any(captions):
        columns["caption"] = captions
    return pd.DataFrame(columns)


def _subtitles(file):
    """Return all words of the name.srt next to a file, or None; one that cannot be read is left out with a warning."""
    beside = file.with_suffix(".srt")
    if not beside.is_file():
        return None
    try:
        return " ".join(text for _, _, text in read_srt(beside)) or None
    except MediaError as error:
        warnings.warn(f"{str(error).rstrip('.')}; the row has no caption.", stacklevel=4)
        return None


def _walk(folder):
    seen = set()
    for here, folders, files in os.walk(folder, followlinks=True, onerror=_refuse):
        real = os.path.realpath(here)
        if real in seen:  # a link that leads back up would never end
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        yield from (os.path.join(here, f) for f in files)


def _refuse(error):
    raise TableError(f"The folder {error.filename} may not be read ({error.strerror}); change its permissions, "
                     "or move it elsewhere.") from None


def _read_manifest(source):
    separator = ","
    try:
        with open(source, encoding="utf-8-sig") as file:
            header = file.readline()
        separator = max(",;\t", key=header.count)
        # "NA" and "None" may be labels; only an empty cell and "NaN" are missing.
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row with a cell too many would lose it
            return pd.read_csv(
                source, sep=separator, encoding="utf-8-sig", skipinitialspace=True, keep_default_na=False,
                index_col=False, na_values=["", "NaN", "nan"], dtype=dict.fromkeys(("path", *TEXT_COLUMNS), str),
            )
    except pd.errors.ParserWarning:
        raise TableError(f"{source} has rows with more cells than its header; put text that holds a {separator!r} "
                         "in double quotes.") from None
    except UnicodeDecodeError:
        raise TableError(f"{source} is not UTF-8 text; save the manifest as CSV in UTF-8.") from None
    except PermissionError:
        raise TableError(f"{source} may not be read; check its permissions.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, OSError) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise TableError(f"{source} cannot be read as a CSV table ({reason}); it wants a header line with "
                         "a column `path`.") from None


def _tidy(table, *, where, folder, root, bounded):
    """Check a raw table and bring its columns to the types that `load_table` promises."""
    table.columns = [str(c).strip() for c in table.columns]
    twice = table.columns[table.columns.duplicated()]
    if len(twice):
        raise TableError(f"{where} has two columns `{twice[0]}`; rename one of them.")
    if "path" not in table:
        near = difflib.get_close_matches("path", [c.lower() for c in table.columns], n=1)
        near = near or [c for c in table.columns if c.lower() in ("file", "filename", "video", "filepath", "url")]
        hint = f"rename `{near[0]}`" if near else "add one"
        raise TableError(f"{where} has no column `path` (its columns: {', '.join(table.columns) or 'none'}); {hint}, "
                         "with the place of each file relative to the manifest.")
    if table.empty:
        raise TableError(f"{where} has a header but no rows; add one row per file.")
    for column in TEXT_COLUMNS:
        if column in table:
            table[column] = [_text(value) for value in table[column]]
    for column in TIME_COLUMNS:
        if column in table:
            table[column] = _seconds(table[column], column, where)
    _check_intervals(table, where)
    table["path"] = [_locate(p, row, where, folder, root, bounded) for row, p in enumerate(table["path"])]
    if not any(os.path.exists(p) for p in table["path"]):
        raise TableError(f"None of the {len(table)} files that {where} names is there (the first is "
                         f"{table['path'].iloc[0]}); paths are relative to the manifest, or to root=.")
    return table


def _text(value):
    """A cell as text, None where it is empty; 3.0 is "3", as integers next to missing cells are read as floats."""
    if pd.isna(value):
        return None
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value).strip() or None


def _seconds(column, name, where):
    values = pd.to_numeric(column, errors="coerce").astype("float64")
    bad = np.flatnonzero((values.isna() & column.notna()) | np.isinf(values))
    if len(bad):
        raise TableError(f"{where}, row {bad[0]}: `{name}` is {column.iloc[bad[0]]}, which is no number of seconds; "
                         "leave the cell empty for the whole file.")
    return values


def _check_intervals(table, where):
    missing = pd.Series(np.nan, index=table.index)
    start, end = (table.get(c, missing) for c in TIME_COLUMNS)
    for name, values in (("start", start), ("end", end)):
        bad = np.flatnonzero(values < 0)
        if len(bad):
            raise TableError(f"{where}, row {bad[0]}: `{name}` is {values.iloc[bad[0]]:g} s; "
                             "seconds count from 0, the beginning of the file.")
    bad = np.flatnonzero(end <= start.fillna(0))
    if len(bad):
        raise TableError(f"{where}, row {bad[0]}: `end` ({end.iloc[bad[0]]:g} s) is not after `start` "
                         f"({0 if np.isnan(start.iloc[bad[0]]) else start.iloc[bad[0]]:g} s); a piece needs a length.")


def _locate(path, row, where, folder, root, bounded):
    """The absolute path of one row; it stays inside the manifest's folder, or inside `root`."""
    path = _text(path)
    if path is None or "\0" in path:
        raise TableError(f"{where}, row {row}: `path` is empty; every row names a file.")
    roots = [Path(r).expanduser().absolute() for r in (folder, root) if r is not None]
    places = [Path(os.path.normpath(r / path)) for r in roots]
    # Links are followed for the check, and both ways of naming a folder that is itself a link are understood.
    allowed = [p for p in places if not bounded or any(_real(p).is_relative_to(_real(r)) for r in roots)]
    if not allowed:
        raise TableError(f"{where}, row {row}: `path` {path!r} leads outside the manifest's folder; "
                         f"if that is meant, allow it with root= (here root={str(places[0].parent)!r}).")
    return str(next((p for p in allowed if os.path.exists(p)), allowed[0]))


def _real(path):
    """Where a path leads once links are followed; os.path, unlike pathlib, takes names that no file can have."""
    return Path(os.path.realpath(path))

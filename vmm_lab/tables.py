"""Load data sets as pandas DataFrames, one row per labelled piece of media, and split them by group."""
import codecs
import csv
import datetime
import difflib
import functools
import io
import numbers
import os
import re
import unicodedata
import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .media import MediaError
from .media.subtitles import read_srt

# What a folder is searched for; a manifest may name files of any extension.
EXTENSIONS = frozenset(
    ".mp4 .m4v .mov .mkv .webm .avi .mpg .mpeg .mpe .m2v .ogv .ogm .wmv .asf .flv .f4v .3gp .3g2 .ts .mts .m2ts .vob "
    ".dv .wav .flac .mp3 .m4a .aac .ogg .opus .oga .mka .wma .aif .aiff .amr .caf .gif "
    ".png .jpg .jpeg .jpe .jfif .bmp .webp .tif .tiff .pgm .ppm .jp2 .avif .heic .heif .hif .npy".split()
)
# What disks and archives keep for themselves, beside names that begin with a dot: thumbnails, the bin.
SYSTEM_FOLDERS = frozenset(("@eadir", "#recycle", "@recycle", "#snapshot", "$recycle.bin", "recycler", "lost+found",
                            "system volume information", "__macosx"))
TEXT_COLUMNS = ("label", "group", "split", "caption", "tags")
TIME_COLUMNS = ("start", "end")
SPLIT_WORDS = {"train": ("train", "training"), "val": ("val", "valid", "validation", "dev", "development"),
               "test": ("test", "tests", "testing")}


class TableError(ValueError):
    """A table cannot be used; the message names the row and the column, and says the way out."""


def load_table(
    source: str | os.PathLike | pd.DataFrame, *, root: str | os.PathLike | None = None, size: str = "small",
    difficulty: str = "calm", seed: int = 0,
) -> pd.DataFrame:
    """Load a data set as a DataFrame with one row per labelled piece of media.

    source: one of
        * a folder: each subfolder is a class, a folder inside that is a group (the subject, the source video); folders
          named train, val or test (see `side_of`), above the classes or inside them, are the split; subtitles next to
          a file (walk.srt next to walk.mp4) are its caption; hidden and system folders are left out;
        * a CSV manifest (UTF-8, or UTF-16 with its mark; comma, semicolon, tab or |) with a column `path` and, as
          wanted, `label`, `tags` (several, between | or ;), `group`, `split`, `caption`, `start`, `end`; any other
          column is kept;
        * a DataFrame with the same columns, whose relative paths start at the current folder;
        * the word "theatre" (short clips) or "programmes" (minutes of many shots), as str: rendered on first use.
    root: a folder that a manifest's paths may also lie in (and be relative to). Without it they stay inside the
        manifest's own folder, so that a manifest from elsewhere cannot reach the rest of the disk.
    size, difficulty, seed: see `vmm_lab.theatre.render` and `theatre.programmes`, which have one difficulty.

    Returns a DataFrame: `path` absolute; `label`, `tags` (see `tags_of`), `group`, `split`, `caption` strings or
    missing, one name however it is spelt (Unicode's NFC, single spaces, 2 for 2.0); `start`, `end` as float64 seconds,
    NaN for "from the beginning" and "to the end". Labels, tags or groups that still read alike, such as Cat and cat,
    get a warning.
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
    if isinstance(source, str) and source in ("theatre", "programmes"):  # Path("theatre") is a folder of that name
        from . import theatre

        return (theatre.render(size=size, difficulty=difficulty, seed=seed) if source == "theatre"
                else theatre.programmes(size, seed=seed))
    if isinstance(source, pd.DataFrame):
        table = _tidy(source.reset_index(drop=True), where="the table", folder=Path.cwd(), root=root, bounded=False)
    else:
        try:
            path = Path(os.path.expanduser(source))
        except TypeError:
            raise TableError("load_table takes a folder, a CSV manifest, a DataFrame or \"theatre\", "
                             f"not {type(source).__name__}.") from None
        if not os.path.exists(path):
            raise TableError(f"There is no file or folder {path}; give a folder of class folders, a CSV manifest, "
                             "or \"theatre\".")
        if path.is_dir():
            table = _from_folder(path)
        else:
            rows = read_csv(path, dict.fromkeys(("path", *TEXT_COLUMNS, *TIME_COLUMNS), str))
            table = _tidy(rows, where=path.name, folder=path.parent, root=root, bounded=True)
    for note in look_alikes(table):
        warnings.warn(note, stacklevel=2)
    return table


def my_table(*, size: str = "small") -> pd.DataFrame:
    """Load the table of your own videos, which the environment variable VMM_LAB_VIDEOS names; without it, the theatre.

    size: of the theatre, see `load_table`.
    """
    return load_table(os.environ.get("VMM_LAB_VIDEOS") or "theatre", size=size)


def side_of(word: str) -> str | None:
    """Return "train", "val" or "test" for a word that names one of them, such as "Testing" or "train_set"; else None.

    >>> side_of("Training"), side_of("test-set"), side_of("cat")
    ('train', 'test', None)
    """
    plain = re.sub(r"[ _-]?(set|data|split)$", "", word.strip().casefold())
    return next((side for side, words in SPLIT_WORDS.items() if plain in words), None)


def tags_of(table: pd.DataFrame) -> list[tuple[str, ...] | None]:
    """Return the tags of each row, each once, in the order of its cell; None for a row without any word on its tags.

    A cell of the column `tags` holds names between | or ; or is a list of names. An empty cell says that nobody tagged
    the row; a lone | says that it has none of the tags. Raises TableError where there is no such column.

    >>> tags_of(pd.DataFrame({"tags": ["dog| park;dog", "|", None]}))
    [('dog', 'park'), (), None]
    """
    if "tags" not in table:
        raise TableError("The table has no column `tags`; add one with the tags of each row, such as dog|park.")
    cells = [_tags(value, f"row {row}: `tags`") for row, value in enumerate(table["tags"])]
    return [None if cell is None else tuple(filter(None, cell.split("|"))) for cell in cells]


def tag_matrix(table: pd.DataFrame) -> pd.DataFrame:
    """Return which row has which tag, bool (rows, tags), the tags in order of the alphabet; see `tags_of`.

    >>> tag_matrix(pd.DataFrame({"tags": ["dog|park", "dog"]})).to_dict("list")
    {'dog': [True, True], 'park': [True, False]}
    """
    cells = ["|".join(tags or ()) for tags in tags_of(table)]
    return pd.Series(cells, table.index, str).str.get_dummies("|").astype(bool)


def look_alikes(table: pd.DataFrame) -> list[str]:
    """Return a sentence on labels, tags or groups that differ in case, spaces or invisible characters alone.

    >>> look_alikes(pd.DataFrame({"label": ["Cat", "cat", "dog"]}))[0][:62]
    "The column `label` holds 'Cat' and 'cat', which read alike and"
    """
    notes = []
    for column in [name for name in ("label", "tags", "group") if name in table]:
        alike, values = defaultdict(set), table[column].dropna().astype(str)
        for value in values.str.split("|").explode() if column == "tags" else values:
            plain = unicodedata.normalize("NFKC", value).casefold()
            alike["".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Zs"))].add(value)
        notes += [f"The column `{column}` holds {' and '.join(map(repr, sorted(names)))}, which read alike and count "
                  f"as {len(names)}; write them in one way if they mean the same."
                  for names in alike.values() if len(names) > 1]
    return notes


def _from_folder(folder):
    files = [file for file in sorted(_walk(folder)) if file.suffix.lower() in EXTENSIONS]
    if not files:
        raise TableError(f"The folder {folder} holds no media that can be told by its extension; "
                         "it wants one subfolder per class, with videos, sounds or pictures inside.")
    columns = {"path": [os.path.abspath(file) for file in files]}
    columns["split"], parts = _split_folders(
        [tuple(map(_name, file.relative_to(folder).parts[:-1])) for file in files], folder)
    if any(parts):
        columns["label"] = [part[0] if part else None for part in parts]
    if any(len(part) > 1 for part in parts):
        # A file beside group folders is its own group: nothing else is known to belong to it.
        columns["group"] = [part[1] if len(part) > 1 else "/".join([*part, f.stem]) for part, f in zip(parts, files)]
    columns["caption"] = [_subtitles(file) for file in files]
    return pd.DataFrame({name: column for name, column in columns.items() if name == "label" or any(column)})


def _split_folders(parts, folder):
    """Return (the split of each file, the folders that are left) of folders named train and test, on the first level,
    or inside every class, or inside a single folder around all.
    """
    for level in (0, 1):
        here = [part[level] if len(part) > level else None for part in parts]
        sides = [None if name is None else side_of(name) for name in here]
        found = set(filter(None, sides))
        strangers = [k for k, side in enumerate(sides) if side is None]
        if not found or strangers and (level or not {"train"} < found):
            continue  # a class may be called train, with bus and tram next to it
        if strangers:
            where = folder.joinpath(*parts[strangers[0]][:1])
            warnings.warn(
                f"{len(strangers)} of {len(parts)} files stand outside the folders of {' and '.join(sorted(found))}, "
                f"such as in {where}, so they have no split and no label; move them into one of these, or elsewhere.",
                stacklevel=4)
        around = level and len({part[0] for part in parts}) == 1 and any(len(part) > 2 for part in parts)
        first = 0 if around else level
        return sides, [part[:first] + part[level + 1:] if side else () for part, side in zip(parts, sides)]
    return [None] * len(parts), parts


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


def _walk(folder, above=()) -> Iterator[Path]:
    """Yield the files in a folder and below it, without hidden and system ones; no link is taken back up."""
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise TableError(f"The folder {folder} may not be read ({error.strerror}); change its permissions, or move it "
                         "elsewhere.") from None
    above = (*above, os.path.realpath(folder))
    for entry in entries:
        if entry.name.startswith(".") or entry.name.casefold() in SYSTEM_FOLDERS:
            continue
        if not entry.is_dir():
            yield Path(entry.path)
        elif os.path.realpath(entry.path) not in above:
            yield from _walk(entry.path, above)


def read_csv(source: Path, dtype: Any) -> pd.DataFrame:
    """Read a CSV as people and spreadsheets write it, whatever separates its cells; TableError for what is none."""
    try:
        stored = source.read_bytes()
        marked = stored.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        lines = stored.decode("utf-16" if marked else "utf-8-sig").lstrip("\r\n").splitlines(keepends=True)
        if not marked and b"\0" in stored:
            raise UnicodeError
        asked = re.fullmatch(r"sep=(.)\s*", lines[0]) if lines else None  # a spreadsheet's own first line
        lines = lines[bool(asked):]
        header = re.sub(r'"[^"]*"', "", lines[0]) if lines else ""
        separator = asked[1] if asked else max(",;\t|", key=header.count)
        names = _named(next(csv.reader(lines[:1], delimiter=separator, skipinitialspace=True), []), source.name)
        # "NA" and "None" may be labels; only an empty cell and "NaN" are missing.
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row with a cell too many would lose it
            table = pd.read_csv(
                io.StringIO("".join(lines)), sep=separator, skipinitialspace=True, keep_default_na=False, header=0,
                names=names or None, index_col=False, na_values=["", "NaN", "nan"],
                dtype=dtype,
            )
        return table.dropna(how="all").reset_index(drop=True)  # spreadsheets add rows of empty cells
    except UnicodeError:
        raise TableError(f"{source} is not UTF-8 text; save it as CSV in UTF-8.") from None
    except pd.errors.ParserWarning:
        raise TableError(f"{source} has rows with more cells than its header; put text that holds a {separator!r} "
                         "in double quotes.") from None
    except PermissionError:
        raise TableError(f"{source} may not be read; check its permissions.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, OSError) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise TableError(f"{source} cannot be read as a CSV table ({reason}); it wants a header line with the names of "
                         "its columns.") from None


def _named(columns, where):
    """Return the names of columns without spaces around them, ours in lower case; TableError for one that is twice."""
    stripped = [str(column).strip() for column in columns]
    ours = {name for name in ("path", *TEXT_COLUMNS, *TIME_COLUMNS) if name not in stripped}
    names = [name.lower() if name.lower() in ours else name or f"Unnamed: {k}" for k, name in enumerate(stripped)]
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice is not None:
        raise TableError(f"{where} has two columns `{twice}`; rename one of them.")
    return names


def _tidy(table, *, where, folder, root, bounded):
    """Check a raw table and bring its columns to the types that `load_table` promises."""
    table.columns = _named(table.columns, where)
    if "path" not in table:
        near = difflib.get_close_matches("path", table.columns, n=1)
        near = near or [c for c in table.columns if c.lower() in ("file", "filename", "video", "filepath", "url")]
        hint = f"rename `{near[0]}`" if near else "add one"
        raise TableError(f"{where} has no column `path` (its columns: {', '.join(table.columns) or 'none'}); {hint}, "
                         "with the place of each file relative to the manifest.")
    if table.empty:
        raise TableError(f"{where} has a header but no rows; add one row per file.")
    for column in TEXT_COLUMNS:
        if column in table:
            read = {"caption": functools.partial(_text, as_name=False), "tags": _tags}.get(column, _text)
            table[column] = [read(value, f"{where}, row {row}: `{column}`") for row, value in enumerate(table[column])]
    for column in TIME_COLUMNS:
        if column in table:
            table[column] = np.array([as_seconds(value, f"{where}, row {row}: `{column}`")
                                      for row, value in enumerate(table[column])], np.float64)
    _check_intervals(table, where)
    table["path"] = [locate(p, row, where, folder, root, bounded) for row, p in enumerate(table["path"])]
    if not any(os.path.exists(p) for p in table["path"]):
        raise TableError(f"None of the {len(table)} files that {where} names is there (the first is "
                         f"{table['path'].iloc[0]}); paths are relative to the manifest, or to root=.")
    return table


def _text(value, what, *, as_name=True):
    """Return a cell as text, None where it is empty; of a name one form, however it is spelt."""
    if not isinstance(value, os.PathLike) and not pd.api.types.is_scalar(value):
        raise TableError(f"{what} is {value!r}, which is no single text; give each row one.")
    if not isinstance(value, os.PathLike) and pd.isna(value):
        return None
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)  # integers next to missing cells are read as floats
    text = str(value).strip()
    return None if text in ("", "nan", "NaN", "<NA>", "NaT") else _name(text) if as_name else text


def _tags(value, what):
    """Return a cell of tags as "a|b", each once; "|" for none of them, None where it is empty."""
    if isinstance(value, (list, tuple, set, frozenset, np.ndarray)):
        value = "|".join(map(str, sorted(value) if isinstance(value, (set, frozenset)) else value)) or "|"
    text = _text(value, what, as_name=False)
    if text is None:
        return None
    return "|".join(dict.fromkeys(filter(None, map(_name, re.split(r"[|;]", text))))) or "|"


def _name(text):
    """Return a name in one form: NFC (a Mac takes letters and their marks apart), single spaces, 2 for 2.0."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    return re.sub(r"^(-?\d+)\.0+$", r"\1", text)


def as_seconds(value: Any, what: str) -> float:
    """Return a number of seconds, a text that holds one, or a length of time as seconds; NaN where it is missing.

    Raises TableError, which begins with `what`, for anything else, such as a date.

    >>> as_seconds("0,5", "start"), as_seconds(pd.Timedelta("1min"), "end")
    (0.5, 60.0)
    """
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return np.nan
    seconds = np.nan
    if isinstance(value, (datetime.timedelta, np.timedelta64)):
        seconds = pd.Timedelta(value).total_seconds()
    elif isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)):
        seconds = float(value)
    elif isinstance(value, str):
        if not value.strip():
            return np.nan
        # 0,5 is how half of the world writes 0.5; 1,000 may be a thousand.
        text = re.sub(r"^\s*(0,\d+|\d+,\d\d?)\s*$", lambda found: found[1].replace(",", "."), value)
        seconds = pd.to_numeric(text, errors="coerce")
    if not np.isfinite(seconds):
        raise TableError(f"{what} is {value}, which is no number of seconds; write 65.5 for 1:05.5, and leave the cell "
                         "empty for the whole file.")
    return float(seconds)


def _check_intervals(table, where):
    for row, (start, end) in enumerate(table.reindex(columns=TIME_COLUMNS).to_numpy(float)):
        for name, value in zip(TIME_COLUMNS, (start, end)):
            if value < 0:
                raise TableError(f"{where}, row {row}: `{name}` is {value:g} s; seconds count from 0, the beginning of "
                                 "the file.")
        start = 0.0 if np.isnan(start) else start
        if end <= start:
            raise TableError(f"{where}, row {row}: `end` ({end:g} s) is not after `start` ({start:g} s); a piece needs "
                             "a length.")


def locate(path: Any, row: int, where: str, folder: Path, root: Any = None, bounded: bool = False) -> str:
    """Return the absolute path of one row; bounded, it stays inside the manifest's folder, or inside `root`."""
    path = _text(path, f"{where}, row {row}: `path`", as_name=False)
    if path is None or "\0" in path:
        raise TableError(f"{where}, row {row}: `path` is empty; every row names a file.")
    # As it is; else as Windows writes it; else with letters and their marks joined or apart, as other systems do.
    slashed = path.replace("\\", "/")
    spelt = dict.fromkeys([path, slashed, *(unicodedata.normalize(form, slashed) for form in ("NFC", "NFD"))])
    roots = [Path(r).expanduser().absolute() for r in (folder, root) if r is not None]
    places = [Path(os.path.normpath(r / name)) for name in spelt for r in roots]
    # Links are followed for the check, and both ways of naming a folder that is itself a link are understood.
    allowed = [p for p in places if not bounded or any(_real(p).is_relative_to(_real(r)) for r in roots)]
    found = next((p for p in places if os.path.exists(p)), None)
    if not allowed or found is not None and found not in allowed and not any(map(os.path.exists, allowed)):
        raise TableError(f"{where}, row {row}: `path` {path!r} leads outside the manifest's folder; "
                         f"if that is meant, allow it with root= (here root={str((found or places[0]).parent)!r}).")
    return str(next((p for p in allowed if os.path.exists(p)), allowed[0]))


def _real(path):
    """Where a path leads once links are followed; os.path, unlike pathlib, takes names that no file can have."""
    return Path(os.path.realpath(path))

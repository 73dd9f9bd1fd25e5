"""Represent the rows of a table as segments of media, and tell which modalities each of them has."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from vmm_lab.media import MediaError, open_media
from vmm_lab.modalities import MODALITIES, fusible
from vmm_lab.tables import as_seconds

HIDDEN = ("label", "tags", "group", "split")  # the answer and the folds: what a feature must not read


@dataclass(frozen=True, slots=True)
class Segment:
    """Represent one row of a table: a file, or the seconds [start, end) of it, with its caption; None is all, or none.

    columns: {name: value} of the row's other columns, without those of HIDDEN; a missing value is None.
    """

    path: str
    start: float | None = None
    end: float | None = None
    caption: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict, hash=False)


def segments(table: pd.DataFrame) -> list[Segment]:
    """Return the rows of a table as a list of `Segment`; NaN and None are both missing.

    >>> segments(pd.DataFrame({"path": ["a.mp4"], "start": [0.5], "take": [2]}))
    [Segment(path='a.mp4', start=0.5, end=None, caption=None, columns={'take': 2})]
    """
    if "path" not in getattr(table, "columns", ()):
        raise ValueError("extract takes a table with a column 'path', one row for each piece of media: see load_table")
    if not table.columns.is_unique:
        name = table.columns[table.columns.duplicated()][0]
        raise ValueError(f"the table has several columns {name!r}; rename or drop all of them but one.")
    times = {name: [as_seconds(value, f"row {row}: `{name}`") for row, value in enumerate(table[name])]
             for name in ("start", "end") if name in table}
    found = []
    for row in table.assign(**times).drop(columns=[*HIDDEN], errors="ignore").to_dict("records"):
        columns = {name: None if pd.api.types.is_scalar(value) and pd.isna(value) else value
                   for name, value in row.items()}
        start, end, caption = (columns.pop(name, None) for name in ("start", "end", "caption"))
        caption = None if caption is None else str(caption)  # a table of one's own may hold numbers
        found.append(Segment(str(columns.pop("path")), start, end, caption, columns))
    return found


def modalities_of(segment: Segment) -> set[str] | str:
    """Return the names of the registered modalities that a segment has; or, as str, why its file cannot be read.

    >>> modalities_of(Segment("nowhere.mp4", caption="a man falls"))
    'nowhere.mp4: no such file; check the spelling and the folder.'
    """
    try:
        with open_media(segment.path) as media:
            return {name for name, modality in MODALITIES.items() if modality.has(media, segment)}
    except (MediaError, OSError) as error:
        return str(error)


def modality_table(table: pd.DataFrame) -> pd.DataFrame:
    """Tell which modalities each row of a table has: bool, a column for each that a fused network can read.

    >>> modality_table(pd.DataFrame({"path": ["no_such.mp4"]}))  # a file that is not there has none
       video  sound  words
    0  False  False  False
    """
    held = [modalities_of(segment) for segment in segments(table)]  # as str, why not: such a row has none
    return pd.DataFrame({name: [name in set(found) for found in held] for name in fusible()}, table.index)


def fusible_rows(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows that can teach a fused network, and the names of their modalities.

    These have a label and a modality; one without a `group` is its own. None where there are not at least two classes,
    two groups and two modalities.

    >>> rows, names = fusible_rows(pd.DataFrame({"path": ["no_such.mp4"]}))
    >>> len(rows), names
    (0, [])
    """
    held = modality_table(table)
    names = [name for name in held if held[name].any()]
    rows = table[held.any(axis=1)].dropna(subset=["label"] if "label" in table else [])
    rows = rows.assign(group=rows.get("group", rows["path"]).fillna(rows["path"]))
    classes = rows["label"].nunique() if "label" in rows else 0
    enough = min(classes, rows["group"].nunique(), len(names)) > 1
    return rows if enough else rows.iloc[:0], names


def is_missing(segment: Segment, modality: str) -> bool:
    """Tell whether a segment that gave nothing in a modality of its file merely has none of it in its time.

    So it is where the file decodes: there is one frame and no change, or the sound is over. Where it does not, the
    file is damaged.
    """
    decode = MODALITIES[modality].decode if modality in MODALITIES else None
    if decode is None:
        return False
    try:
        with open_media(segment.path) as media:
            decode(media, segment)
    except (ValueError, OSError):  # a MediaError is a ValueError, and so is a start behind the end of the file
        return False
    return True

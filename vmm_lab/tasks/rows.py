"""Find the rows of a table that every method is scored on, and describe them for each method."""
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import features
from ..modalities import MODALITIES
from ..tables import TableError, tag_matrix
from ._text import first_few, joined, short
from .folds import group_names

if TYPE_CHECKING:
    from .method import Method


@dataclass(frozen=True)
class Need:
    """Say what a method needs of a row: a modality, and what a feature makes of it.

    keep: "row", a vector as soon as a row is described; or "description", read back from the cache when it is needed.
    """

    modality: str
    feature: features.Feature
    keep: Literal["row", "description"] = "description"


@dataclass
class Items:
    """Hold what was described of n rows: one `Described` for each need of a method, in the order of its needs.

    groups: str (n,), or None; known of tested rows too.
    """

    n: int
    parts: list[features.Described] = field(default_factory=list)
    groups: NDArray | None = None

    def __len__(self) -> int:
        return self.n

    def take(self, rows: Sequence[int] | NDArray) -> "Items":
        """Return the items of some rows, int (m,)."""
        groups = None if self.groups is None else self.groups[np.asarray(rows)]
        return Items(len(rows), [part.take(rows) for part in self.parts], groups)

    def usable(self, *, any_part: bool = False) -> NDArray[np.bool_]:
        """Return which rows have all parts (or any of them), bool (n,)."""
        combine = np.any if any_part else np.all
        return combine([part.present for part in self.parts], axis=0) if self.parts else np.ones(self.n, bool)


@dataclass
class Rows:
    """Hold the usable rows, numbered from 0, and what was described of them.

    table: the rows. labels str (n,), or None; several: whether each holds any number of tags, "a|b". items:
    {method: Items}, and seconds: {method: float64 (n,)} that describing took. left_out: [{"name", "reason"}] of methods
    that apply to no row. skipped: [{"path", "reason"}] of files. warnings: sentences.
    """

    table: pd.DataFrame
    labels: NDArray | None
    several: bool = False
    items: dict[str, Items] = field(default_factory=dict)
    seconds: dict[str, NDArray] = field(default_factory=dict)
    left_out: list[dict[str, str]] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def classes(self) -> NDArray:
        """Return the labels, or the tags, sorted, each once; an empty array without labels."""
        if self.labels is None:
            return np.array([], dtype=str)
        return np.array(self._tags().columns, dtype=str) if self.several else np.unique(self.labels)

    @property
    def truth(self) -> NDArray:
        """Return the labels as numbers into `classes`, int (n,), zeros without labels; of tags, bool (n, classes)."""
        if self.labels is None:
            return np.zeros(len(self), int)
        return self._tags().to_numpy() if self.several else np.searchsorted(self.classes, self.labels)

    @property
    def indicators(self) -> NDArray[np.bool_]:
        """Return which row is of which class, bool (n, classes)."""
        return self.truth if self.several else self.truth[:, None] == np.arange(len(self.classes))

    def _tags(self) -> pd.DataFrame:
        return tag_matrix(pd.DataFrame({"tags": self.labels}))

    @property
    def groups(self) -> NDArray | None:
        """Return the group of each row, str (n,), a row without one being its own; None where no row has one."""
        return group_names(self.column("group"))

    def column(self, name: str) -> list[str | None] | None:
        """Return the values of a text column, None where one is missing; or None without such a column."""
        return [None if pd.isna(value) else str(value) for value in self.table[name]] if name in self.table else None


def usable_rows(table: pd.DataFrame, methods: "Mapping[str, Method]", *, label: str | None = "label",
                fuse: int = 2, n_jobs: int | None = None, progress: bool = True) -> Rows:
    """Look into every file, and describe every row for each method that applies to it.

    A row lacks a modality where its file has no such stream, or nothing of it in the row's time, or its caption no
    words. A file that has it and cannot be decoded is left out for all methods, so that all are scored on the same
    rows.

    table: as `load_table` gives it. methods: {name: Method}. label: the column that every row needs, None for none; of
    "tags" each row may hold several.
    fuse: how many of its modalities must be in some row for a method of several. Raises TableError where no row has a
    label, or no file can be used.
    """
    table, notes = _labelled(table, label)
    kinds: dict[str, Any] = {}  # rows hold few different sets of modalities: each is kept once
    held = [kinds.setdefault(repr(one), one) for one in joblib.Parallel(n_jobs=n_jobs, prefer="threads")(
        joblib.delayed(features.modalities_of)(segment) for segment in features.segments(table))]
    bad = {row: reason for row, reason in enumerate(held) if isinstance(reason, str)}
    readable = [row for row in range(len(table)) if row not in bad]
    needs = list(dict.fromkeys(need for method in methods.values() for need in method.needs))
    for name in {need.modality for need in needs} - set(MODALITIES):
        raise ValueError(f"There is no modality {name!r}; add it with vmm_lab.modalities.register.")
    found = _describe(table.iloc[readable], [held[row] for row in readable], needs, n_jobs=n_jobs, progress=progress)
    failed = list(set().union(*(one.failed for one in found.values())))
    for k, segment in zip(failed, features.segments(table.iloc[[readable[k] for k in failed]])):
        if reason := _broken(segment, k, found):
            bad[readable[k]] = reason
    skipped = [{"path": (path := str(table["path"].iloc[row])), "reason": bad[row].removeprefix(f"{path}: ")}
               for row in sorted(bad)]
    used = [k for k, row in enumerate(readable) if row not in bad]
    if not used:
        raise TableError(f"None of the {len(table)} {'labelled ' if label else ''}files can be used; the first: "
                         f"{skipped[0]['path']}: {skipped[0]['reason']}")
    table = table.iloc[[readable[k] for k in used]].reset_index(drop=True)
    labels = table[label].to_numpy(str) if label else None
    rows = Rows(table, labels, label == "tags", skipped=skipped, warnings=notes)
    for name, method in methods.items():
        _add(rows, name, method, [found[need] for need in method.needs], used, fuse)
    rows.warnings += _missing(rows, methods)
    return rows


def has_label(table: pd.DataFrame, label: str) -> NDArray[np.bool_]:
    """Return which rows have a label in that column, bool (n,); TableError where none has."""
    known = table[label].notna().to_numpy() if label in table else np.zeros(len(table), bool)
    if not known.any():
        wanted = "tags" if label == "tags" else "class"
        raise TableError("No row has a label, so there is nothing to compare by; fill in the column "
                         f"`{label}` with the {wanted} of each row.")
    return known


@dataclass
class _Found:
    """Hold what one need found in the readable rows; `lacking` says why it applies to no row."""

    need: Need
    part: features.Described
    failed: dict[int, str]
    seconds: NDArray
    lacking: str = ""


def _labelled(table: pd.DataFrame, label: str | None) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows with a label, numbered from 0, and a sentence on those without."""
    labelled = np.ones(len(table), bool) if label is None else has_label(table, label)
    if labelled.all():
        return table.reset_index(drop=True), []
    without = np.flatnonzero(~labelled)
    note = (f"{len(without)} of {len(table)} rows have no label and are left out (the first is row {without[0]}, "
            f"{table['path'].iloc[without[0]]}); label them to use them.")
    warnings.warn(note, stacklevel=4)  # rows that are lost are told at once, not only on the board
    return table[labelled].reset_index(drop=True), [note]


def _describe(table: pd.DataFrame, held: Sequence[set], needs: Sequence[Need], **options: Any) -> dict[Need, _Found]:
    """Describe the rows for every need, all at once, so that what needs read alike is decoded once."""
    n = len(table)
    holds = {need: np.array([need.modality in modalities for modalities in held], bool) for need in needs}
    nothing, noun = features.Described([None] * n), {need: MODALITIES[need.modality].noun for need in needs}
    found = {need: _Found(need, nothing, {}, np.zeros(n), f"no row has {noun[need]}") for need in needs}
    wanted = [need for need in needs if holds[need].any()]
    described = features.describe_table(table, [need.feature for need in wanted], keep=[need.keep for need in wanted],
                                        on_error="skip", **options) if wanted else []
    for need, (part, reasons, seconds) in zip(wanted, described):
        failed = {row: reason for row, reason in reasons.items() if holds[need][row]}
        part = part.where(holds[need])
        if need.keep == "row":
            part, odd = _of_one_length(part)
            failed |= odd
        found[need] = _Found(need, part, failed, np.where(holds[need], seconds, 0.0))
        if not found[need].part.present.any():
            found[need].lacking = f"no row could be described; the first: {next(iter(failed.values()))}"
    return found


def _of_one_length(part: features.Described) -> tuple[features.Described, dict[int, str]]:
    """Return the rows that are as long as most, the others missing, and why each of those is left out."""
    lengths = np.array([-1 if row is None else len(row) for row in part])
    seen = lengths[lengths >= 0]
    usual = np.bincount(seen).argmax() if len(seen) else -1
    odd = np.flatnonzero((lengths >= 0) & (lengths != usual))
    return part.where(lengths == usual), {
        int(row): f"it makes {lengths[row]} numbers where other rows make {usual}, and cannot be compared with them; "
                  "are its poses of other joints?" for row in odd}


def _broken(segment: features.Segment, k: int, found: Mapping[Need, _Found]) -> str | None:
    """Return why row k cannot be used; None where it lacks what failed, and something else could be described."""
    usable = any(one.part.present[k] for one in found.values() if one.need.feature.sources(segment))
    why = {need.modality: one.failed[k] for need, one in found.items()
           if k in one.failed and not (usable and one.lacking)}
    if not why:
        return None
    held = features.modalities_of(segment)
    damaged = [reason for name, reason in why.items() if name in held and not features.is_missing(segment, name)]
    return damaged[0] if damaged else None if usable else next(iter(why.values()))


def _add(rows: Rows, name: str, method: "Method", found: Sequence[_Found], used: Sequence[int], fuse: int) -> None:
    """Give a method its items of the used rows; or say why it is left out."""
    parts = [one.part.take(used) for one in found]
    lacking = [one.lacking or f"no usable row has {MODALITIES[one.need.modality].noun}"
               for one, part in zip(found, parts) if not part.present.any()]
    several = method.any_part and len(parts) > 1
    for one, part in zip(found, parts):
        here, least = int(part.present.sum()), one.need.feature.least_share * len(used)
        lacking += [f"only {here} of {len(used)} rows have {MODALITIES[one.need.modality].noun}"] * (0 < here < least)
    if lacking and (not several or len(parts) - len(lacking) < fuse):
        reason = "there are no two modalities to fuse: " + "; ".join(lacking) if several else lacking[0]
        rows.left_out.append({"name": name, "reason": reason})
        return
    rows.items[name] = Items(len(used), parts, rows.groups)
    rows.seconds[name] = np.sum([one.seconds[used] for one in found] or [np.zeros(len(used))], axis=0)


def _missing(rows: Rows, methods: "Mapping[str, Method]") -> list[str]:
    """Write one sentence for each set of rows that lack a modality: how many, which, and what methods do about it."""
    lacking: dict[tuple, list[str]] = {}
    for name, items in rows.items.items():
        without = np.flatnonzero(~items.usable(any_part=methods[name].any_part))
        if len(without):
            lacking.setdefault((tuple(without), methods[name].modality), []).append(name)
    fusing = [name for name in rows.items if methods[name].any_part]
    voting = len({methods[name].modality for name in rows.items if methods[name].votes}) > 1
    goes_on = "; the soft vote goes by the others" * voting
    goes_on += f"; {joined(fusing)} by the modalities that are there" * bool(fusing)
    notes = []
    for (without, modality), names in lacking.items():
        first = first_few([short(rows.table["path"][row]) for row in without], "row", between=", ")
        noun = MODALITIES[modality].noun if modality in MODALITIES else "modality to fuse"
        notes.append(f"{len(without)} of {len(rows)} rows have no {noun} ({first}): there {joined(names)} can only "
                     "guess, as a classifier by the majority class of its training rows, so that all methods are "
                     f"scored on the same rows{goes_on}.")
    return notes

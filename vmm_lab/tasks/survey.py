"""A table goes in; which rows can be used, what each of them holds, and every method's descriptions of them come out."""
import warnings
from dataclasses import dataclass, field

import joblib
import numpy as np
import pandas as pd

from .. import features
from ..features import is_missing, modalities_of
from ..tables import TableError
from . import cautions
from .networks import NetworkClassifier


@dataclass
class Survey:
    """The rows that every method is scored on, and what was found on the way.

    table: the usable rows, numbered from 0. rows: their numbers in the table given. described: {method:
    (descriptions with None where the modality is missing, seconds float64 (n,))}; of a method of several features, a description is
    {modality: description or None}. left_out: [{"name", "reason"}] of methods. skipped: [{"path", "reason"}] of files. warnings: sentences.
    """

    table: pd.DataFrame
    rows: np.ndarray
    described: dict = field(default_factory=dict)
    left_out: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    warnings: list = field(default_factory=list)


def survey(table, pipelines, *, n_jobs=None, progress=True):
    """Look into every file and describe every row for each method that applies to it.

    A row lacks a modality where its file has no such stream, or nothing of it in the row's time, or its caption no words; a file
    that has it and cannot be decoded is left out for all methods, so that all are scored on the same rows.

    Parameters
    ----------
    table : DataFrame, as `load_table` gives it
    pipelines : dict {name: pipeline with a `feature`, or a dict of them, and a `modality`}

    Raises
    ------
    TableError
        No row has a label, or no file can be used.
    """
    notes = []
    labelled = table["label"].notna().to_numpy() if "label" in table else np.zeros(len(table), bool)
    if not labelled.any():
        raise TableError("No row has a label, so there is nothing to compare by; fill in the column `label` with the class of each row.")
    if not labelled.all():
        without = np.flatnonzero(~labelled)
        notes.append(f"{len(without)} of {len(table)} rows have no label and are left out (the first is row {without[0]}, "
                     f"{table['path'].iloc[without[0]]}); label them to use them.")
        warnings.warn(notes[-1], stacklevel=3)  # rows that are lost are told at once, not only on the board
    rows = np.flatnonzero(labelled)
    held = joblib.Parallel(n_jobs=n_jobs, prefer="threads")(joblib.delayed(modalities_of)(piece) for piece in features.segments(table.iloc[rows]))
    bad = {row: what for row, what in zip(rows, held) if isinstance(what, str)}
    holds = {row: what for row, what in zip(rows, held) if row not in bad}

    parts = _parts(pipelines)
    found, failed, lacks = {}, {}, {}
    together = {}  # what is described of the same rows is described in one go, so that it can share the decoding
    for part, (_, need) in parts.items():
        fits = tuple(row for row, what in holds.items() if need in what)
        if fits:
            together.setdefault(fits, []).append(part)
        else:
            lacks[part] = LACKS[need].format("no row")
    for fits, some in together.items():
        results = features.describe_table(
            table.iloc[list(fits)], [parts[part][0] for part in some], n_jobs=n_jobs, on_error="skip", progress=progress
        )
        for part, (got, reasons, seconds) in zip(some, results):
            found[part] = {row: (got[k], seconds[k]) for k, row in enumerate(fits) if k not in reasons}
            for k, reason in reasons.items():
                failed.setdefault(fits[k], {})[part] = reason
            if not found[part]:
                lacks[part] = f"no row could be described; the first: {reasons[0]}"
    for row, why in failed.items():
        seen = any(row in found[part] for part in found if parts[part][1] != "words")
        why = {part: reason for part, reason in why.items() if part not in lacks} if seen else why
        reason = _broken(table.iloc[[row]], why, parts) if seen else next(iter(why.values()))
        if reason:
            bad[row] = reason
    used = np.array([row for row in rows if row not in bad], int)
    skipped = [{"path": path, "reason": bad[row].removeprefix(f"{path}: ")} for row in sorted(bad) for path in [table["path"].iloc[row]]]
    if not len(used):
        raise TableError(f"None of the {len(rows)} labelled files can be used; the first: {skipped[0]['path']}: {skipped[0]['reason']}")
    result = Survey(table.iloc[used].reset_index(drop=True), used, skipped=skipped, warnings=notes)
    for part, (_, need) in parts.items():
        if part not in lacks and not any(row in found[part] for row in used):
            lacks[part] = LACKS[need].format("no usable row")
    for name, pipeline in pipelines.items():
        own = [part for part in parts if part[0] == name]
        there = [part for part in own if part not in lacks]
        if pipeline.modality == "fusion" and len(there) < 2:
            reasons = "; ".join(lacks[part] for part in own if part in lacks)
            result.left_out.append({"name": name, "reason": f"there are no two modalities to fuse: {reasons}"})
        elif not there:
            result.left_out.append({"name": name, "reason": lacks[own[0]]})
        else:
            result.described[name] = _joined(there, [[found[part].get(row, (None, 0.0)) for part in there] for row in used])
    result.warnings += _missing(result, pipelines)
    return result


def _parts(pipelines):
    """{(method, modality of a fusion or None): (Feature, what a row must have for it)}: all that is to be described."""
    parts = {}
    for name, pipeline in pipelines.items():
        feature = pipeline.feature
        several = isinstance(feature, dict)
        parts |= {(name, kind): (one, one.modality if several else pipeline.modality) for kind, one in (feature if several else {None: feature}).items()}
    return parts


def _joined(parts, rows):
    """(descriptions, seconds) of a method from what is known of its parts in each row, a list of (description or None, seconds)."""
    seconds = np.array([sum(spent for _, spent in row) for row in rows])
    if parts[0][1] is None:
        return [description for [(description, _)] in rows], seconds
    several = [{kind: description for (_, kind), (description, _) in zip(parts, row)} for row in rows]
    return [one if any(part is not None for part in one.values()) else None for one in several], seconds


LACKS = {"image": "{} has pictures", "video": "{} has frames over time", "sound": "{} has sound", "words": "{} has a caption"}


def _broken(row, why, parts):
    """The reason to leave a row out; None where it merely lacks what the methods that failed look for or listen to."""
    piece = features.segments(row)[0]
    for part, reason in why.items():
        if not is_missing(piece, parts[part][1]):
            return reason
    return None


def _missing(found, pipelines):
    """One sentence for each modality that some rows lack: how many, which, and what the methods that need it do about it."""
    lacking = {}
    for name, (descriptions, _) in found.described.items():
        rows = tuple(k for k, description in enumerate(descriptions) if description is None)
        if rows:
            lacking.setdefault((rows, pipelines[name].modality), []).append(name)
    voting = {pipelines[name].modality for name in found.described if not isinstance(pipelines[name], NetworkClassifier)}
    goes_on = (["the soft vote then votes without them"] if len(voting) > 1 else []) + (
        ["the fused network goes by the modalities that are there"] if any(pipelines[name].modality == "fusion" for name in found.described) else [])
    what = {"image": "pictures", "video": "frames over time", "sound": "sound", "words": "captions", "fusion": "modality to fuse"}
    notes = []
    for (rows, modality), names in lacking.items():
        first = cautions.several([cautions.short(found.table["path"][row]) for row in rows], "rows", between=", ")
        notes.append(f"{len(rows)} of {len(found.table)} rows have no {what[modality]} ({first}): there {cautions.enumerated(names)} can only say the "
                     "commonest class of the rows learnt from, so that all methods are scored on the same rows"
                     f"{'; ' if goes_on else ''}{', and '.join(goes_on)}.")
    return notes

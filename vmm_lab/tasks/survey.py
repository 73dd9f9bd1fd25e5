"""A table goes in; which rows can be used, what each of them holds, and every method's descriptions of them come out."""
import warnings
from dataclasses import dataclass, field

import joblib
import numpy as np
import pandas as pd

from .. import features
from ..media import MediaError, open_media
from ..tables import TableError


@dataclass
class Survey:
    """The rows that every method is scored on, and what was found on the way.

    table: the usable rows, numbered from 0. rows: their numbers in the table given. described: {feature name:
    (descriptions with None where the modality is missing, seconds float64 (n,))}. left_out: [{"name", "reason"}] of
    methods. skipped: [{"path", "reason"}] of files. warnings: sentences.
    """

    table: pd.DataFrame
    rows: np.ndarray
    described: dict = field(default_factory=dict)
    left_out: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    warnings: list = field(default_factory=list)


def survey(table, pipelines, *, n_jobs=None, progress=True):
    """Look into every file and describe every row for each method that applies to it.

    A row lacks a modality where its file has no such stream (or its caption is empty); a file that has it and cannot be
    decoded is left out for all methods, so that all are scored on the same rows.

    Parameters
    ----------
    table : DataFrame, as `load_table` gives it
    pipelines : dict {name: pipeline with a `feature` and a `modality`}

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
    held = joblib.Parallel(n_jobs=n_jobs, prefer="threads")(joblib.delayed(modalities)(piece) for piece in features.pieces(table.iloc[rows]))
    bad = {row: what for row, what in zip(rows, held) if isinstance(what, str)}
    holds = {row: what for row, what in zip(rows, held) if row not in bad}

    found, failed, left_out = {}, {}, []
    together = {}  # methods of the same rows are described in one go, so that they can share the decoding
    for name, pipeline in pipelines.items():
        fits = tuple(row for row, what in holds.items() if pipeline.modality in what)
        if fits:
            together.setdefault(fits, []).append(name)
        else:
            left_out.append({"name": name, "reason": LACKS[pipeline.modality].format("no row")})
    for fits, names in together.items():
        results = features.describe_table(
            table.iloc[list(fits)], [pipelines[name].feature for name in names], n_jobs=n_jobs, on_error="skip", progress=progress
        )
        for name, (got, reasons, seconds) in zip(names, results):
            found[name] = {row: (got[k], seconds[k]) for k, row in enumerate(fits) if k not in reasons}
            for k, reason in reasons.items():
                failed.setdefault(fits[k], {})[name] = reason
            if not found[name]:
                left_out.append({"name": name, "reason": f"no row could be described; the first: {reasons[0]}"})
    left = {entry["name"] for entry in left_out}
    for row, why in failed.items():
        seen = any(row in found[name] for name in found if pipelines[name].modality != "words")
        reason = _broken(table.iloc[[row]], {n: r for n, r in why.items() if n not in left}, pipelines) if seen else next(iter(why.values()))
        if reason:
            bad[row] = reason
    used = np.array([row for row in rows if row not in bad], int)
    skipped = [{"path": path, "reason": bad[row].removeprefix(f"{path}: ")} for row in sorted(bad) for path in [table["path"].iloc[row]]]
    if not len(used):
        raise TableError(f"None of the {len(rows)} labelled files can be used; the first: {skipped[0]['path']}: {skipped[0]['reason']}")
    result = Survey(table.iloc[used].reset_index(drop=True), used, left_out=left_out, skipped=skipped, warnings=notes)
    for name, pipeline in pipelines.items():
        if name in left:
            continue
        pairs = [found[name].get(row, (None, 0.0)) for row in used]
        if any(description is not None for description, _ in pairs):
            result.described[name] = [d for d, _ in pairs], np.array([seconds for _, seconds in pairs])
        else:
            left_out.append({"name": name, "reason": LACKS[pipeline.modality].format("no usable row")})
    result.warnings += _missing(result, pipelines)
    return result


LACKS = {"image": "{} has pictures", "video": "{} has frames over time", "sound": "{} has sound", "words": "{} has a caption"}


def modalities(piece):
    """The modalities of a piece, a set out of image, video, sound and words; or, as str, why the file cannot be read."""
    try:
        with open_media(piece.path) as media:
            there = {"image": media.has_video, "video": media.has_video and not media.is_image, "sound": media.has_audio}
    except (MediaError, OSError) as error:
        return str(error)
    return {name for name, has in there.items() if has} | ({"words"} if isinstance(piece.caption, str) and piece.caption.strip() else set())


def _broken(row, why, pipelines):
    """The reason to leave a row out; None where methods over time failed for want of a second frame."""
    still = [name for name in why if pipelines[name].modality != "video"]
    if still:
        return why[still[0]]
    piece = features.pieces(row)[0]
    try:
        with open_media(piece.path) as media:
            media.frames(size=(16, 16), start=piece.start, end=piece.end)
    except MediaError as error:
        return str(error)
    return None


def _missing(found, pipelines):
    """One sentence for each set of methods that some rows give nothing to see, hear or read."""
    lacking = {}
    for name, (descriptions, _) in found.described.items():
        rows = tuple(k for k, description in enumerate(descriptions) if description is None)
        if rows:
            lacking.setdefault((rows, pipelines[name].modality), []).append(name)
    what = {"image": "pictures", "video": "frames over time", "sound": "sound", "words": "captions"}
    return [f"{len(rows)} of {len(found.table)} rows have no {what[modality]}: there {' and '.join(names)} can only say the commonest "
            "class of the rows learnt from, so that all methods are scored on the same rows; the soft vote then votes without them."
            for (rows, modality), names in lacking.items()]

"""Verify faces: whether two pictures show one person, and how often that is right.

Distances between faces are compared with a threshold. What a threshold costs is a curve: strangers who pass (the false
acceptance rate, FAR) against people who are refused. Phillips, Moon, Rizvi and Rauss, "The FERET evaluation
methodology for face-recognition algorithms", IEEE PAMI 22(10), 2000.
"""
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.metrics import roc_curve
from sklearn.model_selection import StratifiedKFold

from .. import pretrained
from ..files import write_text
from ..media import MediaError, open_media
from ..tables import TableError, locate, read_csv
from .measures import accuracy_interval
from .recognise import face_vectors

TRUE, FALSE = ("1", "1.0", "true", "yes", "same"), ("0", "0.0", "false", "no", "different")
STEEPNESS = 10.0  # of the score: a distance of half the threshold has 0.993


@dataclass(frozen=True)
class Curve:
    """Hold the receiver operating characteristic of verification: FAR and TAR at each threshold, falling.

    far: share of strangers who pass; tar: share of pairs of one person that pass.
    """

    far: NDArray[np.float64]
    tar: NDArray[np.float64]
    threshold: NDArray[np.float64]

    @property
    def equal_error_rate(self) -> float:
        """Return the error rate where as many strangers pass as people are refused, between two thresholds."""
        gap = self.far - (1 - self.tar)
        after = int(np.argmax(gap >= 0))
        before = max(after - 1, 0)
        share = 0.0 if gap[after] == gap[before] else -gap[before] / (gap[after] - gap[before])
        return float(self.far[before] + share * (self.far[after] - self.far[before]))

    def tar_at(self, far: float) -> float:
        """Return the TAR of the lowest threshold at which at most a share `far` of strangers pass."""
        return float(self.tar[self.far <= far].max())


def roc(scores: ArrayLike, same: ArrayLike) -> Curve:
    """Compute the curve of verification of pairs: scores (n,), higher for one person, and same (n,) bool.

    >>> roc([0.9, 0.8, 0.3, 0.1], [True, True, False, False]).equal_error_rate
    0.0
    """
    truth = np.asarray(same, bool)
    if truth.all() or not truth.any():
        raise ValueError("a curve of verification needs pairs of one person and pairs of strangers.")
    return Curve(*roc_curve(truth, np.asarray(scores, float), drop_intermediate=False))


def best_threshold(scores: ArrayLike, same: ArrayLike) -> float:
    """Return the threshold, between two scores, that gets most pairs right; a pair is one person from there on."""
    order = np.argsort(np.asarray(scores, float))
    sorted_scores, truth = np.asarray(scores, float)[order], np.asarray(same, bool)[order]
    right = np.r_[0, np.cumsum(~truth)] + truth.sum() - np.r_[0, np.cumsum(truth)]
    right[1:-1][np.diff(sorted_scores) == 0] = -1  # equal scores cannot be parted
    place = int(right.argmax())
    edges = np.r_[sorted_scores[0] - 1, (sorted_scores[1:] + sorted_scores[:-1]) / 2, sorted_scores[-1] + 1]
    return float(edges[place])


def accuracy_over_folds(scores: ArrayLike, same: ArrayLike, fold: ArrayLike) -> NDArray[np.bool_]:
    """Tell which pairs are judged right, bool (n,), each with the threshold that is best on the other folds.

    A score of NaN, of a picture without a face, is never right. Huang et al., "Labeled Faces in the Wild", 2007.
    """
    values, truth, folds = np.asarray(scores, float), np.asarray(same, bool), np.asarray(fold)
    right, known = np.zeros(len(values), bool), np.isfinite(values)
    for held in np.unique(folds):
        train, test = known & (folds != held), known & (folds == held)
        if not train.any():
            raise ValueError("a threshold is chosen on the other folds, and only one has scores; give at least two.")
        right[test] = (values[test] >= best_threshold(values[train], truth[train])) == truth[test]
    return right


@dataclass(frozen=True)
class Verified:
    """Hold what verification found: `pairs`, a DataFrame with `distance`, `score` and `decision`, and how it was made.

    method: the name of what describes faces. threshold: of the distance. summary: where the truth is known, accuracy
    with its interval, equal error rate and TAR; else empty. notes: sentences.
    """

    pairs: pd.DataFrame
    method: str
    threshold: float
    summary: dict[str, Any]
    notes: list[str]

    def __str__(self) -> str:
        rows = []
        for row in self.pairs.head(20).itertuples():
            what = {None: "no face", True: "one person", False: "different people"}[row.decision]
            rows.append(f"{row.score:.3f}  {what} (distance {row.distance:.3f})  {row.path_a}  {row.path_b}")
        rows += [f"… {len(self.pairs) - 20} more pairs"] if len(self.pairs) > 20 else []
        rows.append(f"By {self.method}: one person up to a distance of {self.threshold:.2f}, where the score is 0.5.")
        if self.summary:
            of = self.summary
            rows.append(f"{of['n_pairs']} pairs: accuracy {of['accuracy']:.3f} ({of['accuracy_low']:.3f} to "
                        f"{of['accuracy_high']:.3f}) with the threshold chosen on the other of {of['folds']} folds; "
                        f"equal error rate {of['equal_error_rate']:.3f}; TAR {of['tar_at_far']['0.01']:.3f} at FAR 1 %")
        return "\n".join(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, None where there is no number, for JSON."""
        rows = [{name: None if pd.isna(value) else value for name, value in row.items()}
                for row in self.pairs.astype(object).to_dict("records")]
        return {"pairs": rows, "method": self.method, "threshold": self.threshold, **self.summary, "notes": self.notes}

    def to_json(self, path: str | os.PathLike) -> Path:
        """Write everything as JSON and return the path."""
        return write_text(path, json.dumps(self.to_dict(), indent=1, ensure_ascii=False))


def pair_of(first: str | os.PathLike, second: str | os.PathLike) -> pd.DataFrame:
    """Return the table of one pair; MediaError where one of the two is no picture or video."""
    for path in (first, second):
        with open_media(path) as media:
            if not media.has_video:
                raise MediaError(f"{path} has no pictures to look for a face in.")
    return pd.DataFrame({"path_a": [str(first)], "path_b": [str(second)]})


def load_pairs(path: str | os.PathLike) -> pd.DataFrame:
    """Read a CSV of pairs: `path_a` and `path_b`, relative to it, and perhaps `same` (1 or 0) and `fold`.

    Returns them with `file_a` and `file_b`, where the pictures are, and `same` as True, False or None.
    Raises TableError, in one sentence, for a file that cannot be read, columns that are missing, or another truth.
    """
    pairs = _checked(read_csv(Path(path), str), str(path))
    for name in ("path_a", "path_b"):
        places = [locate(one, row, str(path), Path(path).parent) for row, one in enumerate(pairs[name])]
        pairs[name.replace("path", "file")] = places
    return pairs


def _checked(pairs: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return pairs with `same` as True, False or None; TableError for columns or paths that are missing, or others."""
    lacking = [name for name in ("path_a", "path_b") if name not in pairs]
    if lacking or pairs.empty:
        raise TableError(f"{where} has no {' and no '.join(lacking) or 'rows'}; pairs have columns path_a and path_b, "
                         "and perhaps same and fold.")
    for name in ("path_a", "path_b"):
        if pairs[name].isna().any():
            raise TableError(f"{where}, row {int(pairs[name].isna().argmax())}: {name} is empty.")
    if "same" not in pairs:
        return pairs
    words = [None if pd.isna(value) else str(value).strip().lower() for value in pairs["same"]]
    for row, word in enumerate(words):
        if word not in (*TRUE, *FALSE, None):
            raise TableError(f"{where}, row {row}: same is 1 or 0, not {pairs['same'].iloc[row]!r}.")
    return pairs.assign(same=[None if word is None else word in TRUE for word in words])


def verify(
    pairs: pd.DataFrame, *, feature: Any = None, seed: int = 0, n_jobs: int | None = None, progress: bool = False
) -> Verified:
    """Score whether the two pictures of each pair show one person, by the distance of their faces.

    pairs: `path_a`, `path_b`, and perhaps `same` and `fold`, as `load_pairs` gives them. feature: what describes faces,
    by default the best that is installed. score: in (0, 1), 0.5 at the threshold that comes with the feature; NaN where
    a picture shows no face, which counts as an error. Where `same` is known, the accuracy is that of thresholds chosen
    on the other folds: `fold`, or ten random ones by `seed`. Raises TableError as `load_pairs` does.
    """
    pairs = _checked(pairs, "the table")
    feature = feature or pretrained.identity_feature(least=0.3)
    sides = [pairs["file" + side if "file" + side in pairs else "path" + side] for side in ("_a", "_b")]
    paths = pd.unique(np.concatenate([side.to_numpy(object) for side in sides]))
    faces, missing = face_vectors(pd.DataFrame({"path": paths}), feature, n_jobs=n_jobs, progress=progress)
    row = {path: k for k, path in enumerate(paths)}
    distance = np.array([np.linalg.norm(faces[row[a]] - faces[row[b]]) for a, b in zip(*sides)], np.float64)
    score = expit(STEEPNESS * (1 - distance / feature.threshold))
    decision = [None if np.isnan(one) else bool(one <= feature.threshold) for one in distance]
    found = pairs.drop(columns=["file_a", "file_b"], errors="ignore").assign(distance=distance, score=score)
    found["decision"] = pd.Series(decision, index=found.index, dtype=object)
    notes = [f"{len(missing)} of {len(paths)} pictures show no face or cannot be read; the first: "
             f"{next(iter(missing.values()))}"] if missing else []
    if not pretrained.identity.dlib_installed():
        notes.append(f"{pretrained.identity.MISSING} Until then {feature.title} serve, which err more.")
    return Verified(found, feature.title, feature.threshold, _summary(found, seed), notes)


def _summary(pairs: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Return the measures of pairs whose truth is known; nothing without both kinds, or scores in two folds."""
    known = pairs[pairs["same"].notna()] if "same" in pairs else pairs.iloc[:0]
    same, scores = known["same"].to_numpy(bool) if len(known) else np.zeros(0, bool), known["score"].to_numpy(float)
    scored = np.isfinite(scores)
    if same.all() or not same.any():
        return {}
    fold = known["fold"].fillna("").to_numpy(str) if "fold" in known else np.zeros(len(known), str)
    if len(np.unique(fold)) < 2:
        fold = np.zeros(len(known), int)
        parts = min(10, same.sum(), (~same).sum())
        if parts < 2:
            return {}
        for k, (_, held) in enumerate(StratifiedKFold(parts, shuffle=True, random_state=seed).split(same, same)):
            fold[held] = k
    if len(np.unique(fold[scored])) < 2:
        return {}
    right = accuracy_over_folds(scores, same, fold)
    low, high = accuracy_interval(right.astype(float), None)
    curve = roc(np.where(scored, scores, -1.0), same)
    return {"accuracy": float(right.mean()), "accuracy_low": low, "accuracy_high": high,
            "folds": len(np.unique(fold)), "n_pairs": len(known), "without_face": int((~scored).sum()),
            "equal_error_rate": curve.equal_error_rate,
            "tar_at_far": {str(far): curve.tar_at(far) for far in (0.1, 0.01, 0.001)}}

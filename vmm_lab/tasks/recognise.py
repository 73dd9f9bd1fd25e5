"""Recognise people by their faces: who of a gallery it is, or nobody of it."""
import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from .. import features, pretrained
from ..tables import TableError, load_table
from .board import Board
from .compare import compare
from .method import Method
from .methods import FeatureMethod, discriminants

UNKNOWN = "unknown"


def identity_methods() -> dict[str, Method]:
    """Return {name: method} of telling enrolled people apart: eigenfaces, textures, gradients, a network that
    learns from those who are enrolled, and dlib's if it is here.

    Each is reduced by PCA and told apart by linear discriminants, see `methods.discriminants`.
    """
    found: dict[str, Method] = {
        "Eigenfaces + LDA": FeatureMethod(pretrained.FacePixels(), discriminants()),
        "LBP + LDA": FeatureMethod(pretrained.FaceTextures(), discriminants()),
        "HOG and LBP + LDA": FeatureMethod(pretrained.AlignedFaces(margin=-0.2), discriminants()),
        "own network + LDA": FeatureMethod(pretrained.LearntFaces(), discriminants(None)),
    }
    if pretrained.identity.dlib_installed():
        found["dlib's ResNet + LDA"] = FeatureMethod(pretrained.FaceIdentity(), discriminants(None))
    return found


def recognise(table: pd.DataFrame | str | os.PathLike, **options: Any) -> Board:
    """Compare ways of recognising the people (column `label`) of a table of pictures: rank-1 is the board's accuracy.

    Options: see `compare`; the table's own `split` says which pictures enrol (train) and which are tested.
    """
    return compare(table, methods=options.pop("methods", None) or identity_methods(), vote=False, **options)


class Gallery:
    """Hold the faces of people who enrolled, and tell whose face a picture shows, or that it is nobody's.

    feature: what describes faces, by default the best that is installed; one that learns must be fitted, on these or
    other people. threshold: the distance up to which a face is that of the nearest enrolled picture; by default the one
    that comes with the feature. After `enrol`: `faces_` (n, d), `names_` (n,), `paths_` (n,).
    """

    def __init__(self, *, feature: Any = None, threshold: float | None = None):
        self.feature = feature or pretrained.identity_feature()
        self.threshold = float(self.feature.threshold if threshold is None else threshold)
        if not self.threshold >= 0:
            raise ValueError(f"Gallery: the threshold is a distance from 0 upwards, got {threshold!r}.")
        self.faces_, self.names_, self.paths_ = np.zeros((0, 0)), np.array([], str), np.array([], str)

    def enrol(self, table: pd.DataFrame | str | os.PathLike, *, progress: bool = False) -> "Gallery":
        """Add the pictures of a table (`path`, `label`); warn of those without a face, and of one person by two names.

        Raises TableError where no picture shows a face, a picture has no name, or somebody is called "unknown".
        """
        table = load_table(table)
        if "label" not in table or table["label"].isna().any():
            raise TableError("Every picture that enrols needs the name of a person, in the column `label`; write it "
                             "there, or leave the others out.")
        if (table["label"] == UNKNOWN).any():
            raise TableError(f"“{UNKNOWN}” stands for those who did not enrol, and is nobody's name; rename the label.")
        faces, missing = face_vectors(table, self.feature, progress=progress)
        good = np.isfinite(faces).all(axis=1)
        if not good.any():
            raise TableError(f"None of the {len(table)} pictures shows a face, so nobody is enrolled; the first: "
                             f"{next(iter(missing.values()))}")
        if missing:
            warnings.warn(f"{len(missing)} of {len(table)} pictures show no face and are not enrolled; the first: "
                          f"{next(iter(missing.values()))}", stacklevel=2)
        self.add(faces[good], table["label"].to_numpy(str)[good], table["path"].to_numpy(str)[good])
        for pair in self.same_under_two_names():
            warnings.warn(same_warning(pair, self.threshold), stacklevel=2)
        return self

    def add(self, faces: NDArray, names: Sequence[str], paths: Sequence[str]) -> "Gallery":
        """Add faces that are described already, (n, d), with their names and where they are from."""
        self.faces_ = np.concatenate([self.faces_, faces]) if len(self.faces_) else np.array(faces)
        self.names_ = np.concatenate([self.names_, np.asarray(names, str)])
        self.paths_ = np.concatenate([self.paths_, np.asarray(paths, str)])
        return self

    def forget(self, name: str) -> None:
        """Delete all pictures of a person; ValueError where nobody has that name."""
        kept = self.names_ != name
        if kept.all():
            raise ValueError(f"nobody is enrolled as {name!r}.")
        self.faces_, self.names_, self.paths_ = self.faces_[kept], self.names_[kept], self.paths_[kept]

    def distances(self, face: NDArray) -> dict[str, float]:
        """Return {name: distance of the nearest picture} for one described face, (d,), in the order of names."""
        apart = np.linalg.norm(self.faces_ - face, axis=1)  # threads of a product would take longer
        return {str(name): float(apart[self.names_ == name].min()) for name in np.unique(self.names_)}

    def same_under_two_names(self) -> list[tuple[str, str, float]]:
        """Return (name, name, distance) of people with pictures closer than the threshold, the nearest first."""
        apart = cdist(self.faces_, self.faces_)
        a, b = np.nonzero((apart < self.threshold) & (self.names_[:, None] < self.names_))
        pairs = pd.DataFrame({"a": self.names_[a], "b": self.names_[b], "apart": apart[a, b]})
        nearest = pairs.groupby(["a", "b"])["apart"].min().sort_values()
        return [(one, other, float(distance)) for (one, other), distance in nearest.items()]

    def identify(self, source: pd.DataFrame | Sequence[str | os.PathLike], *, progress: bool = False) -> pd.DataFrame:
        """Return a row for each picture: `path`, `name` ("unknown" if nobody is near), `nearest` and its `distance`,
        `nearest_path`, `next_name` and `next_distance` of the nearest other person, and `reason`: why there is no name.
        """
        if not len(self.names_):
            raise ValueError("nobody is enrolled; call enrol(table) first.")
        table = source if isinstance(source, pd.DataFrame) else pd.DataFrame({"path": [str(path) for path in source]})
        faces, missing = face_vectors(table, self.feature, progress=progress)
        return pd.DataFrame([{"path": path, **self.decide(face), "reason": missing.get(k)}
                             for k, (path, face) in enumerate(zip(table["path"], faces))])

    def decide(self, face: NDArray) -> dict[str, Any]:
        """Return what `identify` says of one described face, (d,)."""
        if not np.isfinite(face).all() or not len(self.names_):
            return dict.fromkeys(("name", "nearest", "distance", "nearest_path", "next_name", "next_distance"))
        apart = np.linalg.norm(self.faces_ - face, axis=1)
        best = int(apart.argmin())
        others = np.where(self.names_ == self.names_[best], np.inf, apart)
        second = int(others.argmin()) if np.isfinite(others).any() else None
        return {"name": self.names_[best] if apart[best] <= self.threshold else UNKNOWN, "nearest": self.names_[best],
                "distance": float(apart[best]), "nearest_path": self.paths_[best],
                "next_name": None if second is None else self.names_[second],
                "next_distance": None if second is None else float(apart[second])}


def recognise_pictures(
    enrolled: pd.DataFrame | str | os.PathLike, pictures: pd.DataFrame, *, feature: Any = None,
    threshold: float | None = None, progress: bool = False
) -> dict[str, Any]:
    """Enrol the pictures of a table, and tell who is on others: plain values, for JSON.

    pictures: `path`, and perhaps `label`, who it is. Returns `method`, `threshold`, `enrolled` (pictures of each name),
    `pictures` (the rows of `Gallery.identify`), `notes` (what was warned of), and, where labels are known, `accuracy`:
    the share of right names, *unknown* being right for those who did not enrol; a picture without a face is an error.
    """
    gallery = Gallery(feature=feature or pretrained.identity_feature(least=0.3), threshold=threshold)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", UserWarning)
        gallery.enrol(enrolled, progress=progress)
    pictures = load_table(pictures) if "label" in pictures else pictures  # so that names are spelt as those enrolled
    found = gallery.identify(pictures, progress=progress)
    names, counts = np.unique(gallery.names_, return_counts=True)
    told = {"method": gallery.feature.title, "threshold": gallery.threshold,
            "enrolled": dict(zip(names.tolist(), counts.tolist())), "notes": [str(one.message) for one in warned]}
    if "label" in pictures and pictures["label"].notna().any():
        known = pictures["label"].notna().to_numpy()
        truth = pictures["label"].astype(str).where(pictures["label"].astype(str).isin(names), UNKNOWN).to_numpy()
        told["accuracy"] = float((found["name"].to_numpy() == truth)[known].mean())
    rows = found.astype(object).where(found.notna(), None).to_dict("records")
    return {**told, "pictures": rows}


def same_warning(pair: tuple[str, str, float], threshold: float) -> str:
    """Return the sentence about two names whose pictures lie closer together than the threshold."""
    return (f"{pair[0]} and {pair[1]} look like one person: their pictures lie {pair[2]:.2f} apart, below "
            f"{threshold:.2f}; give them one name if they are.")


def face_vectors(
    table: pd.DataFrame, feature: Any, *, progress: bool = False, n_jobs: int | None = None
) -> tuple[NDArray[np.float32], dict[int, str]]:
    """Describe the face of each picture once: float32 (n, d), NaN where there is none, and {row: why}."""
    [(described, reasons, _)] = features.describe_table(
        table, [feature], keep=["description" if feature.learns else "row"], on_error="skip", progress=progress,
        n_jobs=n_jobs)
    seen = described.take(described.present)
    found = feature.encode(seen) if len(seen) else np.zeros((0, feature.dimensions))
    rows = np.full((len(table), found.shape[1]), np.nan, np.float32)
    rows[described.present] = found
    return rows, reasons

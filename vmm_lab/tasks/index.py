"""Keep the vectors of media in one file, and search them by a sentence or by other media.

Up to 100,000 vectors are compared one by one, which is exact; of more, a graph of neighbours (HNSW) is walked through.
"""
import contextlib
import functools
import hashlib
import json
import os
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .. import assets, features
from ..files import DAMAGED, atomic_path, cache_dir
from ..media import MediaError, open_media
from ..media.options import check_number
from ..pretrained.text import check_english, embed_sentences
from ..tables import EXTENSIONS, TableError, load_table, side_of
from ._text import first_few, plural, short
from .retrieve import LEAST, WIDTH, Retriever, unit

EXACT = 100_000  # vectors, up to which each is compared
LINKS, BREADTH = 32, 64  # of the graph: links of a vector, and candidates that a search follows
SECONDS = 4.0  # of a moment in a longer film
WAY_OUT = "`vmm-lab index SOURCE --out INDEX` makes one."


@dataclass
class Index:
    """Hold media as vectors, and find them: `index.search("a person waves")`, `index.search("wave.mp4")`.

    table: a row for each item or moment: `path`, `start`, `end` (seconds, NaN for a whole file), and the columns of
    the source. vectors: float32 (n, 384) of length 1, as `retriever` places them among sentences. looks: the same of
    what they look like, for queries that are media. files: {path: [bytes, time, number of its source]}. sources:
    folders and manifests. skipped: [{"path", "reason"}].
    """

    table: pd.DataFrame
    vectors: NDArray[np.float32] = field(repr=False)
    looks: NDArray[np.float32] = field(repr=False)
    retriever: Retriever = field(repr=False)
    files: dict[str, list[int]] = field(repr=False)
    sources: list[str] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return len(self.table)

    def search(self, query: str | os.PathLike, *, top: int = 10,
               where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Find the items nearest to a sentence in English, or to a picture or a video, the path of a file.

        where: {column: value, or a list of them} that a row must have. Of moments next to each other in one film the
        better one stands for both. Returns the rows of `table` with their `score`, a cosine, best first, at most `top`.
        Raises ValueError for an empty query, one that is not in English, or a column that is not there.
        """
        is_path = os.path.isfile(query) or os.path.splitext(query)[1].lower() in EXTENSIONS
        if is_path or isinstance(query, os.PathLike):
            return self.alike(str(query), top=top, where=where)
        vector = self.retriever.place_sentences(embed_sentences([check_english(query)]))[0]
        return self.near(vector, top=top, where=where)

    def alike(self, path: str, *, start: float | None = None, end: float | None = None, top: int = 10,
              where: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Find what looks like a picture, or like a video from `start` to `end` (seconds); else as `search`."""
        row = pd.DataFrame({"path": [path], "start": [start], "end": [end]}).dropna(axis=1)
        media = self.retriever.describe(row, on_error="raise", progress=False)
        return self.near(_looks(media)[0], top=top, where=where, looks=True)

    def near(self, vector: NDArray, *, top: int = 10, where: Mapping[str, Any] | None = None,
             looks: bool = False) -> pd.DataFrame:
        """Find the rows nearest to a vector of length 1, float (384,), or to one of `looks`; else as `search`."""
        rows = self._where(where) if where else None
        # More than are asked for, because neighbours in a film are left out.
        found, scores = self._nearest(np.asarray(vector, np.float32), 5 * top, rows, looks)
        hits = self.table.iloc[found].assign(score=scores.astype(float))
        kept: dict[str, list[tuple[float, float]]] = {}
        keep = []
        times = hits[["path", "start", "end"]].fillna({"start": 0, "end": np.inf})
        for path, start, end in times.itertuples(index=False):
            keep.append(not any(start <= other_end and other <= end for other, other_end in kept.get(path, ())))
            kept.setdefault(path, []).extend([(start, end)] * keep[-1])
        return hits[np.array(keep, bool)].head(top).reset_index(drop=True)

    def changes(self) -> dict[str, list[str]]:
        """Tell what is different since the index was made: paths that are "new", "gone" and "changed"."""
        there = dict.fromkeys(self.files)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they were shown when the index was made
            for source in self.sources:
                if os.path.exists(source):
                    with contextlib.suppress(TableError):  # emptied: all of it is gone
                        there |= dict.fromkeys(load_table(source)["path"])
        state = {path: _state(path) for path in there}
        left_out = {entry["path"] for entry in self.skipped}
        return {"new": [path for path in state if path not in self.files and path not in left_out and state[path]],
                "gone": [path for path in self.files if not state[path]],
                "changed": [path for path, was in self.files.items() if state[path] and state[path] != was[:2]]}

    def told_changes(self) -> str:
        """Return `changes` as a sentence: how many files are new, gone and changed, and the first few of each."""
        told = [f"{len(paths)} {plural('file', len(paths))} {kind} "
                f"({first_few(map(short, paths), 'file', between=', ')})"
                for kind, paths in self.changes().items() if paths]
        return f"Since the index was made: {'; '.join(told)}." if told else "Nothing has changed."

    def about(self) -> str:
        """Return how many files and moments there are, how their vectors were made, and what was left out."""
        learner, captions = self.retriever.learner, "caption" in self.table and self.table["caption"].notna().sum()
        how = f"placed by ConSE and a projection ({learner})" if learner else "placed by ConSE"
        words = f", {captions} found by their caption, too" if captions else ""
        out = first_few([f"{short(e['path'])}: {e['reason']}" for e in self.skipped], "file")
        return f"{len(self.files)} files, {len(self)} items and moments, {how}{words}." + (
            f" Left out: {len(self.skipped)} ({out})." if self.skipped else "")

    def save(self, path: str | os.PathLike) -> Path:
        """Write the index whole to one .npz file, numbers and text alone, and return its path."""
        header = {"encoder": encoder(), "sources": self.sources, "files": self.files, "skipped": self.skipped,
                  "learner": self.retriever.learner, "conse": self.retriever.conse}
        rows = self.table.astype(object).where(self.table.notna(), None).to_numpy().tolist()
        table = json.dumps({"columns": list(map(str, self.table.columns)), "data": rows}, default=str)
        looks = self.looks.astype(np.float16)  # half the bytes; the cosines stay the same to three digits
        arrays: dict[str, Any] = {"vectors": self.vectors, "looks": looks, "header": _as_bytes(json.dumps(header)),
                  "table": _as_bytes(table)}
        arrays |= {f"state_{name}": part for name, part in self.retriever.state_.items()}
        try:
            with atomic_path(path) as part, open(part, "wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
        except OSError as error:
            raise ValueError(f"{path} cannot be written ({error.strerror}); give a file in a folder that is yours, on "
                             "a disk that has room.") from None
        return Path(path)

    def _where(self, where):
        chosen = np.ones(len(self), bool)
        for column, values in where.items():
            if column not in self.table:
                raise ValueError(f"The index has no column {column!r} to choose rows by; it has "
                                 f"{', '.join(self.table.columns)}.")
            values = values if isinstance(values, (list, tuple, set)) else [values]
            chosen &= self.table[column].map(_plain).isin(map(_plain, values)).to_numpy()
        return np.flatnonzero(chosen)

    def _nearest(self, vector, count, rows, looks):
        """Return (numbers of rows, cosines), best first: exact up to EXACT vectors, by the graph beyond."""
        vectors = self.looks if looks else self.vectors
        if rows is None and not looks and len(self) > EXACT and (graph := self.graph) is not None:
            graph.hnsw.efSearch = max(BREADTH, count)
            rows = graph.search(vector[None], count)[1][0]  # measured again below, because the graph rounds
            rows = rows[rows >= 0]
        scores = (vectors if rows is None else vectors[rows]) @ vector
        count = min(count, len(scores))
        best = np.argpartition(scores, len(scores) - count)[len(scores) - count:] if count else np.zeros(0, int)
        best = best[np.argsort(-scores[best], kind="stable")]
        return (best if rows is None else rows[best]), scores[best]

    @functools.cached_property
    def graph(self) -> Any:
        """Build the graph of neighbours (HNSW, Malkov and Yashunin, 2018), kept in the cache; None without FAISS."""
        try:
            import faiss
        except ImportError:
            warnings.warn(f"{len(self)} vectors are compared one by one; FAISS answers faster: install it with "
                          'python -m pip install "vmm-lab[search]"', stacklevel=2)
            return None
        sample = hashlib.sha256(self.vectors[::max(1, len(self) // 4096)].tobytes()).hexdigest()
        kept = cache_dir() / "features" / "graphs" / f"{len(self)}-{sample[:32]}.hnsw"
        if kept.is_file():
            return faiss.read_index(str(kept))
        graph: Any = faiss.index_factory(WIDTH, f"HNSW{LINKS}_SQfp16")
        graph.hnsw.efConstruction = 80
        graph.train(self.vectors[:1000])
        graph.add(self.vectors)
        with atomic_path(kept) as part:
            faiss.write_index(graph, str(part))
        return graph


def load_index(path: str | os.PathLike) -> Index:
    """Read an index that `Index.save` wrote. Nothing in the file is run: it is numbers and text, checked as such.

    Raises ValueError for a file that is none, is damaged, or was made by another encoder.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            parts = {name: stored[name] for name in stored.files}
        header, rows = (json.loads(parts[name].tobytes()) for name in ("header", "table"))
        table = pd.DataFrame(rows["data"], columns=rows["columns"]).astype({"start": float, "end": float})
        vectors, looks = parts["vectors"], parts["looks"].astype(np.float32)
        files = {str(name): [int(number) for number in state] for name, state in header["files"].items()}
        wrong = [part for part in (vectors, looks) if part.shape != (len(table), WIDTH) or not np.isfinite(part).all()]
        if wrong or vectors.dtype != np.float32:
            raise ValueError(f"its vectors are {vectors.dtype} {vectors.shape}")
        retriever = Retriever(learner=header["learner"], conse=float(header["conse"]))
        retriever.state_ = {name.removeprefix("state_"): part for name, part in parts.items() if "state_" in name}
        made = str(header["encoder"])
    except FileNotFoundError:
        raise ValueError(f"There is no index {path}; {WAY_OUT}") from None
    except DAMAGED as error:
        raise ValueError(f"{path} is no index, or damaged ({' '.join(str(error).split())[:80]}); {WAY_OUT}") from None
    if made != encoder():
        raise ValueError(f"{path} was made by another encoder ({made}; here it is {encoder()}), whose vectors mean "
                         "something else; make the index anew.")
    return Index(table, vectors, looks, retriever, files, list(header["sources"]), list(header["skipped"]))


def search_all(index: Index, queries: Sequence[str], *, top: int = 10, where: Mapping[str, Any] | None = None,
               ) -> list[list[dict[str, Any]]]:
    """Search for each query: a list of {"path", "start" (seconds), "score"} each, best first."""
    found = [index.search(query, top=top, where=where)[["path", "start", "score"]] for query in queries]
    return [hits.fillna({"start": 0.0}).to_dict("records") for hits in found]


def build_index(source: str | os.PathLike | pd.DataFrame, *, old: Index | None = None, seconds: float = SECONDS,
                learner: str | None = "ridge", n_jobs: int | None = None, progress: bool = True) -> Index:
    """Make an index of a folder, a manifest or a table; what was described before comes from the cache.

    old: an index to go on with, whose projection stays: rows of the same source are brought up to date, and those of
    another are kept. seconds: films of more than one and a half times that are found by moments of that length.
    learner: how a projection is learnt where 30 rows have a caption; None is ConSE alone. Rows whose `split` is test
    are not learnt from, and found by what they show alone; elsewhere a caption counts as much as the picture.
    Raises TableError for a source that cannot be used, AssetError without the weights.
    """
    check_number("build_index", seconds=seconds)
    origin = "" if isinstance(source, pd.DataFrame) else os.path.abspath(os.path.expanduser(source))
    table, skipped = _moments(load_table(source), seconds)
    retriever = Retriever(learner=learner) if old is None else old.retriever
    media = retriever.describe(table, n_jobs=n_jobs, progress=progress)
    good = np.isfinite(media).all(axis=1)
    skipped += [{"path": path, "reason": "it has no pictures, or they cannot be read"}
                for path in dict.fromkeys(table["path"][~good])]
    table, media = table[good].reset_index(drop=True), media[good]
    if not len(table):
        raise ValueError(f"None of the files of {source} can be indexed; the first: {skipped[0]['path']}: "
                         f"{skipped[0]['reason']}")
    captions = table["caption"].notna().to_numpy() if "caption" in table else np.zeros(len(table), bool)
    if "split" in table:
        captions = captions & [side_of(str(word)) != "test" for word in table["split"]]
    sentences = embed_sentences(table["caption"][captions]) if captions.any() else np.zeros((0, WIDTH), np.float32)
    if old is None:
        if captions.sum() < LEAST:
            retriever.learner = None
        retriever.learn(media[captions], sentences)
    vectors = retriever.place(media)
    vectors[captions] = unit(vectors[captions] + retriever.place_sentences(sentences))
    sources = list(dict.fromkeys([*(old.sources if old else []), origin]))
    files = {path: [*_state(path), sources.index(origin)] for path in dict.fromkeys(table["path"])}
    new = Index(table, vectors, _looks(media), retriever, files, sources, skipped)
    new = new if old is None else _joined(old, new, sources.index(origin))
    if len(new) > EXACT:
        _ = new.graph  # built now, and not at the first search
    return new


def encoder() -> str:
    """Return what makes the vectors: the weights of both networks, by the first digits of their SHA-256."""
    parts = [f"{name} {assets.ASSETS[name].sha256[:8]}" for name in ("efficientnet_lite0", "minilm")]
    return f"{' + '.join(parts)}, version {Retriever.version}"


def _joined(old: Index, new: Index, source: int) -> Index:
    """Keep of an old index what does not come from that source."""
    files = {path: state for path, state in old.files.items() if state[2] != source and path not in new.files}
    kept = old.table["path"].isin(files).to_numpy()
    table = pd.concat([old.table[kept], new.table], ignore_index=True)
    vectors, looks = (np.concatenate([a[kept], b]) for a, b in ((old.vectors, new.vectors), (old.looks, new.looks)))
    return Index(table, vectors, looks, new.retriever, files | new.files, new.sources, new.skipped)


def _looks(media: NDArray) -> NDArray[np.float32]:
    """Keep of descriptions (n, d) what 384 random directions show: cosines stay nearly the same.

    Source: Johnson and Lindenstrauss, 1984.
    """
    directions = np.random.default_rng(0).normal(size=(media.shape[1], WIDTH)).astype(np.float32)
    return unit(unit(media) @ directions)


def _moments(table: pd.DataFrame, seconds: float) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Return the rows with `start` and `end`, long films cut into moments; and the files that cannot be opened."""
    rows, intervals, skipped = [], [], []
    for row, segment in enumerate(features.segments(table)):
        try:
            with open_media(segment.path) as media:
                length = 0.0 if media.is_image or segment.start or segment.end else media.duration
        except (MediaError, OSError) as error:
            skipped.append({"path": segment.path, "reason": str(error).removeprefix(f"{segment.path}: ")})
            continue
        number = round(length / seconds) if length > 1.5 * seconds else 0
        edges = np.linspace(0, length, number + 1)
        intervals += list(zip(edges, edges[1:])) or [(segment.start, segment.end)]
        rows += [row] * max(1, number)
    times = np.array(intervals, float).reshape(-1, 2)
    return table.iloc[rows].assign(start=times[:, 0], end=times[:, 1]).reset_index(drop=True), skipped


def _state(path: str) -> list[int] | None:
    """Return [bytes, time of the last change] of a file; None where there is none."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return [state.st_size, state.st_mtime_ns]


def _plain(value: Any) -> str:
    return re.sub(r"^(-?\d+)\.0+$", r"\1", str(value))  # whole numbers next to missing cells are floats


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)

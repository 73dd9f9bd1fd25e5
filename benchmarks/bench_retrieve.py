"""Search times next to plain NumPy and FAISS, index size and build time; and what retrieval reaches on the theatre and on photographs.

    python benchmarks/bench_retrieve.py [--items 1000000] [--manifest FILE.csv] [--only-search]

The vectors that are searched are like those of ConSE: mixtures of ten names of classes that are alike, drawn at random. Times are
those of one query at a time, the median of 200; they are measured with the load that the machine has, which is told.
"""
import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from harness import write_results

import vmm_lab as vl
from vmm_lab import features, pretrained
from vmm_lab.tasks import Index, Retriever, retrieve
from vmm_lab.tasks.retrieve import Guess, default_methods, unit

SEEN = (pretrained.ImageEmbedding(n_frames=6), features.HOG(pooling=None), features.ColorHistogram(), features.MotionEnergy())


def mixtures(n, names, seed):
    """float32 (n, 384): each a mixture of a class name and nine of the thirty that are most alike."""
    rng, near = np.random.default_rng(seed), np.argsort(-names @ names.T, axis=1)[:, :30]
    found = np.empty((n, names.shape[1]), np.float32)
    for start in range(0, n, 50_000):
        rows = slice(start, min(n, start + 50_000))
        size = rows.stop - start
        first = rng.integers(len(names), size=size)
        chosen = near[first][np.arange(size)[:, None], np.argsort(rng.random((size, 30)), axis=1)[:, :10]]
        chosen[:, 0] = first
        weights = -np.sort(-rng.dirichlet([0.5] * 10, size=size), axis=1)
        found[rows] = unit(np.einsum("mk,mkd->md", weights.astype(np.float32), names[chosen]))
    return found


def asked(search, queries):
    """(median milliseconds, what was found) of one query at a time."""
    search(queries[0])
    found, times = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(search(query))
        times.append(1000 * (time.perf_counter() - started))
    return float(np.median(times)), found


def searching(n, names):
    """Rows on an index of n vectors: exact search, and beyond 100,000 the graph."""
    vectors, queries = mixtures(n, names, 0), mixtures(200, names, 1)
    table = pd.DataFrame({"path": np.arange(n).astype(str), "start": np.nan, "end": np.nan})
    index = Index(table, vectors, vectors, Retriever(learner=None), {})
    index.retriever.state_ = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VMM_LAB_CACHE"] = folder
        megabytes = index.save(Path(folder) / "a.index").stat().st_size / 1e6
        started, busy = time.perf_counter(), time.process_time()
        graph = n > 100_000 and index.graph
        built, busy = time.perf_counter() - started, time.process_time() - busy
        graph_megabytes = sum(path.stat().st_size for path in Path(folder).rglob("*.hnsw")) / 1e6
    ours, found = asked(lambda query: index.near(query)["path"].astype(int).tolist(), queries)
    plain, exact = asked(lambda query: np.argsort(-(vectors @ query))[:10].tolist(), queries[:20])
    recall = float(np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, exact)]))
    limit, load = (2 if graph else 15), os.getloadavg()[0]
    return {"what": f"{'graph' if graph else 'exact'} search of {n} × {names.shape[1]}", "ms": ours, "plain_numpy_ms": plain, "recall_at_10": recall,
            "index_mb": round(megabytes), "graph_mb": round(graph_megabytes), "build_seconds": round(built), "build_cpu_seconds": round(busy),
            "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000), "load": load,
            "bar": f"< {limit} ms at recall >= 0.95", "met": ours < limit and recall >= 0.95}


def board(name, table, methods, bars=None):
    """A row for each method on the board of a table."""
    found = retrieve(table, methods, progress=False)
    chance = next(row["recall_at_10"] for row in found.rows if row["modality"] == "none")
    rows = []
    for row in found.rows:
        bar = (bars or {}).get(row["name"])
        measured = {key: row[key] for key in ("recall_at_1", "recall_at_5", "recall_at_10", "median_rank", "map")}
        rows.append({"what": f"{name}: {row['name']}", **measured, "chance_at_10": chance, "times_chance": row["recall_at_10"] / chance,
                     "gallery": found.protocol["gallery"][0], "bar": bar and f">= {bar} x chance",
                     "met": None if bar is None else row["recall_at_10"] >= bar * chance})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--manifest", default=str(Path(__file__).parents[2] / "shared" / "data" / "exercises.csv"))
    parser.add_argument("--only-search", action="store_true", help="keep the stored rows of boards, and time the search alone")
    options = parser.parse_args()
    names = pretrained.embed_sentences(pretrained.imagenet_classes())
    rows = []
    if options.only_search:
        stored = Path(__file__).parent / "results" / "retrieve.json"
        rows = [row for row in json.loads(stored.read_text(encoding="utf-8"))["rows"] if "gallery" in row]
    elif Path(options.manifest).is_file():
        rows += board("photographs", vl.load_table(options.manifest), None, {"ConSE, no pairs": 5, "Ridge + ½ ConSE": 8})
    if not options.only_search:
        rows += theatre_rows()
    for n in (None, 100_000, options.items):  # what is done is written, should the graph take too long
        rows += [searching(n, names)] if n else []
        write_results("retrieve", rows, packages=("vmm-lab", "tensorflow", "scikit-learn", "faiss-cpu"))


def theatre_rows():
    """Rows of the whole theatre."""
    films = {"Ridge": Retriever(SEEN, conse=0.0), "Contrastive": Retriever(SEEN, learner="contrastive", conse=0.0),
             "ConSE, no pairs": Retriever(SEEN, learner=None), "Chance": Guess(SEEN, learner=None)}
    assert default_methods().keys() >= films.keys()
    return board("theatre", vl.load_table("theatre", size="full"), films, {"Ridge": 10, "Contrastive": 10})


if __name__ == "__main__":
    main()

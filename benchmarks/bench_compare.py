"""Times `compare` on real tables, with an empty cache and again, checks what its best rows reach, and its memory.

    python benchmarks/bench_compare.py [FOLDER]

FOLDER holds falls.csv, faces.csv, digits.csv and hand_digits.csv; by default the folder shared/data beside the checkout. There is no peer to
run in turn with: the bars are seconds and accuracies, each for a command that a person would type. Memory is the most that a
process held, for few and for many rows: what it grows by for each row is what a larger table costs. The networks that describe
pictures and sentences are timed by the processor, and `tag` is scored on the theatre, actors held out; they need `vmm-lab fetch`.
"""
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import write_results

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data")
SECONDS = {"falls": (180, 20)}
ACCURACY = {"faces": 0.985, "digits": 0.82, "hand_digits": 0.87}


def compare(name, cache, page):
    """(seconds of the whole command, processor seconds, the board as the JSON has it) of `vmm-lab compare` in a process of its own."""
    out = Path(cache) / f"{name}.json"
    command = [sys.executable, "-m", "vmm_lab.cli", "compare", str(FOLDER / f"{name}.csv"), "--json", str(out), "--html", str(page)]
    before, started = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"VMM_LAB_CACHE": str(Path(cache) / "cache")})
    seconds, after = time.perf_counter() - started, os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, busy, json.loads(out.read_text(encoding="utf-8"))


CLIPS, SOUNDS, MINUTES = (120, 480), (1, 12), 20
GROWTH = {"clip of the theatre": 0.1, "sound of 20 minutes": 2.0}  # MB for each further row


def peak_of_clips(n):
    """Compare the handcrafted features on n films of the calm theatre; return MB at the peak."""
    import vmm_lab as vl

    table = vl.load_table("theatre", size="full").iloc[::2][:n].reset_index(drop=True)
    vl.compare(table, progress=False)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def peak_of_sounds(n):
    """Compare the features of sound on n long recordings of noise, two classes; return MB at the peak."""
    import numpy as np
    import pandas as pd
    from scipy.io import wavfile

    import vmm_lab as vl

    folder, rng, rate = Path(tempfile.mkdtemp()), np.random.default_rng(0), 16_000
    rows = []
    for k in range(max(n, 4)):  # a comparison needs four rows; all but n of them are short
        minutes = MINUTES if k < n else 0.1
        wavfile.write(folder / f"{k}.wav", rate, rng.integers(-3000, 3000, int(60 * minutes * rate)).astype(np.int16))
        rows.append((str(folder / f"{k}.wav"), "ab"[k % 2]))
    vl.compare(pd.DataFrame(rows, columns=["path", "label"]), progress=False)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def memory():
    """Rows on the growth of memory, each size in a process and with a cache of its own."""
    rows = []
    for what, function, sizes in (("clip of the theatre", "peak_of_clips", CLIPS), ("sound of 20 minutes", "peak_of_sounds", SOUNDS)):
        peaks = []
        for n in sizes:
            with tempfile.TemporaryDirectory() as cache:
                code = f"import bench_compare; print(bench_compare.{function}({n}))"
                done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=Path(__file__).parent,
                                      env=os.environ | {"VMM_LAB_CACHE": cache})
            peaks.append(float(done.stdout.split()[-1]))
        growth = (peaks[1] - peaks[0]) / (sizes[1] - sizes[0])
        rows.append({"what": f"memory of compare for each further {what}, {sizes[0]} to {sizes[1]}", "mb_first": round(peaks[0]),
                     "mb_last": round(peaks[1]), "mb_each": round(growth, 3), "bar": f"<= {GROWTH[what]} MB", "met": growth <= GROWTH[what]})
    return rows


PICTURES, SENTENCES, TAGS = 35, 60, 0.85  # per processor second, in batches; mAP


def pretrained():
    """Rows on the pretrained networks: how many pictures and sentences a second, and the tags of the theatre."""
    import numpy as np

    import vmm_lab as vl
    from vmm_lab import features, tasks
    from vmm_lab.pretrained import ImageEmbedding, embed_sentences

    pictures = np.random.default_rng(0).integers(0, 256, (160, 224, 224, 3), dtype=np.uint8)
    sentences = [f"Somebody waves in the street for the {k}th time, in a red shirt." for k in range(160)]
    rows = []
    for what, work, items, bar in (("pictures", ImageEmbedding().describe, pictures, PICTURES), ("sentences", embed_sentences, sentences, SENTENCES)):
        work(items[:16])  # builds the network
        rates = []
        for _ in range(5):
            started = time.process_time()
            work(items)
            rates.append(len(items) / (time.process_time() - started))
        rate = statistics.median(rates)
        rows.append({"what": f"{what} described by the pretrained network, per processor second", "rate": round(rate, 1),
                     "bar": f">= {bar}", "met": rate >= bar})
    methods = [ImageEmbedding(n_frames=3, pooling="mean"), features.HOGLBP(), features.HOG(), features.ColorHistogram(), features.WordBag()]
    board = tasks.tag(vl.load_table("theatre", size="full"), methods=methods, progress=False)
    for row in board.rows:
        bar = f">= {TAGS}" if row["name"] == board.best else None
        rows.append({"what": f"tag, the full theatre, actors held out: {row['name']}", "map": row["map"], "map_low": row["map_low"],
                     "map_high": row["map_high"], "bar": bar, "met": None if bar is None else row["map"] >= TAGS})
    return rows


def main():
    rows = memory() + pretrained()
    for name in ("falls", "faces", "digits", "hand_digits"):
        with tempfile.TemporaryDirectory() as cache:
            first, first_busy, board = compare(name, cache, Path(cache) / "board.html")
            again, again_busy, same = compare(name, cache, Path(cache) / "board.html")
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
        scores = {row["name"]: row["accuracy"] for row in board["rows"]}
        assert scores == {row["name"]: row["accuracy"] for row in same["rows"]}, "a cached run gives other scores"
        bars = SECONDS.get(name, (None, None))
        for what, seconds, busy, bar in (("first run", first, first_busy, bars[0]), ("cached", again, again_busy, bars[1])):
            rows.append({"what": f"compare {name}.csv, {what}", "seconds": round(seconds, 1), "cpu_seconds": round(busy, 1), "load": load,
                         "bar": bar and f"< {bar} s", "met": None if bar is None else seconds < bar})
        best = board["protocol"]["best_without_words"]
        bar = ACCURACY.get(name)
        rows.append({"what": f"compare {name}.csv, best row without words ({best}), {board['protocol']['folds']}", "accuracy": scores[best],
                     "majority": scores["Majority class"], "bar": bar and f">= {bar}", "met": None if bar is None else scores[best] >= bar})
    write_results("compare", rows, packages=("vmm-lab", "scikit-learn", "opencv-python-headless", "av"))


if __name__ == "__main__":
    main()

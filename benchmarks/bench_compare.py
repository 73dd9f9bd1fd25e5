"""Times `compare` on real tables, with an empty cache and again, and checks what its best rows reach on held-out rows.

    python benchmarks/bench_compare.py [FOLDER]

FOLDER holds falls.csv, faces.csv and digits.csv; by default the folder shared/data beside the checkout. There is no peer to
run in turn with: the bars are seconds and accuracies, each for a command that a person would type.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import write_results

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2] / "shared" / "data")
SECONDS = {"falls": (180, 20)}
ACCURACY = {"faces": 0.97, "digits": 0.70}


def compare(name, cache, page):
    """(seconds of the whole command, processor seconds, the board as the JSON has it) of `vmm-lab compare` in a process of its own."""
    out = Path(cache) / f"{name}.json"
    command = [sys.executable, "-m", "vmm_lab.cli", "compare", str(FOLDER / f"{name}.csv"), "--json", str(out), "--html", str(page)]
    before, started = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"VMM_LAB_CACHE": str(Path(cache) / "cache")})
    seconds, after = time.perf_counter() - started, os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, busy, json.loads(out.read_text(encoding="utf-8"))


def main():
    rows = []
    for name in ("falls", "faces", "digits"):
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

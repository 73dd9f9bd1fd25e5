"""Times two ways of doing the same work in turn, and writes what was measured with the command and the versions.

On a shared machine a lone timing says little: the neighbours' load moves it by half. Run in turn, both ways meet
the same load, and the median of the paired ratios is steady.
"""
import datetime
import importlib.metadata
import json
import os
import platform
import re
import statistics
import sys
import time
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def paired(ours, peer, *, pairs=9, warm_up=1, clock=time.perf_counter):
    """Median seconds of `ours` and `peer`, run in turn `pairs` times, and the median ratio peer/ours (above 1: ours is faster)."""
    for _ in range(warm_up):
        ours(), peer()
    rows = []
    for k in range(pairs):
        seconds = {}
        for work in (ours, peer) if k % 2 else (peer, ours):
            start = clock()
            work()
            seconds[work] = clock() - start
        rows.append((seconds[ours], seconds[peer]))
    return {
        "ours_seconds": statistics.median(a for a, _ in rows),
        "peer_seconds": statistics.median(b for _, b in rows),
        "ratio": statistics.median(b / a for a, b in rows),
        "ratio_range": [min(b / a for a, b in rows), max(b / a for a, b in rows)],
        "pairs": pairs,
    }


def command(arguments):
    """The command as others can type it: an option with a folder of this machine is left out, any other path keeps its last name.

    >>> command(["bench.py", "/data/faces.csv", "10", "--media", "/tmp/media"])
    'python bench.py faces.csv 10'
    """
    text = re.sub(r" --[\w-]+[ =]/\S+", "", " ".join(["python", *arguments]))
    return re.sub(r" /\S*/", " ", text)


def write_results(name, rows, *, packages=()):
    """Write benchmarks/results/`name`.json (rows: list of dicts with `what`, the numbers, `bar` and `met`) and print a table."""
    RESULTS.mkdir(exist_ok=True)
    versions = {p: importlib.metadata.version(p) for p in ("numpy", *packages)}
    record = {
        "command": command([os.path.relpath(sys.argv[0]), *sys.argv[1:]]),
        "date": datetime.date.today().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "versions": versions,
        "rows": rows,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")
    for row in rows:
        print("  ".join(f"{k}={v:.3g}" if isinstance(v, float) else f"{k}={v}" for k, v in row.items()))

"""Measures how the cost of `extract` and `compare` grows with the number of short videos, and what memory they take.

    python benchmarks/bench_growth.py [SIZE …]       by default 100, 1,000 and 10,000 videos

Each size is a process of its own with an empty cache. The exponent is the slope of log seconds over log videos, from the
smallest size to the largest: 1 is proportional. Seconds of the processor are told besides, as other work on the machine
does not lengthen them. Memory is the most that the process held. The videos differ, so that nothing is described once for two.
"""
import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from harness import write_results

SIZES, EXPONENT, MEMORY = (100, 1_000, 10_000), 1.05, 1.1
CLASSES, GROUPS, FRAMES, SIDE = 4, 10, 12, 64


def make(folder, n):
    """Write n videos of a square that moves in one of four directions; return their table."""
    import pandas as pd

    import vmm_lab as vl

    rng, rows = np.random.default_rng(0), []
    for k in range(n):
        frames = rng.integers(40, 90, (1, SIDE, SIDE, 3), np.uint8).repeat(FRAMES, axis=0)
        place, label = rng.integers(16, 32, 2), k % CLASSES
        step = np.array([(2, 0), (-1, 0), (0, 2), (0, -1)][label])
        for t in range(FRAMES):
            y, x = place + t * step
            frames[t, y:y + 14, x:x + 14] = 220
        path = str(Path(folder) / f"{k}.mp4")
        vl.write_video(path, frames, fps=12)
        rows.append((path, "down up right left".split()[label], f"actor {k // CLASSES % GROUPS}"))
    return pd.DataFrame(rows, columns=["path", "label", "group"])


def measure(n):
    """Make n videos, extract and compare; return the seconds of each and the peak of memory, in MB."""
    import vmm_lab as vl

    methods, found = [vl.features.HOG(), vl.features.MotionHistogram()], {"videos": n}
    with tempfile.TemporaryDirectory() as folder:
        table = make(folder, n)
        # Of either, the first call imports and builds what later ones find.
        vl.extract(table.head(8), methods[0], cache=False, progress=False)
        vl.compare(table.head(40), methods=methods, progress=False)
        found["before"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        for name, work in (("extract", lambda: vl.extract(table, methods[0], cache=False, progress=False)),
                           ("compare", lambda: vl.compare(table, methods=methods, progress=False))):
            wall, busy = time.perf_counter(), time.process_time()
            work()
            found[name] = {"seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - busy,
                           "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}
    return found


def alone(n):
    """What `measure` returns, from a process and with a cache of its own."""
    with tempfile.TemporaryDirectory() as cache:
        code = f"import json, bench_growth; print(json.dumps(bench_growth.measure({n})))"
        done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent,
                              env=os.environ | {"VMM_LAB_CACHE": cache})
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    sizes = sorted(set(parser.parse_args().sizes))
    if len(sizes) < 2 or sizes[0] < 80:
        parser.error("name at least two sizes, of 80 videos or more")
    found, rows = [alone(n) for n in sizes], []
    first, last = found[0], found[-1]
    span = f"{sizes[0]:,} to {sizes[-1]:,} short videos"
    for verb in ("extract", "compare"):
        slope = {kind: math.log(last[verb][kind] / first[verb][kind]) / math.log(sizes[-1] / sizes[0]) for kind in ("seconds", "cpu_seconds")}
        ratio = last[verb]["peak"] / first[verb]["peak"]
        rows += [
            {"what": f"{verb}, {span}: exponent of the processor's seconds", "value": round(slope["cpu_seconds"], 3), "wall_exponent": round(slope["seconds"], 3),
             "each": [{"videos": f["videos"], **{k: round(v, 2) for k, v in f[verb].items()}} for f in found],
             "bar": f"<= {EXPONENT}", "met": slope["cpu_seconds"] <= EXPONENT},
            {"what": f"{verb}, {span}: memory at the peak, last over first", "value": round(ratio, 2), "megabytes_first": round(first[verb]["peak"]),
             "megabytes_last": round(last[verb]["peak"]), "bar": f"<= {MEMORY}", "met": ratio <= MEMORY}]
    write_results("growth", rows, packages=("vmm-lab", "scikit-learn", "opencv-python-headless", "av"))


if __name__ == "__main__":
    main()

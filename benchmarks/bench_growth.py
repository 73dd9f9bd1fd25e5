"""Measures how the cost of `extract` and `compare` grows with the number of short videos, and with hours of sound.

    python benchmarks/bench_growth.py [SIZE …] [--hours HOURS …] [--media FOLDER]

By default 100, 1,000 and 10,000 videos, and 2 and 100 hours of sound in recordings of 20 minutes (12 GB while it runs). Each
measurement is a process of its own with an empty cache. The exponent is the slope of log seconds over log size, from the smallest
size to the largest: 1 is proportional. It is told of the processor's seconds, as other work on the machine lengthens them little.
Memory is the most that the process held; of `extract`, less the array that it returns. No two videos or recordings are alike, so
that nothing is described once for two. FOLDER keeps the videos for a next time.
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

SIZES, HOURS, EXPONENT, MEMORY = (100, 1_000, 10_000), (2, 100), 1.05, 1.1
CLASSES, GROUPS, FRAMES, SIDE = 4, 10, 12, 64
MINUTES, RATE = 20, 16_000
LABELS = "down up right left".split()


def videos(folder, n, seed=0):
    """The table of n videos of a square that moves in one of four directions; writes those that are not there."""
    import pandas as pd

    import vmm_lab as vl

    rows = []
    for k in range(n):
        path, label = Path(folder) / f"{seed}_{k}.mp4", k % CLASSES
        rows.append((str(path), LABELS[label], f"actor {k // CLASSES % GROUPS}"))
        if path.exists():
            continue
        rng = np.random.default_rng((seed, k))
        frames = rng.integers(40, 90, (1, SIDE, SIDE, 3), np.uint8).repeat(FRAMES, axis=0)
        place, step = rng.integers(16, 32, 2), np.array([(2, 0), (-1, 0), (0, 2), (0, -1)][label])
        for t in range(FRAMES):
            y, x = place + t * step
            frames[t, y:y + 14, x:x + 14] = 220
        vl.write_video(path, frames, fps=12)
    return pd.DataFrame(rows, columns=["path", "label", "group"])


def sounds(folder, n, seconds=60 * MINUTES, seed=0):
    """The table of n recordings of noise, loud or quiet."""
    import pandas as pd
    from scipy.io import wavfile

    rows = []
    for k in range(n):
        path, loud = str(Path(folder) / f"{seed}_{k}.wav"), k % 2
        noise = np.random.default_rng((seed, k)).integers(-(1000 << 2 * loud), 1000 << 2 * loud, seconds * RATE, np.int16)
        wavfile.write(path, RATE, noise)
        rows.append((path, ("quiet", "loud")[loud], f"place {k // 2 % GROUPS}"))
    return pd.DataFrame(rows, columns=["path", "label", "group"])


def peak():
    """The most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def measure(kind, verb, n, media):
    """Extract or compare n videos or sounds; return the processor's and the clock's seconds, and the peak of memory in MB."""
    import vmm_lab as vl

    features = [vl.features.HOG(), vl.features.MotionHistogram()] if kind == "videos" else [vl.features.MFCC()]

    def work(table):
        if verb == "compare":
            vl.compare(table, methods=features, progress=False)
            return 0.0
        return vl.extract(table, features[0], cache=False, progress=False).nbytes / 1e6

    with tempfile.TemporaryDirectory() as folder:
        # The first call imports and builds what later ones find; its media are others than those that are measured.
        work(videos(folder, 40, seed=1) if kind == "videos" else sounds(folder, 20, seconds=2, seed=1))
        table = videos(media, n) if kind == "videos" else sounds(folder, n)
        before = peak()
        wall, busy = time.perf_counter(), time.process_time()
        array = work(table)
        return {"size": n, "seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - busy, "before": before, "peak": peak(),
                "array": array}


def alone(kind, verb, n, media):
    """What `measure` returns, from a process and with a cache of its own."""
    with tempfile.TemporaryDirectory() as cache:
        code = f"import json, bench_growth; print(json.dumps(bench_growth.measure({kind!r}, {verb!r}, {n}, {media!r})))"
        done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent,
                              env=os.environ | {"VMM_LAB_CACHE": cache})
    print(verb, kind, done.stdout.splitlines()[-1], file=sys.stderr, flush=True)
    return json.loads(done.stdout.splitlines()[-1])


def growth(kind, verb, sizes, span, media):
    """Two rows on one verb: the exponent, and memory."""
    found = [alone(kind, verb, n, media) for n in sizes]
    first, last = found[0], found[-1]
    slope = {clock: math.log(last[clock] / first[clock]) / math.log(sizes[-1] / sizes[0]) for clock in ("seconds", "cpu_seconds")}
    held = [one["peak"] - one["array"] for one in found]
    beside = " beside the array that is returned" if verb == "extract" else ""
    return [
        {"what": f"{verb}, {span}: exponent of the processor's seconds", "value": round(slope["cpu_seconds"], 3),
         "wall_exponent": round(slope["seconds"], 3), "each": [{k: round(v, 2) for k, v in one.items()} for one in found],
         "bar": f"<= {EXPONENT}", "met": slope["cpu_seconds"] <= EXPONENT},
        {"what": f"{verb}, {span}: memory at the peak{beside}, last over first", "value": round(held[-1] / held[0], 3),
         "held_mb": [round(one) for one in held], "bar": f"<= {MEMORY}", "met": held[-1] / held[0] <= MEMORY}]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument("--hours", nargs="*", type=int, default=HOURS)
    parser.add_argument("--media")
    given = parser.parse_args()
    sizes, hours = sorted(set(given.sizes)), sorted(set(given.hours))
    if len(sizes) < 2 or sizes[0] < 80 or len(hours) == 1:
        parser.error("name at least two sizes, of 80 videos or more, and two numbers of hours or none")
    with tempfile.TemporaryDirectory() as folder:
        media = given.media or folder
        videos(media, sizes[-1])
        rows = [row for verb in ("extract", "compare")
                for row in growth("videos", verb, sizes, f"{sizes[0]:,} to {sizes[-1]:,} short videos", media)]
    if hours:
        rows += growth("sounds", "compare", [n * 60 // MINUTES for n in hours], f"{hours[0]} to {hours[-1]} hours of sound", None)
    write_results("growth", rows, packages=("vmm-lab", "scikit-learn", "opencv-python-headless", "av"))


if __name__ == "__main__":
    main()

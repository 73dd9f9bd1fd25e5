"""Tries to lose something: damaged files, kills, broken entries among good ones, and places where little is as usual.

    python benchmarks/bench_reliability.py [PART …] [--mutants N] [--entries N] [--kills N]      parts: mutants

A part that was measured before is kept when another one is measured again. What has been tried stays in the folder
`reliability` of the cache, so that a run that was stopped goes on where it was; --fresh begins anew.
"""
import argparse
import json
import shutil
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mutants
from harness import RESULTS, write_results

from vmm_lab.files import cache_dir

LONGEST, MOST = 30, 1024  # seconds and megabytes that one damaged file of a few kilobytes may take, with all its verbs


def try_mutants(folder, n):
    """Rows about n mutants of all kinds of file."""
    samples = folder / "samples"
    if not (samples / "weights.pth").is_file():
        mutants.make_samples(samples)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda group: mutants.run(samples, mutants.GROUPS[group], 0, n, folder / f"{group}.jsonl"), mutants.GROUPS))
    every = [note for notes in found for note in notes.values()]
    for note in every:
        if note["outcome"] in ("died", "raw"):
            print(f"{note['kind']} {note['number']}: {note['raw']}", file=sys.stderr)
    by, kinds = Counter(note["outcome"] for note in every), len({note["kind"] for note in every})
    slowest = max(every, key=lambda note: note.get("seconds", mutants.SECONDS))
    largest = max(every, key=lambda note: note.get("megabytes", 0))
    name = f"{len(every):,} damaged files of {kinds} kinds"
    return [
        {"what": f"{name}: ended the process, or took over {mutants.SECONDS} s", "counted": by["died"], "bar": "0", "met": not by["died"]},
        {"what": f"{name}: neither a result nor one clear sentence", "counted": by["raw"], "results": by["result"], "sentences": by["sentence"], "bar": "0", "met": not by["raw"]},
        {"what": f"{name}: the slowest ({slowest['kind']}), every verb together", "value": f"{slowest.get('seconds', mutants.SECONDS):.1f} s", "bar": f"<= {LONGEST} s",
         "met": slowest.get("seconds", mutants.SECONDS) <= LONGEST},
        {"what": f"{name}: the most memory for one ({largest['kind']})", "value": f"{largest.get('megabytes', 0)} MB", "bar": f"<= {MOST} MB", "met": largest.get("megabytes", 0) <= MOST}]


PARTS = {"mutants": lambda folder, args: try_mutants(folder, args.mutants)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS))
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--fresh", action="store_true")
    args = parser.parse_args()
    folder, kept = cache_dir() / "reliability", {}
    if (RESULTS / "reliability.json").is_file():
        kept = {part: [row for row in json.loads((RESULTS / "reliability.json").read_text(encoding="utf-8"))["rows"] if row["part"] == part] for part in PARTS}
    for part in args.parts:
        place = Path(folder, part)
        if args.fresh:
            shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, exist_ok=True)
        kept[part] = [{"part": part} | row for row in PARTS[part](place, args)]
        sys.argv[1:] = []  # the command that is told measures all of it
        write_results("reliability", [row for rows in kept.values() for row in rows], packages=("av", "pillow", "pandas", "keras", "scikit-learn", "skops"))


if __name__ == "__main__":
    main()

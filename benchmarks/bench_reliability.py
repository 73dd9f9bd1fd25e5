"""Tries to lose something: damaged files, kills, broken entries among good ones, and places where little is as usual.

    python benchmarks/bench_reliability.py [PART …] [--mutants N] [--entries N] [--kills N]      parts: mutants kills entries places

A part that was measured before is kept when another one is measured again. What has been tried stays in the folder
`reliability` of the cache, so that a run that was stopped goes on where it was; --fresh begins anew.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import kills
import mutants
import numpy as np
import places
import psutil
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


def try_kills(folder, n):
    """Rows about n kills of each kind of work."""
    media, rows = folder / "media", []
    if not (media / "film.mp4").is_file():
        kills.make_media(media)
    for work in kills.WORKS:
        notes = folder / f"{work}.jsonl"
        known = [json.loads(line) for line in notes.read_text().splitlines()] if notes.is_file() else []
        with tempfile.TemporaryDirectory() as place, open(notes, "a", buffering=1) as file:
            found = kills.try_kills(work, media, Path(place), n, known=known, note=lambda kill: print(json.dumps(kill), file=file))
        bad = [kill for kill in found if not kill["same"] or kill["lost"] or kill["done_twice"] or kill["parts_after_the_rerun"]]
        for kill in bad:
            print(f"{work}: {kill}", file=sys.stderr)
        rows.append({"what": f"{work} killed at {len(found)} random moments and run again: another result, a file lost, done twice or half", "counted": len(bad),
                     "kills_with_work_done": sum(kill["done_before"] > 0 for kill in found), "kills_while_writing": sum(kill["parts_left_by_the_kill"] > 0 for kill in found),
                     "bar": "0", "met": not bad})
    return rows


def make_entries(folder, n):
    """Write n different videos and return their table and the paths of the broken ones, each hundredth."""
    import pandas as pd

    import vmm_lab as vl

    rng, kinds, rows, broken = np.random.default_rng(0), [], [], []
    for k in range(40):
        frames = rng.integers(0, 60, (8, 48, 64, 3), np.uint8) + np.uint8(120 * (k % 2))
        kinds.append(vl.write_video(folder / "one.mp4", frames, fps=8).read_bytes())
    (folder / "one.mp4").unlink()
    for k in range(n):
        data = kinds[k % len(kinds)] + (12).to_bytes(4, "big") + b"free" + k.to_bytes(4, "big")  # a box that says nothing makes each file another one
        if k % 100 == 50:
            data = [b"", data[:len(data) // 2], bytes(len(data)), b"<html>404 not found</html>", data[:100], data[200:]][k // 100 % 6]
            broken.append(str(folder / f"{k}.mp4"))
        (folder / f"{k}.mp4").write_bytes(data)
        rows.append((str(folder / f"{k}.mp4"), f"label {k % 2}", f"group {k // 2 % 5}"))
    return pd.DataFrame(rows, columns=["path", "label", "group"]), broken


class Memory(threading.Thread):
    """Notes the megabytes that this process holds, five times a second, until it is stopped."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.over = [], threading.Event()

    def run(self):
        process = psutil.Process()
        while not self.over.wait(0.2):
            self.seen.append(process.memory_info().rss / 1e6)

    def growth(self):
        """What it held in the last quarter of the time over what it held in the second, medians."""
        self.over.set()
        self.join()
        quarter = max(1, len(self.seen) // 4)
        return statistics.median(self.seen[-quarter:]) / statistics.median(self.seen[quarter:2 * quarter] or self.seen)


def measure_entries(folder, n):
    """Extract and compare n entries of which each hundredth is broken; return what was said of them, and the memory."""
    import vmm_lab as vl

    feature, found = vl.features.HOG(), {}
    table, broken = make_entries(Path(folder), n)
    vl.extract(table.head(40), feature, cache=False, progress=False)
    memory = Memory()
    memory.start()
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        X = vl.extract(table, feature, on_error="skip", cache=False, progress=False)
    told = " ".join(str(note.message) for note in noted)
    bad = table["path"].isin(broken).to_numpy()
    found["extract"] = {"not_told": [path for path in broken if path not in told], "lost": int(np.isnan(X[~bad]).any(axis=1).sum()),
                        "described_although_broken": int((~np.isnan(X[bad]).any(axis=1)).sum()), "growth": memory.growth()}
    memory = Memory()
    memory.start()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        board = vl.compare(table, methods=[feature], progress=False)
    told = {entry["path"] for entry in board.skipped}
    found["compare"] = {"not_told": [path for path in broken if path not in told], "lost": n - len(broken) - len(set(board.table["path"]) - set(broken)), "growth": memory.growth()}
    return found | {"broken": len(broken), "n": n}


def try_entries(folder, n):
    """Rows about n entries with broken ones among them."""
    notes = folder / f"{n}.json"
    if not notes.is_file():
        with tempfile.TemporaryDirectory() as place:
            code = f"import json, sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import bench_reliability as b; print(json.dumps(b.measure_entries({place!r}, {n})))"
            done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"VMM_LAB_CACHE": place + "/cache"})
            notes.write_text(done.stdout.splitlines()[-1])
    found, rows = json.loads(notes.read_text()), []
    for verb in ("extract", "compare"):
        of, name = found[verb], f"{verb}, {found['n']:,} videos of which {found['broken']} are broken"
        wrong = len(of["not_told"]) + of["lost"] + of.get("described_although_broken", 0)
        rows += [{"what": f"{name}: broken ones not told, good ones lost", "counted": wrong, "bar": "0", "met": not wrong},
                 {"what": f"{name}: memory in the last quarter over the second", "value": round(of["growth"], 2), "bar": "<= 1.1", "met": of["growth"] <= 1.1}]
    return rows


def try_places(folder):
    """A row for each odd place: how many of its commands neither work nor say one sentence."""
    notes, rows = folder / "places.json", []
    if not notes.is_file():
        with tempfile.TemporaryDirectory() as place:
            notes.write_text(json.dumps(places.try_places(Path(place)), indent=1))
    found = json.loads(notes.read_text())
    for name in dict.fromkeys(row["place"] for row in found):
        outcomes = [row["outcome"] for row in found if row["place"] == name]
        if outcomes[0].startswith("not tried"):
            rows.append({"what": f"{name}: {outcomes[0]}", "bar": None, "met": None})
            continue
        wrong = [outcome for outcome in outcomes if outcome not in ("works", "sentence")]
        rows.append({"what": f"{name}: check, compare, first cells ({outcomes.count('works')} work, {outcomes.count('sentence')} say a sentence)", "counted": len(wrong), "raw": wrong,
                     "bar": "0", "met": not wrong})
    return rows


PARTS = {"mutants": lambda folder, args: try_mutants(folder, args.mutants), "kills": lambda folder, args: try_kills(folder, args.kills),
         "entries": lambda folder, args: try_entries(folder, args.entries), "places": lambda folder, args: try_places(folder)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])  # an empty list is checked as well
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--fresh", action="store_true")
    args = parser.parse_args()
    folder, kept = cache_dir() / "reliability", {}
    if (RESULTS / "reliability.json").is_file():
        kept = {part: [row for row in json.loads((RESULTS / "reliability.json").read_text(encoding="utf-8"))["rows"] if row["part"] == part] for part in PARTS}
    for part in args.parts or PARTS:
        place = Path(folder, part)
        if args.fresh:
            shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, exist_ok=True)
        kept[part] = [{"part": part} | row for row in PARTS[part](place, args)]
        sys.argv[1:] = []  # the command that is told measures all of it
        write_results("reliability", [row for rows in kept.values() for row in rows], packages=("av", "pillow", "pandas", "keras", "scikit-learn", "skops"))


if __name__ == "__main__":
    main()

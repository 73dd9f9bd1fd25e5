"""Tracking: films of the theatre with 1, 2 and 4 people who cross, 20 of them, next to a tracker without a model of motion.

    python benchmarks/bench_track.py [FOLDER]       FOLDER holds sample_clips.json, with boxes of cars and visitors

Every film is of a seed that nothing was tuned on. "Nearest box" pairs each box with the nearest of the frame before. Frames per
second are of processor time at 320×240, decoding and both passes over the film included.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from harness import write_results

import vmm_lab as vl
from vmm_lab import theatre
from vmm_lab.tasks.mot import score_tracks
from vmm_lab.tasks.moving import Background
from vmm_lab.tasks.track import find_tracks

SEED = 100
BARS = {1: 0.90, 2: 0.80, 4: 0.62}
NAMES = ("mota", "idf1", "precision", "recall")


def nearest_boxes(path, *, reach=20.0):
    """Tracks by the nearest box of the frame before, within `reach` pixels: no motion, no colour, no memory."""
    media = vl.open_media(path)
    find = Background(media.frames(fps=5)[0])
    rows, before, count = [], [], 0
    for k, (_, frame) in enumerate(media.stream()):
        now = []
        for left, top, right, bottom in find(frame, np.zeros((0, 4))).boxes:
            center = np.array([left + right, top + bottom]) / 2
            known = [(np.linalg.norm(center - other), track) for other, track in before]
            distance, track = min(known, default=(np.inf, 0))
            if distance > reach:
                count += 1
                track = count
            before = [(other, number) for other, number in before if number != track]
            now.append((center, track))
            rows.append((k, track, left, top, right - left, bottom - top))
        before = now
    return pd.DataFrame(rows, columns=["frame", "id", "x", "y", "w", "h"])


def main(folders):
    films = theatre.walks(20, people=list(BARS), seed=SEED)
    rows, speeds = [], []
    for people, group in films.groupby("people"):
        for what in (find_tracks, nearest_boxes):
            scores = []
            for path in group.path:
                start = time.process_time()
                found = what(path)
                seconds = time.process_time() - start
                scores.append(score_tracks(found, theatre.walk_truth(path)))
                if what is find_tracks:
                    speeds.append(theatre.walk_truth(path).frame.max() / seconds)
            row = {"what": f"{people} people, {'ours' if what is find_tracks else 'nearest box'}", "films": len(group),
                   "switches": sum(score["switches"] for score in scores),
                   **{name: float(np.mean([score[name] for score in scores])) for name in NAMES}}
            if what is find_tracks:
                row |= {"bar": f"MOTA ≥ {BARS[people]:.2f}", "met": bool(row["mota"] >= BARS[people])}
            rows.append(row)
    rows.append({"what": "frames per second of processor time, 320×240", "value": float(np.median(speeds)), "slowest": float(min(speeds)),
                 "bar": "≥ 60", "met": bool(np.median(speeds) >= 60)})
    for folder in folders:
        for name, known in json.loads((Path(folder) / "sample_clips.json").read_text()).items():
            if "count" in known:
                found = find_tracks(Path(folder) / name)
                truth = pd.DataFrame(known["boxes"], columns=["frame", "id", "x", "y", "w", "h"])
                scores = {key: float(value) for key, value in score_tracks(found, truth).items() if key in NAMES}
                count = int(found.id.nunique())
                rows.append({"what": Path(name).stem, "counted": count, **scores, "bar": f"= {known['count']}",
                             "met": count == known["count"]})
    write_results("track", rows, packages=("opencv-python-headless", "scipy", "av"))


if __name__ == "__main__":
    main(sys.argv[1:])

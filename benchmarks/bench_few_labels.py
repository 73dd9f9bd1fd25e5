"""Measures what saves labels on the theatre: 1 to 20 labelled videos a class, actors held out, five draws of labels.

Each method is kept when it is done, so a run that was stopped goes on. With --kept, the methods that are there are summed up.
"""
import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from harness import write_results

import vmm_lab as vl
from vmm_lab.tasks import LearningCurve, label_savers, learning_curve

TRAININGS = Path(__file__).parent / "trainings"
LABELS, AT, BAR, SCRATCH = (1, 2, 5, 10, 20), 5, 0.15, "from scratch"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--labels", type=int, nargs="+", default=LABELS, help="numbers of labels a class; the draws stay the same")
    parser.add_argument("--only", nargs="+", help="names of the methods to measure; the others are summed up where they were kept")
    parser.add_argument("--kept", action="store_true", help="measure nothing; sum up what was kept")
    options = parser.parse_args()
    table, runs, seconds = vl.load_table("theatre", size="full"), [], {}
    for name, method in label_savers().items():
        keep = TRAININGS / f"few-labels-{name.replace(' ', '-').replace(',', '')}-{options.draws}.json"
        if not keep.exists() and (options.kept or name not in (options.only or [name])):
            continue
        if not keep.exists():
            start = time.perf_counter()
            curve = learning_curve(table, {name: method}, labels_per_class=options.labels, draws=options.draws, n_jobs=2)
            keep.parent.mkdir(exist_ok=True)
            keep.write_text(json.dumps({"runs": curve.runs.to_dict("records"), "seconds": time.perf_counter() - start}))
        kept = json.loads(keep.read_text())
        runs += kept["runs"]
        seconds[name] = kept["seconds"]
    curve = LearningCurve(pd.DataFrame(runs))
    mean, deviation, gain = curve.frame, curve.deviation, curve.gain(SCRATCH)
    rows = [summary(name, mean, deviation, gain, runs, seconds[name]) for name in mean.index]
    best = gain[AT].idxmax()
    rows.append({"what": f"best label-saving method at {AT} labels a class ({best}), above from scratch", "value": float(gain.loc[best, AT]),
                 "bar": BAR, "met": bool(gain.loc[best, AT] >= BAR)})
    write_results("few_labels", rows, packages=("tensorflow", "keras", "scikit-learn", "vmm-lab"))


def summary(name, mean, deviation, gain, runs, seconds):
    """One row: the accuracy at each number of labels, its deviation over draws, and in how many draws it beats scratch."""
    row = {"what": name, "draws": len({run["draw"] for run in runs}), "seconds": seconds}
    for n in mean.columns:
        measured = np.isfinite(mean.loc[name, n])
        row[f"{n}"], row[f"{n}_std"] = (float(mean.loc[name, n]), float(deviation.loc[name, n])) if measured else (None, None)
    paired = {key: {run["draw"]: run["accuracy"] for run in runs if run["method"] == key and run["labels"] == AT} for key in (name, SCRATCH)}
    row["above scratch"] = float(gain.loc[name, AT])
    row["draws above scratch"] = sum(value > paired[SCRATCH][draw] for draw, value in paired[name].items())
    return row


if __name__ == "__main__":
    main()

"""Measures what saves labels on the theatre: 1 to 20 labelled videos a class, actors held out, five draws of labels.

Each draw of a method is kept when it is done, so a run that was stopped goes on. Methods that were not measured keep the row that
they have in the results.
"""
import argparse
import json
import time
from pathlib import Path

import pandas as pd
from harness import RESULTS, write_results

import vmm_lab as vl
from vmm_lab.tasks import label_savers, learning_curve
from vmm_lab.tasks.compare import named_methods

TRAININGS = Path(__file__).parent / "trainings"
LABELS, AT, BAR, SCRATCH = (1, 2, 5, 10, 20), 5, 0.15, "from scratch"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--labels", type=int, nargs="+", default=LABELS, help="numbers of labels a class; the draws stay the same")
    parser.add_argument("--only", nargs="+", help="names of the methods to measure")
    parser.add_argument("--kept", action="store_true", help="measure nothing; sum up what was kept")
    options = parser.parse_args()
    methods, kept = named_methods(label_savers(), baselines=(), seed=0), {name: [] for name in label_savers()}
    table = vl.load_table("theatre", size="full")
    for name in methods:
        for draw in range(options.draws):
            keep = TRAININGS / f"few-labels-{name.replace(' ', '-').replace(',', '')}-{draw}.json"
            if not keep.exists() and not options.kept and name in (options.only or methods):
                start = time.perf_counter()
                curve = learning_curve(table, {name: methods[name]}, labels_per_class=options.labels, draws=1, seed=draw, n_jobs=2)
                runs = curve.runs.assign(draw=draw).to_dict("records")
                keep.parent.mkdir(exist_ok=True)
                keep.write_text(json.dumps({"runs": runs, "seconds": time.perf_counter() - start}))
            if keep.exists():
                kept[name].append(json.loads(keep.read_text()))
    before = {row["what"]: row for row in json.loads((RESULTS / "few_labels.json").read_text())["rows"] if "draws" in row}
    rows = [summary(name, found) if len(found) == options.draws else before[name]
            for name, found in kept.items() if len(found) == options.draws or name in before]
    scratch = next(row for row in rows if row["what"] == SCRATCH)
    for row in rows:
        row["above scratch"] = row[f"{AT}"] - scratch[f"{AT}"]
        if f"{AT}_draws" in row and f"{AT}_draws" in scratch:
            row["draws above scratch"] = sum(a > b for a, b in zip(row[f"{AT}_draws"], scratch[f"{AT}_draws"]))
    best = max(rows, key=lambda row: row["above scratch"])
    rows.append({"what": f"best label-saving method at {AT} labels a class ({best['what']}), above from scratch",
                 "value": best["above scratch"], "bar": BAR, "met": best["above scratch"] >= BAR})
    write_results("few_labels", rows, packages=("tensorflow", "keras", "scikit-learn", "vmm-lab"))


def summary(name, found):
    """One row: the accuracy at each number of labels, its deviation over draws, and that of each draw."""
    row = {"what": name, "draws": len(found), "seconds": sum(part["seconds"] for part in found)}
    runs = pd.DataFrame([run for part in found for run in part["runs"]])
    for n, some in runs.groupby("labels"):
        row |= {f"{n}": float(some["accuracy"].mean()), f"{n}_std": float(some["accuracy"].std()), f"{n}_draws": some["accuracy"].tolist()}
    return row


if __name__ == "__main__":
    main()

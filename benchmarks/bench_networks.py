"""The six models over time on the puppet theatre: every actor held out once, several seeds, beside averaged HOG.

    python benchmarks/bench_networks.py [--level calm] [--seeds 0 1 2]

Takes about half an hour a level on two quiet cores. Each training is kept in benchmarks/trainings/ as it is done (not
committed), so that a stopped run goes on where it was; delete the folder to measure from the start.
"""
import argparse
import json
import time
from pathlib import Path

import keras
import numpy as np
from harness import write_results
from sklearn.model_selection import GroupKFold
from tqdm import tqdm

import vmm_lab as vl
from vmm_lab.networks import RECIPES, cost
from vmm_lab.tasks import FeatureMethod

FOLDS, HELD = 5, 2  # folds by actor; of the actors left, how many choose the best epoch
OVER_TIME = {name: recipe for name, recipe in RECIPES.items() if recipe.modality == "video"}
BASELINE = "averaged HOG + SVM"
TRAININGS = Path(__file__).parent / "trainings"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="calm", choices=vl.theatre.DIFFICULTIES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    options = parser.parse_args()
    table = vl.load_table("theatre", size="full", difficulty=options.level)
    table = table[table["label"].isin(vl.theatre.VIDEO_ACTIONS)].reset_index(drop=True)
    examples = {recipe.feature: vl.load_examples(table, recipe.feature, progress=False) for recipe in OVER_TIME.values()}
    some = next(iter(examples.values()))
    runs = {name: [] for name in (BASELINE, *OVER_TIME)}
    work = [(seed, fold, *split) for seed in options.seeds for fold, split in enumerate(folds(some.groups, seed))]
    for seed, fold, learnt, held, tested in tqdm(work, desc=options.level, unit="fold"):
        keep = TRAININGS / f"{options.level}-{seed}-{fold}.json"
        if keep.exists():
            done = json.loads(keep.read_text())
        else:
            done = one_fold(table, examples, learnt, held, tested, seed)
            keep.parent.mkdir(exist_ok=True)
            keep.write_text(json.dumps(done))
        for name, run in done.items():
            runs[name].append(run | {"seed": seed})
    rows = [summary(name, options.level, options.seeds, some.y, some.classes, found) for name, found in runs.items()]
    if options.level == "calm":
        rows += claims({row["what"]: row for row in rows})
    write_results(f"networks_{options.level}", rows, packages=("tensorflow", "keras", "scikit-learn", "vmm-lab"))


def folds(groups, seed):
    """For each fold (rows learnt from, rows that choose the epoch, rows tested): no actor on two sides."""
    actors = np.random.default_rng(seed).permutation(np.unique(groups))
    for number, (_, tested) in enumerate(GroupKFold(FOLDS).split(actors, groups=actors)):
        test = actors[tested]
        rest = np.roll([actor for actor in actors if actor not in test], number)
        sides = rest[HELD:], rest[:HELD], test
        yield tuple(np.flatnonzero(np.isin(groups, side)) for side in sides)


def one_fold(table, examples, learnt, held, tested, seed):
    """{name: probabilities of the tested rows, validation curves, seconds} of each method."""
    labels = np.concatenate([learnt, held])  # the SVM chooses no epoch: it learns from both
    started = time.perf_counter()
    model = FeatureMethod(vl.features.HOG()).fit(table.iloc[labels])
    seconds = time.perf_counter() - started
    done = {BASELINE: {"proba": model.predict_proba(table.iloc[tested]).tolist(), "tested": tested.tolist(), "seconds": seconds}}
    trained = {}
    keras.backend.clear_session()  # ninety models in one process would otherwise stay
    for name, recipe in OVER_TIME.items():
        data = examples[recipe.feature]
        model, history = recipe.train(data[learnt], validation=data[held], frames=trained.get(recipe.frames), seed=seed, progress=False)
        trained[name] = model
        done[name] = {
            "proba": model.predict(data.X[tested], batch_size=32, verbose=0).tolist(), "tested": tested.tolist(),
            "seconds": history.seconds, "steps": history.steps, "best_epoch": history.best_epoch,
            "val_accuracy": history.epochs["val_accuracy"], "train_accuracy": history.epochs["accuracy"], **cost(model),
        }
    return done


def summary(name, level, seeds, y, classes, runs):
    """One row: accuracies pooled over the folds of a seed, their mean and deviation over seeds, and the mean curve."""
    scores = [accuracies(y, classes, [run for run in runs if run["seed"] == seed]) for seed in seeds]
    row = {"what": name, "level": level, "seeds": len(seeds), "folds": FOLDS}
    for measure in scores[0]:
        values = [score[measure] for score in scores]
        row[measure] = float(np.mean(values))
        row[f"{measure}_std"] = float(np.std(values, ddof=1)) if len(values) > 1 else None
    row["seconds"] = float(np.median([run["seconds"] for run in runs]))
    if "steps" in runs[0]:
        row |= {key: runs[0][key] for key in ("steps", "parameters", "flops")}
        for curve in ("train_accuracy", "val_accuracy"):
            row[curve] = np.mean([run[curve] for run in runs], axis=0).round(4).tolist()
            row[f"{curve}_std"] = np.std([run[curve] for run in runs], axis=0, ddof=1).round(4).tolist()
    return row


def accuracies(y, classes, runs):
    """Accuracy on all rows, on those of FRAME_ACTIONS, and on ORDER_PAIRS with the answer taken from the pair alone."""
    proba = np.full((len(y), len(classes)), np.nan)
    for run in runs:
        proba[run["tested"]] = run["proba"]
    labels, right = np.asarray(classes)[y], proba.argmax(axis=1) == y
    chosen = []
    for pair in vl.theatre.ORDER_PAIRS:
        pair = np.searchsorted(classes, pair)
        rows = np.flatnonzero(np.isin(y, pair))
        chosen.append(pair[proba[rows][:, pair].argmax(axis=1)] == y[rows])
    return {"video_actions": float(right.mean()), "frame_actions": float(right[np.isin(labels, vl.theatre.FRAME_ACTIONS)].mean()),
            "order_pairs": float(np.concatenate(chosen).mean())}


def claims(rows):
    """What was meant to be reached on the calm level, and whether it was: the frame average sees poses and no order."""
    average, hog = rows["Frame average"], rows[BASELINE]
    pixels = ("Conv3D", "(2+1)D", "CNN + GRU", "Transformer")

    def best(names, measure):
        return max(rows[name][measure] for name in names)

    found = [("frame average, actions that one picture tells", average["frame_actions"], 0.75)]
    for measure, said in (("order_pairs", "pairs in opposite order"), ("video_actions", "ten actions")):
        found += [(f"best over time, {said}", best(OVER_TIME, measure), 0.95),
                  (f"best over time, {said}, above averaged HOG", best(OVER_TIME, measure) - hog[measure], 0.08),
                  (f"best from pixels, {said}", best(pixels, measure), 0.88)]
    rows = [{"what": what, "accuracy": value, "bar": bar, "met": value >= bar} for what, value, bar in found]
    coin = average["order_pairs"]
    return [*rows, {"what": "frame average, pairs in opposite order", "accuracy": coin, "bar": "0.40 to 0.60", "met": abs(coin - 0.5) <= 0.10}]


if __name__ == "__main__":
    main()

"""Several modalities on the puppet theatre: each alone, and every kind of fusion, every actor held out once, several seeds.

    python benchmarks/bench_fusion.py [--level calm] [--seeds 0 1 2] [--kept]

Every model is also asked when modalities are missing, or drowned in noise, at test time; the masks and the noise are the same for
all. Takes about an hour and a half for three seeds on two quiet cores. Each training is kept in benchmarks/trainings/ as it is done
(not committed), so that a stopped run goes on where it was; delete the folder to measure from the start. With --kept nothing is
trained: what is kept is summed up, of each model the seeds whose folds are all done.
"""
import argparse
import json
from pathlib import Path

import numpy as np
from bench_networks import FOLDS, folds
from harness import write_results
from tqdm import tqdm

import vmm_lab as vl
from vmm_lab.networks import (
    FUSION_KINDS,
    MODALITY_FEATURES,
    add_noise,
    drop_modalities,
    fusion_recipe,
    keras,
    predict,
    without_modalities,
)

TRAININGS = Path(__file__).parent / "trainings"
SHARES, LEVELS = (0.1, 0.3, 0.5, 0.7), (0.5, 1.0, 2.0)  # of each modality missing; of noise
DROPOUT = 0.3
MODELS = {name: ("features", (name,), 0.0) for name in MODALITY_FEATURES}
MODELS |= {kind: (kind, tuple(MODALITY_FEATURES), 0.0) for kind in FUSION_KINDS}
MODELS |= {f"{kind}, modality dropout": (kind, tuple(MODALITY_FEATURES), DROPOUT) for kind in FUSION_KINDS}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--level", default="calm", choices=vl.theatre.DIFFICULTIES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS), metavar="MODEL")
    parser.add_argument("--kept", action="store_true", help="train nothing, sum up what was measured before")
    options = parser.parse_args()
    table = vl.load_table("theatre", size="full", difficulty=options.level)
    examples = vl.load_examples(table, MODALITY_FEATURES, progress=False)
    runs = {name: [] for name in options.models}
    work = [(seed, fold, split, name) for seed in options.seeds for fold, split in enumerate(folds(examples.groups, seed)) for name in options.models]
    for seed, fold, split, name in tqdm(work, desc=options.level, unit="training"):
        keep = TRAININGS / f"fusion-{options.level}-{seed}-{fold}-{name.replace(', ', '-').replace(' ', '-')}.json"
        if keep.exists():
            run = json.loads(keep.read_text())
        elif options.kept:
            continue
        else:
            run = one_training(examples, split, MODELS[name], seed)
            keep.parent.mkdir(exist_ok=True)
            keep.write_text(json.dumps(run))
        runs[name].append(run | {"seed": seed})
    rows = []
    for name, found in runs.items():
        whole = [seed for seed in options.seeds if sum(run["seed"] == seed for run in found) == FOLDS]
        if whole:
            rows.append(summary(name, options.level, [run for run in found if run["seed"] in whole], whole))
    if options.level == "calm" and len(rows) == len(MODELS):
        rows += claims({row["what"]: row for row in rows})
    write_results(f"fusion_{options.level}", rows, packages=("tensorflow", "keras", "scikit-learn", "vmm-lab"))


def tests(X, several):
    """{name of a test: X}: as it is, with parts missing, with one drowned."""
    found = {"whole": X}
    if several:
        found |= {f"{share:g} missing": drop_modalities(X, share) for share in SHARES}
        found |= {f"without {name}": without_modalities(X, name) for name in MODALITY_FEATURES}
        found |= {f"{name} noise {level:g}": add_noise(X, name, level) for name in MODALITY_FEATURES for level in LEVELS}
    return found


def one_training(examples, split, model, seed):
    """Answers of the tested rows in each test, curves, seconds and parameters of one training."""
    kind, names, dropout = model
    learnt, held, tested = split
    keras.backend.clear_session()
    recipe = fusion_recipe(kind, names, modality_dropout=dropout)
    train, validation = (examples[rows].only(*names) for rows in (learnt, held))
    network, history = recipe.train(train, validation=validation, seed=seed, progress=False)
    given = {name: examples.X[name][tested] for name in names}
    given["present"] = examples.X["present"][tested][:, [list(MODALITY_FEATURES).index(name) for name in names]]
    answers = {test: predict(network, X).argmax(axis=1).tolist() for test, X in tests(given, len(names) > 1).items()}
    return {
        "answers": answers, "truth": examples.y[tested].tolist(), "seconds": history.seconds, "steps": history.steps,
        "best_epoch": history.best_epoch, "parameters": network.count_params(),
        "train_accuracy": history.epochs["accuracy"], "val_accuracy": history.epochs["val_accuracy"],
    }


def summary(name, level, runs, seeds):
    """One row: the accuracy of each test, pooled over the folds of a seed; mean and deviation over seeds; mean curves."""
    row = {"what": name, "level": level, "seeds": len(seeds), "folds": FOLDS}
    for test in runs[0]["answers"]:
        pooled = [np.mean(np.concatenate([np.equal(run["answers"][test], run["truth"]) for run in runs if run["seed"] == seed])) for seed in seeds]
        row[test] = float(np.mean(pooled))
        row[f"{test}_std"] = float(np.std(pooled, ddof=1)) if len(seeds) > 1 else None
    row["seconds"] = float(np.median([run["seconds"] for run in runs]))
    row |= {key: runs[0][key] for key in ("steps", "parameters")}
    for curve in ("train_accuracy", "val_accuracy"):
        length = min(len(run[curve]) for run in runs)
        row[curve] = np.mean([run[curve][:length] for run in runs], axis=0).round(4).tolist()
    return row


def claims(rows):
    """What was meant to be reached, and whether it was."""
    found = []
    n = 960
    for name in MODALITY_FEATURES:
        ceiling, value = vl.theatre.ceiling(name), rows[name]["whole"]
        error = (ceiling * (1 - ceiling) / n) ** 0.5
        found.append({"what": f"{name} alone, beside its ceiling", "accuracy": value, "ceiling": ceiling,
                      "bar": "within 0.07, not above by 2 standard errors", "met": bool(ceiling - 0.07 <= value <= ceiling + 2 * error)})
    single = max(rows[name]["whole"] for name in MODALITY_FEATURES)
    best = max(FUSION_KINDS, key=lambda kind: rows[kind]["whole"])
    dropped = max((f"{kind}, modality dropout" for kind in FUSION_KINDS), key=lambda name: rows[name]["whole"])
    top = max(rows[best]["whole"], rows[dropped]["whole"])
    found.append({"what": f"best fusion ({best if rows[best]['whole'] == top else dropped})", "accuracy": top, "bar": 0.93, "met": top >= 0.93})
    found.append({"what": "best fusion, above the best single modality", "accuracy": top - single, "bar": 0.08, "met": top - single >= 0.08})
    for kind in FUSION_KINDS:
        plain, robust = rows[kind], rows[f"{kind}, modality dropout"]
        lost, less = (row["whole"] - row["0.3 missing"] for row in (plain, robust))
        found.append({"what": f"{kind}: what 30 % missing costs, plain → with modality dropout", "plain": lost, "dropout": less,
                      "value": f"{lost:.3f} → {less:.3f}", "on whole data": robust["whole"] - plain["whole"], "bar": "at most half, at most 0.02 less on whole data",
                      "met": bool(less <= lost / 2 and robust["whole"] >= plain["whole"] - 0.02)})
    return found


if __name__ == "__main__":
    main()

"""Spoken digits of speakers who were never heard: a sound CNN beside a plain one and beside handcrafted features with an SVM.

    python benchmarks/bench_sound.py [--seeds 0 1 2] [--table digits.csv]

Each of the six speakers is held out once. Takes about ten minutes on two quiet cores. Each training is kept in
benchmarks/trainings/ as it is done (not committed), so that a stopped run goes on where it was; delete the folder to
measure from the start. The recordings (600 of the Free Spoken Digit Dataset) are not part of the repository.
"""
import argparse
import functools
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from harness import write_results
from tqdm import tqdm

import vmm_lab as vl
from vmm_lab.features import MFCC, LogMel
from vmm_lab.networks import RECIPES, cost, keras, predict, sound_cnn
from vmm_lab.tasks import FeatureMethod

DIGITS = Path(__file__).resolve().parents[2] / "shared" / "data" / "digits.csv"
TRAININGS = Path(__file__).parent / "trainings"
SVMS = {"MFCC + SVM": MFCC(), "LogMel + SVM": LogMel()}
SOUND_RECIPE = RECIPES["Sound CNN"]
FEATURE = SOUND_RECIPE.feature
NETWORKS = {
    "plain CNN": replace(SOUND_RECIPE, build=functools.partial(sound_cnn, normalise=False, augment=False)),
    "Sound CNN": SOUND_RECIPE,
}
BAR = 0.78


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--table", type=Path, default=DIGITS, help="a CSV with path, label and the speaker as group")
    options = parser.parse_args()
    if not options.table.is_file():
        print(f"{options.table.name} is not there, so nothing was measured: the spoken digits are not part of the "
              "repository. Get github.com/Jakobovski/free-spoken-digit-dataset and give its table as --table.")
        return
    table = vl.load_table(options.table)
    examples = vl.load_examples(table, FEATURE, progress=False)
    speakers = np.unique(examples.groups)
    runs = {name: [handcrafted(table, feature, examples.groups == speaker) for speaker in speakers] for name, feature in SVMS.items()}
    runs |= {name: [] for name in NETWORKS}
    for name, seed, speaker in tqdm([(n, k, s) for k in options.seeds for s in speakers for n in NETWORKS], unit="training"):
        keep = TRAININGS / f"digits-{name.split()[0].lower()}-{seed}-{speaker}.json"
        if not keep.exists():
            keep.parent.mkdir(exist_ok=True)
            keep.write_text(json.dumps(trained(NETWORKS[name], examples, examples.groups == speaker, seed)))
        runs[name].append(json.loads(keep.read_text()))
    write_results("sound_digits", [summary(name, found, speakers) for name, found in runs.items()],
                  packages=("tensorflow", "keras", "scikit-learn", "vmm-lab"))


def handcrafted(table, feature, held):
    """Shares of right answers of an SVM, on the speakers it learnt from and on the one held out."""
    started = time.perf_counter()
    model = FeatureMethod(feature).fit(table[~held])
    seconds = time.perf_counter() - started
    known, new = (model.score(table[side]) for side in (~held, held))
    return {"known": known, "new": new, "tested": int(held.sum()), "seconds": seconds}


def trained(recipe, examples, held, seed):
    """The same of a network, with what it costs; its last step's weights: nobody is spared to choose an epoch."""
    keras.backend.clear_session()
    model, history = recipe.train(examples[~held], seed=seed, progress=False)
    right = predict(model, examples.X).argmax(axis=1) == examples.y
    return {"known": float(right[~held].mean()), "new": float(right[held].mean()), "tested": int(held.sum()),
            "seconds": history.seconds, "steps": history.steps, **cost(model)}


def summary(name, runs, speakers):
    """One row: accuracy pooled over the speakers of a seed, its mean and deviation over seeds, and each speaker's."""
    runs = [runs[k:k + len(speakers)] for k in range(0, len(runs), len(speakers))]  # seed by seed
    pooled = [np.average([run["new"] for run in seed], weights=[run["tested"] for run in seed]) for seed in runs]
    row = {"what": name, "seeds": len(runs) if name in NETWORKS else None, "speakers never heard": float(np.mean(pooled)),
           "deviation over seeds": float(np.std(pooled, ddof=1)) if len(pooled) > 1 else None,
           "speakers in training": float(np.mean([run["known"] for seed in runs for run in seed])),
           **{f"never heard: {speaker}": float(np.mean([seed[k]["new"] for seed in runs])) for k, speaker in enumerate(speakers)},
           "seconds": float(np.median([run["seconds"] for seed in runs for run in seed]))}
    if name in NETWORKS:
        row |= {key: runs[0][0][key] for key in ("steps", "parameters", "flops")}
    if name == "Sound CNN":
        row |= {"accuracy": row["speakers never heard"], "bar": BAR, "met": row["speakers never heard"] >= BAR}
    return row


if __name__ == "__main__":
    main()

"""Times how a training is fed, and how long one takes: `train`'s stream beside batches that lie ready, and each recipe's whole budget.

    python benchmarks/bench_training.py [--whole]

The stream gathers rows in a new order, moves every clip by a few pixels and counts rare classes for more; its peer takes
the same step again and again on one batch in memory, which no training can beat. With --whole each recipe is also trained
once on 420 clips, with all its steps; the scores are `bench_networks.py`'s.
"""
import argparse
import time

import numpy as np
from harness import paired, write_results

from vmm_lab.networks import RECIPES, Augment, Examples, keras
from vmm_lab.networks.feeding import balanced_weights, batches

CLIPS, CLASSES = 420, 10
BAR = 45  # seconds of a training cell
STEPS, PAIRS = 4, 41  # steps of one run; many short runs, so that a neighbour's load meets both sides of most pairs


def clips(recipe):
    """Random examples of the shape that a recipe reads."""
    rng = np.random.default_rng(0)
    X = (rng.normal(size=(CLIPS, 16, 1764)).astype("float32") if recipe.shift == 0
         else rng.integers(0, 256, (CLIPS, 16, 64, 64, 3), dtype=np.uint8))
    return Examples(X, np.arange(CLIPS) % CLASSES, tuple(f"class {k}" for k in range(CLASSES)))


def feeding(name):
    """The row of one recipe: steps of the stream against steps on one batch that is there already."""
    recipe = RECIPES[name]
    some = clips(recipe)
    model = recipe.model(some)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    weights = balanced_weights(some.y, CLASSES)[some.y]
    size = recipe.batch_size

    def stream(augment):
        return iter(batches(some.X, some.y, weights, batch_size=size, steps=CLIPS // size, epochs=range(20), augment=augment, seed=0))

    ready = [keras.ops.convert_to_tensor(part[:size]) for part in (some.X, some.y, weights)]
    fed = stream(Augment(recipe.shift))

    def ours():
        for _ in range(STEPS):
            model.train_on_batch(*next(fed))

    def peer():
        for _ in range(STEPS):
            model.train_on_batch(*ready)

    row = paired(ours, peer, pairs=PAIRS, warm_up=2)
    row["cpu_ratio"] = paired(ours, peer, pairs=PAIRS, clock=time.process_time)["ratio"]  # what it costs, hidden or not
    return {"what": f"a step of {name}, fed by the stream with shifts of {recipe.shift} pixels", "peer": "the step on one batch in memory",
            **row, "bar": 0.9, "met": row["ratio"] >= 0.9}


def whole(name, frames):
    """(model, row): one training with the whole budget of a recipe."""
    recipe, some = RECIPES[name], clips(RECIPES[name])
    started, busy = time.perf_counter(), time.process_time()
    model, history = recipe.train(some, frames=frames, progress=False)
    seconds = time.perf_counter() - started
    row = {"what": f"one training of {name}, {CLIPS} clips", "seconds": seconds, "cpu_seconds": time.process_time() - busy,
           "steps": history.steps, "bar": BAR, "met": seconds <= BAR}
    return model, row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--whole", action="store_true", help="also train each recipe once, with all its steps")
    options = parser.parse_args()
    rows = [feeding(name) for name in ("Conv3D", "Frame average")]
    if options.whole:
        trained = {}
        for name in (name for name, recipe in RECIPES.items() if recipe.modality == "video"):
            trained[name], row = whole(name, trained.get(RECIPES[name].frames))
            rows.append(row)
    write_results("training", rows, packages=("tensorflow", "keras"))


if __name__ == "__main__":
    main()

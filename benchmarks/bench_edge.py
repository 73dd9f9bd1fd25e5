"""Smaller networks and the stream: pruned, distilled and quantised, three seeds, next to the same narrow one from nothing.

    python benchmarks/bench_edge.py [--seeds 0 1 2]

Takes about ten minutes on two quiet cores. Calm theatre, ten actions; for each seed other actors are held out.
"""
import argparse
import time

import numpy as np
from harness import write_results

import vmm_lab as vl
from vmm_lab import edge
from vmm_lab.edge.convert import QUANTIZED
from vmm_lab.networks import RECIPES, Augment, Examples, keras, predict, train

KEEP = 0.42  # of the channels, so that a quarter of the parameters is left
NUMBERS = ("parameters", "flops", "bytes", "milliseconds", "accuracy", "same_answer")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    table = vl.load_table("theatre", size="full")
    table = table[table["label"].isin(vl.theatre.VIDEO_ACTIONS)].reset_index(drop=True)
    clips = vl.load_examples(table, progress=False)
    pictures = Examples(clips.X[:, 8], clips.y, clips.classes, clips.groups)
    runs = [one_seed(clips, pictures, seed) for seed in seeds]
    rows = [summary(name, [run[name] for run in runs]) for name in runs[0]]
    found = {row["what"]: row for row in rows}
    write_results("edge", rows + claims(found) + [streaming(table, clips)],
                  packages=("tensorflow", "keras", "ai-edge-litert", "vmm-lab"))


def one_seed(clips, pictures, seed):
    """{name: numbers} of all ways, for one seed of the weights and of the actors held out."""
    learnt, held = clips.split(test=0.25, seed=seed)
    recipe, found = RECIPES["(2+1)D"], {}

    def tell(name, model, some=held, **options):
        found[name] = edge.measure(model, some.X, some.y, **options)
        print(seed, name, {key: round(value, 3) for key, value in found[name].items()}, flush=True)

    teacher, history = recipe.train(learnt, seed=seed, progress=False)
    steps = history.steps
    tell("(2+1)D", teacher)
    for quantize in QUANTIZED:
        tell(f"(2+1)D, {quantize}", teacher, quantize=quantize, calibration=learnt.X[::4])
    tell("(2+1)D, 50 % of weights 0", edge.prune_weights(teacher, 0.5))
    tell("(2+1)D, 80 % of weights 0", edge.prune_weights(teacher, 0.8))
    tuning = {"epochs": 5, "learning_rate": 1e-3, "augment": Augment(3), "seed": seed, "progress": False}
    pruned = edge.prune_channels(teacher, KEEP)
    tuned = train(pruned, learnt, **tuning).steps
    tell("channels pruned, tuned", pruned)
    tell("channels pruned, tuned, fp16", pruned, quantize="fp16")
    keras.utils.set_random_seed(seed)
    narrow = keras.models.clone_model(pruned)
    whole = recipe.settings(learnt, seed=seed)
    train(narrow, learnt, **whole | {"epochs": whole["epochs"] + tuning["epochs"]}, progress=False)
    tell("narrow, from nothing", narrow)
    keras.utils.set_random_seed(seed)
    student = keras.models.clone_model(pruned)
    edge.distil(student, teacher, learnt, steps=steps + tuned, augment=Augment(3), seed=seed)
    tell("narrow, distilled", student)
    few, some = pictures.split(test=0.25, seed=seed)
    cnn, _ = RECIPES["CNN"].train(few, seed=seed, progress=False)
    tell("CNN of one frame", cnn, some, repeats=600)
    tell("CNN of one frame, int8", cnn, some, quantize="int8", calibration=few.X, repeats=600)
    return found


def summary(name, runs):
    row = {"what": name, "seeds": len(runs)}
    for number in NUMBERS:
        values = [run[number] for run in runs]
        row[number] = float(np.mean(values))
        if number in ("accuracy", "milliseconds"):
            row[f"{number}_std"] = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return row


def claims(rows):
    """What was meant to be reached, and whether it was."""
    big, cnn = rows["(2+1)D"], rows["CNN of one frame"]
    small, pruned, distilled = rows["CNN of one frame, int8"], rows["channels pruned, tuned"], rows["narrow, distilled"]
    fp16, int8, zeros = rows["(2+1)D, fp16"], rows["(2+1)D, int8"], rows["(2+1)D, 80 % of weights 0"]
    nothing = rows["narrow, from nothing"]
    found = [
        ("(2+1)D in fp16, share of the bytes", fp16["bytes"] / big["bytes"], "<=", 0.55),
        ("(2+1)D in fp16, same answer", fp16["same_answer"], ">=", 0.99),
        ("CNN in int8, share of the bytes", small["bytes"] / cnn["bytes"], "<=", 0.30),
        ("CNN in int8, same answer", small["same_answer"], ">=", 0.95),
        ("CNN in int8, times as fast", cnn["milliseconds"] / small["milliseconds"], ">=", 1.05),
        ("(2+1)D in int8, times as fast (Conv3D stays float)", big["milliseconds"] / int8["milliseconds"], "<=", 1.05),
        ("distilled, share of the parameters", distilled["parameters"] / big["parameters"], "<=", 0.25),
        ("distilled, accuracy lost", big["accuracy"] - distilled["accuracy"], "<=", 0.02),
        ("channels pruned, share of the bytes", pruned["bytes"] / big["bytes"], "<=", 0.40),
        ("channels pruned, accuracy lost", big["accuracy"] - pruned["accuracy"], "<=", 0.03),
        ("channels pruned, times as fast", big["milliseconds"] / pruned["milliseconds"], ">=", 1.1),
        ("80 % of weights 0, times as fast", big["milliseconds"] / zeros["milliseconds"], "<=", 1.1),
        ("the same narrow network from nothing, accuracy lost", big["accuracy"] - nothing["accuracy"], "told", None)]
    return [{"what": what, "value": round(value, 3), "bar": f"{sign} {bar}" if bar is not None else sign,
             "met": bar is None or (value <= bar if sign == "<=" else value >= bar)} for what, value, sign, bar in found]


def streaming(table, clips):
    """A theatre file of a minute, decode to decision, in processor time: as on one core."""
    import tempfile
    from pathlib import Path

    folder = Path(tempfile.mkdtemp())
    frames = np.concatenate([vl.open_media(path).frames()[0] for path in table["path"].iloc[::20]])
    film = vl.write_video(folder / "film.mp4", frames, fps=25)
    keras.utils.set_random_seed(0)
    model = RECIPES["(2+1)D"].build(len(clips.classes), clips.X.shape[1:])
    exported = edge.export(model, folder / "phone", labels=clips.classes)
    difference = np.abs(exported.predict(clips.X[:50]) - predict(model, clips.X[:50])).max()
    started = time.process_time()
    done = edge.stream(exported, film)
    seconds = time.process_time() - started
    speed = done.duration / seconds
    return {"what": "streaming a theatre file, times real time in processor time", "value": round(speed, 1), "bar": ">= 10",
            "met": speed >= 10, "duration": done.duration, "difference": float(difference), **done.facts}


if __name__ == "__main__":
    main()

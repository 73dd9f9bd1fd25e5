"""Kills work at random moments with SIGKILL, which nothing can catch, lets it run again, and compares with a run in peace."""
import hashlib
import multiprocessing
import os
import sys
import time

import numpy as np

# Processes are forked from one that has imported this, and started no thread: what is killed is work, not imports.
FORKS = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
FORKS.set_forkserver_preload(["cv2", "keras", "tensorflow", "vmm_lab.features.extract", "vmm_lab.tasks.summarise", "vmm_lab.tasks.index", "vmm_lab.networks.training"])


# ---- what is killed ----

def make_media(folder, videos=40):
    """Videos to describe, photographs to index, and one film to cut a reel from."""
    import cv2

    import vmm_lab as vl

    for name in ("videos", "pictures"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for k in range(videos):
        frames = rng.integers(0, 255, (24, 48, 64, 3), np.uint8)
        vl.write_video(folder / "videos" / f"{k}.mp4", frames, fps=12)
        if k < 12:
            cv2.imwrite(str(folder / "pictures" / f"{k}.png"), cv2.resize(frames[0], (256, 256)))
    scenes = [np.full((12, 48, 64, 3), colour, np.uint8) + rng.integers(0, 40, (12, 48, 64, 3), np.uint8) for colour in rng.integers(0, 200, (6, 3))]
    vl.write_video(folder / "film.mp4", np.concatenate(scenes), fps=6, audio=rng.normal(0, 0.1, 12 * 16_000), sample_rate=16_000)


def extraction(media, place):
    import pandas as pd

    import vmm_lab as vl

    yield
    table = pd.DataFrame({"path": sorted(map(str, (media / "videos").iterdir()))})
    yield hashlib.sha256(vl.extract(table, vl.features.HOG(), n_jobs=2, progress=False).tobytes()).hexdigest()


def training(media, place):
    import mutants

    from vmm_lab import networks

    yield
    model, examples = mutants.tiny(), mutants.tiny_examples(256)
    history = networks.train(model, examples, epochs=30, batch_size=16, checkpoint=place / "training.npz", progress=False)
    told = [*model.get_weights(), *(np.asarray(values) for values in history.epochs.values())]
    yield hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in told)).hexdigest()


def command(*words):
    from vmm_lab.cli import main

    if main([str(word) for word in words]):
        raise AssertionError(words)


def reel(media, place):
    yield
    command("summarise", media / "film.mp4", "--seconds", 6, "--out", place / "reel.mp4", "--json", place / "reel.json")
    yield hashlib.sha256((place / "reel.mp4").read_bytes() + (place / "reel.png").read_bytes()).hexdigest()


def index(media, place):
    from vmm_lab.tasks.index import build_index, load_index

    yield
    old = load_index(place / "all.npz") if (place / "all.npz").is_file() else None  # it is whole, or it is not there
    build_index(media / "pictures", old=old, learner=None, progress=False).save(place / "all.npz")
    found = load_index(place / "all.npz")
    yield hashlib.sha256(found.vectors.tobytes() + found.table["path"].str.cat().encode()).hexdigest()


WORKS = {"an extraction": extraction, "a training": training, "a reel": reel, "an index": index}


def child(work, media, place, pipe):
    """Do a work; tell when it begins, and what it gives when it ends."""
    os.environ["VMM_LAB_CACHE"] = str(place / "cache")
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    steps = WORKS[work](media, place)
    next(steps)
    pipe.send("begins")
    pipe.send(next(steps))


# ---- killing ----

def start(work, media, place):
    """Start a work in a process of its own; return it, and where it tells what it gives."""
    (place / "cache").mkdir(parents=True, exist_ok=True)
    if work == "an index" and not (place / "cache" / "assets").exists():  # its weights are fetched once, not at each trial
        from vmm_lab.files import cache_dir

        os.symlink(cache_dir() / "assets", place / "cache" / "assets")
    here, there = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=child, args=(work, media, place, there))
    process.start()
    there.close()
    if here.recv() != "begins":
        raise RuntimeError(work)
    return process, here


def finish(process, pipe):
    """What a run gives, "failed" if it ends otherwise, and its seconds from the beginning of the work."""
    begin = time.perf_counter()
    try:
        given = pipe.recv()
    except EOFError:
        given = "failed"
    process.join()
    return given, time.perf_counter() - begin


def whole(place):
    """{file: (bytes, time)} of what is done, and the paths of parts."""
    files = [path for path in place.rglob("*") if path.is_file() and "assets" not in path.parts]
    return ({str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files if not path.name.startswith(".part-")},
            [path for path in files if path.name.startswith(".part-")])


def try_kills(work, media, folder, n=20, seed=0, known=(), note=lambda kill: None):
    """Kill a work n times at random moments; return what became of each kill, those that are known first."""
    if len(known) >= n:
        return list(known)
    wanted, seconds = finish(*start(work, media, folder / "in peace"))
    found = list(known)
    for k in range(len(known), n):
        place, rng = folder / f"killed {k}", np.random.default_rng([seed, k])
        process, _ = start(work, media, place)
        moment = rng.uniform(0, seconds)
        time.sleep(moment)
        process.kill()
        process.join()
        done, parts = whole(place)
        for path in parts:  # as if found a day later
            os.utime(path, (0, 0))
        again, _ = finish(*start(work, media, place))
        after, left = whole(place)
        written_again = [path for path, state in done.items() if path.endswith(".npz") and "cache" in path and after.get(path) != state]
        lost = [path for path in done if path not in after]
        found.append({"moment": round(moment / seconds, 3), "same": again == wanted,
                      "done_before": len(done), "lost": len(lost), "done_twice": len(written_again), "parts_left_by_the_kill": len(parts), "parts_after_the_rerun": len(left)})
        note(found[-1])
    return found

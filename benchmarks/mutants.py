"""Makes damaged files of every kind that the package reads, and reads each in a child process, as a notebook would.

    python benchmarks/mutants.py SAMPLES NUMBER FILE      write one mutant again, to look at it

A mutant is made from its number alone, so that a failure can be made again. The child notes what it begins and how it
ends: a file of which only the beginning is noted has ended the process, or has taken longer than it may.
"""
import contextlib
import faulthandler
import io
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np

SECONDS, GIGABYTES = 60, 6  # that one file may take with all its verbs, and that the process may hold
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))  # whose samples and writers are shared
EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
WORDS = (b"", b"0", b"-1", b"1e308", b"-inf", b"NaN", b"999999999999999999999", b"null", b"[]", b"{}", b'""', b"true", b",", b'"', b"\n", b"\0", b"\xff\xfe",
         "ß雪".encode(), b"00:99:99,999", b"../../etc/passwd")
# Kinds of file by what has to be imported to read them; a child reads one group.
MEDIA = ("mp4", "webm", "mkv", "avi", "mov", "gif", "png", "jpg", "webp", "wav", "mp3", "flac", "srt", "vtt", "mpg", "ts", "ogg", "m4a", "avif", "tiff", "ico",
         "animated.webp", "ten_bit.mp4", "transparent.webm", "rotated.mp4", "av1.mkv", "heic")
OWN = ("manifest.csv", "labels.csv", "pairs.csv", "mot.txt", "poses.npy", "cache.npz", "index.npz", "progress.json", "class.json", "class.csv", "notebooks.json")
NETWORKS = ("checkpoint.npz", "model.keras", "exported.json", "exported.tflite", "weights.pth")
PIPELINES = ("pipeline.skops", "network.skops")
GROUPS = {"media": MEDIA, "own": OWN, "models": (*NETWORKS, *PIPELINES)}
# Every file of the package's own counts once, media twice: they come from elsewhere.
ORDER = (*MEDIA, *OWN, *MEDIA, *NETWORKS, *PIPELINES)


# ---- samples ----

def make_samples(folder, kinds=ORDER):
    """Write one good file of each of these kinds, and of those that are made besides."""
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _media(folder)
        _texts(folder)
        _arrays(folder)
        if {*kinds} & {*NETWORKS}:
            _networks(folder)
        if {*kinds} & {*PIPELINES}:
            _pipelines(folder)
    missing = [kind for kind in kinds if not (folder / kind_file(kind)).is_file()]
    if missing:
        raise AssertionError(f"no sample of {missing}")


def kind_file(kind):
    return kind if "." in kind else f"sample.{kind}"


def _media(folder):
    import pillow_heif
    from PIL import Image
    from samples.make import numbered, tone, write

    from vmm_lab.files import no_stderr

    rng = np.random.default_rng(0)
    frames = numbered(range(24)) // 2 + rng.integers(0, 60, (24, 48, 64, 3), dtype=np.uint8)
    wave, small = tone(1.0), frames[:8]
    for name, options in {
            "mp4": {"wave": wave, "options": {"g": "8"}}, "webm": {"codec": "libvpx-vp9", "wave": tone(1.0, rate=48_000), "sound": "libopus", "rate": 48_000},
            "mkv": {"wave": tone(1.0, rate=48_000), "sound": "libopus", "rate": 48_000}, "avi": {"codec": "mpeg4", "wave": wave, "sound": "libmp3lame", "clock": 25},
            "mov": {"codec": "mpeg4", "wave": wave, "sound": "pcm_s16le"}, "mpg": {"codec": "mpeg2video", "clock": 25}, "ts": {"wave": wave}}.items():
        write(folder / f"sample.{name}", frames, **options)
    for name, sound in (("wav", "pcm_s16le"), ("mp3", "libmp3lame"), ("flac", "flac"), ("m4a", "aac"), ("ogg", "libopus")):
        rate = 48_000 if sound == "libopus" else 16_000
        write(folder / f"sample.{name}", wave=tone(1.0, rate=rate), sound=sound, rate=rate)
    clear = np.concatenate([small, np.full((*small.shape[:3], 1), 90, np.uint8)], axis=3)
    write(folder / "transparent.webm", clear, codec="libvpx-vp9", pixels="yuva420p")
    write(folder / "ten_bit.mp4", small, pixels="yuv420p10le")
    write(folder / "rotated.mp4", small, rotation=-90, wave=wave)
    with no_stderr():
        write(folder / "av1.mkv", small, codec="libsvtav1", options={"preset": "12"})
    pictures = [Image.fromarray(frame) for frame in small]
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    pictures[0].save(folder / "sample.jpg", exif=exif)
    for name in ("png", "tiff", "ico", "webp", "avif"):
        pictures[0].save(folder / f"sample.{name}")
    pillow_heif.from_pillow(pictures[0]).save(folder / "sample.heic", tile_size=32)
    for name in ("sample.gif", "animated.webp"):
        pictures[0].save(folder / name, save_all=True, append_images=pictures[1:], duration=80)


def _texts(folder):
    times = [f"00:00:0{k},000 --> 00:00:0{k},900" for k in range(9)]
    (folder / "sample.srt").write_text("".join(f"{k + 1}\n{time}\n<i>line</i> {k}\n\n" for k, time in enumerate(times)), encoding="utf-8")
    (folder / "sample.vtt").write_text("WEBVTT\n\n" + "".join(f"{time.replace(',', '.')} line:0\nline {k}\n\n" for k, time in enumerate(times)), encoding="utf-8")
    (folder / "manifest.csv").write_text("path,label,group,caption,start,end,split\n" + "".join(
        f'"sample.{name}",label {k % 2},person {k % 3},"says, ""{k}""",0.{k},1.0,train\n' for k, name in enumerate(("mp4", "mkv", "avi", "mov", "webm") * 2)), encoding="utf-8")
    (folder / "labels.csv").write_text("path,start,end,label\n" + "".join(f"film {k}.mp4,{k}.0,{k + 1}.5,{'ab'[k % 2]}\n" for k in range(20)))
    (folder / "pairs.csv").write_text("path_a,path_b,same,fold\n" + "".join(f"sample.png,sample.jpg,{k % 2},{k % 4}\n" for k in range(20)))
    (folder / "mot.txt").write_text("".join(f"{k // 3 + 1},{k % 3 + 1},{10.5 + k},{20 + k},30,60,0.9,-1,-1,-1\n" for k in range(60)))
    entries = {f"0{k}.thing": {"tries": k, "hints": 1, "solution": False, "done": None} for k in range(9)}
    (folder / "progress.json").write_text(json.dumps({"course": 2, **entries}, indent=1))
    (folder / "class.json").write_text(json.dumps({"ready": True, "missing": ["jupyterlab"], "not_fetched": [], "version": "1.0.0"}))
    (folder / "notebooks.json").write_text(json.dumps({"copied": {f"0{k}.ipynb": "ab" * 32 for k in range(9)}, "told": {}}))

    from vmm_lab.exercises.exercise import catalogue

    rows = "".join(f"{name[:2]},{name},{k},0,False,2026-01-01\n" for k, name in enumerate(list(catalogue())[:20]))
    (folder / "class.csv").write_text("notebook,exercise,tries,hints,solution,done\n" + rows)


def _arrays(folder):
    import pandas as pd

    from vmm_lab import cache
    from vmm_lab.tasks.index import Index
    from vmm_lab.tasks.retrieve import WIDTH, Retriever

    rng = np.random.default_rng(0)
    np.save(folder / "poses.npy", rng.normal(size=(30, 15, 3)))
    cache.store(folder / "cache.npz", rng.normal(size=(40, 8)).astype(np.float32), 0.25)
    table = pd.DataFrame({"path": [f"film {k}.mp4" for k in range(6)], "start": [0.0, 4.0] * 3, "end": [4.0, 8.0] * 3, "caption": ["a dog", None] * 3})
    vectors = rng.normal(size=(6, WIDTH)).astype(np.float32)
    retriever = Retriever(learner=None)
    retriever.state_ = {"mean": rng.normal(size=WIDTH).astype(np.float32)}
    Index(table, vectors, vectors, retriever, {path: [10, 20, 0] for path in table["path"]}, ["."]).save(folder / "index.npz")


def _pipelines(folder):
    import pandas as pd

    import vmm_lab as vl

    table = pd.DataFrame({"path": [str(folder / f"sample.{name}") for name in ("png", "jpg", "webp", "tiff")] * 3, "label": ["a", "b"] * 6, "group": [f"g{k // 4}" for k in range(12)]})
    board = vl.compare(table, methods=[vl.features.ColorHistogram()], progress=False)
    board.pipeline("ColorHistogram").fit(table).save(folder / "pipeline.skops")
    vl.tasks.NetworkMethod("CNN", minutes=1).fit(table.assign(path=str(folder / "sample.mp4"))).save(folder / "network.skops")


def _networks(folder):
    from test_pretrained import VALUES, Storage, Tensor, write_zip

    from vmm_lab import edge, networks
    from vmm_lab.networks import keras

    networks.train(tiny(), tiny_examples(), epochs=2, checkpoint=folder / "checkpoint.npz", progress=False)
    model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, activation="softmax")])
    model.save(folder / "model.keras")
    edge.export(model, folder / "exported", labels=["a", "b"])
    (folder / "exported.json").write_bytes((folder / "exported" / "model.json").read_bytes())
    (folder / "exported.tflite").write_bytes(next((folder / "exported").glob("*.tflite")).read_bytes())
    # A pickle inside a zip, as PyTorch writes it.
    write_zip(folder / "weights.pth", {"a": Tensor(Storage("0", VALUES), (3, 4), (4, 1)), "b": Tensor(Storage("0", VALUES), (12,), (1,))}, VALUES)


def tiny():
    """A network of one layer, not trained."""
    from vmm_lab.networks import keras

    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(2, activation="softmax")], name="tiny")


def tiny_examples(n=32):
    from vmm_lab.networks import Examples

    X = np.random.default_rng(0).normal(size=(n, 8)).astype("float32")
    return Examples(X, (X[:, 0] > 0).astype(int), ("left", "right"))


# ---- mutants ----

def mutant(samples, number):
    """Return (kind, bytes) of a mutant."""
    kind = ORDER[number % len(ORDER)]
    rng = np.random.default_rng([number, 15])
    data = (samples / kind_file(kind)).read_bytes()
    if zipfile.is_zipfile(io.BytesIO(data)) and rng.random() < 0.7:
        return kind, _inside(data, rng)  # with a sum that is right, or the zip would notice all
    other = data
    if rng.random() < 0.5:
        other = (samples / kind_file((*MEDIA, *OWN)[rng.integers(len(MEDIA) + len(OWN))])).read_bytes()
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        data = _damaged(data, other, rng)
    return kind, data


def _inside(data, rng):
    """Damage one or two members of a zip, which stays whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = list(parts)
    for _ in range(rng.choice([1, 1, 2])):
        name, other = names[rng.integers(len(names))], parts[names[rng.integers(len(names))]]
        parts[name] = _damaged(parts[name], other, rng)
    if rng.random() < 0.1:
        del parts[names[rng.integers(len(names))]]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # of the same moment always
    return file.getvalue()


def _damaged(data, other, rng):
    """Damage bytes in one of ten ways; text also token by token, lengths also where headers have them."""
    if not data:
        return bytes(rng.integers(0, 256, 9, np.uint8))
    is_text = data[:400].count(0) == 0 and max(data[:400]) < 128
    near = min(len(data), 400) if rng.random() < 0.5 else len(data)  # headers break more than bodies do
    at, length = int(rng.integers(near)), int(min(rng.geometric(0.02), len(data)))
    way = rng.choice(["flip", "flips", "cut", "splice", "zero", "double", "drop", "length", "length", "noise", "word", "word"][:None if is_text else -2])
    changed = bytearray(data)
    if way in ("flip", "flips"):
        for place in rng.integers(0, near, 1 if way == "flip" else rng.integers(2, 60)):
            changed[place] ^= 1 << rng.integers(8)
    elif way == "cut":
        del changed[at:]
    elif way == "splice":
        begin = int(rng.integers(max(1, len(other))))
        changed[at:at + length] = other[begin:begin + int(rng.integers(1, 4000))]
    elif way == "zero":
        changed[at:at + length] = bytes(len(changed[at:at + length]))
    elif way == "double":
        changed[at:at] = changed[at:at + length] * int(rng.choice([1, 1, 1, 50]))
    elif way == "drop":
        del changed[at:at + length]
    elif way == "noise":
        changed[at:at + length] = rng.bytes(length)
    elif way == "length":
        width = int(rng.choice([1, 2, 4, 4, 8]))
        value = int(EXTREMES[rng.integers(len(EXTREMES))]) + int(rng.integers(-2, 3))
        changed[at:at + width] = (value % 256**width).to_bytes(width, ["big", "little"][rng.integers(2)])
    else:
        tokens = list(re.finditer(rb"[\w.+-]+|[^\w\s]", data))
        if tokens:
            found = tokens[rng.integers(len(tokens))]
            changed[found.start():found.end()] = WORDS[rng.integers(len(WORDS))]
    return bytes(changed)


# ---- reading ----

def read_media(path):
    """Every verb of a Media, each of which may say one sentence of its own."""
    from vmm_lab.media import open_media

    media = open_media(path.with_suffix(".mp4") if path.suffix == ".srt" else path)
    small = {"size": (32, 32)}
    yield from (lambda: media.duration, lambda: media.size, lambda: media.fps, lambda: media.frames(**small), lambda: media.frames(), lambda: media.sample(3),
                lambda: media.frames(**small, on_error="partial"), lambda: media.frames(**small, fps=5), lambda: media.sample(4, **small),
                lambda: media.sample(4, **small, exact=False), lambda: sum(1 for _ in media.stream(**small)), lambda: media.audio(),
                lambda: media.audio(on_error="partial"), lambda: media.subtitles(), lambda: media.keyframes)


def read_own(kind, path):
    """What the package does with a file of its own."""
    import pandas as pd

    import vmm_lab as vl
    from vmm_lab import cache, course
    from vmm_lab.exercises import record

    folder = path.parent
    if kind == "manifest.csv":
        vl.load_table(path)
    elif kind == "labels.csv":
        from vmm_lab.widgets.labeling import read_labels

        table = pd.DataFrame({"path": [f"film {k}.mp4" for k in range(20)], "start": np.arange(20.0), "end": np.arange(20) + 1.5})
        read_labels(path, table, ["a", "b"])
    elif kind == "pairs.csv":
        vl.tasks.load_pairs(path)
    elif kind == "mot.txt":
        found = vl.tasks.read_mot(path)
        vl.tasks.score_tracks(found, found)
    elif kind == "poses.npy":
        vl.open_media(path).poses()
    elif kind == "cache.npz":
        found = cache.load(path)
        cache.load(path, whole=False)
        assert found is None or isinstance(found[1], float)
    elif kind == "index.npz":
        from vmm_lab.tasks.index import load_index

        index = load_index(path)
        index.about(), index.changes(), index.save(folder / "again.npz")
    elif kind == "progress.json":
        os.environ["VMM_LAB_DATA"] = str(folder)
        (folder / "progress.json").write_bytes(path.read_bytes())
        record.load(), vl.progress(), record.note("01.thing", "wrong")
    elif kind in ("class.json", "class.csv"):
        course.gather([path])
    elif kind == "notebooks.json":
        from vmm_lab.course import notebooks

        (folder / notebooks.RECORD).write_bytes(path.read_bytes())
        notebooks._recorded(folder)
    elif kind in ("pipeline.skops", "network.skops"):
        model = vl.load_pipeline(path)
        model.predict([SAMPLES / ("sample.png" if kind[0] == "p" else "sample.mp4")])
    elif kind == "checkpoint.npz":
        from vmm_lab import networks

        networks.train(tiny(), EXAMPLES or tiny_examples(), epochs=2, checkpoint=path, progress=False)
    elif kind == "model.keras":
        vl.edge.source_of(path)
    elif kind in ("exported.json", "exported.tflite"):
        target = folder / "exported"
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(SAMPLES / "exported", target)
        name = "model.json" if kind.endswith("json") else next(target.glob("*.tflite")).name
        (target / name).write_bytes(path.read_bytes())
        found = vl.edge.load_exported(target)
        found.labels, found.predict(np.zeros((1, *found.shape)))
    else:
        from vmm_lab.pretrained.weights import read_torch

        read_torch(path)


SAMPLES, EXAMPLES = Path(), None


def is_clear(error, path):
    """Whether an error is one of ours, and its text one sentence."""
    from vmm_lab import MediaError, TableError
    from vmm_lab.assets import AssetError

    text = str(error)
    named = path.stem in text or "exported" in text or path.suffix == ".srt"
    known = named and type(error) in (ValueError, MediaError, TableError, AssetError) or type(error).__name__ == "TrainingError"
    return known and bool(text.strip()) and "\n" not in text.strip() and text.rstrip().endswith((".", ")")) and len(text) < 2000


def read(kind, path):
    """Read a file whole; return ("result" or "sentence", None), or ("raw", what came instead)."""
    outcome, raw = "result", None
    verbs = iter([lambda: read_own(kind, path)])
    if kind in MEDIA:
        try:
            verbs = list(read_media(path))
        except Exception as error:
            if not is_clear(error, path):
                return "raw", f"{type(error).__name__}: {error}"[:300]
            return "sentence", None
    for k, verb in enumerate(verbs):
        try:
            verb()
        except Exception as error:
            outcome = "sentence"
            if not is_clear(error, path):
                import traceback

                where = traceback.extract_tb(error.__traceback__)[-1]
                raw = raw or f"verb {k}: {type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"[:300]
    return ("raw", raw) if raw else (outcome, None)


# ---- the child ----

def peak(reset=False):
    """Megabytes that this process held at most since the last reset; of its whole life where the system cannot tell."""
    with contextlib.suppress(OSError):
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
        line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(samples, kinds, first, last, notes):
    """Read the mutants of some kinds from `first` to `last`; note, a line each, the beginning and the end."""
    global SAMPLES, EXAMPLES
    SAMPLES = Path(samples)
    is_heavy = bool({*kinds} & {*NETWORKS, *PIPELINES})
    limit = GIGABYTES * (4 if is_heavy else 1) * 2**30  # TensorFlow reserves addresses that it never uses
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    warnings.simplefilter("ignore")
    if is_heavy:
        EXAMPLES = tiny_examples()
    place = Path(notes).with_suffix(".work")  # with the media that manifests name
    shutil.copytree(SAMPLES, place, dirs_exist_ok=True)
    for kind in kinds:  # whole files first: they must be read, and what they import is not counted below
        outcome, raw = read(kind, place / kind_file(kind))
        assert raw is None and (kind in MEDIA or outcome == "result"), f"{kind}: {outcome}, {raw}"
    noted = {json.loads(line)["number"] for line in Path(notes).read_text().splitlines() if '"outcome"' in line} if Path(notes).is_file() else set()
    with open(notes, "a", buffering=1) as lines:
        for number in range(first, last):
            kind = ORDER[number % len(ORDER)]
            if kind not in kinds or number in noted:
                continue
            _, data = mutant(SAMPLES, number)
            path = place / f"mutant.{kind.rpartition('.')[2]}" if kind != "srt" else place / "sample.srt"
            path.write_bytes(data)
            print(json.dumps({"number": number, "kind": kind}), file=lines)
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            before, start = peak(reset=True), time.perf_counter()
            outcome, raw = read(kind, path)
            faulthandler.cancel_dump_traceback_later()
            print(json.dumps({"number": number, "kind": kind, "outcome": outcome, "raw": raw, "seconds": round(time.perf_counter() - start, 3),
                              "megabytes": round(peak() - before)}), file=lines)
            path.unlink(missing_ok=True)


def run(samples, kinds, first, last, notes):
    """Have children read the mutants of some kinds that are not noted yet; return what is noted of each, {number: dict}."""
    wanted, notes, done = [k for k in range(first, last) if ORDER[k % len(ORDER)] in kinds], Path(notes), None
    while True:
        lines = [json.loads(line) for line in notes.read_text().splitlines()] if notes.is_file() else []
        noted = {line["number"]: line for line in lines if "outcome" in line}
        begun = lines[-1] if lines and "outcome" not in lines[-1] else None
        if done is not None and done.returncode and begun is None:
            raise RuntimeError(done.stderr[-2000:])  # not by a mutant
        if done is not None and done.returncode and begun["number"] not in noted:
            why = f"signal {-done.returncode}" if done.returncode < 0 else f"no end within {SECONDS} s, or exit code {done.returncode}"
            noted[begun["number"]] = begun | {"outcome": "died", "raw": f"{why}: {' '.join(done.stderr.split())[-600:]}"}
            with open(notes, "a") as file:
                print(json.dumps(noted[begun["number"]]), file=file)
        missing = [number for number in wanted if number not in noted]
        if not missing:
            return {number: noted[number] for number in wanted}
        code = f"import sys; sys.path.insert(0, {str(HERE)!r}); import mutants; mutants.child({str(samples)!r}, {kinds!r}, {missing[0]}, {last}, {str(notes)!r})"
        done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, errors="replace", env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"})


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(mutant(Path(sys.argv[1]), int(sys.argv[2]))[1])

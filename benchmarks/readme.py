"""Write what was measured into RESULTS.md, and a summary of five lines into README.md: no number there is typed by hand.

    python benchmarks/readme.py            write RESULTS.md, and what stands between the two marks of README.md
"""
import json
import re
from pathlib import Path

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
RESULTS = HERE / "RESULTS.md"
MARKS = re.compile(r"(<!-- measured:.*?-->\n).*?(<!-- /measured -->)", re.DOTALL)
TITLES = {"media": "Reading and writing media", "features": "Features", "theatre": "The puppet theatre", "compare": "Comparing on real media",
          "training": "Feeding a training", "networks_calm": "Networks over time: calm theatre, every actor tested once, three seeds",
          "fusion_calm": "Several modalities: calm theatre, every actor tested once, three seeds", "sound_digits": "Spoken digits, speakers held out",
          "shots": "Shot boundaries: 20 programmes and 10 films cut together from real clips",
          "retrieve": "Retrieval: photographs by their sentence, theatre, and the search of an index",
          "track": "Tracking: generated scenes of one, two and four people, and two real films",
          "pose": "Poses, and actions from them: the theatre, actors held out, and a street",
          "faces": "Faces: whose they are, people told apart, and the theatre's expressions, actors held out",
          "edge": "Smaller networks and the stream: calm theatre, three seeds",
          "camera": "The camera page in Chromium, actors held out",
          "few_labels": "Few labels: calm theatre, actors held out, five draws of labels",
          "summaries": "Reels of 15 s against known highlights, channels held out", "growth": "Growth with the number of videos", "reliability": "Damaged files, kills, broken entries, odd places", "package": "The package", "install": "From a bare machine to the first picture", "widgets": "Widgets, from key to changed pixels",
          "widgets_tasks": "Widgets of tasks, from key to changed pixels"}


def measured(row):
    """What a row measured, with its unit."""
    if "ratio" in row:
        return f"{row['ratio']:.1f}× as fast" if row["ratio"] < 10 else f"{row['ratio']:.0f}× as fast"
    if "accuracy" not in row and row.get("seconds", 1) < 1:
        return f"{1000 * row['seconds']:.0f} ms"
    if "processor_seconds" in row:
        return f"{row['seconds']:.1f} s; {row['processor_seconds']:.0f} s of processor time"
    for key, text in (("accuracy", "{:.3f}"), ("seconds", "{:.1f} s"), ("megabytes", "{:.0f} MB"), ("peak_megabytes", "{:.0f} MB at most"), ("milliseconds", "{:.1f} ms"),
                      ("median_ms", "{:.0f} ms"), ("f1", "F1 {:.3f}"), ("ms", "{:.1f} ms"), ("times_chance", "{:.1f} × chance"), ("counted", "{}"), ("mota", "MOTA {:.3f}"),
                      ("rank-1", "{:.3f}"), ("value", "{}")):
        if row.get(key) is not None:
            return f"{row[key]:.4g}" if text == "{}" and isinstance(row[key], float) else text.format(row[key])
    return ""


def wanted(row):
    """The bar of a row, in words."""
    bar = row.get("bar")
    if isinstance(bar, list):
        return f"{bar[0]:g} to {bar[1]:g}"
    if isinstance(bar, (int, float)):
        return f"≥ {bar:g}×" if "ratio" in row else f"≤ {bar:g}" if "accuracy" not in row and {"seconds", "milliseconds", "megabytes"} & set(row) else f"≥ {bar:g}"
    return (bar or "").replace(">=", "≥").replace("<=", "≤")


def table():
    """The Markdown of all results that have a bar, one block per benchmark, with its command, date and machine."""
    blocks = []
    for name, title in TITLES.items():
        path = HERE / "results" / f"{name}.json"
        if not path.is_file():
            continue
        record = json.loads(path.read_text(encoding="utf-8"))
        rows = [row for row in record["rows"] if row.get("bar") is not None]
        lines = [f"**{title}** (`{record['command']}`, {record['date']}, {record['machine']})", "", "| what | measured | wanted | |", "|---|---|---|---|"]
        lines += [f"| {row['what']}{', against ' + row['peer'] if 'peer' in row else ''} | {measured(row)} | {wanted(row)} | {'✓' if row['met'] else 'missed'} |" for row in rows]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def results():
    """The whole text of RESULTS.md."""
    return f"""# Measured

Each line is measured against what a user would pick instead, in one run, in turn, so that both meet the same load: the
median of paired ratios; above 1, vmm_lab is faster. `make bench` measures them again on your computer. This file is
written by `benchmarks/readme.py` from `benchmarks/results/`; bars that were missed stay in it.

{table()}"""


def read(name):
    """The rows of one file of results."""
    return json.loads((HERE / "results" / f"{name}.json").read_text(encoding="utf-8"))["rows"]


def ratios(name, begins, peer):
    """The lowest and the highest ratio to a peer among the rows of a file that begin so, in words."""
    found = [row["ratio"] for row in read(name) if row["what"].startswith(begins) and peer in (row.get("peer"), row["what"].rpartition("against ")[2])]
    low, high = (f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}" for ratio in (min(found), max(found)))
    return f"{low} to {high} times as fast as {peer}"


def value(name, what, key="accuracy"):
    """One value of a file of results."""
    return next(row[key] for row in read(name) if row["what"] == what)


def summary():
    """The five lines of the README."""
    bars = [row for name in TITLES if (HERE / "results" / f"{name}.json").is_file() for row in read(name) if row.get("bar") is not None]
    order, above = value("networks_calm", "best over time, ten actions"), value("networks_calm", "best over time, ten actions, above averaged HOG")
    fused, gain = value("fusion_calm", "best fusion (stacked, modality dropout)"), value("fusion_calm", "best fusion, above the best single modality")
    return f"""* **Decoding**: 16 exact frames of 300 are read {ratios("media", "16 exact frames", "decord")}, {ratios("media", "16 exact frames", "OpenCV grab loop")}.
* **Features**: HOG is {ratios("features", "HOG of", "scikit-image")}, a log-mel spectrogram {ratios("features", "log-mel", "librosa")}.
* **Networks over time**: {order:.3f} of ten actions of actors never seen, {above:.3f} above averaged HOG; generated videos, trained on two cores.
* **Fusion**: pictures, sound and words together {fused:.3f} of sixteen actions, {gain:.3f} above the best modality alone.
* **Bars**: {sum(row["met"] for row in bars)} of {len(bars)} are met; [RESULTS.md](benchmarks/RESULTS.md) has every line, its command and its date, also the {sum(not row["met"] for row in bars)} that are missed.
"""


def updated(text):
    return MARKS.sub(lambda found: f"{found[1]}{summary()}{found[2]}", text)


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
    RESULTS.write_text(results(), encoding="utf-8")

"""Results go in, the README's table of measured numbers comes out, so that no number there is typed by hand.

    python benchmarks/readme.py            write the table between the two marks of README.md
"""
import json
import re
from pathlib import Path

HERE = Path(__file__).parent
README = HERE.parent / "README.md"
MARKS = re.compile(r"(<!-- measured:.*?-->\n).*?(<!-- /measured -->)", re.DOTALL)
TITLES = {"media": "Reading and writing media", "features": "Features", "theatre": "The puppet theatre", "compare": "Comparing on real media",
          "training": "Feeding a training", "networks_calm": "Networks over time: calm theatre, every actor tested once, three seeds",
          "fusion_calm": "Several modalities: calm theatre, every actor tested once, three seeds", "sound_digits": "Spoken digits, speakers held out",
          "shots": "Shot boundaries: 20 programmes and 10 films cut together from real clips",
          "summaries": "Reels of 15 s against known highlights, channels held out", "package": "The package", "widgets": "Widgets, from key to changed pixels"}


def measured(row):
    """What a row measured, with its unit."""
    if "ratio" in row:
        return f"{row['ratio']:.1f}× as fast" if row["ratio"] < 10 else f"{row['ratio']:.0f}× as fast"
    if "accuracy" not in row and row.get("seconds", 1) < 1:
        return f"{1000 * row['seconds']:.0f} ms"
    for key, text in (("accuracy", "{:.3f}"), ("seconds", "{:.1f} s"), ("megabytes", "{:.0f} MB"), ("peak_megabytes", "{:.0f} MB at most"), ("milliseconds", "{:.1f} ms"),
                      ("median_ms", "{:.0f} ms"), ("f1", "F1 {:.3f}"), ("value", "{}")):
        if row.get(key) is not None:
            return text.format(row[key])
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


def updated(text):
    return MARKS.sub(lambda found: f"{found[1]}{table()}{found[2]}", text)


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")

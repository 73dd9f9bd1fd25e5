"""Runs `vmm-lab` and the first cells of notebooks where little is as usual: other locales, users, folders, no network."""
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
NOTEBOOKS, CELLS = ("00_welcome.ipynb", "01_frames.ipynb"), 3
NOWHERE = "http://127.0.0.1:9"  # where nobody listens
READS_ALL = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
SCRIPT = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
cells = [cell for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
for cell in cells[:int(sys.argv[2])]:
    shell.run_cell("".join(cell["source"]), silent=True).raise_error()
"""


def read_only(folder):
    """A command before a command, for which a folder is read-only, also for root."""
    return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"', str(folder)]


def make_places(folder):
    """{name: (environment, command before the command, folder of the work)}."""
    odd = folder / "我的 视频 é"
    for name in (odd, folder / "plain", folder / "home", folder / "data"):
        name.mkdir(parents=True, exist_ok=True)
    home = {"HOME": str(folder / "home"), "VMM_LAB_CACHE": "", "VMM_LAB_DATA": ""}
    plain = folder / "plain"
    ascii_only = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    return {
        "as usual": ({}, [], plain),
        "the locale C, and no UTF-8": (ascii_only | {"LC_ALL": "C", "LANG": "C"}, [], plain),
        "a Turkish locale": ({"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}, [], plain),
        "a terminal of Latin-1": (ascii_only | {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"}, [], odd),
        "a folder with spaces and Chinese letters": ({}, [], odd),
        "that folder in the locale C": (ascii_only | {"LC_ALL": "C"}, [], odd),
        "another user, without a home": (home | {"HOME": "/nonexistent"}, READS_ALL, plain),
        "a home that is read-only": (home, read_only(folder / "home"), plain),
        "a folder of data that is read-only": ({"VMM_LAB_DATA": str(folder / "data")}, read_only(folder / "data"), plain),
        "a cache that is read-only": ({"VMM_LAB_CACHE": str(folder / "data")}, read_only(folder / "data"), plain),
        "media that are read-only": ({}, read_only(folder / "plain" / "media"), plain),
        "no network, nothing fetched": (home | {"XDG_CACHE_HOME": str(folder / "empty")}, ["unshare", "-n"], plain),
        "proxies that lead nowhere, nothing fetched": (home | {"XDG_CACHE_HOME": str(folder / "empty")} | dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE)
                                                       | {"PIP_INDEX_URL": NOWHERE, "PIP_RETRIES": "0", "PIP_TIMEOUT": "2"}, [], plain)}


def make_media(folder):
    """Class folders of small videos, twice, and a manifest."""
    import numpy as np

    import vmm_lab as vl

    rng = np.random.default_rng(0)
    for k in range(8):
        place = folder / "media" / ("快 fast", "slow")[k % 2]
        place.mkdir(parents=True, exist_ok=True)
        frames = rng.integers(0, 60, (12, 48, 64, 3), np.uint8) + np.uint8(120 * (k % 2))
        vl.write_video(place / f"ß {k}.mp4", frames, fps=12, audio=rng.normal(0, 0.1, 16_000), sample_rate=16_000)


def commands(place):
    """What is tried in each place."""
    program = [sys.executable, "-m", "vmm_lab.cli"] if not shutil.which("vmm-lab") else [shutil.which("vmm-lab")]
    cells = [[sys.executable, "-c", SCRIPT, str(ROOT / "notebooks" / name), str(CELLS)] for name in NOTEBOOKS]
    return {"vmm-lab check": [*program, "check"], "vmm-lab compare": [*program, "compare", "media", "--json", str(place / "out" / "scores.json")],
            **{f"the first cells of {name}": command for name, command in zip(NOTEBOOKS, cells)}}


def judge(done, command):
    """"works", "sentence" or what came instead."""
    err = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("vmm-lab: note:") and "Warning" not in line]
    if done.returncode == 0:
        return "works"
    last = err[-1] if err else ""
    named = re.match(r"vmm-lab: |(\w+\.)*(ValueError|MediaError|TableError|AssetError): ", last)
    if done.returncode == 1 and named and len(last) < 1000 and ("Traceback" not in done.stderr or "cells" in command):
        return "sentence"
    return f"exit {done.returncode}: {' | '.join(err[-3:])[:600]}"


def try_places(folder, names=None, tried=None):
    """Run every command in every place; return rows of dicts."""
    rows, places = [], make_places(folder)
    for place in {place for _, _, place in places.values()}:
        if not (place / "media").is_dir():
            make_media(place)
        (place / "out").mkdir(exist_ok=True)
        for path in (folder, place, place / "out", folder / "data"):
            path.chmod(0o777)
    for name, (environment, before, place) in places.items():
        if names and name not in names:
            continue
        if before and subprocess.run([*before, "true"], check=False, capture_output=True).returncode:
            rows.append({"place": name, "what": "all", "outcome": "not tried: this system lets nobody make such a place"})
            continue
        for what, command in commands(place).items():
            if tried and what not in tried:
                continue
            begin = time.perf_counter()
            shown = {"MPLBACKEND": "agg", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(ROOT), "MPLCONFIGDIR": ""}
            environment = {key: value for key, value in (os.environ | shown | environment).items() if value}
            try:
                done = subprocess.run([*before, *command], check=False, capture_output=True, text=True, encoding="utf-8", errors="replace", cwd=place, env=environment, timeout=900)
                outcome = judge(done, what)
            except subprocess.TimeoutExpired:
                outcome = "no end within 15 minutes"
            rows.append({"place": name, "what": what, "outcome": outcome, "seconds": round(time.perf_counter() - begin, 1),
                         "said": done.stderr.strip().splitlines()[-1][:300] if outcome == "sentence" else None})
    return rows

"""Time a newcomer's way from a bare machine to the first picture: the wheel, an empty environment, no cache of pip's, no media.

It needs the package index, 3 GB of disk for as long as it takes, and a few minutes.
"""
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from harness import write_results

ROOT = Path(__file__).resolve().parents[1]
# What notebook 00 shows first.
PICTURE = """
import vmm_lab as vl
from vmm_lab import assets
frames, times = vl.open_media(assets.fetch("bikes")).sample(8)
assert "image/png" in vl.filmstrip(frames, times=times)._repr_mimebundle_()[0]
"""
STEPS = {
    "install the wheel with the lab": ("-m", "pip", "install", "--quiet", "--no-cache-dir", "-c", ROOT / "constraints.txt"),
    "the first picture of notebook 00, its media fetched": ("-c", PICTURE),
    "fetch all media and weights": ("-m", "vmm_lab.cli", "fetch"),
}


def main():
    """Run the benchmark, and write its results."""
    with tempfile.TemporaryDirectory() as home:
        home = Path(home)
        subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", home, ROOT], check=True)
        venv.create(home / "env", with_pip=True)
        python = home / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VMM_LAB"))}
        environment |= {"VMM_LAB_CACHE": str(home / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}
        wheel = f"vmm-lab[lab] @ {next(home.glob('*.whl')).as_uri()}"
        seconds = {}
        for what, words in STEPS.items():
            start = time.perf_counter()
            subprocess.run([python, *words, *[wheel] * ("pip" in words)], check=True, cwd=home, env=environment, stdout=subprocess.DEVNULL)
            seconds[what] = time.perf_counter() - start
    install, picture, _ = seconds.values()
    rows = [{"what": what, "seconds": value, "bar": None, "met": None} for what, value in seconds.items()]
    rows.append({"what": "first picture from an empty environment", "seconds": install + picture, "bar": "≤ 2 min", "met": install + picture <= 120})
    write_results("install", rows, packages=("vmm-lab", "pip"))


if __name__ == "__main__":
    main()

"""Time a newcomer's two ways from a bare machine to the first picture: an empty environment, and nothing in any cache.

It needs git, the package index, 7 GB of disk for as long as it takes, and a few minutes. Seconds are those of the clock;
processor seconds beside them tell how much of it was work, and how much waiting for the network or for other programs.
"""
import os
import resource
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
OWN = ("PYTHON", "VMM_LAB", "VIRTUAL_ENV", "XDG_", "UV_CACHE")  # what this environment was told, and a bare machine was not


def surroundings(home):
    """The environment of a machine on which nobody did anything yet: a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    return kept | {"HOME": str(home), "PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
                   "PATH": os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if not Path(p).is_relative_to(sys.prefix))}


def timed(what, command, home, within):
    """Run a command; a row with its seconds and the processor's."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, cwd=within, env=surroundings(home), stdout=subprocess.DEVNULL)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"what": what, "seconds": seconds, "processor_seconds": worked, "bar": None, "met": None}


def by_pip(home):
    """The wheel into an empty environment, the first picture, and all that can be fetched."""
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", home, ROOT], check=True)
    venv.create(home / "env", with_pip=True)
    python = home / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    wheel = f"vmm-lab[lab] @ {next(home.glob('*.whl')).as_uri()}"
    return [
        timed("install the wheel with the lab", [python, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", wheel], home, home),
        timed("the first picture of notebook 00, its media fetched", [python, "-c", PICTURE], home, home),
        timed("fetch all media and weights", [python, "-m", "vmm_lab.cli", "fetch"], home, home),
    ]


def by_make(home):
    """A fresh clone, all that `make lab` does before it opens the lab, and the first picture."""
    subprocess.run(["git", "clone", "--quiet", ROOT, home / "vmm_lab"], check=True)
    clone = home / "vmm_lab"
    return [
        timed("make lab: environment, packages and sample media", ["make", "--silent", ".venv/lab.done"], home, clone),
        timed("make lab: the first picture of notebook 00", [clone / ".venv" / "bin" / "python", "-c", PICTURE], home, clone),
    ]


def main():
    """Run the benchmark, and write its results."""
    rows = []
    for way, name in ((by_make, "make lab"), (by_pip, "pip install")):
        with tempfile.TemporaryDirectory() as home:
            steps = way(Path(home))
        total = {key: sum(step[key] for step in steps[:2]) for key in ("seconds", "processor_seconds")}
        rows += [*steps, {"what": f"{name}: first picture from an empty environment", **total, "bar": "≤ 2 min", "met": total["seconds"] <= 120}]
    write_results("install", rows, packages=("pip",))


if __name__ == "__main__":
    main()

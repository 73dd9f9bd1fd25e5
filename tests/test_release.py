"""The wheel holds all that the package needs, and works in an empty environment that has only the core's dependencies."""
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.release


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def folder(wheel, tmp_path_factory):
    """An empty folder, elsewhere, with an environment `env` in it into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "env", with_pip=True)
    install = [bin_of(folder) / "python", "-m", "pip", "install", "--quiet", "--no-cache-dir", "-c", ROOT / "constraints.txt"]
    subprocess.run([*install, wheel], check=True)
    yield folder
    subprocess.run([sys.executable, "-c", "import shutil, sys; shutil.rmtree(sys.argv[1])", folder / "env"], check=True)


def bin_of(folder):
    return folder / "env" / ("Scripts" if os.name == "nt" else "bin")


@pytest.fixture(scope="module")
def lab(folder, wheel):
    """The same folder, with all that the lab needs in its environment; after the tests that are to find the core alone."""
    run(folder, "python", "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", f"vmm-lab[lab] @ {wheel.as_uri()}")
    return folder


def surroundings(folder):
    """The environment of a command, without anything that this one was told."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VMM_LAB", "JUPYTER"))}
    return environment | {"VMM_LAB_CACHE": str(folder / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}


def run(folder, program, *argv, within="."):
    """What a command prints, run in the folder."""
    done = subprocess.run([bin_of(folder) / program, *argv], check=False, cwd=folder / within, env=surroundings(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_every_file_of_the_package_the_notebooks_and_the_results_of_the_benchmarks(wheel):
    listed = subprocess.run(["git", "ls-files", "vmm_lab", "benchmarks/results", "notebooks/*.ipynb"], check=True, cwd=ROOT,
                            capture_output=True, text=True)
    wanted = {name.replace("benchmarks/results/", "vmm_lab/_results/") for name in listed.stdout.splitlines()}
    wanted = {name.replace("notebooks/", "vmm_lab/_notebooks/", name.startswith("notebooks/")) for name in wanted}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert wanted == held


def test_the_command_finds_the_core_whole(folder):
    assert "missing for the core" not in run(folder, "vmm-lab", "check")


def test_every_name_of_the_package_is_there(folder):
    code = "import vmm_lab as vl; print(vl.__file__); print(len([getattr(vl, name) for name in vl.__all__]) == len(vl.__all__))"
    file, whole = run(folder, "python", "-c", code).splitlines()
    assert Path(file).is_relative_to(folder) and whole == "True"


def test_a_table_is_compared_from_another_folder(folder):
    code = f"import vmm_lab as vl; print(vl.compare({str(ROOT / 'data' / 'sample' / 'clips.csv')!r}))"
    assert "Majority class" in run(folder, "python", "-c", code)


def test_the_results_of_the_benchmarks_are_read_from_the_package(folder):
    assert run(folder, "python", "-c", "from vmm_lab import assets; print(len(assets.results('compare')) > 0)").strip() == "True"


def test_the_course_is_copied_into_a_folder(folder):
    code = "from vmm_lab import course; print(course.find(), *course.bring('mine'), sep='\\n')"
    nowhere, said = run(folder, "python", "-c", code).splitlines()
    notebooks = {path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
    assert nowhere == "None" and said.startswith(f"{len(notebooks)} notebooks")
    assert {path.name for path in (folder / "mine").glob("*.ipynb")} == notebooks


def opened(folder):
    """What `vmm-lab` says before the lab runs in the folder; then the lab is ended."""
    with subprocess.Popen([bin_of(folder) / "vmm-lab", "--no-browser"], cwd=folder, env=surroundings(folder), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as lab:
        said = []
        for line in lab.stdout:
            said.append(line)
            if "?token=" in line:
                break
        lab.terminate()
    return "".join(said)


def test_the_lab_opens_copies_the_course_once_and_keeps_what_was_changed(lab):
    said = opened(lab)
    mine = lab / "vmm_lab_course"
    assert "notebooks were copied into" in said and "/lab/tree/00_welcome.ipynb?token=" in said
    changed, gone = mine / "00_welcome.ipynb", mine / "27_your_own_idea.ipynb"
    changed.write_text(changed.read_text(encoding="utf-8").replace("Welcome", "My own"), encoding="utf-8")
    before, rest = changed.read_bytes(), {path.name: path.stat().st_mtime_ns for path in mine.glob("*.ipynb")}
    gone.unlink()
    assert "1 notebook was copied" in opened(lab)
    assert changed.read_bytes() == before and gone.is_file()
    assert {path.name: path.stat().st_mtime_ns for path in mine.glob("*.ipynb") if path != gone} == {k: v for k, v in rest.items() if k != gone.name}
    assert "copied" not in opened(lab)


def test_everything_is_ready_after_one_installation(lab):
    assert "missing for the" not in run(lab, "vmm-lab", "check")


def test_a_new_project_runs_and_its_test_passes(lab):
    run(lab, "vmm-lab", "new", "demo")
    run(lab, "python", "-m", "unittest", within="demo")
    run(lab, "jupyter", "nbconvert", "--to", "notebook", "--execute", "--output", "run.ipynb", "demo.ipynb", within="demo")
    assert (lab / "demo" / "report.html").stat().st_size > 10_000

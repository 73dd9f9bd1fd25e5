"""The package as a whole: quick to import, rooms in the order of the data, documented examples that run."""
import ast
import doctest
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import jedi
import pytest

import vmm_lab

PACKAGE = Path(vmm_lab.__file__).parent
ROOT = PACKAGE.parent
ROOMS = ["files", "modalities", "media", "clips", "assets", "theatre", "tables", "plots", "features", "networks", "pretrained",
         "tasks", "edge", "explain", "widgets", "exercises", "cli"]
VERBS = {"open_media", "Media", "MediaError", "write_video", "split_clips", "load_table", "split_by_group", "TableError", "filmstrip",
         "extract", "load_examples", "fit", "compare", "load_pipeline", "report", "check", "hint", "solution", "progress"}
MODULES = sorted(m.name for m in pkgutil.walk_packages([str(PACKAGE)], "vmm_lab."))


def test_importing_the_package_loads_none_of_the_heavy_libraries():
    code = "import sys, vmm_lab; print(sorted({'tensorflow', 'keras', 'av', 'cv2', 'pandas', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_room_but_those_of_networks_loads_tensorflow_until_it_is_used():
    # One process for all: the first module after which it is loaded is named. The rooms themselves are among them.
    light = [m for m in MODULES if not m.startswith(("vmm_lab.networks.", "vmm_lab.explain."))]
    code = f"import importlib, sys\nfor m in {light}:\n    importlib.import_module(m)\n    if 'tensorflow' in sys.modules: sys.exit(m)"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_the_documented_examples_of_a_module_run(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert not result.failed


def imported_rooms(path):
    """The rooms that a module imports from, however it spells it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [a.name for a in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        if isinstance(node, ast.ImportFrom) and node.level:
            above = ("vmm_lab", *path.relative_to(PACKAGE).parts[:-1])
            above = above[:len(above) - node.level + 1]
            full = [".".join([*above, *([node.module] if node.module else [n])]) for n in names]
        elif isinstance(node, ast.ImportFrom):
            full = [node.module or ""]
        else:
            full = names
        for name in full:
            parts = name.split(".")
            if parts[0] == "vmm_lab" and len(parts) > 1:
                yield parts[1]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_only_from_rooms_above_it(path):
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    lower = [r for r in imported_rooms(path) if r in ROOMS and ROOMS.index(r) > ROOMS.index(room)]
    assert not lower, f"{path.name} imports {lower}, further down the way of the data"


def test_every_verb_is_where_the_package_says_it_is():
    for name in vmm_lab.__all__:
        assert getattr(vmm_lab, name) is not None
    with pytest.raises(AttributeError, match="no_such_verb"):
        _ = vmm_lab.no_such_verb


def test_the_package_lists_its_rooms_and_verbs():
    rooms = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert set(vmm_lab.__all__) == rooms - {"__init__", "cli"} | VERBS
    assert set(vmm_lab.__all__) <= set(dir(vmm_lab))


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_is_no_module_even_after_every_module_was_imported(name):
    for module in MODULES:
        importlib.import_module(module)
    assert callable(getattr(vmm_lab, name))


def test_every_name_is_there_without_the_lab():
    """A core installation has no ipywidgets, anywidget, IPython, traitlets; fitting and iterating over the names work all the same."""
    code = ("import sys\nsys.modules.update(dict.fromkeys(['ipywidgets', 'anywidget', 'IPython', 'traitlets', 'zmq', 'nbformat']))\n"
            "import vmm_lab as vl\nprint(len([getattr(vl, name) for name in vl.__all__]) == len(vl.__all__), vl.fit.__name__)")
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "fit"], done.stderr


def static(code):
    """What an editor knows about the end of `import vmm_lab as vl; code`, by a language server that runs nothing."""
    project = jedi.Project(PACKAGE.parent, load_unsafe_extensions=False)
    return jedi.Script(f"import vmm_lab as vl\n{code}", project=project)


def test_an_editor_completes_the_verbs_and_rooms():
    found = {completion.name for completion in static("vl.").complete()}
    assert set(vmm_lab.__all__) <= found


@pytest.mark.parametrize("name", sorted(name for name in VERBS if not name.endswith("Error")))
def test_an_editor_shows_what_a_verb_takes(name):
    shown = [[parameter.name for parameter in signature.params] for signature in static(f"vl.{name}(").get_signatures()]
    assert shown == [list(inspect.signature(getattr(vmm_lab, name)).parameters)]


def test_the_package_is_found_from_the_folder_above_a_checkout(tmp_path):
    """A folder named vmm_lab without an __init__.py, as a checkout is, must not be taken for the package."""
    source = json.loads(importlib.metadata.distribution("vmm-lab").read_text("direct_url.json") or "{}")
    if not source.get("dir_info", {}).get("editable"):
        pytest.skip("vmm_lab is not installed in editable mode")
    (tmp_path / "vmm_lab").mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", "import vmm_lab; print(vmm_lab.__file__)"], check=False, cwd=tmp_path,
                          env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == Path(url2pathname(urlsplit(source["url"]).path)) / "vmm_lab" / "__init__.py"


def test_every_direct_dependency_has_a_pinned_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line for group in (project["dependencies"], *project["optional-dependencies"].values()) for line in group]
    pins = [line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")]
    # pip is the one that installs; the environment brings its own.
    assert sorted(pins) == sorted({re.match(r"[\w.-]+", line)[0] for line in lines} - {"vmm-lab", "pip"})


def test_a_type_checker_is_told_that_the_package_has_types():
    assert (PACKAGE / "py.typed").is_file()


def test_the_numbers_in_the_readme_are_those_that_were_measured():
    root = PACKAGE.parent
    spec = importlib.util.spec_from_file_location("readme", root / "benchmarks" / "readme.py")
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    text = (root / "README.md").read_text(encoding="utf-8")
    assert readme.updated(text) == text, "run `python benchmarks/readme.py`"

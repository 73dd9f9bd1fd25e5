"""The package as a whole: quick to import, rooms in the order of the data, documented examples that run."""
import ast
import doctest
import importlib
import importlib.util
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import vmm_lab

PACKAGE = Path(vmm_lab.__file__).parent
ROOMS = ("media clips assets theatre tables plots features networks pretrained tasks edge explain widgets exercises cli").split()
MODULES = sorted(m.name for m in pkgutil.walk_packages([str(PACKAGE)], "vmm_lab."))


def test_importing_the_package_loads_none_of_the_heavy_libraries():
    code = "import sys, vmm_lab; print(sorted({'tensorflow', 'keras', 'av', 'cv2', 'pandas', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_room_but_those_of_networks_loads_tensorflow_until_it_is_used():
    # One process for all: the first module after which it is loaded is named. The rooms themselves are among them.
    light = [m for m in MODULES if not m.startswith(("vmm_lab.networks.", "vmm_lab.explain."))]
    code = f"import importlib, sys\nfor m in {light}:\n    importlib.import_module(m)\n    if 'tensorflow' in sys.modules: sys.exit(m)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
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
        vmm_lab.no_such_verb


def test_the_numbers_in_the_readme_are_those_that_were_measured():
    root = PACKAGE.parent
    spec = importlib.util.spec_from_file_location("readme", root / "benchmarks" / "readme.py")
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    text = (root / "README.md").read_text(encoding="utf-8")
    assert readme.updated(text) == text, "run `python benchmarks/readme.py`"

"""CONTRIBUTING.md is true: its code runs, its files are there, and no change touches more of them than promised."""
import re
from pathlib import Path

import pytest

from vmm_lab import modalities

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = {title: text for title, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)}
FILES = {"A feature": 3, "A network": 3, "A modality": 5, "A task": 4, "A widget": 3, "A notebook": 3, "An exercise": 3}
each_section = pytest.mark.parametrize("title", SECTIONS)


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    """The modalities as they were, after the test too; the code runs in the folder of the checkout."""
    before = dict(modalities.MODALITIES)
    monkeypatch.chdir(ROOT)
    yield
    modalities.MODALITIES.clear()
    modalities.MODALITIES.update(before)


def test_every_section_promises_how_many_files_change():
    assert set(SECTIONS) == set(FILES)


@each_section
def test_no_more_files_change_than_promised_and_they_are_where_it_says(title):
    rows = re.findall(r"^\| `([^`]+)`( \(new\))? \|", SECTIONS[title], re.MULTILINE)
    assert 0 < len(rows) <= FILES[title]
    assert [name for name, new in rows if (ROOT / name).exists() == bool(new)] == []
    assert [name for name, new in rows if not (ROOT / name).parent.is_dir()] == []


@pytest.mark.slow
@each_section
def test_the_code_runs_as_it_stands(title, tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path))
    blocks = re.findall(r"^```python\n(.*?)^```", SECTIONS[title], re.MULTILINE | re.DOTALL)
    assert blocks
    namespace = {}
    for block in blocks:
        # A block that begins with the name of a file runs as if it stood there.
        file = re.match(r"# (vmm_lab/[\w/]+)\.py\n", block)
        name = file[1].replace("/", ".") if file else "__main__"
        namespace |= {"__name__": name, "__package__": name.rpartition(".")[0]}
        exec(compile(block, f"CONTRIBUTING.md, {title}", "exec"), namespace)

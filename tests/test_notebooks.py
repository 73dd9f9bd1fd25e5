"""Notebooks are what their sources say, executed, readable, and the same on every machine (nbval runs them besides)."""
import ast
import functools
import importlib.metadata
import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
SOURCES = sorted((NOTEBOOKS / "src").glob("[0-9]*.py"))
IDS = [s.stem for s in SOURCES]
each_source = pytest.mark.parametrize("source", SOURCES, ids=IDS)


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("build", NOTEBOOKS / "src" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook_at(path):
    import nbformat  # here, because it takes seconds to import

    return nbformat.read(path, as_version=4)


def notebook_of(source):
    return notebook_at(NOTEBOOKS / f"{source.stem}.ipynb")


def code_cells(source):
    return [c for c in notebook_of(source).cells if c.cell_type == "code"]


def texts(cell):
    """Every text that a reader of the cell's output sees."""
    for output in cell.outputs:
        yield output.get("text", "")
        data = output.get("data", {})
        yield from (str(data[kind]) for kind in ("text/plain", "text/html", "image/svg+xml") if kind in data)


def test_there_is_a_notebook_for_every_source_and_no_other():
    assert SOURCES, "the course has notebooks"
    assert sorted(p.stem for p in NOTEBOOKS.glob("*.ipynb")) == IDS


@each_source
def test_the_notebook_is_the_one_that_its_source_makes(build, source):
    assert build.is_current(source), "run `make notebooks`"


def test_a_source_of_which_only_text_changed_keeps_its_outputs(build, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "NOTEBOOKS", tmp_path)
    source, made = tmp_path / "01_one.py", tmp_path / "01_one.ipynb"
    source.write_text("# %% [markdown]\n# # One\n\n# %%\nprint(1 + 1)\n")
    assert not build.reword(source), "there is no notebook yet"
    build.execute(source)
    source.write_text(source.read_text().replace("# # One", "# # One and one"))
    assert not build.is_current(source) and build.reword(source) and build.is_current(source)
    text, code = notebook_at(made).cells
    assert text.source == "# One and one" and code.outputs[0].text == "2\n" and code.execution_count == 1
    source.write_text(source.read_text().replace("1 + 1", "1 + 2"))
    assert not build.reword(source) and not build.is_current(source)



@each_source
def test_every_code_cell_was_executed_in_order_and_without_a_complaint(source):
    # nbval compares nothing in a cell without an execution count, so a stripped notebook would pass unseen.
    assert [c.execution_count for c in code_cells(source)] == list(range(1, len(code_cells(source)) + 1))
    for cell in code_cells(source):
        assert not [o for o in cell.outputs if o.output_type == "error"], cell.source
        assert not [o.text for o in cell.outputs if o.get("name") == "stderr"], cell.source


@each_source
def test_outputs_hold_no_address_no_path_of_this_computer_and_no_warning(source):
    for cell in code_cells(source):
        for text in texts(cell):
            found = re.search(r"0x[0-9a-f]{6,}|/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\|Traceback|Warning:", re.sub(r"base64,[\w+/=]+", "", text))
            assert not found, f"{found[0]} in the output of:\n{cell.source}"


@each_source
def test_a_code_cell_is_one_idea_of_at_most_twelve_lines_without_tricks(source):
    for cell in code_cells(source):
        lines = [line for line in cell.source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert len(lines) <= 12, cell.source
        assert not re.search(r"sys\.path|^\s*[%!]", cell.source, re.MULTILINE), cell.source


@each_source
def test_code_fits_beside_the_list_of_files(source):
    # JupyterLab cuts longer lines off in a window of 1280 pixels.
    assert [line for cell in code_cells(source) for line in cell.source.splitlines() if len(line) > 100] == []


@each_source
def test_there_is_something_to_see_under_each_cell(source):
    first, *others = code_cells(source)
    for cell in others:
        silent = all(isinstance(s, (ast.Import, ast.ImportFrom)) for s in ast.parse(cell.source).body) or cell.source.startswith("MY_VIDEOS = ")
        assert cell.outputs or silent, cell.source


@each_source
def test_what_a_reader_reads_is_british_english(source):
    cells = notebook_of(source).cells
    # Code, and the titles of works, keep their spelling.
    prose = [re.sub(r"`[^`]*`|(?<=: )\*[^*]+\*", "", cell.source) for cell in cells if cell.cell_type == "markdown"]
    shown = [o.get("text", "") + o.get("data", {}).get("text/plain", "") for cell in cells for o in cell.get("outputs", [])]
    american = r"\b(?:colors?|colored|gray|(?<!k-)center(?:s|ed)?|neighbors?)\b"  # k-center is the name of a problem
    assert re.findall(american, "\n".join(prose + shown), re.IGNORECASE) == []


def imported(cell):
    """The names of the packages that a cell imports."""
    for part in ast.walk(ast.parse(cell.source)):
        if isinstance(part, ast.Import):
            yield from (name.name.partition(".")[0] for name in part.names)
        elif isinstance(part, ast.ImportFrom):
            yield part.module.partition(".")[0]


# Every file of every package is looked at: seconds, each time.
packages_distributions = functools.cache(importlib.metadata.packages_distributions)


@each_source
def test_a_notebook_imports_only_what_the_package_and_its_lab_extra_install(source):
    project = tomllib.loads((NOTEBOOKS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["lab"]
    wanted += project["optional-dependencies"]["cluster"]  # which is part of the lab
    installed = {re.match(r"[\w.-]+", line)[0].lower() for line in wanted} | {"ipython"}  # which runs the cells
    distributions = packages_distributions()
    for cell in code_cells(source):
        for name in {*imported(cell)} - sys.stdlib_module_names - {"vmm_lab"}:
            assert {d.lower() for d in distributions.get(name, [name])} & installed, f"{name} is no dependency:\n{cell.source}"


@each_source
def test_the_notebook_stays_small_and_keeps_no_widget_state(source):
    assert (NOTEBOOKS / f"{source.stem}.ipynb").stat().st_size < 1_200_000  # letters have two dots to a pixel, photographs one
    assert "widgets" not in notebook_of(source).metadata


@each_source
def test_every_picture_has_something_to_say_to_those_who_do_not_see_it(source):
    for cell in code_cells(source):
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data or "image/jpeg" in data:
                assert data.get("text/plain"), cell.source


def test_an_edited_notebook_goes_back_into_its_source(build, tmp_path, monkeypatch):
    notebook = notebook_of(SOURCES[0])
    notebook.cells[-1].source += "\n\nAnd one more line."
    (tmp_path / "src").mkdir()
    monkeypatch.setattr(build, "SOURCES", tmp_path / "src")
    build.nbformat.write(notebook, tmp_path / "00_edited.ipynb")
    build.sync(tmp_path / "00_edited.ipynb")
    assert build.fingerprint(build.read_source(tmp_path / "src" / "00_edited.py")) == build.fingerprint(notebook)


@pytest.mark.slow
def test_a_notebook_whose_cell_fails_stays_as_it_was(build, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "NOTEBOOKS", tmp_path)
    (tmp_path / "00_bad.py").write_text("# %%\n1 / 0\n")
    (tmp_path / "00_bad.ipynb").write_text("the old one")
    with pytest.raises(build.CellExecutionError, match="ZeroDivisionError"):
        build.execute(tmp_path / "00_bad.py")
    assert (tmp_path / "00_bad.ipynb").read_text() == "the old one"

"""The cells under "On your own videos" run unchanged on real media: with labels and groups, and without labels."""
import ast
import symtable
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient
from samples.make import make_own_videos, shared_data

pytestmark = pytest.mark.slow  # it runs cells of every notebook

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "notebooks" / "src").glob("[0-9]*.py"))
REAL = [shared_data() / name for name in ("falls.csv", "sentences.csv")]
HEADING = "## On your own videos"


def names_in(statement):
    """(global names that a statement binds, global names that it reads before it binds them)."""
    table = symtable.symtable(ast.unparse(statement), "cell", "exec")
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()}
    reads = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    inner = list(table.get_children())
    while inner:
        part = inner.pop()
        inner += part.get_children()
        reads |= {s.get_name() for s in part.get_symbols() if s.is_referenced() and s.is_global()}
    # In a loop or a block, what is bound and read is mostly its own, such as the loop's variable.
    return binds, reads - binds if isinstance(statement, (ast.For, ast.With, ast.If, ast.Try, ast.FunctionDef)) else reads


def own_videos(source):
    """The section's cells behind one cell with the statements before it that define what it reads; the section's length."""
    cells = jupytext.read(source, fmt="py:percent").cells
    beginnings = [k for k, cell in enumerate(cells) if cell.cell_type == "markdown" and HEADING in cell.source.splitlines()]
    assert len(beginnings) == 1, f"{source.name} has the heading {HEADING!r} once"
    begin = beginnings[0]
    end = next((k for k, cell in enumerate(cells) if k > begin and cell.cell_type == "markdown" and cell.source.startswith("## ")), len(cells))
    section = [cell.source for cell in cells[begin:end] if cell.cell_type == "code"]
    bound, needed = set(), set()
    for statement in ast.parse("\n".join(section)).body:
        binds, reads = names_in(statement)
        needed |= reads - bound
        bound |= binds
    before = []
    for statement in reversed(ast.parse("\n".join(cell.source for cell in cells[:begin] if cell.cell_type == "code")).body):
        binds, reads = names_in(statement)
        if binds & needed:
            before.insert(0, ast.unparse(statement))
            needed = (needed - binds) | reads
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in ["\n".join(before), *section]]), len(section)


def test_only_what_the_section_needs_is_run_before_it(tmp_path):
    (tmp_path / "00_one.py").write_text(
        "# %%\nimport os, sys\n\nlate = 1 / 0\nscale = 2\n\ndef twice(x):\n    return scale * x\n\n"
        "# %% [markdown]\n# ## On your own videos\n\n# %%\nlate = 3\n\n# %%\n[twice(late) for k in range(3)]\n\n"
        "# %% [markdown]\n# ## What you learned\n\n# %%\n1 / 0\n")
    notebook, length = own_videos(tmp_path / "00_one.py")
    before, *section = [cell.source for cell in notebook.cells]
    assert before.split() == "scale = 2 def twice(x): return scale * x".split()
    assert section == ["late = 3", "[twice(late) for k in range(3)]"]
    assert length == 2


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_section_reads_the_table_that_the_environment_names(source):
    notebook, length = own_videos(source)
    text = "\n".join(cell.source for cell in notebook.cells[-length:])
    assert length >= 2
    assert "vl.my_table(" in text or 'os.environ.get("VMM_LAB_VIDEOS")' in text


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    return make_own_videos(tmp_path_factory.mktemp("own videos"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_section_runs_on_films_that_everybody_has_and_on_real_media_where_they_are(source, samples):
    real = REAL if all(manifest.is_file() for manifest in REAL) else []
    run_section(source, [samples["labelled"], samples["unlabelled"], *real])


def test_real_media_are_among_them():
    lacking = [str(manifest) for manifest in REAL if not manifest.is_file()]
    if lacking:
        pytest.skip(f"NOT TESTED on real media: there is no {' and no '.join(lacking)}, which is not part of the repository")


def run_section(source, manifests):
    """Run the section for one manifest after the other, in one kernel: to start it takes longer than most sections."""
    notebook, length = own_videos(source)
    before, *section = notebook.cells
    rounds = [[nbformat.v4.new_code_cell(f"import os\nos.environ['VMM_LAB_VIDEOS'] = {str(manifest)!r}"),
               *(nbformat.v4.new_code_cell(cell.source) for cell in section)] for manifest in manifests]
    notebook.cells = [rounds[0][0], before, *rounds[0][1:], *(cell for later in rounds[1:] for cell in later)]
    # A cell that fails raises CellExecutionError with its source and traceback.
    NotebookClient(notebook, timeout=300, kernel_name="python3", store_widget_state=False,
                   resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    for manifest, (_, *cells) in zip(manifests, rounds):
        shown = sum(bool(cell.outputs) for cell in cells)
        assert shown >= length - 1, f"{manifest.name}: something to look at under each cell but the one that names the folder"
        unshown = [output.text for cell in cells for output in cell.outputs if "This could not be shown" in output.get("text", "")]
        assert not unshown, manifest.name

"""Execute the notebooks' text sources: src/NN_name.py is edited, and NN_name.ipynb, above it, is made from it.

    python notebooks/src/build.py              execute the sources that changed since their notebook was made
    python notebooks/src/build.py 03 05        execute these, changed or not
    python notebooks/src/build.py --sync 03    write what was edited in 03_*.ipynb back into its source

A source of which only text changed is not executed by the first: its notebook's outputs stay.
"""
import argparse
import hashlib
import os
import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

from vmm_lab.files import atomic_path

SOURCES = Path(__file__).resolve().parent
NOTEBOOKS = SOURCES.parent
# Only what a reader or a tool needs: no timings, no state, so that a diff shows what changed.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"
# Without encryption each kernel warns that others on this computer could listen.
ENCRYPTED = Config(KernelManager={"transport_encryption": "auto"})


def read_source(source):
    """Read a source as a notebook without outputs; the cells' ids depend on their places only."""
    notebook = jupytext.read(source, fmt="py:percent")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
    return notebook


def fingerprint(notebook):
    """Compute SHA-256 over the kinds, tags and texts of the cells: the same for a source and its notebook."""
    cells = [(c.cell_type, sorted(c.metadata.get("tags", [])), c.source.strip()) for c in notebook.cells]
    return hashlib.sha256(repr(cells).encode()).hexdigest()


def is_current(source):
    """Tell whether the notebook was made from the source as it is now."""
    target = NOTEBOOKS / f"{source.stem}.ipynb"
    if not target.exists():
        return False
    made = nbformat.read(target, as_version=4)
    return fingerprint(made) == fingerprint(read_source(source)) == made.metadata.get("vmm_lab", {}).get("source")


def reword(source):
    """Write the source's text into its notebook, and tell whether that is all that changed since it was executed."""
    target = NOTEBOOKS / f"{source.stem}.ipynb"
    if not target.exists():
        return False
    made, notebook = nbformat.read(target, as_version=4), read_source(source)
    done, code = ([c for c in some.cells if c.cell_type == "code"] for some in (made, notebook))
    as_built = made.metadata.get("vmm_lab", {}).get("source") == fingerprint(made)
    if not as_built or [(c.source, c.metadata.get("tags")) for c in done] != [(c.source, c.metadata.get("tags")) for c in code]:
        return False
    for old, cell in zip(done, code):
        cell.outputs, cell.execution_count = old.outputs, old.execution_count
    write(notebook, source)
    return True


def write(notebook, source):
    """Write a notebook with what a reader or a tool needs of it."""
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
    notebook.metadata = {**METADATA, "vmm_lab": {"source": fingerprint(notebook)}}
    with atomic_path(NOTEBOOKS / f"{source.stem}.ipynb") as part:
        nbformat.write(notebook, part)


def execute(source):
    """Execute one source in a fresh kernel and write its notebook; a cell that fails leaves the old notebook alone."""
    notebook = read_source(source)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    client = NotebookClient(
        notebook, timeout=1500, kernel_name="python3", store_widget_state=False, coalesce_streams=True,
        resources={"metadata": {"path": str(NOTEBOOKS)}}, config=ENCRYPTED,
    )
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [clean for output in cell.outputs if (clean := tidy(output))]
    write(notebook, source)


def tidy(output):
    """Return an output as it is kept: a widget as its picture and text, a progress bar, which has neither, as None."""
    if output.output_type == "stream" and output.name == "stderr" and "%|" in output.text:
        return None  # a progress bar drawn as text; warnings stay, for the test to find
    data = output.get("data", {})
    if WIDGET in data and not {"image/png", "image/svg+xml", "text/html"} & set(data):
        return None
    data.pop(WIDGET, None)
    if "data" in output:
        metadata = output.get("metadata", {}).items()
        kept = {kind: {key: m[key] for key in ("alt", "width") if key in m} for kind, m in metadata if isinstance(m, dict)}
        output.metadata = {kind: m for kind, m in kept.items() if m}
    return output


def sync(notebook):
    """Write the cells of an edited notebook back into its source."""
    edited = nbformat.read(notebook, as_version=4)
    for cell in edited.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
    edited.metadata = {"kernelspec": METADATA["kernelspec"]}
    jupytext.write(edited, SOURCES / f"{notebook.stem}.py", fmt="py:percent")


def main():
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("numbers", nargs="*", help="beginnings of names, such as 03; none means all that changed")
    parser.add_argument("--sync", action="store_true", help="from the notebook back to its source")
    options = parser.parse_args()
    sources = sorted(SOURCES.glob("[0-9]*.py"))
    chosen = [s for s in sources if not options.numbers or s.stem.startswith(tuple(options.numbers))]
    if not chosen:
        sys.exit(f"No source in {SOURCES} begins with {' or '.join(options.numbers)}.")
    for source in chosen:
        if options.sync:
            sync(NOTEBOOKS / f"{source.stem}.ipynb")
            print(f"{source.stem}: written back into src/{source.name}")
        elif not options.numbers and (is_current(source) or reword(source)):
            continue
        else:
            print(f"{source.stem} ...", end=" ", flush=True)
            start = time.perf_counter()
            try:
                execute(source)
            except CellExecutionError as error:
                sys.exit(f"failed, and its notebook was left as it was:\n{error}")
            print(f"{time.perf_counter() - start:.0f} s")
    print(f"{len(chosen)} notebooks are as their sources say.")


if __name__ == "__main__":
    main()

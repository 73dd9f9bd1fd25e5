"""Photograph the lab for README.md: the real JupyterLab, a notebook of the course, and a widget that was just run.

    python notebooks/src/picture.py               write lab.png next to this file
    python notebooks/src/picture.py FILE          write it there

It needs Playwright and a Chromium, as the tests of the widgets do.
"""
import argparse
import importlib.util
import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image

from vmm_lab.files import atomic_path

NOTEBOOKS = Path(__file__).resolve().parents[1]
NOTEBOOK, WIDGET = "03_handcrafted_features", 'feature="HOG"'
WIDTH, HEIGHT = 1280, 800
RUN_UNTIL = """async part => {
    const app = window.jupyterapp, panel = app.shell.currentWidget.content;
    panel.activeCellIndex = panel.widgets.findIndex(cell => cell.model.sharedModel.source.includes(part));
    await app.commands.execute('notebook:run-all-above');
    await app.commands.execute('notebook:run-cell');
    panel.activeCell.node.scrollIntoView({block: 'start'}); }"""


def lab_of_the_tests():
    """Return the module that starts a JupyterLab and a Chromium for the tests of the widgets."""
    place = NOTEBOOKS.parent / "tests" / "browser" / "conftest.py"
    spec = importlib.util.spec_from_file_location("lab_of_the_tests", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def photograph():
    """Run the notebook up to the widget in a JupyterLab of its own; return PNG bytes of the whole window."""
    tests = lab_of_the_tests()
    with tempfile.TemporaryDirectory() as home, tests.running_lab(Path(home)) as lab, tests.running_browser() as browser:
        for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
            shutil.copy(path, lab[2])
        notebook = tests.Notebook(browser, lab, height=HEIGHT)
        notebook.show(NOTEBOOK)
        notebook.page.evaluate(RUN_UNTIL, WIDGET)
        notebook.page.locator(".jp-Cell.jp-mod-active .jp-OutputArea img").first.wait_for()
        notebook.page.wait_for_load_state("networkidle")
        taken = notebook.page.screenshot()
        notebook.close()
    return taken


def main():
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", default=Path(__file__).with_name("lab.png"), type=Path)
    target = parser.parse_args().file
    small = Image.open(io.BytesIO(photograph())).convert("RGB").quantize(256, kmeans=4)
    with atomic_path(target) as part:
        small.save(part, format="PNG", optimize=True)
    print(f"written: {target}, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

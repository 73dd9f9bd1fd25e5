"""A training in a real JupyterLab: its curves move while the cell runs, Stop ends it, and the model has its best weights."""
import re

import pytest

pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
from playwright.sync_api import expect

CELLS = [
    """
import numpy as np, vmm_lab as vl
from vmm_lab.networks import Examples, keras
rng = np.random.default_rng(0)
X = rng.normal(size=(256, 16)).astype("float32")
examples = Examples(X, (X[:, 0] + rng.normal(size=256) > 0).astype(int), ("left", "right"))
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((16,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
""",
    "history = await vl.fit(model, examples[:192], validation=examples[192:], epochs=20_000, batch_size=16, learning_rate=0.01)",
]
WATCH = """() => {
    window.drawn = 0;
    const drawn = () => document.querySelector('.jp-OutputArea svg[aria-label^="Training curves"]') && window.drawn++;
    new MutationObserver(drawn).observe(document.body, {subtree: true, childList: true}); }"""
RUN_ALL = "() => { window.ended = false; window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => window.ended = true); }"


@pytest.fixture(scope="module")
def notebook(open_notebook):
    opened = open_notebook()
    assert opened.run("training", ["1 + 1"]) == []  # the cells below are not waited for
    opened.page.evaluate(
        """cells => { const content = window.jupyterapp.shell.currentWidget.content;
                      content.model.sharedModel.insertCells(1, cells.map(source => ({cell_type: 'code', source}))); }""", CELLS)
    opened.page.evaluate(WATCH)
    opened.page.evaluate(RUN_ALL)
    return opened


@pytest.fixture
def area(notebook):
    return notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(2).locator(".jp-Cell-outputArea")


def stop_button(area):
    return area.get_by_role("button", name="Stop", exact=True)


def curves(area):
    return area.get_by_role("img", name=re.compile("^Training curves"))


def epoch_shown(area):
    return int(re.search(r"epoch ([\d,]+) of 20,000", curves(area).get_attribute("aria-label"))[1].replace(",", ""))


def test_the_curves_move_while_the_cell_runs(notebook, area):
    expect(stop_button(area)).to_be_enabled()
    notebook.page.wait_for_function("() => window.drawn > 5")
    before = epoch_shown(area)
    expect(curves(area)).not_to_have_attribute("aria-label", curves(area).get_attribute("aria-label"))
    assert epoch_shown(area) >= before
    expect(area.get_by_role("status")).to_contain_text("Training")
    assert not notebook.page.evaluate("window.ended")


def test_stop_by_keyboard_ends_the_training_with_the_best_weights(notebook, area):
    stop_button(area).focus()
    stop_button(area).press("Enter")
    notebook.page.wait_for_function("() => window.ended")  # the whole patience of the page is the guard against a hang
    expect(area.get_by_role("status").last).to_contain_text("Stopped by you after")
    expect(stop_button(area).last).to_be_disabled()
    assert notebook.kernel("history.ended, 1 < len(history) < 20_000") == "('stopped', True)"
    assert notebook.kernel("abs(model.evaluate(X[192:], examples.y[192:, None], verbose=0)[0] - min(history.epochs['val_loss'])) < 1e-4") == "True"


def test_the_saved_output_is_the_last_picture_and_the_page_never_lost_it(notebook, area):
    outputs = notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets[2].model.outputs.toJSON()")
    assert len(outputs) == 1 and outputs[0]["data"]["image/png"]
    assert "stopped; the weights are those of epoch" in outputs[0]["data"]["text/plain"]
    expect(curves(area)).to_have_count(1)


def test_it_fits_the_column_and_nothing_was_asked_from_outside(notebook, area):
    assert area.evaluate("e => [...e.querySelectorAll('.jp-OutputArea-output')].every(o => o.scrollWidth <= o.clientWidth + 1)")
    assert notebook.outside == [] and notebook.complaints == []

"""FusionExplorer in a real JupyterLab: modalities are switched off and made noisy by keyboard, and the answer moves."""
import re

import pytest

pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
from playwright.sync_api import expect

CELLS = [
    # A model that has learnt nothing, of three made-up modalities; rows 0 to 2 have a film, and row 1 no sound.
    """
import numpy as np, pandas as pd, vmm_lab as vl
from vmm_lab.networks import Examples, fusion, hog_encoder, keras, sound_encoder, word_encoder
from vmm_lab.networks.feeding import adapt
from vmm_lab.widgets import FusionExplorer
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
said = np.array(["she claps both hands", "he walks along the road"] * 4)
X = {"video": rng.normal(size=(8, 4, 40)).astype("float32"), "sound": 9 * rng.normal(size=(8, 16, 8)).astype("float32"), "words": said,
     "present": np.ones((8, 3), "float32")}
X["present"][1, 1] = 0
examples = Examples(X, np.arange(8) % 2, ("clap", "walk"))
encoders = {"video": hog_encoder((4, 40), components=8, width=16), "sound": sound_encoder((16, 8), filters=(4, 8), width=16),
            "words": word_encoder(n_words=20, length=8, width=16)}
model = fusion("gated", encoders, 2)
adapt(model, X)
beep = 0.1 * np.sin(np.arange(16_000) * 0.2).astype("float32")
frames = rng.integers(40, 90, (25, 96, 128, 3), dtype=np.uint8)
path = vl.write_video("film.mp4", frames, fps=25, audio=beep, sample_rate=16_000)
table = pd.DataFrame({"path": [str(path)] * 8})
""",
    "explorer = FusionExplorer(model, examples, table)\nexplorer",
    "budget = FusionExplorer(model, examples, view='all items')\nbudget",
]


@pytest.fixture(scope="module")
def notebook(open_notebook):
    opened = open_notebook()
    assert opened.run("fusion", CELLS) == []
    return opened


@pytest.fixture
def cell(notebook):
    """cell(k): the output of code cell k."""
    return lambda k: notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(k).locator(".jp-Cell-outputArea")


@pytest.fixture
def area(notebook, cell):
    """The explorer, all on and clean."""
    notebook.kernel("setattr(explorer.view, 'value', 'one item'), setattr(explorer.item, 'value', 0), "
                    "[setattr(part, 'value', True) for part in explorer.present.values()], "
                    "[setattr(part, 'value', 0) for part in explorer.noise.values()]")
    expect(drawing(cell(1))).to_have_attribute("aria-label", re.compile("^Item 0. .*video [0-9]+ %, sound [0-9]+ %, words [0-9]+ %"))
    return cell(1)


def drawing(area):
    return area.locator(".vmm-parts").get_by_role("img")


def answer(area):
    """The percentages that the page shows."""
    return re.findall(r"\d+ %", drawing(area).get_attribute("aria-label"))


def press(control, *keystrokes):
    control.scroll_into_view_if_needed()
    control.focus()
    for key in keystrokes:
        control.press(key)


def test_space_switches_a_modality_off_and_the_answer_moves(notebook, area):
    before = answer(area)
    press(area.get_by_role("checkbox", name="video", exact=True), "Space")
    expect(drawing(area)).to_have_attribute("aria-label", re.compile("video off, sound "))
    expect(area.get_by_role("status").last).to_contain_text("The model's own weights: video off, sound ")
    assert answer(area) != before
    assert notebook.kernel("explorer.present['video'].value, float(explorer.weights['video'])") == "(False, 0.0)"
    assert notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex") == 1


def test_arrow_keys_add_noise_and_what_the_model_gets_changes(notebook, area):
    handle = area.get_by_role("slider", name="Noise in sound", exact=True)
    before = drawing(area).inner_html()
    press(handle, "ArrowRight", "ArrowRight", "ArrowRight")
    expect(handle).to_have_attribute("aria-valuenow", "0.3")
    notebook.page.wait_for_function("([svg, old]) => document.contains(svg) ? svg.innerHTML !== old : true", arg=[drawing(area).element_handle(), before])
    assert drawing(area).inner_html() != before
    for _ in range(100):  # a message may still be under way
        if notebook.kernel("round(explorer.noise['sound'].value, 1)") == "0.3":
            break
    assert notebook.kernel("repr(explorer)").startswith("'FusionExplorer(gated_fusion, item 0 of 8: video, sound with noise 0.3, words: ")


def test_words_that_noise_put_into_the_caption_are_underlined(area):
    expect(area.locator(".vmm-parts u")).to_have_count(0)
    press(area.get_by_role("slider", name="Noise in words", exact=True), "End")
    expect(area.locator(".vmm-parts u").first).to_be_visible()


def test_the_last_one_stays_on_and_the_page_says_why(notebook, area):
    for name in ("video", "sound"):
        press(area.get_by_role("checkbox", name=name, exact=True), "Space")
        expect(drawing(area)).to_have_attribute("aria-label", re.compile(f"{name} off"))
    last = area.get_by_role("checkbox", name="words", exact=True)
    press(last, "Space")
    expect(area.get_by_role("status").last).to_contain_text("words stays on: the model needs one modality at least.")
    expect(last).to_be_checked()
    expect(last).to_be_focused()


def test_another_item_brings_its_film_and_what_it_lacks_is_disabled(notebook, area):
    press(area.get_by_role("slider", name="Item", exact=True), "ArrowRight")
    expect(drawing(area)).to_have_attribute("aria-label", re.compile("^Item 1. .*sound missing"))
    expect(area.get_by_role("checkbox", name="sound (missing in this item)", exact=True)).to_be_disabled()
    assert notebook.kernel("explorer.player.name, len(explorer.player.times), bool(explorer.player.sound)") == "('film.mp4', 25, True)"
    press(area.get_by_role("slider", name="Time", exact=True), "ArrowRight")
    expect(area.locator("canvas")).to_have_attribute("data-frame", "1")


def test_the_budget_is_ordered_and_opened_by_keyboard(notebook, cell):
    chart = drawing(cell(2))
    expect(chart).to_have_attribute("aria-label", re.compile("^2 classes, 4 rows of each"))
    before = chart.inner_html()
    cell(2).get_by_label("Class", exact=True).select_option("walk")
    expect(chart).to_have_attribute("aria-label", re.compile("^walk, 4 rows, mean shares: video "))
    cell(2).get_by_label("Order", exact=True).select_option("words, the most first")
    for _ in range(100):  # a message may still be under way
        if notebook.kernel("budget.order.value") == "'words'":
            break
    cell(2).get_by_label("Class", exact=True).select_option("all classes")
    expect(chart).to_have_attribute("aria-label", re.compile("^2 classes"))
    assert notebook.kernel("budget.ordered['words'].is_monotonic_decreasing") == "True"
    assert (chart.inner_html() != before) == (notebook.kernel("list(budget.ordered.index)") != "['clap', 'walk']")


def test_the_view_is_turned_by_keyboard_and_its_controls_come_with_it(notebook, cell, area):
    item, order = area.get_by_role("slider", name="Item", exact=True), area.get_by_label("Order", exact=True)
    view = area.get_by_role("combobox", name="View", exact=True)
    expect(order).to_be_hidden()
    press(view, "a")  # the one that begins with it
    expect(drawing(area)).to_have_attribute("aria-label", re.compile("^2 classes, 4 rows of each"))
    expect(item).to_be_hidden()
    expect(order).to_be_visible()
    assert notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex") == 1
    press(view, "ArrowUp")
    expect(drawing(area)).to_have_attribute("aria-label", re.compile("^Item 0. "))
    expect(item).to_be_visible()


@pytest.mark.parametrize("number, view", [(1, "one item"), (1, "all items"), (2, "all items")])
def test_a_pane_of_780_pixels_shows_a_view_whole_with_its_status(notebook, cell, area, number, view):
    name = "explorer" if number == 1 else "budget"
    notebook.kernel(f"setattr({name}.view, 'value', {view!r})")
    page = notebook.page
    panel = page.locator(".jp-NotebookPanel").bounding_box()
    page.set_viewport_size({"width": 1280 - round(panel["width"] - 780), "height": 800})
    try:
        output = cell(number).locator(".vmm-lab").first
        page.wait_for_function("() => document.querySelector('.jp-NotebookPanel').clientWidth <= 781")
        box, status = output.bounding_box(), output.get_by_role("status").last.bounding_box()
        assert box["width"] <= 780 and output.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
        assert status["y"] + status["height"] - box["y"] <= page.locator(".jp-WindowedPanel-outer").bounding_box()["height"]
    finally:
        page.set_viewport_size({"width": 1280, "height": 1400})
        notebook.kernel(f"setattr({name}.view, 'value', {'one item' if number == 1 else 'all items'!r})")


def test_it_fits_the_column_and_nothing_was_asked_from_outside(notebook, cell):
    for k in (1, 2):
        assert cell(k).evaluate("e => [...e.querySelectorAll('.jp-OutputArea-output')].every(o => o.scrollWidth <= o.clientWidth + 1)")
    assert notebook.outside == [] and notebook.complaints == []

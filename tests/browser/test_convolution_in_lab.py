"""ConvolutionExplorer in a real JupyterLab: weights are typed, moved by keys and dragged, and the picture answers."""
import re

import pytest

pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
from playwright.sync_api import expect

CELLS = ["""
import numpy as np
from vmm_lab.widgets import ConvolutionExplorer
frames = np.repeat(np.random.default_rng(0).integers(40, 90, (8, 48, 64, 1), dtype=np.uint8), 3, axis=3)
explorer = ConvolutionExplorer(frames)
explorer
"""]


@pytest.fixture(scope="module")
def notebook(open_notebook):
    opened = open_notebook()
    assert opened.run("convolution", CELLS) == []
    return opened


@pytest.fixture
def area(notebook):
    return notebook.page.locator(".jp-Notebook .jp-CodeCell").first.locator(".jp-Cell-outputArea")


@pytest.fixture
def middle(notebook, area):
    notebook.kernel("setattr(explorer.kernel, 'value', 'Sobel x')")
    box = area.get_by_role("spinbutton", name="weight row 2 column 2", exact=True)
    expect(box).to_have_value("0")
    return box


def says(notebook, expression, value):
    """Wait until an expression in the kernel has this repr: a message may still be under way."""
    for _ in range(100):
        said = notebook.kernel(expression)
        if said == value:
            return
    assert said == value


def test_each_weight_has_a_name_and_a_tab_stop(area, middle):
    boxes = area.get_by_role("group", name="Weights: type, drag, or ↑ ↓").get_by_role("spinbutton")
    expect(boxes).to_have_count(9)
    middle.focus()
    middle.press("Tab")
    expect(area.get_by_role("spinbutton", name="weight row 2 column 3", exact=True)).to_be_focused()


def test_arrow_keys_move_a_weight_and_the_picture_answers(notebook, area, middle):
    picture = area.locator("img")
    before = picture.get_attribute("src")
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "PageDown"):
        middle.press(key)
    expect(middle).to_have_value("-0.7")
    says(notebook, "explorer.weights.value[1][1], explorer.kernel.value", "(-0.7, 'your own')")
    notebook.page.wait_for_function("([image, old]) => image.src !== old && image.naturalWidth", arg=[picture.element_handle(), before])
    expect(picture).to_have_attribute("alt", re.compile("46×62 numbers"))
    assert notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex") == 0


def test_a_weight_can_be_typed_and_half_a_number_stays_while_it_is_typed(notebook, middle):
    middle.fill("")
    middle.press_sequentially("-.5")
    says(notebook, "explorer.weights.value[1][1]", "-0.5")
    middle.fill("")
    middle.press("Tab")
    expect(middle).to_have_value("-0.5")


@pytest.mark.parametrize("typed, weight, shown", [
    ("1/9", 1 / 9, "0.111"), ("0,5", 0.5, "0.5"), ("−2", -2.0, "-2"), ("-1/4", -0.25, "-0.25"), ("1000000", 1e6, "1.0e6"), ("12345.6", 12345.6, "12300"),
])
def test_a_weight_is_typed_as_people_write_numbers_and_fits_its_box(notebook, middle, typed, weight, shown):
    middle.fill("")
    middle.press_sequentially(typed)
    says(notebook, "explorer.weights.value[1][1]", repr(weight))
    middle.press("Tab")
    expect(middle).to_have_value(shown)
    expect(middle).to_have_attribute("title", re.compile(rf"^{re.escape(f'{weight:.9g}')}"))
    assert middle.evaluate("e => e.scrollWidth <= e.clientWidth")


@pytest.mark.parametrize("typed", ["1/0", "1,000,5", "abc", "1/2/3", "--1"])
def test_what_is_no_number_is_said_and_the_weight_stays(notebook, area, middle, typed):
    middle.fill("3")
    says(notebook, "explorer.weights.value[1][1]", "3.0")
    middle.evaluate("(e, text) => { e.value = text; e.dispatchEvent(new Event('input')); e.dispatchEvent(new Event('change')); }", typed)
    expect(area.get_by_text(f"“{typed}” is no number such as 0.5 or 1/9: the weight stays 3.")).to_be_visible()
    expect(middle).to_have_value("3")
    says(notebook, "explorer.weights.value[1][1]", "3.0")


def test_a_drag_upwards_is_more(notebook, middle):
    middle.scroll_into_view_if_needed()
    box = middle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    notebook.page.mouse.move(x, y)
    notebook.page.mouse.down()
    notebook.page.mouse.move(x, y - 60, steps=6)
    notebook.page.mouse.up()
    expect(middle).to_have_value("1")
    says(notebook, "explorer.weights.value[1][1]", "1.0")


def test_a_preset_with_another_frame_brings_a_second_grid(notebook, area, middle):
    earlier = area.get_by_role("spinbutton", name="earlier weight row 2 column 2", exact=True)
    expect(earlier).to_be_hidden()
    area.get_by_label("Kernel", exact=True).select_option("Difference in time")
    expect(earlier).to_have_value("-1")
    area.get_by_label("Kernel size", exact=True).select_option("5×5")
    expect(area.get_by_role("spinbutton", name="earlier weight row 3 column 3", exact=True)).to_have_value("-1")


def test_a_letter_typed_into_a_list_chooses_and_is_no_command_of_the_notebook(notebook, area, middle):
    kernels = area.get_by_role("combobox", name="Kernel", exact=True)
    kernels.focus()
    kernels.press("b")  # in the notebook it would insert a cell
    says(notebook, "explorer.kernel.value", "'Blur'")
    area.get_by_role("checkbox").press("b")
    assert notebook.page.locator(".jp-Notebook .jp-CodeCell").count() == 1


def test_it_fits_the_column_and_nothing_was_asked_from_outside(notebook, area):
    assert area.evaluate("e => [...e.querySelectorAll('.jp-OutputArea-output')].every(o => o.scrollWidth <= o.clientWidth + 1)")
    assert notebook.outside == [] and notebook.complaints == []

"""Each widget in a real JupyterLab: no letter reaches the notebook, the lab's own shortcuts do, and a picture outlives the kernel."""
import json
import re
import secrets
import string

import pytest

pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
from playwright.sync_api import expect

from vmm_lab import widgets

SETUP = """
import numpy as np, pandas as pd, vmm_lab as vl
from vmm_lab.tasks import Index, Retriever
from vmm_lab.tasks.summarise import Summary
from vmm_lab import widgets
from vmm_lab.networks import Examples, conv3d, fusion, keras, sound_encoder

frames = np.random.default_rng(0).integers(40, 90, (50, 64, 96, 3), dtype=np.uint8)
beep = 0.01 * np.sin(np.arange(32_000) * 0.2).astype("float32")
path = str(vl.write_video("film.mp4", frames, fps=25, audio=beep, sample_rate=16_000))
table = pd.DataFrame({"path": [path] * 4, "label": ["clap", "walk"] * 2})
predictions = table.assign(predicted=["walk", "clap", "clap", "walk"], clap=[0.1, 0.7, 0.8, 0.2], walk=[0.9, 0.3, 0.2, 0.8])
X = {name: np.ones((6, 128, 48), "float32") for name in ("sound", "echo")} | {"present": np.ones((6, 2), "float32")}
examples = Examples(X, np.arange(6) % 2, ("clap", "walk"))
model, clip = conv3d(3), np.zeros((16, 64, 64, 3), np.uint8)
player = widgets.FramePlayer(path)
shots = pd.DataFrame({"start": [0.0, 0.5, 1.2], "end": [0.5, 1.2, 2.0],
                      "start_frame": [0, 13, 30], "end_frame": [13, 30, 50]})
vectors = np.eye(2, 384, dtype=np.float32)
index = Index(pd.DataFrame({"path": [path] * 2, "start": [0.0, 1.0], "end": [1.0, 2.0]}), vectors, vectors, Retriever(learner=None), {})
index.retriever.state_ = {}
"""
WIDGETS = {
    "FramePlayer": "player",
    "FramePlayer again": "player",
    "ClipExplorer": "widgets.ClipExplorer(frames)",
    "FeatureExplorer": "widgets.FeatureExplorer(frames)",
    "ConvolutionExplorer": "widgets.ConvolutionExplorer(frames)",
    "EmbeddingExplorer": "widgets.EmbeddingExplorer([[0, 0], [1, 0], [0, 1], [1, 1]], table)",
    "PredictionExplorer": "widgets.PredictionExplorer(predictions)",
    "CameraRecorder": "widgets.CameraRecorder('mine', ['clap', 'walk'])",
    "SoundExplorer": "widgets.SoundExplorer(path)",
    "TimelineExplorer": "widgets.TimelineExplorer(path, shots)",
    "PoseExplorer": "widgets.PoseExplorer(frames, np.random.default_rng(0).uniform(0, 48, (len(frames), 17, 2)))",
    "FaceExplorer": "from vmm_lab import pretrained, tasks\n"
                    "widgets.FaceExplorer(frames, tasks.Gallery(feature=pretrained.FaceLooks()), expressions=False)",
    "StoryboardEditor": "widgets.StoryboardEditor(Summary(path, shots=shots))",
    "LabelingDesk": "widgets.LabelingDesk(table.assign(start=[0.0, 0.5, 1.0, 1.5]), np.eye(4), ['clap', 'walk'], file='labels.csv')",
    "SearchExplorer": "widgets.SearchExplorer(index)",
    "TrackExplorer": "widgets.TrackExplorer(frames, pd.DataFrame({'frame': range(20), 'id': 1, 'x': 4, 'y': 4, 'w': 9, 'h': 9}))",
    "TradeoffExplorer": "widgets.TradeoffExplorer(pd.DataFrame({'accuracy': [0.9, 0.8], 'bytes': [2, 1]}, index=['a', 'b']))",
    "TrainingMonitor": "monitor = widgets.TrainingMonitor()\nmonitor.start(epochs=2, steps=10, validated=False)\nmonitor",
    "GradCamExplorer": "widgets.GradCamExplorer(model, clip)",
    "ModelExplorer": "widgets.ModelExplorer(model, clip)",
    "FusionExplorer": "widgets.FusionExplorer(fusion('gated', {name: sound_encoder() for name in ('sound', 'echo')}, 2), examples)",
}
KEYS = [*string.ascii_lowercase, "d", "d", "0", "0", "i", "i", "1", *(f"Shift+{key}" for key in "ABJKMRZ"), "ArrowDown", "ArrowUp",
        "ArrowLeft", "ArrowRight", "Shift+ArrowDown", "Shift+End", "Control+a", "Control+Backspace", "Enter", "Escape"]
# One of each kind of control that is there.
CONTROLS = """e => { const kinds = {};
  for (const part of e.querySelectorAll('button, input, select, .noUi-handle, [tabindex="0"]'))
    if (part.checkVisibility() && !part.disabled) kinds[`${part.localName} ${part.type} ${part.className}`] ??= part;
  return Object.values(kinds); }"""
STATE = """() => { const { content } = window.jupyterapp.shell.currentWidget;
  return JSON.stringify([content.activeCellIndex, content.selectedCells.length,
    ...content.widgets.map(c => [c.model.id, c.model.type, c.model.sharedModel.getSource()])]); }"""


@pytest.fixture(scope="module")
def notebook(open_notebook):
    opened = open_notebook(height=3000)
    opened.context.add_init_script(
        "window.plays = 0; const play = HTMLMediaElement.prototype.play;"
        "HTMLMediaElement.prototype.play = function () { window.plays++; return play.call(this); };")
    assert opened.run("keys", [SETUP, *WIDGETS.values()]) == []
    return opened


@pytest.fixture
def output(notebook):
    """output(name): the output of the widget's cell."""
    cells = notebook.page.locator(".jp-Notebook .jp-CodeCell")
    return lambda name: cells.nth(1 + list(WIDGETS).index(name)).locator(".jp-OutputArea-output").last


def saved(notebook):
    """Save by Ctrl+S at what has the focus; the notebook as the file has it."""
    mark, file = secrets.token_hex(8), notebook.folder / "keys.ipynb"
    notebook.page.evaluate("mark => window.jupyterapp.shell.currentWidget.context.model.setMetadata('mark', mark)", mark)
    for wait in (100, *[500] * 120):
        # The lab ignores the keys while its last save still makes a checkpoint.
        notebook.page.keyboard.press("Control+s")
        notebook.page.wait_for_timeout(wait)
        if mark in (text := file.read_text(encoding="utf-8")):
            return json.loads(text)
    raise AssertionError("Ctrl+S does not save the notebook")


@pytest.mark.parametrize("name", WIDGETS)
def test_axe_finds_nothing_serious_in_a_widget_in_light_and_dark(notebook, output, seriously_wrong, name):
    output(name).locator(".vmm-status, .vmm-clock").first.wait_for()
    output(name).evaluate("e => { e.id = 'looked-at'; }")
    try:
        for theme in ("JupyterLab Dark", "JupyterLab Light"):
            notebook.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
            notebook.page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=str("Light" in theme).lower())
            assert seriously_wrong(notebook.page, "#looked-at") == []
    finally:
        output(name).evaluate("e => e.removeAttribute('id')")


def test_every_widget_of_the_package_is_looked_at_here():
    assert {name.split()[0] for name in WIDGETS} == {name for name in widgets.__all__ if name[0].isupper()}


@pytest.mark.parametrize("name", WIDGETS)
def test_no_key_pressed_in_a_widget_reaches_the_notebook_and_ctrl_s_saves(notebook, output, name):
    page, place = notebook.page, output(name)
    place.locator(".vmm-status, .vmm-clock").first.wait_for()
    kinds = place.evaluate_handle(CONTROLS)
    controls = [handle.as_element() for handle in kinds.get_properties().values()]
    assert controls
    for control in controls:
        control.focus()
        before = page.evaluate(STATE)
        # Undo is the browser's own where no text is edited: it goes back to the last text, wherever that is.
        for key in [*KEYS, *["Control+z"] * control.evaluate("e => e.matches('[inputmode]')")]:
            if key != "Enter" or control.evaluate("e => !e.matches('button, select')"):  # it would press or open them
                page.keyboard.press(key)
        assert page.evaluate(STATE) == before, control.evaluate("e => e.outerHTML.slice(0, 99)")
        assert len(saved(notebook)["cells"]) == 1 + len(WIDGETS)


@pytest.mark.parametrize("name, part", [("FramePlayer", "canvas"), ("SoundExplorer", ".vmm-parts svg"), ("ClipExplorer", ".vmm-parts img")])
def test_a_letter_after_a_click_on_a_picture_does_not_reach_the_notebook_either(notebook, output, name, part):
    output(name).locator(part).first.click()
    before = notebook.page.evaluate(STATE)
    for key in ("x", "d", "d", "m", "b", "ArrowDown"):
        notebook.page.keyboard.press(key)
    assert notebook.page.evaluate(STATE) == before


def test_a_player_that_is_shown_twice_plays_in_both_views_with_one_sound(notebook, output):
    first, second = output("FramePlayer"), output("FramePlayer again")
    notebook.kernel("setattr(player, 'time', 0.0)")
    notebook.page.evaluate("() => { window.plays = 0; }")
    first.get_by_label("Speed", exact=True).select_option("0.25")
    expect(second.get_by_label("Speed", exact=True)).to_have_value("0.25")
    first.get_by_role("button", name="Play", exact=True).click()
    for view in (first, second):
        notebook.page.wait_for_function("e => +e.dataset.frame > 3", arg=view.locator("canvas").element_handle())
    assert notebook.page.evaluate("() => window.plays") == 1
    second.get_by_role("button", name="Mute").click()
    expect(first.get_by_role("button", name="Sound on")).to_be_visible()
    second.get_by_role("button", name="Pause").click()
    expect(first.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(second.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_shift_enter_in_a_widget_runs_its_cell(notebook, output):
    count = """k => window.jupyterapp.shell.currentWidget.content.widgets[k].model.executionCount"""
    for name in ("ClipExplorer", "EmbeddingExplorer"):
        k = 1 + list(WIDGETS).index(name)
        before = notebook.page.evaluate(count, k)
        output(name).locator(".noUi-handle, [role=application]").first.focus()
        notebook.page.keyboard.press("Shift+Enter")
        notebook.page.wait_for_function(f"([k, old]) => ({count})(k) > old", arg=[k, before])


def test_a_notebook_opened_again_without_its_kernel_shows_the_picture_of_every_widget(notebook, output):
    output("ClipExplorer").locator(".noUi-handle").first.focus()
    saved(notebook)
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    notebook.show("keys")
    for name in WIDGETS:
        expect(output(name).locator("img")).to_have_attribute("src", re.compile("^data:image/png;base64,"))
        expect(output(name).locator("img")).to_have_attribute("alt", re.compile(rf"^{name.split()[0]}\("))
    assert "Error displaying widget" not in notebook.page.locator(".jp-Notebook").inner_text()

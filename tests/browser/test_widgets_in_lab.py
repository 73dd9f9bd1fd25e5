"""Each widget in a real JupyterLab: moved by keyboard alone, the picture changes and the kernel knows."""
import re

import numpy as np
import pytest

pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
from playwright.sync_api import expect

from vmm_lab.widgets import FramePlayer

CELLS = [
    # Films made on the spot: a bright bar walks over a textured ground, to the right or to the left; each has a beep.
    """
import numpy as np, pandas as pd, vmm_lab as vl
from vmm_lab.tasks.summarise import Summary
from vmm_lab.widgets import (ClipExplorer, EmbeddingExplorer, FeatureExplorer, FramePlayer, PredictionExplorer,
                             StoryboardEditor, TimelineExplorer)

def film(step):
    frames = np.repeat(np.random.default_rng(0).integers(40, 90, (1, 96, 128, 3), dtype=np.uint8), 50, axis=0)
    for k in range(50):
        frames[k, :, (10 + step * k) % 118:][:, :10] = 240
    return frames

beep = 0.1 * np.sin(np.arange(32_000) * 0.2).astype(np.float32)
paths = [str(vl.write_video(f"film {k}.mp4", film(step), fps=25, audio=beep, sample_rate=16_000))
         for k, step in enumerate([2, 3, -2, -3])]
table = pd.DataFrame({"path": paths, "label": ["right", "right", "left", "left"]})
predictions = table.assign(predicted=["right", "left", "left", "right"],
                           right=[0.9, 0.3, 0.2, 0.8], left=[0.1, 0.7, 0.8, 0.2])
""",
    "player = FramePlayer(paths[0])\nplayer",
    "clips = ClipExplorer(paths[0], length=16, stride=8)\nclips",
    "feature = FeatureExplorer(paths[0])\nfeature",
    "embedding = EmbeddingExplorer([[0, 0], [1, 0], [0, 1], [1, 1]], table)\nembedding",
    "prediction = PredictionExplorer(predictions)\nprediction",
    """shots = pd.DataFrame({"start": [0.0, 0.5, 1.2], "end": [0.5, 1.2, 2.0],
                      "start_frame": [0, 13, 30], "end_frame": [13, 30, 50]})
timeline = TimelineExplorer(paths[0], shots, importance=[1, 3, 2])
timeline""",
    "board = StoryboardEditor(Summary(paths[0], shots=shots))\nboard",
]
PLAYER, CLIPS, FEATURE, EMBEDDING, PREDICTION, TIMELINE, BOARD = range(1, 8)


@pytest.fixture(scope="module")
def notebook(open_notebook):
    opened = open_notebook()
    assert opened.run("widgets", CELLS) == []
    return opened


@pytest.fixture
def cell(notebook):
    """cell(k): the output of code cell k."""
    return lambda k: notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(k).locator(".jp-Cell-outputArea")


def press(control, *keystrokes):
    control.scroll_into_view_if_needed()
    control.focus()
    for key in keystrokes:
        control.press(key)


def kernel_says(notebook, expression, value):
    """Wait until an expression in the kernel has this repr: a message may still be under way."""
    for _ in range(100):
        said = notebook.kernel(expression)
        if said == value:
            return
    assert said == value


def changed(notebook, picture, before):
    """Wait until an <img> shows other data than `before`, whole."""
    new = "([image, old]) => image.src !== old && image.complete && image.naturalWidth"
    notebook.page.wait_for_function(new, arg=[picture.element_handle(), before])


def test_the_player_steps_through_frames_and_the_kernel_knows_which(notebook, cell):
    screen, slider = cell(PLAYER).locator("canvas"), cell(PLAYER).get_by_role("slider", name="Time")
    expect(screen).to_have_attribute("data-frame", "0")
    before = screen.screenshot()
    press(slider, "ArrowRight", "ArrowRight", "ArrowRight", "PageUp")
    expect(screen).to_have_attribute("data-frame", "13")
    expect(screen).to_have_attribute("aria-label", re.compile("frame 13, 0.52 s"))
    assert screen.screenshot() != before
    kernel_says(notebook, "player.frame, player.time", "(13, 0.52)")
    press(slider, "End")
    kernel_says(notebook, "player.frame", "49")
    press(slider, "Home")
    kernel_says(notebook, "player.frame", "0")


def test_the_kernel_moves_the_player(notebook, cell):
    notebook.kernel("setattr(player, 'frame', 31)")
    expect(cell(PLAYER).locator("canvas")).to_have_attribute("data-frame", "31")
    expect(cell(PLAYER).locator(".vmm-clock")).to_contain_text("1.24 / 2.00 s · frame 31")


def test_the_player_plays_with_sound_stops_at_a_key_and_goes_on_to_the_end(notebook, cell):
    screen, slider = cell(PLAYER).locator("canvas"), cell(PLAYER).get_by_role("slider", name="Time")
    expect(cell(PLAYER).get_by_role("button", name="Mute")).to_be_visible()
    speed = cell(PLAYER).get_by_label("Speed", exact=True)
    speed.select_option("0.1")  # so that a busy computer has time to press the key before the end
    press(slider, "Home", "Space")
    notebook.page.wait_for_function("screen => +screen.dataset.frame > 3", arg=screen.element_handle())
    press(cell(PLAYER).get_by_role("button", name="Pause"), "Enter")
    stopped = screen.get_attribute("data-frame")
    kernel_says(notebook, "player.playing, str(player.frame)", f"(False, {stopped!r})")
    speed.select_option("4")
    press(slider, "Space")
    expect(screen).to_have_attribute("data-frame", "49")
    expect(cell(PLAYER).get_by_role("button", name="Play")).to_be_visible()
    kernel_says(notebook, "player.frame, player.playing", "(49, False)")


def test_a_longer_clip_is_drawn_and_counted(notebook, cell):
    strip, drawing = cell(CLIPS).locator("img"), cell(CLIPS).locator("svg").first
    before, windows = strip.get_attribute("src"), drawing.inner_html()
    press(cell(CLIPS).get_by_role("slider", name="Clip shown"), "ArrowRight")
    expect(cell(CLIPS).get_by_role("status")).to_contain_text("Clip 1 (of 0 to 4): frames 8 to 23")
    changed(notebook, strip, before)
    press(cell(CLIPS).get_by_role("slider", name="Length (frames)"), "ArrowRight")
    expect(cell(CLIPS).get_by_role("status")).to_contain_text("frames 8 to 24")
    assert drawing.inner_html() != windows
    kernel_says(notebook, "clips.length.value, clips.clip.value", "(17, 1)")


def test_another_feature_and_another_frame_give_another_picture(notebook, cell):
    picture, status = cell(FEATURE).locator("img"), cell(FEATURE).get_by_role("status")
    expect(status).to_contain_text("1764 numbers a frame")
    before = picture.get_attribute("src")
    press(cell(FEATURE).get_by_role("slider", name="Cell (pixels)"), "ArrowRight")
    expect(status).not_to_contain_text("1764 numbers")
    changed(notebook, picture, before)
    press(cell(FEATURE).get_by_role("combobox", name="Feature"), "S")  # the first that begins with it
    expect(cell(FEATURE).get_by_role("slider", name="Most keypoints")).to_be_visible()
    expect(status).to_contain_text("keypoints")
    before = picture.get_attribute("src")
    press(cell(FEATURE).get_by_role("slider", name="Frame"), "ArrowRight", "ArrowRight")
    expect(status).to_contain_text("Frame 2, 0.08 s")
    changed(notebook, picture, before)
    expect(picture).to_have_attribute("alt", re.compile("Frame 2 through SIFT"))
    kernel_says(notebook, "feature.feature.value, feature.frame.value", "('SIFT', 2)")


def test_walking_over_the_map_plays_the_video_of_the_point(notebook, cell):
    points, status = cell(EMBEDDING).get_by_role("application"), cell(EMBEDDING).get_by_role("status")
    expect(status).to_contain_text("Row 0: right, film 0.mp4")
    press(points, "ArrowRight", "ArrowUp")
    expect(status).to_contain_text("Row 3: left, film 3.mp4")
    expect(points).to_have_attribute("aria-label", re.compile("Chosen: left: film 3.mp4"))
    expect(cell(EMBEDDING).locator(".vmm-clock")).to_contain_text("/ 2.00 s")
    screen = cell(EMBEDDING).locator("canvas")
    notebook.page.wait_for_function("screen => +screen.dataset.frame > 1", arg=screen.element_handle())
    state = "embedding.map.value, embedding.player.name, embedding.player.playing"
    kernel_says(notebook, state, "(3, 'film 3.mp4', True)")
    box = points.bounding_box()
    points.click(position={"x": 16, "y": box["height"] - 16})
    expect(status).to_contain_text("Row 0:")
    press(cell(EMBEDDING).get_by_role("button", name="Pause"), "Enter")
    kernel_says(notebook, "embedding.map.value, embedding.player.playing", "(0, False)")


def test_a_silent_film_rests_while_nobody_sees_it(notebook, cell):
    screen = cell(EMBEDDING).locator("canvas")
    press(cell(EMBEDDING).get_by_role("button", name="Play", exact=True), "Enter")
    kernel_says(notebook, "embedding.player.playing", "True")
    cell(PLAYER).scroll_into_view_if_needed()
    kernel_says(notebook, "embedding.player.playing", "False")
    screen.scroll_into_view_if_needed()
    kernel_says(notebook, "embedding.player.playing", "True")
    press(cell(EMBEDDING).get_by_role("button", name="Pause"), "Enter")
    kernel_says(notebook, "embedding.player.playing", "False")


def test_the_next_mistake_shows_its_probabilities_and_its_video_plays(notebook, cell):
    bars, status = cell(PREDICTION).locator("svg[aria-label^=Probabilities]"), cell(PREDICTION).get_by_role("status")
    expect(status).to_contain_text("1 of 2: film 3.mp4 is left, predicted right at 80 %")
    strip = cell(PREDICTION).locator("img")
    before, shares = strip.get_attribute("src"), bars.inner_html()
    press(cell(PREDICTION).get_by_role("slider", name="Video"), "ArrowRight")
    expect(status).to_contain_text("2 of 2: film 1.mp4 is right, predicted left at 70 %")
    changed(notebook, strip, before)
    assert bars.inner_html() != shares
    kernel_says(notebook, "prediction.item.value, prediction.row['label']", "(2, 'right')")
    press(cell(PREDICTION).get_by_role("button", name="Play with sound"), "Enter")
    screen = cell(PREDICTION).locator("canvas")
    expect(screen).to_have_attribute("aria-label", re.compile("^film 1.mp4, frame"))
    notebook.page.wait_for_function("screen => +screen.dataset.frame > 3", arg=screen.element_handle())
    expect(status).to_contain_text("2 of 2: film 1.mp4")
    kernel_says(notebook, "prediction._stage.children[0].finish", "2.0")


def test_a_click_into_the_timeline_and_a_key_on_its_slider_go_to_the_shot(notebook, cell):
    output = cell(TIMELINE)
    screen, drawing = output.locator("canvas"), output.locator(".vmm-parts svg")
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    drawing.click(position={"x": box["width"] * (118 + 0.81 * 696) / 820, "y": 30})
    expect(screen).to_have_attribute("data-frame", "40")
    expect(output.get_by_role("status")).to_contain_text("Shot 3 of 3")
    press(output.get_by_role("slider", name="Shot"), "ArrowLeft")
    expect(screen).to_have_attribute("data-frame", "12")
    expect(output.get_by_role("status")).to_contain_text("Shot 2 of 3")


def test_a_storyboard_is_edited_by_mouse_and_by_keyboard_alone(notebook, cell):
    board = cell(BOARD).get_by_role("application")
    press(board, "ArrowRight", " ")
    expect(cell(BOARD).get_by_role("status")).to_contain_text("2 of 3 shots kept, 1.3 s. Shot 2")
    press(board, "Shift+ArrowRight")
    expect(board).to_have_attribute("data-value", "2")
    kernel_says(notebook, "board.storyboard['start'].tolist()", "[0.0, 1.2]")
    box = board.locator("svg").bounding_box()
    board.click(position={"x": box["width"] * 60 / 820, "y": 30})
    expect(board).to_have_attribute("data-value", "0")
    cell(BOARD).get_by_role("button", name="Move later").click()
    kernel_says(notebook, "board.storyboard['start'].tolist()", "[1.2, 0.0]")
    expect(board).to_have_attribute("data-value", "1")


def test_a_reel_that_was_written_plays_in_the_browser_to_its_end(notebook, cell):
    cell(BOARD).get_by_role("textbox").fill("played.mp4")
    cell(BOARD).get_by_role("textbox").press("Tab")
    cell(BOARD).get_by_role("button", name="Write").click()
    expect(cell(BOARD).get_by_role("status")).to_contain_text("written to played.mp4")
    address = f"{notebook.address}/files/played.mp4?token={notebook.token}"
    seen = notebook.page.evaluate("""async address => {
        const film = Object.assign(document.createElement('video'), {src: address, muted: true});
        const ended = new Promise((done, failed) => { film.onended = done; film.onerror = () => failed(film.error.message); });
        await film.play();
        await ended;
        return [film.videoWidth, film.videoHeight, film.duration, film.currentTime, film.webkitAudioDecodedByteCount]; }""", address)
    kept = float(notebook.kernel("float((board.storyboard['end'] - board.storyboard['start']).sum())"))
    assert seen[:2] == [128, 96] and abs(seen[2] - kept) < 0.15 and seen[3] == seen[2] and seen[4] > 1000


def test_a_file_that_is_gone_is_one_sentence_in_the_page(notebook, cell):
    notebook.kernel("__import__('os').remove(paths[2]), embedding._videos._read.cache_clear()")
    press(cell(EMBEDDING).get_by_role("application"), "Home", "ArrowUp")
    status = cell(EMBEDDING).get_by_role("status")
    expect(status).to_contain_text("film 2.mp4")
    expect(status).to_have_class(re.compile("vmm-failed"))
    assert "Traceback" not in notebook.page.locator(".jp-Notebook").inner_text()


def test_keys_of_a_widget_do_not_move_the_notebook(notebook, cell):
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    places = [cell(PLAYER).get_by_role("slider", name="Time"), cell(CLIPS).get_by_role("slider", name="Clip shown"),
              cell(EMBEDDING).get_by_role("application")]
    for place in places:
        place.click()
        before, name = notebook.page.evaluate(active), place.get_attribute("aria-label")
        press(place, "Home", "ArrowUp")
        assert notebook.page.evaluate(active) == before, name


def test_every_control_and_picture_has_a_name_and_shows_its_focus(notebook, cell):
    nameless = notebook.page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea-output :is(' +
                      'button, input, select, canvas, img, svg, [role=slider], [tabindex="0"])')]
             .filter(e => e.checkVisibility() && !e.closest('[aria-hidden=true]') && !e.matches('div:not([role])'))
             .filter(e => !(e.ariaLabel || e.alt || e.title || e.labels?.[0]?.textContent.trim()
                            || e.textContent.trim()))
             .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    for control in (cell(PLAYER).get_by_role("slider", name="Time"),
                    cell(CLIPS).get_by_role("slider", name="Clip shown"),
                    cell(FEATURE).get_by_role("combobox", name="Feature"), cell(EMBEDDING).get_by_role("application")):
        press(control, "Shift")
        assert control.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_each_widget_fits_the_column_of_a_window_of_1280_pixels(notebook):
    wide = notebook.page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea-output')].filter(e => e.scrollWidth > e.clientWidth + 1)
             .map(e => `${e.scrollWidth} > ${e.clientWidth}: ${e.textContent.slice(0, 60)}`)"""
    )
    assert wide == []


def test_a_notebook_that_was_just_cloned_shows_the_picture_of_a_widget(open_notebook):
    # JupyterLab does not trust it: it shows no widget and no SVG then, but it shows a PNG.
    data, _ = FramePlayer(np.zeros((3, 48, 64, 3), np.uint8))._repr_mimebundle_()
    output = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}
    code = {"cell_type": "code", "id": "c0", "metadata": {}, "source": "player", "execution_count": 1}
    opened = open_notebook()
    opened.open("cloned", [{**code, "outputs": [output]}])
    picture = opened.page.locator(".jp-Notebook .jp-CodeCell .jp-OutputArea-output img")
    expect(picture).to_have_attribute("src", re.compile("^data:image/png;base64,"))


def test_closing_takes_each_widget_from_the_page(notebook, cell):
    notebook.kernel("[w.close() for w in (player, clips, feature, embedding, prediction, timeline, board)]")
    for number in range(PLAYER, BOARD + 1):
        expect(cell(number).locator(".vmm-lab, .vmm-player")).to_have_count(0)


def test_all_this_asked_for_nothing_outside_and_the_console_has_no_complaint(notebook):
    assert notebook.outside == []
    assert notebook.complaints == []

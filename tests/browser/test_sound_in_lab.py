"""SoundExplorer in a real JupyterLab: one play head over film, wave and spectrogram, and controls that draw another picture."""
import re

import pytest

pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
from playwright.sync_api import expect

CELLS = [
    """
import numpy as np, vmm_lab as vl
from vmm_lab.widgets import SoundExplorer
frames = np.full((50, 96, 128, 3), 90, np.uint8)
frames[:, :, :4] = np.arange(50, dtype=np.uint8)[:, None, None, None] * 5
tone = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
path = vl.write_video("tone.mp4", frames, fps=25, audio=np.concatenate([0 * tone, tone]), sample_rate=16_000)
mute = vl.write_video("mute.mp4", frames, fps=25)
""",
    "sound = SoundExplorer(path)\nsound",
    "silent = SoundExplorer(mute)\nsilent",
]
SOUND, SILENT = 1, 2


@pytest.fixture(scope="module")
def notebook(open_notebook):
    opened = open_notebook()
    assert opened.run("sound", CELLS) == []
    return opened


@pytest.fixture
def cell(notebook):
    """cell(k): the output of code cell k."""
    return lambda k: notebook.page.locator(".jp-Notebook .jp-CodeCell").nth(k).locator(".jp-Cell-outputArea")


@pytest.fixture
def drawing(cell):
    found = cell(SOUND).get_by_role("img", name=re.compile("^Waveform and log-mel spectrogram of tone.mp4"))
    found.scroll_into_view_if_needed()
    return found


def kernel_says(notebook, expression, value):
    """Wait until an expression in the kernel has this repr: a message may still be under way."""
    for _ in range(100):
        said = notebook.kernel(expression)
        if said == value:
            return
    assert said == value


def head_share(cell, drawing):
    """Where the play head stands, as a share of the drawing's seconds."""
    head, box = cell(SOUND).locator(".vmm-sound-head").bounding_box(), drawing.bounding_box()
    left, right = 58 / 820, 816 / 820
    return ((head["x"] - box["x"]) / box["width"] - left) / (right - left)


def wait_for_share(notebook, cell, drawing, share):
    for _ in range(100):
        if abs(head_share(cell, drawing) - share) < 0.015:
            return
        notebook.page.evaluate("() => new Promise(requestAnimationFrame)")  # the head moves once a picture
    assert head_share(cell, drawing) == pytest.approx(share, abs=0.015)


def press(control, *keystrokes):
    control.scroll_into_view_if_needed()
    control.focus()
    for key in keystrokes:
        control.press(key)


def test_the_play_head_goes_where_the_players_keys_go(notebook, cell, drawing):
    slider = cell(SOUND).get_by_role("slider", name="Time")
    press(slider, "Home")
    wait_for_share(notebook, cell, drawing, 0)
    press(slider, "PageUp", "PageUp", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
    kernel_says(notebook, "sound.player.frame", "25")
    wait_for_share(notebook, cell, drawing, 0.5)
    press(slider, "Home")


def test_the_play_head_covers_wave_and_spectrogram_and_no_more(cell, drawing):
    head, box = cell(SOUND).locator(".vmm-sound-head").bounding_box(), drawing.bounding_box()
    assert abs(head["y"] - box["y"]) < 3 and 0.85 < head["height"] / box["height"] < 0.95


def test_a_click_moves_the_player_and_asks_the_kernel_for_nothing(notebook, cell, drawing):
    before, place = notebook.kernel("id(sound.spectrogram)"), drawing.bounding_box()
    x = place["x"] + place["width"] * (58 / 820 + 0.75 * 758 / 820)
    notebook.page.mouse.click(x, place["y"] + 0.5 * place["height"])
    expect(cell(SOUND).locator("canvas")).to_have_attribute("data-frame", "37")  # 0.75 of 2 s at 25 a second
    wait_for_share(notebook, cell, drawing, 0.75)
    kernel_says(notebook, "sound.player.frame", "37")
    assert notebook.kernel("id(sound.spectrogram)") == before, "the spectrogram is still the one that it was"


def test_a_drag_scrubs_and_what_is_beyond_the_edges_is_the_edge(notebook, cell, drawing):
    place, mouse = drawing.bounding_box(), notebook.page.mouse
    mouse.move(place["x"] + 0.5 * place["width"], place["y"] + 100)
    mouse.down()
    mouse.move(place["x"] + 2, place["y"] + 100, steps=4)
    expect(cell(SOUND).locator("canvas")).to_have_attribute("data-frame", "0")
    mouse.up()
    mouse.move(place["x"] + 0.9 * place["width"], place["y"] + 100)  # let go: moving on moves nothing
    wait_for_share(notebook, cell, drawing, 0)
    expect(cell(SOUND).locator("canvas")).to_have_attribute("data-frame", "0")


def test_while_it_plays_the_head_moves_by_itself(notebook, cell, drawing):
    press(cell(SOUND).get_by_role("slider", name="Time"), "Home", "Space")
    expect(cell(SOUND).locator("canvas")).to_have_attribute("data-frame", "49")
    wait_for_share(notebook, cell, drawing, 1)
    kernel_says(notebook, "sound.player.playing", "False")


def test_other_bands_and_another_window_give_another_picture_and_the_head_stays(notebook, cell, drawing):
    picture, status = drawing.locator("image"), cell(SOUND).get_by_role("status")
    href = "image => image.getAttribute('href') || image.getAttribute('xlink:href')"
    where, before = head_share(cell, drawing), picture.evaluate(href)
    press(cell(SOUND).get_by_role("slider", name="Mel bands"), "ArrowRight")
    expect(status).to_contain_text("68 bands")
    fewer = picture.evaluate(href)
    assert fewer != before
    press(cell(SOUND).get_by_role("combobox", name="Window"), "6")  # the first that begins with it
    expect(status).to_contain_text("windows of 64 ms")
    assert picture.evaluate(href) != fewer
    kernel_says(notebook, "sound.n_mels.value, sound.window.value", "(68, 64)")
    wait_for_share(notebook, cell, drawing, where)


def test_a_film_without_sound_has_no_head_and_says_so(cell):
    expect(cell(SILENT).get_by_role("status")).to_contain_text("mute.mp4 has no sound to see")
    expect(cell(SILENT).locator(".vmm-sound-head")).to_have_count(0)


def test_it_fits_the_column_of_a_window_of_1280_pixels(notebook):
    wide = notebook.page.evaluate(
        "() => [...document.querySelectorAll('.jp-OutputArea-output')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 60))")
    assert wide == []


def test_the_head_is_a_line_to_see_in_either_theme(notebook, cell, drawing):
    head = cell(SOUND).locator(".vmm-sound-head")
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    notebook.page.wait_for_function("() => document.body.dataset.jpThemeLight === 'false'")
    line, ground = (head.evaluate("e => getComputedStyle(e).borderLeftColor"), notebook.page.evaluate("() => getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor"))
    def light(color):
        return sum(map(int, re.findall(r"\d+", color)[:3]))
    assert light(line) - light(ground) > 300
    assert "rgb(0, 0, 0)" in head.evaluate("e => getComputedStyle(e).boxShadow")  # and dark edges, for a light page


def test_closing_takes_it_from_the_page(notebook, cell):
    notebook.kernel("[w.close() for w in (sound, silent)]")
    for number in (SOUND, SILENT):
        expect(cell(number).locator(".vmm-lab, .vmm-player, .vmm-sound-head")).to_have_count(0)


def test_all_this_asked_for_nothing_outside_and_the_console_has_no_complaint(notebook):
    assert notebook.outside == []
    assert notebook.complaints == []

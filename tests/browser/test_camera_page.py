"""The camera page in a real browser: a fake camera shows a theatre clip, and the page recognises it without any network."""
import functools
import http.server
import threading
import time

import av
import numpy as np
import pytest

import vmm_lab as vl
from conftest import PATIENCE, chromium, missing
from vmm_lab import edge
from vmm_lab.networks import RECIPES, Examples

pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(missing() is not None, reason=str(missing()))]
ACTIONS = ("bow", "clap", "star_jump")


@pytest.fixture(scope="module")
def table():
    table = vl.load_table("theatre", size="full")
    return vl.split_by_group(table[table["label"].isin(ACTIONS)].reset_index(drop=True), test=0.25)


@pytest.fixture(scope="module")
def folder(table, tmp_path_factory):
    """A page of a network that was trained on windows of 1.5 s, also across the end of a clip that begins again."""
    clips = vl.load_examples(table[0], progress=False)
    X = np.concatenate([np.roll(clips.X, -first, axis=1)[:, :12] for first in (0, 3, 6, 10)])
    windows = Examples(X, np.tile(clips.y, 4), clips.classes)
    recipe = RECIPES["(2+1)D"]
    model, _ = recipe.train(windows, epochs=3, seed=0, progress=False)
    return edge.export(model, tmp_path_factory.mktemp("page é") / "page", to="page", labels=clips.classes, seconds=1.5).folder


@pytest.fixture(scope="module")
def address(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()


@pytest.fixture(scope="module")
def clip(table):
    frames, _ = vl.open_media(table[1].loc[table[1]["label"] == "star_jump", "path"].iloc[0]).frames()
    return frames


@pytest.fixture(scope="module")
def camera(clip, tmp_path_factory):
    """A film for the fake camera, which plays it and begins again."""
    path = tmp_path_factory.mktemp("camera") / "film.y4m"
    with av.open(str(path), "w", format="yuv4mpegpipe") as file:
        stream = file.add_stream("rawvideo", rate=25)
        stream.height, stream.width, stream.pix_fmt = *clip.shape[1:3], "yuv420p"
        for frame in clip:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        file.mux(stream.encode())
    return path


@pytest.fixture
def browser(browser, camera, request):
    """Another Chromium of the driver that runs, as there can be only one driver in a process."""
    more = getattr(request, "param", ["--use-fake-ui-for-media-stream"])
    opened = browser.browser_type.launch(executable_path=chromium(), args=[
        "--no-sandbox", "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={camera}", *more])
    yield opened
    opened.close()


def opened(browser, address):
    """The page on a phone, loaded, with the list of what it asked for."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page, asked = context.new_page(), []
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.evaluate("page.ready")
    return page, asked


def until(page, condition, patience=PATIENCE / 1000):
    """Wait for a condition: the page's own rules forbid Playwright's way, which needs eval."""
    end = time.monotonic() + patience
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"{condition} never came; {page.text_content('#status')}"
        time.sleep(0.05)


@pytest.mark.parametrize("kind", ["folder", "single file"])
def test_the_page_recognises_an_action_without_the_network(browser, address, folder, kind):
    page, asked = opened(browser, address if kind == "folder" else (folder / "single.html").as_uri())
    assert "stay on this device" in page.text_content("#status")
    page.context.set_offline(True)
    page.click("#start")
    until(page, "page.count > 30")
    until(page, "document.getElementById('answer').textContent === 'star_jump'")
    seen = page.evaluate("({pixels: Array.from(page.pixels), probabilities: page.probabilities, costs: page.costs})")
    own = address.rpartition("/")[0]
    assert [url for url in asked if not url.startswith((own, "blob:", "data:", "file:"))] == []
    exported = edge.load_exported(folder)
    pixels = np.array(seen["pixels"], np.uint8).reshape(1, *exported.shape)
    assert len(np.unique(pixels)) > 50, "the camera shows a picture"
    assert np.abs(exported.predict(pixels)[0] - seen["probabilities"]).max() < 1e-4
    assert {"picture", "network", "page", "rate"} == set(seen["costs"]) and "frames a second" in page.text_content("#costs")
    box = page.locator("#costs").bounding_box()
    assert box["y"] + box["height"] < 844 and page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_page_scales_pictures_as_python_does(browser, address, clip):
    """The mean of the pixels under each; colours go to the camera and back by way of YUV."""
    page, _ = opened(browser, address)
    page.click("#start")
    until(page, "page.count > 0")
    pixels = np.array(page.evaluate("Array.from(page.pixels)"), float).reshape(12, 64, 64, 3)
    means = clip.reshape(len(clip), 64, 2, 64, 2, 3).mean(axis=(2, 4))
    assert min(np.abs(pixels[-1] - frame).mean() for frame in means) < 2


def test_the_page_decides_as_python_does(browser, address):
    page, _ = opened(browser, address)
    rng = np.random.default_rng(0)
    times, rows = np.cumsum(rng.uniform(0.01, 0.2, 60)), rng.dirichlet(np.ones(3), 60)
    decided = page.evaluate("([times, rows]) => { page.forget(); return times.map((time, k) => page.steady(time, rows[k])); }",
                            [times.tolist(), rows.tolist()])
    assert decided == edge.steady(times, rows).tolist() and len(set(decided)) == 3


@pytest.mark.parametrize("browser", [["--deny-permission-prompts"]], indirect=True)
def test_a_refused_camera_says_what_to_do(browser, address):
    page, _ = opened(browser, address)
    page.click("#start")
    until(page, "document.getElementById('status').textContent.includes('refused')")
    assert "allow the camera" in page.text_content("#status") and page.is_enabled("#start")


@pytest.mark.parametrize(("error", "words"), [("NotFoundError", "There is no camera"), ("NotReadableError", "busy")])
def test_an_absent_or_busy_camera_says_what_to_do(browser, address, error, words):
    page, _ = opened(browser, address)
    page.evaluate(f"void (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '{error}')))")
    page.click("#start")
    until(page, f"document.getElementById('status').textContent.includes('{words}')")


def test_a_folder_opened_from_the_disk_says_what_to_do(browser, folder):
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())  # of which the browser runs no module
    assert "single.html" in page.text_content("body")

"""From a key to changed pixels, in a real JupyterLab and Chromium: every widget, and what a user would pick instead.

The milliseconds are taken in the page: from the keydown event to the animation frame after the new picture is there.
Needs what the browser tests need (a Chromium); renders the small theatre if it is not there yet. With --tasks, the widgets of
search, films, poses, labels and smaller networks are timed alone.
"""
import argparse
import importlib.util
import statistics
import sys
import tempfile
from pathlib import Path

from harness import paired, write_results

BAR = 60  # milliseconds
READING = 200  # milliseconds between two keys: nobody looks at a picture for less
CELLS = [
    """
import io
import numpy as np, matplotlib.pyplot as plt, ipywidgets, vmm_lab as vl
from vmm_lab.widgets import ClipExplorer, EmbeddingExplorer, FeatureExplorer, FramePlayer, PredictionExplorer
table = vl.load_table("theatre")
path = table["path"][0]
frames, times = vl.open_media(path).frames()
shares = np.random.default_rng(0).dirichlet(np.ones(4), len(table))
classes = sorted(set(table["label"]))
predictions = table.assign(predicted=[classes[k] for k in shares.argmax(1)], **dict(zip(classes, shares.T)))
""",
    "FramePlayer(path)",
    "ClipExplorer(path)",
    "FeatureExplorer(path)",
    "EmbeddingExplorer(np.random.default_rng(0).normal(size=(len(table), 2)), table)",
    "PredictionExplorer(predictions, show='all')",
    # The usual way: a function that draws with matplotlib, and interact.
    """
def draw(t):
    plt.imshow(frames[t]); plt.axis("off"); plt.show()
ipywidgets.interact(draw, t=ipywidgets.IntSlider(0, 0, len(frames) - 1, description="Frame"));
""",
    # A better way: matplotlib saved into an Image.
    """
slider, image = ipywidgets.IntSlider(0, 0, len(frames) - 1, description="Frame"), ipywidgets.Image()
def save(change):
    figure, axes = plt.subplots(); axes.imshow(frames[slider.value]); axes.axis("off")
    buffer = io.BytesIO(); figure.savefig(buffer, format="png"); plt.close(figure); image.value = buffer.getvalue()
slider.observe(save, "value"); save(None)
ipywidgets.VBox([slider, image])
""",
    # The floor: an Image whose picture is ready before the key is pressed. What this takes is the way there and back.
    """
import cv2
ready = [cv2.imencode(".jpg", cv2.resize(frame, (600, 300)))[1].tobytes() for frame in frames]
floor, shown = ipywidgets.IntSlider(0, 0, len(frames) - 1, description="Frame"), ipywidgets.Image(value=ready[0], format="jpeg")
floor.observe(lambda change: setattr(shown, "value", ready[change["new"]]), "value")
ipywidgets.VBox([floor, shown])
""",
    # Models that have learnt nothing take as long as others.
    """
from vmm_lab.networks import Examples, frame_average, fusion, hog_encoder, sound_encoder, word_encoder
from vmm_lab.networks.feeding import adapt
from vmm_lab.widgets import ConvolutionExplorer, FusionExplorer, GradCamExplorer, SoundExplorer
rng, n = np.random.default_rng(0), len(table)
senses = {"video": rng.uniform(size=(n, 16, 1764)).astype("float32"), "sound": rng.normal(-40, 10, (n, 128, 48)).astype("float32"),
          "words": np.array([f"number {k} of many words" for k in range(n)]), "present": np.ones((n, 3), "float32")}
examples = Examples(senses, np.arange(n) % 4, tuple(classes))
words = word_encoder()
adapt(words, senses["words"])
models = {kind: fusion(kind, {"video": hog_encoder(), "sound": sound_encoder(), "words": words}, 4) for kind in ("gated", "features")}
""",
    "GradCamExplorer(frame_average(4), rng.integers(0, 256, (24, 16, 64, 64, 3), dtype=np.uint8))",
    "ConvolutionExplorer(path)",
    "SoundExplorer(path)",
    "FusionExplorer(models['gated'], examples, table)",
    "FusionExplorer(models['features'], examples, table)",
    "FusionExplorer(models['gated'], examples, view='all items')",
    """
from vmm_lab import assets, pretrained, tasks
from vmm_lab.widgets import FaceExplorer
faces = FaceExplorer(assets.fetch("carphone"), tasks.Gallery(feature=pretrained.FaceLooks()))
faces.name.value = "the man"
faces.enrol.click()
faces
""",
]
CELLS_OF_TASKS = [
    """
import numpy as np, pandas as pd, vmm_lab as vl
from vmm_lab import widgets
from vmm_lab.tasks import Retriever
from vmm_lab.tasks.index import Index
from vmm_lab.tasks.summarise import Summary
table, rng = vl.load_table("theatre"), np.random.default_rng(0)
clips = [vl.open_media(path).frames()[0] for path in table["path"][:8]]
frames = np.concatenate(clips)
film = vl.write_video("film.mp4", frames, fps=25)
ends = np.cumsum([len(clip) for clip in clips])
shots = pd.DataFrame({"start_frame": [0, *ends[:-1]], "end_frame": ends}).assign(start=lambda t: t.start_frame / 25, end=lambda t: t.end_frame / 25)
tags = pd.DataFrame(rng.uniform(size=(60, 5)), index=np.arange(60) * ends[-1] / 1500, columns=list("abcde"))
vectors = rng.normal(size=(len(table), 384)).astype("float32")
index = Index(table.assign(start=np.nan, end=np.nan), vectors, vectors, Retriever(learner=None), {})
index.search = lambda query, **options: index.near(vectors[0], **options)
boxes = pd.DataFrame([(k, j, 20 * j + k % 50, 30, 30, 60, 0.5) for k in range(len(frames)) for j in (1, 2, 3)],
                     columns=["frame", "id", "x", "y", "w", "h", "score"])
costs = pd.DataFrame({"accuracy": np.linspace(0.97, 0.7, 12), "bytes": np.linspace(4e5, 3e4, 12)}, index=[f"network {k}" for k in range(12)])
""",
    "widgets.SearchExplorer(index, 'somebody bows', top=10)",
    "widgets.TimelineExplorer(film, shots, tags=tags, importance=rng.uniform(size=len(shots)))",
    "widgets.StoryboardEditor(Summary(film, shots=shots))",
    "widgets.TrackExplorer(frames, boxes)",
    "widgets.PoseExplorer(frames[:100], rng.uniform(20, 100, (100, 17, 2)))",
    "widgets.LabelingDesk(table, rng.normal(size=(len(table), 12)), sorted(set(table['label'])), file='labels.csv')",
    "widgets.TradeoffExplorer(costs)",
]
# Resolves with the milliseconds from the next keydown until the picture (img, canvas or drawing) in this cell is another one and painted.
WATCH = """([area, canvas, drawing]) => { window.lately = new Promise((done, fail) => {
  setTimeout(() => fail(new Error('the picture stayed as it was')), 10000);
  let pressed = null;
  area.addEventListener('keydown', () => { pressed = performance.now(); }, {capture: true, once: true});
  const finish = () => { watcher.disconnect(); requestAnimationFrame(() => done(performance.now() - pressed)); };
  const watcher = new MutationObserver(changes => {
    if (pressed === null) return;
    for (const {target, addedNodes} of changes) {
      if (drawing) {
        if ([...addedNodes].some(node => node.tagName === 'svg' && target.closest('.vmm-parts, .vmm-map'))) return finish();
        continue;
      }
      if (canvas && target.tagName === 'CANVAS') return finish();
      if (!canvas && target.tagName === 'IMG') return target.addEventListener('load', finish, {once: true});
      for (const node of addedNodes) {
        const image = canvas ? null : node.tagName === 'IMG' ? node : node.querySelector?.('img');
        if (image) return image.complete ? finish() : image.addEventListener('load', finish, {once: true});
      }
    }
  });
  watcher.observe(area, {subtree: true, childList: true, attributes: true, attributeFilter: [canvas || 'src']});
}); }"""

# A key on a list opens it where a browser has no window, so its next option is chosen here, as a key would.
CHOOSE = """list => {
  list.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true}));
  list.selectedIndex = (list.selectedIndex + 1) % list.options.length;
  list.dispatchEvent(new Event('change', {bubbles: true}));
}"""


def browser_tools():
    path = Path(__file__).parents[1] / "tests" / "browser" / "conftest.py"
    spec = importlib.util.spec_from_file_location("browser_tools", path)
    tools = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tools)
    return tools


def presser(page, cell, control, keys, *, canvas=None, drawing=False):
    """A function that presses the next of `keys` on a control, or chooses the next of a list where keys is None, and returns
    the milliseconds until the new picture: another img; another canvas, if `canvas` names the attribute that tells its pictures
    from each other; or another `drawing`."""
    area = page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-Cell-outputArea")
    target = control(area)
    target.scroll_into_view_if_needed()
    state = {"presses": 0}

    def press():
        target.focus()
        page.wait_for_timeout(READING)
        page.evaluate(WATCH, [area.element_handle(), canvas, drawing])
        target.evaluate(CHOOSE) if keys is None else target.press(keys[state["presses"] % len(keys)])
        state["presses"] += 1
        return page.evaluate("window.lately")

    return press


def slider(name):
    return lambda area: area.get_by_role("slider", name=name, exact=True)


def handle(area):
    return area.locator(".noUi-handle")


def median_row(what, press, floor, *, presses=15):
    """The median over presses in turn with the floor's, which tells what else the computer had to do."""
    press(), floor()
    times, floors = zip(*[(press(), floor()) for _ in range(presses)])
    middle = statistics.median(times)
    return {"what": what, "median_ms": middle, "slowest_ms": max(times), "floor_ms": statistics.median(floors), "presses": presses,
            "bar": f"under {BAR} ms", "met": middle < BAR}


def rows_of_models(page, floor):
    """The widgets of neurons, sounds and networks; a model is asked at every key but where this says otherwise."""
    there_and_back, on = ["ArrowRight"] * 6 + ["ArrowLeft"] * 6, ["ArrowRight"]
    timed = {
        "GradCamExplorer, the next frame (heat known)": presser(page, 10, slider("Frame"), there_and_back),
        "GradCamExplorer, the next clip, its heat computed": presser(page, 10, slider("Clip"), on),
        "ConvolutionExplorer, a weight changed": presser(
            page, 11, lambda area: area.get_by_role("spinbutton", name="weight row 2 column 2", exact=True), ["ArrowUp"] * 6 + ["ArrowDown"] * 6),
        "SoundExplorer, other mel bands": presser(page, 12, slider("Mel bands"), there_and_back, drawing=True),
        "FusionExplorer, more noise, the model's own weights": presser(page, 13, slider("Noise in video"), on, drawing=True),
        "FusionExplorer, the next item": presser(page, 13, slider("Item"), on, drawing=True),
        "FusionExplorer, more noise, Shapley shares": presser(page, 14, slider("Noise in video"), on, drawing=True),
        "FusionExplorer, a modality switched (known)": presser(
            page, 14, lambda area: area.get_by_role("checkbox", name="sound", exact=True), ["Space"], drawing=True),
        "FaceExplorer, the next step of a film": presser(page, 16, slider("Time"), there_and_back),
        "FusionExplorer, another class": presser(
            page, 15, lambda area: area.get_by_label("Class", exact=True), None, drawing=True),
    }
    return [median_row(what, press, floor) for what, press in timed.items()]


def rows_of_tasks(tools):
    """The widgets of search, films, poses, labels and smaller networks."""
    there_and_back, on = ["ArrowRight"] * 6 + ["ArrowLeft"] * 6, ["ArrowRight"]
    with tempfile.TemporaryDirectory() as home, tools.running_lab(Path(home)) as lab, tools.running_browser() as browser:
        notebook = tools.Notebook(browser, lab)
        errors = notebook.run("bench", [*CELLS_OF_TASKS, f"table = vl.load_table('theatre')\npath = table['path'][0]\n{CELLS[0]}\n{CELLS[8]}"])
        assert not errors, errors
        page = notebook.page
        floor, board = presser(page, 8, handle, there_and_back), lambda area: area.get_by_role("application")
        timed = {
            "SearchExplorer, the next result played": presser(page, 1, slider("Play result"), ["ArrowRight"] * 8 + ["ArrowLeft"] * 8, canvas="data-film"),
            "TimelineExplorer, the next shot": presser(page, 2, slider("Shot"), there_and_back, canvas="data-frame"),
            "TimelineExplorer, one frame on (in the browser)": presser(page, 2, slider("Time"), on, canvas="data-frame"),
            "StoryboardEditor, a shot kept or dropped": presser(page, 3, board, ["Space"], drawing=True),
            "TrackExplorer, the next frame": presser(page, 4, slider("Frame"), there_and_back),
            "PoseExplorer, one frame on (in the browser)": presser(page, 5, slider("Time"), there_and_back, canvas="data-frame"),
            "PoseExplorer, other joints": presser(page, 5, lambda area: area.get_by_label("Joints", exact=True), None, drawing=True),
            "LabelingDesk, a label given, the next video decoded": presser(page, 6, board, ["1", "2", "3", "4"]),
            "TradeoffExplorer, a point more may be lost": presser(page, 7, slider("Points lost"), there_and_back, drawing=True),
        }
        rows = []
        for what, press in timed.items():
            rows.append(median_row(what, press, floor))
            print(rows[-1], flush=True)
        notebook.close()
    return rows


def main():
    tools = browser_tools()
    if tools.missing():
        sys.exit(f"The widgets cannot be timed here: {tools.missing()}.")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", action="store_true", help="the widgets of tasks alone")
    given = parser.parse_args()
    write_results("widgets_tasks", rows_of_tasks(tools), packages=("ipywidgets", "anywidget", "jupyterlab"))
    if given.tasks:
        return
    rows = []
    with tempfile.TemporaryDirectory() as home, tools.running_lab(Path(home)) as lab, tools.running_browser() as browser:
        notebook = tools.Notebook(browser, lab)
        errors = notebook.run("bench", CELLS)
        assert not errors, errors
        page, there_and_back = notebook.page, ["ArrowRight"] * 6 + ["ArrowLeft"] * 6
        floor = presser(page, 8, handle, there_and_back)
        rows.append(median_row("FramePlayer, one frame on (in the browser)", presser(page, 1, slider("Time"), there_and_back, canvas="data-frame"), floor))
        rows.append(median_row("ClipExplorer, the next clip", presser(page, 2, slider("Clip shown"), ["ArrowRight", "ArrowLeft"]), floor))
        rows.append(median_row("EmbeddingExplorer, the next point, its video decoded", presser(
            page, 4, lambda area: area.get_by_role("application"), ["PageDown"] * 20 + ["Home"], canvas="data-film"), floor))
        area = page.locator(".jp-CodeCell").nth(4)
        area.locator("canvas").scroll_into_view_if_needed()  # where it plays on
        area.get_by_role("button", name="Pause").click()  # and is no part of what follows
        rows.append(median_row("PredictionExplorer, the next video, decoded", presser(page, 5, slider("Video"), ["ArrowRight"]), floor))
        for name in ("HOG", "Colour histogram", "SIFT", "Optical flow"):
            page.locator(".jp-CodeCell").nth(3).get_by_label("Feature", exact=True).select_option(name)
            page.wait_for_timeout(500)
            step = presser(page, 3, slider("Frame"), there_and_back)
            rows.append(median_row(f"FeatureExplorer, the next frame, {name}", step, floor))
            if name != "HOG":
                continue
            for peer, cell in {"interact and matplotlib": 6, "matplotlib saved into an Image": 7}.items():
                other = presser(page, cell, handle, there_and_back)
                spent = [0.0]
                timed = [lambda work=work: spent.__setitem__(0, spent[0] + work() / 1000) for work in (step, other)]
                rows.append({"what": f"FeatureExplorer with HOG, against {peer} showing the bare frame",
                             **paired(*timed, pairs=11, clock=lambda: spent[0]), "bar": "above 1", "met": None})
                rows[-1]["met"] = rows[-1]["ratio"] > 1
        rows += rows_of_models(page, floor)
        notebook.close()
    write_results("widgets", rows, packages=("ipywidgets", "anywidget", "jupyterlab", "matplotlib", "tensorflow", "keras"))


if __name__ == "__main__":
    main()

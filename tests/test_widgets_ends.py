"""Every slider at both ends and every option of every widget, each widget in a process of its own: a crash ends that one."""
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("ipywidgets")

TRY = """
import itertools, random, sys
import ipywidgets, numpy as np, pandas as pd
from vmm_lab import widgets, write_video
from vmm_lab.tasks.summarise import Summary
from vmm_lab.widgets.feature_views import VIEWS

frames = np.random.default_rng(0).integers(0, 256, (20, 48, 64, 3), dtype=np.uint8)
folder = sys.argv[1]

def controls(widget):
    for part in getattr(widget, "children", ()):
        if part.layout.display != "none":
            yield from controls(part)
            if hasattr(part, "options") or (hasattr(part, "min") and hasattr(part, "max")):
                yield part

def ends(control):
    if hasattr(control, "min"):
        return sorted({control.min, control.max})
    options = [value for _, value in control._options_full]
    return options if len(options) <= 4 else options[:: len(options) - 1]

def walk(make):
    explorer = make()
    parts = list(controls(explorer))
    tried = list(itertools.product(*map(ends, parts)))
    for values in random.Random(0).sample(tried, min(len(tried), 150)):
        for part, value in zip(parts, values):
            part.value = value
        if explorer.status.failed:
            assert "could not be shown" not in explorer.message, (values, explorer.message)
    explorer.pixels()
    assert len(tried) >= 2, parts
    print(len(tried), "combinations of", [part.description for part in parts])

def film(name):
    sound = 0.1 * np.sin(np.arange(12_800) * 0.2).astype("float32")
    return str(write_video(f"{folder}/{name}.mp4", frames, fps=25, audio=sound, sample_rate=16_000))
"""
TABLE = "table = pd.DataFrame({'path': [film(k) for k in range(3)], 'label': list('abc')})\n"
pytestmark = pytest.mark.slow  # a process for each widget
LIGHT = {
    **{f"FeatureExplorer, {name}": f"walk(lambda: widgets.FeatureExplorer(frames, feature={name!r}))"
       for name in ("Colour histogram", "HOG", "SIFT", "Optical flow")},
    "ClipExplorer": "walk(lambda: widgets.ClipExplorer(frames))",
    "ConvolutionExplorer": "walk(lambda: widgets.ConvolutionExplorer(frames))",
    "SoundExplorer": "walk(lambda: widgets.SoundExplorer(film('a')))",
    "TimelineExplorer": "shots = pd.DataFrame({'start': [0, 0.2, 0.5], 'end': [0.2, 0.5, 0.8]})\n"
                        "walk(lambda: widgets.TimelineExplorer(film('a'), shots))",
    "PoseExplorer": "walk(lambda: widgets.PoseExplorer(frames, np.random.default_rng(0).uniform(0, 48, (len(frames), 17, 2))))",
    "FaceExplorer": "from vmm_lab import pretrained, tasks\n"
                    "walk(lambda: widgets.FaceExplorer(frames, tasks.Gallery(feature=pretrained.FaceLooks()), expressions=False))",
    "StoryboardEditor": "shots = pd.DataFrame({'start': [0, 0.2, 0.5], 'end': [0.2, 0.5, 0.8]})\n"
                        "explorer = widgets.StoryboardEditor(Summary(film('a'), shots=shots.assign(start_frame=[0, 5, 12], end_frame=[5, 12, 20])))\n"
                        "for k in range(3): explorer.map.value = k; explorer.keep.click(); explorer.later.click()",
    "TrackExplorer": "rows = [(k, j, 2 * k, 3, 9, 9, 0.5) for k in range(20) for j in (1, 2)]\n"
                     "tracks = pd.DataFrame(rows, columns=['frame', 'id', 'x', 'y', 'w', 'h', 'score'])\n"
                     "walk(lambda: widgets.TrackExplorer(film('a'), tracks))",
    "TradeoffExplorer": "rows = pd.DataFrame({'accuracy': [0.9, 0.8], 'bytes': [2, 1], 'flops': [2, 1]}, index=['a', 'b'])\n"
                        "walk(lambda: widgets.TradeoffExplorer(rows))",
    "EmbeddingExplorer": TABLE + "explorer = widgets.EmbeddingExplorer(np.eye(3)[:, :2], table)\nfor k in range(3): explorer.map.value = k",
    "PredictionExplorer": TABLE + "walk(lambda: widgets.PredictionExplorer(table.assign(predicted='a', a=0.5, b=0.3, c=0.2)))",
}
NETWORKS = {
    "GradCamExplorer": "model = networks.conv3d(3)\nwalk(lambda: widgets.GradCamExplorer(model, clips))",
    "ModelExplorer": "model = networks.conv3d(3)\nwalk(lambda: widgets.ModelExplorer(model, clips))",
    "FusionExplorer": """
        X = {name: np.ones((6, 16, 8), "float32") for name in ("sound", "echo")} | {"present": np.ones((6, 2), "float32")}
        examples = networks.Examples(X, np.arange(6) % 2, ("clap", "walk"))
        encoders = {name: networks.sound_encoder((16, 8), filters=(4, 8), width=16) for name in ("sound", "echo")}
        model = networks.fusion("gated", encoders, 2)
        for view in ("one item", "all items"):
            walk(lambda: widgets.FusionExplorer(model, examples, view=view))""",
}


def run(code, folder):
    done = subprocess.run([sys.executable, "-c", TRY + textwrap.dedent(code), str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ended with {done.returncode}: {done.stderr[-2000:]}"


@pytest.mark.parametrize("name", LIGHT)
def test_the_ends_of_every_slider_leave_the_process_alive(name, tmp_path):
    run(LIGHT[name], tmp_path)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_ends_of_every_slider_of_a_widget_of_networks_leave_the_process_alive(name, tmp_path):
    clips = "\nfrom vmm_lab import networks\nclips = np.random.default_rng(0).integers(0, 256, (2, 16, 64, 64, 3), dtype=np.uint8)\n"
    run(clips + textwrap.dedent(NETWORKS[name]), tmp_path)

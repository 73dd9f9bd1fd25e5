"""Pictures show what they were given, in the same colours everywhere."""
import io
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from vmm_lab import plots
from vmm_lab.plots.picture import png
from vmm_lab.theatre import ACTIONS


def drawn(figure):
    """The figure as pixels: what cannot be drawn fails here."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def film(length, height=48, width=64):
    return np.linspace(0, 255, length).astype(np.uint8)[:, None, None, None] * np.ones((1, height, width, 3), np.uint8)


def test_an_action_has_the_same_color_whatever_else_is_shown():
    assert plots.class_colors(["walk", "clap"])["clap"] == plots.class_colors(ACTIONS)["clap"]
    assert len(set(plots.class_colors(ACTIONS).values())) == len(ACTIONS)


def test_a_class_has_the_same_marker_in_figures_and_on_the_map():
    from vmm_lab.widgets.embedding import scatter
    from vmm_lab.widgets.charts import shape

    for labels in (["walk", "clap"], [f"class {k:02d}" for k in range(20)]):
        looks = plots.class_looks(labels)
        assert len(set(looks.values())) == len(looks), "no two classes look the same"
        on_map = {label: stroke[1] for label, stroke in zip(labels, scatter(np.zeros((len(labels), 2)), labels).strokes[1:])}
        figure = plots.scatter(np.zeros((len(labels), 2)), labels)
        for points in figure.axes[0].collections:
            color, name = looks[points.get_label()]
            assert np.allclose(on_map[points.get_label()], shape(name, 0, 0, 6))
            assert points.get_paths()[0].vertices.shape == drawn_marker(plots.MARKERS[name]) and same_color(points, color)
    assert plots.class_looks(["clap"])["clap"] == plots.class_looks(ACTIONS)["clap"]


def drawn_marker(marker):
    from matplotlib.markers import MarkerStyle

    return MarkerStyle(marker).get_path().vertices.shape


def same_color(points, color):
    from matplotlib.colors import to_rgb

    return np.allclose(points.get_facecolor()[0, :3], to_rgb(color))


def test_the_legend_lies_beside_the_points_not_over_them():
    points = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    figure = plots.scatter(points, [f"class {k % 12:02d}" for k in range(200)])
    drawn(figure)
    axis, box = figure.axes[0], figure.axes[0].get_legend().get_window_extent()
    inside = [box.contains(*axis.transData.transform(point)) for point in points]
    assert not any(inside) and box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1


class LatePictures:
    """A media of four seconds whose pictures begin after two."""

    path, duration, size, has_video, has_audio = Path("late.mp4"), 4.0, (48, 64), True, False

    def sample(self, n, *, start, end, size):
        on_screen = (start + (np.arange(n) + 0.5) * (end - start) / n).round(2)
        return np.zeros((n, *size, 3), np.uint8), np.maximum(on_screen, 2.0)


def test_a_timeline_says_where_there_is_no_picture_yet():
    pictures = (figure := plots.timeline(LatePictures(), n=8)).axes[0]
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in pictures.patches]
    assert len(spans) == 4 and max(right for _, right in spans) <= 2.0, "a box in place of each picture before the first"
    assert len(pictures.images) == 4 and min(image.get_extent()[0] for image in pictures.images) >= 2.0
    assert [text.get_text() for text in pictures.texts] == ["no picture\nyet"] * 4
    drawn(figure)


def test_a_small_place_keeps_its_colors_in_a_picture_with_few():
    """A key of all hues in the corner of a picture that has other colours."""
    noise = np.random.default_rng(0)
    frame = cv2.GaussianBlur(noise.integers(0, 255, (300, 400, 3), dtype=np.uint8), (0, 0), 9)
    key = np.zeros((24, 180, 3), np.uint8)
    key[...] = np.stack([np.arange(180), np.full(180, 255), np.full(180, 255)], -1)
    frame[:24, :180] = cv2.cvtColor(key, cv2.COLOR_HSV2RGB)
    frame[-40:] = 255
    kept = np.asarray(Image.open(io.BytesIO(png(frame))).convert("RGB")).astype(int)
    assert np.abs(kept - frame)[:24, :180].max() < 50, "median cut alone is off by more than 100"
    assert (kept[-40:] == 255).all(), "paper stays white"


def test_a_filmstrip_shows_the_first_and_the_last_frame_with_their_times():
    figure = plots.filmstrip(film(30), times=np.arange(30) / 10, n=5)
    labels = [axis.get_xlabel() for axis in figure.axes]
    assert labels[0] == "0.00 s" and labels[-1] == "2.90 s" and len(labels) == 5
    drawn(figure)


def test_strips_of_unequal_length_stand_below_each_other_under_their_names():
    figure = plots.filmstrip({"long": film(8), "short": film(2)})
    assert [a.get_ylabel() for a in figure.axes if a.get_ylabel()] == ["long", "short"]
    drawn(figure)


@pytest.mark.parametrize("frames", [np.zeros((0, 4, 4, 3), np.uint8), np.zeros((4, 4, 3), np.uint8)])
def test_a_filmstrip_of_nothing_says_what_it_wants(frames):
    with pytest.raises(ValueError, match="T, H, W, 3"):
        plots.filmstrip(frames)


def test_scores_confusion_points_and_galleries_are_drawn():
    rows = pd.DataFrame({"name": ["HOG", "Chance"], "modality": ["image", "none"], "accuracy": [0.8, 0.25],
                         "accuracy_low": [0.7, 0.2], "accuracy_high": [0.9, 0.3]})
    assert [t.get_text() for t in plots.score_bars(rows).axes[0].get_yticklabels()] == ["Chance", "HOG"]
    counts = pd.DataFrame([[3, 1], [0, 4]], index=["no", "yes"], columns=["no", "yes"])
    assert sorted(t.get_text() for t in plots.confusion(counts).axes[0].texts) == ["1", "3", "4"]
    figure = plots.scatter(np.random.default_rng(0).normal(size=(6, 2)), list("aabbcc"))
    assert [t.get_text() for t in figure.axes[0].get_legend().get_texts()] == ["a", "b", "c"]
    axis = plots.Picture("the same points", figsize=(2, 2)).subplots()
    plots.draw_points(axis, np.zeros((3, 2)), list("abc"))
    assert [c.get_facecolor().tolist() for c in axis.collections] == [c.get_facecolor().tolist() for c in figure.axes[0].collections]
    for each in (figure, plots.gallery({"one": film(1)[0], "two": np.eye(8)}), plots.score_bars(rows), plots.confusion(counts)):
        assert drawn(each).std() > 0


def test_a_vertical_edge_is_drawn_upright():
    from vmm_lab.features import hog

    frame = np.zeros((64, 64, 3), np.uint8)
    frame[:, 32:] = 255
    marked = plots.draw_hog(frame, hog(frame), scale=4)[..., 0] > 150  # orange; the dimmed frame reaches 85
    lines = np.argwhere(marked)
    assert len(lines) and np.ptp(lines[:, 0]) > 3 * np.ptp(lines[:, 1])


def test_flow_to_the_right_is_red_and_stillness_is_black():
    field = np.zeros((8, 8, 2), np.float32)
    field[:, 4:, 0] = 2
    picture = plots.flow_colors(field)
    assert (picture[:, 4:] == (255, 0, 0)).all() and not picture[:, :4].any()
    arrows = plots.draw_arrows(np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 2), (4.0, 0.0), np.float32))
    assert (arrows == (255, 170, 0)).all(-1).any()


def test_keypoints_and_matches_are_drawn_where_they_are():
    frame = np.zeros((32, 32, 3), np.uint8)
    points = np.array([[16, 16, 10, 0]], np.float32)
    circle = np.argwhere(plots.draw_keypoints(frame, points)[..., 0] > 100)
    assert np.abs(np.hypot(*(circle - 16).T) - 5).min() < 1
    both = plots.draw_matches(frame, points, frame, points, np.array([[0, 0]]))
    assert both.shape == (32, 72, 3) and both[16, 20].any() and plots.draw_matches(frame, points, frame, points, []).shape == both.shape

"""Pictures show what they were given, in the same colours everywhere."""
import numpy as np
import pandas as pd
import pytest

from vmm_lab import plots
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

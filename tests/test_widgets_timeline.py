"""TimelineExplorer and StoryboardEditor: what is drawn, where a click or key leads, and what is refused."""
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("ipywidgets")
from vmm_lab import open_media, write_video
from vmm_lab.tasks.summarise import Summary
from vmm_lab.widgets import StoryboardEditor, TimelineExplorer
from vmm_lab.widgets.timeline import check_tags

SHOTS = pd.DataFrame({"start": [0.0, 0.8, 1.2], "end": [0.8, 1.2, 2.0], "transition": [None, "cut", "gradual"]})
TAGS = pd.DataFrame({"dark": [0.9, 0.1, 0.2], "light": [0.1, 0.8, 0.7]}, index=[0.0, 0.8, 1.2])


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    levels = np.repeat([30, 120, 220], [20, 10, 20]).astype(np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (50, 48, 64, 3)).copy()
    return write_video(tmp_path_factory.mktemp("film") / "film.mp4", frames, fps=25)


@pytest.fixture(scope="module")
def summary(film):
    frames = pd.DataFrame({"start_frame": [0, 20, 30], "end_frame": [20, 30, 50]})
    return Summary(film, shots=SHOTS.join(frames))


def test_the_slider_goes_to_the_first_frame_of_a_shot_and_follows_the_film(film):
    explorer = TimelineExplorer(film, SHOTS, tags=TAGS, importance=[0.2, 0.9, 0.4])
    explorer.shot.value = 3
    assert explorer.player.time == pytest.approx(1.2)
    assert "Shot 3 of 3, 1.20 to 2.00 s; it begins with a gradual transition; importance 0.40; light 0.70." == explorer.message
    explorer.player.time = 0.9
    assert explorer.shot.value == 2 and explorer.player.time == pytest.approx(0.9), "following must not move the film"
    assert "begins with a cut" in explorer.message and "light 0.80" in explorer.message
    explorer.player.time = 1.0
    explorer.play.click()
    assert explorer.player.playing and explorer.player.time == pytest.approx(0.8)


def test_each_row_of_the_timeline_has_its_name_and_each_shot_its_picture(film):
    explorer = TimelineExplorer(film, SHOTS, tags=TAGS, importance=[0.2, 0.9, 0.4])
    words = [stroke[3] for stroke in explorer._chart.strokes if stroke[0] == "words"]
    assert {"shots", "dark", "light", "importance"} <= set(words) and "loudness" not in words
    means = [stroke[5].mean() for stroke in explorer._chart.strokes if stroke[0] == "picture"]
    assert np.allclose(means, [30, 120, 220], atol=8)
    assert explorer.pixels().shape[1] == 820
    assert repr(explorer) == "TimelineExplorer(film.mp4, 3 shots, 2 tags: shot 3)".replace("shot 3)", "shot 1)")


def test_a_film_without_shots_is_one_shot_and_a_film_of_frames_has_no_loudness():
    explorer = TimelineExplorer(np.zeros((25, 48, 64, 3), np.uint8))
    assert explorer.message == "Shot 1 of 1, 0.00 to 1.00 s."


@pytest.mark.parametrize(("options", "sentence"), [
    ({"shots": pd.DataFrame({"start": [0, 1]})}, "columns start and end"),
    ({"shots": pd.DataFrame({"start": [0.0], "end": [90.0]})}, "from 0.00 to 2.00 s"),
    ({"shots": pd.DataFrame({"start": [1.0], "end": [0.5]})}, "must begin before it ends"),
    ({"shots": pd.DataFrame({"start": [np.nan], "end": [0.5]})}, "must begin before it ends"),
    ({"shots": SHOTS, "tags": TAGS * 2}, "probabilities from 0 to 1"),
    ({"shots": SHOTS, "tags": TAGS.iloc[::-1]}, "only grow"),
    ({"shots": SHOTS, "tags": [1, 2]}, "table of probabilities"),
    ({"shots": SHOTS, "importance": [1, 2]}, "each of the 3 shots"),
    ({"shots": SHOTS, "importance": [1, 2, np.nan]}, "each of the 3 shots"),
    ({"shots": SHOTS, "importance": [1, 2, np.inf]}, "each of the 3 shots"),
    ({"shots": SHOTS, "importance": ["a", "b", "c"]}, "each of the 3 shots"),
])
def test_what_does_not_fit_the_film_is_refused_in_a_sentence(film, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        TimelineExplorer(film, **options)


def test_of_many_tags_the_surest_are_drawn_in_the_order_of_the_table():
    tags = pd.DataFrame(np.eye(12)[:3] * 0.5 + 0.1, columns=[f"tag {k}" for k in range(12)])
    kept = check_tags(tags)
    assert len(kept.columns) == 8 and list(kept.columns[:3]) == ["tag 0", "tag 1", "tag 2"]


def test_tags_of_one_name_are_drawn_each(film):
    twice = TAGS.set_axis(["light", "light"], axis=1)
    explorer = TimelineExplorer(film, SHOTS, tags=twice)
    rows = [stroke[6] for stroke in explorer._chart.strokes if stroke[0] == "polygon" and "light" in str(stroke[6])]
    assert rows == [f"light: {value:.2f}" for value in TAGS.to_numpy().T.ravel()]
    assert explorer.message.endswith("light 0.90.")


def test_the_importance_of_a_shot_stays_with_it_in_whatever_order_they_come(film):
    explorer = TimelineExplorer(film, SHOTS.iloc[::-1], importance=[0.4, 0.9, 0.2])
    assert "importance 0.20" in explorer.message
    tips = [stroke[6] for stroke in explorer._chart.strokes if "importance" in str(stroke[-1])]
    assert tips == ["importance 0.20", "importance 0.90", "importance 0.40"]


def test_a_storyboard_keeps_drops_and_reorders_by_key_and_by_button(summary):
    editor = StoryboardEditor(summary)
    editor.map._handle_custom_msg({"key": " "}, [])
    assert editor.storyboard["start"].tolist() == [0.8, 1.2]
    editor.keep.click()
    editor.later.click()
    assert editor.map.value == 1 and editor.storyboard["start"].tolist() == [0.8, 0.0, 1.2]
    for _ in range(3):  # the last place is the last one
        editor.map._handle_custom_msg({"key": "Shift+ArrowRight"}, [])
    assert editor.storyboard["start"].tolist() == [0.8, 1.2, 0.0] and editor.map.value == 2
    for _ in range(2):  # what is dropped stays dropped
        editor.map._handle_custom_msg({"key": "Delete"}, [])
    assert len(editor.storyboard) == 2 and editor.map.names[2] == "shot 1, dropped"
    assert "2 of 3 shots kept, 1.2 s" in editor.message
    editor.map._handle_custom_msg({"key": "q"}, [])
    assert len(editor.storyboard) == 2


def test_a_storyboard_begins_with_the_shots_that_were_asked_for(summary):
    editor = StoryboardEditor(summary, kept=[2, 0])
    assert editor.storyboard["start"].tolist() == [1.2, 0.0]
    assert editor.map.names == ["shot 3, kept", "shot 1, kept", "shot 2, dropped"]
    for kept in ([3], [0, 0], ["a"]):
        with pytest.raises(ValueError, match="numbers from 0 to 2"):
            StoryboardEditor(summary, kept=kept)


def test_the_reel_has_the_kept_shots_in_their_order_and_overwrites_nothing(summary, tmp_path):
    editor = StoryboardEditor(summary, kept=[2, 0], file=tmp_path / "reel.mp4")
    editor.write.click()
    assert "written to reel.mp4" in editor.message, editor.message
    reel, _ = open_media(tmp_path / "reel.mp4").frames()
    means = reel.mean((1, 2, 3))
    assert len(reel) == 40 and abs(means[:20].mean() - 220) < 8 and abs(means[20:].mean() - 30) < 8
    editor.write.click()
    assert editor.status.failed and "exists already" in editor.message
    for place in range(3):
        editor.map.value = place
        editor.map._handle_custom_msg({"key": "Delete"}, [])
    editor.file.value = str(tmp_path / "other.mp4")
    editor.write.click()
    assert "Every shot is dropped" in editor.message and not (tmp_path / "other.mp4").exists()
    editor.close()

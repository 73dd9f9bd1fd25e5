"""LabelingDesk: keys give labels, each is in the file at once, work goes on where it was left, and other files are refused."""
import shutil

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("ipywidgets")
from vmm_lab import write_video
from vmm_lab.widgets import LabelingDesk, labeling


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", np.full((10, 48, 64, 3), 90, np.uint8), fps=25)


@pytest.fixture
def table(clip, tmp_path):
    for k in range(12):
        shutil.copy(clip, tmp_path / f"{k}.mp4")
    return pd.DataFrame({"path": [str(tmp_path / f"{k}.mp4") for k in range(12)], "label": ["walk", "clap"] * 6})


X = np.random.default_rng(0).normal(size=(12, 3)) * 0.3 + np.array([[-2, 0, 0], [2, 0, 0]] * 6)


def desk(table, tmp_path, **options):
    return LabelingDesk(table, X, ["walk", "clap"], file=tmp_path / "labels.csv", **options)


def press(desk, *keys):
    for key in keys:
        desk.map._handle_custom_msg({"key": key}, [])


def answer(desk, n):
    """Give n true labels by key."""
    for _ in range(n):
        press(desk, str(1 + desk._now % 2))


def test_a_key_gives_a_label_that_is_in_the_file_at_once(table, tmp_path):
    labels = desk(table, tmp_path)
    first = labels._now
    press(labels, "2")
    stored = pd.read_csv(tmp_path / "labels.csv")
    assert list(stored.columns) == ["path", "start", "end", "label"]
    assert stored[["path", "label"]].values.tolist() == [[table["path"][first], "clap"]]
    assert labels._now != first and "1 of 12 labelled, in labels.csv" in labels.message
    press(labels, "ArrowLeft", "9", "q")
    assert len(labels.labels) == 1


def test_a_chosen_tile_and_the_buttons_do_what_keys_do(table, tmp_path):
    labels = desk(table, tmp_path)
    labels.map.value = 1
    [line] = [stroke[1] for stroke in labels.map.sketch.strokes if stroke[0] == "path" and stroke[3] == 3]
    assert labels.map.x[0] < line[0, 0] < labels.map.x[1] < line[1, 0], "the second tile is underlined"
    press(labels, " ")
    labels.label.click()
    assert labels.labels["label"].tolist() == ["clap", "clap"]
    shown = labels._now
    labels.undo.click()
    assert len(labels.labels) == 1 == len(pd.read_csv(tmp_path / "labels.csv")) and labels._now != shown
    put_off = labels._now
    labels.skip.click()
    assert labels._now != put_off


def test_undo_takes_back_the_label_the_curve_and_shows_the_video_again(table, tmp_path):
    labels = desk(table, tmp_path, test=(X, table["label"]))
    answer(labels, 4)
    last, curve = table["path"].tolist().index(labels.labels["path"].iloc[-1]), list(labels.curve)
    press(labels, "u")
    assert labels._now == last and labels.curve == curve[:-1]
    press(labels, "u", "u", "u", "u", "u")
    assert not len(labels.labels) and not labels.curve and not len(pd.read_csv(tmp_path / "labels.csv"))


def test_the_curve_is_the_accuracy_on_the_test_videos_and_reaches_all_of_them(table, tmp_path):
    labels = desk(table, tmp_path, test=(X, table["label"]))
    answer(labels, 6)
    assert [n for n, _ in labels.curve][-1] == 6 and labels.curve[-1][1] == 1.0 and "accuracy 1.00" in labels.message
    answer(labels, 6)
    assert "Every video has a label: 12 of 12" in labels.message and labels._now is None
    press(labels, "1", "s")
    assert len(labels.labels) == 12


def test_without_test_videos_the_curve_counts_guesses_that_were_right(table, tmp_path):
    labels = desk(table, tmp_path)
    hits = []
    for _ in range(8):
        if labels._guess is not None:
            hits.append(labels._guess == table["label"][labels._now])
        answer(labels, 1)
    assert hits and labels.curve[-1][1] == pytest.approx(np.mean(hits))


def test_what_was_put_off_comes_last_and_again(table, tmp_path):
    labels = desk(table, tmp_path)
    put_off = labels._now
    press(labels, "s")
    answer(labels, 11)
    assert labels._now == put_off
    answer(labels, 1)
    assert len(labels.labels) == 12


def test_the_video_asked_for_is_the_one_that_the_margin_says(table, tmp_path):
    labels = desk(table, tmp_path, strategy="margin")
    answer(labels, 5)
    free = np.setdiff1d(np.arange(12), [place for place, _ in labels._given])
    shares = np.sort(labels._classifier.predict_proba(X), axis=1)
    assert labels._now == free[np.argmin((shares[:, -1] - shares[:, -2])[free])]


def test_work_goes_on_where_it_was_left(table, tmp_path):
    first = desk(table, tmp_path, test=(X, table["label"]))
    answer(first, 5)
    again = desk(table, tmp_path, test=(X, table["label"]))
    pd.testing.assert_frame_equal(again.labels, first.labels)
    assert again._now == first._now and again.curve == first.curve
    answer(again, 1)
    assert len(pd.read_csv(tmp_path / "labels.csv")) == 6


@pytest.mark.parametrize(("text", "sentence"), [
    ("name,age\nada,3\n", "has the columns \\['name', 'age'\\] and is not a file of labels"),
    ("path,start,end,label\n/else/where.mp4,,,walk\n", "line 2: '/else/where.mp4' is not in this table"),
    ("path,start,end,label\n{0},,,jump\n", "line 2: the label 'jump' is none of walk, clap"),
    ("", "cannot be read as labels"),
])
def test_a_file_of_something_else_is_refused_and_left_as_it_is(table, tmp_path, text, sentence):
    text = text.format(table["path"][0])
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ValueError, match=sentence):
        desk(table, tmp_path)
    assert (tmp_path / "labels.csv").read_text() == text


def test_a_label_that_cannot_be_saved_is_not_given(table, tmp_path, monkeypatch):
    labels = desk(table, tmp_path)
    answer(labels, 1)

    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(labeling, "atomic_path", full)
    press(labels, "1")
    assert labels.status.failed and "No space left" in labels.message and len(labels.labels) == 1


def test_a_label_that_cannot_be_taken_back_stays_and_the_video_on_show_too(table, tmp_path, monkeypatch):
    labels = desk(table, tmp_path)
    answer(labels, 1)
    shown = labels._now
    with monkeypatch.context() as patched:
        patched.setattr(labeling, "atomic_path", lambda path: 1 / 0 if path is None else open(tmp_path / "no" / "folder"))
        press(labels, "u")
    assert labels.status.failed and "labels stay as they were" in labels.message and labels._now == shown
    press(labels, "2")
    assert labels.labels["path"].is_unique and len(labels.labels) == 2


def test_a_class_may_be_called_as_pandas_calls_what_is_missing(table, tmp_path):
    options = {"classes": ["walk", "None"], "file": tmp_path / "none.csv"}
    first = labeling.LabelingDesk(table, X, **options)
    press(first, "2")
    assert labeling.LabelingDesk(table, X, **options).labels["label"].tolist() == ["None"]


def test_pieces_of_one_file_are_different_videos(clip, tmp_path):
    table = pd.DataFrame({"path": [str(clip)] * 3, "start": [0.0, 0.1, 0.2], "end": [0.1, 0.2, 0.3]})
    labels = LabelingDesk(table, np.eye(3), ["a", "b"], file=tmp_path / "l.csv")
    press(labels, "1", "2")
    again = LabelingDesk(table, np.eye(3), ["a", "b"], file=tmp_path / "l.csv")
    assert again.labels[["start", "label"]].values.tolist() == labels.labels[["start", "label"]].values.tolist()


def test_a_classifier_that_fails_is_told_in_a_sentence(table, tmp_path):
    class Broken:
        def fit(self, X, y):
            raise ValueError("there is something that this classifier cannot learn")

    labels = desk(table, tmp_path, classifier=Broken())
    press(labels, "1", "2")
    assert labels.status.failed and "cannot learn" in labels.message


@pytest.mark.parametrize(("options", "sentence"), [
    ({"test": (X[:, :2], ["a"] * 12)}, "test must be"), ({"test": (X, ["a"] * 11)}, "test must be"),
    ({"X": np.eye(3)}, "one row for each of the 12"), ({"X": np.full((12, 2), np.nan)}, "finite"),
    ({"X": [["a"]] * 12}, "X must be finite numbers"), ({"X": [[1], [1, 2]] * 6}, "X must be finite numbers"),
    ({"classes": ["a"]}, "2 to 26 different names"), ({"classes": ["a", "a"]}, "different names"), ({"strategy": "x"}, "strategy")])
def test_what_does_not_fit_the_table_is_refused_in_a_sentence(table, tmp_path, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        LabelingDesk(**{"table": table, "X": X, "classes": ["a", "b"], "file": tmp_path / "l.csv"} | options)


def test_a_video_that_cannot_be_read_can_be_put_off(table, tmp_path):
    broken = table.assign(path=[str(tmp_path / f"gone {k}.mp4") for k in range(12)])
    labels = desk(broken, tmp_path)
    assert "Put it off with S" in labels.message
    press(labels, "s")
    assert labels.pixels().shape[1] == 820

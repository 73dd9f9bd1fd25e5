"""The board: strict JSON, an offline page that escapes what it shows, and pipelines that fit, predict, save and load."""
import html.parser
import json
import wave
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import vmm_lab as vl
from vmm_lab import features
from vmm_lab.tasks import compare, load_pipeline
from vmm_lab.tasks.group_normalised import GroupNormalised
from vmm_lab.tasks.methods import FeatureMethod, SoftVote, discriminants
from vmm_lab.tasks.svm import ChosenSVM

HOSTILE = '<script>alert("x")</script>&"\''


def tone(path, pitch, *, seconds=0.4, rate=8000):
    sound = (9000 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(rate)
        file.writeframes(sound.tobytes())
    return str(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("board & <media>")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path_factory.getbasetemp() / "board_cache"))


@pytest.fixture(scope="module")
def table(folder):
    """Pictures with captions, by four people, three classes; one class is beyond telling, so that there are mistakes."""
    rng, rows = np.random.default_rng(0), []
    for group in "abcd":
        for label, top in (("dark", 90), ("light", 250), (HOSTILE, 170)):
            for k in range(3):
                path = folder / f"{group}_{top}_{k}.png"
                cv2.imwrite(str(path), rng.integers(0, top if top != 170 else rng.choice([90, 250]), (24, 32, 3)).astype(np.uint8))
                rows.append((str(path), label, group, f"picture {k} {HOSTILE if k == 0 else 'by ' + group}"))
    return pd.DataFrame(rows, columns=["path", "label", "group", "caption"])


@pytest.fixture(scope="module")
def board(table, folder):
    bad = folder / "<b>bad.png"
    bad.write_bytes(b"")
    extra = pd.DataFrame({"path": [str(bad), table["path"][0]], "label": ["dark", None], "group": ["a", "a"]})
    full = pd.concat([table, extra], ignore_index=True)
    return compare(full, methods=[features.ColorHistogram(size=(16, 16)), features.WordBag()], progress=False)


# ---- JSON ----

def test_the_json_has_the_promised_fields_and_no_nan(board, tmp_path):
    text = board.to_json(tmp_path / "board.json")
    assert (tmp_path / "board.json").read_text(encoding="utf-8") == text

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    found = json.loads(text, parse_constant=refuse)
    assert list(found) == ["rows", "protocol", "warnings", "skipped"]
    for row in found["rows"]:
        assert list(row) == ["name", "modality", "accuracy", "accuracy_std", "accuracy_low", "accuracy_high", "balanced_accuracy",
                             "macro_f1", "seconds_extract", "seconds_fit", "ms_per_item"]
        assert 0 <= row["accuracy_low"] <= row["accuracy"] <= row["accuracy_high"] <= 1
        assert row["modality"] in ("none", "image", "video", "sound", "words", "fusion")
    assert [set(entry) for entry in found["skipped"]] == [{"path", "reason"}]
    assert found["protocol"]["classes"] == {"dark": 12, "light": 12, HOSTILE: 12}


def test_rows_stand_best_first_and_agree_with_the_predictions(board):
    accuracies = list(board.frame["accuracy"])
    assert accuracies == sorted(accuracies, reverse=True)
    for name in ("ColorHistogram", "WordBag", "Soft vote", "Majority class"):
        row = board.frame.set_index("name").loc[name]
        assert board.predictions(name)["correct"].mean() == pytest.approx(row["accuracy"])
        assert np.trace(board.confusion(name)) == board.predictions(name)["correct"].sum()
        assert np.allclose(board.probabilities(name).sum(axis=1), 1)


def test_a_name_that_is_not_on_the_board_is_refused_with_those_that_are(board):
    with pytest.raises(ValueError, match="'Hog'.*ColorHistogram"):
        board.pipeline("Hog")


# ---- the page ----

class Reader(html.parser.HTMLParser):
    """Collects the tags and the text of a page, and checks that every tag is closed in its turn."""

    EMPTY = {"meta", "img", "br", "link", "input"}

    def __init__(self):
        super().__init__()
        self.tags, self.open, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


@pytest.fixture(scope="module")
def page(board):
    return board.to_html()


def read(text):
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_the_page_needs_nothing_from_outside_and_runs_nothing(page):
    reader = read(page)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in reader.tags}
    sources = [value for _, attrs in reader.tags for name, value in attrs.items() if name in ("src", "href", "srcset", "action")]
    assert sources and all(source.startswith("data:") for source in sources)
    assert not any(name.startswith("on") for _, attrs in reader.tags for name in attrs)
    assert "url(" not in page and "@import" not in page


def test_names_captions_and_paths_are_shown_as_text(page):
    assert HOSTILE in "".join(read(page).words)
    assert "<script" not in page and "<b>bad" not in page


def test_the_page_shows_scores_confusion_mistakes_protocol_warnings_and_skipped_files(board, page):
    words = "".join(read(page).words)
    for row in board.rows:
        assert row["name"] in words and f"{100 * row['accuracy']:.1f}\u00a0%" in words
    assert board.warnings
    for text in board.warnings + board.protocol["words"]:
        assert text.replace("`", "") in words
    assert board.skipped[0]["reason"] in words
    mistakes = (~board.predictions(board.best_without_words)["correct"]).sum()
    pictures = [attrs for tag, attrs in read(page).tags if tag == "img"]
    assert len(pictures) == min(6, mistakes) > 0
    assert all(attrs["alt"].strip() for attrs in pictures)


def test_the_page_is_told_to_screen_readers_and_fits_a_telephone(page):
    reader = read(page)
    assert ("html", {"lang": "en"}) in reader.tags
    assert any(attrs.get("name") == "viewport" for _, attrs in reader.tags)
    assert sum(tag == "h1" for tag, _ in reader.tags) == 1
    cells = [attrs for tag, attrs in reader.tags if tag == "th"]
    assert all(attrs.get("scope") in ("row", "col") for attrs in cells)
    assert "prefers-color-scheme: dark" in page


def test_a_sound_is_shown_as_its_spectrogram_and_can_be_heard(tmp_path):
    rng = np.random.default_rng(0)
    rows = [(tone(tmp_path / f"{k}.wav", rng.integers(200, 2000)), "ab"[k % 2]) for k in range(20)]
    board = compare(pd.DataFrame(rows, columns=["path", "label"]), methods=[features.MFCC()], progress=False)
    reader = read(board.to_html())
    assert any("Spectrogram" in attrs.get("alt", "") for tag, attrs in reader.tags if tag == "img")
    assert any(attrs["src"].startswith("data:audio/wav") for tag, attrs in reader.tags if tag == "audio")


def test_forty_classes_have_readable_names_in_the_confusion_matrix(tmp_path):
    rows = []
    for k in range(40):
        for copy in range(3):
            path = tmp_path / f"{k}_{copy}.png"
            cv2.imwrite(str(path), np.full((16, 16, 3), 3 * k, np.uint8))
            rows.append((str(path), f"person {k:02d}"))
    board = compare(pd.DataFrame(rows, columns=["path", "label"]), methods=[features.ColorHistogram(size=(16, 16))], progress=False)
    words = [word.strip() for word in read(board.to_html()).words]
    assert all(words.count(f"person {k:02d}") >= 2 for k in range(40))  # a row and a column each


def test_a_notebook_shows_a_table_and_a_terminal_plain_text(board):
    reader = read(board._repr_html_())
    assert not {"script", "style"} & {tag for tag, _ in reader.tags}
    assert HOSTILE not in board._repr_html_()
    assert "ColorHistogram" in repr(board) and " at 0x" not in repr(board)
    assert all(row["name"] in repr(board) for row in board.rows)
    looks_at_nothing = [line.split()[-1] for line in repr(board).splitlines() if line.startswith(("Chance", "Majority"))]
    assert looks_at_nothing == ["–", "–"], "a baseline has no time to show"
    assert board._repr_html_().count(">–<") == 2


def test_a_page_that_cannot_be_written_is_a_sentence(board, tmp_path):
    with pytest.raises(ValueError, match="cannot be written"):
        board.to_html(tmp_path / "nowhere" / "board.html")


def test_media_that_vanished_since_leave_a_sentence_in_the_page(table, tmp_path):
    moved = table.copy()
    for k, path in enumerate(table["path"]):
        moved.loc[k, "path"] = str(tmp_path / f"{k}.png")
        (tmp_path / f"{k}.png").write_bytes(Path(path).read_bytes())
    board = compare(moved, methods=[features.ColorHistogram(size=(16, 16))], progress=False)
    for path in moved["path"]:
        Path(path).unlink()
    assert "No picture:" in " ".join(read(board.to_html()).words)


# ---- pipelines ----

@pytest.mark.parametrize("name", ["Chance", "Majority class", "ColorHistogram", "WordBag", "Soft vote"])
def test_every_row_can_be_fitted_saved_loaded_and_predicts_the_same(board, table, name, tmp_path):
    model = board.pipeline(name).fit(table)
    proba = model.predict_proba(table)
    assert proba.shape == (len(table), 3) and np.allclose(proba.sum(axis=1), 1)
    again = load_pipeline(model.save(tmp_path / "model.skops"))
    assert list(again.classes_) == sorted(["dark", "light", HOSTILE])
    assert np.array_equal(again.predict_proba(table), proba)
    assert np.array_equal(again.predict(table), model.predict(table))


@pytest.mark.parametrize("method", [
    FeatureMethod(features.ColorHistogram(), ChosenSVM()), FeatureMethod(features.ColorHistogram(), discriminants()),
    GroupNormalised(features.HOGLBP()), SoftVote([FeatureMethod(features.HOGLBP()), FeatureMethod(features.WordBag())])], ids=str)
def test_methods_with_any_learner_are_saved(method, table, tmp_path):
    model = clone(method).fit(table)
    assert np.array_equal(load_pipeline(model.save(tmp_path / "model.skops")).predict_proba(table), model.predict_proba(table))


def test_a_vote_that_is_given_one_class_says_so_and_not_that_files_are_unreadable(board, table):
    with pytest.raises(vl.TableError, match="one class only \\(dark\\)"):
        board.pipeline("Soft vote").fit(table[table["label"] == "dark"])


def test_a_file_that_stands_alone_in_its_group_gets_a_warning_because_nothing_is_left_of_it(table):
    model = GroupNormalised(features.ColorHistogram(size=(16, 16))).fit(table)
    with pytest.warns(UserWarning, match="1 of 1 rows stand alone in their group"):
        model.predict(table["path"][0])


def test_a_row_of_the_board_predicts_new_files(board, table, folder):
    model = board.pipeline("ColorHistogram").fit(table[table["label"] != HOSTILE])
    cv2.imwrite(str(folder / "new dark.png"), np.full((24, 32, 3), 30, np.uint8))
    assert model.predict([folder / "new dark.png", str(folder / "new dark.png")]).tolist() == ["dark", "dark"]
    assert model.predict(str(folder / "new dark.png")).tolist() == ["dark"]


def test_a_pipeline_is_fresh_each_time_and_must_be_fitted_first(board, table):
    board.pipeline("ColorHistogram").fit(table)
    with pytest.raises(NotFittedError):
        board.pipeline("ColorHistogram").predict(table)
    with pytest.raises(NotFittedError):
        board.pipeline("ColorHistogram").save("nowhere.skops")


def test_fitting_leaves_damaged_and_unlabelled_rows_out_and_predicting_names_them(board, table, folder):
    (folder / "damaged.png").write_bytes(b"")
    extra = pd.DataFrame({"path": [str(folder / "damaged.png"), table["path"][0]], "label": ["dark", None]})
    with pytest.warns(UserWarning, match="1 of 37 rows"):
        model = board.pipeline("ColorHistogram").fit(pd.concat([table, extra], ignore_index=True))
    with pytest.raises(vl.MediaError, match="damaged.png"):
        model.predict([folder / "damaged.png"])


@pytest.mark.parametrize("name", ["Majority class", "ColorHistogram"])
def test_a_score_without_labels_and_a_prediction_without_rows_say_what_is_missing(board, table, name):
    model = board.pipeline(name).fit(table)
    for unlabelled in (table.drop(columns="label"), table.assign(label=None)):
        with pytest.raises(vl.TableError, match="No row has a label.*fill in the column `label`"):
            model.score(unlabelled)
    with pytest.raises(ValueError, match="there is nothing to predict"):
        model.predict(table.iloc[:0])


def test_a_vote_predicts_with_the_modalities_that_an_item_has(board, table, tmp_path):
    model = board.pipeline("Soft vote").fit(table)
    assert np.allclose(model.predict_proba(table["path"]), model.members_[0].predict_proba(table["path"]))  # no captions here
    with pytest.raises(vl.MediaError, match="blank.png"):
        (tmp_path / "blank.png").write_bytes(b"")
        model.predict([tmp_path / "blank.png"])


def test_a_feature_of_your_own_loads_where_it_is_named(board, table, tmp_path):
    model = compare(table, methods=[Brightness()], progress=False).pipeline("Brightness").fit(table)
    model.save(tmp_path / "own.skops")
    with pytest.raises(ValueError, match="Brightness.*trusted"):
        load_pipeline(tmp_path / "own.skops")
    own = f"{Brightness.__module__}.{Brightness.__qualname__}"
    assert np.array_equal(load_pipeline(tmp_path / "own.skops", trusted=[own]).predict(table), model.predict(table))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"\x80\x04\x95 a pickle"])
def test_a_file_that_is_no_pipeline_is_refused_in_one_sentence(content, tmp_path):
    (tmp_path / "model.skops").write_bytes(content)
    with pytest.raises(ValueError, match="not a saved pipeline"):
        load_pipeline(tmp_path / "model.skops")
    with pytest.raises(ValueError, match="no file"):
        load_pipeline(tmp_path / "gone.skops")


class Brightness(features.FrameFeature):
    """A feature as a reader would write it: the mean of each colour."""

    modality = "image"

    def __init__(self, *, size=(16, 16), n_frames=2):
        self.size = size
        self.n_frames = n_frames

    def describe(self, frames):
        return frames.mean(axis=(0, 1, 2)).astype(np.float32)


# ---- a star is earned ----

def test_no_row_has_a_star_unless_it_beats_the_baselines_with_its_whole_interval(tmp_path):
    rng, rows = np.random.default_rng(0), []
    for k in range(24):
        cv2.imwrite(str(tmp_path / f"{k}.png"), rng.integers(0, 100 + 100 * (k % 2), (24, 32, 3)).astype(np.uint8))
        rows.append((str(tmp_path / f"{k}.png"), "ab"[k % 2], "cd"[rng.integers(2)]))
    table = pd.DataFrame(rows, columns=["path", "told apart", "by luck"])
    for column, starred in (("told apart", True), ("by luck", False)):
        found = compare(table.rename(columns={column: "label"}), methods=[features.ColorHistogram(size=(16, 16))], progress=False)
        assert found.beats_baselines("ColorHistogram") == starred
        assert ('title="best row"' in found.to_html()) == ("ColorHistogram ★" in found._repr_html_()) == starred
        assert ("No row has a star" in found._repr_html_()) != starred


def test_a_board_says_what_its_measures_and_its_interval_are(board):
    text = board._repr_html_()
    assert all(word in text for word in ("mean over classes", "Wilson", "95 of 100", "items of one group go right or wrong together"))

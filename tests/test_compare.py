"""Compare: folds that hold groups out, scores that can be checked by hand, methods that apply, and files that do not read."""
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
import warnings
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from scipy.io import wavfile
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

import vmm_lab as vl
from vmm_lab import features
from vmm_lab.tasks import (
    ChosenSVM,
    FeatureMethod,
    GroupNormalised,
    HeldOut,
    LinearSVM,
    SoftVote,
    TagMachine,
    accuracy_interval,
    choose_folds,
    compare,
    leakage,
    load_pipeline,
    mean_interval,
)
from vmm_lab.tasks.compare import named_methods
from vmm_lab.tasks.evaluate import Result, vote
from vmm_lab.tasks.measures import CLASSIFICATION, Measure
from vmm_lab.tasks.methods import average_over_modalities, discriminants

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def pictures(tmp_path):
    """A table of 4 groups × 2 classes × 3 pictures; dark and light are told apart by colour, whoever took them."""
    rng, rows = np.random.default_rng(0), []
    for group in "abcd":
        for label, top in (("dark", 90), ("light", 250)):
            for k in range(3):
                path = tmp_path / f"{group}_{label}_{k}.png"
                cv2.imwrite(str(path), rng.integers(0, top, (24, 32, 3)).astype(np.uint8))
                rows.append((str(path), label, group))
    return pd.DataFrame(rows, columns=["path", "label", "group"])


def colours(table, **options):
    return compare(table, methods=[features.ColorHistogram(size=(16, 16))], progress=False, **options)


def clip(path, *, low=0, high=255, n=12, sound=None, seed=0):
    rng = np.random.default_rng(seed)
    frames = rng.integers(low, max(high, low + 1), (n, 48, 64, 3)).astype(np.uint8)
    wave = None if sound is None else (0.3 * np.sin(2 * np.pi * sound * np.arange(16_000 * n // 12) / 16_000)).astype(np.float32)
    return str(vl.write_video(path, frames, fps=12, audio=wave, sample_rate=None if wave is None else 16_000))


# ---- folds ----

def test_a_split_of_the_table_comes_before_its_groups():
    folds = choose_folds(list("abab"), groups=["1", "1", "2", "2"], split=["train", "val", "test", "test"])
    assert folds.kind == "table split"
    assert [part.tolist() for part in folds.parts[0]] == [[0, 1], [2, 3]]


def test_a_split_with_gaps_gives_way_to_groups_and_says_so():
    folds = choose_folds(list("abab"), groups=["1", "1", "2", "2"], split=["train", None, "test", "test"])
    assert folds.kind == "leave-one-group-out"
    assert "1 of 4 rows have no `split`" in folds.warnings[0]


def test_an_unknown_word_in_split_is_named():
    with pytest.raises(vl.TableError, match="'fold1'"):
        choose_folds(list("ab"), split=["train", "fold1"])


@pytest.mark.parametrize("number, kind, folds", [(2, "leave-one-group-out", 2), (10, "leave-one-group-out", 10), (11, "group 5-fold", 5)])
def test_groups_are_left_out_one_by_one_up_to_ten(number, kind, folds):
    groups = np.repeat([f"g{k}" for k in range(number)], 4)
    found = choose_folds(np.tile(["a", "b"], 2 * number), groups=list(groups))
    assert (found.kind, len(found.parts)) == (kind, folds)
    assert all(not set(groups[train]) & set(groups[test]) for train, test in found.parts)


def test_every_row_is_tested_once_in_random_folds_that_keep_the_shares():
    labels = np.array(["a"] * 20 + ["b"] * 10)
    folds = choose_folds(labels)
    assert folds.kind == "stratified 5-fold"
    assert sorted(np.concatenate([test for _, test in folds.parts])) == list(range(30))
    assert all((labels[test] == "a").sum() == 4 for _, test in folds.parts)
    assert any("no column `group`" in text for text in folds.warnings)


def test_a_class_of_three_makes_three_folds_and_a_class_of_one_cannot_be_learnt():
    folds = choose_folds(["a"] * 9 + ["b"] * 3 + ["c"])
    assert len(folds.parts) == 3
    assert any("Class b has 3 items" in text for text in folds.warnings)
    assert any("class c cannot be learnt" in text for text in folds.warnings)


def test_nothing_can_be_split_where_every_class_has_one_item():
    with pytest.raises(vl.TableError, match="No class has two items"):
        choose_folds(list("abc"))


def test_one_group_only_falls_back_to_random_folds_and_says_so():
    folds = choose_folds(["a", "b"] * 5, groups=["ada"] * 10)
    assert folds.kind.startswith("stratified")
    assert any("one group (ada)" in text for text in folds.warnings)


# ---- scores ----

def held_out(truth, predicted, n_classes):
    """What a method gave that is certain of its answers."""
    output = np.eye(n_classes)[predicted]
    return HeldOut(output, np.asarray(truth), np.zeros(len(truth), int), None, np.array([f"class {k}" for k in range(n_classes)]))


def test_scores_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 4, 200), rng.integers(0, 5, 200)
    found = {}
    for measure in CLASSIFICATION:
        found |= measure.row(held_out(truth, predicted, 6))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a class that is predicted and never true
        assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(truth, predicted))
    assert found["macro_f1"] == pytest.approx(f1_score(truth, predicted, average="macro"))
    assert found["accuracy"] == pytest.approx(np.mean(truth == predicted))


def test_a_fold_in_which_nothing_is_asked_leaves_the_deviation_of_the_others():
    values = np.array([1, 0, np.nan, np.nan, 1, 1])
    seen = HeldOut(values, np.zeros(6, int), np.repeat([0, 1, 2], 2), None, np.array([]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = Measure("found", "Found", lambda held: held.output, interval=accuracy_interval).row(seen)
    assert row["found"] == 0.75 and row["found_std"] == pytest.approx(np.std([0.5, 1], ddof=1))


def test_a_board_calls_an_interval_what_it_is():
    intervals = {accuracy_interval: "Wilson", mean_interval: "Student", "bootstrap": "bootstrap", max: "its own"}
    for interval, name in intervals.items():
        assert name in Measure("found", "Found", lambda held: held.output, interval=interval).formula


def test_the_scores_of_chance_are_what_many_guesses_give():
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 0, 0, 1, 2], 200)
    guesses = [held_out(truth, rng.integers(0, 3, len(truth)), 3) for _ in range(30)]
    for measure in CLASSIFICATION:
        row = measure.row(guesses[0], guessing=True)
        assert row[measure.name] == pytest.approx(np.mean([np.mean(measure.compute(guess)) for guess in guesses]), abs=0.01)


def test_the_interval_is_wilsons():
    # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I: 81 of 263.
    assert accuracy_interval([True] * 81 + [False] * 182) == pytest.approx((0.2553, 0.3662), abs=1e-4)


@pytest.mark.parametrize("right, n", [(0, 7), (7, 7), (1, 1)])
def test_the_interval_holds_the_share_and_stays_a_share(right, n):
    low, high = accuracy_interval([True] * right + [False] * (n - right))
    assert 0 <= low <= right / n <= high <= 1


def test_groups_that_are_right_or_wrong_together_widen_the_interval():
    together, alike = np.repeat([True, True, True, False, False], 20), np.tile([True, True, True, False, False], 20)
    groups = np.repeat(list("abcde"), 20)
    widths = [np.ptp(accuracy_interval(correct, groups)) for correct in (together, alike)]
    plain = np.ptp(accuracy_interval(together))
    assert widths[0] > 2 * plain
    assert plain < widths[1] < 1.5 * plain


def test_the_clustered_interval_covers_the_truth_about_as_often_as_it_says():
    rng, inside = np.random.default_rng(0), []
    for _ in range(400):
        shares = rng.beta(3, 1.5, 8)  # eight people, each with an accuracy of their own; 2/3 on average
        correct = rng.random((8, 25)) < shares[:, None]
        low, high = accuracy_interval(correct.ravel(), np.repeat(np.arange(8), 25))
        inside.append(low <= 2 / 3 <= high)
    assert 0.91 <= np.mean(inside) <= 0.99


# ---- the classifier and the vote ----

@parametrize_with_checks([LinearSVM(), ChosenSVM()])
def test_the_linear_svm_is_a_scikit_learn_classifier(estimator, check):
    check(estimator)


@pytest.mark.parametrize("n,d,classes", [(60, 400, 3), (300, 8, 2), (400, 40, 5)])
def test_the_linear_svm_finds_the_minimum_that_liblinear_finds_in_memory_and_from_a_file(n, d, classes, monkeypatch):
    rng = np.random.default_rng(0)
    y = np.sort(rng.integers(0, classes, n) * rng.integers(0, 2, n))  # the classes after the first are rare
    X = (3 + rng.normal(size=(n, d)) + 0.5 * rng.normal(size=(classes, d))[y]).astype(np.float32)
    X[:, 1] = 7  # a column that says nothing
    model = LinearSVM().fit(X, y)
    rows = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1) / np.sqrt(d - 1)
    theirs = LinearSVC(tol=1e-6, max_iter=100_000).fit(rows, y).decision_function(rows)
    ours = model.decision_function(X)
    assert np.abs(ours - theirs).max() < 0.05 * np.abs(theirs).max()
    assert (model.predict(X) == (theirs > 0 if classes == 2 else theirs.argmax(axis=1))).mean() > 0.99
    monkeypatch.setattr("vmm_lab.tasks.squared_hinge.BLOCK", 500)
    monkeypatch.setattr("vmm_lab.tasks.squared_hinge.HELD", 0)
    held = features.Described()
    for row in X:
        held.append(row, numbers=True)
    filed = LinearSVM().fit(held.rows(), y)
    assert isinstance(held.rows(), features.RowFile)
    np.testing.assert_allclose(filed.predict_proba(held.rows()), model.predict_proba(X), atol=1e-3)
    with pytest.raises(ValueError, match="NaN"):
        held.append(np.full(d, np.nan, np.float32), numbers=True)
        LinearSVM().fit(held.rows(), np.append(y, 0))
    with pytest.raises(ValueError, match="NaN"):
        filed.predict(held.rows())


def test_large_float32_numbers_that_hardly_move_are_told_apart_as_float64_ones():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 200)
    X = (1_000_000 + 0.2 * rng.normal(size=(400, 1)) + 0.2 * y[:, None]).astype(np.float32)
    exact, single = (LinearSVM().fit(rows, y) for rows in (X.astype(np.float64), X))
    np.testing.assert_allclose(single.decision_function(X), exact.decision_function(X), atol=0.02)


def test_probabilities_mean_what_they_say():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2000, 5)), None
    p = 1 / (1 + np.exp(-2 * X[:, 0]))
    y = (rng.random(2000) < p).astype(int)
    proba = LinearSVM().fit(X[:1000], y[:1000]).predict_proba(X[1000:])[:, 1]
    assert np.abs(proba - p[1000:]).mean() < 0.05


def test_a_vote_leaves_a_missing_modality_out_and_weighs_modalities_alike():
    missing = [np.nan, np.nan]
    votes = [("image", np.array([[0.9, 0.1], [0.9, 0.1]])), ("image", np.array([[0.5, 0.5], missing])), ("sound", np.array([[0.1, 0.9], missing]))]
    assert average_over_modalities(votes) == pytest.approx(np.array([[0.4, 0.6], [0.9, 0.1]]))


def test_a_vote_without_any_modality_says_the_shares_of_the_classes():
    lacking = Result("MFCC", FeatureMethod(features.MFCC()), np.array([[0.7, 0.3]]), np.full((1, 2), np.nan), np.array([[0.7, 0.3]]), 0, 0, 0)
    assert vote([lacking]).output.tolist() == [[0.7, 0.3]]


# ---- the board of a table ----

def test_an_easy_table_is_learnt_and_stands_above_its_baselines(pictures):
    board = colours(pictures)
    rows = board.frame.set_index("name")
    assert rows.loc["ColorHistogram", "accuracy"] == 1.0
    assert rows.loc["Chance", "accuracy"] == rows.loc["Majority class", "accuracy"] == 0.5
    assert (board.protocol["folds"], board.protocol["n_folds"], board.protocol["n_groups"]) == ("leave-one-group-out", 4, 4)


def test_labels_without_meaning_are_not_learnt(pictures):
    pictures["label"] = np.random.default_rng(1).permutation(pictures["label"])
    row = colours(pictures).frame.set_index("name").loc["ColorHistogram"]
    assert row["accuracy_low"] <= 0.5 <= row["accuracy_high"]


def test_no_row_is_predicted_by_a_model_that_learnt_from_its_group(pictures):
    # Each group has its own two colours, so that only a model that has seen the group could be right above chance.
    for row in pictures.itertuples():
        hue = 45 * "abcd".index(row.group) + (0 if row.label == "dark" else 20)
        picture = cv2.cvtColor(np.full((24, 32, 3), (hue, 255, 255), np.uint8), cv2.COLOR_HSV2BGR)
        cv2.imwrite(row.path, picture)
    finer = features.ColorHistogram(size=(16, 16), bins=(18, 1, 1))
    honest = compare(pictures, methods=[finer], progress=False).frame.set_index("name").loc["ColorHistogram", "accuracy"]
    leaking = compare(pictures.drop(columns="group"), methods=[finer], progress=False).frame.set_index("name").loc["ColorHistogram", "accuracy"]
    assert leaking == 1.0
    assert honest <= 0.5


def test_the_same_table_gives_the_same_scores_whatever_the_number_of_jobs(pictures):
    first, second = (json.loads(colours(pictures, n_jobs=jobs).to_json()) for jobs in (1, 2))
    for row in first["rows"] + second["rows"]:
        for name in ("seconds_extract", "seconds_fit", "ms_per_item"):
            row.pop(name)
    assert first == second


def test_the_cost_of_extraction_is_that_of_the_first_time_also_when_cached(pictures):
    first, again = (colours(pictures).frame.set_index("name").loc["ColorHistogram", "seconds_extract"] for _ in range(2))
    assert first == again > 0


def test_integer_labels_and_a_manifest_do_as_well_as_text_in_a_table(pictures, tmp_path):
    numbered = pictures.assign(label=(pictures["label"] == "light").astype(int))
    assert list(colours(numbered).classes) == ["0", "1"]
    pictures.assign(path=[Path(p).name for p in pictures["path"]]).to_csv(tmp_path / "table.csv", index=False)
    assert colours(tmp_path / "table.csv").frame["accuracy"].max() == 1.0


def test_a_split_of_the_table_has_one_fold_and_no_deviation(pictures):
    board = colours(pictures.assign(split=np.where(pictures["group"] == "a", "test", "train")))
    assert board.frame["accuracy_std"].isna().all()
    assert board.protocol["n_tested"] == 6
    assert set(board.predictions("ColorHistogram")["group"]) == {"a"}
    assert all(row["accuracy_std"] is None for row in json.loads(board.to_json())["rows"])


def test_a_table_without_a_column_of_labels_gets_a_sentence(pictures):
    with pytest.raises(vl.TableError, match="No row has a label, so there is nothing to compare by; fill in the column `label`"):
        colours(pictures.drop(columns="label"))


def test_rows_without_a_label_are_left_out_with_a_warning(pictures):
    pictures.loc[[0, 5], "label"] = [None, np.nan]
    board = colours(pictures)
    assert board.protocol["n_items"] == 22
    assert any("2 of 24 rows have no label" in text for text in board.warnings)


@pytest.mark.parametrize("labels, message", [("same", "one class \\(same\\)"), (None, "No row has a label")])
def test_a_table_without_two_classes_is_refused_in_one_sentence(pictures, labels, message):
    with pytest.raises(vl.TableError, match=message):
        colours(pictures.assign(label=labels))


def test_damaged_files_are_skipped_and_listed_and_the_good_ones_go_on(tmp_path):
    rows = [(clip(tmp_path / f"{label}{k}.mp4", low=low, high=low + 60, seed=k), label) for label, low in (("dark", 0), ("light", 190)) for k in range(5)]
    whole = Path(rows[0][0]).read_bytes()
    for name, content in (("truncated.mp4", whole[: len(whole) // 2]), ("empty.mp4", b""), ("text.mp4", b"no video at all")):
        (tmp_path / name).write_bytes(content)
        rows.append((str(tmp_path / name), "dark"))
    (tmp_path / "folder.mp4").mkdir()
    rows += [(str(tmp_path / "folder.mp4"), "light"), (str(tmp_path / "gone.mp4"), "light")]
    board = compare(pd.DataFrame(rows, columns=["path", "label"]), progress=False,
                    methods=[features.ColorHistogram(size=(16, 16)), features.MotionEnergy(size=(32, 32), grid=(4, 4))])
    skipped = {Path(entry["path"]).name: entry["reason"] for entry in board.skipped}
    assert set(skipped) == {"truncated.mp4", "empty.mp4", "text.mp4", "folder.mp4", "gone.mp4"}
    assert all(reason and "\n" not in reason for reason in skipped.values())
    assert board.protocol["n_items"] == 10
    assert board.frame.set_index("name").loc["ColorHistogram", "accuracy"] == 1.0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_skipped(pictures):
    os.chmod(pictures["path"][0], 0)
    assert [entry["path"] for entry in colours(pictures).skipped] == [pictures["path"][0]]


def test_a_table_of_nothing_but_damaged_files_is_refused(pictures):
    for path in pictures["path"]:
        Path(path).write_bytes(b"")
    with pytest.raises(vl.TableError, match="None of the 24 labelled files can be used"):
        colours(pictures)


def test_a_piece_longer_than_its_video_is_cut_to_it(tmp_path):
    rows = [(clip(tmp_path / f"{label}{k}.mp4", low=low, high=low + 60, seed=k), label, 0.25, 99.0) for label, low in (("dark", 0), ("light", 190)) for k in range(5)]
    board = colours(pd.DataFrame(rows, columns=["path", "label", "start", "end"]))
    assert not board.skipped
    assert board.frame["accuracy"].max() == 1.0


def test_methods_apply_where_their_modality_is_and_the_rest_are_left_out_with_a_reason(pictures):
    board = compare(pictures, progress=False)
    assert set(board.frame["name"]) == {"Chance", "Majority class", "ColorHistogram", "HOG", "SIFTBag", "HOGLBP"}
    assert {entry["name"]: entry["reason"] for entry in board.protocol["left_out"]} == {
        "MotionHistogram": "no row has frames over time", "MotionEnergy": "no row has frames over time",
        **dict.fromkeys(("LogMel", "MFCC", "MFCCDeltas", "SoundStatistics", "SpeechFunctionals", "SpeechStatistics"),
                        "no row has sound"), "WordBag": "no row has captions",
        "PoseStatistics": ("no row could be described; the first: " + pictures["path"][0] + ": is no pose sequence (.npy); "
                           "vl.pretrained.PoseStatistics finds people in pictures, with the weights that `vmm-lab fetch` brings."),
    }
    told = next(line for line in repr(board).splitlines() if line.startswith("- without a score: "))
    assert "MotionHistogram and MotionEnergy (no row has frames over time); LogMel, MFCC, " in told
    assert "PoseStatistics (no row could be described)" in told and told.removeprefix("- without a score: ") in board._repr_html_()


def test_a_modality_that_some_rows_lack_is_missing_and_never_zeros(tmp_path):
    rows = []
    for k in range(12):  # told apart by sound alone; the last two of each class are silent films
        for label, pitch in (("low", 200), ("high", 1500)):
            sound = pitch + 10 * k if k < 10 else None
            rows.append((clip(tmp_path / f"{label}{k}.mp4", n=6, sound=sound, seed=k), label))
    table = pd.DataFrame(rows, columns=["path", "label"])
    board = compare(table, methods=[features.ColorHistogram(size=(16, 16)), features.MFCC()], progress=False)
    assert any("4 of 24 rows have no sound" in text and "MFCC" in text for text in board.warnings)
    proba = board.probabilities("MFCC").to_numpy()
    silent = [k for k in range(24) if k >= 20]
    assert np.abs(proba[silent] - 0.5).max() < 0.1  # the shares of the classes
    heard = board.predictions("MFCC").drop(index=silent)
    assert heard["correct"].mean() >= 0.9
    assert np.allclose(board.probabilities("Soft vote").loc[silent], board.probabilities("ColorHistogram").loc[silent])


def test_a_name_that_another_row_would_take_is_kept_for_the_method_that_was_given(pictures):
    table = pictures.assign(caption=[f"a {label} picture" for label in pictures["label"]])
    given = {"Soft vote": features.ColorHistogram(size=(16, 16)), "Soft vote without words": features.HOG(size=(16, 16)),
             "Words": features.WordBag(), "Sound": features.MFCC()}
    board = compare(table, methods=given, progress=False)
    assert set(board.frame["name"]) == {"Soft vote", "Soft vote without words", "Words", "Soft vote 2", "Chance", "Majority class"}
    assert isinstance(board.pipeline("Soft vote"), FeatureMethod) and isinstance(board.pipeline("Soft vote 2"), SoftVote)


@pytest.mark.slow  # it loads TensorFlow
def test_networks_do_not_take_the_place_of_a_method_that_is_called_alike():
    from vmm_lab.networks import RECIPES

    title = next(recipe.title for recipe in RECIPES.values() if recipe.compared and recipe.title)
    found = named_methods({title: features.HOG()}, networks=True)
    assert isinstance(found[title], FeatureMethod) and found[f"{title} 2"].name == title


def test_two_features_of_a_class_have_names_of_their_own(pictures):
    pair = [features.ColorHistogram(size=(16, 16)), features.ColorHistogram(size=(8, 8))]
    assert {"ColorHistogram", "ColorHistogram 2"} < set(compare(pictures, methods=pair, progress=False).frame["name"])


@pytest.mark.slow
def test_without_networks_nothing_imports_tensorflow(pictures, tmp_path):
    pictures.to_csv(tmp_path / "table.csv", index=False)
    code = "import sys, vmm_lab as vl; vl.compare(sys.argv[1], progress=False); sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "table.csv")], timeout=120).returncode == 0


# ---- warnings ----

def test_the_same_content_under_two_names_is_found_also_across_groups(pictures, tmp_path):
    shutil.copy(pictures["path"][0], tmp_path / "copy.png")
    pictures.loc[len(pictures)] = [str(tmp_path / "copy.png"), "dark", "b"]
    text = next(text for text in colours(pictures).warnings if "same media" in text)
    assert "learnt from and tested on" in text and "copy.png" in text


def test_the_same_media_with_two_labels_and_torn_pieces_are_told_apart():
    table = pd.DataFrame({"path": list("abcd"), "label": ["u", "v", "u", "u"], "start": [0, 0, 0, 5.0], "end": [np.nan, np.nan, 5, 9.0]})
    hashes = ["x", "x", "y", "y"]
    notes = leakage.repeated_media(table, hashes, np.array([0, 0, 0, 1]))
    assert len(notes) == 2
    assert "two labels" in notes[0] and "Segments of one file" in notes[1]
    grouped = table.assign(label="u", group=list("ggxx"))
    assert leakage.repeated_media(grouped, hashes, np.array([0, 0, 1, 1])) == [notes_of_a_double()]


def test_a_film_of_many_segments_takes_no_memory_for_each_pair_of_them():
    n = 600
    table = pd.DataFrame({"path": ["long.mp4"] * n, "label": "u", "start": np.arange(n) * 1.0, "end": np.arange(n) + 1.0})
    tracemalloc.start()
    [note] = leakage.repeated_media(table, ["x"] * n, np.arange(n) % 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "rows 0 and 3 (long.mp4); rows 0 and 5 (long.mp4); and 89997 more pairs" in note and peak < 2e6


def test_a_row_without_a_group_is_not_said_to_be_of_a_group_called_nan():
    table = pd.DataFrame({"path": list("ab"), "label": "u", "group": ["ada", np.nan]})
    assert leakage.repeated_media(table, ["x", "x"], np.array([0, 0])) == [notes_of_a_double()]


def notes_of_a_double():
    return "The same media stands in two rows: rows 0 and 1 (a = b); it counts twice, so keep one row of each."


def test_groups_normalised_by_their_own_rows_are_another_row_that_says_so(tmp_path):
    """Who is loud and who is not hides how it was said; against their own usual loudness it is plain."""
    rng, rows = np.random.default_rng(0), []
    for speaker in range(6):
        for k in range(6):
            level = 0.02 * 3 ** (speaker / 2) * (1.25 if k % 2 else 1)
            wavfile.write(path := tmp_path / f"{speaker}_{k}.wav", 16_000, (level * rng.normal(0, 1, 4000)).astype(np.float32))
            rows.append((str(path), "raised" if k % 2 else "calm", f"s{speaker}"))
    table = pd.DataFrame(rows, columns=["path", "label", "group"])
    board = compare(table, methods=[features.LogMel(n_mels=8, segments=1)], per_group=True, progress=False)
    plain, known = board.frame.set_index("name").loc[["LogMel", "LogMel" + GroupNormalised.suffix], "accuracy"]
    assert known == 1.0 > plain and "Soft vote" not in set(board.frame["name"])
    assert any("known, not of strangers" in text for text in board.protocol["words"])
    with pytest.raises(vl.TableError, match="no column `group`"):
        compare(table.drop(columns="group"), per_group=True, progress=False)


def test_small_classes_lonely_classes_and_groups_of_one_class_are_named():
    labels = ["a"] * 8 + ["b"] * 8 + ["c"] * 3
    groups = [*"1122", *"1122", *"1122", *"1122", *"333"]
    notes = " ".join(leakage.class_warnings(labels, groups))
    assert "Class c (3) has fewer than 5 items" in notes
    assert "Class c comes from a single group" in notes
    assert "Group 3 has items of one class only" in notes


def test_groups_that_are_source_videos_of_one_class_each_are_no_cause_for_alarm():
    assert leakage.class_warnings(["a"] * 10 + ["b"] * 10, list("1111122222") + list("3333344444")) == []


@pytest.mark.parametrize("label, captions", [
    ("fall", ["She falls", "falling backwards", "a bad fall"]),
    ("sit_down", ["he sits down", "Sitting down slowly", "now sit down"]),
    ("standUp", ["stands up", "standing up", "he stands up"]),
    ("wave", ["waving", "he waves", "a wave"]),
])
def test_captions_that_name_the_label_are_found_whatever_its_ending(label, captions):
    others = ["reading a book", "eats biscuits", "talks on the phone"]
    assert label in leakage.captions_naming_labels(captions + others, [label] * 3 + ["daily"] * 3)


def test_one_word_that_decides_a_class_is_found():
    captions = [f"clip {k} zero" for k in range(12)] + [f"clip {k} one" for k in range(12)]
    assert "'zero'" in leakage.captions_naming_labels(captions, ["0"] * 12 + ["1"] * 12)


def test_captions_that_merely_describe_raise_no_alarm():
    rng = np.random.default_rng(0)
    words = ["man", "woman", "room", "chair", "floor", "walks", "sits", "red", "shirt", "slowly", "window", "table"]
    captions = [" ".join(rng.choice(words, 5)) for _ in range(60)]
    assert leakage.captions_naming_labels(captions, ["fall", "daily", "wave"] * 20) is None
    assert leakage.captions_naming_labels([None, None], ["a", "b"]) is None


# ---- real media, where it is ----

@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "digits.csv").is_file(), reason="the spoken digits are not beside the checkout")
def test_digits_of_held_out_speakers_are_told_apart():
    row = compare(vl.load_table(SHARED / "digits.csv"), methods=[features.MFCC()], progress=False).frame.iloc[0]
    assert row["name"] == "MFCC" and row["accuracy"] >= 0.70


@pytest.mark.skipif(not (SHARED / "falls.csv").is_file(), reason="the videos of falls are not beside the checkout")
def test_the_captions_of_the_falls_are_seen_to_name_the_label():
    board = compare(vl.load_table(SHARED / "falls.csv"), methods=[features.WordBag(), features.LogMel()], progress=False)
    assert board.best != board.best_without_words == "LogMel"
    assert "'fall' stands in 14 of 14" in board.warnings[0]


def test_a_saved_file_of_strangers_is_refused(tmp_path):
    from skops import io

    io.dump({"hook": os.path.join}, tmp_path / "hostile.skops")
    with pytest.raises(ValueError, match="not loaded"):
        load_pipeline(tmp_path / "hostile.skops")


# ---- a learner chosen on inner folds ----

def right(model):
    return [number for _, _, number in model.right_]


def test_the_kernel_and_the_cost_are_those_that_did_best_on_inner_folds_by_group():
    rng = np.random.default_rng(0)
    angle, groups = rng.uniform(0, 2 * np.pi, 120), np.repeat(list("abcdef"), 20)
    rings = np.c_[np.cos(angle), np.sin(angle)] * np.tile([[1], [3]], (60, 1)) + rng.normal(0, 0.1, (120, 2))
    model = ChosenSVM().fit(rings, np.tile(["inner", "outer"], 60), groups=groups)
    assert model.kernel_ == "rbf" and (model.kernel_, model.C_, 120) in model.right_ and max(right(model)) == 120
    line = ChosenSVM().fit(rings, rings[:, 0] > 0)
    assert line.kernel_ == "linear" and line.score(rings, rings[:, 0] > 0) > 0.95


@pytest.mark.parametrize("feature", [features.ColorHistogram(), features.HOGLBP()])
def test_the_seed_of_a_comparison_is_that_of_the_inner_folds(pictures, feature):
    table = pictures.drop(columns="group")
    for seed in (0, 3):
        model = compare(table, methods={"one": feature}, seed=seed, progress=False).pipeline("one").fit(table)
        assert model.classifier_.seed == seed and type(model.classifier_) is (ChosenSVM if feature.chosen_learner else LinearSVM)


def test_inner_folds_keep_groups_whole():
    """Who stands in a row can be told from it, and what the row shows cannot: by group nothing is learnt, at random all is."""
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(12), 10)
    X, y = rng.normal(size=(12, 30))[who] + rng.normal(0, 0.05, (120, 30)), (who % 2).astype(str)
    assert max(right(ChosenSVM().fit(X, y, groups=who))) < 100
    assert max(right(ChosenSVM().fit(X, y))) == 120


def test_many_dimensions_and_a_class_of_one_row_are_no_trouble():
    X, y = np.random.default_rng(0).normal(size=(40, 5000)), np.array(["a", "b"] * 19 + ["c", "a"])
    proba = ChosenSVM().fit(X, y).predict_proba(X)
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert ChosenSVM().fit(X[:2], ["a", "b"]).predict(X[:2]).tolist() == ["a", "b"], "too few rows for inner folds"


def test_a_learner_that_compares_all_rows_reads_them_from_a_file_to_the_same_numbers(monkeypatch):
    X = np.random.default_rng(0).normal(3, 1, size=(40, 300)).astype(np.float32)
    rows, y = features.Described(), np.arange(40) % 3
    for row in X:
        rows.append(row, numbers=True)
    monkeypatch.setattr("vmm_lab.tasks.squared_hinge.BLOCK", 7 * 300)
    filed, held = ChosenSVM().fit(rows.rows(), y), ChosenSVM().fit(X, y)
    np.testing.assert_array_equal(filed.rows_, held.rows_)
    np.testing.assert_array_equal(held.rows_, (X - X.mean(axis=0)) / (X.std(axis=0) * np.sqrt(300)))
    np.testing.assert_array_equal(filed.predict_proba(rows.rows()), held.predict_proba(X))
    with pytest.raises(ValueError, match="NaN"):
        rows.append(np.full(300, np.nan, np.float32), numbers=True)
        ChosenSVM().fit(rows.rows(), np.append(y, 0))


def test_a_learner_that_compares_all_rows_takes_so_many_and_answers_block_by_block(monkeypatch):
    X = np.random.default_rng(0).normal(size=(40, 3))
    model = ChosenSVM().fit(X, X[:, 0] > 0)
    whole = model.predict_proba(X)
    monkeypatch.setattr("vmm_lab.tasks.squared_hinge.BLOCK", 7 * 40)
    np.testing.assert_allclose(model.predict_proba(X), whole, atol=1e-12)
    monkeypatch.setattr("vmm_lab.tasks.svm.MOST_ROWS", 39)
    with pytest.raises(ValueError, match="ChosenSVM compares .* at most 39, and got 40; .* LinearSVM"):
        ChosenSVM().fit(X, X[:, 0] > 0)
    with pytest.raises(ValueError, match="TagMachine compares .* at most 39, and got 40"):
        TagMachine().fit(X, ["left|up"] * 40)


@pytest.mark.parametrize("feature, learner", [(features.HOG(), "linear SVM with fixed settings"), (features.HOGLBP(), "three inner folds")])
def test_the_protocol_says_which_learner_a_row_has(feature, learner):
    assert learner in FeatureMethod(feature).procedure
    assert "LogisticRegression" in FeatureMethod(feature, LogisticRegression()).procedure
    chain = FeatureMethod(feature, make_pipeline(StandardScaler(), LogisticRegression())).procedure
    assert "StandardScaler, then LogisticRegression" in chain and "discriminants" not in chain
    assert "and principal components, then linear discriminants" in FeatureMethod(feature, discriminants()).procedure


def test_the_board_tells_of_classes_that_read_alike(pictures):
    doubled = pictures.assign(label=[label.upper() if k % 4 == 0 else label for k, label in enumerate(pictures["label"])])
    with pytest.warns(UserWarning, match="read alike"):
        board = compare(doubled, methods=[features.ColorHistogram(size=(16, 16))], progress=False)
    assert sum("read alike" in note for note in board.warnings) == 2

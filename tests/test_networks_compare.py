"""Networks on the board: the same folds as every method, scores that repeat, files without code, and trainings that end."""
import json
import warnings
import wave
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab import features, networks
from vmm_lab.modalities import MODALITIES
from vmm_lab.networks import load_examples
from vmm_lab.networks.examples import each
from vmm_lab.tasks import NetworkMethod, compare, load_pipeline, usable_rows

pytestmark = pytest.mark.slow  # it trains

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "clips.csv"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))


def small(recipe, steps):
    """The recipe for 8 frames of 32×32, or a coarse spectrogram, and so many steps."""
    def coarse(feature):
        if feature.modality in ("words", "pose"):
            return feature
        if feature.modality == "sound":
            return features.Spectrogram(n_mels=16, n_frames=24)
        options = {"pooling": None} if isinstance(feature, features.HOG) else {}
        return type(feature)(size=(32, 32), n_frames=min(8, feature.n_frames), **options)

    return replace(recipe, steps=steps, feature=each(coarse, recipe.feature))


@pytest.fixture(scope="module")
def passing(tmp_path_factory):
    """Films of a bright square that crosses dark noise, to the left or to the right: each frame may be of either."""
    folder, rng, rows = tmp_path_factory.mktemp("passing"), np.random.default_rng(0), []
    for group in "ab":
        for k in range(16):
            frames = rng.integers(0, 60, (8, 32, 32, 3)).astype(np.uint8)
            top = rng.integers(2, 22)
            for t in range(8):
                frames[t, top:top + 8, 3 * t:3 * t + 8] = 230
            label = ("left", "right")[k % 2]
            path = vl.write_video(folder / f"{group}{k}.mp4", frames[::-1] if label == "left" else frames, fps=8)
            rows.append((str(path), label, group))
    return pd.DataFrame(rows, columns=["path", "label", "group"])


@pytest.fixture
def quick(monkeypatch):
    """Networks on small frames, for a few steps."""
    for key, recipe in networks.RECIPES.items():
        monkeypatch.setitem(networks.RECIPES, key, small(recipe, 6))


@pytest.fixture(scope="module")
def trained(passing, tmp_path_factory):
    """The board of the films, networks and all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VMM_LAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        for key, recipe in networks.RECIPES.items():
            patch.setitem(networks.RECIPES, key, small(recipe, 80))
        return compare(passing, methods=[features.HOG(), features.MotionEnergy()], networks=True, progress=False)


def test_networks_stand_among_the_rows_with_the_same_folds_and_numbers(trained):
    rows = {row["name"]: row for row in json.loads(trained.to_json())["rows"]}
    assert set(rows) == {"Chance", "Majority class", "HOG", "MotionEnergy", "Soft vote", "CNN", "Frame average CNN", "(2+1)D CNN", "HOG + GRU"}
    assert [rows[name]["modality"] for name in ("CNN", "Frame average CNN", "(2+1)D CNN", "HOG + GRU")] == ["image", "video", "video", "video"]
    for name in ("CNN", "(2+1)D CNN"):
        assert rows[name]["seconds_fit"] > 0 and rows[name]["ms_per_item"] > 0
        assert rows[name]["accuracy_low"] <= rows[name]["accuracy"] <= rows[name]["accuracy_high"]
        np.testing.assert_allclose(trained.probabilities(name).sum(axis=1), 1)
    words = " ".join(trained.protocol["words"])
    assert "CNN, Frame average CNN, (2+1)D CNN and HOG + GRU: trained from random weights" in words
    assert "HOG and MotionEnergy: a feature and a linear SVM" in words
    assert {"tensorflow", "keras"} <= set(trained.protocol["versions"])


def test_networks_that_see_the_order_of_frames_tell_left_from_right_and_the_others_cannot(trained):
    accuracy = trained.frame.set_index("name")["accuracy"]
    assert accuracy["(2+1)D CNN"] >= 0.85 and accuracy["HOG + GRU"] >= 0.85
    assert accuracy["Frame average CNN"] <= 0.75 and accuracy["CNN"] <= 0.75


def test_the_vote_leaves_networks_out(trained):
    votes = [trained.probabilities(name).to_numpy() for name in ("HOG", "MotionEnergy")]
    np.testing.assert_allclose(trained.probabilities("Soft vote"), np.mean(votes, axis=0))


def test_a_network_of_the_board_is_fitted_saved_loaded_and_predicts_the_same(trained, passing, quick, tmp_path):
    paths = list(passing["path"][:4])
    for name in ("(2+1)D CNN", "HOG + GRU"):
        model = trained.pipeline(name).fit(passing)
        proba = model.predict_proba(paths)
        again = load_pipeline(model.save(tmp_path / "model.skops"))
        assert b"keras" not in (tmp_path / "model.skops").read_bytes()  # arrays and settings: nothing that could be run
        np.testing.assert_array_equal(again.predict_proba(paths), proba)
        assert set(again.predict(paths)) <= {"left", "right"} and again.get_params() == model.get_params()


def test_a_network_of_one_sigmoid_gives_both_classes(passing):
    def build(n_classes, shape):
        layers = networks.keras.layers
        return networks.keras.Sequential([networks.keras.Input(shape, dtype="uint8"), layers.Rescaling(1 / 255), layers.Flatten(),
                                          layers.Dense(1, activation="sigmoid")])

    recipe = networks.Recipe(build, features.Frames(n_frames=1, size=(8, 8)), 20, shift=0, modality="image")
    method = NetworkMethod(recipe).fit(passing)
    one = networks.predict(method.network(), load_examples(passing, recipe.feature, progress=False).X)
    np.testing.assert_allclose(method.predict_proba(passing), np.hstack([1 - one, one]), atol=1e-6)


def test_the_same_seed_gives_a_network_the_same_scores_whatever_the_number_of_jobs(passing, quick):
    boards = [compare(passing[:20], methods={"CNN": networks.RECIPES["CNN"]}, n_jobs=jobs, progress=False) for jobs in (1, 2)]
    np.testing.assert_array_equal(*(board.probabilities("CNN") for board in boards))


def test_a_training_that_takes_too_long_has_no_row_and_a_warning_says_so(passing, quick):
    board = compare(passing, methods=[NetworkMethod("CNN", minutes=0)], progress=False)
    assert set(board.frame["name"]) == {"Chance", "Majority class"}
    assert any("CNN has no row: its training was given up after 0 minutes, at step 1 of 6" in text for text in board.warnings)
    assert board.protocol["left_out"][0]["name"] == "CNN"


def test_pictures_are_compared_by_the_network_that_needs_no_time(passing, quick, tmp_path):
    rows = []
    for row in passing[::5].itertuples():
        with vl.open_media(row.path) as media:
            path = tmp_path / f"{row.Index}.png"
            cv2.imwrite(str(path), media.frames()[0][0])
        rows.append((str(path), row.label))
    board = compare(pd.DataFrame(rows, columns=["path", "label"]), methods=[], networks=True, progress=False)
    assert set(board.frame["name"]) == {"Chance", "Majority class", "CNN"}
    assert {entry["name"]: entry["reason"] for entry in board.protocol["left_out"]} == {
        "Frame average CNN": "no row has frames over time", "(2+1)D CNN": "no row has frames over time", "HOG + GRU": "no row has frames over time",
        "Sound CNN": "no row has sound", "Word network": "no row has captions",
        "Fused network": "there are no two modalities to fuse: no row has frames over time; no row has sound; no row has captions"}


def test_an_interrupt_stops_the_comparison_and_not_only_one_training(passing, quick, monkeypatch):
    from vmm_lab.networks import Monitor

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Monitor, "step", interrupt)
    with pytest.raises(KeyboardInterrupt):
        NetworkMethod("CNN").fit(passing)


def test_a_network_needs_a_name_and_two_classes(passing, quick):
    with pytest.raises(ValueError, match="no network 'VGG'; there are CNN"):
        NetworkMethod("VGG").fit(passing)
    with pytest.raises(vl.TableError, match="one class only"):
        NetworkMethod("CNN").fit(passing.assign(label="left"))


# ---- sound, words, and all of them ----

SEEN = {"oak": "stand", "elm": "stand", "ash": "lie", "fir": "lie"}
PITCH = {"oak": 300, "elm": 2500, "ash": 300, "fir": 2500}


@pytest.fixture(scope="module")
def senses(tmp_path_factory):
    """Stripes that stand or lie, a low or a high tone: only both tell the four classes. Of each class and group there is a film
    without sound and a sound without pictures; every other row has a caption, which says how the stripes are."""
    folder, rng, rows = tmp_path_factory.mktemp("senses"), np.random.default_rng(0), []
    for group in "ab":
        for label in SEEN:
            for k in range(8):
                frames = rng.integers(0, 60, (8, 32, 32, 3)).astype(np.uint8)
                at = rng.integers(0, 6)
                frames[:, :, at::8] += 150
                frames = frames if SEEN[label] == "stand" else frames.swapaxes(1, 2)
                tone = np.sin(2 * np.pi * PITCH[label] * rng.uniform(0.9, 1.1) * np.arange(8000) / 16_000)
                tone = (0.3 * tone + rng.normal(0, 0.01, 8000)).astype(np.float32)
                path = folder / f"{group}_{label}{k}.{'wav' if k == 1 else 'mp4'}"
                if k == 1:
                    wav(path, tone)
                else:
                    vl.write_video(path, frames, fps=16, **({} if k == 0 else {"audio": tone, "sample_rate": 16_000}))
                rows.append((str(path), label, group, f"stripes that {SEEN[label]}, number {rng.integers(9)}" if k % 2 else None))
    return pd.DataFrame(rows, columns=["path", "label", "group", "caption"])


def wav(path, samples, rate=16_000):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(rate)
        file.writeframes((32_767 * samples).astype("<i2").tobytes())


@pytest.fixture
def plain(quick, monkeypatch):
    """A video encoder without a GRU, where no test asks what the network learns: most of a short training is TensorFlow's tracing."""
    def encoder(shape):
        inputs = networks.keras.Input(shape)
        return networks.keras.Model(inputs, networks.keras.layers.Dense(64, name="steps")(inputs), name="video_encoder")

    monkeypatch.setitem(MODALITIES, "video", replace(MODALITIES["video"], encoder=encoder))


@pytest.fixture
def some(quick):
    """Of the networks, those that hear, read and fuse; trained long enough to learn."""
    def chosen(*keys, **settings):
        return {recipe.title: replace(recipe, **settings) for recipe in (networks.RECIPES[key] for key in keys)}

    return chosen


LONG = {"steps": 80, "batch_size": 16, "learning_rate": 8e-3}
HEARING = ("Sound CNN", "Word network", "Fused network")


@pytest.fixture
def heard(senses):
    """Sounds without pictures or captions."""
    sounds = senses[senses["path"].str.endswith(".wav")].drop(columns="caption")
    return pd.concat([sounds] * 2, ignore_index=True).assign(group=["a"] * 8 + ["b"] * 8)


def accuracies(board):
    return board.frame.set_index("name")["accuracy"]


def test_a_fused_network_tells_what_no_modality_tells_alone_and_rows_say_what_they_lack(senses, some):
    board = compare(senses, methods={"MFCC": features.MFCC()} | some(*HEARING, **LONG), progress=False)
    rows = {row["name"]: row for row in json.loads(board.to_json())["rows"]}
    assert {name: row["modality"] for name, row in rows.items()} == {
        "Chance": "none", "Majority class": "none", "MFCC": "sound", "Sound CNN": "sound", "Word network": "words", "Fused network": "fusion"}
    found = accuracies(board)
    assert found["Sound CNN"] <= 0.6 and found["Word network"] <= 0.6 and found["Fused network"] >= 0.8
    assert rows["Fused network"]["seconds_extract"] > rows["Sound CNN"]["seconds_extract"] > 0
    notes = [text for text in board.warnings if "rows have no" in text]
    assert len(notes) == 2, "once for each modality"
    assert notes[0].startswith("8 of 64 rows have no sound (") and "a_oak0.mp4" in notes[0] and "and 5 more rows" in notes[0]
    assert "there MFCC and Sound CNN can only guess" in notes[0] and "Fused network by the modalities that are there" in notes[0]
    assert notes[1].startswith("32 of 64 rows have no captions (") and "soft vote" not in notes[1]
    assert any("takes video, sound and words ('hybrid' fusion" in text for text in board.protocol["words"])
    assert board.best == board.best_without_words == "Fused network", "these captions do not name the label"
    assert "Fused network               fusion" in repr(board)


def test_what_a_row_lacks_is_missing_to_the_fused_network_and_no_zeros(senses, quick):
    model = NetworkMethod("Fused network").fit(senses)
    items = usable_rows(senses, {"it": model}, progress=False).items["it"]
    assert [[part.present[row] for part in items.parts] for row in range(3)] == [[True, False, False], [False, True, True], [True, True, False]]
    X = load_examples(senses, model.recipe_.feature, progress=False).X
    assert X["present"][:3].tolist() == [[1, 0, 0], [0, 1, 1], [1, 1, 0]]
    proba = networks.predict(model.model_, X)
    other = X | {"sound": X["sound"].copy(), "video": X["video"].copy()}
    other["sound"][0], other["video"][1] = 99, 99  # what stands in for a missing modality is never looked at
    np.testing.assert_allclose(networks.predict(model.model_, other)[:2], proba[:2], atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(list(senses["path"][:1])), proba[:1], atol=1e-6)  # a film without sound or caption


@pytest.mark.parametrize("name", ["Sound CNN", "Word network", "Fused network"])
def test_networks_of_sound_words_and_all_are_saved_without_code_and_answer_as_before(senses, quick, tmp_path, name):
    rows = senses[3::8]  # these have everything
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=f"{name} leaves out")
        model = NetworkMethod(name).fit(senses)
    proba = model.predict_proba(rows)
    again = load_pipeline(model.save(tmp_path / "model.skops"))
    assert b"keras" not in (tmp_path / "model.skops").read_bytes() and "model_" not in vars(again)
    np.testing.assert_array_equal(again.predict_proba(rows), proba)
    if name != "Sound CNN":
        assert {"stand", "lie", "stripes"} <= {str(word) for part in again.state_ if part.dtype.kind == "U" for word in part}
        told = [again.predict_proba(rows.assign(caption=caption)) for caption in ("stripes that stand", "stripes that lie", "strangers")]
        assert min(np.abs(told[0] - told[1]).max(), np.abs(told[0] - told[2]).max()) > 1e-4, "it still reads"


def test_the_same_seed_gives_the_fused_network_the_same_scores(senses, plain, some):
    boards = [compare(senses[::2], methods=some("Fused network"), n_jobs=jobs, progress=False) for jobs in (1, 2)]
    np.testing.assert_array_equal(*(board.probabilities("Fused network") for board in boards))


def test_where_captions_name_the_label_a_fused_network_without_words_stands_beside_the_other(senses, plain):
    names = ("Word network", "Fused network", "Fused network without words")
    told = senses.assign(caption=["the " + label for label in senses["label"]])
    board = compare(told, methods=[NetworkMethod("Word network"), NetworkMethod("Fused network")], progress=False)
    assert board.protocol["captions_name_label"] and set(names) < set(board.frame["name"])
    assert board.best_without_words == "Fused network without words", "the only row that cannot read, whatever the others reach"
    model = board.pipeline("Fused network without words").fit(told)
    assert list(model.modalities_) == ["video", "sound"]
    np.testing.assert_array_equal(model.predict_proba(told[2:6]), model.predict_proba(told[2:6].assign(caption="other words")))


def test_words_that_leak_beside_pictures_alone_leave_nothing_to_fuse_without_them(senses, plain, some):
    mute = senses[senses["path"].str.endswith("0.mp4")].sort_values("label")
    mute = pd.concat([mute] * 4, ignore_index=True).assign(group=["a"] * 16 + ["b"] * 16)
    board = compare(mute.assign(caption=mute["label"]), methods=some("Fused network"), progress=False)
    assert {"name": "Fused network without words", "reason": "there are no two modalities to fuse: no row has sound"} in board.protocol["left_out"]
    assert board.protocol["captions_name_label"] and "Fused network" in set(board.frame["name"])


def test_one_modality_is_not_fused_and_the_board_says_what_is_missing(heard, some):
    board = compare(heard, methods=some(*HEARING, **LONG), progress=False)
    assert set(board.frame["name"]) == {"Chance", "Majority class", "Sound CNN"}
    assert {entry["name"]: entry["reason"] for entry in board.protocol["left_out"]} == {
        "Word network": "no row has captions",
        "Fused network": "there are no two modalities to fuse: no row has frames over time; no row has captions"}


def test_a_fused_network_that_finds_one_modality_learns_from_it_and_says_so(heard, quick):
    with pytest.warns(UserWarning, match="Fused network learnt from sound alone: no row has video or words"):
        model = NetworkMethod("Fused network").fit(heard)
    assert set(model.predict(heard)) <= set(SEEN)


def test_a_fold_that_learns_without_a_modality_says_the_shares_where_only_that_is_there(senses, some):
    sounds, mute = (senses[senses["path"].str.endswith(end)] for end in (".wav", "0.mp4"))
    table = pd.concat([mute] * 2 + [sounds], ignore_index=True).assign(caption=None)
    table["split"] = ["train"] * 16 + ["test"] * 8  # films without sound to learn from, sounds without pictures to be told
    board = compare(table, methods=some("Fused network"), progress=False)
    np.testing.assert_allclose(board.probabilities("Fused network").iloc[16:], 0.25)


def test_too_few_pictures_to_learn_from_are_told_in_one_sentence():
    board = compare(vl.load_table(SAMPLE), methods=[NetworkMethod("Fused network")], progress=False)
    why = "Fused network learns from the pictures of at least 6 rows, and there are 2 in training; add rows with pictures."
    assert board.protocol["left_out"] == [{"name": "Fused network", "reason": why}]
    assert f"Fused network has no row: {why}" in board.warnings


def test_a_damaged_file_is_named_though_its_caption_could_be_read(senses, quick, tmp_path):
    model = NetworkMethod("Fused network").fit(senses)
    (tmp_path / "empty.mp4").write_bytes(b"")
    table = pd.DataFrame({"path": [str(tmp_path / "empty.mp4")], "caption": ["stripes that lie"]})
    with pytest.raises(vl.MediaError, match="empty.mp4"):
        model.predict(table)
    with pytest.warns(UserWarning, match="Fused network leaves out 1 of 65 rows; the first: .*empty.mp4"):
        model.fit(pd.concat([senses, table.assign(label="oak")], ignore_index=True))


def test_the_command_line_shows_the_networks_of_sound(heard, quick, tmp_path, capsys):
    from vmm_lab import cli

    heard.to_csv(tmp_path / "heard.csv", index=False)
    assert cli.main(["compare", str(tmp_path / "heard.csv"), "--networks", "--root", str(Path(heard["path"][0]).parent)]) == 0
    assert "Sound CNN" in capsys.readouterr().out

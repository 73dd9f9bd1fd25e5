"""Networks on the board: the same folds as every method, scores that repeat, files without code, and trainings that end."""
import json
import sys
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab import features
from vmm_lab.tasks import NetworkClassifier, compare, load_pipeline


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))


def small(recipe, steps):
    """The recipe for 8 frames of 32×32 and so many steps."""
    kind = type(recipe.feature)
    options = {"pooling": None} if kind is features.HOG else {}
    return replace(recipe, steps=steps, feature=kind(size=(32, 32), n_frames=min(8, recipe.feature.n_frames), **options))


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
    whole = NetworkClassifier.recipe.fget
    monkeypatch.setattr(NetworkClassifier, "recipe", property(lambda self: small(whole(self), 6)))


@pytest.fixture(scope="module")
def trained(passing, tmp_path_factory):
    """The board of the films, networks and all."""
    whole = NetworkClassifier.recipe.fget
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VMM_LAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(NetworkClassifier, "recipe", property(lambda self: small(whole(self), 80)))
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
    assert "CNN and Frame average CNN and (2+1)D CNN and HOG + GRU are networks trained from random weights" in words
    assert "the handcrafted methods of a modality" in words
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


@pytest.fixture
def one(quick, monkeypatch):
    """Of the networks, only that of single pictures."""
    monkeypatch.setattr(sys.modules["vmm_lab.tasks.compare"], "NETWORKS", {"CNN": "image"})


def test_the_same_seed_gives_a_network_the_same_scores_whatever_the_number_of_jobs(passing, one):
    boards = [compare(passing[:20], methods=[], networks=True, n_jobs=jobs, progress=False) for jobs in (1, 2)]
    np.testing.assert_array_equal(*(board.probabilities("CNN") for board in boards))


def test_a_training_that_takes_too_long_has_no_row_and_a_warning_says_so(passing, one, monkeypatch):
    monkeypatch.setattr(NetworkClassifier.__init__, "__kwdefaults__", {"seed": 0, "minutes": 0})
    board = compare(passing, methods=[], networks=True, progress=False)
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
    assert {entry["reason"] for entry in board.protocol["left_out"]} == {"no row has frames over time"}


def test_an_interrupt_stops_the_comparison_and_not_only_one_training(passing, quick, monkeypatch):
    from vmm_lab.networks.watch import Silent

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Silent, "step", interrupt)
    with pytest.raises(KeyboardInterrupt):
        NetworkClassifier("CNN").fit(passing)


def test_a_network_needs_a_name_and_two_classes(passing, quick):
    with pytest.raises(ValueError, match="no network 'VGG'; there are CNN"):
        NetworkClassifier("VGG").fit(passing)
    with pytest.raises(vl.TableError, match="one class only"):
        NetworkClassifier("CNN").fit(passing.assign(label="left"))

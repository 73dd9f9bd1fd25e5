"""Actions in a long video by sliding windows: where they are, and what is right of them."""
import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab import features, networks, theatre
from vmm_lab.tasks import ChosenSVM, actions_in_poses, cut_windows, merge_windows, score_actions, sliding_windows


def actions(*rows):
    return pd.DataFrame(rows, columns=["start", "end", "action"])


def test_windows_cover_a_video_to_its_end():
    starts = sliding_windows(3.3, seconds=2.0, step=0.5)
    assert np.allclose(starts, [0, 0.5, 1.0, 1.3]) and sliding_windows(1.0, seconds=2.0).tolist() == [0.0]
    with pytest.raises(ValueError, match="step"):
        sliding_windows(3.0, step=0.0)


def test_windows_of_one_class_become_one_action_and_weak_or_short_ones_none():
    starts = np.arange(0, 6.1, 0.5)
    outputs = np.tile([0.9, 0.05, 0.05], (len(starts), 1))
    outputs[6:] = [0.1, 0.8, 0.1]
    found = merge_windows(outputs, starts, ["walk", "wave", "sit"], seconds=2.0)
    assert found["action"].tolist() == ["walk", "wave"] and found["start"].tolist()[0] == 0 and found["end"].tolist()[1] == 8
    assert found["end"][0] == found["start"][1] and 3.2 < found["end"][0] < 4.2
    assert found["score"][0] == pytest.approx(0.88, abs=0.05)
    weak = merge_windows(outputs / 2, starts, ["walk", "wave", "sit"], seconds=2.0)
    assert len(weak) == 0 and list(weak) == ["start", "end", "action", "score"]
    outputs[3] = [0, 0, 1]
    found = merge_windows(outputs, starts, ["walk", "wave", "sit"], seconds=2.0, shortest=1.0)
    assert "sit" not in found["action"].tolist()
    with pytest.raises(ValueError, match="one row of 3 finite probabilities for each of 13 windows"):
        merge_windows(outputs[:4], starts, ["walk", "wave", "sit"], seconds=2.0)


def test_an_action_is_right_once_and_only_of_its_name():
    truth = actions((0, 2, "sit"), (2, 4, "wave"), (4, 6, "wave"))
    assert score_actions(truth, truth) == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "overlap": 1.0}
    found = actions((0, 2, "wave"), (2.2, 4, "wave"), (2.4, 4, "wave"))
    score = score_actions(found, truth)
    assert score["precision"] == pytest.approx(1 / 3) and score["recall"] == pytest.approx(1 / 3)
    assert score["overlap"] == pytest.approx(0.9)
    nothing = score_actions(actions(), truth)
    assert nothing["f1"] == 0 and nothing["recall"] == 0 and np.isnan(nothing["precision"])


def test_frames_without_anybody_are_no_action():
    poses = np.full((100, 17, 2), np.nan)
    asked = []
    found = actions_in_poses(poses, lambda parts: asked.append(parts), ["sit", "wave"], fps=25)
    assert len(found) == 0 and asked == []


@pytest.mark.slow
def test_actions_of_the_theatre_are_found_with_start_and_end():
    table = vl.load_table("theatre")
    train, test = vl.split_by_group(table, test=0.25)
    feature = features.PoseStatistics()

    def poses(path):
        points = theatre.truth(path).keypoints.astype(float)
        return np.where(points[..., 2:] > 0, points[..., :2], np.nan)

    cut = [(part, label) for path, label in zip(train["path"], train["label"]) for part in cut_windows(poses(path), fps=25)[0]]
    svm = ChosenSVM().fit(feature.transform([part for part, _ in cut]), np.array([label for _, label in cut]))
    actor = test[test["group"] == test["group"].iloc[0]].drop_duplicates("label")
    long = np.concatenate([poses(path) for path in actor["path"]])
    fps = vl.open_media(actor["path"].iloc[0]).fps
    lengths = np.array([len(theatre.truth(path).keypoints) for path in actor["path"]]) / fps
    truth = pd.DataFrame({"start": np.cumsum(lengths) - lengths, "end": np.cumsum(lengths), "action": actor["label"].to_numpy()})
    found = actions_in_poses(long, lambda parts: svm.predict_proba(feature.transform(parts)), list(svm.classes_), fps=fps)
    assert score_actions(found, truth)["f1"] >= 0.7


def test_one_window_without_a_number_does_not_make_all_actions_vanish():
    outputs = [[1, 0], [1, 0], [np.nan, np.nan], [0, 1], [0, 1]]
    with pytest.raises(ValueError, match="finite probabilities"):
        merge_windows(outputs, [0, 0.5, 1, 1.5, 2], ["sit", "wave"], seconds=2)


@pytest.mark.slow
def test_a_gru_reads_poses():
    table = vl.load_table("theatre")
    recipe = networks.RECIPES["Pose + GRU"]
    assert recipe.modality == "pose"
    rng = np.random.default_rng(0)
    X = rng.normal(0, 1, (64, 32, 80)).astype(np.float32)
    y = np.arange(64) % 2
    X[y == 1, 16:, :8] += np.linspace(0, 2, 16)[:, None].astype(np.float32)
    examples = networks.Examples(X, y, tuple(sorted(set(table["label"])))[:2])
    model, _ = recipe.train(examples, progress=False)
    assert (networks.predict(model, X).argmax(axis=1) == y).mean() > 0.9

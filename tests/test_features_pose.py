"""Poses as a modality: joints of any layout from .npy files, described on the body, compared, and missing where missing."""
import json

import numpy as np
import pandas as pd
import pytest
from test_blaze import fetched

import vmm_lab as vl
from vmm_lab import features, pretrained, theatre
from vmm_lab.features.pose import filled, joint_angles, on_body, pose_curves, without_scores
from vmm_lab.media.joints import read_poses
from vmm_lab.tasks.rows import _of_one_length


def body(seed=0, frames=20, joints=20, dimensions=3):
    """Joints that wander around places of their own."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1, (1, joints, dimensions)) + rng.normal(0, 0.05, (frames, joints, dimensions)).cumsum(axis=0)


def save(path, poses):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, poses)
    return path


def segment(path, **columns):
    return features.Segment(str(path), columns=columns)


@pytest.mark.parametrize("content, reason", [
    (np.zeros((4, 5)), r"has the shape \(4, 5\)"), (np.zeros((4, 5, 4)), "has the shape"), (np.zeros((0, 5, 3)), "has the shape"),
    (np.array([["a"]]), "instead of numbers"), (np.ones((4, 5, 3), complex), "instead of numbers"),
    (np.array([{"a": 1}], dtype=object), "pickled objects, which could run code"), (b"no array", "is no .npy file"),
    (b"", "is no .npy file"), (b"\x93NUMPY\x01\x00", "no whole .npy"),
])
def test_what_is_no_pose_sequence_is_refused_in_one_sentence(tmp_path, content, reason):
    path = tmp_path / "a.npy"
    path.write_bytes(content) if isinstance(content, bytes) else np.save(path, content, allow_pickle=True)
    for read in (lambda: vl.open_media(path).has_poses, lambda: vl.open_media(path).poses()):
        with pytest.raises(vl.MediaError, match=reason) as caught:
            read()
        assert str(path) in str(caught.value) and "(frames, joints, 2 or 3)" in str(caught.value)


def test_a_pose_file_is_media_with_poses_alone(tmp_path):
    path = save(tmp_path / "Wave.NPY.npy", body().astype(np.float32))
    media = vl.open_media(path)
    assert (media.has_poses, media.has_video, media.has_audio, media.is_image) == (True, False, False, False)
    assert media.poses().shape == (20, 20, 3) and features.modalities_of(segment(path)) == {"pose"}
    for read in (media.frames, media.audio, lambda: media.duration, lambda: media.size):
        with pytest.raises(vl.MediaError, match="is a pose sequence, without pictures and sound"):
            read()
    film = vl.write_video(tmp_path / "a.mp4", np.zeros((3, 32, 32, 3), np.uint8), fps=25)
    assert not vl.open_media(film).has_poses
    with pytest.raises(vl.MediaError, match="is no pose sequence"):
        vl.open_media(film).poses()


def test_missing_joints_are_nan_zeros_and_infinity(tmp_path):
    poses = body(joints=5)
    poses[:, 0] = 0  # a root that everything is relative to is no missing joint
    poses[3, 2], poses[4, 1, 0], poses[7], poses[9, 4, 2] = 0, np.nan, 0, np.inf
    read = read_poses(save(tmp_path / "a.npy", poses))
    missing = np.isnan(read).any(axis=2)
    assert missing[3, 2] and missing[4, 1] and missing[9, 4] and missing[7, 1:].all() and missing.sum() == 7
    assert np.isnan(read[missing]).all()


def test_joints_that_are_never_found_do_not_pull_the_body_to_the_corner(tmp_path):
    pixels = body(joints=18, dimensions=2) * 40 + (300, 200)
    legless = pixels.copy()
    legless[:, [10, 13]] = 0  # ankles below the edge of the picture
    read = read_poses(save(tmp_path / "a.npy", legless))
    assert np.isnan(read[:, [10, 13]]).all() and np.isfinite(np.delete(read, [10, 13], axis=1)).all()
    one = pixels.copy()
    one[:, 4] = 0
    assert np.isnan(read_poses(save(tmp_path / "b.npy", one))[:, 4]).all()
    gone = pixels.copy()
    gone[:, [10, 13]] = np.nan
    assert np.allclose(*features.PoseStatistics().transform([read, gone]))


def test_a_second_person_who_is_not_there_is_missing(tmp_path):
    one, two = body(0, joints=25) + (0, 0, 3), body(1, joints=25) + (1, 0, 3)
    alone = read_poses(save(tmp_path / "a.npy", np.concatenate([one, np.zeros_like(one)], axis=1)))
    assert np.isnan(alone[:, 25:]).all() and np.array_equal(alone[:, :25], one)
    assert np.isfinite(read_poses(save(tmp_path / "b.npy", np.concatenate([one, two], axis=1)))).all()
    assert np.isnan(read_poses(save(tmp_path / "c.npy", np.zeros_like(one)))).all()


def test_a_root_that_all_is_relative_to_is_there(tmp_path):
    poses = body(joints=20)
    relative = poses - poses[:, :1]
    relative[7] = 0  # nobody was found
    read = read_poses(save(tmp_path / "a.npy", relative))
    assert (read[:, 0] == 0).all() and np.isnan(read[7, 1:]).all() and np.isfinite(np.delete(read, 7, axis=0)).all()


def test_missing_joints_are_filled_in_from_their_neighbours_in_time():
    poses = np.arange(5.0)[:, None, None] * np.ones((5, 3, 2)) + np.arange(3)[:, None]
    gaps = poses.copy()
    gaps[2, 0], gaps[4, 1], gaps[:, 2] = np.nan, np.nan, np.nan
    found = filled(gaps)
    assert np.allclose(found[:, 0], poses[:, 0]) and np.allclose(found[4, 1], poses[3, 1])
    assert np.allclose(found[:, 2], found[:, :2].mean(axis=1))
    with pytest.raises(ValueError, match="no joint in any frame"):
        filled(np.full((2, 3, 2), np.nan))


@pytest.mark.parametrize("joints, dimensions", [(17, 2), (33, 3), (20, 3), (25, 3), (5, 2)])
def test_a_body_is_the_same_wherever_it_is_and_however_large(joints, dimensions):
    poses = body(joints=joints, dimensions=dimensions)
    feature = features.PoseStatistics()
    row = feature.transform([poses])[0]
    assert np.isfinite(row).all() and np.ptp(row) > 0
    assert np.allclose(feature.transform([poses * 40 + 7])[0], row, atol=1e-4)
    assert not np.allclose(feature.transform([poses[::-1].copy()])[0], row, atol=1e-3)  # the order in time counts


@pytest.mark.parametrize("feature", [features.PoseStatistics(), features.PoseSequence()])
def test_a_joint_that_jumps_for_one_frame_says_nothing(feature):
    poses = np.linspace(0, 1, 20)[:, None, None] * np.ones((20, 17, 2)) + body(joints=17, dimensions=2)[:1]
    jumping = poses.copy()
    jumping[7, 9], jumping[12, 3] = 50, -50
    before, after = feature.transform([poses, jumping])
    assert np.abs(before - after).max() < 0.1 < np.ptp(before)


def test_distances_between_3d_joints_do_not_change_with_the_direction():
    poses, turn = body(), np.linalg.qr(np.random.default_rng(1).normal(0, 1, (3, 3)))[0]
    before, after = pose_curves(poses), pose_curves(poses @ turn)
    assert np.allclose(before["distances"], after["distances"]) and not np.allclose(before["joints"], after["joints"])
    assert pose_curves(body(dimensions=2))["distances"].shape == (20, 0)


def test_the_middle_of_the_hips_is_the_origin_and_the_torso_the_unit():
    poses = body(joints=17, dimensions=2)
    joints, path = on_body(poses)
    assert np.allclose(joints[:, [11, 12]].mean(axis=1), 0) and np.allclose(path[0], 0)
    torso = np.linalg.norm(joints[:, [5, 6]].mean(axis=1), axis=1)
    assert np.median(torso) == pytest.approx(1)


def test_an_angle_is_the_one_between_two_bones():
    poses = np.random.default_rng(0).normal(0, 1, (3, 17, 2))
    shoulder, elbow, wrist = poses[1, [5, 7, 9]]
    upper, lower = shoulder - elbow, wrist - elbow
    turn = np.arctan2(*upper[::-1]) - np.arctan2(*lower[::-1])
    assert joint_angles(poses)[1, 0] == pytest.approx(abs(np.arctan2(np.sin(turn), np.cos(turn))))
    assert joint_angles(body()).shape == (20, 0)


def test_a_third_number_may_be_a_score():
    pixels = body(joints=17, dimensions=2) * 100 + 200
    for seen in (np.full((20, 17), 0.5), np.full((20, 17), 2)):
        seen[3, 4] = 0
        found = without_scores(np.concatenate([pixels, seen[..., None]], axis=2))
        assert found.shape == (20, 17, 2) and np.isnan(found[3, 4]).all() and np.isfinite(found).sum() == found.size - 2
    assert without_scores(body()).shape == (20, 20, 3)  # metres, and depth


def test_start_and_end_need_a_frame_rate(tmp_path):
    path = save(tmp_path / "a.npy", body(frames=40))
    feature = features.PoseStatistics()
    piece = features.Segment(str(path), start=1.0, end=2.0, columns={"fps": 10})
    assert feature.read(piece).shape == (10, 20, 3)
    for columns, start, reason in (({}, 1.0, "need a column `fps`"), ({"fps": "x"}, 1.0, "need a column"), ({"fps": 10}, 9.0, "ends at 4 s")):
        with pytest.raises(vl.MediaError, match=reason):
            feature.read(features.Segment(str(path), start=start, columns=columns))


def test_a_corrected_frame_rate_is_not_answered_from_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))
    save(tmp_path / "a.npy", np.random.default_rng(0).normal(0, 1, (100, 17, 2)))
    table = pd.DataFrame({"path": [str(tmp_path / "a.npy")], "start": [1.0], "end": [2.0], "fps": [10]})
    for fps in (10, 25):
        cached, anew = (features.extract(table.assign(fps=fps), features.PoseStatistics(), cache=cache, progress=False) for cache in (True, False))
        np.testing.assert_array_equal(cached, anew)


@pytest.mark.parametrize("start, end, says", [(-1.0, None, "media begin at 0 s"), (2.0, 1.0, "not after the start"), (0.01, 0.02, "no frame")])
def test_seconds_that_make_no_sense_are_named_and_not_counted_from_the_end(tmp_path, start, end, says):
    path = save(tmp_path / "a.npy", body(frames=40))
    with pytest.raises(ValueError, match=says):
        features.PoseStatistics().read(features.Segment(str(path), start=start, end=end, columns={"fps": 10}))


def test_one_frame_and_half_of_the_joints_make_a_row():
    one = body(frames=1)
    one[0, 10:] = np.nan
    assert np.isfinite(features.PoseStatistics().transform([one])).all()


def test_a_folder_of_pose_files_goes_through_compare(tmp_path):
    for k in range(48):
        poses, t = body(k // 2 % 6, joints=25), np.linspace(0, 6, 20)
        poses[:, 4, 1] += 2 * np.sin(t + k) if k % 2 else 0.0  # a hand that waves
        poses[5, 3] = np.nan
        save(tmp_path / ("wave" if k % 2 else "stand") / f"person {k // 2 % 6}" / f"{k}.npy", poses * (1 + k) + k)
    np.save(tmp_path / "wave" / "person 0" / "empty.npy", np.full((5, 25, 3), np.nan))
    table = vl.load_table(tmp_path)
    board = vl.compare(table, progress=False)
    row = board.frame.set_index("name").loc["PoseStatistics"]
    assert row["accuracy"] > 0.9 and row["modality"] == "pose" and len(board.frame) == 3
    skipped = json.loads(board.to_json())["skipped"]
    assert [one["reason"] for one in skipped] == ["there is no joint in any frame of it."]


def test_a_few_rows_of_another_layout_are_left_out_and_told(tmp_path):
    paths = [str(save(tmp_path / f"{k}.npy", body(k, joints=20 if k in (3, 8) else 17))) for k in range(10)]
    table = pd.DataFrame({"path": paths, "label": list("aabbaabbab")})
    rows = vl.tasks.usable_rows(table, {"pose": vl.tasks.FeatureMethod(features.PoseStatistics())}, progress=False)
    assert len(rows) == 8 and [one["path"] for one in rows.skipped] == [paths[3], paths[8]]
    assert all("cannot be compared with them; are its poses of other joints?" in one["reason"] for one in rows.skipped)


@pytest.mark.parametrize("lengths", [[None, None, None, 4, 4, 6, 6, 4], [None, None, None, None, None, 4, 4, 6]])
def test_rows_that_are_missing_are_no_layout_of_their_own(lengths):
    rows = features.Described([None if n is None else np.ones(n, np.float32) for n in lengths])
    part, odd = _of_one_length(rows)
    assert part.present.tolist() == [n == 4 for n in lengths] and list(odd) == [k for k, n in enumerate(lengths) if n == 6]


def test_the_theatre_is_told_by_its_keypoints(tmp_path):
    table = vl.load_table("theatre")
    paths = [str(save(tmp_path / f"{k}.npy", theatre.truth(path).keypoints)) for k, path in enumerate(table["path"])]
    board = vl.compare(table.assign(path=paths, caption=None), methods=[features.PoseStatistics()], progress=False)
    assert board.frame["accuracy"].iloc[0] > 0.95 * theatre.ceiling("video", actions=set(table["label"]))


def test_people_in_pictures_have_poses_and_streets_without_anybody_have_none(tmp_path):
    *_, bikes = fetched("pose_detection", "pose_landmark", "bikes")
    frames = vl.open_media(bikes).frames()[0]
    cyclist = vl.write_video(tmp_path / "a.mp4", frames[106:134], fps=25)
    street = vl.write_video(tmp_path / "b.mp4", frames[145:160], fps=25)
    feature = pretrained.PoseStatistics(n_frames=6)
    poses = feature.read(segment(cyclist))
    assert poses.shape == (6, 17, 2) and np.isfinite(poses).all() and abs(poses[0, 0, 0] - 421) < 20
    with pytest.raises(vl.MediaError, match="nobody is found in 6 frames"):
        feature.read(segment(street))
    numbers = save(tmp_path / "c.npy", poses)
    assert np.array_equal(feature.read(segment(numbers)), poses)
    table = pd.DataFrame({"path": [str(cyclist), str(street), str(numbers)]})
    rows = vl.tasks.usable_rows(table, {"pose": vl.tasks.FeatureMethod(feature)}, label=None, progress=False)
    assert len(rows) == 2 and [one["path"] for one in rows.skipped] == [str(street)]


def test_too_few_rows_with_people_make_no_row_of_poses(tmp_path):
    fetched("pose_detection", "pose_landmark")
    rng = np.random.default_rng(0)
    paths = [vl.write_video(tmp_path / f"{k}.mp4", rng.integers(0, 255, (4, 64, 64, 3), np.uint8), fps=4) for k in range(9)]
    paths.append(save(tmp_path / "9.npy", body(joints=17)))
    table = pd.DataFrame({"path": [str(path) for path in paths], "label": list("ab") * 5})
    methods = {name: vl.tasks.FeatureMethod(feature)
               for name, feature in (("edges", features.HOG()), ("pose", pretrained.PoseStatistics(n_frames=2)))}
    rows = vl.tasks.usable_rows(table, methods, progress=False)
    assert len(rows) == 10 and rows.left_out == [{"name": "pose", "reason": "only 1 of 10 rows have poses"}]

"""People and their points by BlazePose: beside the same files run by hand, on a street, and with nobody there."""
import json

import cv2
import numpy as np
import pytest
from test_blaze import fetched, published_anchors

import vmm_lab as vl
from vmm_lab import cli, plots
from vmm_lab.pretrained import pose
from vmm_lab.pretrained.pose import PoseFollower, find_poses, follow_poses, landmarks
from vmm_lab.theatre import KEYPOINTS

# Marked by hand on the bikes video: {frame: {point: (x, y)}}, and frames without a person.
MARKED = {
    30: {"nose": (291, 54), "right_shoulder": (200, 97), "left_shoulder": (343, 107)},
    42: {"nose": (563, 41), "right_shoulder": (445, 92), "left_shoulder": (605, 110)},
    78: {"nose": (433, 82), "left_shoulder": (478, 103), "right_wrist": (378, 147), "left_knee": (491, 203)},
    112: {"nose": (421, 55), "right_shoulder": (391, 72), "left_shoulder": (450, 76), "left_knee": (470, 173)},
    132: {"nose": (428, 33), "right_shoulder": (397, 50), "left_shoulder": (461, 55), "left_knee": (475, 155)},
}
NOBODY = (60, 66, 90, 150, 240)


@pytest.fixture(scope="module")
def street():
    """The frames of the bikes video, uint8 (250, 272, 640, 3), and its path."""
    *_, path = fetched("pose_detection", "pose_landmark", "bikes")
    return vl.open_media(path).frames()[0], path


@pytest.fixture(scope="module")
def two(street):
    """A man in a car's way and a cyclist, side by side."""
    return np.concatenate([street[0][30][:, 130:400], street[0][112][:, 340:610]], axis=1)


def test_coco_and_the_theatre_name_the_same_17_points():
    def plain(name):
        return name.replace(" ", "_")

    assert [plain(name) for name in KEYPOINTS] == [pose.NAMES[k] for k in pose.COCO17]


def test_a_person_who_lies_is_turned_upright():
    region = pose._around(np.array([50.0, 50.0]), np.array([90.0, 50.0]))  # the head is on the right
    assert region.angle == pytest.approx(np.pi / 2) and region.side == pytest.approx(2.5 * 40)
    assert np.allclose(region.from_picture(np.array([[90.0, 50.0]])), [[0.5, 0.1]])


def by_hand(picture):
    """The 39 × 5 numbers and the region of the surest person, by LiteRT and OpenCV alone."""
    from ai_edge_litert.interpreter import Interpreter

    def run(path, batch):
        runner = Interpreter(model_path=path, num_threads=1)
        runner.allocate_tensors()
        runner.set_tensor(runner.get_input_details()[0]["index"], batch[None].astype(np.float32))
        runner.invoke()
        return [runner.get_tensor(output["index"])[0] for output in runner.get_output_details()]

    detector, network = fetched("pose_detection", "pose_landmark")
    height, width = picture.shape[:2]
    longest = max(height, width)
    to_square = np.array([[224 * 2 / longest, 0, 0], [0, 224 * 2 / longest, 0]])  # twice as fine, then averaged
    to_square[:, 2] = 224 - to_square[:, :2] @ (width / 2, height / 2)
    to_square[:, 2] += to_square[:, :2] @ (0.5, 0.5) - 0.5
    square = cv2.resize(cv2.warpAffine(picture, to_square, (448, 448)), (224, 224), interpolation=cv2.INTER_AREA)
    values, logits = run(detector, square / 127.5 - 1)
    best = logits[:, 0].argmax()
    points = values[best, 4:].reshape(-1, 2) / 224 + published_anchors(224, (8, 16, 32, 32, 32))[best]
    hips, edge = points[:2] * longest - [(longest - width) / 2, (longest - height) / 2]
    side = 2 * 1.25 * np.hypot(*(edge - hips))
    turn = np.pi / 2 - np.arctan2(-(edge - hips)[1], (edge - hips)[0])
    cos, sin = np.cos(turn) * side / 256, np.sin(turn) * side / 256
    back = np.array([[cos, -sin], [sin, cos]])  # pixels of the crop to pixels of the picture
    back = np.column_stack([back, hips - back @ (127.5, 127.5) - 0.5])
    cut = cv2.warpAffine(picture, back, (256, 256), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    outputs = {output.size: output for output in run(network, cut / 255)}
    return outputs[195].reshape(39, 5), float(outputs[1].item()), (hips, side, turn)


def test_points_are_those_of_the_same_files_run_by_hand(street):
    picture = street[0][112]
    raw, score, (hips, side, turn) = by_hand(picture)
    [one] = pose._regions(picture, windows=False)
    # The region is a mean of several boxes that overlap; the points are compared in the region by hand.
    assert np.hypot(*(np.array(one.center) - hips)) < 0.03 * side and one.side == pytest.approx(side, rel=0.05)
    region = pose.Region(tuple(hips.tolist()), float(side), float(turn))
    found = landmarks(picture, region)
    expected = (raw[:33, :2] / 256 - 0.5) * side @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + hips
    assert np.abs(found.points[:, :2] - expected).max() / side < 1e-3
    np.testing.assert_allclose(found.visibility, 1 / (1 + np.exp(-raw[:33, 3])), atol=1e-3)
    np.testing.assert_allclose(found.presence, 1 / (1 + np.exp(-raw[:33, 4])), atol=1e-3)
    assert found.score == pytest.approx(score, abs=1e-3)


def test_people_are_found_where_a_person_sees_them(street):
    follower, seen = PoseFollower(), {}
    for number, frame in enumerate(street[0]):
        if number <= max(MARKED):
            seen[number] = follower(frame)
    for number, marked in MARKED.items():
        [found] = seen[number]
        at = dict(zip((pose.NAMES[k] for k in pose.COCO17), found.coco))
        apart = {name: float(np.hypot(*(at[name][:2] - place))) for name, place in marked.items()}
        assert max(apart.values()) < 0.08 * found.region.side, (number, apart)
        assert all(at[name][2] > 0.5 for name in marked)
    assert [len(find_poses(street[0][number])) for number in NOBODY] == [0] * len(NOBODY)


def test_a_person_keeps_a_number_and_the_detector_rests(street):
    follower = PoseFollower()
    people = [follower(frame) for frame in street[0][106:131]]
    assert [[one.person for one in found] for found in people] == [[0]] * 25
    assert follower.detections == 5  # for the first person, and every fifth frame for newcomers


def test_who_is_lost_and_found_again_keeps_a_number_and_somebody_elsewhere_has_one_of_their_own(street):
    frames = street[0][106:118].copy()
    frames[4:7] = 0
    numbers = [[one.person for one in found] for found in follow_poses(frames)]
    assert numbers == [[0]] * 4 + [[]] * 3 + [[0]] * 5
    assert np.isfinite(pose.largest_person(list(follow_poses(frames)))[7:]).all()
    person, empty = frames[0][:, 330:602], np.zeros((len(frames[0]), 900, 3), np.uint8)
    left, right = np.hstack([person, empty]), np.hstack([empty, person])
    numbers = [[one.person for one in found] for found in follow_poses([left] * 2 + [right] * 5)]
    assert numbers[1] == [0] and numbers[6] == [1]


def test_following_holds_one_frame_at_a_time(street):
    handed = []

    def frames():
        for frame in street[0][106:110]:
            handed.append(frame)
            yield frame

    poses = follow_poses(frames())
    assert len(next(poses)) == 1 and len(handed) == 1


def test_several_people_are_found_one_by_one(two):
    found = find_poses(two)
    noses = sorted(one.coco[0, 0] for one in found)
    assert len(found) == 2 and abs(noses[0] - 161) < 20 and abs(noses[1] - 351) < 15
    assert len(find_poses(two, people=1)) == 1


def test_half_a_person_and_a_person_upside_down_are_found_and_nobody_in_noise(street):
    picture = street[0][132][:, 330:602]
    upright, half = find_poses(picture)[0], find_poses(picture[:150])
    assert half and half[0].coco[0, 2] > 0.5
    [turned] = find_poses(np.ascontiguousarray(picture[::-1, ::-1]))
    back = [picture.shape[1] - 1, picture.shape[0] - 1] - turned.coco[:, :2]
    assert np.hypot(*(back - upright.coco[:, :2])[5:13].T).mean() < 0.05 * upright.region.side
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    assert find_poses(noise) == [] and list(follow_poses([noise, noise])) == [[], []]


def test_people_are_found_by_night_as_by_day(street):
    rng = np.random.default_rng(0)
    night = [np.clip(frame * 0.07 + rng.normal(0, 1, frame.shape), 0, 255).astype(np.uint8) for frame in street[0][106:134:4]]
    for frame, dark in zip(street[0][106:134:4], night):
        [by_day], [by_night] = find_poses(frame), find_poses(dark)
        assert np.hypot(*(by_day.coco - by_night.coco)[5:13, :2].T).mean() < 0.06 * by_day.region.side


def test_a_grey_picture_is_read_and_others_are_refused(street):
    grey = cv2.cvtColor(street[0][112], cv2.COLOR_RGB2GRAY)
    assert len(find_poses(grey)) == 1
    for wrong in (grey.astype(float), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(ValueError, match="find_poses takes an image as uint8"):
            find_poses(wrong)
        with pytest.raises(ValueError, match="follow_poses takes an image as uint8"):
            list(follow_poses([wrong]))


def test_the_command_writes_skeletons_and_points(street, two, tmp_path, capsys):
    video = vl.write_video(tmp_path / "walk.mp4", street[0][108:116], fps=25)
    assert cli.main(["pose", str(video), "--out", str(tmp_path / "o.mp4"), "--json", str(tmp_path / "o.json")]) == 0
    assert "people in 8 of 8 frames, at most 1 in one" in capsys.readouterr().out
    told = json.loads((tmp_path / "o.json").read_text())
    assert len(told["frames"]) == 8 and told["size"] == [272, 640] and told["names"][0] == "nose"
    [person] = told["frames"][4]["people"]
    assert np.shape(person["points"]) == (17, 2) and len(person["scores"]) == 17
    assert np.hypot(*np.subtract(person["points"][0], (421, 55))) < 15
    drawn, plain = (vl.open_media(path).frames()[0][4].astype(int) for path in (tmp_path / "o.mp4", video))
    differs = np.abs(drawn - plain).max(axis=2) > 60
    assert differs[50:270, 360:480].mean() > 0.01 and differs[:, :300].mean() < 0.002
    picture = tmp_path / "two.png"
    cv2.imwrite(str(picture), two[..., ::-1])
    assert cli.main(["pose", str(picture), "--out", str(tmp_path / "two.jpg"), "--json", str(tmp_path / "p.json")]) == 0
    assert "at most 2 in one" in capsys.readouterr().out
    assert len(json.loads((tmp_path / "p.json").read_text())["frames"][0]["people"]) == 2
    assert vl.open_media(tmp_path / "two.jpg").size == two.shape[:2]


def test_the_command_refuses_what_it_cannot_write_or_read(tmp_path, capsys):
    sound = vl.write_video(tmp_path / "a.mp4", np.zeros((2, 32, 32, 3), np.uint8), fps=25)
    assert cli.main(["pose", str(sound), "--out", str(tmp_path / "o.gif")]) == 1
    assert "end in .mp4" in capsys.readouterr().err.replace("ends", "end")
    assert cli.main(["pose", str(sound), "--out", str(sound)]) == 1
    assert cli.main(["pose", str(tmp_path / "no.mp4")]) == 1
    assert "no such file" in capsys.readouterr().err


def test_a_skeleton_leaves_out_what_is_not_seen():
    person = np.full((1, 17, 3), np.nan)
    person[0, [5, 7]] = [[10, 10, 1], [30, 10, 1]]
    person[0, 9] = [30, 30, 0.2]
    black = np.zeros((40, 40, 3), np.uint8)
    drawn = plots.draw_skeletons(black, person)
    assert drawn[10, 20].any() and not drawn[20:].any() and not black.any()
    assert not plots.draw_skeletons(black, np.zeros((0, 17, 3))).any()

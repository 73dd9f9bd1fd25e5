"""Tracks: scores by hand, the MOT format, filters, meetings, and films whose truth is known."""
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab import tasks, theatre
from vmm_lab.cli import main
from vmm_lab.tasks.mot import read_mot, score_tracks, write_mot
from vmm_lab.tasks.moving import Flow, Found
from vmm_lab.tasks.track import count_crossings, find_tracks, motion, summary
from vmm_lab.tasks.tracker import Tracker

REAL = Path(__file__).parents[2] / "shared" / "data"


def table(*rows):
    return pd.DataFrame(rows, columns=["frame", "id", "x", "y", "w", "h"])


def straight(identity, start, step, frames, *, y=10.0):
    """Somebody who goes straight on: a box of 10×20 pixels in each frame."""
    return [(k, identity, start + step * k, y, 10, 20) for k in frames]


@pytest.fixture(scope="module")
def crossing(tmp_path_factory):
    """A film of two who cross, and its truth."""
    path = theatre.walks(1, people=[2], seed=3, folder=tmp_path_factory.mktemp("walks"), n_jobs=1).path[0]
    return path, theatre.walk_truth(path)


# ---- scores ----

def test_the_truth_itself_scores_one():
    truth = table(*straight(1, 0, 2, range(9)), *straight(2, 90, -2, range(9)))
    scores = score_tracks(truth, truth)
    assert [scores[name] for name in ("precision", "recall", "mota", "idf1", "motp")] == [1] * 5
    assert (scores["switches"], scores["misses"], scores["false_alarms"], scores["people"]) == (0, 0, 0, 2)


def test_misses_and_false_alarms_by_hand():
    truth = table(*straight(1, 0, 2, range(10)))
    tracks = table(*straight(7, 0, 2, range(2, 10)), *straight(8, 300, 0, range(4)))  # 2 missed, 4 false
    scores = score_tracks(tracks, truth)
    assert scores["mota"] == pytest.approx(1 - (2 + 4) / 10)
    assert scores["precision"] == pytest.approx(8 / 12) and scores["recall"] == pytest.approx(8 / 10)
    assert scores["idf1"] == pytest.approx(2 * 8 / (10 + 12))


def test_two_tracks_that_change_places_are_two_switches():
    truth = table(*straight(1, 0, 0, range(10)), *straight(2, 100, 0, range(10)))
    tracks = table(*straight(1, 0, 0, range(6)), *straight(2, 100, 0, range(6)),
                   *straight(2, 0, 0, range(6, 10)), *straight(1, 100, 0, range(6, 10)))
    scores = score_tracks(tracks, truth)
    assert scores["switches"] == 2 and scores["mota"] == pytest.approx(1 - 2 / 20)
    assert scores["idf1"] == pytest.approx(2 * 12 / 40)  # the first six frames of both
    assert scores["precision"] == scores["recall"] == 1


def test_a_track_that_breaks_counts_one_switch_also_after_a_gap():
    truth = table(*straight(1, 0, 1, range(10)))
    tracks = table(*straight(1, 0, 1, range(4)), *straight(2, 0, 1, range(6, 10)))
    scores = score_tracks(tracks, truth)
    assert (scores["switches"], scores["misses"]) == (1, 2) and scores["mota"] == pytest.approx(1 - 3 / 10)
    assert scores["idf1"] == pytest.approx(2 * 4 / 18)


def test_a_pair_is_kept_although_another_box_fits_better():
    """CLEAR MOT: no switch as long as the old pair still overlaps by half."""
    truth = table((0, 1, 0, 0, 10, 20), (1, 1, 0, 0, 10, 20))
    tracks = table((0, 1, 0, 0, 10, 20), (1, 1, 2, 0, 10, 20), (1, 2, 0, 0, 10, 20))
    assert score_tracks(tracks, truth)["switches"] == 0


def test_an_overlap_below_half_is_none():
    truth = table((0, 1, 0, 0, 10, 20))
    assert score_tracks(table((0, 1, 3, 0, 10, 20)), truth)["recall"] == 1  # 7 / 13
    assert score_tracks(table((0, 1, 4, 0, 10, 20)), truth)["recall"] == 0  # 6 / 14


def test_nothing_found_and_rows_to_be_left_out():
    truth = table(*straight(1, 0, 1, range(4))).assign(score=[1, 1, 0, 0])
    scores = score_tracks(table(), truth)
    assert scores["mota"] == 0 and scores["misses"] == 2 and np.isnan(scores["precision"])
    with pytest.raises(ValueError, match="truth have no column id"):
        score_tracks(truth, truth.drop(columns="id"))


# ---- files ----

def test_tracks_are_written_with_frames_from_1_and_read_back(tmp_path):
    tracks = table(*straight(1, 3, 2, range(3)), *straight(2, 50, 0, [0, 9])).assign(score=0.5)
    path = write_mot(tracks, tmp_path / "a.txt")
    assert path.read_text().splitlines()[0] == "1,1,3.00,10.00,10.00,20.00,0.5,-1,-1,-1"
    again = read_mot(path)
    pd.testing.assert_frame_equal(again, tracks.sort_values(["frame", "id"], ignore_index=True), check_dtype=False)


def test_a_file_with_holes_comments_and_other_separators_is_read(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("﻿# my detector\n\n3 -1 1 2 3 4\r\n1;-1;1;2;3;4;0.25\n900, -1, 5.5, 2, 3, 4, 1, -1, -1, -1\n", encoding="utf-8")
    boxes = read_mot(path)
    assert list(boxes.frame) == [0, 2, 899] and list(boxes.score) == [0.25, 1, 1] and set(boxes.id) == {-1}


@pytest.mark.parametrize(("text", "said"), [
    (b"", "holds no boxes"), (b"\n# nothing\n", "holds no boxes"), (b"\xff\xfe\x00\x81", "is no text"),
    (b"1,1,2,3,4\n", "line 1 is .* six finite numbers"), (b"1,1,2,3,4,5\nhello\n", "line 2 is 'hello'; it needs numbers"),
    (b"0,1,2,3,4,5\n", "frames are whole numbers from 1"), (b"1.5,1,2,3,4,5\n", "frames are whole"),
    (b"1,1,2,3,0,5\n", "both must be above 0"), (b"1,1,nan,3,4,5\n", "six finite"),
    (b"1,1,2,3,4,5\n1,1,2,3,4,5\n1,2,2,3,4,5\n", "two boxes of id 1 in frame 1")])
def test_a_file_of_something_else_is_refused_in_one_sentence(tmp_path, text, said):
    path = tmp_path / "a.txt"
    path.write_bytes(text)
    with pytest.raises(ValueError, match=said):
        read_mot(path)
    with pytest.raises(ValueError, match="cannot be read"):
        read_mot(tmp_path / "none.txt")


# ---- tracker ----

def tracked(rows, **options):
    boxes = pd.DataFrame([(k, -1, x, y, w, h) for k, _, x, y, w, h in rows], columns=["frame", "id", "x", "y", "w", "h"])
    return find_tracks(None, detections=boxes, **options)


def test_two_who_pass_each_other_keep_their_tracks():
    truth = table(*straight(1, 0, 2, range(40)), *straight(2, 80, -2, range(40), y=14))
    scores = score_tracks(tracked(truth.values.tolist()), truth)
    assert scores["switches"] == 0 and scores["idf1"] > 0.97


def test_a_track_goes_on_behind_a_pillar():
    truth = table(*straight(1, 0, 3, range(40)))
    seen = truth[~truth.frame.between(15, 25)]
    found = tracked(seen.values.tolist())
    assert found.id.nunique() == 1 and list(found.frame) == list(range(40))
    assert found.score[found.frame == 20].item() == 0.5 < found.score[0]
    assert np.abs(found.x - truth.x).max() < 3


def test_an_absence_that_is_too_long_ends_the_track():
    seen = [row for row in straight(1, 0, 1, range(120)) if not 20 <= row[0] < 90]
    found = tracked(seen, fps=10)
    assert found.id.nunique() == 2 and not found.frame.between(20, 89).any()


def test_single_false_alarms_become_no_track():
    rng = np.random.default_rng(0)
    noise = [(k, 0, rng.uniform(0, 600), rng.uniform(0, 400), 10, 20) for k in range(0, 60, 3)]
    found = tracked([*straight(1, 0, 2, range(60)), *noise])
    assert found.id.nunique() == 1


def test_a_hole_of_a_billion_frames_takes_no_time():
    found = tracked([*straight(1, 0, 1, range(9)), (10**9, 1, 0, 0, 10, 20)])
    assert found.frame.max() == 8


def test_memory_does_not_grow_with_what_never_moves():
    tracker = Tracker(fps=25, least_move=0.5)
    box = Found(np.array([[0.0, 0, 10, 20]]), np.ones(1), np.ones((1, 1), np.float32))
    assert [row for k in range(500) for row in tracker.step(k, box)] == []
    assert len(tracker.tracks[0].rows) <= 101


# ---- films ----

def test_people_who_cross_are_followed(crossing):
    path, truth = crossing
    found = find_tracks(path)
    scores = score_tracks(found, truth)
    assert scores["mota"] >= 0.85 and scores["idf1"] >= 0.85 and scores["switches"] == 0, scores
    assert found.attrs["fps"] == 25 and (found.x >= 0).all() and (found.x + found.w <= 320).all()
    right, left = count_crossings(found, ((160, 240), (160, 0)))
    assert (right, left) == count_crossings(truth, ((160, 240), (160, 0))) == (1, 1)


def test_a_part_of_a_film_is_tracked_with_frames_from_its_first(crossing):
    path, truth = crossing
    found = find_tracks(path, start=2, end=6)
    part = truth[truth.frame.between(50, 149)].assign(frame=lambda rows: rows.frame - 50)
    assert found.frame.between(0, 99).all() and score_tracks(found, part)["mota"] > 0.8


def test_pedestrians_are_found_by_their_gradients(crossing):
    scores = score_tracks(find_tracks(crossing[0], detector="pedestrians"), crossing[1])
    assert scores["precision"] > 0.6 and scores["recall"] > 0.4


def test_flow_finds_what_moves_unlike_the_camera():
    rng = np.random.default_rng(0)
    wall, thing = (rng.integers(0, 255, (*size, 3)).astype(np.uint8).repeat(6, 0).repeat(6, 1) for size in ((50, 70), (6, 6)))
    find, boxes = Flow(wall[None, :240, :320]), []
    for k in range(5):
        frame = wall[k:k + 240, 2 * k:2 * k + 320].copy()  # the camera moves
        frame[100:136, 60 + 4 * k:96 + 4 * k] = thing
        boxes.append(find(frame, np.zeros((0, 4))).boxes)
    assert len(boxes[0]) == 0
    assert all(len(found) == 1 for found in boxes[1:])
    assert np.abs(boxes[-1][0] - [76, 100, 112, 136]).max() < 10


def test_an_empty_room_and_light_that_is_switched_on_have_no_tracks(tmp_path):
    rng = np.random.default_rng(0)
    wall = rng.integers(60, 120, (1, 60, 80, 3)).repeat(2, 1).repeat(2, 2)
    frames = np.clip(wall + rng.normal(0, 3, (60, 120, 160, 3)), 0, 255)
    frames[30:] = np.clip(frames[30:] * 1.8, 0, 255)
    path = vl.write_video(tmp_path / "room.mp4", frames.astype(np.uint8), fps=25)
    found = find_tracks(path)
    assert len(found) == 0 and list(found.columns) == ["frame", "id", "x", "y", "w", "h", "score"]


@pytest.mark.skipif(not (REAL / "sample_clips.json").is_file(), reason="the sample clips are not here")
@pytest.mark.slow
@pytest.mark.parametrize("name", ["car-detection.mp4", "one-by-one-person-detection.mp4"])
def test_cars_and_visitors_are_counted(name):
    known = json.loads((REAL / "sample_clips.json").read_text())[f"sample_clips/{name}"]
    found = find_tracks(REAL / "sample_clips" / name)
    assert found.id.nunique() == known["count"]
    assert score_tracks(found, table(*known["boxes"]))["mota"] > 0.75


# ---- what is made of tracks ----

def test_speed_and_path_by_hand():
    tracks = table(*straight(1, 0, 3, range(50)))
    moved = motion(tracks, fps=10)
    assert moved.speed.iloc[5:-5].to_numpy() == pytest.approx(30)
    assert moved.path.iloc[-1] == pytest.approx(3 * 47)  # the averages at both ends are shorter by a step and a half
    row = summary(tracks, fps=10).iloc[0]
    assert (row.frames, row.start, row.end) == (50, 0, 5)


def test_a_line_is_crossed_there_and_back_and_dithering_counts_once():
    go = straight(1, 0, 5, range(20))
    back = [(20 + k, 1, 95 - 5 * k, 10, 10, 20) for k in range(20)]
    assert count_crossings(table(*go, *back), ((50, 100), (50, 0))) == (1, 1)
    assert count_crossings(table(*go), ((50, 0), (50, 100))) == (0, 1)
    assert count_crossings(table(*go), ((50, 0), (50, 20))) == (0, 0)  # the line ends above the feet
    dither = [(k, 1, 45 + (-1) ** k, 10, 10, 20) for k in range(10)]
    assert count_crossings(table(*straight(1, 0, 4, range(10)), *[(10 + k, *rest) for k, *rest in dither],
                                 *[(20 + k, 1, 50 + 4 * k, 10, 10, 20) for k in range(9)]), ((50, 100), (50, 0))) == (1, 0)
    with pytest.raises(ValueError, match="two different points"):
        count_crossings(table(*go), ((5, 5), (5, 5)))


# ---- the command ----

def test_the_command_tracks_detections_without_a_film(tmp_path, capsys):
    given, out, as_json = tmp_path / "det.txt", tmp_path / "out.txt", tmp_path / "out.json"
    write_mot(table(*straight(-1, 0, 2, range(30))), given)
    assert main(["track", "--detections", str(given), "--out", str(out), "--json", str(as_json)]) == 0
    assert "1 tracks, written" in capsys.readouterr().out
    assert len(tasks.read_mot(out)) == 30
    stored = json.loads(as_json.read_text())
    assert stored["tracks"] == 1 and stored["boxes"][0] == {"frame": 0, "id": 1, "x": 0, "y": 10, "w": 10, "h": 20, "score": 1}


def test_the_command_tracks_a_film(crossing, tmp_path, capsys):
    out = tmp_path / "out.txt"
    assert main(["track", str(crossing[0]), "--out", str(out)]) == 0
    assert score_tracks(read_mot(out), crossing[1])["mota"] > 0.85


@pytest.mark.parametrize(("words", "code", "said"), [
    ([], 2, "nothing to track"), (["none.mp4"], 1, "none.mp4"), (["--detections", "none.txt"], 1, "cannot be read"),
    (["a.mp4", "--out", "/no/such/folder/x.txt"], 1, "cannot be written")])
def test_the_command_says_what_is_wrong(tmp_path, monkeypatch, capsys, words, code, said):
    monkeypatch.chdir(tmp_path)
    assert main(["track", *words]) == code
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1 and not list(tmp_path.iterdir())


def test_other_options_are_refused(crossing):
    with pytest.raises(ValueError, match="film, or detections"):
        find_tracks(None)
    with pytest.raises(ValueError, match="detector must be one of"):
        find_tracks(crossing[0], detector="magic")
    with pytest.raises(ValueError, match="detections have no column w"):
        find_tracks(None, detections=table().drop(columns="w"))
    with pytest.raises(ValueError, match="detections have cells without a number"):
        find_tracks(None, detections=table(*straight(-1, 0, 2, range(30))).astype({"x": float}).replace({"x": {4.0: np.nan}}))
    for iou in (50, 0, np.nan):
        with pytest.raises(ValueError, match="iou must be a number greater than 0 and at most 1"):
            score_tracks(table(), table(), iou=iou)


@pytest.mark.parametrize("ask", [motion, summary, lambda boxes: count_crossings(boxes, ((5, 0), (5, 9)))])
def test_detections_that_are_no_tracks_have_no_speed(ask):
    with pytest.raises(ValueError, match="joins boxes into tracks"):
        ask(table(*straight(-1, 0, 2, range(9)), *straight(-1, 90, -2, range(9))))


def test_pedestrians_are_looked_for_in_a_film_that_is_narrower_than_the_window_of_the_detector():
    """In a process of its own, which OpenCV ended."""
    code = ("import numpy as np; from vmm_lab.tasks.moving import People; frame = np.zeros((40, 4, 3), np.uint8);"
            "[People(frame[None])(frame, np.zeros((0, 4))) for _ in range(9)]; print('alive')")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "alive\n"


def test_a_film_two_pixels_high_is_tracked(tmp_path):
    path = vl.write_video(tmp_path / "strip.mp4", np.zeros((3, 2, 2000, 3), np.uint8), fps=25)
    assert len(find_tracks(path)) == 0


def test_a_picture_and_a_sound_are_no_films(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((40, 60, 3), np.uint8))
    vl.write_video(tmp_path / "b.mp4", np.zeros((1, 40, 60, 3), np.uint8), fps=25)
    for name in ("a.png", "b.mp4"):
        assert len(find_tracks(tmp_path / name)) == 0

"""The puppet theatre as a data set: what is rendered, how often, and what is known of it."""
import contextlib
import hashlib
import multiprocessing
import os
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vmm_lab import open_media, theatre
from vmm_lab.theatre import once, plans, rendering
from vmm_lab.theatre.actors import CAST
from vmm_lab.theatre.film import LEVELS, film
from vmm_lab.theatre.motions import FRAMES, PICTURES


def shoot(picture, *, backwards=False, difficulty="calm", seed=0, actor=0):
    """Film one motion; what is not asked for stays the same."""
    return film(picture, backwards, actor=CAST[actor], expression="happy", scene="park", prop="ball", color="red",
                difficulty=difficulty, rng=np.random.default_rng(seed))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small set, rendered once: its table and its folder."""
    folder = tmp_path_factory.mktemp("the theatre é")
    return theatre.render(folder=folder), folder


def contents(folder):
    """What every finished film and truth file under a folder holds."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.suffix == ".mp4"}


def test_the_small_set_is_four_actions_by_six_actors_with_pictures_and_sound(small):
    table, folder = small
    assert sorted(table.label.unique()) == sorted(theatre.SMALL_ACTIONS)
    assert table.groupby(["label", "group"]).size().tolist() == [1] * 24
    for path in table.path[::8]:
        with open_media(path) as media:
            assert os.path.isabs(path) and media.has_video and media.has_audio
            assert media.size == (128, 128) and media.fps == 25
            assert media.duration == pytest.approx(2.0, abs=0.1)
            frames, times = media.frames()
            assert frames.shape == (50, 128, 128, 3)


def test_the_films_show_what_was_drawn(small):
    table, _ = small
    p = plans.plan("small", "calm", 0)[5]
    row = table[table.path.str.endswith(p.file.replace("/", os.sep))].iloc[0]
    drawn, _ = rendering.perform_clip(p)
    frames, _ = open_media(row.path).frames()
    assert np.abs(frames.astype(int) - drawn.frames).mean() < 4


def test_the_full_set_is_every_action_by_every_actor_three_times():
    full = plans.plan("full", "calm", 0)
    assert len(full) == 960 and len({p.file for p in full}) == 960
    assert {(p.action, p.actor) for p in full} == {(a, k) for a in theatre.ACTIONS for k in range(len(theatre.ACTORS))}
    assert set(plans.plan("small", "calm", 0)) <= set(full)


def test_the_table_is_the_same_for_the_same_seed_and_another_for_another(tmp_path):
    one, same, other = (plans.table(plans.plan("full", "calm", seed), tmp_path) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one, same)
    assert (one.caption.fillna("") != other.caption.fillna("")).mean() > 0.5


def test_a_gap_in_the_captions_is_none():
    table = plans.table(plans.plan("full", "calm", 0), Path("/"))
    assert all(caption is None for caption in table.caption[table.wording == "gap"])
    assert 0.02 < (table.wording == "gap").mean() < 0.2 and table.caption[table.wording != "gap"].str.len().min() >= 9


def test_the_same_seed_gives_the_same_pixels_and_sounds_in_another_process(tmp_path):
    p = plans.plan("small", "wild", 7)[3]
    take, wave = rendering.perform_clip(p)
    script = ("import hashlib, cv2; cv2.setNumThreads(3)\n"
              "from vmm_lab.theatre import plans, rendering\n"
              "take, wave = rendering.perform_clip(plans.plan('small', 'wild', 7)[3])\n"
              "print(hashlib.sha256(take.frames.tobytes() + wave.tobytes()).hexdigest())")
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                           env={**os.environ, "PYTHONHASHSEED": "5"})
    assert found.stdout.strip() == hashlib.sha256(take.frames.tobytes() + wave.tobytes()).hexdigest()


def test_one_process_renders_the_same_files_as_several(small, tmp_path, monkeypatch):
    _, folder = small
    few = plans.plan("small", "calm", 0)[::5]
    monkeypatch.setattr(rendering, "plan", lambda *_: few)
    theatre.render(folder=tmp_path, n_jobs=1)
    assert len(contents(tmp_path)) == 5 and contents(tmp_path).items() <= contents(folder).items()


def test_a_set_that_is_there_is_not_rendered_again(small):
    table, folder = small
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    pd.testing.assert_frame_equal(theatre.render(folder=folder), table)
    assert before == {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_an_interrupted_rendering_goes_on_where_it_stopped(tmp_path, monkeypatch):
    real, filmed = rendering.write_video, []

    def until_the_third(path, *rest, **options):
        if len(filmed) == 3:
            raise KeyboardInterrupt
        filmed.append(path)
        return real(path, *rest, **options)

    few = plans.plan("small", "calm", 0)[:6]
    monkeypatch.setattr(rendering, "plan", lambda *_: few)
    monkeypatch.setattr(rendering, "write_video", until_the_third)
    with pytest.raises(KeyboardInterrupt):
        theatre.render(folder=tmp_path, n_jobs=1)
    kept = {path: path.stat().st_mtime_ns for path in filmed}
    assert len(contents(tmp_path)) == 3 and not list(tmp_path.rglob("*.csv"))
    monkeypatch.setattr(rendering, "write_video", real)
    half = filmed[0].with_name(".take9.mp4.0123abcd.part")
    half.write_bytes(b"cut short by a power failure")
    table = theatre.render(folder=tmp_path, n_jobs=1)
    assert not half.exists()
    assert all(os.path.isfile(path) for path in table.path)
    assert kept == {path: path.stat().st_mtime_ns for path in filmed}
    assert not [path for path in tmp_path.rglob("*") if "part" in path.name]


def _render_few(folder, queue):
    few = plans.plan("small", "calm", 0)[:5]
    rendering.plan = lambda *_: few
    real = rendering.write_video

    def counted(path, *rest, **options):
        queue.put(str(path))
        return real(path, *rest, **options)

    rendering.write_video = counted
    theatre.render(folder=folder, n_jobs=1)


@pytest.mark.slow
def test_two_processes_at_once_render_every_clip_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    both = [context.Process(target=_render_few, args=(str(tmp_path), queue)) for _ in range(2)]
    for process in both:
        process.start()
    filmed = [queue.get(timeout=300) for _ in range(5)]
    for process in both:
        process.join(300)
        assert process.exitcode == 0
    time.sleep(0.1)
    assert queue.empty() and len(set(filmed)) == 5 and len(contents(tmp_path)) == 5


@pytest.mark.parametrize("options, said", [
    ({"size": "huge"}, "small .* or full"), ({"difficulty": "hard"}, "calm, busy, wild"),
    ({"seed": -1}, "whole number"),
    ({"seed": 0.5}, "whole number"), ({"n_jobs": 0}, "-1 for one per core"),
])
def test_an_option_that_is_not_offered_is_refused_in_one_sentence(options, said, tmp_path):
    with pytest.raises(ValueError, match=said):
        theatre.render(folder=tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ValueError, match="taken.*cannot make this folder.*VMM_LAB_DATA"):
        theatre.render(folder=tmp_path / "taken")


def test_the_truth_lies_beside_the_film(small):
    table, _ = small
    found = theatre.truth(table.path[0])
    assert found.keypoints.shape == (50, 17, 3) and found.boxes.shape == (50, 4)
    assert found.expression == table.expression[0] and found.heard == table.heard[0]
    assert np.array_equal(theatre.truth(table.iloc[0]).keypoints, found.keypoints)
    with pytest.raises(ValueError, match="no ground truth"):
        theatre.truth("elsewhere.mp4")


@pytest.mark.parametrize("difficulty", LEVELS)
def test_every_seen_keypoint_is_in_the_picture_and_in_the_box(difficulty):
    for picture in PICTURES[::3]:
        take = shoot(picture, difficulty=difficulty, seed=2)
        x, y, seen = np.moveaxis(take.keypoints, -1, 0)
        left, top, right, bottom = take.boxes.T[..., None]
        assert set(np.unique(seen)) <= {0, 1, 2} and (seen == 2).mean() > (0.4 if difficulty == "calm" else 0.2)
        there = seen == 2
        inside = (x >= left - 1) & (x <= right + 1) & (y >= top - 1) & (y <= bottom + 1)
        assert inside[there].all()
        off = (x < -0.5) | (x > 127.5) | (y < -0.5) | (y > 127.5)
        assert (seen[off] == 0).all() and (seen[~off] > 0).all()


def test_a_seen_wrist_has_the_colour_of_the_skin():
    from vmm_lab.theatre.actors import SKINS

    take = shoot("star_jump", actor=4)
    wrists = take.keypoints[:, 9:11]
    skin = np.array(SKINS[CAST[4].skin])
    colors = [take.frames[t, int(round(y)), int(round(x))] for t in range(FRAMES) for x, y,
              seen in wrists[t] if seen == 2]
    assert len(colors) > 50 and np.median(np.abs(np.array(colors) - skin).max(1)) < 60


def test_the_box_moves_with_a_walking_puppet_and_rises_with_a_jumping_one():
    walk, jump = shoot("walk").boxes, shoot("jump").boxes
    assert np.ptp(walk[:, 0]) > 20
    take = shoot("jump")
    feet = take.keypoints[:, 15:, 1].max(1)
    assert feet[take.beats[0] - 5] < feet[take.beats[0]] - 5 and np.ptp(jump[:, 1]) > 8


@pytest.mark.parametrize("difficulty", LEVELS)
def test_a_film_played_backwards_is_the_same_frames_in_the_opposite_order(difficulty):
    forwards, backwards = shoot("sit", difficulty=difficulty), shoot("sit", backwards=True, difficulty=difficulty)
    assert np.array_equal(forwards.frames[::-1], backwards.frames)
    assert np.array_equal(forwards.keypoints[::-1], backwards.keypoints)
    assert np.array_equal(np.sort(FRAMES - 1 - forwards.beats), backwards.beats)


@pytest.mark.slow
def test_harder_levels_hide_and_shrink_the_puppet():
    heights = {d: np.mean([np.ptp(shoot("bow", difficulty=d, seed=k).boxes[0,
                                                                           1::2]) for k in range(3)]) for d in LEVELS}
    assert heights["calm"] > heights["busy"] > heights["wild"] > 35


@pytest.mark.slow
def test_every_actor_looks_different():
    looks = [shoot("bow", actor=k).frames[0].astype(int) for k in range(len(CAST))]
    apart = [np.abs(looks[a] - looks[b]).max(-1) for a in range(len(CAST)) for b in range(a)]
    assert min((difference > 40).sum() for difference in apart) > 150
    assert len({actor.name for actor in CAST}) == 20


def test_what_another_process_writes_once_all_is_rendered_is_left_alone(tmp_path, monkeypatch):
    plan, part = types.SimpleNamespace(file="a.mp4"), tmp_path / ".part-1.csv"

    @contextlib.contextmanager
    def after_another(path):
        (tmp_path / "a.mp4").touch()
        part.touch()
        yield

    monkeypatch.setattr(once, "lock", after_another)
    once.render_missing([plan], tmp_path, lambda plan, path: pytest.fail("it is rendered"), 1, "it", "clip")
    assert part.exists()

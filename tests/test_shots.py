"""The shots of a film: cuts at their frames, no shot begins at a flash, and each transition is matched with one at most."""
import json

import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab import assets, cli
from vmm_lab.tasks import shots
from vmm_lab.tasks.shots import METHODS, Film, find_shots, score_shots

PLAIN = [name for name, method in METHODS.items() if not method.network]


def shot(seed, length, size=(54, 96)):
    """Blocks of colours of its own that drift, uint8 (length, *size, 3)."""
    rng = np.random.default_rng(seed)
    blocks = (rng.integers(0, 180, 3) + rng.integers(0, 76, (9, 16, 3))).astype(np.uint8)
    still = blocks.repeat(size[0] // 9, 0).repeat(size[1] // 16, 1)
    return np.stack([np.roll(still, t // 2, 1) for t in range(length)])


def write(path, *parts, fps=25):
    return vl.write_video(path, np.concatenate(parts), fps=fps)


def table(*transitions, frames=1000):
    """Shots whose transitions are numbers (cuts) and pairs (first, last)."""
    rows = [(0, None, None), *((sum(t) // 2, "gradual", t) if isinstance(t, tuple) else (t, "cut", None) for t in transitions)]
    return pd.DataFrame(rows, columns=["start_frame", "transition", "transition_frames"])


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Three shots of 40, 30 and 50 frames; the last has a flash of two frames."""
    last = shot(2, 50)
    last[20:22] = 255 - (255 - last[20:22]) // 5
    return write(tmp_path_factory.mktemp("films é") / "three.mp4", shot(0, 40), shot(1, 30), last)


@pytest.mark.parametrize("method", PLAIN)
def test_cuts_are_found_at_their_frames_and_seconds(tmp_path, method):
    path = write(tmp_path / "a.mp4", shot(0, 40), shot(1, 30), shot(2, 50))
    found = find_shots(path, method=method)
    assert found.start_frame.tolist() == [0, 40, 70] and found.end_frame.tolist() == [40, 70, 120]
    np.testing.assert_allclose(found[["start", "end"]], [[0, 1.6], [1.6, 2.8], [2.8, 4.8]], atol=1e-6)
    assert found.transition.tolist() == [None, "cut", "cut"] and found.transition_frames.tolist() == [None] * 3


def test_a_flash_begins_no_shot(film):
    assert find_shots(film, method="adaptive").start_frame.tolist() == [0, 40, 70]


def test_a_film_of_one_frame_is_one_shot_and_so_is_one_without_cuts(tmp_path):
    for name, frames in (("one.mp4", shot(0, 1)), ("still.mp4", shot(0, 1).repeat(30, 0))):
        found = find_shots(write(tmp_path / name, frames), method="adaptive")
        assert found[["start_frame", "end_frame"]].values.tolist() == [[0, len(frames)]]
        assert found.end[0] > found.start[0] == 0


def test_a_method_that_is_not_offered_and_a_sound_are_refused(tmp_path, film):
    with pytest.raises(ValueError, match="combined"):
        find_shots(film, method="magic")
    vl.write_video(tmp_path / "a.mp4", shot(0, 5), fps=25)
    import wave
    with wave.open(str(tmp_path / "a.wav"), "wb") as sound:
        sound.setnchannels(1), sound.setsampwidth(2), sound.setframerate(8000), sound.writeframes(bytes(8000))
    with pytest.raises(vl.MediaError, match="no pictures"):
        find_shots(tmp_path / "a.wav", method="adaptive")


def test_without_the_network_shots_are_found_by_change_and_this_is_told(monkeypatch, film):
    def missing(name):
        raise assets.AssetError("Could not fetch it; run `vmm-lab fetch`.")

    monkeypatch.setattr(assets, "fetch", missing)
    with pytest.warns(UserWarning, match="vmm-lab fetch"):
        assert find_shots(film).start_frame.tolist() == [0, 40, 70]


def test_the_network_alone_does_not_make_a_flash_a_shot():
    looks = np.concatenate([np.full((20, 208), 50), np.full((2, 208), 200), np.full((20, 208), 50)]).astype(np.uint8)
    probabilities = np.zeros((42, 2), np.float32)
    probabilities[19:23] = 0.9
    assert shots.combined(Film(looks, np.arange(42) / 25, probabilities)) == []


# ---- scores ----

def test_cuts_count_within_two_frames_and_gradual_ones_where_they_overlap():
    truth = table(100, (200, 210), 300)
    assert score_shots([(table(102, (209, 230), 298), truth)])["f1"] == 1
    assert score_shots([(table(103, (211, 230), 297), truth)])["f1"] == 0


def test_each_transition_is_matched_once():
    scores = score_shots([(table(99, 100, 101), table(100))])
    assert scores["precision"] == pytest.approx(1 / 3) and scores["recall"] == 1
    assert score_shots([(table((90, 120)), table(100, 110))])["recall"] == 0.5


def test_a_cut_inside_a_dissolve_is_of_the_wrong_kind():
    pair = (table(100, 205), table(100, (200, 210)))
    strict, lenient = score_shots([pair]), score_shots([pair], kinds=False)
    assert strict["f1"] == lenient["f1"] == 1
    assert strict["f1_gradual"] == 0 and strict["f1_cuts"] < 1 == lenient["f1_gradual"] == lenient["f1_cuts"]


def test_films_are_pooled_and_what_cannot_be_scored_is_nan():
    scores = score_shots([(table(100), table(100)), (table(), table(50, 80))])
    assert scores["recall"] == pytest.approx(1 / 3) and scores["precision"] == 1
    assert np.isnan(scores["f1_gradual"]) and np.isnan(score_shots([(table(), table())])["f1"])


# ---- the command ----

def test_the_command_writes_what_was_found_as_json(tmp_path, film, monkeypatch, capsys):
    found = shots.shots_of(Film(np.zeros((60, 208), np.uint8), np.arange(60) / 25, None), 2.4)
    gradual = pd.concat([found, found.assign(start_frame=20, transition="gradual", transition_frames=[(16, 24)])])
    monkeypatch.setattr(shots, "find_shots", lambda path, progress: gradual)
    assert cli.main(["shots", str(film), "--json", str(tmp_path / "a.json")]) == 0
    first, second = json.loads((tmp_path / "a.json").read_text())
    assert first == {"start_frame": 0, "end_frame": 60, "start": 0.0, "end": 2.4, "transition": None}
    assert second["transition"] == "gradual" and second["transition_frames"] == [16, 24]
    assert "gradual" in capsys.readouterr().out


def test_the_command_refuses_what_it_cannot_do_in_one_sentence(tmp_path, capsys):
    for words in (["shots", str(tmp_path / "no.mp4")], ["shots", "a.mp4", "--json", str(tmp_path / "no" / "a.json")]):
        assert cli.main(words) == 1
        assert capsys.readouterr().err.count("\n") == 1


# ---- the network ----

@pytest.mark.slow
def test_dissolves_and_cuts_between_real_films_are_found_by_all_means_together(tmp_path):
    try:
        paths = [assets.fetch(name) for name in ("transnetv2", "carphone", "bigbuckbunny")][1:]
    except assets.AssetError as error:
        pytest.skip(str(error))
    first, second = (vl.open_media(path).frames(size=(72, 96), end=3)[0] for path in paths)
    share = ((np.arange(12) + 1) / 13)[:, None, None, None]
    mixed = ((1 - share) * first[-12:] + share * second[:12]).astype(np.uint8)
    path = write(tmp_path / "a.mp4", first[:-12], mixed, second[12:], first[:40])
    truth = table((len(first) - 12, len(first) - 1), len(first) + len(second) - 12)
    assert score_shots([(find_shots(path), truth)])["f1"] == 1

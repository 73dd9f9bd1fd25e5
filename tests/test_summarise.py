"""Summaries of a film: a reel that lasts as long as asked for, with its sound, and a storyboard; scores next to chance."""
import errno
import json
import os
import sys

import av
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.io import wavfile

import vmm_lab as vl
from vmm_lab import cli
from vmm_lab.pretrained import speech
from vmm_lab.tasks import chapters as chapters_module
from vmm_lab.tasks import importance, summarise
from vmm_lab.tasks.importance import learn_importance, score_summary
from vmm_lab.tasks.shots import Film
from vmm_lab.tasks.summarise import IMPORTANCE, Summary, _clock

FPS, LENGTHS = 10, (40, 30, 50, 20, 60)  # frames of each shot
CUTS = np.concatenate([[0], np.cumsum(LENGTHS)])
SHOTS = pd.DataFrame({"start_frame": CUTS[:-1], "end_frame": CUTS[1:], "start": CUTS[:-1] / FPS, "end": CUTS[1:] / FPS,
                      "transition": [None, *["cut"] * 4], "transition_frames": [None] * 5})


def pictures():
    """Shots of one colour each, with a spot that moves; the fourth moves most."""
    colors = [(200, 40, 40), (40, 200, 40), (40, 40, 200), (220, 220, 40), (200, 50, 60)]
    frames = np.concatenate([np.full((n, 48, 64, 3), color, np.uint8) for n, color in zip(LENGTHS, colors)])
    for t, frame in enumerate(frames):
        x = (7 if CUTS[3] <= t < CUTS[4] else 1) * t % 50
        frame[10:30, x:x + 12] = 255
    return frames


def tone():
    """A tone whose loudness is that of its shot."""
    level = np.repeat([0.1, 0.1, 0.1, 0.8, 0.1], np.array(LENGTHS) * 1600)
    return (level * np.sin(np.arange(len(level)) * 2 * np.pi * 440 / 16_000)).astype(np.float32)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("films é") / "film.mp4"
    return vl.write_video(path, pictures(), fps=FPS, audio=tone(), sample_rate=16_000)


@pytest.fixture(scope="module")
def summary(film):
    return Summary(film, shots=SHOTS)


@pytest.mark.parametrize("kind", [kind for kind in IMPORTANCE if kind != "learned"])
@pytest.mark.parametrize("seconds", [0.3, 3, 7.5, 12])
def test_a_summary_lasts_as_long_as_asked_for_and_its_pieces_are_in_order(summary, kind, seconds):
    pieces = summary.choose(seconds, kind)
    assert sum(end - start for start, end in pieces) == pytest.approx(seconds, abs=0.5)
    assert all(0 <= start < end <= 20 for start, end in pieces)
    assert all(before[1] <= after[0] for before, after in zip(pieces, pieces[1:]))


def test_a_reel_longer_than_the_film_is_the_film(summary):
    assert summary.choose(60) == [(0.0, 20.0)]


def test_clusters_show_different_things_before_the_same_again(summary):
    chosen = {int(np.searchsorted(CUTS / FPS, start, side="right")) - 1 for start, _ in summary.choose(9, "clusters")}
    assert not {0, 4} <= chosen  # both are red


def test_a_reel_plays_the_pieces_with_their_sound(summary, tmp_path):
    path = summary.write_reel(tmp_path / "reel.mp4", [(4.5, 6.5), (12.0, 14.0)])
    with vl.open_media(path) as reel:
        assert reel.duration == pytest.approx(4.0, abs=0.1) and reel.fps == FPS
        frames, _ = reel.frames()
        assert frames[5, 40, 5].argmax() == 1 and frames[25, 40, 5].min() < 80 < frames[25, 40, 5, :2].min()
        wave = reel.audio()
        assert 5 * np.abs(wave[8000:24_000]).mean() < np.abs(wave[40_000:56_000]).mean()


def test_a_film_without_sound_and_one_of_a_single_frame_are_summarised_too(tmp_path):
    for name, frames in (("silent.mp4", pictures()[:60]), ("one.mp4", pictures()[:1])):
        summary = Summary(vl.write_video(tmp_path / name, frames, fps=FPS), shots=SHOTS.iloc[:1].assign(end_frame=len(frames), end=len(frames) / FPS))
        reel = vl.open_media(summary.write_reel(tmp_path / f"reel {name}", summary.choose(2)))
        assert not reel.has_audio and len(reel.frames()[0]) == min(20, len(frames))
        assert Image.open(summary.write_storyboard(tmp_path / "board.png")).width > 200


def test_keyframes_are_one_for_each_shot_and_of_it(summary):
    images = summary.keyframes(width=64)
    assert images.shape == (5, 48, 64, 3)
    assert ((summary.shots.start < summary.shots.keyframe) & (summary.shots.keyframe < summary.shots.end)).all()
    assert images[:3, 44, 2].argmax(1).tolist() == [0, 1, 2]


def test_chapters_are_neighbours_named_by_tags_and_captions(film, summary):
    tagged = SHOTS.assign(tags=["red|calm", "green|calm", "blue|calm", "loud", "red"], caption=[*"abcde"])
    chapters = Summary(film, shots=tagged).chapters(2)
    assert chapters.start.tolist()[0] == 0 and chapters.end.tolist()[-1] == 20 and len(chapters) == 2
    assert chapters.title.str.contains(": [a-e]$").all()
    assert summary.chapters(2).title.tolist() == ["Chapter 1", "Chapter 2"]


def test_the_liveliest_shot_is_chosen_first_and_of_a_long_one_its_liveliest_seconds(summary):
    assert summary.importance().argmax() == 3 and summary.choose(2) == [(12.0, 14.0)]
    assert summary.importance() == pytest.approx(summary.importance("energy"))
    assert summary.energy.shape == summary.times.shape == (200,) and 0 < summary.energy.min() < summary.energy.max() < 1


def test_energy_prefers_what_moves_and_sounds_within_one_shot_too():
    looks = np.zeros((600, 208), np.uint8)  # a minute at 10 frames a second that moves from 40 to 44 s
    looks[400:440:2, :144] = 40
    curve = importance.energy(Film(looks, np.arange(600) / 10, None), np.array([0]), np.full(600, -90.0))
    [(start, end)] = importance.lively_pieces(curve, np.arange(600) / 10, [(0, 600)], 5)
    assert 39 <= start <= 40 and end == pytest.approx(start + 5)
    pieces = importance.lively_pieces(curve, np.arange(600) / 10, [(0, 600)], 15)
    assert len(pieces) == 3 and sum(b - a for a, b in pieces) == pytest.approx(15)


def test_transitions_are_no_part_of_a_reel_by_energy(film):
    shots = SHOTS.assign(transition_frames=[None, (36, 43), None, None, None], transition=[None, "gradual", *["cut"] * 3])
    pieces = Summary(film, shots=shots).choose(19.4)
    assert not any(start < 4.4 and end > 3.6 for start, end in pieces)


def test_without_labels_reels_by_energy_are_above_random_and_uniform_ones():
    scores = vl.assets.results("summaries")["f1"]
    assert scores["energy"] >= 1.5 * scores["random"] and scores["energy"] > scores["uniform"]


@pytest.mark.slow
def test_a_learner_finds_the_highlights_of_a_film_like_those_it_was_shown(summary):
    learner = learn_importance([summary] * 4, [[False, False, False, True, False]] * 4)
    assert summary.importance("learned", learner=learner).argmax() == 3
    with pytest.raises(ValueError, match="learn_importance"):
        summary.choose(3, "learned")


def test_the_score_is_the_f1_of_shared_seconds():
    truth = SHOTS.assign(highlight=[False, True, False, True, False])  # 4 to 7 and 12 to 14 s
    assert score_summary([(4, 7), (12, 14)], truth) == 1
    assert score_summary([(0, 4)], truth) == 0
    assert score_summary([(5, 6), (7, 8)], truth) == pytest.approx(2 / 7)


@pytest.mark.parametrize("seconds", [0, -3, float("nan"), float("inf"), "15", True])
def test_a_length_that_makes_no_sense_is_refused(summary, seconds):
    with pytest.raises(ValueError, match="greater than 0"):
        summary.choose(seconds)


def test_a_full_disk_leaves_no_half_file_and_an_older_one_whole(summary, tmp_path, monkeypatch):
    (tmp_path / "board.png").write_bytes(b"old")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(vl.MediaError, match="space"):
        summary.write_storyboard(tmp_path / "board.png")
    monkeypatch.setattr("vmm_lab.media.write._encode", full)
    with pytest.raises(vl.MediaError, match="space"):
        summary.write_reel(tmp_path / "reel.mp4", [(0, 1)])
    assert [path.name for path in tmp_path.iterdir()] == ["board.png"] and (tmp_path / "board.png").read_bytes() == b"old"


def test_the_command_writes_reel_and_storyboard(film, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(summarise, "Summary", lambda media, **_: Summary(media, shots=SHOTS))
    out = tmp_path / "reel.mp4"
    assert cli.main(["summarise", str(film), "--seconds", "4", "--out", str(out), "--json", str(tmp_path / "a.json")]) == 0
    assert vl.open_media(out).duration == pytest.approx(4, abs=0.5)
    assert Image.open(tmp_path / "reel.png").size[0] > 500
    assert capsys.readouterr().out.count("written: ") == 3


@pytest.mark.parametrize("words", [["--out", "reel.avi"], ["--out", "no folder/reel.mp4"], ["--seconds", "0"], ["--out", "film.mp4"]])
def test_the_command_refuses_what_it_cannot_do_in_one_sentence(film, words, monkeypatch, capsys):
    monkeypatch.chdir(film.parent)
    monkeypatch.setattr(summarise, "Summary", lambda media, **_: Summary(media, shots=SHOTS))
    before = film.read_bytes()
    assert cli.main(["summarise", "film.mp4", *words]) == 1
    assert capsys.readouterr().err.count("\n") == 1 and film.read_bytes() == before


SAID = pd.DataFrame({"start": [0.5, 5.0, 13.0, 15.0], "end": [2.0, 6.0, 14.0, 16.0],
                     "text": ["The bread, the bread and the oven!", "An oven & <bread>", "a train; a train = late", "The train's bread #1"]})


def test_chapters_without_tags_are_named_by_what_is_said_in_them_and_not_elsewhere(summary):
    chapters = summary.chapters(2, words=SAID)
    border = chapters.end[0]
    early, late = chapters.title
    assert "Chapter" not in early + late and border in (4, 7, 12, 14)
    assert early.startswith("Bread") and late.startswith("Train") and "bread" not in late.lower().split(", ")[:1]


@pytest.mark.parametrize("n", [0, -1, 2.0, True])
def test_another_number_of_chapters_is_refused(summary, n):
    with pytest.raises(ValueError, match="find_chapters: n must be a whole number, at least 1"):
        summary.chapters(n)


def test_chapters_are_written_for_programs_browsers_and_ffmpeg(tmp_path):
    chapters = pd.DataFrame({"start": [0.0, 61.5], "end": [61.5, 3700.25], "title": ["Brot & Öfen", "a=b; #1"], "first_shot": [0, 3]})
    json_file, vtt, metadata = (chapters_module.write_chapters(chapters, tmp_path / f"c{end}") for end in (".json", ".vtt", ".txt"))
    assert json.loads(json_file.read_text(encoding="utf-8"))[1] == {"start": 61.5, "end": 3700.25, "title": "a=b; #1"}
    assert vtt.read_text(encoding="utf-8").splitlines()[2:4] == ["00:00:00.000 --> 00:01:01.500", "Brot &amp; Öfen"]
    assert "01:01:40.250" in vtt.read_text(encoding="utf-8")
    assert metadata.read_text(encoding="utf-8").splitlines()[6:] == ["[CHAPTER]", "TIMEBASE=1/1000", "START=61500", "END=3700250", r"title=a\=b\; \#1"]
    with pytest.raises(ValueError, match=r"\.json, \.vtt or \.txt"):
        chapters_module.write_chapters(chapters, tmp_path / "c.xml")


def test_chapters_reach_a_player_that_reads_ffmpegs_metadata(tmp_path):
    chapters = pd.DataFrame({"start": [0.0, 4.0], "end": [4.0, 20.0], "title": ["One", "a=b; #1"], "first_shot": [0, 1]})
    path = chapters_module.write_chapters(chapters, tmp_path / "c.txt")
    with av.open(str(path), format="ffmetadata") as read:
        assert [(c["metadata"]["title"], float(c["end"] * c["time_base"])) for c in read.chapters()] == [("One", 4.0), ("a=b; #1", 20.0)]


def test_the_command_writes_chapters_named_by_the_subtitles_next_to_the_film(tmp_path, monkeypatch):
    film = vl.write_video(tmp_path / "film.mp4", pictures(), fps=FPS)
    film.with_suffix(".srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nFresh bread\n")
    monkeypatch.setattr(summarise, "Summary", lambda media, **_: Summary(media, shots=SHOTS))
    out = tmp_path / "chapters.json"
    assert cli.main(["summarise", str(film), "--seconds", "2", "--out", str(tmp_path / "reel.mp4"), "--chapters", str(out)]) == 0
    assert json.loads(out.read_text()) == [{"start": 0.0, "end": 20.0, "title": "Fresh, bread"}]


@pytest.mark.slow
def test_spoken_words_are_recognised_and_silence_says_nothing(tmp_path):
    pytest.importorskip("pocketsphinx", reason="pocketsphinx is not installed (extra speech)")
    gap = np.zeros(16_000, np.float32)
    words = [vl.open_media(vl.assets.fetch(f"digit_{n}")).audio(sample_rate=16_000) for n in (7, 3)]
    sound = np.concatenate([gap, *(part for word in words for part in (word, gap))])
    path = vl.write_video(tmp_path / "digits.mp4", np.zeros((int(len(sound) / 1600), 48, 64, 3), np.uint8), fps=10, audio=sound, sample_rate=16_000)
    heard = speech.transcribe(vl.open_media(path))
    assert " ".join(heard.text).split() == ["seven", "three"]
    assert heard.start.between(0.5, 1.2).iloc[0] and (heard.end <= vl.open_media(path).duration).all()
    silent = vl.write_video(tmp_path / "silent.mp4", np.zeros((10, 48, 64, 3), np.uint8), fps=10)
    assert len(speech.transcribe(vl.open_media(silent))) == 0


def test_a_sound_of_no_length_says_nothing(tmp_path):
    pytest.importorskip("pocketsphinx", reason="pocketsphinx is not installed (extra speech)")
    wavfile.write(tmp_path / "empty.wav", 16_000, np.zeros(0, np.int16))
    assert list(speech.transcribe(vl.open_media(tmp_path / "empty.wav")).columns) == ["start", "end", "text"]


def test_without_the_recogniser_the_sentence_says_what_to_install(film, monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    speech._decoder.cache_clear()
    assert cli.main(["summarise", str(film), "--speech", "--out", str(tmp_path / "reel.mp4")]) == 1
    complaint = capsys.readouterr().err
    assert "vmm-lab[speech]" in complaint and complaint.count("\n") == 1 and not list(tmp_path.iterdir())


def test_a_time_that_rounds_to_a_minute_is_the_next_minute():
    assert [_clock(seconds) for seconds in (0, 3.04, 59.94, 59.97, 119.99, 754.5)] == ["0:00.0", "0:03.0", "0:59.9", "1:00.0", "2:00.0", "12:34.5"]

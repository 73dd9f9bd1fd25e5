"""Damaged files, kills, broken entries and odd places: a small version of benchmarks/bench_reliability.py."""
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab import cache
from vmm_lab.tasks.index import load_index
from vmm_lab.widgets.labeling import read_labels

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
import mutants

COUNT = 350  # of the numbers below it, those of the kinds here are read


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    mutants.make_samples(folder, (*mutants.MEDIA, *mutants.OWN))
    return folder


def test_a_mutant_is_made_from_its_number_alone_and_nearly_all_are_damaged(samples):
    numbers = [number for number in range(COUNT) if mutants.ORDER[number % len(mutants.ORDER)] in (*mutants.MEDIA, *mutants.OWN)]
    first, again = ([mutants.mutant(samples, number) for number in numbers] for _ in range(2))
    assert first == again and {kind for kind, _ in first} == {*mutants.MEDIA, *mutants.OWN}
    assert sum(data == (samples / mutants.kind_file(kind)).read_bytes() for kind, data in first) < len(first) / 20


@pytest.mark.parametrize("kinds", [mutants.MEDIA, mutants.OWN], ids=["media", "own files"])
def test_a_damaged_file_gives_a_result_or_one_sentence_and_never_ends_the_process(samples, tmp_path, kinds):
    found = mutants.run(samples, kinds, 0, COUNT, tmp_path / "notes.jsonl")
    assert len(found) > 50
    assert not {number: note["raw"] for number, note in found.items() if note["outcome"] not in ("result", "sentence")}
    assert max(note["megabytes"] for note in found.values()) < 1024


@pytest.mark.slow
def test_a_damaged_network_gives_a_result_or_one_sentence(tmp_path):
    mutants.make_samples(tmp_path / "samples", mutants.NETWORKS)
    found = mutants.run(tmp_path / "samples", mutants.NETWORKS, 0, 4 * COUNT, tmp_path / "notes.jsonl")
    assert not {number: note["raw"] for number, note in found.items() if note["outcome"] not in ("result", "sentence")}


# ---- what such trials found ----

def npz(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


def test_poses_whose_header_makes_no_sense_are_said(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((4, 3, 2)))
    data = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "a.npy").write_bytes(data.replace(b"}", b"("))
    with pytest.raises(vl.MediaError, match="no whole .npy file"):
        vl.open_media(tmp_path / "a.npy").poses()


def test_a_cache_entry_of_something_else_is_no_entry(tmp_path):
    cache.store(tmp_path / "a.npz", np.ones(3), 0.5)
    with np.load(tmp_path / "a.npz") as stored:
        seconds = io.BytesIO()
        np.save(seconds, stored["seconds"])
    npz(tmp_path / "a.npz", description=b"no array", seconds=seconds.getvalue())
    assert cache.load(tmp_path / "a.npz") is None


def test_labels_whose_times_are_no_numbers_are_said_in_one_line(tmp_path):
    table = pd.DataFrame({"path": ["a.mp4"], "start": [0.0], "end": [1.0]})
    (tmp_path / "labels.csv").write_text("path,start,end,label\na.mp4,zero,1.0,x\n")
    with pytest.raises(ValueError, match="labels.csv cannot be read as labels"):
        read_labels(tmp_path / "labels.csv", table, ["x"])
    (tmp_path / "labels.csv").write_text('path,start,end,label\n"b\nc.mp4",0,1.0,x\n')
    with pytest.raises(ValueError, match="is not in this table") as error:
        read_labels(tmp_path / "labels.csv", table, ["x"])
    assert "\n" not in str(error.value)


def test_pairs_with_a_cell_too_many_are_said(tmp_path):
    (tmp_path / "pairs.csv").write_text("path_a,path_b,same\na.png,b.png,1,2\nc.png,d.png,maybe,1\n")
    with pytest.raises(vl.TableError, match="pairs.csv cannot be read as a CSV of pairs"):
        vl.tasks.load_pairs(tmp_path / "pairs.csv")


def test_an_index_of_a_folder_that_was_emptied_says_that_all_is_gone(samples, tmp_path):
    index = load_index(samples / "index.npz")
    index.sources = [str(tmp_path)]
    assert index.changes() == {"new": [], "gone": [f"film {k}.mp4" for k in range(6)], "changed": []}

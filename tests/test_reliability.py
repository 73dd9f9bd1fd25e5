"""Damaged files, kills, broken entries and odd places: a small version of benchmarks/bench_reliability.py."""
import contextlib
import gc
import hashlib
import io
import os
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import bench_reliability
import kills
import mutants
import numpy as np
import pandas as pd
import places
import pytest

import vmm_lab as vl
from vmm_lab import assets, cache, files
from vmm_lab.media.container import Source
from vmm_lab.tasks.index import load_index
from vmm_lab.widgets.labeling import read_labels

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


@pytest.mark.slow
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


# ---- kills ----

@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="NOT TESTED: this system has no SIGKILL")
def test_an_extraction_that_is_killed_goes_on_from_where_it_was_and_gives_the_same(tmp_path):
    kills.FORKS.set_forkserver_preload(["vmm_lab.features.extract"])
    kills.make_media(tmp_path / "media", videos=20)
    for kill in kills.try_kills("an extraction", tmp_path / "media", tmp_path, n=2):
        assert kill["same"] and not kill["lost"] and not kill["done_twice"] and not kill["parts_after_the_rerun"], kill


def test_what_was_killed_a_day_ago_is_removed_and_nothing_else(tmp_path):
    names = [f".part-{'a' * 32}.mp4", f".part-{'b' * 32}", ".part-of-mine.mp4", "film.mp4"]
    for name in names:
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / f".part-{'c' * 32}.npz").write_bytes(b"somebody writes this now")
    (tmp_path / f".part-{'d' * 32}").mkdir()
    files.atomic_write(tmp_path / "new.txt", lambda file: file.write(b"whole"))
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {".part-of-mine.mp4", "film.mp4", "new.txt", f".part-{'c' * 32}.npz", f".part-{'d' * 32}"}


def test_a_pipeline_that_cannot_be_written_whole_leaves_the_one_before(tmp_path, monkeypatch):
    from skops import io as skops_io

    from vmm_lab.tasks import FeatureMethod

    method = FeatureMethod(vl.features.ColorHistogram())
    method.classes_ = np.array(["a", "b"])
    before = method.save(tmp_path / "model.skops").read_bytes()

    def full(model, file):
        Path(file).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(skops_io, "dump", full)
    with pytest.raises(ValueError, match="No space left"):
        method.save(tmp_path / "model.skops")
    assert (tmp_path / "model.skops").read_bytes() == before and len(list(tmp_path.iterdir())) == 1


# ---- broken entries among good ones ----

@pytest.mark.slow
def test_of_many_entries_the_broken_ones_are_told_and_the_rest_is_done(tmp_path):
    found = bench_reliability.measure_entries(tmp_path, 300)
    assert found["broken"] == 3
    for verb in ("extract", "compare"):
        assert not found[verb]["not_told"] and not found[verb]["lost"] and not found[verb].get("described_although_broken")


# ---- odd places ----

@pytest.mark.skipif(os.name != "posix", reason="NOT TESTED: odd places are made with what Linux and macOS have")
@pytest.mark.parametrize("name", ["that folder in the locale C", "a terminal of Latin-1"])
def test_the_command_works_in_an_odd_place(tmp_path, name):
    found = places.try_places(tmp_path, names=[name], tried=["vmm-lab check"])
    assert len(found) == 1 and not [row for row in found if row["outcome"] not in ("works", "sentence")]


# ---- what such trials found ----

def test_a_cache_that_cannot_be_written_is_named_with_the_way_out(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("where a folder should be")
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "file"))
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("a/b.bin", b"content")
    asset = assets.Asset(package="a", version="1", member="a/b.bin", sha256=hashlib.sha256(b"content").hexdigest(), size=7, licence="MIT", about="a", kind="media")
    monkeypatch.setitem(assets.ASSETS, "a", asset)
    monkeypatch.setattr(assets.subprocess, "run", lambda command, **_: (shutil.copy(tmp_path / "a.whl", command[command.index("--dest") + 1]), SimpleNamespace(returncode=0, stderr=""))[1])
    with pytest.raises(assets.AssetError, match="VMM_LAB_CACHE"):
        assets.fetch("a")


def test_a_file_that_was_read_leaves_no_decoder_behind(samples):
    for path in (samples / "sample.mp4", samples / "sample.gif"):
        broken = path.with_name(f"half {path.name}")
        broken.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        gc.collect()
        gc.disable()
        try:
            for one in (path, broken):
                for verb in ("frames", "sample", "audio"):
                    with contextlib.suppress(vl.MediaError):
                        getattr(vl.open_media(one), verb)(*[3] * (verb == "sample"))
            assert not [thing for thing in gc.get_objects() if type(thing) is Source]  # `isinstance` would ask what proxies stand for
        finally:
            gc.enable()


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
    (tmp_path / "labels.csv").write_text("path,start,a\x16\x7f,label\n" + "a.mp4,0,1.0,x\n")
    with pytest.raises(ValueError, match="has the columns") as error:
        read_labels(tmp_path / "labels.csv", table, ["x"])
    assert str(error.value).isprintable()
    (tmp_path / "labels.csv").write_text('path,start,end,label\n"b\nc.mp4",0,1.0,x\n')
    with pytest.raises(ValueError, match="is not in this table") as error:
        read_labels(tmp_path / "labels.csv", table, ["x"])
    assert "\n" not in str(error.value)


def test_pairs_with_a_cell_too_many_are_said(tmp_path):
    (tmp_path / "pairs.csv").write_text("path_a,path_b,same\na.png,b.png,1,2\nc.png,d.png,maybe,1\n")
    with pytest.raises(vl.TableError, match="pairs.csv"):
        vl.tasks.load_pairs(tmp_path / "pairs.csv")


def test_an_index_of_a_folder_that_was_emptied_says_that_all_is_gone(samples, tmp_path):
    index = load_index(samples / "index.npz")
    index.sources = [str(tmp_path)]
    assert index.changes() == {"new": [], "gone": [f"film {k}.mp4" for k in range(6)], "changed": []}

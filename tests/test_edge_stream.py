"""A stream is recognised frame by frame: the ring holds the clip, the budget is kept and the lost frames are counted."""
import io
import json
import sys
import types

import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab import cli, edge
from vmm_lab.edge import streaming

N, SIZE = 6, (16, 16)


def fake(*, n=N, seconds=1.0, scale=(0, 255), answer=None, kind="frames"):
    """An exported model that answers with the mean of its first and of its last frame."""
    shape = [n, *SIZE, 3] if n > 1 else [*SIZE, 3]
    facts = {"name": "means", "labels": ["dark", "light"], "inputs": [{"shape": shape, "dtype": "uint8" if scale[1] == 255 else "float32"}],
             "preprocessing": {"kind": kind, "feature": "HOG()", "height": 16, "width": 16, "n_frames": n,
                               "seconds": seconds if n > 1 else 0.0, "range": list(scale)}}

    def run(rows):
        light = rows[0].reshape(n, -1).mean(axis=1) / scale[1]
        return [np.array([[1 - light[-1], light[-1]]], np.float32) if answer is None else answer(light)]

    return edge.Exported(facts, run)


def grey(value):
    return np.full((*SIZE, 3), value, np.uint8)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two seconds dark, two seconds light, 25 frames a second, of another size than the model's."""
    frames = np.concatenate([np.full((50, 48, 64, 3), 20, np.uint8), np.full((50, 48, 64, 3), 230, np.uint8)])
    return vl.write_video(tmp_path_factory.mktemp("films é") / "night and day.mp4", frames, fps=25)


def test_the_ring_holds_the_last_frames_in_their_order():
    seen = []
    model = fake(answer=lambda light: seen.append(np.round(255 * light)) or np.ones((1, 2), np.float32))
    ring = edge.Recogniser(model)
    seen.clear()
    answers = [ring.feed(k / 6, grey(10 * k)) for k in range(9)]
    assert [answer is None for answer in answers] == [True] * 5 + [False] * 4
    assert [list(row) for row in seen] == [[10 * (k + j) for j in range(6)] for k in range(4)]


def test_a_frame_too_soon_is_left_out_and_a_missing_one_is_the_one_before():
    seen = []
    ring = edge.Recogniser(fake(answer=lambda light: seen.append(np.round(255 * light)) or np.ones((1, 2), np.float32)))
    for k in range(6):
        ring.feed(k / 6, grey(10 * k))
    assert ring.feed(5.2 / 6, grey(99)) is None and ring.feed(8 / 6, grey(80)) is not None
    assert list(seen[-1]) == [30, 40, 50, 50, 50, 80]
    assert ring.feed(1000.0, grey(7)) is not None and list(seen[-1]) == [80] * 5 + [7]
    ring.reset()
    assert ring.feed(0.0, grey(1)) is None


@pytest.mark.parametrize("rate", [7, 10, 25, 30, 60])
def test_a_camera_of_another_rate_fills_the_ring_with_frames_of_the_models(rate):
    seen = []
    model = fake(n=12, seconds=2.0, answer=lambda light: seen.append(np.round(255 * light)) or np.ones((1, 2), np.float32))
    ring = edge.Recogniser(model)
    seen.clear()
    for k in range(4 * rate):
        ring.feed(k / rate, grey(k))
    spans = [(row[-1] - row[0]) / rate for row in seen]
    assert np.abs(np.array(spans) - 11 / 6).max() < 1 / 6 + 1e-9


def test_a_model_with_one_sigmoid_tells_both_classes():
    model = fake(n=1, answer=lambda light: np.array([[light[-1]]], np.float32))
    rows = np.stack([grey(0), grey(255)])
    assert model.predict(rows).tolist() == [[1, 0], [0, 1]]
    streamed = edge.Streamed(model.labels, 0.1, np.array([0.0, 1.0]), model.predict(rows))
    assert streamed.intervals["label"].tolist() == ["dark", "light"]


def test_rows_of_another_range_than_the_models_are_refused():
    with pytest.raises(ValueError, match="takes pixels from 0 to 255, and the rows are from 0.5 to 0.5"):
        fake(n=1).predict(np.full((1, *SIZE, 3), 0.5))
    with pytest.raises(ValueError, match="takes pixels from 0 to 1, and the rows are from 128 to 128"):
        fake(n=1, scale=(0, 1)).predict(grey(128)[None])


def test_a_frame_of_another_size_and_a_model_without_pictures_are_refused():
    for frame, name in ((np.zeros((48, 64, 3), np.uint8), r"uint8 \(48, 64, 3\)"), (grey(128) / 255, r"float64 \(16, 16, 3\)")):
        with pytest.raises(ValueError, match=rf"The frame is {name}, and a stream has frames uint8 \(16, 16, 3\)"):
            edge.Recogniser(fake()).feed(0.0, frame)
    with pytest.raises(ValueError, match="means reads no frames but HOG"):
        edge.Recogniser(fake(kind="feature"))


@pytest.mark.parametrize("n", [1, N])
@pytest.mark.parametrize("scale", [(0, 255), (0, 1)])
def test_a_file_of_another_size_and_rate_is_streamed(film, n, scale):
    heard = []
    done = edge.stream(fake(n=n, scale=scale), film, fps=6, on_decision=lambda time, answer: heard.append(time))
    intervals = done.intervals
    assert list(intervals["label"]) == ["dark", "light"] and abs(intervals["start"][1] - 2.0) < 0.2
    assert (intervals["probability"] > 0.85).all() and heard == list(done.times)
    assert len(done.costs) == 24 and done.facts["dropped"] == 0 and done.duration == pytest.approx(4.0, abs=0.1)
    assert done.facts["times_real_time"] > 1 and done.facts["p99_ms"] >= done.facts["median_ms"] > 0


def test_frames_that_come_while_the_one_before_is_at_work_are_counted(film, monkeypatch):
    clock = iter(np.arange(0, 1000, 0.25))  # each look at the clock takes a quarter of a second: too slow for six a second
    monkeypatch.setattr(streaming.time, "perf_counter", lambda: float(next(clock)))
    done = edge.stream(fake(), film)
    assert done.dropped > 4 and done.dropped + len(done.costs) == 24
    assert done.facts["over_budget"] == len(done.costs) and done.facts["budget_ms"] == pytest.approx(1000 / 6)


def test_a_stream_can_end_early_and_a_short_one_has_no_decisions(film):
    assert edge.stream(fake(), film, seconds=1.5).times.max() < 1.5
    short = edge.stream(fake(), film, seconds=0.4)
    assert len(short.times) == 0 and short.intervals.empty and len(short.costs) == 3
    with pytest.raises(vl.MediaError):
        edge.stream(fake(), "no such file.mp4")
    with pytest.raises(ValueError, match="seconds must be a number greater than 0"):
        edge.stream(fake(), film, seconds=-1)


def test_an_absent_camera_is_told_in_one_sentence(capfd):
    with pytest.raises(vl.MediaError, match="There is no camera 63"):
        edge.stream(fake(n=1), 63)
    assert capfd.readouterr() == ("", ""), "OpenCV's own words are for nobody"


def test_the_answer_waits_for_a_clear_change_and_does_not_flicker():
    times = np.arange(40) / 25
    wanted = np.where(times < 0.8, 0.9, 0.1)
    wanted[[5, 25]] = 1 - wanted[[5, 25]]  # one odd frame on each side
    answers = edge.steady(times, np.stack([wanted, 1 - wanted], axis=1))
    change = np.flatnonzero(np.diff(answers)) + 1
    assert answers[0] == 0 and len(change) == 1 and 0.8 < times[change[0]] < 1.1
    torn = 0.5 + 0.08 * np.sign(np.sin(50 * times))
    assert len(set(edge.steady(times, np.stack([torn, 1 - torn], axis=1)))) == 1, "no answer is clearly above the other"
    assert edge.steady([], np.zeros((0, 2))).tolist() == [] and edge.steady([3.0, 90.0], [[1, 0], [0, 1]]).tolist() == [0, 1]


class Camera:
    """What OpenCV gives for a camera: opened or not, with so many pictures."""

    def __init__(self, pictures=0, opened=True):
        self.pictures, self.opened, self.released = pictures, opened, False

    def isOpened(self):
        return self.opened

    def read(self):
        self.pictures -= 1
        return (True, np.full((48, 64, 3), (0, 0, 200), np.uint8)) if self.pictures >= 0 else (False, None)

    def release(self):
        self.released = True


@pytest.mark.parametrize(("camera", "message"), [
    (Camera(opened=False), "There is no camera 63, or another program has it"),
    (Camera(pictures=0), "The camera 63 gives no pictures; another program"),
])
def test_a_camera_that_is_absent_or_busy_is_told(camera, message, monkeypatch):
    import cv2

    monkeypatch.setattr(cv2, "VideoCapture", lambda number: camera)
    with pytest.raises(vl.MediaError, match=message):
        edge.stream(fake(n=1), 63)


def test_a_camera_that_is_refused_is_told(monkeypatch):
    import cv2

    monkeypatch.setattr(cv2, "VideoCapture", lambda number: Camera(opened=False))
    monkeypatch.setattr(streaming.Path, "exists", lambda path: True)
    monkeypatch.setattr(streaming.os, "access", lambda *_: False)
    with pytest.raises(vl.MediaError, match=r"The camera 0 is refused: .*join its group"):
        edge.stream(fake(n=1), 0)


def test_a_camera_gives_its_newest_frame_in_rgb_and_counts_the_others(monkeypatch):
    import cv2

    camera = Camera(pictures=10**9)
    monkeypatch.setattr(cv2, "VideoCapture", lambda number: camera)
    lost = [0]
    frames = streaming.camera_frames(0, SIZE, lost=lost)
    first, picture = next(frames)
    streaming.time.sleep(0.05)
    second, _ = next(frames)
    frames.close()
    assert first == 0.0 < second and lost[0] > 0 and camera.released
    assert picture.shape == (*SIZE, 3) and picture[0, 0, 0] > 190 and picture[0, 0, 2] < 10


def test_a_video_comes_in_by_a_pipe(film, tmp_path, monkeypatch):
    import av

    path = tmp_path / "film.mkv"
    with av.open(str(film)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(path.read_bytes())))
    done = edge.stream(fake(), "-")
    assert list(done.intervals["label"]) == ["dark", "light"] and len(done.costs) + done.dropped == 100
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(b"not a video at all")))
    with pytest.raises(vl.MediaError, match="no video that can be read from its start"):
        edge.stream(fake(), "-")


@pytest.mark.slow
@pytest.mark.parametrize("to", ["litert", "onnx"])
def test_the_command_streams_a_file(film, tmp_path, to, capsys):
    from vmm_lab.networks import conv2plus1d

    model = conv2plus1d(2, (8, 32, 32, 3))
    edge.export(model, tmp_path / "phone", to=to, labels=["dark", "light"], seconds=1.0)
    assert cli.main(["stream", str(tmp_path / "phone"), str(film), "--json", str(tmp_path / "out.json")]) == 0
    assert "times real time" in capsys.readouterr().out
    facts = json.loads((tmp_path / "out.json").read_text())
    assert facts["frames"] == 32 and facts["dropped"] == 0 and facts["budget_ms"] == 125
    # What the stream decides is what Keras decides on the same frames.
    frames, _ = vl.open_media(film).frames(size=(32, 32), fps=8)
    wanted = np.asarray(model(frames[None, -8:]))[0]
    streamed = edge.stream(tmp_path / "phone", film)
    assert np.abs(streamed.probabilities[-1] - wanted).max() < 1e-4
    assert cli.main(["stream", str(tmp_path), str(film)]) == 1
    assert "holds no exported model" in capsys.readouterr().err

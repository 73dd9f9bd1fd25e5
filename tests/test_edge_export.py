"""Exported models answer as Keras does, when they are written and when they are loaded; what does not convert is named."""
import json
from pathlib import Path

import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab import cli, edge
from vmm_lab.edge import convert
from vmm_lab.networks import Examples, cnn_gru, conv2plus1d, hog_gru, keras, predict, small_cnn

layers = keras.layers
CLIP = (8, 32, 32, 3)
pytestmark = pytest.mark.slow  # it converts networks
LABELS = ["clap", "jump", "sit_down"]


def pixels(shape, n=12, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


@pytest.fixture(scope="module")
def picture_model():
    keras.utils.set_random_seed(0)
    return small_cnn(3, (32, 32))


@pytest.mark.parametrize("to", convert.FORMATS)
@pytest.mark.parametrize(("build", "rows"), [
    (lambda: small_cnn(3, (32, 32)), pixels((32, 32, 3))), (lambda: conv2plus1d(3, CLIP), pixels(CLIP)),
    (lambda: cnn_gru(3, CLIP), pixels(CLIP)),
    (lambda: hog_gru(3, (8, 40), components=5), np.random.default_rng(0).normal(size=(6, 8, 40)).astype(np.float32)),
], ids=["pictures", "(2+1)D", "CNN + GRU", "HOG + GRU"])
def test_what_was_exported_answers_as_keras_does(build, rows, to, tmp_path, capfd, caplog):
    model = build()
    capfd.readouterr()
    done = edge.export(model, tmp_path / "phone é", to=to, labels=LABELS)
    assert sorted(path.name for path in done.folder.iterdir()) == sorted(["README.md", "model.json", convert.FORMATS[to]])
    assert capfd.readouterr() == ("", "") and not caplog.records, "the converters' notes are for nobody"
    again = edge.load_exported(done.folder)
    assert np.abs(again.predict(rows) - predict(model, rows)).max() < 1e-4
    assert again.labels == LABELS and again.facts["parity"]["largest_difference"] < 1e-4


def test_an_exported_folder_says_what_a_picture_must_be(picture_model, tmp_path):
    done = edge.export(picture_model, tmp_path / "out")
    facts = json.loads((tmp_path / "out" / "model.json").read_text())
    assert {"height": 32, "width": 32, "channels": "RGB", "range": [0, 255], "n_frames": 1}.items() <= facts["preprocessing"].items()
    assert facts["inputs"] == [{"shape": [32, 32, 3], "dtype": "uint8"}] and done.labels == ["class 0", "class 1", "class 2"]
    with pytest.raises(ValueError, match=r"shape \(64, 64, 3\), and the exported model takes \(32, 32, 3\)"):
        done.predict(pixels((64, 64, 3)))
    assert done.predict(pixels((32, 32, 3), n=0)).shape == (0, 3)


@pytest.mark.parametrize(("quantize", "most"), [("fp16", 0.6), ("dynamic", 0.4), ("int8", 0.4)])
def test_smaller_numbers_make_a_smaller_file(picture_model, quantize, most, tmp_path):
    whole = edge.export(picture_model, tmp_path / "float")
    rows = Examples(pixels((32, 32, 3), n=30), np.arange(30) % 3, tuple(LABELS))
    small = edge.export(picture_model, tmp_path / "small", quantize=quantize, calibration=rows)
    assert small.facts["bytes"] < most * whole.facts["bytes"]
    assert 0 < small.facts["parity"]["largest_difference"] < 0.05 and small.facts["parity"]["rows"] == 30


def test_calibration_needs_rows_of_every_class(picture_model, tmp_path):
    options = {"quantize": "int8", "labels": LABELS}
    with pytest.raises(ValueError, match="int8 needs calibration"):
        edge.export(picture_model, tmp_path / "out", **options)
    one = Examples(pixels((32, 32, 3)), np.ones(12, int), tuple(LABELS))
    with pytest.raises(ValueError, match=r"all of one class \(jump\)"):
        edge.export(picture_model, tmp_path / "out", calibration=one, **options)
    two = Examples(pixels((32, 32, 3)), np.arange(12) % 2, tuple(LABELS))
    with pytest.warns(UserWarning, match="show 2 of 3 classes"):
        edge.export(picture_model, tmp_path / "two", calibration=two, **options)
    with pytest.raises(ValueError, match="takes rows of shape"):
        edge.export(picture_model, tmp_path / "out", calibration=pixels((64, 64, 3)), **options)
    assert not (tmp_path / "out").exists()


def test_the_layer_that_does_not_convert_is_named_with_the_way_out(tmp_path):
    inputs = keras.Input(CLIP)
    x = layers.MaxPooling3D(2, name="pooled")(layers.Conv3D(2, 3, padding="same")(inputs))
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(layers.Flatten()(x)), name="old")
    with pytest.raises(ValueError, match=r"old does not convert to litert: its layer 'pooled' \(MaxPooling3D\).*strides.*to='onnx'"):
        edge.export(model, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert edge.export(model, tmp_path / "out", to="onnx").facts["parity"]["largest_difference"] < 1e-4


def test_a_conversion_that_gives_nan_writes_nothing(picture_model, tmp_path, monkeypatch):
    def broken(to, data, **_):
        return lambda *arrays: [np.full((1, 3), np.nan, np.float32)]

    monkeypatch.setattr("vmm_lab.edge.exporting.runner", broken)
    with pytest.raises(ValueError, match="answers NaN; nothing was written"):
        edge.export(picture_model, tmp_path / "out")
    monkeypatch.setattr("vmm_lab.edge.exporting.runner", lambda *_, **__: lambda *arrays: [np.full((1, 3), 0.1, np.float32)])
    with pytest.raises(ValueError, match=r"differs from Keras by .*; nothing was written"):
        edge.export(picture_model, tmp_path / "out")
    numbers = keras.Sequential([keras.Input((4,)), layers.Dense(2, activation="softmax")])
    with pytest.raises(ValueError, match="its weights or the calibration rows hold NaN"):
        edge.export(numbers, tmp_path / "out", calibration=np.full((3, 4), np.nan))
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_leaves_the_one_before(picture_model, tmp_path):
    before = edge.export(picture_model, tmp_path / "out", labels=LABELS)
    with pytest.raises(ValueError, match="names 2 different classes, and small_cnn gives 3"):
        edge.export(picture_model, tmp_path / "out", labels=["a", "b"])
    assert edge.load_exported(tmp_path / "out").facts == before.facts
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    (tmp_path / "out" / "notes.txt").write_text("of the one who exported")
    (tmp_path / "browser").mkdir()  # as another program writes its models
    for name in ("model.json", "group1-shard1of1.bin"):
        (tmp_path / "browser" / name).write_text("{}")
    for folder, held in (("mine", "thesis.txt"), ("out", "notes.txt"), ("browser", "group1-shard1of1.bin")):
        with pytest.raises(ValueError, match="holds what no export wrote"):
            edge.export(picture_model, tmp_path / folder)
        assert (tmp_path / folder / held).exists()


def test_an_export_that_cannot_take_its_place_gives_it_back(picture_model, tmp_path, monkeypatch):
    done = edge.export(picture_model, tmp_path / "out", labels=LABELS)
    before, rename, times = (done.folder / "model.json").read_bytes(), Path.rename, []

    def refuses(path, target):
        times.append(path)
        if len(times) == 2:
            raise PermissionError("in use")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuses)
    with pytest.raises(OSError, match="in use"):
        edge.export(picture_model, tmp_path / "out", labels=LABELS[::-1])
    assert (done.folder / "model.json").read_bytes() == before and [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_export_that_is_killed_between_two_renames_leaves_the_one_before(picture_model, tmp_path, monkeypatch):
    done, rename = edge.export(picture_model, tmp_path / "out", labels=LABELS), Path.rename

    class Killed(BaseException):
        pass

    def stops(path, target):
        if path.name.startswith(".part"):
            raise Killed
        return rename(path, target)

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(Path, "rename", stops)
        edge.export(picture_model, tmp_path / "out", labels=LABELS[::-1])
    assert not done.folder.exists() and edge.load_exported(tmp_path / "out").labels == LABELS
    with pytest.raises(ValueError, match="labels="):
        edge.export(picture_model, tmp_path / "out", labels=["one"])
    assert edge.load_exported(tmp_path / "out").labels == LABELS
    assert edge.export(picture_model, tmp_path / "out", labels=LABELS[::-1]).labels == LABELS[::-1]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_label_file_has_one_label_a_line(picture_model, tmp_path):
    names = tmp_path / "labels.txt"
    names.write_text("\ufeffclap\r\njump\r\n\r\nsit_down\r\n", encoding="utf-8")
    assert edge.export(picture_model, tmp_path / "out", labels=names).labels == LABELS
    names.write_text("clap\njump\njump\n")
    with pytest.raises(ValueError, match=r"labels.txt names 2 different classes"):
        edge.export(picture_model, tmp_path / "out", labels=names)
    with pytest.raises(ValueError, match="cannot be read"):
        edge.export(picture_model, tmp_path / "out", labels=tmp_path / "none.txt")


def test_a_changed_or_missing_model_is_refused(picture_model, tmp_path):
    done = edge.export(picture_model, tmp_path / "out")
    (done.folder / "model.tflite").write_bytes(b"another")
    with pytest.raises(ValueError, match="SHA-256 differs"):
        edge.load_exported(done.folder)
    with pytest.raises(ValueError, match="holds no exported model"):
        edge.load_exported(tmp_path)


@pytest.mark.parametrize(("model", "message"), [
    ("weights.npz", "checkpoint, which holds weights and no layers"), ("none.keras", "cannot be loaded as a Keras model"),
    ("none.skops", "There is no file"), (keras.Sequential([layers.Dense(2)], name="bare"), "bare is not built yet"),
    (keras.Model([a := keras.Input((2,), name="sound"), b := keras.Input((2,), name="words")], layers.Add()([a, b]), name="both"),
     r"takes 2 inputs \(sound, words\)"),
    (keras.Sequential([keras.Input((None, 5)), layers.GlobalAveragePooling1D(), layers.Dense(2, activation="softmax")], name="any"),
     r"any takes inputs of shape \(None, 5\), and a file has one size"),
])
def test_what_is_no_model_is_refused_with_the_way_out(model, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        edge.export(tmp_path / model if isinstance(model, str) else model, tmp_path / "out")


def test_a_file_that_is_no_model_and_a_layer_of_your_own_are_told_apart(tmp_path):
    class Twice(layers.Layer):
        def call(self, x):
            return 2 * x

    (tmp_path / "no.keras").write_text("half of it")
    inputs = keras.Input((4,))
    keras.Model(inputs, layers.Dense(2, activation="softmax")(Twice()(inputs))).save(tmp_path / "own.keras")
    for name, words in {"no": "it is no .keras file", "none": "there is no such file", "own": "only your own code knows its class Twice"}.items():
        with pytest.raises(ValueError, match=words):
            edge.export(tmp_path / f"{name}.keras", tmp_path / "phone")


def test_outputs_that_are_no_probabilities_and_odd_seconds_are_refused(picture_model, tmp_path):
    inputs = keras.Input((4,))
    with pytest.raises(ValueError, match="numbers that are no probabilities; end it with"):
        edge.export(keras.Model(inputs, layers.Dense(3)(inputs), name="logits"), tmp_path / "phone")
    with pytest.raises(ValueError, match="seconds must be a number greater than 0"):
        edge.export(picture_model, tmp_path / "phone", seconds=-1)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_rescales_its_floats_takes_pixels_and_others_are_calibrated_in_their_range(tmp_path):
    layers, table = keras.layers, vl.load_table("data/sample/clips.csv")
    head = [layers.GlobalAveragePooling2D(), layers.Dense(2, "softmax")]
    for name, begin, most in (("own", [layers.Rescaling(1 / 255)], 255), ("none", [layers.Rescaling(2.0, offset=-1)], 1)):
        keras.Sequential([keras.Input((16, 16, 3)), *begin, *head]).save(tmp_path / f"{name}.keras")
        made = edge.export(tmp_path / f"{name}.keras", tmp_path / name)
        assert made.facts["preprocessing"]["range"] == [0, most]
        read = edge.read_rows(tmp_path / f"{name}.keras", table).X
        assert most / 4 < read.max() <= most
    assert edge.Recogniser(edge.load_exported(tmp_path / "own")).feed(0.0, np.zeros((16, 16, 3), np.uint8)).shape == (2,)


def test_a_model_that_rescales_inside_another_takes_pixels_and_one_of_numbers_reads_no_files(tmp_path):
    inputs = keras.Input((16, 16, 3))
    inner = keras.Sequential([keras.Input((16, 16, 3)), layers.Rescaling(1 / 255), layers.Conv2D(2, 3)])
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(layers.Flatten()(inner(inputs))))
    assert edge.source_of(model)[2]["range"] == [0, 255]
    numbers = keras.Sequential([keras.Input((4,)), layers.Dense(2, activation="softmax")], name="numbers")
    with pytest.raises(ValueError, match=r"numbers takes rows of shape \(4,\), which are no frames"):
        edge.read_rows(numbers, vl.load_table("data/sample/clips.csv"))


def test_smaller_numbers_that_change_the_answer_are_told(tmp_path):
    inputs = keras.Input((40,))
    dense = layers.Dense(3, activation="softmax")
    model = keras.Model(inputs, dense(inputs), name="huge")
    dense.set_weights([np.random.default_rng(0).normal(size=(40, 3)) * 1e7, np.zeros(3)])  # more than half floats hold
    X = np.random.default_rng(1).normal(size=(60, 40)).astype(np.float32)
    try:
        with pytest.warns(UserWarning, match="As fp16, huge gives another answer on"):
            edge.export(model, tmp_path / "phone", quantize="fp16", calibration=X)
    except ValueError as error:  # where a kernel gives NaN
        assert "answers NaN" in str(error)


def test_onnx_is_float(picture_model, tmp_path):
    with pytest.raises(ValueError, match=r'int8 needs to="litert"'):
        edge.export(picture_model, tmp_path / "out", to="onnx", quantize="int8")


def test_the_command_exports_a_saved_pipeline(tmp_path, capsys):
    table = vl.load_table("data/sample/clips.csv")
    method = vl.tasks.NetworkMethod("CNN", minutes=1).fit(table)
    saved = method.save(tmp_path / "cnn.skops")
    out = tmp_path / "phone"
    assert cli.main(["export", str(saved), "--out", str(out), "--quantize", "int8", "--calibration", "data/sample/clips.csv",
                     "--json", str(tmp_path / "facts.json")]) == 0
    assert "same answer on 100.0%" in capsys.readouterr().out
    assert json.loads((tmp_path / "facts.json").read_text())["labels"] == method.classes_.tolist()
    examples = edge.read_rows(saved, table)
    assert (edge.load_exported(out).predict(examples.X).argmax(1) == method.predict_proba(table).argmax(1)).all()
    assert cli.main(["export", str(tmp_path / "none.skops"), "--out", str(out)]) == 1
    assert "There is no file" in capsys.readouterr().err

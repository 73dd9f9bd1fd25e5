"""Published networks, rebuilt in Keras, give what their makers' code gives; their files are read without running them."""
import collections
import io
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab import assets
from vmm_lab.pretrained import weights
from vmm_lab.pretrained.weights import read_torch


def fetched(*names):
    """The paths of assets; the test is skipped where they are not at hand and cannot be fetched."""
    try:
        return [assets.fetch(name) for name in names]
    except assets.AssetError as error:
        pytest.skip(str(error))


# ---- reading ----

class Storage:
    """Stands for a storage while a file is written, as PyTorch's pickler does."""

    def __init__(self, key, values):
        self.key, self.values = key, values


class Named:
    """Pickles as a global of that name, which need not exist here."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Writer(pickle._Pickler):  # the one in Python, which can be taught to write any name
    def persistent_id(self, thing):
        if isinstance(thing, Storage):
            return "storage", Named("torch", "FloatStorage"), thing.key, "cpu", len(thing.values)
        return None

    def save(self, thing, save_persistent_id=True):
        if isinstance(thing, Named):
            self.write(b"c" + f"{thing.module}\n{thing.name}\n".encode())
        elif isinstance(thing, Tensor):
            self.save(Named("torch._utils", "_rebuild_tensor_v2"))
            self.save((thing.storage, thing.offset, thing.size, thing.stride, False, collections.OrderedDict()))
            self.write(pickle.REDUCE)
        else:
            super().save(thing, save_persistent_id)


class Tensor:
    def __init__(self, storage, size, stride, offset=0):
        self.storage, self.size, self.stride, self.offset = storage, size, stride, offset


def pickled(thing):
    file = io.BytesIO()
    Writer(file, protocol=2).dump(thing)
    return file.getvalue()


def write_zip(path, state, values):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", pickled(state))
        archive.writestr("model/data/0", values.astype("<f4").tobytes())


def write_legacy(path, state, values):
    parts = [pickled(part) for part in (0x1950a86a20f9469cfc6c, 1001, {"little_endian": True}, state, ["0"])]
    path.write_bytes(b"".join(parts) + struct.pack("<q", len(values)) + values.astype("<f4").tobytes())


VALUES = np.arange(12, dtype=np.float32)


@pytest.mark.parametrize("write", [write_zip, write_legacy])
def test_tensors_are_read_in_both_formats_transposed_and_in_part(tmp_path, write):
    storage = Storage("0", VALUES)
    state = {"whole": Tensor(storage, (3, 4), (4, 1)), "turned": Tensor(storage, (4, 3), (1, 4)),
             "part": Tensor(storage, (2,), (1,), offset=5)}
    write(tmp_path / "a.pth", state, VALUES)
    found = read_torch(tmp_path / "a.pth")
    np.testing.assert_array_equal(found["whole"], VALUES.reshape(3, 4))
    np.testing.assert_array_equal(found["turned"], VALUES.reshape(3, 4).T)
    np.testing.assert_array_equal(found["part"], [5, 6])


@pytest.mark.parametrize("write", [write_zip, write_legacy])
@pytest.mark.parametrize(("size", "stride", "offset"), [((3, 5), (5, 1), 0), ((2,), (1,), 11), ((2,), (-1,), 3), ((1,), (1,), -2)])
def test_a_tensor_beyond_its_storage_is_refused(tmp_path, write, size, stride, offset):
    write(tmp_path / "a.pth", {"a": Tensor(Storage("0", VALUES), size, stride, offset)}, VALUES)
    with pytest.raises(assets.AssetError, match="outside"):
        read_torch(tmp_path / "a.pth")


@pytest.mark.parametrize("write", [write_zip, write_legacy])
@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "torch.load", "numpy.load"])
def test_a_file_that_asks_for_anything_but_tensors_is_refused_and_nothing_runs(tmp_path, write, name):
    write(tmp_path / "a.pth", {"a": Named(*name.rsplit(".", 1))}, VALUES)
    with pytest.raises(assets.AssetError, match=f"asks for {name}"):
        read_torch(tmp_path / "a.pth")


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"PK\x03\x04 cut", pickle.dumps(3), pickle.dumps({"a": 1})])
def test_a_file_that_is_none_is_refused_in_one_sentence(tmp_path, content):
    (tmp_path / "a.pth").write_bytes(content)
    with pytest.raises(assets.AssetError, match="not a PyTorch file"):
        read_torch(tmp_path / "a.pth")


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    write_legacy(tmp_path / "a.pth", {"a": Tensor(Storage("0", VALUES), (12,), (1,))}, VALUES)
    whole = (tmp_path / "a.pth").read_bytes()
    (tmp_path / "a.pth").write_bytes(whole[:-9])
    with pytest.raises(assets.AssetError, match="not a PyTorch file"):
        read_torch(tmp_path / "a.pth")


def test_what_was_read_once_is_kept_as_numbers_alone(tmp_path, monkeypatch):
    write_zip(tmp_path / "transnetv2.pth", {"a": Tensor(Storage("0", VALUES), (12,), (1,))}, VALUES)
    monkeypatch.setattr(assets, "fetch", lambda name: tmp_path / "transnetv2.pth")
    saved = []
    monkeypatch.setattr(np, "savez", lambda file, savez=np.savez, **arrays: saved.append(set(arrays)) or savez(file, **arrays))
    first = weights.weights("transnetv2")
    assert saved == [{"a"}]  # in NumPy 2.0 every keyword becomes an array of the file
    monkeypatch.setattr(weights, "read_torch", lambda path: pytest.fail("read twice"))
    np.testing.assert_array_equal(weights.weights("transnetv2")["a"], first["a"])


# ---- the networks ----

@pytest.mark.slow
def test_real_pictures_are_of_the_classes_that_one_sees():
    from vmm_lab.pretrained import ImageEmbedding, classify, imagenet_classes

    fetched("efficientnet_lite0", "imagenet_classes")
    names, feature = imagenet_classes(), ImageEmbedding()
    for picture, expected in (("cat", {"Egyptian Mau", "tabby cat", "a cat having a striped coat"}), ("coffee", {"espresso"}),
                              ("rocket", {"missile"})):
        [path] = fetched(picture)
        probabilities = classify(feature.read(vl.features.Segment(str(path))))
        assert probabilities.shape == (1, 1000) and probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert names[int(probabilities[0].argmax())] in expected
    [film] = fetched("bikes")
    mean = classify(ImageEmbedding(n_frames=24).read(vl.features.Segment(str(film)))).mean(axis=0)
    assert names[int(mean.argmax())] == "unicycle"  # the nearest that the classes have to a bicycle in a street
    assert "mountain bike" in [names[k] for k in np.argsort(-mean)[:5]]


@pytest.mark.parametrize("images", [np.zeros((0, 224, 224, 3), np.uint8), np.zeros((2, 64, 64, 3), np.uint8),
                                    np.zeros((224, 224, 3), np.uint8), np.zeros((1, 224, 224, 3), int)])
def test_what_is_no_batch_of_pictures_is_not_classified(images):
    from vmm_lab.pretrained import classify

    with pytest.raises(ValueError, match=r"classify takes RGB frames as uint8 \(T, 224, 224, 3\)"):
        classify(images)


@pytest.mark.parametrize("sentences", ["a person waves", ["a person waves", float("nan")], [None]])
def test_one_sentence_is_not_read_letter_by_letter_and_what_is_missing_is_no_sentence(sentences):
    from vmm_lab.pretrained import embed_sentences

    with pytest.raises(ValueError, match="embed_sentences takes a list of sentences"):
        embed_sentences(sentences)


@pytest.mark.slow
def test_embeddings_of_frames_are_pooled_and_a_still_film_has_no_change():
    from vmm_lab.pretrained import ImageEmbedding

    fetched("efficientnet_lite0")
    rng = np.random.default_rng(0)
    still = np.repeat(rng.integers(0, 256, (1, 224, 224, 3), dtype=np.uint8), 3, axis=0)
    moving = rng.integers(0, 256, (3, 224, 224, 3), dtype=np.uint8)
    rows = ImageEmbedding().transform([still, moving, still[:1]])
    assert rows.shape == (3, 2560) and rows.dtype == np.float32
    assert rows[0, 1280:].max() < 1e-4 < rows[1, 1280:].max() and not rows[2, 1280:].any()
    [frames] = [ImageEmbedding().describe(moving)]
    np.testing.assert_allclose(rows[1, 1280:], (abs(frames[1] - frames[0]) + abs(frames[2] - frames[1])) / 2, atol=1e-5)
    everything = ImageEmbedding(pooling="mean+std+change").transform([still, moving])
    np.testing.assert_allclose(everything[:, :1280], rows[:2, :1280], atol=1e-5)
    np.testing.assert_allclose(everything[1, 1280:2560], frames.std(axis=0), atol=1e-5)
    with pytest.raises(ValueError, match="224"):
        ImageEmbedding(size=(64, 64)).transform([moving])


@pytest.mark.slow
def test_sentences_that_mean_the_same_are_near_as_in_the_original():
    from vmm_lab.pretrained import embed_sentences

    fetched("minilm", "minilm_tokenizer")
    sentences = ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
    found = embed_sentences(sentences)
    # The similarities that the model's own card prints for these sentences.
    np.testing.assert_allclose(found[:1] @ found[1:].T, [[0.695, 0.943, 0.257]], atol=5e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(embed_sentences(sentences[1:2])[0], found[1], atol=1e-5)  # whatever shares the batch
    assert embed_sentences([]).shape == (0, 384)
    assert embed_sentences(["word " * 500]).shape == (1, 384)


@pytest.mark.slow
def test_cuts_between_real_films_are_found_at_their_frames():
    from vmm_lab.pretrained import shots

    films = []
    for path in fetched("transnetv2", "bigbuckbunny", "carphone")[1:]:
        films.append(vl.open_media(path).frames(size=shots.SIZE, end=2)[0])
    frames = np.concatenate([films[0], films[1], films[0][::-1]])
    found = shots.transition_probabilities(frames)
    ends = np.cumsum([len(films[0]), len(films[1])]) - 1  # a transition is told at the last frame before it
    assert found.shape == (len(frames), 2) and set(ends) <= set(np.flatnonzero(found[:, 0] > 0.5))
    assert (found[:, 0] > 0.5).sum() <= 4
    assert shots.transition_probabilities([]).shape == (0, 2)
    assert shots.transition_probabilities(frames[:1]).shape == (1, 2)


@pytest.mark.slow
def test_shot_boundaries_are_those_of_the_original_network():
    from transnet_frames import frames

    from vmm_lab.pretrained import shots

    fetched("transnetv2")
    expected = np.load(Path(__file__).with_name("transnetv2.npz"))["expected"]  # transnet_frames.py says how it was made
    found = shots.transition_probabilities(frames())
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert np.ptp(expected) > 0.8  # it says something about these frames

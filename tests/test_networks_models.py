"""Networks: what goes in and comes out, which of them know order, what they cost, and that a saved one says the same."""
import gc
import os
import subprocess
import sys
import textwrap
import weakref

import numpy as np
import pytest

from vmm_lab.features import Frames
from vmm_lab.networks import (
    Augment,
    Examples,
    cnn_gru,
    conv2plus1d,
    conv3d,
    cost,
    first_cnn,
    frame_average,
    hog_gru,
    keras,
    predict,
    small_cnn,
    transformer,
)
from vmm_lab.networks.examples import stack
from vmm_lab.networks.feeding import adapt
from vmm_lab.networks.layers import PCA, Differences, Foreground, WithDifferences
from vmm_lab.networks.prediction import _compiled

pytestmark = pytest.mark.slow  # it builds every network

CLIP = (8, 32, 32, 3)
VIDEO = [frame_average, cnn_gru, transformer, conv3d, conv2plus1d]


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


def inputs_for(build, n=4):
    """A model of three classes and n inputs for it."""
    rng = np.random.default_rng(0)
    if build is hog_gru:
        model, X = build(3, (8, 40), components=6, units=5), rng.normal(size=(n, 8, 40)).astype("float32")
        adapt(model, X)
        return model, X
    if build is small_cnn:
        return build(3, CLIP[1:3]), rng.integers(0, 256, (n, *CLIP[1:]), dtype=np.uint8)
    return build(3, CLIP), rng.integers(0, 256, (n, *CLIP), dtype=np.uint8)


# ---- shapes and files ----

def test_the_first_cnn_is_the_one_of_its_docstring():
    model = first_cnn()
    assert [(type(layer).__name__, layer.output.shape[1:]) for layer in model.layers] == [
        ("Conv2D", (62, 62, 32)), ("MaxPooling2D", (31, 31, 32)), ("Flatten", (30752,)), ("Dense", (128,)), ("Dense", (1,)),
    ]
    conv, pool, _, dense, last = model.layers
    assert (conv.kernel_size, pool.pool_size) == ((3, 3), (2, 2))
    assert [layer.activation.__name__ for layer in (conv, dense, last)] == ["relu", "relu", "sigmoid"]
    assert model.count_params() == 3_937_409
    assert (type(model.optimizer).__name__, model.loss) == ("Adam", "binary_crossentropy")
    assert model.inputs[0].dtype == "float32"


@pytest.mark.parametrize("build", [*VIDEO, hog_gru, small_cnn], ids=lambda build: build.__name__)
def test_probabilities_come_out_and_a_saved_model_gives_the_same(build, tmp_path):
    model, X = inputs_for(build)
    proba = predict(model, X)
    assert proba.shape == (4, 3) and proba.dtype == np.float32 and (proba >= 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")  # safe mode: nothing in the file is run
    np.testing.assert_array_equal(predict(again, X), proba)
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]


@pytest.mark.parametrize("build", [*VIDEO, hog_gru], ids=lambda build: build.__name__)
def test_only_the_frame_average_does_not_care_about_the_order_of_frames(build):
    model, X = inputs_for(build)
    shuffled = X[:, np.random.default_rng(1).permutation(X.shape[1])]
    change = np.abs(predict(model, shuffled) - predict(model, X)).max()
    if build is frame_average:
        assert change < 1e-5
    else:
        assert change > 1e-3


def test_feature_maps_keep_their_frames_and_layers_their_names():
    for build in VIDEO:
        model = build(3, CLIP)
        maps = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv3D)]
        assert maps[0].name.startswith("conv1") and all(len(layer.output.shape) == 5 for layer in maps)
        assert model.layers[-1].name == "probabilities"
    assert frame_average(3, CLIP).get_layer("embedding").output.shape[1:] == (8, 64)


def test_frame_networks_take_over_what_was_learnt_and_are_frozen():
    frames = frame_average(3, CLIP)
    for build in (cnn_gru, transformer):
        model = build(3, CLIP, frames=frames)
        taken = [layer for layer in model.layers[: model.layers.index(model.get_layer("embedding")) + 1] if layer.weights]
        assert [layer.name for layer in taken] == ["conv1", "conv2", "conv2_norm", "conv3", "conv3_norm", "embedding"]
        for layer in taken:
            assert not layer.trainable_weights
            for mine, theirs in zip(layer.get_weights(), frames.get_layer(layer.name).get_weights(), strict=True):
                np.testing.assert_array_equal(mine, theirs)
        assert model.trainable_weights


# ---- layers ----

def test_the_foreground_loses_what_stands_still_and_the_differences_what_does_not_change():
    clips = np.full((1, 5, 6, 6, 3), 200, np.uint8)
    assert np.abs(Foreground()(clips)).max() < 1e-5
    assert Differences()(clips).shape == (1, 4, 6, 6, 1)
    clips[0, 3:] = 255  # one jump, between the third frame and the fourth
    jump = np.asarray(Differences()(clips))[0, :, 0, 0, 0]
    np.testing.assert_allclose(jump, [0, 0, 4 * 55 / 255, 0], atol=1e-5)


def test_differences_beside_a_sequence_begin_with_nothing():
    steps = np.arange(6, dtype="float32").reshape(1, 3, 2) ** 2
    both = np.asarray(WithDifferences()(steps))
    np.testing.assert_array_equal(both[..., :2], steps)
    np.testing.assert_allclose(both[0, :, 2:], [[0, 0], [12, 24], [36, 48]])


def test_principal_components_agree_with_scikit_learn_up_to_one_scale():
    from sklearn.decomposition import PCA as Sklearn

    rows = np.random.default_rng(0).normal(size=(200, 12)).astype("float32") * np.arange(1, 13)
    layer = PCA(4)
    layer.adapt(rows)
    ours, theirs = np.asarray(layer(rows)), Sklearn(4).fit_transform(rows)
    np.testing.assert_allclose(ours.var(axis=0).mean(), 1, rtol=0.02)
    assert all(abs(np.corrcoef(a, b)[0, 1]) > 0.999 for a, b in zip(ours.T, theirs.T))


def test_too_few_rows_for_the_components_are_refused_in_one_sentence():
    for shape in ((5, 200), (200, 40)):
        with pytest.raises(ValueError, match=rf"96 principal components need as many rows, .*got \({shape[0]}, {shape[1]}\); ask for fewer"):
            PCA(96).adapt(np.zeros(shape))


# ---- cost ----

def test_the_cost_of_a_convolution_is_what_one_counts_by_hand():
    model = keras.Sequential([keras.Input((10, 10, 3)), keras.layers.Conv2D(8, 3)])
    places, products = 8 * 8, 3 * 3 * 3 * 8
    assert cost(model) == {"parameters": products + 8, "flops": 2 * places * products}


def test_the_cost_of_a_gru_is_what_one_counts_by_hand():
    model = keras.Sequential([keras.Input((7, 5)), keras.layers.GRU(4)])
    one_step = 3 * (5 * 4 + 4 * 4)  # three gates, each of the input and of the state
    assert cost(model)["flops"] == 2 * 7 * one_step
    both = keras.Sequential([keras.Input((7, 5)), keras.layers.Bidirectional(keras.layers.GRU(4))])
    assert cost(both)["flops"] == 2 * cost(model)["flops"]
    four = keras.Sequential([keras.Input((7, 5)), keras.layers.LSTM(4)])
    assert cost(four)["flops"] == 4 / 3 * cost(model)["flops"]


def test_convolutions_of_other_kinds_cost_what_one_counts_by_hand():
    def flops(layer, shape=(10, 10, 3)):
        return cost(keras.Sequential([keras.Input(shape), layer]))["flops"]

    assert flops(keras.layers.DepthwiseConv2D(3)) == 2 * 64 * 9 * 3
    assert flops(keras.layers.SeparableConv2D(8, 3)) == 2 * 64 * (9 * 3 + 3 * 8)
    assert flops(keras.layers.Conv2DTranspose(8, 2, strides=2)) == 2 * 100 * 4 * 3 * 8
    assert flops(keras.layers.TimeDistributed(keras.layers.Conv2D(8, 3)), (5, 10, 10, 3)) == 5 * flops(keras.layers.Conv2D(8, 3))


def test_a_dense_layer_over_time_and_attention_count_each_step():
    assert cost(keras.Sequential([keras.Input((7, 5)), keras.layers.Dense(3)]))["flops"] == 2 * 7 * 5 * 3
    steps = keras.Input((7, 8))
    model = keras.Model(steps, keras.layers.MultiHeadAttention(2, 4)(steps, steps))
    projections, scores_and_sums = 4 * 8 * 8 * 7, 2 * 7 * 7 * 8
    assert cost(model)["flops"] == 2 * (projections + scores_and_sums)


# ---- augmentation ----

def film(n=6, t=4):
    return np.random.default_rng(0).integers(0, 256, (n, t, 12, 16, 3), dtype=np.uint8)


def test_all_frames_of_a_clip_are_moved_alike_and_clips_differ():
    still = np.repeat(film(t=1), 5, axis=1)
    moved = np.asarray(Augment(shift=3)(keras.ops.convert_to_tensor(still), [0, 1]))
    assert moved.dtype == np.uint8 and (moved == moved[:, :1]).all()
    assert (moved != still).any()
    picture = np.repeat(film(n=1, t=1), 8, axis=0)
    assert len({clip.tobytes() for clip in np.asarray(Augment(shift=3)(keras.ops.convert_to_tensor(picture), [0, 1]))}) > 3


def test_a_shift_moves_by_whole_pixels_and_repeats_the_border():
    clips = film(n=20, t=1)
    moved = np.asarray(Augment(shift=2)(keras.ops.convert_to_tensor(clips), [3, 4]))
    found = set()
    for before, after in zip(clips[:, 0], moved[:, 0]):
        wide = np.pad(before, ((2, 2), (2, 2), (0, 0)), mode="edge")
        shifts = [(y, x) for y in range(5) for x in range(5) if (wide[y:y + 12, x:x + 16] == after).all()]
        assert len(shifts) == 1
        found.update(shifts)
    assert {y for y, _ in found} == {x for _, x in found} == {0, 1, 2, 3, 4}


def test_the_same_seed_gives_the_same_clips_and_another_seed_others():
    clips, augment = keras.ops.convert_to_tensor(film()), Augment(shift=3, flip=True)
    first, again, other = (np.asarray(augment(clips, seed)) for seed in ([1, 2], [1, 2], [1, 3]))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_clips_are_mirrored_only_where_it_is_asked_for():
    clips = film(n=40)
    same = np.asarray(Augment(shift=0)(keras.ops.convert_to_tensor(clips), [0, 0]))
    np.testing.assert_array_equal(same, clips)
    flipped = np.asarray(Augment(shift=0, flip=True)(keras.ops.convert_to_tensor(clips), [0, 0]))
    mirrored = [(after == before[:, :, ::-1]).all() for before, after in zip(clips, flipped)]
    assert all(m or (after == before).all() for m, before, after in zip(mirrored, clips, flipped))
    assert 10 < sum(mirrored) < 30


def test_pictures_are_moved_as_clips_of_one_frame_are():
    pictures = (film(t=1)[:, 0] / 255).astype("float32")
    moved, clips = (np.asarray(Augment(shift=3, flip=True)(keras.ops.convert_to_tensor(x), [0, 1])) for x in (pictures, pictures[:, None]))
    np.testing.assert_array_equal(moved, clips[:, 0])
    assert moved.shape == pictures.shape and (moved != pictures).any()


# ---- small things ----

def test_a_short_piece_repeats_its_frames_and_a_picture_stands_alone():
    three, six = np.arange(3)[:, None], np.arange(6)[:, None]
    np.testing.assert_array_equal(stack([three, six], Frames(n_frames=6))[..., 0], [[0, 0, 1, 1, 2, 2], [0, 1, 2, 3, 4, 5]])
    assert stack([three[:1], six[:1]], Frames(n_frames=1)).shape == (2, 1)


def test_nothing_is_said_on_the_error_stream_whatever_is_trained_and_how_often():
    code = """
        import numpy as np
        from vmm_lab.networks import Augment, Examples, cnn_gru, frame_average, keras, train
        X = np.random.default_rng(0).integers(0, 256, (11, 4, 16, 16, 3), dtype=np.uint8)
        some = Examples(X, np.arange(11) % 2, ("a", "b"))
        frames = frame_average(2, X.shape[1:])
        options = dict(validation=some, epochs=1, batch_size=4, progress=False)
        train(frames, some, augment=Augment(2), **options)
        train(cnn_gru(2, X.shape[1:], frames=frames), some, **options)
        flat = Examples(X.reshape(11, -1) / np.float32(255), some.y, some.classes)
        for _ in range(6):
            model = keras.Sequential([keras.Input(flat.X.shape[1:]), keras.layers.Dense(2, activation="softmax")])
            train(model, flat, **options | {"validation": flat})
            model.predict(flat.X, batch_size=4, verbose=0), model.evaluate(flat.X, flat.y, verbose=0)
    """
    done = subprocess.run([sys.executable, "-W", "always", "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and done.stderr == "", done.stderr[-2000:]


@pytest.mark.parametrize("closed", ["2>&-", "closed object"])
def test_networks_are_imported_where_there_is_no_error_stream(closed):
    code = "import vmm_lab.networks as n; print(n.keras.__version__)"
    if closed == "closed object":
        code = f"import sys; sys.stderr = None; {code}"
    command = f"exec '{sys.executable}' -c '{code}' {closed if closed == '2>&-' else ''}"
    done = subprocess.run(["sh", "-c", command], stdout=subprocess.PIPE, text=True, timeout=300)
    assert done.returncode == 0 and done.stdout.strip() == keras.__version__


def test_another_backend_of_keras_is_refused_in_one_sentence():
    code = "import vmm_lab.networks as n; n.train"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300,
                          env=os.environ | {"KERAS_BACKEND": "jax"})
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode and last.startswith("ImportError: The networks of vmm_lab run on TensorFlow") and "'jax'" in last


def test_examples_of_one_row_are_examples_and_a_split_keeps_groups_whole():
    some = Examples(np.arange(24.0).reshape(12, 2), np.arange(12) % 2, ("a", "b"), np.arange(12) // 3)
    assert repr(some[0]) == "Examples(1 of shape (2,), float64; 2 classes)"
    assert some[-1].labels.tolist() == ["b"] and some[2:4].X.shape == (2, 2)
    with pytest.raises(IndexError):
        some[12]
    train, test = some.split(test=0.25)
    assert len(train) + len(test) == 12 and not set(train.groups) & set(test.groups)
    with pytest.raises(ValueError, match='by is "group"'):
        some.split(by="label")
    with pytest.warns(UserWarning, match="random split"):
        assert len(some.split(by=None, test=0.5)[1]) == 6


def test_a_model_is_compiled_once_answers_for_no_rows_and_is_let_go():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    X = np.random.default_rng(0).normal(size=(70, 3))
    np.testing.assert_allclose(predict(model, X, batch_size=32), np.asarray(model(X)), atol=1e-6)
    assert predict(model, X[:0]).shape == (0, 2)
    calls = len(_compiled)
    predict(model, X[:5])
    assert len(_compiled) == calls
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None

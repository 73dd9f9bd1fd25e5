"""Training: the best epoch is kept, the same seeds give the same weights, and whatever ends it early leaves something sound."""
import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import weakref
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab.networks import (
    Augment,
    Examples,
    Monitor,
    TrainingError,
    feeding,
    first_cnn,
    fit,
    keras,
    load_examples,
    predict,
    small_cnn,
    train,
)
from vmm_lab.networks.layers import PCA
from vmm_lab.networks.prediction import layers_of

pytestmark = pytest.mark.slow  # it trains

layers, ops = keras.layers, keras.ops


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))


def rows(n=48, seed=0, groups=None):
    """Rows of six numbers, of class "right" where the first is above 0."""
    X = np.random.default_rng(seed).normal(size=(n, 6)).astype("float32")
    return Examples(X, (X[:, 0] > 0).astype(int), ("left", "right"), groups)


def net(seed=0, *, dropout=0.3, outputs=2, embedding="embedding", activation="tanh", frozen=False):
    """Six numbers → embedding → dropout → probabilities."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([
        keras.Input((6,)), layers.Dense(5, activation=activation, name=embedding), layers.Dropout(dropout),
        layers.Dense(outputs, activation="softmax" if outputs > 1 else "sigmoid", name="probabilities"),
    ], name="net")
    model.get_layer(embedding).trainable = not frozen
    return model


def quiet(model, examples, **options):
    return train(model, examples, **{"epochs": 4, "batch_size": 8, "learning_rate": 0.02, "progress": False} | options)


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


class Told(Monitor):
    """A monitor that notes what it is told, and does something at a step of all steps."""

    def __init__(self, at=None, act=None):
        super().__init__()
        self.at, self.act, self.notes, self.ended = at, act, [], None

    def start(self, **facts):
        self.notes.append(facts)

    def step(self, step, logs):
        if step == self.at:
            self.act(self)

    def epoch(self, number, logs):
        self.notes.append((number, logs))

    def end(self, history):
        self.ended = history


# ---- what is learnt ----

def test_what_can_be_learnt_is_learnt_by_one_output_or_by_two():
    some, new = rows(200), rows(200, seed=1)
    for outputs in (1, 2):
        model = net(dropout=0.0, outputs=outputs)
        history = quiet(model, some, epochs=15)
        proba = predict(model, new.X)
        assert ((proba[:, -1] > 0.5) == new.y).mean() >= 0.93
        assert history.epochs["loss"][-1] < 0.5 * history.epochs["loss"][0]


def test_the_weights_are_those_of_the_epoch_with_the_least_validation_loss():
    some = rows()
    wrong = replace(some, y=1 - some.y)  # the more is learnt, the worse it gets: the first epoch is the best
    long, short = net(), net()
    history = quiet(long, some, validation=wrong, epochs=5, augment=None)
    assert history.best_epoch == int(np.argmin(history.epochs["val_loss"])) + 1 == 1
    assert len(history) == 5 and history.ended == "finished"
    quiet(short, some, validation=wrong, epochs=5, monitor=Told(6, lambda told: told.stop.set()))  # the last step of the first epoch
    assert same(long, short)
    long.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    loss = long.evaluate(wrong.X, wrong.y, verbose=0)[0]
    assert loss == pytest.approx(min(history.epochs["val_loss"]), rel=1e-5)


def test_without_validation_the_weights_are_those_of_the_last_epoch():
    history = quiet(net(), rows())
    assert history.best_epoch == len(history) == 4
    assert repr(history) == "History(4 epochs, finished; the weights are those of epoch 4)"
    assert list(history.frame.columns) == ["accuracy", "loss", "learning_rate"] and history.frame.index.name == "epoch"


def test_training_ends_early_where_the_validation_gets_no_better():
    some = rows()
    history = quiet(net(), some, validation=replace(some, y=1 - some.y), epochs=9, patience=3)
    assert (history.ended, history.best_epoch, len(history)) == ("early", 1, 4)


def test_the_learning_rate_falls_to_0_along_half_a_cosine():
    rate = quiet(net(), rows(), epochs=10, learning_rate=0.01).epochs["learning_rate"]
    np.testing.assert_allclose(rate, 0.005 * (1 + np.cos(np.pi * np.arange(1, 11) / 10)), atol=1e-6)


def test_a_rare_class_counts_as_much_as_a_common_one_if_they_are_balanced():
    X, y = np.zeros((64, 6), "float32"), (np.arange(64) < 8).astype(int)  # nothing to see: only the shares can be learnt
    some, share = Examples(X, y, ("common", "rare")), {}
    for weights in ("balanced", None):
        model = net(dropout=0.0)
        quiet(model, some, epochs=60, batch_size=64, learning_rate=0.05, class_weight=weights)
        share[weights] = float(predict(model, X[:1])[0, 1])
    assert share["balanced"] == pytest.approx(0.5, abs=0.02)
    assert share[None] == pytest.approx(8 / 64, abs=0.02)


def test_every_row_is_seen_and_rows_beyond_the_last_batch_change_from_epoch_to_epoch():
    seen = []
    stream = feeding.batches(np.arange(10.0), np.arange(10), np.ones(10), batch_size=4, steps=2, epochs=range(30), augment=None, seed=0)
    for X, y, _ in stream:
        np.testing.assert_array_equal(X, y)
        seen.append(y.numpy())
    epochs = np.concatenate(seen).reshape(30, 8)
    assert all(len(set(epoch)) == 8 for epoch in epochs)
    assert len({frozenset(range(10)) - frozenset(epoch) for epoch in epochs}) > 10


def test_a_later_epoch_of_the_stream_is_the_same_whether_it_began_there_or_before():
    options = dict(batch_size=4, steps=2, augment=lambda x, seed: x + seed[1], seed=3)
    whole = [x.numpy() for x, _, _ in feeding.batches(np.arange(9), np.arange(9), np.ones(9), epochs=range(5), **options)]
    rest = [x.numpy() for x, _, _ in feeding.batches(np.arange(9), np.arange(9), np.ones(9), epochs=range(3, 5), **options)]
    np.testing.assert_array_equal(whole[6:], rest)


# ---- frozen layers, and layers that adapt ----

def test_a_frozen_front_is_computed_once_and_trains_the_same_as_the_whole(monkeypatch):
    some, asked = rows(), []
    monkeypatch.setattr("vmm_lab.networks.training.predict", lambda front, X: asked.append(len(X)) or predict(front, X))
    once, whole = net(frozen=True), net(frozen=True, embedding="elsewhere")
    histories = [quiet(model, some, validation=rows(16, seed=1)) for model in (once, whole)]
    assert asked == [48, 16]
    np.testing.assert_allclose(histories[0].epochs["loss"], histories[1].epochs["loss"], rtol=1e-5)  # dropout is on in both
    np.testing.assert_allclose(predict(once, some.X), predict(whole, some.X), atol=1e-6)
    assert once.evaluate(some.X, some.y, verbose=0)[1] > 0.5


def test_the_frozen_weights_stay_and_those_above_are_learnt():
    model = net(frozen=True)
    before = [layer.get_weights() for layer in (model.get_layer("embedding"), model.get_layer("probabilities"))]
    quiet(model, rows())
    np.testing.assert_array_equal(model.get_layer("embedding").get_weights()[0], before[0][0])
    assert (model.get_layer("probabilities").get_weights()[0] != before[1][0]).any()


def test_a_model_that_is_trained_again_and_again_keeps_no_traces_and_is_let_go():
    model = net(frozen=True)
    for _ in range(3):
        quiet(model, rows(), epochs=1)
    assert [len(layer._inbound_nodes) for layer in model.layers] == [1, 1, 1]
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_components_are_learnt_from_the_training_rows_only_and_once():
    inputs = keras.Input((6,))
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(PCA(3, name="pca")(inputs)))
    some, other = rows(), rows(seed=1)
    far = replace(other, X=other.X + 100)
    quiet(model, some, validation=far)
    np.testing.assert_allclose(model.get_layer("pca").mean.numpy(), some.X.mean(axis=0), atol=1e-5)
    quiet(model, far)
    np.testing.assert_allclose(model.get_layer("pca").mean.numpy(), some.X.mean(axis=0), atol=1e-5)


# ---- the same again ----

def test_two_runs_are_equal_bit_for_bit_whatever_layers_they_have():
    def run(seed):
        keras.utils.set_random_seed(seed)
        clip = keras.Input((4, 12, 12, 3), dtype="uint8")
        x = layers.Conv3D(3, 3, strides=(1, 2, 2), padding="same")(layers.Rescaling(1 / 255)(clip))
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv3D(4, (1, 3, 3), strides=(1, 2, 2))(x)))
        x = layers.Reshape((4, -1))(layers.Dropout(0.3)(x))
        x = layers.Add()([x, layers.MultiHeadAttention(2, 2, dropout=0.1)(x, x)])
        model = keras.Model(clip, layers.Dense(3, activation="softmax")(layers.Bidirectional(layers.GRU(3))(x)))
        X = np.random.default_rng(0).integers(0, 256, (12, 4, 12, 12, 3), dtype=np.uint8)
        quiet(model, Examples(X, np.arange(12) % 3, ("a", "b", "c")), epochs=2, batch_size=4, augment=Augment(2), seed=seed)
        return model

    assert same(run(1), run(1))


@pytest.mark.parametrize("frozen", [False, True], ids=["whole", "frozen front"])
def test_a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one(frozen, tmp_path):
    some, val = rows(), rows(16, seed=1)
    whole, first, second = net(frozen=frozen), net(frozen=frozen), net(seed=9, frozen=frozen)  # the second knows nothing of the first
    uninterrupted = quiet(whole, some, validation=val)
    stopped = quiet(first, some, validation=val, checkpoint=tmp_path / "c.npz", monitor=Told(15, lambda told: told.stop.set()))
    assert (stopped.ended, len(stopped), stopped.steps) == ("stopped", 2, 16)
    told = Told()
    resumed = quiet(second, some, validation=val, checkpoint=tmp_path / "c.npz", monitor=told)
    assert same(whole, second)
    assert resumed.epochs == uninterrupted.epochs
    assert (resumed.best_epoch, resumed.steps, resumed.ended) == (uninterrupted.best_epoch, 24, "finished")
    assert [note[0] for note in told.notes[1:]] == [1, 2, 3, 4]  # those before, too: the curves are whole
    assert resumed.seconds > stopped.seconds * 0.5


def test_a_finished_training_is_taken_from_its_checkpoint_at_once(tmp_path):
    done, again = net(), net(seed=5)
    quiet(done, rows(), checkpoint=tmp_path / "c.npz")
    history = quiet(again, rows(), checkpoint=tmp_path / "c.npz", monitor=Told(25, lambda told: pytest.fail("a step too many")))
    assert same(done, again) and len(history) == 4


# ---- checkpoints in a bad world ----

def test_a_kill_while_a_checkpoint_is_written_leaves_the_one_before(tmp_path):
    path = tmp_path / "c.npz"
    code = """
        import os, signal, sys
        import numpy as np
        from vmm_lab.networks import Examples, keras, train

        whole, written = np.savez, []

        def killed_at_the_second(file, *arrays, **named):
            whole(file, *arrays, **named)
            written.append(file)
            if len(written) == 2:
                file.truncate(1000)
                file.flush()
                os.kill(os.getpid(), signal.SIGKILL)

        np.savez = killed_at_the_second
        X = np.random.default_rng(0).normal(size=(8, 6)).astype("float32")
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(2, activation="softmax")])
        train(model, Examples(X, np.arange(8) % 2, ("a", "b")), epochs=3, batch_size=4, checkpoint=sys.argv[1],
              progress=False)
    """
    child = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)], timeout=300)
    assert child.returncode == -signal.SIGKILL
    assert len(list(tmp_path.glob(".part-*"))) == 1  # it was in the middle of writing
    with np.load(path) as stored:
        assert len(json.loads(stored["facts"].item())[0]["epochs"]["loss"]) == 1
        assert all(np.isfinite(stored[name]).all() for name in stored.files if name != "facts")


def test_a_full_disk_is_warned_of_and_the_training_goes_on(tmp_path):
    resource = pytest.importorskip("resource")
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    model = net()
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, kept[1]))  # no file may be longer than this
    try:
        with pytest.warns(UserWarning, match="was not written .*; the training goes on"):
            history = quiet(model, rows(), checkpoint=tmp_path / "c.npz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert len(history) == 4 and history.ended == "finished"
    assert os.listdir(tmp_path) == []
    assert same(model, fresh_result())


def fresh_result():
    model = net()
    quiet(model, rows())
    return model


def test_a_place_where_nothing_can_be_written_is_warned_of_and_the_training_goes_on(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.warns(UserWarning, match="c.npz was not written"):
        assert len(quiet(net(), rows(), checkpoint=tmp_path / "file" / "c.npz")) == 4


@pytest.mark.parametrize("damage", ["half", "empty", "text", "array"])
def test_a_damaged_checkpoint_is_refused_in_one_sentence(damage, tmp_path):
    path = tmp_path / "c.npz"
    quiet(net(), rows(), epochs=1, checkpoint=path)
    whole = path.read_bytes()
    if damage == "array":
        with open(path, "wb") as file:
            np.save(file, np.zeros(3))
    else:
        path.write_bytes({"half": whole[: len(whole) // 2], "empty": b"", "text": b"no checkpoint"}[damage])
    with pytest.raises(ValueError, match=r"c.npz is not a checkpoint of net \(\w+\); give another path, or delete it"):
        quiet(net(), rows(), checkpoint=path)


def test_the_checkpoint_of_another_model_or_training_is_refused_in_one_sentence(tmp_path):
    quiet(net(), rows(), epochs=1, checkpoint=tmp_path / "c.npz")
    with pytest.raises(ValueError, match="checkpoint of another model than net"):
        quiet(net(outputs=1), rows(), checkpoint=tmp_path / "c.npz")
    with pytest.raises(ValueError, match="another training of net: its steps of an epoch were 6, and not 12"):
        quiet(net(), rows(), batch_size=4, checkpoint=tmp_path / "c.npz")
    with pytest.raises(ValueError, match="its classes were"):
        quiet(net(), replace(rows(), classes=("up", "down")), checkpoint=tmp_path / "c.npz")


def one_more(examples):
    X = examples.X.copy()
    X[5, 2] += 1e-3
    return replace(examples, X=X)


@pytest.mark.parametrize("change, says", [
    ({"examples": replace(rows(), y=1 - rows().y)}, "its training rows were others"),
    ({"examples": one_more(rows())}, "its training rows were others"),
    ({"validation": replace(rows(seed=1), y=1 - rows(seed=1).y)}, "its validation rows were others"),
    ({"validation": None}, "its validation rows were others"),
    ({"seed": 1}, r"its batch size and seed were \[8, 0\], and not \[8, 1\]"),
    ({"examples": rows(54), "batch_size": 9}, "its batch size and seed were"),
    ({"learning_rate": 0.01}, "its learning rate and class weights were"), ({"class_weight": None}, "its learning rate and class weights"),
    ({"augment": lambda batch, seed: batch * 2}, "its changes by augment= were others"),
    ({"model": lambda: net(activation="relu")}, "its layers were others"), ({"model": lambda: net(dropout=0.5)}, "its layers were others"),
])
def test_the_checkpoint_of_other_data_or_options_is_refused_in_one_sentence(change, says, tmp_path):
    """It handed out the scores of the old labels as those of the new ones."""
    usual = {"examples": rows(), "validation": rows(seed=1), "model": net}

    def run(model, examples, **options):
        return quiet(model(), examples, epochs=2, checkpoint=tmp_path / "c.npz", **options)

    history = run(**usual)
    with pytest.raises(ValueError, match=says) as refused:
        run(**usual | change)
    assert "\n" not in str(refused.value) and "another path" in str(refused.value)
    assert run(**usual).epochs == history.epochs, "a cell that is run again takes what is there"


def test_a_model_built_again_in_the_same_kernel_has_the_same_layers():
    assert layers_of(net()) == layers_of(net(seed=3)) != layers_of(net(outputs=1))


# ---- models whose answers are no probabilities ----

def ending(outputs, activation, **options):
    last = activation if isinstance(activation, layers.Layer) else layers.Activation(activation)
    return keras.Sequential([keras.Input((6,)), layers.Dense(outputs, **options), last], name="net")


@pytest.mark.parametrize("outputs, activation, wanted", [
    (2, None, "softmax"), (2, "relu", "softmax"), (2, "sigmoid", "softmax"), (2, "tanh", "softmax"), (2, layers.ReLU(), "softmax"),
    (1, None, "sigmoid"), (1, "softmax", "sigmoid"), (1, "relu", "sigmoid"), (1, layers.Softmax(), "sigmoid"),
])
def test_a_model_whose_answers_are_no_probabilities_is_refused_in_one_sentence(outputs, activation, wanted):
    """It was trained on a loss that means nothing."""
    nested = keras.Sequential([keras.Input((6,)), ending(outputs, activation)], name="net")
    whole = [nested] if isinstance(activation, layers.Layer) else [
        nested, ending(outputs, activation), keras.Sequential([keras.Input((6,)), layers.Dense(outputs, activation=activation)], name="net")]
    for model in whole:
        with pytest.raises(TrainingError, match=f'end it with Dense\\({outputs}, activation="{wanted}"\\)') as refused:
            quiet(model, rows())
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("outputs, activation", [(2, "softmax"), (2, layers.Softmax()), (1, "sigmoid"), (1, "hard_sigmoid"), (2, keras.activations.softmax)])
def test_a_model_that_gives_probabilities_is_trained_however_it_is_written(outputs, activation):
    assert len(quiet(ending(outputs, activation), rows(), epochs=1)) == 1


def test_a_checked_training_is_the_same_to_the_bit(monkeypatch):
    one, other = net(), net()
    quiet(one, rows())
    monkeypatch.setattr("vmm_lab.networks.training.check_answers", lambda *_: None)
    quiet(other, rows())
    assert same(one, other)


@pytest.mark.parametrize("X, taken", [
    (np.linspace(0, 255, 4 * 768).reshape(4, 16, 16, 3).astype("float32"), False), (np.full((4, 16, 16, 3), 200, np.uint8), False),
    (np.full((4, 16, 16, 3), 200, np.int64), False), (np.linspace(0, 1, 4 * 768).reshape(4, 16, 16, 3), True),
    (np.random.default_rng(0).normal(size=(4, 16, 16, 3)), True), (np.zeros((4, 16, 16, 3)), True),
], ids=["floats of pixels", "pixels", "whole numbers", "in [0, 1]", "standardised", "black"])
def test_pixels_in_the_wrong_range_are_refused_in_training_and_prediction(X, taken):
    model, some = first_cnn((16, 16)), Examples(X, np.arange(4) % 2, ("a", "b"))
    if taken:
        assert predict(model, X).shape == (4, 1) and len(quiet(model, some, epochs=1)) == 1
        return
    for ask in (lambda: quiet(model, some), lambda: predict(model, X)):
        with pytest.raises(TrainingError, match=r"takes numbers in \[0, 1\].*divide X by 255"):
            ask()


def test_numbers_in_0_to_1_are_refused_where_a_model_takes_pixels():
    """As whole numbers they were all 0, and every picture was black."""
    X = np.random.default_rng(0).random((4, 16, 16, 3), "float32")
    for ask in (lambda: quiet(small_cnn(2, (16, 16)), Examples(X, np.arange(4) % 2, ("a", "b"))), lambda: predict(small_cnn(2, (16, 16)), X)):
        with pytest.raises(TrainingError, match="takes pixels from 0 to 255"):
            ask()


def test_a_model_that_scales_pixels_itself_takes_them():
    model = keras.Sequential([keras.Input((16, 16, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2, activation="softmax")])
    pixels = np.full((4, 16, 16, 3), 200, np.uint8)
    assert len(quiet(model, Examples(pixels, np.arange(4) % 2, ("a", "b")), epochs=1)) == 1 and predict(model, pixels).shape == (4, 2)


def test_labels_as_rows_of_zeros_and_ones_are_refused():
    with pytest.raises(TrainingError, match="does not number their 2 classes"):
        quiet(net(), replace(rows(), y=np.eye(2, dtype=int)[rows().y]))


# ---- ended before its time ----

def test_a_loss_that_is_no_number_ends_the_training_with_the_last_good_weights():
    poison = lambda x, seed: x / keras.ops.cast(seed[1] < 15, "float32")  # from step 15, in the third epoch, on: infinite
    model, two = net(), net()
    history = quiet(model, rows(), augment=poison)
    assert (history.ended, history.best_epoch, len(history), history.steps) == ("diverged", 2, 2, 16)
    quiet(two, rows(), monitor=Told(11, lambda told: told.stop.set()))
    assert same(model, two)


def test_weights_that_are_no_numbers_are_not_taken_for_good_though_the_loss_was_one():
    keras.utils.set_random_seed(0)
    root = layers.Activation(lambda x: ops.sqrt(ops.abs(x)))  # its slope at 0 is infinite
    model = keras.Sequential([keras.Input((6,)), layers.Dense(3, use_bias=False), root, layers.Dense(2, activation="softmax")])
    at_the_last_step = lambda x, seed: x * keras.ops.cast(seed[1] != 11, "float32")
    history = quiet(model, rows(), epochs=2, augment=at_the_last_step)
    assert (history.ended, history.best_epoch) == ("diverged", 1)
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


def test_a_training_that_diverges_at_once_leaves_the_weights_as_they_were():
    model, untouched = net(), net()
    history = quiet(model, rows(), augment=lambda x, seed: x * np.nan)
    assert (history.ended, history.best_epoch, history.steps) == ("diverged", 0, 1)
    assert same(model, untouched)
    assert "no epoch was finished" in repr(history)


def test_weights_behind_which_a_relu_hides_what_is_no_number_are_not_taken_for_good():
    history = quiet(model := net(activation="relu"), rows(), augment=lambda x, seed: x * np.nan)
    assert history.ended == "diverged"
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


def test_stop_from_another_thread_ends_at_the_next_batch_with_the_best_weights():
    def press(told):
        thread = threading.Thread(target=told.stop.set)
        thread.start(), thread.join()

    told, model = Told(15, press), net()
    history = quiet(model, rows(), monitor=told)
    assert (history.ended, history.steps, history.best_epoch) == ("stopped", 16, 2)
    assert told.ended is history
    assert told.notes[0] == {"epochs": 4, "steps": 6, "validated": False}
    two = net()
    quiet(two, rows(), monitor=Told(11, lambda told: told.stop.set()))
    assert same(model, two)


def test_an_interrupt_of_the_kernel_keeps_the_history_and_the_weights():
    def interrupt(told):
        raise KeyboardInterrupt

    history = quiet(net(), rows(), monitor=Told(15, interrupt))
    assert (history.ended, len(history), history.best_epoch) == ("interrupted", 2, 2)


def test_a_cancelled_fit_gives_its_history_and_the_best_weights():
    async def cancelled(model):
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()
        told = Told(20, lambda told: (loop.call_soon_threadsafe(begun.set), told.stop.wait(30)))
        work = asyncio.ensure_future(fit(model, rows(), epochs=50, batch_size=8, monitor=told, progress=False))
        # The page is answered while the training runs; a training that failed instead would be waited for in vain.
        await asyncio.wait([asyncio.ensure_future(begun.wait()), work], timeout=60, return_when=asyncio.FIRST_COMPLETED)
        work.cancel()
        return await work, told

    model = net()
    history, told = asyncio.run(cancelled(model))
    assert (history.ended, history.best_epoch, len(history)) == ("interrupted", 3, 3)
    assert told.ended is history


def test_fit_trains_as_train_does_and_hands_its_errors_on():
    model, other = net(), net()
    asyncio.run(fit(model, rows(), epochs=4, batch_size=8, learning_rate=0.02, progress=False))
    quiet(other, rows())
    assert same(model, other)
    with pytest.raises(TrainingError, match="epochs must be"):
        asyncio.run(fit(model, rows(), epochs=0))


# ---- refused in one sentence ----

def strange(**changes):
    return lambda: replace(rows(), **changes)


@pytest.mark.parametrize("examples, says", [
    (lambda: rows()[:0], "The training rows are none"),
    (strange(X=np.zeros((48, 5), "float32")), r"have the shape \(5,\), and net takes \(6,\)"),
    (strange(X=np.full((48, 6), np.nan, "float32")), "NaN or infinite numbers in 48 of 48 rows, the first being 0"),
    (strange(classes=("a", "b", "c")), "know 3 classes, and net has 2 outputs; build it for 3"),
    (strange(y=np.zeros(48, int)), r"all of one class \(left\)"),
    (strange(y=np.arange(48)), "does not number their 2 classes from 0 to 1"),
    (strange(y=np.full(48, "left")), "does not number their 2 classes"),
    (strange(X=np.zeros((40, 6), "float32")), "have 40 X and 48 y"),
])
def test_rows_that_would_train_nonsense_are_refused(examples, says):
    with pytest.raises(TrainingError, match=says) as refused:
        quiet(net(), examples())
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("training, validation, says", [
    (rows(), rows()[:0], "The validation rows are none"),
    (rows(), replace(rows(), X=np.full((48, 6), np.inf, "float32")), "The validation rows hold NaN or infinite"),
    (rows(), replace(rows(), classes=("right", "left")), "number their classes differently"),
    (rows(groups=np.array(["ada"] * 48)), rows(groups=np.array(["ada", "bob"] * 24)), r"group 'ada' stands on both sides; the"),
    (rows(groups=np.array(["ada", "bob"] * 24)), rows(groups=np.array(["ada", "bob"] * 24)), "group 'ada' stands on both sides, as do 1 more; the"),
])
def test_a_validation_that_would_judge_by_nonsense_is_refused(training, validation, says):
    with pytest.raises(TrainingError, match=says):
        quiet(net(), training, validation=validation)


def test_a_label_that_training_never_showed_is_refused():
    three = replace(rows(), classes=("left", "right", "up"))
    with pytest.raises(TrainingError, match="label 'up' is among the validation rows and not among the training rows"):
        quiet(net(outputs=3), three, validation=replace(three, y=np.full(48, 2)))


@pytest.mark.parametrize("option, says", [
    ({"epochs": 0}, "epochs must be a whole number"), ({"batch_size": 2.5}, "batch_size must be a whole number"),
    ({"learning_rate": 0}, "learning_rate must be a number greater than 0"), ({"class_weight": "equal"}, "class_weight must be"),
])
def test_options_that_train_nothing_are_refused(option, says):
    with pytest.raises(TrainingError, match=says):
        quiet(net(), rows(), **option)


def test_a_model_of_numbers_refuses_pixels():
    pixels = Examples(np.zeros((4, 16, 16, 3), np.uint8), np.arange(4) % 2, ("a", "b"))
    with pytest.raises(TrainingError, match=r"first_cnn takes numbers in \[0, 1\].*divide X by 255"):
        quiet(first_cnn((16, 16)), pixels)


# ---- tables ----

@pytest.fixture
def pictures(tmp_path):
    """Twelve pictures, dark or light, one of them without a label."""
    rng, found = np.random.default_rng(0), []
    for k in range(12):
        path = tmp_path / f"{k}.png"
        cv2.imwrite(str(path), rng.integers(0, 90 if k % 2 else 250, (24, 32, 3)).astype(np.uint8))
        found.append((str(path), None if k == 5 else ("light", "dark")[k % 2], "abc"[k // 4]))
    return pd.DataFrame(found, columns=["path", "label", "group"])


def picture_net():
    return keras.Sequential([keras.Input((16, 16, 3), dtype="uint8"), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2, activation="softmax")])


def test_a_table_of_pictures_is_read_in_the_size_of_the_model_without_rows_that_have_no_label(pictures):
    model = picture_net()
    history = quiet(model, pictures[:8], validation=pictures[8:], epochs=1)
    assert history.classes == ("dark", "light") and len(history) == 1
    some = load_examples(pictures, vl.features.Frames(size=(16, 16), n_frames=1), progress=False)
    assert some.X.shape == (11, 16, 16, 3) and some.X.dtype == np.uint8 and some.groups.tolist() == list("aaaabbbcccc")
    assert repr(some) == "Examples(11 of shape (16, 16, 3), uint8; 2 classes)"
    assert some[some.groups == "a"].labels.tolist() == ["light", "dark"] * 2


def test_clips_shorter_than_the_model_and_pictures_among_them_repeat_their_frames(pictures, tmp_path):
    frames = np.repeat(np.array([20, 120, 220], np.uint8), 32 * 32 * 3).reshape(3, 32, 32, 3)
    vl.write_video(tmp_path / "short.mp4", frames, fps=10)
    table = pd.DataFrame({"path": [str(tmp_path / "short.mp4"), pictures["path"][0]], "label": ["a", "b"]})
    some = load_examples(table, vl.features.Frames(size=(16, 16), n_frames=6), progress=False)
    assert some.X.shape == (2, 6, 16, 16, 3)
    np.testing.assert_allclose(some.X[0].mean(axis=(1, 2, 3)), [20, 20, 120, 120, 220, 220], atol=4)
    assert (some.X[1] == some.X[1, :1]).all()


def test_rows_without_a_group_are_their_files_own_and_no_leak_between_two_tables(pictures):
    pictures.loc[[0, 9], "group"] = None
    training, validation = (load_examples(part, vl.features.Frames(size=(16, 16), n_frames=1), progress=False) for part in (pictures[:8], pictures[8:]))
    assert len(quiet(picture_net(), training, validation=validation, epochs=1)) == 1
    assert training.groups[0] == pictures["path"][0]


def test_tables_that_cannot_be_learnt_from_are_refused(pictures):
    model = picture_net()
    with pytest.raises(vl.TableError, match="no labels to learn from"):
        quiet(model, pictures.assign(label=None))
    with pytest.raises(vl.TableError, match="label 'grey' is not one of the 2 classes"):
        quiet(model, pictures[:8], validation=pictures[8:].assign(label="grey"))
    with pytest.raises(TrainingError, match="all of one class"):
        load = load_examples(pictures[pictures["label"] == "dark"], vl.features.Frames(size=(16, 16), n_frames=1), classes=("dark", "light"), progress=False)
        quiet(model, load)
    with pytest.raises(TrainingError, match="group 'b' stands on both sides"):
        quiet(model, pictures[:6], validation=pictures[6:])
    with pytest.raises(TrainingError, match=r"inputs of shape \(6,\), which are no frames.*load_examples"):
        quiet(net(), pictures)
    with pytest.raises(vl.MediaError, match="gone.png"):
        quiet(model, pictures.assign(path=[*pictures["path"][:11], "gone.png"]))

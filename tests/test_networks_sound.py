"""Networks that hear: layers that change a spectrogram in training only, and a CNN for voices it has never heard."""
import numpy as np
import pytest

pytestmark = pytest.mark.slow  # it trains

pytest.importorskip("tensorflow", reason="networks need vmm-lab[deep]")

from vmm_lab import features, networks
from vmm_lab.networks import Monitor, keras, predict, sound_encoder, train
from vmm_lab.networks.sound import sound_cnn
from vmm_lab.networks.spec_augment import Mask, Warp, WithoutMean

SHAPE = (24, 16)


def spectrograms(n, *, seed=0, shape=SHAPE):
    return np.random.default_rng(seed).normal(-40, 10, (n, *shape)).astype(np.float32)


def ramp(axis):
    """One item that grows by 1 with each place along an axis."""
    return np.moveaxis(np.broadcast_to(np.arange(SHAPE[axis], dtype=np.float32), (SHAPE[1 - axis], SHAPE[axis])), 1, axis)[None].repeat(8, 0)


# ---- layers ----

def test_without_its_mean_a_recording_is_the_same_through_any_microphone():
    heard = spectrograms(3)
    microphone = np.random.default_rng(1).normal(0, 20, (3, 1, SHAPE[1])).astype(np.float32)
    here, there = (np.asarray(WithoutMean()(X)) for X in (heard, heard + microphone))
    np.testing.assert_allclose(here, there, atol=1e-4)
    np.testing.assert_allclose(here.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(here, 0.05 * (heard - heard.mean(axis=1, keepdims=True)), atol=1e-4)


@pytest.mark.parametrize("layer", [Warp(steps=3, tempo=0.2, bands=3, tract=0.2), Mask(steps=8, bands=8, count=2)], ids=["Warp", "Mask"])
def test_what_changes_in_training_is_left_alone_at_test_time(layer):
    X = spectrograms(4)
    np.testing.assert_array_equal(layer(X), X)
    changed = np.asarray(layer(X, training=True))
    assert changed.shape == X.shape and np.isfinite(changed).all() and np.abs(changed - X).max() > 1
    assert not np.array_equal(changed, layer(X, training=True))  # another draw each time


@pytest.mark.parametrize("kind", [Warp, Mask])
def test_the_same_seed_draws_the_same(kind):
    X = spectrograms(4)
    one, two = (np.asarray(kind(steps=4, bands=4, seed=3)(X, training=True)) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_nothing_asked_is_nothing_changed():
    X = spectrograms(4)
    np.testing.assert_allclose(Warp()(X, training=True), X, atol=1e-4)
    np.testing.assert_array_equal(Mask()(X, training=True), X)


@pytest.mark.parametrize("axis, moved", [(0, "steps"), (1, "bands")])
def test_a_shift_moves_every_place_by_as_much_and_no_further_than_asked(axis, moved):
    X = ramp(axis)
    by = np.moveaxis(np.asarray(Warp(**{moved: 3.0}, seed=0)(X, training=True)) - X, axis + 1, 1)
    inside = by[:, 4:-4].reshape(len(X), -1)
    np.testing.assert_allclose(inside, inside[:, :1].repeat(inside.shape[1], 1), atol=1e-3)
    assert np.abs(by).max() <= 3 and np.abs(inside).max() > 1 and np.unique(inside[:, 0].round(3)).size == len(X)


@pytest.mark.parametrize("axis, stretched", [(0, "tempo"), (1, "tract")])
def test_a_stretch_keeps_the_middle_and_changes_the_slope(axis, stretched):
    X = ramp(axis)
    Y = np.moveaxis(np.asarray(Warp(**{stretched: 0.2}, seed=0)(X, training=True)), axis + 1, 1)[..., 0]
    slopes = (Y[:, -5] - Y[:, 4]) / (Y.shape[1] - 9)
    assert (slopes > 1 / 1.21).all() and (slopes < 1.21).all() and slopes.std() > 0.03
    np.testing.assert_allclose(Y[:, 4:-4].mean(axis=1), (X.shape[axis + 1] - 1) / 2, atol=1e-3)


def test_a_mask_hides_whole_steps_and_bands_as_many_as_asked_and_puts_the_mean_there():
    X = spectrograms(64)
    Y = np.asarray(Mask(steps=5, bands=3, seed=0)(X, training=True))
    hidden = Y != X
    steps, bands = hidden.all(axis=2).sum(axis=1), hidden.all(axis=1).sum(axis=1)
    assert set(steps) == set(range(6)) and set(bands) == set(range(4))
    np.testing.assert_array_equal(hidden, hidden.all(axis=2)[:, :, None] | hidden.all(axis=1)[:, None, :])
    np.testing.assert_allclose(Y[hidden], X.mean(axis=(1, 2))[np.nonzero(hidden)[0]], atol=1e-3)


def test_masks_larger_than_the_spectrogram_give_numbers():
    assert np.isfinite(Mask(steps=99, bands=99)(spectrograms(3), training=True)).all()


# ---- the network ----

def test_the_encoder_keeps_its_shape():
    assert sound_encoder((128, 48)).output_shape == (None, 16, 64)


@pytest.mark.parametrize("shape", [(48, 40), (128, 48), (5, 8), (1, 1)])
def test_any_number_of_steps_and_bands_gives_probabilities(shape):
    proba = predict(sound_cnn(3, shape), spectrograms(5, shape=shape))
    assert proba.shape == (5, 3)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000])
@pytest.mark.parametrize("what", ["noise", "silence", "a click"])
def test_sounds_of_any_rate_silence_and_clicks_shorter_than_a_window_give_numbers(rate, what, tmp_path):
    import wave

    wav = {"noise": np.random.default_rng(0).normal(0, 3000, (rate // 4, 2)), "silence": np.zeros((rate // 4, 2)), "a click": np.full((20, 2), 9000)}[what]
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2), file.setsampwidth(2), file.setframerate(rate)
        file.writeframes(wav.astype("<i2").tobytes())
    for options in ({}, {"trim": 30.0, "top_db": 30.0, "n_mels": 24, "fmax": 4000.0, "n_frames": 24}):
        feature = features.Spectrogram(**options)
        described = feature.describe(feature.read(features.Segment(str(path))))
        assert described.shape == (feature.n_frames, feature.n_mels) and np.isfinite(described).all()
        for normalise in (True, False):
            assert np.isfinite(predict(sound_cnn(4, described.shape, normalise=normalise), described[None])).all()


def melodies(n, *, seed):
    """Spectrograms (n, 24, 16) of a tone that rises or falls, through microphones and at levels of their own."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    X = rng.normal(-60, 3, (n, *SHAPE)).astype(np.float32)
    for k in range(n):
        for t in range(SHAPE[0]):
            X[k, t, (t * 12 // SHAPE[0] if y[k] else 12 - t * 12 // SHAPE[0]) + rng.integers(0, 3)] += 30
        X[k] += rng.normal(0, 10, SHAPE[1])
    return networks.Examples(X, y, ("falls", "rises"))


def test_it_learns_a_melody_through_microphones_it_has_never_heard():
    keras.utils.set_random_seed(0)
    model = sound_cnn(2, SHAPE)
    train(model, melodies(96, seed=0), epochs=12, batch_size=16, progress=False)
    unheard = melodies(40, seed=1)
    assert (predict(model, unheard.X).argmax(axis=1) == unheard.y).mean() >= 0.95


def test_the_same_seeds_give_the_same_weights_and_a_saved_model_the_same_answers(tmp_path):
    answers, X = [], melodies(32, seed=0)
    for _ in range(2):
        keras.utils.set_random_seed(5)
        model = sound_cnn(2, SHAPE)
        train(model, X, epochs=2, batch_size=16, progress=False)
        answers.append(predict(model, X.X))
    np.testing.assert_array_equal(*answers)
    model.save(tmp_path / "ear.keras")
    again = keras.saving.load_model(tmp_path / "ear.keras")
    np.testing.assert_array_equal(predict(again, X.X), answers[0])
    assert (again.get_layer("warp").get_config(), again.get_layer("mask").get_config()) == (
        model.get_layer("warp").get_config(), model.get_layer("mask").get_config())


def test_a_resumed_training_draws_what_an_uninterrupted_one_would_have_drawn(tmp_path):
    class StopAfter(Monitor):
        def epoch(self, number, logs):
            if number == 2:
                self.stop.set()

    weights, X = [], melodies(32, seed=0)
    for stops in (False, True):
        for monitor in ([StopAfter(), None] if stops else [None]):
            keras.utils.set_random_seed(5)
            model = sound_cnn(2, SHAPE)
            train(model, X, epochs=4, batch_size=16, progress=False, monitor=monitor, checkpoint=tmp_path / "half.npz" if stops else None)
        weights.append(model.get_weights())
    for whole, half in zip(*weights):
        np.testing.assert_array_equal(whole, half)

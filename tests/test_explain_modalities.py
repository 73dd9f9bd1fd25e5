"""Why a model of several modalities said so: shares that add up, moments and words that are missed, one picture of it all."""
import gc
import itertools
import weakref

import numpy as np
import pytest

from vmm_lab import explain
from vmm_lab.explain.activations import probabilities
from vmm_lab.explain.shapley import LEAST
from vmm_lab.networks import fusion, hog_encoder, keras, predict, prediction, sound_encoder, word_encoder
from vmm_lab.networks.feeding import adapt

pytestmark = pytest.mark.slow  # it trains

layers, ops = keras.layers, keras.ops
NAMES = ("video", "sound")


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


def weighing(video, sound, n_frames=8, n_steps=16, names=NAMES):
    """A model of two classes: the log-odds of class 1 are the sums of video and sound, each number times its weight."""
    shapes = dict(zip((*names, "present"), ((n_frames, 1), (n_steps, 1), (2,))))
    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    parts = []
    for k, name in enumerate(names):
        scores = layers.Dense(1, use_bias=False, name=f"{name}_weights")(layers.Flatten()(inputs[name]))
        parts.append(scores * inputs["present"][:, k:k + 1])
    model = keras.Model(inputs, layers.Activation("sigmoid")(layers.Add()(parts)), name="weighing")
    for name, weights in zip(names, (video, sound)):
        model.get_layer(f"{name}_weights").set_weights([np.asarray(weights, np.float32)[:, None]])
    return model


def item(video, sound, present=(1, 1)):
    return {"video": np.asarray(video, np.float32)[None, :, None], "sound": np.asarray(sound, np.float32)[None, :, None],
            "present": np.asarray([present], np.float32)}


@pytest.fixture(scope="module")
def model():
    """A fusion that has learnt nothing, of three modalities."""
    keras.utils.set_random_seed(0)
    words = word_encoder()
    adapt(words, np.array(["a man knocks on the door", "a woman waves"]))
    return fusion("gated", {"video": hog_encoder(), "sound": sound_encoder(), "words": words}, 4)


def some(n=3, *, present=None):
    rng = np.random.default_rng(0)
    return {"video": rng.uniform(size=(n, 16, 1764)).astype(np.float32), "sound": rng.normal(-40, 10, (n, 128, 48)).astype(np.float32),
            "words": np.array(["a man knocks on the door", "a woman waves", "waves"] * n)[:n],
            "present": np.ones((n, 3), np.float32) if present is None else np.asarray(present, np.float32)}


# Modalities.

def test_shares_are_what_a_modality_adds_averaged_over_all_orders(model):
    X = some(2)
    shares = explain.modality_shares(model, X, 2)
    by_hand = np.zeros((2, 3))

    def worth(members):
        if not members:
            return np.full(2, np.log(1 / 4))
        mask = np.isin(np.arange(3), members).astype(np.float32)
        return np.log(predict(model, X | {"present": np.tile(mask, (2, 1))})[:, 2])

    orders = list(itertools.permutations(range(3)))
    for order in orders:
        for k, name in enumerate(order):
            by_hand[:, name] += (worth(order[:k + 1]) - worth(order[:k])) / len(orders)
    assert shares.dtype == np.float32 and np.allclose(shares, by_hand, atol=1e-4)


def test_shares_add_up_to_the_answer_over_a_guess(model):
    X = some(3, present=[[1, 1, 1], [1, 0, 1], [0, 0, 1]])
    answers = predict(model, X)
    shares = explain.modality_shares(model, X)
    assert np.allclose(shares.sum(axis=1), np.log(answers.max(axis=1)) - np.log(1 / 4), atol=1e-4)
    assert (shares[X["present"] == 0] == 0).all() and (shares[X["present"] == 1] != 0).all()


def test_a_modality_that_says_nothing_has_no_share():
    shares = explain.modality_shares(weighing(np.ones(8), np.zeros(16)), item(np.full(8, 0.3), np.ones(16)))
    assert shares[0, 1] == pytest.approx(0, abs=1e-6)
    assert shares[0, 0] == pytest.approx(np.log(1 / (1 + np.exp(-2.4))) - np.log(0.5), abs=1e-5)


def test_two_that_know_the_same_share_it_and_neither_is_missed():
    sure = weighing(np.full(8, 10.0), np.full(16, 10.0))
    X = item(np.ones(8), np.ones(16))
    shares, missed = explain.modality_shares(sure, X)[0], explain.leave_one_out(sure, X)[0]
    assert shares[0] == pytest.approx(shares[1]) and shares.sum() == pytest.approx(np.log(2), abs=1e-5)
    assert np.allclose(missed, 0, atol=1e-5)


def test_leaving_out_the_only_modality_leaves_a_guess(model):
    X = some(1, present=[[0, 1, 0]])
    missed = explain.leave_one_out(model, X)
    assert np.allclose(missed[0], [0, np.log(predict(model, X).max()) - np.log(1 / 4), 0], atol=1e-5)


def test_what_is_out_of_the_question_counts_as_so_much_and_stays_finite():
    against = weighing(np.full(8, -99.0), np.full(16, 99.0))
    X = item(np.ones(8), np.ones(16))
    assert np.isfinite(explain.modality_shares(against, X, [0, ])).all()
    assert explain.leave_one_out(against, X, 1)[0, 1] == pytest.approx(-np.log(LEAST), abs=1e-3)


# Moments and words.

def test_the_moments_that_carry_the_answer_are_found_in_film_and_sound():
    video, sound = np.zeros(8), np.zeros(16)
    video[5], sound[8:10] = 1, 1
    heard = np.zeros(16)
    heard[8:10] = 2.0  # over silence
    model = weighing(video, sound)
    frames = np.zeros(8)
    frames[5] = 3.0
    X = item(frames, heard)
    seen = explain.evidence_over_time(model, X, "video", 1)
    assert seen.shape == (1, 8) and seen[0].argmax() == 5 and seen[0, 5] == pytest.approx(3, abs=1e-4), "log-odds are exact"
    assert np.allclose(np.delete(seen[0], 5), 0, atol=1e-4)
    heard = explain.evidence_over_time(model, X, "sound", 1)
    assert set(np.flatnonzero(heard[0] > 1)) == {8, 9} and heard[0, :6].max() == pytest.approx(0, abs=1e-4)


def test_a_held_film_and_a_quiet_sound_say_nothing_new():
    model = weighing(np.arange(8) / 8, np.arange(16) / 16)
    X = item(np.full(8, 0.4), np.full(16, -0.1))
    for name in NAMES:
        assert np.allclose(explain.evidence_over_time(model, X, name), 0, atol=1e-5)
    falling = item(np.arange(8) / 8, np.zeros(16))
    held, quiet = (explain.evidence_over_time(model, falling, "video", 1, fill=fill) for fill in ("held", "quiet"))
    assert not np.allclose(held, quiet)
    alone = explain.evidence_over_time(model, item(np.arange(8) / 8, np.zeros(16), (0, 1)), "video", 1)
    assert not alone.any(), "a modality that is missing has no moments"


def test_what_says_nothing_is_what_a_modality_registers():
    """An outsider's modality is filled as it says, and drawn in its colour."""
    from vmm_lab import modalities

    modalities.register(modalities.Modality("touch", "#123456", "touch", lambda media, segment: True, fill="quiet"))
    try:
        X = {"touch" if name == "video" else name: part for name, part in item(np.arange(8) / 8, np.zeros(16)).items()}
        model = weighing(np.arange(8) / 8, np.arange(16) / 16, names=("touch", "sound"))
        quiet = explain.evidence_over_time(model, X, "touch", 1)
        assert np.array_equal(quiet, explain.evidence_over_time(model, X, "touch", 1, fill="quiet"))
        assert not np.allclose(quiet, explain.evidence_over_time(model, X, "touch", 1, fill="held"))
        colors = {patch.get_facecolor() for axis in explain.evidence_picture(model, X).axes for patch in axis.patches}
        assert any(np.allclose(color, (0x12 / 255, 0x34 / 255, 0x56 / 255, 1)) for color in colors)
    finally:
        del modalities.MODALITIES["touch"]


def test_each_word_is_left_out_in_turn(model):
    X = some(3, present=[[1, 1, 1], [0, 0, 1], [0, 0, 1]])
    found = explain.words_left_out(model, X, 1)
    assert [[word for word, _ in words] for words in found] == [text.split() for text in X["words"]]

    def odds(X, row):
        p = predict(model, {name: part[row:row + 1] for name, part in X.items()})[0, 1]
        return np.log(p / (1 - p))

    without = X | {"words": np.array(["a man knocks on the", "woman waves", "waves"])}
    assert found[0][-1][1] == pytest.approx(odds(X, 0) - odds(without, 0), abs=1e-3)
    assert found[1][0][1] == pytest.approx(odds(X, 1) - odds(without, 1), abs=1e-3)
    assert found[2][0][1] == pytest.approx(odds(X, 2) - np.log(1 / 3), abs=1e-3), "without its only word nothing is left but a guess"
    assert explain.words_left_out(model, some(1, present=[[1, 1, 0]])) == [[]]


# Both.

@pytest.mark.parametrize("ask, words", [
    (lambda m: explain.modality_shares(m, {"sound": some()["sound"]}), "takes a dict of video, sound, words, present, got sound"),
    (lambda m: explain.modality_shares(m, some() | {"sound": np.zeros((3, 64, 48))}), "takes sound of shape \\(n, 128, 48\\), got \\(3, 64, 48\\)"),
    (lambda m: explain.modality_shares(m, some(2, present=[[1, 0, 0], [0, 0, 0]])), "each item at least one modality"),
    (lambda m: explain.modality_shares(m, some() | {"words": some(2)["words"]}), "as many in each modality"),
    (lambda m: explain.leave_one_out(m, some(), 4), "class_index must be a whole number from 0 to 3"),
    (lambda m: explain.evidence_over_time(m, some(), "words"), "has no steps over time in this model; choose one of video, sound"),
    (lambda m: explain.evidence_over_time(m, some(), "smell"), "'smell' has no steps"),
    (lambda m: explain.evidence_over_time(m, some(), "sound", length=0), "A patch is at least 1 wide"),
    (lambda m: explain.evidence_over_time(m, some(), "sound", fill="loud"), 'fill must be "held" or "quiet"'),
    (lambda m: explain.words_left_out(m, some(), modality="sound"), "holds no words"),
    (lambda m: explain.evidence_picture(m, some()), "explains one item, got 3"),
    (lambda m: explain.modality_shares(sound_encoder(), some()), "is no model of several modalities"),
])
def test_what_cannot_be_explained_is_told_in_one_sentence(model, ask, words):
    with pytest.raises(ValueError, match=words):
        ask(model)


def test_the_compiled_answer_is_the_models_own_and_follows_its_training(model):
    X = some(3, present=[[1, 1, 1], [0, 1, 1], [1, 0, 0]])
    assert np.allclose(probabilities(model, X), predict(model, X), atol=1e-5)
    kernel = model.get_layer("probabilities").kernel
    before = kernel.numpy()
    kernel.assign(0 * before)
    assert np.allclose(probabilities(model, X), 0.25, atol=1e-6)
    kernel.assign(before)


def test_asking_a_model_does_not_keep_it_in_memory():
    made = weighing(np.ones(8), np.ones(16))
    explain.modality_shares(made, item(np.ones(8), np.ones(16)))
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None


def test_only_the_first_explanation_compiles_the_model(model, monkeypatch):
    X, frames = some(1), np.zeros((8, 48, 64, 3), np.uint8)
    explain.evidence_picture(model, X, frames=frames)
    monkeypatch.setattr(prediction, "_compile", None)  # which a second time could not call
    explain.evidence_picture(model, X, frames=frames)


def test_one_picture_shows_the_film_the_sound_the_words_and_the_shares(model):
    X, frames = some(1), np.zeros((8, 48, 64, 3), np.uint8)
    picture = explain.evidence_picture(model, X, classes=["bow", "clap", "jump", "walk"], class_index=3, frames=frames, duration=2.0)
    shares = explain.modality_shares(model, X, 3)[0]
    assert picture.alt == "why walk: " + ", ".join(f"{name} {share:+.1f}" for name, share in zip(("video", "sound", "words"), shares)) + " nats"
    clocks = [axis for axis in picture.axes if axis.get_xlim() == (0, 2)]
    assert len(clocks) == 4, "film, frames' evidence, spectrogram and the line over it share one clock"
    written = {text.get_text() for axis in picture.axes for text in axis.texts}
    assert {"a", "man", "knocks", "door", *(f"{share:+.2f}" for share in shares)} <= written
    assert len(picture.png()) > 10_000


def test_a_picture_says_what_is_missing(model):
    picture = explain.evidence_picture(model, some(1, present=[[0, 1, 0]]))
    written = [text.get_text() for axis in picture.axes for text in axis.texts]
    assert written.count("missing") == 2 and "no caption" in written

"""Several modalities in one model: every kind learns, knows what is missing, and says so where it is asked for the impossible."""
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vmm_lab import networks
from vmm_lab.networks import (
    FUSION_KINDS,
    Examples,
    TrainingError,
    add_noise,
    drop_modalities,
    fusion,
    keras,
    modality_weights,
    predict,
    without_modalities,
)
from vmm_lab.networks.feeding import adapt

pytestmark = pytest.mark.slow  # it trains

CLASSES = ("bow", "clap", "jump", "walk")
SAID = ("bows low", "claps both hands", "jumps up high", "walks")
WEIGHING = ("average", "weighted", "gated", "attention")


def encoders():
    return {"video": networks.hog_encoder((4, 40), components=8, width=16), "sound": networks.sound_encoder((16, 8), filters=(4, 8), width=16),
            "words": networks.word_encoder(n_words=20, length=8, width=16)}


@pytest.fixture(scope="module")
def examples():
    """Rows whose class every modality tells, a quarter of the captions missing."""
    rng = np.random.default_rng(0)
    y = np.arange(48) % 4
    told = rng.normal(size=(4, 40))[y][:, None]
    loud = 8 * rng.normal(size=(4, 1, 8))[y]
    X = {"video": (told + 0.3 * rng.normal(size=(48, 4, 40))).astype("float32"),
         "sound": (loud + rng.normal(size=(48, 16, 8)) - 40).astype("float32"),
         "words": np.where(np.arange(48) < 12, "", np.array(SAID)[y]),
         "present": np.stack([np.ones(48), np.ones(48), np.arange(48) >= 12], axis=1).astype("float32")}
    return Examples(X, y, CLASSES)


@pytest.fixture(scope="module")
def trained(examples):
    """Each kind, after a short training on rows of one class each."""
    models = {}
    for kind in FUSION_KINDS:
        keras.utils.set_random_seed(0)
        models[kind] = fusion(kind, encoders(), 4, modality_dropout=0.2)
        networks.train(models[kind], examples, epochs=12, batch_size=12, learning_rate=1e-2, progress=False)
    return models


@pytest.mark.parametrize("kind", FUSION_KINDS)
def test_every_kind_gives_probabilities_and_learns(trained, examples, kind):
    proba = predict(trained[kind], examples.X)
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    assert (proba.argmax(axis=1) == examples.y).mean() > 0.7


@pytest.mark.parametrize("kind", FUSION_KINDS)
def test_gradients_reach_every_encoder(examples, kind):
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    some = examples[np.arange(12, 24)]
    model = fusion(kind, encoders(), 4)
    adapt(model, examples.X)
    with tf.GradientTape() as tape:
        proba = model({name: tf.constant(part) for name, part in some.X.items()}, training=True)
        loss = -tf.reduce_mean(tf.math.log(tf.gather(proba, some.y, batch_dims=1) + 1e-9))
    gradients = tape.gradient(loss, model.trainable_variables)
    reached = {variable.path for variable, gradient in zip(model.trainable_variables, gradients) if gradient is not None and tf.norm(gradient) > 0}
    learnt = {"inputs": ("gru", "words_steps/steps")}.get(kind, ("video_encoder", "sound_encoder", "words_encoder"))
    for name in learnt:
        assert any(part.path in reached for layer in model.layers if layer.name.startswith(name.split("/")[0]) for part in layer.trainable_variables), name


@pytest.mark.parametrize("kind", FUSION_KINDS)
@pytest.mark.parametrize("rubbish", [1e6, np.nan, np.inf])
def test_what_a_missing_modality_holds_is_never_looked_at(trained, examples, kind, rubbish):
    missing = without_modalities(examples.X, "video", "words")
    other = missing | {"video": np.full_like(missing["video"], rubbish), "words": np.full(48, "claps claps claps")}
    np.testing.assert_array_equal(predict(trained[kind], missing), predict(trained[kind], other))


@pytest.mark.parametrize("kind", WEIGHING)
def test_weights_sum_to_one_and_a_missing_modality_weighs_nothing(trained, examples, kind):
    weights = modality_weights(trained[kind], examples.X)
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert (weights[:12, 2] == 0).all() and (weights[12:, 2] > 0).all()


def test_a_kind_that_mixes_its_modalities_says_that_it_does_not_weigh_them(trained, examples):
    with pytest.raises(ValueError, match="modality_shares"):
        modality_weights(trained["hybrid"], examples.X)


def test_an_averaging_model_says_what_its_modalities_say(trained, examples):
    alone = [predict(trained["average"], without_modalities(examples.X, *others)) for others in (("sound", "words"), ("video", "words"))]
    np.testing.assert_allclose(predict(trained["average"], without_modalities(examples.X, "words")), np.mean(alone, axis=0), atol=1e-5)


def test_modality_dropout_takes_away_in_training_only_and_never_everything():
    from vmm_lab.networks.fusion_layers import ModalityDropout

    present = np.tile(np.array([[1, 1, 1], [0, 1, 0]], np.float32), (200, 1))
    layer = ModalityDropout(0.5, seed=0)
    kept = np.asarray(layer(present, training=True))
    assert (kept <= present).all() and kept.any(axis=1).all()
    assert 0.4 < kept[::2].mean() < 0.65  # half of three, and those that were the last one
    np.testing.assert_array_equal(layer(present, training=False), present)


def test_a_saved_model_answers_as_before(trained, examples, tmp_path):
    trained["gated"].save(tmp_path / "gated.keras")
    again = keras.saving.load_model(tmp_path / "gated.keras", safe_mode=True)
    np.testing.assert_allclose(predict(again, examples.X), predict(trained["gated"], examples.X), atol=1e-6)


@pytest.mark.parametrize(("wrong", "said"), [
    ({"kind": "sum"}, "average"), ({"encoders": {}}, "dict"), ({"modality_dropout": 1.0}, "below 1"),
    ({"encoders": {"video": networks.hog_encoder((4, 40), components=8, width=8), "words": networks.word_encoder(width=16)}}, "width"),
])
def test_bad_options_get_one_sentence(wrong, said):
    with pytest.raises(ValueError, match=said):
        fusion(**{"kind": "gated", "encoders": encoders(), "n_classes": 4} | wrong)


def test_rows_of_other_modalities_or_of_none_are_refused(examples):
    model = fusion("features", encoders(), 4)
    with pytest.raises(TrainingError, match="have video, sound, and .* takes video, sound, words"):
        networks.train(model, examples.only("video", "sound"), progress=False)
    bare = Examples(examples.X | {"present": 0 * examples.X["present"]}, examples.y, CLASSES)
    with pytest.raises(TrainingError, match="lack every modality in 48 of 48 rows"):
        networks.train(model, bare, progress=False)


def test_only_leaves_out_rows_that_have_nothing_left(examples):
    assert len(examples.only("words")) == 36 and list(examples.only("words").X) == ["words", "present"]


def test_a_modality_that_is_not_there_is_named_with_those_that_are(examples):
    for ask in (lambda: without_modalities(examples.X, "sund"), lambda: examples.only("video", "sund"), lambda: networks.Examples(
            np.zeros((2, 3)), np.arange(2), ("a", "b")).only("sund")):
        with pytest.raises(ValueError, match=r"no modality 'sund' in X; there are (video, sound, words|no modalities at all)\.") as error:
            ask()
    assert "no modalities" in str(error.value)


def test_the_same_mask_for_every_model_and_something_left_to_every_row(examples):
    first, second = (drop_modalities(examples.X, 0.3, seed=1)["present"] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert first.any(axis=1).all() and (first <= examples.X["present"]).all()
    many = drop_modalities({"words": np.zeros(4000), "present": np.ones((4000, 3), np.float32)}, 0.3)["present"]
    assert abs(many.mean() - (0.7 + 0.3**3 / 3)) < 0.02


def test_drowned_words_keep_their_number_and_drowned_numbers_their_place(examples):
    words = add_noise(examples.X, "words", 1.0)
    assert [len(text.split()) for text in words["words"]] == [len(text.split()) for text in examples.X["words"]]
    objects = add_noise(examples.X | {"words": examples.X["words"].astype(object)}, "words", 1.0)
    assert objects["words"].tolist() == words["words"].tolist(), "a column of pandas holds objects"
    assert not np.array_equal(add_noise(examples.X, "sound", 1.0)["sound"], examples.X["sound"])
    assert add_noise(examples.X, "sound", 1.0)["video"] is examples.X["video"]
    np.testing.assert_array_equal(add_noise(examples.X, "sound", 0)["sound"], examples.X["sound"])


def test_the_deviation_of_noise_is_that_of_the_rows_that_have_the_modality():
    levels = np.random.default_rng(0).normal(-60, 5, (100, 8, 4)).astype(np.float32)
    present = np.ones((100, 2), np.float32)
    present[50:, 0] = 0
    levels[50:] = 0  # as `load_examples` fills a row without sound
    X = {"sound": levels, "words": np.array(["a"] * 100), "present": present}
    assert (add_noise(X, "sound", 1.0)["sound"] - levels).std() == pytest.approx(5, rel=0.05)
    assert not (add_noise(without_modalities(X, "sound"), "sound", 1.0)["sound"] - levels).any(), "none has it, and none is read"


def test_a_step_of_zeros_is_a_step_unless_the_mask_says_that_it_is_padding():
    from vmm_lab.networks.layers import AttentionPooling

    steps = np.random.default_rng(0).normal(size=(1, 3, 4)).astype("float32")
    steps[0, 1] = 0  # all of its ReLUs are 0
    pooling = AttentionPooling()
    there, padded = np.ones((1, 3, 1), "float32"), np.array([[[1.0], [0.0], [1.0]]], "float32")
    pooling([steps, there])
    assert (np.asarray(pooling.weights_of(steps, there)) > 0).all()
    weights = np.asarray(pooling.weights_of(steps, padded))
    assert weights[0, 1] == 0 and weights.sum() == pytest.approx(1)
    assert not np.asarray(pooling([steps, 0 * there])).any()


def test_a_modality_from_outside_is_read_and_fused_like_those_of_the_house(tmp_path):
    from vmm_lab import features, modalities

    class Depth(features.Feature):
        """The depth of a row, which stands in a column of the table."""

        modality = "depth"
        n_frames = 4

        def read(self, segment):
            return np.full((4, 2), segment.columns["depth"], np.float32)

        def describe(self, item):
            return item

    def encoder(shape):
        inputs = keras.Input(shape)
        return keras.Model(inputs, keras.layers.Dense(64, activation="relu")(inputs))

    modalities.register(modalities.Modality(
        "depth", "#000000", "depth", lambda media, segment: segment.columns.get("depth") is not None,
        feature=Depth(), encoder=encoder))
    try:
        for k in range(8):
            keras.utils.save_img(tmp_path / f"{k}.png", np.zeros((8, 8, 3)))
        table = pd.DataFrame({"path": [str(tmp_path / f"{k}.png") for k in range(8)], "label": ["near", "far"] * 4,
                              "caption": ["a man"] * 6 + [None] * 2, "depth": [1.0, 9.0] * 4})
        recipe = replace(networks.fusion_recipe("hybrid", ("words", "depth")), steps=2, batch_size=4)
        examples = networks.load_examples(table, recipe.feature, progress=False)
        assert examples.X["depth"].shape == (8, 4, 2) and examples.X["present"].tolist() == [[1, 1]] * 6 + [[0, 1]] * 2
        model, _ = recipe.train(examples, progress=False)
        assert predict(model, examples.X).shape == (8, 2) and "depth" in networks.fusion_recipe("gated").feature
    finally:
        modalities.MODALITIES.pop("depth")


def test_a_recipe_for_fewer_modalities_says_so_and_refuses_those_it_does_not_read():
    fused = networks.RECIPES["Fused network"]
    assert fused.modality == "fusion" and "takes video, sound and words" in fused.sentence
    assert list(fused.only("sound", "video").feature) == ["video", "sound"]
    assert "takes video and sound (" in fused.only("sound", "video").sentence
    with pytest.raises(ValueError, match="does not read smell; it reads video, sound and words"):
        fused.only("smell")
    few = Examples({"video": np.zeros((5, 16, 9), "float32"), "present": np.ones((5, 1), "float32")}, np.arange(5) % 2, ("a", "b"))
    with pytest.raises(ValueError, match="Fused network learns from the pictures of at least 6 rows, and there are 5 in training"):
        fused.only("video").check(few)


def test_the_state_of_a_model_is_arrays_that_bring_back_its_answers_and_its_words(trained, examples):
    state = networks.get_state(trained["hybrid"])
    assert all(isinstance(part, np.ndarray) and part.dtype != object for part in state)
    keras.utils.set_random_seed(7)
    again = fusion("hybrid", encoders(), 4, modality_dropout=0.2)
    networks.set_state(again, state)
    np.testing.assert_array_equal(predict(again, examples.X), predict(trained["hybrid"], examples.X))

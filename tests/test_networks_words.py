"""Words for networks: numbers of words, embeddings, padding that says nothing, a vocabulary that travels with the model."""
import warnings

import numpy as np
import pytest

from vmm_lab.features import WordBag
from vmm_lab.networks import Examples, fusion, keras, predict, train, word_encoder
from vmm_lab.networks.feeding import adapt

pytestmark = pytest.mark.slow  # it trains

CAPTIONS = ["A man falls.", "a woman waves!", "男人跌倒", "رجل يسقط", "איש נופל"]


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


def described(*captions):
    return np.array([WordBag().describe(caption) for caption in captions])


def learnt(*captions, **options):
    """An encoder that knows the words of these captions."""
    encoder = word_encoder(**{"length": 8, "width": 6} | options)
    adapt(encoder, described(*captions))
    return encoder


def test_each_word_gives_a_step_and_the_end_of_a_text_gives_zeros():
    steps = predict(learnt(*CAPTIONS), described(*CAPTIONS))
    assert steps.shape == (5, 8, 6) and steps.dtype == np.float32
    counts = [len(text.split()) for text in described(*CAPTIONS)]
    assert (np.abs(steps).sum(-1) > 0).sum(1).tolist() == counts and counts[2] == 7, "four characters and three pairs of them"


@pytest.mark.parametrize("nothing", ["", "   ", "…!?"])
def test_a_caption_without_a_word_is_all_zeros_and_still_gets_an_answer(nothing):
    encoder = learnt(*CAPTIONS)
    assert not predict(encoder, described(nothing)).any()
    answer = predict(fusion("features", {"words": encoder}, 3), {"words": described(nothing), "present": np.ones((1, 1), np.float32)})
    assert np.isfinite(answer).all() and answer.sum() == pytest.approx(1)


def test_words_beyond_the_length_are_left_out():
    encoder, start = learnt(*CAPTIONS), "a man falls " * 2 + "a man"
    long = described(start + " waves woman" * 5000, start + " falls" * 3)
    steps = predict(encoder, long)
    assert np.array_equal(steps[0], steps[1]) and steps[0].any(axis=-1).all()


def test_a_word_that_was_never_learnt_is_unknown_but_still_a_word():
    encoder = learnt(*CAPTIONS)
    steps = predict(encoder, described("elephants", "zebras", "a"))
    assert np.array_equal(steps[0], steps[1]) and steps[0, 0].any() and not np.allclose(steps[0], steps[2])


def test_the_vocabulary_keeps_the_most_frequent_words():
    encoder = learnt("b b b", "a a c", n_words=2)
    assert encoder.get_layer("vocabulary").words.get_vocabulary() == ["", "[UNK]", "b", "a"]


@pytest.mark.parametrize("captions", [("男人跌倒", "男人走路"), ("رجل يسقط", "رجل يمشي"), ("איש נופל", "איש הולך")],
                         ids=["Chinese", "Arabic", "Hebrew"])
def test_captions_of_every_script_are_learnt(captions):
    y = np.arange(32) % 2
    X = {"words": described(*captions)[y], "present": np.ones((32, 1), np.float32)}
    model = fusion("features", {"words": word_encoder(length=8, width=8)}, 2, units=8)
    train(model, Examples(X, y, ("falls", "walks")), epochs=12, batch_size=8, learning_rate=1e-2, progress=False)
    assert predict(model, X).argmax(1).tolist() == y.tolist()


def test_the_order_of_words_is_in_the_steps_and_not_in_a_bag():
    texts = described("man bites dog", "dog bites man")
    steps = predict(learnt(*texts), texts).sum(axis=1)
    assert not np.allclose(*steps, atol=1e-4)
    bag = WordBag().fit(list(texts)).transform(list(texts))
    assert np.array_equal(*bag)


def test_a_vocabulary_that_learnt_nothing_says_so():
    encoder = word_encoder()
    assert not encoder.get_layer("vocabulary").adapted
    with pytest.raises(ValueError, match="has not been learnt: train the model first"):
        predict(encoder, described("a man"))


def test_a_saved_model_keeps_its_words(tmp_path):
    texts = described(*CAPTIONS, "an unknown word", "")
    X = {"words": texts, "present": np.ones((len(texts), 1), np.float32)}
    model = fusion("features", {"words": learnt(*CAPTIONS)}, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # Keras warns of layers that it could not restore
        model.save(tmp_path / "words.keras")
        again = keras.saving.load_model(tmp_path / "words.keras")
    assert np.allclose(predict(again, X), predict(model, X), atol=1e-6)
    words = again.get_layer("words_encoder").get_layer("vocabulary")
    assert words.adapted and {"falls", "男人", "رجل"} <= set(words.words.get_vocabulary())


def test_a_second_training_keeps_the_vocabulary_that_the_weights_belong_to():
    encoder = learnt("a man")
    adapt(encoder, described("other words altogether"))
    assert set(encoder.get_layer("vocabulary").words.get_vocabulary()) == {"", "[UNK]", "a", "man"}

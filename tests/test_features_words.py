"""Words of captions in many scripts, and their weights."""
import numpy as np
import pytest

from vmm_lab.features import Segment, WordBag, tokens
from vmm_lab.media import MediaError


@pytest.mark.parametrize(
    "text, words",
    [
        ("Don't STOP — it's 3pm!", ["don", "t", "stop", "it", "s", "3pm"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ﬁne cafe\u0301 café", ["fine", "café", "café"]),
        ("איש נופל", ["איש", "נופל"]),
        ("رَجُلٌ يسقط", ["رَجُلٌ", "يسقط"]),
        ("आदमी गिरता है", ["आदमी", "गिरता", "है"]),
        ("남자가 넘어진다", ["남자가", "넘어진다"]),
        ("跌倒", ["跌", "倒", "跌倒"]),
        ("GPU跌", ["gpu", "跌"]),
        ("…!?", []),
    ],
    ids=[
        "punctuation", "case folding", "compatibility forms", "Hebrew", "Arabic with marks", "Hindi", "Korean",
        "Chinese", "mixed", "no word",
    ],
)
def test_tokens_are_the_words_of_any_script(text, words):
    assert tokens(text) == words


def test_captions_from_a_generator_are_all_learnt():
    """The first ones were used up by the question whether there are any."""
    captions = ["a man falls", "a woman waves", "a zebra"]
    assert WordBag().fit_descriptions(c for c in captions).vocabulary_.tolist() == WordBag().fit(captions).vocabulary_.tolist()


def test_neighbouring_characters_stand_in_for_words_where_no_space_does():
    assert {"กิ", "เด"} & set(tokens("เด็กกิน"))
    assert "ころ" in tokens("ころぶ") and "ろぶ" in tokens("ころぶ")


def test_captions_in_chinese_and_hebrew_are_told_apart():
    captions = ["男人跌倒", "男人走路", "איש נופל", "איש הולך"]
    rows = WordBag().fit(captions).transform(captions)
    likeness = rows @ rows.T
    np.testing.assert_allclose(np.diag(likeness), 1, atol=1e-6)
    assert likeness[0, 1] > 0.1 and likeness[2, 3] > 0.1 and likeness[0, 2] == 0


def test_weights_are_tf_idf_with_smoothing_and_unit_length():
    captions = ["a man", "a dog", "a man man"]
    bag = WordBag().fit(captions)
    idf = np.log((1 + 3) / (1 + np.array([3, 1, 2]))) + 1  # a, dog, man
    by_hand = np.array([[1, 0, 1], [1, 1, 0], [1, 0, 2]]) * idf
    by_hand /= np.linalg.norm(by_hand, axis=1, keepdims=True)
    np.testing.assert_allclose(bag.transform(captions), by_hand, rtol=1e-5)


def test_words_that_were_never_learnt_say_nothing():
    bag = WordBag().fit(["a man falls"])
    assert not bag.transform(["elephants"]).any()
    assert bag.vocabulary_.tolist() == ["a", "falls", "man"]


def test_the_vocabulary_keeps_the_most_frequent_words():
    assert WordBag(n_words=2).fit(["b a", "b a c", "b a d"]).vocabulary_.tolist() == ["a", "b"]


def test_captions_without_a_single_word_cannot_be_learnt_from():
    with pytest.raises(ValueError, match="no words"):
        WordBag().fit(["...", "!"])


@pytest.mark.parametrize("caption", [None, float("nan"), "", "  ", 3])
def test_a_missing_caption_is_missing(caption):
    with pytest.raises(MediaError, match="no caption"):
        WordBag().read(Segment("a.mp4", caption=caption))

"""Count words in captions, the rare ones counting more (tf-idf)."""
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from vmm_lab.features.base import Feature
from vmm_lab.features.segment import Segment
from vmm_lab.media import MediaError
from vmm_lab.media.options import brief, check_whole

# Scripts that put no spaces between words, by the first word of their characters' Unicode names.
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")


def tokens(text: str) -> list[str]:
    """Return the words of a text in any language, in lower case.

    Letters, digits and the marks on them make up words, whichever way they are written; scripts without spaces give
    each character and each pair of neighbours instead, since only a dictionary could find their words.

    >>> tokens("The man FALLS, twice!")
    ['the', 'man', 'falls', 'twice']
    >>> tokens("رجل يسقط")
    ['رجل', 'يسقط']
    >>> tokens("男人跌倒 x2")
    ['男', '人', '跌', '倒', '男人', '人跌', '跌倒', 'x2']
    """
    found, run, run_unspaced = [], "", None
    for character in unicodedata.normalize("NFKC", text).casefold() + " ":
        kind = unicodedata.category(character)[0]
        unspaced = unicodedata.name(character, "").startswith(UNSPACED) if kind == "L" else run_unspaced
        if run and (kind not in "LMN" or unspaced != run_unspaced):
            found += [*run, *map("".join, zip(run, run[1:]))] if run_unspaced else [run]
            run = ""
        if kind in "LMN":
            run += character  # in a line of its own, in which it takes no copy of what is there
            run_unspaced = bool(unspaced)
    return found


@dataclass(kw_only=True, eq=False, repr=False)
class WordBag(Feature):
    """Represent captions by bags of words, weighted by tf-idf: often here, rarely elsewhere; see `tokens`.

    n_words: the most frequent words of the training rows make up the vocabulary, at most so many.
    A description is the caption; a row has length 1, or is 0 where no word is known.
    Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988.

    >>> bag = WordBag().fit(["a man falls", "a man waves"])
    >>> bag.vocabulary_.tolist()
    ['a', 'falls', 'man', 'waves']
    >>> bag.transform(["falls falls and falls"]).round(2)
    array([[0., 1., 0., 0.]], dtype=float32)
    """

    modality = "words"
    learns = True
    encode_options = ("n_words",)

    n_words: int = 2000

    def check_options(self) -> None:
        check_whole("WordBag", n_words=self.n_words)

    def check_item(self, item: Any) -> None:
        if not isinstance(item, str):
            raise ValueError(f"WordBag takes captions as strings, got {brief(item)}")

    def sources(self, segment: Segment) -> list[str]:
        """Return no file: the caption stands in the table."""
        return []

    def read(self, segment: Segment) -> str:
        caption, way_out = segment.caption, "in the table's column 'caption'"
        if not isinstance(caption, str) or not caption.strip():
            raise MediaError(f"{segment.path}: this row has no caption; write one {way_out}")
        if not tokens(caption):
            raise MediaError(f"{segment.path}: the caption {caption[:40]!r} holds no words; write some {way_out}")
        return caption

    def describe(self, caption: str) -> str:
        return " ".join(tokens(caption))

    def blank(self) -> str:
        return ""

    def fit_descriptions(self, descriptions: Iterable[str], y: Any = None) -> Self:
        """Learn the vocabulary and how rare each word is (idf) from the training rows."""
        vectorizer, descriptions = self._vectorizer(), list(descriptions)
        if not any(descriptions):
            raise ValueError("WordBag found no words in the training captions, which hold none but punctuation")
        vectorizer.fit(descriptions)
        self.vocabulary_ = vectorizer.get_feature_names_out().astype(str)
        self.idf_ = vectorizer.idf_
        return self

    def encode(self, descriptions: Iterable[str]) -> NDArray[np.float32]:
        vectorizer = self._vectorizer(vocabulary=self.vocabulary_)
        vectorizer.idf_ = self.idf_
        return vectorizer.transform(descriptions).toarray()

    def _vectorizer(self, vocabulary=None):
        return TfidfVectorizer(
            tokenizer=str.split, token_pattern=None, lowercase=False, dtype=np.float32,
            max_features=self.n_words, vocabulary=vocabulary,
        )

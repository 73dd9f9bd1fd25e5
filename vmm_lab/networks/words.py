"""Build the encoder of words for `fusion`: the words of a caption as a sequence of embeddings."""
import numpy as np

from ._keras import keras
from ._keras import tensorflow as tf
from .layers import Layer, Masked, StepMask

layers = keras.layers


def word_encoder(shape: tuple[int, ...] = (), *, n_words: int = 600, length: int = 32,
                 width: int = 64) -> "keras.Model":
    """Build an encoder of captions: words → a number each → a learnt embedding → its neighbours taken into account.

    Takes strings (n,), words with spaces between, as `features.WordBag` describes captions; gives float32 (n, length,
    width), zeros behind the end of a text and for one that is empty; the layer "mask" tells which steps are words.
    Words beyond `length` are left out; `train` learns the vocabulary, at most n_words, from the training rows, and a
    word that is not in it is "unknown". shape is that of an item: ().

    >>> word_encoder(length=32, width=64).output_shape
    (None, 32, 64)
    """
    inputs = keras.Input(shape, dtype="string")
    numbers = Vocabulary(n_words, length, name="vocabulary")(inputs)
    mask = StepMask(name="mask")(numbers)
    x = layers.Embedding(n_words + 2, width, name="steps")(numbers)
    x = Masked()([layers.Dropout(0.3)(x), mask])
    y = layers.Conv1D(width, 3, padding="same", activation="relu", name="neighbours")(x)
    return keras.Model(inputs, Masked()([layers.Add()([x, y]), mask]), name="words_encoder")


class Vocabulary(Layer):
    """Convert strings (n,) to int (n, length): each word's number; 0 behind the end, 1 for a word that is not known.

    A thin cover of `keras.layers.TextVectorization`, which learns the vocabulary, so that a saved model carries it.
    """

    saved = ("n_words", "length")

    def __init__(self, n_words, length, **options):
        super().__init__(**options)
        self.n_words, self.length = n_words, length
        self.words = layers.TextVectorization(
            n_words + 2, standardize=None, split="whitespace", output_sequence_length=length)

    @property
    def adapted(self) -> bool:
        """Whether the vocabulary has been learnt."""
        with tf.init_scope():  # a number also while a graph is traced
            return int(self.words.vocabulary_size()) > 2

    def adapt(self, texts: np.ndarray) -> None:
        """Learn the most frequent words of strings (n,)."""
        self.words.adapt(np.asarray(texts, dtype=object))

    def build(self, shape):
        self.words.build(shape)

    def call(self, texts):
        if not self.adapted:
            raise ValueError("The vocabulary has not been learnt: train the model first, or let the layer `adapt` to "
                             "strings (n,).")
        return self.words(texts)

    def compute_output_spec(self, texts):
        return keras.KerasTensor((texts.shape[0], self.length), dtype="int64")

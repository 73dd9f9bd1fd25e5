"""Captions go in, a sequence of embeddings comes out, one for each word: the encoder that `fusion` reads words with."""
import numpy as np

from ._keras import keras, tensorflow as tf

layers = keras.layers


def word_encoder(shape=(), *, n_words=600, length=32, width=64):
    """The words of a caption → a number each → a learnt embedding → its neighbours taken into account.

    Takes strings (n,), words with spaces between, as `features.WordBag` describes captions; gives float32
    (n, length, width), zeros behind the end of a text and for one that is empty. Words beyond `length` are left out; `train`
    learns the vocabulary, at most n_words, from the training rows, and a word that is not in it is "unknown".

    >>> word_encoder(length=32, width=64).output_shape
    (None, 32, 64)
    """
    inputs = keras.Input(shape, dtype="string")
    numbers = Vocabulary(n_words, length, name="vocabulary")(inputs)
    x = layers.Embedding(n_words + 2, width, name="steps")(numbers)
    x = WithoutPadding()([layers.Dropout(0.3)(x), numbers])
    y = layers.Conv1D(width, 3, padding="same", activation="relu", name="neighbours")(x)
    return keras.Model(inputs, WithoutPadding()([layers.Add()([x, y]), numbers]), name="words_encoder")


@keras.saving.register_keras_serializable(package="vmm_lab")
class WithoutPadding(layers.Layer):
    """Steps (B, T, D) and their words' numbers (B, T) go in, the steps with zeros where no word stands come out."""

    def call(self, parts):
        steps, numbers = parts
        return steps * keras.ops.cast(numbers > 0, steps.dtype)[..., None]


@keras.saving.register_keras_serializable(package="vmm_lab")
class Vocabulary(layers.Layer):
    """Strings (n,) to int (n, length): each word's number; 0 behind the end, 1 for a word that is not known.

    A thin cover of `keras.layers.TextVectorization`, which learns the vocabulary, so that a saved model carries it.
    """

    def __init__(self, n_words, length, **options):
        super().__init__(**options)
        self.n_words, self.length = n_words, length
        self.words = layers.TextVectorization(n_words + 2, standardize=None, split="whitespace", output_sequence_length=length)

    @property
    def adapted(self):
        """Whether the vocabulary has been learnt."""
        with tf.init_scope():  # a number also while a graph is traced
            return int(self.words.vocabulary_size()) > 2

    def adapt(self, texts):
        """Learn the most frequent words of strings (n,)."""
        self.words.adapt(np.asarray(texts, dtype=object))

    def build(self, shape):
        self.words.build(shape)

    def call(self, texts):
        if not self.adapted:
            raise ValueError("The vocabulary has not been learnt: train the model first, or let the layer `adapt` to strings (n,).")
        return self.words(texts)

    def compute_output_spec(self, texts):
        return keras.KerasTensor((texts.shape[0], self.length), dtype="int64")

    def get_config(self):
        return super().get_config() | {"n_words": self.n_words, "length": self.length}

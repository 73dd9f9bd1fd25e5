"""Describe English sentences by all-MiniLM-L6-v2, a small transformer that learnt from a billion pairs of sentences.

Wang et al., "MiniLM: deep self-attention distillation for task-agnostic compression of pre-trained transformers",
NeurIPS 2020; trained for sentences after Reimers and Gurevych, "Sentence-BERT", EMNLP 2019. Weights: Apache-2.0.
"""
import functools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vmm_lab import assets
from vmm_lab.features.base import Feature
from vmm_lab.features.words import WordBag
from vmm_lab.media.options import brief
from vmm_lab.pretrained.weights import built_once, weights

if TYPE_CHECKING:
    import keras

TOKENS, WIDTH, HEADS, LAYERS = 128, 384, 12, 6  # TOKENS: what is longer is cut, as in the original


def minilm() -> "keras.Model":
    """Build all-MiniLM-L6-v2 with its pretrained weights: int32 tokens (n, T), 0 where padded, to (n, 384).

    A sentence is the mean of its tokens' last states, scaled to length 1. Raises AssetError where the weights cannot
    be fetched.
    """
    from vmm_lab.networks import keras

    layers, arrays = keras.layers, weights("minilm")
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    real = layers.Lambda(lambda ids: ids > 0, output_shape=lambda shape: shape, dtype="bool", name="real")(tokens)
    positions = layers.Lambda(lambda ids: keras.ops.arange(keras.ops.shape(ids)[1])[None], output_shape=(None,),
                              dtype="int32", name="positions")(tokens)
    x = layers.Add()([layers.Embedding(30522, WIDTH, name="word_embeddings")(tokens),
                      layers.Embedding(512, WIDTH, name="position_embeddings")(positions)])
    x = layers.LayerNormalization(epsilon=1e-12, name="embeddings_norm")(x)
    for k in range(LAYERS):
        attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name=f"layer{k}_attention")
        x = layers.Add()([x, attention(x, x, attention_mask=layers.Reshape((1, -1))(real))])
        x = layers.LayerNormalization(epsilon=1e-12, name=f"layer{k}_attention_norm")(x)
        y = layers.Dense(4 * WIDTH, activation="gelu", name=f"layer{k}_intermediate")(x)
        x = layers.Add()([x, layers.Dense(WIDTH, name=f"layer{k}_output")(y)])
        x = layers.LayerNormalization(epsilon=1e-12, name=f"layer{k}_norm")(x)
    mean = layers.GlobalAveragePooling1D()(x, mask=real)
    model = keras.Model(tokens, layers.UnitNormalization()(mean), name="minilm")
    _load(model, arrays)
    return model


def embed_sentences(sentences: Sequence[str]) -> NDArray[np.float32]:
    """Compute the embeddings of English sentences, float32 (n, 384) of length 1; the cosine is their inner product.

    ValueError for a single sentence, or one that is no text.
    """
    from vmm_lab.networks import predict

    if isinstance(sentences, str) or not all(isinstance(sentence, str) for sentence in sentences):
        raise ValueError(f"embed_sentences takes a list of sentences, each a text, got {brief(sentences)}")
    tokens = np.array([encoding.ids for encoding in _tokenizer().encode_batch(list(sentences))], np.int32)
    lengths = np.array([np.count_nonzero(ids) for ids in tokens], int)
    order = np.argsort(lengths, kind="stable")  # sentences of like length share a batch
    found = np.zeros((len(tokens), WIDTH), np.float32)
    for start in range(0, len(order), 32):
        rows = order[start:start + 32]
        found[rows] = predict(_network(), tokens[rows, :lengths[rows].max()])
    return found


def check_english(sentence: str) -> str:
    """Return a sentence without spaces around it; ValueError where it is empty, or the network cannot read its script.

    >>> check_english("  a person waves ")
    'a person waves'
    """
    text = " ".join(str(sentence).split())
    letters = [letter for letter in text if letter.isalpha()]
    foreign = [letter for letter in letters if not unicodedata.name(letter, "").startswith("LATIN")]
    if not any(map(str.isalnum, text)):
        raise ValueError(f"The query {text[:40]!r} holds no words; write what to look for, such as 'a person waves'."
                         if text else "The query is empty; write what to look for, such as 'a person waves'.")
    if len(foreign) > len(letters) / 4:
        raise ValueError(f"The query {text[:40]!r} is not in English, and the text model reads English alone; "
                         "translate it first.")
    return text


@dataclass(kw_only=True, eq=False, repr=False)
class SentenceEmbedding(Feature):
    """Represent the caption by the embedding of all-MiniLM-L6-v2, 384 numbers; it reads English.

    Raises AssetError where the weights cannot be fetched.
    """

    modality = "words"
    assets = ("minilm", "minilm_tokenizer")
    packages = ("tensorflow", "keras")
    sentence = ("SentenceEmbedding asks all-MiniLM-L6-v2, a transformer that learnt from a billion pairs of English "
                "sentences, about the caption.")

    check_item, sources, read = WordBag.check_item, WordBag.sources, WordBag.read

    def describe(self, caption: str) -> NDArray[np.float32]:
        """Return float32 (384,) of length 1."""
        return embed_sentences([caption])[0]

    def blank(self) -> str:
        return ""


_network = built_once(minilm)


@functools.cache
def _tokenizer():
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(assets.fetch("minilm_tokenizer")))
    tokenizer.enable_padding()  # with zeros, to the longest
    tokenizer.enable_truncation(TOKENS)
    return tokenizer


def _load(model, arrays):
    """Give each layer its arrays, under the names that BERT gives them; type 0 is added to every word."""
    def norm(layer, name):
        model.get_layer(layer).set_weights([arrays[f"{name}.weight"], arrays[f"{name}.bias"]])

    def dense(layer, name):
        model.get_layer(layer).set_weights([arrays[f"{name}.weight"].T, arrays[f"{name}.bias"]])

    words = arrays["embeddings.word_embeddings.weight"] + arrays["embeddings.token_type_embeddings.weight"][0]
    model.get_layer("word_embeddings").set_weights([words])
    model.get_layer("position_embeddings").set_weights([arrays["embeddings.position_embeddings.weight"]])
    norm("embeddings_norm", "embeddings.LayerNorm")
    for k in range(LAYERS):
        base = f"encoder.layer.{k}"
        heads = []
        for part in ("query", "key", "value"):
            name = f"{base}.attention.self.{part}"
            heads += [arrays[f"{name}.weight"].T.reshape(WIDTH, HEADS, -1), arrays[f"{name}.bias"].reshape(HEADS, -1)]
        name = f"{base}.attention.output.dense"
        heads += [arrays[f"{name}.weight"].T.reshape(HEADS, -1, WIDTH), arrays[f"{name}.bias"]]
        model.get_layer(f"layer{k}_attention").set_weights(heads)
        norm(f"layer{k}_attention_norm", f"{base}.attention.output.LayerNorm")
        dense(f"layer{k}_intermediate", f"{base}.intermediate.dense")
        dense(f"layer{k}_output", f"{base}.output.dense")
        norm(f"layer{k}_norm", f"{base}.output.LayerNorm")

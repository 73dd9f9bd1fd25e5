"""Retrieve media by sentences, or by other media: one space for both, in which what belongs together is near.

Pictures and sentences come from two networks that know nothing of each other. Two roads lead from the first into the
space of the second: the names of the classes that a picture may show (ConSE, no pairs needed), and a projection that
is learnt from pairs of a picture and its sentence.
"""
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from ..features import Feature, extract
from ..media.options import check_choice
from ..pretrained.image import ImageEmbedding, imagenet_classes
from ..pretrained.text import SentenceEmbedding, embed_sentences
from ..pretrained.weights import weights
from ..splits import group_split
from ..tables import TableError
from .board import Board
from .evaluate import evaluate
from .folds import Folds, choose_folds
from .method import Method
from .ranking import measures
from .rows import Items, Need, Rows, usable_rows

TOP, SHARPNESS = 10, 0.5  # of ConSE: the classes that are mixed, and the power of their probabilities
WIDTH = 384  # numbers of a vector: those of a sentence
PICTURE, SENTENCE = ImageEmbedding(pooling="mean", n_frames=4), SentenceEmbedding()  # one for all, so computed once
LEAST = 30  # captions, from which means are taken, and a projection is learnt for an index
TEMPERATURE, EPOCHS, BATCH = 0.07, 100, 128  # of the contrastive loss


def unit(vectors: NDArray) -> NDArray[np.float32]:
    """Scale rows (n, d) to length 1, so that an inner product is a cosine; a row of zeros stays."""
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def conse(embeddings: NDArray) -> NDArray[np.float32]:
    """Place pictures among sentences without any pairs: mix the names of their classes, as probable as these are.

    embeddings: (n, 1280 or more), rows of `ImageEmbedding` whose first 1280 numbers are the mean. Returns float32
    (n, 384) of length 1. Source: Norouzi et al., "Zero-shot learning by convex combination of semantic embeddings",
    ICLR 2014.
    """
    kernel, bias = list(weights("efficientnet_lite0").values())[-2:]
    logits = SHARPNESS * (embeddings[:, :kernel.shape[1]] @ kernel.T + bias)
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    least = np.partition(probabilities, -TOP, axis=1)[:, -TOP, None]
    return unit(np.where(probabilities >= least, probabilities, 0) @ _class_names())


@functools.cache
def _class_names() -> NDArray[np.float32]:
    return embed_sentences(imagenet_classes())


def info_nce(sentences, projected):
    """Compute the contrastive loss of a batch: each item should choose its sentence among those of the batch, and back.

    sentences, projected: (n, d) of length 1. Items with equal sentences are right for each other. Returns (n,).
    Source: van den Oord et al., "Representation learning with contrastive predictive coding", 2018; both ways as in
    Radford et al., "Learning transferable visual models from natural language supervision", ICML 2021.
    """
    from ..networks import keras
    ops = keras.ops

    logits = projected @ ops.transpose(sentences) / TEMPERATURE
    same = ops.cast(sentences @ ops.transpose(sentences) > 1 - 1e-4, logits.dtype)
    right = same / ops.sum(same, axis=1, keepdims=True)
    choose = functools.partial(keras.losses.categorical_crossentropy, right, from_logits=True)
    return (choose(logits) + choose(ops.transpose(logits))) / 2


def _contrastive(X, T, alpha, seed):
    from ..networks import keras
    layers = keras.layers

    scale = X.std() + 1e-9
    project = layers.Dense(T.shape[1], use_bias=False, kernel_initializer=keras.initializers.GlorotUniform(seed))
    model = keras.Sequential([keras.Input(X.shape[1:]), layers.Dropout(0.5, seed=seed), project,
                              layers.UnitNormalization()])
    model.compile(keras.optimizers.AdamW(1e-3, weight_decay=0.01 * alpha), loss=info_nce, jit_compile=False)
    rng, T = np.random.default_rng(seed), unit(T)
    order = np.concatenate([rng.permutation(len(X)) for _ in range(EPOCHS)])  # so that Keras need not shuffle
    for start in range(0, len(order), BATCH):
        rows = order[start:start + BATCH]
        model.train_on_batch(X[rows] / scale, T[rows])
    return project.get_weights()[0] / scale


LEARNERS: dict[str, Callable] = {
    "ridge": lambda X, T, alpha, seed: Ridge(alpha=alpha, fit_intercept=False).fit(X, T).coef_.T,
    "contrastive": _contrastive}


class Retriever(Method):
    """Represent media and sentences as vectors of one space, 384 numbers of length 1: near is alike.

    features: a list, `[ImageEmbedding(pooling="mean", n_frames=4)]` by default, which ConSE needs first. learner: None
    (ConSE alone, which learns nothing), "ridge" or "contrastive": a projection learnt from pairs. conse: how much ConSE
    weighs next to it. alpha: how strongly the projection is kept small.
    """

    version = 1  # raised when the same media would get other vectors
    any_part = True  # an item without a sentence is searched among, and not asked for
    one_at_a_time = True
    packages = ("keras", "tensorflow")

    def __init__(self, features: Sequence[Feature] | None = None, *, learner: str | None = "ridge", conse: float = 0.5,
                 alpha: float = 3.0, seed: int = 0):
        self.features = features
        self.learner = learner
        self.conse = conse
        self.alpha = alpha
        self.seed = seed

    @property
    def modality(self) -> str:
        """Return what is retrieved: that of the feature, or "fusion" of several."""
        kinds = {feature.modality for feature in self._features()}
        return kinds.pop() if len(kinds) == 1 else "fusion"

    @property
    def needs(self) -> Sequence[Need]:
        """Return the features of the media, and the sentence."""
        seen = [Need(feature.modality or "", feature, "row") for feature in self._features()]
        return (*seen, Need("words", SENTENCE, "row"))

    def fit_items(self, items: Items, y: NDArray | None = None, groups: NDArray | None = None) -> "Retriever":
        """Learn the projection from the items that have both, or take ConSE as it is."""
        if not any(part.present.any() for part in items.parts[:-1]):
            raise TableError(f"No row has what {self.name} reads of media, so none can be found; give other features.")
        media, sentences = self._read(items)
        pairs = np.isfinite(media).all(axis=1) & np.isfinite(sentences).all(axis=1)
        return self.learn(media[pairs], sentences[pairs])

    def learn(self, media: NDArray, sentences: NDArray) -> "Retriever":
        """Learn from rows of the features (n, d) and the vectors of their sentences (n, 384).

        ConSE, too, takes the means of both away.
        """
        self.state_: dict[str, NDArray] = {}
        check_choice("Retriever", (None, *LEARNERS), learner=self.learner)
        if len(media) < LEAST and self.learner is None:
            return self
        if len(media) < 2:
            raise TableError("There are no pairs of media and sentences to learn from; fill in the column `caption`, "
                             "or take learner=None.")
        rows = self._scaled(media)
        self.state_ = {"sentence_mean": sentences.mean(axis=0)}
        if self._names():
            self.state_["conse_mean"] = conse(media).mean(axis=0)
        if self.learner is not None:
            mean, centred = rows.mean(axis=0), sentences - sentences.mean(axis=0)
            kernel = LEARNERS[self.learner](rows - mean, centred, self.alpha, self.seed).astype(np.float32)
            self.state_ |= {"kernel": kernel, "bias": -mean @ kernel}
        return self

    def describe(self, table: pd.DataFrame, *, on_error: str = "skip", **options: Any) -> NDArray[np.float32]:
        """Describe the media of a table: rows of the features, float32 (n, d); options as those of `extract`."""
        parts = [extract(table, feature, on_error=on_error, **options) for feature in self._features()]
        self.sizes_ = [part.shape[1] for part in parts]
        return np.concatenate(parts, axis=1)

    def predict_items(self, items: Items) -> NDArray[np.float32]:
        """Return float32 (n, 2, 384): the vector of each item and of its sentence, NaN where there is none."""
        media, sentences = self._read(items)
        return np.stack([self.place(media), self.place_sentences(sentences)], axis=1)

    def place(self, media: NDArray) -> NDArray[np.float32]:
        """Place rows of the features, float (n, d), in the space of sentences: float32 (n, 384) of length 1."""
        parts = []
        if self.learner:
            parts.append(unit(self._scaled(media) @ self.state_["kernel"] + self.state_["bias"]))
        if self._names():
            named = unit(conse(media) - self.state_.get("conse_mean", 0))
            parts.append(self.conse * named if self.learner else named)
        return unit(np.sum(parts, axis=0))

    def place_sentences(self, sentences: NDArray) -> NDArray[np.float32]:
        """Place the vectors of sentences, float (n, 384), in the space of the media."""
        return unit(sentences - self.state_.get("sentence_mean", 0))

    def _names(self) -> bool:
        return self.learner is None or self.conse > 0

    def _features(self) -> list[Feature]:
        return list(self.features or [PICTURE])

    def _read(self, items):
        """Return (media (n, d), sentences (n, 384)) of items, NaN where one is missing."""
        parts = [_rows(part) for part in items.parts]
        self.sizes_ = [part.shape[1] for part in parts[:-1]]
        return np.concatenate(parts[:-1], axis=1), parts[-1]

    def _scaled(self, media):
        """Scale what each feature gave to length 1, so that all weigh alike."""
        return np.concatenate([unit(part) for part in np.split(media, np.cumsum(self.sizes_)[:-1], axis=1)], axis=1)


class Guess(Retriever):
    """Represent guessing: every order of the items is as likely."""

    modality, strategy = "none", "chance"


def _rows(part):
    found = list(part)
    width = next((len(row) for row in found if row is not None), WIDTH)  # none: no sentence here has a vector
    return np.stack([np.full(width, np.nan, np.float32) if row is None else row for row in found])


def default_methods() -> dict[str, Retriever]:
    """Return the methods that `retrieve` compares: without pairs, with pairs, and guessing."""
    return {"ConSE, no pairs": Retriever(learner=None), "Ridge": Retriever(conse=0.0),
            "Ridge + ½ ConSE": Retriever(), "Contrastive": Retriever(learner="contrastive", conse=0.0),
            "Contrastive + ½ ConSE": Retriever(learner="contrastive"), "Chance": Guess(learner=None)}


def retrieve(table: pd.DataFrame, methods: Mapping[str, Method] | None = None, *,
             query: Literal["text", "media"] = "text", relevant: str | None = None, seed: int = 0,
             n_jobs: int | None = None, progress: bool = True) -> Board:
    """Compare methods by how early they find the right media for a sentence, or for other media.

    table: as `load_table` gives it, with a column `caption`. Its own `split` is used if every row has one; else the
    groups are dealt into two halves. A row without a caption is searched among and not asked for.
    methods: {name: Retriever, or another Method that predicts (n, 2, d)}; see `default_methods`.
    query: "text", or "media": each item then asks for others. relevant: the column whose equal values make an item
    right for a query; `caption` by default, the file where some have several captions, and `label` for media.

    Returns a Board: recall at 1, 5 and 10, median rank and mAP. They depend on the size of the gallery, which the
    protocol tells. Raises TableError where there is nothing to ask or to find.
    """
    check_choice("retrieve", ("text", "media"), query=query)
    column = relevant or ("caption" if query == "text" else "label")
    if column not in table or table[column].isna().all():
        raise TableError(f"The table has no column `{column}`, which says what is right for a query; fill it in.")
    place = table[[name for name in ("path", "start", "end") if name in table]].astype(str).agg(" ".join, axis=1)
    if relevant is None and query == "text" and place.duplicated().any():  # several captions for one item
        table, column = table.assign(place=place), "place"
    # What nothing else is equal to has a key of its own.
    keys = [f"row {row}" if pd.isna(key) else f"key {key}" for row, key in enumerate(table[column])]
    methods = default_methods() if methods is None else methods
    rows = usable_rows(table.assign(relevant=keys), methods, label="relevant", fuse=1, n_jobs=n_jobs, progress=progress)
    folds = _halves(rows, seed)
    results = [evaluate(methods[name], rows, folds, name=name, n_jobs=n_jobs) for name in rows.items]
    sizes = [len(test) for _, test in folds.parts]
    searched = f"Each query is searched among the {' or '.join(map(str, dict.fromkeys(sizes)))} items of its fold."
    facts = {"classes": {}, "gallery": sizes, "words": [folds.words, searched]}
    board = Board(results, rows, folds, measures=measures(query), warnings=[*rows.warnings, *folds.warnings],
                  protocol=facts, title="Which method finds it?")
    board.classes = board.classes[:0]  # sentences, and no classes to choose from
    return board


def _halves(rows: Rows, seed: int) -> Folds:
    """Take the table's own split, or deal whole groups into two halves, each learnt from and searched in turn."""
    split = rows.column("split")
    if split is not None and None not in split:
        return choose_folds([""] * len(rows), rows.column("group"), split)
    groups = rows.labels if rows.groups is None else rows.groups
    half = group_split(groups, [""] * len(groups), 0.5, seed)
    number = len(np.unique(groups))
    words = (f"The {number} groups are dealt into two halves (seed {seed}); what is learnt from one is searched in the "
             "other.")
    parts = [(np.flatnonzero(half == side), np.flatnonzero(half != side)) for side in (True, False)]
    return Folds("halves by group", words, parts)

"""Put an encoder that learnt from videos without labels to use as a method of a comparison."""
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .. import features
from ..media.options import check_choice
from .method import Method, check_two_classes
from .rows import Items, Need
from .svm import LinearSVM

HOG = features.HOG(pooling=None)  # one object: rows are described once for all that need the same


class SelfSupervised(Method):
    """Represent an encoder that learns from training rows without labels, and an SVM that learns from the few labels.

    The encoder reads the HOG of 16 frames in their order, and is frozen once it is trained.

    pretext : what it learns from, "correspondence" (which sound belongs to which clip; see
        `networks.pretrain_correspondence`), "order" (`networks.pretrain_order`), or "nothing": random weights, the
        baseline of both
    seed : int, of the weights and the order of the rows
    """

    one_at_a_time = True
    modality = "video"
    packages = ("tensorflow", "keras")
    procedure = ("an encoder trained on the training rows without their labels, and a linear SVM on its embedding, "
                 "which learns from the labelled rows")

    def __init__(self, pretext: str = "correspondence", *, seed: int = 0):
        self.pretext = pretext
        self.seed = seed

    @property
    def needs(self) -> Sequence[Need]:
        from ..networks.recipes import TRIMMED

        video = Need("video", HOG)
        return (video, Need("sound", TRIMMED)) if self.pretext == "correspondence" else (video,)

    def fit_unlabelled(self, items: Items) -> "SelfSupervised":
        """Train the encoder on the training rows, whose labels are not known."""
        from .. import networks

        check_choice("SelfSupervised", ("correspondence", "order", "nothing"), pretext=self.pretext)
        X = self._stacked(items, 0)
        if self.pretext == "correspondence":
            self.encoder_ = networks.pretrain_correspondence(X, self._stacked(items, 1), seed=self.seed)
        elif self.pretext == "order":
            self.encoder_ = networks.pretrain_order(X, seed=self.seed)
        else:
            self.encoder_ = networks.untrained_encoder(X, seed=self.seed)
        return self

    def fit_items(self, items: Items, y: NDArray, groups: NDArray | None = None) -> "SelfSupervised":
        """Fit the SVM on the embeddings of the labelled rows; the encoder too, where it has learnt from none before."""
        check_two_classes(y)
        if not hasattr(self, "encoder_"):
            self.fit_unlabelled(items)
        self.classifier_ = LinearSVM(seed=self.seed).fit(self.embed_items(items), y, groups)
        self.classes_ = self.classifier_.classes_
        return self

    def predict_items(self, items: Items) -> NDArray[np.float64]:
        return self.classifier_.predict_proba(self.embed_items(items))

    def embed_items(self, items: Items) -> NDArray[np.float32]:
        """Compute the embedding of each row, float32 (n, 288); only its pictures are looked at."""
        from ..networks import predict

        return predict(self.encoder_, self._stacked(items, 0))

    def _stacked(self, items: Items, part: int) -> NDArray:
        from ..networks.examples import stack

        return stack(list(items.parts[part]), self.needs[part].feature)

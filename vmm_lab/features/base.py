"""What every feature shares: a piece of media is read, described once, and encoded as one row of numbers.

    Segment ──read──> item ──describe──> description ──encode──> float32 row
                  (frames,            (cached: needs          (cheap; a learner, such as
                 wave, text)         this piece alone)       a vocabulary, works here)

The line between `describe` and `encode` is what keeps scores honest: a description knows nothing of the other rows, so
it can be computed once and cached for everybody, while whatever is learnt is fitted on the training rows of each fold.
"""
import functools
import inspect

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from vmm_lab.features.checks import brief, check_frames, check_whole, check_wholes
from vmm_lab.features.fingerprint import fingerprint, is_ours
from vmm_lab.media import open_media


class Feature(TransformerMixin, BaseEstimator):
    """A scikit-learn transformer from media items to float32 rows; a subclass says how to read, describe and encode.

    A new feature needs `modality`, `read`, `describe` and, unless a description is a row already, `encode`. What is
    learnt from several rows (`learns = True`) goes into `fit_descriptions`, in attributes that end with `_`.
    """

    modality = None  # "image" (one frame is enough), "video" (frames over time), "sound" or "words"
    learns = False
    encode_options = ()  # options that `read` and `describe` never look at: changing them keeps the cache
    read_options = None  # beside a `read`: all options that it looks at, so that features reading alike can share
    version = 1  # raise it when a helper of `read` or `describe` changes: older cache entries are then left alone

    def check_options(self):
        """Raise ValueError, in one sentence, for an option out of range."""

    def check_item(self, item):
        """Raise ValueError, in one sentence, for an item of another kind than `read` gives."""

    def read(self, segment):
        """The item that this feature needs of a `Segment`; MediaError where the modality is missing."""
        raise NotImplementedError

    def sources(self, segment):
        """The files that `read` reads, as paths: a description is new when one of them changes."""
        return [segment.path]

    def describe(self, item):
        """The description of one item: an array or a string, from this item alone."""
        raise NotImplementedError

    def blank(self):
        """An item with nothing to see or hear, which tells how long a row is without any data."""
        raise NotImplementedError

    def fit_descriptions(self, descriptions, y=None):
        """Learn from the descriptions of the training rows; most features have nothing to learn."""
        return self

    def encode(self, descriptions):
        """float32 (n, dimensions) from n descriptions."""
        return np.stack([np.ravel(d) for d in descriptions]).astype(np.float32)

    def fit(self, X, y=None):
        """X: a sequence of items (see `read`). A feature that learns nothing just checks its options."""
        self.check_options()
        items = self._items(X)
        return self.fit_descriptions([self.describe(item) for item in items]) if self.learns else self

    def transform(self, X):
        """float32 (n, dimensions) from a sequence of n items."""
        self.check_options()
        if self.learns:
            check_is_fitted(self)
        return self.encode([self.describe(item) for item in self._items(X)])

    def _items(self, X):
        if isinstance(X, (str, bytes)) or not hasattr(X, "__len__") or len(X) == 0:
            raise ValueError(f"{type(self).__name__} takes a sequence of one or more items, got {brief(X)}")
        for item in X:
            self.check_item(item)
        return X

    @property
    def dimensions(self):
        """How many numbers one row has."""
        return self.encode([self.describe(self.blank())]).shape[1]

    def get_feature_names_out(self, input_features=None):
        """Column names for `set_output(transform="pandas")`: the feature's name and a number."""
        if self.learns:
            check_is_fitted(self)
        return np.asarray([f"{type(self).__name__.lower()}{i}" for i in range(self.dimensions)], dtype=object)

    def fingerprint(self) -> str | None:
        """Compute what a description depends on besides the segment, as a hash; None where that cannot be told.

        Of the package's classes the version and the source of `read` and `describe` count; of any other class all the
        code and the values that they reach.
        """
        kinds = [kind for kind in type(self).__mro__ if is_ours(kind)]
        code = [(kind.__qualname__, kind.version, *_sources(kind)) for kind in kinds if issubclass(kind, Feature)]
        options = {name: value for name, value in self.get_params(deep=False).items() if name not in self.encode_options}
        if is_ours(type(self)):
            return fingerprint(code, options)
        learnt = (*self.encode_options, *(name for name in vars(self) if name.endswith("_")))
        state = {name: value for name, value in vars(self).items() if name not in learnt}
        return fingerprint(type(self), self.version, code, options, state)

    def reads(self) -> str:
        """Return what this feature reads, as text: the same text means the same item of the same segment."""
        owner = next(kind for kind in type(self).__mro__ if "read" in vars(kind))
        options = vars(owner).get("read_options")
        if options is None:
            return self.fingerprint() or str(id(self))
        return repr([owner, [(name, getattr(self, name)) for name in options]])

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False  # an item is a clip, a wave or a text, not a row of a matrix
        tags.input_tags.string = self.modality == "words"
        tags.requires_fit = self.learns
        return tags


class FrameFeature(Feature):
    """A feature of pictures: `n_frames` frames, spread evenly over the piece and resized to `size` (height, width)."""

    read_options = ("size", "n_frames")

    def check_options(self):
        check_whole(type(self).__name__, n_frames=self.n_frames)
        check_wholes(type(self).__name__, names=("height", "width"), size=self.size)

    def read(self, segment):
        """uint8 (T, height, width, 3) RGB; T is `n_frames`, or 1 for an image."""
        with open_media(segment.path) as media:
            frames, _ = media.sample(
                1 if media.is_image else self.n_frames, size=self.size, start=segment.start, end=segment.end
            )
        return frames

    def check_item(self, item):
        check_frames(item, type(self).__name__, size=self.size)

    def blank(self):
        return np.zeros((1, *self.size, 3), np.uint8)


def pool(sequences, how, *, length):
    """float32 (n, …) rows from n sequences (T, d) of any T ≥ 1: averaged over time, or laid end to end.

    how: "mean" (d numbers), "mean+std" (2d), or None: `length` steps, at the centres of equal bins, one after the
    other (length·d), so that the order in time is kept.
    """
    if how == "mean":
        rows = [s.mean(0) for s in sequences]
    elif how == "mean+std":
        rows = [np.concatenate([s.mean(0), s.std(0)]) for s in sequences]
    else:
        rows = [s[bin_centres(len(s), length)].ravel() for s in sequences]
    return np.stack(rows).astype(np.float32)


def bin_centres(length, n):
    """int (n,): the steps, of `length`, at the centres of n equal bins; with more bins than steps some repeat."""
    return ((np.arange(n) + 0.5) * length / n).astype(int)


def segment_means(sequence, segments):
    """(segments, d): the mean of each of so many equal parts of a sequence (T, d); a short one uses a step twice."""
    starts = np.arange(segments) * len(sequence) // segments
    stops = np.maximum(starts + 1, np.arange(1, segments + 1) * len(sequence) // segments)
    return np.stack([sequence[start:stop].mean(0) for start, stop in zip(starts, stops)])


@functools.cache
def _sources(kind):
    """Return the text of a class's own `read` and `describe`; the bytecode where no text is kept."""
    texts = []
    for method in (vars(kind).get("read"), vars(kind).get("describe")):
        try:
            texts.append(inspect.getsource(method) if method else "")
        except (OSError, TypeError):
            texts.append(method.__code__.co_code.hex())
    return texts

"""Define what every feature shares: a segment of media is read, described once, and encoded as a row of numbers.

    Segment ──read──> item ──describe──> description ──encode──> float32 row
                  (frames,            (cached: needs          (cheap; a learner, such as
                 wave, text)         this alone)             a vocabulary, works here)

The line between `describe` and `encode` is what keeps scores honest: a description knows nothing of the other rows, so
it can be computed once and cached for everybody, while whatever is learnt is fitted on the training rows of each fold.
"""
import functools
import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from vmm_lab.features.checks import check_frames
from vmm_lab.features.segment import Segment
from vmm_lab.fingerprint import fingerprint, is_ours
from vmm_lab.media import open_media
from vmm_lab.media.options import brief, check_choice, check_whole, check_wholes

POOLINGS = ("mean", "mean+std", None)  # see `pool`


class Feature(TransformerMixin, BaseEstimator):
    """Represent media items as float32 rows, as a scikit-learn transformer; a subclass reads, describes and encodes.

    A new feature needs `modality`, `read`, `describe` and, unless a description is a row already, `encode`. What is
    learnt from several rows (`learns = True`) goes into `fit_descriptions`, in attributes that end with `_`. Options
    are keyword arguments of `__init__`, or the fields of a dataclass with kw_only=True, eq=False, repr=False.
    """

    modality: ClassVar[str | None] = None  # a name in modalities.MODALITIES
    learns: ClassVar[bool] = False
    encode_options: ClassVar[tuple[str, ...]] = ()  # options that keep the cache
    chosen_learner: ClassVar[bool] = False  # whether a comparison chooses the kernel and cost of its SVM on inner folds
    face_learner: ClassVar[bool] = False  # whether it puts `tasks.methods.discriminants` on it, in place of an SVM
    # All options that `read` looks at, where it says so: features that read alike then share what was decoded.
    read_options: ClassVar[tuple[str, ...] | None] = None
    read_columns: ClassVar[tuple[str, ...]] = ()  # in this package: other columns of the row that `read` looks at
    least_share: ClassVar[float] = 0.0  # of the rows that must give a description, for a comparison to have a row of it
    assets: ClassVar[tuple[str, ...]] = ()  # names in assets.ASSETS: the weights that `describe` needs
    packages: ClassVar[tuple[str, ...]] = ()  # whose versions a protocol tells, beside those of the package
    sentence: ClassVar[str] = ""  # what a protocol says of the feature, beside its name
    # In this package: raised when a helper of `read` or `describe` changes, so that older cache entries are left alone.
    version: ClassVar[int] = 1

    def check_options(self) -> None:
        """Raise ValueError, in one sentence, for an option out of range."""

    def check_item(self, item: Any) -> None:
        """Raise ValueError, in one sentence, for an item of another kind than `read` gives."""

    def read(self, segment: Segment) -> Any:
        """Return the item that this feature needs of a segment; MediaError where the modality is missing."""
        raise NotImplementedError

    def sources(self, segment: Segment) -> Sequence[str]:
        """Return the files that `read` reads, as paths: a description is new when one of them changes."""
        return [segment.path]

    def describe(self, item: Any) -> Any:
        """Return the description of one item: an array or a string, from this item alone."""
        raise NotImplementedError

    def blank(self) -> Any:
        """Return an item with nothing to see or hear, which tells how long a row is without any data."""
        raise NotImplementedError

    def fit_descriptions(self, descriptions: Iterable[Any], y: Any = None) -> Self:
        """Learn from the descriptions of the training rows; most features have nothing to learn."""
        return self

    def encode(self, descriptions: Iterable[Any]) -> NDArray[np.float32]:
        """Return float32 (n, dimensions) from n descriptions."""
        return np.stack([np.ravel(d) for d in descriptions]).astype(np.float32)

    def fit(self, X: Sequence[Any], y: Any = None) -> Self:
        """Learn from a sequence of items (see `read`); a feature that learns nothing just checks its options."""
        self.check_options()
        items = self._items(X)
        return self.fit_descriptions([self.describe(item) for item in items], y) if self.learns else self

    def transform(self, X: Sequence[Any]) -> NDArray[np.float32]:
        """Return float32 (n, dimensions) from a sequence of n items."""
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
    def dimensions(self) -> int:
        """Tell how many numbers one row has."""
        return self.encode([self.describe(self.blank())]).shape[1]

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return column names for `set_output(transform="pandas")`: the feature's name and a number."""
        if self.learns:
            check_is_fitted(self)
        return np.asarray([f"{type(self).__name__.lower()}{i}" for i in range(self.dimensions)], dtype=object)

    def fingerprint(self) -> str | None:
        """Compute what a description depends on, apart from the segment, as a hash; None where that cannot be told.

        Of the package's classes the version and the source of `read`, `describe` and `cut` count; of any other class
        all the code and the values that they reach.
        """
        kinds: list[Any] = [kind for kind in type(self).__mro__ if is_ours(kind)]
        code = [(kind.__qualname__, kind.version, *_sources(kind)) for kind in kinds if issubclass(kind, Feature)]
        options = {k: value for k, value in self.get_params(deep=False).items() if k not in self.encode_options}
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


@dataclass(kw_only=True, eq=False, repr=False)
class FrameFeature(Feature):
    """Represent pictures: `n_frames` frames, spread evenly over the segment and resized to `size` (height, width)."""

    read_options = ("size", "n_frames")

    size: tuple[int, int] = (64, 64)
    n_frames: int = 16

    def check_options(self) -> None:
        check_whole(type(self).__name__, n_frames=self.n_frames)
        check_wholes(type(self).__name__, names=("height", "width"), size=self.size)

    def read(self, segment: Segment) -> NDArray[np.uint8]:
        """Return uint8 (T, height, width, 3) RGB; T is `n_frames`, or 1 for an image."""
        with open_media(segment.path) as media:
            n_frames = 1 if media.is_image else self.n_frames
            return media.sample(n_frames, size=self.size, start=segment.start, end=segment.end)[0]

    def check_item(self, item: Any) -> None:
        check_frames(item, type(self).__name__, size=self.size)

    def blank(self) -> NDArray[np.uint8]:
        return np.zeros((1, *self.size, 3), np.uint8)


@dataclass(kw_only=True, eq=False, repr=False)
class PictureFeature(Feature):
    """Represent pictures in their own proportions: `n_frames` of them, shrunk to `longest_side` if they are larger."""

    modality = "image"
    read_options = ("n_frames", "longest_side")

    n_frames: int = 4
    longest_side: int = 320

    def check_options(self) -> None:
        check_whole(type(self).__name__, n_frames=self.n_frames)
        check_whole(type(self).__name__, least=16, longest_side=self.longest_side)

    def read(self, segment: Segment) -> NDArray[np.uint8]:
        """Return uint8 (T, height, width, 3) RGB; T is `n_frames`, or 1 for an image."""
        with open_media(segment.path) as media:
            shrink = min(1, self.longest_side / max(media.size))
            height, width = (max(1, round(side * shrink)) for side in media.size)
            count = 1 if media.is_image else self.n_frames
            size = (height, width) if shrink < 1 else None
            return media.sample(count, size=size, start=segment.start, end=segment.end)[0]

    def check_item(self, item: Any) -> None:
        check_frames(item, type(self).__name__)

    def blank(self) -> NDArray[np.uint8]:
        return np.zeros((1, 32, 32, 3), np.uint8)


@dataclass(kw_only=True, eq=False, repr=False)
class PooledFrames(FrameFeature):
    """Represent each frame by a row (T, d), and the segment by their `pool`."""

    modality = "image"
    encode_options = ("pooling",)

    pooling: str | None = "mean"

    def check_options(self) -> None:
        super().check_options()
        check_choice(type(self).__name__, POOLINGS, pooling=self.pooling)

    def encode(self, descriptions: Iterable[NDArray]) -> NDArray[np.float32]:
        return pool(descriptions, self.pooling, length=self.n_frames)


def pool(sequences: Iterable[NDArray], how: str | None, *, length: int) -> NDArray[np.float32]:
    """Return float32 (n, …) rows from n sequences (T, d) of any T ≥ 1: averaged over time, or laid end to end.

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


def bin_centres(length: int, n: int) -> NDArray[np.int_]:
    """Return int (n,): the steps, of `length`, at the centres of n equal bins; where n is more, some repeat."""
    return ((np.arange(n) + 0.5) * length / n).astype(int)


def segment_means(sequence: NDArray, segments: int) -> NDArray:
    """Return (segments, d): the mean of each of so many equal parts of (T, d); a short one uses a step twice."""
    starts = np.arange(segments) * len(sequence) // segments
    stops = np.maximum(starts + 1, np.arange(1, segments + 1) * len(sequence) // segments)
    return np.stack([sequence[start:stop].mean(0) for start, stop in zip(starts, stops)])


def cell_numbers(who: str, size: tuple[int, int], grid: tuple[int, int]) -> NDArray[np.intp]:
    """Return intp (height, width): the number of the grid cell that each pixel falls in, row by row.

    Raises ValueError, in the name of `who`, for more cells than pixels.
    """
    if grid[0] > size[0] or grid[1] > size[1]:
        raise ValueError(f"{who}: a grid of {grid[0]}×{grid[1]} has more cells than {size[0]}×{size[1]} pixels allow; "
                         "take fewer cells, or a larger picture.")
    down, across = (np.arange(n) * cells // n for n, cells in zip(size, grid))
    return down[:, None] * grid[1] + across


@functools.cache
def _sources(kind: Any) -> list[str]:
    """Return the text of a class's own `read`, `describe` and `cut`; the bytecode where no text is kept."""
    texts = []
    for method in map(vars(kind).get, ("read", "describe", "cut")):
        try:
            texts.append(inspect.getsource(method) if method else "")
        except (OSError, TypeError):
            texts.append(method.__code__.co_code.hex())
    return texts

"""Normalise the rows of each group by that group's own unlabelled rows, before anything is learnt from them."""
import warnings

import numpy as np
from numpy.typing import NDArray

from .methods import FeatureMethod
from .rows import Items


class GroupNormalised(FeatureMethod):
    """Represent a feature whose numbers are z-scored within each group: a speaker's voice against their own usual one.

    A tested group is normalised by all of its rows that are asked about at once, without their labels. So a score says
    how well the method does once it knows somebody, from some minutes of them; it is no score on strangers, takes no
    part in a vote, and its name on the board tells so. Items without groups count as one group.
    Source: Busso et al., "Iterative feature normalization scheme for automatic emotion detection from speech", IEEE
    Trans. Affective Computing 4(4), 2013, whose first step this is.

    feature, classifier : as of `FeatureMethod`
    """

    votes = False
    suffix = ", normalised per group by its own unlabelled rows"
    sentence = ("Rows “normalised per group” z-score each group by its own rows, labels unseen, those of the tested "
                "group too: they tell of groups that are known, not of strangers.")

    @property
    def name(self) -> str:
        return super().name + self.suffix

    def _vectors(self, items: Items) -> NDArray[np.float32]:
        vectors = np.asarray(super()._vectors(items))
        groups = np.zeros(len(vectors)) if items.groups is None else items.groups
        lonely = (np.unique(groups, return_counts=True)[1] == 1).sum()
        if lonely:
            warnings.warn(f"{lonely} of {len(vectors)} rows stand alone in their group, so nothing is left of them "
                          "once it is normalised by itself; give several rows of each group at once.", stacklevel=2)
        return normalised_per_group(vectors, groups)


def normalised_per_group(vectors: NDArray, groups: NDArray) -> NDArray[np.float32]:
    """Compute z-scores of each column (n, d) within each group (n,); a column constant in a group is 0 there.

    >>> normalised_per_group(np.array([[1.0], [3], [100], [300]]), np.array(["a", "a", "b", "b"])).ravel().tolist()
    [-1.0, 1.0, -1.0, 1.0]
    """
    normal = np.zeros(vectors.shape, np.float32)
    for group in np.unique(groups):
        mine = groups == group
        rows = vectors[mine].astype(np.float64)
        mean, deviation = rows.mean(axis=0), rows.std(axis=0)
        moves = deviation > 1e-6 * np.maximum(1e-6, np.abs(mean))
        normal[mine] = (rows - mean) * moves / np.where(moves, deviation, 1)
    return normal

"""Measure ranked lists: recall among the first k, rank of the first right item, average precision; fair to ties."""
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .measures import HeldOut, Measure, accuracy_interval


def rank(scores: NDArray, right: NDArray, ks: Sequence[int] = (1, 5, 10)) -> tuple[list[float], float, float]:
    """Rank one gallery for one query: (recall at each k, rank of the first right item, average precision).

    scores: float (n,), the higher the better. right: bool (n,). recall at k is the share of the right items that are
    among the first k. Of equal scores all orders are as likely, and the numbers are expectations over them.
    Source: McSherry and Najork, "Computing information retrieval performance measures efficiently in the presence of
    tied scores", ECIR 2008.

    >>> rank(np.array([0.5, 0.5, 0.1]), np.array([True, False, False]), ks=[1])
    ([0.5], 1.5, 0.75)
    """
    _, tie, sizes = np.unique(-np.round(scores, 5), return_inverse=True, return_counts=True)
    found = np.bincount(tie, right)  # right items of each tie
    before, found_before = np.cumsum(sizes) - sizes, np.cumsum(found) - found
    of = np.repeat(np.arange(len(sizes)), sizes)  # the tie of each place
    share = found[of] / sizes[of]  # the probability that a right item stands there
    place = np.arange(len(scores))
    others = (place - before[of]) * (found[of] - 1) / np.maximum(sizes[of] - 1, 1)
    precision = (found_before[of] + 1 + others) / (place + 1)
    first = int(np.argmax(found > 0))
    first_rank = before[first] + (sizes[first] + 1) / (found[first] + 1)
    recall = [float(share[:k].sum() / found.sum()) for k in ks]
    return recall, float(first_rank), float((share * precision).sum() / found.sum())


def _galleries(held_out: HeldOut, by_media: bool):
    """Yield (query, scores of its gallery, which of it is right) for each row that can ask.

    Rows of the same media, such as one for each of its captions, are one item; media do not find themselves.
    """
    media, asks = held_out.output[:, 0], held_out.output[:, 0 if by_media else 1]
    there = np.isfinite(media).all(axis=1)
    once = np.unique(np.column_stack([held_out.fold, held_out.truth, media]), axis=0, return_index=True)[1]
    there &= np.isin(np.arange(len(media)), once)
    for query in np.flatnonzero(np.isfinite(asks).all(axis=1)):
        gallery = (held_out.fold == held_out.fold[query]) & there
        gallery &= not by_media or (media != media[query]).any(axis=1)
        right = held_out.truth[gallery] == held_out.truth[query]
        if right.any():
            yield query, media[gallery] @ asks[query], right


def _ranked(held_out, by_media, part):
    """Return for each row what `part` takes of its `rank`, float (m,), NaN for a row that does not ask."""
    found = np.full(len(held_out.truth), np.nan)
    for query, scores, right in _galleries(held_out, by_media):
        found[query] = part(rank(scores, right))
    return found


def _guessed(held_out, by_media, part):
    """Return the mean over queries of part(items, right ones): what guessing gives."""
    found = [part(len(right), int(right.sum())) for _, _, right in _galleries(held_out, by_media)]
    return float(np.mean(found)), None, None


def _average_precision_of_chance(n, right):
    """Compute the expected average precision of a random order (Bestgen, 2015)."""
    harmonic = (1 / np.arange(1, n + 1)).sum()
    return ((right - 1) / max(1, n - 1) * (n - harmonic) + harmonic) / n


def measures(query: Literal["text", "media"] = "text") -> tuple[Measure, ...]:
    """Return recall at 10, 1 and 5, the median rank of the first right item, and the mean average precision."""
    by_media = query == "media"

    def measure(name, title, part, chance, **options):
        return Measure(name, title, lambda h: _ranked(h, by_media, part),
                       chance=lambda h: _guessed(h, by_media, chance), **options)

    recalls = [measure(f"recall_at_{k}", f"Recall at {k}", lambda found, at=at: found[0][at],
                       lambda n, right, k=k: min(1, k / n), interval=accuracy_interval,
                       about=f"the share of what is right that is among the first {k}")
               for at, k in ((2, 10), (0, 1), (1, 5))]
    middle = Measure("median_rank", "Median rank", lambda h: np.nanmedian(_ranked(h, by_media, lambda found: found[1])),
                     better="lower", share=False, about="of the first right item, the median over queries",
                     chance=lambda h: _guessed(h, by_media, lambda n, right: (n + 1) / (right + 1)))
    precision = measure("map", "mAP", lambda found: found[2], _average_precision_of_chance,
                        about="mean average precision: right items early in the list")
    return (*recalls, middle, precision)

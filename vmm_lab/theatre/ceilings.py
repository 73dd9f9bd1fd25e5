"""Compute the best accuracy that is reachable from each modality, from the table that the clips are drawn from."""
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable

from .actions import ACTIONS, observations

MODALITIES = ("image", "video", "sound", "words")


def ceiling(modality: str | Iterable[str], *, actions: Iterable[str] = ACTIONS) -> float:
    """Compute the accuracy of an ideal observer who knows exactly what was rendered in a modality, noise ignored.

    The observer sees an observation o (which motion, which sound, what the caption says) and answers the most probable
    action: Σ_o max_a P(a) P(o | a), the accuracy of the Bayes classifier, with every action equally frequent and the
    modalities independent once the action is known.

    modality: "image" (the frames without their order), "video", "sound", "words", "all", or several of them joined as
    "sound+words" or in a tuple. actions: the names of those that occur, e.g. FRAME_ACTIONS. Returns a float in [0, 1].

    >>> ceiling("image") < ceiling("video") < ceiling("all")
    True
    """
    senses = modality.split("+") if isinstance(modality, str) else list(modality)
    senses = list(MODALITIES) if senses == ["all"] else senses
    unknown = [sense for sense in senses if sense not in MODALITIES]
    if unknown or not senses:
        raise ValueError(f"ceiling does not know the modality {modality!r}: "
                         f"give one of {', '.join(MODALITIES)}, all, or several joined by '+'.")
    actions = tuple(actions)
    strangers = sorted(set(actions) - set(ACTIONS))
    if strangers or not actions:
        raise ValueError(f"ceiling got actions={strangers or actions}, which the theatre does not play: "
                         f"choose from {', '.join(ACTIONS)}.")
    best = defaultdict(float)
    for name in actions:
        per_sense = [observations(name, sense).items() for sense in senses]
        for combination in itertools.product(*per_sense):
            seen = tuple(observation for observation, _ in combination)
            probability = 1 / len(actions)
            for _, p in combination:
                probability *= p
            best[seen] = max(best[seen], probability)
    return math.fsum(best.values())

"""Draw what each modality shows of an action: the generative process behind every clip and every ceiling.

The renderer is never told the action. It is told a *picture* (which motion, played forwards or backwards), a *sound*
and the *wording* of a caption, drawn here from the action. What two actions share here, they share in the files.
"""
from typing import NamedTuple

# A sound that the microphone missed: only the background is heard.
MISSED = 0.15


class Action(NamedTuple):
    """Hold one action and how it may be observed. `plain` is the probability that its caption names it."""

    name: str
    picture: str
    backwards: bool
    sound: str
    vague: str
    plain: float


_TABLE = (
    #      name            picture      backwards sound      vague     plain
    Action("walk",         "walk",      False,    "step",    "moves",  0.60),
    Action("march",        "march",     False,    "step",    "moves",  0.60),
    Action("jump",         "jump",      False,    "landing", "moves",  0.60),
    Action("star_jump",    "star_jump", False,    "landing", "moves",  0.60),
    Action("clap",         "clap",      False,    "clap",    "hands",  0.60),
    Action("bow",          "bow",       False,    "quiet",   "bends",  0.60),
    Action("sit_down",     "sit",       False,    "creak",   "bends",  0.60),
    Action("stand_up",     "sit",       True,     "creak",   "bends",  0.60),
    Action("pick_up",      "lift",      False,    "clink",   "bends",  0.60),
    Action("put_down",     "lift",      True,     "clink",   "bends",  0.60),
    Action("knock",        "strike",    False,    "rap",     "hands",  0.60),
    Action("punch",        "strike",    False,    "thump",   "hands",  0.60),
    Action("laugh",        "shake",     False,    "laugh",   "face",   0.60),
    Action("cough",        "shake",     False,    "cough",   "face",   0.60),
    # Only the words tell these two apart, so people who describe them seldom leave the word out.
    Action("greet",        "wave",      False,    "quiet",   "hands",  0.90),
    Action("say_goodbye",  "wave",      False,    "quiet",   "hands",  0.90),
)
BY_NAME = {action.name: action for action in _TABLE}

ACTIONS = tuple(BY_NAME)
"""The names of the 16 actions, in table order."""

# How the captions that do not name the action divide into vague ones, ones about something else, and gaps.
_VAGUE, _ELSEWHERE, _GAP = 0.5, 0.25, 0.25


def observations(name: str, modality: str) -> dict:
    """Return what `modality` ("image", "video", "sound", "words") may show of an action: {observation: probability}.

    >>> observations("punch", "video") == observations("knock", "video")
    True
    >>> observations("sit_down", "image") == observations("stand_up", "image")
    True
    """
    action = BY_NAME[name]
    if modality == "image":
        return {action.picture: 1.0}
    if modality == "video":
        return {(action.picture, action.backwards): 1.0}
    if modality == "sound":
        return {"quiet": 1.0} if action.sound == "quiet" else {action.sound: 1 - MISSED, "quiet": MISSED}
    rest = 1 - action.plain
    return {
        ("plain", name): action.plain,
        ("vague", action.vague): rest * _VAGUE,
        ("elsewhere", ""): rest * _ELSEWHERE,
        ("gap", ""): rest * _GAP,
    }


def observe(name, sense, rng):
    """Draw one observation of an action, as `observations` weighs them."""
    choices = observations(name, sense)
    return list(choices)[rng.choice(len(choices), p=list(choices.values()))]


def _shared_by(sense):
    """How many actions may give each observation of a sense that is certain ("image" or "video")."""
    seen = {}
    for name in ACTIONS:
        seen.setdefault(next(iter(observations(name, sense))), []).append(name)
    return seen


FRAME_ACTIONS = tuple(names[0] for names in _shared_by("image").values() if len(names) == 1)
"""Actions that the frames tell without their order."""

VIDEO_ACTIONS = tuple(names[0] for names in _shared_by("video").values() if len(names) == 1)
"""Actions that the frames tell in their order: FRAME_ACTIONS and those of ORDER_PAIRS."""

ORDER_PAIRS = tuple(
    tuple(names) for names in _shared_by("image").values() if len(names) == 2 and set(names) <= set(VIDEO_ACTIONS)
)
"""Pairs whose frames are the same and run in opposite order: only time tells them apart."""

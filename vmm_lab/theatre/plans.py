"""Plan what will be played: one plan per clip, from a size, a difficulty and a seed, before anything is drawn."""
from typing import NamedTuple

import numpy as np

from ..media.options import check_whole
from .actions import ACTIONS, BY_NAME, observe
from .actors import CAST, COLORS
from .captions import write_caption
from .face import EXPRESSIONS
from .film import LEVELS
from .props import PROPS

VERSION = 1     # raise it whenever the same seed no longer gives the same pixels, sounds or words

SMALL_ACTIONS = ("jump", "clap", "sit_down", "stand_up")
"""The actions of the small set: two that a frame tells and a pair that only time tells."""

_SIZES = {"small": (SMALL_ACTIONS, 6, 1), "full": (ACTIONS, len(CAST), 3)}      # actions, actors, takes of each


class Plan(NamedTuple):
    """Everything that is told to camera, microphone and writer of one clip."""

    action: str         # for the table; camera, microphone and writer do not look at it
    actor: int          # index into CAST
    take: int
    sound: str          # what the microphone gets, one of sound.SOUNDS
    meaning: tuple      # what the caption says of the action
    scene: str
    prop: str
    color: str
    expression: str
    caption: str | None
    difficulty: str
    seed: int

    @property
    def file(self):
        """Where the clip lies in its folder: action, actor, take."""
        return f"{self.action}/{CAST[self.actor].name}/take{self.take + 1}.mp4"

    def stream(self, purpose):
        """Return a random stream of this clip alone, for "plan", "picture", "sound" or "words"."""
        return _stream(self.difficulty, self.seed, self.action, self.actor, self.take, purpose)


def _stream(difficulty, seed, action, actor, take, purpose):
    keys = (list(LEVELS).index(difficulty), ACTIONS.index(action), actor, take,
            ("plan", "picture", "sound", "words").index(purpose), VERSION)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=keys))


def plan(size, difficulty, seed):
    """Return the plans of all clips of a set; the small set is a part of the full one, clip by clip.

    Raises ValueError if an option is not one of those offered.
    """
    if size not in _SIZES:
        raise ValueError(f"the theatre has no size {size!r}: choose small (24 clips) or full (960 clips).")
    if difficulty not in LEVELS:
        raise ValueError(f"the theatre has no difficulty {difficulty!r}: choose {', '.join(LEVELS)}.")
    check_whole("theatre", least=0, seed=seed)
    actions, actors, takes = _SIZES[size]
    return [_plan_clip(difficulty, int(seed), action, actor, take)
            for action in actions for actor in range(actors) for take in range(takes)]


def _plan_clip(difficulty, seed, action, actor, take):
    rng = _stream(difficulty, seed, action, actor, take, "plan")

    def choose(options):
        return options[rng.integers(len(options))]

    setting = {"scene": choose(LEVELS[difficulty].scenes), "prop": choose(PROPS), "color": choose(list(COLORS)),
               "expression": choose(EXPRESSIONS)}
    sound, meaning = observe(action, "sound", rng), observe(action, "words", rng)
    caption = write_caption(meaning, actor=CAST[actor], rng=_stream(difficulty, seed, action, actor, take, "words"),
                            **setting)
    return Plan(action, actor, take, sound, meaning, setting["scene"], setting["prop"], setting["color"],
                setting["expression"], caption, difficulty, seed)


def table(plans, folder):
    """Return the data set as rows: see `render` for the columns. `folder`: an absolute pathlib.Path."""
    import pandas as pd

    rows = [{
        "path": str(folder / p.file), "label": p.action, "group": CAST[p.actor].name, "caption": p.caption,
        "tags": f"{p.scene}|{p.prop}",
        "expression": p.expression, "scene": p.scene, "prop": p.prop, "prop_color": p.color,
        "top": CAST[p.actor].top, "top_color": CAST[p.actor].top_color, "hair": CAST[p.actor].hair,
        "heard": p.sound, "wording": p.meaning[0], "take": p.take + 1,
    } for p in plans]
    frame = pd.DataFrame(rows, dtype=object).astype({"take": int})
    return frame.where(frame.notna(), None)


def played(p):
    """Return the picture that the camera gets of a plan: name of the motion, and whether the film runs backwards."""
    return BY_NAME[p.action].picture, BY_NAME[p.action].backwards

"""Plan programmes: which shots follow each other, who is in them, how one becomes the next, and what is hard in them.

A programme is a title and a few stories; a story is a row of roles that its kind has, some left out. What a shot is
about (its role) decides picture and sound. Colours, people and places belong to the channel, and every kind of
programme is on every channel, so that no colour tells the kind.
"""
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .actors import CAST, COLORS
from .captions import write_caption
from .face import EXPRESSIONS
from .props import PROPS

FPS = 12.5
CHANNELS = ("Channel One", "Channel Two", "Channel Three", "Channel Four", "Channel Five")
PROGRAMME_VERSION = 1       # raise it whenever the same seed no longer gives the same programmes

_INDOORS = ("kitchen", "living room", "gym", "library")
_OUTDOORS = ("park", "street", "beach", "snow")
_GROUNDS = ("gym", "park", "beach", "snow")


class Role(NamedTuple):
    """Hold what a shot may be. Ranges are (least, most)."""

    scenes: tuple
    actions: tuple          # what people do, "talk" included; none for a close-up of a thing
    people: tuple
    zoom: tuple             # pixels per metre
    seconds: tuple
    cameras: tuple          # still, pan (sideways), push (nearer)
    voice: float            # how much of the time somebody speaks
    tags: tuple
    words: str | None = None        # the caption; None for what the theatre's own grammar says of the action
    cue: tuple | None = None        # a sound and how often it comes, per second
    furniture: str | None = None    # desk, board
    banner: str | None = None       # lower third, score


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


# programmes.json: the roles, and for each kind the roles of a story in their order, its highlight, and how often a shot
# is left out.
_STORED = json.loads(Path(__file__).with_name("programmes.json").read_text(encoding="utf-8"))
_ROLES = {name: Role(**{key: _tuples(value) for key, value in role.items()}) for name, role in _STORED["roles"].items()}
_STORIES = _STORED["stories"]

KINDS = tuple(_STORIES)
"""What programmes there are: "news", "sport" and "lesson"."""

TRAPS = ("flash", "fast pan", "passer-by")
"""What looks like the end of a shot and is none."""

_TRANSITIONS = {"cut": 0.6, "dissolve": 0.22, "fade": 0.18}


class Shot(NamedTuple):
    """Hold everything that camera and microphone are told of one shot; `start` and `length` in frames."""

    role: str
    start: int
    length: int
    transition: str | None      # how it begins: cut, dissolve, fade
    reach: int                  # frames before and after its start that belong to the transition
    scene: str
    actors: tuple               # indices into CAST
    actions: tuple              # of each of them
    prop: str
    color: str
    expression: str
    zoom: float
    camera: str
    trap: tuple | None          # its kind and its first frame, counted from the start of the shot
    caption: str
    tags: tuple
    highlight: bool
    seed: int

    @property
    def how(self):
        """What its role asks for; None for a title."""
        return _ROLES.get(self.role)


class Programme(NamedTuple):
    """Hold the plan of one programme."""

    kind: str
    channel: int
    number: int
    seed: int
    shots: tuple
    paint: tuple        # two colour names of the channel

    @property
    def file(self):
        return f"{self.kind}/{self.number:03d}.mp4"

    @property
    def frames(self):
        return self.shots[-1].start + self.shots[-1].length


def plan_programme(kind, number, seed):
    """Return the plan of programme `number` of a kind: 60 to 90 s, at least one highlight."""
    rng = np.random.default_rng(np.random.SeedSequence(
        seed, spawn_key=(KINDS.index(kind), number, PROGRAMME_VERSION)))
    channel = number % len(CHANNELS)
    style = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(channel, 77, PROGRAMME_VERSION)))
    everybody = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(PROGRAMME_VERSION,)))
    cast = everybody.permutation(len(CAST))[4 * channel:4 * channel + 4]
    paint = tuple(str(name) for name in style.choice([name for name in COLORS if name != "white"], 2, replace=False))
    indoors, outdoors = str(style.choice(_INDOORS)), str(rng.choice(_OUTDOORS))
    grounds = str(rng.choice(_GROUNDS))
    least = FPS * rng.uniform(60, 80)
    shots = [_title(kind, rng)]
    while shots[-1].start + shots[-1].length < least:
        roles, highlight, dropped = (_STORIES[kind][name] for name in ("roles", "highlight", "dropped"))
        kept = [role for role in roles if rng.uniform() > dropped] or [highlight]
        if len(shots) > 1 and not any(shot.highlight for shot in shots) and highlight not in kept:
            kept.append(highlight)
        for role in kept:
            if shots[-1].start + shots[-1].length >= least and any(shot.highlight for shot in shots):
                break
            scenes = _ROLES[role].scenes
            scene = next((s for s in (grounds, indoors, outdoors) if s in scenes and rng.uniform() < 0.7), None)
            shots.append(_shot(role, shots[-1], scene or str(rng.choice(scenes)), cast, role == highlight, rng))
    return Programme(kind, channel, number, seed, tuple(shots), paint)


def _title(kind, rng):
    caption = {"news": "the title of the news", "sport": "the title of a match", "lesson": "the title of a lesson"}
    return Shot("title", 0, int(FPS * rng.uniform(2, 3.5)), None, 0, str(rng.choice(_OUTDOORS + _INDOORS)), (), (),
                str(rng.choice(PROPS)), str(rng.choice(list(COLORS))), "neutral", 40.0,
                str(rng.choice(["still", "push"])), None, caption[kind], ("title",), False, int(rng.integers(2**31)))


def _shot(role, before, scene, cast, highlight, rng):
    how = _ROLES[role]
    length = int(FPS * rng.uniform(*how.seconds))
    transition = str(rng.choice(list(_TRANSITIONS), p=list(_TRANSITIONS.values())))
    reach = 0 if transition == "cut" else int(rng.integers(3, 9))
    reach = min(reach, before.length // 4, length // 4)
    if how.people[1] > 2:       # the crowd is not of the channel's cast alone
        actors = rng.permutation(len(CAST))[:rng.integers(how.people[0], how.people[1] + 1)]
        actors[0] = rng.choice(cast)
    else:
        actors = rng.permutation(cast)[:rng.integers(how.people[0], how.people[1] + 1)]
    actors = tuple(dict.fromkeys(int(actor) for actor in actors))
    first = str(rng.choice(how.actions)) if how.actions else ""
    actions = tuple(first if k == 0 or highlight else str(rng.choice(how.actions)) for k in range(len(actors)))
    prop, color, expression = str(rng.choice(PROPS)), str(rng.choice(list(COLORS))), str(rng.choice(EXPRESSIONS))
    if role == "goal":
        expression = "happy"
    trap = None
    room = (reach + 7, length - 8 - length // 4)        # far from both ends, so that it is a trap and no transition
    if room[1] > room[0] and rng.uniform() < (0.45 if role == "event" else 0.22):
        kinds = ["flash", "passer-by", "fast pan"] if how.people[1] else ["flash"]
        trap = (str(rng.choice(kinds)), int(rng.integers(*room)))
    who = CAST[actors[0]] if actors else None
    tags = tuple(dict.fromkeys((*how.tags, *([] if how.furniture else [scene]), *[a for a in actions if a != "talk"],
                                *([prop] if not actors else []))))
    return Shot(role, before.start + before.length, length, transition, reach, scene, actors, actions, prop, color,
                expression, float(rng.uniform(*how.zoom)), str(rng.choice(how.cameras)), trap,
                _caption(how, first, who, scene, prop, color, expression, rng), tags, highlight,
                int(rng.integers(2**31)))


def _caption(how, action, who, scene, prop, color, expression, rng):
    setting = {"actor": who, "scene": scene, "prop": prop, "color": color, "expression": expression}
    if how.words is None and action != "talk":
        return write_caption(("plain", action), rng=rng, **setting)
    place = {"beach": "on the beach", "snow": "in the snow"}.get(scene, f"in the {scene}")
    text = (how.words or "{who} talks {place}").format(who=who and who.name, place=place, prop=prop, color=color)
    return f"{text[0].upper()}{text[1:]}."

"""Render the puppet theatre: short films with sound and captions, of which every label, joint and beat is known.

>>> from vmm_lab import theatre
>>> len(theatre.ACTIONS), theatre.ORDER_PAIRS
(16, (('sit_down', 'stand_up'), ('pick_up', 'put_down')))
"""
from .actions import ACTIONS, FRAME_ACTIONS, ORDER_PAIRS, VIDEO_ACTIONS, observations
from .actors import CAST
from .ceilings import ceiling
from .closeups import LIGHTS, closeups
from .face import EXPRESSIONS
from .film import LEVELS
from .ground_truth import Truth, truth
from .plans import SMALL_ACTIONS, VERSION
from .programme_plans import KINDS, TRAPS
from .programme_rendering import programme_truth, programmes
from .props import PROPS
from .rendering import render
from .scenes import SCENES
from .skeleton import KEYPOINTS
from .walks import walk_truth, walks

ACTORS = tuple(actor.name for actor in CAST)
"""The names of the twenty puppets, the groups of the table."""

DIFFICULTIES = tuple(LEVELS)

__all__ = ["ACTIONS", "ACTORS", "DIFFICULTIES", "EXPRESSIONS", "FRAME_ACTIONS", "KEYPOINTS", "KINDS", "LIGHTS",
           "ORDER_PAIRS", "PROPS", "SCENES", "SMALL_ACTIONS", "TRAPS", "Truth", "VERSION", "VIDEO_ACTIONS", "ceiling",
           "closeups", "observations", "programme_truth", "programmes", "render", "truth", "walk_truth", "walks"]

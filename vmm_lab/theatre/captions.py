"""Write captions from a small grammar: plain ones name the action, vague ones its kind, others something else."""
import json
from pathlib import Path

_PHRASES = json.loads(Path(__file__).with_name("phrases.json").read_text(encoding="utf-8"))


def _one(color):
    """A colour with its article."""
    return f"{'an' if color[0] in 'aeiou' else 'a'} {color}"


def write_caption(meaning, *, actor, scene, prop, color, expression, rng):
    """Return one sentence, or None for a gap.

    `meaning` is (kind, what), as `actions.observe(…, "words", …)` draws it: ("plain", an action), ("vague", a kind of
    action), ("elsewhere", ""), ("gap", ""). All else in the sentence is true and does not say the action.
    """
    kind, what = meaning

    def choose(options):
        return options[rng.integers(len(options))]

    phrases = [""] if kind == "gap" else _PHRASES[kind]
    phrases = phrases[what] if isinstance(phrases, dict) else phrases
    top = _PHRASES["tops"][actor.top].format(_one(actor.top_color) if actor.top != "dungarees" else actor.top_color)
    said = choose(phrases).format(prop=prop, color=_one(color), top=top, mood=_PHRASES["moods"][expression])
    place = choose(_PHRASES["places"][scene])
    form = rng.integers(5)
    dressed = f", in {top}," if rng.uniform() < 0.3 and top not in said else ""
    if kind == "gap":
        return None
    if form == 0:
        return f"{place[0].upper()}{place[1:]}, {actor.name}{dressed} {said}."
    if form == 1:
        return f"{actor.name}{dressed} {said}."
    if form == 2:
        return f"We see how {actor.name}{dressed} {said} {place}."
    return f"{actor.name}{dressed} {said} {place}."

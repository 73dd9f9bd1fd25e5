"""Write captions from a small grammar: plain ones name the action, vague ones its kind, others something else."""

_PLAIN = {
    "walk": ("walks across", "strolls along", "goes for a walk", "takes a stroll", "walks by"),
    "march": ("marches on the spot", "marches like a soldier", "marches with high knees", "is marching"),
    "jump": ("jumps up", "jumps up and down", "hops into the air", "takes a few hops"),
    "star_jump": ("does star jumps", "leaps like a star", "jumps with arms and legs spread", "does jumping jacks"),
    "clap": ("claps", "applauds", "claps both hands", "gives a round of applause"),
    "bow": ("bows", "takes a bow", "bows to the audience", "makes a deep bow"),
    "sit_down": ("sits down", "takes a seat", "sits down on the stool", "sinks onto the stool"),
    "stand_up": ("stands up", "rises from the stool", "gets up from the stool", "gets to both feet"),
    "pick_up": ("picks up the {prop}", "lifts the {prop} off the floor", "takes the {prop} from the floor",
                "picks the {prop} up"),
    "put_down": ("puts down the {prop}", "sets the {prop} on the floor", "lays the {prop} down",
                 "puts the {prop} down"),
    "knock": ("knocks on the door", "raps at the door", "knocks three times", "knocks to be let in"),
    "punch": ("punches the door", "throws punches", "boxes against the door", "hits the door hard"),
    "laugh": ("laughs", "giggles", "laughs out loud", "chuckles behind a hand"),
    "cough": ("coughs", "has a coughing fit", "coughs into a hand", "cannot stop coughing"),
    "greet": ("says hello", "waves hello", "greets a friend", "welcomes somebody"),
    "say_goodbye": ("says goodbye", "waves goodbye", "bids farewell", "sees somebody off"),
}

_VAGUE = {
    "moves": ("is on the move", "keeps moving", "exercises a little", "is on both legs and busy"),
    "hands": ("moves the arms", "uses a hand", "gestures", "has busy hands"),
    "bends": ("changes position", "bends the knees a little", "goes from one posture to another", "leans forward"),
    "face": ("holds a hand before the mouth", "shakes a bit", "covers the mouth", "cannot keep still"),
}

_ELSEWHERE = ("wears {top}", "can be seen", "has {color} {prop} nearby", "looks {mood}", "is in view")

_PLACES = {
    "kitchen": ("in the kitchen", "beside the kitchen cupboards"), "living room": ("in the living room", "by the sofa"),
    "park": ("in the park", "under the trees"), "street": ("in the street", "outside the houses"),
    "beach": ("on the beach", "by the sea"), "gym": ("in the gym", "in the sports hall"),
    "library": ("in the library", "among the books"), "snow": ("in the snow", "in the mountains"),
}

_TOPS = {"tee": "{} shirt", "stripes": "{} jumper with stripes", "hoodie": "{} hoodie", "dress": "{} dress",
         "dungarees": "{} dungarees"}

_MOODS = {"neutral": "calm", "happy": "happy", "sad": "sad", "surprised": "surprised", "angry": "angry",
          "afraid": "scared", "disgusted": "disgusted"}


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

    phrases = {"plain": _PLAIN.get(what), "vague": _VAGUE.get(what), "elsewhere": _ELSEWHERE, "gap": ("",)}[kind]
    top = _TOPS[actor.top].format(_one(actor.top_color) if actor.top != "dungarees" else actor.top_color)
    said = choose(phrases).format(prop=prop, color=_one(color), top=top, mood=_MOODS[expression])
    place = choose(_PLACES[scene])
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

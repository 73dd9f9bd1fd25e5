"""Cast twenty puppets, each with a name, a face, a head of hair, clothes and a voice of its own."""
import csv
import json
from pathlib import Path
from typing import NamedTuple

# A warm palette, whose names are what captions and tags say; skins, hair, caps of hair, and what expressions do.
LOOKS = json.loads(Path(__file__).with_name("looks.json").read_text(encoding="utf-8"))
COLORS, SKINS, HAIRS = ({name: tuple(color) for name, color in LOOKS[kind].items()}
                        for kind in ("colors", "skins", "hairs"))


class Actor(NamedTuple):
    """Hold one puppet. Lengths are metres or multiples of the usual; `voice` is the pitch of its laugh in hertz."""

    name: str
    skin: str
    hair: str          # style
    hair_color: str
    top: str           # tee, stripes, hoodie, dress, dungarees
    top_color: str
    bottom: str        # trousers, shorts, skirt (a dress hides it)
    bottom_color: str
    shoes: str
    height: float      # metres
    build: float       # width of the body
    head: float        # size of the head
    eyes: float        # size of the eyes
    spacing: float     # distance between the eyes
    nose: float        # size of the nose
    brows: float       # thickness of the brows
    jaw: float         # width of the lower face
    extras: tuple      # glasses, beard, moustache, freckles, earrings
    voice: float


def _read_cast():
    """Read cast.csv, a row for each puppet."""
    with open(Path(__file__).with_name("cast.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            numbers = {name: float(row[name]) for name, kind in Actor.__annotations__.items() if kind is float}
            yield Actor(**row | numbers | {"extras": tuple(filter(None, row["extras"].split("|")))})


CAST = tuple(_read_cast())

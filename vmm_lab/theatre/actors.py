"""Cast twenty puppets, each with a name, a face, a head of hair, clothes and a voice of its own."""
import csv
from pathlib import Path
from typing import NamedTuple

# A warm palette; the names are what captions and tags say.
COLORS = {
    "red": (206, 66, 56), "orange": (233, 133, 56), "yellow": (243, 196, 74), "green": (98, 150, 84),
    "teal": (50, 143, 140), "blue": (66, 110, 178), "purple": (132, 88, 156), "pink": (231, 134, 150),
    "white": (243, 238, 226), "brown": (133, 91, 62), "grey": (122, 124, 130), "black": (52, 48, 56),
}

SKINS = {
    "porcelain": (250, 220, 200), "rose": (244, 203, 176), "sand": (230, 184, 146), "honey": (212, 160, 114),
    "bronze": (183, 126, 84), "chestnut": (146, 96, 64), "umber": (124, 82, 58), "ebony": (98, 66, 52),
}

HAIRS = {
    "black": (44, 36, 40), "espresso": (70, 46, 38), "brown": (112, 72, 46), "auburn": (148, 70, 42),
    "copper": (203, 104, 48), "blond": (230, 188, 106), "silver": (190, 190, 198), "blue": (64, 96, 150),
}


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

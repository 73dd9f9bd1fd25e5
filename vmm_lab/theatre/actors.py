"""Cast twenty puppets, each with a name, a face, a head of hair, clothes and a voice of its own."""
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


CAST = (
    Actor("Amara",  "umber",     "afro",     "black",    "dress",     "yellow", "skirt",    "yellow", "red",    1.66,
          0.98, 1.00, 1.06, 1.00, 1.00, 0.9, 1.00, ("earrings",), 250),
    Actor("Mei",    "porcelain", "bob",      "black",    "hoodie",    "red",    "trousers", "black",  "white",  1.56,
          0.92, 1.04, 0.96, 1.04, 0.75, 0.8, 0.98, (), 270),
    Actor("Diego",  "honey",     "quiff",    "espresso", "tee",       "green",  "trousers", "blue",   "brown",  1.76,
          1.06, 0.98, 0.94, 0.98, 1.15, 1.3, 1.05, ("moustache",), 135),
    Actor("Freya",  "porcelain", "braids",   "blond",    "dungarees", "blue",   "trousers", "blue",   "brown",  1.68,
          0.96, 1.00, 1.08, 1.00, 0.85, 0.7, 0.96, ("freckles",), 240),
    Actor("Kofi",   "ebony",     "short",    "black",    "tee",       "orange", "shorts",   "white",  "red",    1.80,
          1.10, 0.95, 0.98, 1.02, 1.20, 1.1, 1.06, (), 120),
    Actor("Leila",  "sand",      "scarf",    "espresso",   "dress",     "purple", "skirt",    "purple", "pink",
          1.62, 0.98, 1.00, 1.10, 0.98, 0.95, 1.2, 0.98, (), 235),
    Actor("Hiro",   "rose",      "spikes",   "blue",     "hoodie",    "yellow", "shorts",   "grey",   "blue",   1.60,
          0.94, 1.05, 0.92, 1.05, 0.80, 1.2, 0.98, (), 180),
    Actor("Noor",   "bronze",    "long",     "black",    "tee",       "teal",   "skirt",    "orange", "brown",  1.64,
          0.94, 1.00, 1.10, 1.00, 1.00, 1.0, 0.95, ("glasses",), 255),
    Actor("Oskar",  "rose",      "bald",     "copper",   "stripes",   "blue",   "trousers", "brown",  "black",  1.78,
          1.18, 1.00, 0.86, 0.96, 1.35, 1.3, 1.12, ("beard",), 105),
    Actor("Priya",  "bronze",    "braid",    "espresso", "dress",     "pink",   "skirt",    "pink",   "yellow", 1.58,
          0.94, 1.02, 1.10, 0.98, 0.90, 1.0, 0.96, ("earrings",), 262),
    Actor("Tane",   "chestnut",  "bun",      "black",    "tee",       "white",  "shorts",   "teal",   "black",  1.82,
          1.20, 0.94, 0.90, 1.00, 1.30, 1.2, 1.12, ("beard",), 110),
    Actor("Zuri",   "ebony",     "puffs",    "black",    "dungarees", "red",    "trousers", "red",    "white",  1.48,
          0.92, 1.10, 1.12, 1.02, 0.85, 0.8, 1.00, (), 300),
    Actor("Luca",   "sand",      "curls",    "brown",    "stripes",   "red",    "trousers", "grey",   "white",  1.70,
          0.96, 1.02, 1.00, 1.00, 1.25, 1.0, 0.98, (), 150),
    Actor("Ines",   "honey",     "ponytail", "auburn",   "tee",       "purple", "shorts",   "blue",   "pink",   1.66,
          0.92, 1.00, 1.04, 1.00, 0.95, 0.9, 0.96, (), 245),
    Actor("Yusuf",  "sand",      "short",    "silver",   "hoodie",    "teal",   "trousers", "brown",  "orange", 1.72,
          1.08, 0.99, 0.88, 0.98, 1.30, 1.4, 1.06, ("glasses", "beard"), 112),
    Actor("Anya",   "porcelain", "bun",      "copper",   "stripes",   "green",  "skirt",    "black",  "black",  1.60,
          0.92, 1.01, 1.04, 1.00, 0.85, 0.8, 0.94, ("freckles", "glasses"), 258),
    Actor("Malik",  "chestnut",  "flat_top", "black",    "hoodie",    "orange", "trousers", "grey",   "yellow", 1.74,
          1.04, 0.97, 0.96, 1.02, 1.15, 1.1, 1.04, (), 128),
    Actor("Sofia",  "rose",      "long",     "auburn",   "dress",     "green",  "skirt",    "green",  "brown",  1.64,
          0.96, 1.00, 1.06, 1.00, 0.90, 0.9, 0.96, (), 242),
    Actor("Kai",    "honey",     "bob",      "blond",    "tee",       "blue",   "shorts",   "orange", "teal",   1.50,
          0.92, 1.10, 1.06, 1.02, 0.80, 0.8, 1.00, ("freckles",), 285),
    Actor("Babu",   "bronze",    "turban",   "black",   "tee",       "white",  "trousers", "purple", "orange", 1.70,
          1.12, 1.00, 0.92, 0.98, 1.25, 1.3, 1.06, ("beard",), 115),
)

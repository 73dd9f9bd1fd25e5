"""Choose colours by name: of classes, which are the same in every figure and widget, and of colour maps."""
import functools
from collections.abc import Iterable

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

# Okabe & Ito (2008), for the common kinds of colour blindness, without its yellow, too pale for a line; then Paul Tol's
# "muted", its three darkest lightened for dark pages, and three greys and browns: nobody distinguishes sixteen for
# certain, so pictures name the classes too.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7261D0", "#B0306A",
           "#117733", "#999933", "#AA4499", "#7F7F7F", "#44AA99", "#A0651A", "#CC6677", "#667788")
INK = "#797979"  # of axes and letters: on white as on the #111111 of a dark page, its contrast is 4.3 to 1
INSCRIBED = "#111111"  # of letters over what is light, on any page; plain black would become INK
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "pentagon", "hexagon", "star")
AGAINST = "#B0455A"  # of what speaks against a class; its sign, or slanted letters, say so too
SPECTROGRAM_COLORS = "magma"  # the colour map of spectrograms, and of all else that a network reads over time


@functools.cache
def shades(name: str) -> NDArray[np.uint8]:
    """Return matplotlib's colour map of this name, from its lower to its upper end: uint8 (256, 3) RGB."""
    return np.ascontiguousarray(colormaps[name](np.arange(256), bytes=True)[:, :3])


def class_colors(labels: Iterable[str]) -> dict[str, str]:
    """Return {class: colour} of every class in `labels`; the generated actions keep theirs in any company."""
    from ..theatre import ACTIONS

    names = sorted({str(label) for label in labels})
    places = {name: k for k, name in enumerate(ACTIONS if set(names) <= set(ACTIONS) else names)}
    return {name: PALETTE[places[name] % len(PALETTE)] for name in names}


def class_looks(labels: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return {class: (colour, shape of `SHAPES`)}: no two classes share both, so that colour is never the only sign."""
    colors = class_colors(labels)
    few = len(colors) <= len(PALETTE)  # then the shape goes with the colour, and a class keeps both in any company
    places = [PALETTE.index(color) if few else k for k, color in enumerate(colors.values())]
    shapes = [SHAPES[(k + k // len(SHAPES)) % len(SHAPES)] for k in places]
    return dict(zip(colors, zip(colors.values(), shapes)))

"""Names of classes, modalities and colour maps go in, colours come out: the same in every figure and widget."""
import functools

import numpy as np

# Okabe & Ito (2008), told apart under the common kinds of colour blindness, without its yellow, too pale for a line;
# then Paul Tol's "muted" scheme and three greys and browns for tables with more classes: nobody tells sixteen colours
# apart for certain, so pictures with many classes name them too.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#332288", "#882255",
           "#117733", "#999933", "#AA4499", "#7F7F7F", "#44AA99", "#8C510A", "#CC6677", "#4D4D4D")
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "pentagon", "hexagon", "star")
AGAINST = "#B0455A"  # of what speaks against a class; its sign, or slanted letters, say so too
SPECTROGRAM_COLORS = "magma"  # the colour map of spectrograms, and of all else that a network reads over time
MODALITY_COLORS = {"none": "#9A9A9A", "image": "#0072B2", "video": "#56B4E9", "sound": "#E69F00", "words": "#009E73", "fusion": "#CC79A7"}


@functools.cache
def shades(name):
    """uint8 (256, 3) RGB: matplotlib's colour map of this name, from its lower to its upper end.

    Examples
    --------
    >>> shades("gray")[[0, 255]].tolist()
    [[0, 0, 0], [255, 255, 255]]
    """
    from matplotlib import colormaps

    return np.ascontiguousarray(colormaps[name](np.arange(256), bytes=True)[:, :3])


def class_colors(labels):
    """{class: colour} for every class in `labels`; the generated actions keep their colour whatever else is shown.

    Examples
    --------
    >>> class_colors(["yes", "no", "yes"])
    {'no': '#0072B2', 'yes': '#D55E00'}
    """
    from ..theatre import ACTIONS

    names = sorted({str(label) for label in labels})
    if set(names) <= set(ACTIONS):
        return {name: PALETTE[ACTIONS.index(name) % len(PALETTE)] for name in names}
    return {name: PALETTE[k % len(PALETTE)] for k, name in enumerate(names)}


def class_looks(labels):
    """{class: (colour, shape)}, a shape of `SHAPES`: no two classes have both in common, so that colour is never the only sign.

    Examples
    --------
    >>> class_looks(["yes", "no"])
    {'no': ('#0072B2', 'circle'), 'yes': ('#D55E00', 'square')}
    """
    colors = class_colors(labels)
    few = len(colors) <= len(PALETTE)  # then the shape goes with the colour, and a class keeps both whatever else is shown
    places = [PALETTE.index(color) if few else k for k, color in enumerate(colors.values())]
    return {name: (color, SHAPES[(k + k // len(SHAPES)) % len(SHAPES)]) for k, (name, color) in zip(places, colors.items())}

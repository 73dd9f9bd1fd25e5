"""A matplotlib figure that shows itself in a notebook, and says in words what it shows."""
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image


def png(pixels, *, colors=256):
    """A uint8 (H, W, 3) RGB picture as bytes of a PNG with a palette: a third of the size, so that notebooks stay small.

    >>> png(np.zeros((8, 8, 3), np.uint8))[:4]
    b'\\x89PNG'
    """
    # Half of the palette is for what there is much of, half for every hue however small its place, such as a key's.
    image = Image.fromarray(pixels)
    halves = [image.quantize(colors // 2, method) for method in (Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE)]
    usual, rare = (np.abs(np.asarray(half.convert("RGB")).astype(np.int16) - pixels).sum(2) for half in halves)
    chosen = np.where(rare < usual, np.asarray(halves[1]) + colors // 2, np.asarray(halves[0]))
    joined = Image.fromarray(chosen.astype(np.uint8), "P")
    joined.putpalette(b"".join(bytes(half.getpalette()[: 3 * (colors // 2)]).ljust(3 * (colors // 2), b"\0") for half in halves))
    buffer = io.BytesIO()
    joined.save(buffer, "png", optimize=True)
    return buffer.getvalue()


class Picture(Figure):
    """A matplotlib Figure with alternative text; it needs no pyplot, keeps no global state and is drawn where it is returned.

    alt: what the picture shows, in a few words, for those who do not see it.

    >>> Picture("an empty square", figsize=(2, 2))
    <Picture: an empty square>
    """

    def __init__(self, alt, **options):
        super().__init__(**options)
        self.alt = alt

    def png(self):
        """The picture as bytes of a PNG file, on white."""
        self.set_facecolor("white")
        self.set_dpi(96)
        canvas = FigureCanvasAgg(self)
        canvas.draw()
        return png(np.asarray(canvas.buffer_rgba())[..., :3].copy())

    def __repr__(self):
        return f"<Picture: {self.alt}>"

    def _repr_mimebundle_(self, **_):
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": {"alt": self.alt}}

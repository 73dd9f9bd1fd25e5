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
    buffer = io.BytesIO()
    Image.fromarray(pixels).quantize(colors).save(buffer, "png", optimize=True)
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

"""A matplotlib figure that shows itself in a notebook, and says in words what it shows."""
import io

from matplotlib.figure import Figure


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
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=96, facecolor="white")
        return file.getvalue()

    def __repr__(self):
        return f"<Picture: {self.alt}>"

    def _repr_mimebundle_(self, **_):
        return {"image/png": self.png(), "text/plain": repr(self)}, {"image/png": {"alt": self.alt}}

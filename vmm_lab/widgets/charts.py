"""Lines, boxes and words go in, one drawing comes out: as SVG that follows the theme of the lab, or as a PNG for paper.

A widget draws each of its pictures once, with these few strokes, and so shows the same thing live and in print.
"""
import base64
import html
import textwrap

import cv2
import numpy as np

COLUMN = 820  # pixels: what a notebook's column leaves for an output in a window of 1280, the file list open
# A colour by its role: what the lab's theme calls it, and what it is on white paper.
ROLES = {
    "ink": ("--jp-content-font-color1", "#1f1f1f"),
    "soft": ("--jp-content-font-color2", "#5c5c5c"),
    "rule": ("--jp-border-color1", "#bdbdbd"),
    "panel": ("--jp-layout-color2", "#eeeeee"),
    "paper": ("--jp-layout-color1", "#ffffff"),
    "mark": ("--jp-brand-color1", "#1976d2"),
    "none": (None, "none"),
}


class Sketch:
    """A drawing of `width` × `height` pixels, y downwards. A colour is a role of `ROLES` or "#rrggbb".

    >>> drawing = Sketch(100, 20)
    >>> drawing.box(0, 0, 50, 20, fill="mark")
    >>> drawing.words(4, 14, "a < b")
    >>> "a &lt; b" in drawing.svg("half a bar")
    True
    >>> drawing.pixels(scale=1).shape
    (20, 100, 3)
    """

    def __init__(self, width, height):
        self.width, self.height, self.strokes = width, height, []

    def box(self, x, y, width, height, *, fill="mark", line="none", thick=1, opacity=1, tip=None):
        """A rectangle; `tip` is what a mouse over it tells."""
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        self.polygon(corners, fill=fill, line=line, thick=thick, opacity=opacity, tip=tip)

    def polygon(self, corners, *, fill="mark", line="none", thick=1, opacity=1, tip=None, item=None):
        """A closed shape; `item` numbers it, for a view that lets the reader choose it."""
        self.strokes.append(("polygon", np.asarray(corners, float), fill, line, thick, opacity, tip, item))

    def path(self, points, *, line="ink", thick=1.0, dashed=False, opacity=1):
        """A line through points."""
        self.strokes.append(("path", np.asarray(points, float), line, thick, dashed, opacity))

    def words(self, x, y, text, *, size=12, color="ink", anchor="start", bold=False):
        """Text whose baseline is at y; anchor "start", "middle" or "end" tells what of it is at x."""
        self.strokes.append(("words", x, y, str(text), size, color, anchor, bold))

    def picture(self, x, y, width, height, frame):
        """A uint8 (H, W, 3) RGB frame."""
        self.strokes.append(("picture", x, y, width, height, frame))

    def svg(self, label):
        """SVG text, as wide as there is room for; `label` tells a reader who cannot see it what it shows."""
        width, height = f"{self.width:g}", f"{self.height:g}"
        body = "".join(getattr(self, f"_svg_{kind}")(*stroke) for kind, *stroke in self.strokes)
        return (
            f'<svg role="img" aria-label="{html.escape(label)}" viewBox="0 0 {width} {height}" '
            f'style="display:block;width:100%;max-width:{width}px;height:auto" font-family="var(--jp-ui-font-family, sans-serif)">{body}</svg>'
        )

    def pixels(self, *, scale=1.5):
        """uint8 (height, width, 3) RGB on white paper, `scale` times as large."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(self.width / 100, self.height / 100), dpi=100 * scale, facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        axes.axis("off")
        for order, (kind, *stroke) in enumerate(self.strokes):
            getattr(self, f"_draw_{kind}")(axes, order, *stroke)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()

    def _svg_polygon(self, corners, fill, line, thick, opacity, tip, item):
        number = "" if item is None else f' data-item="{item}"'
        inside = f"<title>{html.escape(tip)}</title>" if tip else ""
        edge = "" if line == "none" else f";stroke:{_theme(line)};stroke-width:{thick:g}"
        seen = "" if opacity == 1 else f";opacity:{opacity:g}"
        return f'<polygon points="{_points(corners)}"{number} style="fill:{_theme(fill)}{edge}{seen}">{inside}</polygon>'

    def _svg_path(self, points, line, thick, dashed, opacity):
        dashes = ' stroke-dasharray="5 3"' if dashed else ""
        return (
            f'<polyline points="{_points(points)}" opacity="{opacity:g}" stroke-width="{thick:g}"{dashes} '
            f'style="fill:none;stroke:{_theme(line)}"/>'
        )

    def _svg_words(self, x, y, text, size, color, anchor, bold):
        weight = ' font-weight="600"' if bold else ""
        return (
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"{weight} '
            f'style="fill:{_theme(color)}">{html.escape(text)}</text>'
        )

    def _svg_picture(self, x, y, width, height, frame):
        data = base64.b64encode(jpeg(frame)).decode()
        return f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" href="data:image/jpeg;base64,{data}"/>'

    def _draw_polygon(self, axes, order, corners, fill, line, thick, opacity, tip, item):
        from matplotlib.patches import Polygon

        style = {"facecolor": _paper(fill), "edgecolor": _paper(line), "linewidth": 0.72 * thick * (line != "none")}
        axes.add_patch(Polygon(corners, closed=True, alpha=opacity, zorder=order, **style))

    def _draw_path(self, axes, order, points, line, thick, dashed, opacity):
        style = "--" if dashed else "-"
        axes.plot(*points.T, style, color=_paper(line), linewidth=0.72 * thick, alpha=opacity, zorder=order, solid_capstyle="butt")

    def _draw_words(self, axes, order, x, y, text, size, color, anchor, bold):
        place = {"start": "left", "middle": "center", "end": "right"}[anchor]
        weight = "bold" if bold else "normal"
        axes.text(x, y, text.replace("$", r"\$"), size=0.72 * size, color=_paper(color), ha=place, va="baseline", weight=weight, zorder=order)

    def _draw_picture(self, axes, order, x, y, width, height, frame):
        axes.imshow(frame, extent=(x, x + width, y + height, y), aspect="auto", zorder=order, interpolation="antialiased")
        axes.set(xlim=(0, self.width), ylim=(self.height, 0))


def paragraph(text, width, *, size=12):
    """Text as a drawing, in as many lines as it takes.

    >>> paragraph("one " * 60, 400).height > paragraph("one", 400).height
    True
    """
    lines = textwrap.wrap(text, int(width / (0.56 * size))) or [""]
    sketch = Sketch(width, 1.4 * size * len(lines) + 4)
    for k, line in enumerate(lines):
        sketch.words(0, 1.4 * size * k + 1.1 * size, line, size=size)
    return sketch


def stack(sketches, *, gap=10):
    """Sketches below one another, as one."""
    whole = Sketch(max(s.width for s in sketches), sum(s.height for s in sketches) + gap * (len(sketches) - 1))
    top = 0
    for sketch in sketches:
        for kind, *stroke in sketch.strokes:
            if kind in ("polygon", "path"):
                stroke[0] = stroke[0] + (0, top)
            else:
                stroke[1] = stroke[1] + top
            whole.strokes.append((kind, *stroke))
        top += sketch.height + gap
    return whole


def on_paper(*parts):
    """uint8 (H, W, 3) RGB: drawings, uint8 (H, W, 3) pictures and sentences below one another, on white.

    A sentence is as wide as the widest of the others, and as a notebook's column where it stands alone.

    >>> on_paper(np.zeros((20, 100, 3), np.uint8), Sketch(80, 30)).shape
    (60, 100, 3)
    """
    sketches = [part if isinstance(part, (Sketch, str)) else Sketch(part.shape[1], part.shape[0]) for part in parts]
    for sketch, part in zip(sketches, parts):
        if isinstance(part, np.ndarray):
            sketch.picture(0, 0, sketch.width, sketch.height, part)
    width = max((sketch.width for sketch in sketches if isinstance(sketch, Sketch)), default=COLUMN)
    return stack([paragraph(sketch, width) if isinstance(sketch, str) else sketch for sketch in sketches]).pixels(scale=1)


def shape(name, x, y, radius):
    """The corners of a marker of `plots.SHAPES`, all of about the same area, around (x, y)."""
    if name in ("square", "cross"):
        r = 0.88 * radius
        if name == "square":
            return [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]
        a, b = 0.4 * radius, 1.15 * radius
        plus = [(-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a), (-a, -a)]
        return [(x + u, y + v) for u, v in plus]
    corners, size = {"circle": (20, 1), "triangle": (3, 1.35), "diamond": (4, 1.2), "pentagon": (5, 1.1), "hexagon": (6, 1.05), "star": (10, 1.4)}[name]
    turn = np.arange(corners) * 2 * np.pi / corners
    reach = size * radius * (np.where(np.arange(corners) % 2, 0.45, 1) if name == "star" else 1)
    return np.stack([x + reach * np.sin(turn), y - reach * np.cos(turn)], axis=1)


def jpeg(frame, *, quality=85):
    """A uint8 (H, W, 3) RGB frame as the bytes of a JPEG."""
    return cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _points(points):
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points.tolist())


def _theme(color):
    variable, paper = ROLES.get(color, (None, color))
    return f"var({variable}, {paper})" if variable else paper


def _paper(color):
    return ROLES.get(color, (None, color))[1]

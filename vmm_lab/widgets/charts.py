"""Draw lines, boxes, words and pictures once: as SVG that follows the theme of the lab, and as pixels for paper.

Print is PNG and not SVG, because JupyterLab shows no SVG of a notebook that it does not trust, such as a fresh clone.
"""
import html
import textwrap
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from ..plots import PALETTE, class_looks, data_uri, frames_image, jpeg

COLUMN = 820  # pixels: what a notebook's column leaves for an output in a window of 1280, the file list open
# A colour by its role: what the lab's theme calls it, and what it is on white paper.
ROLES = {
    "ink": ("--jp-content-font-color1", "#1f1f1f"),
    "soft": ("--jp-content-font-color2", "#5c5c5c"),
    "rule": ("--jp-border-color1", "#bdbdbd"),
    "panel": ("--jp-layout-color2", "#eeeeee"),
    "paper": ("--jp-layout-color1", "#ffffff"),
    "mark": ("--jp-brand-color1", "#1976d2"),
}


class Sketch:
    """Represent a drawing of `width` × `height` pixels, y downwards.

    A colour is a role of `ROLES`, "#rrggbb" or "none". alt: what it shows, for a reader who does not see it.

    >>> drawing = Sketch(100, 20, "half a bar")
    >>> drawing.box(0, 0, 50, 20, fill="mark")
    >>> drawing.words(4, 14, "a < b")
    >>> "a &lt; b" in drawing.svg()
    True
    >>> drawing.pixels().shape
    (20, 100, 3)
    """

    def __init__(self, width: float, height: float, alt: str = "") -> None:
        self.width, self.height, self.alt = width, height, alt
        self.strokes: list[tuple] = []

    def labelled(self, alt: str) -> "Sketch":
        """Set the alternative text, and return the drawing."""
        self.alt = alt
        return self

    def box(self, x: float, y: float, width: float, height: float, **style) -> None:
        """Draw a rectangle; style as for `polygon`."""
        self.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], **style)

    def polygon(
        self, corners: ArrayLike, *, fill: str = "mark", line: str = "none", thick: float = 1, opacity: float = 1,
        tip: str | None = None,
    ) -> None:
        """Draw a closed shape; a mouse over it shows `tip`."""
        self.strokes.append(("polygon", np.asarray(corners, float), fill, line, thick, opacity, tip))

    def path(self, points: ArrayLike, *, line: str = "ink", thick: float = 1.0, dashed: bool = False) -> None:
        """Draw a line through points."""
        self.strokes.append(("path", np.asarray(points, float), line, thick, dashed))

    def words(
        self, x: float, y: float, text: object, *, size: float = 12, color: str = "ink", anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Write text whose baseline is at y; anchor "start", "middle" or "end" is the part of it that is at x."""
        self.strokes.append(("words", x, y, str(text), size, color, anchor, bold))

    def picture(self, x: float, y: float, width: float, height: float, image: NDArray[np.uint8]) -> None:
        """Place an image, uint8 (H, W, 3) RGB."""
        self.strokes.append(("picture", x, y, width, height, image))

    def svg(self) -> str:
        """Return the drawing as SVG text, as wide as there is room for."""
        label = html.escape(self.alt)
        name = f'role="img" aria-label="{label}"' if label else 'aria-hidden="true"'  # its frame has one
        return (
            f'<svg {name} style="display:block;width:100%;max-width:{self.width:g}px;height:auto" '
            f'viewBox="0 0 {self.width:g} {self.height:g}" font-family="var(--jp-ui-font-family, sans-serif)">'
            f'{self.body()}</svg>'
        )

    def body(self) -> str:
        """Return what stands in the SVG, for a view that brings its own frame."""
        return "".join(_svg(*stroke) for stroke in self.strokes)

    def pixels(self) -> NDArray[np.uint8]:
        """Return the drawing as uint8 (height, width, 3) RGB on white paper."""
        figure = Figure(figsize=(self.width / 100, self.height / 100), dpi=100, facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        for order, (kind, *stroke) in enumerate(self.strokes):
            if kind == "polygon":
                corners, fill, line, thick, opacity, _ = stroke
                width = 0.72 * thick * (line != "none")
                axes.add_patch(Polygon(corners, facecolor=_paper(fill), edgecolor=_paper(line), linewidth=width,
                                       alpha=opacity, zorder=order))
            elif kind == "path":
                points, line, thick, dashed = stroke
                axes.plot(*points.T, "--" if dashed else "-", color=_paper(line), linewidth=0.72 * thick, zorder=order,
                          solid_capstyle="butt")
            elif kind == "words":
                x, y, text, size, color, anchor, bold = stroke
                place = {"start": "left", "middle": "center", "end": "right"}[anchor]
                axes.text(x, y, text.replace("$", r"\$"), size=0.72 * size, color=_paper(color), ha=place,
                          va="baseline", weight="bold" if bold else "normal", zorder=order)
            else:
                x, y, width, height, image = stroke
                axes.imshow(image, extent=(x, x + width, y + height, y), aspect="auto", zorder=order,
                            interpolation="antialiased")
        axes.set(xlim=(0, self.width), ylim=(self.height, 0))
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _svg(kind: str, *stroke) -> str:
    """Return one stroke as SVG text."""
    if kind == "polygon":
        corners, fill, line, thick, opacity, tip = stroke
        title = f"<title>{html.escape(tip)}</title>" if tip else ""
        edge = "" if line == "none" else f";stroke:{_theme(line)};stroke-width:{thick:g}"
        faint = "" if opacity == 1 else f";opacity:{opacity:g}"
        style = f"fill:{_theme(fill)}{edge}{faint}"
        return f'<polygon points="{_points(corners)}" style="{style}">{title}</polygon>'
    if kind == "path":
        points, line, thick, dashed = stroke
        dashes = ' stroke-dasharray="5 3"' if dashed else ""
        return (f'<polyline points="{_points(points)}" stroke-width="{thick:g}"{dashes} '
                f'style="fill:none;stroke:{_theme(line)}"/>')
    if kind == "words":
        x, y, text, size, color, anchor, bold = stroke
        weight = ' font-weight="600"' if bold else ""
        return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"{weight} '
                f'style="fill:{_theme(color)}">{html.escape(text)}</text>')
    x, y, width, height, image = stroke
    return (f'<image x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'href="{data_uri(jpeg(image, quality=85), "image/jpeg")}"/>')


def _points(points: NDArray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points.tolist())


def _theme(color: str) -> str:
    return "var({}, {})".format(*ROLES[color]) if color in ROLES else color


def _paper(color: str) -> str:
    return ROLES[color][1] if color in ROLES else color


def stack(parts: Sequence[Sketch | NDArray[np.uint8] | str], *, gap: float = 10) -> Sketch:
    """Put drawings, images (H, W, 3) and sentences below one another, as one drawing.

    A sentence is as wide as the widest of the others, and as a notebook's column where it stands alone.

    >>> stack([np.zeros((20, 100, 3), np.uint8), Sketch(80, 30)]).height
    60.0
    """
    widths = [part.width if isinstance(part, Sketch) else part.shape[1] for part in parts if not isinstance(part, str)]
    whole, top = Sketch(max(widths, default=COLUMN), 0), 0.0
    for part in parts:
        if isinstance(part, str):
            for line in textwrap.wrap(part, int(whole.width / 6.7)) or [""]:
                whole.words(0, top + 13, line)
                top += 17
        elif isinstance(part, Sketch):
            for kind, *stroke in part.strokes:
                if kind in ("polygon", "path"):
                    stroke[0] = stroke[0] + (0, top)  # its points
                else:
                    stroke[1] += top  # its y
                whole.strokes.append((kind, *stroke))
            top += part.height
        else:
            whole.picture(0, top, part.shape[1], part.shape[0], part)
            top += part.shape[0]
        top += gap
    whole.height = top - gap
    return whole


def strip(frames: NDArray[np.uint8], times: ArrayLike) -> tuple[NDArray[np.uint8], Sketch]:
    """Put frames (T, H, W, 3) next to one another, their seconds below: an image and a drawing that fit a column."""
    cell = max(1, (COLUMN - 2 * (len(frames) - 1)) // len(frames))
    image = frames_image(frames, height=max(1, min(110, cell * frames.shape[1] // frames.shape[2])), gap=2)
    labels = [f"{t:.2f} s" for t in np.asarray(times)]
    below = Sketch(image.shape[1], 14, f"Times: {', '.join(labels)}")
    for k, label in enumerate(labels):
        below.words((k + 0.5) * image.shape[1] / len(labels), 11, label, size=11, color="soft", anchor="middle")
    return image, below


def bars(
    values: Sequence[float], colors: Sequence[str], caption: str, names: Sequence[str] = (), *, width: float,
    digits: int = 0,
) -> Sketch:
    """Draw a bar for each value, in its colour, with its name below and the largest value above; caption: the unit."""
    sketch = Sketch(width, 118, caption)
    sketch.words(2, 13, caption, size=11, color="soft")
    base, room = (100, 68) if len(names) else (114, 82)
    wide = min(60, (width - 4) / max(1, len(values)))
    most = max(float(np.max(values, initial=0)), 1e-9)
    for k, (value, color) in enumerate(zip(values, colors)):
        tall, middle = room * float(value) / most, 2 + (k + 0.43) * wide
        sketch.box(2 + k * wide, base - tall, wide * 0.86, tall, fill=str(color), line="soft", thick=0.5,
                   tip=f"{value:.{digits + 1}f}")
        if len(names):
            sketch.words(middle, base + 13, names[k], size=11, color="soft", anchor="middle")
        if value == most and len(values) <= 32:
            sketch.words(middle, base - tall - 3, f"{value:.{digits}f}", size=10, anchor="middle")
    sketch.path([(0, base), (2 + max(1, len(values)) * wide, base)], line="rule")
    return sketch


def color_of(k: int) -> str:
    """Return the colour of the k-th of any number of things, "#rrggbb"."""
    return PALETTE[k % len(PALETTE)]


def percent(share: float) -> str:
    """Write a share of 1 as text."""
    return f"{100 * share:.0f} %"


def probability_bars(
    probabilities: Mapping[str, float], truth: str, predicted: str, *, width: float, title: str = "",
    clean: Mapping[str, float] | None = None, most: int = 16,
) -> Sketch:
    """Draw one bar for each class, the true and the predicted one marked as such; NaN is unknown.

    Of more than `most` classes the likeliest and the true one are drawn. clean: where a line stands for comparison.
    """
    looks, top = class_looks(probabilities), 20 * bool(title)
    shown = sorted(probabilities, key=lambda name: -probabilities[name])[:most]
    if truth in probabilities and truth not in shown:
        shown[-1] = truth
    if clean:  # the bars move, and the classes stay where they are
        shown = [name for name in probabilities if name in shown]
    left, tall = 34 + 7.2 * max(map(len, shown)), 18 if len(shown) <= 8 else 16
    scale, bottom = width - left - 180, top + tall * len(shown)
    sketch = Sketch(width, bottom + 26)
    sketch.words(0, 12, title, size=11, color="soft")
    for tick in (0, 0.5, 1):
        x = left + tick * scale
        sketch.path([(x, top), (x, bottom + 4)], line="rule", thick=0.7)
        sketch.words(x, bottom + 18, percent(tick), size=11, color="soft", anchor="middle")
    for y, name in zip(range(top, bottom, tall), shown):
        share, (color, marker) = probabilities[name], looks[name]
        notes = " and ".join(["predicted"] * (name == predicted) + ["true"] * (name == truth))
        text = ("unknown" if np.isnan(share) else percent(share)) + f" ← {notes}" * bool(notes)
        end = left + float(np.nan_to_num(share)) * scale
        sketch.words(left - 20, y + tall - 4, name, anchor="end", bold=bool(notes))
        sketch.polygon(shape(marker, left - 10, y + tall / 2, 4), fill=color, line="ink", thick=0.8)
        sketch.box(left, y + 2, max(1.0, end - left), tall - 4, fill=color, line="ink", thick=0.8)
        before = left + (clean or probabilities)[name] * scale
        if abs(before - end) >= 2:
            sketch.path([(before, y), (before, y + tall)], line="ink", thick=2)
        end = before if end < before < end + 10 + 7.5 * len(text) else end  # a line through the number would hide it
        sketch.words(end + 6, y + tall - 4, text, bold=bool(notes))
    return sketch


def runs(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Return (start, stop) of every run of True.

    >>> list(runs(np.array([True, True, False, True])))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.pad(mask, 1))).tolist()
    return zip(edges[::2], edges[1::2])


def seconds_axis(sketch: Sketch, begin: float, span: float, *, left: float, wide: float, top: float) -> None:
    """Draw an axis of seconds, from `begin` at `left` over so many pixels."""
    step = next(s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60) if span / s <= 12 or s == 60)
    for tick in np.arange(0, span - step / 3, step).tolist():
        x, anchor, unit = left + wide * tick / span, *(("middle", "") if tick else ("start", " s"))
        sketch.path([(x, top), (x, top + 4)], line="soft")
        sketch.words(x, top + 17, f"{begin + tick:g}{unit}", size=11, color="soft", anchor=anchor)


def ticks(top: float, *, integer: bool = False) -> list[float]:
    """Return round numbers from 0 to `top`.

    >>> ticks(0.73), ticks(8, integer=True)
    ([0.0, 0.2, 0.4, 0.6], [0.0, 2.0, 4.0, 6.0, 8.0])
    """
    found = MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=integer, min_n_ticks=1).tick_values(0, top)
    return [round(float(tick), 12) for tick in found if tick <= top * (1 + 1e-6)]


def outline(
    sketch: Sketch, loudness: ArrayLike, *, left: float, wide: float, middle: float, half: float, **style
) -> None:
    """Draw the outline of a sound, as high above as below its middle; loudness: from 0 to 1 over time."""
    x, y = np.linspace(left, left + wide, len(np.asarray(loudness))), half * np.asarray(loudness)
    sketch.polygon(np.concatenate([np.c_[x, middle - y], np.c_[x, middle + y][::-1]]), **style)


def levels(sketch: Sketch, heights: Mapping[float, str], *, left: float, wide: float) -> None:
    """Draw a faint line at each height of an axis of numbers, with its text at the left."""
    for y, text in heights.items():
        sketch.path([(left, y), (left + wide, y)], line="rule", thick=0.7)
        sketch.words(left - 6, y + 4, text, size=11, color="soft", anchor="end")


def shape(name: str, x: float, y: float, radius: float) -> ArrayLike:
    """Compute the corners of a marker of `plots.SHAPES` around (x, y); all have about the same area."""
    if name == "cross":
        a, b = 0.4 * radius, 1.15 * radius
        arm = [(-a, -b), (a, -b), (a, -a)]  # the upper one; the others are it, turned by quarters
        return [(x + c * u - s * v, y + s * u + c * v) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1)) for u, v in arm]
    corners, size, turn = {
        "circle": (20, 1, 0), "triangle": (3, 1.35, 0), "square": (4, 1.245, 0.5), "diamond": (4, 1.2, 0),
        "pentagon": (5, 1.1, 0), "hexagon": (6, 1.05, 0), "star": (10, 1.4, 0),
    }[name]
    angle = (np.arange(corners) + turn) * 2 * np.pi / corners
    reach = size * radius * (np.where(np.arange(corners) % 2, 0.45, 1) if name == "star" else 1)
    return np.stack([x + reach * np.sin(angle), y - reach * np.cos(angle)], axis=1)

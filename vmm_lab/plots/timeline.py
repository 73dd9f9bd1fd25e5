"""Draw a piece of media on one clock: its frames, its sound and its words."""
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ..modalities import color_of
from .images import fit_size
from .palette import INSCRIBED
from .picture import WIDTH, Picture, axes

if TYPE_CHECKING:
    from ..media import Media

RATE = 16_000  # samples per second of the sound that is drawn
BLOCK = 600.0  # seconds of sound in memory at a time: 38 MB
COLUMNS = 1200  # of a sound's outline: more than a figure has pixels


def timeline(
    media: "Media", *, caption: str | None = None, start: float | None = None, end: float | None = None,
    n: int = 8, width: float = WIDTH,
) -> Picture:
    """Draw a piece of media as its frames, sound and words above one another on one clock; an image as itself.

    media: from `open_media`; what it lacks is left out and named. start, end: seconds, the whole by default.
    n: how many frames, one at the centre of each n-th of the time. width: inches.
    """
    words = caption if isinstance(caption, str) else ""  # an empty cell of a table is NaN
    told = f" of {media.path.name}{' over time' * bool(media.duration)}{', with the words: ' * bool(words)}{words}"
    tall = width * (media.size[0] / media.size[1] if media.has_video else 0.3)
    if media.has_video and not media.duration:
        figure, axis = axes(f"the picture{told}", width=width, height=min(tall, 3.0) + 0.35 * bool(words))
        axis.imshow(media.sample(1, size=fit_size(media.size, 640))[0][0])
        axis.axis("off")
    else:
        held = " and ".join(["pictures"] * media.has_video + ["sound"] * media.has_audio)
        figure, (above, below) = axes(f"{held}{told}", rows=2, width=width, height=tall / n + 1.5 + 0.35 * bool(words),
                                      sharex=True, height_ratios=[tall / n, 1.2])
        stretch = start or 0.0, media.duration if end is None else min(end, media.duration)
        _draw_frames(above, media, np.linspace(*stretch, n + 1))
        _draw_sound(below, media, *stretch)
    if words:
        figure.suptitle(f"“{words}”", fontsize=11, style="italic", parse_math=False)  # its $ are dollars
    return figure


def _draw_frames(axis: Axes, media: "Media", edges: NDArray) -> None:
    shown: Any = ((), ())
    if media.has_video:
        shown = media.sample(len(edges) - 1, start=edges[0], end=edges[-1], size=fit_size(media.size, 160))
    else:
        axis.text((edges[0] + edges[-1]) / 2, 0.5, "no pictures", ha="center", va="center")
    for frame, time, left, right in zip(*shown, edges, edges[1:]):
        gap = 0.01 * (right - left)
        if time > (left + right) / 2:  # the pictures begin later: the first stands in, but is not yet on screen
            axis.axvspan(left + gap, right - gap, color="#DDDDDD")
            axis.text((left + right) / 2, 0.5, "no picture\nyet", ha="center", va="center", fontsize=8, color=INSCRIBED)
        else:
            axis.imshow(frame, extent=(left + gap, right - gap, 0, 1), aspect="auto")
    axis.set(ylim=(0, 1), yticks=[], ylabel="pictures")
    axis.tick_params(bottom=False)


def _draw_sound(axis: Axes, media: "Media", start: float, end: float) -> None:
    low = high = np.zeros(2)
    if media.has_audio:
        low, high = envelope(media, start, end)
        axis.fill_between(np.linspace(start, end, len(low)), low, high, color=color_of("sound"), linewidth=0.5)
    else:
        axis.text((start + end) / 2, 0, "no sound", ha="center", va="center")
    loudest = 1.05 * max(0.05, high.max(), -low.min())
    axis.set(xlim=(start, end), ylim=(-loudest, loudest), xlabel="time (s)", ylabel="sound\n(amplitude)")


def envelope(media: "Media", start: float, end: float, *, columns: int = COLUMNS) -> NDArray[np.float32]:
    """Compute the least and largest sample of equal stretches of a sound, block by block: float32 (2, ≤ columns)."""
    columns = max(1, min(columns, int((end - start) * RATE)))
    edges, found = np.linspace(start, end, columns + 1), []
    step = max(1, int(BLOCK * columns / max(end - start, 1e-9)))
    for first in range(0, columns, step):
        last = min(first + step, columns)
        wave = media.audio(sample_rate=RATE, start=edges[first], end=edges[last])
        # array_split would make the first parts longer, and what follows would be drawn too early.
        places = np.linspace(0, len(wave), last - first + 1).round().astype(int)
        found += [(wave[a:b].min(initial=0), wave[a:b].max(initial=0)) for a, b in zip(places, places[1:])]
    return np.array(found, np.float32).T

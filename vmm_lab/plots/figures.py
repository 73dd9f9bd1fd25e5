"""Arrays and tables go in, matplotlib figures come out: filmstrips, timelines, galleries, scores and confusion."""
import numpy as np

from .palette import MODALITY_COLORS, SHAPES, class_looks
from .picture import Picture

MARKERS = dict(zip(SHAPES, "os^DPph*"))  # what matplotlib calls them


def filmstrip(frames, *, times=None, n=8, title=None, width=9.0):
    """Frames side by side in the order of time, as a figure.

    Parameters
    ----------
    frames : uint8 (T, H, W, 3), or a dict {name: frames} for one strip below the other
    times : float (T,), optional
        Seconds, written under each frame; a dict where `frames` is one.
    n : int
        How many frames to show at most, spread evenly.
    title : str, optional
    width : float
        Inches.

    Returns
    -------
    Picture, a matplotlib Figure

    Raises
    ------
    ValueError
        There are no frames, or they have another shape.

    Examples
    --------
    >>> import numpy as np
    >>> filmstrip(np.zeros((30, 48, 64, 3), np.uint8), times=np.arange(30) / 25).axes[-1].get_xlabel()
    '1.16 s'
    """
    strips = frames if isinstance(frames, dict) else {"": frames}
    times = times if isinstance(times, dict) else dict.fromkeys(strips, times)
    shown = {}
    for name, film in strips.items():
        film = np.asarray(film)
        if film.ndim != 4 or film.shape[-1] != 3 or not len(film):
            raise ValueError(f"A filmstrip wants frames of shape (T, H, W, 3) with T ≥ 1; it got {film.shape}.")
        picked = np.unique(np.linspace(0, len(film) - 1, min(n, len(film))).round().astype(int))
        shown[name] = film[picked], None if times[name] is None else np.asarray(times[name])[picked]
    columns = max(len(film) for film, _ in shown.values())
    heights = [width / columns * film.shape[1] / film.shape[2] + (0.22 if seconds is not None else 0.06) for film, seconds in shown.values()]
    alt = f"filmstrip{'s' if len(shown) > 1 else ''} of {', '.join(map(str, filter(None, shown))) or title or 'one film'}"
    figure = Picture(alt, figsize=(width, sum(heights) + (0.35 if title else 0.0)), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0.01, hspace=0.01)
    grid = figure.subplots(len(shown), columns, squeeze=False, height_ratios=heights)
    for axes, (name, (film, seconds)) in zip(grid, shown.items()):
        for k, axis in enumerate(axes):
            axis.set(xticks=[], yticks=[], frame_on=False)
            if k >= len(film):
                axis.set_visible(False)
                continue
            axis.imshow(film[k], interpolation="nearest" if film.shape[2] < 100 else "antialiased")
            if seconds is not None:
                axis.set_xlabel(f"{seconds[k]:.2f} s", fontsize=8, labelpad=2)
        if name:
            axes[0].set_ylabel(name, fontsize=9)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


def timeline(media, *, caption=None, start=None, end=None, n=8, width=9.0):
    """One piece of media as its pictures, its sound and its words, above one another on one clock.

    Parameters
    ----------
    media : Media
        From `open_media`; what it lacks is left out and named.
    caption : str, optional
    start, end : float, optional
        Seconds: the piece to show, the whole by default.
    n : int
        How many frames to show, one at the centre of each n-th of the time.
    width : float
        Inches.

    Returns
    -------
    Picture, a matplotlib Figure
    """
    start, end = start or 0.0, media.duration if end is None else end
    strip = width / n * (media.size[0] / media.size[1] if media.has_video else 0.3)
    held = " and ".join(["pictures"] * media.has_video + ["sound"] * media.has_audio)
    figure = Picture(f"{held} of {media.path.name} over time" + (f", with the words: {caption}" if caption else ""), figsize=(width, strip + 1.5 + (0.35 if caption else 0)), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[strip, 1.2])
    if media.has_video:
        frames, times = media.sample(n, start=start, end=end, size=_fit(media.size, 160))
        edges = np.linspace(start, end, n + 1)
        for frame, time, left, right in zip(frames, times, edges, edges[1:]):
            gap = 0.01 * (right - left)
            if time > (left + right) / 2:  # the pictures begin later: the first stands in, but is not yet on screen
                above.axvspan(left + gap, right - gap, color="#DDDDDD")
                above.text((left + right) / 2, 0.5, "no picture\nyet", ha="center", va="center", fontsize=8)
                continue
            above.imshow(frame, extent=(left + gap, right - gap, 0, 1), aspect="auto")
    else:
        above.text((start + end) / 2, 0.5, "no pictures", ha="center", va="center")
    above.set(ylim=(0, 1), yticks=[], ylabel="pictures")
    above.tick_params(bottom=False)
    if media.has_audio:
        wave = media.audio(sample_rate=16_000, start=start, end=end)
        below.plot(start + np.arange(len(wave)) / 16_000, wave, color=MODALITY_COLORS["sound"], linewidth=0.5)
        loudest = max(0.05, float(np.abs(wave).max(initial=0)))
        below.set_ylim(-1.05 * loudest, 1.05 * loudest)
    else:
        below.text((start + end) / 2, 0, "no sound", ha="center", va="center")
    below.set(xlim=(start, end), xlabel="time (s)", ylabel="sound\n(amplitude)")
    for axis in (above, below):
        axis.spines[["top", "right", "left"] if axis is above else ["top", "right"]].set_visible(False)
    if caption:
        figure.suptitle(f"“{caption}”", fontsize=11, style="italic")
    return figure


def _fit(size, longest):
    """`size` (height, width) shrunk so that its longer side is at most `longest` pixels."""
    scale = min(1, longest / max(size))
    return tuple(max(1, round(side * scale)) for side in size)


def score_bars(frame, *, title=None, width=9.0):
    """The rows of a board (`compare(table).frame`) as bars with their 95 % interval, one colour per modality.

    Parameters
    ----------
    frame : DataFrame
        Columns `name`, `modality`, `accuracy`, `accuracy_low`, `accuracy_high`, all shares in [0, 1].
    title : str, optional
    width : float
        Inches.

    Returns
    -------
    Picture, a matplotlib Figure
    """
    frame = frame.iloc[::-1]
    figure = Picture(f"bars of the accuracy of {len(frame)} methods, with intervals", figsize=(width, 0.7 + 0.32 * len(frame)), layout="constrained")
    axis = figure.subplots()
    spans = np.abs(np.stack([frame["accuracy"] - frame["accuracy_low"], frame["accuracy_high"] - frame["accuracy"]]).astype(float))
    axis.barh(frame["name"], frame["accuracy"].astype(float), xerr=spans, color=[MODALITY_COLORS[m] for m in frame["modality"]],
              error_kw={"ecolor": "#444444", "elinewidth": 1.2})
    for modality, color in MODALITY_COLORS.items():
        if modality in set(frame["modality"]):
            axis.bar(0, 0, color=color, label="baseline" if modality == "none" else modality)
    axis.legend(loc="lower right", fontsize=8, frameon=False)
    axis.set(xlim=(0, 1), xlabel="accuracy on held-out rows (share of 1), with its 95 % interval", title=title)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def gallery(images, *, columns=None, width=9.0, color_map="gray", bounds=None):
    """Pictures side by side under their names, as a figure.

    Parameters
    ----------
    images : dict {name: array}
        uint8 (H, W, 3) RGB, or (H, W) of any numbers, which are shown in `color_map`.
    columns : int, optional
        Pictures per row; all in one row by default.
    width : float
        Inches.
    color_map : str
        matplotlib's name of one, for arrays without colour.
    bounds : (low, high), optional
        What the two ends of the colour map stand for, in every picture; each picture's own least and largest by default.

    Returns
    -------
    Picture, a matplotlib Figure
    """
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    shape = next(iter(images.values())).shape
    figure = Picture(f"pictures side by side: {', '.join(map(str, images))}", figsize=(width, rows * (width / columns * shape[0] / shape[1] + 0.3)), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.axis("off")
    low, high = bounds or (None, None)
    for axis, (name, image) in zip(axes, images.items()):
        axis.imshow(image, cmap=color_map, vmin=low, vmax=high, interpolation="nearest" if image.shape[1] < 100 else "antialiased")
        axis.set_title(name, fontsize=9)
    return figure


def confusion(counts, *, title=None, width=5.0):
    """A confusion matrix as a figure: the true class down, what was said across; each row's shares as shades.

    Parameters
    ----------
    counts : DataFrame (k, k)
        Counts, such as `board.confusion(name)`.
    title : str, optional
    width : float
        Inches.

    Returns
    -------
    Picture, a matplotlib Figure
    """
    table = counts.to_numpy(float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = Picture(f"confusion matrix of {len(table)} classes", figsize=(width, 0.85 * width), layout="constrained")
    axis = figure.subplots()
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(table) <= 20:
        for (row, column), count in np.ndenumerate(table):
            if count:
                axis.text(column, row, f"{count:g}", ha="center", va="center", fontsize=8, color="white" if shares[row, column] > 0.5 else "black")
    axis.set_xticks(range(len(table)), counts.columns, rotation=45, ha="right", fontsize=8)
    axis.set_yticks(range(len(table)), counts.index, fontsize=8)
    axis.set(xlabel="predicted class", ylabel="true class", title=title)
    return figure


def scatter(points, labels, *, title=None, axes_names=("", ""), width=6.0):
    """Points of the plane in the colours of their classes, each class also with a marker of its own.

    Parameters
    ----------
    points : float (n, 2)
    labels : sequence of n class names
    title : str, optional
    axes_names : (str, str)
        What the two axes are, with their units.
    width : float
        Inches.

    Returns
    -------
    Picture, a matplotlib Figure
    """
    points, labels = np.asarray(points, float), np.asarray(labels, str)
    figure = Picture(f"{len(points)} points in the plane, of {len(set(labels))} classes", figsize=(width, 0.75 * width), layout="constrained")
    axis = figure.subplots()
    draw_points(axis, points, labels)
    axis.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    axis.set(xlabel=axes_names[0], ylabel=axes_names[1], title=title)
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def draw_points(axis, points, labels, *, size=40):
    """Draw points of the plane, float (n, 2), onto a matplotlib axis: each of the n class names has its colour and marker.

    `size` is a marker's area in square points. The names are there for `axis.legend()`.
    """
    points, labels = np.asarray(points, float), np.asarray(labels, str)
    for name, (color, shape) in class_looks(labels).items():
        axis.scatter(*points[labels == name].T, s=size, color=color, marker=MARKERS[shape], label=name, alpha=0.85, linewidths=0)

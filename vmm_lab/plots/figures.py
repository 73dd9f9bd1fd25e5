"""Arrays and tables go in, matplotlib figures come out: filmstrips, timelines, galleries, scores and confusion."""
import numpy as np

from ..modalities import MODALITIES, color_of
from .images import fit_size
from .palette import PALETTE, SHAPES, class_looks
from .picture import Picture, axes

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
    for line, (name, (film, seconds)) in zip(grid, shown.items()):
        for k, axis in enumerate(line):
            axis.set(xticks=[], yticks=[], frame_on=False)
            if k >= len(film):
                axis.set_visible(False)
                continue
            axis.imshow(film[k], interpolation="nearest" if film.shape[2] < 100 else "antialiased")
            if seconds is not None:
                axis.set_xlabel(f"{seconds[k]:.2f} s", fontsize=8, labelpad=2)
        if name:
            line[0].set_ylabel(name, fontsize=9)
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
        frames, times = media.sample(n, start=start, end=end, size=fit_size(media.size, 160))
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
        below.plot(start + np.arange(len(wave)) / 16_000, wave, color=color_of("sound"), linewidth=0.5)
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


def bars(
    values, *, alt, xlabel="", title="", colors=None, errors=None, texts=None, limits=None, width=9.0,
):
    """Draw numbers as bars, one below the other under their names, the first on top.

    Parameters
    ----------
    values : dict {name: number}, or a pandas Series
    alt : str
        What the picture shows, in a few words.
    xlabel, title : str
        What the numbers are, with their unit.
    colors : one colour, or one for each bar, optional
    errors : float (2, n), optional
        How far each interval reaches below and above its number.
    texts : sequence of n str, optional
        What to write behind each bar.
    limits : (low, high), optional
        Of the axis of numbers.
    width : float
        Inches.

    Returns
    -------
    Picture, a matplotlib Figure

    Examples
    --------
    >>> bars({"walk": 0.7, "clap": 0.3}, alt="probabilities of two actions", xlabel="probability")
    <Picture: probabilities of two actions>
    """
    figure, axis = axes(alt, width=width, height=0.7 + 0.32 * len(values), xlabel=xlabel, title=title)
    draw_bars(axis, values, colors=colors, errors=errors, texts=texts)
    if limits is not None:
        axis.set_xlim(limits)
    return figure


def draw_bars(axis, values, *, colors=None, errors=None, texts=None):
    """Draw numbers, {name: number}, as horizontal bars onto a matplotlib axis, the first on top; options as of `bars`."""
    values = dict(values)
    names, numbers = [str(name) for name in values], np.array(list(values.values()), float)
    places = np.arange(len(numbers))[::-1]
    axis.barh(places, numbers, xerr=errors, color=colors or PALETTE[0], error_kw={"ecolor": "#444444", "elinewidth": 1.2})
    axis.set_yticks(places[::-1], names[::-1])
    if texts is not None:
        low, high = min(0.0, *numbers), max(0.0, *numbers)
        for place, number, text in zip(places, numbers, texts):
            axis.annotate(text, (max(number, 0.0), place), (4, 0), textcoords="offset points", va="center", fontsize=8)
        axis.set_xlim(1.1 * low, high + 0.35 * (high - low))
    if (numbers < 0).any():
        axis.axvline(0, color="#444444", linewidth=0.8)


def score_bars(frame, *, title=None, width=9.0):
    """Draw the rows of a board (`compare(table).frame`) as bars with their 95 % interval, one colour per modality.

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
    accuracy = frame["accuracy"].astype(float)
    figure = bars(
        dict(zip(frame["name"], accuracy)), alt=f"bars of the accuracy of {len(frame)} methods, with intervals", title=title or "", width=width,
        xlabel="accuracy on held-out rows (share of 1), with its 95 % interval", limits=(0, 1),
        colors=[color_of(modality) for modality in frame["modality"]],
        errors=np.abs(np.stack([accuracy - frame["accuracy_low"], frame["accuracy_high"] - accuracy]).astype(float)),
    )
    axis, held = figure.axes[0], set(frame["modality"])
    for modality in dict.fromkeys(("none", *MODALITIES, "fusion", *sorted(held))):
        if modality in held:
            axis.bar(0, 0, color=color_of(modality), label="baseline" if modality == "none" else modality)
    axis.legend(loc="lower right", fontsize=8, frameon=False)
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
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in grid:
        axis.axis("off")
    low, high = bounds or (None, None)
    for axis, (name, image) in zip(grid, images.items()):
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

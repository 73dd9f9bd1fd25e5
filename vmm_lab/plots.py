"""Arrays and tables go in, matplotlib figures come out: one filmstrip, and one colour per class everywhere."""
import numpy as np
from matplotlib.figure import Figure

# Okabe & Ito (2008), told apart under the common kinds of colour blindness, without its yellow, too pale for a line;
# then four of Paul Tol's "muted" scheme for tables with more classes.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00",
           "#332288", "#882255", "#117733", "#999933", "#AA4499", "#7F7F7F")
MODALITY_COLORS = {"none": "#9A9A9A", "image": "#0072B2", "video": "#56B4E9", "sound": "#E69F00", "words": "#009E73", "fusion": "#CC79A7"}


def class_colors(labels):
    """{class: colour} for every class in `labels`; the generated actions keep their colour whatever else is shown.

    Examples
    --------
    >>> class_colors(["yes", "no", "yes"])
    {'no': '#0072B2', 'yes': '#D55E00'}
    """
    from .theatre import ACTIONS

    names = sorted({str(label) for label in labels})
    if set(names) <= set(ACTIONS):
        return {name: PALETTE[ACTIONS.index(name) % len(PALETTE)] for name in names}
    return {name: PALETTE[k % len(PALETTE)] for k, name in enumerate(names)}


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
    matplotlib.figure.Figure

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
    figure = Figure(figsize=(width, sum(heights) + (0.35 if title else 0.0)), layout="constrained")
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
    matplotlib.figure.Figure
    """
    frame = frame.iloc[::-1]
    figure = Figure(figsize=(width, 0.7 + 0.32 * len(frame)), layout="constrained")
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

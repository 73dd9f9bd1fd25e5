"""Find the shots of a film: hard cuts and gradual transitions, by colour histograms, by change, by a network, by all.

Of each frame 208 bytes are kept. A flash looks like two cuts; it is refused because the frames around it are alike.
"""
import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, maximum_filter1d, uniform_filter1d
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from tqdm.auto import tqdm

from vmm_lab import assets
from vmm_lab.files import write_text
from vmm_lab.media import Media, open_media
from vmm_lab.media.options import check_choice
from vmm_lab.pretrained.shots import SIZE, transition_probabilities

TOLERANCE = 2  # frames that a cut may be found away from its place
_GRID = (6, 8)  # places whose mean colours are kept
_REACH = 3  # frames on each side that are compared: a flash is shorter


class Film(NamedTuple):
    """Hold what methods read of a film of T frames."""

    looks: NDArray[np.uint8]  # (T, 208): mean colours of 48 places, then the share of 64 colours
    times: NDArray[np.float64]  # (T,) seconds
    probabilities: NDArray[np.float32] | None  # (T, 2) of TransNetV2: has its middle here, belongs to a transition


class Transition(NamedTuple):
    """Hold the first and last frame of a transition; of a cut both are the first frame of the new shot."""

    first: int
    last: int
    gradual: bool


def find_shots(media: Media | str | os.PathLike, *, method: str | None = None, progress: bool = False) -> pd.DataFrame:
    """Find the shots of a film.

    media: a path, or what `open_media` returns. method: one of METHODS: "histogram" (colours change at once),
    "adaptive" (a change far above those around it), "transnet" (TransNetV2 alone), "combined" (a hard cut where either
    is sure, a gradual transition where the network says so). By default "combined", or "adaptive", with a warning,
    where the network's weights are not at hand. progress: show a bar.

    Returns a DataFrame with a row per shot: `start_frame`, `end_frame` (the first frame after it), `start`, `end`
    (seconds), `transition` (how it begins: "cut", "gradual", None for the first), `transition_frames` ((first, last) of
    a gradual one, else None). A gradual transition ends the one shot and begins the other in its middle.
    Raises MediaError where there are no pictures or they cannot be read, ValueError for another method.

    >>> import numpy as np, tempfile, vmm_lab as vl
    >>> frames = np.repeat(np.array([[[[200, 30, 30]]], [[[30, 30, 200]]]], np.uint8), 20, axis=0)
    >>> path = vl.write_video(tempfile.mkdtemp() + "/two.mp4", frames.repeat(48, 1).repeat(64, 2), fps=10)
    >>> find_shots(path, method="histogram")[["start_frame", "end_frame", "transition"]].values.tolist()
    [[0, 20, None], [20, 40, 'cut']]
    """
    media = media if isinstance(media, Media) else open_media(media)
    if method is not None:
        check_choice("find_shots", list(METHODS), method=method)
    film = read_film(media, network=METHODS[method].network if method else None, progress=progress)
    return shots_of(film, media.duration, method=method)


def read_film(media: Media, *, network: bool | None = None, progress: bool = False) -> Film:
    """Read what the methods need in one pass; network: whether to ask TransNetV2, None: only where it is at hand."""
    if network is None:
        try:
            network = bool(assets.fetch("transnetv2"))
        except assets.AssetError as error:
            network = False
            warnings.warn(f"Shots are found by change alone, so gradual transitions are missed. {error}", stacklevel=3)
    looks: list[NDArray] = []
    times: list[float] = []

    def frames() -> Iterator[NDArray[np.uint8]]:
        stream = media.stream(size=SIZE)
        for time, frame in tqdm(stream, desc="looking for shots", unit="frame", disable=not progress):
            looks.append(_look(frame))
            times.append(time)
            yield frame

    probabilities = transition_probabilities(frames()) if network else None
    if not network:
        for _ in frames():
            pass
    return Film(np.stack(looks), np.array(times), probabilities)


def _look(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Describe a frame by the mean colours of 6 × 8 places and by 64 colours, 255 for all pixels."""
    grid = cv2.resize(frame, _GRID[::-1], interpolation=cv2.INTER_AREA).ravel()
    levels = (frame >> 6).astype(int) @ [16, 4, 1]
    shares = np.bincount(levels.ravel(), minlength=64) * (255 / levels.size)
    return np.concatenate([grid, np.round(shares)]).astype(np.uint8)


def differences(looks: NDArray[np.uint8], before: NDArray, after: NDArray) -> tuple[NDArray, NDArray]:
    """Compare frames: the mean change of colour at a place, 0 to 255, and the share of colours that change, 0 to 1."""
    a, b = looks[before].astype(np.int16), looks[after].astype(np.int16)
    change, n_grid = np.abs(a - b), 3 * _GRID[0] * _GRID[1]
    return change[:, :n_grid].mean(1), change[:, n_grid:].sum(1) / 510


def _across(looks: NDArray[np.uint8], first: NDArray[np.int_], last: NDArray[np.int_]) -> tuple[NDArray, NDArray]:
    """Compare the most alike of the frames before `first` and from `last` on: little is left of a flash."""
    pairs = [differences(looks, np.maximum(first - 1 - i, 0), np.minimum(last + j, len(looks) - 1))
             for i in range(_REACH) for j in range(_REACH)]
    places, colors = zip(*pairs)
    return np.min(places, axis=0), np.min(colors, axis=0)


def by_histogram(film: Film, *, threshold: float = 0.2) -> list[Transition]:
    """Find cuts where more than a share `threshold` of the colours changes from one frame to the next."""
    frames = np.arange(1, len(film.looks))
    colors = differences(film.looks, frames - 1, frames)[1]
    return [Transition(k, k, False) for k in _peaks(frames, colors, threshold)]


def by_change(film: Film, *, ratio: float = 3.0, least: float = 8.0) -> list[Transition]:
    """Find cuts where the change at the places is `ratio` times that of the frames around, and at least `least`."""
    frames = np.arange(1, len(film.looks))
    peaks = np.array(_peaks(frames, _sharpness(film.looks, frames), ratio), int)
    return [Transition(k, k, False) for k in peaks[_across(film.looks, peaks, peaks)[0] >= least].tolist()]


def by_network(film: Film, *, threshold: float = 0.4) -> list[Transition]:
    """Find transitions where TransNetV2 says that one has its middle, or that frames belong to one."""
    return [Transition(first + 1, first + 1, False) if last - first < 3 else Transition(first, last, True)
            for first, last in _runs(film.probabilities.max(1) > threshold)]


def combined(film: Film, *, high: float = 0.3, low: float = 0.1, gap: int = 4, change: float = 6.0,
             ratio: float = 2.0) -> list[Transition]:
    """Find cuts by change, and by the network what change misses: gradual transitions, and cuts between like pictures.

    Frames with a probability above `low`, gaps of `gap` frames closed (the black of a fade), are a transition if it is
    above `high` once, and the frames before and after differ by `change`, unlike those around a flash: a cut if the
    network is sure of three frames at most, and one of them changes `ratio` times as much as those around.
    """
    found, sure = by_change(film), film.probabilities.max(1)
    cuts, sharpness = [cut.first for cut in found], _sharpness(film.looks, np.arange(1, len(film.looks)))
    for first, last in _runs(binary_closing(np.pad(sure > low, gap), np.ones(gap + 1))[gap:len(sure) + gap]):
        differs = _across(film.looks, np.array([first + 1]), np.array([last + 1]))[0][0] >= change
        known = any(first - 1 <= cut <= last + TOLERANCE for cut in cuts)
        if known or not differs or sure[first:last + 1].max() <= high:
            continue
        here = sharpness[first:last + 1]
        if (sure[first:last + 1] > 0.5).sum() in (1, 2, 3) and here.max() > ratio:
            found.append(Transition(first + int(here.argmax()) + 1, first + int(here.argmax()) + 1, False))
        else:
            found.append(Transition(first, last, True))
    return sorted(found)


class Method(NamedTuple):
    """Hold one way of finding transitions, and whether it asks the network."""

    find: Callable[[Film], list[Transition]]
    network: bool = False


METHODS = {"histogram": Method(by_histogram), "adaptive": Method(by_change), "transnet": Method(by_network, True),
           "combined": Method(combined, True)}


def shots_of(film: Film, duration: float, *, method: str | None = None) -> pd.DataFrame:
    """Return the shots of a film that was read, as `find_shots` does; duration: of the whole, seconds."""
    chosen = METHODS[method or ("adaptive" if film.probabilities is None else "combined")]
    found = chosen.find(film) if len(film.looks) > 1 else []
    rows: list[dict[str, Any]] = [{"start_frame": 0, "transition": None, "transition_frames": None}]
    for first, last, gradual in found:
        start = (first + last + 1) // 2
        if rows[-1]["start_frame"] < start < len(film.times):
            rows.append({"start_frame": start, "transition": "gradual" if gradual else "cut",
                         "transition_frames": (first, last) if gradual else None})
    bounds = [*(row["start_frame"] for row in rows), len(film.times)]
    seconds = np.append(film.times, max(duration, film.times[-1]))[bounds]
    return pd.DataFrame({
        "start_frame": bounds[:-1], "end_frame": bounds[1:], "start": seconds[:-1], "end": seconds[1:],
        **{name: pd.Series([row[name] for row in rows], dtype=object) for name in ("transition", "transition_frames")}})


def _sharpness(looks, frames):
    """Compare the change at each frame with the mean of two before and two after it."""
    change = differences(looks, frames - 1, frames)[0]
    around = (5 * uniform_filter1d(change, 5) - change) / 4
    return change / (around + 1.0)


def _peaks(frames: NDArray[np.int_], values: NDArray, threshold: float) -> list[int]:
    """Return the frames whose value is above a threshold and the highest within two frames."""
    highest = maximum_filter1d(values, 2 * TOLERANCE + 1, mode="constant")
    return [int(k) for k in frames[(values > threshold) & (values == highest)]]


def _runs(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (first, last) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(int), [0]])))
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2])]


def score_shots(pairs: Sequence[tuple[pd.DataFrame, pd.DataFrame]], *, kinds: bool = True) -> dict[str, float]:
    """Score found shots against the truth: transitions of all films together, each matched with at most one.

    pairs: (found, truth) of each film, DataFrames as `find_shots` and `theatre.programme_truth` give them.
    A cut counts within two frames; a gradual transition counts where the frames of both overlap. kinds: whether a found
    transition counts only as the kind that it is said to be.

    Returns `f1`, `precision`, `recall`, and the same of `cuts` and of `gradual` transitions (such as `f1_cuts`), whose
    precision leaves out what was matched with the other kind. NaN where nothing could be found.
    """
    counts: dict[str, NDArray] = {part: np.zeros(3) for part in ("", "_cuts", "_gradual")}  # right, found, true
    for found, truth in pairs:
        ours, true = _spans(found), _spans(truth)
        match = _matched(ours, true, kinds=False)
        counts[""] += len(match), len(ours), len(true)
        for part, gradual in (("_cuts", False), ("_gradual", True)):
            chosen = _matched(ours, true, kinds=True) if kinds else match
            right = sum(true[k].gradual == gradual for k in chosen.values())
            wrong = sum(span.gradual == gradual for k, span in enumerate(ours) if k not in chosen)
            counts[part] += right, right + wrong, sum(span.gradual == gradual for span in true)
    scores: dict[str, float] = {}
    for part, (right, n_found, n_true) in counts.items():
        scores |= {f"{name}{part}": float(top / below) if below else float("nan") for name, top, below in (
            ("f1", 2 * right, n_found + n_true), ("precision", right, n_found), ("recall", right, n_true))}
    return scores


def write_json(shots: pd.DataFrame, path: str | os.PathLike) -> Path:
    """Write shots as JSON, whole or not at all: a list of objects; "transition_frames" is with gradual ones only."""
    rows = [{name: value for name, value in row.items() if name != "transition_frames" or value is not None}
            for row in shots.to_dict("records")]
    return write_text(path, json.dumps(rows, indent=1) + "\n")


def _spans(shots: pd.DataFrame) -> list[Transition]:
    rows = zip(shots.start_frame.iloc[1:], shots.transition.iloc[1:], shots.transition_frames.iloc[1:])
    return [Transition(frames[0], frames[1], True) if kind == "gradual" else Transition(start, start, False)
            for start, kind, frames in rows]


def _matched(found: list[Transition], true: list[Transition], *, kinds: bool) -> dict[int, int]:
    """Return {index of a found transition: index of the true one}, as many as can be."""
    if not found or not true:
        return {}
    def close(a: Transition, b: Transition) -> bool:
        slack = 0 if b.gradual else TOLERANCE
        return a.first <= b.last + slack and b.first <= a.last + slack and (not kinds or a.gradual == b.gradual)

    near = np.array([[close(a, b) for b in true] for a in found])
    partner = maximum_bipartite_matching(csr_array(near), perm_type="column")
    return {k: int(other) for k, other in enumerate(partner) if other >= 0}

"""Explore faces: whose each is and the distance that decided, people who enrol, and an expression over time."""
import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..features import segments
from ..media import open_media
from ..plots import draw_boxes, fit_size, resized, spread
from ..pretrained import expression
from ..pretrained.face import align_face, faces_of_frames
from ..tasks._text import plural
from ..tasks.recognise import UNKNOWN, Gallery, same_warning
from .base import Explorer, Level, look, slider
from .charts import COLUMN, Sketch, color_of, percent, runs
from .frames import Source, checked, is_frames, name_of, opened

TALL, MOST = 200, 300  # pixels: the height of the pictures; how many steps of a film are looked at
LEFT, BAR, ROWS = 150, 20, 12  # pixels: room for names, the height of a bar; people that are drawn
LEGEND, AREAS = 170, 130  # pixels: room for the names of expressions, the height of the areas


@dataclass(frozen=True)
class Looks:
    """Hold what was seen: per step a picture, the face's box and cut, its numbers, and the expression; NaN of none."""

    pictures: list[NDArray[np.uint8]]  # shrunk
    names: list[str]  # a path, or the seconds of a film
    times: NDArray[np.float64]
    boxes: NDArray[np.float64]  # left, top, width, height in pixels of the pictures
    cuts: list[NDArray[np.uint8]]
    rows: list[NDArray[np.float64] | None]
    expressions: NDArray[np.float64]  # (T, 7), averaged over time


def look_at(steps: Iterator[tuple[str, float, NDArray[np.uint8]]], feature: Any, *, expressions: bool,
            smooth: int = 1) -> Looks:
    """Find, cut out and describe the main face of each step (name, seconds, picture); see `Looks`."""
    pictures, names, times, boxes, cuts, small, described = [], [], [], [], [], [], []
    for name, time, picture in steps:
        found = next(faces_of_frames([picture], least=feature.least), None)
        box, cut = np.full(4, np.nan), np.full((TALL, TALL, 3), 200, np.uint8)
        if found is not None:
            picture = found[0]
            corners = found[1].box * TALL / len(picture)
            box, cut = np.r_[corners[:2], corners[2:] - corners[:2]], align_face(*found, size=TALL)
            described.append(feature.describe(feature.cut(*found)[None]))
            small.append(align_face(*found, size=expression.SIDE, margin=expression.MARGIN))
        pictures.append(resized(picture, TALL / len(picture)))
        names.append(name)
        times.append(time)
        boxes.append(box)
        cuts.append(cut)
    shares = np.full((len(times), len(expression.EXPRESSIONS)), np.nan)
    known = [bool(np.isfinite(box[0])) for box in boxes]
    rows = iter(feature.encode(described).astype(float) if described else ())
    if small and expressions:
        shares[known] = expression.expression_probabilities(np.stack(small))
        shares = expression.smooth_over_time(shares, smooth)
    return Looks(pictures, names, np.array(times), np.array(boxes), cuts,
                 [next(rows) if one else None for one in known], shares)


def distance_chart(distances: Mapping[str, float], threshold: float) -> Sketch:
    """Draw a bar for each person, how far the nearest of their pictures is, and where *unknown* begins.

    Of more than twelve the nearest are drawn. The bar that decides is filled.
    """
    shown = sorted(sorted(distances, key=lambda name: distances[name])[:ROWS])
    sketch, bottom = Sketch(COLUMN, BAR * len(shown) + 34), 14 + BAR * len(shown)
    scale = (COLUMN - LEFT - 150) / max(2 * threshold, 1e-9)
    best = min(distances, key=lambda name: distances[name], default=None)
    for k, name in enumerate(shown):
        top, far = 14 + BAR * k, distances[name]
        decides, end = name == best, LEFT + scale * min(far, 2 * threshold)
        note = "" if not decides else " ← this person" if far <= threshold else " ← nearest, and too far"
        short = name if len(name) <= 19 else f"{name[:18]}…"
        sketch.words(LEFT - 8, top + BAR - 6, short, anchor="end", bold=decides)
        sketch.box(LEFT, top + 3, max(1.0, end - LEFT), BAR - 6, fill="mark" if decides else "rule", tip=name)
        sketch.words(max(end, LEFT + scale * threshold * (far <= threshold)) + 6, top + BAR - 6, f"{far:.2f}{note}",
                     bold=decides)
    x = LEFT + scale * threshold
    sketch.path([(x, 10), (x, bottom + 4)], line="ink", thick=1.5, dashed=True)
    sketch.words(x, bottom + 17, f"threshold {threshold:.2f}: unknown from here on", size=11, color="soft",
                 anchor="middle")
    sketch.words(LEFT, bottom + 17, "distance 0", size=11, color="soft")
    return sketch


def areas_chart(times: NDArray, shares: NDArray, names: Sequence[str], step: int) -> Sketch:
    """Draw shares (T, k) over time as stacked areas, with gaps where they are NaN, and a line at the step."""
    sketch, wide = Sketch(COLUMN, AREAS + 30), COLUMN - LEGEND - 44
    length = np.median(np.diff(times)) if len(times) > 1 else 1.0
    span = float(times[-1] - times[0] + length)

    def across(seconds: Any) -> Any:
        return 44 + wide * (np.asarray(seconds) - times[0]) / span

    tops = 6 + AREAS * (1 - np.cumsum(np.column_stack([np.zeros(len(times)), shares]), axis=1))
    for first, last in runs(np.isfinite(shares).all(axis=1)):
        x = across(np.r_[times[first:last], times[last - 1] + length])
        for k, name in enumerate(names):
            low, high = (np.r_[tops[first:last, n], tops[last - 1, n]] for n in (k, k + 1))
            sketch.polygon(np.column_stack([np.r_[x, x[::-1]], np.r_[low, high[::-1]]]), fill=color_of(k), tip=name)
    for share in (0, 0.5, 1):
        sketch.words(38, 10 + AREAS * (1 - share), percent(share), size=11, color="soft", anchor="end")
    for k, name in enumerate(reversed(names)):
        now, top = shares[step, len(names) - 1 - k], 8 + k * AREAS / len(names)
        sketch.box(44 + wide + 10, top, 12, 12, fill=color_of(len(names) - 1 - k), line="soft")
        told = "" if np.isnan(now) else f"  {percent(now)}"
        sketch.words(44 + wide + 28, top + 11, name + told, bold=bool(now == np.nanmax([*shares[step], -1])))
    if len(times) > 1:
        x = float(across(times[step] + length / 2))
        sketch.path([(x, 0), (x, AREAS + 10)], thick=2)
        for tick in np.linspace(0, len(times) - 1, 6).astype(int)[:-1]:
            sketch.words(across(times[tick]), AREAS + 24, f"{times[tick]:.1f}{'' if tick else ' s'}", size=11,
                         color="soft")
    return sketch


class FaceExplorer(Explorer):
    """Go through a film or pictures: whose face it is, the distance that decided, and the expression over time.

    Type a name and press "Enrol this face"; "Forget" takes that person out again. The film and the threshold move by
    mouse or arrow keys.

    source: path, Media or frames uint8 (T, H, W, 3) RGB of a film, or a table of pictures (`path`; of films, or pieces
    by `start` and `end`, the middle). gallery: a `tasks.Gallery` with people, of which a copy changes here; None makes
    an empty one, with the best feature that is installed. fps: steps per second of a file that are looked at; of a
    film, at most about 300. expressions: whether to ask for them. Raises ValueError or MediaError.

    Attributes:
    step, threshold, name : controls; read or set their `.value` (steps count from 0)
    enrol, forget_person : buttons
    gallery : the copy of the Gallery
    decision : what the gallery says of the face on show, a dict as of `Gallery.decide`

    >>> from vmm_lab.pretrained import FaceLooks
    >>> FaceExplorer(np.zeros((2, 48, 64, 3), np.uint8), Gallery(feature=FaceLooks()), expressions=False)
    FaceExplorer(frames, 0 of 2 with a face, 0 people enrolled: step 0)
    """

    _lasting = ("gallery",)

    def __init__(self, source: Source | pd.DataFrame, gallery: Gallery | None = None, *, fps: float = 5.0,
                 expressions: bool = True) -> None:
        self.gallery = Gallery() if gallery is None else copy.copy(gallery)  # its arrays are replaced, never written to
        self._is_film = not isinstance(source, pd.DataFrame)
        self._name = name_of(source) if self._is_film else f"{len(source)} {plural('picture', len(source))}"
        steps = film_steps(source, fps) if self._is_film else picture_steps(source)
        smooth = max(1, round(fps / 2)) if self._is_film else 1
        self._looks = look_at(steps, self.gallery.feature, expressions=expressions, smooth=smooth)
        if not self._looks.pictures:
            raise ValueError(f"{self._name}: there is no picture to look for a face in.")
        self.step = slider("Time" if self._is_film else "Picture", 0, 0, len(self._looks.pictures) - 1,
                           tip="Go through the film" if self._is_film else "Go through the pictures")
        own = self.gallery.threshold
        self.threshold = Level(own, min=0, max=max(2 * own, 0.01), step=0.01, readout_format=".2f",
                               description="Threshold", tooltip="Up to here it is one person", **look())
        self.name = ipywidgets.Text("", description="Name", placeholder="who is this?", **look())
        self.enrol = self.make_button("Enrol this face", self._enrol, "Enrol the face on show by this name",
                                      layout={"width": "auto"})
        self.forget_person = self.make_button("Forget", self._forget, "Take this person out of the gallery",
                                              layout={"width": "auto"})
        super().__init__([self.step, self.threshold], [self.name, self.enrol, self.forget_person])

    def draw(self) -> str:
        seen, k = self._looks, self.step.value
        self.gallery.threshold = self.threshold.value
        face = seen.rows[k]
        self.decision = self.gallery.decide(np.full(1, np.nan) if face is None else face)
        picture = seen.pictures[k]
        if face is not None:
            picture = draw_boxes(picture, seen.boxes[k:k + 1], colors=["#F0E442"])
        name = self.decision["name"]
        pair = np.concatenate([picture, np.full((TALL, 8, 3), 255, np.uint8), seen.cuts[k]], axis=1)
        parts: list[Any] = [(pair, self._where() + ", and its face cut out" * (face is not None))]
        if face is not None and len(self.gallery.names_):
            far = self.gallery.distances(face)
            told = ", ".join(f"{who} {distance:.2f}" for who, distance in far.items())
            parts.append(distance_chart(far, self.gallery.threshold).labelled(f"Distances: {told}. It is {name}."))
        if np.isfinite(seen.expressions).any():
            rows = slice(None) if self._is_film else slice(k, k + 1)  # pictures are no order of time
            chart = areas_chart(seen.times[rows], seen.expressions[rows], expression.EXPRESSIONS, k * self._is_film)
            when = " over time" * self._is_film
            parts.append(chart.labelled(f"What the face shows{when}: {self._shown() or 'not known here'}"))
        self.put(*parts)
        return f"{self._where()}: {self._facts(face)}"

    def _where(self) -> str:
        return self._source_name().replace("\\", "/").rsplit("/", 1)[-1]

    def _facts(self, face: NDArray | None) -> str:
        if face is None:
            return "no face is found."
        shown = f" The face shows: {self._shown()}." if self._shown() else ""
        if not len(self.gallery.names_):
            return f"nobody is enrolled; type a name and press “Enrol this face”.{shown}"
        of, limit = self.decision, self.gallery.threshold
        second = "" if of["next_name"] is None else f"; next is {of['next_name']}, {of['next_distance']:.2f}"
        if of["name"] == UNKNOWN:
            first = f"unknown; {of['nearest']} is nearest, {of['distance']:.2f}, above the threshold {limit:.2f}"
        elif of["nearest_path"] == self._source_name():
            first = f"{of['name']}, enrolled from this very picture"
        else:
            first = f"{of['name']}, at a distance of {of['distance']:.2f}, up to {limit:.2f} is one person"
        return f"{first}{second}.{shown}"

    def _shown(self) -> str:
        shares = self._looks.expressions[self.step.value]
        if np.isnan(shares).any():
            return ""
        return ", ".join(f"{expression.EXPRESSIONS[k]} {percent(shares[k])}" for k in np.argsort(-shares)[:2])

    def _source_name(self) -> str:
        return f"{self._name} at " * self._is_film + self._looks.names[self.step.value]

    def _enrol(self) -> None:
        name, face = self.name.value.strip(), self._looks.rows[self.step.value]
        if not name or name == UNKNOWN or face is None:
            reason = "there is no face here to enrol" if face is None else (
                f"type a name, other than “{UNKNOWN}”, to enrol this face by")
            self.say(f"{self._where()}: {reason}.", failed=True)
            return
        self.gallery.add(face[None], [name], [self._source_name()])
        alike = [pair for pair in self.gallery.same_under_two_names() if name in pair]
        self.refresh()
        if alike:
            self.say(f"{self.message} {same_warning(alike[0], self.gallery.threshold)}")

    def _forget(self) -> None:
        name = self.name.value.strip()
        if name in self.gallery.names_:
            self.gallery.forget(name)
            self.refresh()
        else:
            enrolled = ", ".join(dict.fromkeys(self.gallery.names_.tolist())) or "nobody"
            self.say(f"Nobody is enrolled as “{name}”; enrolled: {enrolled}.", failed=True)

    def describe(self) -> str:
        seen = sum(face is not None for face in self._looks.rows)
        people = len(set(self.gallery.names_.tolist()))
        return (f"{self._name}, {seen} of {len(self._looks.rows)} with a face, {people} "
                f"{'person' if people == 1 else 'people'} enrolled: step {self.step.value}")


def film_steps(source: Source, fps: float) -> Iterator[tuple[str, float, NDArray[np.uint8]]]:
    """Yield the steps of a film, `fps` a second and about MOST at most: (what to call it, seconds, picture)."""
    if is_frames(source):
        frames, times = checked(source)
        for k in spread(len(frames), MOST):
            yield f"{times[k]:.2f} s", float(times[k]), frames[k]
        return
    media = opened(source)
    if not media.has_video:
        raise ValueError(f"{name_of(source)} has no pictures to look for a face in.")
    for time, frame in media.stream(fps=min(fps, MOST / max(media.duration or 0.0, 1e-9))):
        yield f"{time:.2f} s", float(time), frame


def picture_steps(table: pd.DataFrame) -> Iterator[tuple[str, float, NDArray[np.uint8]]]:
    """Yield the frame in the middle of each row of a table: (path, its place, picture)."""
    for k, row in enumerate(segments(table)):
        with open_media(row.path) as media:
            size = fit_size(media.size, 1280)
            yield row.path, float(k), media.sample(1, size=size, start=row.start, end=row.end)[0][0]

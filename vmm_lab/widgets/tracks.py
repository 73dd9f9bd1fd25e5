"""Explore tracks: boxes with their identities over the film, and when each track is there."""
import numpy as np
import pandas as pd

from ..plots import draw_boxes, resized
from ..tasks._text import plural
from ..tasks.mot import checked
from .base import Explorer, slider
from .charts import COLUMN, Sketch, color_of, runs, ticks
from .frames import FRAMES_PER_SECOND, Source, is_frames, name_of, opened, read_video

LEFT, BAR, MOST = 46, 14, 24  # pixels: room for ids, the height of a row; rows that are drawn


def tracks_chart(tracks: pd.DataFrame, shown: pd.DataFrame, frame: int, count: int, chosen: int) -> Sketch:
    """Draw a row for each track: where it is there, pale where its rows are left out, and a line at the frame."""
    every = tracks.id.unique()
    ids, which = every[:MOST], f"the first {MOST} of " * (len(every) > MOST) + f"{len(every)} tracks"
    sketch = Sketch(COLUMN, BAR * len(ids) + 24, f"When each of {which} is there")
    scale = (COLUMN - LEFT - 8) / max(1, count)
    for k, number in enumerate(ids):
        top = 2 + k * BAR
        sketch.words(LEFT - 6, top + BAR - 4, number, size=11, color="ink" if number == chosen else "soft",
                     anchor="end", bold=bool(number == chosen))
        for rows, opacity in ((tracks, 0.25), (shown, 1.0)):
            for first, stop in runs(np.bincount(rows.frame[rows.id == number]) > 0):
                sketch.box(LEFT + scale * first, top + 2, scale * (stop - first), BAR - 4, fill=color_of(number),
                           opacity=opacity, tip=f"track {number}: frames {first} to {stop - 1}")
    x, bottom = LEFT + scale * (frame + 0.5), 2 + BAR * len(ids)
    sketch.path([(x, 0), (x, bottom + 2)], thick=1.5)
    for tick in ticks(0.95 * count, integer=True):
        sketch.words(LEFT + scale * tick, bottom + 16, f"{tick:g}" if tick else "frame 0", size=11, color="soft")
    if len(every) > MOST:
        sketch.height += 14
        sketch.words(COLUMN - 8, bottom + 32, which, size=11, color="soft", anchor="end")
    return sketch


class TrackExplorer(Explorer):
    """Look at tracks over a film: their boxes and ids, when each is there, and what a threshold leaves.

    Sliders, by mouse or arrow keys, go through the frames and from track to track (to its first frame), and leave out
    what has a low score or is short.

    source: path, Media, or frames uint8 (T, H, W, 3) RGB. tracks: DataFrame as `tasks.find_tracks` gives it, in the
    pixels of the source; frames count from its first, `attrs["fps"]` in a second, by default as many as the film has.
    truth: boxes of the same form, drawn in white. Raises ValueError or MediaError.

    Attributes:
    frame, track, least, shortest : the sliders; read or set their `.value` (least in percent)
    shown : the rows that are left, a DataFrame

    >>> tracks = pd.DataFrame({"frame": [0, 1, 2], "id": 1, "x": [4, 5, 6], "y": 8, "w": 10, "h": 20, "score": 0.9})
    >>> explorer = TrackExplorer(np.zeros((50, 48, 64, 3), np.uint8), tracks)
    >>> explorer.frame.value = 2
    >>> explorer
    TrackExplorer(frames, 1 track: frame 2)
    """

    def __init__(self, source: Source, tracks: pd.DataFrame, *, truth: pd.DataFrame | None = None) -> None:
        self._name = name_of(source)
        self._tracks = checked(tracks, "tracks")
        self._truth = None if truth is None else checked(truth, "truth")
        media = None if is_frames(source) else opened(source)
        fps = tracks.attrs.get("fps") or getattr(media, "fps", None) or FRAMES_PER_SECOND
        self._video = read_video(media or source, None if media else np.arange(len(source)) / fps, longest_side=480)
        self._wide = media.size[1] if media else np.shape(source)[2]  # of what the boxes are in
        self._numbers = np.round((self._video.times - self._video.times[0]) * fps).astype(int)
        self._ids = self._tracks.id.unique()
        self.frame = slider("Frame", 0, 0, int(self._numbers[-1]), tip="Go through the film")
        self.track = slider("Track", 0, 0, int(self._ids.max(initial=0)), tip="Choose a track; 0 is none")
        self.least = slider("Least score (%)", 0, 0, 100, tip="Leave out what is less sure")
        self.shortest = slider("Least frames", 1, 1, 100, tip="Leave out tracks that are shorter")
        super().__init__([self.frame, self.track], [self.least, self.shortest])
        self.follow(self.track, by=self._go)

    def _go(self, change) -> None:
        rows = self._tracks[self._tracks.id == self.track.value]
        first = int(rows.frame.min()) if len(rows) else self.frame.value
        if first != self.frame.value and first <= self.frame.max:
            self.frame.value = first  # draws
        else:
            self.refresh()

    def draw(self) -> str:
        sure = self._tracks[self._tracks.score >= self.least.value / 100]
        self.shown = sure[sure.groupby("id").frame.transform("size") >= self.shortest.value]
        number = self.frame.value
        nearest = np.abs(self._numbers - number).argmin()
        here, image = self.shown[self.shown.frame == number], self._video.frames[nearest]
        image = resized(image, max(1.0, 480 / image.shape[1]))
        ratio = image.shape[1] / self._wide
        if self._truth is not None:
            true = self._truth[self._truth.frame == number]
            image = draw_boxes(image, true[["x", "y", "w", "h"]].to_numpy() * ratio)
        names, thick = [str(k) for k in here.id], [4 if k == self.track.value else 2 for k in here.id]
        image = draw_boxes(image, here[["x", "y", "w", "h"]].to_numpy() * ratio, names=names,
                           colors=[color_of(k) for k in here.id], thick=thick)
        ids = ", ".join(names)
        self.put((image, f"Frame {number} with boxes of tracks {ids or 'none'}"),
                 tracks_chart(self._tracks, self.shown, number, int(self._numbers[-1]) + 1, self.track.value))
        sentence = f"Frame {number}, {self._video.times[nearest]:.2f} s: "
        sentence += f"{plural('track', len(here))} {ids}" if ids else "no track"
        for box in here[here.id == self.track.value].itertuples():
            sentence += f"; track {box.id} at x {box.x:.0f}, y {box.y:.0f}, score {box.score:.2f}"
        return f"{sentence}. {self.shown.id.nunique()} of {len(self._ids)} tracks are left."

    def describe(self) -> str:
        return f"{self._name}, {len(self._ids)} {plural('track', len(self._ids))}: frame {self.frame.value}"

"""Explore a film along its time: shots, tags, sound and importance above one another, and a click plays from there."""
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..media.options import brief
from ..modalities import color_of
from ..plots import fit_size, resized
from .base import COLUMN, Explorer, slider
from .charts import Sketch, outline, seconds_axis
from .frames import Source, name_of, numbers
from .player import FramePlayer, Preview
from .sound import Head

LEFT, RIGHT = 118, 6  # pixels: room for the names of the rows, and for the last number of the seconds
WIDE = COLUMN - LEFT - RIGHT
MOST_TAGS = 8  # rows; the ones that are surest at some moment
SHOTS, TAG, CURVE = 66, 18, 40  # pixels: the height of a row


def check_shots(shots: pd.DataFrame | None, importance: ArrayLike | None, begin: float, finish: float) -> pd.DataFrame:
    """Return shots as a table with float `start`, `end` (seconds), in their order, and, if given, `importance`.

    None is one shot, the whole film. Raises ValueError without these columns, for shots that run backwards or lie
    outside the film, and for an importance that is not a number of at least 0 for each.
    """
    table = pd.DataFrame({"start": [begin], "end": [finish]}) if shots is None else shots
    if not isinstance(table, pd.DataFrame) or not {"start", "end"} <= set(table.columns):
        raise ValueError(f"Shots must be a table with columns start and end, in seconds, got {brief(shots)}.")
    table = table.astype({"start": float, "end": float}).drop(columns="importance", errors="ignore")
    if importance is not None:
        wanted = f"Importance must be a number of at least 0 for each of the {len(table)} shots"
        values = numbers(importance, wanted).astype(float)
        if values.shape != (len(table),) or not ((values >= 0) & (values < np.inf)).all():
            raise ValueError(f"{wanted}, got {brief(importance)}.")
        table["importance"] = values
    table = table.sort_values("start").reset_index(drop=True)
    bounds = table[["start", "end"]].to_numpy()
    inside = len(table) and bounds.min() >= begin - 0.5 and bounds.max() <= finish + 0.5
    if not inside or not np.isfinite(bounds).all() or (np.diff(bounds) < 0).any():
        raise ValueError(f"Each shot must begin before it ends, from {begin:.2f} to {finish:.2f} s, where the film is.")
    return table


def check_tags(tags: pd.DataFrame | None) -> pd.DataFrame:
    """Return the surest tags of a table of probabilities, times × tags; ValueError for other numbers or times."""
    table = pd.DataFrame(index=pd.Index([], dtype=float)) if tags is None else tags
    try:
        values, times = table.to_numpy(float), table.index.to_numpy(float)
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"Tags must be a table of probabilities, seconds × tags, got {brief(tags)}.") from None
    if not ((values >= 0) & (values <= 1)).all() or not (np.diff(times) > 0).all():
        raise ValueError("Tags must be probabilities from 0 to 1, at seconds that only grow.")
    surest = np.argsort(-values.max(axis=0, initial=0), kind="stable")[:MOST_TAGS]
    return table.iloc[:, np.sort(surest)]


def timeline_chart(preview: Preview, shots: pd.DataFrame, tags: pd.DataFrame) -> Sketch:
    """Draw shots with a picture each, the tags' probabilities, the importance of each shot and the loudness.

    All rows share one axis of seconds. shots, tags: as `check_shots` and `check_tags` return them.
    """
    span, top = max(preview.finish - preview.begin, 1e-9), 0.0
    sketch = Sketch(COLUMN, 0)

    def along(seconds: Any) -> Any:
        return LEFT + WIDE * (np.clip(seconds, preview.begin, preview.finish) - preview.begin) / span

    def named(name: str, tall: float, at: float = 0.5) -> None:
        short = name if len(name) <= 17 else f"{name[:16]}…"
        sketch.words(LEFT - 8, top + at * tall + 4, short, size=11, color="soft", anchor="end")

    named("shots", SHOTS)
    for k, shot in enumerate(shots.itertuples()):
        x, end = along(shot.start), along(shot.end)
        tip = f"shot {k + 1}: {shot.start:.2f} to {shot.end:.2f} s"
        sketch.box(x, top, end - x, SHOTS, fill=("panel", "paper")[k % 2], line="rule", tip=tip)
        _draw_picture(sketch, preview, shot, x + 1, top + 1, end - x - 2)
        if end - x >= 14:
            sketch.words(x + 3, top + SHOTS - 4, k + 1, size=10, color="soft")
    top += SHOTS + 6
    edges = along(np.append(tags.index.to_numpy(float), preview.finish))
    for tag, values in tags.items():
        named(str(tag), TAG)
        for value, x, end in zip(values, edges, edges[1:]):
            sketch.box(x, top + 2, end - x, TAG - 4, fill=color_of("fusion"), opacity=round(float(value), 3),
                       tip=f"{tag}: {value:.2f}")
        sketch.path([(LEFT, top + TAG), (LEFT + WIDE, top + TAG)], line="rule", thick=0.5)
        top += TAG
    if "importance" in shots:
        top += 6
        named("importance", CURVE)
        tallest = max(float(shots["importance"].max()), 1e-9)
        for shot in shots.itertuples():
            tall, x, end = CURVE * shot.importance / tallest, along(shot.start), along(shot.end)
            sketch.box(x, top + CURVE - tall, max(1.0, end - x - 1), tall, fill="mark",
                       tip=f"importance {shot.importance:.2f}")
        top += CURVE
    if preview.loudness:
        top += 6
        named("loudness", 28)
        outline(sketch, preview.loudness, left=LEFT, wide=WIDE, middle=top + 14, half=13, fill=color_of("sound"))
        top += 28
    seconds_axis(sketch, preview.begin, span, left=LEFT, wide=WIDE, top=top)
    sketch.height = top + 24
    return sketch


def _draw_picture(sketch: Sketch, preview: Preview, shot: Any, x: float, top: float, room: float) -> None:
    """Draw the frame in the middle of a shot, where its part of the axis has room for it."""
    if not preview.times or room < 18:
        return
    middle = (shot.start + shot.end) / 2
    image = preview.frame(int(np.abs(np.asarray(preview.times) - middle).argmin()))
    height, width = fit_size(image.shape[:2], 84)
    height, width = (height, width) if height <= 48 else (48, max(1, width * 48 // height))
    shown = min(width, int(room))  # a short shot shows the middle of its frame
    small = resized(image, (height, width))[:, (width - shown) // 2 : (width + shown) // 2]
    sketch.picture(x, top, small.shape[1], small.shape[0], small)


class TimelineExplorer(Explorer):
    """Play a film and see its shots, tags, importance and sound along its time; a click plays from there.

    A click or a drag over the drawing moves the play head, in the browser alone. The slider goes from shot to shot, by
    mouse or arrow keys, and the button plays the chosen one.

    source: path, Media, or frames uint8 (T, H, W, 3) RGB, at most 300 s. shots: table with `start` and `end` in
    seconds, and if present `transition`, as `tasks.find_shots` gives it. tags: probabilities in [0, 1], a table of
    seconds (its index, where each window begins) × tags; the eight surest are drawn. importance: one number of at
    least 0 for each row of shots. start, end: seconds, the part [start, end) of a file. Raises ValueError or
    MediaError.

    Attributes:
    player : a FramePlayer
    shot : the slider; `.value` is the number of the chosen shot, from 1
    play : the button

    >>> shots = pd.DataFrame({"start": [0.0, 1.0], "end": [1.0, 2.0]})
    >>> explorer = TimelineExplorer(np.zeros((50, 48, 64, 3), np.uint8), shots)
    >>> explorer.shot.value = 2
    >>> explorer.player.time, explorer
    (1.0, TimelineExplorer(frames, 2 shots: shot 2))
    """

    def __init__(
        self, source: Source, shots: pd.DataFrame | None = None, *, tags: pd.DataFrame | None = None,
        importance: ArrayLike | None = None, start: float | None = None, end: float | None = None,
    ) -> None:
        self.player = FramePlayer(source, start=start, end=end, name=name_of(source))
        begin, finish = self.player.begin, self.player.finish
        try:
            self._shots, self._tags = check_shots(shots, importance, begin, finish), check_tags(tags)
        except ValueError:
            self.player.close()
            raise
        self.shot = slider("Shot", 1, 1, len(self._shots), tip="Go to a shot")
        self.play = self.make_button("Play this shot", self._play, "Play from the beginning of the chosen shot")
        self._chart = timeline_chart(self.player._preview, self._shots, self._tags)
        self._chart.labelled(f"Timeline of {self.player.name}: {self._facts()}")
        head = Head(left=LEFT / COLUMN, right=(LEFT + WIDE) / COLUMN)
        super().__init__(self.player, [self.shot, self.play], head)
        self.player.observe(self._moved, "time")

    def draw(self) -> str:
        k = self.shot.value - 1
        self.put(self._chart)
        if self._shot_at(self.player.time) != k:
            self.player.time = float(self._shots["start"][k])
        shot = self._shots.iloc[k]
        facts = [f"Shot {k + 1} of {len(self._shots)}, {shot['start']:.2f} to {shot['end']:.2f} s"]
        if isinstance(shot.get("transition"), str):
            facts.append(f"it begins with a {'cut' if shot['transition'] == 'cut' else 'gradual transition'}")
        if "importance" in shot:
            facts.append(f"importance {shot['importance']:.2f}")
        inside = self._tags[(self._tags.index >= shot["start"]) & (self._tags.index < shot["end"])]
        likely = inside.mean()[lambda mean: mean >= 0.5].sort_values(ascending=False) if len(inside) else {}
        facts += [", ".join(f"{tag} {mean:.2f}" for tag, mean in likely.items())] * bool(len(likely))
        return "; ".join(facts) + "."

    def describe(self) -> str:
        return f"{self.player.name}, {self._facts()}: shot {self.shot.value}"

    def _facts(self) -> str:
        facts = [f"{len(self._shots)} shot{'s' * (len(self._shots) > 1)}"]
        return ", ".join(facts + [f"{len(self._tags.columns)} tags"] * bool(len(self._tags.columns)))

    def _shot_at(self, seconds: float) -> int:
        """Return the number of the shot at a time; the last one that has begun, where shots leave a gap."""
        return max(0, int(np.searchsorted(self._shots["start"], seconds + 1e-6, side="right")) - 1)

    def _moved(self, change: Any) -> None:
        # While the film plays, the slider goes along; it moves the play head only where the reader moved it.
        self.shot.value = self._shot_at(change["new"]) + 1

    def _play(self) -> None:
        """Play from the beginning of the chosen shot."""
        with self.player.hold_sync():
            self.player.time = float(self._shots["start"][self.shot.value - 1])
            self.player.playing = True

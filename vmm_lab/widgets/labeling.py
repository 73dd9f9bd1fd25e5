"""Label videos by keyboard: those that teach most come first, each label is saved at once, and the curve moves."""
import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..files import atomic_path
from ..media import MediaError
from ..media.options import check_choice
from ..plots import PALETTE
from ..tasks.label_saving import STRATEGIES, Prototypes, choose_next
from .base import COLUMN, Explorer
from .charts import Sketch, levels, strip
from .embedding import Map, tile_centres
from .frames import ReadAhead, numbers, sample_video

ACROSS, TILE, TALL = 3, 150, 30  # tiles of classes in a row; their size, pixels
TILES: dict[str, Any] = {"across": ACROSS, "wide": TILE, "tall": TALL, "gap": 6, "edge": 2}
LEFT, WIDE, HIGH = 500, 300, 96  # of the curve, pixels
KEYS = "1234567890abcdefghijklmnop"  # of the classes, in their order; none is that of an action
ACTIONS = {"Enter": "label", " ": "label", "u": "undo", "s": "skip"}
COLUMNS = ["path", "start", "end", "label"]


def read_labels(file: Path, table: pd.DataFrame, classes: Sequence[str]) -> list[tuple[int, str]]:
    """Read the labels given before, (row of the table, label) in their order; none where there is no file yet.

    Raises ValueError where the file is not one of labels of this table and these classes.
    """
    if not file.exists():
        return []
    try:
        found = pd.read_csv(file, dtype=dict(zip(COLUMNS, (str, float, float, str))), keep_default_na=False,
                            na_values=dict.fromkeys(COLUMNS[1:3], ""))  # a class may be called None
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} cannot be read as labels ({type(error).__name__}); choose another file.") from None
    if list(found.columns) != COLUMNS:
        raise ValueError(f"{file} has the columns {list(found.columns)!s:.99} and is not a file of labels "
                         f"({', '.join(COLUMNS)}); choose another file.")
    places = {key: k for k, key in enumerate(_keys(table))}
    given = []
    for number, (key, label) in enumerate(zip(_keys(found), found["label"]), 2):
        if key not in places:
            raise ValueError(f"{file}, line {number}: {key[0]!r:.99} is not in this table; the "
                             "file belongs to another one, so choose another file.")
        if label not in classes:
            raise ValueError(f"{file}, line {number}: the label {str(label)[:99]!r} is none of {', '.join(classes)}; "
                             "add it to the classes, or choose another file.")
        given.append((places[key], str(label)))
    return given


def _keys(table: pd.DataFrame) -> list[tuple[str, float, float]]:
    """Return what tells the rows of a table apart: path, start and end, -1 for none."""
    times = [table[name].astype(float).fillna(-1.0) if name in table else [-1.0] * len(table) for name in COLUMNS[1:3]]
    return list(zip(table["path"].astype(str), *times))


def desk_chart(classes: Sequence[str], counts: Sequence[int], guess: str | None, curve: Sequence[tuple[int, float]],
               what: str, chosen: str = "") -> Sketch:
    """Draw a tile for each class, with its key and count, the chosen one underlined, and the curve over labels."""
    sketch = Sketch(COLUMN, max(-(-len(classes) // ACROSS) * (TALL + 6) + 4, HIGH + 44))
    for (x, y), name, key, count in zip(tile_centres(len(classes), **TILES), classes, KEYS, counts):
        sketch.box(x - TILE / 2, y - TALL / 2, TILE, TALL, fill="panel", line="mark" if name == guess else "rule",
                   thick=2 if name == guess else 1, tip=name)
        sketch.words(x - TILE / 2 + 8, y + 5, f"{key}  {name[:13] + '…' * (len(name) > 13)}", bold=name == guess)
        if name == chosen:
            sketch.path([(x - TILE / 2 + 4, y + 12), (x + TILE / 2 - 4, y + 12)], line="ink", thick=3)
        sketch.words(x + TILE / 2 - 8, y + 5, count, color="soft", anchor="end")
    sketch.words(LEFT, 13, what, size=11, color="soft")
    levels(sketch, {20 + HIGH * (1 - share): f"{share:g}" for share in (0, 0.5, 1)}, left=LEFT, wide=WIDE)
    last = max([10, *(n for n, _ in curve)])
    for n in (0, last):
        sketch.words(LEFT + WIDE * n / last, HIGH + 36, n, size=11, color="soft", anchor="middle")
    points = [(LEFT + WIDE * n / last, 20 + HIGH * (1 - value)) for n, value in curve]
    chance = 20 + HIGH * (1 - 1 / len(classes))
    sketch.path([(LEFT, chance), (LEFT + WIDE, chance)], line="soft", dashed=True)
    sketch.words(LEFT + WIDE - 4, chance - 4, "chance", size=11, color="soft", anchor="end")
    if points:
        sketch.path([*points, points[-1]], line=PALETTE[0], thick=2)
        sketch.box(points[-1][0] - 2.5, points[-1][1] - 2.5, 5, 5, fill=PALETTE[0])
    return sketch


class LabelingDesk(Explorer):
    """Label the videos of a table by keyboard, those that teach a classifier most first, and see its accuracy move.

    The key on a tile gives that label to the video on show; the tile framed in blue is what the classifier guesses.
    Arrow keys choose a tile and Space gives its label; U takes the last label back, S puts a video off. Each label is
    in the file at once, so work can stop at any time, and goes on where it was left.

    table: rows with `path`, and `start`, `end` where they are pieces; its labels are not looked at. X: float (rows, d),
    a feature of the rows, as `extract` gives it. classes: 2 to 26 names. file: the CSV of the labels. test: (X, y) of
    videos with known labels, whose accuracy is the curve; without, the curve is how often the guess before a label was
    right (Blum et al., "Beating the hold-out", COLT 1999). strategy: as of `tasks.choose_next`; margins
    taught prototypes most where measured. classifier: fast, with `predict_proba`. Raises ValueError for another's file.

    Attributes:
    labels : DataFrame of `path`, `start`, `end`, `label`, in the order in which they were given
    row : Series, the table's row on show
    curve : list of (number of labels, accuracy)
    map, label, undo, skip : the tiles, and buttons that do what the keys do
    """

    def __init__(self, table: pd.DataFrame, X: ArrayLike, classes: Sequence[str], *, file: str | os.PathLike,
                 test: tuple[ArrayLike, ArrayLike] | None = None, strategy: str = "margin",
                 classifier: Any = None) -> None:
        check_choice("LabelingDesk", STRATEGIES, strategy=strategy)
        wanted = f"X must be finite numbers, one row for each of the {len(table)} videos"
        self._table, self._X, self._file = table.reset_index(drop=True), numbers(X, wanted).astype(float), Path(file)
        self._classes = [str(name) for name in classes]
        if self._X.ndim != 2 or len(self._X) != len(table) or not len(table) or not np.isfinite(self._X).all():
            raise ValueError(f"{wanted}, got {self._X.shape}; make it with vl.extract.")
        self._test = None if test is None else (np.asarray(test[0], float), np.asarray(test[1], str))
        if self._test and self._test[0].shape != (len(self._test[1]), self._X.shape[1]):
            raise ValueError(f"test must be (X, y), {self._X.shape[1]} features and a label of each video, got "
                             f"{self._test[0].shape} and {len(self._test[1])} labels.")
        if not 2 <= len(set(self._classes)) == len(self._classes) <= len(KEYS):
            raise ValueError(f"classes must be 2 to {len(KEYS)} different names, got {len(self._classes)}.")
        self._given = read_labels(self._file, self._table, self._classes)
        self._strategy, self._classifier = strategy, Prototypes() if classifier is None else classifier
        n = min(len(self._X), 4 * len(self._classes))
        self._first = choose_next(self._X, [], n, strategy="typical").tolist()  # until two classes have a label
        self._skipped: list[int] = []
        self._fitted = False
        self._guess: str | None = None
        self._now: int | None = None
        self.curve: list[tuple[int, float]] = []
        self._videos = ReadAhead(self._table, functools.partial(sample_video, n=8, longest_side=160), most=64)
        x, y = tile_centres(len(self._classes), **TILES).T.tolist()
        self._letters = dict(zip(KEYS, self._classes))
        self.map = Map(x=x, y=y, ring=0.0, reach=TILE / 2, commands=[*self._letters, *ACTIONS],
                       about="Labels. A digit or letter gives a label, arrow keys choose one and Space gives it, "
                             "U takes the last one back, S puts a video off.")
        self.map.layout.width = f"{COLUMN}px"
        self.map.on_key(lambda key: self.attempt(lambda: self._do(ACTIONS.get(key), self._letters.get(key))))
        self.label = self.make_button("Give the chosen label", lambda: self._do("label"), layout={"width": "auto"})
        self.undo = self.make_button("Undo (U)", lambda: self._do("undo"), layout={"width": "auto"})
        self.skip = self.make_button("Put off (S)", lambda: self._do("skip"), layout={"width": "auto"})
        done, self._given = self._given, []
        for label in done:  # the curve of the labels that were given before
            self._given.append(label)
            self._learn()
        self._next()
        super().__init__(self.map, [self.label, self.undo, self.skip])

    @property
    def row(self) -> pd.Series | None:
        """The table's row on show; None once every video has a label."""
        return None if self._now is None else self._table.iloc[self._now]

    @property
    def labels(self) -> pd.DataFrame:
        """The labels in the order in which they were given, as they stand in the file."""
        rows = self._table.iloc[[place for place, _ in self._given]].reindex(columns=COLUMNS)
        return rows.assign(label=[name for _, name in self._given]).reset_index(drop=True)

    def draw(self) -> str:
        counts = [sum(name == given for _, given in self._given) for name in self._classes]
        what = "accuracy on the test videos" if self._test else "guesses right before their label"
        chosen = self._classes[self.map.value]
        chart = desk_chart(self._classes, counts, self._guess, self.curve, f"{what}, over labels given", chosen)
        self.map.show(chart.labelled(self.describe()), [f"{a}, {b} labelled" for a, b in zip(self._classes, counts)])
        facts = f"{len(self._given)} of {len(self._table)} labelled, in {self._file.name}"
        facts += f"; {'accuracy' if self._test else 'guesses right'} {self.curve[-1][1]:.2f}" if self.curve else ""
        if self._now is None:
            self.put()
            return f"Every video has a label: {facts}."
        try:
            video = self._videos[self._now]
        except (MediaError, OSError) as error:
            self.put()
            return f"{facts}. {error} Put it off with S."
        image, seconds = strip(video.frames, video.times)
        self.put((image, "The video to label, in the order of time"), seconds)
        self._videos.expect(self._soon)
        guess = "" if self._guess is None else f", a guess: {self._guess}"
        return f"{facts}. Now {Path(self._table['path'][self._now]).name}{guess}."

    def describe(self) -> str:
        return f"{len(self._given)} of {len(self._table)} videos labelled, {len(self._classes)} classes"

    def _do(self, action: str | None, name: str | None = None) -> None:
        """Give a label (by default that of the chosen tile), take the last one back, or put the video off."""
        name = self._classes[self.map.value] if action == "label" else name
        given, shown = list(self._given), self._now
        if name is not None and self._now is not None:
            self._given.append((self._now, name))
        elif action == "undo" and self._given:
            self._now = self._given.pop()[0]
        elif action == "skip" and self._now is not None:
            self._skipped = [place for place in self._skipped if place != self._now] + [self._now]
        else:
            return
        if self._given != given:
            try:
                with atomic_path(self._file) as part:
                    self.labels.to_csv(part, index=False)
            except OSError as error:
                self._given, self._now = given, shown
                return self.say(f"{self._file} cannot be written ({error.strerror}), so the labels stay as they were.",
                                failed=True)
        if action == "undo":
            self.curve = [point for point in self.curve if point[0] <= len(self._given)]
            self._fit()
            self._ask(self._now)
        else:
            if name is not None:
                self._learn()
            self._next()
        self.refresh()

    def _fit(self) -> bool:
        """Fit the classifier on the labels; False until two classes have one."""
        places, names = [place for place, _ in self._given], [name for _, name in self._given]
        self._fitted = len(set(names)) > 1
        if self._fitted:
            self._classifier.fit(self._X[places], np.array(names))
        return self._fitted

    def _learn(self) -> None:
        """Learn the newest label, and add a point to the curve."""
        if self._test is None:
            if self._guess is not None:
                right = self.curve[-1][1] * len(self.curve) if self.curve else 0.0
                right += float(self._guess == self._given[-1][1])
                self.curve.append((len(self._given), right / (len(self.curve) + 1)))
            self._fit()
        elif self._fit():
            predicted = self._classifier.predict(self._test[0])
            self.curve.append((len(self._given), float(np.mean(predicted == self._test[1]))))

    def _next(self) -> None:
        """Choose the video that teaches most, and those that are likely to come after it."""
        labelled = [place for place, _ in self._given]
        taken = [*labelled, *self._skipped]
        left = len(self._X) - len(set(taken))
        if not left:  # what was put off comes again
            self._skipped = [place for place in self._skipped if place not in labelled]
            return self._ask(*self._skipped)
        first = [place for place in self._first if place not in taken]
        if not self._fitted and first:
            return self._ask(*first)
        shares = self._classifier.predict_proba(self._X) if self._fitted else None
        way = self._strategy if self._fitted else "k-center"
        more = choose_next(self._X, taken, min(6, left), strategy=way, probabilities=shares)
        self._ask(*more.tolist(), shares=shares)

    def _ask(self, *places: int | None, shares: Any = None) -> None:
        """Show a video, guess its label, and keep the next ones in mind; shares: the probabilities of all, if known."""
        self._now, self._soon, self._guess = (places or (None,))[0], places[1:6], None
        if self._fitted and self._now is not None:  # one row alone costs as much as all of them
            shares = self._classifier.predict_proba(self._X) if shares is None else shares
            self._guess = str(self._classifier.classes_[np.argmax(shares[self._now])])

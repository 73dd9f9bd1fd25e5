"""Search media by a sentence, or by what a frame looks like; the results are filmstrips, and the chosen one plays."""
import functools
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..media import MediaError
from ..plots import frames_image
from ..tasks._text import plural
from .base import Explorer, look, slider
from .charts import COLUMN, Sketch
from .frames import ReadAhead, sample_video, title
from .player import BLANK, FramePlayer, sample_preview

if TYPE_CHECKING:
    from ..tasks import Index

FRAMES, HEIGHT = 6, 64  # of a filmstrip: frames, and pixels


class SearchExplorer(Explorer):
    """Search an index: type a sentence and press Enter, or find what looks like the frame on screen.

    index: what `tasks.build_index` or `tasks.load_index` gives. query: a sentence, or the path of a picture or a video,
    to begin with. top: how many results, 1 to 10. Raises ValueError for an index without rows.

    Attributes:
    query, result : controls; read or set their `.value` (results count from 1)
    player : a FramePlayer with the chosen result; `like`, a button, searches for what looks like its frame
    hits : DataFrame, the rows that were found, with their `score`

    >>> from vmm_lab.tasks import Index, Retriever
    >>> table = pd.DataFrame({"path": ["a.mp4"], "start": [0.0], "end": [2.0]})
    >>> vectors = np.eye(1, 384, dtype=np.float32)
    >>> SearchExplorer(Index(table, vectors, vectors, Retriever(learner=None), {}))
    SearchExplorer(1 item to search: nothing asked yet)
    """

    def __init__(self, index: "Index", query: str = "", *, top: int = 5) -> None:
        if not len(index):
            raise ValueError("The index holds nothing to search; make one with tasks.build_index.")
        self._index, self._asked, self._chosen, self._size = index, "", 1, f"{len(index)} {plural('item', len(index))}"
        self._videos: Any = None  # a ReadAhead of what was found
        self._previews: Any = None
        self.hits: pd.DataFrame = index.table.iloc[:0].assign(score=[])
        self.query = ipywidgets.Text(str(query), description="Search for", continuous_update=False,
                                     **look(width=f"{COLUMN - 20}px"),
                                     placeholder="a sentence in English, or the path of a picture or a video")
        self.top = slider("Results", top, 1, 10)
        self.result = slider("Play result", 1, 1, 1)
        tip = "Search for what looks like the frame that the player shows"
        self.like = self.make_button("Find what looks like this frame", self._find_alike, tip, disabled=True,
                                     layout={"width": "auto"})
        self.player = FramePlayer(BLANK, loop=True)
        self.player.layout.width = "390px"
        super().__init__([self.query], [self.top, self.result], [self.like], below=[self.player])
        self.follow(self.query)
        self.follow(self.result, by=lambda change: self.attempt(self._choose))

    def draw(self) -> str:
        """Search for what is typed, show the filmstrips, and load the first."""
        query = self.query.value
        self._asked = ""
        if not query.strip():
            self._show(self.hits.iloc[:0])
            return f"{self._size} to search. Type what to look for, and press Enter."
        try:
            found = self._index.search(query, top=self.top.value)
        except Exception:
            self._show(self.hits.iloc[:0])  # those of the search before are not what was asked for
            raise
        self._asked = os.path.basename(query) if os.path.isfile(query) else f"“{query}”"
        return self._show(found)

    def _show(self, hits: pd.DataFrame) -> str:
        """Put the filmstrips of what was found, and load the first into the player."""
        for videos in filter(None, (self._videos, self._previews)):
            videos.forget()
        self.hits = hits
        self._videos = ReadAhead(hits, functools.partial(sample_video, n=FRAMES, longest_side=160))
        self._previews = ReadAhead(hits, functools.partial(sample_preview, n=24, longest_side=240))
        self._chosen = 1  # another search is no choice, and nothing plays
        self.result.value = 1
        self.result.max = max(1, len(hits))
        parts: list[Any] = []
        for k in range(len(hits)):
            line = Sketch(COLUMN, 18, self._named(k))
            line.words(0, 14, f"{k + 1}  {self._named(k)}", size=12)
            parts += [line, *self._strip(k)]
        self.put(*parts)
        trouble = self._load(play=False)
        if not len(hits):
            return f"No results for {self._asked}."
        count = f"{len(hits)} {plural('result', len(hits))}"
        return f"{count} for {self._asked}, the best first: {self._named(0)}.{trouble}"

    def _strip(self, k: int) -> list[tuple[NDArray[np.uint8], str]]:
        """Return the filmstrip of result k and what it shows; nothing where its file is gone."""
        try:
            frames = self._videos[k].frames
        except (MediaError, OSError):
            return []
        width = HEIGHT * frames.shape[2] / frames.shape[1]
        most = max(1, int((COLUMN + 2) // (width + 2)))
        return [(frames_image(frames, n=most, height=HEIGHT, gap=2), f"Result {k + 1}, in the order of time")]

    def _load(self, *, play: bool) -> str:
        """Load the chosen result into the player, and return the end of a sentence where its file cannot be read."""
        k = self.result.value - 1
        self.like.disabled = True
        if not len(self.hits):
            self.player.load(BLANK)
            return ""
        name = title(self.hits.iloc[k])
        try:
            preview = self._previews[k]
        except (MediaError, OSError) as error:
            self.player.load(BLANK, name=name)
            return f" {error}"
        self.player.load(replace(preview, name=name), play=play and len(preview.times) > 1)
        self.like.disabled = False
        self._previews.expect(range(k + 1, min(k + 3, len(self.hits))))
        return ""

    def _choose(self) -> None:
        """Play another result."""
        if self.result.value != self._chosen:
            self._chosen = self.result.value
            trouble, place = self._load(play=True), f"Result {self._chosen} of {len(self.hits)}"
            self.say(f"{place} for {self._asked}: {self._named(self._chosen - 1)}.{trouble}", failed=bool(trouble))

    def _find_alike(self) -> None:
        """Search for what looks like the frame on screen."""
        hit, time = self.hits.iloc[self.result.value - 1], self.player.times[self.player.frame]
        is_film = self.player.finish - self.player.begin > 0.1
        moment: dict[str, Any] = {"start": time, "end": time + 0.1} if is_film else {}
        found = self._index.alike(hit["path"], **moment, top=self.top.value)
        self._asked = f"the frame at {time:.2f} s of {title(hit)}"
        self.say(self._show(found))

    def _named(self, k: int) -> str:
        """Return the name of result k, where it begins, and its score."""
        hit = self.hits.iloc[k]
        place = f" from {hit['start']:.1f} s" if hit["start"] > 0 else ""
        return f"{title(hit)}{place}, score {hit['score']:.2f}"

    def describe(self) -> str:
        asked = f"{self._asked}: {self._named(0)}" if self._asked and len(self.hits) else "nothing asked yet"
        return f"{self._size} to search: {asked}"

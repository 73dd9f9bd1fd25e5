"""Join detections into tracks: filters for the edges of boxes, pairs by overlap and colour, and rules for meetings."""
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from .mot import overlaps
from .moving import Boxes, Found

_SURE = 0.25  # seconds of detections, four at least, before a track counts
_PATIENCE = 1.2  # seconds that a track is kept without a detection
_UNLIKE = 0.6  # of 1: how different colours may be, at most


class Track:
    """Hold one track: the filters of its edges, what it looks like, and rows that wait until it is sure."""

    def __init__(self, number: int, frame: int, box: NDArray, score: float, look: NDArray):
        self.id, self.look, self.first = number, look, (box[:2] + box[2:]) / 2
        self.edges = np.stack([box, np.zeros(4)], 1)  # (4, 2): place and speed
        self.sure = np.tile(np.diag([1.0, 0.3]) * (0.1 * (box[3] - box[1])) ** 2, (4, 1, 1))  # covariances
        self.hits, self.missed, self.moved = 1, 0, 0.0
        self.size, self.surprised, self.together = box[2:] - box[:2], 0, False
        self.rows: list[tuple] = [(frame, box, score)]

    @property
    def box(self) -> NDArray[np.float64]:
        return self.edges[:, 0]

    @property
    def height(self) -> float:
        return max(4.0, self.box[3] - self.box[1])

    def predict(self, rigid: bool) -> None:
        """Go on by a frame; rigid: opposite edges go on together, as they do where one is not seen."""
        if rigid:
            self.edges[:, 1] = (self.edges[:, 1] + np.roll(self.edges[:, 1], 2)) / 2
        ahead = np.array([[1.0, 1.0], [0.0, 1.0]])
        self.edges = self.edges @ ahead.T
        grown = (0.006 * self.height) ** 2 * np.array([[0.25, 0.5], [0.5, 1.0]])
        self.sure = ahead @ self.sure @ ahead.T + grown

    def update(self, box: NDArray, known: NDArray[np.bool_], noise: float) -> None:
        """Correct the edges that are known; those that are not keep the size. What is unlikely counts less."""
        wrong = box - self.box
        spread = (noise * 0.04 * self.height) ** 2
        total = self.sure[:, 0, 0] + spread
        total = np.maximum(total, np.abs(wrong) * np.sqrt(total) / 2.5)
        gain = self.sure[:, :, 0] / total[:, None]
        change = np.where(known[:, None], gain * wrong[:, None], 0) * [1, 1 / noise**2]
        for one, other, away in ((0, 2, -1), (2, 0, 1), (1, 3, -1), (3, 1, 1)):
            if known[other] and not known[one]:
                change[one] = change[other]
                change[one, 0] = self.box[other] + change[other, 0] + away * self.size[one % 2] - self.box[one]
        self.edges = self.edges + change
        self.sure = self.sure - np.where(known, 1, 0)[:, None, None] * gain[:, :, None] * self.sure[:, :1]
        self.moved = max(self.moved, float(np.hypot(*((self.box[:2] + self.box[2:]) / 2 - self.first)) / self.height))

    def see(self, box: NDArray, look: NDArray) -> None:
        """Take a box that is this track's alone. What differs much is believed once it has come three times."""
        far = np.abs(box - self.box).max() > 0.25 * self.height
        self.surprised = self.surprised + 1 if far else 0
        if self.surprised >= 3:
            speed = self.edges[:, 1].reshape(2, 2).mean(0)
            self.edges = np.stack([box, np.tile(speed, 2)], 1)
            self.surprised = 0
        self.update(box, np.ones(4, bool), 1.0)
        share = 1 / min(self.hits + 1, 12)
        self.look = (1 - share) * self.look + share * look
        self.size = (1 - share) * self.size + share * (box[2:] - box[:2])

    def note(self, frame: int, score: float, box: NDArray) -> None:
        """Add a row; frames since the last one were not seen and are filled between the two."""
        last, before, _ = self.rows[-1]
        for k in range(last + 1, frame):
            share = (k - last) / (frame - last)
            self.rows.append((k, (1 - share) * before + share * box, score / 2))
        self.rows.append((frame, box.copy(), score))
        self.hits, self.missed = self.hits + 1, 0


class Tracker:
    """Join the detections of one frame after the other into tracks; `step` gives the rows that have become sure."""

    def __init__(self, *, fps: float, size: tuple[float, float] = (np.inf, np.inf), merges: bool = False,
                 least_move: float = 0.0):
        self.tracks: list[Track] = []
        self._patience, self._hits, self._size = max(3, round(_PATIENCE * fps)), max(4, round(_SURE * fps)), size
        self._merges, self._least_move, self._count, self._memory = merges, least_move, 0, round(4 * fps) + 1

    def keep(self) -> Boxes:
        """Return the boxes of tracks that have moved, which a background must not learn."""
        return np.array([track.box for track in self.tracks if self._is_sure(track)]).reshape(-1, 4)

    def step(self, frame: int, found: Found) -> Iterator[tuple]:
        """Take what was found in a frame; yield rows (frame, id, box, score) of tracks that are sure."""
        for track in self.tracks:
            track.predict(rigid=track.missed > 0 or track.hits < 3 or track.together)
            track.together = False
        found = self._whole(found) if self._merges else found
        pairs = self._pairs(found)
        groups = self._meetings(found, pairs) if self._merges else {}
        for i, j in pairs.items():
            if j not in groups:
                self.tracks[i].see(found.boxes[j], found.looks[j])
                # The edges of blobs flutter; a detector of people knows better than the filter.
                self.tracks[i].note(frame, found.scores[j], self.tracks[i].box if self._merges else found.boxes[j])
        for j, members in groups.items():
            self._together(found.boxes[j], members)
            for i in members:
                self.tracks[i].note(frame, found.scores[j] / 2, self.tracks[i].box)
        seen = set(pairs) | {i for members in groups.values() for i in members}
        for i, track in enumerate(self.tracks):
            track.missed += i not in seen
        self._begin(frame, found, set(pairs.values()))
        yield from self._sure_rows()
        over = [track for track in self.tracks if self._is_over(track)]
        yield from self._last_rows(over)
        self.tracks = [track for track in self.tracks if track not in over]

    def _whole(self, found: Found) -> Found:
        """Join pieces that lie in the box of one track alone."""
        boxes, scores, looks = found
        margin = 0.1 * np.array([-1, -1, 1, 1])
        wide = [track.box + track.height * margin for track in self.tracks if self._is_sure(track)]
        inside = _covered(boxes, wide).T > 0.75
        alone = inside & (inside.sum(0) == 1)
        gone = np.zeros(len(boxes), bool)
        for track, pieces in zip(filter(self._is_sure, self.tracks), alone):
            which = np.flatnonzero(pieces & ~gone)
            low, high = boxes[which, :2].min(0, initial=np.inf), boxes[which, 2:].max(0, initial=0)
            if len(which) > 1 and (high - low <= 1.3 * track.size).all():
                largest = which[np.argmax((boxes[which, 2:] - boxes[which, :2]).prod(1))]
                boxes = boxes.copy()
                boxes[largest] = np.concatenate([low, high])
                gone[which[which != largest]] = True
        return Found(boxes[~gone], scores[~gone], looks[~gone])

    def _pairs(self, found: Found) -> dict[int, int]:
        """Pair tracks with detections by overlap, distance and colour, sure tracks first."""
        pairs: dict[int, int] = {}
        for sure in (True, False):
            rows = [i for i, track in enumerate(self.tracks) if self._is_sure(track) == sure]
            columns = [j for j in range(len(found.boxes)) if j not in pairs.values()]
            if not rows or not columns:
                continue
            boxes, theirs = np.array([self.tracks[i].box for i in rows]), found.boxes[columns]
            same = overlaps(_sized(boxes), _sized(theirs))
            missed = np.array([self.tracks[i].missed for i in rows])[:, None]
            height = np.array([self.tracks[i].height for i in rows])[:, None]
            away = np.linalg.norm((boxes[:, None, :2] + boxes[:, None, 2:] - theirs[:, :2] - theirs[:, 2:]) / 2, axis=2)
            away = away / (height * (1 + missed / 12))
            unlike = 1 - np.array([self.tracks[i].look for i in rows]) @ found.looks[columns].T
            cost = (1 - same) + away + 1.5 * unlike
            cost[((same < 0.1) & (away > 0.45)) | (unlike > _UNLIKE)] = 1e3
            for i, j in zip(*linear_sum_assignment(cost)):
                if cost[i, j] < 1e3:
                    pairs[rows[i]] = columns[j]
        return pairs

    def _meetings(self, found: Found, pairs: dict[int, int]) -> dict[int, list[int]]:
        """Return {detection: its tracks} for blobs that hold several tracks."""
        groups: dict[int, list[int]] = {}
        for i, track in enumerate(self.tracks):
            if not self._is_sure(track) or track.missed > self._patience / 2:
                continue
            cover = _covered(track.box, found.boxes)[0]
            if i in pairs:
                groups.setdefault(pairs[i], []).append(i)
            elif len(cover) and cover.max() > 0.5:
                groups.setdefault(int(cover.argmax()), []).append(i)
        return {j: members for j, members in groups.items() if len(members) > 1}

    def _together(self, blob: NDArray, members: Sequence[int]) -> None:
        """Correct tracks that share a blob: each of its edges is that of the outermost track."""
        boxes = np.array([self.tracks[i].box for i in members])
        for k, i in enumerate(members):
            track = self.tracks[i]
            outermost = np.array([boxes[:, e].argmin() if e < 2 else boxes[:, e].argmax() for e in range(4)]) == k
            near = np.abs(blob - track.box) < 0.25 * track.height
            track.update(blob, outermost & near, 2.0)
            track.together = True

    def _begin(self, frame: int, found: Found, taken: set[int]) -> None:
        sure = [track.box for track in self.tracks if self._is_sure(track)]
        for j, box in enumerate(found.boxes):
            hidden = _covered(box, sure).max(initial=0)
            if j not in taken and (hidden < 0.6 or not self._merges):
                self._count += 1
                self.tracks.append(Track(self._count, frame, box, found.scores[j], found.looks[j]))

    def _is_sure(self, track: Track) -> bool:
        return track.hits >= self._hits and track.moved >= self._least_move

    def _is_over(self, track: Track) -> bool:
        width, height = self._size
        low, high = np.maximum(track.box[:2], 0), np.minimum(track.box[2:], [width, height])
        seen = np.clip(high - low, 0, None).prod() / max(1e-9, np.clip(track.box[2:] - track.box[:2], 1, None).prod())
        return track.missed > (self._patience if track.hits >= self._hits else 2) or (track.missed > 2 and seen < 0.5)

    def _sure_rows(self) -> Iterator[tuple]:
        for track in self.tracks:
            if self._is_sure(track):
                yield from ((frame, track.id, box, score) for frame, box, score in track.rows[:-1])
                track.rows = track.rows[-1:]
            track.rows = track.rows[-self._memory:]

    def rest(self) -> Iterator[tuple]:
        """Yield the last rows at the end of the film."""
        yield from self._last_rows(self.tracks)

    def _last_rows(self, tracks: Sequence[Track]) -> Iterator[tuple]:
        yield from ((frame, track.id, box, score) for track in tracks if self._is_sure(track)
                    for frame, box, score in track.rows)


def _sized(boxes):
    return np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])


def _covered(boxes, others):
    """Compute the share (n, m) of each box (n, 4) that lies in each of the others (m, 4)."""
    boxes, others = np.reshape(boxes, (-1, 4)), np.reshape(others, (-1, 4))
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.clip(high - low, 0, None).prod(-1) / np.maximum(1e-9, (boxes[:, 2:] - boxes[:, :2]).prod(1))[:, None]

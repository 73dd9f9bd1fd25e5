"""Summarise a film: keyframes, a storyboard, chapters, and a highlight reel, next to random and uniform summaries.

Otani et al., "Rethinking the evaluation of video summaries", CVPR 2019: random summaries of whole shots score as high
as most published methods, so every score stands next to that of "random" and "uniform".
"""
import os
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import font_manager
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from tqdm.auto import tqdm

from vmm_lab.files import atomic_path
from vmm_lab.media import Media, MediaError, open_media, write_video
from vmm_lab.media.options import check_choice, check_number
from vmm_lab.plots import fit_size
from vmm_lab.pretrained.speech import transcribe
from vmm_lab.tasks.chapters import find_chapters, write_chapters
from vmm_lab.tasks.importance import RATE, Piece, describe_shot, energy, levels, lively_pieces, typical
from vmm_lab.tasks.shots import Film, read_film, shots_of, write_json

PIECE = 2.5  # seconds of a uniform summary's pieces
IMPORTANCE = ("energy", "clusters", "learned", "random", "uniform")


class Summary:
    """Hold the shots of a film, what each of them looks and sounds like, and choose among them.

    media: a path, or what `open_media` returns. shots: a DataFrame as of `find_shots`, found here by default; its
    columns `tags` and `caption`, if any, name chapters. `shots` also has `keyframe` (seconds); `features` is float64
    (shots, 14), each relative to the film; `times` and `energy`, float64 (T,), say how lively each frame is, 0 to 1.
    Raises MediaError where there are no pictures.
    """

    def __init__(self, media: Media | str | os.PathLike, *, shots: pd.DataFrame | None = None, progress: bool = False):
        self.media = media if isinstance(media, Media) else open_media(media)
        film = read_film(self.media, network=None if shots is None else False, progress=progress)
        self.shots = (shots_of(film, self.media.duration) if shots is None else shots).reset_index(drop=True)
        looks = [film.looks[a:max(b, a + 1)] for a, b in zip(self.shots.start_frame, self.shots.end_frame)]
        self.looks = np.stack([look.mean(0) for look in looks])
        self.shots["keyframe"] = [_keyframe(film, look, a) for look, a in zip(looks, self.shots.start_frame)]
        waves = [self._heard(start, end) for start, end in zip(self.shots.start, self.shots.end)]
        self.features = self._describe(looks, waves)
        self.times, loudness = film.times, None
        if self.media.has_audio:
            loudness = np.full(len(film.times), -90.0)
            for wave, a, b, end in zip(waves, self.shots.start_frame, self.shots.end_frame, self.shots.end):
                loudness[a:b] = levels(wave, film.times[a:b], end)
        self.energy = energy(film, self.shots.start_frame.to_numpy(int), loudness)

    def _heard(self, start, end):
        """Read the sound of a shot, at least 50 ms; silence where there is none."""
        wave = np.zeros(0, np.float32)
        if self.media.has_audio:
            wave = self.media.audio(sample_rate=RATE, start=start, end=max(end, start + 0.05))
        return wave if len(wave) > RATE // 20 else np.zeros(RATE // 10, np.float32)

    def _describe(self, looks, waves):
        seconds = self.shots.end - self.shots.start
        values = np.array([describe_shot(*shot) for shot in zip(looks, waves, seconds)])
        strange = np.abs(self.looks - np.median(self.looks, axis=0)).mean(1)
        values = np.column_stack([values, strange])
        return (values - values.mean(0)) / (values.std(0) + 1e-6)

    def importance(self, kind: str = "energy", *, learner: Any = None, seed: int = 0) -> NDArray[np.float64]:
        """Score each shot, float64 (shots,).

        kind: "energy" (motion and loudness, compared with the rest of the film), "clusters" (typical of many alike),
        "learned" (by `learner`, of `learn_importance`), "random" (by `seed`).
        """
        check_choice("importance", IMPORTANCE[:-1], kind=kind)
        if kind == "random":
            return np.random.default_rng(seed).uniform(size=len(self.shots))
        if kind == "learned" and learner is None:
            raise ValueError("Importance is learned by `learn_importance` on other films; give what it returns as "
                             "learner=, or ask for energy.")
        if kind == "learned":
            return learner.predict_proba(self.features)[:, 1]
        if kind == "energy":
            bounds = zip(self.shots.start_frame, self.shots.end_frame)
            return np.array([self.energy[a:max(b, a + 1)].mean() for a, b in bounds])
        return typical(self.looks, (self.shots.end - self.shots.start).to_numpy())

    def choose(self, seconds: float, kind: str = "energy", *, learner: Any = None, seed: int = 0) -> list[Piece]:
        """Choose pieces, (start, end) seconds in order, that last `seconds` together; a shorter film as a whole.

        kind: as of `importance`, or "uniform": pieces of 2.5 s at equal distances. By energy, each shot gives its
        liveliest five seconds at most, transitions left out. Else shots are chosen whole, by importance (of clusters:
        for each second); of the last one as much from its middle as there is room for.
        """
        check_choice("choose", IMPORTANCE, kind=kind)
        check_number("choose", seconds=seconds)
        starts, ends = self.shots.start.to_numpy(), self.shots.end.to_numpy()
        if ends[-1] - starts[0] <= seconds:
            return [(float(starts[0]), float(ends[-1]))]
        if kind == "uniform":
            count = max(1, round(seconds / PIECE))
            centers = starts[0] + (np.arange(count) + 0.5) * (ends[-1] - starts[0]) / count
            return [(float(c - seconds / count / 2), float(c + seconds / count / 2)) for c in centers]
        if kind == "energy":
            return lively_pieces(self.energy, self.times, self._steady(), float(seconds))
        score, left, pieces = self.importance(kind, learner=learner, seed=seed), seconds, []
        worth = score / (ends - starts) if kind == "clusters" else score
        for k in np.argsort(-worth, kind="stable"):
            room = min(left, ends[k] - starts[k])
            if room < min(0.5, seconds / 2, ends[k] - starts[k]):
                break
            middle = (starts[k] + ends[k]) / 2
            pieces.append((float(middle - room / 2), float(middle + room / 2)))
            left -= room
        return sorted(pieces)

    def _steady(self):
        """Return (first, end) frames of each shot without the gradual transitions at its ends, where enough is left."""
        starts, ends = self.shots.start_frame.to_numpy(int), self.shots.end_frame.to_numpy(int)
        inner = np.stack([starts, ends], axis=1)
        for k, span in enumerate(self.shots.transition_frames):
            if k and isinstance(span, (tuple, list)):
                inner[k - 1, 1], inner[k, 0] = min(ends[k - 1], span[0]), max(starts[k], span[1] + 1)
        short = inner[:, 1] - inner[:, 0] < (ends - starts) / 2
        inner[short] = np.stack([starts, ends], axis=1)[short]
        return [(int(a), int(b)) for a, b in inner]

    def keyframes(self, *, width: int = 240) -> NDArray[np.uint8]:
        """Return the keyframe of each shot, uint8 (shots, height, width, 3) RGB."""
        size = fit_size(self.media.size, width)
        return np.concatenate([self.media.sample(1, size=size, start=t, end=t + 0.01)[0] for t in self.shots.keyframe])

    def chapters(self, n: int | None = None, *, words: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return `n` chapters of neighbouring shots that are alike, as `find_chapters` does; words: what is said."""
        return find_chapters(self.shots, self.features, n, words)

    def write_storyboard(self, path: str | os.PathLike, *, columns: int = 4, width: int = 240,
                         words: pd.DataFrame | None = None) -> Path:
        """Write the keyframes with their times, captions and chapters as one PNG, whole or not at all."""
        images, chapters = self.keyframes(width=width), self.chapters(words=words)
        letters = font_manager.findfont("DejaVu Sans")  # it comes with Matplotlib, and has letters of most languages
        font, small, lines = ImageFont.truetype(letters, 13), ImageFont.truetype(letters, 11), 52
        high = max(1, round(width * images.shape[1] / images.shape[2]))  # small films are enlarged
        tall, rows = high + lines, -(-len(images) // columns)
        board = Image.new("RGB", (min(columns, len(images)) * (width + 12) + 12, rows * tall + 12), "white")
        draw = ImageDraw.Draw(board)
        titles = dict(zip(chapters.first_shot, chapters.title))
        for k, image in enumerate(images):
            x, y = 12 + (k % columns) * (width + 12), 12 + (k // columns) * tall
            shot = self.shots.iloc[k]
            board.paste(Image.fromarray(image).resize((width, high)), (x, y))
            if k in titles:
                draw.rectangle((x, y, x + width - 1, y + 3), fill="#D55E00")
            said = shot.caption if isinstance(shot.get("caption"), str) else titles.get(k, "")
            draw.text((x, y + high + 2), f"{k + 1}  {_clock(shot.start)}–{_clock(shot.end)}", "black", font)
            said = textwrap.fill(said, width // 7, max_lines=2, placeholder=" …")
            draw.text((x, y + high + 22), said, "#555555", small)
        try:
            with atomic_path(path) as part:
                board.save(part, format="PNG")
        except OSError as error:
            reason, way_out = error.strerror or error, "check the folder, its permissions and the free space"
            raise MediaError(f"{path}: cannot be written ({reason}); {way_out}.") from None
        return Path(path)

    def write_reel(self, path: str | os.PathLike, pieces: Sequence[Piece], *, progress: bool = False) -> Path:
        """Write pieces of the film, (start, end) seconds, one after the other as an mp4 with its sound.

        Raises MediaError if it cannot be written.
        """
        fps = min(max(self.media.fps or 1.0, 1.0), 60.0)
        counts = [max(1, round((end - start) * fps)) for start, end in pieces]
        wave = None
        if self.media.has_audio:
            parts = [self.media.audio(sample_rate=RATE, start=start, end=end) for start, end in pieces]
            lengths = [round(count / fps * RATE) for count in counts]
            wave = np.concatenate([np.pad(part, (0, max(0, n - len(part))))[:n] for part, n in zip(parts, lengths)])
        frames = tqdm(self._frames(pieces, counts, fps), total=sum(counts), unit="frame", disable=not progress,
                      desc="writing the reel")
        return write_video(path, frames, fps=fps, audio=wave, sample_rate=None if wave is None else RATE)

    def _frames(self, pieces, counts, fps) -> Iterator[NDArray[np.uint8]]:
        for (start, end), count in zip(pieces, counts):
            frame, given = None, 0
            for _, frame in self.media.stream(fps=fps, start=start, end=max(end, start + 1 / fps)):
                if given == count:
                    break
                yield frame
                given += 1
            for _ in range(count - given if frame is not None else 0):
                yield frame


def summarise(path: str | os.PathLike, out: str | os.PathLike, *, seconds: float = 15.0,
              importance: str = "energy", json: str | os.PathLike | None = None,
              chapters: str | os.PathLike | None = None, speech: bool = False, progress: bool = False) -> list[Path]:
    """Write a highlight reel of a film as an mp4, a storyboard of it as a PNG next to it, and its shots if wanted.

    out: the reel. seconds, importance: as of `Summary.choose`. json: a file for the shots. chapters: one for the
    chapters, as of `write_chapters`, whose titles come from subtitles, or with `speech` from what is recognised.
    Returns what was written. Raises MediaError where there are no pictures or a file cannot be written, ValueError for
    another ending than .mp4.
    """
    out = Path(out)
    media = open_media(path)
    if out.suffix.lower() != ".mp4" or out.exists() and out.samefile(path):
        raise ValueError(f"{out}: a reel is written as mp4 into a file of its own; end the name in .mp4.")
    words = _words(media, speech, progress)
    summary = Summary(media, progress=progress)
    written = [summary.write_reel(out, summary.choose(seconds, importance), progress=progress),
               summary.write_storyboard(out.with_suffix(".png"), words=words)]
    if json:
        written.append(write_json(summary.shots.drop(columns="keyframe"), json))
    return written + ([write_chapters(summary.chapters(words=words), chapters)] if chapters else [])


def _words(media: Media, speech: bool, progress: bool) -> pd.DataFrame | None:
    """Return what is said: by subtitles, or, if wanted, as it is recognised."""
    try:
        return media.subtitles()
    except MediaError:
        return transcribe(media, progress=progress) if speech else None


def _keyframe(film: Film, look: NDArray, first: int) -> float:
    """The time of the frame that is nearest to the mean of its shot, the first and last sixth aside."""
    edge = len(look) // 6
    inside = look[edge:len(look) - edge]
    return float(film.times[first + edge + np.abs(inside - inside.mean(0)).mean(1).argmin()])


def _clock(seconds: float) -> str:
    tenths = round(10 * seconds)  # first, so that 59.97 s are 1:00.0
    return f"{tenths // 600}:{tenths % 600 / 10:04.1f}"

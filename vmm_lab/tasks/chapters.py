"""Divide a film into chapters, name them by tags, captions or what is said, and write them for players."""
import html
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from vmm_lab.files import write_text
from vmm_lab.media.options import check_whole

KEYWORDS = 3  # of what is said, in a title


def find_chapters(shots: pd.DataFrame, features: NDArray, n: int | None = None,
                  words: pd.DataFrame | None = None) -> pd.DataFrame:
    """Join neighbouring shots that are alike into `n` chapters: `start`, `end`, `title`, `first_shot`.

    shots: as of `find_shots`, with `tags` and `caption` if there are any; features: float (shots, d).
    n: one for each half minute by default. words: what is said, as `Media.subtitles` and `pretrained.transcribe` give
    it. The title is the tag that a chapter's shots have most often and others have not, and the caption of its longest
    shot; without both, three words that are said in it more than elsewhere; else the chapter's number.
    """
    length = float(shots.end.iloc[-1] - shots.start.iloc[0])
    n = max(1, round(length / 30)) if n is None else n
    check_whole("find_chapters", n=n)
    n = min(len(shots), n)
    links = np.eye(len(shots), k=1) + np.eye(len(shots), k=-1)  # only neighbours become one
    groups = (np.zeros(len(shots), int) if n == 1 or len(shots) < 2 else
              AgglomerativeClustering(n, connectivity=links).fit_predict(features))
    bounds = [0, *np.flatnonzero(np.diff(groups)) + 1, len(groups)]
    parts = [shots.iloc[a:b] for a, b in zip(bounds, bounds[1:])]
    said = [_heard(words, part.start.iloc[0], part.end.iloc[-1]) for part in parts]
    return pd.DataFrame([{"start": part.start.iloc[0], "end": part.end.iloc[-1], "first_shot": part.index[0],
                          "title": _title(part, parts) or _keywords(said[k], said) or f"Chapter {k + 1}"}
                         for k, part in enumerate(parts)])[["start", "end", "title", "first_shot"]]


def write_chapters(chapters: pd.DataFrame, path: str | os.PathLike) -> Path:
    """Write chapters, whole or not at all: .json a list of objects, .vtt a WebVTT track, .txt FFmpeg's metadata.

    `ffmpeg -i film.mp4 -i chapters.txt -map_metadata 1 -codec copy out.mp4` puts the last into a film; browsers show
    a `<track kind="chapters">`. Raises ValueError for another ending.
    """
    rows, ending = chapters[["start", "end", "title"]].to_dict("records"), Path(path).suffix.lower()
    spans = [(row["start"], row["end"], " ".join(row["title"].split())) for row in rows]
    if ending == ".json":
        text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
    elif ending == ".vtt":  # where an arrow, & and < mean something
        text = "WEBVTT\n" + "".join(f"\n{_clock(start)} --> {_clock(end)}\n{html.escape(title, quote=False)}\n"
                                    for start, end, title in spans)
    elif ending == ".txt":  # where =, ;, # and \ mean something
        escape = str.maketrans({letter: f"\\{letter}" for letter in "=;#\\"})
        text = ";FFMETADATA1\n" + "".join(
            f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={round(1000 * start)}\nEND={round(1000 * end)}\n"
            f"title={title.translate(escape)}\n" for start, end, title in spans)
    else:
        raise ValueError(f"{path}: chapters are written as .json, .vtt or .txt (FFmpeg's metadata); end the name so.")
    return write_text(path, text)


def _title(part: pd.DataFrame, parts: Sequence[pd.DataFrame]) -> str:
    def tags(shots):
        words = [str(cell).replace(";", "|").split("|") for cell in shots.get("tags", []) if isinstance(cell, str)]
        return pd.Series([tag.strip() for row in words for tag in row if tag.strip()], dtype=object).value_counts()

    counts, everywhere = tags(part), tags(pd.concat(parts))
    best = max(counts.index, key=lambda tag: counts[tag] ** 2 / everywhere[tag], default="")
    longest = part.loc[(part.end - part.start).idxmax()]
    said = longest.caption if isinstance(longest.get("caption"), str) else ""
    return ": ".join(filter(None, (best.capitalize(), said)))


def _heard(words: pd.DataFrame | None, start: float, end: float) -> list[str]:
    """Return what is said in the middle of which lies from `start` to `end`, word by word, small words left out."""
    if words is None or not len(words):
        return []
    middle = (words.start + words.end) / 2
    text = " ".join(words.text[(start <= middle) & (middle < end)]).lower()
    return [word for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text)
            if len(word) > 2 and word not in ENGLISH_STOP_WORDS]


def _keywords(here: Sequence[str], said: Sequence[Sequence[str]]) -> str:
    """Return the words of a chapter that it has more than others, in the order in which they are first said."""
    everywhere = [word for part in said for word in part]
    worth = {word: here.count(word) ** 2 / everywhere.count(word) for word in dict.fromkeys(here)}
    best = sorted(worth, key=lambda word: -worth[word])[:KEYWORDS]
    return ", ".join(word for word in worth if word in best).capitalize()


def _clock(seconds: float) -> str:
    ms = round(1000 * seconds)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"

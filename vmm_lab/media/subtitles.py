"""Read subtitles, from an .srt file next to a film or from a text track inside it, as start, end and text."""
import html
import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vmm_lab.media.container import Source
from vmm_lab.media.errors import DECODER_ERRORS, MediaError

if TYPE_CHECKING:
    import pandas

Cue = tuple[float, float, str]

MOST_BYTES = 16 * 2**20  # a day of talk takes 2 MB
_TIME = r"\s*(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:[,.]\d{1,3})?)"
TIMES = re.compile(rf"{_TIME}\s*-->{_TIME}(?:\s.*)?$")
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")  # <i>, </font>, {\an8}


def files_beside(path: Path) -> dict[str, Path]:
    """Return {language: path} of the .srt files of a media file: name.srt has the language "", name.en.srt "en"."""
    found: dict[str, Path] = {}
    try:
        others = sorted(path.parent.iterdir())
    except OSError:  # a folder may hide what it holds and still hand out what is named
        others = [path.with_suffix(".srt")]
    for other in others:
        if other.suffix.lower() == ".srt" and other.is_file():
            name, _, language = other.stem.partition(path.stem)
            if not name and (language == "" or re.fullmatch(r"\.[a-zA-Z]{2,3}(-\w+)?", language)):
                found.setdefault(language[1:].lower(), other)
    return found


def read_srt(path: str | os.PathLike) -> list[Cue]:
    """Read the (start, end, text) of an .srt file, in seconds and in order; a bad block is left out, with a warning.

    UTF-8, UTF-16 and, where it is neither, Western European (Windows-1252). Raises MediaError where there is no block.
    FFmpeg's own reader knows UTF-8 alone, takes ",5" for 5 ms, and drops in silence what it cannot read.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise MediaError(f"{path}: cannot be read ({error.strerror}); check its permissions.") from None
    if len(data) > MOST_BYTES:
        raise MediaError(f"{path}: is larger than {MOST_BYTES // 2**20} MB, more than subtitles take; check the file.")
    lines = _decode_text(data).splitlines()
    heads = [k for k, line in enumerate(lines) if "-->" in line]
    cues, bad = [], []
    for head, following in zip(heads, [*heads[1:], None]):
        found = TIMES.match(lines[head])
        start, end = (_seconds(*found.groups()[k : k + 3]) for k in (0, 3)) if found else (1.0, 0.0)
        body = lines[head + 1 : following]
        if following is not None and body and body[-1].strip().isdecimal():
            body.pop()  # the number of the block that follows
        if end < start:
            bad.append(head + 1)
        elif text := plain(" ".join(body)):
            cues.append((start, end, text))
    if len(bad) == len(heads):
        example = "00:00:01,000 --> 00:00:02,500"
        raise MediaError(f"{path}: holds no subtitles; each wants a line like {example} with its text below.")
    if bad:
        where = f"line {bad[0]}" + (f" and {len(bad) - 1} more" if len(bad) > 1 else "")
        kept = f"the other {len(heads) - len(bad)} are there"
        warnings.warn(f"{path}: left out what has no times that can be read ({where}); {kept}.", stacklevel=3)
    return sorted(cues, key=lambda cue: cue[:2])


def plain(text: str) -> str:
    """Remove markup from a text and put it in one line.

    >>> plain("{\\\\an8}<i>Who  is</i>\\nthere? &lt;3")
    'Who is there? <3'
    """
    return " ".join(html.unescape(MARKUP.sub("", text)).split())


def read_track(source: Source, language: str | None = None) -> tuple[list[Cue] | None, list[str]]:
    """Return the cues of the text track in that language or of the first (None: there is none), and all languages."""
    streams = [stream for stream in source.container.streams.subtitles if stream.codec_context]
    tracks = [((stream.language or "").lower(), stream.index) for stream in streams]
    languages = sorted({name for name, _ in tracks})
    for name, index in tracks:
        if language in (None, name):
            source.rewind()
            cues = _track_cues(source, source.container.streams[index])
            if cues is not None:
                return cues, languages
    return None, languages


def as_table(cues: list[Cue]) -> "pandas.DataFrame":
    """Return cues as a DataFrame: float64 `start` and `end`, strings `text`."""
    import pandas  # heavy, and nothing else in this room needs it

    return pandas.DataFrame(cues, columns=["start", "end", "text"]).astype({"start": "float64", "end": "float64"})


def _track_cues(source: Source, stream: Any) -> list[Cue] | None:
    """Return the cues of a track; None for one of pictures."""
    cues, base = [], float(stream.time_base)
    for packet in source.demux(stream):
        if packet.pts is None or not packet.size:
            continue
        try:
            parts = packet.decode()
        except DECODER_ERRORS:
            continue  # one line of text is lost; the others stand for themselves
        texts = [part.ass.split(b",", 8)[-1].decode("utf-8", "replace") for part in parts if getattr(part, "ass", b"")]
        if parts and not texts:
            return None
        start = round(packet.pts * base - source.facts.origin, 6)
        if text := plain(re.sub(r"\\[Nnh]", " ", " ".join(texts))):
            cues.append((start, round(start + (packet.duration or 0) * base, 6), text))
    return sorted(cues, key=lambda cue: cue[:2])


def _seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds.replace(",", "."))


def _decode_text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if data[:4000].count(0) > len(data[:4000]) // 4:  # every second byte of Latin letters is 0
        return data.decode("utf-16-be" if data[0] == 0 else "utf-16-le", "replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1")

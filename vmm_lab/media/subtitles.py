"""An open media file goes in; its subtitles, of a track inside it or of an .srt file beside it, come out as start, end and text."""
import html
import re
import warnings

from vmm_lab.media.container import DECODER_ERRORS, MediaError

MOST_BYTES = 16 * 2**20  # a day of talk takes 2 MB
_TIME = r"\s*(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
TIMES = re.compile(rf"{_TIME}\s*-->{_TIME}(?:\s.*)?$")
MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|\{\\[^{}]*\}")  # <i>, </font>, {\an8}


def beside(path):
    """{language: path} of the .srt files beside a media file: name.srt has the language "", name.en.srt has "en"."""
    found = {}
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


def read_srt(path):
    """[(start, end, text)] of an .srt file, seconds, by their start; a block that makes no sense is left out, with a warning.

    UTF-8, UTF-16 and, where it is neither, Western European (Windows-1252). Raises MediaError where there is no block at all.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise MediaError(f"{path}: cannot be read ({error.strerror}); check its permissions.") from None
    if len(data) > MOST_BYTES:
        raise MediaError(f"{path}: is larger than {MOST_BYTES // 2**20} MB, which no subtitles are; check that it is the right file.")
    lines = _decoded(data).splitlines()
    heads = [k for k, line in enumerate(lines) if "-->" in line]
    cues, bad = [], []
    for head, after in zip(heads, [*heads[1:], None]):
        found = TIMES.match(lines[head])
        start, end = (_seconds(found.groups()[k : k + 4]) for k in (0, 4)) if found else (1.0, 0.0)
        body = lines[head + 1 : after]
        if after is not None and body and body[-1].strip().isdecimal():
            body.pop()  # the number of the block that follows
        if end < start:
            bad.append(head + 1)
        elif text := plain(" ".join(body)):
            cues.append((start, end, text))
    if not heads or len(bad) == len(heads):
        raise MediaError(f"{path}: holds no subtitles; each wants a line like 00:00:01,000 --> 00:00:02,500 with its text below.")
    if bad:
        some = f"line {bad[0]}" + (f" and {len(bad) - 1} more" if len(bad) > 1 else "")
        rest = len(heads) - len(bad)
        warnings.warn(f"{path}: left out what has no times that can be read ({some}); the other {rest} are there.", stacklevel=3)
    return sorted(cues, key=lambda cue: cue[:2])


def plain(text):
    """Text without markup, in one line.

    >>> plain("{\\\\an8}<i>Who  is</i>\\nthere? &lt;3")
    'Who is there? <3'
    """
    return " ".join(html.unescape(MARKUP.sub("", text)).split())


def inside(source, language=None):
    """([(start, end, text)], the languages there are) of the text track in that language, or of the first; None where there is none."""
    tracks = [((stream.language or "").lower(), stream.index) for stream in source.container.streams.subtitles if stream.codec_context]
    languages = sorted({name for name, _ in tracks})
    for name, index in tracks:
        if language in (None, name):
            source.reopen()
            cues = _cues(source, source.container.streams[index])
            if cues is not None:
                return cues, languages
    return None, languages


def frame(cues):
    """A DataFrame of cues: float64 `start` and `end`, strings `text`."""
    import pandas as pd  # heavy, and nothing else in this room needs it

    return pd.DataFrame(cues, columns=["start", "end", "text"]).astype({"start": "float64", "end": "float64"})


def _cues(source, stream):
    """The cues of a track; None for one of pictures."""
    cues, base = [], float(stream.time_base)
    for packet in source.container.demux(source.only(stream)):
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
        end = round(start + (packet.duration or 0) * base, 6)
        if text := plain(re.sub(r"\\[Nnh]", " ", " ".join(texts))):
            cues.append((start, end, text))
    return sorted(cues, key=lambda cue: cue[:2])


def _seconds(parts):
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return 3600 * int(hours) + 60 * int(minutes) + int(seconds) + int(fraction) / 10 ** len(fraction)


def _decoded(data):
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

"""Open a media file and find out what is in it and where its clock begins; what cannot be opened gets one sentence."""
import math
import os
import stat
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.stream import Discard, Disposition

#: What PyAV and libav throw on damaged bytes: their own errors, and plain Python ones from fields that make no sense.
DECODER_ERRORS = (av.FFmpegError, OSError, ValueError, ArithmeticError, LookupError, RuntimeError, MemoryError)

# Text that libav would act on (open what it lists) or paint letter by letter: none of it is a recording.
NOT_MEDIA = {
    "hls", "concat", "dash", "sdp", "imf", "tty", "ffmetadata", "lavfi", "vapoursynth", "bin", "xbin", "adf", "idf",
}
MAYBE_IMAGES = {"gif", "apng", "webp_anim", "mov", "avif"}  # still or moving, only the number of pictures tells
STILL_BRANDS = {"avif", "avis", "heic", "heix", "mif1", "msf1"}
COVERS = Disposition.attached_pic | Disposition.timed_thumbnails
ORIGIN_PACKETS = 50  # of sound that are tried for its first sample
PATIENCE = 3.0  # seconds without one good frame: a corrupt file may keep a decoder busy with errors
PLAY_IT = "check that it plays in a video player"


class MediaError(ValueError):
    """Say that a media file cannot be read or written: the file, the reason and the way out."""


class Damaged(Exception):
    """Stop reading at damage; `reason` says what and where, and the verbs of Media add the way out."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Facts:
    """Tell what one look into a file found: which streams to read (index or None), and where their clock begins."""

    container: str
    video: int | None
    audio: int | None
    video_codec: str | None
    audio_codec: str | None
    sample_rate: int | None
    is_image: bool
    origin: float

    @property
    def has_video(self) -> bool:
        return self.video is not None

    @property
    def has_audio(self) -> bool:
        return self.audio is not None


class Source:
    """Hold one file open for one reading: `container`, its `facts` and the chosen streams `video` and `audio`, or None.

    partial: whether to go on after damage; seconds: after how many to end the reading.
    `reason` is that of the first damage, None if all is well; `is_empty` says that nothing has been decoded yet.
    """

    video: Any
    audio: Any

    def __init__(self, path: Path, facts: Facts | None = None, partial: bool = False, seconds: float = math.inf):
        self.path, self.partial = path, partial
        self.reason: str | None = None
        self.is_empty = True
        self._last_success = clock.monotonic()
        self._deadline = self._last_success + seconds
        self.container, self.at_start = _open(path), True
        try:
            self.facts = facts or self._inspect()
            self.rewind()
        except BaseException:
            self.close()
            raise

    def rewind(self) -> None:
        """Go back to the first packet by opening anew: seeking to a start is what broken files are worst at."""
        if not self.at_start:
            self.close()
            self.container, self.at_start = _open(self.path), True
        streams = self.container.streams
        self.video = streams[self.facts.video] if self.facts.video is not None else None
        self.audio = streams[self.facts.audio] if self.facts.audio is not None else None

    def close(self) -> None:
        self.container.close()

    def succeed(self) -> None:
        """Note that something was decoded."""
        self.is_empty, self._last_success = False, clock.monotonic()

    def damage(self, reason: str) -> None:
        """Note damage, and stop unless what can be read is wanted."""
        self.reason = self.reason or reason
        if not self.partial:
            raise Damaged(self.reason)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be expected in the time that there is."""
        now = clock.monotonic()
        return now > self._deadline or self.reason is not None and now - self._last_success > PATIENCE

    def demux(self, *streams: Any) -> Iterator[Any]:
        """Read the packets of these streams alone: the demuxer then skips the bytes of all others."""
        self.at_start = False
        indices = {stream.index for stream in streams}
        for stream in self.container.streams:
            stream.discard = Discard.default if stream.index in indices else Discard.all
        return self.container.demux(streams)

    def stated_end(self, stream: Any) -> float | None:
        """Return the second at which the container says that a track ends, or None where it does not say."""
        start = start_of(stream)
        if start is None or not stream.duration:
            return None
        return start + float(stream.duration * stream.time_base) - self.facts.origin

    def is_in(self, *names: str) -> bool:
        """Return whether the file's container is one of these, as FFmpeg names them."""
        return bool({*names} & {*self.facts.container.split(",")})

    def error(self, reason: str, way_out: str) -> MediaError:
        return MediaError(f"{self.path}: {reason}; {way_out}.")

    def _inspect(self) -> Facts:
        container, name = self.container, self.container.format.name
        if NOT_MEDIA & {name, *name.split(",")}:
            raise self.error("is a text or a playlist, not a recording", "open the media file itself")
        video, audio = _choose(container, "video"), _choose(container, "audio")
        if video is None and audio is None:
            raise self.error("holds neither pictures nor sound", "check that it is the right file and plays")
        is_image = audio is None and self._is_image(name, video)
        return Facts(
            container=name,
            video=None if video is None else video.index,
            audio=None if audio is None else audio.index,
            video_codec=_codec(video),
            audio_codec=_codec(audio),
            sample_rate=audio.codec_context.sample_rate or None if audio is not None and audio.codec_context else None,
            is_image=is_image,
            origin=0.0 if is_image else self._origin(video, audio),
        )

    def _is_image(self, name: str, video: Any) -> bool:
        if name.endswith("_pipe") or name in ("image2", "ico"):
            return True
        if not MAYBE_IMAGES & {*name.split(",")} or video.frames > 1:
            return False
        if "mov" in name and str(self.container.metadata.get("major_brand", "")) not in STILL_BRANDS:
            return False
        first_two = zip(range(2), (packet for packet in self.demux(video) if packet.size))
        return len(list(first_two)) == 1

    def _origin(self, video: Any, audio: Any) -> float:
        """Find the start of the earliest stream, in the file's own seconds: it is the 0 s of all that is handed out."""
        starts = [start_of(video), start_of(audio)]
        if starts[1] is not None and (starts[0] is None or starts[1] < starts[0]):
            # Sound leads, perhaps only by the priming samples of its encoder, which the decoder takes away: ask it.
            starts[1] = self._first_sample(audio, starts[1])
        return min((start for start in starts if start is not None), default=0.0)

    def _first_sample(self, audio: Any, declared: float) -> float:
        try:
            for _, packet in zip(range(ORIGIN_PACKETS), self.demux(audio)):
                for frame in packet.decode():
                    if frame.samples and frame.time is not None:
                        return frame.time
        except DECODER_ERRORS:
            pass  # what is broken is reported by the verb that needs the sound
        return declared


@contextmanager
def open_source(path: Path, facts: Facts | None = None, **options: Any) -> Iterator[Source]:
    """Open `path` for one reading; `facts` from an earlier look save the second one; options as those of `Source`."""
    try:
        check_path(path)
        source = Source(path, facts, **options)
    except MediaError:
        raise
    except DECODER_ERRORS as error:
        check_path(path)
        if not os.path.getsize(path):
            raise MediaError(f"{path}: is empty (0 bytes); record, copy or download it again.") from None
        raise MediaError(f"{path}: {explain(error)}.") from None
    try:
        yield source
    finally:
        source.close()


def check_path(path: str | os.PathLike) -> Path:
    """Return the path of a regular file; anything else (nothing, a folder, an endless pipe) raises MediaError."""
    if not isinstance(path, (str, os.PathLike)):
        raise MediaError(f"open_media takes the path of a file as text, not {type(path).__name__}; pass str(path).")
    text = os.fspath(path)
    if not text:
        raise MediaError("open_media got an empty path; name a file.")
    try:
        path = Path(os.fsdecode(text))
        mode = os.stat(path).st_mode
    except PermissionError:
        raise MediaError(f"{text}: its folder may not be entered; change the folder's permissions.") from None
    except (OSError, ValueError):
        is_address = "://" in str(text)
        way_out = "vmm_lab reads local files: download it first" if is_address else "check the spelling and the folder"
        raise MediaError(f"{text}: no such file; {way_out}.") from None
    if stat.S_ISDIR(mode):
        raise MediaError(f"{path}: is a folder, not a media file; open the files in it, or pass it to load_table.")
    if not stat.S_ISREG(mode):
        raise MediaError(f"{path}: is not a regular file; copy its content into one first.")
    return path


def explain(error: Exception) -> str:
    """Put an exception of libav's into a few plain words: the reason and the way out."""
    if isinstance(error, PermissionError):
        return "reading it is not permitted; change its permissions"
    if isinstance(error, FileNotFoundError):
        return "no such file; check the spelling and the folder"
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is; check that it plays, and convert it to a smaller size"
    if isinstance(error, av.error.InvalidDataError):
        return f"is not media that can be understood, or it is cut off; {PLAY_IT}, or copy or convert it again"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"cannot be read ({text.splitlines()[0].rstrip('.')}); {PLAY_IT}, or convert it again"


def start_of(stream: Any) -> float | None:
    """Return the start of a stream in the file's own seconds, or None where the container does not know."""
    if stream is None or stream.start_time is None or stream.time_base is None:
        return None
    start = float(stream.start_time * stream.time_base)
    return start if math.isfinite(start) and abs(start) < 1e9 else None


def _open(path: Path) -> av.container.InputContainer:
    # An absolute "file:" address, so that no name is taken for a protocol, an option or a numbered series, and a
    # playlist posing as a video can fetch nothing.
    name, options = f"file:{os.path.abspath(path)}", {"protocol_whitelist": "file", "pattern_type": "none"}
    return av.open(name, metadata_errors="replace", container_options=options, timeout=(4.0, 4.0))


def _codec(stream: Any) -> str | None:
    if stream is None:
        return None
    return stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"


def _choose(container: av.container.InputContainer, kind: Any) -> Any:
    """Choose what a player would show: libav's best, never a cover, and one with a decoder where there is a choice."""
    streams = [stream for stream in getattr(container.streams, kind) if not stream.disposition & COVERS]
    readable = [stream for stream in streams if stream.codec_context is not None]
    best = container.streams.best(kind)
    if best is not None and any(stream.index == best.index for stream in readable):
        return best
    return (readable or streams or [None])[0]

"""A path comes in; an open container, its picture and sound streams, and its clock go out, or a MediaError of one sentence."""
import math
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.stream import Discard

#: What PyAV and libav throw on damaged bytes: their own errors, and plain Python ones from fields that make no sense.
DECODER_ERRORS = (av.FFmpegError, OSError, ValueError, ArithmeticError, LookupError, RuntimeError, MemoryError)

# Text that libav would act on (open what it lists) or paint letter by letter: none of it is a recording.
NOT_MEDIA = {"hls", "concat", "dash", "sdp", "imf", "tty", "ffmetadata", "lavfi", "vapoursynth", "bin", "xbin", "adf", "idf"}

# Still or moving, only the number of pictures tells.
MAYBE_IMAGES = {"gif", "apng", "webp_anim", "mov", "avif"}

STILL_BRANDS = {"avif", "avis", "heic", "heix", "mif1", "msf1"}

COVERS = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails

SCAN_BYTES = 256 * 2**20


class MediaError(ValueError):
    """A media file cannot be read or written; the message names the file, the reason and the way out."""


@dataclass(frozen=True)
class Facts:
    """What one look into a file tells: which streams to read (index or None), where their clock begins, whether it is a still."""

    container: str
    video: int | None
    audio: int | None
    video_codec: str | None
    audio_codec: str | None
    sample_rate: int | None
    is_image: bool
    origin: float


class Source:
    """One open file: `container`, the chosen `video` and `audio` streams (None if absent) and `facts`."""

    def __init__(self, path, facts=None):
        self.path = path
        self.facts = facts
        self.container = _open(path)
        self.fresh = True
        if facts is None:
            try:
                self.facts, self.fresh = inspect(path, self.container)
            except BaseException:
                self.close()
                raise
        self.rewind()

    def reopen(self):
        self.fresh = False
        self.rewind()

    def rewind(self):
        """Back to the first packet, with fresh decoders, by opening anew: seeking to a start is what broken files are worst at."""
        if not self.fresh:
            self.close()
            self.container = _open(self.path)
        streams = self.container.streams
        self.video = streams[self.facts.video] if self.facts.video is not None else None
        self.audio = streams[self.facts.audio] if self.facts.audio is not None else None

    def close(self):
        if self.container is not None:
            self.container.close()
            self.container = None

    @property
    def counts_by_packet(self):
        """AVI stamps its packets in the order of decoding, not of showing: pictures follow at the pace at which packets come."""
        return self.facts.container == "avi"

    @property
    def seeks_lie(self):
        """After a seek, program streams (.mpg) and AVI stamp their pictures otherwise than when they are read from the start."""
        return self.facts.container in ("avi", "mpeg")

    def only(self, stream):
        """Read `stream` alone: the demuxer then skips the bytes of all others."""
        for other in self.container.streams:
            other.discard = Discard.default if other.index == stream.index else Discard.all
        return stream

    def error(self, reason, way_out):
        return MediaError(f"{self.path}: {reason}; {way_out}.")


def check_path(path):
    """The path as pathlib.Path, if a regular file is there. Anything else (nothing, a folder, a pipe that would never end) raises."""
    if not isinstance(path, (str, os.PathLike)):
        raise MediaError(f"open_media takes the path of a file as text or pathlib.Path, not {type(path).__name__}; pass str(path).")
    text = os.fspath(path)
    if not text:
        raise MediaError("open_media got an empty path; name a file.")
    try:
        path = Path(os.fsdecode(text))
        mode = os.stat(path).st_mode
    except PermissionError:
        raise MediaError(f"{text}: its folder may not be entered; change the folder's permissions.") from None
    except (OSError, ValueError):
        local = "vmm_lab reads local files: download it first" if "://" in str(text) else "check the spelling and the folder"
        raise MediaError(f"{text}: no such file; {local}.") from None
    if stat.S_ISDIR(mode):
        raise MediaError(f"{path}: is a folder, not a media file; open the files in it one by one, or pass it to load_table.")
    if not stat.S_ISREG(mode):
        raise MediaError(f"{path}: is not a regular file; copy its content into one first.")
    return path


def explain(error):
    """The reason in an exception of libav's, in a few plain words."""
    if isinstance(error, PermissionError):
        return "reading it is not permitted", "change its permissions"
    if isinstance(error, FileNotFoundError):
        return "no such file", "check the spelling and the folder"
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is", "check that it plays, and convert it to a smaller size"
    if isinstance(error, av.error.InvalidDataError):
        return "is not media that can be understood, or it is cut off", "check that it plays in a video player, or copy or convert it again"
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"cannot be read ({text.splitlines()[0].rstrip('.')})", "check that it plays in a video player, or convert it again"


def encrypted(path):
    """Does an mp4 say of a track of its own that it is encrypted (ISO/IEC 23001-7: sample entries `encv` and `enca`)?"""
    with open(path, "rb") as file:
        head = file.read(4 * 2**20)
        file.seek(max(0, os.path.getsize(path) - 4 * 2**20))
        return any(b"sinf" in part and (b"encv" in part or b"enca" in part) for part in (head, file.read()))


def _open(path):
    # An absolute "file:" address, so that no name is taken for a protocol, an option or a numbered series, and a
    # playlist posing as a video can fetch nothing.
    return av.open(
        f"file:{os.path.abspath(path)}",
        metadata_errors="replace",
        container_options={"protocol_whitelist": "file", "pattern_type": "none"},
        timeout=(4.0, 4.0),
    )


@contextmanager
def opened(path, facts=None):
    """Open `path` for one piece of work as a Source; `facts` from an earlier look save the second one."""
    try:
        check_path(path)
        source = Source(path, facts)
    except MediaError:
        raise
    except DECODER_ERRORS as error:
        raise _opening_error(path, error) from None
    try:
        yield source
    finally:
        source.close()


def _opening_error(path, error):
    check_path(path)
    if not os.path.getsize(path):
        return MediaError(f"{path}: is empty (0 bytes); record, copy or download it again.")
    reason, way_out = explain(error)
    return MediaError(f"{path}: {reason}; {way_out}.")


def inspect(path, container):
    """The Facts of an open container, and whether it still stands at its first packet."""
    name = container.format.name
    if name in NOT_MEDIA or set(name.split(",")) & NOT_MEDIA:
        raise MediaError(f"{path}: is a text or a playlist, not a recording; open the media file itself.")
    video = _choose(container, "video")
    audio = _choose(container, "audio")
    if video is None and audio is None:
        raise MediaError(f"{path}: holds neither pictures nor sound; check that it is the right file and plays.")
    image, fresh = (False, True) if video is None or audio is not None else _is_image(container, video)
    origin = 0.0
    if not image:
        origin, fresh = _origin(container, video, audio, fresh)
    facts = Facts(
        container=name,
        video=None if video is None else video.index,
        audio=None if audio is None else audio.index,
        video_codec=_codec(video),
        audio_codec=_codec(audio),
        sample_rate=None if audio is None or audio.codec_context is None else audio.codec_context.sample_rate or None,
        is_image=image,
        origin=origin,
    )
    return facts, fresh


def _codec(stream):
    if stream is None:
        return None
    return stream.codec_context.codec.canonical_name if stream.codec_context else "unknown"


def _choose(container, kind):
    """The stream a player would show: libav's best one, but never a cover picture, and one with a decoder where there is a choice."""
    streams = [s for s in getattr(container.streams, kind) if not s.disposition & COVERS]
    readable = [s for s in streams if s.codec_context is not None]
    best = container.streams.best(kind)
    if best is not None and any(s.index == best.index for s in readable):
        return best
    return (readable or streams or [None])[0]


def _is_image(container, video):
    """(whether it is a still, whether the container still stands at its first packet)"""
    name = container.format.name
    if name.endswith("_pipe") or name in ("image2", "ico"):
        return True, True
    if not set(name.split(",")) & MAYBE_IMAGES or video.frames > 1:
        return False, True
    if "mov" in name and str(container.metadata.get("major_brand", "")) not in STILL_BRANDS:
        return False, True
    packets = 0
    for packet in container.demux(video):
        packets += packet.size > 0
        if packets > 1:
            break
    return packets == 1, False


def _origin(container, video, audio, fresh):
    """(seconds, in the file's own time, of the start of its earliest stream, which is the 0 s of all handed out; still fresh?)"""
    starts = [start_of(s) for s in (video, audio)]
    if audio is not None and starts[1] is not None and (starts[0] is None or starts[1] < starts[0]):
        # Sound leads, perhaps only by the priming samples of its encoder, which the decoder takes away: ask it.
        starts[1], fresh = _first_sample(container, audio, starts[1]), False
    known = [s for s in starts if s is not None]
    return (min(known) if known else 0.0), fresh


def start_of(stream):
    """Start of a stream in the file's own seconds, or None where the container does not know."""
    if stream is None or stream.start_time is None or stream.time_base is None:
        return None
    start = float(stream.start_time * stream.time_base)
    return start if math.isfinite(start) and abs(start) < 1e9 else None


def _first_sample(container, audio, declared):
    try:
        for tried, packet in enumerate(container.demux(audio)):
            for frame in packet.decode():
                if frame.samples and frame.time is not None:
                    return frame.time
            if tried > 50:
                break
    except DECODER_ERRORS:
        pass  # what is broken is reported by the verb that needs the sound
    return declared

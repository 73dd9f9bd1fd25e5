"""Open a media file and find out what is in it and where its clock begins; what cannot be opened gets one sentence."""
import io
import math
import os
import time as clock
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import av
from av.stream import Discard, Disposition

from vmm_lab.media.clock import BARE, LONGEST_GAP, SCAN_BYTES, Clock, Index, scan, start_of
from vmm_lab.media.errors import DECODER_ERRORS, FAILURES, Damaged, MediaError, check_path, explain
from vmm_lab.media.stills import by_pillow

# Text that libav would act on (open what it lists) or paint letter by letter: none of it is a recording.
NOT_MEDIA = {
    "hls", "concat", "dash", "sdp", "imf", "tty", "ffmetadata", "lavfi", "vapoursynth", "bin", "xbin", "adf", "idf",
}
MAYBE_IMAGES = {"gif", "apng", "webp_anim", "mov", "avif"}  # still or moving, only the number of pictures tells
STILL_BRANDS = {"avif", "avis", "heic", "heix", "mif1", "msf1"}
COVERS = Disposition.attached_pic | Disposition.timed_thumbnails
ORIGIN_PACKETS = 50  # of sound that are tried for its first sample
PATIENCE = 3.0  # seconds without one good frame: a corrupt file may keep a decoder busy with errors


@dataclass
class Facts:
    """Tell what one look into a file found: which streams to read (index or None), and where their clock begins.

    index: what a reading of all packets found, once somebody has asked for it. has_poses: whether it is no recording
    but a pose sequence.
    """

    container: str
    video: int | None
    audio: int | None
    video_codec: str | None
    audio_codec: str | None
    sample_rate: int | None
    is_image: bool
    origin: float
    index: Index | None = field(default=None, repr=False)
    has_poses: bool = False

    @property
    def has_video(self) -> bool:
        return self.video is not None

    @property
    def has_audio(self) -> bool:
        return self.audio is not None


class Source:
    """Hold one file open for one reading: `container`, its `facts` and the chosen streams `video` and `audio`, or None.

    partial: whether to go on after damage; seconds: after how many to end the reading.
    `reason` is that of the first damage, None if all is well; `is_empty` says that nothing has been decoded yet,
    `is_cut` that the packet read last is shorter than the file says; `notes` holds, in order, what the user is to be
    warned of; `clock` corrects the stamps of the packets read last.
    """

    video: Any
    audio: Any
    clock: Clock

    def __init__(self, path: Path, facts: Facts | None = None, partial: bool = False, seconds: float = math.inf):
        self.path, self.partial = path, partial
        self.reason: str | None = None
        self.is_empty, self.is_cut = True, False
        self.notes: dict[str, bool] = {}
        self._last_success = clock.monotonic()
        self._deadline = self._last_success + seconds
        self._still = by_pillow(path)
        if self._still is not None and self._still.note:
            self.note(self._still.note)
        self._open()
        try:
            self.facts = facts or self._inspect()
            self.rewind()
        except BaseException:
            self.container.close()
            raise

    def rewind(self) -> None:
        """Go back to the first packet by opening anew: seeking to a start is what broken files are worst at."""
        if not self.at_start:
            self.container.close()
            self._open()
        streams = self.container.streams
        self.video = streams[self.facts.video] if self.facts.video is not None else None
        self.audio = streams[self.facts.audio] if self.facts.audio is not None else None

    def note(self, sentence: str) -> None:
        """Note something that the user is to be warned of, once."""
        self.notes.setdefault(sentence, False)

    def warn(self, level: int) -> None:
        """Warn of what has been noted since the last time; `level` is the place of the user's line above this one."""
        for sentence in [sentence for sentence, is_told in self.notes.items() if not is_told]:
            self.notes[sentence] = True
            warnings.warn(f"{self.path}: {sentence}.", stacklevel=level + 1)

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
        """Yield the packets of these streams, their stamps corrected.

        Others are skipped, which saves reading their bytes, or only read for the clock's sake.
        """
        wanted = {stream.index for stream in streams}
        others = [] if self.is_steady else [stream for stream in (self.video, self.audio) if stream is not None]
        read = wanted | {stream.index for stream in others}
        for stream in self.container.streams:
            stream.discard = Discard.default if stream.index in read else Discard.all
        self.clock = Clock(self.notes.setdefault)  # `self.note` would hold itself, and its decoder, in a circle
        for packet in self._packets(*(self.container.streams[index] for index in sorted(read))):
            self.is_cut = packet.is_corrupt if packet.size else self.is_cut
            if not self.is_steady:
                self.clock.correct(packet)
            if packet.stream.index in wanted:
                yield packet

    def index(self) -> Index:
        """Return what all packets tell, read once for all readings of the file."""
        if self.facts.index is None:
            with open_source(self.path, self.facts) as other:
                self.facts.index = scan(other)
        for sentence in self.facts.index.notes:
            self.note(sentence)
        return self.facts.index

    @cached_property
    def is_steady(self) -> bool:
        """Tell whether the header alone shows that stamps go forward without a break: only an mp4's lists them all."""
        if not self.is_in("mov"):
            return False
        ends = [self.stated_end(stream) for stream in (self.video, self.audio) if stream is not None]
        if None in ends or max(ends) - min(ends) > LONGEST_GAP:
            return False
        if self.video is None or not self.video.average_rate or not self.video.base_rate:
            return self.video is None
        # Where frames of uneven length are stored in another order than shown, the header adds up wrong lengths.
        context, ratio = self.video.codec_context, self.video.average_rate / self.video.base_rate
        return ratio == 1 or 0.9 < ratio and not (context is not None and context.has_b_frames)

    @cached_property
    def can_seek(self) -> bool:
        """Tell whether a seek lands where it says.

        Not in program streams (.mpg) and AVI, which after a seek stamp their pictures otherwise than when they are
        read from the start, and not where several recordings use the same stamps.
        """
        if self.is_in("avi", "mpeg", *BARE):
            return False
        return self.is_steady or self.container.size > SCAN_BYTES or not self.index().is_joined

    def stated_end(self, stream: Any) -> float | None:
        """Return the second at which the container says that a track ends, or None where it does not say."""
        start = start_of(stream)
        if start is None or not stream.duration:
            return None
        end = start + float(stream.duration * stream.time_base) - self.facts.origin
        return end if end > 0 else None

    def is_in(self, *names: str) -> bool:
        """Return whether the file's container is one of these, as FFmpeg names them."""
        return bool({*names} & {*self.facts.container.split(",")})

    def error(self, reason: str, way_out: str) -> MediaError:
        return MediaError(f"{self.path}: {reason}; {way_out}.")

    def _open(self) -> None:
        # An absolute "file:" address, so that no name is taken for a protocol, an option or a numbered series, and a
        # playlist posing as a video can fetch nothing.
        name, options = f"file:{os.path.abspath(self.path)}", {"protocol_whitelist": "file", "pattern_type": "none"}
        source: Any = name if self._still is None else io.BytesIO(self._still.data)
        self.container = av.open(source, metadata_errors="replace", container_options=options, timeout=(4.0, 4.0))
        self.at_start = True

    def _inspect(self) -> Facts:
        container, name = self.container, self.container.format.name
        if NOT_MEDIA & {name, *name.split(",")}:
            raise self.error("is a text or a playlist, not a recording", "open the media file itself")
        video, audio = _choose(container, "video"), _choose(container, "audio")
        if video is None and audio is None:
            raise self.error("holds neither pictures nor sound", "check that it is the right file and plays")
        is_image = audio is None and self._is_image(name, video)
        return Facts(
            container=name if self._still is None else self._still.container,
            video=None if video is None else video.index,
            audio=None if audio is None else audio.index,
            video_codec=_codec(video) if self._still is None else self._still.codec,
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
        first_two = zip(range(2), (packet for packet in self._packets(video) if packet.size))
        return len(list(first_two)) == 1

    def _origin(self, video: Any, audio: Any) -> float:
        """Find the start of the earliest stream, in the file's own seconds: it is the 0 s of all that is handed out."""
        starts = [start_of(video), start_of(audio)]
        if starts[1] is not None and (starts[0] is None or starts[1] < starts[0]):
            # Sound leads, perhaps only by the priming samples of its encoder, which the decoder takes away: ask it.
            declared, starts[1] = starts[1], self._first_sample(audio)
            if starts[1] is None and (starts[0] is None or starts[0] - declared <= LONGEST_GAP):
                starts[1] = declared  # hours ahead, sound of which nothing can be decoded is a stamp gone wrong
        return min((start for start in starts if start is not None), default=0.0)

    def _packets(self, *streams: Any) -> Iterator[Any]:
        self.at_start = False
        # `yield from` closes what is left before its end; of a demuxer that is merely dropped PyAV 18.1 keeps memory.
        yield from self.container.demux(streams)

    def _first_sample(self, audio: Any) -> float | None:
        with suppress(*DECODER_ERRORS):  # what is broken is reported by the verb that needs the sound
            for _, packet in zip(range(ORIGIN_PACKETS), self._packets(audio)):
                for frame in packet.decode():
                    if frame.samples and frame.time is not None:
                        return frame.time
        return None


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
    except FAILURES as error:
        raise MediaError(f"{path}: {explain(error)}.") from None
    finally:
        source.container.close()


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

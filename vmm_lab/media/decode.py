"""Decode an open file: frames in order, each with its time. Damage is reported, never hidden."""
import itertools
import math
import time as clock
import warnings
from collections.abc import Iterable, Iterator

import av

from vmm_lab.media.container import DECODER_ERRORS, Source, start_of

EPSILON = 1e-6  # seconds: far below any frame, far above the rounding of floats
PATIENCE = 3.0  # seconds without one good frame: a corrupt file may keep a decoder busy with errors
TAGS = 3  # packets at either end of an mp3 that may be tags and not sound: that they fail is no damage
JUMP = 1.0  # seconds: a step back in time beyond this is a new recording in the same file, not disorder
FOREVER = 1e8  # seconds
# Containers whose header states the length of each track; elsewhere lengths are estimated and no evidence of a cut.
STATED = ("mov", "matroska", "webm", "avi", "wav", "flac", "aiff", "w64")

Packets = Iterable[av.Packet]


class Damaged(Exception):
    """Stop reading at damage; `reason` says what and where, and the verbs of Media add the way out."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class Reading:
    """Follow one reading: `reason` of the first damage (None if all is well), and whether to go on then (`partial`)."""

    def __init__(self, partial: bool = False, seconds: float = math.inf):
        self.partial = partial
        self.reason: str | None = None
        self.is_empty = True
        self._last_success = clock.monotonic()
        self._deadline = self._last_success + seconds

    def succeed(self) -> None:
        self.is_empty, self._last_success = False, clock.monotonic()

    def damage(self, reason: str) -> None:
        self.reason = self.reason or reason
        if not self.partial:
            raise Damaged(self.reason)

    @property
    def is_over(self) -> bool:
        now = clock.monotonic()
        return now > self._deadline or self.reason is not None and now - self._last_success > PATIENCE


def decode(
    source: Source, stream: av.stream.Stream, reading: Reading, packets: Packets | None = None, floor: float = -math.inf
) -> Iterator[tuple[float, av.frame.Frame]]:
    """Yield (seconds, frame) in time order; after damage, if `reading` allows, go on at the next keyframe.

    packets: where to go on after a `seek`; floor: frames before this time lean on packets not read and are dropped.
    """
    decoder = Decoder(source, stream, reading, floor)
    for packet in packets or demux(source, stream, reading):
        yield from decoder.decode(packet)
        if decoder.ended:
            return
    check_end(source, stream, reading, decoder.time)


class Decoder:
    """Decode the packets of one stream; `time` is that of the last frame, `ended` says that no more will come."""

    def __init__(self, source: Source, stream: av.stream.Stream, reading: Reading, floor: float = -math.inf):
        if stream.codec_context is None:
            raise Damaged("this installation has no decoder for its codec")
        self.codec, self.reading, self.floor = stream.codec_context, reading, floor
        self.is_video = stream.type == "video" and not source.facts.is_image
        # AVI stamps packets in the order of decoding, not of showing: pictures follow at the pace of the packets.
        self.by_packet = self.is_video and source.is_in("avi")
        if self.is_video:
            # Frame threads hand an error over late, among frames decoded after it: they are off where reading goes on.
            self.codec.thread_type = "SLICE" if reading.partial or self.by_packet else "AUTO"
        self.base, self.interval = float(stream.time_base or 0), frame_interval(stream)
        self.offset, self.first_dts, self.delay = -source.facts.origin, None, 0
        self.time: float | None = None
        self.ended = self.skipping = False
        self.failures, self.unreported = 0, None  # packets of sound in a row; damage only if sound goes on behind them

    def decode(self, packet: av.Packet) -> Iterator[tuple[float, av.frame.Frame]]:
        """Yield (seconds, frame) for all that this packet completes."""
        if self.skipping and packet.size and not packet.is_keyframe:
            self.ended = self.reading.is_over
            return
        self.first_dts = packet.dts if self.first_dts is None else self.first_dts
        frames, failed = self._decode(packet)
        reached = self.time
        for frame in frames:
            time = self._time_of(frame)
            if time < self.floor - EPSILON:
                continue
            if self.is_video and frame.is_corrupt:
                if self.time is not None or frame.key_frame:
                    failed = True
                    break
                continue
            if self.unreported and self.time is not None:
                self.reading.damage(self.unreported)
            self.failures, self.unreported = 0, None
            self.time = time if self.time is None else max(self.time, time)
            self.reading.succeed()
            yield self.time, frame
        self.skipping = False
        if failed:
            self._fail("is damaged at its start" if reached is None else f"is damaged after {reached:.2f} s")
        self.ended = self.ended or self.reading.is_over

    def _decode(self, packet: av.Packet) -> tuple[list[av.frame.Frame], bool]:
        try:
            return self.codec.decode(packet), False
        except EOFError:
            self.ended = True
        except DECODER_ERRORS:
            # A recording cut out of a longer one: what comes before its first keyframe was never whole.
            if self.time is not None or packet.is_keyframe:
                return self._drain() if self.reading.partial else [], True
        return [], False

    def _drain(self) -> list[av.frame.Frame]:
        try:
            return self.codec.decode(None)
        except DECODER_ERRORS:
            return []

    def _fail(self, reason: str) -> None:
        self.codec.flush_buffers()
        if self.codec.type == "audio" and self.failures < TAGS:
            self.failures, self.unreported = self.failures + 1, self.unreported or reason
            return
        self.reading.damage(reason)
        self.skipping = self.is_video

    def _time_of(self, frame: av.frame.Frame) -> float:
        stamp = frame.dts if self.by_packet or frame.pts is None else frame.pts
        if self.by_packet and stamp is not None:
            if self.time is None and self.first_dts is not None:
                self.delay = stamp - self.first_dts  # pictures held back for reordering come out so many packets late
            stamp -= self.delay
        time = FOREVER if stamp is None else round(stamp * self.base + self.offset, 9)
        if abs(time) >= FOREVER:
            return 0.0 if self.time is None else self.time + self.interval
        if self.time is not None and time < self.time - JUMP:
            self.offset += self.time + self.interval - time
            return self.time + self.interval
        return time


def frame_interval(stream: av.stream.Stream) -> float:
    """Return the seconds from frame to frame as the header has it; where it is silent, those of 25 frames/s."""
    rate = stream.average_rate if stream.type == "video" else None
    return 1 / float(rate) if rate and 0 < rate < 1000 else 0.04


def demux(source: Source, stream: av.stream.Stream, reading: Reading) -> Iterator[av.Packet]:
    """Yield the packets of `stream`; damage of the container itself is noted in `reading`."""
    try:
        yield from source.demux(stream)
    except DECODER_ERRORS:
        reading.damage("is damaged: its packets cannot be told apart any more")


def seek(source: Source, stream: av.stream.Stream, time: float, reading: Reading) -> tuple[float, Packets] | None:
    """Go to the last keyframe at or before `time`; return its seconds and the packets from there on.

    None where seeking cannot be trusted: also in program streams (.mpg) and AVI, which after a seek stamp their
    pictures otherwise than when they are read from the start.
    """
    if source.is_in("avi", "mpeg"):
        return None
    origin, first = source.facts.origin, start_of(stream)
    for back in (0.0, 2.0, 10.0):
        found = keyframe_near(source, stream, max(time + origin, first or 0.0) - back, reading)
        if found is None or found[0].pts is None or found[0].is_discard:
            return None
        key = float(found[0].pts * found[0].time_base) - origin
        if key <= time + EPSILON or (first is not None and key + origin <= first + EPSILON):
            return key, itertools.chain([found[0]], found[1])
    return None


def keyframe_near(
    source: Source, stream: av.stream.Stream, seconds: float, reading: Reading, *, before: bool = True
) -> tuple[av.Packet, Packets] | None:
    """Seek to `seconds` of the file's own time; return the first keyframe met there and the packets that follow it."""
    source.at_start = False
    try:
        source.container.seek(int(seconds / stream.time_base), stream=stream, backward=before)
        packets = demux(source, stream, reading)
        for packet in packets:
            if packet.is_keyframe and packet.size:
                return packet, packets
    except DECODER_ERRORS:
        pass
    return None


def decode_from(source: Source, time: float, reading: Reading) -> Iterator[tuple[float, av.VideoFrame]]:
    """Decode pictures from the keyframe at or before `time` or, where seeking cannot be trusted, from the start."""
    if time > 1.0:
        found = seek(source, source.video, time, reading)
        if found is not None:
            key, packets = found
            frames = decode(source, source.video, reading, packets, floor=key)
            first = next(frames, None)
            # Some keyframes are only the beginning of one, spread over many frames: then pictures come too late.
            if first is not None and first[0] <= max(time, key) + EPSILON:
                yield first
                yield from frames
                return
        source.rewind()
    yield from decode(source, source.video, reading)


def check_end(source: Source, stream: av.stream.Stream, reading: Reading, last: float | None) -> None:
    """Compare the end of the file with what its header promised: proof of a cut is damage, a suspicion is a warning."""
    missing = bytes_missing(source, stream)
    if missing:
        reading.damage(f"is cut off: {missing} bytes are missing at the end")
        return
    promised, interval = _promised_end(source, stream), frame_interval(stream)
    if last is None or promised is None or source.is_in("mov") or not source.is_in(*STATED) or reading.reason:
        return
    if promised - (last + interval) > max(0.5, 0.05 * promised, 2 * interval):
        stated = f"its header promises {promised:.2f} s, but its {stream.type} ends at {last + interval:.2f} s"
        warnings.warn(f"{source.path}: {stated}; it may be cut off, compare it with the original.", stacklevel=2)


def bytes_missing(source: Source, stream: av.stream.Stream) -> int:
    """Return how many bytes the index of an mp4 points behind the end of the file; 0 where all is there."""
    entries, size = stream.index_entries, source.container.size
    if not len(entries) or not source.is_in("mov") or size <= 0:
        return 0
    return max(0, entries[len(entries) - 1].pos + entries[len(entries) - 1].size - size)


def _promised_end(source: Source, stream: av.stream.Stream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base) + (start_of(stream) or 0.0) - source.facts.origin
    tags = {key.upper(): value for key, value in stream.metadata.items()}  # Matroska writes hours:minutes:seconds
    try:
        hours, minutes, seconds = map(float, tags["DURATION"].split(":"))
    except (KeyError, ValueError):
        return None
    return hours * 3600 + minutes * 60 + seconds - source.facts.origin

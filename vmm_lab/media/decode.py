"""Decode an open file: frames in order, each with its time. Damage is reported, never hidden."""
import contextlib
import itertools
import math
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from vmm_lab.media.clock import BARE, STATED, frame_interval, start_of
from vmm_lab.media.container import Source
from vmm_lab.media.errors import DECODER_ERRORS

EPSILON = 1e-6  # seconds: far below any frame, far above the rounding of floats
TAGS = 3  # packets at either end of an mp3 that may be tags and not sound: that they fail is no damage
FOREVER = 1e8  # seconds
SMALL = 160 * 120  # pixels of a picture that is decoded sooner than threads are started

Packets = Iterable[Any]  # of PyAV


def decode(
    source: Source, stream: Any, packets: Packets | None = None, floor: float = -math.inf
) -> Iterator[tuple[float, Any]]:
    """Yield (seconds, frame) in time order; after damage, if partial results are wanted, go on at the next keyframe.

    packets: where to go on after a `seek`; floor: frames before this time lean on packets not read and are dropped.
    """
    decoder = Decoder(source, stream, floor)
    for packet in packets or demux(source, stream):
        yield from decoder.decode(packet)
        if decoder.ended:
            return
    check_end(source, stream, decoder.time)


def threads_for(codec: Any) -> str:
    """Return how FFmpeg shares the work of a decoder: many small videos take less time, and memory, without threads."""
    return "AUTO" if codec.width * codec.height > SMALL else "SLICE"


class Decoder:
    """Decode the packets of one stream; `time` is that of the last frame, `ended` says that no more will come."""

    def __init__(self, source: Source, stream: Any, floor: float):
        self.source, self.codec, self.floor = source, stream.codec_context, floor
        self.is_video = stream.type == "video" and not source.facts.is_image
        self.is_bare = source.is_in(*BARE)
        # AVI stamps packets in the order of decoding, not of showing: pictures follow at the pace of the packets.
        self.by_packet = self.is_video and source.is_in("avi")
        if self.is_video:
            # Frame threads hand an error over late, among frames decoded after it: they are off where reading goes on.
            self.codec.thread_type = "SLICE" if source.partial or self.by_packet else threads_for(self.codec)
        self.base, self.interval = float(stream.time_base or 0), frame_interval(stream)
        self.delay = 0
        self.first_dts: int | None = None
        self.time: float | None = None
        self.stamp: int | None = None  # of the last frame,
        self.due = 0.0  # and when the next one comes, should it have none
        self.last: Any = None
        self.repeats: list[float] = []  # seconds at which the last frame is to be shown again
        self.ended = self.skipping = False
        self.failures = 0  # packets of sound in a row: damage only if sound goes on behind them
        self.unreported: str | None = None

    def decode(self, packet: Any) -> Iterator[tuple[float, Any]]:
        """Yield (seconds, frame) for all that this packet completes."""
        if self.skipping and packet.size and not packet.is_keyframe:
            self.ended = self.source.is_over
            return
        self.first_dts = packet.dts if self.first_dts is None else self.first_dts
        if self.is_video and not packet.size and packet.pts is not None:
            # The same picture again, as Theora stores it. For a decoder no bytes are the order to stop.
            self.repeats.append(self._seconds(packet.pts))
            return
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
                self.source.damage(self.unreported)
            self.failures, self.unreported = 0, None
            yield from self._repeat(time)
            self.time = time if self.time is None else max(self.time, time)
            self.last = frame if self.is_video else None
            self.source.succeed()
            yield self.time, frame
        if packet.pts is None and not packet.size:
            yield from self._repeat(math.inf)
        self.skipping = False
        if failed:
            self._fail("is damaged at its start" if reached is None else f"is damaged after {reached:.2f} s")
        self.ended = self.ended or self.source.is_over

    def _decode(self, packet: Any) -> tuple[list[Any], bool]:
        try:
            return self.codec.decode(packet), False
        except EOFError:
            self.ended = True
        except DECODER_ERRORS:
            # A recording cut out of a longer one: what comes before its first keyframe was never whole.
            if self.time is not None or packet.is_keyframe:
                with contextlib.suppress(*DECODER_ERRORS):
                    return self.codec.decode(None) if self.source.partial else [], True
                return [], True
        return [], False

    def _fail(self, reason: str) -> None:
        self.codec.flush_buffers()
        if self.codec.type == "audio" and self.failures < TAGS:
            self.failures, self.unreported = self.failures + 1, self.unreported or reason
            return
        self.source.damage(reason)
        self.skipping = self.is_video

    def _repeat(self, before: float) -> Iterator[tuple[float, Any]]:
        """Yield the last frame again for each empty packet shown before a time."""
        while self.repeats and self.repeats[0] < before and self.last is not None:
            self.time = max(self.time or 0.0, self.repeats.pop(0))
            yield self.time, self.last

    def _time_of(self, frame: Any) -> float:
        stamp = frame.dts if self.by_packet or frame.pts is None else frame.pts
        # Several frames of sound out of one packet: only the first has a stamp of its own.
        is_own = stamp is not None and (not self.is_bare if self.is_video else stamp != self.stamp)
        self.stamp = stamp
        if self.by_packet and stamp is not None:
            if self.time is None and self.first_dts is not None:
                self.delay = stamp - self.first_dts  # pictures held back for reordering come out so many packets late
            stamp -= self.delay
        time = self._seconds(stamp) if is_own else FOREVER
        time = self.due if abs(time) >= FOREVER else time
        self.due = time + (self.interval if self.codec.type == "video" else frame.samples / (frame.sample_rate or 1))
        return time

    def _seconds(self, stamp: int) -> float:
        return round(stamp * self.base - self.source.facts.origin, 9)


def demux(source: Source, stream: Any) -> Iterator[Any]:
    """Yield the packets of `stream`; damage of the container itself is noted."""
    try:
        yield from source.demux(stream)
    except DECODER_ERRORS:
        source.damage("is damaged: its packets cannot be separated any more")


def seek(source: Source, stream: Any, time: float) -> tuple[float, Packets] | None:
    """Go to the last keyframe at or before `time`; return its seconds and the packets from there on.

    None where seeking cannot be trusted.
    """
    if not source.can_seek:
        return None
    origin, first = source.facts.origin, start_of(stream)
    for back in (0.0, 2.0, 10.0):
        found = keyframe_near(source, stream, max(time + origin, first or 0.0) - back)
        if found is None or found[0].pts is None or found[0].is_discard:
            return None
        key = float(found[0].pts * found[0].time_base) - origin
        if key <= time + EPSILON or (first is not None and key + origin <= first + EPSILON):
            return key, itertools.chain([found[0]], found[1])
    return None


def keyframe_near(
    source: Source, stream: Any, seconds: float, *, before: bool = True
) -> tuple[Any, Packets] | None:
    """Seek to `seconds` of the file's own time; return the first keyframe met there and the packets that follow it."""
    source.at_start = False
    with contextlib.suppress(*DECODER_ERRORS):
        source.container.seek(int(seconds / stream.time_base), stream=stream, backward=before)
        packets = demux(source, stream)
        for packet in packets:
            if packet.is_keyframe and packet.size:
                return packet, packets
    return None


def decode_from(source: Source, time: float) -> Iterator[tuple[float, Any]]:
    """Decode pictures from the keyframe at or before `time` or, where seeking cannot be trusted, from the start."""
    if time > 1.0:
        found = seek(source, source.video, time)
        if found is not None:
            key, packets = found
            frames = decode(source, source.video, packets, floor=key)
            first = next(frames, None)
            # Some keyframes are only the beginning of one, spread over many frames: then pictures come too late.
            if first is not None and first[0] <= max(time, key) + EPSILON:
                yield first
                yield from frames
                return
        source.rewind()
    yield from decode(source, source.video)


def check_end(source: Source, stream: Any, last: float | None) -> None:
    """Compare the end of the file with what its header promised: proof of a cut is damage, a suspicion is a warning."""
    missing = bytes_missing(source, stream)
    if missing:
        source.damage(f"is cut off: {missing} bytes are missing at the end")
        return
    if last is None or source.reason:
        return
    is_short = (source.is_in("wav") and ends_before_sound(source.path)
                or source.is_in("matroska") and ends_before_segment(source.path)
                or stream.type == "video" and source.is_cut)
    if is_short:
        source.note("is shorter than its headers say; it may be cut off, compare it with the original")
        return
    promised, interval = source.stated_end(stream), frame_interval(stream)
    if promised is None or source.is_in("mov") or not source.is_in(*STATED):
        return
    if promised - (last + interval) > max(0.5, 0.05 * promised, 4 * interval) and len(source.clock.shifts) == 1:
        stated = f"its header promises {promised:.2f} s, but its {stream.type} ends at {last + interval:.2f} s"
        source.note(f"{stated}; it may be cut off, compare it with the original")


def bytes_missing(source: Source, stream: Any) -> int:
    """Return how many bytes the index of an mp4 points behind the end of the file; 0 where all is there."""
    entries, size = stream.index_entries, source.container.size
    if not len(entries) or not source.is_in("mov") or size <= 0:
        return 0
    return max(0, entries[len(entries) - 1].pos + entries[len(entries) - 1].size - size)


def ends_before_sound(path: Path) -> bool:
    """Return whether a WAV file ends before the sound that its header states: libav believes the file."""
    with open(path, "rb") as file:
        order, long = "><"[file.read(12)[:4] != b"RIFX"], 0
        while len(head := file.read(8)) == 8:
            name, size = struct.unpack(order + "4sI", head)
            if name == b"data":  # recorders that stream, and cannot come back, leave 0 or all ones
                size = long if size == 2**32 - 1 else size
                return file.tell() + size > os.path.getsize(path)
            body = file.read(min(size, 16))
            if name == b"ds64":
                long = int.from_bytes(body[8:], "little")
            file.seek(size - len(body) + size % 2, 1)
    return False


def ends_before_segment(path: Path) -> bool:
    """Return whether a Matroska or WebM file ends before its one segment does: what is cut, libav leaves out."""
    with open(path, "rb") as file:
        end = 0
        for name in (b"\x1aE\xdf\xa3", b"\x18S\x80g"):  # EBML, Segment (RFC 8794 and 9559)
            file.seek(end)
            if file.read(4) != name:
                return False
            first = int.from_bytes(file.read(1))
            length = 8 - first.bit_length()  # as many more bytes of the size as zeros lead
            size = int.from_bytes(file.read(length), "big") + ((first & 127 >> length) << 8 * length)
            end = file.tell() + size
    is_known = size < (1 << 7 * (length + 1)) - 1  # all ones: a recorder streamed, and did not come back
    return is_known and end > os.path.getsize(path)

"""Moments go in; the frames on screen at those moments come out, decoding as little as the keyframes allow."""
import bisect
from collections import deque

from vmm_lab.media.container import DECODER_ERRORS
from vmm_lab.media.index import step
from vmm_lab.media.reading import check_end, decode, demux, seek

# Decoders that leave out pictures which no other leans on, if told to.
SKIPPERS = {"h264", "hevc", "mpeg4", "mpeg2video", "mpeg1video"}


class Unsure(Exception):
    """The shortcut cannot promise the right frames (odd timestamps, a seek that lied): read from the start instead."""


def tolerance(stream):
    """Timestamps are rounded to ticks: a moment within half a tick (at most half a millisecond) of a frame's time belongs to it."""
    return min(float(stream.time_base) / 2 if stream.time_base else 0.0, 0.0005) + 1e-9


def on_screen(frames, moments, slack, tally=None):
    """For each of the ascending `moments`, the last (time, frame) at or before it; before the first frame, the first; after
    the last, the last. Reads one frame ahead, holds one back."""
    moments = iter(moments)
    moment = next(moments, None)
    current = None
    for time, frame in frames:
        while current is not None and moment is not None and time > moment + slack:
            yield current
            moment = next(moments, None)
        if moment is None:
            return
        current = (time, frame)
    if tally is not None and tally.reason:
        if current is not None and moment is not None and current[0] <= moment + slack:
            yield current
        return
    while current is not None and moment is not None:
        yield current
        moment = next(moments, None)


def pick(source, moments, to_array, slots, tally, *, exact=True):
    """Put the frames on screen at the ascending `moments` into `slots`. With exact=False the keyframe nearest to each instead.

    In a damaged file (and a `tally` that allows it) the slots behind the last readable frame stay empty.
    """
    if not source.facts.is_image and not source.seeks_lie:
        for attempt in ([] if exact else [_nearest_keyframes]) + [_by_keyframes]:
            try:
                return attempt(source, source.only(source.video), moments, to_array, slots, tally)
            except (Unsure, *DECODER_ERRORS):
                source.reopen()
                slots.clear()
    stream = source.only(source.video)
    shown, last = None, None
    for k, (time, frame) in enumerate(on_screen(decode(source, stream, tally), moments, tolerance(stream), tally)):
        if frame is shown:
            slots.repeat(k, last)
        else:
            slots.put(k, to_array(frame), time)
            shown, last = frame, k


def _by_keyframes(source, stream, moments, to_array, slots, tally):
    """Jump where a keyframe lies well between one moment and the next; read on where none does."""
    codec = stream.codec_context
    if codec is None:
        raise Unsure
    codec.thread_type = "AUTO"
    runs = []
    for k, moment in enumerate(moments):
        # Emptying and filling the decoder's pipeline costs about as much as a few frames: nearer moments are reached by reading.
        if k == 0 or moment - moments[k - 1] > 4 * step(stream):
            found = seek(source, stream, moment, tally)
            if found is None:
                raise Unsure
            if k == 0 or found[0] > moments[k - 1] + 3 * step(stream):
                runs.append((found[0], []))
        runs[-1][1].append(k)
    for key, numbers in runs:
        found = seek(source, stream, moments[numbers[0]], tally)
        if found is None or abs(found[0] - key) > 1e-6:
            raise Unsure
        Run(source, stream, found[1], to_array, slots, tally).show([(k, moments[k]) for k in numbers])


class Run:
    """Reads on from one keyframe. Packets are looked at ahead of decoding, so that it is known which pictures are wanted and
    which, wanted by nobody and leant on by none, need not be decoded."""

    def __init__(self, source, stream, packets, to_array, slots, tally):
        self.source, self.stream, self.packets, self.tally = source, stream, packets, tally
        self.to_array, self.slots = to_array, slots
        self.codec = stream.codec_context
        self.skips = self.codec.codec.canonical_name in SKIPPERS
        self.base, self.origin = float(stream.time_base), source.facts.origin
        self.ahead = deque()  # packets read and not decoded yet
        self.stamps = []  # presentation stamps of all packets read, ascending
        self.newest = None  # decoding stamp of the packet read last: every picture shown before it has been read
        self.ended = False
        self.wanted = {}  # stamp: the first slot that wants it
        self.fed, self.done = set(), set()

    def show(self, places):
        """Fill the slots of `places`, ascending (slot, moment) pairs."""
        places, stamps, repeats = deque(places), deque(), []

        def settle():
            k, moment = places.popleft()
            stamps.append(self._stamp_at(moment))
            if stamps[-1] in self.wanted:
                repeats.append((k, self.wanted[stamps[-1]]))
            self.wanted.setdefault(stamps[-1], k)

        while places or stamps:
            if not stamps:
                settle()
            stamp = stamps.popleft()
            if stamp in self.fed:
                continue
            # On the way to this picture others are decoded that are shown later. Which of them are wanted must be known before.
            latest = self._latest_before(stamp)
            while places and (not stamps or stamps[-1] <= latest):
                settle()
            self._feed(stamp)
        self._keep(self.codec.decode(None))
        if len(self.done) < len(self.wanted):
            raise Unsure
        for k, first in repeats:
            self.slots.repeat(k, first)

    def _latest_before(self, stamp):
        """The latest stamp among the packets to be decoded up to that of `stamp`."""
        latest = None
        for packet in self.ahead:
            latest = packet.pts if latest is None else max(latest, packet.pts)
            if packet.pts == stamp:
                return latest
        raise Unsure

    def _stamp_at(self, moment):
        limit = (moment + self.origin + tolerance(self.stream)) / self.base
        while not self.ended and (self.newest is None or self.newest <= limit):
            self._read()
        if not self.stamps:
            raise Unsure
        return self.stamps[max(0, bisect.bisect_right(self.stamps, limit) - 1)]

    def _feed(self, stamp):
        """Decode up to the packet of `stamp`."""
        while stamp not in self.fed:
            packet = self.ahead.popleft()
            if self.skips:
                self.codec.skip_frame = "DEFAULT" if packet.pts in self.wanted else "NONREF"
            self.fed.add(packet.pts)
            self._keep(self.codec.decode(packet))

    def _read(self):
        packet = next(self.packets, None)
        if packet is None or not packet.size:
            self.ended = True
            last = self.stamps[-1] * self.base - self.origin if self.stamps else None
            check_end(self.source, self.stream, self.tally, last, step(self.stream))
            return
        if packet.pts is None or len(self.ahead) > 5000:
            raise Unsure
        if not packet.is_discard:
            bisect.insort(self.stamps, packet.pts)
        self.newest = packet.dts if packet.dts is not None else self.newest
        self.ahead.append(packet)

    def _keep(self, frames):
        for frame in frames:
            if frame.is_corrupt:
                raise Unsure
            if frame.pts in self.wanted and frame.pts not in self.done:
                self.done.add(frame.pts)
                self.slots.put(self.wanted[frame.pts], self.to_array(frame), round(frame.pts * self.base - self.origin, 9))


def _nearest_keyframes(source, stream, moments, to_array, slots, tally):
    """One packet for each moment. Keyframes lean on nothing, so all of them pass through the decoder in one go."""
    codec = stream.codec_context
    if codec is None:
        raise Unsure
    packets = {}  # stamp: packet
    nearest = []
    for moment in moments:
        found = seek(source, stream, moment, tally)
        if found is None:
            raise Unsure
        choices = [p for p in (next(found[1]), _keyframe_after(source, stream, moment, tally)) if p is not None]
        place = (moment + source.facts.origin) / float(stream.time_base)
        packet = min(choices, key=lambda p: abs(p.pts - place))
        if nearest and packet.pts < nearest[-1]:
            raise Unsure  # a seek went astray
        packets[packet.pts] = packet
        nearest.append(packet.pts)
    codec.flush_buffers()
    codec.thread_type = "AUTO"
    shown = {}
    for packet in [*packets.values(), None]:
        for frame in codec.decode(packet):
            if not frame.is_corrupt and frame.pts in packets:
                shown[frame.pts] = to_array(frame).copy()
    if len(shown) < len(packets):
        raise Unsure
    for k, stamp in enumerate(nearest):
        slots.put(k, shown[stamp], round(stamp * float(stream.time_base) - source.facts.origin, 9))


def _keyframe_after(source, stream, moment, tally):
    try:
        source.container.seek(int((moment + source.facts.origin) / stream.time_base), stream=stream, backward=False)
    except DECODER_ERRORS:
        return None  # no keyframe follows
    for packet in demux(source, stream, tally):
        if packet.is_keyframe and packet.size and not packet.is_discard and packet.pts is not None:
            return packet
    return None

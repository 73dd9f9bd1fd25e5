"""An open source goes in; its decoded frames, in order and each with its time, come out. What is damaged is said, never hidden."""
import time as clock
import warnings

from vmm_lab.media.container import DECODER_ERRORS, start_of
from vmm_lab.media.index import step

# A corrupt file may keep a decoder busy with errors; after so many seconds without one good frame, reading ends.
PATIENCE = 3.0
# Tags before and behind the sound of an mp3 may pass for packets of it: so many that fail at either end are no damage.
TAGS = 3
JUMP = 1.0  # seconds: a step back in time beyond this is a new recording in the same file, not disorder
FOREVER = 1e8

# Containers whose header states the length of each track; elsewhere lengths are estimated and no evidence of a cut.
STATED = {"mov", "matroska", "webm", "avi", "wav", "flac", "aiff", "w64"}


class Damaged(Exception):
    """Reading stopped at damage; `reason` says what and where. The faces turn it into a MediaError that adds the way out."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Tally:
    """What one reading met: the reason of the first damage (None if all is well) and what to do then (`partial`: go on)."""

    def __init__(self, partial=False, deadline=None):
        self.partial = partial
        self.deadline = deadline
        self.reason = None
        self.empty = True
        self.last_good = clock.monotonic()

    def good(self):
        self.empty = False
        self.last_good = clock.monotonic()

    def damage(self, reason):
        self.reason = self.reason or reason
        if not self.partial:
            raise Damaged(self.reason)

    @property
    def tired(self):
        now = clock.monotonic()
        if self.deadline is not None and now > self.deadline:
            return True
        return self.reason is not None and now - self.last_good > PATIENCE


def decode(source, stream, tally, packets=None, floor=None):
    """Yield (seconds, frame) of `stream` in time order. After damage (and if `tally` allows), reading goes on at the next keyframe.

    packets: where to go on after a seek, as from `seek`; floor: frames before this time lean on packets not read and are dropped.
    """
    origin = source.facts.origin
    codec = stream.codec_context
    if codec is None:
        raise Damaged("this installation has no decoder for its codec")
    moving = stream.type == "video" and not source.facts.is_image
    if moving:
        # Frame threads hand an error over late, among frames decoded after it: where reading goes on after damage, they are off.
        codec.thread_type = "SLICE" if tally.partial or source.counts_by_packet else "AUTO"
    base = float(stream.time_base) if stream.time_base else 0.0
    pace = step(stream)
    by_packet, delay = moving and source.counts_by_packet, 0
    skipping = False
    begun = False
    shift, last, first_packet = 0.0, None, None
    hollow, unheard = 0, None  # packets of sound in a row that failed, and what is to be said of it if sound goes on behind them
    for packet in packets if packets is not None else demux(source, stream, tally):
        if skipping and not packet.is_keyframe and packet.size:
            if tally.tired:
                return
            continue
        if first_packet is None:
            first_packet = packet.dts
        try:
            frames = codec.decode(packet)
        except DECODER_ERRORS as error:
            if isinstance(error, EOFError):
                return
            if not begun and not packet.is_keyframe:
                continue  # a recording cut out of a longer one: what comes before its first keyframe was never whole
            frames = _drain(codec) if tally.partial else []
            failed = error
        else:
            failed = None
        reached = last
        for frame in frames:
            stamp = frame.pts if frame.pts is not None else frame.dts
            if by_packet:
                stamp = frame.dts
                if stamp is not None and first_packet is not None and not begun:
                    delay = stamp - first_packet  # pictures held back for reordering come out so many packets late
                stamp = None if stamp is None else stamp - delay
            time = None if stamp is None else round(stamp * base - origin + shift, 9)
            if time is None or abs(time) > FOREVER:
                time = 0.0 if last is None else last + pace
            elif last is not None and time < last - JUMP:
                shift += last + pace - time
                time = last + pace
            if floor is not None and time < floor - 1e-6:
                continue
            if moving and frame.is_corrupt:
                if begun or frame.key_frame:
                    failed = failed or ValueError("parts of a picture are missing")
                    break
                continue
            if unheard is not None and begun:
                tally.damage(unheard)
            hollow, unheard = 0, None
            last = time if last is None else max(last, time)
            begun = True
            tally.good()
            yield last, frame
        if failed is not None:
            reason = "is damaged at its start" if reached is None else f"is damaged after {reached:.2f} s"
            codec.flush_buffers()
            if stream.type == "audio" and hollow < TAGS:
                hollow, unheard = hollow + 1, unheard or reason
                continue
            tally.damage(reason)
            skipping = moving
            if tally.tired:
                return
        else:
            skipping = False
        if tally.deadline is not None and tally.tired:
            return
    check_end(source, stream, tally, last, pace)


def _drain(codec):
    try:
        return codec.decode(None)
    except DECODER_ERRORS:
        return []


def demux(source, stream, tally):
    """The packets of `stream`; damage of the container itself is told to `tally`."""
    source.only(stream)
    try:
        yield from source.container.demux(stream)
    except DECODER_ERRORS:
        tally.damage("is damaged: its packets cannot be told apart any more")


def seek(source, stream, time, tally):
    """Go to the last keyframe at or before `time`; (its seconds, packets from there on), or None where seeking cannot be trusted."""
    origin = source.facts.origin
    first = start_of(stream)
    wanted = max(time + origin, first if first is not None else 0.0)
    for back in (0.0, 2.0, 10.0):
        try:
            source.container.seek(int((wanted - back) / stream.time_base), stream=stream)
            packets = demux(source, stream, tally)
            for packet in packets:
                if packet.is_keyframe and packet.size:
                    break
            else:
                return None
        except DECODER_ERRORS:
            return None
        if packet.pts is None or packet.is_discard:
            return None
        key = float(packet.pts * packet.time_base) - origin
        if key <= time + 1e-6 or (first is not None and key + origin <= first + 1e-6):
            return key, _chain(packet, packets)
    return None


def _chain(packet, packets):
    yield packet
    yield from packets


def decode_from(source, stream, time, tally):
    """Like `decode`, but begins at the keyframe at or before `time`; where that cannot be done for certain, at the start."""
    if time > 1.0 and not source.seeks_lie:
        found = seek(source, source.only(stream), time, tally)
        if found is not None:
            key, packets = found
            frames = decode(source, stream, tally, packets, floor=key)
            first = next(frames, None)
            # Some keyframes are only the beginning of one, spread over many frames: then pictures come too late.
            if first is not None and first[0] <= max(time, key) + 1e-6:
                yield first
                yield from frames
                return
        source.reopen()
        stream = source.video
    yield from decode(source, stream, tally)


def check_end(source, stream, tally, last, pace):
    """At the end of the file: is it the end that the header promised? Proof of a cut is damage, a suspicion is a warning."""
    reason = cut_off(source, stream)
    if reason is not None:
        tally.damage(reason)
        return
    names = set(source.facts.container.split(","))
    promised = _promised(source, stream)
    if last is None or promised is None or "mov" in names or not STATED & names:
        return
    missing = promised - (last + pace)
    if missing > max(0.5, 0.05 * promised, 2 * pace) and tally.reason is None:
        warnings.warn(
            f"{source.path}: its header promises {promised:.2f} s, but its {stream.type} ends at {last + pace:.2f} s; "
            "it may be cut off, compare it with the original.",
            stacklevel=2,
        )


def cut_off(source, stream):
    """What is wrong if the index of an mp4 points behind the end of the file; None if it does not."""
    entries, size = stream.index_entries, source.container.size
    if len(entries) and "mov" in source.facts.container and size > 0:
        final = entries[len(entries) - 1]
        if final.pos + final.size > size:
            return f"is cut off: {final.pos + final.size - size} bytes are missing at the end"
    return None


def _promised(source, stream):
    start = start_of(stream) or 0.0
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base) + start - source.facts.origin
    for key, value in stream.metadata.items():
        if key.upper() == "DURATION":
            try:
                hours, minutes, seconds = (float(part) for part in value.split(":"))
            except ValueError:
                return None
            return hours * 3600 + minutes * 60 + seconds - source.facts.origin
    return None

"""Find the frames on screen at given moments, decoding as little as the keyframes allow."""
import bisect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import av

from vmm_lab.media.clock import frame_interval
from vmm_lab.media.container import Source
from vmm_lab.media.decode import Packets, check_end, decode, keyframe_near, seek, threads_for
from vmm_lab.media.errors import DECODER_ERRORS
from vmm_lab.media.frames import FrameArray, FrameConverter

# Decoders that leave out pictures that no other leans on, if told to.
SKIPPING_CODECS = {"h264", "hevc", "mpeg4", "mpeg2video", "mpeg1video"}
MOST_PACKETS, MOST_BYTES = 20_000, 256 * 2**20  # held at once between two keyframes
FAR = 4  # frames: nearer moments are reached by reading on, since emptying and filling the decoder costs about as much

TimedFrame = tuple[float, av.VideoFrame]


class ShortcutFailed(Exception):
    """Say that jumping cannot promise the right frames (odd timestamps, a seek that lied): read from the start."""


def tolerance(stream: Any) -> float:
    """Return half a tick of the clock, at most half a millisecond: timestamps are rounded, nearer ones are the same."""
    return min(float(stream.time_base or 0) / 2, 0.0005) + 1e-9


def on_screen(source: Source, frames: Iterable[TimedFrame], moments: Iterable[float]) -> Iterator[TimedFrame]:
    """Yield, for each of the ascending `moments`, the last (time, frame) at or before it.

    Before the first frame that is the first; after the last the last, unless there was damage.
    """
    slack = tolerance(source.video)
    moments = iter(moments)
    moment = next(moments, None)
    current = None
    for following in frames:
        while current is not None and moment is not None and following[0] > moment + slack:
            yield current
            moment = next(moments, None)
        if moment is None:
            return
        current = following
    is_damaged = source.reason is not None
    while current is not None and moment is not None and (not is_damaged or current[0] <= moment + slack):
        yield current
        moment = None if is_damaged else next(moments, None)


def sample(source: Source, moments: Sequence[float], converter: FrameConverter, *, exact: bool = True) -> FrameArray:
    """Return the frames on screen at the ascending `moments`, or, with exact=False, the keyframe nearest to each.

    In a damaged file, if partial results are wanted, the places behind the last readable frame stay empty.
    """
    if not source.facts.is_image:
        for shortcut in ([] if exact else [_nearest_keyframes]) + [_by_keyframes]:
            frames = FrameArray(len(moments))
            try:
                source.video.codec_context.thread_type = threads_for(source.video.codec_context)
                shortcut(source, moments, converter, frames)
                return frames
            except (ShortcutFailed, *DECODER_ERRORS):
                source.rewind()
    frames = FrameArray(len(moments))
    shown, last = None, 0
    for k, (time, frame) in enumerate(on_screen(source, decode(source, source.video), moments)):
        if frame is shown:
            frames.repeat(k, last)
        else:
            frames.put(k, converter(frame), time)
            shown, last = frame, k
    return frames


def _by_keyframes(source: Source, moments: Sequence[float], converter: FrameConverter, frames: FrameArray) -> None:
    """Jump where a keyframe lies well between one moment and the next; read on where none does."""
    stream = source.video
    near = FAR * frame_interval(stream)
    runs: list[tuple[float, list[tuple[int, float]]]] = []
    for k, moment in enumerate(moments):
        if k == 0 or moment - moments[k - 1] > near:
            found = seek(source, stream, moment)
            if found is None:
                raise ShortcutFailed
            if k == 0 or found[0] > moments[k - 1] + near:
                runs.append((found[0], []))
        runs[-1][1].append((k, moment))
    for key, places in runs:
        found = seek(source, stream, places[0][1])
        if found is None or abs(found[0] - key) > 1e-6:
            raise ShortcutFailed
        _decode_run(source, found[1], places, converter, frames)


def _decode_run(
    source: Source, packets: Packets, places: list[tuple[int, float]], converter: FrameConverter, frames: FrameArray
) -> None:
    """Read on from a keyframe and fill `places`, (place, moment) pairs.

    Packets are read ahead of decoding, so that frames that nobody wants and none leans on need not be decoded.
    """
    base, margin = float(source.video.time_base), source.facts.origin + tolerance(source.video)
    ahead, stamps = _read_ahead(source, packets, (places[-1][1] + margin) / base)
    wanted: dict[int, list[int]] = {}
    for k, moment in places:
        wanted.setdefault(stamps[max(0, bisect.bisect_right(stamps, (moment + margin) / base) - 1)], []).append(k)
    last = max(position for position, packet in enumerate(ahead) if packet.pts in wanted)
    _decode_wanted(source, ahead[: last + 1], wanted, converter, frames)


def _decode_wanted(
    source: Source, packets: Packets, wanted: dict[int, list[int]], converter: FrameConverter, frames: FrameArray
) -> None:
    """Decode packets and put the frames whose stamps are wanted into their places."""
    codec, base, shown = source.video.codec_context, float(source.video.time_base), set()
    is_skipping = codec.codec.canonical_name in SKIPPING_CODECS
    for packet in [*packets, None]:
        if packet is not None and is_skipping:
            codec.skip_frame = "DEFAULT" if packet.pts in wanted else "NONREF"
        for frame in codec.decode(packet):
            if frame.is_corrupt:
                raise ShortcutFailed
            if frame.pts in wanted and frame.pts not in shown:
                shown.add(frame.pts)
                first, *others = wanted[frame.pts]
                frames.put(first, converter(frame), round(frame.pts * base - source.facts.origin, 9))
                for k in others:
                    frames.repeat(k, first)
    if len(shown) < len(wanted):
        raise ShortcutFailed


def _read_ahead(source: Source, packets: Packets, limit: float) -> tuple[list[Any], list[int]]:
    """Read packets until all frames shown up to `limit` (in ticks) are there; return them and the sorted stamps."""
    ahead: list[Any] = []
    stamps: list[int] = []
    size = 0
    for packet in packets:
        if not packet.size and packet.pts is None:
            break
        size += packet.size
        if not packet.size or packet.pts is None or len(ahead) >= MOST_PACKETS or size > MOST_BYTES:
            raise ShortcutFailed
        ahead.append(packet)
        if not packet.is_discard:
            stamps.append(packet.pts)
        if packet.dts is not None and packet.dts > limit:  # every frame shown before its decoding stamp has been read
            return ahead, sorted(stamps)
    if not stamps:
        raise ShortcutFailed
    check_end(source, source.video, max(stamps) * float(source.video.time_base) - source.facts.origin)
    return ahead, sorted(stamps)


def _nearest_keyframes(source: Source, moments: Sequence[float], converter: FrameConverter, frames: FrameArray) -> None:
    """Read one packet for each moment. Keyframes lean on nothing, so all of them pass through the decoder in one go."""
    stream, origin = source.video, source.facts.origin
    packets: dict[int, Any] = {}  # by their stamp
    wanted: dict[int, list[int]] = {}
    for k, moment in enumerate(moments):
        before = seek(source, stream, moment)
        if before is None:
            raise ShortcutFailed
        choices = [next(iter(before[1]))]
        after = keyframe_near(source, stream, moment + origin, before=False)
        if after is not None and after[0].pts is not None and not after[0].is_discard:
            choices.append(after[0])
        place = (moment + origin) / float(stream.time_base)
        packet = min(choices, key=lambda packet: abs(packet.pts - place))
        if packets and packet.pts < max(packets):
            raise ShortcutFailed  # a seek went astray
        packets[packet.pts] = packet
        wanted.setdefault(packet.pts, []).append(k)
    _decode_wanted(source, packets.values(), wanted, converter, frames)

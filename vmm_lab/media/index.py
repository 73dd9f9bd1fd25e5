"""An open source goes in; what its packets tell without decoding comes out: how many frames, from when to when, which are keyframes."""
from dataclasses import dataclass

import numpy as np

from vmm_lab.media.container import DECODER_ERRORS


@dataclass(frozen=True)
class Index:
    """frames: their number; first, last: seconds of the first and last (None without any); end: of the longest stream."""

    frames: int
    first: float | None
    last: float | None
    end: float
    keyframes: np.ndarray


def step(stream):
    """Seconds from frame to frame as the header has it; where it is silent, those of 25 frames/s."""
    rate = stream.average_rate if stream.type == "video" else None
    return 1 / float(rate) if rate and 0 < rate < 1000 else 0.04


def scan(source):
    """Read every packet of `source`, decode none, and return its Index (times on the media's clock); `source` is used up."""
    origin, video = source.facts.origin, source.video
    chosen = [s for s in (source.video, source.audio) if s is not None]
    by_dts = source.counts_by_packet
    times, keys, end, unstamped, lasting = [], [], 0.0, 0, 0.0
    source.fresh = False
    try:
        for packet in source.container.demux(chosen):
            if not packet.size or packet.is_discard:
                continue
            shown = video is not None and packet.stream_index == video.index
            stamp = packet.dts if by_dts and shown or packet.pts is None else packet.pts
            if stamp is None:
                if not shown:
                    continue
                # A bare stream has no clock: its frames follow each other at the rate it was made for.
                time = unstamped * step(video)
                unstamped += 1
            else:
                time = float(stamp * packet.time_base) - origin
            length = float((packet.duration or 0) * packet.time_base)
            end = max(end, time + length)
            if shown:
                lasting = length
                times.append(time)
                if packet.is_keyframe:
                    keys.append(time)
    except DECODER_ERRORS:
        pass  # an index of what can be reached; reading the frames reports the damage
    times.sort()
    if len(times) > 1 and not lasting:
        end = max(end, times[-1] + (times[-1] - times[0]) / (len(times) - 1))
    return Index(len(times), times[0] if times else None, times[-1] if times else None, end, np.sort(np.asarray(keys, float)))

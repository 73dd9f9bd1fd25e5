"""Put the stamps of a file on one clock that runs forward, and tell from packets alone when its frames are shown."""
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmm_lab.media.errors import DECODER_ERRORS

JUMP = 1.0  # seconds: a step back in time beyond this is a new recording in the same file, not disorder
LONGEST_GAP = 600.0  # seconds: a longer step, in which no stream holds anything, is a stamp gone wrong
UNUSUAL = 20  # times the longest step so far: in a film of one frame an hour an hour is no gap
SCAN_BYTES = 256 * 2**20  # of larger files the header is believed
# Containers whose header states the length of each track; elsewhere lengths are estimated and no evidence of a cut.
STATED = ("mov", "matroska", "webm", "avi", "wav", "flac", "aiff", "w64")
# Coded pictures without a container: their stamps, if any, are guesses in the order of decoding.
BARE = (
    "h264", "hevc", "vvc", "evc", "mpegvideo", "m4v", "h261", "h263", "vc1", "cavsvideo", "avs2", "avs3", "dirac",
    "obu",
)


class Clock:
    """Correct the stamps of packets as they are read: a recording joined to another goes on where that one ended.

    All streams of a recording are moved by the same time, so that sound and pictures stay together. `note` is called
    with a sentence where time is left out.
    """

    def __init__(self, note: Callable[[str], object]):
        self.note = note
        self.shifts = [0.0]  # seconds, of each recording
        self.tracks: dict[int, tuple[int, float, float]] = {}  # number of its recording, last second, longest step
        self.reach = -math.inf  # seconds, corrected: where the longest stream has come to

    def correct(self, packet: Any) -> None:
        """Move the stamps of a packet, which must be the next of its stream."""
        stamp, base = packet.pts if packet.dts is None else packet.dts, packet.time_base
        if stamp is None:
            return
        time, shown = float(stamp * base), float((stamp if packet.pts is None else packet.pts) * base)
        key = packet.stream.index
        number, last, longest = self.tracks.get(key, (0, time, frame_interval(packet.stream)))
        # A gap is one where no other stream of the recording has reached this moment: nothing lies in between.
        if time < last - JUMP or time - last > max(LONGEST_GAP, UNUSUAL * longest) and all(
                time - at > LONGEST_GAP for other, at, _ in self.tracks.values() if other == number):
            number += 1
            if number == len(self.shifts):
                self.shifts.append(self.reach - shown)
                if time > last:
                    gap = f"a gap of {(time - last) / 3600:.1f} h between two of its stamps"
                    self.note(f"{gap} at {last + self.shifts[number - 1]:.2f} s is left out")
        else:
            longest = max(longest, time - last)
        self.tracks[key] = (number, time, longest)
        if shift := round(self.shifts[number] / base):
            packet.pts = None if packet.pts is None else packet.pts + shift
            packet.dts = None if packet.dts is None else packet.dts + shift
        self.reach = max(self.reach, shown + self.shifts[number] + float((packet.duration or 0) * base))


@dataclass(frozen=True)
class Index:
    """Hold what packets tell without decoding: seconds of frames, of keyframes and of the end of the longest stream.

    is_joined: whether stamps begin anew in the middle, so that a seek would land anywhere; notes: what is to be told.
    """

    times: NDArray[np.float64]
    keyframes: NDArray[np.float64]
    end: float
    is_joined: bool
    notes: tuple[str, ...]


def scan(source: Any) -> Index:
    """Read every packet and decode none; all times are seconds on the media's clock."""
    video, origin = source.video, source.facts.origin
    times: list[float] = []
    keyframes: list[float] = []
    following: dict[int, float] = {}  # by stream: when its next packet is due, should that have no stamp
    end, length = 0.0, 0.0
    is_bare = source.is_in(*BARE)
    try:
        for packet in source.demux(*(stream for stream in (video, source.audio) if stream is not None)):
            is_video = packet.stream.type == "video"
            # AVI stamps packets in the order of decoding.
            stamp = packet.dts if packet.pts is None or is_video and source.is_in("avi") else packet.pts
            stamp = None if is_video and is_bare else stamp
            if packet.is_discard or not packet.size and (stamp is None or not is_video):
                continue
            due = following.get(packet.stream.index, 0.0)
            time = due if stamp is None else float(stamp * packet.time_base) - origin
            length = float((packet.duration or 0) * packet.time_base)
            following[packet.stream.index] = time + (length or (frame_interval(video) if is_video else 0.0))
            end = max(end, time + length)
            if is_video:
                times.append(time)
                if packet.is_keyframe and packet.size:
                    keyframes.append(time)
    except DECODER_ERRORS:
        pass  # an index of what can be reached; reading the frames reports the damage
    stamps = np.sort(np.array(times, float))
    if len(stamps) > 1 and not length:
        end = max(end, stamps[-1] + (stamps[-1] - stamps[0]) / (len(stamps) - 1))
    is_joined, notes = len(source.clock.shifts) > 1, tuple(source.notes)
    return Index(stamps, np.sort(np.array(keyframes, float)), float(end), is_joined, notes)


def duration(source: Any) -> float:
    """Return the seconds from the start of the earliest stream to the end of the latest, by header or packets."""
    if source.facts.is_image:
        return 0.0
    size, stated = source.container.size, (source.container.duration or 0) / 1e6
    if source.is_steady:
        ends = [source.stated_end(stream) for stream in (source.video, source.audio)]
        stated = max((end for end in ends if end is not None), default=stated)
    elif size > SCAN_BYTES:  # Matroska counts its duration from 0, not from its first frame.
        stated -= source.facts.origin if source.is_in("matroska") else 0.0
    elif source.video is not None or not source.is_in(*STATED):
        stated = 0.0
    # Less than a byte a second is a header gone wrong.
    return round(stated if 0 < stated <= size else source.index().end, 9)


def start_of(stream: Any) -> float | None:
    """Return the start of a stream in the file's own seconds, or None where the container does not know."""
    if stream is None or stream.start_time is None or stream.time_base is None:
        return None
    start = float(stream.start_time * stream.time_base)
    return start if math.isfinite(start) and abs(start) < 1e9 else None


def frame_interval(stream: Any) -> float:
    """Return the seconds from frame to frame as the header has it; where it is silent, those of 25 frames/s."""
    rate = stream.average_rate if stream.type == "video" else None
    return 1 / float(rate) if rate and 0 < rate < 1000 else 0.04

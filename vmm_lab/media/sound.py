"""Read the sound of an open file as one mono wave on the media's clock: gaps are silence, priming is gone."""
import math
from collections.abc import Iterable, Iterator
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from vmm_lab.media.clock import LONGEST_GAP
from vmm_lab.media.container import Source
from vmm_lab.media.decode import decode, seek
from vmm_lab.media.errors import DECODER_ERRORS, Damaged

Wave = NDArray[np.float32]

JITTER = 0.015  # seconds: timestamps are rounded; only a step beyond this is a gap (silence) or an overlap
PREROLL = 1.0  # seconds read ahead of a wanted start and thrown away: decoders of sound lean on what was before
MARGIN = 0.25  # seconds on either side of a piece, for the resampler
FILTER = 256  # samples, more than the resampler's filter spans
SEEKABLE = ("mov", "matroska", "webm", "wav", "w64", "aiff", "flac")  # containers in which a seek lands where it says


def read_wave(source: Source, sample_rate: int, start: float, end: float | None) -> Wave:
    """Return the wave from `start` to `end` (None: that of the track) seconds, on the clock's grid k/sample_rate."""
    stream = source.audio
    rate = stream.codec_context.sample_rate or sample_rate
    # Whole seconds lie on both grids: beginning at one keeps every sample where it would be in the whole wave.
    base = max(0, int(start - MARGIN))
    stop = math.inf if end is None else end + MARGIN
    if source.is_in("mov"):  # beyond its stated end lies the decoder's padding
        stop = min(stop, source.stated_end(stream) or math.inf)
    wave, length = resample(_blocks(source, rate, base, stop), rate, sample_rate)
    wave = np.clip(wave, -1.0, 1.0)
    first = round(start * sample_rate) - base * sample_rate
    if end is None:
        return wave[first : max(first, round(length / rate * sample_rate))]
    wanted = round(end * sample_rate) - round(start * sample_rate)
    wave = wave[first : first + wanted]
    return np.concatenate([wave, np.zeros(wanted - len(wave), np.float32)])


def resample(waves: Iterable[Wave], rate: int, wanted: int) -> tuple[Wave, int]:
    """Join waves and bring them from `rate` to `wanted` samples per second, by swresample's filter.

    Returns the wave, and how many samples went in.
    """
    if rate == wanted:
        joined = np.concatenate([np.zeros(0, np.float32), *waves])
        return joined, len(joined)
    resampler = av.AudioResampler("fltp", "mono", wanted)
    out, length = [np.zeros(0, np.float32)], 0

    def feed(wave: Wave) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[None], np.float32), format="fltp", layout="mono")
        frame.sample_rate = rate
        out.extend(part.to_ndarray()[0] for part in resampler.resample(frame))

    for wave in waves:
        length += len(wave)
        feed(wave)
    is_short = 0 < length < FILTER
    if is_short:
        feed(np.zeros(FILTER, np.float32))  # of less than its filter's length swresample makes nothing at all
    joined = np.concatenate(out + [part.to_ndarray()[0] for part in resampler.resample(None)])
    return joined[: round(length * wanted / rate)] if is_short else joined, length


def _blocks(source: Source, rate: int, start: int, stop: float) -> Iterator[Wave]:
    """Yield the wave from second `start` to `stop` at the track's own rate, block by block without a gap."""
    packets, floor = None, -math.inf
    if start > 5 and source.is_in(*SEEKABLE):
        found = seek(source, source.audio, start - PREROLL)
        if found is None:
            source.rewind()
        else:
            floor, packets = found
    longest = max(LONGEST_GAP, (source.container.duration or 0) / 1e6)
    position, last = start * rate, round(min(stop * rate, 1e15))  # samples: of the next block, and behind the last
    cursor: int | None = None  # samples: the end of what the track has held so far
    for time, frame in decode(source, source.audio, packets, floor):
        wave = _mono(frame)
        if frame.sample_rate != rate:  # a stream may switch; the first frame's rate rules
            wave, _ = resample([wave], frame.sample_rate, rate)
        place = round(time * rate)
        if cursor is None and place - position > rate * longest:
            raise Damaged(f"its sound claims to begin after {place / rate:.0f} s")
        step = 0 if cursor is None else place - cursor
        if abs(step) <= JITTER * rate:
            place -= step
        elif step < 0:
            wave, place = wave[-step:], place - step  # of an overlap the first wins
        cursor = place + len(wave)
        while position < min(place, last):  # by the second, so that no gap fills the memory at once
            silence = np.zeros(min(rate, min(place, last) - position), np.float32)
            position += len(silence)
            yield silence
        wave = wave[max(0, position - place) : max(0, last - place)]
        position += len(wave)
        if len(wave):
            yield wave
        if position >= last:
            return


def _mono(frame: av.AudioFrame) -> Wave:
    """Return one audio frame as float32 (N,) in [-1, 1]: the mean of its channels."""
    try:
        samples = frame.to_ndarray()
        if not frame.format.is_planar:
            samples = samples.reshape(-1, max(1, len(frame.layout.channels))).T
    except DECODER_ERRORS:
        raise Damaged(f"its samples ({frame.format.name}, {frame.layout.name}) cannot be read") from None
    kind: Any = samples.dtype
    wave = samples.mean(axis=0, dtype=np.float32 if kind == np.float32 else np.float64)
    if kind == np.uint8:
        wave = (wave - 128.0) / 128.0
    elif kind.kind in "iu":
        wave = wave / -float(np.iinfo(kind).min)
    return np.nan_to_num(wave.astype(np.float32), posinf=1.0, neginf=-1.0)

"""An open source goes in; its sound comes out as one mono wave on the media's clock: gaps are silence, priming is gone."""
import av
import numpy as np

from vmm_lab.media.container import DECODER_ERRORS
from vmm_lab.media.reading import Damaged, decode, seek

# Timestamps of sound jitter by rounding; only a step beyond this is a real gap (silence) or overlap (the first wins).
JITTER = 0.015
# A gap this long in the middle of a track is a broken timestamp, not silence.
LONGEST_GAP = 600.0
# Decoders of sound lean on what was before: so much is read ahead of a wanted start and thrown away.
PREROLL = 1.0
# Samples, more than swresample's filter spans.
FILTER = 256
# Containers in which a seek lands where it says.
SEEKABLE = {"mov", "matroska", "webm", "wav", "w64", "aiff", "flac"}


def mono(frame):
    """One audio frame as float32 (N,) in [-1, 1]: the mean of its channels."""
    samples = frame.to_ndarray()
    channels = max(1, len(frame.layout.channels))
    if not frame.format.is_planar:
        samples = samples.reshape(-1, channels).T
    kind = samples.dtype
    wave = samples.astype(np.float32) if kind.kind == "f" else samples.astype(np.float64)
    wave = wave.mean(axis=0)
    if kind == np.uint8:
        wave = (wave - 128.0) / 128.0
    elif kind.kind in "iu":
        wave = wave / -float(np.iinfo(kind).min)
    return np.nan_to_num(wave.astype(np.float32), posinf=1.0, neginf=-1.0)


def blocks(source, stream, tally, rate, begin):
    """Yield (first sample number, float32 wave) at the track's own `rate`, one block starting where the last one ended."""
    packets, floor = None, None
    if begin > 5.0 and SEEKABLE & set(source.facts.container.split(",")):
        found = seek(source, source.only(stream), begin - PREROLL, tally)
        if found is None:
            source.reopen()
            stream = source.audio
        else:
            floor, packets = found
    cursor = None
    drift = 0
    for time, frame in decode(source, stream, tally, packets, floor):
        try:
            wave = mono(frame)
        except DECODER_ERRORS:
            raise Damaged(f"its samples ({frame.format.name}, {frame.layout.name}) cannot be read") from None
        if frame.sample_rate != rate:  # a stream may switch; the first frame's rate rules
            wave = resample([wave], frame.sample_rate, rate)
        place = round(time * rate) - drift
        if cursor is None:
            cursor = place
        step = place - cursor
        if abs(step) <= JITTER * rate:
            step = 0
        elif step > LONGEST_GAP * rate or step < -rate:
            drift += step
            step = 0
        if step > 0:
            for start in range(0, step, rate):  # by the second, so that no gap fills the memory at once
                silence = np.zeros(min(rate, step - start), np.float32)
                yield cursor, silence
                cursor += len(silence)
        elif step < 0:
            wave = wave[-step:]
        if len(wave):
            yield cursor, wave
            cursor += len(wave)


def resample(waves, rate, wanted):
    """The float32 waves of an iterable, joined and brought from `rate` to `wanted` samples per second (swresample's filter)."""
    if rate == wanted:
        return np.concatenate([np.zeros(0, np.float32), *waves])
    resampler = av.AudioResampler("fltp", "mono", wanted)
    out, fed = [], 0

    def feed(wave):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[None], np.float32), format="fltp", layout="mono")
        frame.sample_rate = rate
        out.extend(part.to_ndarray()[0] for part in resampler.resample(frame))

    for wave in waves:
        fed += len(wave)
        feed(wave)
    brief = 0 < fed < FILTER
    if brief:
        feed(np.zeros(FILTER, np.float32))  # of less than its filter's length swresample makes nothing at all
    out += [part.to_ndarray()[0] for part in resampler.resample(None)]
    joined = np.concatenate([np.zeros(0, np.float32), *out])
    return joined[: round(fed * wanted / rate)] if brief else joined


def read_wave(source, tally, sample_rate, start, end, known_end):
    """The wave from `start` to `end` seconds (None: to the end of the track), on the clock's own grid k/sample_rate.

    known_end: the second at which the container says that the track ends; the decoder's padding beyond it is cut.
    """
    stream = source.audio
    rate = stream.codec_context.sample_rate or sample_rate
    # Whole seconds lie on both grids: beginning at one keeps every sample where it would be in the whole wave.
    base = max(0, int(start - 0.25))
    stop = np.inf if end is None else end + 0.25
    if known_end is not None:
        stop = min(stop, known_end)
    position = base * rate

    def waves():
        nonlocal position
        for first, wave in blocks(source, source.only(stream), tally, rate, base):
            if first + len(wave) <= position:
                continue
            if first > position:  # the track starts late
                if first - position > rate * max(LONGEST_GAP, (source.container.duration or 0) / 1e6):
                    raise Damaged(f"its sound claims to begin after {first / rate:.0f} s")
                for k in range(position, first, rate):
                    gap = np.zeros(min(rate, first - k), np.float32)
                    gap = gap[: max(0, int(np.ceil(min(stop * rate, 1e15))) - k)]
                    position += len(gap)
                    yield gap
                if first / rate >= stop:
                    return
            wave = wave[position - first :]
            wave = wave[: max(0, round(min(stop * rate, 1e15)) - position)]
            position += len(wave)
            yield wave
            if position / rate >= stop:
                return

    wave = np.clip(resample(waves(), rate, sample_rate), -1.0, 1.0)
    first = round(start * sample_rate) - base * sample_rate
    if end is None:
        return wave[first : max(first, round((position / rate - base) * sample_rate))]
    wanted = round(end * sample_rate) - round(start * sample_rate)
    wave = wave[first : first + wanted]
    return np.concatenate([wave, np.zeros(wanted - len(wave), np.float32)])

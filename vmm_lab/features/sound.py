"""A wave goes in, a log-mel spectrogram or cepstral coefficients (MFCC) come out: which pitches are loud, and when."""
import functools

import numpy as np
import scipy.fft
import scipy.signal

from vmm_lab.features.base import Feature, segment_means
from vmm_lab.features.checks import check_choice, check_number, check_wave, check_whole
from vmm_lab.media import MediaError, open_media

BLOCK = 256  # windows transformed at a time: few enough to stay in the processor's cache, however long the sound


def log_mel(wave, *, sample_rate, n_fft=512, hop_length=160, n_mels=64, fmin=0.0, fmax=None, top_db=80.0):
    """Log-mel spectrogram: the loudness, in decibels, of `n_mels` bands of pitch, window by window.

    wave: float32 (N,) in [-1, 1]; a sound shorter than one window is padded with silence. sample_rate: in Hz.
    n_fft, hop_length: window (periodic Hann) and step, in samples; windows are centred on multiples of the step, with
    silence before and after. fmin, fmax: lowest and highest pitch, in Hz; None is half the sample rate.
    top_db: anything quieter than the loudest value by more is raised to it; None keeps all above -100 dB.
    Returns float32 (1 + N // hop_length, n_mels), dB relative to a power of 1; time first, as Keras has it.
    Raises ValueError for a wave that is not one-dimensional floating point and finite, or options that do not fit.

    The same numbers, transposed, as librosa's `power_to_db(feature.melspectrogram(...))`, its mel scale being Slaney's.
    Sources: Davis and Mermelstein, IEEE Trans. ASSP 28(4), 1980; Slaney, "Auditory Toolbox", 1998.

    >>> seconds = np.arange(16_000, dtype=np.float32) / 16_000
    >>> spectrogram = log_mel(np.sin(2 * np.pi * 440 * seconds), sample_rate=16_000)
    >>> spectrogram.shape
    (101, 64)
    >>> int(spectrogram[50].argmax())  # the band around 440 Hz
    8
    """
    check_wave(wave, "log_mel")
    check_whole("log_mel", n_fft=n_fft, hop_length=hop_length)
    filters = mel_filters(sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax)
    window = scipy.signal.get_window("hann", n_fft).astype(np.float32)
    padded = np.pad(np.asarray(wave, np.float32), n_fft // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop_length][: 1 + len(wave) // hop_length]
    power = np.empty((len(windows), n_mels), np.float32)
    for first in range(0, len(windows), BLOCK):
        spectrum = scipy.fft.rfft(windows[first : first + BLOCK] * window)
        power[first : first + BLOCK] = (spectrum.real**2 + spectrum.imag**2) @ filters
    decibels = np.maximum(power, 1e-10, out=power)  # in place: an hour of sound has 90 MB of them
    np.log10(decibels, out=decibels)
    decibels *= 10
    return decibels if top_db is None else np.maximum(decibels, decibels.max() - np.float32(top_db), out=decibels)


@functools.lru_cache(maxsize=16)
def mel_filters(sample_rate, *, n_fft, n_mels, fmin=0.0, fmax=None):
    """The matrix from a power spectrum to mel bands: triangles, equally wide on the mel scale, of equal area.

    Options as in `log_mel`. Returns float32 (1 + n_fft // 2, n_mels), read-only. The scale is Slaney's: linear below
    1 kHz, logarithmic above. Raises ValueError unless 0 ≤ fmin < fmax ≤ sample_rate / 2.

    >>> mel_filters(16_000, n_fft=512, n_mels=40).shape
    (257, 40)
    """
    check_whole("mel bands", sample_rate=sample_rate, n_fft=n_fft, n_mels=n_mels)
    top = sample_rate / 2 if fmax is None else fmax
    if not 0 <= fmin < top <= sample_rate / 2:
        limit = f"{sample_rate / 2:g} Hz, half the sample rate"
        raise ValueError(f"mel bands need 0 ≤ fmin < fmax ≤ {limit}; got {fmin:g} and {top:g}")

    edges = np.linspace(hertz_to_mel(fmin), hertz_to_mel(top), n_mels + 2)
    hertz = np.where(edges < 15, edges * 200 / 3, 1000 * 6.4 ** ((edges - 15) / 27))
    low, centre, high = hertz[:-2], hertz[1:-1], hertz[2:]
    bins = np.fft.rfftfreq(n_fft, 1 / sample_rate)[:, None]
    triangles = np.maximum(0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)))
    filters = (triangles * 2 / (high - low)).astype(np.float32)
    filters.flags.writeable = False
    return filters


def hertz_to_mel(hertz):
    """Pitch on Slaney's mel scale, on which equal steps sound equally far: linear below 1 kHz (mel 15), logarithmic above.

    >>> hertz_to_mel(np.array([200, 1000, 6400])).tolist()
    [3.0, 15.0, 42.0]
    """
    hertz = np.asarray(hertz, float)
    return np.where(hertz < 1000, hertz * 3 / 200, 15 + 27 * np.log(np.maximum(hertz, 1e-9) / 1000) / np.log(6.4))


def mfcc(wave, *, sample_rate, n_mfcc=13, n_mels=26, n_fft=512, hop_length=160, fmin=0.0, fmax=4000.0, top_db=80.0):
    """Mel-frequency cepstral coefficients: the shape of the spectrum in a few numbers, window by window.

    The discrete cosine transform (type II, orthonormal) of `log_mel`, its first `n_mfcc` numbers: c0 is the loudness,
    the low ones the broad shape (which vowel), and the pitch of the voice is left out with the high ones.
    26 bands up to 4 kHz are the custom for speech: the band of a telephone, which recordings of every rate share.
    Other options, errors and the source as in `log_mel`. Returns float32 (1 + N // hop_length, n_mfcc).

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> mfcc(noise, sample_rate=16_000).shape
    (51, 13)
    """
    options = {"n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels, "fmin": fmin, "fmax": fmax, "top_db": top_db}
    _check_n_mfcc("mfcc", n_mfcc, n_mels)
    return scipy.fft.dct(log_mel(wave, sample_rate=sample_rate, **options), norm="ortho")[:, :n_mfcc]


def deltas(sequence, *, width=9):
    """How fast each column of a sequence (T, d) changes: the slope of a line fitted to `width` (odd) steps; same shape.

    >>> deltas(np.arange(20.0)[:, None] * 2)[10].round(6)
    array([2.])
    """
    return scipy.signal.savgol_filter(sequence, width, polyorder=1, deriv=1, axis=0, mode="nearest")


class _SoundFeature(Feature):
    """What both sound features share: a mono wave at a fixed rate, and options of the mel bands."""

    modality = "sound"
    read_options = ("sample_rate",)

    def check_options(self):
        check_whole(type(self).__name__, n_fft=self.n_fft, hop_length=self.hop_length, **self._lengths())
        mel_filters(self.sample_rate, n_fft=self.n_fft, n_mels=self.n_mels, fmin=self.fmin, fmax=self.fmax)
        if self.top_db is not None:
            check_number(type(self).__name__, top_db=self.top_db)

    def check_item(self, item):
        check_wave(item, type(self).__name__)

    def read(self, segment):
        """float32 (N,) mono, at `sample_rate`."""
        with open_media(segment.path) as media:
            wave = media.audio(sample_rate=self.sample_rate, start=segment.start, end=segment.end)
            # A segment behind the end of the sound is padded with silence that nobody recorded.
            if segment.start and not wave.any() and not len(media.audio(sample_rate=self.sample_rate, start=segment.start)):
                wave = wave[:0]
        if len(wave) == 0:
            raise MediaError(f"{segment.path}: no sound between {segment.start} and {segment.end} s; check start and end")
        return wave

    def blank(self):
        return np.zeros(self.sample_rate // 10 + 1, np.float32)

    def _lengths(self):
        """The options that say into how many steps the time is divided."""
        return {name: getattr(self, name) for name in ("segments", "n_frames") if hasattr(self, name)}

    def _mel_options(self):
        names = ("sample_rate", "n_fft", "hop_length", "n_mels", "fmin", "fmax", "top_db")
        return {name: getattr(self, name) for name in names}


class LogMel(_SoundFeature):
    """The log-mel spectrogram, summed up over time: mean and deviation of each band, and means of equal parts.

    sample_rate: Hz; sounds of other rates are resampled. segments: equal parts of the time, each averaged; the rest as
    in `log_mel`. A description is float32 (T, n_mels), dB; a row (2 + segments)·n_mels numbers.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> LogMel().transform([noise]).shape
    (1, 320)
    """

    encode_options = ("segments",)

    def __init__(
        self, *, sample_rate=16_000, n_fft=512, hop_length=160, n_mels=64, fmin=0.0, fmax=None, top_db=80.0, segments=3
    ):
        self.sample_rate = sample_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.top_db = top_db
        self.segments = segments

    def describe(self, wave):
        """float32 (T, n_mels): the spectrogram, see `log_mel`."""
        return log_mel(wave, **self._mel_options())

    def encode(self, descriptions):
        return np.stack([_summary(d, self.segments) for d in descriptions])


class Spectrogram(_SoundFeature):
    """The log-mel spectrogram itself, stretched to a fixed number of steps: what a network that learns from sound reads.

    n_frames: steps of time; a longer sound is averaged over each, a shorter one repeats some. trim: dB; what is quieter
    than the loudest step by more is cut off at both ends, so that a word fills the time however it was recorded; None
    keeps the whole time, and with it what happens when. The rest as in `log_mel`.
    A description is float32 (n_frames, n_mels), dB; a row the same, laid end to end.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> Spectrogram().describe(noise).shape
    (128, 48)
    """

    def __init__(
        self, *, sample_rate=16_000, n_fft=512, hop_length=256, n_mels=48, fmin=0.0, fmax=None, top_db=80.0, n_frames=128, trim=None
    ):
        self.sample_rate = sample_rate
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.top_db = top_db
        self.n_frames = n_frames
        self.trim = trim

    def check_options(self):
        super().check_options()
        if self.trim is not None:
            check_number("Spectrogram", trim=self.trim)

    def describe(self, wave):
        """float32 (n_frames, n_mels), dB: the spectrogram, see `log_mel`, trimmed and stretched."""
        decibels = log_mel(wave, **self._mel_options())
        if self.trim is not None:
            loudness = decibels.max(axis=1)
            loud = np.flatnonzero(loudness >= loudness.max() - self.trim)
            decibels = decibels[loud[0] : loud[-1] + 1]
        return segment_means(decibels, self.n_frames)


class MFCC(_SoundFeature):
    """Cepstral coefficients and their slopes, summed up over time: mean and deviation, and means of equal parts.

    sample_rate: Hz; sounds of other rates are resampled. segments: equal parts of the time, each averaged, so that the
    order of what is heard counts. normalise: subtract each recording's mean, which takes out microphone, room and
    loudness (cepstral mean normalisation), and with them whatever they tell. The rest as in `mfcc`.
    A description is float32 (T, n_mfcc); a row 2·(2 + segments)·n_mfcc numbers.

    >>> noise = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)
    >>> MFCC().transform([noise]).shape
    (1, 130)
    """

    encode_options = ("segments", "normalise")

    def __init__(
        self, *, sample_rate=16_000, n_mfcc=13, n_fft=512, hop_length=160, n_mels=26, fmin=0.0, fmax=4000.0,
        top_db=80.0, segments=3, normalise=False,
    ):
        self.sample_rate = sample_rate
        self.n_mfcc = n_mfcc
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.top_db = top_db
        self.segments = segments
        self.normalise = normalise

    def check_options(self):
        super().check_options()
        check_choice("MFCC", (True, False), normalise=self.normalise)
        _check_n_mfcc("MFCC", self.n_mfcc, self.n_mels)

    def describe(self, wave):
        """float32 (T, n_mfcc), see `mfcc`."""
        return mfcc(wave, n_mfcc=self.n_mfcc, **self._mel_options())

    def encode(self, descriptions):
        rows = []
        for sequence in descriptions:
            level = sequence - sequence.mean(0) if self.normalise else sequence
            rows.append(_summary(np.concatenate([level, deltas(sequence)], axis=1), self.segments))
        return np.stack(rows)


def _check_n_mfcc(who, n_mfcc, n_mels):
    check_whole(who, n_mfcc=n_mfcc)
    if n_mfcc > n_mels:
        raise ValueError(f"{who}: n_mfcc {n_mfcc} is more than there are mel bands, n_mels {n_mels}")


def _summary(sequence, segments):
    """float32 (2 + segments)·d: mean and deviation over time of a sequence (T, d), and the mean of each equal part."""
    return np.vstack([sequence.mean(0), sequence.std(0), segment_means(sequence, segments)]).ravel().astype(np.float32)

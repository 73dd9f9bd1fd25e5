"""A path goes in; a Media comes out, whose verbs give frames, clips of time and sound as plain arrays."""
import math
import time as clock
import warnings
from functools import cached_property

import numpy as np

from vmm_lab.media import container as box
from vmm_lab.media import options
from vmm_lab.media.container import MediaError
from vmm_lab.media.pictures import ToArray, clockwise
from vmm_lab.media.reading import STATED, Damaged, Tally, decode, decode_from
from vmm_lab.media.sampling import on_screen, pick, tolerance
from vmm_lab.media.sound import read_wave
from vmm_lab.media.stack import Slots, Stack, TooLarge

EPSILON = 1e-6  # seconds: far below any frame, far above the rounding of floats
COUNTING_SECONDS = 2.0


def open_media(path):
    """Open a video, a sound, an image or any mix of them for reading; the result is a `Media`.

    path: text or os.PathLike of one local file. A path where no file is raises MediaError at once; the file itself is read
    when something is first asked of it, and what cannot be read raises MediaError then: file, reason, way out.

    >>> import numpy as np, tempfile, vmm_lab as vl
    >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
    >>> with vl.open_media(path) as media:
    ...     frames, times = media.sample(4)
    >>> media.duration, media.fps, media.size, frames.shape
    (2.0, 25.0, (48, 64), (4, 48, 64, 3))
    """
    return Media(path)


class Media:
    """One media file, read on demand. 0 s is the start of its earliest stream, and intervals are [start, end).

    Every verb opens the file for itself and closes it again, so a Media can be used again and again, by several threads at
    once, sent to other processes (only its path travels), and needs no closing; as a context manager it merely reads well.
    """

    def __init__(self, path):
        self.path = box.check_path(path)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return None

    def __repr__(self):
        return f"Media({str(self.path)!r})"

    def __getstate__(self):
        return {"path": self.path}

    def __setstate__(self, state):
        self.path = state["path"]

    # ---- what it is ----

    @cached_property
    def _facts(self):
        with box.opened(self.path) as source:
            return source.facts

    def _open(self):
        # A fresh Media learns its facts in the same opening that does the first work.
        return box.opened(self.path, self.__dict__.get("_facts"))

    @property
    def has_video(self):
        """True if there are pictures: a video or an image, but not the cover of a song."""
        return self._facts.video is not None

    @property
    def has_audio(self):
        """True if there is sound."""
        return self._facts.audio is not None

    @property
    def is_image(self):
        """True if it is a still picture."""
        return self._facts.is_image

    @property
    def sample_rate(self):
        """Samples per second of the sound as stored; None without sound."""
        return self._facts.sample_rate

    @property
    def container(self):
        """Name of the file format as FFmpeg calls it, such as "matroska,webm"."""
        return self._facts.container

    @property
    def video_codec(self):
        """Name of the pictures' codec, such as "h264"; None without pictures."""
        return self._facts.video_codec

    @property
    def audio_codec(self):
        """Name of the sound's codec, such as "aac"; None without sound."""
        return self._facts.audio_codec

    @cached_property
    def _index(self):
        with self._open() as source:
            return box.scan(source)

    @cached_property
    def _first(self):
        """((height, width) upright, degrees clockwise) of the first picture."""
        with self._open() as source:
            self._need(source, "video")
            to_array = ToArray(None, source.video.metadata)
            tally = Tally(partial=True, deadline=clock.monotonic() + COUNTING_SECONDS)
            try:
                for _, frame in decode(source, source.only(source.video), tally):
                    to_array.settle(frame)
                    return to_array.size, clockwise(to_array.turn)
            except Damaged as damage:
                tally.reason = damage.reason
            raise self._nothing(source, tally)

    @property
    def size(self):
        """(height, width) of the upright frame in pixels. MediaError without pictures."""
        return self._first[0]

    @property
    def rotation(self):
        """The clockwise turn that makes its frames upright, and is applied: 0, 90, 180 or 270 degrees. MediaError without pictures."""
        return self._first[1]

    @cached_property
    def duration(self):
        """Seconds from the start of the earliest stream to the end of the latest; 0.0 for an image. Where the file does not say
        it, it is measured from the packets, without decoding."""
        if self.is_image:
            return 0.0
        with self._open() as source:
            stated = self._stated_duration(source)
            return round(stated if stated is not None else box.scan(source).end, 9)

    def _stated_duration(self, source):
        names = set(source.facts.container.split(","))
        size, whole = source.container.size, source.container.duration
        trusted = names & STATED or names & {"ogg"} or size > box.SCAN_BYTES
        if not trusted or not whole or whole < 0:
            return None
        ends = [
            box.start_of(s) + float(s.duration * s.time_base)
            for s in (source.video, source.audio)
            if s is not None and s.duration and box.start_of(s) is not None
        ]
        if ends and "mov" in names:
            return max(ends) - source.facts.origin
        # Matroska counts its duration from 0, not from its first frame.
        return whole / 1e6 - (source.facts.origin if "matroska" in names else 0.0)

    @cached_property
    def fps(self):
        """Average frames per second; None for an image, for sound alone, and where there are fewer than two frames."""
        if not self.has_video or self.is_image:
            return None
        with self._open() as source:
            rate, names = source.video.average_rate, source.facts.container
            if rate and rate > 0 and source.video.frames > 1 and "mov" in names:
                return float(rate)
            if source.container.size > box.SCAN_BYTES:
                return float(rate) if rate else None
        index = self._index
        if index.frames < 2 or index.last <= index.first:
            return None
        measured = (index.frames - 1) / (index.last - index.first)
        # Timestamps rounded to milliseconds make 24.997 of 25: the stated rate is meant, if it says nearly the same.
        return float(rate) if rate and abs(measured - rate) < 0.005 * rate else measured

    @property
    def keyframes(self):
        """Seconds of the keyframes, float64 (K,): the frames that can be decoded alone. Read from the packets, nothing is decoded."""
        if not self.has_video:
            raise MediaError(f"{self.path}: has no pictures, hence no keyframes; ask for audio() instead.")
        return self._index.keyframes.copy()

    # ---- what it shows ----

    def frames(self, *, size=None, fps=None, start=None, end=None, on_error="raise"):
        """All frames with start <= time < end: uint8 (T, H, W, 3) RGB, upright, and their times, float64 (T,) in seconds.

        size: (height, width) to resize to, by area averaging, as the frames are decoded; sides are not kept in proportion.
        fps: instead of every frame, the frame on screen at each k/fps seconds of [start, end); the times are still the frames'
            own. Before the first frame the first stands in, after the last the last, up to the end of the media.
        start, end: seconds; None means from the beginning, to the end.
        on_error: "raise" raises MediaError for a damaged file and says how many frames can be read; "partial" returns those,
            with a warning.

        An image is one frame at 0.0 s. Raises MediaError if there are no pictures or they cannot be read, ValueError for options
        that make no sense.

        >>> import numpy as np, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> frames, times = vl.open_media(path).frames(size=(24, 32), fps=10, start=1.0)
        >>> frames.shape, frames.dtype, times[:2].round(2).tolist()
        ((10, 24, 32, 3), dtype('uint8'), [1.0, 1.08])
        """
        size, fps, (start, end) = options.check_size(size), options.check_fps(fps), options.check_interval(start, end)
        partial = options.check_on_error(on_error)
        self._check_start(start)

        def work(tally):
            if fps is not None and not self._still("frames"):
                return self._at(self._ticks(fps, start, end), size, tally)
            stack, times = Stack(self._expected(start, end)), []
            with self._open() as source:
                to_array = self._to_array(source, size)
                for time, frame in self._window(source, start, end, tally, to_array):
                    stack.append(to_array(frame))
                    times.append(time)
                return stack.finish((*to_array.size, 3)), np.asarray(times, float)

        return self._careful(work, partial, lambda result: f"{len(result[1])} frames")

    def sample(self, n, *, size=None, start=None, end=None, exact=True, on_error="raise"):
        """`n` frames spread evenly: those on screen at the centres of n equal parts of [start, end); always n, repeated if there
        are fewer. Returns uint8 (n, H, W, 3) RGB, upright, and the frames' own times, float64 (n,) in seconds.

        size, start, end, on_error: as in `frames`.
        exact: False takes the keyframe nearest to each place instead, which is many times faster where keyframes are dense.

        >>> import numpy as np, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> vl.open_media(path).sample(4)[1].tolist()
        [0.24, 0.72, 1.24, 1.72]
        """
        n, size, (start, end) = options.check_count(n), options.check_size(size), options.check_interval(start, end)
        partial = options.check_on_error(on_error)
        self._check_start(start)

        def work(tally):
            first = start or 0.0
            last = self.duration if end is None else min(end, self.duration) if not self._still("frames") else 0.0
            moments = [first + (k + 0.5) * (last - first) / n for k in range(n)]
            return self._at(moments, size, tally, exact=exact, always=True)

        return self._careful(work, partial, lambda result: f"{len(np.unique(result[1]))} different frames")

    def stream(self, *, size=None, fps=None, start=None, end=None):
        """Yield (seconds, uint8 (H, W, 3) frame) one by one, in constant memory however long the file. Options as in `frames`.

        Damage raises MediaError when it is reached. The file is closed when the loop ends or the generator is closed.

        >>> import numpy as np, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> [round(time, 2) for time, frame in vl.open_media(path).stream(fps=1)]
        [0.0, 1.0]
        """
        size, fps, (start, end) = options.check_size(size), options.check_fps(fps), options.check_interval(start, end)
        self._check_start(start)
        return self._stream(size, fps, start, end)

    def _stream(self, size, fps, start, end):
        tally, count = Tally(), 0
        with self._open() as source:
            to_array = self._to_array(source, size)
            if fps is not None and not source.facts.is_image:
                ticks = self._ticks(fps, start, end)
                frames = on_screen(decode_from(source, source.only(source.video), start or 0.0, tally), ticks, tolerance(source.video))
            else:
                frames = self._window(source, start, end, tally, to_array)
            try:
                for time, frame in frames:
                    yield time, np.ascontiguousarray(to_array(frame))
                    count += 1
            except Damaged as damage:
                raise source.error(
                    damage.reason, f'{count} frames came before; frames(on_error="partial") returns what can be read'
                ) from None
            if tally.empty:
                raise self._nothing(source, tally)

    def audio(self, *, sample_rate=16_000, start=None, end=None, on_error="raise"):
        """The sound as one mono wave, float32 (N,) in [-1, 1]: the mean of its channels, resampled to `sample_rate`.

        Sample i lies at start + i/sample_rate seconds of the media's clock: a track that begins late is padded with silence,
        the priming samples of the encoder are removed, gaps are silent. Without `end` the wave ends where the track ends; with
        it, and inside the media's duration, there are exactly round(end * rate) - round(start * rate) samples, padded with
        silence if the track is shorter than the pictures. on_error: as in `frames`.

        Raises MediaError if there is no sound or it cannot be read.

        >>> import numpy as np, tempfile, vmm_lab as vl
        >>> tone = np.sin(np.arange(16_000) * 440 * 2 * np.pi / 16_000) / 2
        >>> path = tempfile.mkdtemp() + "/tone.mp4"
        >>> _ = vl.write_video(path, np.zeros((25, 48, 64, 3), np.uint8), fps=25, audio=tone, sample_rate=16_000)
        >>> wave = vl.open_media(path).audio(sample_rate=8_000, end=0.5)
        >>> wave.shape, wave.dtype
        ((4000,), dtype('float32'))
        """
        sample_rate, (start, end) = options.check_rate(sample_rate), options.check_interval(start, end)
        partial = options.check_on_error(on_error)
        self._check_start(start)

        def work(tally):
            with self._open() as source:
                self._need(source, "audio")
                stop = None if end is None else min(end, max(self.duration, (start or 0.0)))
                wave = read_wave(source, tally, sample_rate, start or 0.0, stop, self._known_end(source))
                if tally.empty:
                    raise self._nothing(source, tally)
                return wave

        return self._careful(work, partial, lambda wave: f"{len(wave) / sample_rate:.2f} s")

    # ---- how it is done ----

    def _still(self, verb):
        self._need(self, "video", verb)
        return self.is_image

    def _need(self, source, kind, verb=None):
        facts = source._facts if isinstance(source, Media) else source.facts
        self.__dict__.setdefault("_facts", facts)
        if getattr(facts, kind) is None:
            if kind == "video":
                raise MediaError(f"{self.path}: has sound but no pictures; ask for audio() instead.")
            raise MediaError(f"{self.path}: has pictures but no sound; ask for frames() instead.")

    def _to_array(self, source, size):
        self._need(source, "video")
        return ToArray(size, source.video.metadata)

    def _check_start(self, start):
        if start and start >= self.duration:
            raise ValueError(f"start is {start:g} s, but {self.path.name} ends at {self.duration:g} s; give an earlier start.")

    def _known_end(self, source):
        audio = source.audio
        if "mov" in source.facts.container and audio.duration and box.start_of(audio) is not None:
            return box.start_of(audio) + float(audio.duration * audio.time_base) - source.facts.origin
        return None

    def _expected(self, start, end):
        # Only a hint for making room: a file without a stated length is not read twice for it.
        with self._open() as source:
            self._need(source, "video")
            length, rate = self._stated_duration(source), source.video.average_rate
        if self.is_image or not length or not rate:
            return 1
        last = length if end is None else min(end, length)
        return max(1, math.ceil((last - (start or 0.0)) * float(rate)) + 1)

    def _ticks(self, fps, start, end):
        first = math.ceil((start or 0.0) * fps - EPSILON)
        last = self.duration if end is None else min(end, self.duration)
        # A file of one frame and no length still has something on screen at its start.
        return [k / fps for k in range(first, max(math.ceil(last * fps - EPSILON), first + 1 if not start else first))]

    def _window(self, source, start, end, tally, to_array):
        for time, frame in decode_from(source, source.only(source.video), start or 0.0, tally):
            to_array.settle(frame)
            if end is not None and time >= end - EPSILON:
                return
            if start is None or time >= start - EPSILON:
                yield time, frame
            if source.facts.is_image:
                return
        if tally.empty:
            raise self._nothing(source, tally)

    def _at(self, moments, size, tally, *, exact=True, always=False):
        with self._open() as source:
            to_array = self._to_array(source, size)
            slots = Slots(len(moments))
            pick(source, moments, to_array, slots, tally, exact=exact)
            found = slots.filled()
            if not found and len(moments):
                raise self._nothing(source, tally)
            if always:
                for k in range(found, len(moments)):
                    slots.repeat(k, found - 1)
                found = len(moments)
            if not found:
                return np.empty((0, *(size or self.size), 3), np.uint8), np.empty(0)
            return slots.array[:found], slots.times[:found]

    def _nothing(self, source, tally):
        if source.facts.encrypted:
            return source.error("is encrypted", "decrypt it, or ask for an open copy")
        if tally.reason:
            return source.error(f"{tally.reason} and nothing in it can be read", "copy or convert it again")
        return source.error("holds a header but nothing that can be decoded", "copy or record it again")

    def _careful(self, work, partial, count):
        """Do `work(tally)`; tell damage in one sentence, or, if `partial`, return what could be read and warn."""
        tally = Tally(partial=partial)
        try:
            result = work(tally)
        except Damaged as damage:
            raise MediaError(f"{self.path}: {damage.reason}; {self._rest(work, count)}.") from None
        except TooLarge as error:
            raise ValueError(
                f"{self.path}: the frames would take {error.gigabytes:.0f} GB, more than this computer has; "
                "ask for a smaller size, fewer frames, or use stream()."
            ) from None
        except MediaError:
            raise
        except box.DECODER_ERRORS as error:
            reason, way_out = box.explain(error)
            raise MediaError(f"{self.path}: {reason}; {way_out}.") from None
        if tally.reason:
            warnings.warn(f"{self.path}: {tally.reason}; returning the {count(result)} that could be read.", stacklevel=3)
        return result

    def _rest(self, work, count):
        tally = Tally(partial=True, deadline=clock.monotonic() + COUNTING_SECONDS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                result = work(tally)
            except (Damaged, TooLarge, MediaError, *box.DECODER_ERRORS):
                return "nothing in it can be read, copy or convert it again"
        least = "at least " if tally.tired else ""
        return f'on_error="partial" returns the {least}{count(result)} that can be read'

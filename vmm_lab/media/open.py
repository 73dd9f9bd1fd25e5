"""A path goes in; a Media comes out, whose verbs give frames, clips of time and sound as plain arrays."""
import math
import time as clock
import warnings

import av
import numpy as np

from vmm_lab.media import container as box
from vmm_lab.media import options, subtitles
from vmm_lab.media.attributes import Attributes, nothing
from vmm_lab.media.container import MediaError
from vmm_lab.media.reading import Damaged, Tally, cut_off, decode_from
from vmm_lab.media.sampling import on_screen, pick, tolerance
from vmm_lab.media.sound import read_wave
from vmm_lab.media.stack import Slots, Stack, TooLarge, check_room
from vmm_lab.media.stills import jpeg_cut_off

EPSILON = 1e-6  # seconds: far below any frame, far above the rounding of floats
COUNTING_SECONDS = 2.0  # for finding out how much of a damaged file can be read


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


class Media(Attributes):
    """One media file, read on demand. 0 s is the start of its earliest stream, and intervals are [start, end).

    Every verb opens the file for itself and closes it again, so a Media can be used again and again, by several threads at
    once, sent to other processes (only its path travels), and needs no closing; as a context manager it merely reads well.
    """

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return None

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
        size, fps = options.check_size("frames", size), options.check_fps("frames", fps)
        (start, end), partial = options.check_interval(start, end), options.check_on_error("frames", on_error)

        def work(source, tally):
            to_array = self._prepare(source, size, start)
            _check_whole(source, source.video, end, tally)
            if fps is not None and not source.facts.is_image:
                ticks = self._ticks(source, fps, start, end)
                return self._at(source, len(ticks), lambda k: ticks[k] / fps, to_array, tally)
            stack, times = Stack(self._expected(source, start, end)), []
            for time, frame in self._window(source, start, end, tally):
                picture = to_array(frame)
                if start is None or time >= start - EPSILON:
                    stack.append(picture)
                    times.append(time)
            return stack.finish((*(to_array.size or self.size), 3)), np.asarray(times, float)

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
        options.check_whole("sample", n=n)
        size, (start, end) = options.check_size("sample", size), options.check_interval(start, end)
        partial = options.check_on_error("sample", on_error)

        def work(source, tally):
            to_array = self._prepare(source, size, start)
            _check_whole(source, source.video, end, tally)
            first, last = start or 0.0, self._measure(source)
            if end is not None:
                last = min(end, last)
            return self._at(source, n, lambda k: first + (k + 0.5) * (last - first) / n, to_array, tally, exact=exact, always=True)

        return self._careful(work, partial, lambda result: f"{len(np.unique(result[1]))} different frames")

    def stream(self, *, size=None, fps=None, start=None, end=None):
        """Yield (seconds, uint8 (H, W, 3) frame) one by one, in constant memory however long the file. Options as in `frames`.

        Damage raises MediaError when it is reached. The file is closed when the loop ends or the generator is closed.

        >>> import numpy as np, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> [round(time, 2) for time, frame in vl.open_media(path).stream(fps=1)]
        [0.0, 1.0]
        """
        size, fps = options.check_size("stream", size), options.check_fps("stream", fps)
        start, end = options.check_interval(start, end)
        return self._stream(size, fps, start, end)

    def _stream(self, size, fps, start, end):
        tally, count = Tally(), 0
        with self._open() as source:
            to_array = self._prepare(source, size, start)
            frames = self._window(source, start, end, tally)
            if fps is not None and not source.facts.is_image:
                ticks = (k / fps for k in self._ticks(source, fps, start, end))
                frames = on_screen(decode_from(source, source.only(source.video), start or 0.0, tally), ticks, tolerance(source.video))
            try:
                if source.facts.is_image:
                    _check_whole(source, source.video, end, tally)
                for time, frame in frames:
                    picture = to_array(frame)
                    if fps is not None or start is None or time >= start - EPSILON:
                        yield time, np.ascontiguousarray(picture)
                        count += 1
            except Damaged as damage:
                raise source.error(
                    damage.reason, f'{count} frames came before; frames(on_error="partial") returns what can be read'
                ) from None
            except MediaError:
                raise
            except box.DECODER_ERRORS as error:
                raise source.error(*box.explain(error)) from None
            if tally.empty:
                raise nothing(source, tally)

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
        options.check_whole("audio", least=100, most=768_000, sample_rate=sample_rate)
        (start, end), partial = options.check_interval(start, end), options.check_on_error("audio", on_error)

        def work(source, tally):
            self._need(source, "audio")
            self._check_start(source, start)
            _check_whole(source, source.audio, end, tally)
            stop = None if end is None else min(end, self._measure(source))
            wave = read_wave(source, tally, sample_rate, start or 0.0, stop, _known_end(source))
            if tally.empty:
                raise nothing(source, tally)
            return wave

        return self._careful(work, partial, lambda wave: f"{len(wave) / sample_rate:.2f} s")

    def subtitles(self, *, language=None):
        """What is said or written, and when: a DataFrame of `start` and `end`, seconds on the media's clock, and `text`, one line.

        They are read from an .srt file beside the media (name.srt or, with a language, name.en.srt), else from a text track inside it.
        language: which of several, as the file's name or the track says it ("en", "eng"); by default name.srt, or the first.
        Markup is taken out; a block of an .srt file whose times make no sense is left out, with a warning.

        Raises MediaError where there are no subtitles, or none in that language, or they cannot be read.

        >>> import numpy as np, pathlib, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> _ = pathlib.Path(path).with_suffix(".srt").write_text("1\\n00:00:00,500 --> 00:00:01,500\\n<i>Knock,</i>\\nknock.\\n")
        >>> vl.open_media(path).subtitles().values.tolist()
        [[0.5, 1.5, 'Knock, knock.']]
        """
        wanted = None if language is None else str(language).lower()
        files = subtitles.beside(self.path)
        chosen = files.get(wanted or "") or (next(iter(files.values()), None) if wanted is None else None)
        if chosen is not None:
            return subtitles.frame(subtitles.read_srt(chosen))
        cues, languages = self._careful(lambda source, tally: subtitles.inside(source, wanted), False, len)
        if cues is not None:
            return subtitles.frame(cues)
        if wanted is not None and (there := sorted(filter(None, {*files, *languages}))):
            raise MediaError(f"{self.path}: has no subtitles in {language!r}; there are {', '.join(there)}.")
        kind = "only subtitles drawn as pictures" if languages and wanted is None else "no subtitles"
        raise MediaError(f"{self.path}: has {kind}; put them beside it as text, named {self.path.stem}.srt.")

    # ---- how it is done ----

    def _check_start(self, source, start):
        if start and start >= self._measure(source):
            raise ValueError(f"start is {start:g} s, but {self.path.name} ends at {self._duration:g} s; give an earlier start.")

    def _prepare(self, source, size, start):
        to_array = self._to_array(source, size)
        self._check_start(source, start)
        return to_array

    def _expected(self, source, start, end):
        """About how many frames there will be: only a hint for making room, so nothing is measured for it."""
        length, rate = self.__dict__.get("_duration") or (source.container.duration or 0) / 1e6, source.video.average_rate
        if source.facts.is_image or not rate or not length > 0:
            return 1
        last = length if end is None else min(end, length)
        # A header may promise anything; a frame takes a few bytes at least.
        return min(max(1, math.ceil((last - (start or 0.0)) * float(rate)) + 1), source.container.size // 8 + 1)

    def _ticks(self, source, fps, start, end):
        first = math.ceil((start or 0.0) * fps - EPSILON)
        last = self._measure(source)
        if end is not None:
            last = min(end, last)
        stop = math.ceil(last * fps - EPSILON)
        if not start:
            stop = max(stop, 1)  # a file of one frame and no length still has something on screen at its start
        return range(first, stop)

    def _window(self, source, start, end, tally):
        """(time, frame) from the keyframe before `start`, so that there is a picture to learn the size from, to `end`."""
        for time, frame in decode_from(source, source.only(source.video), start or 0.0, tally):
            if end is not None and time >= end - EPSILON:
                return
            yield time, frame
            if source.facts.is_image:
                return
        if tally.empty:
            raise nothing(source, tally)

    def _at(self, source, n, moment, to_array, tally, *, exact=True, always=False):
        """The frames on screen at moment(0) ... moment(n - 1)."""
        height, width = to_array.size or (source.video.height or 1, source.video.width or 1)
        check_room(3 * n * height * width)
        moments = [moment(k) for k in range(n)]
        slots = Slots(n)
        pick(source, moments, to_array, slots, tally, exact=exact)
        found = slots.filled()
        if moments and not found:
            raise nothing(source, tally)
        if always:
            for k in range(found, len(moments)):
                slots.repeat(k, found - 1)
            found = len(moments)
        if slots.array is None:
            return np.empty((0, *(to_array.size or self.size), 3), np.uint8), np.empty(0)
        return slots.array[:found], slots.times[:found]

    def _careful(self, work, partial, count):
        """Do `work(source, tally)`; tell damage in one sentence, or, if `partial`, return what could be read and warn."""
        tally = Tally(partial=partial)
        try:
            with self._open() as source:
                result = work(source, tally)
        except Damaged as damage:
            raise MediaError(f"{self.path}: {damage.reason}; {self._rest(work, count)}.") from None
        except TooLarge as error:
            raise MediaError(
                f"{self.path}: the frames would take {error.gigabytes:.0f} GB, more than this computer has; "
                "ask for a smaller size, fewer frames, or use stream()."
            ) from None
        except (av.FFmpegError, OSError, MemoryError) as error:
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
                with self._open() as source:
                    result = work(source, tally)
            except (Damaged, TooLarge, MediaError, av.FFmpegError, OSError, MemoryError):
                return "nothing in it can be read, copy or convert it again"
        least = "at least " if tally.tired else ""
        return f'on_error="partial" returns the {least}{count(result)} that can be read'


def _check_whole(source, stream, end, tally):
    """A file that is cut off and wanted to its end need not be read to the cut to say so."""
    if source.facts.is_image and source.facts.video_codec == "mjpeg" and jpeg_cut_off(source.path):
        tally.damage("is cut off: the end of the picture is missing")
    reason = cut_off(source, stream) if end is None and not tally.partial else None
    if reason is not None:
        tally.damage(reason)


def _known_end(source):
    audio = source.audio
    if "mov" in source.facts.container and audio.duration and box.start_of(audio) is not None:
        return box.start_of(audio) + float(audio.duration * audio.time_base) - source.facts.origin
    return None

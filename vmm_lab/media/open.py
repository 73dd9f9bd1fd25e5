"""Open a media file and read it on demand: a Media's verbs return frames, sound and subtitles as plain arrays."""
import math
import os
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from vmm_lab.media import options, subtitles
from vmm_lab.media.attributes import Attributes, unreadable
from vmm_lab.media.container import Source
from vmm_lab.media.decode import EPSILON, bytes_missing, decode_from
from vmm_lab.media.errors import Damaged, MediaError
from vmm_lab.media.frames import FrameArray, FrameConverter, TooLarge, check_memory, is_cut_off_jpeg
from vmm_lab.media.joints import is_poses, read_poses
from vmm_lab.media.sampling import TimedFrame, on_screen, sample
from vmm_lab.media.sound import read_wave

if TYPE_CHECKING:
    import pandas

COUNTING_SECONDS = 2.0  # for finding out how much of a damaged file can be read

Size = tuple[int, int] | None
Seconds = float | None
FramesAndTimes = tuple[NDArray[np.uint8], NDArray[np.float64]]


def open_media(path: str | os.PathLike) -> "Media":
    """Open a video, a sound, an image or any mix of them for reading; the result is a `Media`.

    A path where no file is raises MediaError at once. The file itself is read when something is first asked of it, and
    what cannot be read raises MediaError then: file, reason, way out.

    >>> import numpy as np, tempfile, vmm_lab as vl
    >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
    >>> with vl.open_media(path) as media:
    ...     frames, times = media.sample(4)
    >>> media.duration, media.fps, media.size, frames.shape
    (2.0, 25.0, (48, 64), (4, 48, 64, 3))
    """
    return Media(path)


class Media(Attributes):
    """Read one media file on demand. 0 s is the start of its earliest stream, and intervals are [start, end).

    Every verb opens the file for itself and closes it again, so a Media can be used again and again, by several threads
    at once and in other processes (only its path travels), and nothing is left to do at the end of a `with` block.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        return None

    def frames(
        self, *, size: Size = None, fps: float | None = None, start: Seconds = None, end: Seconds = None,
        on_error: str = "raise",
    ) -> FramesAndTimes:
        """Return all frames with start <= time < end, uint8 (T, H, W, 3) RGB, upright, and their times, float64 (T,).

        size: (height, width) to resize to, by area averaging, as the frames are decoded; proportions are not kept.
        fps: instead of every frame, the frame on screen at each k/fps seconds of [start, end), with its own time.
            Before the first frame the first stands in, after the last the last, up to the end of the media.
        start, end: seconds; None means from the beginning, to the end.
        on_error: "raise" raises MediaError for a damaged file and says how many frames can be read; "partial" returns
            those, with a warning.

        An image is one frame at 0.0 s. Raises MediaError if there are no pictures or they cannot be read, ValueError
        for options that make no sense.

        >>> import numpy as np, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> frames, times = vl.open_media(path).frames(size=(24, 32), fps=10, start=1.0)
        >>> frames.shape, frames.dtype, times[:2].round(2).tolist()
        ((10, 24, 32, 3), dtype('uint8'), [1.0, 1.08])
        """
        size, fps = options.check_size("frames", size), options.check_fps("frames", fps)
        (start, end), partial = options.check_interval(start, end), options.check_on_error("frames", on_error)

        def work(source: Source) -> FramesAndTimes:
            self._prepare(source, "video", start, end)
            converter = self._converter(source, size)
            if fps is not None and not source.facts.is_image:
                moments = [tick / fps for tick in self._ticks(source, fps, start, end)]
                return self._sample(source, moments, converter)
            found, count = FrameArray(self._expected_frames(source, start, end)), 0
            for time, frame in self._window(source, start, end):
                picture = converter(frame)  # of the frames before the start too: an empty result has their size
                if time >= (start or 0.0) - EPSILON:
                    found.put(count, picture, time)
                    count += 1
            return found.arrays(converter.size or self.size)

        return self._guard(work, partial, lambda result: f"{len(result[1])} frames")

    def sample(
        self, n: int, *, size: Size = None, start: Seconds = None, end: Seconds = None, exact: bool = True,
        on_error: str = "raise",
    ) -> FramesAndTimes:
        """Return `n` frames spread evenly: those on screen at the centres of n equal parts of [start, end).

        Always n, repeated if there are fewer: uint8 (n, H, W, 3) RGB, upright, and the frames' own times, float64 (n,).
        size, start, end, on_error: as in `frames`.
        exact: False takes the keyframe nearest to each place instead, many times faster where keyframes are dense.

        >>> import numpy as np, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> vl.open_media(path).sample(4)[1].tolist()
        [0.24, 0.72, 1.24, 1.72]
        """
        options.check_whole("sample", n=n)
        size, (start, end) = options.check_size("sample", size), options.check_interval(start, end)
        partial = options.check_on_error("sample", on_error)

        def work(source: Source) -> FramesAndTimes:
            self._prepare(source, "video", start, end)
            converter = self._converter(source, size)
            height, width = size or (source.video.height or 1, source.video.width or 1)
            check_memory(3 * n * height * width)  # before so many moments are listed
            first, last = start or 0.0, min(self._measure(source), math.inf if end is None else end)
            moments = [first + (k + 0.5) * (last - first) / n for k in range(n)]
            return self._sample(source, moments, converter, exact=exact, fill=True)

        return self._guard(work, partial, lambda result: f"{len(np.unique(result[1]))} different frames")

    def stream(
        self, *, size: Size = None, fps: float | None = None, start: Seconds = None, end: Seconds = None
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Yield (seconds, uint8 (H, W, 3) frame) in constant memory however long the file; options as in `frames`.

        Damage raises MediaError when it is reached. The file is closed when the loop ends or the generator is closed.

        >>> import numpy as np, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> [round(time, 2) for time, frame in vl.open_media(path).stream(fps=1)]
        [0.0, 1.0]
        """
        size, fps = options.check_size("stream", size), options.check_fps("stream", fps)
        start, end = options.check_interval(start, end)
        return self._stream(size, fps, start, end)

    def _stream(
        self, size: Size, fps: float | None, start: Seconds, end: Seconds
    ) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        count = 0
        with self._open() as source:
            try:
                self._prepare(source, "video", start, math.inf)
                converter = self._converter(source, size)
                if fps is not None and not source.facts.is_image:
                    moments = (tick / fps for tick in self._ticks(source, fps, start, end))
                    frames = on_screen(source, decode_from(source, start or 0.0), moments)
                else:
                    frames = self._window(source, start, end)
                for time, frame in frames:
                    picture = converter(frame)
                    source.warn(2)
                    if fps is not None or time >= (start or 0.0) - EPSILON:
                        yield time, np.ascontiguousarray(picture)
                        count += 1
            except Damaged as damage:
                way_out = f'{count} frames came before; frames(on_error="partial") returns what can be read'
                raise source.error(str(damage), way_out) from None
            source.warn(2)
            if source.is_empty:
                raise unreadable(source)

    def audio(
        self, *, sample_rate: int = 16_000, start: Seconds = None, end: Seconds = None, on_error: str = "raise"
    ) -> NDArray[np.float32]:
        """Return the sound as one mono wave, float32 (N,) in [-1, 1]: the mean of its channels at `sample_rate`.

        Sample i lies at start + i/sample_rate seconds of the media's clock: a track that begins late is padded with
        silence, the priming samples of the encoder are removed, gaps are silent. Without `end` the wave ends where the
        track ends; with it, and inside the duration, there are exactly round(end * rate) - round(start * rate) samples,
        padded with silence if the track is shorter than the pictures. on_error: as in `frames`.

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

        def work(source: Source) -> NDArray[np.float32]:
            self._prepare(source, "audio", start, end)
            stop = None if end is None else min(end, self._measure(source))
            wave = read_wave(source, int(sample_rate), start or 0.0, stop)
            if source.is_empty:
                raise unreadable(source)
            return wave

        return self._guard(work, partial, lambda wave: f"{len(wave) / sample_rate:.2f} s")

    def subtitles(self, *, language: str | None = None) -> "pandas.DataFrame":
        """Return what is said or written: a DataFrame of `start`, `end` (seconds on the media's clock) and `text`.

        Read from an .srt file next to the media (name.srt or, with a language, name.en.srt), else from a track inside.
        language: which of several, as the file's name or the track says it ("en", "eng"); else name.srt, or the first.
        Markup is taken out; a block of an .srt file whose times make no sense is left out, with a warning.

        Raises MediaError where there are no subtitles, or none in that language, or they cannot be read.

        >>> import numpy as np, pathlib, tempfile, vmm_lab as vl
        >>> path = vl.write_video(tempfile.mkdtemp() + "/grey.mp4", np.full((50, 48, 64, 3), 128, np.uint8), fps=25)
        >>> srt = "1\\n00:00:00,500 --> 00:00:01,500\\n<i>Knock,</i>\\nknock.\\n"
        >>> _ = pathlib.Path(path).with_suffix(".srt").write_text(srt)
        >>> vl.open_media(path).subtitles().values.tolist()
        [[0.5, 1.5, 'Knock, knock.']]
        """
        wanted = None if language is None else str(language).lower()
        files = subtitles.files_beside(self.path)
        chosen = files.get(wanted or "") or (next(iter(files.values()), None) if wanted is None else None)
        if chosen is not None:
            return subtitles.as_table(subtitles.read_srt(chosen))
        cues, languages = self._guard(lambda source: subtitles.read_track(source, wanted), False, str)
        if cues is not None:
            return subtitles.as_table(cues)
        if wanted is not None and (known := sorted(filter(None, {*files, *languages}))):
            raise MediaError(f"{self.path}: has no subtitles in {language!r}; there are {', '.join(known)}.")
        kind = "only subtitles drawn as pictures" if languages and wanted is None else "no subtitles"
        raise MediaError(f"{self.path}: has {kind}; put them next to it as text, named {self.path.stem}.srt.")

    def poses(self) -> NDArray[np.float64]:
        """Return a pose sequence, float64 (frames, joints, 2 or 3), NaN where a joint is missing: see `read_poses`.

        Raises MediaError for a file that is no .npy, or holds anything else.
        """
        if not is_poses(self.path):
            raise MediaError(f"{self.path}: is no pose sequence (.npy); vl.pretrained.follow_poses finds people in "
                             "pictures.")
        return read_poses(self.path)

    # ---- how it is done ----

    def _prepare(self, source: Source, kind: str, start: Seconds, end: Seconds) -> None:
        """Raise what can be said before anything is decoded: a missing stream, a start behind the end, a cut."""
        self._need(source, kind)
        if start and start >= self._measure(source):
            raise ValueError(f"start is {start:g} s, but {self.path.name} ends at {self._duration:g} s; start earlier.")
        if source.facts.is_image and is_cut_off_jpeg(self.path):
            source.damage("is cut off: the end of the picture is missing")
        if source.is_in("gif") and not self.path.read_bytes().rstrip(b"\0").endswith(b";"):
            source.note("lacks the last byte of a GIF; it may be cut off, compare it with the original")
        # What is wanted to its end need not be read to the cut.
        if end is None and not source.partial and (missing := bytes_missing(source, getattr(source, kind))):
            source.damage(f"is cut off: {missing} bytes are missing at the end")

    def _expected_frames(self, source: Source, start: Seconds, end: Seconds) -> int:
        """Return about how many frames there will be: only a hint for making room, so nothing is measured for it."""
        length = self.__dict__.get("_duration") or (source.container.duration or 0) / 1e6
        rate = source.video.average_rate
        if source.facts.is_image or not rate or not length > 0:
            return 1
        seconds = min(length, math.inf if end is None else end) - (start or 0.0)
        # A header may promise anything; a frame takes a few bytes at least.
        return min(max(1, math.ceil(seconds * float(rate)) + 1), source.container.size // 8 + 1)

    def _ticks(self, source: Source, fps: float, start: Seconds, end: Seconds) -> range:
        """Return the k for which k/fps lies in [start, end)."""
        last = min(self._measure(source), math.inf if end is None else end)
        stop = math.ceil(last * fps - EPSILON)
        # A file of one frame and no length still has something on screen at its start.
        return range(math.ceil((start or 0.0) * fps - EPSILON), stop if start else max(stop, 1))

    def _window(self, source: Source, start: Seconds, end: Seconds) -> Iterator[TimedFrame]:
        """Yield (time, frame) from the keyframe before `start` (to learn the size from it) to `end`."""
        for time, frame in decode_from(source, start or 0.0):
            if end is not None and time >= end - EPSILON:
                return
            yield time, frame
            if source.facts.is_image:
                return
        if source.is_empty:
            raise unreadable(source)

    def _sample(
        self, source: Source, moments: list[float], converter: FrameConverter, *, exact: bool = True, fill: bool = False
    ) -> FramesAndTimes:
        """Return the frames on screen at `moments`; `fill` repeats the last one behind damage."""
        found = sample(source, moments, converter, exact=exact)
        if moments and not len(found):
            raise unreadable(source)
        for k in range(len(found), len(moments) if fill else 0):
            found.repeat(k, k - 1)
        return found.arrays(converter.size or self.size)

    def _guard(self, work: Callable[[Source], Any], partial: bool, describe: Callable[[Any], str]) -> Any:
        """Do `work(source)`; put damage in one sentence or, if `partial`, warn and return the rest."""
        try:
            with self._open(partial=partial) as source:
                result = work(source)
        except Damaged as damage:
            raise MediaError(f"{self.path}: {damage}; {self._what_is_left(work, describe)}.") from None
        except TooLarge as error:
            raise MediaError(f"{self.path}: {error}; ask for a smaller size, fewer frames, or use stream().") from None
        if source.reason:
            source.note(f"{source.reason}; returning the {describe(result)} that could be read")
        source.warn(3)
        return result

    def _what_is_left(self, work: Callable[[Source], Any], describe: Callable[[Any], str]) -> str:
        try:
            with warnings.catch_warnings(), self._open(partial=True, seconds=COUNTING_SECONDS) as source:
                warnings.simplefilter("ignore")
                result = work(source)
        except (Damaged, TooLarge, MediaError):
            return "nothing in it can be read, copy or convert it again"
        return f'on_error="partial" returns the {"at least " * source.is_over}{describe(result)} that can be read'

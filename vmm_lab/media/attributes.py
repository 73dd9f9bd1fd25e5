"""A path goes in; what the file is comes out as attributes, each found out when it is first asked for."""
import time as clock
from functools import cached_property

from vmm_lab.media import container as box
from vmm_lab.media.container import MediaError
from vmm_lab.media.index import scan
from vmm_lab.media.pictures import ToArray, clockwise
from vmm_lab.media.reading import STATED, Damaged, Tally, decode
from vmm_lab.media.stills import exif_turn

FIRST_FRAME_SECONDS = 2.0  # for finding the first whole frame of a damaged file


class Attributes:
    """What Media says about its file. Only the path is kept for good: copies sent to other processes find out for themselves."""

    def __init__(self, path):
        self.path = box.check_path(path)

    def __repr__(self):
        return f"Media({str(self.path)!r})"

    def __getstate__(self):
        return {"path": self.path}

    def __setstate__(self, state):
        self.path = state["path"]

    @cached_property
    def _facts(self):
        with box.opened(self.path) as source:
            return source.facts

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

    @property
    def size(self):
        """(height, width) of the upright frame in pixels. MediaError without pictures."""
        return self._first[0]

    @property
    def rotation(self):
        """The clockwise turn that makes its frames upright, and is applied: 0, 90, 180 or 270 degrees. MediaError without pictures."""
        return self._first[1]

    @property
    def duration(self):
        """Seconds from the start of the earliest stream to the end of the latest; 0.0 for an image. Where the file does not say
        it, it is measured from the packets, without decoding."""
        if "_duration" not in self.__dict__:
            with self._open() as source:
                self._measure(source)
        return self._duration

    @cached_property
    def fps(self):
        """Average frames per second; None for an image, for sound alone, and where there are fewer than two frames."""
        if not self.has_video or self.is_image:
            return None
        with self._open() as source:
            rate, stated = source.video.average_rate, "mov" in source.facts.container and source.video.frames > 1 and not _uneven(source.video)
            if rate and rate > 0 and (stated or source.container.size > box.SCAN_BYTES):
                return float(rate)
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

    # ---- how it is found out ----

    def _open(self):
        # A fresh Media learns its facts in the same opening that does the first work.
        return box.opened(self.path, self.__dict__.get("_facts"))

    def _need(self, source, kind):
        """Raise MediaError unless the open file has this kind of stream; remember what it is."""
        self.__dict__.setdefault("_facts", source.facts)
        if getattr(source.facts, kind) is None:
            if kind == "video":
                raise MediaError(f"{self.path}: has sound but no pictures; ask for audio() instead.")
            raise MediaError(f"{self.path}: has pictures but no sound; ask for frames() instead.")
        if getattr(source, kind).codec_context is None:
            raise nothing(source, None, "is in a codec that FFmpeg has no decoder for")

    def _to_array(self, source, size):
        self._need(source, "video")
        # Of a still's EXIF block libav keeps the turn, not the mirroring of selfies.
        turn = exif_turn(self.path) if source.facts.is_image else None
        return ToArray(size, source.video.metadata, turn)

    def _measure(self, source):
        """The duration in seconds, from the header or, if that says nothing to be trusted, from the packets; `source` rewound."""
        if "_duration" not in self.__dict__:
            stated = 0.0 if source.facts.is_image else _stated_duration(source)
            if stated is None:
                stated = scan(source).end
                source.rewind()
            self._duration = round(stated, 9)
        return self._duration

    @cached_property
    def _index(self):
        with self._open() as source:
            return scan(source)

    @cached_property
    def _first(self):
        """((height, width) upright, degrees clockwise) of the first picture."""
        with self._open() as source:
            to_array = self._to_array(source, None)
            tally = Tally(partial=True, deadline=clock.monotonic() + FIRST_FRAME_SECONDS)
            try:
                for _, frame in decode(source, source.only(source.video), tally):
                    to_array.settle(frame)
                    return to_array.size, clockwise(to_array.turn)
            except Damaged as damage:
                tally.reason = damage.reason
            raise nothing(source, tally)


def _stated_duration(source):
    names = set(source.facts.container.split(","))
    whole = source.container.duration
    size = source.container.size
    trusted = names & STATED or "ogg" in names or size > box.SCAN_BYTES
    if not trusted or not whole or not 0 < whole / 1e6 <= size:
        return None  # less than a byte a second is a header gone wrong
    streams = [s for s in (source.video, source.audio) if s is not None and s.duration and box.start_of(s) is not None]
    if "mov" in names and size <= box.SCAN_BYTES and _uneven(source.video):
        return None
    if streams and "mov" in names:
        end = max(box.start_of(s) + float(s.duration * s.time_base) for s in streams) - source.facts.origin
        return end if 0 < end <= size else None
    # Matroska counts its duration from 0, not from its first frame.
    return whole / 1e6 - (source.facts.origin if "matroska" in names else 0.0)


def _uneven(video):
    """Pictures of uneven length that are stored in another order than shown: an mp4's header then adds up the wrong lengths."""
    context = video.codec_context if video is not None else None
    return context is not None and context.has_b_frames and video.average_rate != video.base_rate


def nothing(source, tally, reason=None):
    """The MediaError for a file of which not one frame or sample came out."""
    reason = reason or tally.reason
    if "mov" in source.facts.container and box.encrypted(source.path):
        return source.error("is encrypted", "decrypt it, or ask for an open copy")
    if source.facts.container == "webp_pipe" and b"ANIM" in source.path.read_bytes()[:64]:
        return source.error("is an animated WebP, which FFmpeg cannot read", "convert it to GIF or mp4")
    if reason:
        return source.error(f"{reason} and nothing in it can be read", "copy or convert it again")
    return source.error("holds a header but nothing that can be decoded", "copy or record it again")

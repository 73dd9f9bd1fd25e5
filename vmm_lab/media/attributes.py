"""Tell what a media file is: size, rotation, duration, frame rate, keyframes; each is found out when it is needed."""
import os
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vmm_lab.media.clock import SCAN_BYTES, duration
from vmm_lab.media.container import Facts, Source, open_source
from vmm_lab.media.decode import decode
from vmm_lab.media.errors import Damaged, MediaError, check_path
from vmm_lab.media.frames import FrameConverter, clockwise, exif_turn
from vmm_lab.media.joints import is_poses, read_poses

FIRST_FRAME_SECONDS = 2.0  # for finding the first whole frame of a damaged file
ENCRYPTION_BYTES = 4 * 2**20  # of either end of a file, where an mp4 says that it is encrypted


def _fact(name: str, doc: str) -> Any:
    """Make a read-only property of something that the first look into the file finds."""
    return property(lambda media: getattr(media._facts, name), doc=doc)


class Attributes:
    """Describe a media file. Only the path is kept for good: copies sent to other processes find out for themselves."""

    def __init__(self, path: str | os.PathLike):
        self.path: Path = check_path(path)

    def __repr__(self) -> str:
        return f"Media({str(self.path)!r})"

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path}

    has_video: bool = _fact("has_video", "Whether there are pictures: a video or an image, not the cover of a song.")
    has_audio: bool = _fact("has_audio", "Whether there is sound.")
    is_image: bool = _fact("is_image", "Whether it is a still picture.")
    has_poses: bool = _fact("has_poses", "Whether it is a pose sequence, a .npy of (frames, joints, 2 or 3).")
    sample_rate: int | None = _fact("sample_rate", "Samples per second of the sound as stored; None without sound.")
    container: str = _fact("container", 'Name of the file format as FFmpeg calls it, such as "matroska,webm".')
    video_codec: str | None = _fact("video_codec", 'Name of the codec of the pictures, such as "h264"; None without.')
    audio_codec: str | None = _fact("audio_codec", 'Name of the codec of the sound, such as "aac"; None without.')

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the upright frame in pixels. MediaError without pictures."""
        return self._first_frame[0]

    @property
    def rotation(self) -> int:
        """Degrees clockwise that make its frames upright, and are applied: 0, 90, 180 or 270."""
        return self._first_frame[1]

    @property
    def duration(self) -> float:
        """Seconds from the start of the earliest stream to the end of the latest; 0.0 for an image."""
        if "_duration" not in self.__dict__:
            with self._open() as source:
                self._measure(source)
        return self._duration

    @cached_property
    def fps(self) -> float | None:
        """Average frames per second; None for an image, for sound alone, and where there are fewer than two frames."""
        if not self.has_video or self.is_image:
            return None
        with self._open() as source:
            video = source.video
            rate = video.average_rate
            stated = source.is_steady and video.frames > 1
            if rate and rate > 0 and (stated or source.container.size > SCAN_BYTES):
                return float(rate)
            index = source.index()
        if len(index.times) < 2 or index.times[-1] <= index.times[0]:
            return None
        measured = (len(index.times) - 1) / float(index.times[-1] - index.times[0])
        # Timestamps rounded to milliseconds make 24.997 of 25: the stated rate is meant, if it says nearly the same.
        return float(rate) if rate and abs(measured - rate) < 0.005 * rate else measured

    @property
    def keyframes(self) -> NDArray[np.float64]:
        """Seconds of the keyframes, float64 (K,): the frames that can be decoded alone."""
        with self._open() as source:
            self._need(source, "video")
            return source.index().keyframes.copy()

    # ---- how it is found out ----

    @cached_property
    def _facts(self) -> Facts:
        if is_poses(self.path):
            read_poses(self.path)
            return Facts("npy", None, None, None, None, None, is_image=False, origin=0.0, has_poses=True)
        with open_source(self.path) as source:
            return source.facts

    def _open(self, **options: Any) -> AbstractContextManager[Source]:
        if is_poses(self.path):
            raise MediaError(f"{self.path}: is a pose sequence, without pictures and sound; ask for poses() instead.")
        # A fresh Media learns its facts in the same opening that does the first work.
        return open_source(self.path, self.__dict__.get("_facts"), **options)

    def _need(self, source: Source, kind: str) -> None:
        """Raise MediaError unless the open file has this kind of stream; remember what it is."""
        self.__dict__.setdefault("_facts", source.facts)
        stream = getattr(source, kind)
        if stream is None and kind == "video":
            raise source.error("has sound but no pictures", "ask for audio() instead")
        if stream is None:
            raise source.error("has pictures but no sound", "ask for frames() instead")
        if stream.codec_context is None:
            source.reason = "is in a codec that FFmpeg has no decoder for"
            raise unreadable(source)

    def _converter(self, source: Source, size: tuple[int, int] | None) -> FrameConverter:
        self._need(source, "video")
        # Of a still's EXIF block libav keeps the turn, not the mirroring of selfies.
        return FrameConverter(source, size, exif_turn(self.path) if source.facts.is_image else None)

    def _measure(self, source: Source) -> float:
        """Return the duration; found out once for all readings."""
        if "_duration" not in self.__dict__:
            self._duration: float = duration(source)
        return self._duration

    @cached_property
    def _first_frame(self) -> tuple[tuple[int, int], int]:
        """((height, width) upright, degrees clockwise) of the first picture."""
        with self._open(partial=True, seconds=FIRST_FRAME_SECONDS) as source:
            converter = self._converter(source, None)
            try:
                for _, frame in decode(source, source.video):
                    return converter.settle(frame), clockwise(converter.turn)
            except Damaged as damage:
                source.reason = str(damage)
            raise unreadable(source)


def unreadable(source: Source) -> MediaError:
    """Return the MediaError for a file of which not one frame or sample came out."""
    if source.is_in("mov") and _is_encrypted(source.path):
        return source.error("is encrypted", "decrypt it, or ask for an open copy")
    if source.reason:
        return source.error(f"{source.reason} and nothing in it can be read", "copy or convert it again")
    return source.error("holds a header but nothing that can be decoded", "copy or record it again")


def _is_encrypted(path: Path) -> bool:
    """Does an mp4 say that a track of it is encrypted (ISO/IEC 23001-7: sample entries `encv` and `enca`)?"""
    with open(path, "rb") as file:
        head = file.read(ENCRYPTION_BYTES)
        file.seek(max(0, os.path.getsize(path) - ENCRYPTION_BYTES))
        return any(b"sinf" in part and (b"encv" in part or b"enca" in part) for part in (head, file.read()))

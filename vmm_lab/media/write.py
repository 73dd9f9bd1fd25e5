"""Write frames and a sound wave as an .mp4 that every browser plays (H.264 + AAC), whole or not at all."""
import itertools
import os
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import ArrayLike, NDArray

from vmm_lab.files import atomic_path
from vmm_lab.media.errors import MediaError
from vmm_lab.media.frames import THREADED_PIXELS
from vmm_lab.media.options import check_wave, check_whole

# The rates AAC knows; sound of another rate is resampled to the next higher one.
AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
BLOCK = 65_536  # samples of sound that are coded at once
SUFFIXES = (".mp4", ".m4v", ".mov")
LONGEST_SIDE = 8192  # pixels that H.264 players take
BT601 = 6  # the matrix that players assume for small pictures and OpenCV for all: written down, so that nobody guesses


def write_video(
    path: str | os.PathLike, frames: ArrayLike | Iterable[ArrayLike], *, fps: float | Fraction,
    audio: ArrayLike | None = None, sample_rate: int | None = None, crf: float = 20,
    keyframe_interval: int | None = None,
) -> Path:
    """Write frames, and sound if given, as H.264 + AAC in an mp4 file and return its pathlib.Path.

    frames: uint8 (T, H, W, 3) RGB, or any iterable of uint8 (H, W, 3) pictures, written as it comes. H.264 wants even
        sizes: an odd height or width is padded by repeating the last row or column.
    fps: frames per second, a number above 0. Frame k is on screen from k/fps to (k + 1)/fps seconds.
    audio: float (N,), mono, in [-1, 1] (louder is clipped); sample i sounds at i/sample_rate seconds.
    sample_rate: samples per second of `audio`.
    crf: x264's constant rate factor, 1 (best) to 51 (worst); 18-23 look like the original.
    keyframe_interval: at most so many frames from one keyframe to the next (default: one a second). Short intervals
        make jumping to a frame fast, long ones make the file small.

    The file appears under its name when it is complete: an interrupted call leaves nothing behind, an older file whole.
    Raises ValueError for options and arrays that make no sense, MediaError if the file cannot be written.

    >>> import numpy as np, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> grey = np.full((10, 64, 64, 3), 128, np.uint8)
    >>> write_video(folder + "/grey.mp4", grey, fps=25).name
    'grey.mp4'
    """
    path = _check_path(path)
    rate = _check_rate(fps)
    if isinstance(crf, bool) or not isinstance(crf, (int, float, np.integer)) or not 1 <= crf <= 51:
        raise ValueError(f"crf is x264's constant rate factor, a number from 1 (best) to 51 (worst), not {crf!r}.")
    keyframe_interval = max(1, round(rate)) if keyframe_interval is None else keyframe_interval
    check_whole("write_video", keyframe_interval=keyframe_interval)
    if audio is None and sample_rate is not None:
        raise ValueError("sample_rate was given without audio; pass the wave too, or leave both out.")
    wave = None if audio is None else check_wave("audio", np.asarray(audio), sample_rate)
    pictures = _check_pictures(frames)
    first = next(pictures, None)
    if first is None:
        raise ValueError("there are no frames to write; write_video wants at least one.")
    try:
        with atomic_path(path) as part:
            pictures = itertools.chain([first], pictures)
            _encode(part, first.shape, pictures, rate, wave, sample_rate, crf, int(keyframe_interval))
    except (av.FFmpegError, OSError) as error:
        text = getattr(error, "strerror", None) or str(error)
        way_out = "check the folder, its permissions and the free space"
        raise MediaError(f"{path}: cannot be written ({text}); {way_out}.") from None
    return path


def _encode(
    part: Path, shape: tuple[int, ...], pictures: Iterable[NDArray[np.uint8]], rate: Fraction,
    wave: NDArray[np.float32] | None, sample_rate: int | None, crf: float, keyframe_interval: int,
) -> None:
    bottom, right = shape[0] % 2, shape[1] % 2
    # Small pictures are coded sooner by one thread than several can be woken, and many are often written at once.
    threads = 1 if shape[0] * shape[1] <= THREADED_PIXELS else 0
    # The muxer holds the coded sound back for the pictures that it goes with: the file can be played while it loads.
    name, options = f"file:{os.path.abspath(part)}", {"movflags": "+faststart", "max_interleave_delta": "0"}
    with av.open(name, "w", format="mp4", container_options=options) as container:
        video = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "fast"})
        video.height, video.width, video.pix_fmt = shape[0] + bottom, shape[1] + right, "yuv420p"
        context = video.codec_context
        context.gop_size, context.thread_count = keyframe_interval, threads
        context.colorspace = context.color_primaries = context.color_trc = BT601
        context.color_range = 1
        if wave is not None:
            _encode_sound(container, wave, sample_rate)
        converter: Any = VideoReformatter()
        for k, picture in enumerate(pictures):
            if bottom or right:
                picture = np.pad(picture, ((0, bottom), (0, right), (0, 0)), mode="edge")
            coded = converter.reformat(
                av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24"), format="yuv420p",
                dst_colorspace="SMPTE170M", dst_color_range="MPEG", interpolation="AREA", threads=threads,
            )
            coded.pts, coded.time_base = k, 1 / rate
            container.mux(video.encode(coded))
        container.mux(video.encode())


def _encode_sound(container: Any, wave: NDArray[np.float32], sample_rate: Any) -> None:
    rate = next((rate for rate in AAC_RATES if rate >= sample_rate), AAC_RATES[-1])
    stream = container.add_stream("aac", rate=rate, layout="mono", bit_rate=128_000)
    resampler = av.AudioResampler("fltp", "mono", rate, frame_size=1024)
    for first in range(0, len(wave), BLOCK):
        block = np.ascontiguousarray(wave[None, first : first + BLOCK])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = sample_rate, Fraction(1, sample_rate), first
        container.mux([packet for part in resampler.resample(frame) for packet in stream.encode(part)])
    container.mux([packet for part in resampler.resample(None) for packet in stream.encode(part)])
    container.mux(stream.encode())


def _check_path(path: str | os.PathLike) -> Path:
    try:
        path = Path(path)
    except TypeError:
        raise ValueError(f"write_video takes the path of an .mp4 file, not {type(path).__name__}.") from None
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: write_video writes mp4; end the name in .mp4.")
    if not path.parent.is_dir():
        raise MediaError(f"{path}: its folder does not exist; make {path.parent} first.")
    if path.is_dir():
        raise MediaError(f"{path}: is a folder; choose another name for the video.")
    return path


def _check_rate(fps: float | Fraction) -> Fraction:
    try:
        rate = Fraction(fps if isinstance(fps, (Fraction, str)) else float(fps)).limit_denominator(10_000)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        rate = Fraction(0)
    if isinstance(fps, bool) or not Fraction(1, 1000) <= rate <= 1000:
        raise ValueError(f"fps is the frames per second, a number between 0.001 and 1000, not {fps!r}.")
    return rate


def _check_pictures(frames: Any) -> Iterator[NDArray[np.uint8]]:
    """Yield the frames one by one; ValueError for the first that is no uint8 (H, W, 3) of one size."""
    if isinstance(frames, np.ndarray) and frames.ndim != 4:
        raise ValueError(f"frames has the shape {frames.shape}, not (T, H, W, 3); one picture is frames[None].")
    try:
        arrays = map(np.asarray, frames)
    except TypeError:
        kind = type(frames).__name__
        raise ValueError(f"write_video takes frames (T, H, W, 3), or an iterable of them, not {kind}.") from None
    shape = None
    for frame in arrays:
        if frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
            raise ValueError(f"a frame has the shape {frame.shape}, not (H, W, 3) RGB; repeat grey three times.")
        if frame.dtype != np.uint8:
            way_out = "for floats in [0, 1] pass (frames * 255).round().astype('uint8')"
            raise ValueError(f"frames are {frame.dtype}, but uint8 from 0 to 255 is wanted; {way_out}.")
        if max(frame.shape) > LONGEST_SIDE:
            raise ValueError(f"a frame of {frame.shape[:2]} is too large to play; {LONGEST_SIDE} is the longest side.")
        shape = shape or frame.shape
        if frame.shape != shape:
            raise ValueError(f"a frame of {frame.shape[:2]} follows one of {shape[:2]}; all frames have one size.")
        yield frame

"""Frames and a sound wave go in; an .mp4 that every browser plays (H.264 + AAC) comes out, whole or not at all."""
import math
import os
import uuid
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from vmm_lab.media.container import DECODER_ERRORS, MediaError
from vmm_lab.media.pictures import THREADED_PIXELS

# The rates AAC knows; sound of another rate is resampled to the next higher one.
AAC_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
SUFFIXES = (".mp4", ".m4v", ".mov")
BT601 = 6  # the matrix that players assume for small pictures and OpenCV for all: written down, so that nobody guesses


def write_video(path, frames, *, fps, audio=None, sample_rate=None, crf=20, keyframe_interval=None):
    """Write frames, and sound if given, as H.264 + AAC in an mp4 file and return its pathlib.Path.

    frames: uint8 (T, H, W, 3) RGB, or any iterable of uint8 (H, W, 3) pictures, which is written as it comes, in
        constant memory. H.264 wants even sizes: an odd height or width is padded by repeating the last row or column.
    fps: frames per second, a number above 0. Frame k is on screen from k/fps to (k + 1)/fps seconds.
    audio: float (N,), mono, in [-1, 1] (louder is clipped); sample i sounds at i/sample_rate seconds.
    sample_rate: samples per second of `audio`.
    crf: x264's constant rate factor, 1 (best) to 51 (worst); 18-23 look like the original.
    keyframe_interval: at most so many frames from one keyframe to the next (default: one a second). Short intervals make
        jumping to a frame fast, long ones make the file small.

    The file appears under its name when it is complete: an interrupted call leaves nothing behind, and an older file whole.
    Raises ValueError for options and arrays that make no sense, MediaError if the file cannot be written.

    >>> import numpy as np, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> grey = np.full((10, 64, 64, 3), 128, np.uint8)
    >>> write_video(folder + "/grey.mp4", grey, fps=25).name
    'grey.mp4'
    """
    path = _target(path)
    rate = _rate(fps)
    if isinstance(crf, bool) or not isinstance(crf, (int, float, np.integer)) or not 1 <= crf <= 51:
        raise ValueError(f"crf is x264's constant rate factor, a number from 1 (best) to 51 (worst), not {crf!r}.")
    if keyframe_interval is None:
        keyframe_interval = max(1, round(rate))
    if not isinstance(keyframe_interval, (int, np.integer)) or isinstance(keyframe_interval, bool) or keyframe_interval < 1:
        raise ValueError(f"keyframe_interval is a whole number of frames, at least 1, not {keyframe_interval!r}.")
    wave = _wave(audio, sample_rate)
    try:
        frames = iter(frames if not isinstance(frames, np.ndarray) else _array(frames))
    except TypeError:
        raise ValueError(f"write_video takes frames (T, H, W, 3), or an iterable of them, not {type(frames).__name__}.") from None
    first = next(frames, None)
    if first is None:
        raise ValueError("there are no frames to write; write_video wants at least one.")
    shape = _picture(first, None).shape
    part = path.with_name(f".{path.name[:100]}.{uuid.uuid4().hex[:8]}.part")
    try:
        _encode(part, first, frames, shape, rate, wave, sample_rate, crf, int(keyframe_interval))
        os.replace(part, path)
    except (av.FFmpegError, OSError) as error:
        text = getattr(error, "strerror", None) or str(error)
        raise MediaError(f"{path}: cannot be written ({text}); check the folder, its permissions and the free space.") from None
    finally:
        part.unlink(missing_ok=True)
    return path


def _encode(part, first, frames, shape, rate, wave, sample_rate, crf, keyframe_interval):
    height, width = shape[0] + shape[0] % 2, shape[1] + shape[1] % 2
    with av.open(f"file:{os.path.abspath(part)}", "w", format="mp4", container_options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "fast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        context = video.codec_context
        context.gop_size = keyframe_interval
        context.colorspace = context.color_primaries = context.color_trc = BT601
        context.color_range = 1
        # Small pictures are coded sooner by one thread than several can be woken, and many are often written at once.
        small = height * width <= THREADED_PIXELS
        context.thread_count = 1 if small else 0
        sound = Sound(container, wave, sample_rate) if wave is not None else None
        convert = VideoReformatter()
        frame = first
        k = 0
        while frame is not None:
            picture = _picture(frame, shape)
            if (height, width) != shape[:2]:
                picture = np.pad(picture, ((0, height - shape[0]), (0, width - shape[1]), (0, 0)), mode="edge")
            rgb = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            coded = convert.reformat(rgb, format="yuv420p", dst_colorspace="SMPTE170M", dst_color_range="MPEG", interpolation="AREA", threads=1 if small else 0)
            coded.pts, coded.time_base = k, 1 / rate
            container.mux(video.encode(coded))
            k += 1
            if sound is not None:
                sound.write_until(float(k / rate))
            frame = next(frames, None)
        container.mux(video.encode())
        if sound is not None:
            sound.finish()


class Sound:
    """Feeds a wave to the AAC encoder in step with the pictures, so that the file can be played while it loads."""

    def __init__(self, container, wave, sample_rate):
        self.container, self.wave, self.sample_rate = container, wave, sample_rate
        self.rate = next((r for r in AAC_RATES if r >= sample_rate), AAC_RATES[-1])
        self.stream = container.add_stream("aac", rate=self.rate, layout="mono")
        self.stream.bit_rate = 128_000
        self.resampler = av.AudioResampler("fltp", "mono", self.rate, frame_size=1024)
        self.position = 0

    def write_until(self, seconds):
        stop = min(len(self.wave), math.ceil(seconds * self.sample_rate))
        while self.position < stop:
            block = self.wave[self.position : min(stop, self.position + 4096)]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block[None]), format="fltp", layout="mono")
            frame.sample_rate, frame.time_base, frame.pts = self.sample_rate, Fraction(1, self.sample_rate), self.position
            self.position += len(block)
            self._encode(self.resampler.resample(frame))

    def finish(self):
        self.write_until(math.inf if len(self.wave) == 0 else len(self.wave) / self.sample_rate)
        self._encode(self.resampler.resample(None))
        self.container.mux(self.stream.encode())

    def _encode(self, frames):
        for frame in frames:
            self.container.mux(self.stream.encode(frame))


def _target(path):
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


def _rate(fps):
    try:
        rate = Fraction(fps if isinstance(fps, (Fraction, str)) else float(fps)).limit_denominator(10_000)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        rate = Fraction(0)
    if isinstance(fps, bool) or not Fraction(1, 1000) <= rate <= 1000:
        raise ValueError(f"fps is the frames per second, a number between 0.001 and 1000, not {fps!r}.")
    return rate


def _array(frames):
    if frames.ndim != 4:
        raise ValueError(f"frames has the shape {frames.shape}, but (T, H, W, 3) is wanted; a single picture is frames[None].")
    return frames


def _picture(frame, shape):
    frame = np.asarray(frame)
    if frame.ndim != 3 or frame.shape[2] != 3 or 0 in frame.shape:
        raise ValueError(f"a frame has the shape {frame.shape}, but (H, W, 3) RGB is wanted; repeat a grey picture three times.")
    if frame.dtype != np.uint8:
        raise ValueError(
            f"frames are {frame.dtype}, but uint8 from 0 to 255 is wanted; for floats in [0, 1] pass (frames * 255).round().astype('uint8')."
        )
    if shape is not None and frame.shape != shape:
        raise ValueError(f"a frame of {frame.shape[:2]} follows frames of {shape[:2]}; all frames of a video have one size.")
    if max(frame.shape) > 8192:
        raise ValueError(f"a frame of {frame.shape[:2]} is too large for H.264 players; make it at most 8192 in either direction.")
    return frame


def _wave(audio, sample_rate):
    if audio is None:
        if sample_rate is not None:
            raise ValueError("sample_rate was given without audio; pass the wave too, or leave both out.")
        return None
    wave = np.asarray(audio)
    if wave.ndim != 1 or not len(wave):
        raise ValueError(f"audio has the shape {wave.shape}, but (N,) with N > 0 is wanted: one mono wave; average the channels.")
    if not np.issubdtype(wave.dtype, np.floating):
        raise ValueError(f"audio is {wave.dtype}, but floats in [-1, 1] are wanted; divide 16-bit samples by 32768.")
    if not np.isfinite(wave).all():
        raise ValueError("audio holds NaN or infinite samples; replace them first.")
    if not isinstance(sample_rate, (int, np.integer)) or isinstance(sample_rate, bool) or not 1000 <= sample_rate <= 192_000:
        raise ValueError(f"sample_rate is the samples per second of audio, a whole number from 1000 to 192000, not {sample_rate!r}.")
    return np.clip(wave, -1.0, 1.0).astype(np.float32)

"""Media: what is written comes back, at the time it was written for; every verb keeps the one clock."""
import pickle
import threading
import warnings
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest

from vmm_lab.media import Media, MediaError, open_media, write_video
from vmm_lab.media.container import open_source
from vmm_lab.media.frames import TooLarge, check_memory, clockwise, memory_limit, orientation

HALF_A_TICK = 5e-4  # of Matroska's millisecond clock: no moment may be held against a frame more finely than it is stamped


def coded(numbers, height=48, width=64):
    """Frames that carry a number as 8 black or white columns, so that it survives the codec."""
    numbers = np.asarray(numbers)
    bits = (numbers[:, None] >> np.arange(8)) & 1
    row = np.repeat(bits, width // 8, axis=1) * 190 + 30
    return np.broadcast_to(row[:, None, :, None], (len(numbers), height, width, 3)).astype(np.uint8)


def decoded(frames):
    """The numbers in frames made by `coded`, at any size."""
    width = frames.shape[2]
    columns = frames[:, :, (np.arange(8) * 2 + 1) * width // 16].mean(axis=(1, 3)) > 120
    return (columns * (1 << np.arange(8))).sum(axis=1).tolist()


def click(seconds, at, rate=16_000):
    wave = np.zeros(round(seconds * rate), np.float32)
    for moment in at:
        wave[round(moment * rate) : round(moment * rate) + rate // 200] = 0.9
    return wave


def onset(wave, rate):
    return np.flatnonzero(np.abs(wave) > 0.3)[0] / rate


def encode(path, frames, *, stamps, time_base=Fraction(1, 1000), codec="libx264", options=None, pixels="yuv420p", metadata=None, gop=None):
    """Write frames with chosen timestamps, as write_video never would."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options or {})
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], pixels
        stream.codec_context.time_base = time_base
        if gop:
            stream.codec_context.gop_size = gop
        stream.metadata.update(metadata or {})
        for frame, stamp in zip(frames, stamps, strict=True):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(format=pixels)
            picture.pts, picture.time_base = int(stamp), time_base
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("média files")


@pytest.fixture(scope="module")
def clip(folder):
    """100 numbered frames at 25 frames/s, keyframes every 12, and a click at each whole second."""
    return write_video(folder / "clip.mp4", coded(range(100)), fps=25, audio=click(4, [1, 2, 3]), sample_rate=16_000, keyframe_interval=12)


@pytest.fixture(scope="module")
def sparse(folder):
    """The same frames with as few keyframes as may be, and no sound."""
    return write_video(folder / "sparse.mp4", coded(range(100)), fps=25, keyframe_interval=250)


@pytest.fixture(scope="module")
def uneven(folder):
    """20 numbered frames at irregular moments."""
    steps = np.random.default_rng(3).integers(5, 300, 20)
    return encode(folder / "uneven.mkv", coded(range(20)), stamps=np.cumsum(steps) - steps[0])


# ---- what it is ----


def test_attributes_of_a_video_with_sound(clip):
    media = open_media(clip)
    assert (media.has_video, media.has_audio, media.is_image) == (True, True, False)
    assert (media.size, media.rotation, media.sample_rate) == ((48, 64), 0, 16_000)
    assert (media.video_codec, media.audio_codec) == ("h264", "aac")
    assert media.duration == pytest.approx(4.0, abs=1e-6) and media.fps == pytest.approx(25.0)


def test_keyframes_are_at_most_as_far_apart_as_asked_for(folder, clip):
    keyframes = open_media(clip).keyframes
    assert keyframes[0] == 0 and np.diff(keyframes).max() <= 12 / 25 + 1e-6
    still = np.full((60, 48, 64, 3), 90, np.uint8)
    calm = open_media(write_video(folder / "calm.mp4", still, fps=25, keyframe_interval=12))
    assert calm.keyframes == pytest.approx(np.arange(0, 60, 12) / 25)
    assert open_media(write_video(folder / "calm.mp4", still, fps=25, keyframe_interval=250)).keyframes.tolist() == [0.0]


def test_every_browser_can_play_what_write_video_writes(clip):
    with av.open(str(clip)) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
    data = clip.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "the index stands first, so that playing begins before all is loaded"


def test_a_missing_path_raises_at_once_and_a_bad_file_when_it_is_read(folder):
    with pytest.raises(MediaError, match="no such file"):
        open_media(folder / "nowhere.mp4")
    bad = folder / "bad.mp4"
    bad.write_text("these are words")
    media = open_media(bad)
    with pytest.raises(MediaError, match="bad.mp4"):
        media.duration


def test_the_path_of_an_address_says_that_files_are_read(folder):
    with pytest.raises(MediaError, match="download it first"):
        open_media("https://example.org/walk.mp4")


def test_repr_names_the_path_and_no_address(clip):
    assert repr(open_media(clip)) == f"Media({str(clip)!r})"


def test_media_is_a_context_manager_that_can_be_used_again(clip):
    with open_media(clip) as media:
        frames, _ = media.frames(end=0.2)
        wave = media.audio(end=0.2)
    assert len(frames) == 5 and len(wave) == 3200
    assert len(media.sample(3)[0]) == 3


def test_media_travels_to_other_processes_by_its_path(clip):
    media = open_media(clip)
    media.duration
    copy = pickle.loads(pickle.dumps(media))
    assert isinstance(copy, Media) and copy.path == clip and copy.duration == media.duration


def test_threads_may_share_one_media(clip):
    media, results = open_media(clip), {}
    threads = [threading.Thread(target=lambda k=k: results.update({k: decoded(media.sample(5)[0])})) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6 and all(r == [10, 30, 50, 70, 90] for r in results.values())


# ---- frames ----


def test_all_frames_come_back_in_order_with_their_times(clip, sparse):
    for path in (clip, sparse):
        frames, times = open_media(path).frames()
        assert frames.shape == (100, 48, 64, 3) and frames.dtype == np.uint8 and times.dtype == np.float64
        assert decoded(frames) == list(range(100))
        assert times == pytest.approx(np.arange(100) / 25)


def test_colours_come_back_as_rgb(folder):
    red = np.zeros((5, 48, 64, 3), np.uint8)
    red[..., 0], red[..., 1] = 200, 60
    frames, _ = open_media(write_video(folder / "red.mp4", red, fps=25)).frames()
    assert np.abs(frames.astype(int) - red).max() <= 4


def test_an_interval_takes_the_frames_from_start_up_to_but_not_at_end(clip, sparse):
    for path in (clip, sparse):
        frames, times = open_media(path).frames(start=2.0, end=2.4)
        assert decoded(frames) == list(range(50, 60)) and times[0] == pytest.approx(2.0)
        assert decoded(open_media(path).frames(start=3.9)[0]) == [98, 99]
        assert decoded(open_media(path).frames(end=0.08)[0]) == [0, 1]


def test_an_interval_between_two_frames_is_empty_but_keeps_the_shape(clip):
    frames, times = open_media(clip).frames(start=1.01, end=1.02)
    assert frames.shape == (0, 48, 64, 3) and times.shape == (0,)


def test_an_end_behind_the_end_is_the_end(clip):
    assert len(open_media(clip).frames(start=3.0, end=99)[0]) == 25


@pytest.mark.parametrize("fps", [3, 10, 25, 40, 7.5])
def test_fps_gives_the_frame_on_screen_at_each_tick(clip, sparse, uneven, fps):
    for path in (clip, sparse, uneven):
        media = open_media(path)
        everything, all_times = media.frames()
        frames, times = media.frames(fps=fps)
        ticks = np.arange(0, np.ceil(media.duration * fps - 1e-6)) / fps
        on_screen = np.maximum(np.searchsorted(all_times, ticks + HALF_A_TICK, side="right") - 1, 0)
        assert times == pytest.approx(all_times[on_screen])
        assert np.array_equal(frames, everything[on_screen])


def test_fps_in_an_interval_keeps_to_the_ticks_of_the_whole_clock(clip):
    frames, times = open_media(clip).frames(fps=10, start=1.05, end=1.55)
    assert decoded(frames) == [27, 30, 32, 35, 37], "the frames on screen at 1.1, 1.2, 1.3, 1.4 and 1.5 s"
    assert times == pytest.approx(np.array([27, 30, 32, 35, 37]) / 25)


def test_size_is_height_and_width(clip):
    frames, _ = open_media(clip).frames(size=(24, 40), end=1)
    assert frames.shape == (25, 24, 40, 3) and decoded(frames) == list(range(25))


def test_a_size_resizes_by_area_and_not_by_picking_pixels(folder):
    stripes = np.zeros((3, 128, 128, 3), np.uint8)
    stripes[:, :, ::2] = 255
    frames, _ = open_media(write_video(folder / "stripes.mp4", stripes, fps=25, crf=1)).frames(size=(16, 16))
    assert abs(frames.astype(int).mean() - 127) < 6 and frames.std() < 10


# ---- sample ----


@pytest.mark.parametrize("n", [1, 2, 16, 100, 250])
def test_sample_takes_the_frames_on_screen_at_the_centres_of_equal_bins(clip, sparse, uneven, n):
    for path in (clip, sparse, uneven):
        media = open_media(path)
        everything, all_times = media.frames()
        frames, times = media.sample(n)
        centres = (np.arange(n) + 0.5) * media.duration / n
        on_screen = np.maximum(np.searchsorted(all_times, centres + HALF_A_TICK, side="right") - 1, 0)
        assert frames.shape == (n, 48, 64, 3)
        assert times == pytest.approx(all_times[on_screen])
        assert np.array_equal(frames, everything[on_screen])


def test_sample_of_an_interval_stays_in_it(clip):
    frames, times = open_media(clip).sample(4, start=2.0, end=2.8)
    assert decoded(frames) == [52, 57, 62, 67] and times == pytest.approx(np.array([52, 57, 62, 67]) / 25)


def test_inexact_sample_takes_the_nearest_keyframes(clip):
    media = open_media(clip)
    frames, times = media.sample(16, exact=False)
    centres = (np.arange(16) + 0.5) * 4 / 16
    distances = np.abs(media.keyframes[:, None] - centres)
    assert decoded(frames) == np.rint(times * 25).tolist() and np.isin(times.round(6), media.keyframes.round(6)).all()
    assert np.abs(times - centres) == pytest.approx(distances.min(axis=0)), "none lies nearer"


@pytest.mark.parametrize("options", ["open-gop=1:keyint=12:bframes=3:b-pyramid=normal", "intra-refresh=1:keyint=12", "keyint=300:bframes=8:ref=5"])
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_sample_is_exact_however_the_frames_lean_on_each_other(folder, options, suffix):
    numbers = np.random.default_rng(0).permutation(90)
    path = encode(folder / f"lean.{suffix}", coded(numbers), stamps=np.arange(90), time_base=Fraction(1, 25), options={"x264-params": options})
    media = open_media(path)
    everything, all_times = media.frames()
    assert decoded(everything) == numbers.tolist()
    frames, times = media.sample(7)
    assert np.isin(times, all_times).all()
    assert np.array_equal(frames, everything[np.searchsorted(all_times, times)])
    late, _ = media.frames(start=2.5)
    assert np.array_equal(late, everything[all_times >= 2.5 - 1e-6])


@pytest.mark.parametrize("codec, suffix, pixels", [("mpeg4", "avi", "yuv420p"), ("libx264", "avi", "yuv420p"), ("mjpeg", "avi", "yuvj420p"), ("libx264", "h264", "yuv420p"), ("mpeg2video", "ts", "yuv420p"), ("libx265", "mp4", "yuv420p"), ("libvpx-vp9", "webm", "yuv420p")])
def test_other_codecs_and_containers_keep_count_and_time(folder, codec, suffix, pixels):
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {"bf": "2"} if codec.startswith("mpeg") else {}
    path = encode(folder / f"{codec}.{suffix}", coded(range(40)), stamps=range(40), time_base=Fraction(1, 25), codec=codec, options=options, pixels=pixels)
    media = open_media(path)
    frames, times = media.frames()
    assert decoded(frames) == list(range(40))
    assert times == pytest.approx(np.arange(40) / 25, abs=2e-3)
    assert media.duration == pytest.approx(1.6, abs=2e-3) and media.fps == pytest.approx(25, rel=0.01)
    assert decoded(media.sample(4)[0]) == [5, 15, 25, 35]
    assert decoded(media.frames(fps=5)[0]) == [0, 5, 10, 15, 20, 25, 30, 35]


# ---- stream ----


@pytest.mark.parametrize("options", [{}, {"fps": 10}, {"fps": 3, "start": 1.5}, {"start": 2.0, "end": 3.0}, {"size": (16, 24), "end": 1.0}])
def test_stream_yields_what_frames_returns(clip, sparse, options):
    for path in (clip, sparse):
        media = open_media(path)
        frames, times = media.frames(**options)
        streamed = list(media.stream(**options))
        assert [t for t, _ in streamed] == pytest.approx(times)
        assert np.array_equal(np.stack([f for _, f in streamed]), frames)


def test_a_stream_that_is_left_early_closes_its_file(clip):
    import os

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("open files are listed under /proc on Linux only")

    def is_open():
        return any(os.path.realpath(f"/proc/self/fd/{name}") == os.path.realpath(clip) for name in os.listdir("/proc/self/fd"))

    frames = open_media(clip).stream()
    next(frames)
    assert is_open()
    frames.close()
    assert not is_open()


def test_a_demuxer_that_is_left_before_its_end_is_closed(clip):
    """Of one that is merely dropped, PyAV keeps some memory as long as the process lives."""
    closed = []

    class Demuxer:
        def __init__(self, packets):
            self.packets = packets

        def __iter__(self):
            return self

        def __next__(self):
            return next(self.packets)

        def close(self):
            closed.append(True)

    with open_source(clip) as source:
        whole = source.container
        source.container = SimpleNamespace(streams=whole.streams, close=whole.close, demux=lambda streams: Demuxer(whole.demux(streams)))
        packets = source.demux(source.video)
        assert next(packets).stream.type == "video"
        del packets
        assert closed


def test_streamed_frames_stay_what_they_were(clip):
    (_, first), (_, second) = [pair for _, pair in zip(range(2), open_media(clip).stream(), strict=False)]
    assert decoded(np.stack([first, second])) == [0, 1]


# ---- the clock ----


def test_a_late_picture_track_starts_late_and_its_first_frame_stands_in(folder):
    path = folder / "late pictures.mkv"
    mux(path, frames=coded(range(25)), first_frame=0.6, wave=click(1.6, [1.0]))
    media = open_media(path)
    frames, times = media.frames()
    assert times[0] == pytest.approx(0.6, abs=2e-3) and media.duration == pytest.approx(1.6, abs=0.07)
    assert onset(media.audio(), 16_000) == pytest.approx(1.0, abs=0.005)
    early, early_times = media.frames(fps=10, end=0.8)
    assert decoded(early) == [0, 0, 0, 0, 0, 0, 0, 2] and early_times[0] == pytest.approx(0.6, abs=2e-3)
    assert decoded(media.sample(3)[0])[0] == 0


def test_a_late_sound_track_is_padded_with_silence(folder):
    for name in ("late sound.mkv", "late sound.mp4", "late sound.mov"):
        path = folder / name
        mux(path, frames=coded(range(50)), wave=click(1.0, [0.25]), first_sample=0.75)
        wave = open_media(path).audio()
        assert len(wave) / 16_000 == pytest.approx(1.75, abs=0.03), name
        assert onset(wave, 16_000) == pytest.approx(1.0, abs=0.005), name
        assert np.abs(wave[:11_000]).max() < 1e-3, name


def test_the_clock_begins_with_the_earliest_stream_wherever_the_file_begins(folder):
    path = folder / "hours in.mkv"
    mux(path, frames=coded(range(25)), first_frame=3600.6, wave=click(1.6, [1.0]), first_sample=3600.0)
    media = open_media(path)
    assert media.frames()[1][0] == pytest.approx(0.6, abs=2e-3)
    assert onset(media.audio(), 16_000) == pytest.approx(1.0, abs=0.005)
    assert media.duration == pytest.approx(1.6, abs=0.07)


def test_an_edit_list_that_begins_inside_the_recording_is_followed(sparse, folder):
    """As a telephone trims: the file holds 100 frames, and says that it begins with the 30th (elst, media_time)."""
    data = bytearray(sparse.read_bytes())
    at = data.index(b"elst") + 4 + 4 + 4 + 4
    begin = int.from_bytes(data[at : at + 4], "big")
    with av.open(str(sparse)) as container:
        ticks = round(30 / 25 / container.streams.video[0].time_base)
    data[at : at + 4] = (begin + ticks).to_bytes(4, "big")
    path = folder / "trimmed.mp4"
    path.write_bytes(data)
    media = open_media(path)
    frames, times = media.frames()
    assert decoded(frames) == list(range(30, 100)) and times == pytest.approx(np.arange(70) / 25)
    assert decoded(media.sample(2, end=2.0)[0]) == [42, 67]
    assert decoded(media.frames(fps=1, end=2.0)[0]) == [30, 55]


def test_uneven_frames_keep_their_own_times(uneven):
    steps = np.random.default_rng(3).integers(5, 300, 20)
    media = open_media(uneven)
    frames, times = media.frames()
    assert decoded(frames) == list(range(20)) and times == pytest.approx((np.cumsum(steps) - steps[0]) / 1000)
    assert media.fps == pytest.approx(19 / times[-1])


def mux(path, *, frames, wave, first_frame=0.0, first_sample=0.0, rate=16_000):
    """A video whose tracks begin at chosen moments."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.height, video.width, video.pix_fmt = *frames[0].shape[:2], "yuv420p"
        audio = container.add_stream("aac" if path.suffix != ".mov" else "pcm_s16le", rate=rate, layout="mono")
        packets = []
        for k, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format="yuv420p")
            picture.pts, picture.time_base = k + round(first_frame * 25), Fraction(1, 25)
            packets += video.encode(picture)
        packets += video.encode()
        sound = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        sound.sample_rate, sound.pts, sound.time_base = rate, round(first_sample * rate), Fraction(1, rate)
        resampler = av.AudioResampler(audio.codec_context.format.name, "mono", rate, frame_size=1024)
        for part in resampler.resample(sound) + resampler.resample(None):
            packets += audio.encode(part)
        packets += audio.encode()
        for packet in packets:
            container.mux(packet)


# ---- sound ----


@pytest.mark.parametrize("stored", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("asked", [8_000, 16_000, 48_000])
def test_a_click_comes_back_at_its_time_at_any_rate(folder, stored, asked):
    path = write_video(folder / "click.mp4", coded(range(50)), fps=25, audio=click(2.0, [0.7], stored), sample_rate=stored)
    wave = open_media(path).audio(sample_rate=asked)
    assert wave.dtype == np.float32 and len(wave) == 2 * asked
    assert onset(wave, asked) == pytest.approx(0.7, abs=0.003)


def test_a_rate_that_aac_does_not_know_is_resampled(folder):
    path = write_video(folder / "odd rate.mp4", coded(range(50)), fps=25, audio=click(2.0, [0.7], 10_000), sample_rate=10_000)
    assert onset(open_media(path).audio(), 16_000) == pytest.approx(0.7, abs=0.003)


def test_a_tone_keeps_its_pitch_and_loudness(folder):
    t = np.arange(48_000) / 48_000
    path = write_video(folder / "tone.mp4", coded(range(25)), fps=25, audio=0.5 * np.sin(2 * np.pi * 440 * t), sample_rate=48_000)
    wave = open_media(path).audio(sample_rate=16_000)
    spectrum = np.abs(np.fft.rfft(wave))
    assert spectrum.argmax() == 440
    assert np.abs(wave[2000:-2000]).max() == pytest.approx(0.5, abs=0.03)


def test_a_piece_of_the_sound_is_that_piece_of_the_whole(clip):
    media = open_media(clip)
    for rate in (16_000, 11_025):
        whole = media.audio(sample_rate=rate)
        for start, end in ((0.0, 1.5), (1.3, 2.7), (2.999, 3.5), (3.5, 4.0)):
            piece = media.audio(sample_rate=rate, start=start, end=end)
            first, last = round(start * rate), round(end * rate)
            assert len(piece) == last - first
            assert piece[100:-100] == pytest.approx(whole[first:last][100:-100], abs=2e-3)


def test_an_interval_behind_the_end_of_the_sound_is_silent(folder):
    path = write_video(folder / "short sound.mp4", coded(range(75)), fps=25, audio=click(1.0, [0.5]), sample_rate=16_000)
    media = open_media(path)
    assert len(media.audio()) == 16_000, "the whole wave ends where its track ends"
    wave = media.audio(start=0.0, end=3.0)
    assert len(wave) == 48_000 and np.abs(wave[17_000:]).max() == 0
    assert len(media.audio(start=2.0, end=2.5)) == 8_000


def test_channels_are_averaged(folder):
    path = folder / "stereo.wav"
    left = np.full(8_000, 0.5, np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8_000, layout="stereo")
        samples = (np.stack([left, -0.1 * np.ones_like(left)]).T * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
        frame.sample_rate = 8_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    media = open_media(path)
    assert (media.has_video, media.has_audio, media.fps, media.duration) == (False, True, None, 1.0)
    assert media.audio(sample_rate=8_000) == pytest.approx(np.full(8_000, 0.2), abs=1e-3)


@pytest.mark.parametrize("codec, kind", [("pcm_u8", "u8"), ("pcm_s16le", "s16"), ("pcm_s24le", "s32"), ("pcm_f32le", "flt"), ("pcm_f64le", "dbl")])
def test_samples_of_any_width_become_floats_of_the_same_height(folder, codec, kind):
    path = folder / f"{codec}.wav"
    wave = (0.5 * np.sin(np.arange(8_000) * 2 * np.pi * 100 / 8_000)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=8_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate = 8_000
        resampler = av.AudioResampler(kind, "mono", 8_000)
        for part in resampler.resample(frame) + resampler.resample(None):
            container.mux(stream.encode(part))
        container.mux(stream.encode())
    assert open_media(path).audio(sample_rate=8_000) == pytest.approx(wave, abs=0.01)


def test_a_modality_that_is_not_there_is_an_error_and_not_silence(sparse, folder):
    with pytest.raises(MediaError, match="no sound"):
        open_media(sparse).audio()
    wav = folder / "stereo.wav"
    if not wav.exists():
        test_channels_are_averaged(folder)
    media = open_media(wav)
    for verb in (media.frames, lambda: media.sample(3), lambda: list(media.stream()), lambda: media.size, lambda: media.keyframes):
        with pytest.raises(MediaError, match="no pictures"):
            verb()


# ---- turns ----


@pytest.mark.parametrize("turn, degrees", [((1, 0, 0, 1), 0), ((0, 1, -1, 0), 90), ((-1, 0, 0, -1), 180), ((0, -1, 1, 0), 270), ((-1, 0, 0, 1), 0), ((0, 1, 1, 0), 270)])
def test_rotation_is_the_clockwise_turn(turn, degrees):
    assert clockwise(turn) == degrees


@pytest.mark.parametrize("tag, degrees", [("90", 90), ("180", 180), ("270", 270), ("-90", 270), ("360", 0), ("-2147483648", 0), ("north", 0), ("nan", 0)])
def test_the_rotate_tag_of_old_files_is_followed_when_it_makes_sense(tag, degrees):
    frame = av.VideoFrame(16, 16, "rgb24")
    assert clockwise(orientation(frame, {"ROTATE": tag})) == degrees


def with_matrix(path, out, matrix):
    """The mp4 with another display matrix in its track header (ISO/IEC 14496-12, tkhd)."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
    data[at : at + 36] = np.array(matrix, ">i4").tobytes()
    out.write_bytes(data)
    return out


ONE, W = 1 << 16, 1 << 30


@pytest.mark.parametrize(
    "matrix, degrees, turn",
    [
        ([ONE, 0, 0, 0, ONE, 0, 0, 0, W], 0, lambda f: f),
        ([0, ONE, 0, -ONE, 0, 0, 0, 0, W], 90, lambda f: np.rot90(f, -1, (1, 2))),
        ([-ONE, 0, 0, 0, -ONE, 0, 0, 0, W], 180, lambda f: np.rot90(f, 2, (1, 2))),
        ([0, -ONE, 0, ONE, 0, 0, 0, 0, W], 270, lambda f: np.rot90(f, 1, (1, 2))),
        ([-ONE, 0, 0, 0, ONE, 0, 0, 0, W], 0, lambda f: f[:, :, ::-1]),
        ([0] * 9, 0, lambda f: f),
    ],
)
def test_frames_are_upright_whatever_the_matrix_says(folder, matrix, degrees, turn):
    picture = np.zeros((4, 48, 64, 3), np.uint8)
    picture[:, :16, :24] = (220, 30, 30)
    picture[:, 32:, :24] = (30, 220, 30)
    plain = write_video(folder / "plain.mp4", picture, fps=25)
    media = open_media(with_matrix(plain, folder / "turned.mp4", matrix))
    expected = turn(open_media(plain).frames()[0])
    frames, _ = media.frames()
    assert media.rotation == degrees and media.size == expected.shape[1:3]
    assert np.array_equal(frames, expected)
    small, _ = media.frames(size=(20, 30))
    assert small.shape == (4, 20, 30, 3)
    assert np.array_equal(media.sample(2)[0], expected[:2])


# ---- images ----


@pytest.mark.parametrize("suffix", ["png", "jpg", "pgm", "webp", "bmp", "gif", "tif"])
def test_an_image_is_one_frame_at_zero(folder, suffix):
    from PIL import Image

    picture = np.zeros((30, 45, 3), np.uint8)
    picture[:, 20:] = 180
    path = folder / f"still.{suffix}"
    image = Image.fromarray(picture)
    (image.convert("L") if suffix == "pgm" else image).save(path)
    media = open_media(path)
    frames, times = media.frames()
    assert (media.is_image, media.duration, media.fps, media.size) == (True, 0.0, None, (30, 45))
    assert (media.has_video, media.has_audio) == (True, False)
    assert np.abs(frames[0].astype(int) - picture).mean() < 4 and times.tolist() == [0.0]
    sampled, at = media.sample(5, size=(10, 15))
    assert sampled.shape == (5, 10, 15, 3) and at.tolist() == [0.0] * 5
    assert len(media.frames(fps=10)[0]) == 1 and len(list(media.stream())) == 1


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("held", range(1, 9))
def test_a_photograph_stands_upright_however_the_camera_was_held(folder, suffix, held):
    from PIL import Image, ImageOps

    picture = np.full((32, 48, 3), 40, np.uint8)
    picture[:8, :24], picture[24:, 40:] = (230, 40, 40), (40, 40, 230)
    exif = Image.Exif()
    exif[0x0112] = held
    path = folder / f"held.{suffix}"
    Image.fromarray(picture).save(path, exif=exif, quality=95)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    frames, _ = open_media(path).frames()
    assert frames[0].shape == expected.shape
    assert np.abs(frames[0].astype(int) - expected).mean() < 3


def test_an_animated_gif_is_a_video(folder):
    from PIL import Image

    frames = [Image.fromarray(f) for f in coded(range(5))]
    frames[0].save(folder / "moving.gif", save_all=True, append_images=frames[1:], duration=[100, 200, 300, 100, 100])
    media = open_media(folder / "moving.gif")
    read, times = media.frames()
    assert not media.is_image and decoded(read) == [0, 1, 2, 3, 4]
    assert times == pytest.approx([0, 0.1, 0.3, 0.6, 0.7]) and media.duration == pytest.approx(0.8, abs=0.01)


def test_alpha_is_dropped_and_the_stored_colours_stay(folder):
    from PIL import Image

    picture = np.full((20, 20, 4), (200, 100, 50, 0), np.uint8)
    Image.fromarray(picture).save(folder / "clear.png")
    assert (open_media(folder / "clear.png").frames()[0] == (200, 100, 50)).all()


# ---- writing ----


def test_an_iterator_is_written_as_it_comes(folder):
    path = write_video(folder / "stream.mp4", (frame for frame in coded(range(30))), fps=30)
    assert decoded(open_media(path).frames()[0]) == list(range(30))


def test_an_odd_size_is_padded_by_its_last_row_and_column(folder):
    grey = np.random.default_rng(0).integers(0, 255, (1, 1, 33, 3)).repeat(5, 0).repeat(21, 1).astype(np.uint8)
    frames, _ = open_media(write_video(folder / "odd.mp4", grey, fps=25, crf=1)).frames()
    assert frames.shape == (5, 22, 34, 3)
    assert np.abs(frames[:, -1].astype(int) - frames[:, -2]).mean() < 6


@pytest.mark.parametrize("fps", [1, 12.5, 24, 29.97, Fraction(30000, 1001), 60, 0.5])
def test_any_sensible_frame_rate_is_kept(folder, fps):
    media = open_media(write_video(folder / "rate.mp4", coded(range(6)), fps=fps))
    assert media.fps == pytest.approx(float(fps), rel=1e-4)
    assert media.frames()[1] == pytest.approx(np.arange(6) / float(fps), abs=1e-3)


def test_an_interrupted_write_leaves_the_old_file_and_no_rubbish(tmp_path):
    path = write_video(tmp_path / "kept.mp4", coded(range(5)), fps=25)
    before = path.read_bytes()

    def interrupted():
        yield from coded(range(3))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(path, interrupted(), fps=25)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["kept.mp4"]


GOOD = coded(range(3))


@pytest.mark.parametrize(
    "frames, options, words",
    [
        (GOOD / 255.0, {}, "uint8"),
        (GOOD[0], {}, "frames\\[None\\]"),
        (GOOD[..., 0], {}, "T, H, W, 3"),
        (np.zeros((3, 8, 8, 4), np.uint8), {}, "RGB"),
        (GOOD[:0], {}, "no frames"),
        ([GOOD[0], GOOD[0, :20]], {}, "one size"),
        (GOOD, {"fps": 0}, "fps"),
        (GOOD, {"fps": -5}, "fps"),
        (GOOD, {"fps": float("nan")}, "fps"),
        (GOOD, {"fps": "fast"}, "fps"),
        (GOOD, {"crf": 90}, "crf"),
        (GOOD, {"keyframe_interval": 0}, "keyframe_interval"),
        (GOOD, {"audio": np.zeros(100)}, "sample_rate"),
        (GOOD, {"sample_rate": 8000}, "without audio"),
        (GOOD, {"audio": np.zeros((2, 100)), "sample_rate": 8000}, "one channel"),
        (GOOD, {"audio": np.zeros(100, np.int16), "sample_rate": 8000}, "32768"),
        (GOOD, {"audio": np.full(100, np.nan), "sample_rate": 8000}, "NaN"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_sentence(tmp_path, frames, options, words):
    with pytest.raises(ValueError, match=words) as error:
        write_video(tmp_path / "x.mp4", frames, **{"fps": 25, **options})
    assert "\n" not in str(error.value) and str(error.value).endswith(".")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name, words", [("x.avi", "mp4"), ("nowhere/x.mp4", "folder"), ("made.mp4", "is a folder")])
def test_a_place_that_cannot_be_written_to_is_named(tmp_path, name, words):
    (tmp_path / "made.mp4").mkdir()
    with pytest.raises(ValueError, match=words):
        write_video(tmp_path / name, GOOD, fps=25)


# ---- options ----


@pytest.mark.parametrize(
    "options, words",
    [
        ({"start": -1}, "0 s"),
        ({"start": 2, "end": 1}, "not after the start"),
        ({"start": 1, "end": 1}, "not after the start"),
        ({"end": 0}, "not after the start"),
        ({"start": 99}, "ends at 4 s"),
        ({"start": float("nan")}, "start"),
        ({"end": "later"}, "end"),
        ({"size": 64}, "height, width"),
        ({"size": (64,)}, "height, width"),
        ({"size": (0, 64)}, "height, width"),
        ({"size": (64, -1)}, "height, width"),
        ({"size": (64.0, 64)}, "height, width"),
        ({"size": (10**9, 10**9)}, "16384"),
    ],
)
def test_options_that_make_no_sense_are_said_in_one_sentence(clip, options, words):
    media = open_media(clip)
    verbs = [media.frames, lambda **o: media.sample(4, **o), lambda **o: list(media.stream(**o))]
    if "size" not in options:
        verbs.append(media.audio)
    for verb in verbs:
        with pytest.raises(ValueError, match=words) as error:
            verb(**options)
        assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_stream_checks_its_options_when_it_is_called(clip):
    with pytest.raises(ValueError, match="fps"):
        open_media(clip).stream(fps=0)


@pytest.mark.parametrize("fps", [0, -1, float("inf"), "x", True])
def test_a_frame_rate_is_above_zero(clip, fps):
    with pytest.raises(ValueError, match="fps"):
        open_media(clip).frames(fps=fps)


@pytest.mark.parametrize("n", [0, -3, 2.5, True, "4"])
def test_a_sample_is_of_at_least_one_frame(clip, n):
    with pytest.raises(ValueError, match="at least 1"):
        open_media(clip).sample(n)


@pytest.mark.parametrize("rate", [0, -1, 16_000.0, True])
def test_a_sample_rate_is_a_whole_number(clip, rate):
    with pytest.raises(ValueError, match="sample_rate"):
        open_media(clip).audio(sample_rate=rate)


def test_an_error_policy_is_raise_or_partial(clip):
    with pytest.raises(ValueError, match="partial"):
        open_media(clip).frames(on_error="ignore")


def test_an_array_that_no_computer_holds_is_refused_before_it_is_made(clip):
    with pytest.raises(ValueError, match="stream"):
        open_media(clip).sample(10**9, size=(4000, 4000))


GROUPS = {
    "v2, the container's own root": ("0::/", {"memory.max": "50000000"}),
    "v2, a group inside a limited one": ("0::/slice/job", {"slice/memory.max": "50000000", "slice/job/memory.max": "max"}),
    "v1": ("9:cpu:/\n4:memory,hugetlb:/docker/a", {"memory/docker/a/memory.limit_in_bytes": "50000000"}),
    "v1, mounted as the root": ("4:memory:/docker/a", {"memory/memory.limit_in_bytes": "50000000"}),
}


@pytest.mark.parametrize(("groups", "limits"), GROUPS.values(), ids=GROUPS)
def test_what_a_container_may_not_use_is_refused_although_the_computer_has_it(tmp_path, monkeypatch, groups, limits):
    for name, text in {"proc/self/cgroup": groups, **{f"sys/fs/cgroup/{name}": text for name, text in limits.items()}}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert memory_limit(tmp_path) == 50_000_000
    monkeypatch.setattr("vmm_lab.media.frames.memory_limit", lambda: memory_limit(tmp_path))
    check_memory(30_000_000)
    with pytest.raises(TooLarge):
        check_memory(45_000_000)


def test_without_a_container_the_memory_is_that_of_the_computer(tmp_path):
    whole = memory_limit(tmp_path)
    (tmp_path / "unlimited/proc/self").mkdir(parents=True)
    (tmp_path / "unlimited/proc/self/cgroup").write_text("0::/\n")
    (tmp_path / "unlimited/sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "unlimited/sys/fs/cgroup/memory.max").write_text("max\n")
    assert whole > 100_000_000 and memory_limit(tmp_path / "unlimited") == whole


def test_a_whole_file_leaves_no_warnings(clip, sparse, uneven):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in (clip, sparse, uneven):
            open_media(path).frames(on_error="partial")
            open_media(path).sample(4, on_error="partial")
        open_media(clip).audio(on_error="partial")


def test_a_piece_that_ends_before_the_first_frame_is_an_empty_film(tmp_path):
    """Sound begins at 0 s, pictures at 1 s: before that there is nothing to see, and the frames keep their shape."""
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as out:
        video, sound = out.add_stream("libx264", rate=25), out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        wave = av.AudioFrame.from_ndarray(np.zeros((1, 32_000), np.int16), format="s16", layout="mono")
        wave.sample_rate, wave.pts = 16_000, 0
        out.mux(sound.encode(wave))
        for k in range(25):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8))
            frame.pts, frame.time_base = 25 + k, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        out.mux(sound.encode())
    frames, times = open_media(path).frames(end=0.5)
    assert frames.shape == (0, 48, 64, 3) and times.shape == (0,)


def test_uneven_frames_stored_out_of_order_are_all_within_the_duration(tmp_path):
    path, seconds = tmp_path / "uneven.mp4", (0, 0.1, 0.15, 0.5, 0.6, 1.2, 1.25, 2.0)
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        for second in seconds:
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), int(100 * second), np.uint8))
            frame.pts, frame.time_base = int(1000 * second), Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode())
    media = open_media(path)
    np.testing.assert_allclose(media.frames()[1], seconds, atol=0.002)
    assert media.duration > 2.0 and media.fps == pytest.approx(7 / 2.0, rel=0.01)
    assert media.sample(8)[1][-1] == pytest.approx(1.25, abs=0.002), "the centre of the last eighth is before 2 s"


@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_a_sound_of_a_few_samples_is_not_lost_by_resampling(tmp_path, rate):
    from scipy.io import wavfile

    wavfile.write(tmp_path / "click.wav", 16_000, np.full(10, 8000, np.int16))
    assert len(open_media(tmp_path / "click.wav").audio(sample_rate=rate)) == 10 * rate // 16_000

"""What a player puts right comes out right, and what cannot be is refused or told: never a wrong value in silence."""
import math
import struct
import subprocess
import sys
import warnings
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps
from samples import make
from samples.make import numbered, read_numbers

from vmm_lab.media import MediaError, open_media
from vmm_lab.media.container import Source

RATE = 16_000


def film(path, frames, *, codec="libx264", rate=25, pixels="yuv420p", options=None, aspect=None, base=None, stamps=None, level=()):
    """Write a film as a recorder would; `level` names attributes of the encoder."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], pixels
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if base:
            stream.codec_context.time_base = base
        for name, value in level:
            setattr(stream.codec_context, name, value)
        for k, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(format=pixels)
            frame.pts = k if stamps is None else stamps[k]
            if base:
                frame.time_base = base
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def plain(levels, height=48, width=64):
    return np.broadcast_to(np.asarray(levels, np.uint8)[:, None, None, None], (len(levels), height, width, 3))


def read(verb):
    """Return (result, sentences of the warnings)."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        result = verb()
    return result, [str(warning.message) for warning in told]


# ---- one clock ----


@pytest.mark.parametrize(("codec", "rate", "block"), [("adpcm_ima_wav", 44_100, 512), ("adpcm_ima_wav", 22_050, 256), ("adpcm_ms", 44_100, 512), ("adpcm_ms", 8_000, 1024)])
def test_several_frames_of_sound_out_of_one_packet_follow_each_other(tmp_path, codec, rate, block):
    path, wave = tmp_path / "a.wav", np.zeros((1, 3 * rate), np.float32)
    wave[0, rate : rate + rate // 10] = 0.8 * np.sin(2 * np.pi * 600 * np.arange(rate // 10) / rate)
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate, layout="mono", options={"block_size": str(block)})
        stream.codec_context.open()
        resampler = av.AudioResampler("s16p", "mono", rate, frame_size=stream.codec_context.frame_size)
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        for part in resampler.resample(frame) + resampler.resample(None):
            file.mux(stream.encode(part))
        file.mux(stream.encode())
    found = open_media(path).audio(sample_rate=rate)
    assert len(found) / rate == pytest.approx(3.0, abs=0.1)
    assert np.flatnonzero(np.abs(found) > 0.3)[[0, -1]] / rate == pytest.approx([1.0, 1.1], abs=0.03)


@pytest.mark.parametrize(("suffix", "codec"), [(".ts", "libx264"), (".mpg", "mpeg2video"), (".vob", "mpeg2video"), (".m2ts", "libx264"), (".h264", "libx264"), (".m2v", "mpeg2video")])
def test_recordings_joined_byte_by_byte_are_one_after_the_other_for_every_verb(tmp_path, suffix, codec):
    parts = [film(tmp_path / f"{level}{suffix}", plain([level] * 100), codec=codec, options={"bf": "2"}) for level in (40, 220)]
    path = tmp_path / f"joined{suffix}"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    media = open_media(path)
    frames, times = media.frames(size=(8, 8))
    assert len(frames) == 200 and times == pytest.approx(np.arange(200) / 25, abs=0.01)
    assert media.duration == pytest.approx(8.0, abs=0.05) and media.fps == pytest.approx(25, rel=0.01)
    assert (media.sample(8, size=(8, 8))[0].mean(axis=(1, 2, 3)) > 130).tolist() == [False] * 4 + [True] * 4
    assert len(media.frames(size=(8, 8), fps=2)[0]) == 16
    assert media.frames(size=(8, 8), start=5.0, end=6.0)[0].min() > 130
    assert [time for time, _ in media.stream(size=(8, 8))] == pytest.approx(times.tolist())


def test_sound_and_pictures_of_joined_recordings_stay_together(tmp_path):
    """Each recording is dark and silent for a second, then light and loud for one."""
    path = tmp_path / "joined.ts"
    with av.open(str(tmp_path / "a.ts"), "w") as file:
        video, audio = file.add_stream("mpeg2video", rate=25), file.add_stream("mp2", rate=RATE, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        wave = np.concatenate([np.zeros(RATE), 0.5 * np.sin(np.arange(RATE) / 5)]).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        parts = av.AudioResampler("s16", "mono", RATE, frame_size=1152)
        packets = [p for part in parts.resample(frame) + parts.resample(None) for p in audio.encode(part)] + audio.encode()
        for picture in plain([20] * 25 + [230] * 25):
            packets += video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24"))
        for packet in sorted(packets + video.encode(), key=lambda p: float(p.dts * p.time_base)):
            file.mux(packet)
    path.write_bytes((tmp_path / "a.ts").read_bytes() * 2)
    media = open_media(path)
    frames, times = media.frames(size=(8, 8))
    lights = times[np.flatnonzero(np.diff(frames.mean(axis=(1, 2, 3)) > 130)) + 1]
    loud = np.array([np.abs(part).max() > 0.1 for part in np.array_split(media.audio(), round(media.duration * 50))])
    sounds = (np.flatnonzero(np.diff(loud)) + 1) / 50
    assert len(lights) == len(sounds) == 3
    assert lights - sounds == pytest.approx(np.full(3, (lights - sounds)[0]), abs=0.06), "no join moves one against the other"


def stamped(path, late, *, count=40, hours=600):
    """Write a film of 10 frames/s, its frames with the numbers `late` stamped hours too late."""
    with av.open(str(path), "w") as file:
        codec, options = ("libvpx", {"lag-in-frames": "0"}) if path.suffix == ".webm" else ("libx264", {"bf": "0"})
        stream = file.add_stream(codec, rate=10, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        packets = []
        for picture in plain(20 + 5 * np.arange(count)):
            packets += stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24"))
        for k, packet in enumerate(packets + stream.encode()):
            if k in late:
                packet.pts = packet.dts = packet.pts + int(hours * 3600 / packet.time_base)
            file.mux(packet)
    return path


@pytest.mark.parametrize("suffix", [".mkv", ".webm", ".nut"])
@pytest.mark.parametrize("late", [[39], list(range(20, 40))], ids=["the last frame", "the second half"])
def test_a_stamp_gone_wrong_does_not_make_a_film_last_days(tmp_path, suffix, late):
    media = open_media(stamped(tmp_path / f"wrapped{suffix}", late))
    frames, told = read(lambda: media.frames(size=(8, 8))[0])
    assert len(frames) == 40 and len(told) == 1 and "600.0 h" in told[0]
    assert media.duration == pytest.approx(4.0, abs=0.2)
    (sampled, _), _ = read(lambda: media.sample(8, size=(8, 8)))
    assert len(np.unique(sampled.mean(axis=(1, 2, 3)).round())) == 8
    assert len(read(lambda: media.frames(size=(8, 8), fps=3)[0])[0]) <= 13


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_a_frame_an_hour_is_no_gap(tmp_path, suffix):
    path = film(tmp_path / f"lapse{suffix}", numbered(range(6)), rate=Fraction(1, 3600), base=Fraction(1, 1000), stamps=[3_600_000 * k for k in range(6)], options={"bf": "0"})
    (_, times), told = read(open_media(path).frames)
    assert times == pytest.approx(3600.0 * np.arange(6)) and not told


def test_a_packet_without_bytes_is_the_same_picture_again(tmp_path):
    """As Theora stores a still scene; here in other codecs, since PyAV has no encoder for it."""
    frames = plain([40] * 5 + [200] * 20)
    path = film(tmp_path / "still.nut", frames, codec="png", rate=10, pixels="rgb24")
    again = tmp_path / "again.nut"
    with av.open(str(path)) as source, av.open(str(again), "w") as file:
        stream = file.add_stream_from_template(source.streams.video[0])
        for k, packet in enumerate(source.demux(video=0)):
            if packet.dts is not None:
                kept = packet
                if k in (1, 2, 3, 4, 8, 9, 24):
                    kept = av.Packet(b"")
                    kept.pts, kept.dts, kept.time_base = packet.pts, packet.dts, packet.time_base
                kept.stream = stream
                file.mux(kept)
    with av.open(str(again)) as file:
        sizes = [packet.size for packet in file.demux(video=0)]
    if sizes[:-1].count(0) != 7:
        pytest.skip("this FFmpeg writes no empty packets")
    media = open_media(again)
    found, times = media.frames()
    assert np.abs(found.mean(axis=(1, 2, 3)) - frames.mean(axis=(1, 2, 3))).max() < 3
    assert times == pytest.approx(np.arange(25) / 10, abs=0.002) and media.fps == pytest.approx(10)
    sampled, moments = media.sample(5)
    assert np.isin(moments, times).all() and np.array_equal(sampled, found[np.searchsorted(times, moments)])


# ---- cut off ----


def sound(path, codec, seconds=4):
    noise = np.random.default_rng(0).normal(0, 3000, (1, seconds * RATE)).astype(np.int16)
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=RATE, layout="mono")
        for k in range(0, noise.shape[1], 4000):
            frame = av.AudioFrame.from_ndarray(noise[:, k : k + 4000], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, k
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path.read_bytes()


@pytest.mark.parametrize(("suffix", "codec"), [(".wav", "pcm_s16le"), (".aiff", "pcm_s16be"), (".flac", "flac")])
def test_sound_that_is_cut_off_is_told(tmp_path, suffix, codec):
    path = tmp_path / f"cut{suffix}"
    data = sound(path, codec)
    assert read(open_media(path).audio)[1] == []
    path.write_bytes(data[: int(0.6 * len(data))])
    wave, told = read(open_media(path).audio)
    assert 2 * RATE < len(wave) < 2.5 * RATE and len(told) == 1 and "cut off" in told[0]


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_f32le", "pcm_alaw"])
def test_sound_of_which_only_the_last_moment_is_missing_is_told(tmp_path, codec):
    path = tmp_path / "cut.wav"
    data = sound(path, codec)
    path.write_bytes(data[:-2])
    assert ["cut off" in sentence for sentence in read(open_media(path).audio)[1]] == [True]


@pytest.mark.parametrize(("suffix", "codec"), [
    (".avi", "huffyuv"), (".avi", "mjpeg"), (".avi", "mpeg4"), (".mkv", "libx264"), (".webm", "libvpx"), (".mkv", "ffv1"),
])
def test_a_film_of_which_only_the_last_frame_is_cut_off_is_told(tmp_path, suffix, codec):
    path = tmp_path / f"cut{suffix}"
    pixels = {"huffyuv": "yuv422p", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
    make.write(path, numbered(range(50)), codec=codec, pixels=pixels, clock=make.FPS if suffix == ".avi" else 1000)
    assert read(open_media(path).frames)[1] == []
    with av.open(str(path)) as file:
        last = [packet for packet in file.demux(video=0) if packet.size][-1]
    path.write_bytes(path.read_bytes()[: last.pos + 8 + last.size // 2])  # 8: of the chunk's own header
    try:
        told = read(open_media(path).frames)[1]
    except MediaError as error:
        told = [str(error)]
    assert len(told) == 1 and ("cut off" in told[0] or "damaged" in told[0])


@pytest.mark.parametrize("count", [1, 4])
def test_a_gif_that_is_cut_off_is_told(tmp_path, count):
    noise = np.random.default_rng(0).integers(0, 255, (count, 96, 96, 3), dtype=np.uint8)
    pictures, path = [Image.fromarray(picture).quantize(64) for picture in noise], tmp_path / "a.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:])
    assert read(open_media(path).frames)[1] == []
    path.write_bytes(path.read_bytes()[: int(0.6 * path.stat().st_size)])
    assert any("cut off" in sentence for sentence in read(lambda: open_media(path).frames(on_error="partial"))[1])


@pytest.mark.parametrize("size", [0, 2**32 - 1])
def test_a_recorder_that_could_not_come_back_to_its_header_cut_nothing(tmp_path, size):
    path = tmp_path / "streamed.wav"
    data = bytearray(sound(path, "pcm_s16le"))
    place = data.index(b"data") + 4
    data[place : place + 4] = struct.pack("<I", size)
    path.write_bytes(data)
    assert read(open_media(path).audio)[1] == []


def test_a_recording_that_was_streamed_into_matroska_cut_nothing(tmp_path):
    path = tmp_path / "streamed.mkv"
    make.write(path, numbered(range(50)))
    data = path.read_bytes()
    place = data.index(b"\x18S\x80g") + 4
    path.write_bytes(data[:place] + b"\x01" + b"\xff" * 7 + data[place + 8 :])
    assert read(open_media(path).frames)[1] == []


# ---- pictures ----

SCENE = np.zeros((48, 64, 3), np.uint8)
SCENE[:] = (9, 99, 199)
SCENE[16:32, 16:48] = (250, 200, 10)


def tiled(path, pixels=SCENE, side=16, more=()):
    """Write a plain RGB TIFF of tiles."""
    down, across = pixels.shape[0] // side, pixels.shape[1] // side
    tiles = [pixels[y * side : (y + 1) * side, x * side : (x + 1) * side].tobytes() for y in range(down) for x in range(across)]
    n, body = len(tiles), b"".join(tiles)
    at = 8 + len(body)
    tags = [(256, 3, 1, pixels.shape[1]), (257, 3, 1, pixels.shape[0]), (258, 3, 3, at), (259, 3, 1, 1), (262, 3, 1, 2), (277, 3, 1, 3), (284, 3, 1, 1),
            (322, 3, 1, side), (323, 3, 1, side), (324, 4, n, at + 6), (325, 4, n, at + 6 + 4 * n), *more]
    extra = struct.pack("<3H", 8, 8, 8) + struct.pack(f"<{n}I", *(8 + k * side * side * 3 for k in range(n))) + struct.pack(f"<{n}I", *[side * side * 3] * n)
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags)) + struct.pack("<I", 0)
    path.write_bytes(b"II*\0" + struct.pack("<I", at + len(extra)) + body + extra + directory)


TIFFS = {
    "tiles": tiled,
    **{name: lambda path, name=name: Image.fromarray(SCENE).save(path, compression=name) for name in ("tiff_lzw", "tiff_deflate", "jpeg", "zstd", "packbits", "raw")},
    "big": lambda path: Image.fromarray(SCENE).save(path, big_tiff=True),
    "alpha": lambda path: Image.fromarray(np.dstack([SCENE, np.full((48, 64), 90, np.uint8)])).save(path),
    "palette": lambda path: Image.fromarray(SCENE).quantize(4).save(path),
    "CMYK": lambda path: Image.fromarray(SCENE).convert("CMYK").save(path),
}


@pytest.mark.parametrize("name", TIFFS)
def test_a_tiff_shows_its_colours_however_it_is_stored(tmp_path, name):
    path = tmp_path / "a.tif"
    TIFFS[name](path)
    media = open_media(path)
    assert (media.is_image, media.size, media.video_codec, media.duration) == (True, (48, 64), "tiff", 0.0)
    assert np.abs(media.frames()[0][0].astype(int) - SCENE).mean() < 4
    assert np.array_equal(media.sample(2)[0][1], media.frames()[0][0])


@pytest.mark.parametrize(("suffix", "mode"), [("jp2", "CMYK"), ("jp2", "RGB"), ("j2k", "RGB"), ("tga", "LA"), ("tga", "RGBA"), ("tga", "RGB"), ("xbm", "1"), ("jpg", "CMYK"), ("png", "P"), ("bmp", "1"), ("webp", "RGBA")])
def test_a_picture_is_what_pillow_shows_in_every_mode(tmp_path, suffix, mode):
    path = tmp_path / f"a.{suffix}"
    picture = Image.fromarray(SCENE).convert(mode)
    picture.save(path)
    expected = np.asarray(Image.open(path).convert("RGB"), int)
    assert np.abs(open_media(path).frames()[0][0] - expected).mean() < 5


def test_sound_that_cannot_be_decoded_does_not_begin_the_clock_hours_before_the_pictures():
    def start(pictures, sound, first_sample=None):
        streams = [SimpleNamespace(start_time=seconds, time_base=Fraction(1)) for seconds in (pictures, sound)]
        return Source._origin(SimpleNamespace(_first_sample=lambda _: first_sample), *streams)

    assert start(95_443, 1) == 95_443
    assert start(95_443, 1, 1.02) == 1.02  # it can: a recording of sound whose pictures begin late
    assert start(5, 1) == 1


def test_an_icon_is_its_largest_picture(tmp_path):
    Image.fromarray(SCENE).save(tmp_path / "a.ico", sizes=[(16, 16), (32, 32), (64, 48)])
    assert open_media(tmp_path / "a.ico").size == (48, 64)


@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_a_photograph_of_a_phone_is_put_together_of_its_tiles_and_upright(tmp_path, orientation):
    heif = pytest.importorskip("pillow_heif", reason="pillow-heif is not installed (it comes with vmm-lab[lab])")
    path, scene = tmp_path / "a.heic", np.kron(SCENE, np.ones((4, 4, 1), np.uint8))
    picture = Image.fromarray(scene)
    tiles = heif.from_pillow(picture)
    picture.getexif()[274] = orientation
    tiles.info["exif"] = picture.getexif().tobytes()
    tiles.save(path, quality=90, tile_size=64)
    assert b"grid" in path.read_bytes()
    media = open_media(path)
    shown = np.asarray(ImageOps.exif_transpose(picture), int)
    assert (media.is_image, media.size, media.container, media.video_codec) == (True, shown.shape[:2], "heif", "hevc")
    assert np.abs(media.frames()[0][0] - shown).mean() < 5


def test_without_the_reader_of_tiles_a_sentence_says_what_to_install_and_damage_is_told(tmp_path, monkeypatch):
    heif = pytest.importorskip("pillow_heif", reason="pillow-heif is not installed (it comes with vmm-lab[lab])")
    path = tmp_path / "a.heic"
    heif.from_pillow(Image.fromarray(np.kron(SCENE, np.ones((4, 4, 1), np.uint8)))).save(path, tile_size=64)
    (tmp_path / "half.heic").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(MediaError, match="half.heic"):
        open_media(tmp_path / "half.heic").frames()
    def unsupported(_):
        raise SyntaxError("iloc box data version 5 is not implemented yet\n")

    with monkeypatch.context() as patched, pytest.raises(MediaError, match="version 5 is not implemented yet"):
        patched.setattr(heif, "open_heif", unsupported)
        open_media(path).frames()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MediaError, match="pip install pillow-heif"):
        open_media(path).frames()


def test_sixteen_bits_of_grey_keep_their_height(tmp_path):
    path, grey = tmp_path / "a.tif", np.linspace(0, 65535, 48 * 64).reshape(48, 64).astype(np.uint16)
    Image.fromarray(grey).save(path)
    assert np.abs(open_media(path).frames()[0][0, ..., 1] - grey / 257).max() <= 1


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_numbers_whose_black_and_white_are_unknown_are_refused(tmp_path, kind):
    path = tmp_path / "a.tif"
    Image.fromarray(np.ones((8, 8), kind)).save(path)
    with pytest.raises(MediaError, match="scale them to 8 bits"):
        open_media(path).frames()


def test_a_tiff_of_several_pages_gives_the_first_and_says_so(tmp_path):
    path = tmp_path / "pages.tif"
    pages = [Image.fromarray(SCENE), Image.new("RGB", (64, 48)), Image.new("RGB", (64, 48))]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    (frames, _), told = read(open_media(path).frames)
    assert np.array_equal(frames[0], SCENE) and len(told) == 1 and "3 pages" in told[0]


def test_a_raw_picture_of_a_camera_is_refused(tmp_path):
    tiled(tmp_path / "a.dng", more=[(50706, 1, 4, 0x00000401)])
    with pytest.raises(MediaError, match="raw picture"):
        open_media(tmp_path / "a.dng").frames()


@pytest.mark.parametrize(("suffix", "codec"), [("webp", "webp"), ("png", "apng"), ("gif", "gif"), ("avif", "av1")])
def test_a_moving_picture_is_a_film(tmp_path, suffix, codec):
    path = tmp_path / f"a.{suffix}"
    pictures = [Image.fromarray(picture) for picture in numbered(range(4))]
    options = {"lossless": True} if suffix == "webp" else {}
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=[100, 200, 100, 300], **options)
    media = open_media(path)
    assert (media.is_image, media.video_codec, media.size) == (False, codec, (48, 64))
    assert media.duration == pytest.approx(0.7)
    frames, times = media.frames()
    assert read_numbers(frames) == [0, 1, 2, 3] and times == pytest.approx([0, 0.1, 0.3, 0.4])
    assert read_numbers(media.sample(7)[0]) == [0, 1, 1, 2, 3, 3, 3]
    assert read_numbers(np.stack([frame for _, frame in media.stream()])) == [0, 1, 2, 3]


# ---- shape and colour ----


@pytest.mark.parametrize(("stored", "aspect", "shown"), [((576, 720), Fraction(64, 45), (576, 1024)), ((480, 720), Fraction(8, 9), (480, 640)), ((64, 64), Fraction(1, 1), (64, 64))])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_pixels_that_are_not_square_are_made_so(tmp_path, stored, aspect, shown, suffix):
    y, x = np.mgrid[: stored[0], : stored[1]]
    circle = ((x - stored[1] / 2) * float(aspect)) ** 2 + (y - stored[0] / 2) ** 2 < (stored[0] / 4) ** 2
    path = film(tmp_path / f"a{suffix}", [np.dstack([circle * np.uint8(200) + np.uint8(20)] * 3)] * 3, aspect=aspect)
    media = open_media(path)
    frames, _ = media.frames()
    mask = frames[1][..., 0] > 128
    assert media.size == shown == frames.shape[1:3]
    assert mask.any(axis=0).sum() == pytest.approx(mask.any(axis=1).sum(), abs=4)
    assert media.frames(size=(30, 40))[0].shape[1:] == (30, 40, 3)


def yuv(path, colour, height, width, matrix, *, codec="libx264", kr=0.2126, kb=0.0722, options=None):
    """Write a film of one colour by the formula of a matrix, its number in the tag."""
    luma = colour @ np.array([kr, 1 - kr - kb, kb])
    values = [16 + 219 * luma / 255, 128 + 112 * (colour[2] - luma) / 255 / (1 - kb), 128 + 112 * (colour[0] - luma) / 255 / (1 - kr)]
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=5, options={"crf": "4", **(options or {})})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        if matrix:
            stream.codec_context.colorspace = matrix
        frame = av.VideoFrame(width, height, "yuv420p")
        for plane, value in zip(frame.planes, values):
            plane.update(np.full(plane.buffer_size, round(value), np.uint8).tobytes())
        for k in range(3):
            frame.pts = k
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


RED = np.array([200, 30, 40])
BT601, BT709 = {"kr": 0.299, "kb": 0.114}, {"kr": 0.2126, "kb": 0.0722}


@pytest.mark.parametrize(("height", "width", "matrix", "formula", "codec"), [
    (720, 1280, None, BT709, "libx264"), (1088, 1920, None, BT709, "libvpx-vp9"), (720, 1280, 1, BT709, "libx264"), (720, 1280, 6, BT601, "libx264"),
    (480, 640, None, BT601, "libx264"), (480, 640, 1, BT709, "libx264"), (576, 720, None, BT601, "libx264"), (720, 1280, None, BT601, "libvpx"),
])
def test_a_colour_is_what_players_show_with_and_without_a_tag(tmp_path, height, width, matrix, formula, codec):
    path = yuv(tmp_path / ("a.mp4" if codec == "libx264" else "a.webm"), RED, height, width, matrix, codec=codec, **formula)
    assert np.abs(open_media(path).frames(size=(48, 64))[0][1, 24, 32].astype(int) - RED).max() <= 8


def test_colours_in_a_form_that_is_not_known_are_told(tmp_path):
    path = yuv(tmp_path / "a.mp4", RED, 64, 64, 8)
    try:
        _, told = read(lambda: open_media(path).frames())
        assert len(told) == 1 and "colours" in told[0]
    except MediaError as error:
        assert "RGB" in str(error)


def test_combs_of_two_moments_are_told(tmp_path):
    path = film(tmp_path / "a.mp4", plain([60] * 5), options={"x264-params": "tff=1:interlaced=1"})
    for verb in (lambda: open_media(path).frames(), lambda: open_media(path).sample(2), lambda: list(open_media(path).stream())):
        _, told = read(verb)
        assert len(told) == 1 and "interlaced" in told[0]


PATCHES = np.array([(200, 30, 40), (30, 180, 60), (40, 60, 200), (128, 128, 128), (235, 235, 235), (16, 16, 16)])
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def pq(light):
    y = np.clip(light * 203 / 10_000, 0, 1) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * y) / (1 + 18.6875 * y)) ** 78.84375


def hlg(light):
    e = np.clip(light * 0.265, 0, 1)
    return np.where(e <= 1 / 12, np.sqrt(3 * e), 0.17883277 * np.log(np.maximum(12 * e - 0.28466892, 1e-9)) + 0.55991073)


@pytest.mark.parametrize(("curve", "number"), [(hlg, 18), (pq, 16), (lambda light: light ** (1 / 2.4), 14)], ids=["HLG", "PQ", "SDR of BT.2020"])
def test_hdr_and_wide_colours_come_out_as_an_ordinary_screen_shows_them(tmp_path, curve, number):
    path, height, width = tmp_path / "a.mp4", 64, 384
    signal = curve(((PATCHES / 255) ** 2.4) @ TO_2020.T)
    y = signal @ np.array([0.2627, 0.6780, 0.0593])
    planes = [64 + 876 * y, 512 + 896 * (signal[:, 2] - y) / 1.8814, 512 + 896 * (signal[:, 0] - y) / 1.4746]
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx265", rate=5, options={"crf": "4", "x265-params": f"log-level=none:colorprim=9:transfer={number}:colormatrix=9"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p10le"
        frame = av.VideoFrame(width, height, "yuv420p10le")
        for plane, values in zip(frame.planes, planes):
            rows = np.zeros((plane.height, plane.line_size // 2), "<u2")
            rows[:, : plane.width] = np.repeat(values.round().astype("<u2"), plane.width // 6)[None]
            plane.update(rows.tobytes())
        for k in range(3):
            frame.pts = k
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    media = open_media(path)
    for frames in (media.frames()[0], media.frames(size=(32, 192))[0], media.sample(1)[0]):
        middle = frames[0][frames.shape[1] // 2, frames.shape[2] // 12 :: frames.shape[2] // 6]
        assert np.abs(middle.astype(int) - PATCHES).max() <= 10
    assert math.prod(media.size) == height * width


@pytest.mark.parametrize("kind", ["png", "jpg", "webp", "tif"])
def test_a_picture_with_a_colour_profile_does_not_end_the_process(tmp_path, kind):
    path = tmp_path / f"profile.{kind}"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(plain([90])[0]).save(path, icc_profile=profile, lossless=True)
    code = (f"import gc, vmm_lab as vl\nfor _ in range(3):\n    frames, _ = vl.open_media({str(path)!r}).frames()\n    gc.collect()\n"
            "print(int(frames.mean().round()))")
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "90"), done.stderr

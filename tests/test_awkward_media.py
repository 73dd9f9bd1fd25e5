"""Whatever a file holds, there come frames, or sound, or one clear sentence: never a raw decoder error, a hang, or chatter."""
import os
import re
import subprocess
import sys
import warnings
from fractions import Fraction

import numpy as np
import pytest
from samples import make
from samples.make import shared_data

from vmm_lab.media import MediaError, open_media, write_video

REAL_FOLDER = shared_data() / "awkward"


def everything(path):
    """What each verb makes of the file, as a dict; what is neither a result nor a MediaError is left to raise."""
    outcome = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        media = open_media(path)
        verbs = {
            "duration": lambda: media.duration,
            "size": lambda: media.size,
            "fps": lambda: media.fps,
            "frames": lambda: media.frames(size=(32, 32)),
            "partial": lambda: media.frames(size=(32, 32), on_error="partial"),
            "fps=5": lambda: media.frames(size=(32, 32), fps=5),
            "sample": lambda: media.sample(5, size=(32, 32)),
            "keyframes": lambda: media.sample(5, size=(32, 32), exact=False),
            "stream": lambda: sum(1 for _ in media.stream(size=(32, 32))),
            "audio": lambda: media.audio(),
            "partial audio": lambda: media.audio(on_error="partial"),
        }
        for name, verb in verbs.items():
            try:
                outcome[name] = verb()
            except MediaError as error:
                outcome[name] = error
    for name, result in outcome.items():
        if isinstance(result, MediaError):
            text = str(result)
            assert str(path) in text and text.endswith(".") and "\n" not in text, f"{name}: {text}"
        elif isinstance(result, tuple) and isinstance(result[0], np.ndarray):
            frames, times = result
            assert frames.dtype == np.uint8 and len(frames) == len(times), name
            assert np.isfinite(times).all() and (np.diff(times) >= 0).all() and (times >= -1e-6).all(), name
        elif isinstance(result, np.ndarray):
            assert result.dtype == np.float32 and np.isfinite(result).all() and np.abs(result).max(initial=0) <= 1, name
    return outcome


def frames_in(outcome, name="frames"):
    return None if isinstance(outcome[name], MediaError) else len(outcome[name][0])


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Three seconds of a moving square with a tone, a keyframe a second."""
    frames = np.full((75, 64, 96, 3), 60, np.uint8)
    noise = np.random.default_rng(0).integers(0, 60, (64, 96, 3), dtype=np.uint8)
    for k, frame in enumerate(frames):
        frame += np.roll(noise, k, axis=1)
        frame[20:40, k : k + 20] = (220, 180, 40)
    tone = 0.5 * np.sin(np.arange(48_000) * 2 * np.pi * 440 / 16_000)
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", frames, fps=25, audio=tone, sample_rate=16_000)


def test_a_file_cut_short_says_how_many_frames_can_be_read_and_gives_them_on_request(clip, tmp_path):
    data = clip.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: data.index(b"mdat") + 2 * (len(data) - data.index(b"mdat")) // 3])
    media = open_media(path)
    with pytest.warns(UserWarning, match="cut.mp4.*cut off.*could be read"):
        frames, times = media.frames(on_error="partial")
    assert 20 <= len(frames) < 75
    whole, _ = open_media(clip).frames()
    assert np.array_equal(frames[:-1], whole[: len(frames) - 1]), "what could be read is undamaged"
    with pytest.raises(MediaError, match=f'on_error="partial" returns the {len(frames)} frames') as error:
        media.frames()
    assert str(path) in str(error.value)
    assert np.array_equal(media.frames(end=0.4)[0], whole[:10]), "before the cut all is well"
    with pytest.raises(MediaError, match="partial"):
        media.sample(8)
    with pytest.warns(UserWarning, match="different frames"):
        assert len(media.sample(8, on_error="partial")[0]) == 8
    with pytest.raises(MediaError, match="frames came before"):
        list(media.stream())
    with pytest.raises(MediaError, match=r'on_error="partial" returns the \d\.\d+ s'):
        media.audio()
    with pytest.warns(UserWarning):
        assert 0.5 < len(media.audio(on_error="partial")) / 16_000 < 3


def test_damage_in_the_middle_costs_only_the_frames_up_to_the_next_keyframe(clip, tmp_path):
    import av

    with av.open(str(clip)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    hurt = packets[30]
    data = bytearray(clip.read_bytes())
    data[hurt.pos + 4 : hurt.pos + hurt.size] = b"\xff" * (hurt.size - 4)
    path = tmp_path / "hurt.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="damaged after 1"):
        open_media(path).frames()
    with pytest.warns(UserWarning, match="damaged"):
        frames, times = open_media(path).frames(on_error="partial")
    whole, all_times = open_media(clip).frames()
    after = times >= 2.0 - 1e-6
    assert after.sum() == 25 and (times < 1.0 - 1e-6).sum() == 25, "the first and the third second are whole"
    assert np.array_equal(frames[after], whole[all_times >= 2.0 - 1e-6])


@pytest.mark.parametrize("share", [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.999])
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi", "wav", "mp3", "png", "jpg"])
def test_a_file_cut_anywhere_gives_what_is_left_or_says_so(zoo, tmp_path, suffix, share):
    data = zoo[suffix].read_bytes()
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(data[: int(share * len(data))])
    everything(path)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi", "wav", "mp3", "png", "jpg"])
def test_a_file_with_flipped_bits_gives_what_is_left_or_says_so(zoo, tmp_path, suffix, seed):
    rng = np.random.default_rng(seed)
    data = np.frombuffer(zoo[suffix].read_bytes(), np.uint8).copy()
    where = rng.integers(0, len(data) if seed % 2 else min(2000, len(data)), 3 ** (seed + 1))
    data[where] ^= (1 << rng.integers(0, 8, len(where))).astype(np.uint8)
    path = tmp_path / f"flipped.{suffix}"
    path.write_bytes(data.tobytes())
    everything(path)


@pytest.fixture(scope="module")
def zoo(clip, tmp_path_factory):
    """The same pictures or sound in many containers."""
    import av
    from PIL import Image

    folder = tmp_path_factory.mktemp("zoo")
    frames, _ = open_media(clip).frames()
    zoo = {"mp4": clip}
    for suffix, codec, sound in (("mkv", "libx264", "libopus"), ("ts", "libx264", "aac"), ("avi", "mpeg4", "libmp3lame"), ("wav", None, "pcm_s16le"), ("mp3", None, "libmp3lame")):
        path = zoo[suffix] = folder / f"a.{suffix}"
        with av.open(str(path), "w") as container:
            video = audio = None
            if codec:
                video = container.add_stream(codec, rate=25)
                video.height, video.width, video.pix_fmt = *frames.shape[1:3], "yuv420p"
            audio = container.add_stream(sound, rate=16_000, layout="mono")
            for frame in frames if codec else ():
                container.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
            wave = (0.5 * np.sin(np.arange(48_000) * 0.17)).astype(np.float32)
            part = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            part.sample_rate, part.pts, part.time_base = 16_000, 0, Fraction(1, 16_000)
            resampler = av.AudioResampler(audio.codec_context.format.name, "mono", 16_000, frame_size=audio.codec_context.frame_size or 1024)
            for piece in resampler.resample(part) + resampler.resample(None):
                container.mux(audio.encode(piece))
            container.mux(audio.encode())
            if codec:
                container.mux(video.encode())
    for suffix in ("png", "jpg"):
        zoo[suffix] = folder / f"a.{suffix}"
        Image.fromarray(frames[0]).save(zoo[suffix])
    return zoo


def test_a_photograph_cut_short_is_not_passed_off_as_whole(zoo, tmp_path):
    path = tmp_path / "cut.jpg"
    data = zoo["jpg"].read_bytes()
    path.write_bytes(data[: len(data) // 2])
    for verb in (open_media(path).frames, lambda: open_media(path).sample(3), lambda: list(open_media(path).stream())):
        with pytest.raises(MediaError, match="end of the picture is missing"):
            verb()
    with pytest.warns(UserWarning, match="cut off"):
        assert len(open_media(path).frames(on_error="partial")[0]) == 1


def test_tags_around_the_sound_of_a_song_are_no_damage(zoo, tmp_path):
    path = tmp_path / "tagged.mp3"
    path.write_bytes(zoo["mp3"].read_bytes() + b"APETAGEX" + bytes(120) + b"TAG" + b"a title".ljust(125))
    assert len(open_media(path).audio()) / 16_000 == pytest.approx(3.0, abs=0.1)


# ---- what is no media at all ----

NOT_MEDIA = {
    "empty.mp4": b"",
    "empty.wav": b"",
    "one byte.mp4": b"\0",
    "zeros.mp4": bytes(100_000),
    "text.mp4": b"these are words\n" * 500,
    "page.mp4": b"<!DOCTYPE html><html><body>404 not found</body></html>",
    "captions.mp4": b"1\n00:00:00,000 --> 00:00:01,000\nhello\n\n2\n00:00:01,000 --> 00:00:02,000\nworld\n",
    "colours.mp4": b"\x1b[31mred\x1b[0m\n" * 200,
    "table.mp4": b"path,label\na.mp4,b\n" * 100,
    "playlist.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    "noise.mp4": np.random.default_rng(0).bytes(200_000),
}


@pytest.mark.parametrize("name", NOT_MEDIA)
def test_what_is_no_media_is_named_as_such(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(NOT_MEDIA[name])
    outcome = everything(path)
    assert all(isinstance(result, MediaError) for result in outcome.values()), outcome
    if name.startswith("empty"):
        assert "empty (0 bytes)" in str(outcome["frames"])


def test_a_playlist_does_not_lead_to_other_files(clip, tmp_path):
    (tmp_path / "secret.mp4").write_bytes(clip.read_bytes())
    for name, text in (("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nsecret.mp4\n#EXT-X-ENDLIST\n"), ("list.mp4", "ffconcat version 1.0\nfile secret.mp4\n")):
        (tmp_path / name).write_text(text)
        with pytest.raises(MediaError):
            open_media(tmp_path / name).frames()


def test_a_folder_named_like_a_video_is_a_folder(tmp_path):
    (tmp_path / "x.mp4").mkdir()
    with pytest.raises(MediaError, match="is a folder"):
        open_media(tmp_path / "x.mp4")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_that_would_wait_for_ever_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(MediaError, match="regular file"):
        open_media(tmp_path / "pipe.mp4")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(clip, tmp_path):
    path = tmp_path / "locked.mp4"
    path.write_bytes(clip.read_bytes())
    path.chmod(0)
    with pytest.raises(MediaError, match="not permitted"):
        open_media(path).frames()


@pytest.mark.parametrize("path", [None, 3, b"\0", "a\0b.mp4", ["x.mp4"]])
def test_what_is_no_path_is_a_media_error(path):
    with pytest.raises(MediaError):
        open_media(path)


@pytest.mark.parametrize("name", ["-i.mp4", "-.mp4", "a b.mp4", "frame%03d.mp4", "http:x.mp4", "concat:a|b.mp4", "pipe:0.mp4", "снег ❄.mp4", "a'b\"c.mp4", "#1?.mp4"])
def test_any_file_name_opens(clip, tmp_path, monkeypatch, name):
    if os.name == "nt" and set(name) & set(':|"?*<>'):
        pytest.skip("Windows has no such names")
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(clip.read_bytes())
    assert len(open_media(name).frames(end=0.2)[0]) == 5
    written = write_video(tmp_path / f"w{name}", np.zeros((3, 32, 32, 3), np.uint8), fps=25)
    assert len(open_media(written).frames()[0]) == 3


# ---- headers that lie ----


def test_a_header_without_a_body_is_said(clip, tmp_path):
    data = clip.read_bytes()
    path = tmp_path / "header.mp4"
    path.write_bytes(data[: data.index(b"mdat") - 4])
    outcome = everything(path)
    assert isinstance(outcome["frames"], MediaError) and isinstance(outcome["audio"], MediaError)


def test_a_frame_count_that_lies_is_not_believed(clip, tmp_path):
    """mdhd and stsz are left alone, tkhd and mvhd promise ten times as long."""
    data = bytearray(clip.read_bytes())
    for box, offset in ((b"mvhd", 20), (b"tkhd", 24)):
        at = data.index(box) + offset
        data[at : at + 4] = (int.from_bytes(data[at : at + 4], "big") * 10).to_bytes(4, "big")
    path = tmp_path / "lies.mp4"
    path.write_bytes(data)
    assert len(open_media(path).frames()[0]) == 75


def test_an_mp4_that_is_encrypted_is_called_so(clip, tmp_path):
    """Sample entry encv with a sinf box, and a body that no decoder can make sense of."""
    data = bytearray(clip.read_bytes())
    at = data.index(b"avc1", data.index(b"stsd"))
    data[at : at + 4] = b"encv"
    body = data.index(b"mdat") + 4
    data[body:] = np.random.default_rng(0).bytes(len(data) - body)
    place = data.index(b"uuid") if b"uuid" in data else data.index(b"udta") + 12
    data[place : place + 4] = b"sinf"
    path = tmp_path / "locked.mp4"
    path.write_bytes(data)
    outcome = everything(path)
    assert isinstance(outcome["frames"], MediaError)


def test_a_file_without_a_duration_is_measured(clip, tmp_path):
    import av

    path = tmp_path / "live.mkv"
    with av.open(str(clip)) as source, av.open(str(path), "w", container_options={"live": "1"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    with av.open(str(path)) as container:
        assert container.duration is None
    media = open_media(path)
    assert media.duration == pytest.approx(3.0, abs=0.05) and media.fps == pytest.approx(25, rel=0.01)
    assert len(media.sample(6)[0]) == 6 and media.frames()[1][-1] == pytest.approx(2.96, abs=2e-3)


def test_the_cover_of_a_song_is_not_taken_for_a_video(zoo, tmp_path):
    song, cover = zoo["mp3"].read_bytes(), zoo["jpg"].read_bytes()
    tag = int.from_bytes(song[6:10], "big") if song.startswith(b"ID3") else None
    if tag is not None:  # sizes in ID3 have seven bits a byte
        song = song[10 + sum((b & 127) << s for b, s in zip(song[6:10], (21, 14, 7, 0), strict=True)) :]
    picture = b"\0image/jpeg\0\x03\0" + cover
    frame = b"APIC" + len(picture).to_bytes(4, "big") + b"\0\0" + picture
    size = bytes((len(frame) >> shift) & 127 for shift in (21, 14, 7, 0))
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3\x03\0\0" + size + frame + song)
    import av

    with av.open(str(path)) as container:
        assert container.streams.video, "the cover is there"
    media = open_media(path)
    assert (media.has_video, media.has_audio) == (False, True)
    assert len(media.audio()) / 16_000 == pytest.approx(3.0, abs=0.1)


def test_reading_damaged_files_prints_nothing(clip, tmp_path):
    data = bytearray(clip.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    path = tmp_path / "hurt.mp4"
    path.write_bytes(data)
    code = (
        "import sys, vmm_lab.media as m\n"
        "media = m.open_media(sys.argv[1])\n"
        "for verb in (media.frames, lambda: media.sample(4), media.audio):\n"
        "    try: verb()\n"
        "    except m.MediaError: pass\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, timeout=120)
    assert done.returncode == 0 and done.stdout == b"" and done.stderr == b""


# ---- the samples, which everybody has ----


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    return make.make_awkward(tmp_path_factory.mktemp("awkward"))


@pytest.mark.parametrize("name", make.AWKWARD)
def test_an_awkward_file_is_read_whole_or_says_why_not(samples, name):
    facts, media = make.AWKWARD[name], open_media(samples[name])
    outcome = everything(samples[name])
    if facts.says:
        assert re.search(facts.says, str(outcome["frames"])) and isinstance(outcome["frames"], MediaError)
        assert facts.partial <= (frames_in(outcome, "partial") or 0)
        return
    assert media.has_video == (facts.frames is not None) and media.has_audio == (facts.sound is not None)
    if facts.duration is not None:
        assert media.duration == pytest.approx(facts.duration, abs=0.05)
    if facts.frames is not None:
        frames, times = media.frames()
        assert len(frames) == facts.frames and frames.shape[1:3] == media.size == facts.size
        assert media.rotation == facts.rotation and times[0] == pytest.approx(facts.start, abs=0.002)
        if facts.numbers is not None:
            assert make.read_numbers(frames) == facts.numbers
        sampled, moments = media.sample(4)
        assert np.isin(moments, times).all() and np.array_equal(sampled, frames[np.searchsorted(times, moments)])
    if facts.sound is not None:
        assert len(outcome["audio"]) / 16_000 == pytest.approx(facts.sound, abs=0.07)
        assert np.abs(outcome["audio"]).max() == pytest.approx(0.5, abs=0.1)


def test_samples_turned_in_their_header_come_out_turned(samples):
    upright = make.numbered(range(10))
    for name, quarters in (("rotated_90.mp4", -1), ("rotated_180.mov", 2)):
        frames, _ = open_media(samples[name]).frames()
        assert np.abs(frames.astype(int) - np.rot90(upright, quarters, (1, 2))).mean() < 8, name


def test_frames_of_uneven_length_keep_their_times(samples):
    for name in ("variable_frame_rate.mkv", "variable_frame_rate.mp4"):
        assert open_media(samples[name]).frames()[1] == pytest.approx(np.array(make.UNEVEN) / 1000, abs=0.002), name


# ---- real ones, where they are ----

REAL = sorted(REAL_FOLDER.iterdir()) if REAL_FOLDER.is_dir() else []
needs_real = pytest.mark.skipif(not REAL, reason=f"NOT TESTED on real awkward files: there is no folder {REAL_FOLDER}")


@needs_real
@pytest.mark.parametrize("path", REAL, ids=lambda p: p.name)
def test_every_awkward_real_file_gives_frames_or_sound_or_a_sentence(path):
    everything(path)


@needs_real
@pytest.mark.parametrize(
    "name, frames, size, rotation",
    [
        ("av1.mkv", 125, (360, 640), 0),
        ("delayed_start.mp4", 24, (320, 480), 0),
        ("no_duration.webm", 74, (720, 1280), 0),
        ("out_of_order.mov", 4, (50, 50), 0),
        ("rotated_90.mov", 3, (568, 320), 90),
        ("rotated_180.mov", 3, (320, 568), 180),
        ("ten_bit.mp4", 30, (200, 200), 0),
        ("transparent.webm", 150, (200, 200), 0),
    ],
)
def test_awkward_real_files_that_can_be_read_are_read_whole(name, frames, size, rotation):
    media = open_media(REAL_FOLDER / name)
    outcome = everything(REAL_FOLDER / name)
    assert frames_in(outcome) == frames and (media.size, media.rotation) == (size, rotation)
    assert outcome["frames"][1][0] == pytest.approx(0, abs=0.1)


@needs_real
def test_awkward_real_files_that_cannot_be_read_say_why():
    assert "empty" in str(everything(REAL_FOLDER / "empty.webm")["frames"])
    assert "encrypted" in str(everything(REAL_FOLDER / "header_only.mp4")["frames"])
    assert "partial" in str(everything(REAL_FOLDER / "truncated.mp4")["frames"])
    assert 28 <= frames_in(everything(REAL_FOLDER / "truncated.mp4"), "partial") < 50


@needs_real
def test_sound_alone_is_sound_alone():
    media = open_media(REAL_FOLDER / "audio_only.wav")
    assert (media.has_video, media.has_audio, media.duration) == (False, True, 4.0)
    assert len(media.audio()) == 64_000

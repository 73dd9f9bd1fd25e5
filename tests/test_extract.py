"""A table in, one row each out: cached, resumable, parallel, and plain about what it could not read."""
import os
import pickle
import shutil
import signal
import subprocess
import sys
import textwrap
import types
import warnings
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pandas as pd
import pytest
from scipy.io import wavfile

from vmm_lab.features import (
    HOG,
    MFCC,
    ColorHistogram,
    Described,
    Feature,
    LogMel,
    MotionEnergy,
    MotionHistogram,
    PoseStatistics,
    Segment,
    SIFTBag,
    WordBag,
    base,
    describe_table,
    descriptions,
    extract,
    gradients,
    segments,
)
from vmm_lab.features.segment import fusible_rows, modality_table
from vmm_lab.media import MediaError, write_video


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


@pytest.fixture
def pictures(tmp_path):
    """Six pictures, under names with spaces and letters beyond ASCII, with captions."""
    folder = tmp_path / "pictures of Zoë 跌倒"
    folder.mkdir()
    rows = []
    for k in range(6):
        path = folder / f"a {k}.png"
        image = np.random.default_rng(k).integers(0, 256, (70, 90, 3), dtype=np.uint8)
        path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
        rows.append({"path": str(path), "label": "ab"[k % 2], "caption": f"picture number {k}"})
    return pd.DataFrame(rows)


@pytest.fixture
def video(tmp_path):
    """Two seconds: black that turns white after one second, and noise that falls silent."""
    frames = np.zeros((50, 64, 64, 3), np.uint8)
    frames[25:] = 255
    sound = np.random.default_rng(0).normal(0, 0.1, 32_000).astype(np.float32)
    sound[16_000:] = 0
    return str(write_video(tmp_path / "turn.mp4", frames, fps=25, audio=sound, sample_rate=16_000))


def sound_file(path, *, sample_rate=16_000, seconds=0.5):
    wave = np.random.default_rng(0).normal(0, 3000, int(sample_rate * seconds)).astype(np.int16)
    wavfile.write(path, sample_rate, wave)
    return str(path)


def quiet(table, feature, **options):
    return extract(table, feature, progress=False, **options)


@pytest.fixture
def seen(monkeypatch):
    """A list that grows by the sum of each picture that HOG has to describe."""
    seen, hog = [], gradients.hog

    def counted(frame, **options):
        seen.append(int(frame.sum()))
        return hog(frame, **options)

    monkeypatch.setattr(gradients, "hog", counted)
    return seen


def test_extract_gives_one_float32_row_for_each_row_in_order(pictures):
    X = quiet(pictures, HOG())
    assert X.shape == (6, 1764) and X.dtype == np.float32 and np.isfinite(X).all()
    np.testing.assert_array_equal(quiet(pictures[::-1], HOG()), X[::-1])


def test_an_odd_index_changes_nothing(pictures):
    X = quiet(pictures, HOG())
    pictures.index = [7, 7, 7, 1, "x", None]
    np.testing.assert_array_equal(quiet(pictures, HOG()), X)


@pytest.mark.parametrize("n_jobs", [2, -1])
def test_jobs_change_nothing_but_the_time(pictures, n_jobs):
    alone = quiet(pictures, HOG(), cache=False)
    np.testing.assert_array_equal(quiet(pictures, HOG(), n_jobs=n_jobs, cache=False), alone)


@pytest.mark.slow
def test_the_backend_of_joblib_is_the_callers_choice(pictures):
    import joblib

    with joblib.parallel_config(backend="loky", n_jobs=2):
        X = quiet(pictures, ColorHistogram())
    np.testing.assert_array_equal(X, quiet(pictures, ColorHistogram(), cache=False))


def test_opencv_gets_its_threads_back(pictures):
    before = cv2.getNumThreads()
    quiet(pictures, HOG(), n_jobs=2)
    assert cv2.getNumThreads() == before


def test_a_second_run_describes_nothing_again_and_gives_the_same(pictures, seen):
    first = quiet(pictures, HOG())
    assert len(seen) == 6
    np.testing.assert_array_equal(quiet(pictures, HOG()), first)
    assert len(seen) == 6


def test_without_the_cache_nothing_is_written(pictures, seen, cache):
    quiet(pictures, HOG(), cache=False)
    quiet(pictures, HOG(), cache=False)
    assert len(seen) == 12 and not cache.exists()


def test_options_of_the_encoding_keep_the_cache_and_others_do_not(pictures, seen):
    quiet(pictures, HOG())
    quiet(pictures, HOG(pooling="mean+std"))
    assert len(seen) == 6
    quiet(pictures, HOG(orientations=6))
    assert len(seen) == 12


def test_the_content_counts_not_the_name(pictures, seen, tmp_path):
    quiet(pictures, HOG())
    moved = shutil.copy(pictures.path[0], tmp_path / "moved.png")
    quiet(pd.DataFrame({"path": [str(moved)]}), HOG())  # and without its caption
    assert len(seen) == 6
    shutil.copy(pictures.path[1], pictures.path[0])  # another picture under the old name
    X = quiet(pictures, HOG())
    np.testing.assert_array_equal(X[0], X[1])


class Sidecar(Feature):
    """The number of letters in the text beside a file, a feature of one's own that reads no media."""

    modality = "words"

    def read(self, segment):
        return Path(segment.path).with_suffix(".txt").read_text()

    def describe(self, text):
        return np.array([len(text)])


def test_words_read_from_the_file_are_the_files_own(tmp_path):
    rows = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    for path, text in zip(rows, ("short", "a text of several words!")):
        path.touch()
        path.with_suffix(".txt").write_text(text)
    table = pd.DataFrame({"path": list(map(str, rows))})
    for _ in range(2):
        assert quiet(table, Sidecar()).ravel().tolist() == [5, 24]
    rows[0].with_suffix(".txt").write_text("longer")
    assert quiet(table, Sidecar()).ravel().tolist() == [6, 24]


def test_the_other_columns_of_a_row_are_part_of_the_key_of_a_feature_of_ones_own(tmp_path):
    class Take(Sidecar):
        def read(self, segment):
            return segment.columns["take"]

        def describe(self, take):
            return np.array([take])

    table = pd.DataFrame({"path": [str(tmp_path / "a")] * 3, "take": [3, 5, 3]})
    (tmp_path / "a").touch()
    assert quiet(table, Take()).ravel().tolist() == [3, 5, 3]


# A notebook: names of a module that change under a feature's feet.
FACTOR = 2
TABLE = {"weights": np.arange(3.0)}


def helper(text):
    return len(text) * FACTOR + TABLE["weights"].sum()


class Helped(Sidecar):
    def describe(self, text):
        return np.array([helper(text)])


@pytest.fixture
def letters(tmp_path):
    (tmp_path / "a.mp4").touch()
    (tmp_path / "a.txt").write_text("short")
    return pd.DataFrame({"path": [str(tmp_path / "a.mp4")]})


def test_a_changed_helper_or_global_is_never_answered_from_the_cache(letters, monkeypatch):
    here = sys.modules[__name__]
    assert quiet(letters, Helped()).item() == quiet(letters, Helped()).item() == 13
    monkeypatch.setattr(here, "FACTOR", 3)
    assert quiet(letters, Helped()).item() == 18
    monkeypatch.setitem(TABLE, "weights", np.arange(4.0))
    assert quiet(letters, Helped()).item() == 21
    monkeypatch.setattr(here, "helper", lambda text: -len(text))
    assert quiet(letters, Helped()).item() == -5
    monkeypatch.undo()
    assert quiet(letters, Helped()).item() == 13


def test_code_reached_by_a_closure_a_default_a_base_or_a_module_counts(letters, monkeypatch):
    def made(number, module):
        class Base(Sidecar):
            weight = number["class"]

            def count(self, text):
                return len(text) * self.weight

        class Own(Base):
            def describe(self, text, more=number["default"]):
                return np.array([self.count(text) + more + number["closure"] + module.extra()])

        return Own()

    module = types.ModuleType("a_module_of_ones_own")
    exec("NUMBER = 1\ndef extra():\n    return NUMBER", vars(module))
    numbers = {"class": 1, "default": 10, "closure": 100}
    values = [quiet(letters, made(numbers, module)).item()]
    for name in numbers:
        values.append(quiet(letters, made(numbers | {name: 2000}, module)).item())
    module.NUMBER = 7
    values.append(quiet(letters, made(numbers, module)).item())
    assert values == [116, 10111, 2106, 2016, 122]


def test_what_cannot_be_told_is_not_cached(letters, cache):
    class Opaque(Sidecar):
        def __init__(self, *, by=None):
            self.by = by

        def describe(self, text):
            return np.array([self.by.factor * len(text)])

    by = types.SimpleNamespace(factor=2)
    assert Opaque(by=by).fingerprint() is None
    assert quiet(letters, Opaque(by=by)).item() == 10
    by.factor = 3
    assert quiet(letters, Opaque(by=by)).item() == 15
    assert not list(cache.rglob("*.npz"))


def test_a_large_array_as_an_option_counts_with_all_its_numbers():
    class Filtered(Sidecar):
        def __init__(self, *, kernel=None):
            self.kernel = kernel

    kernel = np.zeros(5000)
    before = Filtered(kernel=kernel).fingerprint()
    kernel[2500] = 1
    assert repr(kernel) == repr(np.zeros(5000)) and Filtered(kernel=kernel).fingerprint() != before


def test_a_file_that_cannot_be_read_is_tried_once_for_features_that_read_alike(pictures, tmp_path, monkeypatch):
    broken, tried = tmp_path / "broken.png", []
    broken.write_bytes(b"no picture")
    real = base.open_media
    monkeypatch.setattr(base, "open_media", lambda path: tried.append(path) or real(path))
    features = [HOG(), ColorHistogram(), HOG(pooling=None)]
    results = describe_table(pd.DataFrame({"path": [str(broken)]}), features, on_error="skip", progress=False)
    assert len(tried) == 1 and len({reasons[0] for _, reasons, _ in results}) == 1


def test_a_file_changed_within_one_size_and_time_is_noticed_where_the_system_can_tell(pictures):
    path, other = pictures.path[0], pictures.path[1]
    before = quiet(pictures[:1], HOG())
    times, size = os.stat(path).st_mtime_ns, os.path.getsize(path)
    with open(other, "rb") as file:
        content = file.read()
    if len(content) != size:
        content = content[:size] if len(content) > size else content + b"\0" * (size - len(content))
    with open(path, "wb") as file:
        file.write(content)
    os.utime(path, ns=(times, times))
    if os.name == "nt":
        pytest.skip("this system keeps no time of the last change of state")
    assert not np.array_equal(quiet(pictures[:1], HOG()), before)


def test_a_cached_run_opens_no_media(pictures, monkeypatch):
    expected = quiet(pictures, HOG())
    monkeypatch.setattr("vmm_lab.features.base.open_media", lambda path: pytest.fail(f"{path} was opened again"))
    np.testing.assert_array_equal(quiet(pictures, HOG()), expected)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut short", None], ids=["empty", "not a zip", "half"])
def test_a_damaged_cache_entry_is_computed_again(pictures, seen, cache, damage):
    X = quiet(pictures, HOG())
    entries = sorted(cache.rglob("*.npz"))
    assert len(entries) == 6
    for entry in entries:
        entry.write_bytes(entry.read_bytes()[: entry.stat().st_size // 2] if damage is None else damage)
    np.testing.assert_array_equal(quiet(pictures, HOG()), X)
    assert len(seen) == 12
    np.testing.assert_array_equal(quiet(pictures, HOG()), X)
    assert len(seen) == 12


def test_a_cache_entry_with_pickled_objects_is_not_opened(pictures, seen, cache):
    X = quiet(pictures, HOG())
    entry = next(cache.rglob("*.npz"))
    np.savez(entry, description=np.array([{"an": "object"}], dtype=object), seconds=1.0)
    np.testing.assert_array_equal(quiet(pictures, HOG()), X)
    assert len(seen) == 7


@pytest.mark.skipif(
    os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="this user may write anywhere"
)
def test_a_cache_that_cannot_be_written_costs_a_warning_not_the_result(pictures, cache):
    cache.parent.mkdir()
    cache.parent.chmod(0o500)
    try:
        with pytest.warns(UserWarning, match="nothing is cached"):
            assert np.isfinite(quiet(pictures, HOG())).all()
    finally:
        cache.parent.chmod(0o700)


def test_a_cache_folder_that_is_a_file_costs_a_warning_not_the_result(pictures, cache):
    cache.parent.write_text("in the way")
    with pytest.warns(UserWarning, match="nothing is cached"):
        assert np.isfinite(quiet(pictures, HOG())).all()


def test_the_first_times_seconds_are_reported_again_from_the_cache(pictures):
    _, _, first = descriptions(pictures, HOG(), progress=False)
    _, _, again = descriptions(pictures, HOG(), progress=False)
    assert (first > 0).all()
    np.testing.assert_array_equal(first, again)


def test_descriptions_come_with_reasons_for_the_rows_without(pictures, tmp_path):
    pictures.loc[2, "path"] = sound_file(tmp_path / "sound.wav")
    found, reasons, seconds = descriptions(pictures, HOG(), on_error="skip", progress=False)
    assert found[2] is None and list(reasons) == [2] and seconds.shape == (6,)
    assert all(d.shape == (1, 1764) for k, d in enumerate(found) if k != 2)


def test_features_that_read_alike_decode_once_and_give_the_same_as_alone(video, monkeypatch):
    from vmm_lab.features import motion, sound

    table, opened = pd.DataFrame({"path": [video]}), []
    methods = [HOG(), ColorHistogram(), MotionHistogram(), MotionEnergy(), MFCC(), LogMel(), HOG(n_frames=4)]
    alone = [descriptions(table, method, cache=False, progress=False)[0][0] for method in methods]
    for room in (base, motion, sound):
        monkeypatch.setattr(room, "open_media", lambda path, real=room.open_media: opened.append(path) or real(path))
    together = describe_table(table, methods, progress=False)
    assert len(opened) == 4  # 16 frames, frames at 10 a second, sound, 4 frames
    for (found, reasons, seconds), expected in zip(together, alone):
        np.testing.assert_array_equal(found[0], expected)
        assert not reasons and seconds[0] > 0
    assert descriptions(table, HOG(), progress=False)[2][0] == together[0][2][0]


def test_kept_rows_and_kept_descriptions_are_those_that_a_list_would_hold(pictures, tmp_path):
    pictures.loc[2, "path"] = sound_file(tmp_path / "sound.wav")
    features = [HOG(), SIFTBag(), HOG(pooling=None)]
    options = {"on_error": "skip", "progress": False}
    (hogs, _, _), (sifts, why, seconds), _ = describe_table(pictures, features, **options)
    for cache in (True, False):
        rows, kept, sequences = describe_table(
            pictures, features, keep=["row", "description", "description"], cache=cache, **options)
        assert rows[0].present.tolist() == [True, True, False, True, True, True] and len(rows[0]) == 6
        assert kept[1] == why and rows[0][2] is None and kept[0][2] is None
        for k in (0, 1, 3, 4, 5):
            np.testing.assert_array_equal(rows[0][k], HOG().encode([hogs[k]])[0])
            np.testing.assert_array_equal(kept[0][k], sifts[k])
            np.testing.assert_array_equal(sequences[0][k], hogs[k])
        assert rows[0][0].dtype == np.float32 and rows[0][0].ndim == 1
        chosen = kept[0].take([5, 2, 0])
        assert chosen.present.tolist() == [True, False, True]
        for _ in range(2):
            assert [None if item is None else item.shape for item in chosen] == [sifts[5].shape, None, sifts[0].shape]
    _, _, again = describe_table(pictures, [SIFTBag()], keep=["description"], **options)[0]
    np.testing.assert_array_equal(np.delete(again, 2), np.delete(seconds, 2))


def test_a_kept_description_outlives_its_cache_entry(pictures, cache):
    kept, _, _ = describe_table(pictures, [HOG()], keep=["description"], progress=False)[0]
    expected = kept[0]
    shutil.rmtree(cache)
    np.testing.assert_array_equal(kept[0], expected)


@pytest.mark.parametrize("keep, says", [(["row", "row"], "keep takes"), (["all"], "keep takes"), (["row"], "learns")])
def test_keep_says_what_it_takes(pictures, keep, says):
    with pytest.raises(ValueError, match=says):
        describe_table(pictures, [SIFTBag()], keep=keep, progress=False)


def test_a_segment_holds_the_other_columns_but_not_the_answer():
    table = pd.DataFrame({"path": ["a"], "label": ["x"], "group": ["g"], "split": ["test"], "start": [0.5],
                          "take": [3], "scene": [np.nan]})
    assert segments(table) == [Segment("a", 0.5, None, None, {"take": 3, "scene": None})]


def test_a_read_of_ones_own_is_not_shared_unless_it_names_its_options(pictures):
    class Mirrored(HOG):
        def read(self, piece):
            return super().read(piece)[:, :, ::-1]

    plain, mirrored = describe_table(pictures, [HOG(), Mirrored()], progress=False)
    assert not np.array_equal(plain[0][0], mirrored[0][0])


KILLED = textwrap.dedent("""
    import os, signal, sys
    import numpy as np, pandas as pd
    from vmm_lab.features import HOG, extract

    table, note, out = sys.argv[1:]

    class Slow(HOG):
        def describe(self, frames):
            with open(note, "a") as file:
                file.write("x")
            if os.path.getsize(note) == int(os.environ["LAST"]):
                os.kill(os.getpid(), signal.SIGKILL)
            return super().describe(frames)

    np.save(out, extract(pd.read_csv(table), Slow(), progress=False))
""")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_run_goes_on_where_it_stood_and_ends_the_same(pictures, tmp_path, monkeypatch):
    script, table, note, out = tmp_path / "run.py", tmp_path / "t.csv", tmp_path / "note", tmp_path / "X.npy"
    script.write_text(KILLED)
    pictures.to_csv(table, index=False)

    def run(last):
        monkeypatch.setenv("LAST", str(last))
        return subprocess.run([sys.executable, script, table, note, out], timeout=120).returncode

    assert run(4) == -signal.SIGKILL and not out.exists()
    assert run(0) == 0
    assert len(note.read_text()) == 4 + 3, "the three rows that were done are not done again"
    resumed = np.load(out)
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "another cache"))
    assert run(0) == 0
    assert resumed.tobytes() == np.load(out).tobytes()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_interrupt_stops_at_once_and_keeps_what_is_done(pictures, seen, monkeypatch, n_jobs):
    whole = quiet(pictures, HOG(), cache=False)
    seen.clear()
    with monkeypatch.context() as patch:
        def interrupted(frame, real=gradients.hog, **options):
            if len(seen) == 3:
                raise KeyboardInterrupt
            return real(frame, **options)

        patch.setattr(gradients, "hog", interrupted)
        with pytest.raises(KeyboardInterrupt):
            quiet(pictures, HOG(), n_jobs=n_jobs)
    kept = len(seen)
    np.testing.assert_array_equal(quiet(pictures, HOG(), n_jobs=n_jobs), whole)
    assert kept == 3 and len(seen) == 6


def test_start_and_end_are_read_and_cached_as_pieces_of_their_own(video):
    table = pd.DataFrame({"path": [video] * 3, "start": [np.nan, 0.0, 1.2], "end": [None, 0.8, np.nan]})
    whole, dark, light = quiet(table, ColorHistogram(bins=(1, 1, 2)))
    np.testing.assert_allclose(dark, [1, 0])
    np.testing.assert_allclose(light, [0, 1])
    np.testing.assert_allclose(whole, [0.5, 0.5], atol=0.05)
    np.testing.assert_array_equal(quiet(table, ColorHistogram(bins=(1, 1, 2))), [whole, dark, light])
    loud, silent = quiet(table[["path", "start", "end"]].assign(start=[0, 0, 1.3], end=[0.7, 0.7, 2]), MFCC())[1:, 0]
    assert loud > silent + 20


def test_a_row_that_cannot_be_read_stops_extract_unless_it_may_skip(pictures, tmp_path):
    broken, gone = tmp_path / "broken.png", tmp_path / "gone.png"
    broken.write_bytes(b"")
    whole = quiet(pictures, HOG())
    pictures.loc[1, "path"], pictures.loc[4, "path"] = str(broken), str(gone)
    with pytest.raises(MediaError, match="broken.png"):
        quiet(pictures, HOG())
    with pytest.warns(UserWarning, match="2 of 6 rows") as caught:
        X = quiet(pictures, HOG(), on_error="skip")
    assert len(caught) == 1 and "broken.png" in str(caught[0].message) and "gone.png" in str(caught[0].message)
    assert np.isnan(X[[1, 4]]).all()
    np.testing.assert_array_equal(X[[0, 2, 3, 5]], whole[[0, 2, 3, 5]])


def test_a_missing_modality_is_missing_and_never_zeros(pictures, tmp_path):
    sound = sound_file(tmp_path / "sound.wav")
    pictures.loc[0, "path"], pictures.loc[1, "caption"] = sound, None
    pictures["caption"] = pictures["caption"].where(pictures.index != 2, "  ")
    expected = [
        (HOG(), [0]), (SIFTBag(n_words=3), [0]), (MFCC(), [1, 2, 3, 4, 5]), (MotionEnergy(), range(6)),
        (WordBag(), [1, 2]),
    ]
    for feature, missing in expected:
        found, reasons, _ = descriptions(pictures, feature, on_error="skip", progress=False)
        assert list(reasons) == list(missing), type(feature).__name__
        assert all("\n" not in reason for reason in reasons.values())


def test_a_table_without_any_readable_row_is_nan_of_the_usual_width(pictures):
    with pytest.warns(UserWarning, match="6 of 6 rows"):
        X = quiet(pictures, MFCC(), on_error="skip")
    assert X.shape == (6, 130) and X.dtype == np.float32 and np.isnan(X).all()


def test_motion_of_a_picture_is_refused_with_the_way_out(pictures):
    for feature in (MotionHistogram(), MotionEnergy()):
        with pytest.raises(MediaError, match="at least two frames.*HOG"):
            quiet(pictures, feature)


def test_motion_is_read_from_video(video):
    X = quiet(pd.DataFrame({"path": [video]}), MotionEnergy())
    np.testing.assert_allclose(X[0, :256], 1, err_msg="all pixels changed once")


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 44_100, 48_000])
def test_sounds_of_any_rate_give_rows_of_one_length(tmp_path, sample_rate):
    path = sound_file(tmp_path / "a.wav", sample_rate=sample_rate)
    assert quiet(pd.DataFrame({"path": [path]}), MFCC()).shape == (1, 130)


def test_a_very_short_sound_is_padded(tmp_path):
    path = sound_file(tmp_path / "click.wav", seconds=0.005)
    assert np.isfinite(quiet(pd.DataFrame({"path": [path]}), MFCC())).all()


def test_a_silent_sound_is_not_missing(tmp_path):
    wavfile.write(tmp_path / "hush.wav", 16_000, np.zeros(8_000, np.int16))
    assert np.isfinite(quiet(pd.DataFrame({"path": [str(tmp_path / "hush.wav")]}), MFCC())).all()


def film_with_late_sound(path, *, begins):
    """Four seconds of pictures, and a tone of two seconds that begins after `begins`."""
    with av.open(str(path), "w") as container:
        pictures, sound = container.add_stream("libx264", rate=10), container.add_stream("aac", rate=44_100, layout="mono")
        pictures.width = pictures.height = 48
        wave = 0.3 * np.sin(np.arange(88_200) / 20, dtype=np.float32)
        tone = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        tone.sample_rate, tone.pts, tone.time_base = 44_100, round(44_100 * begins), Fraction(1, 44_100)
        grey = [av.VideoFrame.from_ndarray(np.full((48, 48, 3), 5 * k, np.uint8)) for k in range(40)]
        for stream, frames in ((pictures, grey), (sound, [tone])):
            for frame in [*frames, None]:
                container.mux(stream.encode(frame))
    return str(path)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_row_before_a_late_sound_has_none_and_no_padding_posed_as_silence(tmp_path, suffix):
    path = film_with_late_sound(tmp_path / f"late{suffix}", begins=1.5)
    table = pd.DataFrame({"path": [path] * 5, "start": [None, 0.0, 0.5, 1.0, 1.5], "end": [1.0, 1.4, 1.4, 2.0, None]})
    found, reasons, _ = descriptions(table, LogMel(), on_error="skip", progress=False)
    assert [item is None for item in found] == [True, True, True, False, False]
    assert "no sound between 0.0 and 1.0 s" in reasons[0] and "no sound between 0.5 and 1.4 s" in reasons[2]


@pytest.mark.parametrize("learner", [SIFTBag(), WordBag()], ids=["SIFTBag", "WordBag"])
def test_an_unfitted_learner_is_sent_to_the_training_rows(pictures, learner):
    with pytest.raises(ValueError, match="training rows.*compare"):
        quiet(pictures, learner)


def test_a_learner_fitted_on_training_rows_extracts_any_rows(pictures):
    bag = SIFTBag(n_words=4)
    bag.fit_descriptions(descriptions(pictures[:3], bag, progress=False)[0])
    assert quiet(pictures, bag).shape == (6, 4)
    words = WordBag().fit(pictures.caption[:3])
    assert quiet(pictures, words).shape == (6, 5)


def test_words_need_no_file(tmp_path, cache):
    table = pd.DataFrame({"path": ["nowhere.mp4", "nowhere.mp4"], "caption": ["falls", "男人跌倒"]})
    for _ in range(2):
        found, _, _ = descriptions(table, WordBag(), progress=False)
        assert found == ["falls", "男 人 跌 倒 男人 人跌 跌倒"]


def test_an_empty_table_gives_no_rows():
    assert quiet(pd.DataFrame({"path": []}), HOG()).shape == (0, 1764)


def test_pieces_read_missing_values_of_every_kind_as_missing():
    table = pd.DataFrame({"path": ["a", "b", "c"], "start": [0.5, None, np.nan], "caption": ["x", None, np.nan]})
    nothing = (None, None, None)
    assert [(p.start, p.end, p.caption) for p in segments(table)] == [(0.5, None, "x"), nothing, nothing]
    assert segments(pd.DataFrame({"path": ["a"], "start": [pd.NA]}))[0].start is None


@pytest.mark.parametrize(
    "table, options, says",
    [
        (pd.DataFrame({"file": ["a"]}), {}, "column 'path'"),
        (pd.DataFrame([["a", 1, 2]], columns=["path", "take", "take"]), {}, "several columns 'take'"),
        (["a.mp4"], {}, "load_table"),
        (pd.DataFrame({"path": ["a"]}), {"on_error": "ignore"}, "on_error"),
        (pd.DataFrame({"path": ["a"]}), {"n_jobs": 0}, "n_jobs"),
    ],
)
def test_wrong_arguments_are_refused_in_one_sentence(table, options, says):
    with pytest.raises(ValueError, match=says):
        quiet(table, HOG(), **options)


def test_bad_options_raise_even_where_bad_rows_are_skipped(pictures):
    with pytest.raises(ValueError, match="orientations"):
        quiet(pictures, HOG(orientations=0), on_error="skip")


def test_progress_is_silent_when_it_is_not_wanted(pictures, capfd):
    quiet(pictures, HOG())
    assert capfd.readouterr() == ("", "")
    extract(pictures, HOG())
    assert "HOG" in capfd.readouterr().err


def test_good_rows_give_no_warning(pictures):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet(pictures, HOG(), on_error="skip")


def test_rows_of_numbers_lie_in_a_file_and_are_taken_chosen_and_sent_as_if_they_were_in_memory():
    X = np.random.default_rng(0).normal(size=(50, 9000)).astype(np.float32)  # more than the file keeps in memory
    held = Described()
    for k, row in enumerate(X):
        held.append(None if k == 3 else row, numbers=True)
    np.testing.assert_array_equal(held.present, np.arange(50) != 3)
    assert held[3] is None
    np.testing.assert_array_equal(held[7], X[7])
    chosen = held.take([9, 8, 20, 21, 22, 9])
    np.testing.assert_array_equal(chosen.rows()[np.array([0, 2, 3])], X[[9, 20, 21]])
    np.testing.assert_array_equal(np.asarray(chosen.rows()), X[[9, 8, 20, 21, 22, 9]])
    sent = pickle.loads(pickle.dumps(chosen))
    np.testing.assert_array_equal(np.asarray(sent.rows()), X[[9, 8, 20, 21, 22, 9]])
    assert len(pickle.dumps(chosen)) < 7 * X[0].nbytes, "only the rows that were taken travel"
    held.append(X[0, :5], numbers=True)
    with pytest.raises(ValueError, match="rows of 5 and of 9000 numbers"):
        held.take([0, 50]).rows()
    held.append(X[3], numbers=True)  # behind the last, though others were read
    np.testing.assert_array_equal(np.asarray(held.take([51, 0, 49]).rows()), X[[3, 0, 49]])
    empty = Described()
    for row in (X[0, :0], X[1], X[2]):
        empty.append(row, numbers=True)
    np.testing.assert_array_equal(np.asarray(empty.take([1, 2]).rows()), X[[1, 2]])


def test_poses_of_different_joints_are_refused_in_a_whole_sentence(tmp_path):
    for joints in (17, 20):
        np.save(tmp_path / f"{joints}.npy", np.random.default_rng(0).normal(0, 1, (9, joints, 2)))
    table = pd.DataFrame({"path": [str(tmp_path / "17.npy"), str(tmp_path / "20.npy")]})
    with pytest.raises(ValueError, match="^A feature gives rows of 660 and of [0-9]+ numbers"):
        quiet(table, PoseStatistics())


# ---- what rows have ----

def test_a_caption_that_is_a_number_is_its_words(pictures):
    pictures["caption"] = pd.Series([12, 1984, None, 7, 0, np.nan], dtype=object)
    assert descriptions(pictures, WordBag(), on_error="skip", progress=False)[0] == ["12", "1984", None, "7", "0", None]
    assert modality_table(pictures)["words"].tolist() == [True, True, False, True, True, False]


def test_a_table_tells_which_modalities_its_rows_have_and_which_rows_can_teach(tmp_path):
    beep, frames = np.full(8_000, 0.1, np.float32), np.zeros((5, 32, 32, 3), np.uint8)
    loud = str(write_video(tmp_path / "loud.mp4", frames, fps=10, audio=beep, sample_rate=16_000))
    silent = str(write_video(tmp_path / "silent.mp4", frames, fps=10))
    table = pd.DataFrame({"path": [loud, silent, loud, "video, sound.mp4"], "caption": ["a bow", None, "?", "there is no file"],
                          "label": ["x", "y", None, "y"]}, index=[3, 1, 4, 2])
    held = modality_table(table)
    assert held.index.tolist() == [3, 1, 4, 2] and held.to_dict("list") == {
        "video": [True, True, True, False], "sound": [True, False, True, False], "words": [True, False, False, False]}
    rows, names = fusible_rows(table)
    assert rows.index.tolist() == [3, 1] and rows["group"].tolist() == [loud, silent] and names == ["video", "sound", "words"]
    for few in (table.drop(columns="label"), table.assign(label="x"), table.assign(group="one"), table.iloc[[1, 1]]):
        assert not len(fusible_rows(few)[0])

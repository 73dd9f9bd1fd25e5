"""Whatever a row's sound and caption are, good rows reach a fused network and bad ones get a sentence with their path: no NaN, no silent zeros."""
import warnings
from fractions import Fraction

import av
import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab import features, networks
from vmm_lab.features import Segment
from vmm_lab.networks import Examples, fusion, keras, load_examples, predict
from vmm_lab.networks.examples import stack

pytestmark = pytest.mark.slow  # it trains

RATES = (8_000, 11_025, 22_050, 44_100, 48_000)
LAYOUTS = {"stereo": 2, "5.1": 6}
SMALL = {"video": features.HOG(size=(32, 32), n_frames=4, pooling=None), "sound": features.Spectrogram(n_frames=16, n_mels=16, fmax=3500.0),
         "words": features.WordBag()}
LONG = "the man " + "falls slowly " * 49_999
CAPTIONS = {"long": LONG, "Chinese": "男人跌倒在地上", "Arabic": "رجل يسقط على الأرض", "Hebrew": "איש נופל על הרצפה", "none": None,
            "NaN": float("nan"), "empty": "", "blanks": "  \n", "marks": "…!? 🙂"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path_factory.getbasetemp() / "inputs_cache"))


def film(path, *, rate=16_000, layout="mono", seconds=1.0, loud=0.3, pitch=440, pictures=1.0):
    """A film of noise with a tone in all channels; seconds=None: no sound track, pictures=None: none."""
    with av.open(str(path), "w") as container:
        streams = []
        if pictures:
            video = container.add_stream("libx264", rate=12)
            video.width = video.height = 48
            video.pix_fmt = "yuv420p"
            rng = np.random.default_rng(len(str(path)))
            streams.append((video, [av.VideoFrame.from_ndarray(rng.integers(0, 255, (48, 48, 3), np.uint8)) for _ in range(int(12 * pictures))]))
        if seconds:
            sound = container.add_stream("aac", rate=rate, layout=layout)
            wave = loud * np.sin(2 * np.pi * pitch * np.arange(int(rate * seconds)) / rate)
            frame = av.AudioFrame.from_ndarray(np.tile(wave, (LAYOUTS.get(layout, 1), 1)).astype(np.float32), format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
            streams.append((sound, [frame]))
        for stream, frames in streams:
            for frame in [*frames, None]:
                for packet in stream.encode(frame):
                    container.mux(packet)
    return str(path)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A row for each kind of sound and caption; `what` names it."""
    folder, rows = tmp_path_factory.mktemp("inputs"), []

    def add(what, caption="a man falls", **options):
        name = f"{len(rows)}.{'m4a' if options.get('pictures', 1) is None else 'mp4'}"
        rows.append((film(folder / name, **options), ("low", "high")[len(rows) % 2], caption, what))

    for rate in RATES:
        add(f"{rate} Hz", rate=rate)
    for layout in LAYOUTS:
        add(layout, layout=layout, rate=44_100)
    add("no track", seconds=None)
    add("silence", loud=0.0)
    add("sound ends early", seconds=0.4)
    add("sound goes on", seconds=2.5)
    add("sound alone", pictures=None)
    for what, caption in CAPTIONS.items():
        add(what, caption)
    return pd.DataFrame(rows, columns=["path", "label", "caption", "what"])


@pytest.fixture(scope="module")
def examples(table, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VMM_LAB_CACHE", str(tmp_path_factory.mktemp("cache")))
        return load_examples(table, SMALL, progress=False)


def spectrogram(table, examples, what):
    return examples.X["sound"][table["what"].tolist().index(what)]


def test_every_kind_of_row_reaches_a_fused_network_which_learns_and_answers(table, examples):
    keras.utils.set_random_seed(0)
    encoders = {"video": networks.hog_encoder(examples.X["video"].shape[1:], components=8, width=16),
                "sound": networks.sound_encoder(examples.X["sound"].shape[1:], filters=(4, 8), width=16), "words": networks.word_encoder(width=16)}
    model = fusion("hybrid", encoders, 2, modality_dropout=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # of NaN, infinity and division by zero
        history = networks.train(model, examples, epochs=3, batch_size=8, progress=False)
    assert history.ended == "finished" and np.isfinite(history.epochs["loss"]).all()
    proba = predict(model, examples.X)
    assert proba.shape == (len(table), 2) and np.isfinite(proba).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1, atol=1e-5)
    before = [weight.copy() for weight in model.get_weights()]
    assert all(np.isfinite(weight).all() for weight in before)


def test_what_is_missing_is_marked_missing_and_nothing_else_is(table, examples):
    lacks = {"no track": "sound", "sound alone": "video", "none": "words", "NaN": "words", "empty": "words", "blanks": "words", "marks": "words"}
    for what, present in zip(table["what"], examples.X["present"]):
        assert dict(zip(SMALL, present)) == {name: float(lacks.get(what) != name) for name in SMALL}, what
    for name in ("video", "sound"):
        there = examples.X["present"][:, list(SMALL).index(name)] > 0
        assert np.abs(examples.X[name][there]).reshape(there.sum(), -1).max(axis=1).min() > 0, "no zeros posed as data"


@pytest.mark.parametrize("what", [*(f"{rate} Hz" for rate in RATES), *LAYOUTS, "sound goes on", "sound ends early"])
def test_the_same_tone_sounds_the_same_at_every_rate_and_with_every_layout(table, examples, what):
    reference = spectrogram(table, examples, "Chinese")[2:-2]
    heard = spectrogram(table, examples, what)[2:-2]
    assert (heard.argmax(axis=1) == reference[0].argmax()).all()
    lost = 20 * np.log10(5 / 6) if what == "5.1" else 0  # the sixth channel carries nothing above 120 Hz
    np.testing.assert_allclose(heard.max(axis=1) - lost, reference.max(axis=1).mean(), atol=0.5)  # dB


def test_recorded_silence_is_a_sound_and_as_quiet_as_can_be(table, examples):
    silence = spectrogram(table, examples, "silence")
    assert np.isfinite(silence).all() and silence.max() <= -90


def test_a_piece_behind_the_end_of_the_sound_has_none_and_no_padding_posed_as_silence(table):
    early = table["path"][table["what"].tolist().index("sound ends early")]
    pieces = pd.DataFrame({"path": [early] * 3, "start": [0.0, 0.2, 0.6], "end": [0.4, 0.6, 1.0], "label": ["low", "high", "low"], "caption": ["a man"] * 3})
    found = load_examples(pieces, SMALL, progress=False)
    assert found.X["present"].tolist() == [[1, 1, 1], [1, 1, 1], [1, 0, 1]]
    with pytest.raises(vl.MediaError, match="9.mp4: no sound between 0.6 and 1.0 s"):
        load_examples(pieces, SMALL["sound"], progress=False)
    board = vl.compare(pd.concat([pieces] * 4, ignore_index=True), methods=[features.HOG(size=(32, 32)), features.MFCC()], progress=False)
    assert not board.skipped, "the row has its pictures still"
    assert any("4 of 12 rows have no sound" in text for text in board.warnings)


def test_a_caption_of_100_000_words_costs_the_other_rows_no_memory_and_keeps_its_beginning(examples, table):
    words = examples.X["words"]
    assert words.itemsize <= 16_000
    long = words[table["what"].tolist().index("long")].split()
    assert long == LONG.split()[: len(long)] and len(long) > 300, "a network reads the first 32"
    endless = load_examples(table.assign(caption="x" * 700_000)[:2], SMALL["words"], progress=False)
    assert endless.X.itemsize <= 16_000


@pytest.mark.parametrize(("what", "word"), [("Chinese", "跌倒"), ("Arabic", "يسقط"), ("Hebrew", "נופל")])
def test_captions_of_other_scripts_are_read_word_by_word(table, examples, what, word):
    assert word in examples.X["words"][table["what"].tolist().index(what)].split()


@pytest.mark.parametrize("content", [b"", b"no media at all", None], ids=["empty", "text", "gone"])
def test_a_damaged_file_is_named_in_one_sentence_though_its_caption_could_be_read(table, tmp_path, content):
    path = tmp_path / "bad.mp4"
    if content is not None:
        path.write_bytes(content)
    both = pd.concat([table[:4], pd.DataFrame({"path": [str(path)], "label": ["low"], "caption": ["a man falls"]})], ignore_index=True)
    with pytest.raises(ValueError) as error:
        load_examples(both, SMALL, progress=False)
    assert str(path) in str(error.value) and "\n" not in str(error.value) and "Errno" not in str(error.value)
    board = vl.compare(pd.concat([both, table[4:12]], ignore_index=True), methods=[features.HOG(size=(32, 32)), features.WordBag()], progress=False)
    assert [entry["path"] for entry in board.skipped] == [str(path)] and board.protocol["n_items"] == 12


def test_a_sound_that_breaks_off_in_the_middle_is_damaged_and_not_missing(table, tmp_path):
    whole = open(table["path"][table["what"].tolist().index("sound alone")], "rb").read()
    path = tmp_path / "cut.m4a"
    path.write_bytes(whole[: whole.index(b"mdat") + 1500] + bytes(len(whole[whole.index(b"mdat") + 1500 : whole.index(b"moov")])) + whole[whole.index(b"moov") :])
    row = pd.DataFrame({"path": [str(path)], "label": ["low"], "caption": ["a man falls"]})
    with pytest.raises(vl.MediaError, match="cut.m4a"):
        load_examples(pd.concat([table[:3], row], ignore_index=True), SMALL, progress=False)


@pytest.mark.parametrize(("kept", "missing"), [("sound alone", "video or words"), ("no track", "sound or words"), (None, "words")])
def test_a_table_without_a_modality_says_which_are_missing_and_what_to_do(table, kept, missing):
    rows = table[table["what"] == kept] if kept else table[:2]
    some = pd.concat([rows] * 2, ignore_index=True).assign(label=["low", "high"] * len(rows), caption=None)
    with pytest.raises(vl.MediaError, match=f"^No row has {missing} .*; leave {missing.replace(' or ', ' and ')} out.$") as error:
        load_examples(some, SMALL, progress=False)
    assert some["path"][0] in str(error.value)
    left = {name: feature for name, feature in SMALL.items() if name not in missing}
    assert load_examples(some, left, progress=False).X["present"].all(), "the way out works"


def test_a_row_with_none_of_the_modalities_is_named(table):
    alone = table[table["what"].isin(["sound alone", "no track"])].assign(caption=None)
    with pytest.raises(vl.MediaError, match=r"\.mp4: .*sound"):
        load_examples(alone, {"sound": SMALL["sound"], "words": SMALL["words"]}, progress=False)


def test_a_trained_network_is_asked_of_other_rows_than_it_can_take_in_one_sentence(examples):
    model = fusion("hybrid", {"words": networks.word_encoder(width=16)}, 2)
    with pytest.raises(networks.TrainingError, match="have video, sound, words, and .* takes words"):
        networks.train(model, examples, progress=False)
    broken = Examples(examples.X | {"sound": np.full_like(examples.X["sound"], np.nan)}, examples.y, examples.classes).only("sound")
    heard = fusion("features", {"sound": networks.sound_encoder(examples.X["sound"].shape[1:], filters=(4, 8), width=16)}, 2)
    with pytest.raises(networks.TrainingError, match="sound.* hold NaN"):
        networks.train(heard, broken, progress=False)


def test_the_words_of_a_caption_are_the_rows_own_or_missing():
    for caption in ("…!?", "🙂🙂"):
        with pytest.raises(vl.MediaError, match="a.mp4: the caption .* holds no words"):
            features.WordBag().read(Segment("a.mp4", caption=caption))


def test_a_row_that_is_one_vector_stays_whole():
    """Not `n_frames` of its numbers, as if they were moments."""
    class Brightness(features.Frames):
        def describe(self, frames):
            return frames.mean(axis=(0, 3)).ravel()[: self.n_frames * 5]

    vectors = [Brightness(n_frames=4).describe(np.full((4, 8, 8, 3), k, np.uint8)) for k in range(3)]
    assert stack(vectors, Brightness(n_frames=4)).shape == (3, 20)
    with pytest.raises(ValueError, match="gives vectors of 3 to 20 numbers"):
        stack([*vectors, np.zeros(3)], Brightness(n_frames=4))

"""FusionExplorer: it shows what the model answers to exactly what the controls leave of an item, and the means over many."""
import base64
import gc
import io
import re
import weakref

import ipywidgets
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from vmm_lab import explain, write_video
from vmm_lab.modalities import MODALITIES, Modality, register
from vmm_lab.networks import (
    Examples,
    add_noise,
    fusion,
    hog_encoder,
    keras,
    modality_weights,
    predict,
    sound_encoder,
    train,
    word_encoder,
)
from vmm_lab.networks.feeding import adapt
from vmm_lab.widgets import FusionExplorer
from vmm_lab.widgets.fused import FusedItems

pytestmark = pytest.mark.slow  # it builds networks

CLASSES = ("bow", "clap", "jump", "walk")
CAPTIONS = ("bows low before us", "claps both hands loudly", "jumps up very high", "walks along the road")
NAMES = ("video", "sound", "words")


def rows(n=48):
    """Rows whose class every modality tells; every fifth has no caption, row 1 only one, row 2 no film."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 4
    told, loud = rng.normal(size=(4, 40))[y][:, None], 8 * rng.normal(size=(4, 1, 8))[y]
    present = np.ones((n, 3), np.float32)
    present[4::5, 2] = present[1, :2] = present[2, 0] = 0
    X = {"video": (told + 0.3 * rng.normal(size=(n, 4, 40))).astype("float32"),
         "sound": (loud + rng.normal(size=(n, 16, 8)) - 40).astype("float32"),
         "words": np.where(present[:, 2] > 0, np.array(CAPTIONS)[y], ""), "present": present}
    return Examples(X, y, CLASSES)


def made(kind, examples, *, epochs):
    keras.utils.set_random_seed(0)
    encoders = {"video": hog_encoder((4, 40), components=8, width=16), "sound": sound_encoder((16, 8), filters=(4, 8), width=16),
                "words": word_encoder(n_words=20, length=8, width=16)}
    model = fusion(kind, encoders, 4, modality_dropout=0.2)
    if epochs:
        train(model, examples, epochs=epochs, batch_size=12, learning_rate=1e-2, progress=False)
    adapt(model, examples.X)
    return model


@pytest.fixture(scope="module")
def examples():
    return rows()


@pytest.fixture(scope="module")
def gated(examples):
    return made("gated", examples, epochs=8)


@pytest.fixture(scope="module")
def features(examples):
    return made("features", examples, epochs=0)


@pytest.fixture(params=["gated", "features"])
def model(request):
    """One that tells its own weights, and one that does not."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def explorer(model, examples):
    widget = FusionExplorer(model, examples)
    yield widget
    widget.close()


@pytest.fixture
def budget(gated, examples):
    widget = FusionExplorer(gated, examples, view="all items")
    yield widget
    widget.close()


def one(X, k, **changes):
    return {name: part[k:k + 1] for name, part in X.items()} | changes


def mask(*values):
    return np.array([values], np.float32)


# What is on show is what the model says.

def test_the_probabilities_are_the_models_own(explorer, model, examples):
    for k in (0, 2, 47):
        explorer.item.value = k
        np.testing.assert_allclose(explorer.probabilities, predict(model, one(examples.X, k))[0], atol=1e-5)
        assert list(explorer.probabilities.index) == list(CLASSES) and not explorer.status.failed


def test_a_modality_that_is_off_is_one_that_is_missing(explorer, model, examples):
    explorer.present["video"].value = False
    missing = one(examples.X, 0, present=mask(0, 1, 1))
    np.testing.assert_allclose(explorer.probabilities, predict(model, missing)[0], atol=1e-5)
    assert explorer.weights["video"] == 0 and "video off" in explorer.message
    np.testing.assert_allclose(explorer.answer.clean, predict(model, one(examples.X, 0))[0], atol=1e-5)


def test_a_model_that_weighs_shows_its_own_weights(gated, examples):
    explorer = FusionExplorer(gated, examples, item=3)
    explorer.present["sound"].value = False
    np.testing.assert_allclose(explorer.weights, modality_weights(gated, one(examples.X, 3, present=mask(1, 0, 1)))[0], atol=1e-5)
    assert explorer.answer.weighted and "The model's own weights: video " in explorer.message and "model&#x27;s own" in explorer.status.parts[0]


def test_another_model_shows_shapley_shares_of_what_it_says(features, examples):
    explorer = FusionExplorer(features, examples, item=3)
    explorer.present["words"].value = False
    np.testing.assert_allclose(explorer.weights, explain.modality_shares(features, one(examples.X, 3, present=mask(1, 1, 0)))[0], atol=1e-5)
    assert not explorer.answer.weighted and explorer.weights.name == "nats"
    assert f"Shapley shares of the evidence for {explorer.probabilities.idxmax()}: video " in explorer.message


def test_noise_0_is_the_clean_item_and_more_is_that_of_add_noise(explorer, model, examples):
    clean = explorer.probabilities
    explorer.noise["sound"].value = 1.5
    noisy = add_noise({"sound": examples.X["sound"][:1]}, "sound", 1.5, seed=0, deviation=examples.X["sound"][examples.X["present"][:, 1] > 0].std())
    np.testing.assert_allclose(explorer.probabilities, predict(model, one(examples.X, 0, **noisy))[0], atol=1e-5)
    assert not np.allclose(explorer.probabilities, clean, atol=1e-3)
    np.testing.assert_array_equal(explorer.answer.X["video"], examples.X["video"][:1])
    explorer.noise["sound"].value = 0
    np.testing.assert_array_equal(explorer.probabilities, clean)


def test_noise_1_is_as_large_as_the_deviation_of_all_examples(features, examples):
    video, deviation, items = examples.X["video"], float(examples.X["video"].std()), FusedItems(features, examples)
    noise = [items.noisy(k, np.ones(3), {"video": 1.0})["video"][0] - video[k] for k in range(20)]
    assert np.std(noise) == pytest.approx(deviation, rel=0.05)
    assert not np.allclose(noise[0], noise[1])


def test_noisy_words_are_words_of_others_and_as_many(explorer, examples):
    explorer.noise["words"].value = 1.0
    told = str(explorer.answer.X["words"][0])
    assert len(told.split()) == 4 and set(told.split()) <= set(" ".join(CAPTIONS).split()) and told != CAPTIONS[0]
    assert "<u>" in explorer.status.parts[1] and all(word in explorer.status.parts[1] for word in told.split())
    explorer.noise["words"].value = 0.0
    assert "<u>" not in explorer.status.parts[1] and CAPTIONS[0] in explorer.status.parts[1]


def test_a_caption_that_is_missing_is_no_word(features, examples):
    words = examples.X["words"].astype(object)
    words[:2] = None, np.nan
    explorer = FusionExplorer(features, Examples(examples.X | {"words": words}, examples.y, CLASSES))
    for explorer.item.value in (0, 1):
        assert explorer.status.parts[1] == "<div>words: none in this item</div>"


def test_pixels_below_0_become_black_and_not_white():
    pixels = {"video": np.full((1, 4, 8, 8, 3), 3, np.uint8), "present": np.ones((1, 1), np.float32)}
    noisy = add_noise(pixels, "video", 1.0, deviation=20.0)["video"]
    assert noisy.dtype == np.uint8 and 0.3 < (noisy == 0).mean() < 0.7 and noisy.max() < 120


def test_the_picture_is_a_function_of_the_state(explorer):
    before, picture = explorer.status.parts[0], explorer.pixels()
    explorer.noise["video"].value = 0.7
    explorer.present["sound"].value = False
    changed = explorer.status.parts[0]
    assert changed != before and (explorer.pixels() != picture).any()
    explorer.noise["video"].value, explorer.item.value = 1.4, 9
    explorer.present["sound"].value, explorer.item.value = True, 0
    explorer.present["sound"].value, explorer.noise["video"].value = False, 0.7
    assert explorer.status.parts[0] == changed
    explorer.present["sound"].value, explorer.noise["video"].value = True, 0
    assert explorer.status.parts[0] == before and (explorer.pixels() == picture).all()


def test_the_model_is_asked_only_for_what_is_new(explorer, monkeypatch):
    explorer.present["video"].value = False
    explorer.noise["sound"].value = 1.0
    monkeypatch.setattr(FusedItems, "predict", lambda *values: pytest.fail("asked again"))
    explorer.noise["video"].value = 1.0  # of what is off
    explorer.noise["video"].value = explorer.noise["sound"].value = 0.0
    explorer.present["video"].value = True
    assert not explorer.status.failed, explorer.message


def test_answers_are_kept_but_not_without_end(explorer, monkeypatch):
    monkeypatch.setattr("vmm_lab.widgets.fused.MOST_ANSWERS", 3)
    before = explorer.status.parts[0]
    for level in (0.1, 0.2, 0.3, 0.4):
        explorer.noise["video"].value = level
        assert len(explorer._items._answers) <= 3
    explorer.noise["video"].value = 0
    assert explorer.status.parts[0] == before


# What cannot be switched.

def test_what_an_item_lacks_cannot_be_switched_and_is_said(explorer):
    explorer.item.value = 2
    switch, noise = explorer.present["video"], explorer.noise["video"]
    assert switch.disabled and noise.disabled and switch.description == "video (missing in this item)"
    assert "video missing" in explorer.message and "missing in this item" in explorer.status.parts[0] and explorer.weights["video"] == 0
    explorer.item.value = 3
    assert not switch.disabled and not noise.disabled and switch.description == "video" and explorer.weights["video"] != 0


def test_one_modality_stays_on(explorer):
    explorer.present["video"].value = explorer.present["sound"].value = False
    explorer.present["words"].value = False
    assert explorer.present["words"].value and explorer.message.endswith("words stays on: the model needs one modality at least.")
    assert explorer.weights["words"] != 0 and not explorer.status.failed
    explorer.present["video"].value = True
    assert "stays on" not in explorer.message


def test_an_item_of_one_modality_keeps_it(explorer, model, examples):
    explorer.item.value = 1
    explorer.present["words"].value = False
    assert explorer.present["words"].value and "words stays on" in explorer.message
    np.testing.assert_allclose(explorer.probabilities, predict(model, one(examples.X, 1))[0], atol=1e-5)


def test_an_item_that_lacks_all_that_is_on_gets_all_that_it_has(explorer):
    explorer.present["words"].value = explorer.present["sound"].value = False
    explorer.item.value = 2
    assert [explorer.present[name].value for name in NAMES] == [False, True, True] and not explorer.status.failed
    assert explorer.answer.X["present"].tolist() == [[0, 1, 1]]


def test_noise_in_what_is_off_cannot_be_moved(explorer):
    explorer.present["sound"].value = False
    assert explorer.noise["sound"].disabled and not explorer.noise["video"].disabled


# The film.

@pytest.fixture
def table(tmp_path):
    frames = np.zeros((12, 48, 64, 3), np.uint8)
    frames[:, :, :32] = 200
    wave = 0.2 * np.sin(np.arange(24_000) * 0.3).astype(np.float32)
    path = write_video(tmp_path / "film ü.mp4", frames, fps=8, audio=wave, sample_rate=16_000)
    paths = [str(path)] * 3 + [str(tmp_path / "gone.mp4")]
    return pd.DataFrame({"path": paths, "start": [np.nan, 0.5, 0, np.nan], "end": [np.nan, 1.0, 1.5, np.nan]})


def test_the_film_of_the_item_comes_with_its_sound(gated, examples, table):
    explorer = FusionExplorer(gated, examples[:4], table)
    assert explorer.player.sound and len(explorer.player.times) == 12 and explorer.player.name == "film ü.mp4"
    explorer.item.value = 1
    assert (explorer.player.begin, explorer.player.finish) == (0.5, 1.0) and len(explorer.player.times) == 4
    tall = explorer.pixels().shape[0]
    explorer.item.value = 3
    assert "gone.mp4" in explorer.message and not explorer.status.failed and explorer.player.sound == b""
    assert len(explorer.probabilities) == 4 and explorer.pixels().shape[0] < tall
    explorer.present["video"].value = False
    assert "gone.mp4" in explorer.message
    explorer.close()


def test_what_is_shown_without_a_table_needs_no_film(explorer, examples):
    assert explorer.player is None and f"“{CAPTIONS[0]}”" in explorer.status.parts[1]
    explorer.item.value = 4
    assert explorer.status.parts[1] == "<div>words: none in this item</div>"


# Which modality decides for which class.

def test_a_line_is_the_mean_of_the_shares_of_its_rows(budget, gated, examples):
    chosen = examples.y == 2
    shares = explain.modality_shares(gated, examples[chosen].X, 2)
    np.testing.assert_allclose(budget.frame.loc["jump", list(NAMES)].astype(float), shares.mean(axis=0), atol=1e-5)
    assert budget.frame["rows"].tolist() == [12] * 4 and list(budget.frame.index) == list(CLASSES)
    assert budget.rows.loc[budget.rows["class"] == "jump", "item"].tolist() == np.flatnonzero(chosen).tolist()


def test_accuracies_are_those_of_the_model_with_the_modality_masked(budget, gated, examples):
    right = predict(gated, examples.X).argmax(axis=1) == examples.y
    assert budget.frame.loc["walk", "accuracy"] == pytest.approx(right[examples.y == 3].mean())
    present = examples.X["present"] * mask(0, 1, 1)
    left = present.any(axis=1)
    right = predict(gated, {name: part[left] for name, part in (examples.X | {"present": present}).items()}).argmax(axis=1) == examples.y[left]
    assert left.all() and budget.frame.loc["walk", "without_video"] == pytest.approx(right[examples.y == 3].mean())


def test_a_row_that_has_nothing_left_is_guessed(gated, examples):
    row = FusedItems(gated, examples).evidence(np.array([1])).iloc[0]
    assert row["without_words"] == 0.25 and row["accuracy"] in (0, 1) and row["video"] == row["sound"] == 0


def test_at_most_20_rows_of_a_class_are_asked_from_first_to_last(gated):
    many = rows(200)
    budget = FusionExplorer(gated, many, view="all items", classes=["walk", "bow"])
    assert budget.frame["rows"].to_dict() == {"walk": 20, "bow": 20}
    items = budget.rows.loc[budget.rows["class"] == "walk", "item"].to_numpy()
    assert items[0] == 3 and items[-1] == 199 and (many.y[items] == 3).all() and np.diff(items).max() <= 12
    assert "2 classes, 20 rows of each" in budget.message


def test_the_order_and_the_class_change_the_picture_and_ask_nothing(budget, monkeypatch):
    monkeypatch.setattr(FusedItems, "predict", lambda *values: pytest.fail("asked again"))
    before, tall = budget.status.parts[0], budget.pixels().shape[0]
    budget.order.value = "sound"
    assert budget.ordered["sound"].is_monotonic_decreasing and budget.status.parts[0] != before
    budget.order.value = "accuracy"
    assert budget.ordered["accuracy"].is_monotonic_increasing
    budget.order.value, budget.shown.value = "classes", "clap"
    assert budget.message.startswith("clap, 12 rows, mean shares: video ") and budget.pixels().shape[0] > tall + 100
    assert budget.status.parts[0].count("<title>item ") == 3 * 12
    assert "clap: video" in budget.status.parts[0] and "bow: video" not in budget.status.parts[0]
    budget.shown.value = "all classes"
    assert budget.status.parts[0] == before


def test_what_is_told_of_all_is_what_the_frame_holds(budget):
    decides = budget.frame[list(NAMES)].idxmax(axis=1).value_counts()
    assert ", ".join(f"{name} in {decides.get(name, 0)}" for name in NAMES) in budget.message
    assert f"Right with all: {100 * budget.rows['accuracy'].mean():.0f} %; without video " in budget.message


# One item first, then all: the controls of a view are on show with it, and the other's stay as they are.

def displayed(explorer):
    return [control.layout.display for control in (explorer.item, explorer.shown)]


def test_turning_to_all_items_and_back_keeps_the_item_as_it_was(explorer):
    explorer.item.value, explorer.present["video"].value = 3, False
    before, message = explorer.status.parts, explorer.message
    assert displayed(explorer) == [None, "none"]
    explorer.view.value = "all items"
    assert displayed(explorer) == ["none", None] and explorer.message.startswith("4 classes, 12 rows of each")
    explorer.view.value = "one item"
    assert displayed(explorer) == [None, "none"] and (explorer.status.parts, explorer.message) == (before, message)


def test_the_model_is_asked_about_all_items_once_and_only_when_they_are_wanted(features, examples, monkeypatch):
    asked, evidence = [], FusedItems.evidence
    monkeypatch.setattr(FusedItems, "evidence", lambda self, rows: asked.append(len(rows)) or evidence(self, rows))
    explorer = FusionExplorer(features, examples)
    assert asked == []
    explorer.view.value = "all items"
    assert asked == [48] and explorer.frame is explorer.frame
    explorer.view.value = "one item"
    explorer.view.value = "all items"
    assert asked == [48]
    explorer.close()


def test_a_modality_of_ones_own_is_shown_like_any_other():
    register(Modality("depth", "#123456", "depth", lambda media, segment: True))
    rng, present = np.random.default_rng(0), np.ones((8, 2), np.float32)
    X = {"depth": rng.normal(size=(8, 16, 8)).astype("float32"), "echo": rng.normal(size=(8, 16, 8)).astype("float32")}
    model = fusion("gated", {name: sound_encoder((16, 8), filters=(4, 8), width=16) for name in X}, 2)
    try:
        explorer = FusionExplorer(model, Examples(X | {"present": present}, np.arange(8) % 2, ("bow", "clap")))
        assert "#123456" in explorer.status.parts[0] and "depth " in explorer.message and len(explorer.status.parts) == 1
        explorer.noise["depth"].value = 1.0
        explorer.view.value = "all items"
        assert "#123456" in explorer.status.parts[0] and not explorer.status.failed, explorer.message
        explorer.close()
    finally:
        del MODALITIES["depth"]


@pytest.fixture(params=["one item", "all items"])
def either(request, gated, examples):
    widget = FusionExplorer(gated, examples, view=request.param)
    yield widget
    widget.close()


def test_it_brings_a_picture_and_a_text_without_addresses(either):
    bundle = either._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert not re.search(r"0x[0-9a-f]{6}|[/\\]", data["text/plain"]) and "gated_fusion" in data["text/plain"]
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.width >= 750 and np.asarray(picture.convert("L")).std() > 10


def test_the_text_says_what_the_controls_left(gated, examples):
    explorer = FusionExplorer(gated, examples)
    explorer.present["video"].value, explorer.noise["sound"].value = False, 0.5
    assert re.fullmatch(r"FusionExplorer\(gated_fusion, item 0 of 48: sound with noise 0.5, words: \w+, \d+ %\)", repr(explorer))


def test_every_control_has_a_name_and_the_drawing_says_what_it_shows(either):
    found, todo = [], list(either.children[:-1])
    while todo:
        part = todo.pop()
        todo += getattr(part, "children", ())
        found += [part] if hasattr(part, "value") else []
    assert len(found) >= 9 and all(part.description.strip() for part in found)
    label = re.search(r'<svg role="img" aria-label="([^"]+)"', either.status.parts[0])[1]
    assert label.replace("&#x27;", "'") == either.message


def test_closing_it_leaves_no_part_open_and_no_arrays_in_memory(gated):
    for view in ("one item", "all items"):
        parts, few = [], rows(8)
        held = weakref.ref(few.X["video"])
        ipywidgets.Widget.on_widget_constructed(parts.append)
        try:
            widget = FusionExplorer(gated, few, view=view)
        finally:
            ipywidgets.Widget.on_widget_constructed(None)
        del few
        widget.close()
        assert len(parts) > 5 and [type(part).__name__ for part in parts if part.comm is not None] == []
        gc.collect()
        assert held() is None


@pytest.mark.parametrize("change, sentence", [
    (lambda m, e: (keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)], name="plain"), e), "looks into a model of several modalities, .* got plain"),
    (lambda m, e: (None, e), "looks into a model of several modalities, .* got NoneType"),
    (lambda m, e: (m, e.X), r"looks at Examples, got dict; load_examples\(table, networks.MODALITY_FEATURES\) gives them"),
    (lambda m, e: (m, e.only("video", "sound")), "gated_fusion takes a dict of"),
    (lambda m, e: (m, Examples(e.X | {"sound": e.X["sound"][:, :8]}, e.y, CLASSES)), r"takes sound of shape \(n, 16, 8\), got \(48, 8, 8\)"),
    (lambda m, e: (m, e[:0]), "X needs at least one item"),
    (lambda m, e: (m, Examples(e.X, e.y, CLASSES[:3])), "gated_fusion knows 4 classes, and the examples have 3"),
    (lambda m, e: (fusion("features", {"sound": sound_encoder((16, 8), filters=(4, 8), width=16)}, 4), e.only("sound")),
     "features_fusion has only sound, and there is nothing to weigh it against"),
])
def test_what_does_not_fit_is_refused_in_one_sentence(gated, examples, change, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        FusionExplorer(*change(gated, examples))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("ask, sentence", [
    (lambda m, e: FusionExplorer(m, e, item=48), "Item must be a whole number from 0 to 47, got 48"),
    (lambda m, e: FusionExplorer(m, e, item=-1), "from 0 to 47, got -1"),
    (lambda m, e: FusionExplorer(m, e, item=1.5), "from 0 to 47, got 1.5"),
    (lambda m, e: FusionExplorer(m, e, pd.DataFrame({"path": ["a.mp4"]})), "must be the examples' own 48 rows, with a column path; got 1 rows of path"),
    (lambda m, e: FusionExplorer(m, e, pd.DataFrame({"file": ["a.mp4"] * 48})), "got 48 rows of file"),
    (lambda m, e: FusionExplorer(m, e, classes=["clap", "swim"]), "There are no examples of swim to look at; choose among bow, clap, jump, walk"),
    (lambda m, e: FusionExplorer(m, e[e.y != 1], classes="clap"), "There are no examples of clap"),
    (lambda m, e: FusionExplorer(m, e, classes=[]), "There are no examples of no class"),
    (lambda m, e: FusionExplorer(m, e, view="all"), 'view must be "one item" or "all items", got \'all\''),
])
def test_what_is_not_there_is_refused_in_one_sentence(gated, examples, ask, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        ask(gated, examples)
    assert "\n" not in str(error.value)


def test_the_box_of_a_missing_modality_is_not_ticked_and_comes_back(gated, examples):
    explorer = FusionExplorer(gated, examples)
    lacking = next((k, name) for k in range(len(examples)) for name, has in zip(explorer.names, explorer._items.has(k)) if not has)
    whole = next(k for k in range(len(examples)) if explorer._items.has(k).all())
    explorer.item.value = lacking[0]
    assert not explorer.present[lacking[1]].value and explorer.present[lacking[1]].disabled
    explorer.item.value = whole
    assert explorer.present[lacking[1]].value and not explorer.present[lacking[1]].disabled


def test_the_film_is_grey_and_stands_still_while_the_model_gets_no_pictures(gated, examples, tmp_path):
    path = write_video(tmp_path / "film.mp4", np.full((25, 32, 32, 3), 90, np.uint8), fps=25)
    table = pd.DataFrame({"path": [str(path)] * len(examples)})
    explorer = FusionExplorer(gated, examples, table)
    explorer.player.playing = True
    explorer.present["video"].value = False
    assert not explorer.player.playing and "vmm-off" in explorer.player._dom_classes
    explorer.present["video"].value = True
    assert "vmm-off" not in explorer.player._dom_classes

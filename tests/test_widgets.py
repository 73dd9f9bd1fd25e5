"""Every widget follows its controls, has a picture for paper and names for all, says errors in a sentence, and ends."""
import base64
import gc
import io
import os
import re
import weakref
from functools import partial

import cv2
import ipywidgets
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from vmm_lab import split_clips, write_video
from vmm_lab.plots import jpeg
from vmm_lab.pretrained.text import check_english
from vmm_lab.tasks import Index, Retriever
from vmm_lab.widgets import (
    ClipExplorer,
    ConvolutionExplorer,
    EmbeddingExplorer,
    FeatureExplorer,
    FramePlayer,
    PredictionExplorer,
    SearchExplorer,
)
from vmm_lab.widgets.base import slider
from vmm_lab.widgets.charts import Sketch, probability_bars
from vmm_lab.widgets.clips import windows
from vmm_lab.widgets.embedding import place, scatter
from vmm_lab.widgets.feature_views import VIEWS, FeatureView, color_view, flow_view, hog_view, sift_view
from vmm_lab.widgets.predictions import ordered


def moving_square(count=30, height=96, width=128, step=3):
    """Frames of a textured square that goes to the right."""
    noise = np.random.default_rng(0)
    ground = noise.integers(60, 120, (12, 16, 3), dtype=np.uint8)
    ground = cv2.resize(ground, (width, height), interpolation=cv2.INTER_CUBIC)
    square = cv2.resize(noise.integers(120, 255, (6, 6, 3), dtype=np.uint8), (30, 30), interpolation=cv2.INTER_CUBIC)
    frames = np.repeat(ground[None], count, axis=0)
    for k in range(count):
        left = (4 + step * k) % (width - 30)
        frames[k, 30:60, left : left + 30] = square
    return frames


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos ü")
    beep = np.sin(np.arange(16_000) * 0.2).astype(np.float32)
    paths = [str(write_video(folder / f"clip {k}.mp4", moving_square(25), fps=25, audio=beep, sample_rate=16_000))
             for k in range(4)]
    captions = ["goes <left>", None, "r", "r"]
    return pd.DataFrame({"path": paths, "label": ["left", "left", "right", "right"], "caption": captions})


PREDICTED = {"predicted": ["left", "right", "right", "left"], "left": [0.9, 0.4, 0.3, 0.8], "right": [0.1, 0.6, 0.7, 0.2]}


@pytest.fixture
def predictions(table):
    return table.assign(**PREDICTED)


def indexed(table):
    """An index in which every sentence is at the place of the first clip, and the others ever further away."""
    table = table.assign(start=np.nan, end=np.nan)
    vectors = np.zeros((len(table), 384), np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(np.arange(len(table)) / 4), np.sin(np.arange(len(table)) / 4)
    index = Index(table, vectors, vectors, Retriever(learner=None), {})
    index.search = lambda query, **options: index.near(vectors[0], **options)
    index.alike = lambda path, start, end, **options: index.near(vectors[-1], **options)
    return index


MAKERS = {
    "FramePlayer": lambda table: FramePlayer(table["path"][0]),
    "ClipExplorer": lambda table: ClipExplorer(table["path"][0], length=10, stride=5),
    "ConvolutionExplorer": lambda table: ConvolutionExplorer(table["path"][0]),
    "FeatureExplorer": lambda table: FeatureExplorer(table["path"][0]),
    "EmbeddingExplorer": lambda table: EmbeddingExplorer([[0, 0], [2, 0], [0, 1], [2, 1]], table),
    "PredictionExplorer": lambda table: PredictionExplorer(table.assign(**PREDICTED)),
    "SearchExplorer": lambda table: SearchExplorer(indexed(table), "something on the left"),
}
every_widget = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def pictures_of(widget):
    """The JPEGs that an explorer shows, in their order."""
    return [part for part in widget.status.parts if isinstance(part, bytes)]


def drawings_of(widget):
    return [part for part in widget.status.parts if isinstance(part, str)]


def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


@every_widget
def test_it_brings_a_picture_and_a_text_that_are_the_same_on_every_computer(make, table):
    widget = make(table)
    bundle = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == repr(make(table)).replace("\n", " ")
    assert not re.search(r"0x[0-9a-f]{6}|[/\\]", data["text/plain"]), data["text/plain"]
    content = base64.b64decode(data["image/png"])
    picture = Image.open(io.BytesIO(content))
    assert picture.width >= 400 and picture.height >= 60
    assert np.asarray(picture.convert("L")).std() > 10, "there is something to see"
    assert len(content) < 150_000, "a notebook of many pictures stays under 600 kB"
    widget.close()


@every_widget
def test_closing_it_leaves_no_part_open_and_no_frames_in_memory(make, table):
    made = []
    ipywidgets.Widget.on_widget_constructed(made.append)
    try:
        widget = make(table)
        for part in parts(widget):  # whatever is opened later is closed as well
            if isinstance(part, ipywidgets.Button):
                part.click()
    finally:
        ipywidgets.Widget.on_widget_constructed(None)
    film = getattr(widget, "_video", None)
    frames = weakref.ref(film.frames) if film is not None else None
    del film
    widget.close()
    assert len(made) > 1 and [type(part).__name__ for part in made if part.comm is not None] == []
    gc.collect()
    assert frames is None or frames() is None
    widget.close()  # twice does no harm


@every_widget
def test_every_control_has_a_name_and_every_kernel_picture_is_a_jpeg(make, table):
    widget = make(table)
    for part in parts(widget):
        if isinstance(part, (ipywidgets.IntSlider, ipywidgets.Dropdown, ipywidgets.Button)):
            assert part.description.strip(), part
    if hasattr(widget, "status"):
        pictures = pictures_of(widget)
        assert all(picture[:2] == b"\xff\xd8" for picture in pictures)
        assert len(widget.status.alts) == len(pictures) and all(widget.status.alts)
    widget.close()


def test_clips_are_those_that_split_clips_cuts():
    frames = moving_square(45)
    explorer = ClipExplorer(frames, length=12, stride=7)
    for pad in (None, "repeat"):
        explorer.pad.value = pad or "drop"
        clips, firsts = split_clips(frames, length=12, stride=7, pad=pad)
        assert explorer.windows.firsts.tolist() == firsts.tolist()
        assert explorer.clip.max == len(clips) - 1
    assert "repeated" not in explorer.message
    explorer.clip.value = explorer.clip.max
    assert "repeated" in explorer.message


def test_coverage_counts_the_clips_that_each_frame_is_in():
    found = windows(10, 4, 3, None)
    counted = [sum(first <= frame < first + 4 for first in found.firsts) for frame in range(10)]
    assert found.coverage.tolist() == counted
    assert windows(10, 4, 5, None).coverage.tolist() == [1, 1, 1, 1, 0, 1, 1, 1, 1, 0]


def test_a_longer_stride_shows_other_frames_and_says_what_is_left_out():
    explorer = ClipExplorer(moving_square(30), length=8, stride=8)
    before, drawing = pictures_of(explorer), drawings_of(explorer)[0]
    explorer.clip.value = 2
    assert pictures_of(explorer) != before
    explorer.stride.value = 11
    assert drawings_of(explorer)[0] != drawing
    assert "frames are in no clip" in explorer.message and "no overlap" in explorer.message


def test_a_video_shorter_than_a_clip_is_told_and_padding_helps():
    found = windows(5, 8, 4, None)
    assert len(found.firsts) == 0 and found.coverage.sum() == 0
    assert len(windows(5, 8, 4, "repeat").firsts) == 1


@pytest.mark.parametrize("view", [color_view, hog_view, sift_view, flow_view])
def test_a_view_is_a_function_of_the_frame_and_changes_no_frame(view):
    frames = moving_square(8)
    kept = frames.copy()
    one, again, other = view(frames, 1), view(frames, 1), view(frames, 6)
    assert np.array_equal(one.picture, again.picture) and not np.array_equal(one.picture, other.picture)
    assert np.array_equal(frames, kept)
    assert one.picture.dtype == np.uint8 and one.picture.shape[1] <= 820 and "numbers" in one.dimensions


@pytest.mark.parametrize("view", [color_view, hog_view, sift_view, flow_view])
def test_a_flat_frame_is_no_error_and_the_chart_is_as_wide_as_the_picture(view):
    for frames in (np.full((4, 96, 96, 3), 90, np.uint8), moving_square(4, height=96, width=96)):
        shown = view(frames, 0)
        assert shown.chart.width == shown.picture.shape[1]
    assert sift_view(np.full((1, 96, 96, 3), 90, np.uint8), 0).sentence.startswith("No keypoints")


def test_dimensions_are_those_of_the_features():
    frames = moving_square(4)
    assert color_view(frames, 0, hue=6, saturation=3, value=2).dimensions.startswith("36 ")
    assert hog_view(frames, 0, side=64).dimensions.startswith("1764 ")  # the number of HOG()
    assert flow_view(frames, 0, grid=3).dimensions.startswith(f"{3 * 3 * 9} ")


def test_flow_sees_the_square_go_to_the_right():
    chart = flow_view(moving_square(8, step=4), 2, distance=1).chart
    heights = [-np.ptp(stroke[1][:, 1]) for stroke in chart.strokes if stroke[0] == "polygon"]
    assert np.argmin(heights) == 0, "the first bar is the one of →"


def test_the_flow_of_the_last_frame_tells_which_two_frames_it_is_of():
    frames = moving_square(8)
    last = flow_view(frames, 7, distance=3)
    assert np.array_equal(last.picture, flow_view(frames, 4, distance=3).picture) and last.sentence.startswith("from frame 4 to 7, ")


def test_each_feature_brings_its_own_controls_and_they_count():
    explorer = FeatureExplorer(moving_square(10), feature="Colour histogram")
    assert list(explorer.options) == ["side", "hue", "saturation", "value"]
    before = pictures_of(explorer)
    explorer.options["hue"].value = 2
    assert pictures_of(explorer) != before and "32 numbers" in explorer.message
    explorer.feature.value = "SIFT"
    explorer.options["keypoints"].value = 5
    assert re.search(r"[1-6] × 128 numbers", explorer.message)
    assert set(explorer.options.values()) == set(explorer._panel.children)


def test_what_cannot_be_seen_is_a_sentence_in_the_status_line_and_the_next_choice_works():
    explorer = FeatureExplorer(moving_square(1))
    explorer.feature.value = "Optical flow"
    assert explorer.status.failed and "at least two frames" in explorer.message
    assert explorer._repr_mimebundle_()["image/png"]
    explorer.feature.value = "HOG"
    assert not explorer.status.failed


def test_a_block_larger_than_the_picture_is_told_with_its_size():
    explorer = FeatureExplorer(moving_square(3))
    explorer.options["cell"].value = 32
    explorer.options["block"].value = 4
    assert explorer.status.failed and "block" in explorer.message and "Traceback" not in explorer.message


def test_an_error_that_nobody_wrote_for_people_is_still_one_sentence(monkeypatch):
    explorer = ClipExplorer(moving_square(10))
    monkeypatch.setattr(explorer, "draw", lambda: {}["x"])
    explorer.refresh()
    assert explorer.status.failed and explorer.message == "This could not be shown (KeyError: 'x')."


def test_unknown_names_list_the_known_ones(predictions):
    with pytest.raises(ValueError, match="Optical flow"):
        FeatureExplorer(moving_square(3), feature="flow")
    with pytest.raises(ValueError, match="mistakes"):
        PredictionExplorer(predictions, show="errors")


def test_an_unknown_padding_is_refused_with_the_choices():
    with pytest.raises(ValueError, match="pad must be None .* or \"repeat\" .*got 'zeros'"):
        ClipExplorer(moving_square(10), pad="zeros")


@pytest.mark.parametrize("shape, dtype", [((3, 4, 4), np.uint8), ((0, 4, 4, 3), np.uint8), ((2, 4, 4, 3), np.float32)])
def test_frames_of_another_kind_are_refused_in_one_sentence(shape, dtype):
    wrong = np.zeros(shape, dtype)
    for widget in (FramePlayer, ClipExplorer, FeatureExplorer):
        with pytest.raises(ValueError, match="uint8 RGB") as error:
            widget(wrong)
        assert "\n" not in str(error.value)


def test_one_frame_outside_all_clips_is_told_in_the_singular():
    explorer = ClipExplorer(np.zeros((17, 8, 8, 3), np.uint8))
    assert "1 frame is in no clip" in explorer.message and "1 clip of 16" in repr(explorer)


def test_choosing_a_point_loads_its_video(table):
    explorer = EmbeddingExplorer([[0, 0], [2, 0], [0, 1], [2, 1]], table)
    assert explorer.player.name == "clip 0.mp4" and len(explorer.player.times) == 16
    assert not explorer.player.playing, "nothing moves before the reader does something"
    first = explorer.message
    explorer.map.value = 2
    assert explorer.player.playing and explorer.message != first and "right" in explorer.message
    explorer.map.value = 99
    assert explorer.map.value == 3


def test_a_search_shows_filmstrips_and_plays_what_is_chosen(table):
    explorer = SearchExplorer(indexed(table), top=3)
    assert "press Enter" in explorer.message and not explorer.status.parts and explorer.like.disabled
    explorer.query.value = "something"
    assert len(pictures_of(explorer)) == 3 and explorer.player.name == "clip 0.mp4" and not explorer.player.playing
    explorer.result.value = 3
    assert explorer.player.name == "clip 2.mp4" and explorer.player.playing and "Result 3 of 3" in explorer.message
    explorer.like.click()
    assert explorer.player.name == "clip 3.mp4" and explorer.result.value == 1 and "frame at" in explorer.message
    explorer.top.value = 1
    assert len(explorer.hits) == 1 and explorer.player.name == "clip 0.mp4"


def test_what_is_alike_is_searched_by_the_frame_on_screen(table):
    index, asked = indexed(table), []
    index.alike = lambda path, start, end, **options: asked.append(start) or index.near(index.vectors[-1], **options)
    explorer = SearchExplorer(index, "something")
    times = explorer.player.times
    for time, on_screen in ((0.9 * times[8] + 0.1 * times[7], times[7]), (explorer.player.finish, times[-1])):
        explorer.player.time = time
        explorer.like.click()
        assert asked.pop() == on_screen and f"the frame at {on_screen:.2f} s" in explorer.message
        explorer.top.value -= 1  # which searches for the sentence again


def test_a_result_whose_file_is_gone_is_told_and_the_others_are_shown(table):
    gone = table.copy()
    gone.loc[0, "path"] = "gone.mp4"
    explorer = SearchExplorer(indexed(gone), "something", top=3)
    assert len(pictures_of(explorer)) == 2 and explorer.player.name == "gone.mp4"
    assert "3 results for “something”" in explorer.message and "no such file" in explorer.message
    explorer.result.value = 2
    assert explorer.player.name == "clip 1.mp4" and not explorer.status.failed
    explorer.result.value = 1
    assert explorer.player.name == "gone.mp4" and explorer.status.failed
    explorer.top.value = 1
    assert "1 result for “something”" in explorer.message
    points = EmbeddingExplorer([[0, 0], [2, 0], [0, 1], [2, 1]], gone.iloc[[1, 0, 2, 3]])
    points.map.value = 1
    assert points.player.name == "gone.mp4" and "no such file" in points.message


def test_a_sentence_may_be_longer_than_the_name_of_a_file(table):
    sentence = "a person runs to the left and then " * 9
    explorer = SearchExplorer(indexed(table), sentence)
    assert not explorer.status.failed and f"4 results for “{sentence}”" in explorer.message


def test_without_results_nothing_can_be_chosen(table):
    index = indexed(table)
    explorer = SearchExplorer(index, "something", top=3)
    explorer.query.value = ""
    assert explorer.result.max == 1 and explorer.like.disabled and explorer.player.name == "frames" and not len(explorer.hits)
    explorer.query.value = "something"
    index.alike = lambda *_, **__: explorer.hits.iloc[:0]
    explorer.like.click()
    assert explorer.message.startswith("No results for the frame at") and not pictures_of(explorer)


def test_a_search_that_fails_is_told_and_the_next_one_works(table):
    index = indexed(table)
    search, index.search = index.search, lambda query, **options: check_english(query)
    explorer = SearchExplorer(index, "一个人")
    assert explorer.status.failed and "reads English" in explorer.message
    index.search = search
    explorer.query.value = "a person"
    assert not explorer.status.failed and len(explorer.hits) == 4
    with pytest.raises(ValueError, match="nothing to search"):
        SearchExplorer(Index(table.iloc[:0], *[np.zeros((0, 384), np.float32)] * 2, Retriever(learner=None), {}))


def test_a_video_that_is_gone_is_told_and_the_others_still_play(table, tmp_path):
    gone = write_video(tmp_path / "gone.mp4", moving_square(5), fps=25)
    both = pd.DataFrame({"path": [table["path"][0], str(gone)], "label": ["a", "b"]})
    os.remove(gone)
    explorer = EmbeddingExplorer(np.eye(2), both)
    explorer.map.value = 1
    assert explorer.status.failed and "gone.mp4" in explorer.message
    explorer.map.value = 0
    assert not explorer.status.failed


def test_points_keep_their_proportions_and_their_side():
    spots = place(np.array([[0.0, 0.0], [10.0, 1.0], [5.0, 5.0]]))
    lengths = np.linalg.norm(spots - spots[0], axis=1)
    assert lengths[1] / lengths[2] == pytest.approx(np.hypot(10, 1) / np.hypot(5, 5))
    assert spots[1, 0] > spots[0, 0] and spots[2, 1] < spots[0, 1], "right is right, and up is up"
    assert np.isfinite(place(np.zeros((3, 2)))).all(), "points on one spot are no division by zero"


def test_classes_differ_by_shape_as_well_as_colour():
    drawing = scatter(np.zeros((3, 2)), ["a", "b", "c"])
    markers = [(len(stroke[1]), stroke[2]) for stroke in drawing.strokes[1:]]
    assert len({corners for corners, _ in markers}) == 3 and len({color for _, color in markers}) == 3


def test_points_that_do_not_fit_the_table_are_refused(table):
    with pytest.raises(ValueError, match=r"\(4, 2\)"):
        EmbeddingExplorer(np.zeros((3, 2)), table)
    with pytest.raises(ValueError, match="3 labels for 4 rows"):
        EmbeddingExplorer(np.zeros((4, 2)), table, labels=["a", "b", "c"])


def test_mistakes_come_first_and_the_surest_before_the_rest(predictions):
    explorer = PredictionExplorer(predictions)
    shown = []
    for k in range(1, explorer.item.max + 1):
        explorer.item.value = k
        shown.append(explorer.row["path"])
    assert shown == [predictions["path"][3], predictions["path"][1]]
    explorer.show.value = "all"
    assert explorer.item.max == 4


def test_the_order_holds_every_row_once():
    noise = np.random.default_rng(0)
    labels, predicted, sure = noise.integers(0, 3, 50), noise.integers(0, 3, 50), noise.random(50)
    order = ordered(labels, predicted, sure, "all")
    assert sorted(order) == list(range(50))
    wrong = (labels != predicted)[order]
    assert (np.diff(wrong.astype(int)) <= 0).all()
    assert (np.diff(sure[order][wrong]) <= 0).all() and (np.diff(sure[order][~wrong]) >= 0).all()


def test_the_true_class_is_among_the_bars_however_unlikely():
    shares = {f"class {k:02d}": (40 - k) / 820 for k in range(40)}
    told = [stroke[3] for stroke in probability_bars(shares, "class 39", "class 00", width=800).strokes if stroke[0] == "words"]
    assert "class 39" in told and any("true" in words for words in told) and any("predicted" in words for words in told)


def test_no_mistakes_is_good_news_not_an_error(predictions):
    explorer = PredictionExplorer(predictions.assign(predicted=predictions["label"]))
    assert explorer.row is None and "right" in explorer.message and not explorer.status.failed
    assert explorer.play.disabled and explorer._repr_mimebundle_()["image/png"]
    explorer.show.value = "right"
    assert explorer.row is not None and not explorer.play.disabled


def test_the_player_of_a_prediction_goes_when_another_is_chosen(predictions):
    explorer = PredictionExplorer(predictions)
    told = explorer.message
    explorer.play.click()
    (player,) = explorer._stage.children
    assert player.sound and player.playing and player.name == "clip 3.mp4"
    assert explorer.message == told and told.startswith("1 of 2: ")
    explorer.item.value = 2
    assert explorer._stage.children == () and player.comm is None


def test_whatever_one_move_changes_goes_to_the_page_as_one_message(predictions):
    frames = moving_square(40)
    moves = {"clip": ClipExplorer(frames, length=8, stride=4), "frame": FeatureExplorer(frames),
             "item": PredictionExplorer(predictions)}
    for control, explorer in moves.items():
        sent = []
        explorer.status._send = lambda message, buffers=None: sent.append(message)
        getattr(explorer, control).set_state({"value": 2})  # as the page does
        assert [message["method"] for message in sent] == ["update"], control
        assert {"parts", "text"} <= set(sent[0]["state"])


def test_the_film_of_a_point_lasts_as_long_as_the_video(table):
    pieces = table.assign(start=[0.0, 0.2, 0.0, 0.0], end=[1.0, 0.6, 1.0, 1.0])
    explorer = EmbeddingExplorer(np.eye(4)[:, :2], pieces)
    assert (explorer.player.begin, explorer.player.finish) == (0.0, 1.0)
    explorer.map.value = 1
    assert (explorer.player.begin, explorer.player.finish) == (0.2, 0.6)
    assert "16 frames, spread evenly" in explorer.player.note


def test_a_board_offers_all_its_methods(table):
    class TwoMethods:  # what a Board has, by hand: the real one needs minutes of training
        best = "good"
        frame = pd.DataFrame({"name": ["good", "bad"]})

        def predictions(self, name):
            predicted = table["label"] if name == "good" else table["label"][::-1].to_numpy()
            return table.assign(predicted=predicted, confidence=0.8)

        def probabilities(self, name):
            return pd.DataFrame({"left": [0.8] * 4, "right": [0.2] * 4}, index=table.index)

    explorer = PredictionExplorer(TwoMethods())
    assert explorer.row is None, "its best method makes no mistakes"
    explorer.method.value = "bad"
    assert explorer.item.max == 4 and "bad" in repr(explorer)
    with pytest.raises(ValueError, match="good, bad"):
        PredictionExplorer(TwoMethods(), method="best of all")


@pytest.mark.parametrize("column", ["label", "predicted"])
def test_predictions_without_a_column_name_it(predictions, column):
    with pytest.raises(ValueError, match=column):
        PredictionExplorer(predictions.drop(columns=column))


@pytest.mark.parametrize("column", ["group", "split", "path", "take"])
def test_a_class_named_like_another_column_is_told_how_to_name_its_probabilities(predictions, column):
    named = predictions.assign(take="x", **{"group": "ada"} if column == "group" else {"split": "test"})
    named[["label", "predicted"]] = named[["label", "predicted"]].replace("left", column)
    with pytest.raises(ValueError, match=f"such as probability_{column}"):
        PredictionExplorer(named)
    named = named.rename(columns={"left": f"probability_{column}", "right": "probability_right"})
    explorer = PredictionExplorer(named)
    assert explorer.row["confidence"] == 0.8 and explorer.row["probabilities"] == {column: 0.8, "right": 0.2}


def test_a_feature_of_ones_own_is_one_more_entry(monkeypatch):
    mine = FeatureView(lambda frames, index, *, bins: color_view(frames, index, hue=bins),
                       {"bins": partial(slider, "Bins", 3, 1, 9)})
    monkeypatch.setitem(VIEWS, "mine", mine)
    explorer = FeatureExplorer(moving_square(3), feature="mine")
    assert explorer.options["bins"].description == "Bins" and "48 numbers" in explorer.message


def test_what_the_page_shows_is_what_is_drawn_for_paper(predictions):
    explorer = PredictionExplorer(predictions)
    image, times, chart, sentence = explorer.static()
    assert np.array_equal(jpeg(image, quality=85), explorer.status.parts[0]) and times.svg() == explorer.status.parts[1]
    assert chart.svg() == explorer.status.parts[2] and sentence == explorer.status.text


def test_words_from_a_table_cannot_become_markup():
    drawing = Sketch(100, 20, '"><script>')
    drawing.words(0, 10, "<script>alert(1)</script>")
    drawing.box(0, 0, 5, 5, tip="<img src=x onerror=alert(1)>")
    svg = drawing.svg()
    assert "<script>" not in svg and "<img" not in svg


# ---- what the reviews found ----

def test_another_choice_of_predictions_begins_with_its_first(predictions):
    explorer = PredictionExplorer(predictions, show="all")
    explorer.item.value = explorer.item.max
    explorer.show.value = "right"
    assert explorer.item.value == 1 and explorer.message.startswith("1 of ")


@pytest.mark.parametrize("shares, said", [([2.0, 0.5], "apply a softmax to logits"), ([-1.0, 0.5], "apply a softmax to logits")])
def test_probabilities_that_are_no_shares_are_refused(shares, said):
    table = pd.DataFrame({"path": ["a", "b"], "label": ["x", "y"], "predicted": ["x", "x"], "x": shares, "y": [0.1, 0.3]})
    with pytest.raises(ValueError, match=said):
        PredictionExplorer(table)


def test_rows_without_a_label_are_refused_and_not_counted_as_mistakes(predictions):
    for column in ("path", "label", "predicted"):
        some = predictions.astype({column: object})
        some.loc[1, column] = None
        with pytest.raises(ValueError, match="1 of 4 have not; leave those rows out with table.dropna"):
            PredictionExplorer(some)


def test_classes_may_be_named_by_numbers():
    table = pd.DataFrame({"path": ["a", "b"], "label": [0, 1], "predicted": [0, 0], 0: [0.9, 0.6], 1: [0.1, 0.4]})
    assert repr(PredictionExplorer(table)) == "PredictionExplorer(2 predictions, 1 wrong: b is 1, predicted 0 at 60 %)"


def test_a_probability_that_is_unknown_is_not_called_a_number():
    table = pd.DataFrame({"path": ["a", "b"], "label": ["x", "y"], "predicted": ["y", "x"], "x": [np.nan, 0.5], "y": [np.nan, 0.5]})
    explorer = PredictionExplorer(table, show="all")
    explorer.item.value = 2
    assert "nan" not in explorer.message and "nan" not in explorer.status.parts[-1]


def test_an_error_takes_the_picture_above_it_away():
    explorer = FeatureExplorer(np.zeros((2, 32, 32, 3), np.uint8), feature="HOG")
    assert explorer.status.parts
    explorer.options["side"].value, explorer.options["block"].value, explorer.options["cell"].value = 64, 4, 32
    assert explorer.status.failed and explorer.status.parts == [] and "numbers" not in repr(explorer)
    explorer.options["cell"].value = 8
    assert explorer.status.parts and not explorer.status.failed


def test_the_legend_of_clips_names_what_is_drawn_and_nothing_else():
    explorer = ClipExplorer(np.zeros((20, 8, 8, 3), np.uint8), length=8, stride=8)
    assert "in no clip" in explorer.status.parts[0] and "repeated</text>" not in explorer.status.parts[0]
    explorer.pad.value = "repeat"
    assert "stub at the end: the last frame, repeated</text>" in explorer.status.parts[0] and "pink" not in explorer.status.parts[0]


@pytest.mark.parametrize("make", [
    lambda: ClipExplorer(np.zeros((20, 8, 8, 3), np.uint8), length=0), lambda: ClipExplorer(np.zeros((20, 8, 8, 3), np.uint8), stride=2.5),
    lambda: FeatureExplorer(np.zeros((20, 48, 48, 3), np.uint8), frame=20), lambda: ConvolutionExplorer(np.zeros((20, 48, 48, 3), np.uint8), frame=-1),
])
def test_a_number_that_its_slider_has_not_is_refused(make):
    with pytest.raises(ValueError, match="must be a whole number from"):
        make()


@pytest.mark.parametrize("make", [FramePlayer, ClipExplorer, FeatureExplorer, ConvolutionExplorer])
@pytest.mark.parametrize("frames", [
    np.zeros((3, 48, 48, 3)), np.zeros((3, 48, 48, 3), int), np.zeros((48, 48, 3), np.uint8), np.zeros((3, 48, 48), np.uint8),
    np.zeros((0, 48, 48, 3), np.uint8), [["a"]], [[1], [1, 2]],
], ids=["floats", "whole numbers", "one frame", "grey", "none", "words", "ragged"])
def test_frames_of_another_kind_are_refused_by_every_widget_that_takes_frames(make, frames):
    with pytest.raises(ValueError, match="Frames must be uint8 RGB"):
        make(frames)


@pytest.mark.parametrize("make", [FramePlayer, ClipExplorer, FeatureExplorer, ConvolutionExplorer])
def test_a_list_of_frames_is_frames(make):
    assert make(list(np.zeros((3, 48, 48, 3), np.uint8)))._repr_mimebundle_()


@pytest.mark.parametrize("points", [[["a", "b"]], [[np.nan, 0]], [[0, 1], [1]], [0, 1]])
def test_points_that_are_no_numbers_are_refused(points):
    with pytest.raises(ValueError, match="Points must be finite numbers of shape"):
        EmbeddingExplorer(points, pd.DataFrame({"path": ["a.mp4"] * len(points)}))

"""Pictures show what they were given, in the same colours everywhere."""
import io
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.io import wavfile

from vmm_lab import plots
from vmm_lab.media import open_media, write_video
from vmm_lab.plots import png
from vmm_lab.plots.timeline import envelope
from vmm_lab.theatre import ACTIONS


def drawn(figure):
    """The figure as pixels: what cannot be drawn fails here."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def film(length, height=48, width=64):
    return np.linspace(0, 255, length).astype(np.uint8)[:, None, None, None] * np.ones((1, height, width, 3), np.uint8)


def test_an_action_has_the_same_color_whatever_else_is_shown():
    assert plots.class_colors(["walk", "clap"])["clap"] == plots.class_colors(ACTIONS)["clap"]
    assert len(set(plots.class_colors(ACTIONS).values())) == len(ACTIONS)


def test_a_class_has_the_same_marker_in_figures_and_on_the_map():
    from vmm_lab.widgets.charts import shape
    from vmm_lab.widgets.embedding import scatter

    for labels in (["walk", "clap"], [f"class {k:02d}" for k in range(20)]):
        looks = plots.class_looks(labels)
        assert len(set(looks.values())) == len(looks), "no two classes look the same"
        on_map = {label: stroke[1] for label, stroke in zip(labels, scatter(np.zeros((len(labels), 2)), labels).strokes[1:])}
        figure = plots.scatter(np.zeros((len(labels), 2)), labels)
        collections = figure.axes[0].collections  # of each class what is drawn, and then its entry in the legend
        for points, entry in zip(collections[::2], collections[1::2], strict=True):
            color, name = looks[entry.get_label()]
            assert np.allclose(on_map[entry.get_label()], shape(name, 0, 0, 6))
            for one in (points, entry):
                assert one.get_paths()[0].vertices.shape == drawn_marker(plots.MARKERS[name]) and same_color(one, color)
    assert plots.class_looks(["clap"])["clap"] == plots.class_looks(ACTIONS)["clap"]


def drawn_marker(marker):
    from matplotlib.markers import MarkerStyle

    return MarkerStyle(marker).get_path().vertices.shape


def same_color(points, color):
    from matplotlib.colors import to_rgb

    return np.allclose(points.get_facecolor()[0, :3], to_rgb(color))


def test_the_legend_lies_beside_the_points_not_over_them():
    points = np.random.default_rng(0).uniform(-1, 1, (200, 2))
    figure = plots.scatter(points, [f"class {k % 12:02d}" for k in range(200)])
    drawn(figure)
    axis, box = figure.axes[0], figure.axes[0].get_legend().get_window_extent()
    inside = [box.contains(*axis.transData.transform(point)) for point in points]
    assert not any(inside) and box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1


class LatePictures:
    """A media of four seconds whose pictures begin after two."""

    path, duration, size, has_video, has_audio = Path("late.mp4"), 4.0, (48, 64), True, False

    def sample(self, n, *, start, end, size):
        on_screen = (start + (np.arange(n) + 0.5) * (end - start) / n).round(2)
        return np.zeros((n, *size, 3), np.uint8), np.maximum(on_screen, 2.0)


def test_a_timeline_says_where_there_is_no_picture_yet():
    pictures = (figure := plots.timeline(LatePictures(), n=8)).axes[0]
    spans = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in pictures.patches]
    assert len(spans) == 4 and max(right for _, right in spans) <= 2.0, "a box in place of each picture before the first"
    assert len(pictures.images) == 4 and min(image.get_extent()[0] for image in pictures.images) >= 2.0
    assert [text.get_text() for text in pictures.texts] == ["no picture\nyet"] * 4
    drawn(figure)


def test_the_timeline_of_an_image_is_the_image_under_its_caption(tmp_path):
    """It raised "end is 0 s, which is not after the start at 0 s", whatever end was asked for."""
    Image.fromarray(np.full((48, 64, 3), (250, 10, 10), np.uint8)).save(tmp_path / "red.png")
    with open_media(tmp_path / "red.png") as media:
        for end in (None, 0.04):
            figure = plots.timeline(media, caption="all red", end=end)
            assert figure.axes[0].images[0].get_array()[5, 5].tolist() == [250, 10, 10]
            assert figure.alt == "the picture of red.png, with the words: all red" and figure.get_suptitle() == "“all red”"
            drawn(figure)
        assert plots.timeline(media, caption=float("nan")).get_suptitle() == "", "an empty cell of a table is no caption"


def test_a_timeline_ends_with_its_media_and_writes_dollars_as_dollars(tmp_path):
    """Frames of two seconds were spread over all the time that was asked for; "$5 … $10" was set as a formula."""
    write_video(tmp_path / "two.mp4", film(50), fps=25)
    with open_media(tmp_path / "two.mp4") as media:
        figure = plots.timeline(media, caption="it costs $x_$", end=100.0, n=4)
    assert max(image.get_extent()[1] for image in figure.axes[0].images) <= 2.0
    drawn(figure)


class LongSound:
    """Two hours of sound that is loud, with a single click of a sample, only in its second half; it counts what is read."""

    path, duration, has_video, has_audio, longest, read = Path("long.mp3"), 7200.0, False, True, 0, 0

    def audio(self, *, sample_rate, start=0.0, end=None):
        length = round(((self.duration if end is None else end) - start) * sample_rate)
        self.longest, self.read = max(self.longest, length), self.read + length
        wave = np.zeros(length, np.float32)
        if start <= 5400 < (end or self.duration):
            wave[round((5400 - start) * sample_rate)] = 0.8
        return wave


def test_a_sound_of_two_hours_is_drawn_block_by_block_and_shows_its_loudest_sample():
    media = LongSound()
    figure = plots.timeline(media)
    assert media.longest * 4 <= 50e6 and media.read <= 1.01 * 7200 * 16_000, "bytes in memory at a time; all is read once"
    outline = figure.axes[1].collections[0].get_paths()[0].vertices
    assert len(outline) < 10_000 and outline[outline[:, 1].argmax()] == pytest.approx((5400, 0.8), abs=10)
    drawn(figure)


def test_a_long_sounds_outline_is_that_of_its_samples(tmp_path):
    wave = (np.random.default_rng(0).uniform(-1, 1, 30 * 16_000) * np.linspace(0, 0.9, 30 * 16_000)).astype(np.float32)
    wavfile.write(tmp_path / "louder.wav", 16_000, wave)
    with open_media(tmp_path / "louder.wav") as media:
        low, high = envelope(media, 0.0, 30.0, columns=30)
        brief = envelope(media, 29.0, 29.01)
    assert np.allclose(brief.sum(axis=0), wave[29 * 16_000 :][:160], atol=1e-3), "of a hundredth of a second each sample is drawn"
    seconds = wave.reshape(30, -1)
    assert np.allclose(high, seconds.max(axis=1), atol=1e-3) and np.allclose(low, seconds.min(axis=1), atol=1e-3)


@pytest.mark.parametrize("click", [0.3, 0.5, 1.0, 1.7])
def test_a_click_is_drawn_at_its_time(tmp_path, click):
    wave = np.zeros(32_000, np.float32)
    wave[round(click * 16_000)] = 0.9
    path = tmp_path / "click.wav"
    wavfile.write(path, 16_000, wave)
    with open_media(path) as media:
        _, high = envelope(media, 0.0, 2.0, columns=1200)
    assert high.argmax() * 2 / 1200 == pytest.approx(click, abs=2 / 1200)


@pytest.mark.parametrize("start", [2.0, 3.0])
def test_a_timeline_behind_the_end_of_a_sound_is_refused(tmp_path, start):
    """It was divided by the length of what is left, 0 s."""
    wavfile.write(tmp_path / "two.wav", 16_000, np.zeros(32_000, np.int16))
    with open_media(tmp_path / "two.wav") as media, pytest.raises(ValueError, match="not after the start"):
        plots.timeline(media, start=start)


def test_a_small_place_keeps_its_colors_in_a_picture_with_few():
    """A key of all hues in the corner of a picture that has other colours."""
    noise = np.random.default_rng(0)
    frame = cv2.GaussianBlur(noise.integers(0, 255, (300, 400, 3), dtype=np.uint8), (0, 0), 9)
    key = np.zeros((24, 180, 3), np.uint8)
    key[...] = np.stack([np.arange(180), np.full(180, 255), np.full(180, 255)], -1)
    frame[:24, :180] = cv2.cvtColor(key, cv2.COLOR_HSV2RGB)
    frame[-40:] = 255
    kept = np.asarray(Image.open(io.BytesIO(png(frame))).convert("RGB")).astype(int)
    assert np.abs(kept - frame)[:24, :180].max() < 50, "median cut alone is off by more than 100"
    assert (kept[-40:] == 255).all(), "paper stays white"


def test_a_filmstrip_shows_the_first_and_the_last_frame_with_their_times():
    figure = plots.filmstrip(film(30), times=np.arange(30) / 10, n=5)
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels[0] == "0.00 s" and labels[-1] == "2.90 s" and len(labels) == 5
    drawn(figure)


def test_strips_of_unequal_length_stand_below_each_other_under_their_names():
    figure = plots.filmstrip({"long": film(8), "short": film(2)})
    assert [a.get_ylabel() for a in figure.axes if a.get_ylabel()] == ["long", "short"]
    drawn(figure)
    drawn(numbered := plots.filmstrip({1: film(8), 2: film(2)}, times={1: np.arange(8)}))
    assert [[label.get_text() for label in axis.get_xticklabels()] != [] for axis in numbered.axes] == [True, False]


@pytest.mark.parametrize("frames", [np.zeros((0, 4, 4, 3), np.uint8), np.zeros((4, 4, 3), np.uint8)])
def test_a_filmstrip_of_nothing_says_what_it_wants(frames):
    with pytest.raises(ValueError, match="T, H, W, 3"):
        plots.filmstrip(frames)


def test_scores_confusion_points_and_galleries_are_drawn():
    rows = pd.DataFrame({"name": ["HOG", "Chance"], "modality": ["image", "none"], "accuracy": [0.8, 0.25],
                         "accuracy_low": [0.7, 0.2], "accuracy_high": [0.9, 0.3]})
    assert [t.get_text() for t in plots.score_bars(rows).axes[0].get_yticklabels()] == ["Chance", "HOG"]
    counts = pd.DataFrame([[3, 1], [0, 4]], index=["no", "yes"], columns=["no", "yes"])
    assert sorted(t.get_text() for t in plots.confusion(counts).axes[0].texts) == ["1", "3", "4"]
    figure = plots.scatter(np.random.default_rng(0).normal(size=(6, 2)), list("aabbcc"))
    assert [t.get_text() for t in figure.axes[0].get_legend().get_texts()] == ["a", "b", "c"]
    axis = plots.Picture("the same points", figsize=(2, 2)).subplots()
    plots.draw_points(axis, np.zeros((3, 2)), list("abc"))
    assert [c.get_facecolor().tolist() for c in axis.collections] == [c.get_facecolor().tolist() for c in figure.axes[0].collections]
    for each in (figure, plots.gallery({"one": film(1)[0], "two": np.eye(8)}), plots.score_bars(rows), plots.confusion(counts)):
        assert drawn(each).std() > 0


def test_a_vertical_edge_is_drawn_upright():
    from vmm_lab.features import hog

    frame = np.zeros((64, 64, 3), np.uint8)
    frame[:, 32:] = 255
    marked = plots.draw_hog(frame, hog(frame), scale=4)[..., 0] > 150  # orange; the dimmed frame reaches 85
    lines = np.argwhere(marked)
    assert len(lines) and np.ptp(lines[:, 0]) > 3 * np.ptp(lines[:, 1])


def test_flow_to_the_right_is_red_and_stillness_is_black():
    field = np.zeros((8, 8, 2), np.float32)
    field[:, 4:, 0] = 2
    picture = plots.flow_colors(field)
    assert (picture[:, 4:] == (255, 0, 0)).all() and not picture[:, :4].any()
    arrows = plots.draw_arrows(np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 2), (4.0, 0.0), np.float32))
    assert (arrows == (255, 170, 0)).all(-1).any()


def test_keypoints_and_matches_are_drawn_where_they_are():
    frame = np.zeros((32, 32, 3), np.uint8)
    points = np.array([[16, 16, 10, 0]], np.float32)
    circle = np.argwhere(plots.draw_keypoints(frame, points)[..., 0] > 100)
    assert np.abs(np.hypot(*(circle - 16).T) - 5).min() < 1
    both = plots.draw_matches(frame, points, frame, points, np.array([[0, 0]]))
    assert both.shape == (32, 72, 3) and both[16, 20].any() and plots.draw_matches(frame, points, frame, points, []).shape == both.shape


def test_axes_give_one_axis_or_an_array_with_labels_and_without_lines_above():
    figure, axis = plots.axes("a line", xlabel="time (s)", ylabel="level", title="One")
    assert figure.alt == "a line" and (axis.get_xlabel(), axis.get_ylabel(), axis.get_title()) == ("time (s)", "level", "One")
    assert not axis.spines["top"].get_visible() and not axis.spines["right"].get_visible()
    figure, grid = plots.axes("six", rows=2, columns=3, height=4, xlabel="x", ylabel="y", sharey=True)
    assert grid.shape == (2, 3) and tuple(figure.get_size_inches()) == (10, 4)
    assert [axis.get_xlabel() for axis in grid.flat] == [""] * 3 + ["x"] * 3 and [axis.get_ylabel() for axis in grid[:, 0]] == ["y", "y"]
    assert plots.axes("two", columns=2)[1].shape == (2,)


def test_labelled_artists_get_one_frameless_legend_when_the_figure_is_drawn():
    figure, axis = plots.axes("two lines")
    for name in ("train", "val"):
        axis.plot([0, 1], label=name)
    drawn(figure), drawn(figure)
    legend = axis.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["train", "val"] and not legend.get_frame_on() and not figure.legends
    figure, axis = plots.axes("no labels")
    axis.plot([0, 1])
    drawn(figure)
    assert axis.get_legend() is None
    figure, axis = plots.axes("a legend of its own")
    axis.plot([0, 1], label="train")
    mine = axis.legend(loc="lower right")
    drawn(figure)
    assert axis.get_legend() is mine
    figure, grid = plots.axes("the same three times", columns=3)
    for each in grid:
        each.plot([0, 1], label="train")
    drawn(figure)
    assert len(figure.legends) == 1 and all(each.get_legend() is None for each in grid), "one legend serves all three"


def test_a_long_legend_stands_beside_what_is_drawn():
    figure, axis = plots.axes("nine lines")
    for k in range(9):
        axis.plot([0, 1], [0, k], label=f"line {k}")
    drawn(figure)
    assert len(figure.legends) == 1 and figure.legends[0].get_window_extent().x0 >= axis.get_window_extent().x1


def test_frames_stand_side_by_side_in_the_order_of_time():
    strip = plots.frames_image(film(30), n=4, height=24, gap=2)
    assert strip.shape == (24, 4 * 32 + 3 * 2, 3) and strip.dtype == np.uint8
    assert strip[0, ::34, 0].tolist() == film(30)[[0, 10, 19, 29], 0, 0, 0].tolist() and (strip[:, 32:34] == 255).all()
    assert plots.frames_image(film(3)).shape == (112, 3 * 149 + 2 * 3, 3)
    with pytest.raises(ValueError, match="T, H, W, 3"):
        plots.frames_image(np.zeros((0, 4, 4, 3), np.uint8))


def test_a_spectrogram_has_low_bands_below_time_to_the_right_and_the_loudest_lightest():
    decibels = np.full((50, 40), -100.0)
    decibels[40:, 2] = 0.0
    picture = plots.spectrogram_image(decibels, height=80, width=100).astype(int).sum(-1)
    assert picture.shape == (80, 100)
    down, right = np.argwhere(picture == picture.max()).mean(axis=0)
    assert down > 70 and right > 80 and picture[0, 0] < 20
    half = plots.spectrogram_image(decibels - 40, height=80, width=100, bounds=(-80, 0)).astype(int).sum(-1)
    assert half.min() == picture.min() and half.max() < picture.max(), "bounds are kept from picture to picture"
    assert plots.spectrogram_image(np.zeros((5, 4))).sum() == plots.spectrogram_image(np.full((5, 4), -90.0)).sum() < 3 * 5 * 112 * 10, "silence is dark"
    with pytest.raises(ValueError, match="bands"):
        plots.spectrogram_image(np.zeros((0, 4)))


def test_bars_of_one_name_all_stand_and_of_none_there_are_none():
    twice = pd.DataFrame({"name": ["HOG", "HOG"], "modality": ["image", "image"], "accuracy": [0.8, 0.25],
                          "accuracy_low": [0.7, 0.2], "accuracy_high": [0.9, 0.3]})
    assert [bar.get_width() for bar in plots.score_bars(twice).axes[0].patches[:2]] == [0.8, 0.25]
    assert len(plots.bars(pd.Series([0.5, 0.7], index=["a", "a"]), alt="two").axes[0].patches) == 2
    drawn(plots.bars({}, alt="no bars"))


def test_frames_of_whole_numbers_are_levels_and_of_floats_shares():
    """Whole numbers of any other type than uint8 were all white."""
    levels = film(3)
    for kind in (np.uint16, np.int64):
        np.testing.assert_array_equal(plots.frames_image(levels.astype(kind)), plots.frames_image(levels))
    np.testing.assert_array_equal(plots.frames_image(levels / 255), plots.frames_image(levels))


def test_bars_stand_in_order_from_above_with_their_texts_and_intervals():
    figure = plots.bars({"walk": 0.7, "clap": -0.2}, alt="two", xlabel="share", texts=["+0.70", "missing"], errors=[[0.1, 0.1], [0.2, 0.1]])
    axis = figure.axes[0]
    drawn(figure)
    heights = {text.get_text(): place for text, place in zip(axis.get_yticklabels(), axis.get_yticks())}
    assert heights["walk"] > heights["clap"] and [text.get_text() for text in axis.texts] == ["+0.70", "missing"]
    assert repr(plots.bars(pd.Series({"a": 1.0}), alt="one bar")) == "<Picture: one bar>"


def shown_on(page, picture):
    """Return the picture as a page of this colour shows it, float (H, W, 3) from 0 to 1, and its alpha (H, W)."""
    rgba = np.asarray(Image.open(io.BytesIO(picture.png())).convert("RGBA")) / 255
    return rgba[..., :3] * rgba[..., 3:] + np.array(page) / 255 * (1 - rgba[..., 3:]), rgba[..., 3]


def ticks_out_of_sight(axis):
    """The labels that matplotlib keeps for ticks beyond the ends of an axis, and does not draw."""
    for one in (axis.xaxis, axis.yaxis):
        low, high = sorted(one.get_view_interval())
        yield from (tick.label1 for tick in one.get_major_ticks() if not low - 1e-9 <= tick.get_loc() <= high + 1e-9)


def luminance(colors):
    return np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)


def every_kind():
    """One figure of each kind, with whatever matplotlib draws in black by default."""
    board = pd.DataFrame({"name": ["HOG", "Chance"], "modality": ["image", "none"], "accuracy": [0.8, 0.25],
                          "accuracy_low": [0.7, 0.2], "accuracy_high": [0.9, 0.3]})
    figure, axis = plots.axes("lines and a note", xlabel="time (s)", ylabel="level", title="Lines")
    axis.plot([0, 1], "k--", label="a black line")
    axis.annotate("here", (0.5, 0.5), (0.2, 0.8), arrowprops={"arrowstyle": "->"})
    points = np.random.default_rng(0).normal(size=(40, 2))
    return {"axes": figure, "scores": plots.score_bars(board), "curves": plots.curves({"a": [0, 1], "b": [1, 0]}, xlabel="epoch"),
            "points": plots.scatter(points, [f"class {k % 16:02d}" for k in range(40)]), "bars": plots.bars({"a": 1.0}, alt="one", texts=["+1"]),
            "strip": plots.filmstrip({"one": film(3), "two": film(2)}, times=np.arange(3)),
            "map": plots.heatmap(np.eye(3), alt="a map", unit="weight")}


@pytest.mark.parametrize("page", [(255, 255, 255), (17, 17, 17)], ids=["light", "dark"])
@pytest.mark.parametrize("kind", every_kind())
def test_a_picture_is_legible_on_light_and_on_dark_pages(kind, page):
    figure = every_kind()[kind]
    picture, alpha = shown_on(page, figure)
    assert (alpha == 0).mean() > 0.02 or kind == "strip", "no white card"
    on_page = luminance(np.array(page) / 255)
    texts = [text for text in figure.findobj(lambda artist: hasattr(artist, "get_fontsize")) if text.get_visible() and text.get_text().strip()]
    outside = {label for axis in figure.axes for label in ticks_out_of_sight(axis)}
    assert len(texts) > len(outside)
    for text in set(texts) - outside:
        box, middle = text.get_window_extent(), text.axes
        if middle is not None and middle.images and middle.get_window_extent().contains(*box.get_points().mean(axis=0)):
            continue  # letters over a picture
        left, below, right, above = np.clip(box.extents, 0, (*alpha.shape[::-1], *alpha.shape[::-1])).round().astype(int)
        found = luminance(picture[len(picture) - above : len(picture) - below, left:right])
        contrast = (np.maximum(found, on_page) + 0.05) / (np.minimum(found, on_page) + 0.05)
        assert contrast.max() > 3.9, f"{text.get_text()!r}: {contrast.max():.1f}"


def test_colors_of_classes_stand_out_on_light_and_on_dark_pages():
    for color in plots.PALETTE:
        light = luminance(np.array([int(color[k : k + 2], 16) for k in (1, 3, 5)]) / 255)
        assert 1.05 / (light + 0.05) > 2.2 and (light + 0.05) / (luminance(np.full(3, 17 / 255)) + 0.05) > 3, color


def test_a_picture_fills_the_column_with_two_dots_for_each_pixel():
    figure, axis = plots.axes("a line")
    axis.plot([0, 1])
    data, metadata = figure._repr_mimebundle_()
    assert metadata["image/png"] == {"alt": "a line", "width": 1080}
    assert Image.open(io.BytesIO(data["image/png"])).width == 2 * 1080
    assert plots.axes("half", width=5)[0]._repr_mimebundle_()[1]["image/png"]["width"] == 540


def test_frames_that_would_make_a_heavy_file_have_a_dot_for_each_pixel_and_letters_keep_theirs():
    noise = np.random.default_rng(0).integers(0, 255, (8, 300, 400, 3), dtype=np.uint8)
    figure = plots.filmstrip({"noise": noise})
    picture = Image.open(io.BytesIO(figure.png()))
    assert picture.width == 2 * 1080, "letters are as fine as ever"
    dots = np.asarray(picture.convert("RGBA")).astype(int)
    box = figure.axes[0].images[3].get_window_extent()
    frame = dots[20:60, 2 * int(box.x0 / 2 + 1) : 2 * int(box.x1 / 2)]
    assert (frame[:, ::2] == frame[:, 1::2]).all() and (frame[::2] == frame[1::2]).all()
    word = dots[:100, : int(figure.axes[0].get_window_extent().x0) - 2]
    assert (word[::2] != word[1::2]).any()
    few = plots.filmstrip(np.full((8, 300, 400, 3), 90, np.uint8))
    assert len(few.png()) < 10_000


def test_no_label_is_cut():
    rows = {f"a method with a very long name indeed, number {k}": k / 10 for k in range(8)}
    many = plots.curves({f"a line with a name, {k}": [0, k] for k in range(16)}, xlabel="epoch")
    for figure in (plots.bars(rows, alt="bars", xlabel="share"), plots.heatmap(pd.DataFrame(np.eye(6)).rename("a quite long class {}".format).rename(columns="another long class {}".format), alt="map"), many):
        drawn(figure)
        boxes = [legend.get_window_extent() for legend in figure.legends] + [
            label.get_window_extent() for axis in figure.axes for label in {*axis.get_xticklabels(), *axis.get_yticklabels()} - {*ticks_out_of_sight(axis)}
            if label.get_text()]
        assert all(box.x0 >= -1 and box.y0 >= -1 and box.x1 <= figure.bbox.x1 + 1 and box.y1 <= figure.bbox.y1 + 1 for box in boxes)


def test_the_unit_at_a_color_bar_is_not_cut():
    wide = pd.DataFrame(np.eye(3, 16)).rename(columns="class {}".format)
    for figure in (plots.heatmap(wide, alt="map", unit="gate, 1 is open", bounds=(0, 1), width=9), plots.gallery({"a": np.eye(8)}, bounds=(0, 1), unit="share")):
        figure.png()
        unit = figure.axes[-1].yaxis.label.get_window_extent()
        assert unit.x1 <= figure.bbox.x1 and 0 <= unit.y0 < unit.y1 <= figure.bbox.y1


def test_a_color_bar_tells_the_unit_of_the_numbers():
    one = plots.gallery({"a": np.eye(4), "frame": film(1)[0]}, bounds=(0, 1), unit="pixels per frame")
    each = plots.gallery({"a": np.eye(4), "b": 5 * np.eye(4), "frame": film(1)[0]}, unit="pixels per frame")
    assert [axis.get_ylabel() for axis in one.axes].count("pixels per frame") == 1
    assert [axis.get_ylabel() for axis in each.axes].count("pixels per frame") == 2, "numbers of two scales have two bars"


def test_a_heat_map_writes_its_numbers_legibly_under_names_of_rows_and_columns():
    table = pd.DataFrame([[0.0, 1.0], [0.25, np.nan]], index=["r1", "r2"], columns=["c1", "c2"])
    axis = plots.heatmap(table, alt="two by two", texts=".2f").axes[0]
    assert [text.get_text() for text in axis.texts] == ["0.00", "1.00", "0.25"] and axis.texts[0].get_color() != axis.texts[1].get_color()
    assert [text.get_text() for text in axis.get_xticklabels()] == ["c1", "c2"] and [text.get_text() for text in axis.get_yticklabels()] == ["r1", "r2"]


def test_curves_are_drawn_over_x_or_the_index_of_a_table():
    axis = plots.curves(pd.DataFrame({"train": [3.0, 1.0], "val": [4.0, 2.0]}, index=[10, 20]), dashed=["val"], colors={"val": "#0000ff"}).axes[0]
    assert [line.get_xdata().tolist() for line in axis.lines] == [[10, 20]] * 2
    assert [line.get_linestyle() for line in axis.lines] == ["-", "--"] and axis.lines[1].get_color() == "#0000ff"
    assert plots.curves({"a": [1, 2]}, [5, 6]).axes[0].lines[0].get_xdata().tolist() == [5, 6]


def test_an_outsiders_modality_is_drawn_in_its_color():
    from vmm_lab import modalities

    modalities.register(modalities.Modality("depth", "#123456", "depth", lambda media, segment: True))
    try:
        rows = pd.DataFrame({"name": ["mine"], "modality": ["depth"], "accuracy": [0.8], "accuracy_low": [0.7], "accuracy_high": [0.9]})
        axis = plots.score_bars(rows).axes[0]
        assert axis.patches[0].get_facecolor() == pytest.approx((0x12 / 255, 0x34 / 255, 0x56 / 255, 1))
        assert [text.get_text() for text in axis.get_legend().get_texts()] == ["depth"]
    finally:
        del modalities.MODALITIES["depth"]


def test_images_become_bytes_and_addresses_that_a_page_can_show():
    image = np.full((16, 32, 3), (250, 10, 10), np.uint8)
    back = np.asarray(Image.open(io.BytesIO(plots.jpeg(image))).convert("RGB")).astype(int)
    assert back.shape == image.shape and np.abs(back - image).max() < 12, "red stays red"
    assert plots.data_uri(plots.jpeg(image), "image/jpeg").startswith("data:image/jpeg;base64,/9j/")
    assert plots.resized(image, 2).shape == plots.resized(image, (32, 64)).shape == (32, 64, 3)
    assert plots.fit_size((1080, 1920), 320) == (180, 320) and plots.fit_size((48, 64), 320) == (48, 64) and plots.fit_size((1, 4000), 100) == (1, 100)

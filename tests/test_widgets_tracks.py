"""TrackExplorer: what is drawn and said, where sliders lead, and what a threshold leaves out."""
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("ipywidgets")
from vmm_lab import plots, write_video
from vmm_lab.widgets import TrackExplorer
from vmm_lab.widgets.tracks import tracks_chart


def rows(identity, frames, *, score=0.9):
    return [(k, identity, 2.0 * k, 8.0, 10.0, 20.0, score) for k in frames]


@pytest.fixture
def tracks():
    sure = [*rows(1, range(30)), *rows(2, range(10, 50)), *rows(3, range(20, 24), score=0.4)]
    return pd.DataFrame(sure, columns=["frame", "id", "x", "y", "w", "h", "score"])


FRAMES = np.zeros((50, 60, 120, 3), np.uint8)


def test_the_slider_shows_the_boxes_of_its_frame(tracks):
    explorer = TrackExplorer(FRAMES, tracks)
    assert explorer.message == "Frame 0, 0.00 s: track 1. 3 of 3 tracks are left."
    explorer.frame.value = 22
    assert "tracks 1, 2, 3" in explorer.message
    explorer.frame.value = 45
    assert explorer.message.startswith("Frame 45, 1.80 s: track 2.")
    image = explorer._drawn[0]
    assert image.shape == (240, 480, 3)
    color = bytes.fromhex(plots.PALETTE[2 % len(plots.PALETTE)][1:])
    assert tuple(image[70, 360]) == tuple(color), "the left edge of the box, four times as large"


def test_choosing_a_track_goes_to_its_first_frame(tracks):
    explorer = TrackExplorer(FRAMES, tracks)
    explorer.track.value = 2
    assert explorer.frame.value == 10 and "track 2 at x 20, y 8, score 0.90" in explorer.message
    assert repr(explorer) == "TrackExplorer(frames, 3 tracks: frame 10)"
    explorer.track.value = 1
    assert explorer.frame.value == 0


def test_thresholds_leave_out_what_is_unsure_or_short(tracks):
    explorer = TrackExplorer(FRAMES, tracks)
    explorer.least.value = 50
    assert set(explorer.shown.id) == {1, 2} and "2 of 3 tracks are left" in explorer.message
    explorer.least.value, explorer.shortest.value = 0, 35
    assert set(explorer.shown.id) == {2}
    explorer.frame.value = 5
    assert "no track" in explorer.message


def test_the_drawing_has_a_row_for_each_track_and_says_what_it_is(tracks):
    sketch = tracks_chart(tracks, tracks[tracks.id != 3], 12, 50, 2)
    words = [stroke[3] for stroke in sketch.strokes if stroke[0] == "words"]
    assert words[:3] == ["1", "2", "3"]
    assert "track 2: frames 10 to 49" in sketch.svg()
    explorer = TrackExplorer(FRAMES, tracks, truth=tracks[tracks.id == 1])
    assert "When each of 3 tracks is there" in "".join(part for part in explorer._parts if isinstance(part, str))
    assert explorer.pixels().shape[1] == 820


def test_of_many_tracks_the_drawing_says_how_many_it_shows():
    many = pd.DataFrame([row for k in range(40) for row in rows(k + 1, range(5))], columns=["frame", "id", "x", "y", "w", "h", "score"])
    explorer = TrackExplorer(FRAMES, many)
    chart = explorer._drawn[1]
    assert chart.alt == "When each of the first 24 of 40 tracks is there"
    assert any(stroke[3] == "the first 24 of 40 tracks" for stroke in chart.strokes if stroke[0] == "words")


def test_a_film_from_a_file_and_no_tracks_at_all(tmp_path, tracks):
    path = write_video(tmp_path / "film.mp4", FRAMES, fps=25)
    explorer = TrackExplorer(path, tracks.iloc[:0])
    assert explorer.message == "Frame 0, 0.00 s: no track. 0 of 0 tracks are left."
    with pytest.raises(ValueError, match="tracks have no column w"):
        TrackExplorer(path, tracks.drop(columns="w"))


def test_frames_are_counted_as_the_film_has_them_where_the_tracks_do_not_say(tmp_path, tracks):
    explorer = TrackExplorer(write_video(tmp_path / "film.mp4", FRAMES, fps=50), tracks)
    assert explorer.frame.max == 49
    explorer.frame.value = 45
    assert explorer.message.startswith("Frame 45, 0.90 s: track 2.")


def test_frames_that_are_given_have_the_numbers_of_the_tracks_at_any_rate(tracks):
    tracks.attrs["fps"] = 50.0
    explorer = TrackExplorer(FRAMES, tracks)
    assert explorer.frame.max == 49
    explorer.frame.value = 45
    assert explorer.message.startswith("Frame 45, 0.90 s: track 2.")


def test_boxes_are_drawn_with_their_names_and_the_frame_stays_as_it_was():
    frame = np.zeros((60, 80, 3), np.uint8)
    drawn = plots.draw_boxes(frame, [[10, 30, 20, 20]], names=["7"], colors=["#ff0000"], thick=1)
    assert not frame.any() and tuple(drawn[49, 15]) == (255, 0, 0) and not drawn[40, 20].any()
    assert drawn[20:30, 10:20].any(), "the name above the box"
    assert np.array_equal(plots.draw_boxes(frame, np.zeros((0, 4))), frame)

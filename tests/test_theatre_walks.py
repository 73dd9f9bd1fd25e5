"""The theatre's walks: a still camera, people who cross, and a truth that says exactly who is where."""
from pathlib import Path

import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab import theatre
from vmm_lab.theatre import once
from vmm_lab.theatre.walks import SIZE, _plans, perform_walk


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walks é")
    return theatre.walks(2, people=[1, 3], folder=folder, n_jobs=1), folder


@pytest.fixture(scope="module")
def performed():
    return perform_walk(_plans(1, [3], 0)[0])


def test_a_table_of_walks_tells_how_many_people_there_are(made):
    table, _ = made
    assert list(table.people) == [1, 3] and set(table.group) <= set(theatre.SCENES)
    for row in table.itertuples():
        truth = theatre.walk_truth(row.path)
        assert truth.id.nunique() == row.people == len(truth.attrs["names"])
        with vl.open_media(row.path) as media:
            assert media.size == SIZE and media.fps == truth.attrs["fps"] == 25
            assert media.duration == pytest.approx(8, abs=0.1)


def test_boxes_lie_inside_the_picture_and_say_what_is_visible(made):
    truth = theatre.walk_truth(made[0].iloc[1])
    assert (truth[["x", "y"]] >= 0).all().all() and (truth[["w", "h"]] >= 1).all().all()
    assert (truth.x + truth.w).max() <= SIZE[1] and (truth.y + truth.h).max() <= SIZE[0]
    assert truth.visible.between(0, 1).all() and truth.visible.max() > 0.95
    assert truth.visible.min() < 0.6, "somebody is hidden, or leaves the picture"
    assert not truth.duplicated(["frame", "id"]).any() and truth.frame.between(0, 199).all()


def test_the_people_cross(made):
    truth = theatre.walk_truth(made[0].path[1])
    middle = (truth.x + truth.w / 2).groupby([truth.id, truth.frame]).first().unstack(0)
    order = middle.dropna().apply(lambda row: tuple(row.sort_values().index), axis=1)
    assert order.nunique() > 1


def test_what_changes_between_frames_lies_in_the_boxes_and_their_shadows():
    """The box fits: people are all that moves, and they fill their boxes to the edge."""
    plan = _plans(1, [1], 1)[0]
    frames, rows, _ = perform_walk(plan)
    background = np.median(frames, axis=0)
    for frame, _, x, y, w, h, visible in rows:
        if visible < 0.99 or frame % 20:
            continue
        changed = np.abs(frames[frame] - background).max(-1) > 45
        ys, xs = np.nonzero(changed)
        assert len(xs) > 100
        inside = (xs >= x - 2) & (xs <= x + w + 1) & (ys >= y - 2) & (ys <= y + h + 1)
        assert inside.mean() > 0.97, frame
        assert np.ptp(ys[inside]) > 0.85 * h and np.ptp(xs[inside]) > 0.7 * w


def test_the_same_seed_gives_the_same_walk_and_another_seed_another_one(performed):
    again, other = perform_walk(_plans(4, [3], 0)[0]), perform_walk(_plans(1, [3], 1)[0])
    np.testing.assert_array_equal(performed[0], again[0])
    assert performed[1:] == again[1:] and performed[1] != other[1]


def test_what_was_rendered_is_not_rendered_again(made, monkeypatch):
    table, folder = made
    monkeypatch.setattr(once, "Parallel", lambda **_: pytest.fail("rendered twice"))
    assert theatre.walks(2, people=[1, 3], folder=folder).equals(table)


@pytest.mark.parametrize("options", [{"count": 0}, {"count": 1.5}, {"seed": -1}, {"people": []}, {"people": [7]}, {"people": "two"},
                                     {"people": [True]}, {"n_jobs": 0}])
def test_options_that_are_not_offered_are_refused(tmp_path, options):
    with pytest.raises(ValueError, match="walks|people|n_jobs"):
        theatre.walks(folder=tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_a_file_without_truth_is_told(tmp_path):
    Path(tmp_path / "a.json").write_text("[]")
    with pytest.raises(ValueError, match="no ground truth"):
        theatre.walk_truth(tmp_path / "a.mp4")

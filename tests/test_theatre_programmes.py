"""The theatre's programmes: minutes of several shots whose transitions, highlights and traps are exactly known."""
import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab import theatre
from vmm_lab.theatre import programme_plans, programme_rendering
from vmm_lab.theatre.programme_plans import FPS, plan_programme

SHORT = 6  # shots of a programme that is rendered here


def short_plan(*which):
    plan = plan_programme(*which)
    return plan._replace(shots=plan.shots[:SHORT])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The table of the beginning of a programme of each of two kinds, and its folder."""
    folder = tmp_path_factory.mktemp("programmes é")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programme_rendering, "plan_programme", short_plan)
        return theatre.programmes(2, kinds=["sport", "lesson"], folder=folder), folder


def plans(count=8, seed=0):
    return [plan_programme(kind, number, seed) for kind in theatre.KINDS for number in range(count)]


def test_a_table_of_programmes_has_kinds_channels_tags_and_captions(made):
    table, _ = made
    assert list(table.columns) == ["path", "label", "group", "tags", "caption"]
    assert list(table.label) == ["sport", "lesson"] and table.group.nunique() == 1
    assert "match" in table.tags[0].split("|") and "teacher" in table.tags[1].split("|")
    assert table.caption.str.len().min() > 20


def test_the_films_last_as_long_as_their_shots_and_are_heard(made):
    for path in made[0].path:
        truth = theatre.programme_truth(path)
        with vl.open_media(path) as media:
            assert media.size == (96, 128) and media.fps == FPS
            assert len(truth) == SHORT and media.duration == pytest.approx(truth.end.iloc[-1], abs=0.1)
            assert 0.01 < np.abs(media.audio(end=20)).mean() < 0.5


def test_the_same_seed_gives_the_same_programme_and_another_seed_another_one():
    one, again, other = (plan_programme("news", 2, seed) for seed in (0, 0, 1))
    assert one == again != other
    (frames, wave), (frames_again, wave_again) = (programme_rendering.perform_programme(plan._replace(shots=plan.shots[:3]))
                                                  for plan in (one, again))
    np.testing.assert_array_equal(frames, frames_again)
    np.testing.assert_array_equal(wave, wave_again)


def test_what_was_rendered_is_not_rendered_again(made, monkeypatch):
    table, folder = made
    monkeypatch.setattr(programme_rendering, "plan_programme", short_plan)
    monkeypatch.setattr(programme_rendering, "_render", lambda *_: pytest.fail("rendered twice"))
    assert theatre.programmes(2, kinds=["sport", "lesson"], folder=folder).equals(table)


def test_cuts_are_jumps_at_their_frames_and_gradual_ones_are_not(made):
    frames, _ = vl.open_media(made[0].path[0]).frames()
    change = np.abs(np.diff(frames.astype(int), axis=0)).mean((1, 2, 3))
    truth = theatre.programme_truth(made[0].path[0])
    cuts = truth.start_frame[truth.transition == "cut"].to_numpy()
    assert len(cuts) > 1 and np.median(change[cuts - 1]) > 4 * np.median(change)
    gradual = truth[truth.transition == "gradual"]
    assert len(gradual)
    for first, last in gradual.transition_frames:
        assert 3 <= last - first + 1 <= 18 and change[first:last].max() < np.median(change[cuts - 1])


def test_shots_fill_a_programme_without_gaps_and_traps_lie_inside_them(made):
    truth = theatre.programme_truth(made[0].iloc[1])
    assert truth.start_frame[0] == 0 and truth.transition[0] is None
    assert (truth.end_frame[:-1].to_numpy() == truth.start_frame[1:].to_numpy()).all()
    np.testing.assert_allclose(truth.start, truth.start_frame / FPS)
    for plan in plans():
        for shot, after in zip(plan.shots, plan.shots[1:]):
            assert 2 * shot.reach <= shot.length and 2 * after.reach <= shot.length
            if shot.trap:
                assert shot.reach + 7 <= shot.trap[1] < shot.length - 8


def test_every_programme_has_highlights_and_they_are_the_smaller_part():
    for plan in plans():
        seconds = np.array([shot.length for shot in plan.shots])
        high = np.array([shot.highlight for shot in plan.shots])
        assert 60 <= seconds.sum() / FPS <= 90
        assert 0.03 < seconds[high].sum() / seconds.sum() < 0.5


def test_all_traps_and_transitions_come_and_every_channel_has_every_kind():
    shots = [shot for plan in plans() for shot in plan.shots]
    assert {shot.trap[0] for shot in shots if shot.trap} == set(theatre.TRAPS)
    assert {shot.transition for shot in shots} == {None, "cut", "dissolve", "fade"}
    assert len({(plan.kind, plan.channel) for plan in plans()}) == 3 * len(programme_plans.CHANNELS)


def test_no_colour_of_a_channel_tells_the_kind():
    paints = {kind: {plan.paint for plan in plans() if plan.kind == kind} for kind in theatre.KINDS}
    assert paints["news"] == paints["sport"] == paints["lesson"]


def test_load_table_gives_programmes(made, monkeypatch, tmp_path):
    monkeypatch.setenv("VMM_LAB_DATA", str(tmp_path))
    monkeypatch.setattr(programme_rendering, "_render", lambda plan, path: None)
    assert vl.load_table("programmes").label.tolist() == [*theatre.KINDS] * 2
    assert len(vl.load_table("programmes", size="full")) == 30


@pytest.mark.parametrize("options", [{"count": 0}, {"count": True}, {"count": "large"}, {"seed": -1}, {"kinds": "news"},
                                     {"kinds": ["opera"]}, {"kinds": []}, {"n_jobs": 0}])
def test_options_that_are_not_offered_are_refused(tmp_path, options):
    with pytest.raises(ValueError, match="programmes|kinds|n_jobs"):
        theatre.programmes(folder=tmp_path, **options)
    assert not list(tmp_path.iterdir())


def test_a_file_without_truth_is_told(tmp_path):
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(ValueError, match="no ground truth"):
        theatre.programme_truth(tmp_path / "a.mp4")

"""PoseExplorer: a skeleton over the film, angles that follow the time, and what is refused."""
import numpy as np
import pytest

pytest.importorskip("ipywidgets")
from vmm_lab import write_video
from vmm_lab.widgets import PoseExplorer, player
from vmm_lab.widgets.pose import angle_chart, degrees


def arm(angles):
    """Poses (T, 17, 3) whose left elbow is bent by so many degrees, the other points unseen."""
    poses = np.full((len(angles), 17, 3), np.nan)
    for pose, angle in zip(poses, np.deg2rad(angles)):
        pose[[5, 7, 9]] = [[40, 30, 1], [60, 30, 1], [60 - 20 * np.cos(angle), 30 + 20 * np.sin(angle), 1]]
    return poses


@pytest.fixture(scope="module")
def frames():
    return np.full((5, 96, 128, 3), 40, np.uint8)


def test_the_angle_is_told_at_the_time_of_the_film(frames):
    explorer = PoseExplorer(frames, arm([180, 135, 90, 45, 20]), times=np.arange(5) / 10)
    assert explorer.message == "Elbows at 0.00 s: left 180°, right not seen."
    explorer.player.time = 0.2
    assert explorer.message == "Elbows at 0.20 s: left 90°, right not seen."
    explorer.joints.value = "Knees"
    assert explorer.message == "Knees at 0.20 s: left not seen, right not seen."
    assert repr(explorer) == "PoseExplorer(frames, 5 of 5 frames with a person: Knees)"
    assert "image/png" in explorer._repr_mimebundle_()[0] if isinstance(explorer._repr_mimebundle_(), tuple) else explorer._repr_mimebundle_()
    explorer.close()


def test_the_skeleton_is_drawn_over_each_frame(frames):
    explorer = PoseExplorer(frames, arm([180, 90, 90, 90, 90]))
    assert explorer.player._preview.frame(0)[30, 50].astype(int).max() > 150
    assert explorer.player._preview.frame(1)[45, 60].astype(int).max() > 150 > explorer.player._preview.frame(0)[45, 60].max()


def test_curves_have_gaps_where_an_angle_is_not_known(frames):
    poses = arm([90, 90, 90, 90, 90])
    poses[2, 9] = np.nan
    poses[4, 9, 2] = 0.1  # there, and not seen
    angles = degrees(poses)
    assert np.isfinite(angles[:, 0]).tolist() == [True, True, False, True, False]
    chart = angle_chart(np.arange(5) / 25, angles[:, :2], 0.0, 0.2)
    curves = [stroke for stroke in chart.strokes if stroke[0] == "path" and stroke[2] == "#56B4E9"]
    assert len(curves) == 2 and np.allclose(curves[0][1][:, 1], 8 + 75)


def test_a_long_film_of_which_fewer_frames_are_shown_has_the_angles_of_those(monkeypatch):
    monkeypatch.setattr(player, "MOST_FRAMES", 50)  # in 10 s, 5 a second
    angles = np.linspace(20, 170, 100)
    explorer = PoseExplorer(np.full((100, 96, 128, 3), 40, np.uint8), arm(angles), times=np.arange(100) / 10)
    assert len(explorer.player.times) == 50 and not explorer.status.failed
    explorer.player.frame = 49
    told = round(angles[round(10 * explorer.player.time)])
    assert explorer.message == f"Elbows at {explorer.player.time:.2f} s: left {told}°, right not seen."


def test_a_film_has_the_times_of_its_frames(tmp_path, frames):
    film = write_video(tmp_path / "film.mp4", frames, fps=10)
    explorer = PoseExplorer(film, arm([180] * 3), start=0.2)
    assert np.allclose(explorer.player.times, [0.2, 0.3, 0.4]) and explorer.message.startswith("Elbows at 0.20 s")


@pytest.mark.parametrize("poses", [np.zeros((4, 17, 2)), np.zeros((5, 16, 2)), np.zeros((5, 17, 4)), [["a"]], 3, [[1], [1, 2]]])
def test_poses_of_another_shape_are_refused(frames, poses):
    with pytest.raises(ValueError, match=r"Poses must be numbers \(frames, 17, 2 or 3\)"):
        PoseExplorer(frames, poses)

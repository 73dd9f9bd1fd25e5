"""Expressions: the network as its file gives it, smoothed over time, and a row of compare; the theatre's close-ups."""
import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab import assets, theatre
from vmm_lab.pretrained import FaceExpression, expression, expressions_over_time, face
from vmm_lab.theatre.closeups import Closeup, photograph


def fetched(*names):
    """Paths of assets; the test is skipped where they are not at hand and cannot be fetched, or nothing can run them."""
    pytest.importorskip("ai_edge_litert")
    try:
        return [str(assets.fetch(name)) for name in names]
    except assets.AssetError as error:
        pytest.skip(str(error))


# ---- close-ups ----

def test_a_picture_depends_on_its_plan_alone(tmp_path):
    plan = Closeup(3, "happy", 1, (0, 3, 1, 1))
    assert np.array_equal(photograph(plan), photograph(plan))
    assert not np.array_equal(photograph(plan), photograph(plan._replace(expression="sad")))


@pytest.mark.slow
def test_a_table_of_closeups_is_balanced_and_kept(tmp_path):
    table = theatre.closeups(1, folder=tmp_path)
    assert len(table) == 140 and table["label"].value_counts().eq(20).all() and table["group"].nunique() == 20
    assert set(table["light"]) == set(theatre.LIGHTS)
    kept = {path: open(path, "rb").read() for path in table["path"][:3]}
    assert theatre.closeups(1, folder=tmp_path).equals(table)
    assert all(open(path, "rb").read() == content for path, content in kept.items())
    dark, day = (np.mean([vl.open_media(path).frames()[0].mean() for path in table["path"][table["light"] == light]])
                 for light in ("dark", "day"))
    assert dark < day / 2


@pytest.mark.parametrize("takes", [0, True, 1.5])
def test_another_number_of_takes_is_refused(takes):
    with pytest.raises(ValueError, match="closeups: takes"):
        theatre.closeups(takes)


# ---- the network ----

@pytest.mark.slow
def test_the_network_gives_what_its_file_gives():
    [path] = fetched("emotion_model")
    from vmm_lab.networks import keras

    original = keras.models.load_model(path, compile=False, safe_mode=True)
    noise = np.random.default_rng(0).uniform(-1, 1, (3, 64, 64, 1)).astype(np.float32)
    found = expression.mini_xception()(noise)
    assert np.allclose(found["probabilities"], original(noise), atol=1e-5) and found["embedding"].shape == (3, 4, 4, 128)


def test_smoothing_averages_what_is_known_alone():
    rows = np.array([[1.0, 0], [np.nan, np.nan], [0, 1.0], [0, 1.0]])
    smoothed = expression.smooth_over_time(rows, 3)
    assert np.isnan(smoothed[1]).all() and np.allclose(smoothed[[0, 2, 3]].sum(axis=1), 1)
    assert smoothed[0, 0] == pytest.approx(3 / 4) and np.allclose(expression.smooth_over_time(rows, 1), rows, equal_nan=True)


@pytest.mark.slow
def test_the_curve_of_a_film_has_a_share_for_each_expression(tmp_path):
    [film] = fetched("carphone", "emotion_model", "face_detection", "face_landmark")[:1]
    curve = expressions_over_time(film, fps=5)
    shares = curve[list(expression.EXPRESSIONS)].to_numpy()
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-4) and (np.diff(curve["time"]) > 0.15).all()
    rough = expressions_over_time(film, fps=5, smooth=0)[list(expression.EXPRESSIONS)].to_numpy()
    assert np.abs(np.diff(shares, axis=0)).mean() < np.abs(np.diff(rough, axis=0)).mean()
    vl.write_video(tmp_path / "wall.mp4", np.full((8, 64, 64, 3), 90, np.uint8), fps=8)
    with pytest.raises(vl.MediaError, match="no face was found"):
        expressions_over_time(tmp_path / "wall.mp4")


@pytest.mark.slow
def test_expressions_of_actors_held_out_are_told_apart(tmp_path):
    fetched("emotion_model", "face_detection", "face_landmark")
    table = theatre.closeups(1, folder=tmp_path)
    methods = {name: FaceExpression(parts=name) for name in ("handcrafted", "network", "both")}
    scores = vl.compare(table, methods=methods, vote=False, progress=False).frame.set_index("name")["accuracy"]
    assert scores["both"] >= 0.6 and scores[list(methods)].min() > 2 / 7


@pytest.mark.parametrize("parts", ["handcrafted", pytest.param("network", marks=pytest.mark.slow)])  # which loads TensorFlow
def test_a_face_and_its_mirror_picture_have_one_description(parts):
    fetched("emotion_model", "face_detection", "face_landmark")
    picture = photograph(Closeup(3, "surprised", 1, (0, 3, 1, 1)))
    feature = FaceExpression(parts=parts)
    [frame, found] = next(face.faces_of_frames([picture]))
    cut = feature.cut(frame, found)
    row, mirrored = (feature.describe(one[None]) for one in (cut, np.ascontiguousarray(cut[:, ::-1])))
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-4) and np.linalg.norm(row - mirrored) < 0.1
    assert np.linalg.norm(row - feature.describe(np.ascontiguousarray(cut[::-1])[None])) > 0.3  # upside down


@pytest.mark.parametrize("margin", [-0.4, 0.0, 0.5])
def test_the_middle_of_the_widest_view_is_the_cut_itself(margin):
    fetched("face_detection", "face_landmark")
    [frame, found] = next(face.faces_of_frames([photograph(Closeup(3, "happy", 1, (0, 3, 1, 1)))]))
    wide = FaceExpression(side=100, margin=margin).cut(frame, found)
    assert wide.shape == (140, 140, 3)
    assert np.abs(wide[20:120, 20:120].astype(int) - face.align_face(frame, found, size=100, margin=margin)).mean() < 1


def test_another_part_is_refused():
    with pytest.raises(ValueError, match="parts"):
        FaceExpression(parts="eyes").check_options()

"""FaceExplorer: what decides and is drawn, who enrols and is forgotten, expressions over time, and what is refused."""
import cv2
import numpy as np
import pandas as pd
import pytest

pytest.importorskip("ipywidgets")
pytest.importorskip("ai_edge_litert")
from vmm_lab import assets, write_video
from vmm_lab.pretrained import FaceLooks
from vmm_lab.tasks import Gallery
from vmm_lab.widgets import FaceExplorer
from vmm_lab.widgets.faces import areas_chart, distance_chart


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A table of two people, a second picture of the first, and a wall."""
    try:
        faces = (np.load(assets.fetch("faces")) * 255).astype(np.uint8)
        [assets.fetch(name) for name in ("face_detection", "face_landmark", "emotion_model")]
    except assets.AssetError as error:
        pytest.skip(str(error))
    folder, paths = tmp_path_factory.mktemp("faces"), []
    for person, name in ((0, "Ann"), (7, "Bob"), (0, "Ann, paler")):
        large = cv2.resize(faces[person], (160, 160), interpolation=cv2.INTER_CUBIC)
        paths.append(str(folder / f"{name}.png"))
        cv2.imwrite(paths[-1], np.uint8(128 + 0.6 * (large.astype(float) - 128)) if "paler" in name else large)
    paths.append(str(folder / "wall.png"))
    cv2.imwrite(paths[-1], np.full((60, 60), 120, np.uint8))
    return pd.DataFrame({"path": paths})


def words(sketch):
    return [stroke[3] for stroke in sketch.strokes if stroke[0] == "words"]


def enrol(explorer, step, name):
    explorer.step.value, explorer.name.value = step, name
    explorer.enrol.click()


def test_a_face_is_enrolled_recognised_and_forgotten(pictures):
    explorer = FaceExplorer(pictures, Gallery(feature=FaceLooks()), expressions=False)
    assert "nobody is enrolled" in explorer.message and len(explorer._drawn) == 1
    enrol(explorer, 0, "Ann")
    assert "Ann, enrolled from this very picture." in explorer.message
    explorer.step.value = 1
    assert explorer.decision["name"] == "unknown" and "unknown; Ann is nearest" in explorer.message
    enrol(explorer, 1, "Bob")
    explorer.step.value = 2
    assert explorer.decision["name"] == "Ann" and "at a distance of" in explorer.message and "next is Bob" in explorer.message
    assert explorer._drawn[1].alt.startswith("Distances: Ann 0.") and explorer._drawn[1].alt.endswith("It is Ann.")
    explorer.threshold.value = 0.0
    assert "above the threshold 0.00" in explorer.message, "a threshold of nothing lets nobody pass"
    explorer.threshold.value = 0.46
    explorer.name.value = "Ann"
    explorer.forget_person.click()
    assert explorer.gallery.names_.tolist() == ["Bob"] and explorer.decision["nearest"] == "Bob"
    assert repr(explorer) == "FaceExplorer(4 pictures, 3 of 4 with a face, 1 person enrolled: step 2)"
    bundle = explorer._repr_mimebundle_()
    assert "image/png" in (bundle[0] if isinstance(bundle, tuple) else bundle)


def test_the_gallery_that_was_given_stays_as_it_is(pictures):
    gallery = Gallery(feature=FaceLooks())
    threshold = gallery.threshold
    explorer = FaceExplorer(pictures, gallery, expressions=False)
    enrol(explorer, 0, "Ann")
    explorer.threshold.value = 0.0
    assert gallery.threshold == threshold and not len(gallery.names_)
    assert explorer.gallery.threshold == 0 and explorer.gallery.names_.tolist() == ["Ann"]


def test_nobody_enrols_without_a_face_or_a_name_and_one_person_by_two_names_is_told(pictures):
    explorer = FaceExplorer(pictures, Gallery(feature=FaceLooks()), expressions=False)
    for step, name, reason in ((3, "Wall", "no face here"), (0, "  ", "type a name"), (0, "unknown", "type a name, other than")):
        enrol(explorer, step, name)
        assert reason in explorer.message and explorer.status.failed and not len(explorer.gallery.names_)
    enrol(explorer, 0, "Ann")
    enrol(explorer, 2, "Anna")
    assert "Ann and Anna look like one person" in explorer.message
    explorer.name.value = "Eve"
    explorer.forget_person.click()
    assert explorer.message == "Nobody is enrolled as “Eve”; enrolled: Ann, Anna."
    explorer.step.value = 3
    assert explorer.message == "wall.png: no face is found." and explorer.decision["name"] is None


def test_a_film_shows_its_expressions_with_gaps_where_no_face_is(tmp_path, pictures):
    face, wall = cv2.imread(pictures["path"][0])[:, :, ::-1], np.full((160, 160, 3), 120, np.uint8)
    film = write_video(tmp_path / "film.mp4", np.stack([*[face] * 10, *[wall] * 5, *[face] * 10]), fps=5)
    explorer = FaceExplorer(film, Gallery(feature=FaceLooks()), fps=5)
    known = np.isfinite(explorer._looks.expressions).all(axis=1)
    assert known.sum() == 20 and not known[10:15].any()
    assert np.allclose(explorer._looks.expressions[known].sum(axis=1), 1, atol=1e-5)
    areas = [stroke for stroke in explorer._drawn[-1].strokes if stroke[0] == "polygon" and len(stroke[1]) > 4]
    assert len(areas) == 2 * 7, "seven areas before the gap, and seven behind it"
    assert "The face shows: " in explorer.message and "%" in explorer.message
    explorer.step.value = 12
    assert explorer.message == "film.mp4 at 2.40 s: no face is found."


def test_a_row_that_is_a_piece_of_a_film_shows_that_piece(tmp_path):
    greys = np.repeat(np.array([40, 200], np.uint8), 10)
    film = write_video(tmp_path / "film.mp4", np.broadcast_to(greys[:, None, None, None], (20, 64, 64, 3)).copy(), fps=10)
    pieces = pd.DataFrame({"path": [film, film], "start": [0.0, 1.0], "end": [1.0, 2.0]})
    looks = FaceExplorer(pieces, Gallery(feature=FaceLooks()), expressions=False)._looks
    assert np.allclose([picture.mean() for picture in looks.pictures], [40, 200], atol=8)
    assert "FaceExplorer(1 picture, " in repr(FaceExplorer(pieces[:1], Gallery(feature=FaceLooks()), expressions=False))
    with pytest.raises(ValueError, match="a column 'path'"):
        FaceExplorer(pieces.rename(columns={"path": "file"}), Gallery(feature=FaceLooks()), expressions=False)


def test_the_bar_that_decides_is_filled_and_the_nearest_are_drawn():
    sketch = distance_chart({"Ann": 0.2, "Bob": 0.7, "Eve": 0.4}, 0.5)
    fills = [stroke[2] for stroke in sketch.strokes if stroke[0] == "polygon"]
    assert fills == ["mark", "rule", "rule"] and "0.20 ← this person" in words(sketch)
    lengths = [np.ptp(stroke[1][:, 0]) for stroke in sketch.strokes if stroke[0] == "polygon"]
    assert np.allclose(np.array(lengths) / lengths[0], [1, 3.5, 2])
    line = next(stroke for stroke in sketch.strokes if stroke[0] == "path")[1][0, 0]
    assert line - 150 == pytest.approx(lengths[0] * 0.5 / 0.2), "the threshold stands on the same scale"
    assert "0.60 ← nearest, and too far" in words(distance_chart({"Ann": 0.6}, 0.5))
    many = words(distance_chart({f"person {k:02d}": k / 40 for k in range(40)}, 0.5))
    assert "person 11" in many and "person 12" not in many


def test_areas_are_as_high_as_the_shares():
    shares = np.array([[0.25, 0.75], [0.25, 0.75], [np.nan, np.nan], [0.5, 0.5]])
    sketch = areas_chart(np.arange(4.0), shares, ("calm", "glad"), 3)
    areas = [np.ptp(stroke[1][:, 1]) for stroke in sketch.strokes if stroke[0] == "polygon" and np.ptp(stroke[1][:, 0]) > 12]
    assert np.allclose(areas, np.array([0.25, 0.75, 0.5, 0.5]) * 130)
    assert "calm  50 %" in words(sketch)


def test_what_holds_no_pictures_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no picture"):
        FaceExplorer(pd.DataFrame({"path": []}), Gallery(feature=FaceLooks()))
    with pytest.raises(ValueError, match="Frames must be uint8"):
        FaceExplorer(np.zeros((2, 8, 8)), Gallery(feature=FaceLooks()))

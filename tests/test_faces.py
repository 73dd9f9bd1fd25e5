"""Faces: found large and small, one and many, their points as the file gives them by hand, aligned, and compared."""
import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import vmm_lab as vl
from vmm_lab import assets
from vmm_lab.features import HOG, Segment
from vmm_lab.pretrained import AlignedFaces, FaceLooks, align_face, face, find_faces
from vmm_lab.pretrained.blaze import Region, crop
from vmm_lab.pretrained.face import TEMPLATE, Face, face_landmarks, face_region, main_face


def fetched(*names):
    """Paths of assets; the test is skipped where they are not at hand and cannot be fetched, or nothing can run them."""
    pytest.importorskip("ai_edge_litert")
    try:
        return [str(assets.fetch(name)) for name in names]
    except assets.AssetError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def frame():
    """A frame of a man who talks, uint8 (144, 193, 3)."""
    film = fetched("carphone", "face_detection", "face_landmark")[0]
    return vl.open_media(film).sample(3)[0][1]


def on_a_wall(picture, top, left, size):
    """The picture on a grey wall of that size (height, width)."""
    wall = np.full((*size, 3), 90, np.uint8)
    wall[top:top + picture.shape[0], left:left + picture.shape[1]] = picture
    return wall


def middle(found):
    return (found.box[:2] + found.box[2:]) / 2


def test_a_face_is_found_with_its_points_in_order(frame):
    [found] = find_faces(frame)
    right, left, nose, mouth = found.anchors
    assert found.points.shape == (468, 2) and found.score > 0.8
    assert right[0] < nose[0] < left[0] and max(right[1], left[1]) < nose[1] < mouth[1]
    assert (found.box[:2] < found.anchors.min(axis=0)).all() and (found.box[2:] > found.anchors.max(axis=0)).all()


def test_a_grey_picture_has_the_same_face(frame):
    [in_color], [grey] = find_faces(frame), find_faces(frame.mean(axis=2).astype(np.uint8))
    assert np.allclose(in_color.anchors, grey.anchors, atol=0.05 * in_color.size)


def test_a_small_face_in_a_large_picture_is_found_and_a_huge_one(frame):
    [found] = find_faces(frame)
    small = crop(frame, Region((88.0, 72.0), 176.0), 100)
    [tiny] = find_faces(on_a_wall(small, 500, 300, (720, 1280)))  # 30 of 1280 pixels
    assert np.allclose(middle(tiny), middle(found) * 100 / 176 + [300, 500 + 16 * 100 / 176], atol=8)
    assert find_faces(on_a_wall(small, 500, 300, (720, 1280)), tiles=False) == []
    left, top, right, bottom = found.box.round().astype(int)
    [huge] = find_faces(frame[max(0, top - 4):bottom + 4, left:right])
    assert huge.size > 0.7 * (right - left)


def test_every_face_of_several_is_found_once(frame):
    [found] = find_faces(frame)
    row = np.concatenate([frame, frame[:, ::-1], frame], axis=1)
    three = sorted(find_faces(row, tiles=True), key=lambda one: one.box[0])
    width, x = frame.shape[1], middle(found)[0]
    expected = [x, 2 * width - x, 2 * width + x]
    assert np.allclose([middle(one)[0] for one in three], expected, atol=6)
    assert main_face(three, row) is three[1]


def test_where_nobody_is_nothing_is_found():
    fetched("face_detection")
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    assert find_faces(noise) == [] and find_faces(np.zeros((5, 7), np.uint8)) == []
    assert main_face([], noise) is None


@pytest.mark.parametrize("picture", [np.zeros((4, 4, 3)), np.zeros((4, 4, 4), np.uint8), "face.png"])
def test_another_kind_of_picture_is_refused(picture):
    with pytest.raises(ValueError, match=r"find_faces takes an image as uint8"):
        find_faces(picture)


def test_landmarks_are_those_of_the_file_by_hand(frame):
    [path] = fetched("face_landmark")
    from ai_edge_litert.interpreter import Interpreter

    [found] = find_faces(frame)
    region = Region(tuple(middle(found)), 1.5 * found.size, 0.1)
    points, sure = face_landmarks(frame, region)
    runner = Interpreter(model_path=path, num_threads=1)
    runner.allocate_tensors()
    cut = crop(frame, region, 192)[None].astype(np.float32) / 255
    runner.set_tensor(runner.get_input_details()[0]["index"], cut)
    runner.invoke()
    by_hand, logit = (runner.get_tensor(output["index"]).ravel() for output in runner.get_output_details())
    cos, sin = np.cos(0.1), np.sin(0.1)
    offset = (by_hand.reshape(468, 3)[:, :2] / 192 - 0.5) * region.side
    assert np.allclose(points[:, :2], offset @ np.array([[cos, sin], [-sin, cos]]) + middle(found), atol=1e-3)
    assert sure == pytest.approx(1 / (1 + np.exp(-logit[0]))) and sure > 0.5


def test_alignment_undoes_turn_scale_and_shift():
    cos, sin = 30 * np.cos(0.4), 30 * np.sin(0.4)
    anchors = TEMPLATE @ np.array([[cos, sin], [-sin, cos]]) + [7, 9]
    region = face_region(Face(np.zeros(4), anchors, 1.0))
    assert np.allclose(region.from_picture(anchors), TEMPLATE)
    assert (region.side, region.angle) == (pytest.approx(30), pytest.approx(0.4))


def test_a_tilted_head_is_cut_out_upright(frame):
    tilted = crop(frame, Region((88.0, 72.0), 176.0, 0.35), 176)
    cuts = [align_face(picture, main_face(find_faces(picture), picture), size=64) for picture in (frame, tilted)]
    assert np.corrcoef(*(cut[16:60, 12:52].ravel() for cut in cuts))[0, 1] > 0.85


@pytest.mark.parametrize("wrong", [lambda frame: frame / 255, lambda frame: frame.astype(np.uint16), lambda frame: frame[..., :1]])
def test_what_is_no_picture_is_not_cut_into_a_black_one(wrong):
    picture = np.full((40, 40, 3), 200, np.uint8)
    found = Face(np.array([0.0, 0, 40, 40]), TEMPLATE * 40, 0.9)
    assert align_face(picture, found, size=20).min() == align_face(picture[..., 0], found, size=20).min() == 200
    with pytest.raises(ValueError, match="align_face takes an image as uint8"):
        align_face(wrong(picture), found)
    with pytest.raises(ValueError, match="size"):
        align_face(picture, found, size=0)


def test_a_score_in_percent_is_refused(frame):
    with pytest.raises(ValueError, match="at most 1"):
        find_faces(frame, least=50)
    with pytest.raises(ValueError, match="at most 1"):
        AlignedFaces(least=50).check_options()


def portraits(n):
    """The first n of scikit-image's faces, uint8 (100, 100, 3)."""
    path = fetched("faces", "face_detection", "face_landmark")[0]
    small = (255 * np.load(path)[:n].clip(0, 1)).astype(np.uint8)
    return [np.repeat(cv2.resize(one, (100, 100), interpolation=cv2.INTER_CUBIC)[..., None], 3, axis=2) for one in small]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_that_lies_on_its_side_is_turned_upright(frame, quarters):
    upright, _ = next(face.faces_of_frames([frame]))
    turned, found = next(face.faces_of_frames([np.ascontiguousarray(np.rot90(frame, quarters))]))
    assert upright is frame and (turned == frame).all()
    assert np.linalg.norm(found.anchors - find_faces(frame)[0].anchors, axis=1).max() < 3


def test_what_is_only_perhaps_a_face_does_not_hide_a_small_one_and_needs_points_or_a_score():
    right = 0
    for portrait in portraits(8):
        small = cv2.resize(portrait, (44, 44), interpolation=cv2.INTER_AREA)
        _, found = next(face.faces_of_frames([on_a_wall(small, 100, 200, (480, 640))], least=0.3))
        right += bool(((found.anchors > (200, 100)) & (found.anchors < (244, 144))).all())
    assert right >= 7
    noise = np.random.default_rng(0).integers(0, 256, (8, 90, 120, 3), dtype=np.uint8)
    for _, found in face.faces_of_frames(noise, least=0.05):
        assert len(found.points) or found.score >= 0.5


def test_a_segment_without_a_face_lacks_the_modality(tmp_path, frame):
    vl.write_video(tmp_path / "wall.mp4", np.full((8, 64, 64, 3), 90, np.uint8), fps=8)
    with pytest.raises(vl.MediaError, match="no face was found"):
        AlignedFaces().read(Segment(str(tmp_path / "wall.mp4")))


def test_any_feature_of_pictures_describes_aligned_faces(frame):
    cuts = np.zeros((2, 96, 96, 3), np.uint8)
    assert AlignedFaces().transform([cuts]).shape == vl.features.HOGLBP().transform([cuts]).shape
    words = AlignedFaces(feature=vl.features.SIFTBag(n_words=4))
    assert words.learns and not AlignedFaces().learns
    noise = np.random.default_rng(0).integers(0, 256, (6, 1, 96, 96, 3), np.uint8)
    assert clone(words).fit(list(noise)).transform(list(noise)).shape[0] == 6
    assert AlignedFaces(feature=HOG()).fingerprint() != AlignedFaces().fingerprint() != AlignedFaces(side=80).fingerprint()
    for wrong, text in ((AlignedFaces(feature=vl.features.MFCC()), "a feature of pictures"), (AlignedFaces(margin=9), "margin"),
                        (AlignedFaces(feature="HOG"), "a feature of pictures")):
        with pytest.raises(ValueError, match=text):
            wrong.check_options()


def test_two_that_share_a_feature_learn_each_for_itself():
    noise = np.random.default_rng(0).integers(0, 256, (6, 1, 96, 96, 3), np.uint8)
    words = vl.features.SIFTBag(n_words=4)
    first = AlignedFaces(feature=words).fit(list(noise))
    before = first.transform(list(noise))
    AlignedFaces(feature=words).fit(list(noise // 4))
    assert np.array_equal(first.transform(list(noise)), before)
    with pytest.raises(NotFittedError):
        words.transform(list(noise))


def test_a_feature_that_would_not_be_used_is_refused():
    assert FaceLooks().transform([np.zeros((2, 96, 96, 3), np.uint8)]).shape == (1, 14494)
    with pytest.raises(ValueError, match="AlignedFaces takes another feature"):
        FaceLooks(feature=HOG()).check_options()


def test_a_row_with_aligned_faces_stands_beside_the_uncropped_one(tmp_path, frame):
    """Two people, each somewhere in a large picture, larger or smaller; of one picture there is only the wall."""
    rng = np.random.default_rng(0)
    other = np.repeat((np.load(fetched("faces")[0])[0] * 255).astype(np.uint8)[..., None], 3, axis=2)
    rows = []
    for number in range(24):
        someone, size = (other, frame)[number % 2], int(rng.integers(60, 150))
        someone = face.cv2.resize(someone, (size * someone.shape[1] // someone.shape[0], size))
        wall = on_a_wall(someone, rng.integers(0, 240 - size), rng.integers(0, 420 - someone.shape[1]), (240, 420))
        path = tmp_path / f"{number}.png"
        face.cv2.imwrite(str(path), wall[:, :, ::-1] if number != 23 else wall * 0)
        rows.append({"path": str(path), "label": ("other", "man")[number % 2]})
    table = pd.DataFrame(rows)
    board = vl.compare(table, methods={"whole": HOG(), "face": AlignedFaces(feature=HOG())}, vote=False, progress=False)
    scores = board.frame.set_index("name")["accuracy"]
    assert scores["face"] >= 0.95 and scores["face"] > scores["whole"]
    assert board.frame.set_index("name").loc["face", "modality"] == "face"
    assert any("1 of 24 rows have no faces" in warning for warning in board.warnings)
    saved = board.pipeline("face").fit(table[:23]).save(tmp_path / "faces.skops")
    assert vl.load_pipeline(saved).predict(list(table["path"][:4])).tolist() == ["other", "man"] * 2


def test_faces_that_are_cut_in_another_way_are_never_shared():
    from vmm_lab.pretrained import FaceIdentity, FacePixels

    assert FaceIdentity().reads() != AlignedFaces(side=150, margin=0.0).reads() == FacePixels(side=150, margin=0.0).reads()

"""Anchors, boxes and rotated crops of the detectors of people and faces, beside the same files run by hand."""
import sys

import cv2
import numpy as np
import pytest

import vmm_lab as vl
from vmm_lab import assets
from vmm_lab.pretrained import blaze
from vmm_lab.pretrained.blaze import Region, anchors, crop, decode, detect, suppress, whole


def fetched(*names):
    """Paths of assets; the test is skipped where they are not at hand and cannot be fetched, or nothing can run them."""
    pytest.importorskip("ai_edge_litert")
    try:
        return [str(assets.fetch(name)) for name in names]
    except assets.AssetError as error:
        pytest.skip(str(error))


def published_anchors(size, strides):
    """Anchors as their makers generate them: layer after layer, those of the same stride together at each place."""
    found, layer = [], 0
    while layer < len(strides):
        last = layer
        while last < len(strides) and strides[last] == strides[layer]:
            last += 1
        side = int(np.ceil(size / strides[layer]))
        for y in range(side):
            for x in range(side):
                found += [((x + 0.5) / side, (y + 0.5) / side)] * 2 * (last - layer)
        layer = last
    return np.array(found)


@pytest.mark.parametrize("size, strides", [(224, (8, 16, 32, 32, 32)), (128, (8, 16, 16, 16))])
def test_anchors_are_the_published_ones(size, strides):
    assert np.allclose(anchors(size, strides), published_anchors(size, strides))


def test_a_region_takes_points_there_and_back():
    region = Region((40.0, 30.0), 20.0, np.pi / 2)
    assert np.allclose(region.to_picture(np.array([[0.5, 0.5], [1.0, 0.5]])), [[40, 30], [40, 40]])
    points = np.random.default_rng(0).uniform(0, 60, (5, 2))
    assert np.allclose(region.to_picture(region.from_picture(points)), points)


def test_a_turned_crop_shows_what_is_there():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[10:20, 30:34] = 255  # above the middle
    upright = crop(picture, Region((32.0, 32.0), 64.0), 64)
    turned = crop(picture, Region((32.0, 32.0), 64.0, np.pi / 2), 64)  # x of the crop goes down in the picture
    assert np.array_equal(upright, picture)
    assert np.abs(turned.astype(int) - np.rot90(picture)).max() <= 1


def test_outside_of_the_picture_is_black_or_repeats_the_edge():
    picture = np.full((10, 20, 3), 200, np.uint8)
    assert crop(picture, whole(picture), 20, edge="black")[0].max() == 0
    assert crop(picture, whole(picture), 20)[0].min() == 200


def test_a_large_region_is_averaged():
    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), np.uint8)
    assert crop(noise, whole(noise), 64).std() < 20  # a single sample of each 8x8 pixels keeps the deviation of 74


def test_boxes_that_overlap_are_averaged_by_score_and_others_stay():
    found = np.array([[[0, 0], [1, 1]], [[0.2, 0], [1.2, 1]], [[5, 5], [6, 6]]], float)
    joined, scores = suppress(found, np.array([0.6, 0.9, 0.7]))
    assert np.allclose(joined[0], [[0.12, 0], [1.12, 1]]) and np.allclose(joined[1], found[2])
    assert scores.tolist() == [0.9, 0.7]


def test_of_nothing_there_is_nothing():
    found, scores = decode(np.zeros((896, 16)), np.full(896, -9.0), anchors(128, (8, 16, 16, 16)), 128)
    assert suppress(found, scores)[0].shape == (0, 8, 2)


def test_a_box_is_decoded_from_its_anchor():
    values = np.zeros((896, 16))
    values[3] = [12.8, 0, 25.6, 12.8, *[6.4, 0] * 6]
    logits = np.full(896, -200.0)
    logits[3] = 2.0
    places = anchors(128, (8, 16, 16, 16))
    found, scores = decode(values, logits, places, 128)
    x, y = places[3]
    assert np.allclose(found[0, :3], [[x, y - 0.05], [x + 0.2, y + 0.05], [x + 0.05, y]], atol=1e-6)
    assert scores[0] == pytest.approx(1 / (1 + np.exp(-2)))


def test_without_the_library_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ValueError, match=r'pip install "vmm-lab\[people\]"'):
        blaze.Network("pose_detection")


@pytest.mark.parametrize("asset, size, strides", [
    ("pose_detection", 224, (8, 16, 32, 32, 32)), ("face_detection", 128, (8, 16, 16, 16))])
def test_a_detector_gives_what_its_file_gives_by_hand(asset, size, strides):
    path, video = fetched(asset, "bikes" if asset.startswith("pose") else "carphone")
    picture = vl.open_media(video).sample(3)[0][1]
    from ai_edge_litert.interpreter import Interpreter

    height, width = picture.shape[:2]
    longest = max(height, width)
    square = np.zeros((longest, longest, 3), np.uint8)  # a letterbox by hand
    top, left = (longest - height) // 2, (longest - width) // 2
    square[top:top + height, left:left + width] = picture
    finer = size * max(1, longest // size)
    small = cv2.resize(square, (finer, finer), interpolation=cv2.INTER_LINEAR)
    small = cv2.resize(small, (size, size), interpolation=cv2.INTER_AREA) if finer > size else small
    runner = Interpreter(model_path=path, num_threads=1)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], small[None].astype(np.float32) / 127.5 - 1)
    runner.invoke()
    values, logits = (runner.get_tensor(output["index"])[0] for output in runner.get_output_details())
    best = logits[:, 0].argmax()
    score = 1 / (1 + np.exp(-logits[best, 0]))
    assert score > 0.5, "there is nobody in the picture"
    by_hand = values[best, :2] / size + published_anchors(size, strides)[best]
    [found, *_] = detect(picture, asset, size, strides, most=1.0)  # nothing joined: each box as it is
    center = (found.box[:2] + found.box[2:]) / 2
    assert np.allclose(center, by_hand * longest - [left, top], atol=0.01 * longest)
    assert found.score == pytest.approx(score, abs=0.02)

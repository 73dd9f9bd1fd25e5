"""Color, gradients and keypoints of single frames."""
import cv2
import numpy as np
import pytest

from vmm_lab.features import HOG, HOGLBP, ColorHistogram, SIFTBag, color_histogram, hog, local_binary_patterns, sift


def textured(height=64, width=64, *, seed=0):
    """A picture with edges, blobs and colors, but the same each time."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 90, np.uint8)
    for _ in range(12):
        center = tuple(int(v) for v in rng.integers(0, (width, height)))
        cv2.circle(picture, center, int(rng.integers(3, 12)), tuple(int(v) for v in rng.integers(0, 256, 3)), -1)
    return cv2.GaussianBlur(picture, (3, 3), 0)


def test_a_color_histogram_counts_each_pixel_once():
    frames = np.random.default_rng(0).integers(0, 256, (3, 20, 30, 3), dtype=np.uint8)
    histogram = color_histogram(frames, bins=(5, 4, 3))
    assert histogram.shape == (3, 5, 4, 3) and histogram.dtype == np.float32
    np.testing.assert_allclose(histogram.sum((1, 2, 3)), 1, rtol=1e-5)


@pytest.mark.parametrize(
    "rgb, hue_bin", [((255, 0, 0), 0), ((0, 255, 0), 2), ((0, 0, 255), 4)], ids=["red", "green", "blue"]
)
def test_channels_are_read_as_rgb(rgb, hue_bin):
    histogram = color_histogram(np.full((1, 4, 4, 3), rgb, np.uint8), bins=(6, 2, 2))
    assert histogram[0, hue_bin, 1, 1] == 1


def test_color_does_not_care_where_or_how_large():
    picture = textured()
    tiled = np.tile(picture, (2, 2, 1))
    np.testing.assert_allclose(color_histogram(picture[None]), color_histogram(tiled[None, ::-1]), atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {}, {"pixels_per_cell": (8, 16)}, {"cells_per_block": (1, 3)}, {"orientations": 6},
        {"cells_per_block": (3, 1), "pixels_per_cell": (6, 8)},
    ],
    ids=["defaults", "oblong cells", "oblong blocks", "six orientations", "leftover pixels"],
)
@pytest.mark.parametrize("color", [True, False], ids=["color", "grey"])
def test_hog_agrees_with_scikit_image_block_by_block(options, color):
    peer = pytest.importorskip("skimage.feature").hog
    image = textured(100, 132) if color else cv2.cvtColor(textured(100, 132), cv2.COLOR_RGB2GRAY)
    full = {"orientations": 9, "pixels_per_cell": (8, 8), "cells_per_block": (2, 2)} | options
    ours, theirs = hog(image, **options), peer(image, channel_axis=-1 if color else None, feature_vector=False, **full)
    assert ours.shape == theirs.shape
    # The vote that OpenCV shares between neighbouring bins and cells, and scikit-image does not, is the rest.
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.85
    shuffled = ours.swapaxes(0, 1).reshape(ours.shape) if ours.shape[0] != ours.shape[1] else None
    assert shuffled is None or np.corrcoef(shuffled.ravel(), theirs.ravel())[0, 1] < 0.8


def test_each_hog_block_has_unit_length_and_a_flat_picture_none():
    lengths = np.sqrt((hog(textured()) ** 2).sum((2, 3, 4)))
    assert lengths.max() == pytest.approx(1, abs=0.02)
    assert not hog(np.full((64, 64, 3), 200, np.uint8)).any()


def test_hog_sees_the_edge_and_neither_the_light_nor_its_sign():
    edge = np.zeros((32, 32), np.uint8)
    edge[:, 16:] = 100
    np.testing.assert_allclose(hog(edge), hog(edge * 2), atol=0.02)
    np.testing.assert_allclose(hog(edge), hog(100 - edge), atol=0.02)
    assert np.abs(hog(edge) - hog(edge.T)).max() > 0.3


@pytest.mark.parametrize(
    "image", [np.zeros((64, 64)), np.zeros((64, 64, 4), np.uint8), np.zeros((10, 64), np.uint8), "picture"]
)
def test_hog_refuses_what_is_not_a_picture_or_too_small(image):
    with pytest.raises(ValueError, match="hog"):
        hog(image)


def test_hog_describes_a_clip_frame_by_frame():
    frames = np.stack([textured(seed=k) for k in range(5)])
    description = HOG().describe(frames)
    assert description.shape == (5, 1764) and description.dtype == np.float32
    np.testing.assert_array_equal(description[3], hog(frames[3]).ravel())


def test_pooling_means_adds_deviations_or_keeps_the_order():
    frames = np.stack([textured(seed=k) for k in range(4)])
    mean, both, order = (HOG(n_frames=4, pooling=how).transform([frames])[0] for how in ("mean", "mean+std", None))
    backwards = HOG(n_frames=4, pooling=None).transform([frames[::-1]])[0]
    description = HOG().describe(frames)
    np.testing.assert_allclose(mean, description.mean(0), atol=1e-6)
    np.testing.assert_allclose(both, np.r_[description.mean(0), description.std(0)], atol=1e-6)
    np.testing.assert_array_equal(order.reshape(4, -1), description)
    np.testing.assert_array_equal(backwards.reshape(4, -1), description[::-1])


def test_pictures_and_clips_of_any_length_give_rows_of_one_length():
    clips = [np.stack([textured(seed=k) for k in range(n)]) for n in (1, 3, 16, 40)]
    for feature in (HOG(pooling=None), ColorHistogram(pooling=None)):
        rows = feature.transform(clips)
        steps = rows.reshape(4, 16, -1)
        assert (steps[0] == steps[0, 0]).all(), "a picture stands still"
        assert not np.allclose(steps[3, 0], steps[3, -1])


def test_sift_finds_the_same_points_after_a_quarter_turn():
    image = textured(128, 128)
    points, descriptors = sift(image)
    turned, turned_descriptors = sift(np.ascontiguousarray(np.rot90(image)))
    distance = np.linalg.norm(descriptors[:, None].astype(float) - turned_descriptors[None], axis=2)
    nearest = distance.argmin(1)
    expected = np.c_[points[:, 1], 127 - points[:, 0]]  # (x, y) of a point after turning the picture anticlockwise
    hits = np.linalg.norm(turned[nearest, :2] - expected, axis=1) < 2
    assert len(points) > 10 and hits.mean() > 0.7


def test_sift_keeps_to_the_strongest_and_is_empty_where_nothing_is():
    points, descriptors = sift(textured(128, 128))
    few, few_descriptors = sift(textured(128, 128), n_keypoints=5)
    np.testing.assert_array_equal(few, points[:5])
    np.testing.assert_array_equal(few_descriptors, descriptors[:5])
    points, descriptors = sift(np.zeros((64, 64, 3), np.uint8))
    assert points.shape == (0, 4) and descriptors.shape == (0, 128) and descriptors.dtype == np.uint8


def test_the_vocabulary_is_learnt_from_the_training_rows_alone():
    train = [textured(seed=k)[None] for k in range(6)]
    bag = SIFTBag(n_words=8).fit(train)
    before = bag.vocabulary_.copy()
    bag.transform([np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3), dtype=np.uint8)])
    np.testing.assert_array_equal(bag.vocabulary_, before)
    other = SIFTBag(n_words=8).fit([textured(seed=k)[None] for k in range(20, 26)])
    assert not np.allclose(other.vocabulary_, before)


def test_a_bag_of_visual_words_has_length_one_and_a_flat_picture_none():
    frames = [textured(96, 128, seed=k)[None] for k in range(5)]  # frames of any size
    bag = SIFTBag(n_words=8).fit(frames)
    rows = bag.transform([*frames, np.full((1, 40, 40, 3), 9, np.uint8)])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 1, 1, 1, 1, 0], atol=1e-6)


def test_a_bag_without_keypoints_to_learn_from_says_so():
    with pytest.raises(ValueError, match="no keypoints"):
        SIFTBag().fit([np.zeros((1, 64, 64, 3), np.uint8)])


def test_descriptions_from_a_generator_make_the_vocabulary_that_a_list_makes():
    """It was made of memory that nobody had written to."""
    found = [SIFTBag().describe(textured(seed=k)[None]) for k in range(4)]
    ours = SIFTBag(n_words=8).fit_descriptions(description for description in found).vocabulary_
    np.testing.assert_array_equal(ours, SIFTBag(n_words=8).fit_descriptions(found).vocabulary_)


def test_a_vocabulary_is_never_larger_than_what_there_is_to_learn_from():
    frames = textured(64, 64)[None]
    bag = SIFTBag(n_words=5000).fit([frames])
    assert 1 < len(bag.vocabulary_) <= len(bag.describe(frames))


def test_a_pattern_says_which_neighbours_are_as_bright_and_counts_one_by_one_if_it_is_uniform():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 4, (12, 14), dtype=np.uint8)
    circle = [(-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1)]
    counted = {}
    for y in range(1, 11):
        for x in range(1, 13):
            bits = tuple(int(image[y + dy, x + dx] >= image[y, x]) for dy, dx in circle)
            changes = sum(a != b for a, b in zip(bits, bits[1:] + bits[:1]))
            key = bits if changes <= 2 else "other"
            counted[key] = counted.get(key, 0) + 1
    ours = local_binary_patterns(image, grid=(1, 1))[0, 0] * 120
    assert sorted(ours[ours > 0].round().astype(int)) == sorted(counted.values()) and ours[58].round() == counted["other"]


def test_patterns_are_the_same_in_any_light_and_stay_in_their_cell():
    image = cv2.cvtColor(textured(), cv2.COLOR_RGB2GRAY)
    np.testing.assert_array_equal(local_binary_patterns(image // 2 * 2), local_binary_patterns(image // 2))
    changed = image.copy()
    changed[40:, 40:] = 0
    cells = (local_binary_patterns(image, grid=(2, 2)) != local_binary_patterns(changed, grid=(2, 2))).any(axis=2)
    assert cells.tolist() == [[False, False], [False, True]]


@pytest.mark.parametrize("image, grid", [(np.zeros((4, 64), np.uint8), (7, 7)), (np.zeros((64, 64)), (7, 7)), (np.zeros((64, 64), np.uint8), (0, 7))])
def test_patterns_refuse_what_is_no_picture_or_too_small(image, grid):
    with pytest.raises(ValueError, match="local_binary_patterns"):
        local_binary_patterns(image, grid=grid)


def test_fine_gradients_and_textures_take_pictures_of_every_shape_and_average_over_frames():
    frames = np.stack([textured(120, 80, seed=k) for k in range(3)])
    feature = HOGLBP()
    np.testing.assert_allclose(feature.describe(frames), np.mean([feature.describe(frames[k : k + 1]) for k in range(3)], axis=0), atol=1e-6)
    assert {len(feature.describe(textured(h, w)[None])) for h, w in ((16, 300), (96, 96), (500, 20))} == {feature.dimensions}

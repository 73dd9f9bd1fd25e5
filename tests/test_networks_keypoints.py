"""Keypoints by heatmaps: points are found again in their maps, counted in torsos, and a network learns to draw the maps."""
import numpy as np
import pytest

from vmm_lab import networks
from vmm_lab.networks.keypoints import correct_keypoints, heatmaps, points_of

pytestmark = pytest.mark.slow  # it trains


def test_a_point_is_found_again_in_its_heatmap():
    points = np.random.default_rng(0).uniform(12, 84, (6, 17, 2))
    maps = heatmaps(points, (96, 96))
    assert maps.shape == (6, 24, 24, 17) and np.allclose(maps.sum(axis=(1, 2)), 1)
    assert np.abs(points_of(maps)[..., :2] - points).max() < 0.6
    points[0, 3] = np.nan
    assert heatmaps(points, (96, 96))[0, :, :, 3].max() == 0


def test_pck_counts_what_is_near_in_torsos():
    truth = np.zeros((2, 17, 2))
    truth[:, [5, 6], 1], truth[:, [11, 12], 1] = 0, 50
    found = truth.copy()
    found[0, 0, 0], found[1, 0, 0], found[:, 1] = 9.9, 10.1, 40
    share = correct_keypoints(found, truth)
    assert share[0] == 0.5 and share[1] == 0 and share[2:].min() == 1
    truth[0, 1] = np.nan
    found[1, 1] = truth[1, 1]
    assert correct_keypoints(found, truth)[1] == 1
    found[:, 2], truth[:, 3] = np.nan, np.nan
    share = correct_keypoints(found, truth)
    assert share[2] == 0, "a point that was not found is not right"
    assert np.isnan(share[3]) and np.isfinite(share[4:]).all(), "of a point that nobody knows nothing is said"


def test_the_keypoint_network_learns_a_few_pictures_by_heart():
    rng = np.random.default_rng(0)
    pictures, points = np.zeros((8, 64, 64, 3), np.uint8), rng.uniform(8, 56, (8, 2, 2))
    for picture, pair in zip(pictures, points.round().astype(int)):
        for (x, y), color in zip(pair, ((255, 0, 0), (0, 0, 255))):
            picture[y - 3:y + 4, x - 3:x + 4] = color
    model = networks.keypoint_network((64, 64, 3), points=2, channels=16)
    losses = networks.train_keypoints(model, pictures, points, epochs=60, batch_size=4)
    assert losses[-1] < 0.8 * losses[0]
    found = points_of(networks.predict(model, pictures))[..., :2]
    assert np.median(np.linalg.norm(found - points, axis=2)) < 4
    with pytest.raises(ValueError, match="train_keypoints takes RGB frames as uint8"):
        networks.train_keypoints(model, pictures / 255, points)
    with pytest.raises(ValueError, match="multiples of 16"):
        networks.keypoint_network((60, 64, 3))

"""Optical flow, its histograms, and motion history."""
import cv2
import numpy as np
import pandas as pd
import pytest

import vmm_lab as vl
from vmm_lab.features import MotionEnergy, MotionHistogram, brightened, flow, flow_histogram, motion_history


def square_moving(right, down, *, steps=8, side=64):
    """uint8 (steps, side, side, 3): a textured square that moves by (right, down) pixels a frame over a still scene."""
    rng = np.random.default_rng(0)
    scene, patch = (
        cv2.normalize(cv2.GaussianBlur(rng.random((n, n)), (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)
        for n in (side, 24)
    )
    frames = []
    for t in range(steps):
        frame = scene.copy()
        y, x = 20 + down * (t - steps // 2), 20 + right * (t - steps // 2)
        frame[y : y + 24, x : x + 24] = patch
        frames.append(cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB))
    return np.stack(frames)


@pytest.mark.parametrize("preset", ["fast", "medium"])
@pytest.mark.parametrize("right, down", [(2, 0), (-2, 0), (0, 2), (1, -1)])
def test_flow_finds_a_known_shift(preset, right, down):
    still = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8), (0, 0), 3)
    field = flow(still, np.roll(still, (down, right), (0, 1)), preset=preset)
    inner = field[16:-16, 16:-16] - (right, down)
    assert field.shape == (96, 96, 2) and field.dtype == np.float32
    assert np.linalg.norm(inner, axis=2).mean() < 0.3


def test_flow_is_the_same_whatever_the_number_of_opencv_threads():
    frames = square_moving(2, 1)
    before = cv2.getNumThreads()
    try:
        fields = []
        for threads in (1, 2, 4):
            cv2.setNumThreads(threads)
            fields.append(flow(frames[0], frames[1]))
    finally:
        cv2.setNumThreads(before)
    np.testing.assert_array_equal(fields[0], fields[1])
    np.testing.assert_array_equal(fields[0], fields[2])


@pytest.mark.parametrize(
    "previous, frame",
    [
        (np.zeros((16, 300), np.uint8), np.zeros((16, 300), np.uint8)),
        (np.zeros((64, 64), np.uint8), np.zeros((64, 65), np.uint8)),
        (np.zeros((64, 64)), np.zeros((64, 64))),
    ],
    ids=["too flat for OpenCV, which would crash", "two shapes", "floats"],
)
def test_flow_refuses_what_it_cannot_take(previous, frame):
    with pytest.raises(ValueError, match="flow"):
        flow(previous, frame)


def test_flow_histogram_puts_each_direction_into_its_bin_and_keeps_the_speed():
    for k, (right, down) in enumerate([(1, 0), (0, 1), (-1, 0), (0, -1)]):
        field = np.tile(np.float32([2 * right, 2 * down]), (8, 8, 1))
        histogram = flow_histogram(field, orientations=4, grid=(1, 1))[0, 0]
        np.testing.assert_allclose(histogram, 2 * np.eye(5)[k], atol=1e-5)


def test_flow_histogram_shares_a_vote_between_neighbouring_directions():
    field = np.tile(np.float32([1, 1]), (8, 8, 1))
    speed = np.sqrt(2)
    histogram = flow_histogram(field, orientations=4, grid=(1, 1))[0, 0]
    np.testing.assert_allclose(histogram, [speed / 2, speed / 2, 0, 0, 0], atol=1e-3)


def test_flow_histogram_counts_still_pixels_and_tells_cells_apart():
    field = np.zeros((8, 12, 2), np.float32)
    field[:4, :4] = 0, 3
    cells = flow_histogram(field, orientations=4, grid=(2, 3))
    np.testing.assert_allclose(cells[0, 0], [0, 3, 0, 0, 0], atol=1e-5)
    assert (cells.reshape(6, 5)[1:] == [0, 0, 0, 0, 1]).all()


def test_motion_histogram_tells_directions_apart_and_a_mirror_swaps_them():
    right, left = MotionHistogram(grid=(1, 1), segments=1).transform([square_moving(2, 0), square_moving(-2, 0)])
    mirrored = MotionHistogram(grid=(1, 1), segments=1).transform([square_moving(2, 0)[:, :, ::-1].copy()])[0]
    assert right[0] > 4 * right[4] and left[4] > 4 * left[0]
    assert mirrored[4] == pytest.approx(right[0], rel=0.2)


def test_segments_tell_time_orders_apart_that_a_single_mean_cannot():
    there = square_moving(2, 0)
    there_and_back, back_and_there = np.concatenate([there, there[::-1]]), np.concatenate([there[::-1], there])
    one, two = MotionHistogram(segments=1, grid=(1, 1)), MotionHistogram(segments=2, grid=(1, 1))
    a, b = one.transform([there_and_back, back_and_there])
    np.testing.assert_allclose(a, b, atol=0.05)
    a, b = two.transform([there_and_back, back_and_there])
    assert np.abs(a - b).max() > 0.2


def test_motion_history_is_newest_last_and_its_energy_forgets_the_order():
    frames = square_moving(2, 0)
    history, reverse = motion_history(frames), motion_history(frames[::-1].copy())
    assert history.max() == 1 and history.min() == 0 and history.dtype == np.float32
    reached, left = np.s_[20:44, 44:50], np.s_[20:44, 12:18]
    assert history[reached].mean() > history[left].mean() and reverse[reached].mean() < reverse[left].mean()
    np.testing.assert_array_equal(history > 0, reverse > 0)


def test_a_still_scene_under_camera_noise_does_not_move():
    rng = np.random.default_rng(0)
    noisy = np.clip(120 + rng.normal(0, 4, (6, 64, 64, 3)), 0, 255).astype(np.uint8)
    assert not motion_history(noisy).any()
    assert not MotionEnergy().transform([noisy]).any()


@pytest.mark.parametrize("feature", [MotionHistogram(), MotionEnergy()], ids=["MotionHistogram", "MotionEnergy"])
def test_one_frame_is_not_motion(feature):
    with pytest.raises(ValueError, match="T ≥ 2"):
        feature.transform([np.zeros((1, 64, 64, 3), np.uint8)])


def test_a_film_by_night_moves_as_by_day(tmp_path):
    rng, day = np.random.default_rng(0), np.full((20, 96, 96, 3), 110, np.uint8)
    texture = rng.integers(60, 230, (30, 30, 3))
    for k, frame in enumerate(day):
        frame[30:60, 3 * k:3 * k + 30] = texture
    night = (day * 0.08 + rng.uniform(0, 1, day.shape)).astype(np.uint8)
    paths = [vl.write_video(tmp_path / f"{name}.mp4", frames, fps=20) for name, frames in (("day", day), ("night", night))]
    for feature in (MotionEnergy(), MotionHistogram()):
        by_day, by_night = vl.extract(pd.DataFrame({"path": list(map(str, paths))}), feature, progress=False)
        assert np.corrcoef(by_day, by_night)[0, 1] > 0.75
    frames = vl.open_media(paths[0]).frames()[0]
    assert brightened(frames) is frames and not brightened(np.zeros((8, 8, 3), np.uint8)).any()


def test_a_grid_with_more_cells_than_pixels_is_refused():
    """Cells without a pixel were NaN."""
    with pytest.raises(ValueError, match="flow_histogram: a grid of 16×16 has more cells than 8×8 pixels"):
        flow_histogram(np.zeros((8, 8, 2), np.float32), grid=(16, 16))

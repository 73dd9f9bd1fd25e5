"""ConvolutionExplorer: its numbers are those of a convolution layer, its shades tell the sign, and weights have names."""
import cv2
import numpy as np
import pytest

from vmm_lab.widgets import ConvolutionExplorer
from vmm_lab.widgets.neuron import (
    IDENTITY,
    PRESETS,
    SOBEL,
    colored,
    convolve,
    feature_map,
    max_pool,
    number_text,
    preset_name,
)


def film(count=8, height=48, width=64):
    """A textured ground over which a bright square goes to the right, two pixels a frame; the ground is redder on the left."""
    noise = np.random.default_rng(0).integers(40, 120, (height, width, 3), dtype=np.uint8)
    noise[:, : width // 2, 0] += 100
    frames = np.repeat(noise[None], count, axis=0)
    for k in range(count):
        frames[k, 10:20, 4 + 2 * k : 14 + 2 * k] = 250
    return frames


@pytest.fixture
def explorer():
    made = ConvolutionExplorer(film(), frame=5)
    yield made
    made.close()


def by_loops(picture, weights, stride, padding):
    """The rule of Conv2D, written down: where the padding is odd, the last side gets the zero more."""
    side = len(weights)
    if padding == "same":
        sizes = [-(-n // stride) for n in picture.shape]
        zeros = [max(0, (rows - 1) * stride + side - n) for rows, n in zip(sizes, picture.shape)]
        picture = np.pad(picture, [(n // 2, n - n // 2) for n in zeros])
    rows, columns = ((n - side) // stride + 1 for n in picture.shape)
    return np.array([[(picture[r * stride :, c * stride :][:side, :side] * weights).sum() for c in range(columns)] for r in range(rows)])


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3, 8])
@pytest.mark.parametrize("side", [3, 5])
@pytest.mark.parametrize("size", [(16, 24), (17, 22), (9, 5)])
def test_the_numbers_are_those_of_a_convolution_layer(size, side, stride, padding):
    rng = np.random.default_rng(1)
    picture, weights = rng.random(size, np.float32), rng.normal(size=(side, side))
    numbers = convolve(picture, weights, bias=0.5, stride=stride, padding=padding)
    assert numbers.dtype == np.float32
    np.testing.assert_allclose(numbers, by_loops(picture, weights, stride, padding) + 0.5, atol=1e-5)


def test_pooling_keeps_the_largest_and_leaves_out_what_fills_no_square():
    numbers = np.float32([[1, 5, 0, 0, 9], [2, 3, -1, -2, 9], [9, 9, 9, 9, 9]])
    assert max_pool(numbers, 2).tolist() == [[5, 0]]
    with pytest.raises(ValueError, match="3×5 numbers are too few to pool by 4×4"):
        max_pool(numbers, 4)


def test_relu_comes_before_pooling_and_takes_the_negative():
    picture = film()[0, ..., 1].astype(np.float32) / 255
    signed, positive = (feature_map(picture, SOBEL, relu=relu).numbers for relu in (False, True))
    assert signed.min() < 0 and np.array_equal(positive, np.maximum(signed, 0))
    assert np.array_equal(feature_map(picture, SOBEL, relu=True, pool=2).numbers, max_pool(positive, 2))


def test_red_is_positive_blue_is_negative_white_is_nothing():
    red, blue, white = (colored(np.float32([[1, -1, 0]])).picture[0, k].astype(int) for k in range(3))
    assert red[0] > red[2] + 50 and blue[2] > blue[0] + 50 and white.min() > 235


def test_without_a_negative_number_the_picture_is_grey_and_brighter_is_larger():
    shades = colored(np.float32([[0, 1, 2, 3]])).picture[0].astype(int)
    assert (np.diff(shades[:, 0]) > 0).all() and (shades == shades[:, :1]).all()


def test_a_few_wild_numbers_leave_the_others_visible():
    numbers = np.full((100, 100), 1, np.float32)
    numbers[0, 0] = 30
    assert colored(numbers).high == 10
    assert colored(np.zeros((4, 4), np.float32)).picture.max() == 0, "nothing at all is no division by zero"


def test_the_same_state_gives_the_same_picture(explorer):
    again = ConvolutionExplorer(film(), frame=5)
    assert np.array_equal(explorer.pixels(), again.pixels())
    again.bias.value = 0.5
    assert np.allclose(again.feature_map.numbers, explorer.feature_map.numbers + 0.5)


def test_a_weight_that_is_changed_changes_the_numbers_and_the_name(explorer):
    before = explorer.feature_map.numbers
    weights = [list(row) for row in explorer.weights.value]
    weights[1][1] = 3.0
    explorer.weights.value = weights
    grey = cv2.cvtColor(film()[5], cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    assert np.allclose(explorer.feature_map.numbers, before + 3 * grey[1:-1, 1:-1], atol=1e-5)
    assert explorer.kernel.value == "your own" and "your own kernel" in repr(explorer)
    explorer.weights.value = SOBEL.T.tolist()
    assert explorer.kernel.value == "Sobel y"


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_is_on_show_as_its_own_weights(explorer, name):
    explorer.kernel.value = name
    assert np.array_equal(explorer.weights.value, PRESETS[name][0]) and np.array_equal(explorer.earlier.value, PRESETS[name][1])
    assert explorer.side.value == len(PRESETS[name][0])
    assert not explorer.status.failed and repr(explorer).startswith(f"ConvolutionExplorer(frames, frame 5 of 8: {name}, ")
    assert preset_name(explorer.weights.value, explorer.earlier.value) == name == explorer.kernel.value


def test_whatever_is_changed_is_drawn_once(explorer, monkeypatch):
    drawn = []
    draw = explorer.draw
    monkeypatch.setattr(explorer, "draw", lambda: drawn.append(explorer.kernel.value) or draw())
    for change in (lambda: setattr(explorer.weights, "value", [[1, 2, 3]] * 3), lambda: setattr(explorer.weights, "value", [[1, 2, 4]] * 3),
                   lambda: setattr(explorer.kernel, "value", "Blur 5×5"), lambda: setattr(explorer.side, "value", 3),
                   lambda: setattr(explorer.kernel, "value", "Difference in time"), lambda: setattr(explorer.frame, "value", 2)):
        drawn.clear()
        change()
        assert len(drawn) == 1


def test_a_larger_grid_keeps_the_weights_and_the_numbers_inside(explorer):
    small = explorer.feature_map.numbers
    explorer.side.value = 5
    weights = np.array(explorer.weights.value)
    assert weights.shape == (5, 5) and np.array_equal(weights[1:-1, 1:-1], SOBEL) and np.abs(weights).sum() == np.abs(SOBEL).sum()
    np.testing.assert_allclose(explorer.feature_map.numbers, small[1:-1, 1:-1], atol=1e-5)
    explorer.side.value = 3
    assert explorer.kernel.value == "Sobel x"


def test_weights_of_another_size_may_be_set_at_once(explorer):
    explorer.kernel.value = "Difference in time"
    explorer.weights.value = np.eye(5).tolist()
    assert explorer.side.value == len(explorer.earlier.value) == 5 and not explorer.status.failed
    assert not np.any(explorer.earlier.value)


def test_difference_in_time_sees_what_moved_and_nothing_else(explorer):
    explorer.kernel.value = "Difference in time"
    explorer.padding.value = "same"
    explorer.distance.value = 2
    grey = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in film()]).astype(float) / 255
    np.testing.assert_allclose(explorer.feature_map.numbers, grey[5] - grey[3], atol=1e-5)
    assert "The earlier frame is 3." in explorer.message and explorer.earlier.layout.display is None
    explorer.frame.value = 0
    assert not explorer.feature_map.numbers.any() and "Nothing is earlier than frame 0" in explorer.message
    explorer.kernel.value = "Blur"
    assert explorer.earlier.layout.display == "none" == explorer.distance.layout.display


def test_a_neuron_that_looks_at_red_finds_the_red_half(explorer):
    explorer.kernel.value = "Identity"
    grey = explorer.feature_map.numbers
    explorer.channel.value = "red"
    left, right = explorer.feature_map.numbers[25:, :30].mean(), explorer.feature_map.numbers[25:, 34:].mean()
    assert left > right + 0.3 and grey[25:, :30].mean() < grey[25:, 34:].mean() + 0.2


def test_the_status_line_tells_the_sizes_and_the_range(explorer):
    explorer.stride.value, explorer.pool.value = 2, 4
    numbers = explorer.feature_map.numbers
    assert numbers.shape == (5, 7)
    told = f"48×64 pixels → 5×7 numbers from {number_text(numbers.min())} to {number_text(numbers.max())}."
    assert explorer.message == f"Frame 5, 0.20 s: {told}"
    assert "5×7 numbers" in explorer.status.alts[0]


def test_a_kernel_larger_than_the_picture_is_told_and_padding_helps():
    explorer = ConvolutionExplorer(film(2, 4, 20)[:, :, :20], kernel="Blur 5×5")
    assert explorer.status.failed and "5×5 does not fit into 4×20 pixels" in explorer.message
    assert explorer._repr_mimebundle_()
    explorer.padding.value = "same"
    assert not explorer.status.failed and explorer.feature_map.numbers.shape == (4, 20)
    explorer.pool.value = 8
    assert explorer.status.failed and "too few to pool" in explorer.message
    assert explorer.feature_map is None and "numbers" not in repr(explorer), "what was there before is no answer to this"


def test_one_picture_is_a_film_too():
    explorer = ConvolutionExplorer(film(1), kernel="Difference in time")
    assert not explorer.status.failed and not explorer.feature_map.numbers.any()


@pytest.mark.parametrize("weights", [[[1, 2], [3, 4]], [[1, 2, 3]] * 2, [[1, 2, float("nan")]] * 3, [["a", 0, 0]] * 3, [], [[1], [2, 3], [4]]])
def test_weights_that_are_no_kernel_are_refused_in_a_sentence_and_the_old_ones_stay(explorer, weights):
    with pytest.raises(ValueError, match="3 rows of 3 or 5 rows of 5") as error:
        explorer.weights.value = weights
    assert "\n" not in str(error.value) and np.array_equal(explorer.weights.value, SOBEL)


def test_an_unknown_kernel_lists_the_known_ones_and_other_frames_are_refused():
    with pytest.raises(ValueError, match="Sobel x, Sobel y"):
        ConvolutionExplorer(film(), kernel="Sobel")
    with pytest.raises(ValueError, match="uint8 RGB"):
        ConvolutionExplorer(film().astype(float))


def test_a_preset_is_not_changed_by_who_uses_it(explorer):
    explorer.kernel.value = "Identity"
    explorer.weights.value[0][0] = 7.0
    assert IDENTITY.sum() == 1 and np.array_equal(PRESETS["Identity"][0], IDENTITY)

"""Smaller networks: which weights and channels go, what a student learns from its teacher, and what is on the frontier."""
import numpy as np
import pytest

from vmm_lab import edge
from vmm_lab.networks import Augment, Examples, conv2plus1d, conv3d, cost, keras, predict, small_cnn, transformer

pytestmark = pytest.mark.slow  # it builds networks

layers = keras.layers
CLIP = (8, 32, 32, 3)


def pixels(shape, n=6, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


def test_the_smallest_weights_become_zero_and_the_model_stays():
    keras.utils.set_random_seed(0)
    model = small_cnn(3, (32, 32))
    before = model.get_weights()
    pruned = edge.prune_weights(model, 0.8)
    for old, new in zip(model.layers, pruned.layers):
        if hasattr(old, "kernel"):
            old, new = np.abs(np.asarray(old.kernel)), np.asarray(new.kernel)
            assert (new == 0).mean() == pytest.approx(0.8, abs=0.01)
            assert old[new == 0].max() <= old[new != 0].min()
    assert all((a == b).all() for a, b in zip(before, model.get_weights()))
    whole = keras.Sequential([keras.Input((8, 5)), layers.GRU(4), keras.Sequential([layers.Dense(3, activation="softmax")])])
    for weight in edge.prune_weights(whole, 0.5).weights:
        if weight.name.endswith("kernel"):
            assert (np.asarray(weight) == 0).mean() == pytest.approx(0.5, abs=0.05), weight.path
    assert cost(pruned)["flops"] == cost(model)["flops"]


def dead(model, share=0.5):
    """Make the last channels of each convolution worthless, by γ or by their weights, and return how many that leaves."""
    for place, layer in enumerate(model.layers):
        if not isinstance(layer, (layers.Conv2D, layers.Conv3D)):
            continue
        norm, n = model.layers[place + 1], round(share * layer.filters)
        if isinstance(norm, layers.BatchNormalization):
            rng = np.random.default_rng(place)
            gamma, beta, mean, variance = (rng.uniform(0.5, 1.5, layer.filters) for _ in range(4))
            gamma[n:] = beta[n:] = 0
            norm.set_weights([gamma, beta, mean, variance])
        else:
            kernel, bias = layer.get_weights()
            kernel[..., n:] = 0
            layer.set_weights([kernel, bias])


@pytest.mark.parametrize(("build", "shape"), [
    (lambda: small_cnn(3, (32, 32)), (32, 32, 3)), (lambda: conv2plus1d(3, CLIP), CLIP), (lambda: conv3d(3, CLIP), CLIP)])
def test_channels_that_carry_nothing_can_be_pruned_without_a_change(build, shape):
    keras.utils.set_random_seed(1)
    model = build()
    dead(model)
    narrow = edge.prune_channels(model, 0.5)
    assert narrow.count_params() < 0.6 * model.count_params() and cost(narrow)["flops"] < 0.6 * cost(model)["flops"]
    rows = pixels(shape)
    assert np.abs(predict(narrow, rows) - predict(model, rows)).max() < 1e-5
    assert edge.prune_channels(model, 1.0).count_params() == model.count_params()


def test_a_model_that_is_no_chain_and_a_share_that_is_none_are_refused():
    with pytest.raises(ValueError, match="transformer is no chain: .* its channels cannot be pruned"):
        edge.prune_channels(transformer(3, CLIP), 0.5)
    for share in (0, -0.1, 1.5):
        with pytest.raises(ValueError, match="greater than 0 and at most 1"):
            edge.prune_channels(small_cnn(3, (32, 32)), share)
        with pytest.raises(ValueError, match="greater than 0 and at most 1"):
            edge.prune_weights(small_cnn(3, (32, 32)), share)


def classifier(units, seed):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((2,)), layers.Dense(units, activation="relu"), layers.Dense(3, activation="softmax")])


@pytest.mark.parametrize("layer, kind", [
    (lambda: layers.DepthwiseConv2D(3), "DepthwiseConv2D"), (lambda: layers.Conv2D(8, 3, groups=2), "Conv2D"),
    (lambda: layers.Reshape((900, 8)), "Reshape"), (lambda: layers.Permute((3, 1, 2)), "Permute")])
def test_a_layer_that_cannot_take_fewer_channels_is_named(layer, kind):
    model = keras.Sequential([keras.Input((32, 32, 3)), layers.Conv2D(8, 3), layer(), layers.Flatten(), layers.Dense(2)], name="odd")
    with pytest.raises(ValueError, match=rf"odd has '\w+' \({kind}\), which cannot take fewer channels"):
        edge.prune_channels(model, 0.5)


def test_a_last_convolution_keeps_its_classes():
    model = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(8, 3, activation="relu"), layers.Conv2D(4, 1),
                              layers.GlobalAveragePooling2D(), layers.Softmax()])
    narrow = edge.prune_channels(model, 0.5)
    assert narrow.output_shape == (None, 4) and narrow.layers[1].filters == 4


def test_only_known_ways_to_quantize_are_measured_and_one_sigmoid_has_two_classes():
    model = keras.Sequential([keras.Input((4, 4, 3)), layers.Flatten(),
                              layers.Dense(1, "sigmoid", kernel_initializer="zeros", bias_initializer="ones")])
    X = np.zeros((3, 4, 4, 3), np.float32)
    assert edge.measure(model, X, [1, 1, 0], repeats=1)["accuracy"] == pytest.approx(2 / 3)
    assert edge.measure(model, X.astype(float), [1, 1, 0], quantize="int8", calibration=X.astype(float), repeats=1)["same_answer"] == 1
    for y in (["b", "b", "a"], [1, 1]):
        with pytest.raises(ValueError, match="give the number of the class of each of 3 rows"):
            edge.measure(model, X, y)
    with pytest.raises(ValueError, match="quantize must be one of"):
        edge.measure(model, X, [1, 1, 0], quantize="int9")
    with pytest.raises(ValueError, match="int8 needs calibration rows"):
        edge.measure(model, X, [1, 1, 0], quantize="int8")


def test_a_student_comes_to_answer_as_its_teacher_does():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(256, 2)).astype(np.float32)
    teacher, student = classifier(16, 1), classifier(8, 2)
    examples = Examples(rows, predict(teacher, rows).argmax(axis=1), ("a", "b", "c"))

    def apart():
        return np.abs(predict(student, rows) - predict(teacher, rows)).max()

    before, weights = apart(), teacher.get_weights()
    losses = edge.distil(student, teacher, examples, steps=300, learning_rate=1e-2, weight=1.0)
    assert len(losses) == 300 and np.mean(losses[-20:]) < np.mean(losses[:20])
    assert apart() < 0.4 * before
    assert all((a == b).all() for a, b in zip(weights, teacher.get_weights())), "a teacher does not learn"
    with pytest.raises(ValueError, match="must know the same classes"):
        edge.distil(keras.Sequential([keras.Input((2,)), layers.Dense(2, activation="softmax")]), teacher, examples)
    one = keras.Sequential([keras.Input((2,)), layers.Dense(1, activation="sigmoid")])
    with pytest.raises(ValueError, match="give a probability of each"):
        edge.distil(one, one, examples)


def test_the_same_seed_distils_the_same_student():
    rows = pixels((32, 32, 3), n=20)
    examples = Examples(rows, np.arange(20) % 2, ("a", "b"))
    keras.utils.set_random_seed(3)
    teacher, found = small_cnn(2, (32, 32)), []
    for _ in range(2):
        keras.utils.set_random_seed(4)
        student = edge.prune_channels(small_cnn(2, (32, 32)), 0.5)
        edge.distil(student, teacher, examples, steps=4, batch_size=8, augment=Augment(2), seed=5)
        found.append(predict(student, rows))
    assert (found[0] == found[1]).all()


def test_what_a_model_costs_is_measured():
    keras.utils.set_random_seed(0)
    model, rows = small_cnn(3, (32, 32)), pixels((32, 32, 3), n=9)
    whole = edge.measure(model, rows, predict(model, rows).argmax(axis=1), repeats=5)
    assert whole["accuracy"] == whole["same_answer"] == 1.0 and whole["milliseconds"] > 0
    small = edge.measure(model, rows, np.full(9, 3), quantize="dynamic", repeats=5)
    assert small["accuracy"] == 0.0 and small["bytes"] < 0.5 * whole["bytes"] and small["parameters"] == whole["parameters"]
    pruned = edge.measure(edge.prune_weights(model, 0.75), rows, np.zeros(9), repeats=5)
    assert pruned["parameters"] < 0.3 * whole["parameters"] and pruned["bytes"] == pytest.approx(whole["bytes"], rel=0.01)


def test_the_frontier_is_what_no_other_beats():
    assert edge.frontier([1, 2, 2, 3, 4], [0.5, 0.9, 0.8, 0.9, 0.95]).tolist() == [True, True, False, False, True]
    assert edge.frontier([2, 2], [0.7, 0.7]).tolist() == [True, True]

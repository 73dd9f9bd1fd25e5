"""Why a model said so: heat lies where the answer comes from, in place and time, and covering it takes the answer away."""
import gc
import weakref

import numpy as np
import pytest

from vmm_lab import explain
from vmm_lab.explain.gradcam import maps_and_gradient, stretching
from vmm_lab.networks import conv2plus1d, conv3d, first_cnn, frame_average, hog_gru, keras, small_cnn

pytestmark = pytest.mark.slow  # it builds networks

layers = keras.layers


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


def clips(n=2, frames=16, side=64, *, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, frames, side, side, 3), dtype=np.uint8)


def brightness(place):
    """A model of grey clips (6, 16, 16, 1): the brighter `place` (a mask of (6, 16, 16)) is, the surer class 1."""
    inputs = keras.Input((6, 16, 16, 1))
    x = layers.Conv3D(1, (1, 4, 4), strides=(1, 4, 4), name="conv")(inputs)
    outputs = layers.Dense(2, activation="softmax")(layers.Flatten()(x))
    model = keras.Model(inputs, outputs, name="brightness")
    model.get_layer("conv").set_weights([np.full((1, 4, 4, 1, 1), 1 / 16), np.zeros(1)])
    shares = np.asarray(place, float).reshape(6, 4, 4, 4, 4).mean(axis=(2, 4)).ravel()
    model.layers[-1].set_weights([np.stack([0 * shares, shares], axis=1), np.zeros(2)])
    return model


def corner(times=slice(None)):
    place = np.zeros((6, 16, 16), bool)
    place[times, :8, :8] = True
    return place


def pooled(*, frames=4):
    """A model of clips (frames, 8, 8, 2) whose maps are averaged before the last layer, with weights known by heart."""
    inputs = keras.Input((frames, 8, 8, 2))
    x = layers.ReLU(name="conv_relu")(layers.Conv3D(2, 1, name="conv")(inputs))
    outputs = layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling3D()(x))
    model = keras.Model(inputs, outputs, name="pooled")
    model.get_layer("conv").set_weights([np.eye(2).reshape(1, 1, 1, 2, 2), np.zeros(2)])
    model.layers[-1].set_weights([np.array([[1.0, -1.0, 0.0], [0.0, 3.0, 0.0]]), np.zeros(3)])
    return model


# Heat over places.

def test_grad_cam_is_the_weighted_sum_of_the_maps_above_zero():
    seen = np.random.default_rng(0).normal(size=(2, 4, 8, 8, 2)).astype(np.float32)
    maps = np.maximum(seen, 0)  # the convolution lets everything through, the ReLU what is above 0
    by_hand = np.maximum(-1 * maps[..., 0] + 3 * maps[..., 1], 0)
    by_hand /= by_hand.max(axis=(1, 2, 3), keepdims=True)
    heat = explain.grad_cam(pooled(), seen, 1)
    assert heat.dtype == np.float32 and np.allclose(heat, by_hand, atol=1e-6)
    assert not explain.grad_cam(pooled(), seen, 2).any(), "nothing speaks for a class whose weights are 0"
    each = explain.grad_cam(pooled(), seen, [0, 1])
    assert np.allclose(each[1], by_hand[1], atol=1e-6) and np.allclose(each[0], maps[0, ..., 0] / maps[0, ..., 0].max(), atol=1e-6)


def test_the_heat_follows_what_the_model_learns_and_the_model_can_be_let_go():
    model, seen = small_cnn(3, (32, 32)), clips(1)[0, :1, :32, :32]
    before = explain.grad_cam(model, seen, 1)
    model.set_weights([np.random.default_rng(0).permutation(part.ravel()).reshape(part.shape) for part in model.get_weights()])
    same = keras.models.clone_model(model)
    same.set_weights(model.get_weights())
    after = explain.grad_cam(model, seen, 1)
    assert np.allclose(after, explain.grad_cam(same, seen, 1), atol=1e-5) and not np.allclose(before, after, atol=1e-2)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_averaged_or_not_is_the_same_where_the_network_averages_its_maps():
    seen = np.random.default_rng(1).normal(size=(1, 4, 8, 8, 2)).astype(np.float32)
    assert np.allclose(explain.grad_cam(pooled(), seen, 1), explain.grad_cam(pooled(), seen, 1, averaged=False), atol=1e-6)


def test_only_its_own_gradient_finds_the_corner_of_a_network_that_flattens():
    grey = np.full((1, 6, 16, 16, 1), 0.5, np.float32)
    exact, averaged = (explain.grad_cam(brightness(corner()), grey, 1, averaged=a)[0] for a in (False, True))
    assert exact[:, :8, :8].sum() / exact.sum() > 0.85  # the rest is interpolation over its edge
    assert np.allclose(averaged, 1), "one channel, equally bright everywhere: its mean gradient knows no place"


@pytest.mark.parametrize("name", ["conv1_relu", "conv3"])
@pytest.mark.parametrize("build", [frame_average, conv3d])
def test_the_gradient_is_how_the_score_before_the_softmax_changes(build, name):
    model, seen = build(5), clips(1)
    last = model.layers[-1]
    maps, gradient = maps_and_gradient(model, name, seen, np.array([3]))
    behind = keras.Model(model.get_layer(name).output, last.input)
    kernel, bias = (np.asarray(weights) for weights in last.weights)

    def score(values):
        return float((np.asarray(behind(values, training=False)) @ kernel + bias)[0, 3])

    for place in zip(*np.unravel_index(np.abs(gradient).ravel().argsort()[-3:], gradient.shape)):
        more, less = maps.copy(), maps.copy()
        more[place] += 0.01
        less[place] -= 0.01
        assert gradient[place] == pytest.approx((score(more) - score(less)) / 0.02, rel=0.1)


@pytest.mark.parametrize("end", [layers.Softmax(), layers.Activation("softmax")])
def test_a_softmax_in_a_layer_of_its_own_is_left_out_of_the_gradient_too(end):
    model, seen = pooled(), np.random.default_rng(0).normal(size=(2, 4, 8, 8, 2)).astype(np.float32)
    logits = layers.Dense(3)
    apart = keras.Model(model.input, end(logits(model.layers[-2].output)))
    logits.set_weights(model.layers[-1].get_weights())
    assert np.allclose(explain.grad_cam(apart, seen, 1), explain.grad_cam(model, seen, 1), atol=1e-5)
    for ours, theirs in zip(maps_and_gradient(apart, "conv", seen, np.ones(2, int)), maps_and_gradient(model, "conv", seen, np.ones(2, int))):
        assert np.allclose(ours, theirs, atol=1e-6)


def test_a_frozen_frame_network_is_explained_like_a_free_one():
    model, seen = frame_average(4), clips(2)
    free = explain.grad_cam(model, seen, 1, averaged=False)
    model.trainable = False
    assert free.any() and np.array_equal(explain.grad_cam(model, seen, 1, averaged=False), free)


def test_one_output_has_two_classes_that_pull_against_each_other():
    model = first_cnn()
    pictures = np.random.default_rng(0).random((2, 64, 64, 3)).astype(np.float32)
    yes, no = (maps_and_gradient(model, "conv1", pictures, np.full(2, k))[1] for k in (1, 0))
    assert yes.any() and np.allclose(yes, -no)
    assert explain.grad_cam(model, pictures).shape == (2, 64, 64)


def test_without_a_class_it_is_the_one_predicted():
    model, seen = small_cnn(5), clips(3)[:, 0]
    said = np.asarray(model(seen)).argmax(axis=1)
    assert np.array_equal(explain.grad_cam(model, seen), explain.grad_cam(model, seen, said))


def test_many_clips_are_explained_in_batches_as_they_are_alone():
    model = brightness(np.random.default_rng(0).random((6, 16, 16)))
    seen = np.random.default_rng(0).random((70, 6, 16, 16, 1)).astype(np.float32)
    together = explain.grad_cam(model, seen, 1)
    assert np.allclose(together[65:66], explain.grad_cam(model, seen[65:66], 1), atol=1e-5)
    assert np.array_equal(together, explain.grad_cam(model, seen, 1)), "the same on every call"
    assert together.min() >= 0 and np.allclose(together.max(axis=(1, 2, 3)), 1)


# Heat over time.

def test_the_deciding_frames_have_the_heat():
    grey = np.full((1, 6, 16, 16, 1), 0.5, np.float32)
    shares = explain.saliency_over_time(brightness(corner(slice(2, 4))), grey, 1, averaged=False)[0]
    assert shares.sum() == pytest.approx(1) and shares[2:4].sum() > 0.99


def test_differences_stand_half_way_between_their_frames():
    weights = stretching(15, 16, 15)
    assert weights[0].tolist() == [1] + [0] * 14 and weights[15].tolist() == [0] * 14 + [1]
    assert weights[7].tolist() == [0] * 6 + [0.5, 0.5] + [0] * 7, "frame 7 lies between the differences 6 and 7"
    assert np.allclose(stretching(16, 16, 16), np.eye(16))
    assert np.allclose(stretching(4, 15, 15).sum(axis=1), 1)


def test_a_jump_between_two_frames_is_seen_in_both_and_in_no_other():
    model = conv3d(3)
    kernel = np.zeros((3, 5, 5, 1, 8))
    kernel[1, 2, 2] = 1  # conv1 answers to the difference itself, at one time
    model.get_layer("conv1").set_weights([kernel, np.zeros(8)])
    seen = np.zeros((1, 16, 64, 64, 3), np.uint8)
    seen[:, 9:] = 200
    for wanted in range(3):  # one of the three classes at least is for it
        shares = explain.saliency_over_time(model, seen, wanted, layer="conv1_relu", averaged=False)[0]
        if shares.any():
            assert set(np.flatnonzero(shares)) == {8, 9} and shares[8] == pytest.approx(0.5)
            return
    pytest.fail("no class has any heat")


def test_an_average_over_frames_does_not_know_their_order():
    model, seen = frame_average(4), clips(1)
    heat = explain.grad_cam(model, seen, 2)
    assert np.allclose(explain.grad_cam(model, seen[:, ::-1], 2), heat[:, ::-1], atol=1e-4)


def test_a_clip_without_heat_has_no_share_and_no_nan():
    assert not explain.time_shares(np.zeros((2, 3, 4, 4))).any()


# Occlusion.

def test_covering_the_corner_takes_the_answer_away():
    model = brightness(0.4 * corner(slice(2, 4)))
    seen = np.zeros((2, 6, 16, 16, 1), np.float32)
    seen[0, 2:4] = 1
    fall = explain.occlusion(model, seen, 1, patch=8, stride=8)
    assert fall.shape == (2, 6, 16, 16) and fall.dtype == np.float32
    before, after = (float(np.asarray(model(s))[0, 1]) for s in (seen[:1], np.full_like(seen[:1], 1 / 3)))  # its mean over time
    assert np.allclose(fall[0, :, :8, :8], before - after, atol=1e-5) and before - after > 0.2
    assert np.allclose(fall[0, :, 8:], 0, atol=1e-6) and np.allclose(fall[1], 0, atol=1e-6)


def test_covering_single_frames_finds_those_that_decide():
    model = brightness(0.4 * corner(slice(2, 4)))
    seen = np.zeros((1, 6, 16, 16, 1), np.float32)
    seen[:, 2:4] = 1
    fall = explain.occlusion(model, seen, 1, patch=None)[0, :, 0, 0]
    assert fall[2] == pytest.approx(fall[3]) and fall[2] > 0.05
    assert np.allclose(np.delete(fall, [2, 3]), 0, atol=1e-6)


def test_a_place_has_the_mean_fall_of_the_patches_over_it():
    model = brightness(0.4 * corner())
    seen = np.random.default_rng(0).random((1, 6, 16, 16, 1)).astype(np.float32)
    fall, before = explain.occlusion(model, seen, 1, patch=8, stride=4)[0, 0], np.asarray(model(seen))[0, 1]
    falls = []
    for row, column in ((0, 0), (0, 4), (4, 0), (4, 4)):  # the four patches over the pixel (5, 5)
        covered = seen.copy()
        covered[:, :, row : row + 8, column : column + 8] = seen.mean(axis=1, keepdims=True)[:, :, row : row + 8, column : column + 8]
        falls.append(before - np.asarray(model(covered))[0, 1])
    assert fall[5, 5] == pytest.approx(np.mean(falls), abs=1e-5)


def test_sequences_and_pictures_are_covered_too():
    inputs = keras.Input((5, 3))
    model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(layers.Flatten()(inputs)), name="sequences")
    weights = np.zeros((5, 3, 1))
    weights[1] = 4
    model.layers[-1].set_weights([weights.reshape(15, 1), np.zeros(1)])
    sequence = np.zeros((1, 5, 3), np.float32)
    sequence[:, 1] = 1
    fall = explain.occlusion(model, sequence, 1)
    assert fall.shape == (1, 5) and fall[0].argmax() == 1 and fall[0, 1] > 0.05 and np.allclose(fall[0, [0, 2, 3, 4]], 0, atol=1e-6)
    picture = clips(1)[:, 0]
    assert explain.occlusion(small_cnn(3), picture, patch=20).shape == (1, 64, 64)
    flat = np.full_like(picture, 77)
    assert np.allclose(explain.occlusion(small_cnn(3), flat, patch=32), 0, atol=1e-6), "the mean colour covers itself"


def test_it_leaves_the_clips_as_they_were():
    seen = clips(1)
    kept = seen.copy()
    explain.occlusion(frame_average(3), seen, patch=32)
    assert np.array_equal(seen, kept)


# What is inside.

def test_filters_are_the_kernels_one_after_the_other():
    model = first_cnn()
    kernel = np.asarray(model.get_layer("conv1").kernel)
    shown = explain.filters(model)
    assert shown.shape == (32, 3, 3, 3) and np.array_equal(shown[5], kernel[..., 5])
    assert explain.filters(conv3d(3)).shape == (8, 3, 5, 5, 1)
    assert explain.filters(conv2plus1d(3), "conv2_time").shape == (24, 3, 1, 1, 24)


def test_activations_are_what_the_layer_gives():
    model = brightness(corner())
    seen = np.random.default_rng(0).random((40, 6, 16, 16, 1)).astype(np.float32)
    answered = explain.activations(model, seen, "conv")
    assert answered.shape == (40, 6, 4, 4, 1)
    assert answered[39, 5, 3, 2, 0] == pytest.approx(seen[39, 5, 12:16, 8:12].mean(), abs=1e-5)


def test_the_layers_to_draw_keep_places_and_the_last_is_the_default():
    model = frame_average(3)
    assert explain.map_layers(model)[-1] == "conv3_relu" and "reshape" not in explain.map_layers(model)
    assert not any(name.startswith("foreground") for name in explain.map_layers(model)), "it asks nothing that was learnt"
    seen = clips(1)
    assert np.array_equal(explain.grad_cam(model, seen), explain.grad_cam(model, seen, layer="conv3_relu"))


def test_a_network_run_on_each_frame_is_looked_into():
    inputs = keras.Input((4, 16, 16, 3))
    x = layers.TimeDistributed(layers.Conv2D(2, 3, activation="relu"), name="each_frame")(inputs)
    model = keras.Model(inputs, layers.Dense(2, activation="softmax")(layers.Flatten()(x)), name="by_frame")
    assert explain.map_layers(model) == ["each_frame"]
    assert explain.filters(model).shape == (2, 3, 3, 3)
    assert explain.grad_cam(model, np.random.default_rng(0).random((1, 4, 16, 16, 3)).astype(np.float32)).shape == (1, 4, 16, 16)


# Films with heat.

def test_hot_places_are_bright_and_cold_ones_stay_grey():
    frames = np.full((2, 32, 32, 3), (90, 60, 30), np.uint8)
    heat = np.zeros((2, 32, 32), np.float32)
    heat[1, :8] = np.linspace(0.1, 1, 32)
    film = explain.heatmap_film(frames, heat)
    assert film.dtype == np.uint8 and film.shape == frames.shape
    assert np.array_equal(film[0], np.full((32, 32, 3), 60)) and np.array_equal(film[1, 8:], film[0, 8:])
    assert film[1, 0, -1].astype(int).sum() > film[1, 0, 16].astype(int).sum() > 0
    assert np.array_equal(explain.heatmap_film(frames, heat, opacity=0), np.full_like(frames, 60))
    with_key = explain.heatmap_film(frames, heat, legend=True)
    brightness = with_key[0, -1].astype(int).sum(axis=1)
    assert (np.diff(brightness) >= 0).all() and brightness[-1] > 600 and np.array_equal(with_key[:, :-2], film[:, :-2])
    assert explain.heatmap_film(frames[1], heat[1]).tolist() == film[1].tolist()


# What cannot be explained.

@pytest.mark.parametrize("ask, said", [
    (lambda: explain.grad_cam(hog_gru(3, (4, 8), components=4), np.zeros((1, 4, 8), np.float32)), "hog_gru has no convolution of its own; occlusion"),
    (lambda: explain.filters(hog_gru(3, (4, 8), components=4)), "hog_gru has no convolution"),
    (lambda: explain.grad_cam(small_cnn(3), clips(1)[:, 0], 3), "whole number from 0 to 2, .*got 3"),
    (lambda: explain.grad_cam(small_cnn(3), clips(1)[:, 0], -1), "whole number from 0 to 2"),
    (lambda: explain.grad_cam(small_cnn(3), clips(1)[:, 0], 1.5), "whole number from 0 to 2"),
    (lambda: explain.grad_cam(small_cnn(3), clips(3)[:, 0], [0, 1]), "one for each of the 3 clips"),
    (lambda: explain.grad_cam(small_cnn(3), clips(1)[:, 0], layer="conv9"), "no convolution 'conv9'; choose one of conv1, "),
    (lambda: explain.activations(small_cnn(3), clips(1)[:, 0], "conv9"), "no layer 'conv9'"),
    (lambda: explain.grad_cam(frame_average(3), clips(1)[0]), r"\(n, 16, 64, 64, 3\) with n ≥ 1, got \(16, 64, 64, 3\); .*give clip\[None\]"),
    (lambda: explain.grad_cam(frame_average(3), clips(1, 8)), r"got \(1, 8, 64, 64, 3\)\.$"),
    (lambda: explain.grad_cam(frame_average(3), clips(1)[:0]), "n ≥ 1"),
    (lambda: explain.saliency_over_time(small_cnn(3), clips(1)[:, 0]), "small_cnn takes no clips"),
    (lambda: explain.occlusion(small_cnn(3), clips(1)[:, 0], patch=0), "at least 1 wide"),
    (lambda: explain.occlusion(frame_average(3), clips(1), length=0), "at least 1 wide"),
    (lambda: explain.grad_cam(first_cnn(), clips(1)[:, 0], 1), r"first_cnn takes numbers in \[0, 1\], and the clips are pixels"),
    (lambda: explain.grad_cam(small_cnn(3), clips(1)[:, 0] / 255, 1), "small_cnn takes pixels from 0 to 255, and the clips are numbers"),
    (lambda: explain.activations(small_cnn(3), clips(1)[:, 0] / 255, "conv1"), "small_cnn takes pixels from 0 to 255"),
    (lambda: explain.occlusion(small_cnn(3), clips(1)[:, 0], patch=8, stride=9), "no longer than it"),
    (lambda: explain.heatmap_film(clips(1)[0], np.zeros((3, 4, 4))), r"got heat \(3, 4, 4\) over uint8"),
])
def test_what_cannot_be_explained_is_said_in_one_sentence(ask, said):
    with pytest.raises(ValueError, match=said) as error:
        ask()
    assert "\n" not in str(error.value)


def test_numbers_before_a_softmax_are_no_probabilities_and_still_have_heat():
    logits, several = pooled(), pooled()
    logits.layers[-1].activation, several.layers[-1].activation = keras.activations.linear, keras.activations.sigmoid
    seen = 10 * np.random.default_rng(0).normal(size=(2, 4, 8, 8, 2)).astype(np.float32)
    assert np.allclose(explain.grad_cam(logits, seen), explain.grad_cam(pooled(), seen), atol=1e-6)
    with pytest.raises(ValueError, match="pooled gives numbers from .* which are no probabilities; put a softmax on it"):
        explain.occlusion(logits, seen, 1)
    assert explain.occlusion(several, seen, 1).any(), "several labels have a probability each"


def test_a_model_of_several_inputs_or_without_classes_is_refused():
    one, two = keras.Input((4, 8, 8, 3)), keras.Input((4,))
    joined = layers.Concatenate()([layers.Flatten()(layers.Conv3D(1, 1)(one)), two])
    with pytest.raises(ValueError, match="several inputs"):
        explain.grad_cam(keras.Model([one, two], layers.Dense(2)(joined), name="both"), np.zeros((1, 4, 8, 8, 3)))
    with pytest.raises(ValueError, match="gives .*only a model that gives"):
        explain.grad_cam(keras.Model(one, layers.Conv3D(1, 1)(one), name="maps"), np.zeros((1, 4, 8, 8, 3), np.float32))

"""GradCamExplorer and ModelExplorer: they show what `explain` computes, answer each control, and end cleanly."""
import base64
import gc
import io
import re
import weakref

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from vmm_lab import explain, write_video
from vmm_lab.media import MediaError, open_media
from vmm_lab.networks import Examples, conv3d, first_cnn, frame_average, hog_gru, keras, small_cnn
from vmm_lab.networks.model_cost import cost
from vmm_lab.widgets import GradCamExplorer, ModelExplorer
from vmm_lab.widgets.inputs import read_inputs
from vmm_lab.widgets.model import layer_rows

pytestmark = pytest.mark.slow  # it builds networks

CLASSES = ("bow", "clap", "walk")


def clips(n=3):
    return np.random.default_rng(0).integers(0, 256, (n, 16, 64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return frame_average(3)


@pytest.fixture(scope="module")
def examples():
    return Examples(clips(), np.array([0, 1, 2]), CLASSES)


@pytest.fixture(params=[GradCamExplorer, ModelExplorer])
def either(request, model, examples):
    made = request.param(model, examples)
    yield made
    made.close()


@pytest.fixture
def gradcam(model, examples):
    made = GradCamExplorer(model, examples)
    yield made
    made.close()


@pytest.fixture
def layers(model, examples):
    made = ModelExplorer(model, examples)
    yield made
    made.close()


def ends_in(what):
    """A model of pictures whose answer is no probabilities of classes: scores of 5.3, or maps, or both; or tags, of sigmoids."""
    pixels = keras.Input((64, 64, 3), dtype="uint8")
    maps = keras.layers.Conv2D(3, 3, padding="same")(keras.layers.Rescaling(1 / 255)(pixels))
    dense = keras.layers.Dense(3, kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(5.3))
    scores = dense(keras.layers.GlobalAveragePooling2D()(maps))
    return keras.Model(pixels, {"scores": scores, "maps": maps, "both": [scores, maps], "tags": keras.layers.Activation("sigmoid")(scores)}[what])


@pytest.mark.parametrize("make", [GradCamExplorer, ModelExplorer])
def test_a_model_of_tags_may_be_sure_of_several(make):
    explorer = make(ends_in("tags"), clips(1)[0, :1], classes=CLASSES)
    assert not explorer.status.failed and "predicts bow, 100 % (then clap, 100 %)" in explorer.message


# Both.

def test_it_brings_a_picture_and_a_text_without_addresses(either):
    bundle = either._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert not re.search(r"0x[0-9a-f]{6}|[/\\]", data["text/plain"])
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.width >= 400 and np.asarray(picture.convert("L")).std() > 10
    assert len(data["image/png"]) < 250_000


def test_every_control_has_a_name_and_what_is_shown_is_told(either):
    controls = [part for row in either.children[:-1] for part in row.children]
    assert len(controls) >= 3 and all(part.description.strip() for part in controls)
    assert either.status.alts[0].startswith("Frame 8; beside it ") and not either.status.failed
    assert either.status.parts[1].startswith("<svg") and "aria-label" in either.status.parts[1]


@pytest.mark.parametrize("make", [GradCamExplorer, ModelExplorer])
def test_closing_it_leaves_no_part_open_and_no_clips_in_memory(make, model):
    made, seen = [], clips(1)
    held = weakref.ref(seen)
    ipywidgets.Widget.on_widget_constructed(made.append)
    try:
        widget = make(model, seen)
    finally:
        ipywidgets.Widget.on_widget_constructed(None)
    del seen
    widget.close()
    assert len(made) > 5 and [type(part).__name__ for part in made if part.comm is not None] == []
    gc.collect()
    assert held() is None


def test_moving_through_the_frames_asks_the_model_nothing(either, monkeypatch):
    monkeypatch.setattr(type(either._inputs.model), "__call__", lambda *values, **options: pytest.fail("asked again"))
    shown = set()
    for frame in (0, 3, 15):
        either.frame.value = frame
        assert not either.status.failed, either.message
        shown.add(either.status.parts[0])
    assert len(shown) == 3


def test_a_film_is_read_as_the_model_takes_it(tmp_path, model):
    path = write_video(tmp_path / "a film.mp4", clips(1)[0], fps=8)
    for make in (GradCamExplorer, ModelExplorer):
        explorer = make(model, path, classes=CLASSES)
        assert explorer._inputs.X.shape == (1, 16, 64, 64, 3) and repr(explorer).startswith(f"{make.__name__}(frame_average, a film.mp4, clip 0, frame 8: ")
        assert explorer.clip.layout.display == "none" and explorer.frame.max == 15
        explorer.close()
    with open_media(path) as media:
        assert np.array_equal(read_inputs(model, media).X[0], media.sample(16, size=(64, 64))[0])


def test_a_model_of_pictures_has_no_frames_to_choose():
    pictures = clips(1)[0, :2]
    for make in (GradCamExplorer, ModelExplorer):
        explorer = make(small_cnn(3), pictures, classes=CLASSES)
        assert explorer.frame.layout.display == "none" and explorer.clip.max == 1 and not explorer.status.failed, explorer.message


def test_a_model_of_floats_gets_bytes_from_0_to_1():
    inputs = read_inputs(first_cnn(), clips(1)[0, 0], ("no", "yes"))
    assert inputs.X.dtype == np.float32 and inputs.X.max() == 1 and inputs.probabilities.shape == (1, 2)
    assert np.array_equal(inputs.frames(0)[0], clips(1)[0, 0])


@pytest.mark.parametrize("ask, said", [
    (lambda m: GradCamExplorer(m, clips(1)[0, :8]), r"frame_average takes frames of shape \(16, 64, 64, 3\), got \(8, 64, 64, 3\); read them with media.sample\(16"),
    (lambda m: GradCamExplorer(m, clips(1)[:0]), "takes frames"),
    (lambda m: GradCamExplorer(m, clips(1), classes=["yes"]), "knows 3 classes, got 1 names"),
    (lambda m: GradCamExplorer(hog_gru(3, (4, 8), components=4), clips(1)), "hog_gru has no convolution"),
    (lambda m: ModelExplorer(hog_gru(3, (4, 8), components=4), clips(1)), "only a model of frames"),
    (lambda m: ModelExplorer(m, clips(1), layer="conv9"), "no layer 'conv9'; choose one of input_layer"),
    (lambda m: GradCamExplorer(m, clips(1), classes=["bow", "bow", "clap"]), "knows 3 classes, got 2 names for them; each needs one of its own"),
    (lambda m: GradCamExplorer(m, Examples(clips(0), np.zeros(0, int), CLASSES)), r"of shape \(16, 64, 64, 3\), got none"),
    (lambda m: GradCamExplorer(m, Examples({"video": clips(1), "present": np.ones((1, 1))}, np.zeros(1, int), CLASSES)), "takes frames as numbers"),
    (lambda m: GradCamExplorer(ends_in("scores"), clips(1)[0]), r"gives numbers from 5.3 to 5.3, which are no probabilities; put a softmax on it"),
    (lambda m: ModelExplorer(ends_in("scores"), clips(1)[0]), "no probabilities"),
    (lambda m: ModelExplorer(ends_in("maps"), clips(1)[0]), r"gives \(None, 64, 64, 3\); only a model that gives probabilities"),
    (lambda m: ModelExplorer(ends_in("both"), clips(1)[0]), "only a model that gives probabilities"),
])
def test_what_cannot_be_shown_is_refused_in_one_sentence(model, ask, said):
    with pytest.raises(ValueError, match=said) as error:
        ask(model)
    assert "\n" not in str(error.value)
    with pytest.raises((MediaError, OSError)):
        GradCamExplorer(model, "no such film.mp4")


# Where and when the model looked.

def test_the_heat_is_that_of_grad_cam_for_what_the_controls_say(gradcam, model):
    assert np.allclose(gradcam.heat, explain.grad_cam(model, clips()[:1])[0], atol=1e-5)
    gradcam.clip.value, gradcam.explained.value, gradcam.layer.value, gradcam.weights.value = 2, "clap", "conv2_relu", False
    expected = explain.grad_cam(model, clips()[2:], 1, layer="conv2_relu", averaged=False)[0]
    assert expected.any() and np.allclose(gradcam.heat, expected, atol=1e-5)
    share = explain.time_shares(expected[None])[0, 8]
    assert gradcam.message.endswith(f"Heat for clap at conv2_relu: frame 8 has {100 * share:.0f} % of it.")
    assert repr(gradcam) == "GradCamExplorer(frame_average, 3 examples, clip 2, frame 8: heat for clap at conv2_relu)"


def test_opacity_changes_only_the_right_picture(gradcam):
    gradcam.opacity.value = 0
    clear = gradcam.static()[0].copy()
    gradcam.opacity.value = 100
    right = slice(clear.shape[1] // 2 + 4, None)
    assert np.array_equal(clear[:, : clear.shape[1] // 2 - 4], gradcam.static()[0][:, : clear.shape[1] // 2 - 4])
    assert not np.array_equal(clear[:, right], gradcam.static()[0][:, right])
    assert np.ptp(clear[:, right].astype(int), axis=-1).max() == 0, "without heat, the frame in grey"


def test_the_class_predicted_follows_the_clip_and_is_judged(model, gradcam, examples):
    said = np.asarray(model(examples.X)).argmax(axis=1)
    for k in range(3):
        gradcam.clip.value = k
        right = bool(said[k] == k)
        assert gradcam.message.startswith(f"The model {'rightly ' * right}predicts {CLASSES[said[k]]}, ")
        assert (f"; it is {CLASSES[k]}." in gradcam.message) == (not right)
        assert f"heat for {CLASSES[said[k]]} " in repr(gradcam)


def test_a_class_without_heat_is_said_and_drawn():
    model = frame_average(3)
    kernel, bias = model.layers[-1].get_weights()
    kernel[:, 0] = 0
    model.layers[-1].set_weights([kernel, bias])
    explorer = GradCamExplorer(model, clips(1), classes=CLASSES)
    explorer.explained.value = "bow"
    assert explorer.message.endswith("Nothing at conv3_relu speaks for bow.") and not explorer.status.failed


# Layer by layer.

def test_the_table_adds_up_to_what_the_model_costs(model):
    rows = layer_rows(model)
    assert cost(model) == {"parameters": sum(row[3] for row in rows), "flops": sum(row[4] for row in rows)}
    assert ("conv2", "Conv3D", (16, 16, 16, 16), 8 * 16 * 9, 2 * 8 * 16 * 9 * 16 * 16 * 16) in rows


def test_each_layer_shows_its_own_answers(layers, model):
    for name, kind, shape, *_ in layer_rows(model):
        layers.layer.value = name
        assert not layers.status.failed, layers.message
        assert layers.answers.shape == shape and np.allclose(layers.answers, explain.activations(model, clips()[:1], name)[0], atol=1e-5)
        assert f">{name}</text>" in layers.status.parts[1] and 'font-weight="600"' in layers.status.parts[1]


def test_the_brightest_place_of_a_map_is_the_brightest_in_the_picture(layers):
    layers.layer.value = next(name for name, kind, *_ in layer_rows(layers._inputs.model) if kind == "Foreground")
    layers.frame.value = 4
    numbers = layers.answers[4, ..., 0]
    row, column = np.unravel_index(numbers.argmax(), numbers.shape)
    shown = layers.static()[0][:, -200:].astype(int)
    y, x = int((row + 0.5) * 200 / 64), int((column + 0.5) * 200 / 64)
    assert shown[y, x, 0] > shown[y, x, 2] + 40, "red: far above 0"


def test_fewer_steps_than_frames_are_told():
    explorer = ModelExplorer(conv3d(3), clips(1), layer="conv4_relu", frame=15)
    assert explorer.answers.shape == (2, 4, 4, 64)
    assert explorer.message.startswith("conv4_relu, frame 15, its step 1: 4×4 places, the first 32 of 64 channels, from 0 to ")


def test_heat_is_drawn_no_finer_than_the_steps_of_the_layer():
    keras.utils.set_random_seed(0)
    explorer = GradCamExplorer(conv3d(3), clips(1), classes=CLASSES)
    assert explorer.weights.value is False, "a model that flattens its maps is explained place by place"
    assert explorer.layer.value == "conv4_relu" and explorer.heat.shape == (16, 64, 64)
    assert len(np.unique(explorer.heat.reshape(16, -1), axis=0)) <= 2
    assert "of the layer&#x27;s 2 steps" in explorer.status.parts[1] and ">8–15</text>" in explorer.status.parts[1]
    assert re.search(r"its step of the frames 8 to 15 has \d+ % of it", explorer.message)


def test_the_mean_is_the_weight_where_the_maps_are_averaged(gradcam):
    assert gradcam.weights.value is True


@pytest.mark.parametrize("X, said", [
    (np.zeros((1, 16, 64, 64, 3), int), "as uint8 from 0 to 255"), (np.full((1, 16, 64, 64, 3), np.nan, np.float32), "NaN or infinite"),
    ([["a"]], "takes frames as numbers"),
])
def test_frames_of_another_kind_are_refused(model, X, said):
    for make in (GradCamExplorer, ModelExplorer):
        with pytest.raises(ValueError, match=said):
            make(model, X)


def test_floats_of_another_range_are_drawn_as_they_are():
    shown = read_inputs(first_cnn(), np.linspace(-1, 1, 64 * 64 * 3, dtype=np.float32).reshape(64, 64, 3)).frames(0)
    assert shown.min() == 0 and shown.max() == 255 and abs(int(np.median(shown)) - 128) <= 1

"""A network over time becomes a function of one step and its state, and is trained on windows as a stream shows them."""
from dataclasses import replace

import numpy as np
import pytest

from vmm_lab import edge
from vmm_lab.networks import Examples, keras

pytestmark = pytest.mark.slow  # it builds and converts networks

layers = keras.layers


def chain(*middle, shape=(8, 5)):
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input(shape), *middle, layers.Dense(3, activation="softmax")], name="chain")


@pytest.mark.parametrize("to", ["litert", "onnx"])
@pytest.mark.parametrize("kind", [layers.GRU, layers.LSTM])
def test_a_step_function_gives_what_the_whole_model_gives(kind, to, tmp_path):
    model = chain(layers.Dense(6, activation="relu"), kind(4))
    step = edge.step_model(model)
    run = edge.export(step, tmp_path / "step", to=to, labels=["a", "b", "c"]).run
    rows = np.random.default_rng(0).normal(size=(1, 8, 5)).astype(np.float32)
    state = [np.zeros((1, 4), np.float32)] * (len(step.inputs) - 1)
    for k in range(8):
        answer, *state = run(rows[:, k:k + 1], *state)
    assert np.abs(answer - np.asarray(model(rows))).max() < 1e-4


def test_a_network_over_frames_becomes_a_step_function():
    model = chain(layers.TimeDistributed(layers.Conv2D(2, 3)), layers.TimeDistributed(layers.Flatten()), layers.GRU(4), shape=(6, 8, 8, 3))
    assert [tuple(part.shape[1:]) for part in edge.step_model(model).inputs] == [(1, 8, 8, 3), (4,)]


@pytest.mark.parametrize(("middle", "message"), [
    ([layers.Bidirectional(layers.GRU(4), name="both")], "'both' of chain also reads from the end"),
    ([layers.Conv1D(6, 3, padding="same", name="wide"), layers.GRU(4)], "'wide' of chain looks at several steps"),
    ([layers.Flatten()], "no single GRU or LSTM"), ([layers.GRU(4, return_sequences=True), layers.GRU(4)], "no single GRU or LSTM"),
])
def test_what_needs_other_steps_is_no_step_function(middle, message):
    with pytest.raises(ValueError, match=message):
        edge.step_model(chain(*middle))


def test_windows_of_a_stream_also_show_another_clip_before_and_the_same_one_again():
    clips = Examples(np.arange(6 * 8).reshape(6, 8, 1), np.arange(6) % 2, ("a", "b"), np.array(list("uvwxyz")))
    some = edge.stream_windows(clips, 4, begins=(-2, 3, 6), seed=1)
    early, within, late = some.X[..., 0].reshape(3, 6, 4)
    own = 8 * np.arange(6)[:, None]
    assert (early[:, 2:] == own + [0, 1]).all() and sorted(early[:, 0] // 8) == list(range(6)) and (early[:, 1] % 8 == 7).all()
    assert (within == own + [3, 4, 5, 6]).all() and (late == own + [6, 7, 0, 1]).all()
    assert some.y.tolist() == 3 * clips.y.tolist() and some.groups.tolist() == 3 * list("uvwxyz")
    assert edge.stream_windows(replace(clips, groups=None), 4).groups is None


@pytest.mark.parametrize("begins", [(), (-9,), (13,)])
def test_windows_that_do_not_lie_in_the_film_are_refused(begins):
    with pytest.raises(ValueError, match="do not lie between -8 and 16, in a film of clips of 8 frames"):
        edge.stream_windows(Examples(np.zeros((2, 8, 1)), np.zeros(2, int), ("a",)), 4, begins=begins)

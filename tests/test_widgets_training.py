"""A training is watched and stopped: the picture and the sentence follow what it reports, from whatever thread."""
import asyncio
import json
import re
import subprocess
import sys
import textwrap
import threading
import time

import ipywidgets
import numpy as np
import pytest

pytestmark = pytest.mark.slow  # it trains

jupyter_client = pytest.importorskip("jupyter_client")

import vmm_lab as vl
from vmm_lab.networks import Examples, History, keras
from vmm_lab.widgets import TrainingMonitor
from vmm_lab.widgets import curves as room
from vmm_lab.widgets.curves import Progress, chart, facts, horizon, loss_top, points, sentence, thinned

CURVES = {"loss": [0.9, 0.5, 0.3], "accuracy": [0.5, 0.75, 0.875], "val_loss": [0.8, 0.6, 0.7],
          "val_accuracy": [0.5, 0.625, 0.75], "learning_rate": [0.001, 0.001, 0.0005]}


def reported(epochs=10, steps=4):
    """A monitor that has been told of three epochs."""
    monitor = TrainingMonitor()
    monitor.start(epochs=epochs, steps=steps, validated=True)
    for number in range(3):
        monitor.step((number + 1) * steps, {"loss": 0.4, "accuracy": 0.9})
        monitor.epoch(number + 1, {name: values[number] for name, values in CURVES.items()})
    return monitor


@pytest.fixture
def clock(monkeypatch):
    """[seconds]: what the monitor takes for the time, to be moved by hand."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def watching(epochs, steps):
    """A monitor of a training without validation that begins."""
    monitor = TrainingMonitor()
    monitor.start(epochs=epochs, steps=steps, validated=False)
    return monitor


def line_of(sketch, color):
    """The points of each line of this colour that has some length in both directions."""
    return [stroke[1] for stroke in sketch.strokes if stroke[0] == "path" and stroke[2] == color and len(stroke[1]) > 2]


def test_the_best_epoch_is_the_one_with_the_least_validation_loss():
    monitor = reported()
    assert monitor.progress.best == 2
    monitor.end(History(CURVES, 2, "finished", 1.0, 12))
    assert monitor.message == ("Finished after 3 epochs. The model has the weights of epoch 2, the best: accuracy 0.750 in training, "
                               "0.625 in validation.")
    assert repr(monitor) == "TrainingMonitor(3 of 10 epochs, finished; the weights are those of epoch 2)"


def test_without_validation_the_last_epoch_counts_and_no_word_of_validation_is_said():
    monitor = watching(epochs=2, steps=1)
    curves = {"loss": [0.9, 0.5], "accuracy": [0.5, 0.75]}
    for number in range(2):
        monitor.epoch(number + 1, {name: values[number] for name, values in curves.items()})
    monitor.end(History(curves, 2))
    assert monitor.message == "Finished after 2 epochs. The model has the weights of epoch 2, the last: accuracy 0.750 in training."
    assert "validation" not in monitor.status.parts[0]


@pytest.mark.parametrize("ended, words", [
    ("early", "Ended early after 3 epochs: the validation loss had been no lower for 1. The model has the weights of epoch 2"),
    ("stopped", "Stopped by you after 3 epochs. The model has the weights of epoch 2"),
    ("interrupted", "Interrupted after 3 epochs. The model has the weights of epoch 2"),
    ("diverged", "Diverged after 3 epochs: the loss is no number any more; a smaller learning_rate may help."),
])
def test_how_it_ended_is_said_in_words(ended, words):
    monitor = reported()
    monitor.end(History(CURVES, 2, ended))
    assert monitor.message.startswith(words)
    assert monitor.button.disabled


def test_a_training_stopped_in_its_first_epoch_says_which_weights_the_model_has():
    stopped = Progress(5, 4, True, step=2, ended="stopped")
    assert sentence(stopped) == "Stopped by you after 0 epochs. The model has the weights that it had learnt by then."
    assert "had at the beginning" in sentence(Progress(5, 4, True, step=2, ended="diverged"))
    assert chart(stopped).svg()


def test_lines_go_where_the_numbers_are_training_solid_and_validation_dashed():
    progress = Progress(4, 10, True, {"loss": [1.0, 0.5, 0.25], "accuracy": [0.2, 0.4, 1.0], "val_loss": [1.0, 1.0, 1.0],
                                      "val_accuracy": [0.5, 0.5, 0.5]}, step=30)
    loss, accuracy = line_of(chart(progress), room.LINES[""][1])
    left, _ = room.PANELS["accuracy"]
    span = room.BOTTOM - room.TOP
    assert np.allclose(accuracy[:, 0], left + room.SIDE * np.array([1, 2, 3]) / 4)
    assert np.allclose(accuracy[:, 1], room.BOTTOM - span * np.array([0.2, 0.4, 1.0]))
    fall = room.BOTTOM - loss[:, 1]
    assert np.allclose(fall / fall[0], [1, 0.5, 0.25])
    level = line_of(chart(progress), room.LINES["val_"][1])
    assert all(np.ptp(line[:, 1]) == 0 for line in level)
    assert chart(progress).svg().count("stroke-dasharray") == 4  # two lines, two keys


def test_the_epoch_under_way_is_drawn_as_far_as_it_is():
    progress = Progress(4, 10, False, {"loss": [1.0]}, running={"loss": 0.8}, step=15)
    assert points(progress, "", "loss") == [(1, 1.0), (1.5, 0.8)]
    progress.running = {"loss": float("nan")}
    assert points(progress, "", "loss") == [(1, 1.0)]


def test_a_first_loss_far_above_the_others_does_not_press_them_flat():
    assert loss_top({"": [(1, 50.0), (2, 1.0), (3, 0.5)]}) < 3
    assert 1.2 < loss_top({"": [(1, 1.2), (2, 1.0)]}) < 1.3
    assert loss_top({"": [(1, 0.0)]}) > 0
    tall = Progress(3, 1, False, {"loss": [50.0, 1.0, 0.5], "accuracy": [0, 0, 0]}, step=3)
    assert min(line[:, 1].min() for line in line_of(chart(tall), room.LINES[""][1])) >= room.TOP


def test_a_training_of_thousands_of_epochs_stays_readable_and_small():
    values = list(np.linspace(1, 0.1, 5000))
    progress = Progress(10_000, 2, False, {"loss": values, "accuracy": values}, step=10_000)
    assert len(chart(progress).svg()) < 20_000
    assert thinned([(k, k) for k in range(5000)])[-1] == (4999, 4999)
    assert horizon(Progress(10_000, 2, False, {"loss": values[:3]})) == 8
    assert horizon(Progress(10_000, 2, False, {"loss": values[:3]}, ended="stopped")) == 3
    assert horizon(Progress(5, 2, False, {"loss": values[:3]})) == 5


def test_time_left_is_told_from_the_steps_after_the_first(clock):
    monitor = watching(epochs=10, steps=10)
    for step, now in ((1, 120.0), (2, 121.0), (21, 140.0)):  # twenty seconds to trace the model, then a second a step
        clock[0] = now
        monitor.step(step, {"loss": 1.0, "accuracy": 0.5})
    assert monitor.progress.left == pytest.approx(79)
    assert "about 79 s left" in facts(monitor.progress)


def test_it_draws_at_most_ten_times_a_second_and_the_end_in_any_case(clock):
    monitor = watching(epochs=1, steps=1000)
    drawn = []
    monitor.status.observe(lambda change: drawn.append(clock[0]), "parts")
    for step in range(1, 1001):
        clock[0] += 0.001
        monitor.step(step, {"loss": 1 / step, "accuracy": 0.5})
    assert 8 <= len(drawn) <= 10
    monitor.epoch(1, {"loss": 0.125, "accuracy": 0.75})
    monitor.end(History({"loss": [0.125], "accuracy": [0.75]}, 1))
    assert drawn[-1] == clock[0]
    assert "training 0.125" in monitor.status.parts[0]


def test_a_screen_reader_is_not_interrupted_every_tenth_of_a_second(clock):
    monitor = watching(epochs=100, steps=1)
    said = []
    monitor.status.observe(lambda change: said.append(change.new), "text")
    for number in range(1, 101):
        clock[0] += 0.2
        monitor.epoch(number, {"loss": 1 / number, "accuracy": number / 100})
    assert 3 <= len(said) <= 4
    monitor.end(History({"loss": [1.0], "accuracy": [0.5]}, 1))
    assert said[-1].startswith("Finished")


def test_stop_is_heard_and_says_so():
    monitor = reported()
    assert not monitor.stop.is_set() and not monitor.button.disabled
    monitor.button.click()
    assert monitor.stop.is_set() and monitor.button.disabled
    assert "stopping after this batch" in monitor.status.parts[0]


def test_it_can_watch_a_second_training_after_one_that_was_stopped():
    monitor = reported()
    monitor.button.click()
    monitor.end(History(CURVES, 2, "stopped"))
    monitor.start(epochs=4, steps=2, validated=False)
    assert not monitor.stop.is_set() and not monitor.button.disabled
    assert monitor.progress.done == 0


def test_everything_has_a_name_and_a_picture_for_paper():
    monitor = reported()
    assert monitor.button.description == "Stop" and "best weights" in monitor.button.tooltip
    monitor.refresh()
    label = re.search(r'aria-label="([^"]*)"', monitor.status.parts[0])[1]
    assert label.startswith("Training curves. epoch 4 of 10") and "0.750 in validation" in label
    data = monitor._repr_mimebundle_()
    data = data[0] if isinstance(data, tuple) else data
    assert data["text/plain"] == "TrainingMonitor(3 of 10 epochs)" and data["image/png"]
    assert monitor.pixels().shape[2] == 3


def test_close_frees_all_its_parts_and_later_reports_draw_nothing():
    before = set(ipywidgets.widgets.widget._instances)
    monitor = reported()
    monitor.close()
    monitor.step(13, {"loss": 0.1, "accuracy": 1.0})
    monitor.end(History(CURVES, 2))
    monitor.close()
    after = set(ipywidgets.widgets.widget._instances)
    assert after <= before


def easy(rows=64):
    X = np.random.default_rng(0).normal(size=(rows, 4)).astype(np.float32)
    return Examples(X, (X[:, 0] > 0).astype(int), ("left", "right"))


def small_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])


def test_a_real_training_reports_all_that_its_history_holds():
    monitor = TrainingMonitor()
    history = asyncio.run(vl.fit(small_model(), easy(), validation=easy(16), epochs=3, monitor=monitor))
    assert monitor.progress.curves == history.epochs
    assert monitor.progress.step == history.steps == 12
    assert monitor.message.startswith("Finished after 3 epochs.")


def broken_model():
    """A model whose training ends in an error that nobody foresaw."""
    class Broken(keras.Sequential):
        def train_step(self, data):
            raise RuntimeError("no such thing")

    return Broken([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])


@pytest.mark.parametrize("model, examples", [(broken_model, easy), (small_model, lambda: easy(0))], ids=["in the first step", "before it"])
def test_an_error_ends_a_monitor_that_was_handed_in(model, examples):
    monitor = TrainingMonitor()
    with pytest.raises((RuntimeError, ValueError)):
        asyncio.run(vl.fit(model(), examples(), epochs=3, monitor=monitor))
    assert monitor.progress.ended == "failed" and monitor.button.disabled
    assert monitor.message == "Failed after 0 epochs: an error ended it. The model has the weights that it had at the beginning."


def test_an_error_after_some_epochs_leaves_their_curves_but_not_those_of_an_earlier_training():
    monitor = reported()
    monitor.end(History(ended="failed"))
    assert monitor.progress.curves == CURVES
    assert repr(monitor) == "TrainingMonitor(3 of 10 epochs, failed)"
    monitor.end(History(ended="failed"))  # used again, and refused before it began
    assert repr(monitor) == "TrainingMonitor(0 of 0 epochs, failed)" and "failed" in monitor.status.parts[0]


def test_stop_from_another_thread_ends_the_training_with_its_best_weights():
    monitor = TrainingMonitor()

    def press_soon():
        while monitor.progress.done < 2:
            time.sleep(0.005)
        monitor.button.click()

    threading.Thread(target=press_soon, daemon=True).start()
    model = small_model()
    history = asyncio.run(vl.fit(model, easy(), validation=easy(16), epochs=20_000, monitor=monitor))
    assert history.ended == "stopped" and 2 <= len(history) < 20_000
    losses = history.epochs["val_loss"]
    assert model.evaluate(easy(16).X, easy(16).y[:, None], verbose=0)[0] == pytest.approx(min(losses), abs=1e-4)


def test_outside_a_notebook_there_is_a_bar_and_no_widget(capsys):
    asyncio.run(vl.fit(small_model(), easy(), epochs=2))
    told = capsys.readouterr()
    assert "2/2" in told.err and "TrainingMonitor" not in told.out


CORE = """
import sys
for name in ("ipywidgets", "anywidget", "traitlets", "IPython"):
    sys.modules[name] = None
import asyncio, numpy as np, vmm_lab as vl
print(all(getattr(vl, name) is not None for name in vl.__all__))
from vmm_lab.networks import Examples, keras
X = np.eye(4, dtype="float32").repeat(8, axis=0)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
print(asyncio.run(vl.fit(model, Examples(X, np.arange(32) // 16, ("a", "b")), epochs=2)).ended)
try:
    vl.widgets.FramePlayer
except ImportError as error:
    print(error)
"""


def test_a_core_installation_has_every_verb_and_fits_with_a_progress_bar():
    done = subprocess.run([sys.executable, "-c", CORE], capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == ["True", "finished"] and "2/2" in done.stderr
    assert 'python -m pip install "vmm-lab[lab]"' in done.stdout and "Traceback" not in done.stderr


HANGS = 240  # seconds: no machine is that slow
IN_KERNEL = textwrap.dedent("""
    import numpy as np, vmm_lab as vl
    from vmm_lab.networks import Examples, keras
    X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    examples = Examples(X, (X[:, 0] > 0).astype(int), ("left", "right"))
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
""")


@pytest.fixture(scope="module")
def kernel():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def outcome(client, code, *, then=None, on=None):
    """(status, all messages) of some code; `then()` is called once `on(message)` holds."""
    messages, deadline = [], time.monotonic() + HANGS
    asked = client.execute(code)
    while True:
        assert time.monotonic() < deadline, "the cell does not end"
        message = client.get_iopub_msg(timeout=HANGS)
        if message["parent_header"].get("msg_id") != asked:
            continue
        messages.append(message)
        if then is not None and on(message):
            then()
            then = None
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            break
    while True:
        reply = client.get_shell_msg(timeout=HANGS)
        if reply["parent_header"].get("msg_id") == asked:
            return reply["content"]["status"], messages


def two_epochs_done(message):
    state = message["content"].get("data", {}).get("state", {}) if message["msg_type"] == "comm_msg" else {}
    found = re.search(r"epoch (\d+) of", json.dumps(state))
    return bool(found) and int(found[1]) > 2


def test_an_interrupt_of_the_kernel_leaves_the_history(kernel):
    manager, client = kernel
    assert outcome(client, IN_KERNEL)[0] == "ok"
    status, messages = outcome(client, "history = await vl.fit(model, examples, epochs=20_000)",
                               then=manager.interrupt_kernel, on=two_epochs_done)
    assert status == "ok", messages[-2]["content"]
    last = [m for m in messages if m["msg_type"] == "update_display_data"][-1]["content"]["data"]
    assert "interrupted" in last["text/plain"]
    _, messages = outcome(client, "print(history.ended, len(history) > 1, history.best_epoch == len(history))")
    assert [m["content"]["text"] for m in messages if m["msg_type"] == "stream"] == ["interrupted True True\n"]


def test_a_training_that_cannot_begin_leaves_no_stop_button_behind(kernel):
    _, client = kernel
    status, messages = outcome(client, "await vl.fit(model, examples[:0])")
    assert status == "error"
    assert [m for m in messages if m["msg_type"] == "comm_close"]


def test_the_sentence_does_not_contradict_the_chart_above_it():
    monitor = TrainingMonitor()
    monitor.start(epochs=12, steps=1, validated=False)
    for k in range(1, 4):
        monitor.epoch(k, {"loss": 1 / k, "accuracy": 0.5})
        monitor.refresh()
        assert f"epoch {k + 1} of 12" in monitor.status.parts[0]
        assert monitor.message.startswith("Training: less than a quarter" if k < 3 else "Training: at least a quarter of 12 epochs done")


@pytest.mark.parametrize("validated", [True, False])
def test_no_epoch_is_called_best_without_validation(validated):
    monitor = TrainingMonitor()
    monitor.start(epochs=2, steps=1, validated=validated)
    monitor.epoch(1, {"loss": 0.7, "accuracy": 0.5} | ({"val_loss": 0.8} if validated else {}))
    monitor.refresh()
    assert (">best</text>" in monitor.status.parts[0]) == validated

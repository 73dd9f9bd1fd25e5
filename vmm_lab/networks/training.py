"""Train a model on examples: `train` blocks; `fit` awaits it in a worker thread, so that Stop is heard."""
import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import features
from ..fingerprint import fingerprint
from ..media.options import check_choice, check_number, check_whole
from ._keras import keras
from ._keras import tensorflow as tf
from .callbacks import HASHED, History, Monitor, TrainingCallback
from .checks import TrainingError, check_answers, check_examples
from .examples import Examples, load_examples
from .feeding import adapt, balanced_weights, batches, build_variables, split_frozen, transfer
from .prediction import layers_of, predict


def train(model: "keras.Model", examples: Any, *, validation: Any = None, epochs: int = 20, batch_size: int = 16,
          learning_rate: float = 2e-3, class_weight: str | None = "balanced", augment: Callable | None = None,
          patience: int | None = None, seed: int = 0, checkpoint: Any = None, monitor: Any = None,
          progress: bool = True) -> History:
    """Train a Keras model on examples in memory, and leave it with the weights of its best epoch.

    A layer with `adapt` (principal components) learns from the training rows first; frozen layers up to one named
    "embedding" are computed once. The learning rate falls to 0 along half a cosine. The same seeds give the same
    weights, bit for bit, on the same computer, also where the training was resumed in between.

    model: gives probabilities, (n, classes), or (n, 1) for two classes; it is compiled here. examples: Examples, or a
    table, of which clips of the model's input shape are read. validation: the same, of other groups; the best epoch has
    the least loss on it; without it the best is the last. epochs, batch_size, learning_rate: the budget, and the rate
    of the first step. class_weight: "balanced" (a rare class counts as much as a frequent one) or None. augment: a
    function of (batch, seed (2,)), such as `Augment()`; on training rows, not below frozen layers. patience: epochs
    without a lower validation loss before the training ends early. seed: of the order of the rows and the augmentation;
    `keras.utils.set_random_seed` sets that of the weights. checkpoint: a path, written whole after each epoch (.npz);
    if it is there, the training goes on from it, provided that the layers, the rows and the options but `epochs` and
    `patience` are the same. monitor: told `start`, `step`, `epoch` and `end`; its `stop` ends the training.

    Raises TrainingError for examples that would train nonsense and for a model whose answers are no probabilities,
    ValueError for a checkpoint of something else.

    >>> X = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
    >>> from vmm_lab.networks import Examples
    >>> examples = Examples(X, (X[:, 0] > 0).astype(int), ("left", "right"))
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation="sigmoid")])
    >>> train(model, examples, epochs=3, progress=False)
    History(3 epochs, finished; the weights are those of epoch 3)
    """
    try:
        check_whole("train", epochs=epochs, batch_size=batch_size)
        check_number("train", learning_rate=learning_rate)
        check_choice("train", ("balanced", None), class_weight=class_weight)
    except ValueError as error:
        raise TrainingError(str(error)) from None
    examples = _read(model, examples, progress=progress)
    if validation is not None:
        validation = _read(model, validation, classes=examples.classes, progress=progress)
    check_examples(model, examples, validation)
    batch_size = min(batch_size, len(examples))
    steps = len(examples) // batch_size
    sigmoid = model.outputs[0].shape[-1] == 1
    loss = "binary_crossentropy" if sigmoid else "sparse_categorical_crossentropy"
    whole, front, learner = split_frozen(model)
    rate = keras.optimizers.schedules.CosineDecay(learning_rate, epochs * steps)
    learner.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, metrics=["accuracy"], jit_compile=False)
    history = History(classes=examples.classes)
    setting = {} if checkpoint is None else {
        "batch size and seed": [batch_size, seed], "learning rate and class weights": [learning_rate, class_weight],
        **dict(zip(HASHED, (layers_of(model), _rows(examples), _rows(validation), fingerprint(augment))))}
    callback = TrainingCallback(
        history, whole, learner, validated=validation is not None, epochs=epochs, steps=steps, patience=patience,
        checkpoint=checkpoint, setting=setting, monitor=monitor, progress=progress)

    def side(some):
        """(X above the frozen layers, targets as the loss wants them)."""
        X = some.X if front is None else predict(front, some.X)
        return X, some.y[:, None].astype(np.float32) if sigmoid else some.y

    try:
        done = callback.resume()
        if done < epochs and history.ended == "finished":
            adapt(whole, examples.X)
            n_classes = len(examples.classes)
            weights = balanced_weights(examples.y, n_classes) if class_weight else np.ones(n_classes, np.float32)
            X, targets = side(examples)
            check_answers(learner, X)
            build_variables(learner, X, targets)
            stream = batches(X, targets, weights[examples.y], batch_size=batch_size, steps=steps, seed=seed,
                             epochs=range(done, epochs), augment=augment if front is None else None)
            held = None if validation is None else tf.data.Dataset.from_tensor_slices(side(validation)).batch(64)
            learner.fit(stream, epochs=epochs, initial_epoch=done, steps_per_epoch=steps, shuffle=False, verbose=0,
                        callbacks=[callback], validation_data=held)
    except KeyboardInterrupt:
        history.ended = "interrupted"
    finally:
        callback.bar.close()
    if history.best_epoch or history.ended == "diverged":  # one stopped within its first epoch keeps what it has
        learner.set_weights(callback.best)
    if front is not None:
        transfer(whole, model)
        # So that the whole can be evaluated, and saved with its settings.
        model.compile(loss=loss, metrics=["accuracy"], jit_compile=False)
    callback.close()
    return history


async def fit(model: "keras.Model", examples: Any, *, monitor: Any = None, **options: Any) -> History:
    """Await `train` in a worker thread: the same options and the same History.

    Meanwhile the kernel answers the page, so that a monitor's Stop button works; an interrupt of the kernel also ends
    the training at the next batch, with its history and best weights.
    """
    monitor = Monitor() if monitor is None else monitor
    work = asyncio.ensure_future(asyncio.to_thread(train, model, examples, monitor=monitor, **options))
    try:
        while not work.done():  # an interrupt is heard only when the loop wakes, and a busy thread does not wake it
            await asyncio.wait([work], timeout=0.1)
        return work.result()
    except (asyncio.CancelledError, KeyboardInterrupt):
        monitor.stop.set()
        history = await work
        history.ended = "interrupted" if history.ended == "stopped" else history.ended
        return history


def _rows(examples):
    return None if examples is None else fingerprint(examples.X, examples.y)


def _read(model, examples, **options):
    """Examples as they are, or those of a table: clips or pictures of the model's input shape."""
    if isinstance(examples, Examples):
        return examples
    shape = model.inputs[0].shape[1:]
    if len(shape) not in (3, 4) or shape[-1] != 3 or None in shape:
        raise TrainingError(f"{model.name} takes inputs of shape {shape}, which are no frames of one size; read the "
                            "table with load_examples(table, feature) first.")
    feature = features.Frames(size=tuple(shape[-3:-1]), n_frames=shape[0] if len(shape) == 4 else 1)
    return load_examples(examples, feature, **options)

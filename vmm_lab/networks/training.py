"""A model and examples go in; the model, trained to its best epoch, and the history of how it got there come out.

`train` does the work and blocks; `fit` awaits it in a worker thread, so that a notebook's Stop button is heard.
"""
import asyncio
import math
import threading
import time
from dataclasses import dataclass, field

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from tqdm.auto import tqdm

from .checkpoint import read_checkpoint, write_checkpoint
from .examples import Examples, load_examples


class TrainingError(ValueError):
    """A training cannot start or go on; the message says what is wrong with the examples and what to do."""


@dataclass
class History:
    """How a training went.

    epochs: a dict of lists, one number per epoch: loss, accuracy, val_loss, val_accuracy, learning_rate. best_epoch: the
    number, from 1, of the epoch whose weights the model now has. ended: "finished", "early" (no better for `patience`
    epochs), "stopped" (by the button), "interrupted" (by the kernel) or "diverged" (the loss was no number). seconds, steps.
    """

    epochs: dict = field(default_factory=dict)
    best_epoch: int = 0
    ended: str = "finished"
    seconds: float = 0.0
    steps: int = 0
    classes: tuple = ()

    @property
    def frame(self):
        """The epochs as a DataFrame, numbered from 1."""
        return pd.DataFrame(self.epochs, index=pd.RangeIndex(1, len(self) + 1, name="epoch"))

    def __len__(self):
        return len(self.epochs.get("loss", ()))

    def __repr__(self):
        return f"History({len(self)} epochs, {self.ended}; the weights are those of epoch {self.best_epoch})"


def train(model, examples, *, validation=None, epochs=20, batch_size=16, learning_rate=2e-3, class_weight="balanced",
          augment=None, patience=None, seed=0, checkpoint=None, monitor=None, progress=True):
    """Train a Keras model on examples in memory, and leave it with the weights of its best epoch.

    Layers up to one named "embedding" that are frozen are computed once, not in every epoch; a layer with `adapt`
    (principal components) learns from the training rows first. The learning rate falls to 0 along half a cosine.

    Parameters
    ----------
    model : keras.Model that gives probabilities: (n, classes), or (n, 1) for two classes. It is compiled here.
    examples : Examples, or a table, of which clips of the model's input shape are read
    validation : the same, of other groups; the best epoch is the one with the least loss on it. Without it, the last.
    epochs, batch_size : int. The budget is in optimiser steps, so that a score does not depend on the machine's load.
    learning_rate : float, of the first step.
    class_weight : "balanced" (a rare class counts as much as a common one) or None.
    augment : callable (batch, seed (2,)) → batch, such as `Augment()`; on training rows only.
    patience : int, optional. Epochs without a lower validation loss before the training ends early.
    seed : int, of the order of the rows and of the augmentation; `keras.utils.set_random_seed` sets that of the weights.
    checkpoint : path, optional. Written whole after each epoch (.npz); if it is there, the training goes on from it.
    monitor : optional. Told `start`, `step`, `epoch` and `end`; its `stop` (threading.Event) ends the training.

    Returns
    -------
    History

    Raises
    ------
    TrainingError
        Shapes that do not fit, fewer than two classes, a group on both sides, labels unknown in training, NaN in X.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(64, 8)).astype("float32")
    >>> examples = Examples(X, (X[:, 0] > 0).astype(int), ("left", "right"))
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation="sigmoid")])
    >>> train(model, examples, epochs=3, progress=False)
    History(3 epochs, finished; the weights are those of epoch 3)
    """
    examples, validation = _readable(model, examples, None), validation if validation is None else _readable(model, validation, examples)
    _check(model, examples, validation)
    started = time.perf_counter()
    batch_size = min(batch_size, len(examples))
    steps = len(examples) // batch_size
    learner, X, X_val = _without_frozen(model, examples, validation, augment)
    learner.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, epochs * steps)),
        loss="binary_crossentropy" if model.output_shape[-1] == 1 else "sparse_categorical_crossentropy",
        metrics=["accuracy"], jit_compile=False,
    )
    history = History(classes=examples.classes)
    watch = _Watch(history, learner, validated=validation is not None, epochs=epochs, steps=steps, patience=patience,
                   checkpoint=checkpoint, monitor=monitor, progress=progress)
    done = watch.resume()
    if done < epochs and history.ended == "finished":
        batches = _batches(X, examples, _targets(model, examples.y), batch_size, steps, range(done, epochs), class_weight, augment if X is examples.X else None, seed)
        try:
            learner.fit(
                batches, epochs=epochs, initial_epoch=done, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[watch],
                validation_data=None if validation is None else (X_val, _targets(model, validation.y)),
                validation_batch_size=64,
            )
        except KeyboardInterrupt:
            history.ended = "interrupted"
    watch.restore_best()
    if learner is not model:  # so that the whole can be saved with its settings, and evaluated
        model.compile(loss=learner.loss, metrics=["accuracy"], jit_compile=False)
    history.seconds += time.perf_counter() - started
    watch.close()
    return history


async def fit(model, examples, *, monitor=None, **options):
    """Await `train` in a worker thread: the same options and the same History.

    While the cell waits, the kernel goes on answering the page, so that a monitor's Stop button works; an interrupt of
    the kernel also ends the training at the next batch, with its history and best weights.

    >>> import asyncio
    >>> X = np.eye(4, dtype="float32").repeat(8, axis=0)
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    >>> asyncio.run(fit(model, Examples(X, np.arange(32) // 16, ("a", "b")), epochs=2, progress=False))
    History(2 epochs, finished; the weights are those of epoch 2)
    """
    monitor = monitor if monitor is not None else _Silent()
    work = asyncio.ensure_future(asyncio.to_thread(train, model, examples, monitor=monitor, **options))
    try:
        return await asyncio.shield(work)
    except (asyncio.CancelledError, KeyboardInterrupt):
        monitor.stop.set()
        history = await work
        history.ended = "interrupted" if history.ended == "stopped" else history.ended
        return history


class _Silent:
    """A monitor that shows nothing and can be stopped."""

    def __init__(self):
        self.stop = threading.Event()

    def start(self, **facts):
        pass

    def step(self, step, logs):
        pass

    def epoch(self, number, logs):
        pass

    def end(self, history):
        pass


class _Watch(keras.callbacks.Callback):
    """Keeps the history, the best weights and the checkpoint, tells the monitor, and ends what should end."""

    def __init__(self, history, learner, *, validated, epochs, steps, patience, checkpoint, monitor, progress):
        super().__init__()
        self.history, self.learner, self.checkpoint = history, learner, checkpoint
        self.patience, self.steps = patience, steps
        self.judge = "val_loss" if validated else None
        self.best = self.good = learner.get_weights()
        self.best_loss = math.inf
        self.monitor = monitor if monitor is not None else _Silent()
        self.monitor.start(epochs=epochs, steps=steps, validated=validated)
        self.bar = tqdm(total=epochs, desc="training", unit="epoch", disable=not progress or not isinstance(self.monitor, _Silent))

    def resume(self):
        """The number of epochs that a checkpoint has behind it; the learner, its optimiser and the history take them over."""
        stored = read_checkpoint(self.checkpoint, self.learner)
        if stored is None:
            return 0
        self.best, self.best_loss, facts = stored
        self.good = self.learner.get_weights()
        for name, value in facts.items():
            setattr(self.history, name, value)
        for number in range(len(self.history)):
            self.monitor.epoch(number + 1, {name: values[number] for name, values in self.history.epochs.items()})
        self.bar.update(len(self.history))
        return len(self.history)

    def on_train_batch_end(self, batch, logs=None):
        self.history.steps += 1
        if not np.isfinite(logs["loss"]):
            self.history.ended = "diverged"
            self.model.stop_training = True
        elif self.monitor.stop.is_set():
            self.history.ended = "stopped"
            self.model.stop_training = True
        self.monitor.step(self.history.steps, logs)

    def on_epoch_end(self, epoch, logs=None):
        if self.history.ended in ("diverged", "stopped") and self.history.steps % self.steps:
            return  # half an epoch is not comparable with whole ones
        if self.history.ended == "diverged" or not all(np.isfinite(value) for value in logs.values()):
            self.history.ended = "diverged"
            self.model.stop_training = True
            return
        logs = {name: float(value) for name, value in logs.items()}
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        for name, value in logs.items():
            self.history.epochs.setdefault(name, []).append(value)
        self.good = self.learner.get_weights()
        if self.judge is None or logs[self.judge] < self.best_loss:
            self.best, self.history.best_epoch = self.good, epoch + 1
            self.best_loss = logs.get(self.judge, math.inf)
        elif self.patience is not None and epoch + 1 - self.history.best_epoch >= self.patience:
            self.history.ended = "early"
            self.model.stop_training = True
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in logs.items() if name != "learning_rate"}, refresh=False)
        self.bar.update()
        self.monitor.epoch(epoch + 1, logs)
        facts = {"epochs": self.history.epochs, "best_epoch": self.history.best_epoch, "steps": self.history.steps,
                 "ended": "early" if self.history.ended == "early" else "finished"}
        write_checkpoint(self.checkpoint, self.learner, self.best, self.best_loss, facts)

    def restore_best(self):
        """Give the model the weights of its best epoch; a training stopped within its first keeps what it has, if that is sound."""
        if self.history.best_epoch or self.history.ended == "diverged":
            self.learner.set_weights(self.best)

    def close(self):
        self.bar.close()
        self.monitor.end(self.history)


def _readable(model, examples, trained):
    """Examples as they are, or those of a table: clips or pictures of the model's input shape."""
    if isinstance(examples, Examples):
        return examples
    from ..features import Frames

    shape = model.input_shape[1:]
    if len(shape) not in (3, 4) or shape[-1] != 3:
        raise TrainingError(f"{model.name} takes inputs of shape {shape}, which are no frames; read the table with "
                            "load_examples(table, feature) first.")
    feature = Frames(size=tuple(shape[-3:-1]), n_frames=shape[0] if len(shape) == 4 else 1)
    return load_examples(examples, feature, classes=None if trained is None else trained.classes)


def _check(model, examples, validation):
    """Raise TrainingError for what would train on nonsense, or judge by it."""
    outputs = model.output_shape[-1]
    known = 2 if outputs == 1 else outputs
    for what, some in (("The training rows", examples), ("The validation rows", validation)):
        if some is None:
            continue
        if len(some) == 0:
            raise TrainingError(f"{what} are none; a split left nothing on that side.")
        expected = tuple(model.input_shape[1:])
        if len(some.X.shape[1:]) != len(expected) or any(want not in (None, got) for want, got in zip(expected, some.X.shape[1:])):
            raise TrainingError(f"{what} have the shape {some.X.shape[1:]}, and {model.name} takes {expected}; read them with that "
                                "size and number of frames.")
        if some.X.dtype.kind == "f" and not np.isfinite(some.X).all():
            bad = np.flatnonzero(~np.isfinite(some.X.reshape(len(some), -1)).all(axis=1))
            raise TrainingError(f"{what} hold NaN or infinite numbers in {len(bad)} of {len(some)} rows, the first being {bad[0]}; "
                                "leave those rows out.")
        if model.inputs[0].dtype.startswith("float") and some.X.dtype == np.uint8 and len(expected) > 2:
            raise TrainingError(f"{model.name} takes numbers in [0, 1], and {what.lower()} are pixels from 0 to 255; divide X by 255.")
        if len(some.classes) != known:
            raise TrainingError(f"{what} know {len(some.classes)} classes, and {model.name} has {known} outputs; build it for "
                                f"{len(some.classes)}.")
    present = np.unique(examples.y)
    if len(present) < 2:
        raise TrainingError(f"The training rows are all of one class ({examples.classes[present[0]]}); a network needs at least two.")
    if validation is None:
        return
    if validation.classes != examples.classes:
        raise TrainingError("Training and validation number their classes differently; read both with the same classes=.")
    strange = sorted(set(np.unique(validation.y)) - set(present))
    if strange:
        raise TrainingError(f"The label {examples.classes[strange[0]]!r} is among the validation rows and not among the training rows; "
                            "a network cannot say what it has never been shown.")
    if examples.groups is not None and validation.groups is not None:
        both = sorted(set(examples.groups) & set(validation.groups))
        if both:
            raise TrainingError(f"The group {both[0]!r} stands on both sides ({len(both)} do); the validation score would be too "
                                "good. Split with split_by_group.")


def _without_frozen(model, examples, validation, augment):
    """(what is left to train, its inputs, its validation inputs): frozen layers up to "embedding" are computed here, once."""
    for layer in model.layers:
        if hasattr(layer, "adapt") and not getattr(layer, "adapted", False):
            front = keras.Model(model.inputs, layer.input) if layer.input is not model.inputs[0] else None
            layer.adapt(examples.X if front is None else front.predict(examples.X, verbose=0))
    names = [layer.name for layer in model.layers]
    X_val = None if validation is None else validation.X
    if "embedding" in names:
        front = keras.Model(model.inputs, model.get_layer("embedding").output)
        if not front.trainable_weights and names[-1] != "embedding":
            rest = keras.Model(model.get_layer("embedding").output, model.output, name=model.name)
            return rest, front.predict(examples.X, verbose=0), None if X_val is None else front.predict(X_val, verbose=0)
    return model, examples.X, X_val


def _targets(model, y):
    """Numbers of classes as the loss wants them: float (n, 1) for a single output."""
    return y[:, None].astype(np.float32) if model.output_shape[-1] == 1 else y


def _batches(X, examples, targets, batch_size, steps, epochs, class_weight, augment, seed):
    """A tf.data stream of (inputs, targets, weights), gathered from memory a batch at a time.

    The order of an epoch depends on the seed and its number alone, so that a resumed training sees what an
    uninterrupted one would have seen. Rows beyond the last whole batch are others in every epoch.
    """
    orders = [np.random.default_rng((seed, epoch)).permutation(len(examples))[:steps * batch_size] for epoch in epochs]
    orders = np.concatenate(orders).reshape(-1, batch_size)
    numbers = np.arange(epochs.start * steps, epochs.stop * steps)
    counts = np.bincount(examples.y, minlength=len(examples.classes))
    weights = np.ones(len(examples.classes), np.float32)
    if class_weight == "balanced":
        weights = (len(examples) / np.maximum(counts, 1) / (counts > 0).sum()).astype(np.float32)
    inputs, weights = tf.constant(X), tf.constant(weights[examples.y])
    targets = tf.constant(targets)

    def batch(rows, number):
        x = tf.gather(inputs, rows)
        x = x if augment is None else augment(x, tf.stack([tf.constant(seed, tf.int64), number]))
        return x, tf.gather(targets, rows), tf.gather(weights, rows)

    return tf.data.Dataset.from_tensor_slices((orders, numbers)).map(batch, num_parallel_calls=1).prefetch(2)

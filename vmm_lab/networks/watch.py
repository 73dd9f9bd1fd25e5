"""Batches and epochs of a training go by; its history, its best weights and its checkpoint come out, and it ends when it should."""
import math
import threading
import time
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from .checkpoint import read_checkpoint, write_checkpoint
from .feeding import state
from ._keras import keras


@dataclass
class History:
    """How a training went.

    epochs: a dict of lists, one number per epoch: loss, accuracy, val_loss, val_accuracy, learning_rate. best_epoch: the
    number, from 1, of the epoch whose weights the model now has; 0 if none was finished. ended: "finished", "early" (no
    better for `patience` epochs), "stopped" (by the button), "interrupted" (by the kernel) or "diverged" (the loss, or a
    weight, was no number). seconds and steps: of the whole training, also where it was resumed.
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
        weights = f"the weights are those of epoch {self.best_epoch}" if self.best_epoch else "no epoch was finished"
        return f"History({len(self)} epochs, {self.ended}; {weights})"


class Silent:
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


class Watch(keras.callbacks.Callback):
    """Keeps the history, the best weights and the checkpoint, tells the monitor, and ends what should end."""

    def __init__(self, history, model, learner, *, validated, epochs, steps, patience, checkpoint, monitor, progress):
        super().__init__()
        self.started = time.perf_counter()
        self.history, self.whole, self.learner, self.checkpoint = history, model, learner, checkpoint
        self.patience, self.steps = patience, steps
        self.judge = "val_loss" if validated else None
        self.best, self.best_loss = None, math.inf
        self.monitor = monitor if monitor is not None else Silent()
        self.monitor.start(epochs=epochs, steps=steps, validated=validated)
        self.bar = tqdm(total=epochs, desc="training", unit="epoch", disable=not progress or not isinstance(self.monitor, Silent))

    def resume(self):
        """The number of epochs that a checkpoint has behind it; the model, its optimiser and the history take them over."""
        if self.checkpoint is None:
            return 0
        variables = self._state()
        shapes = [variable.shape for variable in variables]
        stored = read_checkpoint(self.checkpoint, self.whole.name, shapes, [w.shape for w in self.learner.get_weights()], self._training())
        if stored is None:
            return 0
        now, self.best, facts = stored
        for variable, value in zip(variables, now):
            variable.assign(value)
        self.best_loss = facts.pop("best_loss")
        for name, value in facts.items():
            setattr(self.history, name, value)
        self.started -= self.history.seconds
        for number in range(len(self.history)):
            self.monitor.epoch(number + 1, {name: values[number] for name, values in self.history.epochs.items()})
        self.bar.update(len(self.history))
        return len(self.history)

    def on_train_begin(self, logs=None):
        if self.best is None:
            self.best = self.learner.get_weights()

    def on_train_batch_end(self, batch, logs=None):
        self.history.steps += 1
        if not np.isfinite(logs["loss"]):
            self._end("diverged")
        elif self.monitor.stop.is_set():
            self._end("stopped")
        self.monitor.step(self.history.steps, logs)

    def on_epoch_end(self, epoch, logs=None):
        if self.history.ended == "diverged" or self.history.steps % self.steps:
            return  # half an epoch is not comparable with whole ones
        weights = self.learner.get_weights()
        # The last step of an epoch can ruin the weights without a loss that tells of it.
        if not all(np.isfinite(numbers).all() for numbers in (*logs.values(), *weights)):
            self._end("diverged")
            return
        logs = {name: float(value) for name, value in logs.items()}
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        for name, value in logs.items():
            self.history.epochs.setdefault(name, []).append(value)
        if self.judge is None or logs[self.judge] < self.best_loss:
            self.best, self.history.best_epoch = weights, epoch + 1
            self.best_loss = logs.get(self.judge, math.inf)
        elif self.patience is not None and epoch + 1 - self.history.best_epoch >= self.patience:
            self._end("early")
        self.bar.set_postfix({name: f"{value:.3f}" for name, value in logs.items() if name != "learning_rate"}, refresh=False)
        self.bar.update()
        self.monitor.epoch(epoch + 1, logs)
        if self.checkpoint is not None:
            self.history.seconds = time.perf_counter() - self.started
            facts = {"epochs": self.history.epochs, "best_epoch": self.history.best_epoch, "steps": self.history.steps,
                     "ended": "early" if self.history.ended == "early" else "finished", "seconds": self.history.seconds,
                     "best_loss": self.best_loss}
            write_checkpoint(self.checkpoint, [variable.numpy() for variable in self._state()], self.best, facts, self._training())

    def restore_best(self):
        """Give the model the weights of its best epoch; a training stopped within its first keeps what it has, if that is sound."""
        if self.history.best_epoch or self.history.ended == "diverged":
            self.learner.set_weights(self.best)

    def close(self):
        self.history.seconds = time.perf_counter() - self.started
        self.monitor.end(self.history)

    def _state(self):
        """The variables that a training changes or rests on: all weights, the seeds of dropout, what the optimiser remembers."""
        self.learner.optimizer.build(self.learner.trainable_variables)
        return state(self.whole) + list(self.learner.optimizer.variables)

    def _training(self):
        """What a checkpoint must agree in: another division into steps, or other classes, would be another training."""
        return {"steps of an epoch": self.steps, "classes": list(self.history.classes)}

    def _end(self, why):
        self.history.ended = why
        self.model.stop_training = True

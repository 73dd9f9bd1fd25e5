"""Watch a training: keep its history, its best weights and its checkpoint, and end it when it should end.

Keras' `EarlyStopping`, `TerminateOnNaN` and `BackupAndRestore` do parts of it, each with a state of its own that the
others' checkpoints leave out; here one checkpoint holds all, so that a resumed training ends with the same bits.
"""
import json
import math
import os
import threading
import time
import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from ..files import DAMAGED, atomic_write
from ._keras import keras

HASHED = ("layers", "training rows", "validation rows", "changes by augment=")  # of a setting; the rest is told


@dataclass
class History:
    """Describe how a training went.

    epochs: {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate": a number per epoch}. best_epoch: whose
    weights the model has, from 1; 0 if none was finished. ended: "finished", "early" (no better for `patience` epochs),
    "stopped" (by the button), "interrupted" (by the kernel), "diverged" (a loss or weight was no number). seconds,
    steps: of all.
    """

    epochs: dict[str, list[float]] = field(default_factory=dict)
    best_epoch: int = 0
    ended: str = "finished"
    seconds: float = 0.0
    steps: int = 0
    classes: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """The epochs as a DataFrame, numbered from 1."""
        return pd.DataFrame(self.epochs, index=pd.RangeIndex(1, len(self) + 1, name="epoch"))

    def __len__(self) -> int:
        return len(self.epochs.get("loss", ()))

    def __repr__(self) -> str:
        weights = f"the weights are those of epoch {self.best_epoch}" if self.best_epoch else "no epoch was finished"
        return f"History({len(self)} epochs, {self.ended}; {weights})"


class Monitor:
    """Hear how a training goes; setting `stop`, from any thread, ends it. This one shows nothing."""

    def __init__(self) -> None:
        self.stop = threading.Event()

    def start(self, *, epochs: int, steps: int, validated: bool) -> None:
        """Hear that a training begins."""

    def step(self, step: int, logs: dict[str, float]) -> None:
        """Hear the loss after a step."""

    def epoch(self, number: int, logs: dict[str, float]) -> None:
        """Hear that an epoch, numbered from 1, is done."""

    def end(self, history: History) -> None:
        """Hear that the training is over."""


class TrainingCallback(keras.callbacks.Callback):
    """Keep the history, best weights and checkpoint of the model `whole`, whose part `learner` is trained."""

    def __init__(self, history, whole, learner, *, validated, epochs, steps, patience, checkpoint, setting, monitor,
                 progress):
        super().__init__()
        self.started = time.perf_counter()
        self.history, self.whole, self.learner, self.checkpoint = history, whole, learner, checkpoint
        self.patience, self.steps, self.validated = patience, steps, validated
        # What a checkpoint must agree in.
        self.setting = {"steps of an epoch": steps, "classes": list(history.classes)} | setting
        self.best, self.best_loss = None, math.inf
        silent = type(monitor) in (Monitor, type(None))
        self.monitor = Monitor() if monitor is None else monitor
        self.monitor.start(epochs=epochs, steps=steps, validated=validated)
        self.bar = tqdm(total=epochs, desc="training", unit="epoch", disable=not progress or not silent)

    def on_train_begin(self, logs=None):
        self.best = self.best or self.learner.get_weights()

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
        if not self.validated or logs["val_loss"] < self.best_loss:
            self.best, self.history.best_epoch = weights, epoch + 1
            self.best_loss = logs.get("val_loss", math.inf)
        elif self.patience is not None and epoch + 1 - self.history.best_epoch >= self.patience:
            self._end("early")
        self.bar.set_postfix(logs, refresh=False)
        self.bar.update()
        self.monitor.epoch(epoch + 1, logs)
        if self.checkpoint is not None:
            self._write()

    def resume(self) -> int:
        """Take model, optimiser and history over from the checkpoint, and return how many epochs it has behind it."""
        if self.checkpoint is None or not os.path.exists(self.checkpoint):
            return 0
        variables = self._variables()
        facts, values, self.best = self._read(variables)
        for variable, value in zip(variables, values):
            variable.assign(value)
        self.best_loss = facts.pop("best_loss")
        vars(self.history).update(facts)
        self.started -= self.history.seconds
        for number in range(len(self.history)):
            self.monitor.epoch(number + 1, {name: values[number] for name, values in self.history.epochs.items()})
        self.bar.update(len(self.history))
        return len(self.history)

    def close(self) -> None:
        """Tell the monitor that the training is over."""
        self.history.seconds = time.perf_counter() - self.started
        self.monitor.end(self.history)

    def _end(self, why):
        self.history.ended = why
        self.model.stop_training = True

    def _variables(self):
        """What a training changes or rests on: all weights, the seeds of dropout, what the optimiser remembers."""
        self.learner.optimizer.build(self.learner.trainable_variables)
        return variables_of(self.whole) + list(self.learner.optimizer.variables)

    def _write(self):
        """Write the checkpoint whole; a kill, or a full disk, which is warned of, leaves the one before."""
        history = self.history
        history.seconds = time.perf_counter() - self.started
        facts = {name: getattr(history, name) for name in ("epochs", "best_epoch", "steps", "seconds")}
        facts |= {"ended": "early" if history.ended == "early" else "finished", "best_loss": self.best_loss}
        arrays = [*(variable.numpy() for variable in self._variables()), *self.best]
        try:
            atomic_write(self.checkpoint, lambda file: np.savez(file, *arrays, facts=json.dumps([facts, self.setting])))
        except OSError as error:
            warnings.warn(f"The checkpoint {self.checkpoint} was not written ({error.strerror}); the training goes on.")

    def _read(self, now):
        """(facts, values of the variables `now`, best weights); ValueError for a file of something else."""
        path, name = self.checkpoint, self.whole.name
        way_out = "give another path, or delete it to train from the start."
        try:
            with np.load(path, allow_pickle=False) as stored:
                facts, setting = json.loads(stored["facts"].item())
                arrays = [np.asarray(stored[f"arr_{k}"]) for k in range(len(stored.files) - 1)]
        except DAMAGED as error:
            raise ValueError(f"{path} is not a checkpoint of {name} ({type(error).__name__}); {way_out}") from None
        shapes = [array.shape for array in arrays if array.dtype.kind not in "OSU"]
        if shapes != [tuple(part.shape) for part in (*now, *self.learner.get_weights())]:
            raise ValueError(f"{path} is a checkpoint of another model than {name}; {way_out}")
        for what, value in self.setting.items():
            if setting.get(what) != value:
                were = "others" if what in HASHED or what not in setting else f"{setting[what]}, and not {value}"
                raise ValueError(f"{path} is a checkpoint of another training of {name}: its {what} were {were}; "
                                 f"{way_out}")
        return facts, arrays[:len(now)], arrays[len(now):]


def variables_of(model: "keras.Model") -> list:
    """Return the variables of a model but those of its metrics: weights and the seeds of dropout."""
    metrics = {id(variable) for variable in model.metrics_variables}
    return [variable for variable in model.variables if id(variable) not in metrics]

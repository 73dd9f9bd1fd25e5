"""Show a training while it runs: live curves, how far it is, and a Stop button."""
import math
import threading
import time
from typing import Any

from .. import networks
from .base import Explorer
from .curves import Progress, chart, sentence

DRAW_INTERVAL = 0.1  # seconds: more pictures than ten in a second only take time from the training


class TrainingMonitor(Explorer):
    """Watch a training and stop it: loss and accuracy live, how far it is, and a Stop button that works.

    Hand it to `networks.train` or `networks.fit` as `monitor=`; `vl.fit` makes one by itself. Stop ends the training at
    the next batch, with the weights of the best epoch. Its methods may be called from a worker thread. `stop` is the
    threading.Event that ends the training once it is set, `button` the Stop button, `progress` what is drawn.

    >>> monitor = TrainingMonitor()
    >>> monitor.start(epochs=2, steps=10, validated=False)
    >>> monitor.epoch(1, {"loss": 0.7, "accuracy": 0.5, "learning_rate": 1e-3})
    >>> monitor
    TrainingMonitor(1 of 2 epochs)
    """

    _lasting = "stop", "progress", "_lock"  # the training may go on

    def __init__(self) -> None:
        self.stop, self.progress = threading.Event(), Progress()
        self._lock = threading.RLock()  # the worker thread draws, the kernel's main thread answers the button
        self._drawn_at = -math.inf
        self._first: tuple[int, float] | None = None
        tip = "Stop training after this batch; the best weights are kept"
        self.button = self.make_button("Stop", self._request_stop, tip)
        super().__init__([self.button])

    def start(self, *, epochs: int, steps: int, validated: bool) -> None:
        """Begin a training: so many epochs of so many steps, with or without validation."""
        if self.progress.ended:  # it is used again, and the last training may have been stopped
            self.stop.clear()
        self.progress, self._first = Progress(epochs, steps, validated), None
        self._show()

    def step(self, step: int, logs: dict[str, float]) -> None:
        """Take the number of steps done in all; logs are loss and accuracy of the epoch so far."""
        progress, now = self.progress, time.monotonic()
        progress.step, progress.running = step, dict(logs)
        self._first = self._first or (step, now)  # the first step also traces the model, so the clock starts after it
        since, begun = step - self._first[0], self._first[1]
        if since > 0:
            progress.left = (now - begun) / since * max(0, progress.epochs * progress.steps - step)
        self._show(throttled=True)

    def epoch(self, number: int, logs: dict[str, float]) -> None:
        """End epoch `number`, from 1; logs as in `History.epochs`."""
        progress = self.progress
        for name, value in logs.items():
            progress.curves.setdefault(name, []).append(float(value))
        progress.step, progress.running = max(progress.step, number * progress.steps), {}
        judged = progress.curves.get("val_loss")
        progress.best = 1 + judged.index(min(judged)) if judged else number
        self._show(throttled=True)

    def end(self, history: "networks.History") -> None:
        """End the training; the last chart is drawn, however recent the one before is."""
        if history.ended == "failed" and self.progress.ended:
            self.progress = Progress()  # what is on show is an earlier training; this one never began
        progress = self.progress
        progress.ended, progress.best, progress.seconds = history.ended, history.best_epoch, history.seconds
        progress.curves, progress.running, progress.left = history.epochs or progress.curves, {}, None
        self._show()

    def draw(self) -> str:
        progress = self.progress
        progress.stopping = self.stop.is_set()
        self.button.disabled = progress.stopping or not progress.epochs or progress.ended is not None
        self.put(chart(progress))
        self._drawn_at = time.monotonic()
        return sentence(progress)

    def describe(self) -> str:
        progress = self.progress
        how = f", {progress.ended}" if progress.ended else ""
        how += f"; the weights are those of epoch {progress.best}" if progress.ended and progress.best else ""
        return f"{progress.done} of {progress.epochs} epochs{how}"

    def static(self) -> list[Any]:
        return [chart(self.progress)]

    def close(self) -> None:
        with self._lock:
            super().close()

    def _request_stop(self) -> None:
        self.stop.set()
        self._show()

    def _show(self, *, throttled: bool = False) -> None:
        if throttled and time.monotonic() - self._drawn_at < DRAW_INTERVAL:
            return
        with self._lock:
            if self._followed is not None:  # closed while the training goes on
                self.refresh()

"""Wire `vl.fit`: a training with live curves where a notebook can show them, and with a progress bar everywhere else.

This module is imported without ipywidgets too, so that `vl.fit` works on a core installation.
"""
from typing import TYPE_CHECKING, Any

from .. import networks

if TYPE_CHECKING:
    import keras
    import pandas as pd


async def fit(
    model: "keras.Model", examples: "networks.Examples | pd.DataFrame", *, monitor: Any = None, **options: Any
) -> "networks.History":
    """Train a Keras model with live curves and a Stop button; `await` it, so that the button works.

    Takes the options of `networks.train` and returns its History; the model keeps the weights of its best epoch.
    Stop, and an interrupt of the kernel, end the training at the next batch. Outside a notebook, or without ipywidgets,
    a progress bar is shown instead. monitor: one that is already shown, whose `end` hears of an error, too; by default
    a `TrainingMonitor` is made and shown.

    >>> import asyncio
    >>> import numpy as np
    >>> from vmm_lab.networks import Examples, keras
    >>> X = np.eye(4, dtype="float32").repeat(8, axis=0)
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    >>> asyncio.run(fit(model, Examples(X, np.arange(32) // 16, ("a", "b")), epochs=2, progress=False))
    History(2 epochs, finished; the weights are those of epoch 2)
    """
    shown = None
    if monitor is None:
        monitor, shown = _show_monitor()
    try:
        history = await networks.fit(model, examples, monitor=monitor, **options)
    except BaseException:
        if shown:
            monitor.close()  # the error below it says more than curves that never came
        elif monitor is not None:
            monitor.end(networks.History(ended="failed"))  # its maker closes it, but it must not look busy
        raise
    if shown:
        monitor.end(history)  # an interrupt is known as one only here
        shown.update(monitor)  # so that the saved notebook has the last picture and not the first
    return history


def _show_monitor() -> tuple[Any, Any]:
    """Return a TrainingMonitor and the handle of its display, or (None, None) where nothing can show one."""
    try:
        from IPython import get_ipython
        from IPython.display import display

        from .training import TrainingMonitor
    except ImportError:
        return None, None
    if not hasattr(get_ipython(), "kernel"):
        return None, None
    monitor = TrainingMonitor()
    return monitor, display(monitor, display_id=True)

"""A model and examples go in; the model, trained to its best epoch, and the history of how it got there come out.

`train` does the work and blocks; `fit` awaits it in a worker thread, so that a notebook's Stop button is heard.
"""
import asyncio

import numpy as np

from .checks import check_options, check_sides, readable
from .feeding import adapt, balanced_weights, batches, outputs, split, transfer, whole_batches
from ._keras import keras
from .watch import History, Silent, Watch


def train(model, examples, *, validation=None, epochs=20, batch_size=16, learning_rate=2e-3, class_weight="balanced",
          augment=None, patience=None, seed=0, checkpoint=None, monitor=None, progress=True):
    """Train a Keras model on examples in memory, and leave it with the weights of its best epoch.

    Layers up to one named "embedding" that are frozen are computed once, not in every epoch; a layer with `adapt`
    (principal components) learns from the training rows first. The learning rate falls to 0 along half a cosine. The same
    seeds give the same weights, bit for bit, on the same computer, also where the training was resumed in between.

    Parameters
    ----------
    model : keras.Model that gives probabilities: (n, classes), or (n, 1) for two classes. It is compiled here.
    examples : Examples, or a table, of which clips of the model's input shape are read
    validation : the same, of other groups; the best epoch is the one with the least loss on it. Without it, the last.
    epochs, batch_size : int. The budget is in optimiser steps, so that a score does not depend on the machine's load.
    learning_rate : float, of the first step.
    class_weight : "balanced" (a rare class counts as much as a common one) or None.
    augment : callable (batch, seed (2,)) → batch, such as `Augment()`; on training rows only, and not below frozen layers.
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
    ValueError
        The checkpoint is damaged, or that of another model or training.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(64, 8)).astype("float32")
    >>> from vmm_lab.networks import Examples
    >>> examples = Examples(X, (X[:, 0] > 0).astype(int), ("left", "right"))
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, activation="sigmoid")])
    >>> train(model, examples, epochs=3, progress=False)
    History(3 epochs, finished; the weights are those of epoch 3)
    """
    check_options(epochs=epochs, batch_size=batch_size, learning_rate=learning_rate, class_weight=class_weight)
    examples = readable(model, examples, progress=progress)
    validation = None if validation is None else readable(model, validation, classes=examples.classes, progress=progress)
    check_sides(model, examples, validation)
    batch_size = min(batch_size, len(examples))
    steps = len(examples) // batch_size
    whole, front, learner = split(model)
    loss = "binary_crossentropy" if model.outputs[0].shape[-1] == 1 else "sparse_categorical_crossentropy"
    learner.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, epochs * steps)),
        loss=loss, metrics=["accuracy"], jit_compile=False,
    )
    history = History(classes=examples.classes)
    watch = Watch(history, whole, learner, validated=validation is not None, epochs=epochs, steps=steps, patience=patience,
                  checkpoint=checkpoint, monitor=monitor, progress=progress)
    try:
        done = watch.resume()
        if done < epochs and history.ended == "finished":
            adapt(whole, examples.X)
            X, X_val = (some if front is None or some is None else outputs(front, some)
                        for some in (examples.X, None if validation is None else validation.X))
            weights = np.ones(len(examples.classes), np.float32) if class_weight is None else balanced_weights(examples.y, len(examples.classes))
            stream = batches(X, _targets(model, examples.y), weights[examples.y], batch_size=batch_size, steps=steps,
                             epochs=range(done, epochs), augment=augment if front is None else None, seed=seed)
            learner.fit(
                stream, epochs=epochs, initial_epoch=done, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[watch],
                validation_data=None if validation is None else whole_batches(X_val, _targets(model, validation.y)),
            )
    except KeyboardInterrupt:
        history.ended = "interrupted"
    finally:
        watch.bar.close()
    watch.restore_best()
    if front is not None:
        transfer(whole, model)
        # So that the whole can be evaluated, and saved with its settings.
        model.compile(loss=loss, metrics=["accuracy"], jit_compile=False)
    watch.close()
    return history


async def fit(model, examples, *, monitor=None, **options):
    """Await `train` in a worker thread: the same options and the same History.

    While the cell waits, the kernel goes on answering the page, so that a monitor's Stop button works; an interrupt of
    the kernel also ends the training at the next batch, with its history and best weights.

    >>> import asyncio
    >>> from vmm_lab.networks import Examples
    >>> X = np.eye(4, dtype="float32").repeat(8, axis=0)
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    >>> asyncio.run(fit(model, Examples(X, np.arange(32) // 16, ("a", "b")), epochs=2, progress=False))
    History(2 epochs, finished; the weights are those of epoch 2)
    """
    monitor = monitor if monitor is not None else Silent()
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


def _targets(model, y):
    """Numbers of classes as the loss wants them: float (n, 1) for a single output."""
    return y[:, None].astype(np.float32) if model.outputs[0].shape[-1] == 1 else y

"""Evaluate a method on folds: each row gets the output of a model that has not learnt from it or its group."""
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from .folds import Folds
from .method import Method, predict_usable
from .methods import SoftVote, average_over_modalities
from .rows import Rows

COSTS = ("seconds_extract", "seconds_fit", "ms_per_item")


@dataclass
class Result:
    """Hold the out-of-fold outputs of one method, float (n, …), and its costs.

    output: NaN for a row that no fold tests. raw: the method's own output, NaN also where a row lacks what it needs;
    there `output` holds `prior`, the shares of the classes among the training rows (a task without labels has no
    prior). seconds_extract, seconds_fit (of one fold) and ms_per_item, decoding included.
    """

    name: str
    method: Method
    output: NDArray
    raw: NDArray
    prior: NDArray | None
    seconds_extract: float
    seconds_fit: float
    ms_per_item: float


def evaluate(method: Method, rows: Rows, folds: Folds, *, name: str | None = None, n_jobs: int | None = None,
             done: Callable[[], object] = lambda: None) -> Result:
    """Fit and test a method on every fold; `done` is called after each.

    Raises ValueError where there is nothing to learn from.
    """
    name = method.name if name is None else name
    items, classes = rows.items[name], rows.classes if rows.labels is not None else None
    # One thread for each product: folds run side by side, and limits that each sets for itself undo one another's.
    with threadpool_limits(1):
        parts = []
        for part in joblib.Parallel(1 if method.one_at_a_time else n_jobs, prefer="threads", return_as="generator")(
            joblib.delayed(_fold)(method, items, rows, train, test) for train, test in folds.parts
        ):
            parts.append(part)
            done()
    shape = next((output.shape[1:] for output, _, _ in parts if not np.isnan(output).all()), parts[0][0].shape[1:])
    raw = np.full((len(rows), *shape), np.nan)
    for (_, test), (output, _, _) in zip(folds.parts, parts):
        raw[test] = output
    prior = None if classes is None else _class_shares(rows, folds)
    usable = items.usable(any_part=method.any_part)
    extract = float(rows.seconds[name].sum())
    predicted = max(1, int(np.isfinite(raw.reshape(len(rows), -1)).all(axis=1).sum()))
    # Decoding and describing one item count as much towards an answer as the classifier's own time.
    ms = 1000 * (extract / max(1, int(usable.sum())) + sum(seconds for _, _, seconds in parts) / predicted)
    output = raw if prior is None or raw.shape != prior.shape else np.where(np.isnan(raw), prior, raw)
    return Result(name, method, output, raw, prior, extract, float(np.mean([seconds for _, seconds, _ in parts])), ms)


def vote(members: Sequence[Result], *, name: str = "Soft vote", kind: type[SoftVote] = SoftVote) -> Result:
    """Average the results of members over their modalities; where a row has none of the modalities, take the prior.

    kind: of the method that the result stands for.
    """
    raw = average_over_modalities([(member.method.modality, member.raw) for member in members])
    prior, method = members[0].prior, kind([member.method for member in members])
    costs = [sum(getattr(member, cost) for member in members) for cost in COSTS]
    return Result(name, method, np.where(np.isnan(raw), prior, raw), raw, prior, *costs)


def _fold(method: Method, items, rows: Rows, train: NDArray, test: NDArray) -> tuple[NDArray, float, float]:
    """Return (output for the test rows, seconds to fit, seconds to predict); NaN where one class was left to learn."""
    classes, groups = rows.classes if rows.labels is not None else None, rows.groups
    learnt = train[items.take(train).usable(any_part=method.any_part)]
    y = None if rows.labels is None else rows.labels[learnt]
    started = time.perf_counter()
    if not len(learnt) or y is not None and len(np.unique(y)) < 2:
        return np.full((len(test), 1 if classes is None else len(classes)), np.nan), 0.0, 0.0
    model = clone(method)
    model.fit_items(items.take(learnt), y, None if groups is None else groups[learnt])
    fitted = time.perf_counter()
    output = predict_usable(model, items.take(test), classes if hasattr(model, "classes_") else None)
    return output, fitted - started, time.perf_counter() - fitted


def _class_shares(rows: Rows, folds: Folds) -> NDArray[np.float64]:
    """Return float64 (n, classes): for each tested row, the shares of the classes among the training rows."""
    indicators = rows.indicators
    shares = np.full(indicators.shape, np.nan)
    for train, test in folds.parts:
        shares[test] = indicators[train].mean(axis=0)
    return shares

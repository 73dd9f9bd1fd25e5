"""A pipeline, descriptions and folds go in; the probabilities of every tested row, by models that never learnt from it, come out.

A result is a dict: `proba` float64 (n, classes), NaN for a row that no fold tests; `extract` and `fit` in seconds; `ms` per item.
A feature's result also has `raw`, its own probabilities with NaN where an item lacks the modality, and `prior`, the
shares of the classes among the rows learnt from, which `proba` holds there.
"""
import time

import joblib
import numpy as np
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from .pipelines import average, spread


def score(pipeline, described, labels, groups, folds, classes, n_jobs, done=lambda: None):
    """The result of a feature and its classifier, or its network; `done` is called after each fold."""
    # Thousands of small products: threads inside each cost more than they bring, and on a busy machine tenfold.
    with threadpool_limits(1):
        parts = []
        for part in joblib.Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(
            joblib.delayed(_fold)(pipeline, described, labels, groups, train, test, classes) for train, test in folds.parts
        ):
            parts.append(part)
            done()
    raw = np.full((len(labels), len(classes)), np.nan)
    for (_, test), (own, _, _) in zip(folds.parts, parts):
        raw[test] = own
    prior = _prior(labels, folds, classes)
    predicted = max(1, int(np.isfinite(raw[:, 0]).sum()))
    return {"proba": np.where(np.isnan(raw), prior, raw), "raw": raw, "prior": prior, "extract": 0.0,
            "fit": float(np.mean([part[1] for part in parts])), "ms": 1000 * sum(part[2] for part in parts) / predicted}


def _fold(pipeline, described, labels, groups, train, test, classes):
    """(probabilities of the test rows, NaN where the modality is missing or one class was left to learn; seconds to fit, to predict)."""
    learnt = [row for row in train if described[row] is not None]
    own = np.full((len(test), len(classes)), np.nan)
    started = time.perf_counter()
    if len(set(labels[learnt])) > 1:
        model = clone(pipeline)
        model.fit_described([described[row] for row in learnt], labels[learnt], None if groups is None else groups[learnt])
        fitted = time.perf_counter()
        own = spread(model, [described[row] for row in test], classes)
    else:
        fitted = time.perf_counter()
    return own, fitted - started, time.perf_counter() - fitted


def _prior(labels, folds, classes):
    """float64 (n, classes): for each tested row, the shares of the classes among the rows learnt from."""
    shares = np.full((len(labels), len(classes)), np.nan)
    for train, test in folds.parts:
        counts = np.bincount(np.searchsorted(classes, labels[train]), minlength=len(classes))
        shares[test] = counts / counts.sum()
    return shares


def baseline(pipeline, labels, folds, classes):
    """The result of chance or of the majority class."""
    proba = _prior(labels, folds, classes)
    if pipeline.strategy == "chance":
        proba = np.where(np.isnan(proba), np.nan, 1 / len(classes))
    return {"proba": proba, "extract": 0.0, "fit": 0.0, "ms": 0.0}


def vote(voters):
    """The result of a soft vote over results with a `modality` each; where an item has none of the modalities, the prior."""
    proba = average([(voter["modality"], voter["raw"]) for voter in voters])
    total = {name: sum(voter[name] for voter in voters) for name in ("extract", "fit", "ms")}
    return {"proba": np.where(np.isnan(proba), voters[0]["prior"], proba), **total}

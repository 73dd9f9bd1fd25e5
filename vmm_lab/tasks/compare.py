"""A table goes in, a board comes out: every method that applies to it, scored on rows that it has not learnt from."""
import importlib.metadata

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from .. import features
from ..files import cache_dir
from ..tables import TableError, load_table
from . import cautions, evaluation, scores
from .board import Board
from .folds import choose_folds
from .networks import FUSED, FUSED_WITHOUT_WORDS, NETWORKS, SEVERAL, NetworkClassifier
from .pipelines import Baseline, FeatureClassifier, SoftVote, group_names
from .survey import survey

METHODS = ("ColorHistogram", "HOG", "SIFTBag", "MotionHistogram", "MotionEnergy", "LogMel", "MFCC", "WordBag")
PACKAGES = ("vmm-lab", "scikit-learn", "numpy", "opencv-python-headless", "av")
VOTE, VOTE_WITHOUT_WORDS = "Soft vote", "Soft vote without words"


def compare(table, *, methods=None, networks=False, n_jobs=None, seed=0, progress=True):
    """Score chance, the majority class, every handcrafted method that applies, and a soft vote over modalities.

    Each method is a feature and a linear SVM (`LinearSVM`) with nothing tuned; vocabularies, scales and
    classifiers are fitted on the training rows of each fold alone. A method applies where a row has its modality; where a row
    lacks it, the method says the commonest class of its training rows, so that all methods are scored on the same rows, and a
    warning tells how many. The vote averages probabilities over the modalities that an item has. Where captions
    name the label, a vote without words stands beside it.

    With `networks=True`, small networks are trained beside them on the frames, the sound and the captions of each fold's training
    rows, from random weights and for a fixed number of optimiser steps (`NetworkClassifier`): minutes instead of seconds.
    One of them fuses the modalities that there are, two at least; a modality that a row lacks is missing there. They do not
    vote: the vote is what can be had without training, and so what they are measured by. Where captions name the label, a
    fused network without words stands beside the one with them.

    Parameters
    ----------
    table : DataFrame, or anything that `load_table` takes
        `path` and `label`; `group`, `split`, `caption`, `start`, `end` as there are. The table's own split is used if every row
        has one; else folds by group (leave-one-group-out up to 10 groups, else 5 folds); else 5 stratified random folds.
    methods : sequence of Feature, optional
        What to compare instead of the handcrafted features with their defaults; a row is named after its class.
    networks : bool
        Whether to train the networks of `tasks.networks.NETWORKS` as well, each where a row has its modality. One that is not done in
        half an hour a fold is left out, and a warning says so.
    n_jobs : int, optional
        Rows described, and folds fitted, at a time; None is one, or what `joblib.parallel_config` says. Networks are trained
        one after the other, each on all cores.
    seed : int
        Of the random folds, the classifier's inner folds, the guesses of chance and the networks.

    Returns
    -------
    Board

    Raises
    ------
    TableError
        The table has no labels or one class only, or no file of it can be used.

    Examples
    --------
    >>> import tempfile, numpy as np, pandas as pd, cv2
    >>> folder, rng = tempfile.mkdtemp(), np.random.default_rng(0)
    >>> def picture(k):
    ...     name = f"{folder}/{k}.png"
    ...     _ = cv2.imwrite(name, rng.integers(0, 100 + 100 * (k % 2), (32, 32, 3)).astype(np.uint8))
    ...     return name
    >>> table = pd.DataFrame({"path": [picture(k) for k in range(20)], "label": ["dark", "light"] * 10})
    >>> board = compare(table, methods=[features.ColorHistogram()], progress=False)
    >>> board.frame[["name", "accuracy"]].values.tolist()
    [['ColorHistogram', 1.0], ['Chance', 0.5], ['Majority class', 0.5]]
    """
    table = load_table(table)
    methods = _named([getattr(features, name)() for name in METHODS] if methods is None else methods)
    handcrafted = {name: FeatureClassifier(feature) for name, feature in methods.items()}
    trained = {name: NetworkClassifier(name, seed=seed) for name in NETWORKS} if networks else {}
    _two_classes(table)
    seen = survey(table, handcrafted | trained, n_jobs=n_jobs, progress=progress)
    table = seen.table
    classes = _two_classes(table, seen.skipped)
    labels, groups = table["label"].to_numpy(str), group_names(table)
    truth = np.searchsorted(classes, labels)
    folds = choose_folds(labels, _column(table, "group"), _column(table, "split"), seed=seed)
    fold = folds.fold_of(len(table))

    pipelines = {"Chance": Baseline("chance", seed=seed), "Majority class": Baseline("majority")}
    results = {name: evaluation.baseline(pipeline, labels, folds, classes) for name, pipeline in pipelines.items()}
    leak = cautions.captions_naming_labels(_column(table, "caption") or [], labels) if "caption" in table else None
    if not leak:  # its twin may read what it likes
        seen.described.pop(FUSED_WITHOUT_WORDS, None)
        seen.left_out = [entry for entry in seen.left_out if entry["name"] != FUSED_WITHOUT_WORDS]
    bar = tqdm(total=len(folds.parts) * len(seen.described), desc="folds", unit="fit", disable=not progress)
    for name, (described, seconds) in seen.described.items():
        pipeline = (handcrafted | trained)[name]
        jobs = 1 if name in trained else n_jobs  # the seed of a network is Keras' own, one for all threads
        try:
            results[name] = evaluation.score(pipeline, described, labels, groups, folds, classes, jobs, bar.update)
        except ValueError as error:  # nothing to learn from, such as pictures without a single keypoint
            seen.left_out.append({"name": name, "reason": str(error)})
            if name in trained:
                seen.warnings.append(f"{name} has no row: {error}")
            continue
        results[name]["extract"] = float(seconds.sum())
        # Decoding and describing one item count as much towards an answer as the classifier's own time.
        results[name]["ms"] += 1000 * float(seconds.sum()) / max(1, sum(d is not None for d in described))
        pipelines[name] = pipeline
    bar.close()

    members = [name for name in results if name in handcrafted]
    spoken = {name for name in members if pipelines[name].modality == "words"}
    votes = {VOTE: members} | ({VOTE_WITHOUT_WORDS: [name for name in members if name not in spoken]} if leak and spoken else {})
    for name, voters in votes.items():
        if len({pipelines[voter].modality for voter in voters}) > 1:
            pipelines[name] = SoftVote([pipelines[voter] for voter in voters])
            results[name] = evaluation.vote([results[voter] | {"modality": pipelines[voter].modality} for voter in voters])
            if spoken & set(voters):
                spoken.add(name)

    spoken |= {name for name in results if name in trained and "words" in _read(name, seen)}

    rows = [_row(name, pipelines[name].modality, result, truth, fold, groups, classes) for name, result in results.items()]
    notes = ([leak] if leak else []) + seen.warnings + folds.warnings + cautions.class_cautions(labels, _column(table, "group"))
    notes[1 if leak else 0:0] = _repeats(table, labels, fold)
    protocol = {
        "folds": folds.kind, "n_folds": len(folds.parts), "n_groups": None if groups is None else len(set(groups)),
        "n_items": len(table), "n_tested": int((fold >= 0).sum()),
        "classes": {str(name): int(count) for name, count in zip(classes, np.bincount(truth))},
        "chance": 1 / len(classes), "seed": seed, "words": _in_words(folds, groups, fold, [name for name in results if name in trained], _read(FUSED, seen)),
        "captions_name_label": bool(leak), "left_out": seen.left_out,
        "versions": {p: importlib.metadata.version(p) for p in (*PACKAGES, *(("tensorflow", "keras") if trained else ()))},
    }
    return Board(
        rows, protocol, notes, seen.skipped, table=table, fold=fold, classes=classes, pipelines=pipelines,
        probabilities={name: result["proba"] for name, result in results.items()}, spoken=spoken if leak else set(),
    )


def _named(methods):
    """{class name: feature}; a second one of a class is "HOG 2"."""
    if not isinstance(methods, (list, tuple)) or not all(isinstance(method, features.Feature) for method in methods):
        raise ValueError(f"methods is a list of features, such as [vl.features.HOG()], not {methods!r}.")
    named = {}
    for feature in methods:
        name, count = type(feature).__name__, 1
        while name in named:
            count += 1
            name = f"{type(feature).__name__} {count}"
        named[name] = feature
    return named


def _two_classes(table, skipped=()):
    labels = table["label"].dropna().astype(str) if "label" in table else pd.Series(dtype=str)
    classes = np.unique(labels.to_numpy(str))
    if len(classes) == 1:
        why = f" once {len(skipped)} unreadable files are left out" if skipped else ""
        raise TableError(f"All {len(labels)} labelled rows are of one class ({classes[0]}){why}; a comparison needs at least two classes.")
    return classes


def _column(table, name):
    """The values of a text column with None for missing, or None without such a column."""
    return [None if pd.isna(value) else str(value) for value in table[name]] if name in table else None


def _row(name, modality, result, truth, fold, groups, classes):
    """One row of the board, as the JSON has it."""
    tested = np.flatnonzero(fold >= 0)
    row = {"name": name, "modality": modality}
    if name == "Chance":  # the expected score of guessing, and where 95 % of such guesses lie
        counts = np.bincount(truth[tested], minlength=len(classes))
        measures = scores.summarise(np.repeat(counts[:, None] / len(classes), len(classes), axis=1))
        low, high = scores.chance_interval(len(tested), len(classes))
        deviation = 0.0
    else:
        said = result["proba"][tested].argmax(axis=1)
        right = said == truth[tested]
        measures = scores.summarise(scores.confusion(truth[tested], said, len(classes)))
        low, high = scores.accuracy_interval(right, None if groups is None else groups[tested])
        deviation = np.std([right[fold[tested] == k].mean() for k in np.unique(fold[tested])], ddof=1) if fold.max() > 0 else None
    return row | {
        "accuracy": measures["accuracy"], "accuracy_std": None if fold.max() == 0 else float(deviation),
        "accuracy_low": low, "accuracy_high": high,
        "balanced_accuracy": measures["balanced_accuracy"], "macro_f1": measures["macro_f1"],
        "seconds_extract": result["extract"], "seconds_fit": result["fit"], "ms_per_item": result["ms"],
    }


def _repeats(table, labels, fold):
    hashes = [features.content_hash(path, cache_dir() / "features" / "hashes") for path in table["path"]]
    return cautions.repeated_media(list(table["path"]), hashes, *cautions.spans(table), labels, _column(table, "group"), fold)


def _read(name, seen):
    """The modalities that a network of several reads, in the order of its model; () of another one."""
    described = seen.described[name][0] if name in SEVERAL and name in seen.described else [{}]
    return tuple(next(parts for parts in described if parts is not None))


def _in_words(folds, groups, fold, trained, fused):
    interval = ("The interval is Wilson's at 95 %, widened for items of one group being right or wrong together."
                if groups is not None and len(set(groups[fold >= 0])) > 1 else "The interval is Wilson's at 95 %.")
    return [
        folds.words,
        *([f"{cautions.enumerated(trained)} {'are networks' if len(trained) > 1 else 'is a network'} trained from random weights on the training rows "
           "of the fold, for a fixed number of optimiser steps, with the same settings for every table; the weights of the last step are scored."] if trained else []),
        *([f"{FUSED} is one network that takes {cautions.enumerated(fused)} ('hybrid' fusion of embeddings and decisions), as many of them as an item has; in "
           "training some are taken away at random, so that it learns to do without."] if FUSED in trained else []),
        f"Every {'other ' if trained else ''}method is a feature with a linear SVM at fixed settings, its margins turned into probabilities; all "
        "that is learnt (vocabulary, scale, weights, calibration) is learnt from the training rows of the fold.",
        f"Accuracy is the share of all tested rows that came out right; ± is the deviation between folds. {interval}",
        "Chance is the expected score of guessing every class alike, with the range that 95 % of such guesses fall in; the majority "
        "class is the commonest one of the rows learnt from.",
        f"The soft vote averages probabilities over the {'handcrafted ' if trained else ''}methods of a modality, then over the modalities that "
        "an item has; its costs are the sum of its members'.",
        "Seconds to extract are those of the first time, also when cached; seconds to fit are for one fold; milliseconds per item are "
        "those of decoding, describing and predicting one item.",
    ]

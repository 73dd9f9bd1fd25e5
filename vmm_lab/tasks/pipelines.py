"""Tables or paths go in, labels and probabilities come out: a feature with its classifier, votes and baselines, and their files."""
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from .. import features
from ..media import MediaError
from ..tables import TableError, load_table
from .linear import LinearSVM


class TablePipeline(ClassifierMixin, BaseEstimator):
    """What the rows of a board share as estimators: they fit on a table and predict for a table or a list of paths.

    `fit(table)` leaves out rows without a label. `predict` and `predict_proba` take a DataFrame, a path or a list of
    paths; a file that cannot be read, or has not what the method needs, raises MediaError with the file and the reason.
    """

    def predict(self, source, *, n_jobs=None):
        """The label of each row or path, an array of str (n,)."""
        best = self.predict_proba(source, n_jobs=n_jobs).argmax(axis=1)
        return self.classes_[best]

    def score(self, table, y=None):
        """The accuracy on the labelled rows of a table; `y` is there for scikit-learn and not used."""
        table, labels, _ = _labelled(table)
        return float(np.mean(self.predict(table) == labels))

    def save(self, path):
        """Write the fitted pipeline to `path` without pickle (skops), and return the path; `load_pipeline` reads it."""
        from skops import io

        check_is_fitted(self, "classes_")
        try:
            io.dump(self, path)
        except (OSError, TypeError, AttributeError) as error:
            reason = getattr(error, "strerror", None) or "not the path of a file"
            raise ValueError(f"{path} cannot be written ({reason}); give a file in a folder that is there and yours.") from None
        return Path(path)

    @staticmethod
    def load(path, *, trusted=()):
        """The same as `load_pipeline`."""
        return load_pipeline(path, trusted=trusted)


class FeatureClassifier(TablePipeline):
    """One feature, whatever it learns, and a linear SVM on it; see `LinearSVM`.

    Parameters
    ----------
    feature : vmm_lab.features.Feature
    classifier : scikit-learn classifier with `predict_proba`, default `LinearSVM()`
    """

    def __init__(self, feature, classifier=None):
        self.feature = feature
        self.classifier = classifier

    @property
    def modality(self):
        """What a row must have: image, video, sound or words."""
        return self.feature.modality

    @property
    def title(self):
        """What messages call it."""
        return type(self.feature).__name__

    def fit(self, table, y=None, *, n_jobs=None):
        """Fit on the labelled rows; rows that the feature cannot describe are left out, with one warning that names them."""
        table, labels, groups = _labelled(table)
        found, reasons = self.described(table, n_jobs=n_jobs, on_error="skip")
        good = [row for row in range(len(table)) if row not in reasons]
        if reasons:
            first = next(iter(reasons.values()))
            if not good:
                raise MediaError(f"{self.title} can use none of the {len(table)} rows; the first: {first}")
            warnings.warn(f"{self.title} leaves out {len(reasons)} of {len(table)} rows; the first: {first}", stacklevel=2)
        return self.fit_described([found[row] for row in good], labels[good], None if groups is None else groups[good])

    def predict_proba(self, source, *, n_jobs=None):
        """Probabilities float64 (n, classes), in the order of `classes_`."""
        check_is_fitted(self, "classes_")
        found, _ = self.described(_as_table(source), n_jobs=n_jobs, progress=False)
        return self.proba_described(found)

    def described(self, table, *, on_error="raise", **options):
        """(descriptions of the rows of a table, {row: reason} of those without one); options go to `features.descriptions`."""
        found, reasons, _ = features.descriptions(table, self.feature, on_error=on_error, **options)
        return found, reasons

    def fit_described(self, descriptions, labels, groups=None):
        """Fit on what `feature.describe` gave for each row: the part that `compare` repeats in every fold."""
        if len(set(labels)) < 2:
            raise TableError(f"There is one class only ({next(iter(labels), 'no rows')}) to learn from; a classifier needs at least two.")
        self.feature_ = clone(self.feature).fit_descriptions(descriptions, labels)
        self.classifier_ = clone(self.classifier if self.classifier is not None else LinearSVM())
        X = self.feature_.encode(descriptions)
        if isinstance(self.classifier_, LinearSVM):
            self.classifier_.fit(X, labels, groups=groups)
        else:
            self.classifier_.fit(X, labels)
        self.classes_ = self.classifier_.classes_
        return self

    def proba_described(self, descriptions):
        """Probabilities (n, classes) from descriptions."""
        return self.classifier_.predict_proba(self.feature_.encode(descriptions))


class SoftVote(TablePipeline):
    """A vote over modalities: probabilities averaged over the methods of a modality, then over the modalities.

    A modality that an item lacks is left out for that item; an item that no member can describe raises MediaError.
    With all members weighing alike within a modality, and modalities alike, nothing is chosen by test scores.
    Source: Kittler et al., "On combining classifiers", PAMI 1998 (the sum rule).

    Parameters
    ----------
    members : list of FeatureClassifier
    """

    modality = "fusion"

    def __init__(self, members):
        self.members = members

    def fit(self, table, y=None, *, n_jobs=None):
        """Fit each member on the labelled rows that have its modality."""
        table, labels, groups = _labelled(table)
        fitted = []
        described = features.describe_table(table, [member.feature for member in self.members], n_jobs=n_jobs, on_error="skip")
        for member, (found, reasons, _) in zip(self.members, described):
            good = [row for row in range(len(table)) if row not in reasons]
            if len(set(labels[good])) > 1:
                fitted.append(clone(member).fit_described([found[row] for row in good], labels[good], None if groups is None else groups[good]))
        if not fitted:
            raise MediaError(f"No member of the vote can use the {len(table)} rows; look at them one by one with vl.open_media.")
        self.members_ = fitted
        self.classes_ = np.unique(np.concatenate([member.classes_ for member in fitted]))
        return self

    def predict_proba(self, source, *, n_jobs=None):
        """Probabilities float64 (n, classes), in the order of `classes_`."""
        check_is_fitted(self, "classes_")
        table = _as_table(source)
        votes, why = [], {}
        described = features.describe_table(
            table, [member.feature for member in self.members_], n_jobs=n_jobs, on_error="skip", progress=False
        )
        for member, (found, reasons, _) in zip(self.members_, described):
            votes.append((member.feature.modality, spread(member, found, self.classes_)))
            why |= {row: reason for row, reason in reasons.items() if row not in why}
        proba = average(votes)
        empty = np.flatnonzero(np.isnan(proba[:, 0]))
        if len(empty):
            raise MediaError(why[empty[0]])
        return proba


class Baseline(TablePipeline):
    """What needs no media: "chance" guesses every class alike, "majority" says the commonest class of the training rows."""

    modality = "none"

    def __init__(self, strategy="majority", *, seed=0):
        self.strategy = strategy
        self.seed = seed

    def fit(self, table, y=None):
        """Learn the classes and their shares from the labelled rows."""
        return self.fit_labels(_labelled(table)[1])

    def fit_labels(self, labels):
        """Fit on labels (n,) alone."""
        self.classes_, counts = np.unique(np.asarray(labels, dtype=str), return_counts=True)
        self.shares_ = np.full(len(counts), 1 / len(counts)) if self.strategy == "chance" else counts / counts.sum()
        return self

    def predict_proba(self, source, *, n_jobs=None):
        """The same shares for each row, float64 (n, classes)."""
        check_is_fitted(self, "classes_")
        return np.tile(self.shares_, (len(_as_table(source)), 1))

    def predict(self, source, *, n_jobs=None):
        """The commonest class; or, for "chance", a seeded draw."""
        if self.strategy != "chance":
            return super().predict(source)
        check_is_fitted(self, "classes_")
        return np.random.default_rng(self.seed).choice(self.classes_, size=len(_as_table(source)))


def spread(member, descriptions, classes):
    """A member's probabilities in the order of `classes`, float64 (n, classes): 0 for a class that it never saw, NaN rows for None."""
    proba = np.full((len(descriptions), len(classes)), np.nan)
    have = [row for row, description in enumerate(descriptions) if description is not None]
    if have:
        known = member.proba_described([descriptions[row] for row in have])
        proba[have] = 0.0
        proba[np.ix_(have, np.searchsorted(classes, member.classes_))] = known
        proba[np.isnan(proba).any(axis=1)] = np.nan  # a fusion that learnt none of the modalities that the item has
    return proba


def average(votes):
    """The soft vote: [(modality, (n, classes) with NaN rows where missing)] to (n, classes), modalities weighing alike."""
    kinds = sorted({modality for modality, _ in votes})
    return _mean([_mean([proba for modality, proba in votes if modality == kind]) for kind in kinds])


def load_pipeline(path, *, trusted=()):
    """A saved pipeline, ready to predict. Nothing is unpickled, and only known types are built.

    Parameters
    ----------
    path : path
        A file written by `pipeline.save`.
    trusted : sequence of str
        Further types that may be built, such as a feature of your own ("my_module.MyFeature"); name only what you wrote.

    Raises
    ------
    ValueError
        No such file, not a saved pipeline, or it wants a type that is not known: it is refused.
    """
    from skops import io

    from .networks import NetworkClassifier

    ours = [getattr(features, name) for name in features.__all__] + [LinearSVM, FeatureClassifier, NetworkClassifier, SoftVote, Baseline]
    known = {f"{c.__module__}.{c.__qualname__}" for c in ours if isinstance(c, type)} | set(trusted)
    try:
        wanted = io.get_untrusted_types(file=path)
        strangers = sorted(set(wanted) - known)
        if strangers:
            raise ValueError(f"{path} wants to build {', '.join(strangers[:3])}, which no saved pipeline holds, and was not loaded; "
                             "if it is your own feature, allow it by name with trusted=.")
        model = io.load(path, trusted=wanted)
    except FileNotFoundError:
        raise ValueError(f"There is no file {path}; `pipeline.save` writes one.") from None
    except (zipfile.BadZipFile, KeyError, OSError, TypeError, AttributeError, ImportError) as error:
        raise ValueError(f"{path} is not a saved pipeline ({type(error).__name__}); `pipeline.save` writes one.") from None
    if not isinstance(model, TablePipeline):
        raise ValueError(f"{path} holds a {type(model).__name__} and not a pipeline of a board; `pipeline.save` writes one.")
    return model


def _mean(probas):
    """The mean over a list of (n, classes), rows of NaN left out; NaN where all are."""
    stack = np.stack(probas)
    there = ~np.isnan(stack[:, :, :1])
    with np.errstate(invalid="ignore"):
        return np.where(there, stack, 0.0).sum(axis=0) / there.sum(axis=0)


def _as_table(source):
    if isinstance(source, pd.DataFrame):
        return source
    paths = [source] if isinstance(source, (str, Path)) else list(source)
    if not paths:
        raise ValueError("there is nothing to predict; pass the paths of one or more files, or a table.")
    return pd.DataFrame({"path": [str(path) for path in paths]})


def _labelled(table):
    """(labelled rows, labels as str (n,), groups as str (n,) or None) of a table, or of anything that `load_table` takes."""
    table = load_table(table)
    if "label" not in table or table["label"].isna().all():
        raise TableError("The table has no labels to learn from; fill in the column `label`.")
    table = table[table["label"].notna()].reset_index(drop=True)
    return table, table["label"].to_numpy(str), group_names(table)


def group_names(table):
    """str (n,) of the groups, a row without one being its own; None where no row has one."""
    if "group" not in table or table["group"].isna().all():
        return None
    return np.array([f"row {row}" if pd.isna(group) else f"group {group}" for row, group in enumerate(table["group"])])

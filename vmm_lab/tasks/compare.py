"""Compare methods on a table: usable rows → folds → results of each method → board."""
import importlib.metadata
import os
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from .. import assets, features, pretrained
from ..files import cache_dir
from ..tables import TableError, load_table, look_alikes
from . import leakage
from ._text import joined
from .board import Board
from .evaluate import Result, evaluate, vote
from .folds import Folds, choose_folds
from .group_normalised import GroupNormalised
from .method import Method
from .methods import Baseline, FeatureMethod, SoftVote
from .network_method import NetworkMethod
from .rows import Rows, has_label, usable_rows
from .sections import CLASSIFICATION_SECTIONS

PACKAGES = ("vmm-lab", "scikit-learn", "numpy", "opencv-python-headless", "av")


def compare(table: pd.DataFrame | str | os.PathLike, *, methods: Mapping | Sequence | None = None,
            networks: bool = False, vote: bool = True, per_group: bool = False, n_jobs: int | None = None,
            seed: int = 0, progress: bool = True) -> Board:
    """Score chance, the majority class, every method that applies to a table, and a soft vote over modalities.

    Everything that is learnt is fitted on the training rows of each fold alone. A method applies where a row has its
    modality; where a row lacks it, the method predicts the majority class of its training rows, so that all methods are
    scored on the same rows, and a warning tells how many. The vote averages the probabilities of features over the
    modalities that an item has. Where captions name the label, what reads words has a row without words next to it.

    table: anything that `load_table` takes, with `path` and `label`; `group`, `split`, `caption`, `start`, `end` as
        there are. The table's own split is used if every row has one; else folds by group (leave-one-group-out up to 10
        groups, else 5 folds); else 5 stratified random folds.
    methods: {name: feature, recipe or method}, or a sequence of them, instead of the features of `features.COMPARED`,
        and of `pretrained.COMPARED` where `vmm-lab fetch` has brought their weights: a `Feature` (an SVM is put on it,
        see `FeatureMethod`), a `networks.Recipe` (a network), or a `tasks.Method`. In a sequence each has its own name,
        "HOG 2" for a second.
    networks: whether to train the networks of `networks.RECIPES` that are meant for comparisons as well: minutes
        instead of seconds. One that is not done in half an hour a fold is left out, and a warning says so.
    vote: whether to add the soft vote where methods read at least two modalities. Networks do not vote.
    per_group: whether features get a second row, each group normalised by its own unlabelled rows, also the tested one:
        see `tasks.GroupNormalised`. It tells how well speakers, say, are understood once they are known.
    n_jobs: rows described, and folds fitted, at a time; None is one, or what `joblib.parallel_config` says. Networks
        are trained one after the other, each on all cores.
    seed: of the random folds, the classifier's inner folds, the guesses of chance and the networks.

    Raises TableError where the table has no labels or one class only, or no file of it can be used.

    >>> import tempfile, numpy as np, pandas as pd, cv2
    >>> folder, rng = tempfile.mkdtemp(), np.random.default_rng(0)
    >>> def picture(k):
    ...     name = f"{folder}/{k}.png"
    ...     _ = cv2.imwrite(name, rng.integers(0, 100 + 100 * (k % 2), (32, 32, 3)).astype(np.uint8))
    ...     return name
    >>> table = pd.DataFrame({"path": [picture(k) for k in range(20)], "label": ["dark", "light"] * 10})
    >>> board = compare(table, methods={"colours": features.ColorHistogram()}, progress=False)
    >>> board.frame[["name", "accuracy"]].values.tolist()
    [['colours', 1.0], ['Chance', 0.5], ['Majority class', 0.5]]
    """
    table = load_table(table)
    _check_classes(table)
    leak = leakage.captions_naming_labels(table["caption"], table["label"]) if "caption" in table else None
    named = named_methods(methods, networks=networks, seed=seed)
    if leak:
        named |= _ablations(named, "words")
    if per_group:
        named |= _per_group(table, named)
    rows = usable_rows(table, named, n_jobs=n_jobs, progress=progress)
    _check_classes(rows.table, rows.skipped)
    folds = choose_folds(rows.labels, rows.column("group"), rows.column("split"), seed=seed)
    results, failed = evaluate_all(named, rows, folds, n_jobs=n_jobs, progress=progress)
    if vote:
        results += votes(results, leaking="words" if leak else None)
    n_tested = (folds.fold_of(len(rows)) >= 0).sum()
    return Board(
        results, rows, folds, leaking="words" if leak else None, sections=CLASSIFICATION_SECTIONS,
        title=f"{len(rows.classes)} classes, {n_tested} items: which method tells them apart?",
        warnings=_warnings(rows, folds, leak, failed),
        protocol={
            "chance": 1 / len(rows.classes), "seed": seed, "words": procedure(results, folds, _measured(rows, folds)),
            "captions_name_label": bool(leak), "versions": versions(results),
            "notes": without_weights(rows, named) if methods is None else [],
        },
    )


def named_methods(methods: Mapping | Sequence | None, *, networks: bool = False, seed: int = 0,
                  baselines: Sequence[Method] | None = None,
                  kind: type[FeatureMethod] = FeatureMethod) -> dict[str, Method]:
    """Return {name: Method}: the baselines, the given features, recipes and methods (or the default ones), networks.

    kind: of the method that a feature becomes.
    """
    baselines = (Baseline("chance", seed=seed), Baseline("majority")) if baselines is None else baselines
    if methods is None:
        # Of one name, the pretrained feature takes the place of the one that does without.
        methods = list({type(feature).__name__: feature for feature in _features() if _at_hand(feature)}.values())
    if not isinstance(methods, (Mapping, list, tuple)):
        raise ValueError(f"methods is a dict such as {{'edges': vl.features.HOG()}}, or a list, not {methods!r}.")
    named: dict[str, Method] = {one.name: one for one in baselines}
    wanted = list(methods.items()) if isinstance(methods, Mapping) else [(None, given) for given in methods]
    if networks:
        from ..networks import RECIPES

        wanted += [(None, NetworkMethod(key, seed=seed)) for key, recipe in RECIPES.items() if recipe.compared]
    for name, given in wanted:
        method = kind(given, seed=seed) if isinstance(given, features.Feature) else _as_method(given, name, seed)
        if method.label != kind.label:
            raise ValueError(f"{name or method.name} learns the column `{method.label}`, and here methods are compared "
                             f"by `{kind.label}`; give a feature, or another method.")
        named[_free(name or method.name, named)] = method
    return named


def _free(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: itself, or "name 2", "name 3", …."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _features() -> list[features.Feature]:
    """Return the features that a comparison uses by default; of some the weights may not be at hand."""
    return [getattr(room, name)() for room in (features, pretrained) for name in room.COMPARED]


def _at_hand(feature: features.Feature) -> bool:
    return all(map(assets.installed, feature.assets))


def without_weights(rows: Rows, methods: Mapping[str, Method]) -> list[str]:
    """Return a note on default features without their weights, where other methods read the same of the rows."""
    read = {need.modality for name in rows.items for need in methods[name].needs}
    names = [type(feature).__name__ for feature in _features() if feature.modality in read and not _at_hand(feature)]
    names = [name for name in names if name not in rows.items]
    have, their = ("has", "its") if len(names) == 1 else ("have", "their")
    return [f"{joined(names)} {have} no row, because {their} weights are not here; `vmm-lab fetch` brings "
            "them."] if names else []


def _as_method(given, name: str | None, seed: int) -> Method:
    if isinstance(given, Method):
        return given
    if hasattr(given, "build") and hasattr(given, "steps"):  # a Recipe, whose class would load TensorFlow
        return NetworkMethod(given, name=name, seed=seed)
    raise ValueError(f"methods holds features, recipes and methods, such as vl.features.HOG(), not {given!r}.")


def _per_group(table: pd.DataFrame, methods: Mapping[str, Method]) -> dict[str, Method]:
    """Return {name: method} of features that do not learn, normalised within each group; TableError without groups."""
    if "group" not in table or table["group"].isna().all():
        raise TableError("per_group normalises each group by its own rows, and the table has no column `group`; add "
                         "one that says who speaks, or leave per_group out.")
    return {_free(name + GroupNormalised.suffix, methods):
            GroupNormalised(method.feature, method.classifier, seed=method.seed) for name, method in methods.items()
            if isinstance(method, FeatureMethod) and method.modality != "words"}


def _ablations(methods: Mapping[str, Method], modality: str) -> dict[str, Method]:
    """Return {name: method} of those that read several modalities, without this one."""
    smaller = {name: method.without(modality) for name, method in methods.items() if method.any_part}
    return {_free(f"{name} without {modality}", methods): method for name, method in smaller.items()
            if method is not None and method is not methods[name]}


def evaluate_all(methods: Mapping[str, Method], rows: Rows, folds: Folds, *, n_jobs: int | None,
                 progress: bool) -> tuple[list[Result], list[str]]:
    """Evaluate every method that applies; return the results, and sentences on those that cost long and failed."""
    results, failed = [], []
    with tqdm(total=len(folds.parts) * len(rows.items), desc="folds", unit="fit", disable=not progress) as bar:
        for name in rows.items:
            try:
                results.append(evaluate(methods[name], rows, folds, name=name, n_jobs=n_jobs, done=bar.update))
            except ValueError as error:  # nothing to learn from, such as pictures without a single keypoint
                rows.left_out.append({"name": name, "reason": str(error)})
                failed += [f"{name} has no row: {error}"] * methods[name].one_at_a_time
    return results, failed


def votes(results: Sequence[Result], *, leaking: str | None = None, kind: type[SoftVote] = SoftVote) -> list[Result]:
    """Let the features vote if they read two modalities or more, and once more without a modality that leaks."""
    voting = [result for result in results if result.method.votes]
    members = {"Soft vote": voting}
    blind = [result for result in voting if result.method.without(leaking or "") is result.method]
    if len(blind) < len(voting):
        members[f"Soft vote without {leaking}"] = blind
    names = [result.name for result in results]
    return [vote(some, name=_free(name, names), kind=kind) for name, some in members.items()
            if len({member.method.modality for member in some}) > 1]


def _check_classes(table: pd.DataFrame, skipped: Sequence = ()) -> None:
    """Raise TableError where no row has a label, or all labels are of one class."""
    labels = table.loc[has_label(table, "label"), "label"]
    if labels.nunique() == 1:
        why = f" once {len(skipped)} unreadable files are left out" if skipped else ""
        raise TableError(f"All {len(labels)} labelled rows are of one class ({labels.iloc[0]}){why}; a comparison "
                         "needs at least two classes.")


def _warnings(rows: Rows, folds: Folds, leak: str | None, failed: Sequence[str]) -> list[str]:
    """Return what can make the scores mislead, the worst first."""
    hashes = [features.content_hash(path, cache_dir() / "features" / "hashes") for path in rows.table["path"]]
    repeated = leakage.repeated_media(rows.table, hashes, folds.fold_of(len(rows)))
    return [*([leak] if leak else []), *repeated, *rows.warnings, *look_alikes(rows.table), *failed,
            *folds.warnings, *leakage.class_warnings(rows.labels, rows.column("group"))]


def procedure(results: Sequence[Result], folds: Folds, measured: str) -> list[str]:
    """Return how the scores were made, in sentences; `measured` tells of the measures."""
    alike: dict[str, list[str]] = {}
    for result in results:
        alike.setdefault(result.method.procedure, []).append(result.name)
    return [
        folds.words,
        *(f"{joined(names)}: {procedure}." for procedure, names in alike.items() if procedure),
        *(result.method.sentence for result in results if result.method.sentence),
        measured,
        ("Seconds to extract are those of the first time, also when cached; seconds to fit are for one fold; "
         "milliseconds per item are those of decoding, describing and predicting one item."),
    ]


def versions(results: Sequence[Result]) -> dict[str, str]:
    """Return {package: version} of what the results were made with."""
    used = sorted({package for result in results for package in result.method.packages}, reverse=True)
    return {package: importlib.metadata.version(package) for package in (*PACKAGES, *used)}


def _measured(rows: Rows, folds: Folds) -> str:
    grouped = rows.groups is not None and len(np.unique(rows.groups[folds.fold_of(len(rows)) >= 0])) > 1
    widened = ", widened because items of one group tend to be right or wrong together" if grouped else ""
    return ("Accuracy is the share of all tested rows that came out right; ± is the deviation between folds. The "
            f"interval is Wilson's at 95 %{widened}.")

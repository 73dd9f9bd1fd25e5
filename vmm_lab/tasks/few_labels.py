"""Compare methods by how few labels they need: learning curves over the number of labelled items of each class.

Of each draw some groups are held out; of the others' rows a method sees a few labels, and all rows without them.
"""
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from .. import features
from ..media.options import check_whole
from ..plots import PALETTE, Picture, axes
from ..splits import group_split
from ..tables import TableError, load_table
from .compare import named_methods
from .label_saving import STRATEGIES, ActiveLearning, Prototypes, SelfTraining, TaughtVote
from .method import Method, predict_usable
from .methods import FeatureMethod
from .rows import Items, Rows, usable_rows
from .self_supervised import SelfSupervised
from .svm import LinearSVM


@dataclass
class LearningCurve:
    """Hold what a comparison over numbers of labels found.

    runs: a row for each `method`, `labels` (a class) and `draw`, with its `accuracy` on the held-out groups.
    words: how the numbers were made. warnings: what can make them mislead.
    """

    runs: pd.DataFrame
    words: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def frame(self) -> pd.DataFrame:
        """Return the mean accuracy over the draws: a row for each method, a column for each number of labels."""
        return self._over_draws("mean")

    @property
    def deviation(self) -> pd.DataFrame:
        """Return the standard deviation over the draws, in the shape of `frame`; NaN of a single draw."""
        return self._over_draws("std")

    def gain(self, baseline: str) -> pd.DataFrame:
        """Return how much each method is above another on the same draws, on average, in the shape of `frame`."""
        if baseline not in set(self.runs["method"]):
            raise ValueError(f"There is no method {baseline!r} here; there are {', '.join(self.frame.index)}.")
        return self.frame - self.frame.loc[baseline]

    def plot(self, *, width: float = 8.0, height: float = 4.2) -> Picture:
        """Draw each method's accuracy over the number of labels, with a bar of ± one deviation over the draws."""
        mean, deviation = self.frame, self.deviation.fillna(0.0)
        figure, axis = axes(f"learning curves of {len(mean)} methods over labelled videos for each class", width=width,
                            height=height, xlabel="labelled videos for each class", ylabel="accuracy on held-out rows")
        for k, name in enumerate(mean.index):
            shift = 1 + 0.012 * (k - len(mean) / 2)  # next to one another, or the bars would hide one another
            axis.errorbar(mean.columns * shift, mean.loc[name], deviation.loc[name], capsize=2, label=name,
                          color=PALETTE[k % len(PALETTE)], linestyle=("-", "--", ":")[k // len(PALETTE) % 3])
        axis.set_xscale("log")
        axis.set_xticks(list(mean.columns), [str(n) for n in mean.columns])
        axis.minorticks_off()
        axis.set_ylim(0, 1)
        return figure

    def _over_draws(self, how: str) -> pd.DataFrame:
        table = self.runs.pivot_table("accuracy", "method", "labels", aggfunc=how, dropna=False)
        return table.loc[self.runs["method"].unique()].rename_axis(index=None)


def learning_curve(table: pd.DataFrame | str | os.PathLike, methods: Mapping | Sequence, *,
                   labels_per_class: Sequence[int] = (1, 2, 5, 10, 20), draws: int = 5, test: float = 0.25,
                   seed: int = 0, n_jobs: int | None = None, progress: bool = True) -> LearningCurve:
    """Score methods that learn from a few labels of each class, and from the other training rows without labels.

    Each draw holds other groups out, and deals out labels at random; the fewer are among the more. All methods get the
    same labels, but one with `choose`, such as `ActiveLearning`, which begins with the fewest and then asks for
    the labels of rows of its choice: as many in all. One with `fit_unlabelled` sees every training row, without its
    label, before. Nothing looks at a held-out row before it is tested.

    table: as for `compare`; without groups, rows are held out at random, and a warning says so. methods: features,
    recipes of networks and methods, as for `compare`. test: the share of rows held out.
    Raises TableError where a class has fewer training rows than labels are asked for, ValueError for other options.
    """
    check_whole("learning_curve", draws=draws)
    sizes = [int(n) for n in labels_per_class]
    if not sizes or sizes[0] < 1 or (np.diff(sizes) <= 0).any():
        raise ValueError(f"labels_per_class are numbers of at least 1 that grow, such as (1, 5, 20), got {sizes}.")
    named = named_methods(methods, baselines=(), seed=seed)
    if not named:
        raise ValueError("There is no method to compare; give at least one, such as {'edges': vl.features.HOG()}.")
    rows = usable_rows(load_table(table), named, n_jobs=n_jobs, progress=progress)
    if rows.left_out:
        raise TableError(f"{rows.left_out[0]['name']} cannot be compared: {rows.left_out[0]['reason']}; leave it out.")
    usable = np.all([rows.items[name].usable(any_part=method.any_part) for name, method in named.items()], axis=0)
    notes, groups = list(rows.warnings), rows.groups
    if groups is None or len(np.unique(groups[usable])) < 2:
        notes.append("There are no groups to hold out, so rows are held out at random, and pieces of one video or "
                     "person may stand on both sides; add a column `group`.")
        groups = np.arange(len(rows)).astype(str)
    runs = []
    # One thread for each product, as where methods are compared: hundreds of small ones follow one another.
    with tqdm(total=draws * len(named), desc="draws × methods", disable=not progress) as bar, threadpool_limits(1):
        for draw in range(draws):
            pool, tested, order = _dealt(rows, groups, usable, sizes[-1], test, seed + draw)
            for name, method in named.items():
                bar.set_postfix_str(name)
                scores = _curve(clone(method), rows.items[name], rows, pool, tested, order, sizes)
                runs += [{"method": name, "labels": n, "draw": draw, "accuracy": a} for n, a in zip(sizes, scores)]
                bar.update()
    words = (f"{draws} draws; each holds out {test:.0%} of the {usable.sum()} rows, whole groups at a time, and labels "
             f"{', '.join(map(str, sizes))} rows for each of {len(rows.classes)} classes, the same for every method; "
             "± is the deviation over draws.")
    return LearningCurve(pd.DataFrame(runs), words, notes)


def _dealt(rows: Rows, groups: NDArray, usable: NDArray, most: int, test: float, seed: int):
    """Return the training rows int (p,), the tested rows, and `most` places in the training rows for each class."""
    kept = np.flatnonzero(usable)
    held = group_split(groups[kept], rows.labels[kept], test, seed)
    pool, rng = kept[~held], np.random.default_rng(seed)
    order = []
    for name in rows.classes:
        places = rng.permutation(np.flatnonzero(rows.labels[pool] == name))
        if len(places) < most:
            raise TableError(f"Class {name} has {len(places)} training rows once groups are held out, and {most} "
                             f"labels for each class are asked for; ask for at most {len(places)}, or add rows.")
        order.append(places[:most])
    return pool, kept[held], np.array(order)


def _curve(method: Method, items: Items, rows: Rows, pool, tested, order, sizes) -> list[float]:
    """Compute the accuracy of one method on one draw for each number of labels."""
    training, labels, scores = items.take(pool), rows.labels[pool], []
    if hasattr(method, "fit_unlabelled"):
        method.fit_unlabelled(training)
    chosen = order[:, :sizes[0]].ravel()
    for n in sizes:
        if not hasattr(method, "choose"):
            chosen = order[:, :n].ravel()
        while len(chosen) < n * len(order):  # a few at a time, so that each choice knows the answers before
            few = min(len(order), n * len(order) - len(chosen))
            chosen = np.append(chosen, method.choose(training, chosen, labels[chosen], few))
        groups = None if rows.groups is None else rows.groups[pool][chosen]
        method.fit_items(training.take(chosen), labels[chosen], groups)
        output = predict_usable(method, items.take(tested), rows.classes)
        scores.append(float(np.mean(rows.classes[output.argmax(axis=1)] == rows.labels[tested])))
    return scores


def label_savers(*, seed: int = 0) -> dict[str, Any]:
    """Return {name: method} of the usual ways to save labels, next to training from scratch, for `learning_curve`.

    All look at pictures alone; where the correspondence learns, it hears the sound as well. "together" is a vote of
    the handcrafted one and the two encoders.
    """
    from ..networks import RECIPES
    from ..pretrained import ImageEmbedding

    motion, looks = features.MotionHistogram(), ImageEmbedding(n_frames=6, pooling="mean+change")
    return {
        "from scratch": replace(RECIPES["(2+1)D"], shift=0), "augmentation": RECIPES["(2+1)D"],
        "handcrafted": FeatureMethod(motion, LinearSVM()), "pseudo-labels": SelfTraining(motion, LinearSVM()),
        "prototypes": FeatureMethod(motion, Prototypes()), "transfer (ImageNet)": FeatureMethod(looks, LinearSVM()),
        "random encoder": SelfSupervised("nothing", seed=seed), "time order": SelfSupervised("order", seed=seed),
        "sound and picture": SelfSupervised("correspondence", seed=seed),
        "together": TaughtVote([FeatureMethod(motion, LinearSVM()), SelfSupervised("order", seed=seed),
                                SelfSupervised("correspondence", seed=seed)]),
        **{f"{kind}, {name}": ActiveLearning(motion, machine, strategy=name) for kind, machine in
           {"active": LinearSVM(), "active prototypes": Prototypes()}.items() for name in STRATEGIES},
    }

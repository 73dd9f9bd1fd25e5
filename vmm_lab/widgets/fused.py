"""Ask a network of several modalities: about one item as the controls leave it, and about many items of each class."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .. import networks
from ..explain import modality_shares
from ..explain.shapley import check_modalities, modalities_of
from ..networks.corruption import add_noise, deviation_of, without_modalities
from ..plots.images import spread

if TYPE_CHECKING:
    import keras

MOST_ANSWERS = 256  # kept, each with its item: about 30 MB
MOST_ROWS = 20  # of each class
OTHERS = 32  # captions from which the words of a noisy one come


@dataclass(frozen=True)
class Answer:
    """Hold what a network answers to an item, and X, the item as the network got it.

    probabilities, clean: float (classes,), now, and with all that the item has and no noise. parts: (modalities,), the
    network's own weights, of sum 1, where `weighted`; else Shapley shares of the most probable class, nats.
    """

    X: dict[str, NDArray] = field(repr=False)
    probabilities: NDArray
    clean: NDArray
    parts: NDArray
    weighted: bool


class FusedItems:
    """Hold a network of several modalities and the items that it is asked about.

    Raises ValueError where model and examples do not fit, or have one modality only.
    """

    def __init__(self, model: "keras.Model", examples: "networks.Examples") -> None:
        if not isinstance(getattr(model, "input", None), dict):
            raise ValueError("FusionExplorer looks into a model of several modalities, as networks.fusion gives it, "
                             f"got {getattr(model, 'name', type(model).__name__)}.")
        if not hasattr(examples, "X") or not hasattr(examples, "classes"):
            raise ValueError(f"FusionExplorer looks at Examples, got {type(examples).__name__}; "
                             "load_examples(table, networks.MODALITY_FEATURES) gives them.")
        X, _ = check_modalities(model, examples.X, 0)
        self.X = {name: np.where(pd.isna(part), "", part).astype(str) if part.dtype.kind == "O" else part
                  for name, part in X.items()}
        bad = [name for name, part in self.X.items() if part.dtype.kind == "f" and not np.isfinite(part).all()]
        if bad:
            raise ValueError(f"The examples have NaN or infinite numbers in {', '.join(bad)}: leave those rows out, or "
                             "write zeros there and mark the modality as missing in `present`.")
        self.names, self.model, known = modalities_of(X), model, max(2, model.output_shape[-1])
        if len(self.names) < 2:
            raise ValueError(f"{model.name} has only {self.names[0]}, and there is nothing to weigh it against: "
                             "FusionExplorer needs two modalities or more.")
        if len(examples.classes) != known:
            raise ValueError(f"{model.name} knows {known} classes, and the examples have {len(examples.classes)}: "
                             "read them with load_examples(…, classes=…) as the model was trained.")
        self.classes, self.y = tuple(map(str, examples.classes)), np.asarray(examples.y)
        numbers = [name for name in self.names if self.X[name].dtype.kind not in "US"]
        self.deviations = {name: float(deviation_of(self.X, name)) for name in numbers}
        weights = [layer.output for layer in model.layers if layer.name == "weights"]
        both = networks.keras.layers.Concatenate()([model.outputs[0], *weights]) if weights else model.outputs[0]
        self._with_weights = networks.keras.Model(model.input, both)
        self._answers: dict[tuple, Answer] = {}

    def __len__(self) -> int:
        return len(self.y)

    def has(self, k: int) -> NDArray[np.bool_]:
        """Return which modalities item k has, (modalities,)."""
        return self.X["present"][k] > 0

    def noisy(self, k: int, present: ArrayLike, levels: Mapping[str, float]) -> dict[str, NDArray]:
        """Return item k as a dict of one row, with the modalities of a mask (modalities,) and noise in some of them.

        levels: {modality: level}, as in `networks.add_noise`; level 1 is the deviation of items that have it. Words
        are replaced by words of other captions, spread over X. The same item and level have the same noise.
        """
        mask = (self.X["present"][k : k + 1] * np.asarray(present)).astype(np.float32)
        item = {name: part[k : k + 1] for name, part in self.X.items()} | {"present": mask}
        for name, level in levels.items():
            if level and name in self.deviations:
                item |= add_noise({name: item[name]}, name, level, seed=k, deviation=self.deviations[name])
            elif level:
                written = np.flatnonzero(self.X[name] != "")
                some = {name: self.X[name][[k, *written[spread(len(written), OTHERS)]]]}
                item[name] = add_noise(some, name, level, seed=k)[name][:1]
        return item

    def predict(self, X: Mapping[str, NDArray]) -> tuple[NDArray, NDArray]:
        """Compute probabilities (n, classes) and the network's own weights (n, modalities); (n, 0) if it has none."""
        both = networks.predict(self._with_weights, X)
        probabilities, weights = np.split(both, [self.model.output_shape[-1]], axis=1)
        if probabilities.shape[1] == 1:
            probabilities = np.concatenate([1 - probabilities, probabilities], axis=1)
        return probabilities, weights

    def answer(self, k: int, present: ArrayLike, levels: Mapping[str, float]) -> Answer:
        """Return the Answer to item k as `noisy` leaves it; recent ones are kept."""
        key = k, tuple(np.asarray(present, bool)), tuple(levels.items())
        if key not in self._answers:
            item, clean = self.noisy(k, present, levels), self.noisy(k, self.has(k), {})
            both = {name: np.concatenate([item[name], clean[name]]) for name in clean}
            probabilities, weights = self.predict(both)
            weighted = bool(weights.size)
            parts = weights[0] / max(float(weights[0].sum()), 1e-9) if weighted else \
                modality_shares(self.model, item, int(probabilities[0].argmax()))[0]
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            self._answers[key] = Answer(item, probabilities[0], probabilities[1], parts, weighted)
        return self._answers[key]

    def rows_of(self, classes: Sequence[str] | str | None = None) -> NDArray[np.int64]:
        """Return the numbers of at most 20 items of each class, spread evenly; ValueError for a class that has none."""
        have = [name for c, name in enumerate(self.classes) if (self.y == c).any()]
        wanted = [classes] if isinstance(classes, str) else have if classes is None else list(map(str, classes))
        unknown = [name for name in wanted if name not in have]
        if unknown or not wanted:
            raise ValueError(f"There are no examples of {', '.join(unknown) or 'no class'} to look at; "
                             f"choose among {', '.join(have)}.")
        rows = [np.flatnonzero(self.y == self.classes.index(name)) for name in dict.fromkeys(wanted)]
        return np.concatenate([some[spread(len(some), MOST_ROWS)] for some in rows])

    def evidence(self, rows: NDArray) -> pd.DataFrame:
        """Compute what each modality of these items does for their own class, one line for each item.

        `item` and `class`; under each modality's name its Shapley share, nats; `accuracy`, 1 where the answer is right,
        and `without_` each modality likewise. An item that has nothing left is a guess: 1 / classes.
        """
        some, truths = {name: part[rows] for name, part in self.X.items()}, self.y[rows]
        columns = {"item": rows, "class": np.asarray(self.classes)[truths]}
        columns |= dict(zip(self.names, modality_shares(self.model, some, truths).T))
        variants = {f"without_{name}": without_modalities(some, name) for name in self.names}
        for column, X in ({"accuracy": some} | variants).items():
            columns[column] = np.full(len(rows), 1 / len(self.classes))
            left = np.flatnonzero(X["present"].any(axis=1))
            if len(left):
                probabilities, _ = self.predict({name: part[left] for name, part in X.items()})
                columns[column][left] = probabilities.argmax(axis=1) == truths[left]
        return pd.DataFrame(columns)

"""Make an exercise of a check and the words around it, and find exercises by their names.

Each notebook has one module here, named after it: the function `count_windows` in `n02_clips.py`, decorated with
`exercise`, is the exercise "02.count_windows". It gets the answer and returns nothing, or complains through the helpers
of `answers.py`. Plausible mistakes, with words of the complaint that each should get, are in `tests/wrong_answers`.
"""
import difflib
import functools
import importlib
import pkgutil
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_MODULE = re.compile(r"n\d\d_\w+")


@dataclass(frozen=True)
class Exercise:
    """Describe one exercise: the task, two hints, a solution, what is worth remembering, the check, and 1 to 3 stars.

    One star is for what the notebook has just shown, three for what takes an idea of one's own; 0 leaves it open.
    """

    name: str
    task: str
    hints: tuple[str, str]
    solution: str
    insight: str
    check: Callable[[object], None]
    stars: int = 0

    @property
    def notebook(self) -> str:
        """Return the number of its notebook, such as "02"."""
        return self.name.partition(".")[0]


def exercise(
    *, task: str, hint: str, more: str, insight: str, solution: str, stars: int = 0,
) -> Callable[..., Exercise]:
    """Decorate a check, so that it becomes the `Exercise` of that name; ValueError outside a module nNN_title.

    `hint` is a nudge, `more` nearly the way, `insight` is shown when the exercise is solved. `solution` is source
    that binds the exercise's word; the import of NumPy is added if it uses `np`. `stars`: how hard it is, 1 to 3.
    """
    def decorate(check: Callable[[object], None]) -> Exercise:
        module = check.__module__.rpartition(".")[2]
        if not _MODULE.fullmatch(module):
            raise ValueError(f"The exercise {check.__name__} is in {module}.py; its module must be named after its "
                             "notebook, such as n02_clips.py.")
        source = "import numpy as np\n\n" * ("np." in solution) + textwrap.dedent(solution).strip() + "\n"
        return Exercise(f"{module[1:3]}.{check.__name__}", task, (hint, more), source, insight, check, stars)

    return decorate


@functools.cache
def catalogue() -> dict[str, Exercise]:
    """Return {name: Exercise} of all notebooks, in the order of the course."""
    modules = [importlib.import_module(f"{__package__}.{module}") for module in _modules()]
    return {e.name: e for module in modules for e in vars(module).values() if isinstance(e, Exercise)}


@functools.cache
def titles() -> dict[str, str]:
    """Return {number of a notebook: its number and title}, such as {"02": "02 clips"}."""
    return {module[1:3]: module[1:].replace("_", " ").replace("cnn", "CNN") for module in _modules()}


def find(name: str) -> Exercise:
    """Return the exercise of a name; ValueError suggests names that are spelled similarly."""
    exercises = catalogue()
    if isinstance(name, str) and name in exercises:
        return exercises[name]
    wanted = str(name).strip().lower()
    by_word = {known.partition(".")[2]: known for known in exercises}
    similar = difflib.get_close_matches(wanted, exercises, n=3, cutoff=0.6)
    similar += [by_word[w] for w in difflib.get_close_matches(wanted.rpartition(".")[2], by_word, n=2, cutoff=0.7)]
    notebook = [known for known in exercises if known.startswith(f"{wanted.partition('.')[0]:0>2}.")]
    offer = list(dict.fromkeys(similar)) or notebook
    way_out = f"did you mean {' or '.join(offer)}?" if offer else "vl.progress() lists them all."
    raise ValueError(f"There is no exercise {name!r}; {way_out}")


def _modules() -> list[str]:
    return sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if _MODULE.fullmatch(m.name))

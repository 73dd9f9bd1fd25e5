"""A check and the words around it go in, an exercise comes out; a name goes in, the exercise of that name comes out.

Each notebook has one module here, named after it: `n02_clips.py` holds the exercises of notebook 02, and the function
`count_windows` in it is the exercise "02.count_windows". To add one is to write one more decorated function:

    @exercise(
        task="Write `count_windows(n_frames, length, stride)`: how many whole windows fit into a video.",
        hints=("a nudge", "nearly the way"),
        solution='''
            def count_windows(n_frames, length, stride):
                return max(0, (n_frames - length) // stride + 1)
        ''',
        insight="what is worth remembering, said when it is solved",
    )
    def count_windows(answer):
        expect(answer, (10, 4, 2), 4, otherwise="the last window needs all its frames, too.")

The check returns nothing, or complains through the helpers of `answers.py`.
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


@dataclass(frozen=True)
class Exercise:
    """One exercise: what is asked, what helps, what is right, and what is worth remembering."""

    name: str
    task: str
    hints: tuple[str, str]
    solution: str
    insight: str
    check: Callable

    @property
    def notebook(self):
        """The number of its notebook, such as "02"."""
        return self.name.partition(".")[0]


def exercise(*, task, hints, solution, insight):
    """Decorate a check, so that it becomes the `Exercise` of its own name.

    task: one sentence. hints: two, a nudge and nearly the way. solution: source that runs by itself and binds the
    exercise's word. insight: said when it is solved. Plausible mistakes stand in tests/wrong_answers.
    Raises ValueError outside a module named nNN_title.
    """
    def decorate(check):
        module = check.__module__.rpartition(".")[2]
        if not _MODULE.fullmatch(module):
            raise ValueError(f"The exercise {check.__name__} stands in {module}.py; its module must be named after its "
                             "notebook, such as n02_clips.py.")
        source = textwrap.dedent(solution).strip() + "\n"
        return Exercise(f"{module[1:3]}.{check.__name__}", task, tuple(hints), source, insight, check)

    return decorate


@functools.cache
def catalogue():
    """{name: Exercise}, of all notebooks, in the order of the course."""
    modules = [importlib.import_module(f"{__package__}.{module}") for module in _modules()]
    return {e.name: e for module in modules for e in vars(module).values() if isinstance(e, Exercise)}


@functools.cache
def titles():
    """{number of a notebook: its number and title}, such as {"02": "02 clips"}."""
    return {module[1:3]: module[1:].replace("_", " ") for module in _modules()}


def find(name):
    """The exercise of a name; ValueError names those that are spelled nearly so."""
    exercises = catalogue()
    if isinstance(name, str) and name in exercises:
        return exercises[name]
    wanted = str(name).strip().lower()
    by_word = {known.partition(".")[2]: known for known in exercises}
    near = [known for known in exercises if known.startswith(f"{wanted.partition('.')[0]:0>2}.")]
    close = difflib.get_close_matches(wanted, exercises, n=3, cutoff=0.6)
    close += [by_word[word] for word in difflib.get_close_matches(wanted.rpartition(".")[2], by_word, n=2, cutoff=0.7)]
    offer = list(dict.fromkeys(close)) or near
    way_out = f"did you mean {' or '.join(offer)}?" if offer else "progress() lists them all."
    raise ValueError(f"There is no exercise {name!r}; {way_out}")


_MODULE = re.compile(r"n\d\d_\w+")


def _modules():
    return sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)]) if _MODULE.fullmatch(m.name))

"""The learner's side: a name and an answer go in, a sentence comes out, in lines that fit beside a list of files."""
import sys
import textwrap

from . import record
from .answers import Complaint, Unanswered, is_open, short
from .exercise import find


def check(name, answer=...):
    """Say in a sentence whether an answer is right; nothing is raised, whatever the answer is.

    Parameters
    ----------
    name : str
        The exercise: the number of the notebook and a word, such as "02.count_windows".
    answer : object
        What the exercise asks for: a value, an array, or a function (its name, without brackets).

    Raises
    ------
    ValueError
        There is no exercise of that name.

    Examples
    --------
    >>> check("02.count_windows", ...)
    … 02.count_windows: your turn. Write your answer in place of the ... and run the cell
      again; hint("02.count_windows") helps.
    """
    exercise = find(name)
    state, sentence = judge(exercise, answer)
    _say(sentence)
    if state != "open":
        _note(exercise.name, state)


def hint(name):
    """Print the first hint of an exercise; asked again, the second; and then both, and where the solution is.

    Raises ValueError where there is no exercise of that name.

    >>> hint("02.count_windows")                                                    # doctest: +SKIP
    Hint 1 of 2 for 02.count_windows: ...
    """
    exercise = find(name)
    seen = record.load().get(exercise.name, record.BLANK)["hints"]
    # Where nothing can be kept, both are shown: the second would never come.
    show = [seen] if seen in (0, 1) and _note(exercise.name, "hint") else range(2)
    for number in show:
        _say(f"Hint {number + 1} of 2 for {exercise.name}: {exercise.hints[number]}")
    if len(show) == 2:
        _say(f'There are no more hints. Try once more; then solution("{exercise.name}") shows one way.')


def solution(name):
    """Show one way to solve an exercise, as source code that runs.

    Raises ValueError where there is no exercise of that name.

    >>> solution("02.count_windows")                                                # doctest: +SKIP
    # One way to solve 02.count_windows
    ...
    """
    exercise = find(name)
    _note(exercise.name, "solution")
    text = f"# One way to solve {exercise.name}\n{exercise.solution}"
    if not getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)():
        print(text)
        return
    # Markdown: the page highlights it in the colours of its own theme, light or dark.
    from IPython.display import display

    display({"text/markdown": f"```python\n{text}```", "text/plain": text}, raw=True)


def judge(exercise, answer):
    """("open", "wrong" or "right"; the sentence that says so): the whole of `check` but for printing and keeping record."""
    name = exercise.name
    waiting = ("open", f"… {name}: your turn. Write your answer in place of the ... and run the cell again; "
                       f'hint("{name}") helps.')
    if is_open(answer):
        return waiting
    try:
        exercise.check(answer)
    except Unanswered:
        return waiting
    except Complaint as complaint:
        return "wrong", f"✗ {name}, not yet: {complaint}"
    except Exception:  # an answer so strange that the check itself stumbles over it is still no traceback's worth
        return "wrong", f"✗ {name}, not yet: {short(answer)} is not the kind of answer that is asked for. {exercise.task}"
    return "right", f"✓ {name}, well done: {exercise.insight}"


def _note(name, event):
    """Keep record of an event; where that fails say so, for an answer is checked all the same. True if kept."""
    try:
        record.note(name, event)
    except OSError:
        _say(f"(progress() will not know of this: {record.path()} cannot be written.)")
        return False
    return True


def _say(sentence):
    """Print a sentence in lines of at most 88 letters, broken between words only."""
    print(textwrap.fill(sentence, 88, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))

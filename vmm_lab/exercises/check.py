"""Tell the learner in a sentence whether an answer is right, and show hints and solutions."""
import sys
import textwrap

from . import record
from .answers import Complaint, TooLongError, Unanswered, is_open, plain, short, within
from .exercise import Exercise, find
from .report import say

PATIENCE = 20.0  # seconds until an answer counts as one that never ends; on a slow computer a network takes some


class Interrupted(KeyboardInterrupt):
    """Say in one line that a check was interrupted; a traceback of it would show what is right."""

    def _render_traceback_(self) -> list[str]:
        return [f"KeyboardInterrupt: {self}"]


def check(name: str, answer: object = ...) -> None:
    """Say in a sentence whether an answer is right; nothing is raised, whatever the answer is.

    An answer that is still running after 20 seconds is given up, with a sentence too.
    `name` is the number of the notebook and a word. `answer` is what the exercise asks for: a value, an array, or a
    function (its name, without brackets). ValueError if there is no exercise of that name.

    >>> check("02.count_windows", ...)
    … 02.count_windows: your turn. Write your answer in place of the ... and run the cell
      again; vl.hint("02.count_windows") helps.
    """
    exercise = find(name)
    state, sentence = judge(exercise, answer)
    _say(sentence)
    if state != "open":
        _note(exercise.name, state)


def hint(name: str) -> None:
    """Print the first hint of an exercise, at the next call the second; ValueError if there is no such exercise."""
    exercise = find(name)
    shown = record.load().get(exercise.name, record.BLANK)["hints"]
    # If nothing can be kept, both are shown, because the second would never come.
    numbers = [shown] if shown in (0, 1) and _note(exercise.name, "hint") else [0, 1]
    for number in numbers:
        _say(f"Hint {number + 1} of 2 for {exercise.name}: {exercise.hints[number]}")
    if len(numbers) == 2:
        _say(f'There are no more hints. Try once more; then vl.solution("{exercise.name}") shows one way.')


def solution(name: str) -> None:
    """Show one way to solve an exercise, as source code that runs; ValueError if there is no such exercise."""
    exercise = find(name)
    _note(exercise.name, "solution")
    text = f"# One way to solve {exercise.name}\n{exercise.solution}"
    if not getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)():
        say(text)
        return
    # Markdown: the page highlights it in the colours of its own theme, light or dark.
    from IPython.display import display

    display({"text/markdown": f"```python\n{text}```", "text/plain": text}, raw=True)


def judge(exercise: Exercise, answer: object) -> tuple[str, str]:
    """Return "open", "wrong" or "right", and the sentence that says so; print and record nothing."""
    name = exercise.name
    try:
        if is_open(answer):
            raise Unanswered
        within(PATIENCE, lambda: exercise.check(plain(answer)))
    except Unanswered:
        return "open", (f"… {name}: your turn. Write your answer in place of the ... and run the cell again; "
                        f'vl.hint("{name}") helps.')
    except Complaint as complaint:
        return "wrong", f"✗ {name}, not yet: {complaint}"
    except TooLongError:
        return "wrong", (f"✗ {name}, not yet: your answer was still running after {PATIENCE:g} seconds, and was "
                         "stopped: does every loop end?")
    except KeyboardInterrupt:
        raise Interrupted(f"{name} was interrupted: does every loop of your answer end?") from None
    except (Exception, SystemExit):  # an answer so strange that the check itself fails deserves no traceback either
        return "wrong", (f"✗ {name}, not yet: {short(answer)} is not the kind of answer that the exercise asks for. "
                         f"{exercise.task}")
    return "right", f"✓ {name}, well done: {exercise.insight}"


def _note(name: str, event: str) -> bool:
    """Record an event and return True; where that fails, say so, because an answer is checked all the same."""
    try:
        record.note(name, event)
    except OSError:
        _say(f"(vl.progress() will not know of this: {record.path()} cannot be written.)")
        return False
    return True


def _say(sentence: str) -> None:
    """Print a sentence in lines that fit next to JupyterLab's file list, broken between words only."""
    say(textwrap.fill(sentence, 88, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))

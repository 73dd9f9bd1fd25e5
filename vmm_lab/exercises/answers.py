"""Judge an answer: return where it is right, and raise one friendly `Complaint` where it is not.

`otherwise` says what a wrong result at this place means; `traps` are wrong results known in advance, each with a
sentence of its own: [(value, sentence), …].
"""
import copy
import ctypes
import dis
import inspect
import threading
import traceback
from collections.abc import Callable, Iterable
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

RTOL, ATOL = 1e-4, 1e-6  # float32 work passes, a wrong formula does not


class Complaint(Exception):
    """Say what is wrong with an answer, without giving the answer away."""


class Unanswered(Exception):
    """Say that there is still a `...` where the answer should be."""


class TooLongError(BaseException):
    """Say that an answer was still running after its time; a learner's `except Exception` does not catch it."""


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """Return work(); raise TooLongError in its midst once it has run for so many seconds.

    It is raised by Python itself between two steps of this thread, on every system; one call of a library that takes
    for ever cannot be ended so. It is raised again each second, as a bare `except:` in a loop would catch it.
    """
    thread, finished = ctypes.c_ulong(threading.get_ident()), threading.Event()
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch() -> None:
        wait = seconds
        while not finished.wait(wait):
            throw(thread, ctypes.py_object(TooLongError))
            wait = 1.0

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return work()
    finally:
        finished.set()
        watcher.join()
        throw(thread, None)  # one that was too late to be heard


def require(holds: object, sentence: str) -> None:
    """Complain with `sentence` unless the condition holds."""
    if not holds:
        raise Complaint(sentence)


def is_open(answer: object) -> bool:
    """Tell whether an answer is still to be written: None, `...`, a list or dict of them, a function without a body."""
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, (tuple, list)):
        return any(part is ... for part in answer) or (len(answer) > 0 and all(part is None for part in answer))
    return answer is None or answer is ... or (inspect.isfunction(answer) and _is_empty(answer))


def call(function: Any, *values: Any) -> Any:
    """Return what the learner's function gives for copies of these values (it may write into them).

    A tensor becomes an array. Complain if it is no function, takes other arguments, raises or returns nothing.
    """
    require(callable(function), "your answer should be a function, handed over by its name, without brackets and "
                                f"arguments; yours is {short(function)}.")
    what = _call_text(function, values)
    try:
        inspect.signature(function).bind(*values)
    except TypeError:
        raise Complaint(f"your function is called with {len(values)} value{'s' * (len(values) != 1)}, {what}, but it "
                        f"takes {inspect.signature(function)}.") from None
    except ValueError:
        pass  # some functions written in C do not say what they take
    try:
        result = function(*copy.deepcopy(values))
    except (Exception, SystemExit) as error:
        if "ellipsis" in str(error):
            raise Unanswered from None
        raise Complaint(f"{what} stops with {_describe(error, function)}") from None
    if result is ...:
        raise Unanswered
    require(result is not None, f"{what} gives None: does every way through your function end with `return`?")
    return plain(result)


def plain(value: Any) -> Any:
    """Return a value with arrays in place of tensors, also inside lists, tuples and dicts."""
    if type(value) in (list, tuple):
        return type(value)(map(plain, value))
    if type(value) is dict:
        return {key: plain(part) for key, part in value.items()}
    return value.numpy() if hasattr(value, "numpy") and not isinstance(value, type) else value


def expect(function: Any, values: tuple, expected: Any, *, otherwise: str = "", traps: Iterable[tuple[Any, str]] = (),
           dtype: DTypeLike | None = None, rtol: float = RTOL, atol: float = ATOL) -> None:
    """Complain, with the call and what it gives, unless function(*values) gives `expected`."""
    value, what = call(function, *values), _call_text(function, values)
    if isinstance(expected, (list, tuple)) and isinstance(value, (np.ndarray, list, tuple)) and np.ndim(value):
        value = type(expected)(value.tolist() if isinstance(value, np.ndarray) else value)  # all three are as good
    for trap, sentence in traps:
        require(not close(value, trap, rtol=rtol, atol=atol),
                f"{what} gives {short(value)}: {sentence}" if np.ndim(trap) < 2 else sentence)
    if isinstance(expected, np.ndarray):
        value = array(value, what, shape=expected.shape, dtype=dtype)
    elif isinstance(expected, Number) and not isinstance(expected, bool):
        kind = "O" if isinstance(value, (dict, set, list, tuple)) else np.asarray(value).dtype.kind
        require(kind in "iuf" and np.ndim(value) == 0, f"{what} should be one number; yours is {short(value)}.")
        require(not np.isnan(value), f"{what} gives NaN (not a number): was something divided by zero?")
    else:
        bare = np.asarray(value).item() if np.isscalar(value) else value  # a NumPy string is a string
        require(isinstance(bare, type(expected)),
                f"{what} should be a {type(expected).__name__}; yours is {short(value)}.")
    if close(value, expected, rtol=rtol, atol=atol):
        return
    off = f"{what} gives {short(value)}, not {short(expected)}"
    if isinstance(expected, np.ndarray):
        wrong = ~np.isclose(value, expected, rtol=rtol, atol=atol)
        first = tuple(np.argwhere(wrong)[0])
        off = (f"{what} is off in {wrong.sum()} of {wrong.size} places{_place(wrong)}, "
               f"where yours is {short(value[first])}, not {short(expected[first])}")
    raise Complaint(f"{off}: {otherwise}" if otherwise else f"{off}.")


def close(value: Any, expected: Any, *, rtol: float = RTOL, atol: float = ATOL) -> bool:
    """Tell whether two values are equal: numbers nearly so, arrays with their shape, everything else with its type."""
    try:
        a, b = np.asarray(value), np.asarray(expected)
        if a.shape == b.shape and a.dtype.kind in "biuf" and b.dtype.kind in "biuf":
            # True and 1 differ: a mask is not a list of places.
            return (a.dtype.kind == "b") == (b.dtype.kind == "b") and bool(np.allclose(a, b, rtol=rtol, atol=atol))
        if a.dtype.kind == b.dtype.kind == "U":
            return a.shape == b.shape and bool(np.all(a == b))
        return type(value) is type(expected) and bool(value == expected)
    except (ValueError, TypeError):
        return False


def array(value: Any, what: str = "your answer", *, shape: tuple[int, ...] | None = None,
          dtype: DTypeLike | None = None) -> NDArray:
    """Return the value as an array of numbers; complain about another kind, shape or dtype, and about NaN."""
    try:
        values = np.asarray(value)
        is_numeric = values.dtype.kind in "biuf" and not isinstance(value, (dict, set, str))
    except (ValueError, TypeError):  # rows of different lengths
        is_numeric = False
    require(is_numeric, f"{what} should be an array of numbers; yours is {short(value)}.")
    require(shape is None or values.shape == shape, f"{what} should be of shape {shape}; yours is {values.shape}.")
    require(dtype is None or values.dtype == dtype,
            f"{what} should be of dtype {np.dtype(dtype)}; yours is {values.dtype}.")  # type: ignore[arg-type]
    if values.dtype.kind == "f":
        require(not np.isnan(values).any(),
                f"{what} holds NaN (not a number){_place(np.isnan(values))}: was something divided by zero there?")
    return values


def pair(value: Any, what: str, parts: str) -> tuple[Any, Any]:
    """Return a value that should be a pair of `parts`; complain about anything else."""
    require(isinstance(value, (tuple, list)) and len(value) == 2,
            f"{what} should give {parts}; yours gives {short(value)}.")
    return value[0], value[1]


def short(value: Any) -> str:
    """Return a value as text in one line, short enough for a sentence."""
    if isinstance(value, np.ndarray) and value.ndim:
        listed = f"[{', '.join(map(short, value))}]" if value.ndim == 1 and value.size <= 10 else ""
        return listed if 0 < len(listed) <= 90 else f"{value.dtype} array {value.shape}"
    value = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    if isinstance(value, float):
        return f"{value:.6g}"
    if callable(value):
        return f"the function {getattr(value, '__name__', type(value).__name__)}"
    text = " ".join(repr(value).split())
    if len(text) <= 60:
        return text
    return f"a {type(value).__name__} of length {len(value)}" if hasattr(value, "__len__") else f"{text[:57]}..."


def _place(wrong: NDArray) -> str:
    return f", first at [{', '.join(map(str, np.argwhere(wrong)[0]))}]" if wrong.ndim and wrong.any() else ""


def _is_empty(function: Callable) -> bool:
    """Tell whether a function's body is `...`, `pass` or a docstring: its bytecode then just returns None or `...`."""
    steps = [s for s in dis.get_instructions(function) if s.opname not in ("RESUME", "NOP", "COPY_FREE_VARS")]
    return all(s.opname in ("LOAD_CONST", "RETURN_VALUE", "RETURN_CONST") and s.argval in (None, ...) for s in steps)


def _call_text(function: Any, values: Iterable) -> str:
    name = getattr(function, "__name__", "")
    return f"{name if name.isidentifier() else 'your function'}({', '.join(map(short, values))})"


def _describe(error: BaseException, function: Any) -> str:
    """Describe an error in the learner's function: what it is, and in which of the learner's lines."""
    message = str(error).strip().splitlines()[0][:160] if str(error).strip() else "no message"
    what = f"{type(error).__name__}: {message}".rstrip(".")
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if not lines:
        return f"{what}."
    return f"{what}, in line {lines[-1].lineno}" + (f": `{lines[-1].line}`." if lines[-1].line else ".")

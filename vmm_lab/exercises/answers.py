"""An answer goes in; nothing comes out where it is right, and one friendly `Complaint` where it is not.

    require(condition, sentence)        complain with this sentence unless the condition holds
    call(function, *values)             run the learner's function; whatever goes wrong in it is told kindly
    expect(function, values, expected)  run it and compare what it gives
    agree(value, expected)              compare a value that the learner measured or wrote down
    array(value, what, shape=, dtype=)  a value as an array, of this shape and dtype

`otherwise` says what a wrong result at this place means; `traps` are wrong results known in advance, each with its
own sentence: [(value, sentence), …].
"""
import copy
import dis
import inspect
import traceback
from numbers import Number

import numpy as np

RTOL, ATOL = 1e-4, 1e-6  # float32 work passes, a wrong formula does not


class Complaint(Exception):
    """The answer is not right; the message says what is off, without giving the answer away."""


class Unanswered(Exception):
    """There is still a `...` where the answer should be."""


def require(holds, sentence):
    """Complain with `sentence` unless the condition holds."""
    if not holds:
        raise Complaint(sentence)


def is_open(answer):
    """Whether an answer is still to be written: None, `...`, something that holds one, or a function without a body."""
    if answer is None or answer is ...:
        return True
    if isinstance(answer, dict):
        return is_open(list(answer.values()))
    if isinstance(answer, (tuple, list)):
        return any(part is ... for part in answer) or (len(answer) > 0 and all(part is None for part in answer))
    return inspect.isfunction(answer) and _is_empty(answer)


def call(function, *values):
    """What the learner's function gives for these values (copies: it may write into them).

    Complaint where the answer is no function, takes other arguments, raises, or returns nothing; Unanswered where a
    `...` comes back.
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
        pass  # some functions written in C do not tell what they take
    try:
        result = function(*copy.deepcopy(values))
    except Exception as error:
        if "ellipsis" in str(error):
            raise Unanswered from None
        raise Complaint(f"{what} stops with {_told(error, function)}") from None
    if result is ...:
        raise Unanswered
    require(result is not None, f"{what} gives None: does every way through your function end with `return`?")
    return result


def expect(function, values, expected, *, otherwise="", traps=(), dtype=None, rtol=RTOL, atol=ATOL):
    """Complain unless function(*values) gives `expected`; the complaint shows the call, what came and what should come."""
    _agree(call(function, *values), expected, _call_text(function, values), otherwise, traps, dtype, rtol, atol, True)


def agree(value, expected, *, what="your answer", otherwise="", traps=(), dtype=None, rtol=RTOL, atol=ATOL):
    """Complain unless a value is the `expected` one; the complaint never shows what was expected."""
    _agree(value, expected, what, otherwise, traps, dtype, rtol, atol, False)


def array(value, what="your answer", *, shape=None, dtype=None):
    """The value as a NumPy array of numbers; Complaint for another kind, shape or dtype, or one that holds NaN."""
    try:
        values = np.asarray(value)
        sound = values.dtype.kind in "biuf" and not isinstance(value, (dict, set, str))
    except (ValueError, TypeError):  # rows of different lengths
        sound = False
    require(sound, f"{what} should be an array of numbers; yours is {short(value)}.")
    if shape is not None:
        require(values.shape == tuple(shape), f"{what} should be of shape {tuple(shape)}; yours is {values.shape}.")
    if dtype is not None:
        require(values.dtype == dtype, f"{what} should be of dtype {np.dtype(dtype)}; yours is {values.dtype}.")
    if values.dtype.kind == "f" and np.isnan(values).any():
        place = _place(np.isnan(values))
        raise Complaint(f"{what} holds NaN (not a number){place}: was something divided by zero there?")
    return values


def short(value):
    """A value, short enough for a sentence, in one line."""
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


def _agree(value, expected, what, otherwise, traps, dtype, rtol, atol, reveal):
    if value is ...:
        raise Unanswered
    for trap, sentence in traps:
        if _same(value, trap, rtol, atol):
            raise Complaint(f"{what} gives {short(value)}: {sentence}" if reveal else sentence)
    many = isinstance(expected, np.ndarray)
    if many:
        value = array(value, what, shape=expected.shape, dtype=dtype)
    elif isinstance(expected, Number) and not isinstance(expected, (bool, np.bool_)):
        _require_number(value, what)
    else:
        plain = np.asarray(value).item() if np.isscalar(value) else value  # a NumPy string is a string
        require(isinstance(plain, type(expected)),
                f"{what} should be a {type(expected).__name__}; yours is {short(value)}.")
    if _same(value, expected, rtol, atol):
        return
    if many:
        wrong = ~np.isclose(value, expected, rtol=rtol, atol=atol)
        first = tuple(np.argwhere(wrong)[0]) if value.ndim else ()
        off = f"{what} is off in {wrong.sum()} of {wrong.size} places{_place(wrong)}, where yours is {short(value[first])}"
        off += f", not {short(expected[first])}" if reveal else ""
    elif reveal:
        off = f"{what} gives {short(value)}, not {short(expected)}"
    elif isinstance(expected, Number) and not isinstance(expected, bool):
        off = f"{what}, {short(value)}, is too {'large' if value > expected else 'small'}"
    else:
        off = f"{what}, {short(value)}, is not right"
    raise Complaint(f"{off}: {otherwise}" if otherwise else f"{off}.")


def _same(value, expected, rtol, atol):
    try:
        mine, other = np.asarray(value), np.asarray(expected)
        if mine.dtype.kind in "biuf" and other.dtype.kind in "biuf":
            # True and 1 are told apart: a mask is not a list of places.
            alike = (mine.dtype.kind == "b") == (other.dtype.kind == "b")
            return alike and mine.shape == other.shape and bool(np.allclose(mine, other, rtol=rtol, atol=atol))
        if mine.dtype.kind == other.dtype.kind == "U":
            return mine.shape == other.shape and bool(np.all(mine == other))
        return type(value) is type(expected) and bool(value == expected)
    except (ValueError, TypeError):
        return False


def _require_number(value, what):
    kind = np.asarray(value).dtype.kind if not isinstance(value, (dict, set, list, tuple)) else "O"
    require(kind in "iuf" and np.ndim(value) == 0, f"{what} should be one number; yours is {short(value)}.")
    require(not np.isnan(value), f"{what} gives NaN (not a number): was something divided by zero?")


def _place(wrong):
    return f", first at [{', '.join(map(str, np.argwhere(wrong)[0]))}]" if wrong.ndim else ""


def _is_empty(function):
    """Whether a function's body is `...`, `pass` or a docstring: its bytecode then just returns a constant nothing."""
    steps = [s for s in dis.get_instructions(function) if s.opname not in ("RESUME", "NOP", "COPY_FREE_VARS")]
    return all(s.opname in ("LOAD_CONST", "RETURN_VALUE", "RETURN_CONST") for s in steps) and all(
        s.argval is None or s.argval is ... for s in steps)


def _call_text(function, values):
    name = getattr(function, "__name__", "")
    name = name if name.isidentifier() else "your function"
    return f"{name}({', '.join(short(v) for v in values)})"


def _told(error, function):
    """An error in the learner's function as words: what, and in which of the learner's own lines."""
    message = str(error).strip().splitlines()[0][:160] if str(error).strip() else "no message"
    told = f"{type(error).__name__}: {message}".rstrip(".")
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if not lines:
        return f"{told}."
    text = f": `{lines[-1].line}`" if lines[-1].line else ""
    return f"{told}, in line {lines[-1].lineno}{text}."

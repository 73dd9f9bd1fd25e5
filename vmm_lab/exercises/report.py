"""Test a claim of a notebook where it is made."""
import math
import sys


def report(name: str, value: float, *, at_least: float | None = None, at_most: float | None = None,
           unit: str = "") -> None:
    """Assert a claim about a measured value, and print the value with the bound that the text claims.

    A value that breaks its bound stops the notebook. Measured values differ a little between machines, so a run of
    nbval compares the name and the bound only (the root `conftest.py` says how).

    `name` says what was measured, `unit` is written after the numbers. AssertionError, with the value, if the claim
    does not hold; ValueError without a bound.

    >>> report("accuracy", 0.934, at_least=0.90)
    accuracy 0.93, at least 0.90 ✓
    >>> report("decoding", 1.2, at_most=5, unit=" s")
    decoding 1.20 s, at most 5 s ✓
    """
    if at_least is not None and at_least == at_most:
        bounds = [("exactly", at_least)]
    else:
        bounds = [(word, bound) for word, bound in (("at least", at_least), ("at most", at_most)) if bound is not None]
    if not bounds:
        raise ValueError(f"report({name!r}) needs a bound: at_least=, at_most=, or both.")
    holds = not math.isnan(value) and (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    claim = " and ".join(f"{word} {_short(bound)}{unit}" for word, bound in bounds)
    assert holds, f"{name}: {claim} does not hold; measured {value:.4g}{unit}."
    say(f"{name} {_short(value)}{unit}, {claim} ✓")


def say(text: str) -> None:
    """Print text; a sign that a terminal without UTF-8 lacks becomes a question mark."""
    code = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(code, "replace").decode(code))


def _short(number: float) -> str:
    if not isinstance(number, float) and float(number).is_integer():
        return str(int(number))
    return f"{number:.2f}" if 0.01 <= abs(number) < 10 else f"{number:.0f}" if abs(number) >= 1000 else f"{number:.3g}"

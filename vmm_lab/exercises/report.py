"""A measured value and its bound go in; a line that reads the same on every machine comes out, or the cell fails."""
import math


def report(name, value, *, at_least=None, at_most=None, unit=""):
    """Assert a claim about a measured value and print it with its bound, without the value itself.

    Measured values differ a little between machines, so a notebook that printed them could not be compared strictly.
    The bound is what the text claims; a value that breaks it stops the notebook.

    Parameters
    ----------
    name : str
        What was measured.
    value : float
    at_least, at_most : float
        The bounds; at least one of them.
    unit : str
        Written behind the bound.

    Raises
    ------
    AssertionError
        The claim does not hold; the message says the value.
    ValueError
        No bound is given.

    Examples
    --------
    >>> report("accuracy", 0.934, at_least=0.90)
    accuracy ≥ 0.90 ✓
    >>> report("seconds", 1.2, at_most=5, unit=" s")
    seconds ≤ 5 s ✓
    """
    exactly = at_least is not None and at_least == at_most
    bounds = [("=", at_least)] if exactly else [(sign, bound) for sign, bound in (("≥", at_least), ("≤", at_most)) if bound is not None]
    if not bounds:
        raise ValueError(f"report({name!r}) needs a bound: at_least=, at_most=, or both.")
    holds = not math.isnan(value) and (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    claim = f"{name} " + " and ".join(f"{sign} {_short(bound)}{unit}" for sign, bound in bounds)
    assert holds, f"{claim} does not hold: measured {value:.4g}{unit}."
    print(f"{claim} ✓")


def _short(bound):
    return f"{bound:.2f}" if isinstance(bound, float) and 0.01 <= abs(bound) < 10 else f"{bound:g}"

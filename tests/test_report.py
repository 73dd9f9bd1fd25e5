"""A claim in a notebook is a tested line."""
import math
import re
from pathlib import Path

import numpy as np
import pytest

from vmm_lab.exercises import report

SANITIZE = Path(__file__).resolve().parents[1] / "notebooks" / "src" / "nbval.cfg"


def test_a_claim_that_holds_prints_the_value_and_its_bound(capsys):
    report("accuracy", 0.93271, at_least=0.9)
    report("size", 12, at_least=10, at_most=20, unit=" MB")
    assert capsys.readouterr().out == "accuracy 0.93, at least 0.90 ✓\nsize 12 MB, at least 10 MB and at most 20 MB ✓\n"


@pytest.mark.parametrize("value", [0.89, math.nan])
def test_a_claim_that_does_not_hold_stops_the_notebook_and_says_the_value(value):
    with pytest.raises(AssertionError, match="accuracy: at least 0.90 does not hold; measured"):
        report("accuracy", value, at_least=0.9)


def test_a_claim_needs_a_bound():
    with pytest.raises(ValueError, match="bound"):
        report("accuracy", 1.0)


def test_numbers_are_printed_as_they_are_meant(capsys):
    report("frames", np.int64(50), at_least=50, at_most=50)
    report("error", np.float32(0.0002), at_most=0.001)
    report("pixels", 12345.6, at_least=12000.0)
    assert capsys.readouterr().out == (
        "frames 50, exactly 50 ✓\nerror 0.0002, at most 0.001 ✓\npixels 12346, at least 12000 ✓\n")


@pytest.mark.slow  # it takes seconds to import nbval
def test_a_run_of_nbval_compares_the_name_and_the_bound_and_not_the_measured_digits(capsys):
    from nbval.plugin import get_sanitize_patterns

    def compared(*claims):
        for name, value, bounds in claims:
            report(name, value, **bounds)
        text = capsys.readouterr().out
        for regex, replacement in get_sanitize_patterns(SANITIZE.read_text(encoding="utf-8")):
            text = re.sub(regex, replacement, text)
        return text

    here = compared(("8 of 9 films, as a share", 0.93, {"at_least": 0.9}),
                    ("decoding", 1.2, {"at_most": 5, "unit": " s"}))
    assert here == compared(("8 of 9 films, as a share", 0.96, {"at_least": 0.9}),
                            ("decoding", 0.004, {"at_most": 5, "unit": " s"}))
    assert here != compared(("8 of 9 films, as a share", 0.93, {"at_least": 0.91}),
                            ("decoding", 1.2, {"at_most": 5, "unit": " s"}))
    assert "films" in here and "at least 0.90 ✓\n" in here and "decoding, at most 5 s ✓\n" in here

"""A claim in a notebook is a tested line."""
import math

import pytest

from vmm_lab.exercises import report


def test_a_claim_that_holds_prints_its_bound_and_not_the_value(capsys):
    report("accuracy", 0.93271, at_least=0.9)
    report("size", 12, at_least=10, at_most=20, unit=" MB")
    assert capsys.readouterr().out == "accuracy ≥ 0.90 ✓\nsize ≥ 10 MB and ≤ 20 MB ✓\n"


@pytest.mark.parametrize("value", [0.89, math.nan])
def test_a_claim_that_does_not_hold_stops_the_notebook_and_says_the_value(value):
    with pytest.raises(AssertionError, match="measured"):
        report("accuracy", value, at_least=0.9)


def test_a_claim_needs_a_bound():
    with pytest.raises(ValueError, match="bound"):
        report("accuracy", 1.0)


def test_two_equal_bounds_and_a_tiny_one_are_printed_as_they_are_meant(capsys):
    report("frames", 50, at_least=50, at_most=50)
    report("error", 0.0002, at_most=0.001)
    assert capsys.readouterr().out == "frames = 50 ✓\nerror ≤ 0.001 ✓\n"

"""Check what a learner answers and what a notebook claims: exercises with hints and solutions, and `report`."""
from .check import check, hint, solution
from .progress import progress
from .report import report

__all__ = ["check", "hint", "progress", "report", "solution"]

"""What keeps a notebook true and a student going: claims that are tested where they are made, and exercises."""
from .report import report
from .check import check, hint, solution
from .progress import progress

__all__ = ["check", "hint", "progress", "report", "solution"]

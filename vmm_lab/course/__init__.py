"""Hand out the course: its notebooks in a folder of the learner's."""
from .notebooks import FOLDER, RECORD, bring, find, listed

__all__ = ["FOLDER", "RECORD", "bring", "find", "listed"]

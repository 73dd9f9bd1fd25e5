"""Hand out the course: its notebooks in a folder of the learner's, new projects, and a teacher's tables."""
from .notebooks import FOLDER, RECORD, bring, find, listed
from .project import new_project
from .teaching import before_the_lesson, gather, lesson_plan

__all__ = ["FOLDER", "RECORD", "before_the_lesson", "bring", "find", "gather", "lesson_plan", "listed", "new_project"]

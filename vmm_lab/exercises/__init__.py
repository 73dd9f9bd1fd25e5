"""What keeps a notebook true and a student going: claims that are tested where they are made."""
from .claims import report

__all__ = ["report"]

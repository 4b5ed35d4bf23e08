"""Lists into one frame: which lists, in what order, what may be missing, and how to go on after a break."""

from confluence_nb.pull.pull import Part, Pull
from confluence_nb.pull.subjects import Subjects, subjects

__all__ = ["Part", "Pull", "Subjects", "subjects"]

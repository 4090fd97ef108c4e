"""Sheets of paper for the bag and for the wall of the hall: a tul and a syllabus as PDF, A4, in the reader's language.

The same rows, editions and drawing as on the pages. A sheet of one edition, language and day is always the
same, byte for byte.
"""

from .syllabi import syllabus
from .tuls import tul

__all__ = ["syllabus", "tul"]

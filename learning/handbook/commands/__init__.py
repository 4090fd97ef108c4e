"""How the handbook changes. Whatever has editions is drafted, then published; all of it leaves a trail."""

from .editions import NoSuchReference, NothingToPublish, TooEarly, publish_edition
from .loose import put_exercise, put_plan, put_question, put_term, retire_questions
from .shelving import shelve, shelve_all
from .syllabi import draft_syllabus
from .techniques import draft_technique
from .theory import draft_article
from .tuls import draft_tul

__all__ = [
    "NoSuchReference",
    "NothingToPublish",
    "TooEarly",
    "draft_article",
    "draft_syllabus",
    "draft_technique",
    "draft_tul",
    "publish_edition",
    "put_exercise",
    "put_plan",
    "put_question",
    "put_term",
    "retire_questions",
    "shelve",
    "shelve_all",
]

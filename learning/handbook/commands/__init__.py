"""How the handbook changes. Whatever has editions is drafted, then published; all of it leaves a trail."""

from .editions import (
    NoSuchReference,
    NothingToPublish,
    NotScheduled,
    TooEarly,
    discard_draft,
    publish_edition,
    withdraw_edition,
)
from .indexing import reindex, without_document
from .loose import put_exercise, put_plan, put_question, put_term, retire_questions
from .shelving import shelve, shelve_all
from .syllabi import draft_syllabus
from .techniques import draft_technique
from .theory import draft_article
from .tuls import draft_tul

__all__ = [
    "NoSuchReference",
    "NotScheduled",
    "NothingToPublish",
    "TooEarly",
    "discard_draft",
    "draft_article",
    "draft_syllabus",
    "draft_technique",
    "draft_tul",
    "publish_edition",
    "put_exercise",
    "put_plan",
    "put_question",
    "put_term",
    "reindex",
    "retire_questions",
    "shelve",
    "shelve_all",
    "withdraw_edition",
    "without_document",
]

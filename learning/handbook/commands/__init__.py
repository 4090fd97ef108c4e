"""How the handbook changes. Whatever has editions is drafted, then published; all of it leaves a trail."""

from .drafting import Overtaken, restore_edition, save_draft, save_term, take_back
from .editions import (
    NoSuchReference,
    NothingToPublish,
    NotScheduled,
    TooEarly,
    discard_draft,
    publish_edition,
    withdraw_edition,
)
from .indexing import reindex, sources, without_document
from .loose import put_exercise, put_plan, put_question, put_questions, put_term, retire_questions
from .mirroring import mirror_all, mirror_now
from .personal import erase_plans
from .plans import (
    PlanOvertaken,
    PlanRefused,
    TooManyPlans,
    change_plan,
    copy_plan,
    create_plan,
    delete_plan,
)
from .shelving import shelve, shelve_all
from .syllabi import draft_syllabus
from .techniques import draft_technique
from .theory import draft_article
from .tuls import draft_tul

__all__ = [
    "NoSuchReference",
    "NotScheduled",
    "NothingToPublish",
    "Overtaken",
    "PlanOvertaken",
    "PlanRefused",
    "TooEarly",
    "TooManyPlans",
    "change_plan",
    "copy_plan",
    "create_plan",
    "delete_plan",
    "discard_draft",
    "draft_article",
    "draft_syllabus",
    "draft_technique",
    "draft_tul",
    "erase_plans",
    "mirror_all",
    "mirror_now",
    "publish_edition",
    "put_exercise",
    "put_plan",
    "put_question",
    "put_questions",
    "put_term",
    "reindex",
    "restore_edition",
    "retire_questions",
    "save_draft",
    "save_term",
    "shelve",
    "shelve_all",
    "sources",
    "take_back",
    "withdraw_edition",
    "without_document",
]

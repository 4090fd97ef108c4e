"""What changes about practice. Whoever changes anything of a learner's holds the learner's row."""

from .cards import NoSuchSubject, add_cards, bring_back, bury, keep_leech, put_away, rewrite
from .learners import catch_up, change_settings, end_catch_up, learner_for_update, note_days, refold
from .progress import NoSuchItem, Telling, merge_progress, merge_tellings
from .reviews import Given, Outcome, accept_reviews, retract, undo_last

__all__ = [
    "Given",
    "NoSuchItem",
    "NoSuchSubject",
    "Outcome",
    "Telling",
    "accept_reviews",
    "add_cards",
    "bring_back",
    "bury",
    "catch_up",
    "change_settings",
    "end_catch_up",
    "keep_leech",
    "learner_for_update",
    "merge_progress",
    "merge_tellings",
    "note_days",
    "put_away",
    "refold",
    "retract",
    "rewrite",
    "undo_last",
]

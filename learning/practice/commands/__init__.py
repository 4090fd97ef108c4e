"""What changes about practice. Whoever changes anything of a learner's holds the learner's row."""

from .calendar import close_calendar, open_calendar
from .cards import NoSuchSubject, add_cards, bring_back, bury, keep_leech, put_away, rewrite
from .fitting import fit, fit_learner, fit_somebody
from .importing import TooMuch, import_anki, put_away_brought
from .learners import catch_up, change_settings, end_catch_up, learner_for_update, note_days, refold
from .progress import NoSuchItem, Telling, merge_progress, merge_tellings
from .quizzes import (
    AnsweredAlready,
    BadAnswer,
    ClientIdTaken,
    HasAnswers,
    IdTaken,
    Marked,
    NothingToAsk,
    QuizOver,
    answer,
    begin_again,
    begin_quiz,
    discard_quiz,
    end_quiz,
    practise_question,
)
from .reminding import NotAllReminded, remind, remind_some
from .reviews import Given, Outcome, accept_reviews, retract, retract_many, undo_last

__all__ = [
    "AnsweredAlready",
    "BadAnswer",
    "ClientIdTaken",
    "Given",
    "HasAnswers",
    "IdTaken",
    "Marked",
    "NoSuchItem",
    "NoSuchSubject",
    "NotAllReminded",
    "NothingToAsk",
    "Outcome",
    "QuizOver",
    "Telling",
    "TooMuch",
    "accept_reviews",
    "add_cards",
    "answer",
    "begin_again",
    "begin_quiz",
    "bring_back",
    "bury",
    "catch_up",
    "change_settings",
    "close_calendar",
    "discard_quiz",
    "end_catch_up",
    "end_quiz",
    "fit",
    "fit_learner",
    "fit_somebody",
    "import_anki",
    "keep_leech",
    "learner_for_update",
    "merge_progress",
    "merge_tellings",
    "note_days",
    "open_calendar",
    "practise_question",
    "put_away",
    "put_away_brought",
    "refold",
    "remind",
    "remind_some",
    "retract",
    "retract_many",
    "rewrite",
    "undo_last",
]

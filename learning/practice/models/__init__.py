"""What a learner practises: cards and their log, quizzes, progress, and how they want it."""

from .cards import CardKind, CardOrigin, Direction, ReviewCard
from .imports import AnkiImport
from .learners import Algorithm, Fit, Learner
from .progress import ItemType, PracticeDay, Progress, Status
from .quizzes import QuizAnswer, QuizItem, QuizMode, QuizSession
from .reviews import Retraction, Review, ReviewSource

__all__ = [
    "Algorithm",
    "AnkiImport",
    "CardKind",
    "CardOrigin",
    "Direction",
    "Fit",
    "ItemType",
    "Learner",
    "PracticeDay",
    "Progress",
    "QuizAnswer",
    "QuizItem",
    "QuizMode",
    "QuizSession",
    "Retraction",
    "Review",
    "ReviewCard",
    "ReviewSource",
    "Status",
]

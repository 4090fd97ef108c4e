"""What is known about somebody's practice. Nobody sees that of others."""

from learning.practice.models import CardOrigin

from .aiming import Aim, GradingDay, aim, aim_of, belt_to_learn, grading_deck, next_grading_day
from .calendar import calendar_behind, calendar_file, calendar_url, reviews_ahead
from .cards import STATES, History, cards, daily_load, has_cards, history, is_behind, leeches, own_decks
from .decks import (
    PARTS,
    DeckSheet,
    Tally,
    cards_about,
    deck,
    decks,
    subjects_about,
    subjects_missing,
    subjects_of_deck,
    tally_of,
)
from .exporting import OURS, anki_deck
from .faces import SOON, Face, Turn, faces, is_soon, turns
from .fitting import last_fit, to_fit
from .home import Today, coverage_of, today
from .imports import anki_import, anki_imports, cards_brought, cards_held
from .learners import learner_of, practice_day, scheduler_of
from .log import card, counted, last_review, logs
from .offline import Reading, reading_of
from .progress import WHOLE, days_between, plans_done, progress, progress_with, runs, streak_of, streaks_of
from .queue import Queue, due_count, queue
from .quizzes import QuizQuestion, QuizSheet, answers_by_question, last_quiz, quiz, quiz_cards, quizzes, subjects_of
from .reminding import learners_to_remind, people_with_cards, to_remind
from .running import Run, plan_run
from .stats import AHEAD, STABILITIES, Stats, days_back, stats

__all__ = [
    "AHEAD",
    "OURS",
    "PARTS",
    "SOON",
    "STABILITIES",
    "STATES",
    "WHOLE",
    "Aim",
    "CardOrigin",
    "DeckSheet",
    "Face",
    "GradingDay",
    "History",
    "Queue",
    "QuizQuestion",
    "QuizSheet",
    "Reading",
    "Run",
    "Stats",
    "Tally",
    "Today",
    "Turn",
    "aim",
    "aim_of",
    "anki_deck",
    "anki_import",
    "anki_imports",
    "answers_by_question",
    "belt_to_learn",
    "calendar_behind",
    "calendar_file",
    "calendar_url",
    "card",
    "cards",
    "cards_about",
    "cards_brought",
    "cards_held",
    "counted",
    "coverage_of",
    "daily_load",
    "days_back",
    "days_between",
    "deck",
    "decks",
    "due_count",
    "faces",
    "grading_deck",
    "has_cards",
    "history",
    "is_behind",
    "is_soon",
    "last_fit",
    "last_quiz",
    "last_review",
    "learner_of",
    "learners_to_remind",
    "leeches",
    "logs",
    "next_grading_day",
    "own_decks",
    "people_with_cards",
    "plan_run",
    "plans_done",
    "practice_day",
    "progress",
    "progress_with",
    "queue",
    "quiz",
    "quiz_cards",
    "quizzes",
    "reading_of",
    "reviews_ahead",
    "runs",
    "scheduler_of",
    "stats",
    "streak_of",
    "streaks_of",
    "subjects_about",
    "subjects_missing",
    "subjects_of",
    "subjects_of_deck",
    "tally_of",
    "to_fit",
    "to_remind",
    "today",
    "turns",
]

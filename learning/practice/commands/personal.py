"""How practice forgets a person (foundation.privacy): what stands on a row goes before it."""

from datetime import datetime
from typing import Any

from learning.practice.models import (
    AnkiImport,
    Fit,
    Learner,
    PracticeDay,
    Progress,
    QuizSession,
    Retraction,
    Review,
    ReviewCard,
)


def erase_settings(*, person: Any, now: datetime) -> None:
    """Their calendar's address leads nowhere from now on."""
    Learner.objects.filter(person=person.pk).delete()


def erase_cards(*, person: Any, now: datetime) -> None:
    ReviewCard.objects.filter(person=person.pk).delete()


def erase_reviews(*, person: Any, now: datetime) -> None:
    """The database lets the log go because its person goes in the same transaction."""
    Review.objects.filter(person=person.pk).delete()


def erase_retractions(*, person: Any, now: datetime) -> None:
    Retraction.objects.filter(person=person.pk).delete()


def erase_fits(*, person: Any, now: datetime) -> None:
    Fit.objects.filter(person=person.pk).delete()


def erase_quizzes(*, person: Any, now: datetime) -> None:
    """With their questions and answers."""
    QuizSession.objects.filter(person=person.pk).delete()


def erase_progress(*, person: Any, now: datetime) -> None:
    Progress.objects.filter(person=person.pk).delete()


def erase_days(*, person: Any, now: datetime) -> None:
    PracticeDay.objects.filter(person=person.pk).delete()


def erase_imports(*, person: Any, now: datetime) -> None:
    AnkiImport.objects.filter(person=person.pk).delete()

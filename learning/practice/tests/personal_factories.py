"""Somebody of whom there is a row in every table of practice."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from learning.handbook.models import Question
from learning.practice.models import (
    AnkiImport,
    Fit,
    Learner,
    PracticeDay,
    Progress,
    QuizAnswer,
    QuizItem,
    QuizSession,
    Retraction,
)
from learning.practice.tests.factories import CardFactory, ReviewFactory

WHEN = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
KEY = UUID("5ec4e7ca-1e4d-4a44-8000-00000000000c")
"""That of their calendar."""


def a_question() -> Question:
    return Question.objects.create(
        slug="what-is-chagi", kind="type", origin="authored", modules=["words"], from_belt=10, to_belt=0,
        prompt={"en": "What is “kick”?"}, answers=["chagi"], explanation={"en": "It is."}, source="Our own",
    )  # fmt: skip


def practised_everything(person: Any, *, text: str = "the front of her card") -> None:
    Learner.objects.create(person=person, calendar_key=KEY, reminder_hour=18, created_at=WHEN)
    card = CardFactory(person=person, front=text, back="its back", deck="Her deck", guid="anki")
    review = ReviewFactory(card=card, device="her telephone", reviewed_at=WHEN)
    Retraction.objects.create(person=person, review_client_id=review.client_id, retracted_at=WHEN)
    with transaction.atomic():
        quiz = QuizSession.objects.create(person=person, mode="mixed", started_at=WHEN)
        item = QuizItem.objects.create(
            session=quiz, place=1, question=a_question(), frozen={"prompt": {"en": "Which?"}}
        )
    QuizAnswer.objects.create(
        session=quiz, item=item, client_id=UUID(int=9), given={"typed": text}, is_right=False, answered_at=WHEN
    )
    Progress.objects.create(
        person=person, item_type="tul", item="chon-ji", status=2, detail={"note": text}, occurred_at=WHEN,
        updated_at=WHEN,
    )  # fmt: skip
    PracticeDay.objects.create(person=person, day=date(2026, 11, 20))
    AnkiImport.objects.create(person=person, file_name=f"{text}.apkg", imported_at=WHEN, report={"cards": 1})
    Fit.objects.create(
        person=person, fitted_at=WHEN, reviews=500, parameters=[0.5] * 21, log_loss_default=0.5, log_loss_fitted=0.4,
        is_used=True,
    )  # fmt: skip

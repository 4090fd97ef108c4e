"""Quizzes of somebody: what was asked, what was answered, and how it went before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from learning.practice.models import CardKind, QuizAnswer, QuizItem, QuizSession, ReviewCard
from learning.practice.rules import marking
from learning.practice.rules.quizzes import Frozen, Score, score

REMEMBERED = 2000
"""Answers that say what somebody gets wrong: the last ones. Who answers more has long learned from the first."""


@dataclass(frozen=True)
class QuizQuestion:
    """One question of a quiz, its answer if there is one, and the learner's card about it if they practise it."""

    item: QuizItem
    question: Frozen
    answer: QuizAnswer | None
    card: ReviewCard | None = None

    @property
    def place(self) -> int:
        return self.item.place

    @property
    def is_right(self) -> bool | None:
        return self.answer.is_right if self.answer else None

    @cached_property
    def told(self) -> Sequence[marking.Line]:
        """What was right beside what was given, once it is answered."""
        return marking.told(self.question, self.answer.given) if self.answer else []


@dataclass(frozen=True)
class QuizSheet:
    """A quiz with everything that was asked, in its order."""

    quiz: QuizSession
    asked: Sequence[QuizQuestion]

    @property
    def is_over(self) -> bool:
        return self.quiz.finished_at is not None

    @property
    def next_place(self) -> int | None:
        """The first question without an answer; None when there is none, or when the quiz is over."""
        open_places = (each.place for each in self.asked if each.answer is None)
        return None if self.is_over else next(open_places, None)

    @cached_property
    def score(self) -> Score:
        return score((each.question, each.is_right) for each in self.asked)


def quiz(*, viewer: Any, quiz_id: UUID) -> QuizSheet:
    """A quiz of the viewer's, in three queries. Raises QuizSession.DoesNotExist."""
    session = QuizSession.objects.get(pk=quiz_id, person=viewer.pk)
    items = list(session.items.select_related("answer"))
    cards = ReviewCard.objects.filter(
        person=viewer.pk, kind=CardKind.QUESTION, put_away_at=None, question__in=[item.question_id for item in items]
    )
    by_question = {card.question_id: card for card in cards}
    return QuizSheet(session, [_question(item, by_question.get(item.question_id)) for item in items])


def _question(item: QuizItem, card: ReviewCard | None) -> QuizQuestion:
    return QuizQuestion(item, Frozen.of_json(item.frozen), getattr(item, "answer", None), card)


def quizzes(*, viewer: Any) -> QuerySet[QuizSession]:
    """The viewer's quizzes, newest first, each with the numbers `asked`, `answered` and `right`."""
    found = QuizSession.objects.filter(person=viewer.pk).annotate(
        asked=Count("items"),
        answered=Count("items__answer"),
        right=Count("items__answer", filter=Q(items__answer__is_right=True)),
    )
    return found.order_by("-started_at", "id")


def last_quiz(*, viewer: Any) -> QuizSession | None:
    return QuizSession.objects.filter(person=viewer.pk).first()


def answers_by_question(*, person: Any) -> Mapping[str, Sequence[bool]]:
    """By the slug of each question lately asked whether its answers were right, the last one last."""
    rows = QuizAnswer.objects.filter(session__person=person.pk).order_by("-answered_at", "-pk")
    last = list(rows.values_list("item__question__slug", "is_right")[:REMEMBERED])
    found: dict[str, list[bool]] = defaultdict(list)
    for slug, is_right in reversed(last):
        found[slug].append(is_right)
    return found

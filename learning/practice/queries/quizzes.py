"""Quizzes of somebody: what was asked, what was answered, and how it went before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from learning.handbook import queries as handbook
from learning.practice.models import QuizAnswer, QuizItem, QuizSession, ReviewCard
from learning.practice.rules import marking
from learning.practice.rules.quizzes import Frozen, Score, score
from learning.practice.rules.subjects import Subject

from .decks import cards_about

REMEMBERED = 2000
"""Answers that say what somebody gets wrong: the last ones. Who answers more has long learned from the first."""


@dataclass(frozen=True)
class QuizQuestion:
    """One question of a quiz, and its answer if there is one."""

    item: QuizItem
    question: Frozen
    answer: QuizAnswer | None

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

    @property
    def loose(self) -> Sequence[QuizQuestion]:
        """What was answered wrong and is in no spot of the score, because it is about nothing in the handbook."""
        return [each for each in self.asked if each.is_right is False and each.question.about is None]


def quiz(*, viewer: Any, quiz_id: UUID) -> QuizSheet:
    """A quiz of the viewer's, in two queries. Raises QuizSession.DoesNotExist."""
    session = QuizSession.objects.get(pk=quiz_id, person=viewer.pk)
    items = session.items.select_related("answer")
    asked = [QuizQuestion(item, Frozen.of_json(item.frozen), getattr(item, "answer", None)) for item in items]
    return QuizSheet(session, asked)


def subjects_of(*, questions: Iterable[Frozen], now: datetime) -> dict[str, Subject]:
    """What somebody practises who cannot answer these questions, by their slugs: the word or the movement that one
    asks for, otherwise the question itself. In one query at most."""
    questions = list(questions)
    abouts = {each.slug: f"{each.about.kind}:{each.about.slug}" for each in questions if each.about}
    recalled = handbook.recalled_by(questions=abouts, now=now)
    return {
        each.slug: Subject(*recalled[each.slug]) if each.slug in recalled else Subject("question", each.slug)
        for each in questions
    }


def quiz_cards(*, viewer: Any, sheet: QuizSheet, now: datetime) -> dict[int, ReviewCard]:
    """The viewer's cards about what was answered in a quiz, by its place; none where they do not practise it. In two
    queries at most."""
    answered = {each.place: each.question for each in sheet.asked if each.answer}
    if not answered:
        return {}
    subjects = subjects_of(questions=answered.values(), now=now)
    key = Coalesce("term__slug", "technique__slug", "tul__slug", "question__slug")
    held = cards_about(person=viewer, subjects=subjects.values()).annotate(key=key)
    mine = {Subject(card.kind, card.key, card.direction, card.step_key): card for card in held}
    found = {place: mine.get(subjects[question.slug]) for place, question in answered.items()}
    return {place: card for place, card in found.items() if card}


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

"""The first page of somebody who practises: what this day has for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Sum

from learning.handbook import queries as handbook
from learning.practice.models import ItemType, Learner, Progress, ReviewCard, Status
from learning.practice.rules.agenda import MINUTES, Doing, Facts, Task, agenda
from learning.practice.rules.coverage import Coverage, coverage
from learning.practice.rules.memory import Stage
from learning.practice.rules.streaks import Streak, streak
from learning.practice.rules.subjects import Subject

from .aiming import About, GradingDay, about, belt_deck, belt_to_learn, cards_in
from .learners import learner_of, practice_day, scheduler_of
from .progress import WHOLE, days_between, runs
from .queue import Queue, queue
from .stats import days_back

FORTNIGHT = 14
LAPSES = 3
"""A card that was forgotten so often is a weak spot."""
PACED_BY = 200
"""Last reviews that say how long one takes."""


@dataclass(frozen=True)
class Place:
    """What a task is about, for its link: the id of a quiz or card, or the plan."""

    quiz: UUID | None = None
    card: UUID | None = None
    plan: Any = None


@dataclass(frozen=True)
class Today:
    """`fortnight` is the last fourteen practice days, today last, and whether each was used."""

    on: date
    queue: Queue
    has_cards: bool
    streak: Streak
    fortnight: Sequence[tuple[date, bool]]
    belt: int
    grading: GradingDay | None
    coverage: Coverage
    tasks: Sequence[Task]
    place: Place

    @property
    def days_left(self) -> int | None:
        return (self.grading.day - self.on).days if self.grading else None


def today(*, person: Any, now: datetime) -> Today:
    """Everything of the day. The number of queries depends on nothing that somebody has."""
    day = practice_day(person=person, now=now).on
    learner = learner_of(person=person)
    waiting = queue(person=person, now=now, limit=0, learner=learner)
    grading = waiting.deck.grading if waiting.deck else None
    belt = grading.belt if grading else belt_to_learn(person=person)
    days = runs(person=person).get(WHOLE, [])
    used = days_between(days, first=days_back(day, FORTNIGHT)[0], last=day)
    found = _found(person, day)
    plan = _plan(person, belt)
    return Today(
        on=day,
        queue=waiting,
        has_cards=found.has_cards,
        streak=streak(days, today=day),
        fortnight=[(each, each in used) for each in days_back(day, FORTNIGHT)],
        belt=belt,
        grading=grading,
        coverage=_coverage(person, learner, belt, waiting.deck.cards if waiting.deck else None, now),
        tasks=agenda(_facts(found, plan, waiting, belt=belt)),
        place=Place(found.quiz, found.card, plan),
    )


def coverage_of(*, person: Any, belt: int, now: datetime) -> Coverage:
    """How much of the deck of a belt is known: cards remembered at least as well as the learner wants, and what they
    have marked as known."""
    return _coverage(person, learner_of(person=person), belt, None, now)


def _coverage(person: Any, learner: Learner, belt: int, cards: Sequence[ReviewCard] | None, now: datetime) -> Coverage:
    """`cards` of the deck, where they are at hand."""
    deck = belt_deck(belt=belt, now=now)
    scheduler = scheduler_of(learner)
    subjects: dict[About, Subject] = {
        (each.kind, each.id, each.direction, each.step_key): Subject(each.kind, each.key, each.direction, each.step_key)
        for each in deck
    }
    learned = {
        subjects[about(card)]
        for card in (cards_in(deck, person=person) if cards is None else cards)
        if card.stage == Stage.REVIEW and scheduler.recall(card.memory, now) >= learner.retention
    }
    marked = Progress.objects.filter(
        person=person.pk, item_type__in=[ItemType.TECHNIQUE, ItemType.TUL], status=Status.DONE
    )
    return coverage(subjects.values(), learned=learned, known=set(marked.values_list("item_type", "item")))


@dataclass(frozen=True)
class _Found:
    """What there is to do: the median milliseconds of the last reviews, the last quiz that is not over with its open
    questions, the card that was forgotten most often, and the items practised today."""

    has_cards: bool
    pace: float | None
    quiz: UUID | None
    quiz_left: int
    card: UUID | None
    practised: frozenset[tuple[str, str]]


def _facts(found: _Found, plan: Any, waiting: Queue, *, belt: int) -> Facts:
    kinds = {kind for kind, _ in found.practised}
    is_reviewed = waiting.done_today > 0 and not waiting.due + waiting.learning
    is_done = {
        Doing.REVIEWS: is_reviewed,
        Doing.QUIZ: ItemType.QUIZ in kinds and not found.quiz_left,
        Doing.PLAN: ItemType.PLAN in kinds,
        Doing.THEORY: (ItemType.QUIZ.value, "theory") in found.practised,
    }
    return Facts(
        due=waiting.due + waiting.learning,
        new=waiting.fresh,
        seconds_a_review=found.pace and found.pace / 1000,
        quiz_left=found.quiz_left,
        has_weak_spot=found.card is not None,
        plan_minutes=max(1, round(plan.seconds / 60)) if plan else 0,
        has_theory=belt in handbook.DECKS,
        done=frozenset(doing for doing, done in is_done.items() if done),
    )


_FOUND = """
    SELECT EXISTS (SELECT FROM practice_reviewcard WHERE person_id = %(person)s) AS has_cards,
           (
               SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY duration)
                 FROM (
                     SELECT duration FROM practice_review
                      WHERE person_id = %(person)s AND duration > 0 ORDER BY corrected_at DESC LIMIT %(paced_by)s
                 ) AS last
           ) AS pace,
           quiz.id AS quiz,
           (
               SELECT count(*) FROM practice_quizitem AS item
                WHERE item.session_id = quiz.id
                  AND NOT EXISTS (SELECT FROM practice_quizanswer AS answer WHERE answer.item_id = item.id)
           ) AS quiz_left,
           (
               SELECT id FROM practice_reviewcard
                WHERE person_id = %(person)s AND put_away_at IS NULL AND lapses >= %(lapses)s
                ORDER BY lapses DESC, id LIMIT 1
           ) AS card,
           ARRAY(
               SELECT ARRAY[item_type, item] FROM practice_practiceday
                WHERE person_id = %(person)s AND day = %(today)s AND item <> ''
           ) AS practised
      FROM (VALUES (1)) AS one
      LEFT JOIN LATERAL (
          SELECT id FROM practice_quizsession
           WHERE person_id = %(person)s AND finished_at IS NULL ORDER BY started_at DESC, id LIMIT 1
      ) AS quiz ON true
"""


def _found(person: Any, today: date) -> _Found:
    """In one query."""
    asked = {"person": person.pk, "today": today, "paced_by": PACED_BY, "lapses": LAPSES}
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, asked)
        has_cards, pace, quiz, quiz_left, card, practised = cursor.fetchone()
    return _Found(has_cards, pace, quiz, quiz_left, card, frozenset((kind, item) for kind, item in practised))


def _plan(person: Any, belt: int) -> Any:
    """The training plan for the belt, or for the nearest one below, with its `seconds`: of those that are not too long
    for the next ten minutes."""
    plans = handbook.plans(viewer=person).filter(belt__gte=belt)
    long = (F("blocks__items__work") + F("blocks__items__rest")) * F("blocks__rounds")
    return plans.annotate(seconds=Sum(long)).filter(seconds__lte=MINUTES * 60).order_by("belt", "slug").first()

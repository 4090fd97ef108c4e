"""How somebody practises, and the fold of their log into the states of their cards."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from learning.practice import queries
from learning.practice.models import Learner, PracticeDay, ReviewCard
from learning.practice.rules.memory import UNSEEN, Memory, fold


def learner_for_update(*, person: Any, now: datetime) -> Learner:
    """Lock how somebody practises, before anything else of theirs; the row is made when they begin.

    The person comes first, as in erasing them: what is written meanwhile waits, and then has nobody to belong to.
    """
    get_user_model()._base_manager.select_for_update(no_key=True).only("pk").get(pk=person.pk)
    Learner.objects.bulk_create([Learner(person_id=person.pk, created_at=now)], ignore_conflicts=True)
    return Learner.objects.select_related("person").select_for_update(of=("self",)).get(person=person.pk)


@transaction.atomic
def change_settings(
    *,
    person: Any,
    algo: str,
    retention: float,
    new_a_day: int,
    reviews_a_day: int,
    grading_on: date | None,
    reminder_hour: int | None,
    now: datetime,
) -> Learner:
    """Change how somebody practises. Another algorithm or retention replays the log; nothing of it is lost."""
    learner = learner_for_update(person=person, now=now)
    before = (learner.algo, learner.retention)
    learner.algo, learner.retention = algo, retention
    learner.new_a_day, learner.reviews_a_day = new_a_day, reviews_a_day
    learner.grading_on, learner.reminder_hour = grading_on, reminder_hour
    learner.save()
    if before != (algo, retention):
        refold(learner=learner)
    return learner


@transaction.atomic
def catch_up(*, person: Any, days: int, now: datetime) -> Learner:
    """Spread what was left behind over so many practice days, from today on."""
    learner = learner_for_update(person=person, now=now)
    today = queries.practice_day(person=person, now=now).on
    learner.catch_up_from, learner.catch_up_until = today, today + timedelta(days=days - 1)
    learner.save(update_fields=["catch_up_from", "catch_up_until"])
    return learner


@transaction.atomic
def end_catch_up(*, person: Any, now: datetime) -> Learner:
    learner = learner_for_update(person=person, now=now)
    learner.catch_up_from = learner.catch_up_until = None
    learner.save(update_fields=["catch_up_from", "catch_up_until"])
    return learner


def refold(*, learner: Learner, cards: Iterable[UUID] | None = None) -> dict[UUID, Memory]:
    """Work out the states of cards (all without `cards`) from their log, and give them. The learner is locked."""
    scheduler = queries.scheduler_of(learner)
    logs = queries.logs(person=learner.person, cards=cards)
    if cards is None:
        cards = ReviewCard.objects.filter(person=learner.pk).values_list("pk", flat=True)
    states = {card: fold(logs[card], scheduler) if card in logs else UNSEEN for card in cards}
    store(states)
    return states


_STORE = """
    UPDATE practice_reviewcard AS card
       SET stage = given.stage, due_at = given.due_at, reviewed_at = given.reviewed_at, reviews = given.reviews,
           lapses = given.lapses, step = given.step, stability = given.stability, difficulty = given.difficulty,
           ease = given.ease, repetitions = given.repetitions, "interval" = given.days
      FROM unnest(
               %s::uuid[], %s::smallint[], %s::timestamptz[], %s::timestamptz[], %s::integer[], %s::integer[],
               %s::smallint[], %s::float8[], %s::float8[], %s::float8[], %s::integer[], %s::integer[]
           ) AS given(
               id, stage, due_at, reviewed_at, reviews, lapses, step, stability, difficulty, ease, repetitions, days
           )
     WHERE card.id = given.id
"""
_KEPT = attrgetter(
    "stage", "due_at", "reviewed_at", "reviews", "lapses", "step",
    "stability", "difficulty", "ease", "repetitions", "interval",
)  # fmt: skip


def store(states: Mapping[UUID, Memory]) -> None:
    """Keep the states of cards, in one statement: bulk_update would build a CASE of eleven columns for each."""
    if not states:
        return
    columns = zip(*map(_KEPT, states.values()), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_STORE, [list(states), *map(list, columns)])


def note_days(*, person: Any, days: dict[date, set[tuple[str, str]]]) -> None:
    """Remember that these items (type and slug) were practised on these practice days, and that the days were used."""
    rows = [
        PracticeDay(person_id=person.pk, day=day, item_type=item_type, item=item)
        for day, items in days.items()
        for item_type, item in {("", ""), *items}
    ]
    PracticeDay.objects.bulk_create(rows, ignore_conflicts=True)

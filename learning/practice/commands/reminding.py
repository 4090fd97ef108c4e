"""Once a day, at the hour that a learner has chosen, they are told what is due."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from itertools import batched
from uuid import UUID

import structlog
from django.contrib.auth import get_user_model
from django.db import transaction

from accounts import commands as accounts
from accounts import queries as people
from learning.practice import queries
from learning.practice.models import Learner
from learning.practice.rules import days, reminding
from project.foundation.jobs import commands as jobs

from .learners import learner_for_update

log = structlog.get_logger("practice.reminding")

AT_ONCE = 200
"""Learners of one job."""


class NotAllReminded(RuntimeError):
    """Some learners could not be reminded; the text says how many. The others were."""


@transaction.atomic
def remind(*, now: datetime) -> int:
    """Have those reminded whose hour has come, so many by one job. Gives how many learners."""
    waiting = queries.to_remind(now=now)
    for batch in batched(waiting, AT_ONCE, strict=False):
        jobs.enqueue(
            "practice.remind_some",
            arguments={"actors": [str(actor) for actor in batch]},
            asked_by=None,
            why="the hour of their reminder has come",
            now=now,
            key=str(batch[0]),
        )
    return len(waiting)


def remind_some(*, actors: Sequence[UUID], now: datetime) -> int:
    """Remind these learners, each in a transaction of their own. Gives how many were told.

    Who was asked about today already is left out, so a job that runs twice, or beside another, tells once. Raises
    NotAllReminded when it was tried with everybody.
    """
    learners = queries.learners_to_remind(actors=actors, now=now)
    practising = queries.people_with_cards(learners)
    _leave_in_peace([each for each in learners if each.person_id not in practising], now=now)
    told = failed = 0
    for learner in learners:
        if learner.person_id not in practising:
            continue
        try:
            told += _remind(learner, now=now)
        except Exception:
            log.exception("a learner could not be reminded", actor_id=str(learner.person.actor_id))
            failed += 1
    if failed:
        raise NotAllReminded(str(failed))
    return told


@transaction.atomic
def _remind(learner: Learner, *, now: datetime) -> bool:
    """Whether somebody was told. That they were asked about is written with it, or neither is."""
    person = learner.person
    zone = people.time_zone_of(person=person)
    day = days.day_of(now, zone)
    try:
        locked = learner_for_update(person=person, now=now)
    except get_user_model().DoesNotExist:
        return False
    if locked.reminder_hour is None or (locked.reminded_on and locked.reminded_on >= day):
        return False
    if not reminding.is_time(locked.reminder_hour, zone=zone, now=now):
        return False
    locked.reminded_on = day
    locked.save(update_fields=["reminded_on"])
    due = queries.due_count(person=person, now=now)
    if not due:
        return False
    facts = {"due": due}
    notice = accounts.tell(person=person, kind="reviews_due", facts=facts, now=now, key=day.isoformat())
    return notice is not None


@transaction.atomic
def _leave_in_peace(learners: Sequence[Learner], *, now: datetime) -> None:
    """Those without a card are not looked at again today. Their rows are locked in the order of their keys, so that
    two who do this at once do not wait for each other."""
    asked_on: dict[date, list[int]] = defaultdict(list)
    for learner in learners:
        day = days.day_of(now, people.time_zone_of(person=learner.person))
        asked_on[day].append(learner.pk)
    rows = Learner.objects.filter(pk__in=[each.pk for each in learners]).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    for day, pks in asked_on.items():
        Learner.objects.filter(pk__in=pks).update(reminded_on=day)

"""Whose hour has come."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import queries as people
from learning.practice.models import Learner, ReviewCard
from learning.practice.rules import days, reminding


def to_remind(*, now: datetime) -> Sequence[UUID]:
    """The pseudonyms of the learners whose hour has come and who were not asked about today, in two queries."""
    return list(_waiting(now).order_by("person").values_list("person__actor_id", flat=True))


def learners_to_remind(*, actors: Sequence[UUID], now: datetime) -> Sequence[Learner]:
    """Of these, those for whom it is still time, with their people."""
    found = _waiting(now).filter(person__actor_id__in=actors)
    return list(found.select_related("person").order_by("person"))


def people_with_cards(learners: Sequence[Learner]) -> set[int]:
    """Those who practise anything at all."""
    cards = ReviewCard.objects.filter(person__in=[each.person_id for each in learners], put_away_at__isnull=True)
    return set(cards.order_by().values_list("person", flat=True).distinct())


def _waiting(now: datetime) -> QuerySet[Learner]:
    """Time zones are many fewer than learners, and most of them have the same hour."""
    wanted = Learner.objects.filter(reminder_hour__isnull=False, person__is_active=True)
    one_each = wanted.select_related("person").order_by("person__time_zone").distinct("person__time_zone")
    zones: dict[tuple[date, frozenset[int]], list[str]] = defaultdict(list)
    for learner in one_each:
        zone = people.time_zone_of(person=learner.person)
        zones[days.day_of(now, zone), reminding.hours_now(zone, now=now)].append(learner.person.time_zone)
    is_time = Q(pk__in=[])
    for (day, hours), names in zones.items():
        asked_before = Q(reminded_on__isnull=True) | Q(reminded_on__lt=day)
        is_time |= Q(person__time_zone__in=names, reminder_hour__in=hours) & asked_before
    return wanted.filter(is_time)

"""A learner's calendar: the gradings that concern them, and how many reviews the next days will bring."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import queries as people
from learning.practice import ical
from learning.practice.models import Learner, ReviewCard
from learning.practice.models.cards import LEECHES
from learning.practice.rules import queueing
from learning.practice.rules.days import begins_at, day_of
from learning.practice.rules.memory import Stage
from project.foundation.audit import queries as audit
from project.foundation.belts import Belt
from project.foundation.http import belt_names

from .aiming import planned
from .learners import learner_of, practice_day
from .queue import queue

AHEAD = 14
"""Days of the forecast, today included."""
BEHIND = timedelta(days=60)
"""Gradings stay in the calendar for so long."""
GRADINGS = 200
"""At most: those that come first."""

_SIGNER = Signer(salt="practice.calendar", sep=".")


def calendar_url(*, person: Any) -> str | None:
    """The secret address of somebody's calendar; None when they have none."""
    key = learner_of(person=person).calendar_key
    if key is None:
        return None
    token = _SIGNER.sign_object([person.actor_id.hex, key.hex])
    return f"{settings.PUBLIC_URL}{reverse('practice:calendar-feed', args=[token])}"


def calendar_behind(*, token: str) -> Learner:
    """Whose calendar an address opens. Raises Learner.DoesNotExist for one that is not ours, or not any more."""
    try:
        actor_id, key = (UUID(each) for each in _SIGNER.unsign_object(token))
    except (BadSignature, TypeError, ValueError):
        raise Learner.DoesNotExist from None
    found = Learner.objects.filter(person__actor_id=actor_id, person__is_active=True, calendar_key=key)
    return found.select_related("person").get()


def calendar_file(*, learner: Learner, now: datetime) -> bytes:
    """All of it, in the learner's language."""
    with translation.override(learner.person.locale or settings.LANGUAGE_CODE):
        entries = [*_gradings(learner, now), *_own_day(learner, now), *_forecast(learner, now)]
        return ical.write(entries, name=_("Dojang"))


def reviews_ahead(
    *, person: Any, now: datetime, days: int = AHEAD, learner: Learner | None = None
) -> Mapping[date, int]:
    """How many cards each of the next days asks: today as many as wait (queries.queue), new ones among them.

    On later days, up to a grading, the cards of its deck come as the plan asks for, all others on their due dates.
    """
    learner = learner or learner_of(person=person)
    today = practice_day(person=person, now=now).on
    waiting = queue(person=person, now=now, limit=0, learner=learner)
    deck = waiting.deck
    plan = dict(planned(deck, person=person)) if deck else {}
    aimed = {card.pk for card in deck.cards} if deck else set()
    until = deck.grading.day if deck else today
    reviews: Counter[date] = Counter()
    for pk, day in _due(person, learner, now, days):
        if pk not in aimed:
            reviews[day] += 1
        elif day >= until:
            reviews[day + timedelta(days=day == until)] += 1  # the deck is not asked on the day itself
    tomorrow = today + timedelta(days=1)
    reviews[tomorrow] += max(0, reviews[today] - (waiting.due - waiting.aimed))
    later = [today + timedelta(days=each) for each in range(1, days)]
    return {today: waiting.total} | {day: reviews[day] + plan.get(day, 0) for day in later}


def _due(person: Any, learner: Learner, now: datetime, days: int) -> Iterator[tuple[UUID, date]]:
    """The day of each card that has one: its own, today when that is over, or that of the catching up. Cards in their
    learning steps have a minute of today, which the queue counts."""
    zone = people.time_zone_of(person=person)
    today = day_of(now, zone)
    spread = queueing.catching_up(learner.catch_up_from, learner.catch_up_until, today=today)
    last = now + timedelta(days=days + 1)
    cards = ReviewCard.objects.filter(person=person.pk, put_away_at__isnull=True, due_at__lt=last).exclude(LEECHES)
    for pk, stage, due_at, buried_until in cards.values_list("pk", "stage", "due_at", "buried_until").iterator():
        if due_at is None:
            continue
        day = max(today, day_of(due_at, zone), buried_until or today)
        if spread and due_at < begins_at(spread.begins_on, zone):
            day = max(day, spread.day_of(pk))
        if stage == Stage.REVIEW or day > today:
            yield pk, day


def _gradings(learner: Learner, now: datetime) -> Iterator[ical.Entry]:
    since = day_of(now, people.time_zone_of(person=learner.person)) - BEHIND
    seen = people.seen_gradings(viewer=learner.person).filter(held_on__gte=since)
    found = list(seen.order_by("held_on", "pk")[:GRADINGS])
    trail = audit.how_often(found)
    for grading in found:
        events, changed_at = trail.get(str(grading.pk), (0, grading.created_at))
        own = grading.own[0] if grading.own else None  # type: ignore[attr-defined]
        yield ical.Entry(
            uid=_uid(f"grading-{grading.pk}"),
            on=grading.held_on,
            title=_title(grading, own),
            changed_at=changed_at,
            sequence=max(0, events - 1),  # being planned is no change
            place=grading.place,
            url=f"{settings.PUBLIC_URL}{reverse('grading', args=[grading.pk])}",
            is_canceled=grading.canceled_at is not None,
        )


def _title(grading: Any, own: Any) -> str:
    said = {"club": grading.club_name, "belt": belt_names.grade(Belt(own.belt)) if own else ""}
    title = _("Grading for %(belt)s, %(club)s") % said if own else _("Grading, %(club)s") % said
    return _("Called off: %(what)s") % {"what": title} if grading.canceled_at else title


def _own_day(learner: Learner, now: datetime) -> Iterator[ical.Entry]:
    if learner.grading_on is not None:
        yield ical.Entry(
            uid=_uid(f"own-grading-{_pseudonym(learner, learner.grading_on)}"),
            on=learner.grading_on,
            title=_("My grading day"),
            changed_at=learner.created_at,
            url=f"{settings.PUBLIC_URL}{reverse('practice:aim')}",
        )


def _forecast(learner: Learner, now: datetime) -> Iterator[ical.Entry]:
    """Told anew each practice day, so that is when its entries were changed."""
    day = practice_day(person=learner.person, now=now)
    url = f"{settings.PUBLIC_URL}{reverse('practice:practise')}"
    for on, number in reviews_ahead(person=learner.person, now=now, learner=learner).items():
        if number:
            yield ical.Entry(
                uid=_uid(f"reviews-{_pseudonym(learner, on)}"),
                on=on,
                title=ngettext("%(number)s review", "%(number)s reviews", number) % {"number": number},
                changed_at=day.begins_at,
                sequence=max(0, (AHEAD - 1) - (on - day.on).days),
                url=url,
                is_free=True,
            )


def _pseudonym(learner: Learner, on: date) -> UUID:
    """The same each day, and nobody who is shown an entry learns from it whose it is."""
    assert learner.calendar_key is not None
    return uuid5(learner.calendar_key, on.isoformat())


def _uid(name: str) -> str:
    return f"{name}@{urlsplit(settings.PUBLIC_URL).hostname}"

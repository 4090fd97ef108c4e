from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, When
from django.utils import timezone

from accounts.models import Club, Membership, Subscription
from accounts.rules import ENTITLEMENTS, plans


def entitlements(*, person: Any, now: datetime | None = None) -> frozenset[str]:
    """What somebody may do beyond reading (rules.ENTITLEMENTS). Strangers have none, the staff has all.

    Everybody else has those that come with an account (FREE_ENTITLEMENTS), those of what they pay for, and those of
    their seats in clubs. Nothing of it is stored: what has ended is gone by itself.
    """
    if not person.is_authenticated or not person.is_active:
        return frozenset()
    if person.is_staff:
        return ENTITLEMENTS
    now = now or timezone.now()
    own = plans.own_entitlements([each.standing for each in subscriptions_of(person=person)], now=now)
    return frozenset(settings.FREE_ENTITLEMENTS) | own | _by_seats(person, now)


def subscriptions_of(*, person: Any) -> Sequence[Subscription]:
    """What somebody pays for or did, newest first, with the clubs it covers."""
    return list(Subscription.objects.filter(person=person.pk).select_related("club"))


def seats_paid(*, club: Club, now: datetime) -> int:
    return plans.seats_paid([each.standing for each in club.subscriptions.all()], now=now)


def members_by_standing(*, club: Club) -> Sequence[Membership]:
    """Everybody in a club, the owner first and then by when they joined: those at the end go without entitlements
    when fewer seats are paid for."""
    return list(_by_standing(Membership.objects.filter(club=club).select_related("person")))


def _by_standing(members: Any) -> Any:
    return members.order_by("club", Case(When(role="owner", then=0), default=1), "joined_at", "id")


def _by_seats(person: Any, now: datetime) -> frozenset[str]:
    """Three queries, however many clubs: who is in them, in their order, and what is paid for each."""
    clubs = list(Membership.objects.filter(person=person.pk).values_list("club", flat=True))
    if not clubs:
        return frozenset()
    paid: dict[Any, list[plans.Standing]] = {}
    for each in Subscription.objects.filter(club__in=clubs):
        paid.setdefault(each.club_id, []).append(each.standing)
    members: dict[Any, list[tuple[int, str]]] = {}
    for club, who, role in _by_standing(Membership.objects.filter(club__in=clubs)).values_list(
        "club", "person", "role"
    ):
        members.setdefault(club, []).append((who, role))
    return frozenset().union(*(
        plans.seat_entitlements(role=role)
        for club, there in members.items()
        for who, role in plans.covered(there, paid=plans.seats_paid(paid.get(club, []), now=now))
        if who == person.pk
    ))  # fmt: skip

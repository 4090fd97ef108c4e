"""Clubs as they stand in the database, made without the commands that tests are about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from django.db import transaction

from accounts.models import Club, Membership, Seat, Subscription, User

FOUNDED = datetime(2026, 1, 10, 9, 0, tzinfo=UTC)


class SubscriptionFactory(factory.django.DjangoModelFactory[Subscription]):
    """A live plan for clubs, given by the hall without an end."""

    class Meta:
        model = Subscription

    provider = "manual"
    plan = "club"
    status = "active"
    seats = 20
    created_at = FOUNDED


def a_club(owner: User, *, seats: int = 5, name: str = "Hwarang", paid: int | None = 20) -> Club:
    """A club with its owner on seat 1 and a paid plan for `paid` seats (None: no plan)."""
    with transaction.atomic():
        club = Club.objects.create(name=name, created_at=FOUNDED)
        first, *_ = [Seat.objects.create(club=club, number=number) for number in range(1, seats + 1)]
        Membership.objects.create(club=club, person=owner, seat=first, role="owner", joined_at=FOUNDED)
        if paid is not None:
            SubscriptionFactory(person=owner, club=club, seats=paid)
    return club


def joined(club: Club, person: User, *, role: str = "member", **more: Any) -> Membership:
    """Somebody on the first free seat, a day after whoever came before."""
    seat = Seat.objects.filter(club=club, membership=None).order_by("number")[0]
    at = FOUNDED + timedelta(days=seat.number)
    return Membership.objects.create(
        **{"club": club, "person": person, "seat": seat, "role": role, "joined_at": at} | more
    )

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import Case, QuerySet, When
from django.utils import timezone

from accounts.models import AdImpression, Club, Membership, Subscription, User
from accounts.rules import ENTITLEMENTS, PLANS, ads, plans


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


def plan_of(*, person: Any, now: datetime) -> Subscription | None:
    """The live plan that somebody pays for or was given: the one that allows most, of two the one that ends last."""
    live = [each for each in subscriptions_of(person=person) if each.standing.is_live(now)]
    far = datetime.max.replace(tzinfo=UTC)
    return max(live, key=lambda each: (list(PLANS).index(each.plan), each.current_period_end or far), default=None)


def person_called(actor: str) -> User | None:
    """Whoever has this pseudonym; None for what is none."""
    try:
        return User.objects.filter(actor_id=UUID(actor)).first()
    except ValueError:
        return None


def plans_given(*, person: Any = None) -> QuerySet[Subscription]:
    """What the hall itself gave, to everybody or to somebody, trials included."""
    given = Subscription.objects.filter(provider=Subscription.Provider.MANUAL).select_related("person", "club")
    return given.filter(person=person.pk) if person else given


def ad_refusal(*, person: Any, session: UUID, now: datetime) -> ads.Reason | None:
    """Why no advertisement is to be shown to somebody now; None when one may be."""
    recent = AdImpression.objects.filter(person=person.pk, shown_at__gt=now - timedelta(days=2))
    shown = [ads.Shown(each.session, each.shown_at) for each in recent.only("session", "shown_at")]
    return ads.refusal(
        entitlements=entitlements(person=person, now=now), shown=shown, session=session, now=now,
        zone=_zone(person.time_zone),
    )  # fmt: skip


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(settings.TIME_ZONE)


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


def has_free_club_plan(*, person: Any, now: datetime) -> bool:
    """Whether somebody could found a club now: a plan of theirs covers none yet."""
    held = Subscription.objects.filter(person=person.pk, plan=Subscription.Plan.CLUB, club=None)
    return any(each.standing.is_live(now) for each in held)

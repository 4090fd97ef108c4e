"""Plans: trials of the house, what operators give, what is paid for elsewhere, and which club a plan covers.

Order of locks: a club (where one is given), the person, the subscription.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count

from accounts import queries, stripe
from accounts.models import Club, Membership, Subscription, User
from accounts.rules import PLANS, SEATS_AT_MOST
from project.foundation.audit import commands as audit
from project.foundation.jobs import commands as jobs

from .telling import tell

Status = Subscription.Status
MANUAL = Subscription.Provider.MANUAL

SAME_PAGE = 600
"""Seconds in which asking for a page to pay on gives the same page."""


class HasPlan(Exception):
    """They have this plan already."""


class HadTrial(Exception):
    """A trial is once for each plan."""


class NotSoldHere(Exception):
    """Plans are paid for elsewhere, or are not sold, or not to pupils: there is nothing of this kind to begin."""


class NothingToEnd(Exception):
    """It has ended, or whoever sold it ends it."""


# --- Which club it covers -------------------------------------------------------------------------


@transaction.atomic
def attach_plan(*, club: Club, person: User, now: datetime) -> Subscription | None:
    """Let somebody's newest live plan for clubs that covers none yet cover this one. None when there is none.

    Call it with the club locked (lock order: Club, then Subscription).
    """
    free = Subscription.objects.select_for_update(of=("self",)).filter(person=person, plan="club", club=None)
    for subscription in free.order_by("-created_at", "id"):
        if subscription.standing.is_live(now):
            subscription.club = club
            subscription.save(update_fields=["club"])
            return subscription
    return None


def settle(*, subscription: Subscription, now: datetime) -> None:
    """What follows from a subscription that began or changed: it covers a club of theirs that has no live plan, and
    whoever should know is told. Call it in the transaction of the change, with the row locked."""
    standing = subscription.standing
    is_live = standing.is_live(now)
    if is_live and subscription.plan == "club" and subscription.club is None:
        subscription.club = _club_without_plan(subscription.person, now)
        if subscription.club:
            subscription.save(update_fields=["club"])
    if is_live and not standing.renews and standing.ends_at:
        tell(
            person=subscription.person, kind="subscription_ends", now=now,
            facts={"plan": subscription.plan, "until": standing.ends_at.isoformat()},
            key=f"{subscription.pk} {standing.ends_at:%Y-%m-%d}",
        )  # fmt: skip
    if subscription.club:
        tell_if_over_limit(clubs=[subscription.club.pk], now=now)


def _club_without_plan(person: User, now: datetime) -> Club | None:
    owned = Club.objects.filter(memberships__person=person, memberships__role=Membership.Role.OWNER)
    clubs = owned.prefetch_related("subscriptions").order_by("created_at", "id")
    return next(
        (club for club in clubs if not any(each.standing.is_live(now) for each in club.subscriptions.all())), None
    )


@transaction.atomic
def tell_if_over_limit(*, clubs: Iterable[UUID], now: datetime) -> int:
    """Tell the owners of those of these clubs that have more members than seats are paid for, once for each time that
    a plan shrank or ended. Says how many are over. Nobody is removed."""
    over = 0
    found = Club.objects.filter(pk__in=list(clubs)).annotate(people=Count("memberships"))
    for club in found.prefetch_related("subscriptions"):
        held = list(club.subscriptions.all())
        paid = queries.seats_paid(club=club, now=now)
        if not held or club.people <= paid:
            continue
        over += 1
        last = max((each.current_period_end for each in held if each.current_period_end), default=None)
        owner = Membership.objects.select_related("person").get(club=club, role=Membership.Role.OWNER).person
        facts = {"club": str(club.pk), "members": club.people, "seats": paid}
        tell(person=owner, kind="club_over_limit", facts=facts, now=now, key=f"{club.pk} {paid} {last or ''}"[:120])
    return over


def look_after_clubs(*, now: datetime) -> int:
    """Find the clubs whose plan has run out without a word from anybody. Says how many are over their limit."""
    clubs = Club.objects.exclude(subscriptions=None).values_list("pk", flat=True).distinct()
    return tell_if_over_limit(clubs=clubs, now=now)


# --- Beginning and ending -------------------------------------------------------------------------


def start_trial(*, person: User, plan: str, now: datetime) -> Subscription:
    """Let somebody try a plan where none are sold. Raises NotSoldHere where Stripe sells them, HasPlan or HadTrial."""
    if stripe.is_configured() or person.is_pupil or not PLANS[plan].trial_days:
        raise NotSoldHere
    try:
        return _start_trial(person, plan, now)
    except IntegrityError as refused:
        if "one_trial_per_person_and_plan" not in str(refused):
            raise
        raise HadTrial from None


@transaction.atomic
def _start_trial(person: User, plan: str, now: datetime) -> Subscription:
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    _refuse_second(person, plan, now)
    trial = Subscription.objects.create(
        person=person, provider=MANUAL, plan=plan, status=Status.TRIALING, renews=False, is_house_trial=True,
        seats=PLANS[plan].seats_max, current_period_end=now + timedelta(days=PLANS[plan].trial_days), created_at=now,
    )  # fmt: skip
    audit.record(type="trial.started", object=trial, actor=person.actor_id, now=now, payload={"plan": plan})
    settle(subscription=trial, now=now)
    return trial


@transaction.atomic
def give_plan(
    *, person: User, plan: str, until: datetime | None, seats: int = SEATS_AT_MOST, by: User | None, now: datetime
) -> Subscription:
    """Give somebody a plan until an instant, or (None) until it is ended. Only operators may, or the system.

    A trial of the same plan that still runs ends with it. Raises RoleMissing or HasPlan.
    """
    queries.require_role(queries.Role.OPERATOR, person=by)
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    trials = Subscription.objects.filter(person=person, plan=plan, is_house_trial=True).exclude(status=Status.CANCELED)
    trials.update(status=Status.CANCELED)
    _refuse_second(person, plan, now)
    given = Subscription.objects.create(
        person=person, provider=MANUAL, plan=plan, status=Status.ACTIVE, renews=False, current_period_end=until,
        seats=seats if plan == "club" else 0, created_at=now,
    )  # fmt: skip
    facts = {"plan": plan, "until": until.isoformat() if until else "", "seats": given.seats}
    audit.record(type="plan.given", object=given, actor=by.actor_id if by else None, now=now, payload=facts)
    settle(subscription=given, now=now)
    return given


@transaction.atomic
def end_plan(*, subscription_id: UUID, by: User | None, now: datetime) -> Subscription:
    """End what the hall gave. Raises RoleMissing, Subscription.DoesNotExist or NothingToEnd."""
    queries.require_role(queries.Role.OPERATOR, person=by)
    given = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription_id)
    if given.provider != MANUAL or not given.standing.is_live(now):
        raise NothingToEnd
    given.status, given.current_period_end, given.renews = Status.CANCELED, now, False
    given.save(update_fields=["status", "current_period_end", "renews"])
    actor = by.actor_id if by else None
    audit.record(type="plan.ended", object=given, actor=actor, now=now, payload={"plan": given.plan})
    settle(subscription=given, now=now)
    return given


def _refuse_second(person: User, plan: str, now: datetime) -> None:
    """Raises HasPlan."""
    held = Subscription.objects.filter(person=person, plan=plan)
    if any(each.standing.is_live(now) for each in held):
        raise HasPlan


# --- At Stripe ------------------------------------------------------------------------------------


def begin_checkout(*, person: User, plan: str, now: datetime) -> str:
    """The address of Stripe's page on which somebody pays for a plan; nothing is theirs before Stripe says so.

    The trial comes with the first time that they have the plan. Raises NotSoldHere, HasPlan or ServiceError.
    """
    if not stripe.is_configured() or person.is_pupil or not PLANS[plan].price.minor:
        raise NotSoldHere
    held = Subscription.objects.filter(person=person)
    _refuse_second(person, plan, now)
    customer = held.filter(provider="stripe").exclude(customer="").values_list("customer", flat=True).first() or ""
    trial_days = 0 if held.filter(plan=plan).exists() else PLANS[plan].trial_days
    asked = f"{person.actor_id} {plan} {trial_days} {customer} {person.locale} {int(now.timestamp()) // SAME_PAGE}"
    return stripe.checkout(
        person=person.actor_id, email=person.email or "", customer=customer, plan=plan, trial_days=trial_days,
        locale=person.locale, key=sha256(asked.encode()).hexdigest(),
    )  # fmt: skip


def open_portal(*, person: User) -> str:
    """The address of Stripe's page for what somebody pays. Raises NotSoldHere for who pays nothing there, or
    ServiceError."""
    held = Subscription.objects.filter(person=person, provider="stripe").exclude(customer="")
    customer = held.values_list("customer", flat=True).first()
    if not customer or not stripe.is_configured():
        raise NotSoldHere
    return stripe.portal(customer=customer)


@transaction.atomic
def cancel_at_provider(*, subscription: Subscription, now: datetime) -> bool:
    """Have Stripe take no more money, by a job that outlives the row. Says whether there is anything that we can end:
    what was bought in a store only its buyer ends."""
    if subscription.provider != "stripe" or subscription.status == Status.CANCELED:
        return False
    jobs.enqueue(
        "billing.cancel_at_stripe", arguments={"reference": subscription.reference}, asked_by=None,
        why="the account is gone", now=now,
    )  # fmt: skip
    return True

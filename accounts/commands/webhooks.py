"""What providers tell: kept once, applied once, in one transaction.

Order of locks: the event, the moves (advisory), the person, the subscription.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction

from accounts import queries, revenuecat
from accounts.models import Subscription, User, WebhookEvent
from accounts.rules import webhooks as rules
from project.foundation.audit import commands as audit

from . import plans
from .telling import tell

log = structlog.get_logger(__name__)

State = WebhookEvent.State

_MOVES = 0xD0C5
"""The advisory lock that keeps what was bought still while it goes from one person to another."""
_UNFINISHED = "not finished"


class Answer(StrEnum):
    PROCESSED = "processed"
    IGNORED = "ignored"
    DUPLICATE = "duplicate"
    FAILED = "failed"


class NotYet(Exception):
    """The event is about somebody whom an event that is still on its way will name."""


class DidNotFail(Exception):
    """Only what has failed can be replayed."""


def receive_webhook(*, delivery: rules.Delivery, now: datetime) -> Answer:
    """Keep an event and do what it says; all of it, or the event alone with why not.

    Of deliveries of one event at the same time all but one wait for the unique index, and find it done. After FAILED
    the provider has to come again.
    """
    with transaction.atomic(durable=True):
        fresh = WebhookEvent(
            id=uuid.uuid4(), provider=delivery.provider, event_id=delivery.event_id, type=delivery.type,
            occurred_at=delivery.occurred_at, received_at=now, payload=dict(delivery.payload), state=State.FAILED,
            error=_UNFINISHED,
        )  # fmt: skip
        WebhookEvent.objects.bulk_create([fresh], ignore_conflicts=True)
        event = WebhookEvent.objects.select_for_update().get(provider=delivery.provider, event_id=delivery.event_id)
        if event.pk != fresh.pk:
            if event.state != State.FAILED:
                return Answer.DUPLICATE
            event.attempts += 1
        return Answer(_apply(event, now))


@transaction.atomic
def replay_webhook(*, event_id: UUID, by: User | None, now: datetime) -> Answer:
    """Do what a failed event says, once more. Raises RoleMissing, WebhookEvent.DoesNotExist or DidNotFail."""
    queries.require_role(queries.Role.OPERATOR, person=by)
    event = WebhookEvent.objects.select_for_update().get(pk=event_id)
    if event.state != State.FAILED:
        raise DidNotFail
    event.attempts += 1
    answer = Answer(_apply(event, now))
    audit.record(
        type="webhook.replayed", object=event, actor=by.actor_id if by else None, now=now,
        payload={"provider": event.provider, "type": event.type, "answer": answer.value},
    )  # fmt: skip
    return answer


@transaction.atomic
def record_refused_webhook(*, provider: str, why: str, now: datetime) -> None:
    """Audit that somebody has sent what is not the provider's. How often, the caller decides."""
    audit.record(
        type="webhook.refused", object=WebhookEvent(), object_id=provider, actor=None, now=now, payload={"why": why}
    )


def forget_webhooks(*, now: datetime) -> int:
    """Delete what happened at providers more than WEBHOOK_DAYS ago; gives the number of events.

    Moves are remembered to put late events right. Those that go are settled first: what somebody had bought before is
    said to be bought by who has it since.
    """
    before = now - timedelta(days=settings.WEBHOOK_DAYS)
    with transaction.atomic(durable=True):
        _hold_moves(alone=True)
        moves = _moves(before=before)
        for each in _bought_by(frozenset().union(*(move.sources for move in moves))):
            has_it = rules.owner(customer=each.customer, since=_order(each), moves=moves)
            if has_it not in {"", each.customer}:
                each.customer = has_it
                each.save(update_fields=["customer"])
        deleted, _ = WebhookEvent.objects.filter(occurred_at__lt=before).delete()
    return deleted


def _apply(event: WebhookEvent, now: datetime) -> State:
    try:
        with transaction.atomic():
            state = _done(event, now)
        event.state, event.error, event.processed_at = state, "", now
    except Exception as error:  # whatever it is, it is kept with the event, and the provider comes again
        log.warning("webhook failed", provider=event.provider, type=event.type, error=type(error).__name__)
        event.state, event.error, event.processed_at = State.FAILED, _said(error), None
    event.save(update_fields=["state", "error", "processed_at", "attempts"])
    return State(event.state)


def _said(error: Exception) -> str:
    """The class, and only words of ours: what a database or a parser says may hold what was sent."""
    return f"{type(error).__name__}: {error}" if isinstance(error, NotYet) else type(error).__name__


def _done(event: WebhookEvent, now: datetime) -> State:
    match queries.outcome_of(event=event):
        case rules.Change() as change:
            return _change(event, change, now)
        case rules.Move() as move:
            return _move(event, move)
        case rules.Reminder() as reminder:
            return _remind(event, reminder, now)
        case rules.Link():
            return State.PROCESSED  # the event itself is what is remembered (_named_by_link)
        case _:
            return State.IGNORED


# --- A subscription -------------------------------------------------------------------------------


def _change(event: WebhookEvent, change: rules.Change, now: datetime) -> State:
    """What comes too late, or is about somebody who has left, has no effect: IGNORED."""
    person = _locked(_actor(event, change))
    if person is None:
        return State.IGNORED
    fields = _fields(change, person)
    fresh = Subscription(id=uuid.uuid4(), provider=event.provider, reference=change.reference, created_at=now, **fields)
    Subscription.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = Subscription.objects.select_for_update(of=("self",)).get(provider=event.provider, reference=change.reference)
    if kept.pk != fresh.pk:
        if not rules.is_newer(change, than=_order(kept)):
            return State.IGNORED
        for name, value in fields.items():
            setattr(kept, name, value)
        if kept.plan != "club":
            kept.club = None
        kept.save(update_fields=[*fields, "club"])
    audit.record(
        type="subscription.changed", object=kept, actor=None, now=now,
        payload={"plan": kept.plan, "status": kept.status, "provider": kept.provider, "renews": kept.renews},
    )  # fmt: skip
    plans.settle(subscription=kept, now=now)
    return State.PROCESSED


def _fields(change: rules.Change, person: User) -> dict[str, Any]:
    return {
        "person": person, "customer": change.customer, "plan": change.plan, "status": change.status,
        "current_period_end": change.ends_at, "renews": change.renews, "seats": change.seats,
        "said_at": change.at, "said_by": change.by,
    }  # fmt: skip


def _actor(event: WebhookEvent, change: rules.Change) -> UUID | None:
    """Whose it is, with the moves that are known of already. Raises NotYet."""
    if event.provider == revenuecat.NAME:
        _hold_moves(alone=False)
        return rules.person(rules.owner(customer=change.customer, since=change.order, moves=_moves(since=change.at)))
    found = change.person or _named_by_link(event.provider, change.customer)
    if found is None:
        raise NotYet("Nobody has said yet whose customer this is.")
    return found


def _named_by_link(provider: str, customer: str) -> UUID | None:
    """Who pays under this name: by another subscription of theirs, or the checkout that made it."""
    if not customer:
        return None
    known = Subscription.objects.filter(provider=provider, customer=customer)
    if actor := known.values_list("person__actor_id", flat=True).first():
        return UUID(str(actor))
    checkouts = WebhookEvent.objects.filter(
        provider=provider, type="checkout.session.completed", state=State.PROCESSED,
        payload__object__customer=customer,
    )  # fmt: skip
    found = checkouts.order_by("-occurred_at").values_list("payload", flat=True).first()
    return rules.person(found["object"].get("client_reference_id")) if found else None


def _locked(actor: UUID | None) -> User | None:
    return User.objects.select_for_update(no_key=True).filter(actor_id=actor).first() if actor else None


def _order(subscription: Subscription) -> rules.Order | None:
    return (subscription.said_at, subscription.said_by) if subscription.said_at else None


# --- From hand to hand ----------------------------------------------------------------------------


def _move(event: WebhookEvent, move: rules.Move) -> State:
    """Everything that this or an earlier move brings to somebody else than before. What goes to somebody who is not
    of this hall is nobody's here."""
    _hold_moves(alone=True)
    moves = [*_moves(), move]
    bought = _bought_by(rules.touched(names=move.sources | {move.target}, moves=moves))
    has_it = {each.pk: rules.owner(customer=each.customer, since=_order(each), moves=moves) for each in bought}
    people = {str(each.actor_id): each for each in _people(has_it.values())}
    for each in bought:
        person = people.get(has_it[each.pk])
        if person is None:
            each.delete()
        elif person.pk != each.person_id:
            each.person, each.club = person, None
            each.save(update_fields=["person", "club"])
    return State.PROCESSED


def _hold_moves(*, alone: bool) -> None:
    """Changes hold it together, a move alone: it sees all that came before, and whatever comes after sees it."""
    with connection.cursor() as sql:
        sql.execute(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(%s)", [_MOVES])


def _moves(*, since: datetime | None = None, before: datetime | None = None) -> Sequence[rules.Move]:
    events = WebhookEvent.objects.filter(provider=revenuecat.NAME, type="TRANSFER", state=State.PROCESSED)
    events = events.filter(occurred_at__gte=since) if since else events
    events = events.filter(occurred_at__lt=before) if before else events
    return [
        revenuecat.move(payload=each.payload, at=each.occurred_at, by=rules.by(event_id=each.event_id))
        for each in events.order_by("occurred_at")
    ]


def _bought_by(names: Iterable[str]) -> Sequence[Subscription]:
    rows = Subscription.objects.filter(provider=revenuecat.NAME, customer__in=list(names))
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def _people(actors: Iterable[str]) -> Sequence[User]:
    wanted = {person for each in actors if (person := rules.person(each))}
    return list(User.objects.select_for_update(no_key=True).filter(actor_id__in=wanted).order_by("pk"))


# --- Telling --------------------------------------------------------------------------------------


def _remind(event: WebhookEvent, reminder: rules.Reminder, now: datetime) -> State:
    found = Subscription.objects.filter(provider=event.provider, reference=reminder.reference)
    subscription = found.select_related("person").first()
    if subscription is None:
        return State.IGNORED
    until = {"until": reminder.until.isoformat()} if reminder.until else {}
    tell(
        person=subscription.person, kind=reminder.kind, facts={"plan": subscription.plan} | until, now=now,
        key=reminder.key[:120],
    )  # fmt: skip
    return State.PROCESSED

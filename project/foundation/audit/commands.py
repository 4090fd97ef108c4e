import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, models, transaction

from . import queries, rules
from .models import AuditEvent, AuditSeal

log = structlog.get_logger("project.audit")

SEALED_AT_ONCE = 10_000
"""Events of one seal at most: what is held in memory, here and by a check."""

_LOOK_AGAIN = 0.02
"""Seconds between two looks at who still writes."""

_ONE_SEALER = 0x5EA1
"""The advisory lock that puts sealers in a row."""


class OutsideTransaction(RuntimeError):
    """record() was called where the change it tells of could be lost without it."""


def record(
    *,
    type: str,
    object: models.Model,
    actor: UUID | None,
    now: datetime,
    payload: Mapping[str, Any] | None = None,
    object_id: str = "",
) -> AuditEvent:
    """Write one event in the transaction of the change it tells of.

    `type` is noun.verb in the past tense ("edition.published"). `actor` is User.actor_id, or None for
    the system. `object_id` names the object when its primary key says too little (a slug). The request
    id is taken from the log context. Raises OutsideTransaction.
    """
    event = _event(type, object, object_id, actor, now, payload)
    event.save(force_insert=True)
    return event


@dataclass(frozen=True)
class Deed:
    """What `record` is told of one event; many of these may be written at once."""

    type: str
    object: models.Model
    payload: Mapping[str, Any]
    object_id: str = ""


def record_all(deeds: Iterable[Deed], *, actor: UUID | None, now: datetime) -> None:
    """Write the events of many changes of one transaction, in their order. Raises OutsideTransaction."""
    AuditEvent.objects.bulk_create(
        [_event(each.type, each.object, each.object_id, actor, now, each.payload) for each in deeds]
    )


def _event(
    type: str,
    object: models.Model,
    object_id: str,
    actor: UUID | None,
    now: datetime,
    payload: Mapping[str, Any] | None,
) -> AuditEvent:
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction(type)
    return AuditEvent(
        at=now,
        actor_id=actor,
        type=type,
        object_type=object._meta.label_lower,
        object_id=object_id or str(object.pk),
        payload=dict(payload or {}),
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )


def seal(*, now: datetime, patience: float = 5) -> AuditSeal | None:
    """Seal what was committed since the last seal, in seals of SEALED_AT_ONCE events; gives the last one made.

    None when there is nothing new, or when a writer that may own one of the ids is still busy after `patience`
    seconds: then the next call has it all. Raises RuntimeError inside a transaction.

    Ids are given out in order but committed out of order, and a seal must not pass over an event that comes late.
    So first the highest id that can be seen is read, B; only then who holds the lock that every INSERT takes before
    it asks for an id. Whoever has been given an id up to B and has not ended is among these. Once they have ended,
    nothing up to B can appear any more, and the rows are read in a transaction that begins after that. Writers wait
    for nobody. This stands on a sequence that gives out one id at a time (CACHE 1, as Django makes it).
    """
    with transaction.atomic(durable=True):
        bound = queries.highest_id()
    if bound <= queries.sealed_up_to():
        return None
    if busy := _still_busy(_writers(), patience):
        log.warning("audit not sealed, somebody still writes", transactions=sorted(busy))
        return None
    made = None
    while (one := _seal_some(bound, now)) is not None:
        made = one
    return made


@transaction.atomic(durable=True)
def _seal_some(bound: int, now: datetime) -> AuditSeal | None:
    """One seal of the next events up to `bound`; None when there are none left."""
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_SEALER])
    head = AuditSeal.objects.defer("digests").order_by("-number").first()
    after = head.last_event if head else 0
    events = [queries.as_sealed(row) for row in queries.range_of(after=after, last=bound)[: SEALED_AT_ONCE + 1]]
    if not events:
        return None
    last = bound if len(events) <= SEALED_AT_ONCE else events[SEALED_AT_ONCE - 1].id
    events = events[:SEALED_AT_ONCE]
    unsigned = rules.Seal(
        number=head.number + 1 if head else 1,
        previous_hash=head.hash if head else rules.NOTHING_BEFORE,
        after=after,
        last=last,
        count=len(events),
        digests=rules.digests(events),
        sealed_at=now,
    )
    return AuditSeal.objects.create(
        number=unsigned.number,
        previous=head,
        previous_hash=unsigned.previous_hash,
        after_event=after,
        last_event=last,
        count=unsigned.count,
        digests=unsigned.digests,
        sealed_at=now,
        hash=rules.hash_of(unsigned),
    )


def _still_busy(writers: set[str], patience: float) -> set[str]:
    """Those of these transactions that have not ended when the patience has."""
    for _ in range(int(patience / _LOOK_AGAIN)):
        if not writers:
            break
        time.sleep(_LOOK_AGAIN)
        writers &= _writers()
    return writers


def _writers() -> set[str]:
    """The transactions of others that have written to the trail and have not ended, prepared ones included."""
    with connection.cursor() as sql:
        sql.execute(
            """
            SELECT virtualtransaction FROM pg_locks
             WHERE locktype = 'relation' AND relation = %s::regclass AND mode = 'RowExclusiveLock' AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND pid IS DISTINCT FROM pg_backend_pid()
            """,
            [AuditEvent._meta.db_table],
        )
        return {transaction for (transaction,) in sql.fetchall()}

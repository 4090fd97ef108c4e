from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from . import posthog, queries, registry, rules
from .models import Event

log = structlog.get_logger("project.events")

BATCH = 500
"""Events that are forwarded in one request."""

_PATIENCE = 3000
"""Milliseconds that dropping waits for readers, and that writers may so have to wait."""

_ONE_AT_A_TIME = 0xE7E27
"""The advisory lock of whoever makes or drops partitions."""


def record(
    *, kind: str, now: datetime, payload: Mapping[str, Any] | None = None, visitor: UUID | None = None
) -> Event | None:
    """Write down that something was used.

    Raises registry.UnknownKind or registry.Refused where people develop and test. In production nobody's page fails
    for the sake of statistics: the event is dropped with an error in the log, and the answer is None.

    An event whose month has no partition makes it, so that a schedule that stood still loses nothing.
    """
    try:
        allowed = registry.checked(kind, payload or {})
    except (registry.UnknownKind, registry.Refused) as refused:
        if settings.APP_ENV != "production":
            raise
        log.error("product event dropped", reason=f"{type(refused).__name__}: {refused}")
        return None
    event = Event(at=now, kind=kind, payload=allowed, visitor=visitor)
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError as error:
        if not _has_no_partition(error):
            raise
        with transaction.atomic():
            _make([rules.month_of(now)])
            event.save(force_insert=True)
    return event


def keep_partitions(*, now: datetime, dry_run: bool = False) -> rules.Plan:
    """Make the partitions of this month and the next two, drop those whose last day is EVENTS_DAYS ago.

    Gives what was done, or would be with `dry_run`. Being called again, or twice at once, does nothing more. Dropping
    waits three seconds at most for whoever reads, since writers would queue behind it; then it raises OperationalError,
    and what is new has been made all the same.
    """
    plan = rules.plan(queries.months(), now=now, days=settings.EVENTS_DAYS)
    if dry_run:
        return plan
    with transaction.atomic():
        made = _make(plan.create)
    with transaction.atomic(), connection.cursor() as sql:
        _wait_for_turn()
        gone = sorted(set(plan.drop) & set(queries.months()))
        sql.execute(f"SET LOCAL lock_timeout = {_PATIENCE}")
        for month in gone:
            sql.execute(f"DROP TABLE {rules.name_of(month)}")
        sql.execute("SET LOCAL lock_timeout TO DEFAULT")
    return rules.Plan(create=made, drop=gone)


def forward(*, now: datetime) -> int:
    """Send what PostHog has not got yet, oldest first; gives how many. Without a PostHog none.

    At least once: an event is marked after it was taken, so a batch whose answer got lost is sent again. Raises
    outbound.ServiceError; what was taken before stays marked.
    """
    sent = 0
    while posthog.is_configured() and (batch := list(_not_forwarded()[:BATCH])):
        posthog.send(batch)
        here = Event.objects.filter(at__gte=batch[0].at, at__lte=batch[-1].at)  # spares PostgreSQL the other months
        here.filter(id__in=[event.id for event in batch]).update(forwarded_at=now)
        sent += len(batch)
    return sent


def _not_forwarded() -> Any:
    return Event.objects.filter(forwarded_at=None).order_by("at", "id")


def _make(months: list[date]) -> list[date]:
    """Make these partitions, in the transaction of the caller; gives those that were not there yet.

    A table of its own is made first and then attached: that locks nobody out, where CREATE TABLE … PARTITION OF
    would wait for every reader and writer.
    """
    if not months:
        return []
    _wait_for_turn()
    missing = [month for month in months if month not in queries.months()]
    with connection.cursor() as sql:
        for month in missing:
            name = rules.name_of(month)
            start, end = (datetime.combine(day, time(), UTC).isoformat() for day in (month, rules.month_after(month)))
            sql.execute(f"CREATE TABLE {name} (LIKE {rules.TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
            sql.execute(f"ALTER TABLE {rules.TABLE} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')")
    return missing


def _wait_for_turn() -> None:
    with connection.cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])


def _has_no_partition(error: IntegrityError) -> bool:
    """PostgreSQL reports it as a check that failed, but one without a name."""
    cause: Any = error.__cause__
    return getattr(cause, "sqlstate", "") == "23514" and cause.diag.constraint_name is None

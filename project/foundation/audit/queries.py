from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Count, Max, QuerySet, Sum

from . import rules
from .models import AuditEvent, AuditSeal

ORDERINGS = {"newest": ["-id"]}
"""The order of the trail, as lists in pages (foundation.http.cursors) take it."""

FINDINGS = 1000
"""What a verdict names at most; the rest is counted."""

COUNTED_TO = 10_000
"""Unsealed events are counted so far and no further."""

_AT_A_TIME = 1000
"""Events in memory while many are read."""

_VALUES = """
    WITH RECURSIVE found (value) AS (
        SELECT min({column}) FROM audit_auditevent
        UNION ALL
        SELECT (SELECT min({column}) FROM audit_auditevent WHERE {column} > found.value)
          FROM found WHERE found.value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL
"""


@dataclass
class Verdict:
    """What a check of the whole chain found. `number` and `hash` are those of the last seal; 0 without any."""

    number: int = 0
    hash: str = ""
    sealed: int = 0
    unsealed: int = 0
    findings: list[rules.Finding] = field(default_factory=list)
    not_named: int = 0

    @property
    def is_good(self) -> bool:
        return not self.findings

    def _add(self, finding: rules.Finding) -> None:
        if len(self.findings) < FINDINGS:
            self.findings.append(finding)
        else:
            self.not_named += 1


def events_of(object: models.Model, *, object_id: str = "") -> QuerySet[AuditEvent]:
    """What happened to an object, newest first."""
    return AuditEvent.objects.filter(object_type=object._meta.label_lower, object_id=object_id or str(object.pk))


def how_often(objects: Sequence[models.Model]) -> dict[str, tuple[int, datetime]]:
    """Of objects of one model, by their ids: how many events there are of each, and when the last one was."""
    if not objects:
        return {}
    found = AuditEvent.objects.filter(
        object_type=objects[0]._meta.label_lower, object_id__in=[str(each.pk) for each in objects]
    )
    rows = found.order_by().values_list("object_id").annotate(Count("pk"), Max("at"))
    return {object_id: (number, at) for object_id, number, at in rows}


def events(*, types: Collection[str], by_people: bool = False) -> QuerySet[AuditEvent]:
    """What happened of these types, newest first; `by_people` leaves out what the system did by itself."""
    found = AuditEvent.objects.filter(type__in=types)
    return found.exclude(actor_id=None) if by_people else found


def search(
    *,
    type: str = "",
    actor: UUID | None = None,
    object_type: str = "",
    object_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    request_id: str = "",
) -> QuerySet[AuditEvent]:
    """The events that all of these are true of, newest first; what is left empty is not asked for.

    `until` is exclusive. An index answers each of them. Pages come from foundation.http.cursors with ORDERINGS.
    """
    wanted: dict[str, Any] = {
        "type": type,
        "actor_id": actor,
        "object_type": object_type,
        "object_id": object_id,
        "at__gte": since,
        "at__lt": until,
        "request_id": request_id,
    }
    return AuditEvent.objects.filter(**{name: value for name, value in wanted.items() if value}).order_by("-id")


def types() -> list[str]:
    """Every type of which there is an event."""
    return _values("type")


def object_types() -> list[str]:
    """Every type of object to which something happened."""
    return _values("object_type")


def _values(column: str) -> list[str]:
    """What stands in a column that an index begins with. From each value the index leads to the next: that costs as
    many steps as there are values, however many events there are."""
    with connection.cursor() as sql:
        sql.execute(_VALUES.format(column=column))
        return [value for (value,) in sql.fetchall()]


def each(found: QuerySet[AuditEvent]) -> Iterator[AuditEvent]:
    """All events of a search, however many: a thousand are in memory at a time, and no cursor stays open."""
    found = found.order_by("-id")
    rows = list(found[:_AT_A_TIME])
    yield from rows
    while len(rows) == _AT_A_TIME:
        rows = list(found.filter(id__lt=rows[-1].pk)[:_AT_A_TIME])
        yield from rows


def verify(*, expect: str = "", progress: Callable[[Verdict], None] | None = None) -> Verdict:
    """Hold the whole trail against its seals, one seal in memory at a time.

    `expect` is a hash that was the last one's at some time and was kept elsewhere: a chain that lacks it was cut
    off, or made anew from there on. What is not sealed yet cannot be checked, only counted.
    `progress` is told after each seal how far the verdict is; what it raises ends the check.
    """
    verdict = Verdict()
    before: rules.Seal | None = None
    is_expected = not expect
    for seal in _seals():
        for finding in rules.broken_links(seal, before=before):
            verdict._add(finding)
        if rules.is_whole(seal):
            for finding in rules.differences(seal, _each_up(after=_beginning(seal), last=seal.last)):
                verdict._add(finding)
        is_expected = is_expected or seal.hash == expect
        verdict.number, verdict.hash = seal.number, seal.hash
        verdict.sealed += seal.count
        before = seal
        if progress:
            progress(verdict)
    if not is_expected:
        what = f"no seal has the expected hash {expect}: the chain was cut off or made anew"
        verdict._add(rules.Finding(verdict.number, None, what))
    verdict.unsealed = range_of(after=before.last if before else None).count()
    return verdict


def highest_id() -> int:
    """Of the events that can be seen; 0 without any."""
    return AuditEvent.objects.aggregate(highest=Max("id"))["highest"] or 0


def sealed_up_to() -> int:
    """The last id that a seal covers; 0 without any."""
    return AuditSeal.objects.aggregate(last=Max("last_event"))["last"] or 0


def unsealed() -> tuple[int, datetime | None]:
    """How many events wait for a seal, counted to COUNTED_TO, and when the first of them was recorded."""
    waiting = range_of(after=sealed_up_to())
    number = waiting[:COUNTED_TO].count()
    return number, waiting.values_list("recorded_at", flat=True).first() if number else None


def last_seal() -> AuditSeal | None:
    """The newest seal, without what it holds of its events."""
    return AuditSeal.objects.defer("digests").order_by("-number").first()


def sealed(*, beyond: int = 0) -> int:
    """How many events the seals after that number hold."""
    return AuditSeal.objects.filter(number__gt=beyond).aggregate(n=Sum("count"))["n"] or 0


def sealed_at() -> datetime | None:
    """When the newest seal was made."""
    return AuditSeal.objects.order_by("-number").values_list("sealed_at", flat=True).first()


def range_of(*, after: int | None, last: int | None = None) -> QuerySet[AuditEvent]:
    """The events with after < id <= last in the order of their ids; None leaves that side open."""
    found = AuditEvent.objects.order_by("id")
    found = found if after is None else found.filter(id__gt=after)
    return found if last is None else found.filter(id__lte=last)


def as_sealed(row: AuditEvent) -> rules.Event:
    """A row as the rules know it."""
    return rules.Event(
        id=row.pk,
        at=row.at,
        recorded_at=row.recorded_at,
        actor_id=row.actor_id,
        type=row.type,
        object_type=row.object_type,
        object_id=row.object_id,
        payload=row.payload,
        request_id=row.request_id,
    )


def _beginning(seal: rules.Seal) -> int | None:
    """Where the range of a seal begins. Below the first one there is nothing, so whatever is there was put there."""
    return seal.after if seal.number > 1 else None


def _each_up(*, after: int | None, last: int) -> Iterator[rules.Event]:
    while rows := list(range_of(after=after, last=last)[:_AT_A_TIME]):
        yield from map(as_sealed, rows)
        after = rows[-1].pk


def _seals() -> Iterator[rules.Seal]:
    number = None
    while row := (AuditSeal.objects.filter(number__gt=number) if number is not None else AuditSeal.objects).first():
        yield rules.Seal(
            number=row.number,
            previous_hash=row.previous_hash,
            after=row.after_event,
            last=row.last_event,
            count=row.count,
            digests=bytes(row.digests),
            sealed_at=row.sealed_at,
            hash=row.hash,
        )
        number = row.number

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet, Sum

from . import breakers
from .models import IntegrationError


@dataclass(frozen=True)
class Standing:
    """How a service is doing: its breaker (closed: it is asked, open: it rests, half-open: one call tries it), how
    often it failed within the last hour or so, and when last. `until` is when its rest ends, if it rests."""

    service: str
    state: str
    failures: int
    last_at: datetime
    until: datetime | None = None


def errors(*, service: str = "", kind: str = "", since: datetime | None = None) -> QuerySet[IntegrationError]:
    """What failed, newest first; by (-last_at, -id), so that pages can begin after a row."""
    asked = {"service": service, "kind": kind, "last_at__gte": since}
    return IntegrationError.objects.filter(**{name: value for name, value in asked.items() if value})


def services(*, now: datetime, within: timedelta = timedelta(days=1)) -> Sequence[Standing]:
    """Every service that failed in that time, by name. Failures are kept by the hour: those of the last hour are
    those of the rows that went on within it."""
    recent = IntegrationError.objects.filter(last_at__gt=now - within).order_by("service").values("service")
    last = recent.annotate(last_at=Max("last_at"))
    hour = dict(
        recent.filter(last_at__gt=now - timedelta(hours=1))
        .annotate(failures=Sum("count"))
        .values_list("service", "failures")
    )
    return [
        Standing(
            service=(name := row["service"]),
            state=breakers.state_of(name),
            failures=hour.get(name, 0),
            last_at=row["last_at"],
            until=breakers.rests_until(name),
        )
        for row in last
    ]

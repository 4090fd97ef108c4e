"""What metrics and health say of the seals of the trail."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone
from prometheus_client.metrics_core import Metric

from project.foundation import health, metrics

from . import queries

LONGEST_WAIT = timedelta(minutes=10)
"""So long an event may wait for its seal, which is made every minute, before health says that something is wrong."""


def register() -> None:
    metrics.register("audit", lambda: tell(now=timezone.now()))
    health.register("audit", lambda: finding(now=timezone.now(), is_settling=health.is_settling()))


def tell(*, now: datetime) -> Iterator[Metric]:
    number, since = queries.unsealed()
    events = metrics.gauge("audit_unsealed_events", f"Events that wait for a seal, counted to {queries.COUNTED_TO}.")
    events.add_metric([], number)
    oldest = metrics.gauge("audit_oldest_unsealed_seconds", "How long the first of them has waited.")
    oldest.add_metric([], (now - since).total_seconds() if since else 0)
    newest = metrics.gauge("audit_newest_seal_timestamp_seconds", "When the newest seal was made; 0: never.")
    sealed_at = queries.sealed_at()
    newest.add_metric([], sealed_at.timestamp() if sealed_at else 0)
    yield from (events, oldest, newest)


def finding(*, now: datetime, is_settling: bool) -> health.Finding:
    """The trail itself is whole without its seals, so the hall is never down for them."""
    _, since = queries.unsealed()
    if since and now - since > LONGEST_WAIT and not is_settling:
        minutes = (now - since) // timedelta(minutes=1)
        return health.Finding("audit", "degraded", f"an event has waited {minutes} min for its seal")
    return health.Finding("audit", "ok")

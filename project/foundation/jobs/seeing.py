"""What metrics and health say of work in the background. All of it costs the same however many jobs there are."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from prometheus_client.metrics_core import Metric

from project.foundation import health, metrics

from . import keeper, queries
from .models import Cluster, State

LONGEST_WAIT = 60
"""Seconds that a job may be due before health says that something is wrong."""
LONGEST_SILENCE = 30
"""Seconds after which the scheduler counts as gone."""


def register() -> None:
    metrics.register("jobs", lambda: tell(now=timezone.now()))
    health.register("jobs", lambda: finding(now=timezone.now(), is_settling=health.is_settling()))


def tell(*, now: datetime) -> Iterator[Metric]:
    yield from _numbers()
    yield _pace(now)
    ages = queries.queue_ages(now=now)
    alive = [cluster.queue for cluster in queries.clusters(now=now)]
    waiting = metrics.gauge("jobs_oldest_due_seconds", "How long the first job that is due has waited.", ["queue"])
    clusters = metrics.gauge("job_clusters", "Worker clusters that live.", ["queue"])
    for queue in settings.JOB_QUEUES:
        waiting.add_metric([queue], ages.get(queue, 0))
        clusters.add_metric([queue], alive.count(queue))
    seen = metrics.gauge("scheduler_seen_timestamp_seconds", "When the scheduler last looked around; 0: not lately.")
    seen.add_metric([], _scheduler_seen() or 0)
    yield from (waiting, clusters, seen)


def finding(*, now: datetime, is_settling: bool) -> health.Finding:
    """Nothing is wrong with a hall that has only just opened, nor with one where no worker has ever been: there the
    first job that waits too long tells."""
    wrong = [] if is_settling else [*_waiting(now), *_missing(now)]
    return health.Finding("jobs", "degraded", "; ".join(wrong)) if wrong else health.Finding("jobs", "ok")


def _numbers() -> Iterator[Metric]:
    by_queue = metrics.gauge("jobs", "Jobs by queue and state.", ["queue", "state"])
    counts = queries.counts()
    for queue in settings.JOB_QUEUES:
        for state in State.values:
            by_queue.add_metric([queue, state], counts.get((queue, state), 0))
    by_kind = metrics.gauge("jobs_by_kind", "Jobs by kind and state.", ["kind", "state"])
    for (kind, state), number in queries.counts_by_kind().items():
        by_kind.add_metric([kind, state], number)
    yield from (by_queue, by_kind)


def _pace(now: datetime) -> Metric:
    """No counter: jobs that are old will be deleted one day, and that must not look like work."""
    ended = metrics.gauge("jobs_ended_last_minute", "Jobs that ended within the last whole minute.", ["state"])
    (_, succeeded, failed), _ = queries.pace(now=now, minutes=2)
    ended.add_metric([State.SUCCEEDED], succeeded)
    ended.add_metric([State.FAILED], failed)
    return ended


def _waiting(now: datetime) -> list[str]:
    ages = queries.queue_ages(now=now)
    return [f"{queue}: a job has waited for {age:.0f} s" for queue, age in ages.items() if age > LONGEST_WAIT]


def _missing(now: datetime) -> list[str]:
    seen = _scheduler_seen()
    if seen is None and not Cluster.objects.exists():
        return []
    alive = {cluster.queue for cluster in queries.clusters(now=now)}
    missing = [f"{queue}: no worker" for queue in settings.JOB_QUEUES if queue not in alive]
    if seen is not None and now.timestamp() - seen > LONGEST_SILENCE:
        ago = timedelta(seconds=round(now.timestamp() - seen))
        missing.append(f"the scheduler last looked around {ago} ago")
    return missing


def _scheduler_seen() -> float | None:
    """The instant as seconds since 1970; None when it was not seen lately, or the cache that knows is away."""
    with suppress(Exception):  # whatever the client of the cache raises: `cache` tells of it
        return keeper.last_look()
    return None

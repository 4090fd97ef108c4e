from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet, Sum

from . import rules, schedules
from .models import Cluster, Job, JobCount, JobPace, ScheduleState, State

SILENT_AFTER = timedelta(seconds=10)
"""Without a sign for so long a cluster is not counted as there."""

COUNTED_TO = 1000


@dataclass(frozen=True)
class Filter:
    """Which jobs: each field that is not empty narrows them down."""

    state: str = ""
    kind: str = ""
    queue: str = ""
    asked_by: UUID | None = None
    set_aside: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> Q:
        named = {name: value for name in ("state", "kind", "queue", "asked_by") if (value := getattr(self, name))}
        found = Q(**named)
        if self.set_aside:
            found &= Q(is_set_aside=True)
        if self.since:
            found &= Q(queued_at__gte=self.since)
        if self.until:
            found &= Q(queued_at__lt=self.until)
        return found


def jobs(wanted: Filter) -> QuerySet[Job]:
    """The newest first, without what a list does not show."""
    return Job.objects.filter(wanted.condition()).order_by("-queued_at", "-id").defer("log", "result", "error")


def number_of(wanted: Filter) -> tuple[int, bool]:
    """How many there are, and whether that is all: what the counters cannot answer is counted up to COUNTED_TO."""
    if wanted.asked_by or wanted.set_aside or wanted.since or wanted.until:
        found = jobs(wanted).order_by()[: COUNTED_TO + 1].count()
        return min(found, COUNTED_TO), found <= COUNTED_TO
    named = {name: value for name in ("state", "kind", "queue") if (value := getattr(wanted, name))}
    return JobCount.objects.filter(**named).aggregate(n=Sum("change"))["n"] or 0, True


def job(job_id: UUID) -> Job:
    """Raises Job.DoesNotExist."""
    return Job.objects.select_related("parent", "rerun_of").get(pk=job_id)


def counts() -> dict[tuple[str, str], int]:
    """How many jobs by queue and state; nothing for none."""
    rows = JobCount.objects.values_list("queue", "state").annotate(n=Sum("change")).order_by("queue", "state")
    return {(queue, state): number for queue, state, number in rows if number}


def counts_by_kind() -> dict[tuple[str, str], int]:
    """How many jobs by kind and state; nothing for none."""
    rows = JobCount.objects.values_list("kind", "state").annotate(n=Sum("change")).order_by("kind", "state")
    return {(kind, state): number for kind, state, number in rows if number}


def pace(*, now: datetime, minutes: int = 60) -> list[tuple[datetime, int, int]]:
    """For each of the last `minutes` minutes, the running one included: when it began, how many jobs ended well, and
    how many failed."""
    last = now.replace(second=0, microsecond=0)
    begins = [last - timedelta(minutes=back) for back in reversed(range(minutes))]
    found = JobPace.objects.filter(minute__gte=begins[0]).values_list("minute", "state").annotate(n=Sum("change"))
    ended = {(minute, state): number for minute, state, number in found.order_by()}
    return [(each, ended.get((each, State.SUCCEEDED), 0), ended.get((each, State.FAILED), 0)) for each in begins]


def queue_ages(*, now: datetime) -> dict[str, float]:
    """For each queue in which something is due, how many seconds the first has been due for."""
    waiting = Job.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("due_at")
    first = {
        queue: waiting.filter(queue=queue).values_list("due_at", flat=True).first() for queue in settings.JOB_QUEUES
    }
    return {queue: (now - due_at).total_seconds() for queue, due_at in first.items() if due_at}


def clusters(*, now: datetime) -> Sequence[Cluster]:
    """The worker clusters that live, by queue."""
    return list(Cluster.objects.filter(seen_at__gte=now - SILENT_AFTER).order_by("queue", "where"))


def running(limit: int = 20) -> Sequence[Job]:
    """What is being worked on, the longest first."""
    return list(Job.objects.filter(state=State.RUNNING).order_by(F("started_at"))[:limit])


def failed(limit: int = 10) -> Sequence[Job]:
    """What failed last."""
    return list(Job.objects.filter(state=State.FAILED).order_by("-queued_at", "-id").defer("log")[:limit])


@dataclass(frozen=True)
class Scheduled:
    schedule: rules.Schedule
    last_asked_for: datetime | None
    next_due: datetime
    job: Job | None


def scheduled(*, now: datetime) -> list[Scheduled]:
    """Every declared schedule with when it was last asked for, the job of then, and when it is next due."""
    states: dict[str, Any] = {state.name: state for state in ScheduleState.objects.select_related("job")}
    return [
        Scheduled(
            schedule=each,
            last_asked_for=states[each.name].asked_for if each.name in states else None,
            next_due=rules.next_due(each, now),
            job=states[each.name].job if each.name in states else None,
        )
        for each in schedules.declared()
    ]

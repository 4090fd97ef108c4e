"""What the scheduler does again and again, from any number of processes at once (see keeper.py)."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from .. import delivering, rules, schedules
from ..changes import tell
from ..models import Cluster, Job, ScheduleState, State
from .asking import enqueue

PATIENCE = timedelta(seconds=2)
"""So long a job may be due before a further delivery is sent for it."""

AT_ONCE = 200


def take_over_silent(*, now: datetime) -> list[Job]:
    """Take up the jobs of workers whose heartbeat is JOB_SILENCE seconds old, or set aside those that took down too
    many. Gives these jobs."""
    return _take_over(Q(heartbeat_at__lt=now - timedelta(seconds=settings.JOB_SILENCE)), now=now)


def give_up(*, worker: str, now: datetime) -> list[Job]:
    """The same for the job of a worker that is known to be dead. Gives these jobs."""
    return _take_over(Q(worker=worker), now=now)


def _take_over(whose: Q, *, now: datetime) -> list[Job]:
    with transaction.atomic():
        running = Job.objects.filter(whose, state=State.RUNNING).order_by("heartbeat_at")
        found = list(running.select_for_update(skip_locked=True)[:AT_ONCE])
        for job in found:
            job.crashes += 1
            job.error = f"{job.worker} was gone in attempt {job.attempt}, {job.crashes} times without progress"
            if rules.is_set_aside(job.crashes, limit=settings.JOB_CRASHES):
                job.state, job.is_set_aside, job.ended_at = State.FAILED, True, now
            else:
                job.state, job.due_at, job.worker = State.QUEUED, now, ""
                transaction.on_commit(partial(delivering.wake, job.queue))
            job.save(update_fields=["state", "crashes", "error", "is_set_aside", "ended_at", "due_at", "worker"])
            tell(job)
    return found


def top_up(*, now: datetime) -> int:
    """Send deliveries for what is due and has none: those of retries, and of any that was lost. Gives how many."""
    due = Job.objects.filter(state=State.QUEUED, due_at__lte=now)
    overdue = due.filter(due_at__lte=now - PATIENCE).values("queue").annotate(n=Count("*")).order_by("queue")
    sent = 0
    for row in overdue:
        missing = min(row["n"], AT_ONCE) - delivering.undelivered(row["queue"])
        delivering.wake(row["queue"], times=max(0, missing))
        sent += max(0, missing)
    return sent


def ask_for_due(*, now: datetime) -> list[Job]:
    """Ask for the job of every schedule that has come due since it was last asked for.

    Once for each instant, however many processes look at the clock: the row of the schedule says which instant
    was the last, and changes in the transaction that asks. After a pause only the latest instant is made up for.
    A schedule seen for the first time begins with its next instant.
    """
    known = dict(ScheduleState.objects.values_list("name", "asked_for"))
    asked = []
    for schedule in schedules.declared():
        due = rules.last_due(schedule, now)
        if schedule.name not in known:
            ScheduleState.objects.bulk_create([ScheduleState(name=schedule.name, asked_for=due)], ignore_conflicts=True)
        elif known[schedule.name] < due and (job := _ask_once(schedule, due, now)):
            asked.append(job)
    return asked


def run_now(name: str, *, asked_by: UUID | None, now: datetime) -> Job:
    """Ask for the job of a schedule by hand; its next instant stays what it was. Raises schedules.UnknownSchedule."""
    schedule = schedules.named(name)
    return enqueue(
        schedule.kind, arguments={}, asked_by=asked_by, why=f"{schedule.name}, by hand", key=_key(schedule), now=now
    )


def _ask_once(schedule: rules.Schedule, due: datetime, now: datetime) -> Job | None:
    with transaction.atomic():
        state = ScheduleState.objects.filter(name=schedule.name, asked_for__lt=due)
        if not state.update(asked_for=due):
            return None
        job = enqueue(schedule.kind, arguments={}, asked_by=None, why=schedule.why, key=_key(schedule), now=now)
        ScheduleState.objects.filter(name=schedule.name).update(job=job)
    return job


def _key(schedule: rules.Schedule) -> str:
    """One open job of a schedule at a time: while one still runs, the next instant is already answered."""
    return f"{_ROUTINE}{schedule.name}"


def give_a_sign(
    *, cluster: UUID, queue: str, where: str, worker: int, restarts: int, started_at: datetime, now: datetime
) -> None:
    """A worker cluster lives; the signs of those that fell silent long ago are taken away."""
    about = {"queue": queue, "where": where, "worker": worker, "restarts": restarts, "started_at": started_at}
    Cluster.objects.update_or_create(id=cluster, defaults=about | {"seen_at": now})
    Cluster.objects.filter(seen_at__lt=now - timedelta(minutes=5)).delete()


def fold_counts(*, now: datetime) -> None:
    """Add up the changes that triggers wrote, and forget the pace of days gone by. Readers see no difference."""
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute(_FOLD_COUNTS)
        sql.execute(_FOLD_PACE, [now - timedelta(days=2)])


def forget_routine(*, before: datetime) -> int:
    """Delete what the clock asked for and what went well, once it is old: nobody asks for the history of a seal made
    each minute. Whatever people asked for, failed, or has a history (children, reruns) stays. Gives how many."""
    routine = Job.objects.filter(state=State.SUCCEEDED, asked_by=None, key__startswith=_ROUTINE, ended_at__lt=before)
    forgotten = 0
    while old := list(routine.filter(children=None, reruns=None, rerun_of=None).values_list("pk", flat=True)[:AT_ONCE]):
        forgotten += Job.objects.filter(pk__in=old).delete()[1].get("jobs.Job", 0)
    return forgotten


_ROUTINE = "schedule "

_FOLD_COUNTS = """
WITH taken AS (DELETE FROM jobs_jobcount RETURNING kind, queue, state, change)
INSERT INTO jobs_jobcount (kind, queue, state, change)
SELECT kind, queue, state, sum(change) FROM taken GROUP BY kind, queue, state HAVING sum(change) <> 0
"""
_FOLD_PACE = """
WITH taken AS (DELETE FROM jobs_jobpace RETURNING minute, state, change)
INSERT INTO jobs_jobpace (minute, state, change)
SELECT minute, state, sum(change) FROM taken WHERE minute > %s GROUP BY minute, state
"""

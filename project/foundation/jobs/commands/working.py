"""What a worker does to the row of its job. The number of its attempt is its right to write."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from .. import rules
from ..changes import tell
from ..models import Job, State


class Superseded(Exception):
    """This attempt was given up, or the job canceled; nothing of it counts any more."""


def take(*, queue: str, worker: str, now: datetime) -> Job | None:
    """Take the job of this queue that has been due longest, and count the attempt before any work.

    None when nothing is due. Two workers never take the same one, and neither waits for the other.
    """
    with transaction.atomic():
        due = Job.objects.filter(queue=queue, state=State.QUEUED, due_at__lte=now).order_by("due_at", "id")
        job = due.select_for_update(skip_locked=True).first()
        if job is None:
            return None
        job.state, job.attempt, job.worker = State.RUNNING, job.attempt + 1, worker
        job.progress, job.progress_text, job.log = 0, "", ""
        job.started_at = job.heartbeat_at = now
        job.save(
            update_fields=[
                "state", "attempt", "worker", "progress", "progress_text", "log", "started_at", "heartbeat_at",
            ]
        )  # fmt: skip
        tell(job)
    return job


def beat(*, job_id: UUID, attempt: int, log: str, now: datetime) -> None:
    """The worker lives, and this is the tail of its log. Raises Superseded."""
    if not _mine(job_id, attempt).update(heartbeat_at=now, log=log):
        raise Superseded(f"attempt {attempt} of {job_id}")


def has_lost(*, job_id: UUID, attempt: int) -> bool:
    """Whether this attempt no longer has the job."""
    return not _mine(job_id, attempt).exists()


def report_progress(*, job_id: UUID, attempt: int, percent: int, text: str, now: datetime) -> None:
    """Say how far the work is; getting further than ever before forgives the crashes so far. Raises Superseded."""
    percent = max(0, min(percent, 100))
    with transaction.atomic():
        job = _locked(job_id, attempt)
        if percent > job.furthest:
            job.furthest, job.crashes = percent, 0
        job.progress, job.progress_text, job.heartbeat_at = percent, text[:200], now
        job.save(update_fields=["progress", "furthest", "crashes", "progress_text", "heartbeat_at"])
        tell(job)


@contextmanager
def fenced(*, job_id: UUID, attempt: int) -> Iterator[None]:
    """A transaction that holds the job: nobody can take it over meanwhile, and it commits only if this attempt
    had it. Raises Superseded."""
    with transaction.atomic():
        _locked(job_id, attempt)
        yield


def succeed(*, job_id: UUID, attempt: int, result: Any, log: str, now: datetime) -> None:
    """Raises Superseded."""
    with transaction.atomic():
        job = _locked(job_id, attempt)
        job.state, job.progress, job.furthest = State.SUCCEEDED, 100, 100
        job.result, job.error, job.log, job.ended_at = result, "", log, now
        job.save(update_fields=["state", "progress", "furthest", "result", "error", "log", "ended_at"])
        tell(job)


def fail(*, job_id: UUID, attempt: int, error: str, log: str, now: datetime) -> None:
    """End the job as failed, or let it wait for its next attempt while it may fail more often. Raises Superseded."""
    with transaction.atomic():
        job = _locked(job_id, attempt)
        job.failures += 1
        job.error = error.replace("\x00", "") or "no reason given"  # PostgreSQL refuses NUL; the reason must arrive
        job.log, job.worker = log, ""
        if job.failures < job.max_attempts:
            wait = rules.retry_delay(job.failures, dice=random.random())  # noqa: S311 (no secret)
            job.state, job.due_at = State.QUEUED, now + timedelta(seconds=wait)
        else:
            job.state, job.ended_at = State.FAILED, now
        job.save(update_fields=["state", "failures", "error", "log", "worker", "due_at", "ended_at"])
        tell(job)


def _mine(job_id: UUID, attempt: int) -> QuerySet[Job]:
    return Job.objects.filter(pk=job_id, attempt=attempt, state=State.RUNNING)


def _locked(job_id: UUID, attempt: int) -> Job:
    job = _mine(job_id, attempt).select_for_update().first()
    if job is None:
        raise Superseded(f"attempt {attempt} of {job_id}")
    return job

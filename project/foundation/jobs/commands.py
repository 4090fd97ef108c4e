from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django_q.tasks import async_task

from . import registry
from .models import Job, State

log = structlog.get_logger("project.jobs")


class Superseded(Exception):
    """This attempt was given up and another has the job; nothing of this one counts any more."""


def enqueue(
    kind: str,
    *,
    arguments: Mapping[str, Any],
    asked_by: UUID | None,
    why: str,
    now: datetime,
    key: str = "",
    parent: Job | None = None,
) -> Job:
    """Ask for a job; it is handed to its queue when the transaction commits, and never if that fails.

    `arguments` are ids, never personal data. With a `key`, asking again while the first is open gives
    that one. Raises registry.UnknownKind.
    """
    registered = registry.kind(kind)
    fields = {
        "queue": registered.queue,
        "arguments": dict(arguments),
        "max_attempts": registered.max_attempts,
        "asked_by": asked_by,
        "why": why,
        "parent": parent,
        "queued_at": now,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
    }
    with transaction.atomic():
        if key:
            open_states = (State.QUEUED, State.RUNNING)
            job, is_new = Job.objects.get_or_create(
                kind=kind, key=key, state__in=open_states, defaults=fields | {"state": State.QUEUED}
            )
        else:
            job, is_new = Job.objects.create(kind=kind, **fields), True
        if is_new:
            transaction.on_commit(lambda: _hand_over(job))
    return job


def start(*, job_id: UUID, now: datetime) -> Job | None:
    """Count the attempt and mark the job running, before any work. None when there is nothing to do."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, state=State.QUEUED).first()
        if job is None or job.attempt >= job.max_attempts:
            return None
        job.state, job.attempt = State.RUNNING, job.attempt + 1
        job.started_at = job.heartbeat_at = now
        job.save(update_fields=["state", "attempt", "started_at", "heartbeat_at"])
    return job


def report_progress(*, job_id: UUID, attempt: int, percent: int, text: str, now: datetime) -> None:
    """Raises Superseded."""
    _write(job_id, attempt, progress=max(0, min(percent, 100)), progress_text=text[:200], heartbeat_at=now)


def succeed(*, job_id: UUID, attempt: int, result: Any, now: datetime) -> None:
    """Raises Superseded."""
    _write(job_id, attempt, state=State.SUCCEEDED, progress=100, result=result, error="", ended_at=now)


def fail(*, job_id: UUID, attempt: int, error: str, now: datetime) -> None:
    """End the job as failed, or queue it again while attempts are left. Raises Superseded."""
    error = error.replace("\x00", "")  # PostgreSQL refuses it, and the reason must arrive
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.attempt < job.max_attempts:
            _write(job_id, attempt, state=State.QUEUED, error=error)
            transaction.on_commit(lambda: _hand_over(job))
        else:
            _write(job_id, attempt, state=State.FAILED, error=error or "no reason given", ended_at=now)


def _write(job_id: UUID, attempt: int, **values: Any) -> None:
    if not Job.objects.filter(pk=job_id, attempt=attempt, state=State.RUNNING).update(**values):
        raise Superseded(f"attempt {attempt} of {job_id}")


def _hand_over(job: Job) -> None:
    deliver: Any = async_task
    deliver("project.foundation.jobs.runner.run", str(job.pk), cluster=job.queue, task_name=job.kind[:100])

"""What people and other parts ask of jobs."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from .. import delivering, registry
from ..changes import tell
from ..models import ENDED, OPEN, Job, State


class StateMovedOn(Exception):
    """The job is no longer in a state in which this can be done; `state` is what it is now."""

    def __init__(self, job: Job) -> None:
        self.job, self.state = job, job.state
        super().__init__(f"{job.kind} is {job.state}")


def enqueue(
    kind: str,
    *,
    arguments: Mapping[str, Any],
    asked_by: UUID | None,
    why: str,
    now: datetime,
    key: str = "",
    parent: Job | None = None,
    due_at: datetime | None = None,
) -> Job:
    """Ask for a job; its queue is woken when the transaction commits, and never if that fails.

    `arguments` are ids, never personal data. With a `key`, asking again while the first is open gives
    that one. With `due_at` it waits until then. Raises registry.UnknownKind.
    """
    return _ask(
        registry.kind(kind),
        key=key,
        arguments=dict(arguments),
        asked_by=asked_by,
        why=why,
        parent=parent,
        queued_at=now,
        due_at=due_at or now,
    )


def rerun(*, job_id: UUID, asked_by: UUID | None, why: str, now: datetime) -> Job:
    """Ask for the same again; the first stays as it is and is named by the second.

    Raises Job.DoesNotExist, StateMovedOn while the first is open, registry.UnknownKind.
    """
    with transaction.atomic():
        first = Job.objects.select_for_update().get(pk=job_id)
        if first.state in OPEN:
            raise StateMovedOn(first)
        return _ask(
            registry.kind(first.kind),
            key=first.key,
            arguments=first.arguments,
            asked_by=asked_by,
            why=why,
            parent=first.parent,
            rerun_of=first,
            queued_at=now,
            due_at=now,
        )


def cancel(*, job_id: UUID, now: datetime) -> list[Job]:
    """End an open job and all it asked for. A worker that has one of them ends itself and its programs within
    two seconds, and nothing it still writes counts. Gives what was canceled. Raises Job.DoesNotExist, StateMovedOn.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state in ENDED:
            raise StateMovedOn(job)
        canceled, level = [], [job]
        while level:
            for each in level:
                each.state, each.ended_at = State.CANCELED, now
                each.save(update_fields=["state", "ended_at"])
                tell(each)
            canceled += level
            level = list(Job.objects.select_for_update().filter(parent__in=level, state__in=OPEN).order_by("pk"))
    return canceled


def clean_up(*, job_ids: Collection[UUID] | None = None) -> int:
    """Take jobs off the list of what was set aside: they stay as failed. Gives how many."""
    aside = Job.objects.filter(is_set_aside=True)
    with transaction.atomic():
        found = list((aside if job_ids is None else aside.filter(pk__in=job_ids)).select_for_update().order_by("pk"))
        for job in found:
            job.is_set_aside = False
            job.save(update_fields=["is_set_aside"])
            tell(job)
    return len(found)


def _ask(registered: registry.Kind, *, key: str, **fields: Any) -> Job:
    fields |= {
        "queue": registered.queue,
        "max_attempts": registered.max_attempts,
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
    }
    with transaction.atomic():
        if key:
            job, is_new = Job.objects.get_or_create(
                kind=registered.name, key=key, state__in=OPEN, defaults=fields | {"state": State.QUEUED}
            )
        else:
            job, is_new = Job.objects.create(kind=registered.name, **fields), True
        if is_new:
            tell(job)
        if is_new and job.due_at <= job.queued_at:
            transaction.on_commit(lambda: delivering.wake(job.queue))
    return job

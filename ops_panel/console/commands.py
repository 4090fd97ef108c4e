"""What operators do. Each asks for the role itself, whatever the page has shown."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import queries as accounts
from project.foundation.audit import commands as audit
from project.foundation.audit import queries as audited
from project.foundation.audit.models import AuditEvent
from project.foundation.jobs import commands as jobs
from project.foundation.jobs import registry
from project.foundation.jobs.commands import StateMovedOn
from project.foundation.jobs.models import Job
from project.foundation.jobs.queries import Filter

from . import queries
from .queries import Deed, Trail

AT_ONCE = 1000
"""Jobs that one press of a button concerns at most."""

Chosen = Collection[UUID] | Filter


@transaction.atomic
def cancel_job(*, by: Any, job_id: UUID, now: datetime) -> Job:
    """End an open job and all it asked for. Raises RoleMissing, Job.DoesNotExist, StateMovedOn."""
    accounts.require_role(accounts.Role.OPERATOR, person=by)
    job, *with_it = jobs.cancel(job_id=job_id, now=now)
    _record("job.canceled", job, by, now, {"with_it": [str(each.pk) for each in with_it]} if with_it else {})
    return job


@transaction.atomic
def rerun_job(*, by: Any, job_id: UUID, why: str, once: bool = False, now: datetime) -> Job:
    """Ask for the same again; gives the new job. With `once` a job that was run again already is left as it is.

    Raises RoleMissing, Job.DoesNotExist, StateMovedOn while the first is open, registry.UnknownKind.
    """
    accounts.require_role(accounts.Role.OPERATOR, person=by)
    if once and (first := Job.objects.select_for_update().get(pk=job_id)).reruns.exists():
        raise StateMovedOn(first)
    again = jobs.rerun(job_id=job_id, asked_by=_actor(by), why=why, now=now)
    _record("job.rerun", Job(pk=job_id), by, now, {"again": str(again.pk)})
    return again


@transaction.atomic
def clean_up_job(*, by: Any, job_id: UUID, now: datetime) -> None:
    """Take a job off the list of what was set aside. Raises RoleMissing, Job.DoesNotExist, StateMovedOn when it is not
    on it any more."""
    accounts.require_role(accounts.Role.OPERATOR, person=by)
    if not jobs.clean_up(job_ids=[job_id]):
        raise StateMovedOn(Job.objects.get(pk=job_id))
    _record("job.cleaned_up", Job(pk=job_id), by, now)


@transaction.atomic
def run_schedule(*, by: Any, name: str, now: datetime) -> Job:
    """Ask for the job of a schedule now. Raises RoleMissing, schedules.UnknownSchedule, registry.UnknownKind."""
    accounts.require_role(accounts.Role.OPERATOR, person=by)
    job = jobs.run_now(name, asked_by=_actor(by), now=now)
    _record("schedule.run", job, by, now, {"schedule": name})
    return job


@transaction.atomic
def check_trail(*, by: Any, now: datetime) -> Job:
    """Ask for a check of the whole chain of seals; while one is open, that is the one. Raises RoleMissing."""
    accounts.require_role(accounts.Role.OPERATOR, person=by)
    job = jobs.enqueue(queries.CHECK, arguments={}, asked_by=_actor(by), why="asked by hand", key="trail", now=now)
    _record("audit.check_asked_for", job, by, now)
    return job


@transaction.atomic
def export_trail(*, by: Any, wanted: Trail, form: str, now: datetime) -> Iterator[AuditEvent]:
    """What a filter finds, the newest first, read as it is asked for; what happens from now on is not in it.

    Operators and analysts may. The trail keeps that it was taken along and which part of it. Raises RoleMissing.
    """
    if not queries.may_export(by):
        raise accounts.RoleMissing(accounts.Role.ANALYST.value)
    picked = {name: str(value) for name, value in vars(wanted).items() if value}
    facts = {"form": form, "filter": picked}
    export = audit.record(
        type="audit.exported", object=AuditEvent(), object_id="trail", actor=_actor(by), now=now, payload=facts
    )
    return audited.each(queries.trail(wanted).filter(id__lt=export.pk))


@dataclass(frozen=True)
class Report:
    """What became of many jobs. `left` is how many more a filter finds, and whether that is all of them."""

    done: int = 0
    moved_on: int = 0
    not_found: int = 0
    unknown: int = 0
    left: tuple[int, bool] = (0, True)


def cancel_many(*, by: Any, jobs: Chosen, now: datetime) -> Report:
    """Raises RoleMissing."""
    return _each(Deed.CANCEL, jobs, by, lambda job_id: cancel_job(by=by, job_id=job_id, now=now))


def rerun_many(*, by: Any, jobs: Chosen, why: str = "run again with others", now: datetime) -> Report:
    """Of a filter each job is run again once only, however often and by how many it is pressed. Raises RoleMissing."""
    once = isinstance(jobs, Filter)
    return _each(Deed.RERUN, jobs, by, lambda job_id: rerun_job(by=by, job_id=job_id, why=why, once=once, now=now))


def clean_up_many(*, by: Any, jobs: Chosen, now: datetime) -> Report:
    """Raises RoleMissing."""
    return _each(Deed.CLEAN_UP, jobs, by, lambda job_id: clean_up_job(by=by, job_id=job_id, now=now))


def _each(deed: Deed, chosen: Chosen, by: Any, act: Callable[[UUID], object]) -> Report:
    """Do it to at most AT_ONCE jobs, of a filter the oldest, each in its own short transaction: nobody waits for long,
    and what has moved on meanwhile is left as it is."""
    accounts.require_role(accounts.Role.OPERATOR, person=by)
    if isinstance(chosen, Filter):
        ids = list(queries.candidates(deed, chosen)[:AT_ONCE].values_list("pk", flat=True))
    else:
        ids = list(chosen)[:AT_ONCE]
    became = Counter(_tried(act, job_id) for job_id in ids)
    left = queries.counted(queries.candidates(deed, chosen)) if isinstance(chosen, Filter) else (0, True)
    return Report(**became, left=left)


def _tried(act: Callable[[UUID], object], job_id: UUID) -> str:
    try:
        act(job_id)
    except StateMovedOn:
        return "moved_on"
    except Job.DoesNotExist:
        return "not_found"
    except registry.UnknownKind:
        return "unknown"
    return "done"


def _record(type: str, job: Job, by: Any, now: datetime, payload: dict[str, Any] | None = None) -> None:
    audit.record(type=type, object=job, actor=_actor(by), now=now, payload=payload)


def _actor(by: Any) -> UUID | None:
    """None is the system itself."""
    return by.actor_id if by is not None else None

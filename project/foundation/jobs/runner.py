"""What a worker does with one job. django-q2 calls `run` with the job's id."""

import traceback
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.utils import timezone

from . import commands, registry
from .models import Job

log = structlog.get_logger("project.jobs")


@dataclass(frozen=True)
class _Run:
    job: Job
    attempt: int

    def progress(self, percent: int, text: str = "") -> None:
        commands.report_progress(
            job_id=self.job.pk, attempt=self.attempt, percent=percent, text=text, now=timezone.now()
        )


def run(job_id: str) -> None:
    """Run a queued job once. Being called again for the same job does nothing."""
    job = commands.start(job_id=UUID(job_id), now=timezone.now())
    if job is None:
        return
    with structlog.contextvars.bound_contextvars(request_id=job.request_id, job_id=job_id, kind=job.kind):
        try:
            _attempt(job)
        except commands.Superseded:
            log.warning("job was taken over", attempt=job.attempt)


def _attempt(job: Job) -> None:
    """Do the work and say how it ended. Raises Superseded."""
    try:
        result = registry.kind(job.kind).body(_Run(job, job.attempt), **job.arguments)
        commands.succeed(job_id=job.pk, attempt=job.attempt, result=result, now=timezone.now())
        log.info("job succeeded", attempt=job.attempt)
    except commands.Superseded:
        raise
    except Exception:
        log.exception("job failed", attempt=job.attempt)
        commands.fail(job_id=job.pk, attempt=job.attempt, error=traceback.format_exc(limit=-20), now=timezone.now())

"""What is pushed to open pages when a job changes (project/foundation/live)."""

from dataclasses import dataclass

from django.db import transaction

from project.foundation import live

from .models import Job


@dataclass(frozen=True)
class JobChanged:
    """What a page shows of a job while it moves; instants as ISO 8601."""

    key: str
    state: str
    attempt: int
    progress: int
    progress_text: str
    started_at: str
    ended_at: str
    is_set_aside: bool


@dataclass(frozen=True)
class Pulse:
    """Something about jobs as a whole may look different now; at most one a second."""

    at: str


def tell(job: Job) -> None:
    """Push how the job stands now, when the transaction commits."""
    changed = JobChanged(
        key=str(job.pk),
        state=job.state,
        attempt=job.attempt,
        progress=job.progress,
        progress_text=job.progress_text,
        started_at=job.started_at.isoformat() if job.started_at else "",
        ended_at=job.ended_at.isoformat() if job.ended_at else "",
        is_set_aside=job.is_set_aside,
    )
    transaction.on_commit(lambda: live.publish(changed))

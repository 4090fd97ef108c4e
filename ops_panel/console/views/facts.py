from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from project.foundation.jobs.models import Job


@dataclass(frozen=True)
class Fact:
    """One line about a job that may change while somebody looks at it; `key` is its id on the page."""

    key: str
    label: str
    text: str


def facts(job: Job) -> list[Fact]:
    """Times are those of the reader."""
    return [
        Fact("queue", _("Queue"), job.queue),
        Fact("asked", _("Asked for"), _at(job.queued_at)),
        Fact("due", _("Due"), _at(job.due_at)),
        Fact("started", _("Started"), _at(job.started_at)),
        Fact("ended", _("Ended"), _at(job.ended_at)),
        Fact("sign", _("Last sign of life"), _at(job.heartbeat_at)),
        Fact("worker", _("Worker"), job.worker or "–"),
        Fact("failures", _("Failures"), _of(job.failures, job.max_attempts)),
        Fact("crashes", _("Crashes"), str(job.crashes)),
        Fact("furthest", _("Furthest"), f"{job.furthest} %"),
    ]


def _at(instant: datetime | None) -> str:
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M:%S}" if instant else "–"


def _of(number: Any, most: Any) -> str:
    return _("%(number)s of at most %(most)s") % {"number": number, "most": most}

"""Jobs that leave traces: in the log, in the trail, among the failures of services, in Sentry; and a feed."""

import structlog
from django.db import transaction
from django.utils import timezone

from project.foundation import live
from project.foundation.audit import commands as audit
from project.foundation.jobs.models import ScheduleState
from project.foundation.jobs.registry import Run, job
from project.foundation.outbound import Service, ServiceError

log = structlog.get_logger("project.test")


@job("seeing.traces", max_attempts=1)
def traces(run: Run, *, url: str) -> None:
    log.info("a line of the job")
    now = timezone.now()
    with transaction.atomic():
        seen = ScheduleState.objects.create(name="seeing", asked_for=now)
        audit.record(type="thing.seen", object=seen, actor=None, now=now)
    try:
        Service("Nobody", url=url, deadline=5, retries=0).call("GET", "/status")
    except ServiceError:
        log.info("as expected")


@job("seeing.breaks", max_attempts=1)
def breaks(run: Run, *, who: str, path: str) -> None:
    password = "of ben"
    raise ValueError(f"{who} looked at {path}, {len(password)}")


live.register(live.Feed("seeing.lights", of=(), may=lambda visitor, key: True, render=str))

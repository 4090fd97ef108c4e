"""The scheduler: looks at the clock, at silent workers and at what waits, once a second.

Any number may run: each step is one that two can do at once without doing it twice.
"""

import time
from threading import Event

import structlog
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils import timezone

from project.foundation import live

from . import commands, queries
from .changes import Pulse

log = structlog.get_logger("project.jobs")

EVERY = 1.0
FOLD_EVERY = 10.0
SEEN = "jobs-scheduler-seen"
"""Where the scheduler leaves in the cache when it last looked around."""


def keep(stop: Event) -> None:
    """Go round until `stop` is set. A database that is away is waited for."""
    shown: object = None
    next_fold = 0.0
    while not stop.is_set():
        started = time.monotonic()
        try:
            shown = tick(shown, fold=started >= next_fold)
            next_fold = started + FOLD_EVERY if started >= next_fold else next_fold
        except DatabaseError as error:
            connection.close()
            log.warning("the scheduler waits for the database", error=type(error).__name__)
        stop.wait(max(0.05, EVERY - (time.monotonic() - started)))


def tick(shown: object = None, *, fold: bool = False) -> object:
    """One round. Gives what the pages show of jobs as a whole, to be compared in the next round."""
    now = timezone.now()
    for job in commands.take_over_silent(now=now):
        log.warning("a worker fell silent", job_id=str(job.pk), kind=job.kind, state=job.state, crashes=job.crashes)
    for job in commands.ask_for_due(now=now):
        log.debug("a schedule is due", job_id=str(job.pk), kind=job.kind)
    commands.top_up(now=now)
    if fold:
        commands.fold_counts(now=now)
    _leave_a_sign(now.timestamp())
    counts = queries.counts()
    if counts != shown:
        live.publish(Pulse(at=now.isoformat(timespec="milliseconds")))
    return counts


def last_look() -> float | None:
    """When a scheduler last looked around, in seconds since 1970; None when that was more than an hour ago. Raises
    whatever the client of the cache does."""
    seen: float | None = cache.get(SEEN)
    return seen


def _leave_a_sign(at: float) -> None:
    try:
        cache.set(SEEN, at, 3600)
    except Exception as error:  # the cache is no reason to stop looking after jobs
        log.warning("the cache is away", error=type(error).__name__)

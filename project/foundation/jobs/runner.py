"""What a worker does when it is woken. django-q2 calls `work` with the name of the queue."""

import logging
import os
import threading
import time
import traceback
from collections import deque
from contextlib import AbstractContextManager, suppress

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from project.foundation import telemetry

from . import commands, processes, registry
from .models import Job

log = structlog.get_logger("project.jobs")

LOOK = 1.0
"""Seconds between two looks whether the job is still ours."""
BEAT = settings.JOB_SILENCE / 4
"""Seconds between two heartbeats."""
GRACE = 0.7
"""Seconds that a body has to notice by itself that it lost its job, before its process is ended."""
PAUSE = 0.5
"""Seconds between two reports of progress that are written down; those in between are dropped."""
LINES = 200
"""Lines of the log that are kept."""


def work(queue: str) -> None:
    """Take what has been due longest and run it. Being woken for nothing does nothing."""
    job = commands.take(queue=queue, worker=processes.name_of(os.getpid()), now=timezone.now())
    if job is None:
        return
    said = {"request_id": job.request_id, "job_id": str(job.pk), "kind": job.kind}
    with structlog.contextvars.bound_contextvars(**said), telemetry.span(f"job {job.kind}", **said):
        try:
            _attempt(job)
        except commands.Superseded:
            log.warning("job was taken over", attempt=job.attempt)


def _attempt(job: Job) -> None:
    """Do the work and say how it ended. Raises Superseded."""
    with _Tail() as tail, _Watch(job, tail) as watch:
        try:
            result = registry.kind(job.kind).body(_Run(job, watch), **job.arguments)
            log.info("job succeeded", attempt=job.attempt)
            commands.succeed(job_id=job.pk, attempt=job.attempt, result=result, log=tail.text(), now=timezone.now())
        except commands.Superseded:
            raise
        except Exception:
            log.exception("job failed", attempt=job.attempt)
            error = traceback.format_exc(limit=-20)
            commands.fail(job_id=job.pk, attempt=job.attempt, error=error, log=tail.text(), now=timezone.now())


class _Run:
    """What the body gets: registry.Run."""

    def __init__(self, job: Job, watch: "_Watch") -> None:
        self.job = job
        self.attempt = job.attempt
        self._watch = watch
        self._next_report = 0.0

    def progress(self, percent: int, text: str = "") -> None:
        self._watch.check()
        if time.monotonic() < self._next_report:
            return
        self._next_report = time.monotonic() + PAUSE
        commands.report_progress(
            job_id=self.job.pk, attempt=self.attempt, percent=percent, text=text, now=timezone.now()
        )

    def fenced(self) -> AbstractContextManager[None]:
        return commands.fenced(job_id=self.job.pk, attempt=self.attempt)


class _Tail(logging.Handler):
    """The last lines of what this process logs while it has the job."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[str] = deque(maxlen=LINES)

    def __enter__(self) -> "_Tail":
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        said = record.msg
        if isinstance(said, dict):  # an entry of structlog, before it is made into a line
            about = {name: value for name, value in said.items() if name not in _KNOWN}
            text = " ".join([str(said.get("event", "")), *(f"{name}={value}" for name, value in about.items())])
        else:
            text = record.getMessage()
        moment = time.strftime("%H:%M:%S", time.gmtime(record.created))
        self._lines.append(f"{moment} {record.levelname:<7} {text}".replace("\x00", ""))

    def text(self) -> str:
        with self.lock or threading.RLock():
            return "\n".join(self._lines)


_KNOWN = {"event", "level", "logger", "timestamp", "job_id", "kind", "request_id", "trace_id", "exc_info"}
"""What each line of one job would repeat."""


class _Watch(threading.Thread):
    """Says beside the body that its worker lives, and ends the process when the job is no longer ours.

    A body that computes, waits or talks to a database cannot be interrupted from inside; the process can. All
    programs that it started end with it.
    """

    def __init__(self, job: Job, tail: _Tail) -> None:
        super().__init__(name=f"watch of {job.pk}", daemon=True)
        self._job, self._tail = job, tail
        self._is_over, self._is_lost = threading.Event(), threading.Event()
        self._until = time.monotonic() + _timeout(job)

    def __enter__(self) -> "_Watch":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()

    def check(self) -> None:
        """Raises Superseded as soon as it is known that the job is lost."""
        if self._is_lost.is_set():
            raise commands.Superseded(f"attempt {self._job.attempt} of {self._job.pk}")

    def run(self) -> None:
        next_beat = time.monotonic() + BEAT
        try:
            while not self._is_over.wait(LOOK):
                try:
                    self._look(beat=time.monotonic() >= next_beat)
                except commands.Superseded:
                    self._end()
                    return
                except DatabaseError:  # away for a moment; if for longer, somebody else takes over
                    connection.close()
                    continue
                if time.monotonic() >= next_beat:
                    next_beat = time.monotonic() + BEAT
        finally:
            with suppress(DatabaseError):
                connection.close()

    def _look(self, *, beat: bool) -> None:
        job_id, attempt = self._job.pk, self._job.attempt
        if time.monotonic() > self._until:
            error = f"took longer than {_timeout(self._job):g} s"
            commands.fail(job_id=job_id, attempt=attempt, error=error, log=self._tail.text(), now=timezone.now())
            raise commands.Superseded(error)
        if beat:
            commands.beat(job_id=job_id, attempt=attempt, log=self._tail.text(), now=timezone.now())
        elif commands.has_lost(job_id=job_id, attempt=attempt):
            raise commands.Superseded(f"attempt {attempt} of {job_id}")

    def _end(self) -> None:
        self._is_lost.set()
        if not self._is_over.wait(GRACE):
            processes.kill_family(os.getpid())


def _timeout(job: Job) -> float:
    with suppress(registry.UnknownKind):
        return registry.kind(job.kind).timeout
    return 60.0

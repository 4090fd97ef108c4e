"""Failures on their way into the database.

They must arrive although the transaction that saw them is rolled back or broken, and whoever saw them must not wait:
so they are gathered, equal ones together, and written by a thread that lives as long as there are any, on a connection
of its own. It is no daemon: a process that ends waits for it.
"""

import os
import threading
from datetime import datetime, timedelta

import structlog
from django.db import connection

from .failures import Failure, ServiceError

log = structlog.get_logger("project.outbound")

MOST = 1000
"""Different failures that may wait; a database that is gone for long must not cost us our memory."""


def note(error: ServiceError, *, method: str, path: str, now: datetime) -> None:
    """Have a failure written, soon. Raises nothing, whatever is broken."""
    said = structlog.contextvars.get_contextvars()
    _recorder.take(
        Failure(
            service=error.service,
            kind=error.kind,
            method=method,
            path=path,
            status=error.status,
            message=str(error)[:500],
            request_id=str(said.get("request_id", ""))[:64],
            job_id=str(said.get("job_id", ""))[:64],
            first_at=now,
            last_at=now,
        )
    )


def written() -> int:
    """How many failures this process has written since it began, equal ones within a moment counted once."""
    return _recorder.written


def wait(*, within: timedelta = timedelta(seconds=5)) -> None:
    """Until what was noted is written, or given up."""
    _recorder.wait(within)


class _Recorder:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[object, Failure] = {}
        self._writer: threading.Thread | None = None
        self.written = 0

    def take(self, failure: Failure) -> None:
        with self._lock:
            before = self._waiting.get(failure.key)
            if before is None and len(self._waiting) >= MOST:
                return
            self._waiting[failure.key] = before.once_more(failure) if before else failure
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="outbound-recorder")
                try:
                    self._writer.start()
                except RuntimeError:  # the process ends
                    self._writer = None

    def wait(self, within: timedelta) -> None:
        with self._lock:
            writer = self._writer
        if writer:
            writer.join(within.total_seconds())

    def _write(self) -> None:
        while batch := self._next():
            try:
                _record(batch)
                self.written += len(batch)
            except Exception as error:
                log.warning("failures of services are not written", error=type(error).__name__, failures=len(batch))
        connection.close()

    def _next(self) -> list[Failure]:
        with self._lock:
            batch = list(self._waiting.values())
            self._waiting.clear()
            if not batch:
                self._writer = None
            return batch


def _record(batch: list[Failure]) -> None:
    from . import commands  # models are not ready yet when Django imports this package

    commands.record_failures(failures=batch)


def _renew() -> None:
    """A process that forks takes no threads along, and perhaps a lock that nobody will open."""
    global _recorder
    _recorder = _Recorder()


_recorder = _Recorder()
os.register_at_fork(after_in_child=_renew)

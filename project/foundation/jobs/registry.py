"""What kinds of jobs there are. Apps register theirs in `tasks.py`, which is found when Django starts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings


class Run(Protocol):
    """What a job body may say about itself while it works. Each raises Superseded when another worker has the job
    now, or somebody has canceled it: let it pass, there is nothing left to do."""

    attempt: int

    def progress(self, percent: int, text: str = "") -> None:
        """Say how far the work is. A body that goes on from there after a crash is never set aside for it."""

    def fenced(self) -> AbstractContextManager[None]:
        """A transaction that commits only while this attempt has the job: for effects that must happen once."""


Body = Callable[..., Any]


@dataclass(frozen=True)
class Kind:
    name: str
    body: Body
    queue: str
    max_attempts: int
    timeout: float
    """Seconds after which an attempt counts as failed and its processes are ended."""


class UnknownKind(LookupError):
    """No app has registered this kind of job."""


_kinds: dict[str, Kind] = {}


def job(
    name: str, *, queue: str = "default", max_attempts: int = 3, timeout: float | None = None
) -> Callable[[Body], Body]:
    """Register a function `body(run, **arguments)` as a kind of job; what it returns is the job's result (JSON).

    `max_attempts`: how often the body may raise. `timeout`: seconds, JOB_TIMEOUT where none is given.
    """

    def register(body: Body) -> Body:
        if name in _kinds and _written_at(_kinds[name].body) != _written_at(body):
            raise ValueError(f"two jobs are called {name}")
        _kinds[name] = Kind(name, body, queue, max_attempts, timeout or settings.JOB_TIMEOUT)
        return body

    return register


def kind(name: str) -> Kind:
    """The registered kind. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def names() -> list[str]:
    return sorted(_kinds)


def _written_at(body: Body) -> tuple[str, str]:
    """Where a function is written: the same when its module is loaded again."""
    return body.__module__, body.__qualname__

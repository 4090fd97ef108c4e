"""What kinds of jobs there are. Apps register theirs in `tasks.py`, which is found when Django starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Run(Protocol):
    """What a job body may say about itself while it works."""

    attempt: int

    def progress(self, percent: int, text: str = "") -> None:
        """Say how far the work is. Raises Superseded when another worker has taken the job over."""


Body = Callable[..., Any]


@dataclass(frozen=True)
class Kind:
    name: str
    body: Body
    queue: str
    max_attempts: int


class UnknownKind(LookupError):
    """No app has registered this kind of job."""


_kinds: dict[str, Kind] = {}


def job(name: str, *, queue: str = "default", max_attempts: int = 3) -> Callable[[Body], Body]:
    """Register a function `body(run, **arguments)` as a kind of job; what it returns is the job's result (JSON)."""

    def register(body: Body) -> Body:
        if name in _kinds and _written_at(_kinds[name].body) != _written_at(body):
            raise ValueError(f"two jobs are called {name}")
        _kinds[name] = Kind(name, body, queue, max_attempts)
        return body

    return register


def kind(name: str) -> Kind:
    """The registered kind. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(name) from None


def _written_at(body: Body) -> tuple[str, str]:
    """Where a function is written: the same when its module is loaded again."""
    return body.__module__, body.__qualname__

"""The ways in which a service can fail us. No text here holds what may be secret."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum


class Kind(StrEnum):
    UNREACHABLE = "unreachable"  # no such name, nobody at the port, no trusted certificate
    TIMEOUT = "timeout"
    CUT = "cut"  # the connection ended before the answer did
    BROKEN = "broken"  # 5xx
    RESTING = "resting"  # it failed too often a moment ago and was not asked
    THROTTLED = "throttled"
    REFUSED = "refused"
    REDIRECTED = "redirected"
    GARBLED = "garbled"
    TOO_LARGE = "too_large"
    UNSAFE = "unsafe"  # an address that a user gave and that is not public


class ServiceError(Exception):
    """A call to another service brought nothing; the text says which and why.

    `status` is that of HTTP, 0 when there was no answer. `retry_after` is how many seconds the service wants to be
    left alone, where it said so.
    """

    def __init__(
        self, service: str, why: str, *, kind: Kind, status: int = 0, body: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(f"{service}: {why}")
        self.service = service
        self.kind = kind
        self.status = status
        self.body = body
        self.retry_after = retry_after


class Unavailable(ServiceError):
    """It did not answer in time, or broke down (5xx), or rests because it did so before."""


class Refused(ServiceError):
    """It answered, and not with what was asked for: 4xx or a redirect. `body` is the start of what it said."""


class Throttled(ServiceError):
    """We ask too often (429)."""


class Garbled(ServiceError):
    """It answered with something that cannot be read: not JSON, half of it, another shape, too much."""


class UnsafeAddress(ServiceError):
    """An address that a user gave leads where no user may send us."""


@dataclass(frozen=True)
class Failure:
    """One failure, `count` times between two instants of one hour (UTC)."""

    service: str
    kind: str
    method: str
    path: str
    status: int
    message: str
    request_id: str
    job_id: str
    first_at: datetime
    last_at: datetime
    count: int = 1

    @property
    def hour(self) -> datetime:
        return self.first_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

    @property
    def key(self) -> tuple[str, str, str, str, int, datetime]:
        return self.service, self.kind, self.method, self.path, self.status, self.hour

    def once_more(self, later: "Failure") -> "Failure":
        return replace(later, first_at=self.first_at, count=self.count + later.count)

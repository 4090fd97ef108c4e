"""What all processes remember together, in Redis; while it does not answer, each remembers for itself."""

import time
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from redis import Redis, exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger("project.outbound")

PATIENCE = 0.25
"""Seconds that a call waits for Redis at most."""

PAUSE = 5
"""Seconds for which Redis is left alone after it did not answer: of all calls only one in that time waits."""


class Forgiving(Redis):
    """Fails at once for a while after it failed."""

    paused_until = 0.0

    @property
    def is_paused(self) -> bool:
        return time.monotonic() < self.paused_until

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if self.is_paused:
            raise exceptions.ConnectionError("left alone")
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (exceptions.ConnectionError, exceptions.TimeoutError) as error:
            self.paused_until = time.monotonic() + PAUSE
            log.warning("breakers and budgets are not shared", error=type(error).__name__, seconds=PAUSE)
            raise


def redis() -> Forgiving:
    return _connected(settings.REDIS_URL)


@cache
def _connected(url: str) -> Forgiving:
    connected = Forgiving.from_url(
        url, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
    )
    assert isinstance(connected, Forgiving)
    return connected

"""A service that failed too often in a row is not asked for a while, by no process; then one call tries it.

The states are pybreaker's. Its `call` is used for outcomes only, not around a request: it lets one thread at a time
through, and a service that hangs would make everybody queue.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import structlog
from pybreaker import (
    STATE_CLOSED,
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitMemoryStorage,
    CircuitRedisStorage,
)
from redis.exceptions import RedisError

from . import shared

log = structlog.get_logger("project.outbound")


class Resting(Exception):
    """The service was not asked."""


class Breaker:
    """Opens after `failures` in a row (0: never), rests for `rest` seconds, then lets one call try.

    `trial` is how long that call may take, in seconds; when its process dies another may try after that.
    """

    def __init__(
        self, service: str, *, failures: int, rest: float, trial: float, counts: Callable[[Exception], bool]
    ) -> None:
        self.service = service
        self.failures = failures
        self.rest = rest
        self.trial = trial
        self._counts = counts
        self._alone = self._made(CircuitMemoryStorage(STATE_CLOSED))
        self._alone_trial_until = 0.0
        self._shared: tuple[shared.Forgiving, CircuitBreaker] | None = None
        self._lock = threading.Lock()

    def guard[Answer](self, ask: Callable[[], Answer]) -> Answer:
        """Ask. Raises Resting, and what `ask` raises."""
        if not self.failures:
            return ask()
        used = self._admitted()
        try:
            answer = ask()
        except Exception as error:
            self._ended(used, error if self._counts(error) else None)
            raise
        self._ended(used, None)
        return answer

    def _admitted(self) -> CircuitBreaker:
        """What was asked for permission, and must hear of the outcome. Raises Resting."""
        used = self._used()
        with suppress(RedisError):  # gone in between: then everybody may ask
            state = used.current_state
            if state != STATE_CLOSED:
                if (state == STATE_OPEN and self._rests(used)) or not self._takes_trial(used):
                    raise Resting
                used.half_open()
        return used

    def _ended(self, used: CircuitBreaker, error: Exception | None) -> None:
        with suppress(RedisError, CircuitBreakerError):  # CircuitBreakerError: opened by somebody else meanwhile
            if error is not None:
                with suppress(type(error)):
                    used.call(_fails, error)
                if used.current_state == STATE_OPEN:
                    log.warning("service is left in peace", service=self.service, seconds=self.rest)
                    self._gives_trial_back(used)
            elif used.current_state != STATE_CLOSED or used.fail_counter:
                used.call(_works)
                self._gives_trial_back(used)

    def _rests(self, used: CircuitBreaker) -> bool:
        opened_at = used._state_storage.opened_at
        return opened_at is not None and datetime.now(UTC) < opened_at + timedelta(seconds=self.rest)

    def _used(self) -> CircuitBreaker:
        redis = shared.redis()
        with self._lock, suppress(RedisError):
            if self._shared is None or self._shared[0] is not redis:
                storage = _SharedStorage(STATE_CLOSED, redis, namespace=_namespace(self.service))
                storage.rest = self.rest
                self._shared = redis, self._made(storage)
            if not redis.is_paused:
                return self._shared[1]
        return self._alone

    def _made(self, storage: CircuitMemoryStorage | CircuitRedisStorage) -> CircuitBreaker:
        return CircuitBreaker(
            fail_max=self.failures, reset_timeout=self.rest, state_storage=storage, throw_new_error_on_trip=False
        )

    def _takes_trial(self, used: CircuitBreaker) -> bool:
        if used is self._alone:
            with self._lock:
                is_free = time.monotonic() > self._alone_trial_until
                self._alone_trial_until = time.monotonic() + self.trial if is_free else self._alone_trial_until
                return is_free
        return bool(shared.redis().set(self._trial_key, "1", nx=True, px=int(self.trial * 1000) + 1))

    def _gives_trial_back(self, used: CircuitBreaker) -> None:
        if used is self._alone:
            self._alone_trial_until = 0.0
        else:
            shared.redis().delete(self._trial_key)

    @property
    def _trial_key(self) -> str:
        return f"{_namespace(self.service)}:trial"


def state_of(service: str) -> str:
    """closed, open or half-open, as all processes see it; closed while Redis is gone."""
    try:
        found = shared.redis().get(f"{_namespace(service)}:{CircuitRedisStorage.BASE_NAMESPACE}:state")
    except RedisError:
        return STATE_CLOSED
    return found.decode() if isinstance(found, bytes) else STATE_CLOSED


def rests_until(service: str) -> datetime | None:
    """When the rest of a service that is open ends, which may be over: then the next call tries it. None while it is
    not open, and while Redis is gone."""
    if state_of(service) != STATE_OPEN:
        return None
    name = f"{_namespace(service)}:{CircuitRedisStorage.BASE_NAMESPACE}"
    try:
        found: Any = shared.redis().mget(f"{name}:opened_at", f"{name}:rest")
    except RedisError:
        return None
    return datetime.fromtimestamp(sum(map(float, found)), UTC) if all(found) else None


class _SharedStorage(CircuitRedisStorage):
    """pybreaker's, which keeps whole seconds and would cut a short rest by up to one."""

    logger = logging.getLogger("project.outbound.breakers.redis")  # `shared` says once that Redis is gone
    logger.setLevel(logging.CRITICAL + 1)
    rest = 0.0

    @property
    def opened_at(self) -> datetime | None:
        found = self._redis.get(self._namespace("opened_at"))
        return datetime.fromtimestamp(float(found), UTC) if isinstance(found, bytes) else None

    @opened_at.setter
    def opened_at(self, now: datetime) -> None:
        self._redis.mset({self._namespace("opened_at"): now.timestamp(), self._namespace("rest"): self.rest})


def _namespace(service: str) -> str:
    return f"outbound:{service}"


def _fails(error: Exception) -> NoReturn:
    raise error


def _works() -> None: ...

"""Services that the operator has configured, and addresses that a user gave: two doors, one manner."""

import json as json_
import random
import ssl
from collections.abc import Callable, Collection, Mapping
from typing import Any

import httpcore
import structlog
import tenacity
from django.utils import timezone

from . import addresses, budget, recorder, rules, tally, wire
from .breakers import Breaker, Resting
from .exchange import Answer, Ask, Exchange
from .failures import Garbled, Kind, ServiceError, Unavailable, UnsafeAddress

__all__ = ["Answer", "PublicService", "Service"]

log = structlog.get_logger("project.outbound")

LARGEST = 10_000_000
"""Bytes of an answer, unless a service says otherwise."""

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do the same done twice (RFC 9110, 9.2.2)."""

WORTH_REPEATING = frozenset({Kind.UNREACHABLE, Kind.TIMEOUT, Kind.CUT, Kind.BROKEN, Kind.THROTTLED})

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
"""Seconds; the pause before a repetition is rolled between nothing and a limit that doubles."""


class Service:
    """A service that the operator has configured, by its name and address, which may be private.

    `deadline` is how long a whole call may take, in seconds: connecting, every byte of the answer, repetitions and
    the pauses before them. `patience`, if given, is how long one try may take.
    After `failures` in a row of the kinds in `counts` the service is left in peace for `rest` seconds; 0 means never.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str,
        headers: Mapping[str, str] | None = None,
        deadline: float,
        patience: float | None = None,
        retries: int = 2,
        failures: int = 5,
        rest: float = 60,
        counts: tuple[type[ServiceError], ...] = (Unavailable, Garbled),
        largest: int = LARGEST,
    ) -> None:
        self.name = name
        self.deadline = deadline
        self.patience = deadline if patience is None else patience
        self.retries = retries
        self._exchange = Exchange(name, network=wire.Network(), largest=largest, url=url, headers=headers)
        self._breaker = Breaker(
            name,
            failures=failures,
            rest=rest,
            trial=self.patience,
            counts=lambda error: isinstance(error, counts),
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        shape: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Send JSON (or `content`) and receive JSON, None for an empty answer. Raises ServiceError.

        `shape` makes of the answer what the caller needs; when it stumbles (KeyError, TypeError, ValueError and the
        like) the answer is Garbled. `repeatable` says that this POST or PATCH does no harm when it is done twice.
        """
        ask = Ask(method, path, json, params, content, headers or {})
        return self._call(ask, repeatable=repeatable, read=lambda answer: self._read(answer, shape))

    def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        expect: Collection[int] = (),
    ) -> Answer:
        """The answer as it came, with status and headers; `expect` are statuses beside 2xx that are good answers.
        Raises ServiceError."""
        ask = Ask(method, path, json, params, content, headers or {}, expect)
        answer: Answer = self._call(ask, repeatable=repeatable, read=lambda answer: answer)
        return answer

    def close(self) -> None:
        self._exchange.close()

    def _call(self, ask: Ask, *, repeatable: bool | None, read: Callable[[Answer], Any]) -> Any:
        if not ask.url.startswith("/") or ask.url.startswith("//"):
            raise ValueError(f"{self.name}: a path begins with one slash")  # else the keys could go elsewhere

        def attempt() -> Any:
            return self._breaker.guard(lambda: read(self._exchange.send(ask, seconds=self.patience)))

        may_repeat = self.retries > 0 and (ask.method in HARMLESS if repeatable is None else repeatable)
        with wire.within(self.deadline):
            try:
                found = self._repeating(attempt) if may_repeat else attempt()
            except Resting:
                tally.count(self.name, Kind.RESTING)
                raise Unavailable(self.name, "out of order a moment ago", kind=Kind.RESTING) from None
            except ServiceError as error:
                _note(error, ask.method, rules.pattern(ask.path))
                raise
        tally.count(self.name, tally.GOOD)
        return found

    def _repeating(self, attempt: Callable[[], Any]) -> Any:
        """Raises Resting when not even the first try was made, else what the last one saw."""
        failed: list[ServiceError] = []

        def once() -> Any:
            try:
                return attempt()
            except ServiceError as error:
                failed.append(error)
                raise

        def is_enough(state: tenacity.RetryCallState) -> bool:
            is_last = state.attempt_number > self.retries or state.upcoming_sleep >= wire.left()
            return is_last or not budget.take(self.name)

        budget.count(self.name)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_worth_repeating), stop=is_enough, wait=_pause, reraise=True
        )
        try:
            return retrying(once)
        except Resting:
            if failed:
                raise failed[-1] from None
            raise

    def _read(self, answer: Answer, shape: Callable[[Any], Any] | None) -> Any:
        try:
            found = json_.loads(answer.content) if answer.content else None
        except (ValueError, RecursionError):
            raise Garbled(self.name, "the answer is not JSON", kind=Kind.GARBLED, status=answer.status) from None
        if shape is None:
            return found
        try:
            return shape(found)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            why = f"the answer has another shape ({type(error).__name__})"
            raise Garbled(self.name, why, kind=Kind.GARBLED, status=answer.status) from None


class PublicService:
    """Addresses that a user gave (a push endpoint, an import), all for one purpose, which is the name.

    https on port 443 only, and http on port 80 where `http` says so; `ports` are others that are allowed. Every
    address of the host must be public, and the connection is made to one of those that were looked at. There are no
    repetitions and no breaker: one user's dead address must not shut out the others. Nothing of the address is noted.
    """

    def __init__(
        self,
        name: str,
        *,
        deadline: float,
        http: bool = False,
        ports: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
        largest: int = LARGEST,
        resolve: wire.Resolve = wire.resolve,
        dial: httpcore.NetworkBackend | None = None,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        self.name = name
        self.deadline = deadline
        self._schemes = {"https", "http"} if http else {"https"}
        self._ports = {443, *ports} | ({80} if http else set())
        self._exchange = Exchange(
            name,
            network=wire.Network(resolve=resolve, judge=addresses.judge, dial=dial),
            largest=largest,
            headers=headers,
            verify=verify,
            keep=False,
        )

    def ask(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, if it is 2xx. Raises ServiceError, of which UnsafeAddress is for whoever gave the address."""
        try:
            checked = addresses.checked(url, schemes=self._schemes, ports=self._ports)
            ask = Ask(method, str(checked), json, None, content, headers or {})
            answer = self._exchange.send(ask, seconds=self.deadline)
            tally.count(self.name, tally.GOOD)
            return answer
        except addresses.Unsafe as reason:
            error: ServiceError = UnsafeAddress(self.name, str(reason), kind=Kind.UNSAFE)
        except ServiceError as failed:
            error = failed
        _note(error, method, "")
        raise error

    def close(self) -> None:
        self._exchange.close()


def _is_worth_repeating(error: BaseException) -> bool:
    return isinstance(error, ServiceError) and error.kind in WORTH_REPEATING


def _pause(state: tenacity.RetryCallState) -> float:
    """Seconds: rolled anew each time, so that many callers do not come back together, and never sooner than the
    service asked for."""
    error = state.outcome.exception() if state.outcome else None
    limit = min(FIRST_PAUSE * 2 ** (state.attempt_number - 1), LONGEST_PAUSE)
    asked_for = error.retry_after if isinstance(error, ServiceError) and error.retry_after else 0.0
    return asked_for + random.uniform(0, limit)  # noqa: S311 - nobody gains by guessing it


def _note(error: ServiceError, method: str, path: str) -> None:
    log.warning("service failed", service=error.service, failure=error.kind, status=error.status, path=path)
    tally.count(error.service, error.kind)
    recorder.note(error, method=method, path=path, now=timezone.now())

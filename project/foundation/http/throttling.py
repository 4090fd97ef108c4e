"""How often somebody may ask in a while, counted by all processes together in Redis.

The window moves: in no minute does anybody get more than the limit, and what was refused does not count.
When Redis does not answer, nothing is counted and everything goes on (docs/decisions/0015).
"""

import functools
import ipaddress
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from redis.exceptions import RedisError

from project.foundation import metrics
from project.foundation.http.problems import Problem, problem

log = structlog.get_logger(__name__)
THROTTLED = metrics.counter("throttled", "Requests that were one too many.", ["scope"])
for each in settings.THROTTLES:
    THROTTLED.labels(each)  # at nought, so that the first refusal is seen as one more

MINUTE = 60
PATIENCE = 0.25
"""Seconds that a request waits for Redis at most."""
PAUSE = 5
"""Seconds for which Redis is left alone after it did not answer: of all requests only one in that time waits."""


@dataclass(frozen=True)
class Standing:
    """Where somebody stands with one limit. `reset` is in how many seconds one more request is free again.

    `place` is what was taken, for `give_back`: the key in Redis and the instant."""

    scope: str
    limit: int
    remaining: int
    reset: int
    is_over: bool
    place: tuple[str, float] | None = None


class Throttles:
    """Counts whatever asks the API, whether it is answered or refused, and says in headers what is left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if found := standings(request):
            say(response, found)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Signing in from the app is no reading: strangers there have a limit of their own, for a hall in one place."""
        if not _is_api(request) and not _is_entrance(request):
            return None
        stranger = "anonymous" if _is_api(request) else "entrance"
        return refusal(request, scope="user" if request.user.is_authenticated else stranger)


def throttled(scope: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a page, or an operation of the API (in `decorate_view`), be asked only so often, beside other limits."""

    def around(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            return refusal(request, scope=scope) or view(request, *args, **kwargs)

        return answer

    return around


def refusal(request: HttpRequest, *, scope: str) -> HttpResponse | None:
    """Count this request; the answer 429 when it is one too many, else None."""
    standing = counted(scope=scope, who=_who(request))
    if standing is None:
        return None
    standings(request).append(standing)
    if not standing.is_over:
        return None
    THROTTLED.labels(scope).inc()
    why = f"{standing.limit} requests a minute ({scope}) are allowed. Try again in {standing.reset} s."
    return too_many(request, why=why, seconds=standing.reset)


def too_many(
    request: HttpRequest, *, why: str, seconds: int, template: str = "429.html", context: dict[str, Any] | None = None
) -> HttpResponse:
    """429 as whoever asks reads it: problem details, allauth's few words for the app, or a page."""
    response: HttpResponse
    if _is_api(request):
        response = problem(request, Problem(429, "too_many_requests", why))
    elif _is_entrance(request):
        response = JsonResponse({"status": 429}, status=429)
    else:
        response = render(request, template, context, status=429)
    response["Retry-After"] = str(seconds)
    return response


def counted(*, scope: str, who: str) -> Standing | None:
    """Count one request against a limit (settings.THROTTLES). None when there is no such limit or nobody to count."""
    return taken(scope=scope, who=who, limit=settings.THROTTLES[scope], seconds=MINUTE)


def taken(*, scope: str, who: str, limit: int, seconds: int) -> Standing | None:
    """Take one of `limit` places that each are free again after so many seconds. None when nobody counts."""
    window = _window(settings.REDIS_URL)
    if limit < 1 or time.monotonic() < window.paused_until:
        return None
    now = time.time()
    key = RateLimitItemPerSecond(limit, seconds).key_for(scope, who)
    try:
        is_free, oldest, count = window.take(key, limit=limit, seconds=seconds, now=now)
    except RedisError as error:
        _pause(window, error)
        return None
    reset = min(max(math.ceil(oldest + seconds - now), 1), seconds)
    place = (key, now) if is_free else None
    return Standing(scope, limit, max(limit - count, 0), reset, is_over=not is_free, place=place)


def give_back(standing: Standing) -> None:
    """What was taken did not count after all."""
    window = _window(settings.REDIS_URL)
    if standing.place is None or time.monotonic() < window.paused_until:
        return
    try:
        window.give_back(standing.place[0], at=standing.place[1])
    except RedisError as error:
        _pause(window, error)


def forget(*, scope: str, who: str, limit: int, seconds: int) -> None:
    """Every place that was taken is free again."""
    window = _window(settings.REDIS_URL)
    if time.monotonic() < window.paused_until:
        return
    try:
        window.forget(RateLimitItemPerSecond(limit, seconds).key_for(scope, who))
    except RedisError as error:
        _pause(window, error)


def at(request: HttpRequest) -> str:
    """How somebody who is not signed in is counted."""
    return f"at {client_address(request)}"


def client_address(request: HttpRequest) -> str:
    """Who is at the other end, as the outermost of our TRUSTED_PROXIES saw it; X-Forwarded-For can be made up.

    Of IPv6 the network, since whoever has one address has 2^64 of them. Empty for a local socket.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        seen = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",") if each]
        address = seen[-settings.TRUSTED_PROXIES] if len(seen) >= settings.TRUSTED_PROXIES else address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(mapped if mapped.version == 4 else ipaddress.ip_network((mapped, 64), strict=False))


class _Window:
    """The moving window of `limits`. Its two scripts, one that takes a place and one that tells how many are taken,
    are sent as one: asking Redis twice was the larger half of what a 304 costs."""

    SCRIPT = f"""
        local function take(ARGV) {RedisStorage.SCRIPT_ACQUIRE_MOVING_WINDOW.decode()} end
        local function tell(ARGV) {RedisStorage.SCRIPT_MOVING_WINDOW.decode()} end
        local is_free = take(ARGV)
        local told = tell({{ARGV[1] - ARGV[3], ARGV[2]}}) or {{ARGV[1], 0}}
        return {{is_free and 1 or 0, told[1], told[2]}}
    """

    # Lua writes the instant as it did when the place was taken.
    ONE_LESS = "return redis.call('lrem', KEYS[1], 1, tonumber(ARGV[1]))"

    def __init__(self, url: str) -> None:
        self.storage = RedisStorage(
            url, key_prefix="throttle", socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
        )
        self.script = self.storage.get_connection().register_script(self.SCRIPT.encode())
        self.one_less = self.storage.get_connection().register_script(self.ONE_LESS.encode())
        self.paused_until = 0.0

    def take(self, key: str, *, limit: int, seconds: int, now: float) -> tuple[bool, float, int]:
        """Whether there was a place, when the oldest one was taken, and how many are. Raises RedisError."""
        is_free, oldest, count = self.script([self.storage.prefixed_key(key)], [now, limit, seconds, 1])
        return bool(is_free), float(oldest), int(count)

    def give_back(self, key: str, *, at: float) -> None:
        """Raises RedisError."""
        self.one_less([self.storage.prefixed_key(key)], [at])

    def forget(self, key: str) -> None:
        """Raises RedisError."""
        self.storage.get_connection().delete(self.storage.prefixed_key(key))


_window = functools.cache(_Window)


def _pause(window: _Window, error: RedisError) -> None:
    window.paused_until = time.monotonic() + PAUSE
    log.warning("throttles do not count", error=type(error).__name__, seconds=PAUSE)


def _who(request: HttpRequest) -> str:
    return f"user {request.user.actor_id}" if request.user.is_authenticated else at(request)


def _is_api(request: HttpRequest) -> bool:
    return request.resolver_match is not None and "api" in request.resolver_match.namespaces


def _is_entrance(request: HttpRequest) -> bool:
    """Where the app signs in (allauth's headless API)."""
    return request.resolver_match is not None and "headless" in request.resolver_match.namespaces


def standings(request: HttpRequest) -> list[Standing]:
    found: list[Standing] = request.__dict__.setdefault("standings", [])
    return found


def say(response: HttpResponseBase, standings: list[Standing]) -> None:
    """The three headers that most clients know, for the limit that is nearest, and the IETF's draft for all of them
    (draft-ietf-httpapi-ratelimit-headers-10)."""
    nearest = min(standings, key=lambda each: (not each.is_over, each.remaining))
    response["RateLimit-Limit"] = str(nearest.limit)
    response["RateLimit-Remaining"] = str(nearest.remaining)
    response["RateLimit-Reset"] = str(nearest.reset)
    response["RateLimit-Policy"] = ", ".join(f'"{each.scope}";q={each.limit};w={MINUTE}' for each in standings)
    response["RateLimit"] = ", ".join(f'"{each.scope}";r={each.remaining};t={each.reset}' for each in standings)

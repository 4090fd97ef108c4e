"""Counts what comes in, and answers whoever collects the counts."""

import ipaddress
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare

from project.foundation import metrics

PATH = "/metrics"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are whatever somebody thought up, and counted together."""
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds."""

REQUESTS = metrics.counter("http_requests", "Requests that were answered.", ["method", "route", "status"])
SECONDS = metrics.histogram("http_request_seconds", "How long answers took.", ["route"], buckets=BUCKETS)
QUERIES = metrics.counter("db_queries", "Queries to the database while requests were answered.", ["route"])
QUERY_SECONDS = metrics.counter("db_query_seconds", "Seconds that these queries took.", ["route"])
SOCKETS = metrics.level("websockets_open", "WebSockets that are open.")


class Metering:
    """Counts requests, their time and their queries by route, and answers /metrics.

    That is no page: it is asked by the address of a process, which is no name of the site, and inside the house,
    without TLS. So it is answered before anything looks at names, and is neither logged nor counted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.METRICS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == PATH:
            return _told(request)
        queries = _Queries()
        started = time.perf_counter()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        seconds = time.perf_counter() - started
        route = _route(request, response.status_code)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, f"{response.status_code // 100}xx").inc()
        SECONDS.labels(route).observe(seconds)
        if queries.number:
            QUERIES.labels(route).inc(queries.number)
            QUERY_SECONDS.labels(route).inc(queries.seconds)
        return response


def counting_sockets(app: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The same ASGI application, its sockets counted from being accepted until they are gone."""

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        is_open = False

        async def sending(message: Any) -> None:
            nonlocal is_open
            await send(message)
            if message["type"] == "websocket.accept" and not is_open:
                is_open = True
                SOCKETS.inc()

        try:
            await app(scope, receive, sending)
        finally:
            if is_open:
                SOCKETS.dec()

    return counted


class _Queries:
    def __init__(self) -> None:
        self.number, self.seconds = 0, 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.number += 1
            self.seconds += time.perf_counter() - started


def _route(request: HttpRequest, status: int) -> str:
    """The pattern of the address, of which there are few, never the address."""
    match = request.resolver_match
    if match is None and request.path.startswith(settings.STATIC_URL):
        return "static"
    if match is None and status < 400:  # answered before Django looked for a view (kept.py)
        return _pattern(request.path_info)
    return f"/{match.route}" if match else "none"


@lru_cache(maxsize=2000)
def _pattern(path: str) -> str:
    """Looking takes longer than the rest of an answer that is kept."""
    try:
        return f"/{resolve(path).route}"
    except Resolver404:
        return "none"


def _told(request: HttpRequest) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if settings.METRICS_TOKEN:
        if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
    elif not (settings.DEBUG and _is_at_this_machine(request)):
        return HttpResponseNotFound()
    return HttpResponse(metrics.rendered(), content_type=metrics.MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def _is_at_this_machine(request: HttpRequest) -> bool:
    """What a proxy of this machine passes on comes from somebody else."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback and "X-Forwarded-For" not in request.headers

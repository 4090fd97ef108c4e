import re
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from django.conf import UserSettingsHolder, settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from whitenoise.middleware import WhiteNoiseMiddleware

log = structlog.get_logger("project.request")
GetResponse = Callable[[HttpRequest], HttpResponseBase]

_GOOD_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestLog:
    """Give every request an id that goes through logs, jobs, audit and error bodies, and log its end once.

    An id that a proxy sends in X-Request-ID is kept when it is harmless, and always sent back.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _GOOD_REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            if not request.path.startswith(settings.STATIC_URL):
                log.info(
                    "request",
                    method=request.method,
                    path=_loggable(request),
                    status=response.status_code,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )
        return response


def _loggable(request: HttpRequest) -> str:
    """The path without its query, which may hold what somebody typed. Of some only the route: links that confirm an
    address or set a new password, and the secret address of a calendar, carry their key in the path."""
    if request.resolver_match and request.path.startswith(("/account/", "/calendar/")):
        return f"/{request.resolver_match.route}"
    return request.path


class PolicyHeaders:
    """What browsers and robots may do with our pages."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), payment=(), usb=()")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if not settings.ROBOTS_ALLOW:
            response.setdefault("X-Robots-Tag", "noindex, nofollow, noarchive")
        return response


class FormAddresses:
    """Whoever opens an address that only takes forms reads a page that says so, instead of an empty one.

    Only browsers that open a page ask for text/html by name.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or not _wants_page(request):
            return response
        told = render(request, "405.html", status=405)
        told["Allow"] = response["Allow"]
        return told


def _wants_page(request: HttpRequest) -> bool:
    is_of_the_app = request.path.startswith(("/api/", "/_allauth/"))
    return not is_of_the_app and not request.htmx and "text/html" in request.headers.get("Accept", "")  # type: ignore[attr-defined]


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, answering with whole files: under ASGI its file streams would be read on the event loop.

    Where files are not collected (development, tests) they are looked up where they are written.
    """

    def __init__(self, get_response: GetResponse) -> None:
        found = UserSettingsHolder(settings)
        found.WHITENOISE_AUTOREFRESH = found.WHITENOISE_USE_FINDERS = settings.DEBUG or not _is_collected()
        super().__init__(get_response, settings=found)  # type: ignore[no-untyped-call]

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:  # type: ignore[override]
        answer = static_file.get_response(request.method, request.META)
        response = HttpResponse(answer.file.read() if answer.file else b"", status=int(answer.status))
        if answer.file:
            answer.file.close()
        del response["Content-Type"]
        for name, value in answer.headers:
            response[name] = value
        return response


def _is_collected() -> bool:
    return Path(settings.STATIC_ROOT).is_dir()

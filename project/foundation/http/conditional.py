"""Answers that are only sent when they have changed: an entity tag made before, and instead of, the body; or of the
body, where nothing else tells."""

import functools
import hashlib
import inspect
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language
from ninja.decorators import decorate_view
from ninja.operation import Operation

State = Callable[[datetime], str | None]
Run = Callable[..., HttpResponse]

VARIES_WITH = ("Accept-Encoding", "Accept-Language", "Cookie")
"""Said on 200 and 304 alike, whatever the middleware would add to one of them only."""


def conditional[F: Callable[..., Any]](state: State, *, personal: bool = False) -> Callable[[F], F]:
    """Give an operation an entity tag, and answer 304 to whoever has that already, without asking the operation.

    `state(now)` says in a few letters everything that the answer depends on beside the request itself; it is
    read before the body is, so that a change in between makes the tag too old and never the body. None
    means that nobody can tell, and there is no tag. `personal` answers differ from one signed-in viewer to another.
    """

    def around(run: Run) -> Run:
        operation: Operation = inspect.unwrap(run).__self__

        @functools.wraps(run)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            now, stands = getattr(request, "stood", None) or _standing(state)
            request.instant = now  # type: ignore[attr-defined]
            if stands is None:
                return run(request, *args, **kwargs)
            tag = _tag(request, _promise(operation), stands, personal=personal)
            if is_held(request, tag):
                return _with_headers(request, HttpResponseNotModified(), tag)
            response = run(request, *args, **kwargs)
            if response.status_code != 200:
                return response
            request.stands = (stands, state)  # type: ignore[attr-defined]
            return _with_headers(request, HttpResponseNotModified() if _is_any(request) else response, tag)

        return answer

    return decorate_view(around)


def conditional_on_body[F: Callable[..., Any]](essence: Callable[[Any], Any] | None = None) -> Callable[[F], F]:
    """Give a personal operation an entity tag of what it has just answered, where nothing can say beforehand whether
    that would be the same: this saves the way, not the work.

    `essence` takes the answer and gives what of it counts; all of it does without. The rest may be as old as the
    answer that somebody has.
    """

    def around(run: Run) -> Run:
        operation: Operation = inspect.unwrap(run).__self__

        @functools.wraps(run)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = run(request, *args, **kwargs)
            if response.status_code != 200:
                return response
            said = json.dumps(essence(json.loads(response.content))).encode() if essence else response.content
            tag = _tag(request, _promise(operation), hashlib.blake2b(said).hexdigest(), personal=True)
            is_known = is_held(request, tag) or _is_any(request)
            return _with_headers(request, HttpResponseNotModified() if is_known else response, tag)

        return answer

    return decorate_view(around)


def is_held(request: HttpRequest, tag: str) -> bool:
    """Whether whoever asks has an answer with this tag already. Weak and strong are alike here (RFC 9110, 13.1.2)."""
    wanted = parse_etags(request.headers.get("If-None-Match", ""))
    return tag in wanted or tag.removeprefix("W/") in wanted


def _is_any(request: HttpRequest) -> bool:
    """Whether the question is if there is anything at all, which only the operation knows."""
    return request.headers.get("If-None-Match", "").strip() == "*"


def _standing(state: State) -> tuple[datetime, str | None]:
    now = timezone.now()
    return now, state(now)


def instant(request: HttpRequest) -> datetime:
    """The one instant that both the tag and the body are about."""
    found: datetime = request.instant  # type: ignore[attr-defined]
    return found


def _tag(request: HttpRequest, promise: str, state: str, *, personal: bool) -> str:
    """Always weak: the same in every encoding, and what GZipMiddleware would make of a strong one.

    Keyed, so that whoever sends a tag has got it from an answer 200 to this very question: a 304 needs to
    look at the parameters no more.
    """
    viewer = "anonymous"
    if request.user.is_authenticated:
        viewer = f"member {request.user.actor_id}" if personal else "member"
    parts = (promise, request.path, request.META.get("QUERY_STRING", ""), get_language() or "", viewer, state)
    said = json.dumps(parts).encode()
    return f'W/"{hashlib.blake2b(said, digest_size=12, key=_key(settings.SECRET_KEY)).hexdigest()}"'


def _with_headers(request: HttpRequest, response: HttpResponse, tag: str) -> HttpResponse:
    # no-cache: keep it, but ask each time. An edition is there at the very instant that it becomes valid, and one
    # may be published for now, so nobody can say beforehand for how many seconds an answer will still be true.
    audience = "private" if request.user.is_authenticated else "public"
    response["Cache-Control"] = f"{audience}, no-cache"
    response["ETag"] = tag
    patch_vary_headers(response, VARIES_WITH)
    return response


@functools.cache
def _key(secret: str) -> bytes:
    return hashlib.blake2b(f"entity tags {secret}".encode()).digest()


@functools.cache
def _promise(operation: Operation) -> str:
    """What the answer looks like. A release that changes its shape changes every tag."""
    shape = operation.response_models[200]
    return hashlib.blake2b(json.dumps(shape.model_json_schema()).encode(), digest_size=8).hexdigest() if shape else ""

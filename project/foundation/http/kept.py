"""Answers that are still true are sent again without being made again, before most of Django is asked.

Only what strangers get from operations with an entity tag (conditional.py): it depends on nothing but the question
and the state of the collections. That state is asked each time, in one query, so nothing is ever kept too long.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language_from_request

from project.foundation.http import throttling
from project.foundation.http.conditional import is_held

MOST_BYTES = 16 * 2**20
"""What one process keeps. A list of 50 is 14 KB, gzipped 2: the whole handbook in all its pages fits."""

_NOT_KEPT = ("RateLimit", "X-Request-ID", "Retry-After")
_WITH_304 = ("Cache-Control", "ETag", "Vary", "X-Robots-Tag")
Question = tuple[str, str, str, bool]


@dataclass(frozen=True)
class Kept:
    """A whole answer, the state of which it tells, and how to ask for that."""

    state: str
    ask_state: Callable[[datetime], str]
    content: bytes
    headers: tuple[tuple[str, str], ...]


class KeptAnswers:
    """Looks before everything else whether the answer is here, and keeps it when it comes back out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_strangers(request):
            return self.get_response(request)
        request.get_host()  # a host that is not ours is refused here as elsewhere
        question = _question(request)
        if answer := self._again(request, question):
            return answer
        response = self.get_response(request)
        state, ask_state = getattr(request, "stands", ("", None))
        counted_elsewhere = len(throttling.standings(request)) > 1  # a search, which has a limit of its own
        if ask_state is None or counted_elsewhere or response.status_code != 200 or response.cookies:
            return response
        if isinstance(response, HttpResponse):
            headers = tuple((name, value) for name, value in response.items() if not name.startswith(_NOT_KEPT))
            self._keep(question, Kept(state, ask_state, response.content, headers))
        return response

    def _again(self, request: HttpRequest, question: Question) -> HttpResponse | None:
        kept = self._kept.get(question)
        if kept is None:
            return None
        now = timezone.now()
        if (state := kept.ask_state(now)) != kept.state:
            request.stood = (now, state)  # type: ignore[attr-defined]  # conditional.py need not ask once more
            return None
        with self._lock:
            if question in self._kept:
                self._kept.move_to_end(question)
        standing = throttling.counted(scope="anonymous", who=throttling.at(request))
        if standing and standing.is_over:
            return None  # whoever refuses, refuses in the usual way
        headers = dict(kept.headers)
        response: HttpResponse
        if is_held(request, headers["ETag"]) or request.headers.get("If-None-Match", "").strip() == "*":
            response = HttpResponseNotModified(headers={name: headers[name] for name in _WITH_304 if name in headers})
        else:
            response = HttpResponse(kept.content, headers=headers)
        if standing:
            throttling.say(response, [standing])
        return response

    def _keep(self, question: Question, kept: Kept) -> None:
        with self._lock:
            if old := self._kept.pop(question, None):
                self._bytes -= len(old.content)
            self._kept[question] = kept
            self._bytes += len(kept.content)
            while self._bytes > MOST_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.content)


def _is_strangers(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and request.path.startswith("/api/v1/")
        and "Authorization" not in request.headers
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )


def _question(request: HttpRequest) -> Question:
    """All that a stranger's answer depends on beside the state: address, language, encoding."""
    encoded = "gzip" in request.headers.get("Accept-Encoding", "")
    return request.path, request.META.get("QUERY_STRING", ""), get_language_from_request(request), encoded

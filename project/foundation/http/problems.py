"""Errors of the API in one shape: RFC 9457 problem details."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Field, Schema

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem(Exception):
    """Raise it anywhere in an API operation. `code` is for programs and never changes, `detail` is for people."""

    status: int
    code: str
    detail: str = ""
    errors: Sequence[dict[str, Any]] = ()


class ErrorOut(Schema):
    where: list[str] = Field(description="Where in the request, from the outside in.", examples=[["query", "limit"]])
    what: str = Field(examples=["Input should be less than or equal to 200"])


class ProblemOut(Schema):
    """RFC 9457 problem details."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(description="The status in words.", examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(description="For people.", examples=["Some of what was sent cannot be used."])
    code: str = Field(description="For programs; never changes.", examples=["invalid"])
    request_id: str = Field(description="Also in X-Request-ID and in our log.", examples=["9f1c0d5a2b7e4c63"])
    errors: list[ErrorOut] = Field(description="What was wrong where, when there is more to say.")


def invalid(errors: Sequence[dict[str, Any]]) -> Problem:
    """What was sent cannot be used; `errors` say where and why, as in ErrorOut."""
    return Problem(422, "invalid", "Some of what was sent cannot be used.", errors)


def larger_than(most: int) -> Problem:
    """A body of more than so many bytes was sent, and not read."""
    return Problem(413, "too_large", f"A request has at most {most} bytes.")


def problem(request: HttpRequest, refused: Problem) -> HttpResponse:
    """The answer that says what was refused and why."""
    response = HttpResponse(_body(request, refused), status=refused.status, content_type=MEDIA_TYPE)
    # Without this a cache may keep a 404, and what is published a moment later would stay hidden.
    response["Cache-Control"] = "no-store"
    return response


class ProblemDetails:
    """Whatever else refuses a request to the API, Django's own pages among it, is turned into problem details."""

    CODES = {400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 500: "failed"}
    WORDS = {
        404: "There is nothing here by that name.",
        405: "This method is not allowed here; the header Allow says which are.",
        500: "Something went wrong on our side. It is in our log under the request id.",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        status = response.status_code
        if status < 400 or not request.path.startswith("/api/") or response["Content-Type"] == MEDIA_TYPE:
            return response
        said = Problem(status, self.CODES.get(status, "refused"), self.WORDS.get(status, ""))
        told = problem(request, said)
        told.reason_phrase = response.reason_phrase
        for name, value in response.items():
            if name not in {"Content-Type", "Content-Length", "Content-Encoding", "ETag"}:
                told[name] = value
        told.cookies = response.cookies
        return told


def _body(request: HttpRequest, refused: Problem) -> str:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.detail,
        "code": refused.code,
        "request_id": getattr(request, "request_id", ""),
        "errors": list(refused.errors),
    }
    return json.dumps(body, ensure_ascii=False)

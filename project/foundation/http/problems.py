"""Errors of the API in one shape: RFC 9457 problem details."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True)
class Problem(Exception):
    """Raise it anywhere in an API operation. `code` is for programs and never changes, `detail` is for people."""

    status: int
    code: str
    detail: str = ""
    errors: Sequence[dict[str, Any]] = ()


def problem(request: HttpRequest, refused: Problem) -> HttpResponse:
    """The answer that says what was refused and why."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.detail,
        "code": refused.code,
        "request_id": getattr(request, "request_id", ""),
        "errors": list(refused.errors),
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False), status=refused.status, content_type="application/problem+json"
    )

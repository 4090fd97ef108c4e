"""The description of the API says what its answers really are, also where ninja has no words for it."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from project.foundation.http.problems import MEDIA_TYPE, ProblemOut, invalid, problem

Answers = dict[int, Any]

LIMITS = {
    "RateLimit-Limit": ("integer", "Requests a minute that the nearest limit allows."),
    "RateLimit-Remaining": ("integer", "How many of them are left."),
    "RateLimit-Reset": ("integer", "In how many seconds one more is free again."),
    "RateLimit-Policy": ("string", "All limits that count this request, in the words of the IETF's draft."),
    "RateLimit": ("string", "What is left of them."),
}
TAGS = {
    "ETag": ("string", "Send it back in If-None-Match."),
    "Cache-Control": ("string", "Keep it, but ask each time whether it has changed."),
}
RETRY = {"Retry-After": ("integer", "In how many seconds to try again.")}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of an answer that you have. If it still holds, the answer is 304 without a body.",
}
REASONS = {
    304: "Not Modified: what you have still holds.",
    404: "Not Found: there is nothing by that name.",
    413: "Content Too Large: nothing of it was read.",
    422: "Unprocessable Content: a parameter is unknown or has a value that cannot be used.",
    429: "Too Many Requests.",
}


def answers(shape: Any, *, may_be_missing: bool = False) -> Answers:
    """Every status that a reading operation can give, with its shape."""
    missing = {404: ProblemOut} if may_be_missing else {}
    return {200: shape, 304: None} | missing | {422: ProblemOut, 429: ProblemOut}


class Api(NinjaAPI):
    """NinjaAPI that refuses unknown parameters and describes headers, problem details and conditional requests."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.add_decorator(_only_known_parameters, mode="view")

    @property
    def urls(self) -> tuple[list[Any], str, str]:
        patterns, app, namespace = super().urls
        return [*patterns, re_path("", nothing_here, name="nothing")], app, namespace

    def get_openapi_schema(self, **where: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**where)
        schema["components"]["headers"] = {
            name: {"description": said, "schema": {"type": kind}}
            for name, (kind, said) in (LIMITS | TAGS | RETRY).items()
        }
        for operations in schema["paths"].values():
            for operation in operations.values():
                _complete(operation)
        return schema


def _complete(operation: dict[str, Any]) -> None:
    if "requestBody" in operation:
        said = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}, "description": ""}
        operation["responses"] = dict(sorted(({413: said} | operation["responses"]).items()))
    for status, answer in operation["responses"].items():
        answer["description"] = REASONS.get(status, answer["description"])
        if status >= 400:
            (content,) = answer["content"].values()
            answer["content"] = {MEDIA_TYPE: content}
        named = LIMITS | (TAGS if status in {200, 304} else {}) | (RETRY if status == 429 else {})
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in named}
    for parameter in operation["parameters"]:
        if examples := parameter.pop("examples", None):  # ninja lists them, which OpenAPI allows in schemas only
            parameter["example"] = examples[0]
    if 304 in operation["responses"]:
        operation["parameters"] = [*operation["parameters"], IF_NONE_MATCH]


def _only_known_parameters(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A parameter that nobody reads is a mistake of whoever sent it, and they would never find out."""
    operation = inspect.unwrap(run).__self__
    known = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }

    @wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if unknown := sorted(set(request.GET) - known):
            errors = [{"where": ["query", name], "what": "There is no such parameter."} for name in unknown]
            return problem(request, invalid(errors))
        return run(request, *args, **kwargs)

    return answer


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """Every address below the API that leads nowhere; counted by the throttles like the others."""
    raise Http404

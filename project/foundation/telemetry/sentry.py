"""What Sentry is told, and what it is not. The only place that knows its SDK."""

import logging
import os
import re
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import sentry_sdk
import structlog
from django.conf import settings
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration

TAGS = ("request_id", "job_id", "kind")
"""Of what the log says with each line; with the first two everything else is found there."""

LEFT_OUT = ("request", "user", "extra", "breadcrumbs")

_ADDRESS = re.compile(r"[^\s@<>()\"'=,;]+@[^\s@<>()\"'=,;]+")
_QUERY = re.compile(r"(?<=[\w/])\?[^\s\"'<>]+")
_SHORTEST = 3
"""Letters of something typed that are looked for in messages; less is in every other word."""


def start() -> None:
    _begin()
    # A child must not send over the connections of its parent, and has none of its threads.
    os.register_at_fork(after_in_child=_begin)
    logging.getLogger().addHandler(_Logged(logging.ERROR))


def _begin() -> None:
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE or None,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        trace_propagation_targets=[],
        before_send=_discreet,
        before_send_transaction=_discreet,
        # Named one by one: by default it watches, and tells of, whatever else is installed.
        default_integrations=False,
        integrations=[
            DjangoIntegration(middleware_spans=False, signals_spans=False),
            ExcepthookIntegration(),
            ThreadingIntegration(),
            DedupeIntegration(),
            AtexitIntegration(callback=_say_nothing),
        ],
    )


def _say_nothing(pending: int, timeout: float) -> None:
    """At the end of a command; the SDK would print how long it waits."""


class _Logged(logging.Handler):
    """Errors that somebody caught and logged: those of jobs, above all."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("sentry_sdk"):
            return
        said: Any = record.msg.get("exc_info") if isinstance(record.msg, dict) else record.exc_info
        if said is True:
            said = sys.exc_info()
        error = said[1] if isinstance(said, tuple) else said
        if isinstance(error, BaseException):
            sentry_sdk.capture_exception(error)


def _discreet(event: Any, hint: Any) -> Any:
    """The event without anything that identifies or was typed by anybody, and with the ids that our log knows."""
    typed = list(_typed(event.get("request") or {}))
    for name in LEFT_OUT:
        event.pop(name, None)
    for error in (event.get("exception") or {}).get("values") or ():
        error["value"] = _redacted(error.get("value") or "", typed)
    for span in event.get("spans") or ():
        span["description"] = _redacted(span.get("description") or "", typed)
        span.pop("data", None)
    said = structlog.contextvars.get_contextvars()
    event["tags"] = {name: said[name] for name in TAGS if said.get(name)}
    return event


def _typed(request: dict[str, Any]) -> Iterator[str]:
    """What the address of the request carried: an error likes to repeat it."""
    query = request.get("query_string") or ""
    if isinstance(query, str):
        yield from (value for _, value in parse_qsl(query) if len(value) >= _SHORTEST)


def _redacted(text: str, typed: list[str]) -> str:
    for value in sorted(typed, key=len, reverse=True):
        text = text.replace(value, "…")
    return _QUERY.sub("?…", _ADDRESS.sub("…@…", text))

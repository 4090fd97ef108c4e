"""Errors to Sentry, traces to OpenTelemetry, each only where it is configured: otherwise nothing of it is imported.

Neither is told what somebody typed, who they are, or what variables held.
"""

import sys
from collections.abc import MutableMapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings


def start() -> None:
    """Begin to tell, in this process and in those that it forks. Called once, when Django starts."""
    if settings.SENTRY_DSN:
        from . import sentry

        sentry.start()
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        from . import tracing

        tracing.start()


def span(name: str, **facts: str) -> AbstractContextManager[Any]:
    """A piece of work that takes time, as part of a trace; nothing where nobody traces."""
    tracing = sys.modules.get(f"{__name__}.tracing")
    return tracing.span(name, **facts) if tracing else nullcontext()


def add_trace(logger: Any, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """For structlog: the trace that a line belongs to, where there is one."""
    tracing = sys.modules.get(f"{__name__}.tracing")
    if tracing and (trace_id := tracing.trace_id()):
        entry["trace_id"] = trace_id
    return entry

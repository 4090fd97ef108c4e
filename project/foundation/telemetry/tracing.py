"""Traces, sent by OTLP over HTTP. The only place that knows OpenTelemetry's SDK, whose own OTEL_… variables hold too.

Spans of requests are our own middleware's: OpenTelemetry's for Django sees nothing under ASGI without a further
package, and tells whole addresses.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import requests
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.util.types import Attributes, AttributeValue

TOLD = frozenset(
    {
        "http.request.method", "http.route", "http.response.status_code",
        "db.system", "db.name", "db.statement", "db.operation",
        "request_id", "job_id", "kind", "exception.type",
    }
)  # fmt: skip
"""Attributes that leave the house. Statements have placeholders where values were."""

_tracer = trace.get_tracer("dojang")


def start() -> None:
    connections = requests.Session()
    # A child must not send over the connections of its parent. The SDK gives it a thread of its own.
    os.register_at_fork(after_in_child=connections.close)
    exporter = _Discreet(endpoint=f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces", session=connections)
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: settings.OTEL_SERVICE_NAME}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    PsycopgInstrumentor().instrument()


@contextmanager
def span(name: str, **facts: str) -> Iterator[trace.Span]:
    with _tracer.start_as_current_span(name, attributes=facts, record_exception=False) as begun:
        yield begun


def trace_id() -> str:
    """Of the trace that goes on here; empty without any."""
    current = trace.get_current_span().get_span_context()
    return format(current.trace_id, "032x") if current.is_valid else ""


class Traced:
    """A span for each request, named by its route. Traces begin here: what a visitor says of theirs is not believed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        method = request.method or ""
        with _tracer.start_as_current_span(method, kind=SpanKind.SERVER) as span:
            response = self.get_response(request)
            if match := request.resolver_match:
                span.update_name(f"{method} /{match.route}")
                span.set_attribute("http.route", f"/{match.route}")
            span.set_attribute("http.request.method", method)
            span.set_attribute("http.response.status_code", response.status_code)
            span.set_attribute("request_id", getattr(request, "request_id", ""))
            if response.status_code >= 500:
                span.set_status(StatusCode.ERROR)
        return response


class _Discreet(OTLPSpanExporter):
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return super().export([_discreet(span) for span in spans])


def _discreet(span: ReadableSpan) -> ReadableSpan:
    """The span without what libraries add: the texts of errors, addresses of visitors."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_told(span.attributes),
        events=[Event(each.name, _told(each.attributes), each.timestamp) for each in span.events],
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _told(attributes: Attributes) -> dict[str, AttributeValue]:
    return {name: value for name, value in (attributes or {}).items() if name in TOLD}

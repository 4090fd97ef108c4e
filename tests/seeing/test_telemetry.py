"""What Sentry and OpenTelemetry are told, received by a stand-in for both; and the way of a request id."""

import gzip
import json
import os
import subprocess
import sys

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from project.foundation.audit.models import AuditEvent
from project.foundation.jobs.models import ENDED, Job
from project.foundation.outbound.models import IntegrationError
from tests.programs import ROOT, eventually, read_settings
from tests.standin import Reply

REQUEST_ID = "0123456789abcdef"
TYPED = "tying my belt"
ADDRESS = "ben@dojang.example"
BREAKS = f"/ask/seeing.breaks/?who={ADDRESS}&path=/search/%3Fq=belt"


def errors(stand_in):
    """The events that Sentry has received."""
    return [event for request in stand_in.requests if request.path.endswith("/envelope/") for event in items(request)]


def items(request):
    body = gzip.decompress(request.body) if request.headers.get("Content-Encoding") == "gzip" else request.body
    lines = body.split(b"\n")[1:]
    return [json.loads(item) for head, item in zip(lines[::2], lines[1::2], strict=False) if b'"event"' in head]


def spans(stand_in):
    received = [
        ExportTraceServiceRequest.FromString(request.body)
        for request in stand_in.requests
        if request.path == "/v1/traces"
    ]
    return [
        (span, {each.key: each.value for each in resource.resource.attributes})
        for export in received
        for resource in export.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def facts(span):
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


@pytest.fixture
def told(stand_in):
    """Takes whatever it is told."""
    stand_in.on("POST", "/api/7/envelope/", {})
    stand_in.on("POST", "/v1/traces", Reply(b""))
    stand_in.on("GET", "/status", Reply({"error": "broken"}, 500))
    return stand_in


def all_ended(number):
    return Job.objects.filter(state__in=ENDED).count() == number


def test_errors_of_pages_and_of_workers_arrive_without_what_anybody_typed(open_hall, told):
    dsn = told.url.replace("http://", "http://key@") + "/7"
    hall = open_hall(workers=1, SENTRY_DSN=dsn, SENTRY_ENVIRONMENT="a test")
    assert hall.get("/breaks/?q=tying+my+belt", X_Request_ID=REQUEST_ID, Cookie="sessionid=secret")[0] == 500
    assert hall.get(BREAKS, X_Request_ID=REQUEST_ID)[0] == 200
    eventually(lambda: all_ended(1), within=40, what=lambda: hall.log("work1"))
    eventually(lambda: len(errors(told)) >= 2, what=lambda: hall.log("work1"))
    of_page, of_job = sorted(errors(told), key=lambda event: "job_id" in event["tags"])

    (error,) = of_page["exception"]["values"]
    assert (error["type"], error["value"]) == ("LookupError", "nothing is called …, 6")
    assert of_page["tags"] == {"request_id": REQUEST_ID}
    assert of_page["environment"] == "a test"
    assert of_page["transaction"] == "/breaks/"

    (error,) = of_job["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "…@… looked at /search/?… 6")
    job = Job.objects.get()
    assert of_job["tags"] == {"request_id": REQUEST_ID, "job_id": str(job.pk), "kind": "seeing.breaks"}

    sent = json.dumps([of_page, of_job])
    assert "def breaks" in sent, "the lines of our code are told"
    assert not {word for word in (TYPED, "tying+my", ADDRESS, "of ben'", "secret", "sessionid") if word in sent}
    assert not {"vars", "query_string", "cookies", "user"} & names_in([of_page, of_job])


def names_in(value):
    """Every key of what was sent."""
    match value:
        case dict():
            return set(value) | {name for each in value.values() for name in names_in(each)}
        case list():
            return {name for each in value for name in names_in(each)}
    return set()


def test_traces_of_pages_and_of_workers_arrive_and_name_the_lines_of_the_log(open_hall, told):
    hall = open_hall(
        workers=1,
        OTEL_EXPORTER_OTLP_ENDPOINT=told.url + "/",
        OTEL_SERVICE_NAME="hall of a test",
        OTEL_BSP_SCHEDULE_DELAY="200",
    )
    hall.get("/breaks/?q=tying+my+belt", X_Request_ID=REQUEST_ID, traceparent=f"00-{'ab' * 16}-{'cd' * 8}-01")
    hall.get(BREAKS, X_Request_ID=REQUEST_ID)
    eventually(lambda: all_ended(1), within=40, what=lambda: hall.log("work1"))

    def named(name):
        return [each for each in spans(told) if each[0].name == name]

    def both():
        return named("GET /breaks/") and named("job seeing.breaks")

    eventually(both, what=lambda: [(span.name, facts(span)) for span, _ in spans(told)])
    ((page, resource),) = named("GET /breaks/")
    assert resource["service.name"].string_value == "hall of a test"
    assert facts(page) == {
        "http.request.method": "GET", "http.route": "/breaks/", "http.response.status_code": 500,
        "request_id": REQUEST_ID,
    }  # fmt: skip
    assert page.trace_id.hex() != "ab" * 16, "what a visitor says of traces is not believed"
    ((job, _),) = named("job seeing.breaks")
    row = Job.objects.get()
    assert facts(job) == {"request_id": REQUEST_ID, "job_id": str(row.pk), "kind": "seeing.breaks"}

    for whole, log in ((page, "web1"), (job, "work1")):
        lines = [json.loads(line) for line in hall.log(log).splitlines() if whole.trace_id.hex() in line]
        assert {each["request_id"] for each in lines} == {REQUEST_ID}
        queries = [span for span, _ in spans(told) if span.trace_id == whole.trace_id and "db.statement" in facts(span)]
        assert queries, f"queries of {log}"

    sent = b"".join(request.body for request in told.requests)
    assert not {word for word in (TYPED, "tying+my", ADDRESS, "127.0.0.1") if word.encode() in sent}


def test_a_request_id_goes_from_the_page_to_the_job_its_log_the_trail_and_failed_calls(open_hall, told):
    hall = open_hall(workers=1)
    status, headers, _ = hall.get(f"/ask/seeing.traces/?url={told.url}", X_Request_ID=REQUEST_ID)
    assert (status, headers["X-Request-ID"]) == (200, REQUEST_ID)
    eventually(lambda: all_ended(1), within=40, what=lambda: hall.log("work1"))
    job = Job.objects.get()
    assert (job.state, job.request_id) == ("succeeded", REQUEST_ID), job.error
    assert "a line of the job" in job.log
    lines = [json.loads(line) for line in hall.log("work1").splitlines() if str(job.pk) in line]
    assert [each["event"] for each in lines] == ["a line of the job", "service failed", "as expected", "job succeeded"]
    assert {(each["request_id"], each["kind"]) for each in lines} == {(REQUEST_ID, "seeing.traces")}
    (said,) = [json.loads(line) for line in hall.log("web1").splitlines() if "/ask/" in line]
    assert said["request_id"] == REQUEST_ID
    assert AuditEvent.objects.get().request_id == REQUEST_ID
    failed = eventually(lambda: IntegrationError.objects.first(), what="the failure is written")
    assert (failed.request_id, failed.job_id) == (REQUEST_ID, str(job.pk))
    (call,) = told.requests
    assert "X-Request-ID" not in call.headers, "nobody else is told which calls belong together"


def test_without_configuration_nothing_of_them_is_imported():
    code = """
import sys, project.asgi
from django.core.management import call_command
call_command("check")
from project.foundation.jobs import cluster, runner
ours = ("sentry_sdk", "opentelemetry.exporter", "opentelemetry.instrumentation", "opentelemetry.sdk.trace",
        "opentelemetry.proto", "google.protobuf")
print([name for name in sys.modules if name.startswith(ours)])
"""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings"}
    for name in ("SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        env.pop(name, None)
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("name", "value"),
    [("SENTRY_DSN", "sentry.example"), ("SENTRY_DSN", "https://sentry.example/1"), ("SENTRY_TRACES_SAMPLE_RATE", "2")],
)
def test_a_setting_that_cannot_be_used_is_named_and_not_shown(name, value):
    refused = read_settings(os.environ | {name: value})
    assert refused.returncode == 1
    assert refused.stdout.startswith(f"{name}: ")
    assert refused.stdout.count("\n") == 1

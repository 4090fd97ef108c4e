"""Logs: the same facts for machines and for people, and nothing in them that identifies anybody."""

import io
import json
import logging
import sys

import pytest
import structlog

from project import settings
from project.foundation.logs import logging_config

PASSWORD = "a secret that nobody may read"


@pytest.fixture
def log():
    """Starts logging to a text; afterwards everything is as before."""
    out, before = io.StringIO(), structlog.get_config()

    def start(*, json):
        logging_config(level="INFO", json=json, stream=out)
        # A logger that is first used now must not keep this configuration for the tests that follow.
        structlog.configure(**structlog.get_config() | {"cache_logger_on_first_use": False})
        return out

    yield start
    logging_config(level=settings.LOG_LEVEL, json=settings.LOG_JSON, stream=sys.stderr)
    structlog.configure(**before)


def fail_with_a_secret_at_hand():
    password = PASSWORD
    try:
        return int("belt" if password else "7")
    except ValueError:
        structlog.get_logger("test").exception("it broke")


def test_machines_read_one_json_object_a_line_with_the_request_it_belongs_to(log):
    out = log(json=True)
    with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
        structlog.get_logger("project.test").info("belt awarded", belt=7, club="도장")
    entry = json.loads(out.getvalue())
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "event": "belt awarded", "belt": 7, "club": "도장", "level": "info", "logger": "project.test",
        "request_id": "0123456789abcdef",
    }  # fmt: skip


def test_what_libraries_log_has_the_same_shape(log):
    out = log(json=True)
    with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
        logging.getLogger("a.library").warning("%s is slow", "it", extra={"seconds": 3})
    entry = json.loads(out.getvalue())
    assert (entry["event"], entry["level"], entry["logger"]) == ("it is slow", "warning", "a.library")
    assert (entry["seconds"], entry["request_id"]) == (3, "0123456789abcdef")


def test_people_read_text_with_the_same_facts(log):
    out = log(json=False)
    structlog.get_logger("project.test").info("belt awarded", belt=7)
    assert "belt awarded" in out.getvalue()
    assert "belt=7" in out.getvalue()


def test_what_is_less_important_than_the_level_is_not_logged(log):
    out = log(json=True)
    structlog.get_logger("project.test").debug("belt tied")
    assert out.getvalue() == ""


@pytest.mark.parametrize("for_machines", [True, False])
def test_an_error_tells_where_it_happened_but_not_what_the_variables_held(log, for_machines):
    out = log(json=for_machines)
    fail_with_a_secret_at_hand()
    said = out.getvalue()
    assert "ValueError" in said
    assert "fail_with_a_secret_at_hand" in said
    assert PASSWORD not in said


def test_an_error_of_a_page_does_not_tell_what_somebody_typed_into_its_address(log, client, settings, db, monkeypatch):
    def broken(request):
        raise RuntimeError

    monkeypatch.setattr("project.foundation.health.findings", broken)
    out = log(json=True)
    client.raise_request_exception = False
    assert client.get("/health/ready/?q=ben@dojang.example").status_code == 500
    assert "/health/ready/" in out.getvalue()
    assert "ben@dojang" not in out.getvalue()

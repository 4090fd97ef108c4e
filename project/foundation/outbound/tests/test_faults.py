"""Every fault of another service becomes the failure that is documented, is noted for operators, and tells nothing."""

import gzip
import os
import socket
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import structlog
from django.conf import settings

from project.foundation.outbound import (
    Garbled,
    Kind,
    Refused,
    Service,
    ServiceError,
    Throttled,
    Unavailable,
)
from tests import standin

KEY, TYPED, SAVED = "sk-live-0123456789", "Jan Kowalski", "what Ada wrote"
FILM = {"id": 278, "title": "The Tul", "sources": [{"name": "Kino"}]}
DEADLINE = 1.0
OURS = {"DJANGO_SETTINGS_MODULE": "project.settings"}

EXPECTED = {
    "401": (Refused, Kind.REFUSED, 401),
    "403": (Refused, Kind.REFUSED, 403),
    "404": (Refused, Kind.REFUSED, 404),
    "422": (Refused, Kind.REFUSED, 422),
    "429": (Throttled, Kind.THROTTLED, 429),
    "429 with Retry-After": (Throttled, Kind.THROTTLED, 429),
    "500": (Unavailable, Kind.BROKEN, 500),
    "503": (Unavailable, Kind.BROKEN, 503),
    "silent": (Unavailable, Kind.TIMEOUT, 0),
    "dripping": (Unavailable, Kind.TIMEOUT, 0),
    "slow header": (Unavailable, Kind.TIMEOUT, 0),
    "refused": (Unavailable, Kind.CUT, 0),
    "hung up": (Unavailable, Kind.CUT, 0),
    "cut": (Unavailable, Kind.CUT, 0),
    "longer length": (Unavailable, Kind.CUT, 0),
    "nonsense": (Unavailable, Kind.CUT, 0),
    "truncated": (Garbled, Kind.GARBLED, 200),
    "shorter length": (Garbled, Kind.GARBLED, 200),
    "not JSON": (Garbled, Kind.GARBLED, 200),
    "not text": (Garbled, Kind.GARBLED, 200),
    "empty": (Garbled, Kind.GARBLED, 200),
    "too large": (Garbled, Kind.TOO_LARGE, 200),
    "badly packed": (Garbled, Kind.GARBLED, 0),
    "redirect": (Refused, Kind.REDIRECTED, 302),
    **dict.fromkeys(standin.MISSHAPEN, (Garbled, Kind.GARBLED, 200)),
}


def shape(found):
    return found["id"] + 0, found["title"] + "", [source["name"] + "" for source in found["sources"]]


@pytest.fixture
def films(stand_in):
    stand_in.on("GET", "/title/{id}/sources/", FILM)
    stand_in.on("POST", "/titles", FILM)
    headers = {"X-API-Key": KEY, "Authorization": f"Bearer {KEY}-too"}
    service = Service("Films", url=stand_in.url, headers=headers, deadline=DEADLINE, retries=0, failures=0)
    yield service
    service.close()


def ask(service):
    return service.call("GET", "/title/345534/sources/", params={"q": TYPED, "api_key": KEY}, shape=shape)


def test_all_is_well(films, stand_in, rows):
    assert ask(films) == (278, "The Tul", ["Kino"])
    request = stand_in.requests[0]
    assert request.query == {"q": [TYPED], "api_key": [KEY]}
    assert request.headers["X-API-Key"] == KEY
    assert rows() == []


@pytest.mark.parametrize("fault", standin.HARMLESS)
def test_what_looks_like_a_fault_and_is_none(films, stand_in, fault, rows):
    stand_in.fault = fault
    assert ask(films) == (278, "The Tul", ["Kino"])
    assert rows() == []


@pytest.mark.parametrize("fault", EXPECTED)
@pytest.mark.parametrize("is_first", [True, False], ids=["at once", "on a connection that was good"])
def test_a_fault(films, stand_in, rows, fault, is_first):
    expected, kind, status = EXPECTED[fault]
    if not is_first:
        ask(films)
    stand_in.fault = fault
    # What it refuses with is what it was sent: keys, and what somebody typed.
    stand_in.refusal = {"error": f"{KEY} may not look for {TYPED} with {KEY}-too, nor for {TYPED.replace(' ', '+')}"}
    started = time.monotonic()
    with (
        structlog.testing.capture_logs() as logs,
        structlog.contextvars.bound_contextvars(request_id="request-1", job_id="job-1"),
        pytest.raises(ServiceError) as raised,
    ):
        ask(films)
    assert time.monotonic() - started < DEADLINE + 1
    error = raised.value
    assert (type(error), error.service, error.kind, error.status) == (expected, "Films", kind, status)
    assert str(error).startswith("Films: ")
    (row,) = rows()
    assert (row.service, row.kind, row.status, row.count) == ("Films", kind, status, 1)
    assert (row.method, row.path) == ("GET", "/title/*/sources/")
    assert (row.request_id, row.job_id, row.message) == ("request-1", "job-1", str(error))
    told = repr([str(error), error.body, vars(row), logs])
    for secret in (KEY, TYPED, TYPED.replace(" ", "+"), "345534", stand_in.url):
        assert secret not in told
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


def test_every_fault_is_tried():
    assert set(EXPECTED) | set(standin.HARMLESS) == set(standin.FAULTS)


def test_nobody_at_the_address(rows):
    service = Service("Films", url="http://127.0.0.1:1", deadline=DEADLINE, retries=0, failures=0)
    with pytest.raises(Unavailable, match="ConnectError") as raised:
        service.call("GET", "/")
    assert raised.value.kind == Kind.UNREACHABLE
    assert [row.kind for row in rows()] == ["unreachable"]


def test_a_name_that_nobody_has(rows):
    service = Service("Films", url="http://films.invalid", deadline=5, retries=0, failures=0)
    with pytest.raises(Unavailable) as raised:
        service.call("GET", "/")
    assert raised.value.kind in {Kind.UNREACHABLE, Kind.TIMEOUT}  # some resolvers never answer for it


class TestTheDeadline:
    def test_what_was_cut_off_does_not_wait_in_the_background(self, films, stand_in):
        """Forty calls that hang, one after the other, and the forty-first is as good as the first."""
        stand_in.faults = ["dripping"] * 20 + ["silent"] * 20
        quick = Service("Films", url=stand_in.url, deadline=0.05, retries=0, failures=0)
        for _ in range(40):
            with pytest.raises(Unavailable):
                quick.call("GET", "/title/1/sources/")
        stand_in.faults.clear()  # some calls did not even get as far as to be asked for theirs
        assert ask(films)

    def test_sending_counts_too(self, stand_in):
        """A listener that takes the connection and never reads."""
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            service = Service("Films", url=f"http://127.0.0.1:{deaf.getsockname()[1]}", deadline=DEADLINE, retries=0)
            started = time.monotonic()
            with pytest.raises(Unavailable) as raised:
                service.ask("PUT", "/upload", content=b"x" * 50_000_000)
        assert raised.value.kind == Kind.TIMEOUT
        assert time.monotonic() - started < DEADLINE + 1


class TestSizes:
    def test_reading_ends_soon_after_the_limit(self, stand_in):
        stand_in.fault = "too large"
        stand_in.on("GET", "/", {})
        service = Service("Films", url=stand_in.url, deadline=10, retries=0, failures=0, largest=100_000)
        with pytest.raises(Garbled, match="100000 bytes"):
            service.call("GET", "/")
        assert stand_in.sent < 20_000_000

    def test_what_is_small_only_while_it_is_packed_is_counted_unpacked(self, stand_in):
        bomb = gzip.compress(b" " * 20_000_000)
        stand_in.on("GET", "/", standin.Reply(bomb, headers={"Content-Encoding": "gzip"}))
        service = Service("Films", url=stand_in.url, deadline=10, retries=0, failures=0)
        with pytest.raises(Garbled) as raised:
            service.call("GET", "/")
        assert raised.value.kind == Kind.TOO_LARGE

    def test_packed_answers_are_read(self, stand_in):
        stand_in.on("GET", "/", standin.Reply(gzip.compress(b"[1]"), headers={"Content-Encoding": "gzip"}))
        assert Service("Films", url=stand_in.url, deadline=5).call("GET", "/") == [1]

    def test_other_packings_were_not_asked_for(self, stand_in):
        stand_in.on("GET", "/", standin.Reply(b"[1]", headers={"Content-Encoding": "gzip, gzip"}))
        with pytest.raises(Garbled):
            Service("Films", url=stand_in.url, deadline=5, retries=0).call("GET", "/")


class TestAsking:
    def test_the_answer_as_it_came(self, films, stand_in):
        reply = standin.Reply(b"\x89PNG", 308, {"Range": "bytes=0-99", "Location": "/next"})
        stand_in.on("PUT", "/upload", reply)
        answer = films.ask("PUT", "/upload", content=b"a part", headers={"Content-Range": "bytes 0-5/6"}, expect={308})
        assert (answer.status, answer.headers["range"], answer.content) == (308, "bytes=0-99", b"\x89PNG")
        assert stand_in.requests[-1].body == b"a part"
        assert stand_in.requests[-1].headers["Content-Range"] == "bytes 0-5/6"

    def test_an_empty_answer_is_none(self, films, stand_in):
        stand_in.on("DELETE", "/title", standin.Reply(b"", 204))
        assert films.call("DELETE", "/title") is None

    @pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "title", ""])
    def test_keys_go_nowhere_else(self, films, path):
        with pytest.raises(ValueError, match="one slash"):
            films.call("GET", path)

    def test_what_was_saved_is_not_told_by_a_refusal_that_repeats_it(self, films, stand_in):
        stand_in.fault, stand_in.refusal = "422", {"wrong": [{"note": SAVED}]}
        with pytest.raises(Refused) as raised:
            films.call("POST", "/titles", json={"notes": [{"text": SAVED}]})
        assert SAVED not in str(raised.value)
        assert "note" in raised.value.body

    def test_deep_nesting_is_garbled_and_no_crash(self, films, stand_in):
        stand_in.on("GET", "/deep", standin.Reply(b"[" * 200_000))
        with pytest.raises(Garbled):
            films.call("GET", "/deep")

    def test_a_mistake_of_ours_is_not_theirs(self, films, stand_in, rows):
        def broken(found):
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            films.call("GET", "/title/1/sources/", shape=broken)
        assert rows() == []


def test_a_process_that_forks_shares_no_connection_with_its_child(films, stand_in, rows):
    stand_in.on("GET", "/title", {})
    program = (
        "import os, django; django.setup()\n"
        "from project.foundation.outbound import Service, Unavailable\n"
        f"service = Service('Films', url={stand_in.url!r}, deadline=5, retries=0)\n"
        "service.call('GET', '/title')\n"
        "child = os.fork()\n"
        "service.call('GET', '/title')\n"
        "if child: raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR, env=os.environ | OURS, check=True)
    ports = [request.port for request in stand_in.requests]
    assert (len(ports), len(set(ports))) == (3, 2)


def test_retry_after_is_told(films, stand_in):
    stand_in.fault, stand_in.retry_after = "429 with Retry-After", "90"
    with pytest.raises(Throttled) as raised:
        ask(films)
    assert timedelta(seconds=raised.value.retry_after) == timedelta(seconds=90)

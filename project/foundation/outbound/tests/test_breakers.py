"""A service that fails is left in peace, by all processes; then one call tries it."""

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as configured

from project.foundation.outbound import Kind, Refused, Service, Unavailable, breakers, shared
from tests.programs import eventually


@pytest.fixture
def films(stand_in):
    stand_in.on("GET", "/title", {"id": 1})
    return lambda **given: Service(
        "Films", url=stand_in.url, **({"deadline": 2, "retries": 0, "failures": 3, "rest": 60} | given)
    )


def fails(service, times=1):
    for _ in range(times):
        with pytest.raises(Unavailable) as raised:
            service.call("GET", "/title")
        assert raised.value.kind != Kind.RESTING


def rests(service):
    try:
        service.call("GET", "/title")
    except Unavailable as error:
        return error.kind == Kind.RESTING
    return False


class TestOpening:
    def test_after_so_many_failures_in_a_row_it_is_not_asked(self, films, stand_in):
        stand_in.fault, service = "500", films()
        fails(service, 3)
        assert rests(service)
        assert len(stand_in.requests) == 3
        assert breakers.state_of("Films") == "open"

    def test_a_good_answer_in_between_begins_the_count_anew(self, films, stand_in):
        service = films()
        for _ in range(4):
            stand_in.faults = ["500", "500"]
            fails(service, 2)
            assert service.call("GET", "/title") == {"id": 1}

    def test_a_refusal_is_an_answer(self, films, stand_in):
        stand_in.fault, service = "404", films()
        for _ in range(5):
            with pytest.raises(Refused):
                service.call("GET", "/title")

    def test_unless_the_service_counts_it(self, films, stand_in):
        stand_in.fault, service = "404", films(counts=(Refused,), failures=1)
        with pytest.raises(Refused):
            service.call("GET", "/title")
        assert rests(service)

    def test_none_where_none_is_wanted(self, films, stand_in):
        stand_in.fault = "500"
        fails(films(failures=0), 10)

    def test_tries_of_one_call_count_and_what_they_saw_is_told(self, films, stand_in):
        stand_in.fault, service = "500", films(retries=5, failures=2)
        fails(service)
        assert len(stand_in.requests) == 2
        assert rests(service)

    def test_all_instances_share_it_and_other_services_do_not(self, films, stand_in):
        stand_in.fault = "500"
        fails(films(), 2)
        fails(films())
        assert rests(films())
        stand_in.fault = ""
        assert Service("Music", url=stand_in.url, deadline=2).call("GET", "/title") == {"id": 1}

    def test_other_processes_share_it(self, films, stand_in, settings):
        stand_in.fault = "500"
        program = (
            "import django; django.setup()\n"
            "from project.foundation.outbound import Service, Unavailable\n"
            f"service = Service('Films', url={stand_in.url!r}, deadline=2, retries=0, failures=3)\n"
            "for _ in range(5):\n"
            "    try: service.call('GET', '/title')\n"
            "    except Unavailable as error: print(error.kind)\n"
        )
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings", "REDIS_URL": settings.REDIS_URL}
        ran = subprocess.run(
            [sys.executable, "-c", program],
            cwd=configured.BASE_DIR, env=environment, capture_output=True, text=True, timeout=180, check=True,
        )  # fmt: skip
        assert ran.stdout.split() == ["broken"] * 3 + ["resting"] * 2
        assert rests(films())

    def test_calls_to_a_service_that_hangs_do_not_queue(self, films, stand_in):
        stand_in.fault, service = "silent", films(deadline=0.5, failures=100)
        started = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: fails(service), range(8)))
        assert time.monotonic() - started < 2

    def test_while_it_rests_nothing_is_written(self, films, stand_in, rows):
        stand_in.fault, service = "500", films()
        fails(service, 3)
        assert all(rests(service) for _ in range(20))
        assert sum(row.count for row in rows()) == 3


class TestTrying:
    def test_after_its_rest_a_good_answer_closes_it(self, films, stand_in):
        stand_in.fault, service = "500", films(rest=0.3)
        fails(service, 3)
        stand_in.fault = ""
        eventually(lambda: not rests(service))
        assert breakers.state_of("Films") == "closed"
        stand_in.faults = ["500", "500"]
        fails(service, 2)
        assert not rests(service)

    def test_a_bad_one_sends_it_to_rest_again(self, films, stand_in):
        stand_in.fault, service = "500", films(rest=1)
        fails(service, 3)
        eventually(lambda: not rests(service))
        assert len(stand_in.requests) == 4
        assert rests(service)

    def test_of_many_only_one_tries(self, films, stand_in):
        stand_in.fault, service = "500", films(rest=0.3)
        fails(service, 3)
        opened = time.monotonic()
        stand_in.fault = "silent"
        eventually(lambda: time.monotonic() - opened > 0.4)
        with ThreadPoolExecutor(8) as pool:
            rested = list(pool.map(lambda _: rests(service), range(8)))
        assert rested.count(False) == 1
        assert len(stand_in.requests) == 4

    def test_another_may_try_when_who_tried_never_came_back(self, films, stand_in):
        stand_in.fault, service = "500", films(rest=0.1, deadline=1)
        fails(service, 3)
        stand_in.fault = ""
        breaker = service._breaker
        eventually(lambda: _admitted(breaker))
        assert rests(service)  # one is on its way, as far as anybody knows
        eventually(lambda: not rests(service))


def _admitted(breaker):
    try:
        return breaker._admitted()
    except breakers.Resting:
        return None


class TestWithoutRedis:
    @pytest.fixture(params=["nobody there", "nobody answers"])
    def _gone(self, request, settings, monkeypatch):
        monkeypatch.setattr(shared, "PATIENCE", 0.25)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = 1 if request.param == "nobody there" else silent.getsockname()[1]
            settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
            shared._connected.cache_clear()
            yield
            shared._connected.cache_clear()

    @pytest.mark.usefixtures("_gone")
    def test_calls_go_on_at_once(self, films, stand_in):
        service, started = films(retries=2), time.monotonic()
        for _ in range(20):
            assert service.call("GET", "/title") == {"id": 1}
        stand_in.faults = ["500", "500"]
        assert service.call("GET", "/title") == {"id": 1}
        assert time.monotonic() - started < 3

    @pytest.mark.usefixtures("_gone")
    def test_each_process_still_leaves_a_service_in_peace_and_tries_it_again(self, films, stand_in):
        stand_in.fault, service = "500", films(rest=1)
        fails(service, 3)
        assert rests(service)
        stand_in.fault = ""
        eventually(lambda: not rests(service))
        assert not rests(service)

    def test_it_goes_in_the_middle_and_comes_back(self, films, stand_in, settings):
        service, real = films(), settings.REDIS_URL
        assert service.call("GET", "/title") == {"id": 1}
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        assert service.call("GET", "/title") == {"id": 1}
        settings.REDIS_URL = real
        stand_in.fault = "500"
        fails(service, 3)
        assert rests(films())


def test_a_trial_is_given_to_one_thread_of_many(films):
    service = films()
    barrier = threading.Barrier(8)

    def takes(_):
        barrier.wait(5)
        return service._breaker._takes_trial(service._breaker._used())

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(takes, range(8))) == 1

"""What is asked again, when, and how often by all of us together."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
from django.conf import settings as configured

from project.foundation.outbound import Garbled, Refused, Service, Throttled, Unavailable, budget, client, rules
from tests import standin

REPEATED = ["429", "500", "503", "refused", "hung up", "cut", "longer length", "silent"]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(client, "FIRST_PAUSE", 0.01)


@pytest.fixture
def films(stand_in):
    stand_in.on("GET", "/title", {"id": 1})
    stand_in.on("PUT", "/title", {"id": 1})
    stand_in.on("POST", "/title", {"id": 1})
    return lambda **given: Service(
        "Films", url=stand_in.url, **({"deadline": 5, "retries": 2, "failures": 0, "patience": 1} | given)
    )


class TestWhatIsRepeated:
    @pytest.mark.parametrize("fault", [each for each in REPEATED if each != "refused"])
    @pytest.mark.parametrize("method", ["GET", "PUT"])
    def test_a_harmless_call_after_a_failure_that_may_pass(self, films, stand_in, fault, method):
        stand_in.faults = [fault, fault]
        assert films().call(method, "/title") == {"id": 1}
        assert len(stand_in.requests) == 3

    def test_as_often_as_the_service_says_and_the_last_failure_is_told(self, films, stand_in):
        stand_in.faults = ["500", "cut", "429"]
        with pytest.raises(Throttled):
            films().call("GET", "/title")
        assert len(stand_in.requests) == 3

    def test_a_call_that_does_something_is_not(self, films, stand_in):
        stand_in.fault = "500"
        with pytest.raises(Unavailable):
            films().call("POST", "/title", json={})
        assert len(stand_in.requests) == 1

    def test_unless_whoever_calls_says_that_it_may(self, films, stand_in):
        stand_in.faults = ["500"]
        assert films().call("POST", "/title", json={}, repeatable=True) == {"id": 1}
        assert [request.body for request in stand_in.requests] == [b"{}", b"{}"]

    def test_nor_a_harmless_one_of_which_that_is_denied(self, films, stand_in):
        stand_in.fault = "500"
        with pytest.raises(Unavailable):
            films().call("PUT", "/title", repeatable=False)
        assert len(stand_in.requests) == 1

    @pytest.mark.parametrize("fault", ["401", "403", "404", "422", "redirect", "truncated", "empty", "not JSON"])
    def test_nor_what_would_fail_again(self, films, stand_in, fault):
        stand_in.fault = fault
        with pytest.raises((Refused, Garbled)):
            films().call("GET", "/title", shape=lambda found: found["id"])
        assert len(stand_in.requests) == 1

    def test_nothing_with_no_retries(self, films, stand_in):
        stand_in.fault = "500"
        with pytest.raises(Unavailable):
            films(retries=0).call("GET", "/title")
        assert len(stand_in.requests) == 1


class TestTime:
    def test_a_service_that_says_when_is_not_asked_before(self, films, stand_in):
        stand_in.faults = ["429 with Retry-After"]
        started = time.monotonic()
        assert films().call("GET", "/title") == {"id": 1}
        assert time.monotonic() - started >= 1

    def test_nor_when_it_says_it_by_a_date(self, films, stand_in):
        stand_in.faults, stand_in.retry_after = ["429 with Retry-After"], formatdate(time.time() + 30, usegmt=True)
        with pytest.raises(Throttled) as raised:
            films().call("GET", "/title")
        assert 20 < raised.value.retry_after <= 30
        assert len(stand_in.requests) == 1

    def test_a_wait_beyond_the_deadline_is_not_begun(self, films, stand_in):
        stand_in.fault, stand_in.retry_after = "429 with Retry-After", "6"
        started = time.monotonic()
        with pytest.raises(Throttled):
            films().call("GET", "/title")
        assert time.monotonic() - started < 2

    def test_the_deadline_holds_over_all_tries(self, films, stand_in):
        stand_in.fault = "silent"
        started = time.monotonic()
        with pytest.raises(Unavailable):
            films(deadline=1, patience=0.4, retries=50).call("GET", "/title")
        assert 0.8 < time.monotonic() - started < 2
        assert 2 <= len(stand_in.requests) <= 4

    def test_pauses_are_rolled_anew(self, films, stand_in, monkeypatch):
        """Between nothing and a limit that doubles."""
        monkeypatch.setattr(client, "FIRST_PAUSE", 0.05)
        stand_in.fault = "500"
        took = []
        for _ in range(4):
            started = time.monotonic()
            with pytest.raises(Unavailable):
                films().call("GET", "/title")
            took.append(time.monotonic() - started)
        assert len({round(each, 3) for each in took}) > 1
        assert max(took) < 0.05 + 0.1 + 1


class TestTheBudget:
    def test_it_ends_the_repetitions_of_a_service_that_stays_down(self, films, stand_in):
        stand_in.fault = "500"
        calls = 30
        for service in [films(), films()]:
            for _ in range(calls // 2):
                with pytest.raises(Unavailable, match="500"):
                    service.call("GET", "/title")
        assert len(stand_in.requests) == calls + rules.FLOOR

    def test_it_grows_with_what_is_asked(self):
        for _ in range(500):
            budget.count("Films")
        assert sum(budget.take("Films") for _ in range(200)) == 50

    def test_each_service_has_its_own(self):
        assert sum(budget.take("Films") for _ in range(50)) == rules.FLOOR
        assert budget.take("Music")

    def test_threads_share_it(self):
        with ThreadPoolExecutor(16) as pool:
            taken = sum(pool.map(lambda _: budget.take("Films"), range(200)))
        assert taken == rules.FLOOR

    def test_processes_share_it(self, settings):
        program = (
            "import django; django.setup()\n"
            "from project.foundation.outbound import budget\n"
            "print(sum(budget.take('Films') for _ in range(50)))"
        )
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings", "REDIS_URL": settings.REDIS_URL}
        running = [
            subprocess.Popen(
                [sys.executable, "-c", program], cwd=configured.BASE_DIR, env=environment, stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        assert sum(int(each.communicate(timeout=180)[0]) for each in running) == rules.FLOOR

    def test_it_comes_back(self, monkeypatch):
        while budget.take("Films"):
            pass
        later = time.time() + 61 + budget.SPAN
        monkeypatch.setattr(budget.time, "time", lambda: later)
        assert budget.take("Films")


def test_what_is_repeated_is_all_that_may_pass():
    assert set(REPEATED) < set(standin.FAULTS)

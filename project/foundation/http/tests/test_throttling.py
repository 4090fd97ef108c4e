"""How often one may ask, and what happens when nobody counts."""

import os
import re
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from redis.exceptions import RedisError

from project.foundation.http import throttling
from project.foundation.http.sessions import ForgivingCache
from tests.programs import ROOT

API = "/api/v1/techniques"
PROBLEM = "application/problem+json"
pytestmark = pytest.mark.django_db


@pytest.fixture
def limits(settings):
    def set_to(**wanted):
        settings.THROTTLES = settings.THROTTLES | wanted

    return set_to


def statuses(client, url, times, **headers):
    return [client.get(url, headers=headers).status_code for _ in range(times)]


class TestTheApi:
    def test_after_the_limit_comes_a_problem_that_says_when_to_try_again(self, client, limits):
        limits(anonymous=3)
        assert statuses(client, API, 3) == [200] * 3
        refused = client.get(API)
        assert (refused.status_code, refused["Content-Type"]) == (429, PROBLEM)
        body = refused.json()
        assert body["code"] == "too_many_requests"
        assert body["request_id"] == refused["X-Request-ID"]
        assert 1 <= int(refused["Retry-After"]) <= 60
        assert refused["RateLimit-Reset"] == refused["Retry-After"]
        assert refused["RateLimit-Remaining"] == "0"
        assert refused["Cache-Control"] == "no-store"

    def test_what_was_refused_does_not_count(self, client, limits, monkeypatch):
        limits(anonymous=2)
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now)
        assert statuses(client, API, 5) == [200, 200, 429, 429, 429]
        monkeypatch.setattr(time, "time", lambda: now + 60.5)
        assert statuses(client, API, 3) == [200, 200, 429]

    def test_the_window_moves_and_has_no_edge_to_wait_for(self, client, limits, monkeypatch):
        limits(anonymous=2)
        now = time.time()
        for after, status in ((0, 200), (50, 200), (59, 429), (60.5, 200), (61, 429), (110.5, 200), (111, 429)):
            monkeypatch.setattr(time, "time", lambda after=after: now + after)
            assert client.get(API).status_code == status, after

    @pytest.mark.parametrize(
        ("url", "status"),
        [
            (API, 200), (f"{API}/nothing", 404), (f"{API}?colour=red", 422), ("/api/v1/nothing", 404),
            ("/api/schema", 200), ("/api/docs", 200), ("/api/", 404),
        ],
    )  # fmt: skip
    def test_every_answer_says_what_is_left(self, client, url, status):
        for remaining in (59, 58):
            answer = client.get(url)
            assert answer.status_code == status
            assert answer["RateLimit-Limit"] == "60"
            assert answer["RateLimit-Remaining"] == str(remaining)
            assert 1 <= int(answer["RateLimit-Reset"]) <= 60
            assert answer["RateLimit-Policy"] == '"anonymous";q=60;w=60'
            assert re.fullmatch(rf'"anonymous";r={remaining};t=\d+', answer["RateLimit"])

    def test_also_a_304_and_a_wrong_method(self, client):
        tag = client.get(API)["ETag"]
        assert client.get(API, headers={"If-None-Match": tag})["RateLimit-Remaining"] == "58"
        assert client.delete(API)["RateLimit-Remaining"] == "57"

    def test_a_person_is_counted_wherever_they_are_and_has_more(self, ben, limits):
        limits(user=3, anonymous=1)
        here, there = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
        for client in (here, there):
            client.force_login(ben)
        assert statuses(here, API, 2) == [200, 200]
        assert statuses(there, API, 2) == [200, 429]
        assert statuses(Client(REMOTE_ADDR="192.0.2.1"), API, 2) == [200, 429], "strangers there have their own"

    def test_a_search_counts_twice_and_its_own_limit_is_nearer(self, client, limits):
        limits(search=2)
        answer = client.get("/api/v1/search?q=chagi")
        assert answer["RateLimit-Policy"] == '"anonymous";q=60;w=60, "search";q=2;w=60'
        assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("2", "1")
        assert client.get("/api/v1/search?q=sogi").status_code == 200
        refused = client.get("/api/v1/search?q=makgi")
        assert refused.status_code == 429
        assert "(search)" in refused.json()["detail"]
        assert client.get(API).status_code == 200

    def test_without_a_limit_nothing_is_counted(self, client, limits):
        limits(anonymous=0)
        assert "RateLimit-Limit" not in client.get(API)

    def test_an_empty_cache_has_forgotten_everything(self, client, limits):
        """So that no test is refused because of the one before it."""
        limits(anonymous=1)
        assert statuses(client, API, 2) == [200, 429]
        cache.clear()
        assert client.get(API).status_code == 200


class TestTheSearchPage:
    def test_it_has_a_limit_of_its_own_and_our_page(self, client, limits):
        limits(search_page=2, search=1, anonymous=1)
        assert statuses(client, "/search/?q=chagi", 2) == [200, 200]
        refused = client.get("/search/?q=chagi")
        assert refused.status_code == 429
        assert "429.html" in [template.name for template in refused.templates]
        assert 1 <= int(refused["Retry-After"]) <= 60
        assert client.get("/techniques/").status_code == 200


class TestTheAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "", "10.0.0.9"),
            (1, "", "10.0.0.9"),
            (0, "198.51.100.1", "10.0.0.9"),
            (1, "198.51.100.1", "198.51.100.1"),
            (1, "1.2.3.4, 198.51.100.1", "198.51.100.1"),
            (2, "1.2.3.4, 198.51.100.1, 10.0.0.8", "198.51.100.1"),
            (2, "198.51.100.1", "10.0.0.9"),
            (1, "not an address", ""),
        ],
    )
    def test_is_what_the_outermost_of_our_proxies_saw(self, settings, proxies, forwarded, address):
        settings.TRUSTED_PROXIES = proxies
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", headers=headers)
        assert throttling.client_address(request) == address

    @pytest.mark.parametrize(
        ("written", "address"),
        [
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("", ""),
            ("unix:", ""),
        ],
    )
    def test_of_ipv6_only_the_network_counts(self, written, address):
        assert throttling.client_address(RequestFactory().get("/", REMOTE_ADDR=written)) == address


class TestCountingTogether:
    def test_of_many_threads_exactly_the_limit_gets_through(self, limits):
        limits(anonymous=25)
        with ThreadPoolExecutor(20) as pool:
            standings = list(pool.map(lambda _: throttling.counted(scope="anonymous", who="at 192.0.2.1"), range(200)))
        assert sum(not standing.is_over for standing in standings) == 25

    def test_and_of_many_processes(self, settings):
        program = (
            "import django; django.setup()\n"
            "from project.foundation.http.throttling import counted\n"
            "print(sum(not counted(scope='anonymous', who='at 192.0.2.1').is_over for _ in range(50)))"
        )
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings", "REDIS_URL": settings.REDIS_URL}
        running = [
            subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
            for _ in range(3)
        ]
        through = [int(each.communicate(timeout=60)[0]) for each in running]
        assert sum(through) == 60


class TestPlaces:
    """What is counted only when it went wrong: a place is taken first, and given back when all was well."""

    LIMIT = {"scope": "guesses", "who": "ben", "limit": 2, "seconds": 600}

    def test_a_place_that_is_given_back_is_free_again(self):
        first, second = throttling.taken(**self.LIMIT), throttling.taken(**self.LIMIT)
        assert throttling.taken(**self.LIMIT).is_over
        throttling.give_back(first)
        assert not throttling.taken(**self.LIMIT).is_over
        assert throttling.taken(**self.LIMIT).is_over
        assert (first.remaining, second.remaining) == (1, 0)

    def test_what_was_refused_has_no_place_to_give_back(self):
        for _ in range(2):
            throttling.taken(**self.LIMIT)
        throttling.give_back(throttling.taken(**self.LIMIT))
        assert throttling.taken(**self.LIMIT).is_over

    def test_all_of_them_can_be_forgotten(self):
        for _ in range(2):
            throttling.taken(**self.LIMIT)
        throttling.forget(**self.LIMIT)
        assert throttling.taken(**self.LIMIT).remaining == 1

    def test_the_window_is_as_long_as_it_is_said_to_be(self, monkeypatch):
        now = time.time()
        for after, is_over in ((0, False), (1, False), (599, True), (600.5, False), (600.6, True)):
            monkeypatch.setattr(time, "time", lambda after=after: now + after)
            assert throttling.taken(**self.LIMIT).is_over is is_over, after


class TestWithoutRedis:
    @pytest.fixture
    def silent(self):
        """Something that takes connections and never says a word."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"

    @pytest.fixture(params=["nobody there", "nobody answers"])
    def unreachable(self, request, settings, silent):
        url = "redis://127.0.0.1:1/0" if request.param == "nobody there" else silent
        settings.REDIS_URL = url
        settings.CACHES = {name: each | {"LOCATION": url} for name, each in settings.CACHES.items()}
        throttling._window.cache_clear()
        yield url
        ForgivingCache.paused_until = 0.0

    def test_the_api_and_pages_go_on_at_once_and_without_limits(self, unreachable, client, limits):
        limits(anonymous=1, search_page=1)
        started = time.monotonic()
        assert statuses(client, API, 20) == [200] * 20
        assert statuses(client, "/search/?q=chagi", 5) == [200] * 5
        assert time.monotonic() - started < 5
        assert "RateLimit-Limit" not in client.get(API)

    def test_whoever_is_signed_in_stays_so(self, signed_in, unreachable):
        client = signed_in
        started = time.monotonic()
        answer = client.get(API)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-cache"
        assert client.get("/profile/").status_code == 200
        assert time.monotonic() - started < 3

    def test_nobody_who_leaves_is_told_so_while_the_session_might_come_back(self, signed_in, unreachable):
        with pytest.raises(RedisError):
            signed_in.post("/account/logout/")

    def test_it_is_said_once_and_then_left_alone_for_a_while(self, unreachable, monkeypatch):
        said = []
        monkeypatch.setattr(throttling.log, "warning", lambda event, **facts: said.append(facts))
        started = time.monotonic()
        for _ in range(100):
            assert throttling.counted(scope="anonymous", who="at 192.0.2.1") is None
        assert time.monotonic() - started < 1
        assert len(said) == 1
        assert said[0]["error"] in {"ConnectionError", "TimeoutError"}

    def test_giving_back_and_forgetting_go_on_too(self, unreachable):
        throttling.give_back(throttling.Standing("guesses", 2, 1, 1, is_over=False, place=("guesses", 1.0)))
        throttling._window(unreachable).paused_until = 0.0
        throttling.forget(scope="guesses", who="ben", limit=2, seconds=600)

    def test_and_tried_again_after_it(self, unreachable, monkeypatch):
        assert throttling.counted(scope="anonymous", who="at 192.0.2.1") is None
        later = time.monotonic() + throttling.PAUSE
        asked = []
        window = throttling._window(unreachable)
        monkeypatch.setattr(window, "take", lambda *_, **__: asked.append(True) or (True, time.time(), 1))
        assert throttling.counted(scope="anonymous", who="at 192.0.2.1") is None
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert throttling.counted(scope="anonymous", who="at 192.0.2.1") is not None
        assert asked == [True]

"""What Prometheus is told, by real processes of a hall that is really open."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor

from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from learning.handbook.tests.factories import published_technique
from project.foundation.audit.models import AuditEvent
from project.foundation.audit.tests.factories import AuditEventFactory
from project.foundation.jobs.tests.factories import JobFactory
from tests.programs import eventually
from tests.seeing.conftest import TOKEN


def samples(text):
    """(name, labels) → value."""
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def value(text, name, **labels):
    return samples(text).get((f"dojang_{name}", tuple(sorted(labels.items()))))


def test_each_process_tells_the_sum_of_all_and_what_the_dead_have_done_stays(open_hall, tmp_path):
    hall = open_hall(web=2, METRICS_TOKEN=TOKEN)
    folder = tmp_path / "metrics"
    robots = {"method": "GET", "route": "/robots.txt", "status": "2xx"}

    def counted():
        return sum(b"robots.txt" in file.read_bytes() for file in folder.glob("counter_*.db"))

    asked = 0
    while counted() < 2:
        with ThreadPoolExecutor(16) as crowd:
            list(crowd.map(lambda _: hall.get("/robots.txt"), range(40)))
        asked += 40
        assert asked < 2000, "one process never answers"
    told = [hall.metrics() for _ in range(4)]
    assert {value(each, "http_requests_total", **robots) for each in told} == {asked}
    assert value(told[0], "http_request_seconds_count", route="/robots.txt") == asked

    gone = hall.web.pop()
    gone.send_signal(signal.SIGKILL)
    gone.wait()
    assert list(folder.glob(f"gauge_livesum_{gone.pid}.db"))
    assert value(hall.metrics(), "http_requests_total", **robots) == asked
    assert not list(folder.glob(f"gauge_livesum_{gone.pid}.db")), "a process that is dead has no open sockets"


def test_what_a_hall_tells(open_hall, subtests):
    """One test, since opening takes seconds."""
    JobFactory.create_batch(3)
    AuditEventFactory()
    slug = "gunnun-sogi"
    published_technique(now=timezone.now(), slug=slug)
    unsealed = AuditEvent.objects.count()
    hall = open_hall(METRICS_TOKEN=TOKEN, PUBLIC_URL="https://dojang.example")
    https = {"X_Forwarded_Proto": "https"}

    with subtests.test("only who has the token may ask"):
        assert hall.get("/metrics")[0] == 401
        assert hall.get("/metrics")[1]["WWW-Authenticate"] == "Bearer"
        assert hall.get("/metrics", token=TOKEN + "x")[0] == 401
        assert hall.get("/metrics", Authorization=TOKEN)[0] == 401
        status, headers, _ = hall.get("/metrics", token=TOKEN)
        assert status == 200
        assert headers["Content-Type"].startswith("text/plain; version=")
        assert headers["Cache-Control"] == "no-store"

    with subtests.test("by an address that is no name of the site, and without TLS"):
        assert hall.get("/metrics", token=TOKEN, Host="web:8000")[0] == 200
        assert hall.get("/", Host="web:8000")[0] == 400

    with subtests.test("rows are told as they are now"):
        text = hall.metrics()
        assert value(text, "jobs", queue="default", state="queued") == 3
        assert value(text, "jobs", queue="render", state="failed") == 0
        assert value(text, "jobs_oldest_due_seconds", queue="media") == 0
        assert value(text, "job_clusters", queue="default") == 0
        assert value(text, "scheduler_seen_timestamp_seconds") == 0
        assert value(text, "audit_unsealed_events") == unsealed
        assert value(text, "throttled_total", scope="anonymous") == 0
        works = {labels[0][1]: works for (name, labels), works in samples(text).items() if name.endswith("part_works")}
        assert works == {"audit": 1, "jobs": 1, "outbound": 1}

    with subtests.test("a route is told, and never what somebody asked for"):
        for path in ("/tuls/no-such-tul/", "/search/?q=ben@dojang.example", "/nowhere/at/all/", "/static/js/main.js"):
            hall.get(path, **https)
        for _ in range(2):
            assert hall.get(f"/api/v1/techniques/{slug}", **https)[0] == 200
        text = hall.metrics()
        assert not {word for word in ("no-such-tul", "nowhere", "ben@") if word in text}
        assert slug not in text
        of_the_api = "/api/v1/techniques/<slug>"
        routes = {dict(labels)["route"] for name, labels in samples(text) if name == "dojang_http_requests_total"}
        assert {"/tuls/<slug:slug>/", "/search/", "none", "static", of_the_api} <= routes
        assert value(text, "db_queries_total", route="/search/") >= 1
        assert value(text, "db_query_seconds_total", route="/search/") > 0
        answered = value(text, "http_requests_total", method="GET", route=of_the_api, status="2xx")
        assert answered == 2, "those that are kept too"

    with subtests.test("sockets are counted while they are open"):

        def open_now():
            return value(hall.metrics(), "websockets_open")

        async def visit(feed, seen):
            address = hall.url.replace("http", "ws") + f"/live/{feed}/"
            async with connect(address, origin=hall.url):
                seen.append(await asyncio.to_thread(open_now))

        seen = []
        asyncio.run(visit("seeing.lights", seen))
        assert seen == [1]
        eventually(lambda: open_now() == 0, what=open_now)

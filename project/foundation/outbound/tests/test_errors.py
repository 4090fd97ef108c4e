"""What operators see of services that fail: counted, kept whatever happens to who saw it, and forgotten in time."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import structlog
from django.conf import settings as configured
from django.db import DatabaseError, IntegrityError, connection, transaction

from project.foundation.jobs import registry
from project.foundation.outbound import Kind, Service, Unavailable, breakers, commands, queries, recorder, tasks
from project.foundation.outbound.failures import Failure
from project.foundation.outbound.models import IntegrationError
from project.foundation.outbound.tests.factories import IntegrationErrorFactory
from tests.programs import database_url

HOUR = timedelta(hours=1)


def failure(now, **fields):
    given = {
        "service": "Films",
        "kind": "timeout",
        "method": "GET",
        "path": "/title",
        "status": 0,
        "message": "no answer",
    }
    return Failure(**(given | {"request_id": "r1", "job_id": "", "first_at": now, "last_at": now} | fields))


@pytest.mark.django_db
class TestCounting:
    def test_the_same_within_an_hour_is_one_row(self, now):
        commands.record_failures(failures=[failure(now), failure(now + HOUR / 2, message="later", request_id="r2")])
        (row,) = IntegrationError.objects.all()
        assert (row.count, row.first_at, row.last_at) == (2, now, now + HOUR / 2)
        assert (row.message, row.request_id) == ("later", "r2")

    def test_in_whatever_order_it_is_written(self, now):
        commands.record_failures(failures=[failure(now + HOUR / 2), failure(now)])
        (row,) = IntegrationError.objects.all()
        assert (row.count, row.first_at, row.last_at) == (2, now, now + HOUR / 2)

    def test_the_next_hour_begins_a_row(self, now):
        commands.record_failures(failures=[failure(now), failure(now + HOUR)])
        assert [row.count for row in IntegrationError.objects.all()] == [1, 1]

    @pytest.mark.parametrize(
        "other", [{"service": "Music"}, {"kind": "broken"}, {"method": "PUT"}, {"path": "/"}, {"status": 500}]
    )
    def test_anything_else_is_another_row(self, now, other):
        commands.record_failures(failures=[failure(now), failure(now, **other)])
        assert [row.count for row in IntegrationError.objects.all()] == [1, 1]


REFUSED = [
    ("one_integration_error_per_hour", "kind = 'broken'"),
    ("integration_error_names_its_service", "service = ''"),
    ("integration_error_kind_is_known", "kind = 'odd'"),
    ("integration_error_status_is_one", "status = 99"),
    ("integration_error_status_is_one", "status = 600"),
    ("integration_error_status_is_one", "status = -1"),
    ("integration_error_path_has_no_query", "path = '/title?api_key=secret'"),
    ("integration_error_happened", "count = 0"),
    ("integration_error_hour_is_whole", "hour = hour - interval '1 minute'"),
    ("integration_error_is_within_its_hour", "hour = hour - interval '1 hour'"),
    ("integration_error_is_within_its_hour", "first_at = first_at - interval '1 minute'"),
    ("integration_error_is_within_its_hour", "first_at = first_at + interval '1 minute'"),
    ("integration_error_is_within_its_hour", "last_at = last_at + interval '1 hour'"),
]


@pytest.mark.django_db
class TestPostgresRefuses:
    @pytest.mark.parametrize(("constraint", "change"), REFUSED)
    def test_what_the_code_would_never_write(self, constraint, change):
        row = IntegrationErrorFactory(path="/title")
        IntegrationErrorFactory(path="/title", kind="broken")
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as sql:
            sql.execute(f"UPDATE outbound_integrationerror SET {change} WHERE id = %s", [row.pk])

    def test_every_constraint_is_attacked(self):
        ours = {constraint.name for constraint in IntegrationError._meta.constraints}
        assert ours <= {name for name, _ in REFUSED}


@pytest.fixture
def broken(stand_in):
    stand_in.fault = "500"
    return Service("Films", url=stand_in.url, deadline=5, retries=0, failures=0)


def fails(service):
    with pytest.raises(Unavailable):
        service.call("GET", "/title")


class TestWriting:
    def test_a_failure_stays_when_the_transaction_that_saw_it_is_rolled_back(self, broken, rows):
        with transaction.atomic():
            fails(broken)
            transaction.set_rollback(True)
        assert [row.count for row in rows()] == [1]

    def test_a_broken_transaction_neither_loses_it_nor_is_broken_further(self, broken, rows):
        def breaks_and_fails():
            with transaction.atomic(), connection.cursor() as sql:
                try:
                    sql.execute("SELECT 1 / 0")
                finally:
                    fails(broken)

        with pytest.raises(DatabaseError, match="division by zero"):
            breaks_and_fails()
        assert [row.kind for row in rows()] == ["broken"]

    def test_many_at_once_are_all_counted(self, broken, rows):
        threads = [threading.Thread(target=fails, args=(broken,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(row.count for row in rows()) == 20

    def test_so_are_those_of_several_processes(self, now, rows):
        """Each writes on a connection of its own, in the worst order."""
        batches = [[failure(now, path=path) for path in order] for order in (["/a", "/b"], ["/b", "/a"])] * 4
        start = threading.Barrier(len(batches))

        def write(batch):
            start.wait(5)
            try:
                for _ in range(10):
                    commands.record_failures(failures=batch)
            finally:
                connection.close()

        threads = [threading.Thread(target=write, args=(batch,)) for batch in batches]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted((row.path, row.count) for row in rows()) == [("/a", 80), ("/b", 80)]

    def test_without_a_database_calls_fail_as_they_would(self, broken):
        """This test may use none: the thread that writes is refused."""
        with structlog.testing.capture_logs() as logs:
            fails(broken)
            recorder.wait()
        assert "failures of services are not written" in [entry["event"] for entry in logs]
        fails(broken)

    def test_what_waits_is_limited(self, now, monkeypatch):
        held = recorder._Recorder()
        held._writer = threading.current_thread()  # as if it were busy
        monkeypatch.setattr(recorder, "MOST", 3)
        for number in range(10):
            held.take(failure(now, path=f"/{'x' * number}"))
            held.take(failure(now, path="/"))
        assert len(held._waiting) == 3
        assert held._waiting[failure(now, path="/").key].count == 11

    def test_a_process_that_ends_waits_for_it(self, stand_in, rows):
        stand_in.fault = "500"
        program = (
            "import django; django.setup()\n"
            "from project.foundation.outbound import Service, Unavailable\n"
            f"try: Service('Films', url={stand_in.url!r}, deadline=5, retries=0).call('GET', '/title')\n"
            "except Unavailable: pass\n"
        )
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "project.settings", "DATABASE_URL": database_url()}
        subprocess.run([sys.executable, "-c", program], cwd=configured.BASE_DIR, env=environment, check=True)
        assert [row.service for row in rows()] == ["Films"]


@pytest.mark.django_db
class TestSeeing:
    def test_newest_first_by_service_kind_and_time(self, now):
        old = IntegrationErrorFactory(last_at=now - HOUR)
        new = IntegrationErrorFactory(last_at=now, service="Music", kind="broken", status=500)
        same = IntegrationErrorFactory(last_at=now)
        assert list(queries.errors()) == [same, new, old]
        assert list(queries.errors(service="Films")) == [same, old]
        assert list(queries.errors(kind="broken")) == [new]
        assert list(queries.errors(service="Films", since=now)) == [same]

    def test_how_services_are_doing(self, now):
        IntegrationErrorFactory(last_at=now - timedelta(days=2), service="Forgotten")
        IntegrationErrorFactory(last_at=now - 3 * HOUR, service="Music", count=7)
        IntegrationErrorFactory(last_at=now, count=2)
        IntegrationErrorFactory(last_at=now - HOUR / 2, count=3, kind="broken", status=500)
        breaker = breakers.Breaker("Films", failures=1, rest=60, trial=1, counts=lambda error: True)
        with pytest.raises(ZeroDivisionError):
            breaker.guard(lambda: 1 / 0)
        films, music = queries.services(now=now)
        assert films == queries.Standing("Films", "open", 5, now, until=films.until)
        assert timedelta(seconds=50) < films.until - datetime.now(UTC) <= timedelta(seconds=60)
        assert music == queries.Standing("Music", "closed", 0, now - 3 * HOUR, until=None)

    @pytest.mark.parametrize("size", [1, 8])
    def test_it_costs_two_queries_however_many_there_are(self, now, size, django_assert_num_queries):
        for number in range(size):
            IntegrationErrorFactory(last_at=now, service=f"service {number}")
        with django_assert_num_queries(2):
            assert len(queries.services(now=now)) == size

    def test_a_service_that_nobody_knows_is_closed(self):
        assert breakers.state_of("Unheard of") == "closed"


@pytest.mark.django_db
class TestForgetting:
    def test_what_is_older(self, now):
        IntegrationErrorFactory(last_at=now - timedelta(microseconds=1), first_at=now - timedelta(seconds=1))
        kept = IntegrationErrorFactory(last_at=now)
        assert commands.forget_errors(before=now) == 1
        assert list(IntegrationError.objects.all()) == [kept]

    def test_the_job_does_it_after_the_days_of_the_setting(self, now, settings, monkeypatch):
        settings.INTEGRATION_ERROR_DAYS = 30
        monkeypatch.setattr(tasks.timezone, "now", lambda: now)
        IntegrationErrorFactory(last_at=now - timedelta(days=31))
        kept = IntegrationErrorFactory(last_at=now - timedelta(days=29))
        assert registry.kind("outbound.forget_errors").body(None) == 1
        assert list(IntegrationError.objects.all()) == [kept]


def test_the_hour_of_a_failure_is_that_of_greenwich(now):
    in_india = now.astimezone(ZoneInfo("Asia/Kolkata"))
    assert failure(in_india).hour == now.astimezone(UTC).replace(minute=0)
    assert failure(in_india).key == failure(now).key


def test_kinds_of_failures_are_those_of_the_table():
    assert {kind.value for kind in Kind} == dict(IntegrationError._meta.get_field("kind").choices).keys()

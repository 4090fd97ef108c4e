"""What each part says of itself, to whoever collects metrics and to whoever asks for its health."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.test import RequestFactory
from prometheus_client.parser import text_string_to_metric_families

from project.foundation import health, metrics
from project.foundation.audit import commands as audit
from project.foundation.audit import seeing as audit_seeing
from project.foundation.audit.tests.factories import AuditEventFactory
from project.foundation.http import metering
from project.foundation.jobs import commands as jobs
from project.foundation.jobs import keeper
from project.foundation.jobs import seeing as jobs_seeing
from project.foundation.jobs.tests.factories import JobFactory
from project.foundation.live import seeing as live_seeing
from project.foundation.outbound import Service, ServiceError
from project.foundation.outbound import seeing as outbound_seeing

pytestmark = pytest.mark.django_db
QUEUES = ("default", "media", "render")


def told(name, **labels):
    """The value of one sample of what would be told now."""
    for family in text_string_to_metric_families(metrics.rendered().decode()):
        for each in family.samples:
            if each.name == f"dojang_{name}" and each.labels == labels:
                return each.value
    return None


def give_signs(*, now, queues=QUEUES):
    for queue in queues:
        jobs.give_a_sign(cluster=uuid4(), queue=queue, where="here:7", worker=8, restarts=0, started_at=now, now=now)
    cache.set(keeper.SEEN, now.timestamp(), 3600)


class TestJobs:
    def state(self, now, *, is_settling=False):
        found = jobs_seeing.finding(now=now, is_settling=is_settling)
        return found.state, found.reason

    def test_a_hall_where_everybody_works_is_well(self, now):
        give_signs(now=now)
        assert self.state(now) == ("ok", "")

    def test_a_queue_without_a_worker_is_named(self, now):
        give_signs(now=now, queues=("default", "render"))
        assert self.state(now) == ("degraded", "media: no worker")

    def test_workers_that_fell_silent_are_none(self, now):
        give_signs(now=now)
        later = now + timedelta(seconds=20)
        assert self.state(later) == ("degraded", "default: no worker; media: no worker; render: no worker")

    def test_a_scheduler_that_fell_silent_is_told(self, now):
        give_signs(now=now)
        cache.set(keeper.SEEN, now.timestamp() - 45, 3600)
        assert self.state(now) == ("degraded", "the scheduler last looked around 0:00:45 ago")

    def test_a_job_that_waits_too_long_is_told(self, now):
        give_signs(now=now)
        JobFactory(queue="media", queued_at=now, due_at=now - timedelta(seconds=61))
        assert self.state(now) == ("degraded", "media: a job has waited for 61 s")

    def test_a_job_that_waits_for_its_time_is_nothing_to_tell(self, now):
        give_signs(now=now)
        JobFactory(queued_at=now - timedelta(hours=1), due_at=now + timedelta(hours=1))
        assert self.state(now) == ("ok", "")

    def test_a_hall_that_has_just_opened_gets_time(self, now):
        give_signs(now=now - timedelta(hours=8))
        JobFactory(queued_at=now, due_at=now - timedelta(hours=8))
        assert self.state(now, is_settling=True) == ("ok", "")
        assert self.state(now)[0] == "degraded"

    def test_where_no_worker_has_ever_been_the_first_job_that_waits_tells(self, now):
        assert self.state(now) == ("ok", "")
        JobFactory(queued_at=now, due_at=now - timedelta(seconds=90))
        assert self.state(now) == ("degraded", "default: a job has waited for 90 s")

    def test_without_the_cache_nothing_is_said_of_the_scheduler(self, now, settings, tmp_path):
        give_signs(now=now)
        nowhere = {"default": settings.CACHES["default"] | {"LOCATION": f"unix://{tmp_path}/nowhere.sock"}}
        settings.CACHES = nowhere
        assert self.state(now) == ("ok", "")
        assert told("metrics_part_works", part="jobs") == 1

    def test_what_is_told_costs_the_same_however_many_jobs_there_are(self, now, django_assert_num_queries):
        JobFactory()
        with django_assert_num_queries(7):
            list(jobs_seeing.tell(now=now))
        JobFactory.create_batch(20)
        with django_assert_num_queries(7):
            list(jobs_seeing.tell(now=now))

    def test_the_numbers(self):
        now = datetime.now(UTC)
        give_signs(now=now)
        JobFactory.create_batch(2, queue="media", queued_at=now, due_at=now - timedelta(seconds=30))
        before = now - timedelta(minutes=1)
        for state in ("succeeded", "failed", "failed"):
            job = JobFactory(queued_at=before, due_at=before)
            job.state, job.error, job.ended_at = state, "it broke", before
            job.save()
        assert told("jobs", queue="media", state="queued") == 2
        assert told("jobs_by_kind", kind="jobs.ping.default", state="failed") == 2
        assert 30 <= told("jobs_oldest_due_seconds", queue="media") < 40
        assert told("job_clusters", queue="render") == 1
        assert told("scheduler_seen_timestamp_seconds") == now.timestamp()
        families = jobs_seeing.tell(now=now)
        (ended,) = [each for each in families if each.name == "dojang_jobs_ended_last_minute"]
        assert {each.labels["state"]: each.value for each in ended.samples} == {"succeeded": 1, "failed": 2}


class TestAlive:
    """The command that containers are asked for their health with."""

    def test_a_worker_of_another_machine_or_queue_is_not_ours(self, monkeypatch):
        now = datetime.now(UTC)
        give_signs(now=now, queues=("default",))
        with pytest.raises(CommandError):
            call_command("alive", "worker")
        monkeypatch.setattr("socket.gethostname", lambda: "here")
        call_command("alive", "worker")
        monkeypatch.setattr("django_q.conf.Conf.CLUSTER_NAME", "media")
        with pytest.raises(CommandError):
            call_command("alive", "worker")

    def test_a_scheduler_has_looked_around_lately(self):
        with pytest.raises(CommandError):
            call_command("alive", "scheduler")
        cache.set(keeper.SEEN, datetime.now(UTC).timestamp() - 5, 3600)
        call_command("alive", "scheduler")
        cache.set(keeper.SEEN, datetime.now(UTC).timestamp() - 60, 3600)
        with pytest.raises(CommandError):
            call_command("alive", "scheduler")


class TestAudit:
    def state(self, after, *, is_settling=False):
        recorded = AuditEventFactory().recorded_at
        found = audit_seeing.finding(now=recorded + after, is_settling=is_settling)
        return found.state, found.reason

    def test_an_event_that_waits_too_long_for_its_seal_is_told_and_the_hall_is_not_down(self):
        assert self.state(timedelta(minutes=11)) == ("degraded", "an event has waited 11 min for its seal")

    def test_an_event_may_wait_for_a_while(self):
        assert self.state(timedelta(minutes=9)) == ("ok", "")

    def test_a_hall_that_was_closed_over_night_gets_time(self):
        assert self.state(timedelta(hours=9), is_settling=True) == ("ok", "")

    def test_an_empty_trail_needs_no_seal(self, now):
        assert audit_seeing.finding(now=now, is_settling=False).state == "ok"
        assert (told("audit_unsealed_events"), told("audit_newest_seal_timestamp_seconds")) == (0, 0)

    @pytest.mark.django_db(transaction=True)
    def test_what_is_sealed_waits_no_more(self, now):
        AuditEventFactory.create_batch(3)
        assert told("audit_unsealed_events") == 3
        assert told("audit_oldest_unsealed_seconds") > 0
        audit.seal(now=now)
        assert told("audit_unsealed_events") == 0
        assert told("audit_oldest_unsealed_seconds") == 0
        assert told("audit_newest_seal_timestamp_seconds") == now.timestamp()
        assert audit_seeing.finding(now=now + timedelta(days=1), is_settling=False).state == "ok"


class TestOutbound:
    def test_calls_are_counted_by_how_they_ended_and_a_service_that_rests_is_named(self, stand_in):
        stand_in.on("GET", "/status", {"fine": True})
        service = Service("Films of others", url=stand_in.url, deadline=5, retries=0, failures=2)
        service.call("GET", "/status")
        assert outbound_seeing.finding().state == "ok"
        assert told("breaker_open", service="Films of others") == 0
        stand_in.fault = "500"
        for _ in range(4):
            with pytest.raises(ServiceError):
                service.call("GET", "/status")
        counted = {
            outcome: told("outgoing_calls_total", service="Films of others", outcome=outcome)
            for outcome in ("good", "broken", "resting")
        }
        assert counted == {"good": 1, "broken": 2, "resting": 2}
        assert told("breaker_open", service="Films of others") == 1
        found = outbound_seeing.finding()
        assert (found.state, found.reason) == ("degraded", "left in peace after failures: Films of others")

    def test_while_redis_is_gone_calls_are_made_and_nothing_is_known(self, stand_in, settings, tmp_path):
        settings.REDIS_URL = f"unix://{tmp_path}/nowhere.sock"
        stand_in.on("GET", "/status", {"fine": True})
        Service("Films", url=stand_in.url, deadline=5).call("GET", "/status")
        assert outbound_seeing.finding().state == "ok"
        assert told("metrics_part_works", part="outbound") == 0


class TestChannelLayer:
    def test_it_answers(self):
        assert live_seeing.finding() == health.Finding("channel layer", "ok")

    def test_without_it_pages_go_on_asking_so_the_hall_is_only_degraded(self, settings, tmp_path):
        layer = settings.CHANNEL_LAYERS["default"] | {"CONFIG": {"hosts": [f"unix://{tmp_path}/nowhere.sock"]}}
        settings.CHANNEL_LAYERS = {"default": layer}
        assert live_seeing.finding() == health.Finding("channel layer", "degraded", "ConnectionError")


class TestTelling:
    def test_a_part_that_cannot_tell_leaves_the_others_alone(self, monkeypatch):
        monkeypatch.setattr(metrics, "_told", dict(metrics._told))

        def broken():
            raise DatabaseError

        metrics.register("jobs", broken)
        assert told("metrics_part_works", part="jobs") == 0
        assert told("metrics_part_works", part="audit") == 1
        assert told("audit_unsealed_events") == 0

    def test_what_was_counted_before_a_whole_hall_opens_is_forgotten(self, settings, tmp_path):
        settings.METRICS_DIR = tmp_path
        (tmp_path / "counter_7.db").touch()
        metrics.start_anew()
        assert list(tmp_path.iterdir()) == []

    def test_a_request_that_is_refused_is_counted(self, client, settings):
        settings.THROTTLES = settings.THROTTLES | {"anonymous": 1}
        before = told("throttled_total", scope="anonymous")
        answers = [client.get("/api/v1/tuls").status_code for _ in range(3)]
        assert answers == [200, 429, 429]
        assert told("throttled_total", scope="anonymous") == before + 2


class TestMetering:
    @pytest.fixture
    def ask(self, settings):
        """Asks /metrics of a process that counts."""

        def begin(address="127.0.0.1", **headers):
            settings.METRICS = True
            middleware = metering.Metering(lambda request: pytest.fail("it went on"))
            settings.METRICS = False  # this process counts in its memory
            request = RequestFactory().get("/metrics", REMOTE_ADDR=address, headers=headers)
            return middleware(request).status_code

        return begin

    def test_where_nobody_may_ask_nothing_is_counted(self, settings):
        settings.METRICS = False
        with pytest.raises(MiddlewareNotUsed):
            metering.Metering(lambda request: None)

    def test_without_a_token_there_is_nothing_in_production(self, client, settings):
        settings.DEBUG = False
        assert client.get("/metrics").status_code == 404

    @pytest.mark.parametrize(
        ("address", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.168.0.7", 404), ("", 404), ("nonsense", 404)]
    )
    def test_in_development_this_machine_may_ask(self, ask, settings, address, status):
        settings.DEBUG, settings.METRICS_TOKEN = True, ""
        assert ask(address) == status

    def test_not_through_a_proxy_of_this_machine(self, ask, settings):
        settings.DEBUG, settings.METRICS_TOKEN = True, ""
        assert ask(**{"X-Forwarded-For": "203.0.113.7"}) == 404

    def test_a_token_is_asked_for_in_development_too(self, ask, settings):
        settings.DEBUG, settings.METRICS_TOKEN = True, "secret"
        assert ask() == 401
        assert ask(Authorization="Bearer secret") == 200

    def test_it_is_only_read(self, settings):
        settings.METRICS = True
        middleware = metering.Metering(lambda request: pytest.fail("it went on"))
        assert middleware(RequestFactory().post("/metrics")).status_code == 405

    def test_queries_of_a_request_are_counted_for_its_route_and_methods_that_nobody_knows_together(self, settings):
        settings.METRICS = True

        def answer(request):
            with connection.cursor() as sql:
                sql.execute("SELECT 1")
                sql.execute("SELECT 2")
            return metering.HttpResponse()

        before = metering.QUERIES.labels("/tuls/")._value.get()
        metering.Metering(answer)(RequestFactory().generic("INVENTED", "/tuls/"))
        assert metering.QUERIES.labels("/tuls/")._value.get() == before + 2
        assert metering.REQUESTS.labels("other", "/tuls/", "2xx")._value.get() >= 1

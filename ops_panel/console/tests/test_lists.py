"""The pages that show jobs: what they find, what they cost, and what an open one asks for again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from conftest import NOW
from ops_panel.console import queries
from project.foundation.jobs import keeper
from project.foundation.jobs import queries as jobs
from project.foundation.jobs.models import Cluster, Job, State
from project.foundation.jobs.queries import Filter
from project.foundation.jobs.tests.factories import JobFactory

from .reading import disturbing, pieces

pytestmark = pytest.mark.django_db
LIST = "/console/jobs/"
LIVE = {"HX-Request": "true", "HX-Trigger": "live"}


def shown(answer):
    return [job.pk for job in answer.context["found"].items]


def live(client, url):
    answer = client.get(url, headers=LIVE)
    assert answer.status_code == 200
    assert disturbing(answer.text) == []
    return pieces(answer.text)


class TestTheList:
    @pytest.fixture
    def made(self):
        now = timezone.now()
        return {
            "old": JobFactory(kind="jobs.ping.media", queue="media", queued_at=now - timedelta(days=3)),
            "running": JobFactory(running=True, progress=40, furthest=40, progress_text="cutting", queued_at=now),
            "failed": JobFactory(failed=True, queued_at=now - timedelta(hours=5)),
            "aside": JobFactory(failed=True, is_set_aside=True, queued_at=now - timedelta(minutes=5)),
        }

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["running", "aside", "failed", "old"]),
            ("?state=failed", ["aside", "failed"]),
            ("?kind=jobs.ping.media", ["old"]),
            ("?queue=media", ["old"]),
            ("?aside=on", ["aside"]),
            ("?since=hour", ["running", "aside"]),
            ("?since=day", ["running", "aside", "failed"]),
            ("?since=week&state=queued", ["old"]),
            ("?state=canceled", []),
        ],
    )
    def test_filters_stand_in_the_address(self, operator, made, query, found):
        answer = operator.get(LIST + query)
        assert answer.status_code == 200
        assert shown(answer) == [made[name].pk for name in found]

    def test_a_row_says_in_words_how_its_job_is(self, operator, made, otto):
        Job.objects.filter(pk=made["running"].pk).update(asked_by=otto.actor_id)
        Job.objects.filter(pk=made["failed"].pk).update(asked_by=uuid4())
        answer = operator.get(LIST)
        found = pieces(answer.text)
        assert found[f"job-{made['running'].pk}-state"] == "running"
        assert found[f"job-{made['running'].pk}-progress"] == "cutting40 %"
        assert found[f"job-{made['aside'].pk}-state"] == "failed, set aside"
        assert found[f"job-{made['failed'].pk}-took"] == "0:00"
        for who in ("Otto", "somebody who is gone", "the clock"):
            assert who in answer.text
        assert found["found-number"] == "4 jobs"

    def test_pages_follow_one_another_without_a_gap(self, operator):
        now = timezone.now()
        made = [JobFactory(queued_at=now - timedelta(seconds=n)).pk for n in range(60)]
        first = operator.get(f"{LIST}?queue=default")
        second = operator.get(first.context["older_url"])
        assert shown(first) + shown(second) == made
        assert "Back to the newest" not in first.text
        assert "Back to the newest" in second.text
        assert second.context["newest_url"] == f"{LIST}?queue=default"
        assert second.context["older_url"] == ""

    def test_nothing_there_says_what_to_do_first(self, operator):
        assert "Nobody has asked for anything yet." in operator.get(LIST).text
        assert "No job is like that." in operator.get(f"{LIST}?state=failed").text

    @pytest.mark.parametrize("query", ["?state=asleep", "?kind=none", "?queue=none", "?since=yesterday"])
    def test_a_filter_that_there_is_not_says_so(self, operator, query):
        answer = operator.get(LIST + query)
        assert answer.status_code == 422
        assert "There is no such choice. Pick one from the list." in answer.text

    @pytest.mark.parametrize("cursor", ["x", "WzEsMl0:abc", "%00", "x" * 3000])
    def test_an_address_with_a_cursor_of_nobody_says_so(self, operator, cursor):
        answer = operator.get(f"{LIST}?after={cursor}")
        assert answer.status_code == 422
        assert "Begin again with the newest." in answer.text

    def test_a_number_that_nobody_counts_to_the_end_says_more_than(self, operator, monkeypatch):
        monkeypatch.setattr(jobs, "COUNTED_TO", 2)
        JobFactory.create_batch(3, queued_at=timezone.now())
        assert pieces(operator.get(f"{LIST}?since=hour").text)["found-number"] == "more than 2 jobs"

    def test_it_costs_the_same_with_two_rows_and_with_fifty(self, operator, otto, django_assert_num_queries):
        JobFactory.create_batch(2, asked_by=otto.actor_id)
        for _ in range(2):
            with django_assert_num_queries(10):
                operator.get(LIST)
            JobFactory.create_batch(60, asked_by=otto.actor_id)

    def test_an_open_page_asks_the_same_however_many_jobs_there_are(self, operator, django_assert_num_queries):
        for _ in range(2):
            url = JobFactory.create_batch(2) and operator.get(LIST).context["live_url"]
            with django_assert_num_queries(8):
                live(operator, url)
            JobFactory.create_batch(60)


class TestAnOpenList:
    def test_it_is_told_of_its_own_rows_and_how_many_newer_ones_there_are(self, operator):
        now = timezone.now()
        first, second = JobFactory(queued_at=now), JobFactory(queued_at=now - timedelta(hours=1))
        url = operator.get(LIST).context["live_url"]
        JobFactory.create_batch(3, queued_at=now + timedelta(seconds=1))
        Job.objects.filter(pk=second.pk).update(state=State.CANCELED, ended_at=now)
        found = live(operator, url)
        assert found[f"job-{second.pk}-state"] == "canceled"
        assert found[f"job-{first.pk}-state"] == "waiting"
        assert found["newer"] == "3 newer jobs"
        assert found["found-number"] == "5 jobs"
        assert sum(name.endswith("-state") for name in found) == 2

    def test_a_row_that_the_filter_would_not_find_any_more_is_told_of_all_the_same(self, operator):
        job = JobFactory(running=True)
        url = operator.get(f"{LIST}?state=running").context["live_url"]
        Job.objects.update(state=State.SUCCEEDED, ended_at=NOW)
        found = live(operator, url)
        assert found[f"job-{job.pk}-state"] == "succeeded"
        assert found["newer"] == "0 newer jobs"

    def test_an_empty_one_hears_of_the_first(self, operator):
        url = operator.get(LIST).context["live_url"]
        JobFactory()
        assert live(operator, url)["newer"] == "1 newer job"

    def test_an_older_page_hears_of_its_rows_only(self, operator):
        JobFactory.create_batch(51)
        second = operator.get(operator.get(LIST).context["older_url"])
        assert "newer" not in live(operator, second.context["live_url"])

    @pytest.mark.parametrize("asked", ["?shown=x", "?shown=" + "a" * 5000, "?shown=,,"])
    def test_nonsense_brings_nothing(self, operator, asked):
        JobFactory()
        assert not [name for name in live(operator, LIST + asked) if name.startswith("job-")]


class TestOneJob:
    def test_it_says_everything_that_is_known(self, operator, otto):
        parent = JobFactory()
        job = JobFactory(
            failed=True, kind="jobs.ping.render", queue="render", parent=parent, arguments={"tul": "chon-ji"},
            result={"pages": 3}, log="drawing\nfailed", error="Traceback\nValueError: <no>", asked_by=otto.actor_id,
            why="a test", request_id="abc123", worker="host:7", failures=1,
        )  # fmt: skip
        child, again = JobFactory(parent=job), JobFactory(rerun_of=job)
        answer = operator.get(f"{LIST}{job.pk}/")
        found = pieces(answer.text)
        assert (found["job-log"], found["job-error"]) == ("drawing failed", "Traceback ValueError: <no>")
        assert found["job-result"] == '{ "pages": 3 }'
        assert (found["fact-queue"], found["fact-failures"], found["fact-worker"]) == (
            "render",
            "1 of at most 3",
            "host:7",
        )
        assert found["fact-started"] == "2026-11-21 10:00:00"  # Warsaw, where Otto lives
        for word in ("chon-ji", "Otto", "a test", "abc123", *(str(each.pk) for each in (parent, child, again))):
            assert word in answer.text

    def test_an_open_page_is_told_of_every_piece_that_may_change(self, operator):
        job = JobFactory()
        page = pieces(operator.get(f"{LIST}{job.pk}/").text)
        Job.objects.update(
            state=State.RUNNING, attempt=1, progress=30, furthest=30, log="one\ntwo", worker="host:9", started_at=NOW,
            heartbeat_at=NOW, progress_text="drawing",
        )  # fmt: skip
        found = live(operator, f"{LIST}{job.pk}/")
        assert set(found) <= set(page)
        assert found[f"job-{job.pk}-state"] == "running"
        assert (found["job-log"], found["fact-worker"], found["fact-furthest"]) == ("one two", "host:9", "30 %")

    def test_it_costs_the_same_with_many_relatives(self, operator, django_assert_num_queries):
        job = JobFactory()
        for _ in range(2):
            with django_assert_num_queries(9):
                operator.get(f"{LIST}{job.pk}/")
            JobFactory.create_batch(30, parent=job)


class TestTheDashboard:
    @pytest.fixture(autouse=True)
    def _scheduler(self):
        keeper._leave_a_sign(timezone.now().timestamp())

    def test_numbers_lists_and_findings(self, operator):
        now = timezone.now()
        JobFactory.create_batch(2, queued_at=now - timedelta(seconds=90), due_at=now - timedelta(seconds=90))
        JobFactory(running=True, log="begun\nhalf of it", progress=50, furthest=50)
        JobFactory(failed=True, is_set_aside=True, error="Traceback\nConnectionError: nobody is there")
        Cluster.objects.create(
            id=uuid4(), queue="default", where="host:1", worker=2, restarts=3, started_at=now, seen_at=now
        )
        answer = operator.get("/console/")
        found = pieces(answer.text)
        assert [found[f"board-{name}"] for name in ("running", "queued", "failed", "aside")] == ["1", "2", "1", "1"]
        assert (found["queue-default-waiting"], found["queue-default-running"]) == ("2", "1")
        assert found["queue-default-oldest"] in {"1:30", "1:31", "1:32"}
        assert found["queue-default-workers"] == "1 worker 3 restarts"
        assert found["queue-media-workers"] == "nobody"
        assert "ConnectionError: nobody is there" in answer.text
        assert "half of it" in answer.text
        assert found["health-database"] == "in order"
        assert "The scheduler looked around" in found["scheduler"]

    def test_the_last_hour_is_drawn_and_said(self, operator):
        now = timezone.now()
        for state, trait in ((State.SUCCEEDED, "succeeded"), (State.FAILED, "failed")):
            for job in JobFactory.create_batch(2, running=True):
                fields = {"state": state, "ended_at": now} | ({"error": "no"} if trait == "failed" else {})
                Job.objects.filter(pk=job.pk).update(**fields)
        answer = operator.get("/console/")
        found = pieces(answer.text)
        assert found["pace-words"] == "2 succeeded, 2 failed"
        assert found["pace-description"] == (
            "In the last hour 2 succeeded, drawn upwards, and 2 failed, drawn downwards."
        )
        assert (found["pace-1-good"], found["pace-1-failed"]) == ("2", "2")
        assert answer.text.count("pace__good") == answer.text.count("pace__failed") == 1

    def test_a_scheduler_that_is_away_is_said(self, operator):
        keeper._leave_a_sign(timezone.now().timestamp() - 60)
        assert "has not looked around for 1:0" in pieces(operator.get("/console/").text)["scheduler"]

    def test_a_check_that_fails_says_why(self, operator, monkeypatch):
        from project.foundation import health

        monkeypatch.setitem(health._checks, "cache", lambda: health.Finding("cache", "degraded", "forgets"))
        monkeypatch.setitem(health._checks, "search", lambda: 1 / 0)
        found = pieces(operator.get("/console/").text)
        assert found["health-cache"] == "impaired forgets"
        assert [name for name in found if name.startswith("health-")]

    def test_an_open_one_is_told_how_its_rows_are_and_what_came_beside_them(self, operator):
        job = JobFactory(running=True)
        JobFactory(failed=True)
        page = operator.get("/console/")
        Job.objects.filter(pk=job.pk).update(state=State.FAILED, error="no", ended_at=NOW)
        JobFactory.create_batch(2, running=True, log="begun")
        found = live(operator, page.context["live_url"].replace("?", "/console/?"))
        assert {name for name in found if not name.startswith("job-")} <= set(pieces(page.text))
        assert found[f"job-{job.pk}-state"] == "failed"
        assert found["more-run"] == "2 more jobs are running"
        assert found["more-failed"] == "1 more job has failed"
        assert (found["board-running"], found["board-failed"]) == ("2", "2")

    @pytest.mark.parametrize("asked", ["?shown=x", "?failed=many", ""])
    def test_nonsense_brings_the_numbers_only(self, operator, asked):
        JobFactory(running=True)
        found = live(operator, f"/console/{asked}")
        assert found["board-running"] == "1"
        assert not [name for name in found if name.startswith("job-")]

    def test_it_costs_the_same_however_many_jobs_there_are(self, operator, django_assert_num_queries):
        operator.get("/console/")  # the checks of health ask once in ten seconds
        for _ in range(2):
            queries._findings(int(timezone.now().timestamp() // queries.HEALTH_EVERY))
            with django_assert_num_queries(15):
                operator.get("/console/")
            JobFactory.create_batch(30, running=True)
            JobFactory.create_batch(30, failed=True)


def test_newer_jobs_are_counted_in_the_order_of_the_list(db):
    """Those asked for at the same instant are ordered by their ids."""
    same = sorted((JobFactory(queued_at=NOW) for _ in range(3)), key=lambda job: job.pk)
    assert [queries.newer_than(job.pk, Filter()) for job in same] == [2, 1, 0]

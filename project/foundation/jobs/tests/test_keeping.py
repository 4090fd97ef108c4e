"""What the scheduler does: silent workers, lost deliveries, the clock, and the counting."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.db.models import Count, Sum
from django_q.models import OrmQ

from project.foundation.jobs import commands, delivering, keeper, queries, rules, schedules
from project.foundation.jobs.models import Job, JobCount, JobPace, ScheduleState, State
from project.foundation.jobs.rules import Schedule
from project.foundation.jobs.tests.factories import JobFactory

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


class TestSilence:
    def test_a_worker_that_spoke_in_the_last_twenty_seconds_keeps_its_job(self, now):
        JobFactory(running=True)
        assert commands.take_over_silent(now=now + 20 * SECOND) == []

    def test_the_job_of_a_silent_worker_is_taken_up_at_once(self, now, django_capture_on_commit_callbacks):
        job = JobFactory(running=True, queue="media", worker="hall:42", furthest=30)
        later = now + 20 * SECOND + timedelta(microseconds=1)
        with django_capture_on_commit_callbacks(execute=True):
            assert commands.take_over_silent(now=later) == [job]
        job.refresh_from_db()
        assert (job.state, job.attempt, job.crashes, job.due_at, job.worker) == (State.QUEUED, 1, 1, later, "")
        assert job.error == "hall:42 was gone in attempt 1, 1 times without progress"
        assert [waiting.key for waiting in OrmQ.objects.all()] == ["media"]

    def test_a_job_that_takes_down_three_workers_without_progress_is_set_aside(self, now):
        job, moment = JobFactory(), now
        for _ in range(3):
            moment += 30 * SECOND
            assert commands.take(queue="default", worker="hall:42", now=moment) == job
            commands.take_over_silent(now=moment + 21 * SECOND)
        job.refresh_from_db()
        assert (job.state, job.is_set_aside, job.crashes) == (State.FAILED, True, 3)
        assert "3 times without progress" in job.error

    def test_a_job_that_gets_further_each_time_is_never_set_aside(self, now):
        job, moment = JobFactory(), now
        for percent in range(1, 10):
            moment += 30 * SECOND
            taken = commands.take(queue="default", worker="hall:42", now=moment)
            commands.report_progress(job_id=job.pk, attempt=taken.attempt, percent=percent, text="", now=moment)
            commands.take_over_silent(now=moment + 21 * SECOND)
        job.refresh_from_db()
        assert (job.state, job.crashes, job.attempt) == (State.QUEUED, 1, 9)

    def test_the_job_of_a_worker_that_is_known_to_be_dead_does_not_wait(self, now):
        job, other = JobFactory(running=True, worker="hall:42"), JobFactory(running=True, worker="hall:421")
        assert commands.give_up(worker="hall:42", now=now) == [job]
        other.refresh_from_db()
        assert (other.state, other.crashes) == (State.RUNNING, 0)

    def test_the_limit_is_a_setting(self, now, settings):
        settings.JOB_CRASHES = 1
        job = JobFactory(running=True)
        commands.take_over_silent(now=now + 21 * SECOND)
        job.refresh_from_db()
        assert job.is_set_aside


class TestDeliveries:
    def test_what_is_overdue_and_has_no_delivery_gets_one(self, now):
        JobFactory.create_batch(3)
        JobFactory(queue="media")
        assert commands.top_up(now=now + 3 * SECOND) == 4
        assert sorted(OrmQ.objects.values_list("key", flat=True)) == ["default", "default", "default", "media"]
        assert commands.top_up(now=now + 4 * SECOND) == 0

    def test_what_has_only_just_come_due_has_its_own_delivery_on_the_way(self, now):
        JobFactory()
        assert commands.top_up(now=now + SECOND) == 0

    def test_what_is_not_due_or_not_waiting_gets_none(self, now):
        JobFactory(due_at=now + timedelta(hours=1))
        JobFactory(running=True)
        JobFactory(canceled=True)
        assert commands.top_up(now=now + timedelta(minutes=1)) == 0

    def test_a_long_queue_does_not_flood_the_deliveries(self, now):
        JobFactory.create_batch(210)
        delivering.wake("default", times=150)
        assert commands.top_up(now=now + timedelta(minutes=1)) == 50


MINUTELY = Schedule("test.minutely", kind="jobs.ping.default", cron="* * * * *", why="a minute has passed")
NIGHTLY = Schedule("test.nightly", kind="jobs.ping.media", cron="30 2 * * *", why="it is night")


class TestClock:
    @pytest.fixture(autouse=True)
    def _declared(self, monkeypatch):
        monkeypatch.setattr(schedules, "_declared", {})
        schedules.declare([MINUTELY, NIGHTLY])

    def test_a_schedule_seen_for_the_first_time_begins_with_its_next_instant(self, now):
        assert commands.ask_for_due(now=now) == []
        (job,) = commands.ask_for_due(now=now + 60 * SECOND)
        assert (job.kind, job.why, job.asked_by) == ("jobs.ping.default", "a minute has passed", None)

    def test_an_instant_is_asked_for_once(self, now):
        commands.ask_for_due(now=now)
        asked = [commands.ask_for_due(now=now + seconds * SECOND) for seconds in (59, 60, 61, 119)]
        assert [len(jobs) for jobs in asked] == [0, 1, 0, 0]

    def test_while_the_last_one_still_works_no_second_one_is_asked_for(self, now):
        commands.ask_for_due(now=now)
        (first,) = commands.ask_for_due(now=now + 60 * SECOND)
        (again,) = commands.ask_for_due(now=now + 120 * SECOND)
        assert again == first
        assert Job.objects.count() == 1

    def test_after_a_pause_only_the_latest_instant_is_made_up_for(self, now):
        commands.ask_for_due(now=now)
        asked = commands.ask_for_due(now=now + timedelta(days=3))
        assert sorted(job.kind for job in asked) == ["jobs.ping.default", "jobs.ping.media"]
        assert commands.ask_for_due(now=now + timedelta(days=3, seconds=1)) == []

    @pytest.mark.django_db(transaction=True)
    def test_ten_schedulers_at_once_ask_once(self, now):
        commands.ask_for_due(now=now)
        all_here = Barrier(10)

        def ask_in_a_thread(_):
            try:
                all_here.wait(timeout=20)
                return commands.ask_for_due(now=now + 60 * SECOND)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(10) as schedulers:
            asked = [job for jobs in schedulers.map(ask_in_a_thread, range(10)) for job in jobs]
        assert len(asked) == Job.objects.count() == 1

    def test_it_can_be_run_by_hand_and_keeps_its_next_instant(self, now):
        commands.ask_for_due(now=now)
        job = commands.run_now("test.nightly", asked_by=None, now=now)
        assert (job.kind, job.why) == ("jobs.ping.media", "test.nightly, by hand")
        shown = {each.schedule.name: each for each in queries.scheduled(now=now)}
        assert shown["test.nightly"].next_due == datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
        assert shown["test.minutely"].last_asked_for == now

    def test_a_schedule_that_is_not_declared_is_refused(self, now):
        with pytest.raises(schedules.UnknownSchedule):
            commands.run_now("test.never", asked_by=None, now=now)

    def test_two_schedules_cannot_have_one_name(self):
        with pytest.raises(ValueError, match=r"two schedules are called test\.minutely"):
            schedules.declare([Schedule("test.minutely", kind="else", cron="* * * * *", why="")])


def counted():
    rows = Job.objects.values_list("kind", "queue", "state").annotate(n=Count("*")).order_by()
    return {(kind, queue, state): number for kind, queue, state, number in rows}


def told():
    rows = JobCount.objects.values_list("kind", "queue", "state").annotate(n=Sum("change")).order_by()
    return {(kind, queue, state): number for kind, queue, state, number in rows if number}


class TestCounting:
    """The counters are always what counting would give: attacked with everything SQL can do to the rows."""

    CHANGES = [
        "UPDATE jobs_job SET state = 'canceled', ended_at = now() WHERE state = 'queued'",
        "UPDATE jobs_job SET kind = 'another' WHERE state = 'failed'",
        "UPDATE jobs_job SET progress = 1, furthest = greatest(furthest, 1)",
        "DELETE FROM jobs_job WHERE state = 'succeeded'",
        "INSERT INTO jobs_job SELECT (jsonb_populate_record(j, jsonb_build_object('id', gen_random_uuid()))).* "
        "FROM jobs_job j",
        "DELETE FROM jobs_job",
    ]

    def test_counters_equal_what_is_there_after_every_kind_of_change(self, now):
        JobFactory.create_batch(3)
        for moment in ("running", "succeeded", "failed", "canceled"):
            JobFactory(**{moment: True}, queue="media")
        assert told() == counted() != {}
        for place, change in enumerate(self.CHANGES):
            with connection.cursor() as sql:
                sql.execute(change)
            assert told() == counted()
            if place % 2:
                commands.fold_counts(now=now)
                assert told() == counted()
                assert JobCount.objects.count() == len(counted())

    def test_folding_and_writing_at_once_lose_nothing(self, transactional_db, now):
        all_here = Barrier(4)

        def write(_):
            try:
                all_here.wait(timeout=20)
                for _ in range(15):
                    JobFactory()
            finally:
                connections.close_all()

        def fold(_):
            try:
                all_here.wait(timeout=20)
                for _ in range(15):
                    commands.fold_counts(now=now)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(task, None) for task in (write, write, fold, fold)]
            for each in running:
                each.result(timeout=60)
        assert told() == counted() == {("jobs.ping.default", "default", "queued"): 30}

    def test_the_pace_says_how_many_ended_in_each_minute(self, now):
        for minutes, moment in [(0, "succeeded"), (0, "failed"), (1, "succeeded"), (59, "succeeded"), (60, "failed")]:
            job = JobFactory(running=True)
            ended = now - timedelta(minutes=minutes)
            Job.objects.filter(pk=job.pk).update(state=moment, ended_at=ended, error="it broke")
        commands.fold_counts(now=now)
        pace = queries.pace(now=now + 30 * SECOND)
        assert len(pace) == 60
        assert (pace[-1], pace[-2], pace[0]) == (
            (now, 1, 1), (now - timedelta(minutes=1), 1, 0), (now - timedelta(minutes=59), 1, 0),
        )  # fmt: skip
        assert sum(good + bad for _, good, bad in pace) == 4

    def test_the_pace_of_days_gone_by_is_forgotten(self, now):
        JobPace.objects.create(minute=now - timedelta(days=3), state="failed", change=1)
        commands.fold_counts(now=now)
        assert not JobPace.objects.exists()


class TestForgetting:
    def test_only_what_the_clock_asked_for_and_what_went_well_is_forgotten(self, now):
        routine = {"key": "schedule audit.seal", "succeeded": True}
        forgotten = JobFactory(**routine)
        ScheduleState.objects.create(name="audit.seal", asked_for=now, job=forgotten)
        kept = [
            JobFactory(**routine, asked_by=uuid.uuid4()),
            JobFactory(key="schedule audit.seal", failed=True),
            JobFactory(succeeded=True),
            JobFactory(**routine, ended_at=now + SECOND),
            JobFactory(parent=JobFactory(**routine)).parent,
            JobFactory(**routine, rerun_of=JobFactory(**routine)),
        ]
        assert commands.forget_routine(before=now + SECOND) == 1
        left = set(Job.objects.values_list("pk", flat=True))
        assert forgotten.pk not in left
        assert {job.pk for job in kept} <= left
        assert ScheduleState.objects.get().job is None


class TestRounds:
    def test_one_round_does_all_of_it_and_says_what_pages_show(self, monkeypatch):
        monkeypatch.setattr(schedules, "_declared", {})
        JobFactory(running=True)  # long ago
        JobFactory(queue="media")
        shown = keeper.tick(fold=True)
        assert shown == {("default", "queued"): 1, ("media", "queued"): 1}
        assert OrmQ.objects.filter(key="media").count() == 1
        assert not ScheduleState.objects.exists()


class TestRules:
    @pytest.mark.parametrize(("failures", "least", "most"), [(1, 1, 2), (2, 2, 4), (5, 16, 32), (30, 300, 600)])
    def test_the_wait_doubles_and_half_of_it_is_chance(self, failures, least, most):
        assert rules.retry_delay(failures, dice=0) == least
        assert rules.retry_delay(failures, dice=1) == most

    def test_a_line_that_cron_would_refuse_is_refused(self):
        with pytest.raises(ValueError, match=r"x: 'every day' is no line of cron"):
            Schedule("x", kind="k", cron="every day", why="")

    @pytest.mark.parametrize(("at", "last", "following"), [
        ("2026-11-21 01:29:59", "2026-11-20 01:30", "2026-11-21 01:30"),
        ("2026-11-21 01:30:00", "2026-11-21 01:30", "2026-11-22 01:30"),
        ("2026-03-29 12:00:00", "2026-03-29 01:30", "2026-03-30 00:30"),  # 02:30 does not exist on that day
        ("2026-10-25 00:29:59", "2026-10-24 00:30", "2026-10-25 00:30"),  # 02:30 comes twice on that day
        ("2026-10-25 01:31:00", "2026-10-25 00:30", "2026-10-26 01:30"),
    ])  # fmt: skip
    def test_the_hour_is_that_of_the_wall_and_comes_once_a_day(self, at, last, following):
        now, last, following = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (at, last, following))
        assert (rules.last_due(NIGHTLY, now), rules.next_due(NIGHTLY, now)) == (last, following)

    def test_what_every_hour_does_goes_on_in_the_hour_that_is_repeated(self):
        start = datetime(2026, 10, 24, 23, 0, tzinfo=UTC)
        minutes = [start + timedelta(minutes=n) for n in range(300)]
        assert [rules.last_due(MINUTELY, minute + 30 * SECOND) for minute in minutes] == minutes

"""Attempts are counted before the work, and the number of an attempt is the right to write."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections, transaction
from django_q.models import OrmQ

from project.foundation.jobs import commands
from project.foundation.jobs.models import Job, State
from project.foundation.jobs.tests.factories import JobFactory

pytestmark = pytest.mark.django_db


def take(now, queue="default"):
    return commands.take(queue=queue, worker="hall:42", now=now)


class TestTaking:
    def test_an_attempt_is_counted_before_any_work(self, now):
        job = JobFactory()
        taken = take(now + timedelta(minutes=1))
        job.refresh_from_db()
        assert taken == job
        assert (job.state, job.attempt, job.worker) == (State.RUNNING, 1, "hall:42")
        assert job.started_at == job.heartbeat_at == now + timedelta(minutes=1)

    def test_what_has_been_due_longest_comes_first(self, now):
        late, early = JobFactory(due_at=now), JobFactory(due_at=now - timedelta(hours=1))
        assert [take(now), take(now), take(now)] == [early, late, None]

    @pytest.mark.parametrize("moment", ["running", "succeeded", "failed", "canceled"])
    def test_a_job_that_runs_or_ended_is_not_taken(self, now, moment):
        JobFactory(**{moment: True})
        assert take(now) is None

    def test_a_job_is_not_taken_before_it_is_due_nor_from_another_queue(self, now):
        JobFactory(due_at=now + timedelta(microseconds=1))
        JobFactory(queue="media")
        assert take(now) is None

    def test_an_attempt_begins_with_a_clean_sheet(self, now):
        JobFactory(attempt=1, crashes=1, progress=40, furthest=40, progress_text="4 of 10", log="of yesterday")
        job = take(now)
        job.refresh_from_db()
        assert (job.progress, job.furthest, job.progress_text, job.log) == (0, 40, "", "")

    @pytest.mark.django_db(transaction=True)
    def test_twenty_workers_at_once_take_twenty_different_jobs(self, now):
        JobFactory.create_batch(20)
        all_here = Barrier(20)

        def take_in_a_thread(_):
            try:
                all_here.wait(timeout=20)
                return take(now).pk
            finally:
                connections.close_all()

        with ThreadPoolExecutor(20) as workers:
            taken = set(workers.map(take_in_a_thread, range(20)))
        assert taken == set(Job.objects.values_list("pk", flat=True))
        assert set(Job.objects.values_list("attempt", flat=True)) == {1}

    @pytest.mark.django_db(transaction=True)
    def test_a_worker_does_not_wait_for_a_job_that_another_is_taking(self, now):
        first, second = JobFactory(due_at=now - timedelta(minutes=1)), JobFactory(due_at=now)
        with transaction.atomic():
            assert take(now) == first

            def other():
                try:
                    return take(now)
                finally:
                    connections.close_all()

            with ThreadPoolExecutor(1) as worker:
                assert worker.submit(other).result(timeout=10) == second


class TestProgress:
    def test_a_worker_says_how_far_it_is_and_that_it_lives(self, now):
        job = JobFactory(running=True)
        later = now + timedelta(seconds=30)
        commands.report_progress(job_id=job.pk, attempt=1, percent=40, text="4 of 10", now=later)
        job.refresh_from_db()
        assert (job.progress, job.furthest, job.progress_text, job.heartbeat_at) == (40, 40, "4 of 10", later)

    @pytest.mark.parametrize(("said", "shown"), [(-5, 0), (0, 0), (100, 100), (130, 100)])
    def test_progress_stays_between_0_and_100(self, now, said, shown):
        job = JobFactory(running=True)
        commands.report_progress(job_id=job.pk, attempt=1, percent=said, text="", now=now)
        job.refresh_from_db()
        assert job.progress == shown

    def test_a_long_line_is_cut_to_what_can_be_shown(self, now):
        job = JobFactory(running=True)
        commands.report_progress(job_id=job.pk, attempt=1, percent=1, text="태" * 300, now=now)
        job.refresh_from_db()
        assert job.progress_text == "태" * 200

    @pytest.mark.parametrize(("percent", "crashes", "furthest"), [(29, 2, 30), (30, 2, 30), (31, 0, 31)])
    def test_only_getting_further_than_ever_forgives_the_crashes(self, now, percent, crashes, furthest):
        job = JobFactory(running=True, attempt=3, crashes=2, furthest=30)
        commands.report_progress(job_id=job.pk, attempt=3, percent=percent, text="", now=now)
        job.refresh_from_db()
        assert (job.progress, job.crashes, job.furthest) == (percent, crashes, furthest)


class TestHeartbeat:
    def test_a_worker_says_that_it_lives_and_what_it_logged(self, now):
        job = JobFactory(running=True)
        commands.beat(job_id=job.pk, attempt=1, log="09:00:05 INFO half done", now=now + timedelta(seconds=5))
        job.refresh_from_db()
        assert (job.heartbeat_at, job.log) == (now + timedelta(seconds=5), "09:00:05 INFO half done")

    def test_a_worker_can_ask_whether_the_job_is_still_its_own(self, now):
        job = JobFactory(running=True)
        assert not commands.has_lost(job_id=job.pk, attempt=1)
        assert commands.has_lost(job_id=job.pk, attempt=2)
        commands.cancel(job_id=job.pk, now=now)
        assert commands.has_lost(job_id=job.pk, attempt=1)


class TestEnding:
    def test_a_job_that_succeeded_keeps_its_result_and_no_error_of_earlier_attempts(self, now):
        job = JobFactory(running=True, attempt=2, failures=1, error="the first attempt broke")
        commands.succeed(job_id=job.pk, attempt=2, result={"rows": 3}, log="done", now=now)
        job.refresh_from_db()
        assert (job.state, job.result, job.progress, job.error, job.ended_at, job.log) == (
            State.SUCCEEDED, {"rows": 3}, 100, "", now, "done",
        )  # fmt: skip

    def test_a_job_that_failed_waits_for_its_next_attempt_while_it_may_fail_again(self, now):
        job = JobFactory(running=True, max_attempts=2, queue="media")
        commands.fail(job_id=job.pk, attempt=1, error="no space", log="", now=now)
        job.refresh_from_db()
        assert (job.state, job.error, job.ended_at, job.failures) == (State.QUEUED, "no space", None, 1)
        assert timedelta(seconds=1) <= job.due_at - now <= timedelta(seconds=2)
        assert take(now, "media") is None
        assert take(job.due_at, "media") == job

    def test_the_last_attempt_that_fails_ends_the_job_with_its_reason(self, now):
        job = JobFactory(running=True, attempt=2, failures=1, max_attempts=2)
        commands.fail(job_id=job.pk, attempt=2, error="no space", log="", now=now)
        job.refresh_from_db()
        assert (job.state, job.error, job.ended_at, job.is_set_aside) == (State.FAILED, "no space", now, False)

    def test_a_job_that_failed_without_words_still_says_something(self, now):
        job = JobFactory(running=True, max_attempts=1)
        commands.fail(job_id=job.pk, attempt=1, error="", log="", now=now)
        job.refresh_from_db()
        assert job.error == "no reason given"

    def test_a_reason_that_postgres_cannot_store_is_stored_without_the_offending_sign(self, now):
        job = JobFactory(running=True, max_attempts=1)
        commands.fail(job_id=job.pk, attempt=1, error="bad byte \x00 in the file", log="", now=now)
        job.refresh_from_db()
        assert (job.state, job.error) == (State.FAILED, "bad byte  in the file")

    def test_attempts_that_crashed_are_not_failures(self, now):
        job = JobFactory(attempt=5, crashes=1, max_attempts=2)
        later = now + timedelta(hours=1)
        for attempt in (6, 7):
            assert take(later).attempt == attempt
            commands.fail(job_id=job.pk, attempt=attempt, error=f"attempt {attempt}", log="", now=now)
        job.refresh_from_db()
        assert (job.state, job.error, job.failures, job.crashes) == (State.FAILED, "attempt 7", 2, 1)
        assert take(later) is None


class TestFencing:
    """A worker that was given up must not overwrite what its successor does."""

    WRITES = {
        "progress": lambda **job: commands.report_progress(percent=10, text="stale", **job),
        "beat": lambda **job: commands.beat(log="stale", **job),
        "succeed": lambda **job: commands.succeed(result="stale", log="stale", **job),
        "fail": lambda **job: commands.fail(error="stale", log="stale", **job),
    }

    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize("moment", [
        {"running": True, "attempt": 2, "crashes": 1, "max_attempts": 1},
        {"running": True, "attempt": 2, "crashes": 1, "progress": 70, "furthest": 70, "progress_text": "fresh"},
        {"attempt": 1, "crashes": 1},
        {"succeeded": True}, {"failed": True}, {"canceled": True, "attempt": 1}, {"set_aside": True},
    ])  # fmt: skip
    def test_a_worker_that_lost_its_job_writes_nothing(self, now, write, moment):
        job = JobFactory(**moment)
        before = vars(Job.objects.get(pk=job.pk)) | {"_state": None}
        with pytest.raises(commands.Superseded):
            self.WRITES[write](job_id=job.pk, attempt=1, now=now + timedelta(hours=1))
        assert vars(Job.objects.get(pk=job.pk)) | {"_state": None} == before

    def test_an_effect_of_a_worker_that_lost_its_job_does_not_happen(self, now):
        job = JobFactory(running=True, attempt=2, crashes=1)
        with pytest.raises(commands.Superseded), commands.fenced(job_id=job.pk, attempt=1):
            JobFactory(kind="an effect")
        with commands.fenced(job_id=job.pk, attempt=2):
            JobFactory(kind="an effect of today")
        assert set(Job.objects.exclude(pk=job.pk).values_list("kind", flat=True)) == {"an effect of today"}

    @pytest.mark.django_db(transaction=True)
    def test_nobody_takes_a_job_over_while_an_effect_is_being_written(self, now):
        job = JobFactory(running=True)
        much_later = now + timedelta(minutes=10)
        with commands.fenced(job_id=job.pk, attempt=1), ThreadPoolExecutor(1) as scheduler:
            assert scheduler.submit(_sweep, much_later).result(timeout=10) == []
        assert commands.take_over_silent(now=much_later) == [job]
        assert OrmQ.objects.count() == 1


def _sweep(now):
    try:
        return commands.take_over_silent(now=now)
    finally:
        connections.close_all()

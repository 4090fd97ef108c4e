"""Attempts are counted before the work, and the number of an attempt is the right to write."""

import uuid
from datetime import timedelta

import pytest
from django_q.models import OrmQ

from project.foundation.jobs import commands
from project.foundation.jobs.models import State
from project.foundation.jobs.tests.factories import JobFactory

pytestmark = pytest.mark.django_db


class TestStarting:
    def test_an_attempt_is_counted_before_any_work(self, now):
        job = JobFactory()
        started = commands.start(job_id=job.pk, now=now + timedelta(minutes=1))
        job.refresh_from_db()
        assert started == job
        assert (job.state, job.attempt) == (State.RUNNING, 1)
        assert job.started_at == job.heartbeat_at == now + timedelta(minutes=1)

    @pytest.mark.parametrize("moment", ["running", "succeeded", "failed"])
    def test_a_job_that_runs_or_ended_is_not_started_again(self, now, moment):
        job = JobFactory(**{moment: True})
        assert commands.start(job_id=job.pk, now=now) is None
        job.refresh_from_db()
        assert (job.state, job.attempt) == (moment, 1)

    def test_a_job_without_attempts_left_is_not_started(self, now):
        job = JobFactory(attempt=3, max_attempts=3)
        assert commands.start(job_id=job.pk, now=now) is None

    def test_a_job_that_is_gone_is_not_started(self, now):
        assert commands.start(job_id=uuid.uuid4(), now=now) is None


class TestProgress:
    def test_a_worker_says_how_far_it_is_and_that_it_lives(self, now):
        job = JobFactory(running=True)
        later = now + timedelta(seconds=30)
        commands.report_progress(job_id=job.pk, attempt=1, percent=40, text="4 of 10", now=later)
        job.refresh_from_db()
        assert (job.progress, job.progress_text, job.heartbeat_at) == (40, "4 of 10", later)

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


class TestEnding:
    def test_a_job_that_succeeded_keeps_its_result_and_no_error_of_earlier_attempts(self, now):
        job = JobFactory(running=True, attempt=2, error="the first attempt broke")
        commands.succeed(job_id=job.pk, attempt=2, result={"rows": 3}, now=now)
        job.refresh_from_db()
        assert (job.state, job.result, job.progress, job.error, job.ended_at) == (
            State.SUCCEEDED, {"rows": 3}, 100, "", now,
        )  # fmt: skip

    def test_a_job_that_failed_is_queued_again_while_attempts_are_left(self, now, django_capture_on_commit_callbacks):
        job = JobFactory(running=True, max_attempts=2, queue="media")
        with django_capture_on_commit_callbacks(execute=True):
            commands.fail(job_id=job.pk, attempt=1, error="no space", now=now)
        job.refresh_from_db()
        assert (job.state, job.error, job.ended_at) == (State.QUEUED, "no space", None)
        assert [(waiting.key, waiting.task["args"]) for waiting in OrmQ.objects.all()] == [("media", (str(job.pk),))]

    def test_the_last_attempt_that_fails_ends_the_job_with_its_reason(self, now, django_capture_on_commit_callbacks):
        job = JobFactory(running=True, attempt=2, max_attempts=2)
        with django_capture_on_commit_callbacks(execute=True):
            commands.fail(job_id=job.pk, attempt=2, error="no space", now=now)
        job.refresh_from_db()
        assert (job.state, job.error, job.ended_at) == (State.FAILED, "no space", now)
        assert not OrmQ.objects.exists()

    def test_a_job_that_failed_without_words_still_says_something(self, now):
        job = JobFactory(running=True, max_attempts=1)
        commands.fail(job_id=job.pk, attempt=1, error="", now=now)
        job.refresh_from_db()
        assert job.error == "no reason given"

    def test_a_reason_that_postgres_cannot_store_is_stored_without_the_offending_sign(self, now):
        job = JobFactory(running=True, max_attempts=1)
        commands.fail(job_id=job.pk, attempt=1, error="bad byte \x00 in the file", now=now)
        job.refresh_from_db()
        assert (job.state, job.error) == (State.FAILED, "bad byte  in the file")

    def test_failing_again_and_again_ends_after_the_last_attempt(self, now):
        job = JobFactory(max_attempts=3)
        for attempt in (1, 2, 3):
            assert commands.start(job_id=job.pk, now=now).attempt == attempt
            commands.fail(job_id=job.pk, attempt=attempt, error=f"attempt {attempt}", now=now)
        job.refresh_from_db()
        assert (job.state, job.error) == (State.FAILED, "attempt 3")
        assert commands.start(job_id=job.pk, now=now) is None


class TestFencing:
    """A worker that was given up must not overwrite what its successor does."""

    WRITES = {
        "progress": lambda **job: commands.report_progress(percent=10, text="stale", **job),
        "succeed": lambda **job: commands.succeed(result="stale", **job),
        "fail": lambda **job: commands.fail(error="stale", **job),
    }

    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize("max_attempts", [2, 3])
    def test_a_worker_of_an_earlier_attempt_writes_nothing(self, now, write, max_attempts):
        job = JobFactory(running=True, attempt=2, max_attempts=max_attempts, progress=70, progress_text="fresh")
        with pytest.raises(commands.Superseded):
            self.WRITES[write](job_id=job.pk, attempt=1, now=now)
        job.refresh_from_db()
        assert (job.state, job.progress, job.progress_text) == (State.RUNNING, 70, "fresh")
        assert (job.result, job.error, job.ended_at) == (None, "", None)

    @pytest.mark.parametrize("write", WRITES)
    @pytest.mark.parametrize("moment", ["succeeded", "failed"])
    def test_nothing_is_written_about_a_job_that_ended(self, now, write, moment):
        job = JobFactory(**{moment: True}, max_attempts=1)
        before = vars(type(job).objects.get(pk=job.pk)) | {"_state": None}
        with pytest.raises(commands.Superseded):
            self.WRITES[write](job_id=job.pk, attempt=1, now=now + timedelta(hours=1))
        assert vars(type(job).objects.get(pk=job.pk)) | {"_state": None} == before

    @pytest.mark.parametrize("write", WRITES)
    def test_nothing_is_written_about_a_job_that_waits_for_its_next_attempt(self, now, write):
        job = JobFactory(attempt=1)
        with pytest.raises(commands.Superseded):
            self.WRITES[write](job_id=job.pk, attempt=1, now=now)
        job.refresh_from_db()
        assert (job.state, job.progress, job.error) == (State.QUEUED, 0, "")

    def test_a_stale_worker_that_fails_does_not_hand_the_job_over_again(self, now, django_capture_on_commit_callbacks):
        job = JobFactory(running=True, attempt=2)
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(commands.Superseded):
            commands.fail(job_id=job.pk, attempt=1, error="stale", now=now)
        assert not OrmQ.objects.exists()

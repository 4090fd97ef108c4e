"""What a worker does with a job whose id it is handed."""

import logging
from datetime import timedelta

import pytest
import structlog
from django.utils import timezone

from project.foundation.jobs import commands, registry, runner
from project.foundation.jobs.models import State
from project.foundation.jobs.tests.factories import JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(monkeypatch):
    """Gives a decorator that registers a body as the kind "test.work"."""
    monkeypatch.setattr(registry, "_kinds", {})
    return registry.job("test.work")


def run(**fields):
    job = JobFactory(kind="test.work", **fields)
    runner.work("default")
    job.refresh_from_db()
    return job


def test_the_body_gets_its_arguments_and_its_result_is_kept(work):
    work(lambda run, *, left, right: {"sum": left + right})
    job = run(arguments={"left": 2, "right": 3})
    assert (job.state, job.result, job.attempt, job.error) == (State.SUCCEEDED, {"sum": 5}, 1, "")
    assert job.started_at <= job.ended_at <= timezone.now()


def test_the_body_sees_its_attempt_already_counted(work):
    seen = []
    work(lambda run: seen.append((run.attempt, run.job.state)))
    run(attempt=1, crashes=1)
    assert seen == [(2, State.RUNNING)]


def test_what_the_body_says_about_its_progress_can_be_read_while_it_works(work):
    seen = []

    @work
    def body(run):
        run.progress(40, "4 of 10")
        seen.append(type(run.job).objects.values_list("progress", "progress_text").get(pk=run.job.pk))

    run()
    assert seen == [(40, "4 of 10")]


def test_logs_of_a_body_carry_the_request_that_asked_for_it(work):
    seen = []
    work(lambda run: seen.append(structlog.contextvars.get_contextvars()))
    job = run(request_id="0123456789abcdef")
    assert seen == [{"request_id": "0123456789abcdef", "job_id": str(job.pk), "kind": "test.work"}]
    assert structlog.contextvars.get_contextvars() == {}


def test_being_woken_twice_runs_a_job_once(work):
    runs = []
    work(lambda run: runs.append(run.attempt))
    job = run()
    runner.work(job.queue)
    assert runs == [1]


def test_being_woken_for_nothing_is_nothing_to_worry_about():
    runner.work("default")


class TestFailure:
    def test_a_body_that_raises_is_queued_again_with_the_place_where_it_broke(self, work):
        @work
        def lay_the_mat(run):
            raise OSError("the mat is torn")

        job = run(max_attempts=2)
        assert (job.state, job.attempt) == (State.QUEUED, 1)
        assert "OSError: the mat is torn" in job.error
        assert "lay_the_mat" in job.error

    def test_a_body_that_raises_on_its_last_attempt_has_failed(self, work):
        work(lambda run: 1 / 0)
        job = run(max_attempts=1)
        assert job.state == State.FAILED
        assert "ZeroDivisionError" in job.error

    def test_a_second_attempt_may_succeed_where_the_first_failed(self, work):
        work(lambda run: 1 // (run.attempt - 1))
        job = run(max_attempts=2)
        type(job).objects.update(due_at=timezone.now() - timedelta(seconds=1))
        runner.work("default")
        job.refresh_from_db()
        assert (job.state, job.attempt, job.result, job.error) == (State.SUCCEEDED, 2, 1, "")

    def test_a_kind_that_this_worker_does_not_know_fails_with_its_name(self, monkeypatch):
        monkeypatch.setattr(registry, "_kinds", {})
        job = run(max_attempts=1)
        assert job.state == State.FAILED
        assert "UnknownKind: test.work" in job.error

    @pytest.mark.django_db(transaction=True)  # a refused write must not take an outer transaction with it
    @pytest.mark.parametrize("result", [object(), float("nan"), "\x00"], ids=["object", "nan", "nul"])
    def test_a_result_that_cannot_be_kept_is_a_failure(self, work, result):
        work(lambda run: result)
        job = run(max_attempts=1)
        assert job.state == State.FAILED


class TestTakenOver:
    """Another worker has the job while the body still works."""

    @staticmethod
    def take_over(job):
        type(job).objects.filter(pk=job.pk).update(attempt=2, crashes=1)

    def test_a_body_that_was_taken_over_hears_of_it_when_it_reports(self, work):
        heard = []

        @work
        def body(run):
            self.take_over(run.job)
            try:
                run.progress(50)
            except commands.Superseded:
                heard.append(run.attempt)
                raise

        with structlog.testing.capture_logs() as logs:
            job = run()
        assert heard == [1]
        assert [entry["event"] for entry in logs] == ["job was taken over"]
        assert (job.state, job.attempt, job.error) == (State.RUNNING, 2, "")

    def test_the_result_of_a_body_that_was_taken_over_is_dropped(self, work):
        work(lambda run: self.take_over(run.job) or "stale")
        job = run()
        assert (job.state, job.result) == (State.RUNNING, None)

    def test_the_failure_of_a_body_that_was_taken_over_is_dropped(self, work):
        work(lambda run: self.take_over(run.job) or 1 / 0)
        job = run()
        assert (job.state, job.error) == (State.RUNNING, "")


class TestLog:
    @pytest.fixture(autouse=True)
    def _everything_is_logged(self, caplog):
        caplog.set_level(logging.INFO)

    def test_what_was_logged_meanwhile_is_kept_line_by_line(self, work):
        @work
        def body(run):
            structlog.get_logger("test").info("the mat is laid", rows=4)
            logging.getLogger("a.library").warning("%s is wet", "the floor")

        with_logs = run()
        lines = [line.split(" ", 1)[1] for line in with_logs.log.splitlines()]
        assert lines[:2] == ["INFO    the mat is laid rows=4", "WARNING the floor is wet"]

    def test_of_a_talkative_body_the_last_lines_are_kept(self, work):
        @work
        def body(run):
            for number in range(1000):
                logging.getLogger("a.library").warning("line %s", number)

        lines = run().log.splitlines()
        assert len(lines) == runner.LINES
        assert lines[-2].endswith("line 999")

    def test_a_body_that_fails_keeps_its_log_too(self, work):
        @work
        def body(run):
            logging.getLogger("a.library").warning("it creaks")
            raise OSError

        assert "it creaks" in run(max_attempts=1).log


class TestFenced:
    def test_an_effect_and_the_right_to_it_are_one_transaction(self, work):
        @work
        def body(run):
            with run.fenced():
                JobFactory(kind="an effect")
            TestTakenOver.take_over(run.job)
            with run.fenced():
                JobFactory(kind="a stale effect")

        job = run()
        assert set(type(job).objects.values_list("kind", flat=True)) == {"test.work", "an effect"}

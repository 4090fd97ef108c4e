import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import structlog
from django.db import connections, transaction
from django_q.models import OrmQ

from project.foundation.jobs import commands, registry
from project.foundation.jobs.models import Job, State
from project.foundation.jobs.tests.factories import JobFactory


def ask(now, kind="jobs.ping.default", **said):
    return commands.enqueue(kind, **{"arguments": {}, "asked_by": None, "why": "a test asked", "now": now} | said)


def handed_over():
    """The jobs that wait in django-q2, with the queue each waits in."""
    return sorted((waiting.key, waiting.task["args"][0]) for waiting in OrmQ.objects.all())


class TestAsking:
    def test_a_job_waits_with_all_that_was_said_about_it(self, db, now):
        asker, parent = uuid.uuid4(), JobFactory()
        job = ask(now, "jobs.ping.media", arguments={"asset": 7}, asked_by=asker, why="published", parent=parent)
        job.refresh_from_db()
        assert (job.kind, job.queue, job.arguments, job.why) == ("jobs.ping.media", "media", {"asset": 7}, "published")
        assert (job.state, job.attempt, job.max_attempts) == (State.QUEUED, 0, 1)
        assert (job.asked_by, job.parent, job.queued_at) == (asker, parent, now)

    def test_a_job_remembers_the_request_that_asked_for_it(self, db, now):
        with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
            assert ask(now).request_id == "0123456789abcdef"

    def test_a_kind_that_nobody_registered_is_refused_and_leaves_no_job(self, db, now):
        with pytest.raises(registry.UnknownKind):
            ask(now, "test.nothing")
        assert not Job.objects.exists()


class TestHandingOver:
    def test_a_job_is_handed_to_its_queue_when_the_transaction_commits_and_not_before(
        self, db, now, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            job = ask(now, "jobs.ping.media")
            assert handed_over() == []
        assert handed_over() == [("media", str(job.pk))]

    @pytest.mark.parametrize("queue", ["default", "media", "render"])
    def test_every_queue_gets_its_own_jobs(self, db, now, queue, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            job = ask(now, f"jobs.ping.{queue}")
        assert handed_over() == [(queue, str(job.pk))]

    @pytest.mark.django_db(transaction=True)
    def test_a_transaction_that_is_rolled_back_leaves_neither_job_nor_hand_over(self, now):
        with transaction.atomic():
            ask(now)
            transaction.set_rollback(True)
        assert not Job.objects.exists()
        assert handed_over() == []

    @pytest.mark.django_db(transaction=True)
    def test_a_job_asked_for_outside_a_transaction_is_handed_over_at_once(self, now):
        job = ask(now)
        assert handed_over() == [("default", str(job.pk))]


@pytest.mark.django_db(transaction=True)
class TestKeys:
    def test_asking_twice_with_one_key_is_one_job_handed_over_once(self, now):
        first, second = ask(now, key="week 47"), ask(now, key="week 47")
        assert first == second
        assert handed_over() == [("default", str(first.pk))]

    def test_a_running_job_still_answers_to_its_key(self, now):
        job = ask(now, key="week 47")
        commands.start(job_id=job.pk, now=now)
        assert ask(now, key="week 47") == job

    def test_a_job_that_ended_gives_its_key_free(self, now):
        job = ask(now, key="week 47")
        commands.start(job_id=job.pk, now=now)
        commands.succeed(job_id=job.pk, attempt=1, result=None, now=now)
        assert ask(now, key="week 47") != job

    def test_one_key_means_different_jobs_for_different_kinds(self, now):
        assert ask(now, key="week 47") != ask(now, "jobs.ping.media", key="week 47")

    def test_jobs_without_a_key_are_never_taken_for_one_another(self, now):
        assert ask(now) != ask(now)

    def test_ten_who_ask_at_once_with_one_key_get_one_job(self, now):
        all_here = Barrier(10)

        def ask_in_a_thread(_):
            try:
                with transaction.atomic():
                    all_here.wait(timeout=10)
                    return ask(now, key="week 47").pk
            finally:
                connections.close_all()

        with ThreadPoolExecutor(10) as askers:
            answers = set(askers.map(ask_in_a_thread, range(10)))
        job = Job.objects.get()
        assert answers == {job.pk}
        assert handed_over() == [("default", str(job.pk))]

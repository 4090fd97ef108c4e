import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
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
    """The queues that were woken, once for each time."""
    return sorted(waiting.key for waiting in OrmQ.objects.all())


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
            ask(now, "jobs.ping.media")
            assert handed_over() == []
        assert handed_over() == ["media"]

    @pytest.mark.parametrize("queue", ["default", "media", "render"])
    def test_every_queue_gets_its_own_jobs(self, db, now, queue, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            ask(now, f"jobs.ping.{queue}")
        assert handed_over() == [queue]

    @pytest.mark.django_db(transaction=True)
    def test_a_transaction_that_is_rolled_back_leaves_neither_job_nor_hand_over(self, now):
        with transaction.atomic():
            ask(now)
            transaction.set_rollback(True)
        assert not Job.objects.exists()
        assert handed_over() == []

    @pytest.mark.django_db(transaction=True)
    def test_a_job_asked_for_outside_a_transaction_is_handed_over_at_once(self, now):
        ask(now)
        assert handed_over() == ["default"]


@pytest.mark.django_db(transaction=True)
class TestKeys:
    def test_asking_twice_with_one_key_is_one_job_handed_over_once(self, now):
        first, second = ask(now, key="week 47"), ask(now, key="week 47")
        assert first == second
        assert handed_over() == ["default"]

    def test_a_running_job_still_answers_to_its_key(self, now):
        job = ask(now, key="week 47")
        commands.take(queue="default", worker="hall:42", now=now)
        assert ask(now, key="week 47") == job

    def test_a_job_that_ended_gives_its_key_free(self, now):
        job = ask(now, key="week 47")
        commands.take(queue="default", worker="hall:42", now=now)
        commands.succeed(job_id=job.pk, attempt=1, result=None, log="", now=now)
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
        assert answers == {Job.objects.get().pk}
        assert handed_over() == ["default"]


class TestLater:
    def test_a_job_for_later_wakes_nobody_before_it_is_due(self, db, now, django_capture_on_commit_callbacks):
        later = now + timedelta(minutes=10)
        with django_capture_on_commit_callbacks(execute=True):
            job = ask(now, due_at=later)
        assert (job.due_at, handed_over()) == (later, [])
        assert commands.take(queue="default", worker="hall:42", now=later - timedelta(microseconds=1)) is None
        assert commands.take(queue="default", worker="hall:42", now=later) == job


@pytest.mark.django_db
class TestRerun:
    @pytest.mark.parametrize("moment", ["succeeded", "failed", "canceled", "set_aside"])
    def test_it_asks_for_the_same_and_leaves_the_first_as_it_is(self, now, moment):
        first = JobFactory(**{moment: True}, arguments={"asset": 7}, parent=JobFactory())
        asker = uuid.uuid4()
        before = vars(Job.objects.get(pk=first.pk)) | {"_state": None}
        second = commands.rerun(job_id=first.pk, asked_by=asker, why="the disk is larger now", now=now)
        assert (second.kind, second.arguments, second.parent, second.rerun_of) == (
            first.kind, {"asset": 7}, first.parent, first,
        )  # fmt: skip
        assert (second.state, second.attempt, second.asked_by, second.why) == (
            State.QUEUED, 0, asker, "the disk is larger now",
        )  # fmt: skip
        assert vars(Job.objects.get(pk=first.pk)) | {"_state": None} == before

    @pytest.mark.parametrize("moment", [{}, {"running": True}])
    def test_a_job_that_is_open_is_not_asked_for_again(self, now, moment):
        job = JobFactory(**moment)
        with pytest.raises(commands.StateMovedOn) as refused:
            commands.rerun(job_id=job.pk, asked_by=None, why="", now=now)
        assert refused.value.state == job.state
        assert Job.objects.count() == 1


@pytest.mark.django_db
class TestCanceling:
    @pytest.mark.parametrize("moment", [{}, {"running": True}])
    def test_an_open_job_ends_at_once(self, now, moment):
        job = JobFactory(**moment)
        assert commands.cancel(job_id=job.pk, now=now) == [job]
        job.refresh_from_db()
        assert (job.state, job.ended_at) == (State.CANCELED, now)

    @pytest.mark.parametrize("moment", ["succeeded", "failed", "canceled"])
    def test_a_job_that_ended_stays_as_it_is(self, now, moment):
        job = JobFactory(**{moment: True})
        with pytest.raises(commands.StateMovedOn):
            commands.cancel(job_id=job.pk, now=now)

    def test_what_it_asked_for_ends_with_it_and_what_ended_before_stays(self, now):
        top = JobFactory(running=True)
        child, done = JobFactory(parent=top), JobFactory(parent=top, succeeded=True)
        grandchild, other = JobFactory(parent=child, running=True), JobFactory()
        assert {job.pk for job in commands.cancel(job_id=top.pk, now=now)} == {top.pk, child.pk, grandchild.pk}
        states = dict(Job.objects.values_list("pk", "state"))
        assert (states[done.pk], states[other.pk]) == (State.SUCCEEDED, State.QUEUED)


@pytest.mark.django_db
def test_what_was_set_aside_can_be_taken_off_the_list_and_stays_failed():
    first, _ = JobFactory.create_batch(2, set_aside=True)
    assert commands.clean_up(job_ids=[first.pk]) == 1
    first.refresh_from_db()
    assert (first.state, first.is_set_aside) == (State.FAILED, False)
    assert commands.clean_up() == 1

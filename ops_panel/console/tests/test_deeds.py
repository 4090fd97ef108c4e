"""What operators do to jobs and schedules: asked once, audited, and politely refused when it is too late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.queries import RoleMissing
from conftest import NOW
from ops_panel.console import commands, queries
from ops_panel.console.queries import Deed
from project.foundation.audit.models import AuditEvent
from project.foundation.jobs import commands as jobs
from project.foundation.jobs.models import Job, State
from project.foundation.jobs.queries import Filter
from project.foundation.jobs.tests.factories import JobFactory

pytestmark = pytest.mark.django_db
BULK = "/console/jobs/bulk/"


def trail(type):
    return [(event.object_id, event.actor_id, event.payload) for event in AuditEvent.objects.filter(type=type)]


def states(*found):
    return [Job.objects.get(pk=each.pk).state for each in found]


def said(answer):
    return [str(message) for message in answer.context["messages"]]


class TestOneJob:
    def test_canceling_asks_once_and_is_audited(self, operator, otto):
        job = JobFactory()
        child = JobFactory(parent=job)
        url = f"/console/jobs/{job.pk}/cancellation/"
        assert "Cancel this job?" in operator.get(url).text
        assert states(job) == [State.QUEUED]
        answer = operator.post(url)
        assert (answer.status_code, answer["Location"]) == (303, f"/console/jobs/{job.pk}/")
        assert states(job, child) == [State.CANCELED, State.CANCELED]
        assert trail("job.canceled") == [(str(job.pk), otto.actor_id, {"with_it": [str(child.pk)]})]
        assert said(operator.get(answer["Location"])) == ["Canceled."]

    def test_running_again_makes_a_second_job_that_names_the_first(self, operator, otto):
        first = JobFactory(failed=True, arguments={"id": 7})
        url = f"/console/jobs/{first.pk}/rerun/"
        assert "Run this job again?" in operator.get(url).text
        answer = operator.post(url, {"why": "the network is back"})
        again = Job.objects.get(rerun_of=first)
        assert (answer.status_code, answer["Location"]) == (303, f"/console/jobs/{again.pk}/")
        assert (again.arguments, again.asked_by, again.why) == ({"id": 7}, otto.actor_id, "the network is back")
        assert trail("job.rerun") == [(str(first.pk), otto.actor_id, {"again": str(again.pk)})]
        assert f"/console/jobs/{first.pk}/" in operator.get(answer["Location"]).text
        assert f"/console/jobs/{again.pk}/" in operator.get(f"/console/jobs/{first.pk}/").text

    @pytest.mark.parametrize(
        ("life", "deed", "word"),
        [
            ({"succeeded": True}, "cancellation", "succeeded"),
            ({}, "rerun", "waiting"),
            ({"running": True}, "rerun", "running"),
        ],
    )
    def test_one_that_has_moved_on_is_left_as_it_is_and_the_page_says_what_it_is(self, operator, life, deed, word):
        job = JobFactory(**life)
        before = job.state
        for ask in (operator.get, operator.post):
            answer = ask(f"/console/jobs/{job.pk}/{deed}/", follow=True)
            assert answer.redirect_chain == [(f"/console/jobs/{job.pk}/", 303)]
            assert said(answer) == [f"Nothing was done. The job has moved on; its state is now: {word}."]
        assert states(job) == [before]
        assert Job.objects.count() == 1
        assert not AuditEvent.objects.filter(type__startswith="job.").exists()

    def test_a_kind_that_nobody_does_any_more_is_said(self, operator):
        job = JobFactory(failed=True, kind="gone.kind")
        answer = operator.post(f"/console/jobs/{job.pk}/rerun/", follow=True)
        assert said(answer) == ["Nothing was done: nobody in the hall does this kind of work any more."]

    def test_a_reason_that_is_too_long_comes_back_with_its_words(self, operator):
        job = JobFactory(failed=True)
        answer = operator.post(f"/console/jobs/{job.pk}/rerun/", {"why": "x" * 201})
        assert answer.status_code == 422
        assert "x" * 201 in answer.text
        assert Job.objects.count() == 1

    def test_the_commands_refuse_whatever_the_page_has_shown(self, ann, ben):
        job, ended = JobFactory(), JobFactory(failed=True, is_set_aside=True)
        for person in (ann, ben):
            for refused in (
                lambda by: commands.cancel_job(by=by, job_id=job.pk, now=NOW),
                lambda by: commands.rerun_job(by=by, job_id=ended.pk, why="", now=NOW),
                lambda by: commands.clean_up_job(by=by, job_id=ended.pk, now=NOW),
                lambda by: commands.run_schedule(by=by, name="audit.seal", now=NOW),
                lambda by: commands.cancel_many(by=by, jobs=[], now=NOW),
                lambda by: commands.rerun_many(by=by, jobs=Filter(), now=NOW),
                lambda by: commands.clean_up_many(by=by, jobs=Filter(), now=NOW),
            ):
                with pytest.raises(RoleMissing):
                    refused(person)
        assert states(job, ended) == [State.QUEUED, State.FAILED]
        assert Job.objects.count() == 2

    def test_a_deed_that_cannot_be_audited_is_not_done(self, otto, monkeypatch):
        job = JobFactory()
        monkeypatch.setattr(commands.audit, "record", _broken)
        with pytest.raises(ZeroDivisionError):
            commands.cancel_job(by=otto, job_id=job.pk, now=NOW)
        assert states(job) == [State.QUEUED]


def _broken(**words):
    raise ZeroDivisionError


class TestSchedules:
    def test_one_is_run_by_hand(self, operator, otto):
        url = "/console/schedules/audit.seal/job/"
        assert "Run this schedule now?" in operator.get(url).text
        assert not Job.objects.exists()
        answer = operator.post(url)
        job = Job.objects.get()
        assert (answer.status_code, answer["Location"]) == (303, f"/console/jobs/{job.pk}/")
        assert (job.kind, job.asked_by) == ("audit.seal", otto.actor_id)
        assert trail("schedule.run") == [(str(job.pk), otto.actor_id, {"schedule": "audit.seal"})]

    def test_the_page_shows_all_of_them_with_their_next_instant(self, operator):
        page = operator.get("/console/schedules/")
        for each in page.context["scheduled"]:
            assert each.schedule.name in page.text
            assert f"{timezone.localtime(each.next_due):%Y-%m-%d %H:%M:%S}" in page.text
        assert "audit.seal" in page.text


class TestASelection:
    def test_nothing_selected_is_said(self, operator):
        answer = operator.post(BULK, {"action": "cancel"}, follow=True)
        assert said(answer) == ["No job is selected yet."]

    def test_it_asks_once_with_the_number_and_then_does_it(self, operator, otto):
        chosen, other, ended = JobFactory.create_batch(2), JobFactory(), JobFactory(succeeded=True)
        form = {"action": "cancel", "job": [str(each.pk) for each in [*chosen, ended]], "state": ""}
        question = operator.post(BULK, form)
        assert question.status_code == 200
        assert "You have selected 3 jobs." in question.text
        assert states(*chosen) == [State.QUEUED, State.QUEUED]
        answer = operator.post(BULK, form | {"confirmed": "1"}, follow=True)
        assert answer.redirect_chain == [("/console/jobs/", 303)]
        assert said(answer) == ["2 jobs were canceled.", "1 job had moved on and was left as it is."]
        assert states(*chosen, other, ended) == [State.CANCELED, State.CANCELED, State.QUEUED, State.SUCCEEDED]
        assert {object_id for object_id, _, _ in trail("job.canceled")} == {str(each.pk) for each in chosen}

    def test_running_again_and_cleaning_up(self, otto):
        aside = JobFactory.create_batch(2, failed=True, is_set_aside=True)
        strange = JobFactory(failed=True, kind="gone.kind")
        ids = [*(each.pk for each in aside), strange.pk, uuid4()]
        assert commands.clean_up_many(by=otto, jobs=ids, now=NOW) == commands.Report(done=2, moved_on=1, not_found=1)
        assert len(trail("job.cleaned_up")) == 2
        report = commands.rerun_many(by=otto, jobs=ids, now=NOW)
        assert report == commands.Report(done=2, not_found=1, unknown=1)
        assert Job.objects.filter(rerun_of__in=aside).count() == 2

    @pytest.mark.parametrize(
        "form", [{"action": "burn", "job": [str(UUID(int=1))]}, {"action": "cancel", "job": ["x"]}, {"job": []},
                 {"action": "cancel", "all": "1", "state": "asleep"}],
    )  # fmt: skip
    def test_what_makes_no_sense_is_refused_in_words(self, operator, form):
        job = JobFactory()
        answer = operator.post(BULK, form | {"confirmed": "1"})
        assert answer.status_code == 422
        assert "That cannot be done. Begin again from the list." in answer.text
        assert states(job) == [State.QUEUED]

    def test_a_reload_of_the_address_does_nothing(self, operator):
        assert operator.get(BULK).status_code == 405


class TestAFilter:
    def test_it_concerns_what_the_filter_finds_and_nothing_that_came_after_the_question(self, operator):
        wanted, other = JobFactory.create_batch(3, queue="media"), JobFactory()
        form = {"action": "cancel", "all": "1", "queue": "media"}
        question = operator.post(BULK, form)
        assert "The filter finds 3 jobs for which this can be done." in question.text
        until = question.context["until"].isoformat()
        late = JobFactory(queue="media", queued_at=question.context["until"] + timedelta(seconds=1))
        answer = operator.post(BULK, form | {"confirmed": "1", "until": until}, follow=True)
        assert answer.redirect_chain == [("/console/jobs/?queue=media", 303)]
        assert said(answer)[0] == "3 jobs were canceled."
        assert states(*wanted, other, late) == [State.CANCELED] * 3 + [State.QUEUED] * 2

    def test_at_most_so_many_at_once_the_oldest_first_and_the_rest_is_counted(self, otto, monkeypatch):
        monkeypatch.setattr(commands, "AT_ONCE", 3)
        found = [JobFactory(queued_at=NOW - timedelta(minutes=back)) for back in range(5)]
        assert commands.cancel_many(by=otto, jobs=Filter(), now=NOW) == commands.Report(done=3, left=(2, True))
        assert states(*found) == [State.QUEUED] * 2 + [State.CANCELED] * 3
        assert commands.cancel_many(by=otto, jobs=Filter(), now=NOW) == commands.Report(done=2)

    def test_more_than_can_be_counted_is_said_so(self, operator, monkeypatch):
        monkeypatch.setattr(queries, "COUNTED_TO", 2)
        JobFactory.create_batch(3)
        question = operator.post(BULK, {"action": "cancel", "all": "1"})
        assert (
            "The filter finds more than 2 jobs for which this can be done. The 1000 oldest come first" in question.text
        )

    def test_running_a_filter_again_twice_runs_nothing_twice(self, otto):
        JobFactory.create_batch(2, failed=True)
        failed = Filter(state=State.FAILED)
        assert commands.rerun_many(by=otto, jobs=failed, now=NOW) == commands.Report(done=2)
        assert commands.rerun_many(by=otto, jobs=failed, now=NOW) == commands.Report()
        assert Job.objects.count() == 4

    def test_each_deed_finds_only_those_that_it_can_be_done_to(self):
        waiting, ended, aside = JobFactory(), JobFactory(succeeded=True), JobFactory(failed=True, is_set_aside=True)
        found = {deed: set(queries.candidates(deed, Filter())) for deed in Deed}
        assert found == {Deed.CANCEL: {waiting}, Deed.RERUN: {ended, aside}, Deed.CLEAN_UP: {aside}}

    def test_one_that_moves_on_between_the_look_and_the_deed_is_left(self, otto, monkeypatch):
        """The list of candidates is made once; whatever happens to one of them before its turn is respected."""
        job, other = JobFactory(), JobFactory(queued_at=NOW + timedelta(seconds=1))
        real = commands.cancel_job

        def canceled_elsewhere_first(*, by, job_id, now):
            if job_id == job.pk:
                jobs.cancel(job_id=other.pk, now=now)
            return real(by=by, job_id=job_id, now=now)

        monkeypatch.setattr(commands, "cancel_job", canceled_elsewhere_first)
        report = commands.cancel_many(by=otto, jobs=Filter(), now=NOW)
        assert (report.done, report.moved_on) == (1, 1)
        assert len(trail("job.canceled")) == 1


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    """Real transactions in real threads."""

    @staticmethod
    def together(*deeds):
        start = Barrier(len(deeds))

        def at_once(deed):
            start.wait()
            try:
                return deed()
            except commands.StateMovedOn as moved:
                return moved.state
            finally:
                connection.close()

        with ThreadPoolExecutor(len(deeds)) as threads:
            return list(threads.map(at_once, deeds))

    def test_a_job_is_canceled_by_one_of_two_operators(self, otto):
        for job in JobFactory.create_batch(5):
            came = self.together(*[lambda job=job: commands.cancel_job(by=otto, job_id=job.pk, now=NOW).pk] * 2)
            assert sorted(came, key=str) == sorted([job.pk, State.CANCELED], key=str)
            assert AuditEvent.objects.filter(type="job.canceled", object_id=str(job.pk)).count() == 1

    def test_a_filter_that_two_run_again_runs_everything_once(self, otto):
        JobFactory.create_batch(12, failed=True)
        again = lambda: commands.rerun_many(by=otto, jobs=Filter(state=State.FAILED), now=NOW)  # noqa: E731
        one, two = self.together(again, again)
        assert one.done + two.done == 12
        assert Job.objects.filter(rerun_of=None).count() == Job.objects.exclude(rerun_of=None).count() == 12

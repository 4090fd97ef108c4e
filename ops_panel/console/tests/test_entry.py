"""Who comes in, who sees buttons, and who may press them."""

from uuid import UUID

import pytest
from django.test import Client

from accounts import commands as accounts
from accounts.queries import Role
from conftest import NOW
from project.foundation.audit.models import AuditEvent
from project.foundation.jobs.models import Job, State
from project.foundation.jobs.tests.factories import JobFactory

pytestmark = pytest.mark.django_db

JOB = UUID(int=7)
PAGES = ["/console/", "/console/jobs/", f"/console/jobs/{JOB}/", "/console/schedules/"]
QUESTIONS = [
    f"/console/jobs/{JOB}/cancellation/", f"/console/jobs/{JOB}/rerun/", "/console/schedules/audit.seal/job/",
]  # fmt: skip
BULK = "/console/jobs/bulk/"


@pytest.fixture(autouse=True)
def job():
    return JobFactory(pk=JOB)


@pytest.mark.parametrize("url", [*PAGES, *QUESTIONS, BULK])
def test_a_stranger_is_asked_to_sign_in(client, url):
    for ask in (client.get, client.post):
        answer = ask(url)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")


@pytest.mark.parametrize("url", [*PAGES, *QUESTIONS, BULK])
def test_a_learner_is_refused(signed_in, url):
    for ask in (signed_in.get, signed_in.post):
        assert ask(url).status_code == 403


@pytest.mark.parametrize("url", [*PAGES, *QUESTIONS])
def test_staff_without_a_second_step_are_led_to_it(client, otto, url):
    client.force_login(otto)
    answer = client.get(url)
    assert (answer.status_code, answer["Location"]) == (302, "/account/second-step/totp/activate/")


@pytest.mark.parametrize("url", PAGES)
def test_an_analyst_looks_and_sees_no_button(analyst, url):
    answer = analyst.get(url)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert "noindex" in answer["X-Robots-Tag"]
    for word in ("/cancellation/", "/rerun/", "/job/", 'name="job"', 'name="action"'):
        assert word not in answer.text


@pytest.mark.parametrize("url", [*QUESTIONS, BULK])
def test_an_analyst_who_presses_all_the_same_is_refused_and_nothing_is_done(analyst, ann, url):
    answer = analyst.post(url, {"action": "cancel", "job": [str(JOB)], "confirmed": "1"})
    assert answer.status_code == 403
    assert analyst.get(url).status_code in {403, 405}  # nor are they asked
    assert Job.objects.get().state == State.QUEUED
    assert not AuditEvent.objects.filter(type__in=["job.canceled", "job.rerun", "schedule.run"]).exists()


@pytest.mark.parametrize("url", PAGES)
def test_an_operator_sees_what_they_may_press(operator, url):
    answer = operator.get(url)
    assert answer.status_code == 200
    if url != "/console/":
        assert any(word in answer.text for word in ("/cancellation/", "/job/", 'name="action"'))


def test_one_who_is_no_operator_any_more_is_refused_at_once(operator, otto):
    accounts.revoke_role(person=otto, role=Role.OPERATOR, by=None, now=NOW)
    assert operator.get("/console/").status_code == 200  # still an editor
    assert operator.post(QUESTIONS[0]).status_code == 403


@pytest.mark.parametrize("url", ["/console/jobs/x/", f"/console/jobs/{UUID(int=9)}/", "/console/schedules/none/job/"])
def test_what_is_not_there_is_not_found(operator, url):
    assert operator.get(url).status_code == 404
    assert operator.post(url).status_code in {404, 405}


def test_the_way_in_is_shown_to_those_who_have_business_there(analyst, signed_in):
    for page in ("/more/", "/profile/"):
        assert '"/console/"' in analyst.get(page, follow=True).text
        assert '"/console/"' not in signed_in.get(page, follow=True).text
    assert '"/console/"' not in Client().get("/more/").text


def test_the_places_of_the_console_mark_where_one_is(operator):
    for url, name in (("/console/", "Dashboard"), ("/console/jobs/", "Jobs"), ("/console/schedules/", "Schedules")):
        assert f'<a href="{url}" aria-current="true">{name}</a>' in operator.get(url).text

"""What other people's services did to us, as operators read it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from project.foundation.jobs.tests.factories import JobFactory
from project.foundation.outbound import breakers, shared
from project.foundation.outbound.models import IntegrationError
from project.foundation.outbound.tests.factories import IntegrationErrorFactory

from .reading import elements

pytestmark = pytest.mark.django_db
PAGE = "/console/errors/"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _redis_is_there(monkeypatch):
    """However busy this machine is."""
    monkeypatch.setattr(shared, "PATIENCE", 5)
    shared._connected.cache_clear()
    yield
    shared._connected.cache_clear()


def shown(answer):
    assert answer.status_code == 200
    return [error.pk for error in answer.context["found"].items]


def services(html):
    return " ".join(html.partition('id="services"')[2].partition("</section")[0].split())


class TestWho:
    def test_a_stranger_is_asked_to_sign_in(self, client):
        assert client.get(PAGE)["Location"].split("?")[0] == "/account/login/"

    def test_a_learner_is_refused(self, signed_in):
        assert signed_in.get(PAGE).status_code == 403

    def test_staff_without_a_second_step_are_led_to_it(self, client, otto):
        client.force_login(otto)
        answer = client.get(PAGE)
        assert (answer.status_code, answer["Location"]) == (302, "/account/second-step/totp/activate/")

    def test_an_analyst_looks(self, analyst):
        answer = analyst.get(PAGE)
        assert answer.status_code == 200
        assert answer.text.count("<h1") == 1
        assert "noindex" in answer["X-Robots-Tag"]
        assert f'<a href="{PAGE}" aria-current="true">Integration errors</a>' in answer.text

    def test_nothing_is_changed_here(self, operator):
        assert operator.post(PAGE).status_code == 405


class TestTheList:
    @pytest.fixture
    def made(self):
        now = timezone.now()
        return {
            "new": IntegrationErrorFactory(last_at=now),
            "broken": IntegrationErrorFactory(last_at=now, service="Music & more", kind="broken", status=500),
            "old": IntegrationErrorFactory(last_at=now - timedelta(days=3)),
        }

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["broken", "new", "old"]),
            ("?service=Films", ["new", "old"]),
            ("?service=Music%20%26%20more", ["broken"]),
            ("?kind=timeout", ["new", "old"]),
            ("?since=hour", ["broken", "new"]),
            ("?since=week&service=Films", ["new", "old"]),
            ("?kind=cut", []),
        ],
    )
    def test_filters_stand_in_the_address(self, operator, made, query, found):
        assert shown(operator.get(PAGE + query)) == [made[name].pk for name in found]

    def test_a_row_says_what_went_wrong_and_leads_to_where_it_began(self, operator):
        now, job = timezone.now().replace(minute=30), JobFactory()
        IntegrationErrorFactory(
            kind="broken", status=503, method="POST", path="/title/*/", message="Films: <503>", count=1234,
            first_at=now - HOUR / 4, last_at=now, job_id=str(job.pk), request_id="0123456789abcdef",
        )  # fmt: skip
        IntegrationErrorFactory(job_id="no id", last_at=now)
        answer = operator.get(PAGE)
        main = " ".join(answer.text.partition("<main")[2].split())
        for words in ("broken down", "(503)", "POST /title/*/", "Films: &lt;503&gt;", "1,234", "no answer in time"):
            assert words in main, words
        local = timezone.localtime(now - HOUR / 4, timezone.get_default_timezone())
        assert f"since {local:%H:%M:%S}" in main
        there = [attrs["href"] for tag, attrs in elements(main) if tag == "a"]
        for url in (f"/console/jobs/{job.pk}/", "/console/audit/?request_id=0123456789abcdef"):
            assert url in there
            assert operator.get(url).status_code == 200

    def test_pages_follow_one_another_without_a_gap(self, operator):
        now = timezone.now()
        made = [IntegrationErrorFactory(last_at=now - timedelta(seconds=n)).pk for n in range(60)]
        first = operator.get(f"{PAGE}?service=Films")
        second = operator.get(first.context["older_url"])
        assert shown(first) + shown(second) == made
        assert second.context["newest_url"] == f"{PAGE}?service=Films"
        assert second.context["older_url"] == ""

    def test_many_of_one_instant_are_all_there(self, operator):
        made = {IntegrationErrorFactory(last_at=timezone.now().replace(microsecond=0)).pk for _ in range(60)}
        first = operator.get(PAGE)
        second = operator.get(first.context["older_url"])
        assert sorted(shown(first) + shown(second)) == sorted(made)

    @pytest.mark.parametrize("query", ["service=none", "kind=none", "since=yesterday"])
    def test_a_filter_that_there_is_not_says_so(self, operator, query):
        answer = operator.get(f"{PAGE}?{query}")
        assert answer.status_code == 422
        assert "There is no such choice. Pick one from the list." in answer.text

    @pytest.mark.parametrize("cursor", ["x", "WzEsMl0:abc", "%00"])
    def test_an_address_with_a_cursor_of_nobody_says_so(self, operator, cursor):
        answer = operator.get(f"{PAGE}?after={cursor}")
        assert answer.status_code == 422
        assert "Begin again with the newest." in answer.text

    def test_nothing_there_says_so(self, operator):
        assert "No service has failed." in operator.get(PAGE).text
        IntegrationErrorFactory()
        assert "No service has failed like that." in operator.get(f"{PAGE}?kind=cut").text

    def test_it_costs_the_same_with_two_services_and_rows_and_with_many(self, operator, django_assert_num_queries):
        now = timezone.now()
        for size in (2, 60):
            for number in range(size):
                IntegrationErrorFactory(service=f"service {number % 9}", last_at=now)
            with django_assert_num_queries(10):
                operator.get(PAGE)


class TestServices:
    def failing(self, service, *, rest, failures=1):
        breaker = breakers.Breaker(service, failures=failures, rest=rest, trial=60, counts=lambda error: True)
        with pytest.raises(ZeroDivisionError):
            breaker.guard(lambda: 1 / 0)
        IntegrationErrorFactory(service=service, last_at=timezone.now(), count=3)
        return breaker

    def test_one_that_rests_says_until_when(self, operator, settings):
        before = timezone.now()
        self.failing("Films", rest=600)
        said = services(operator.get(PAGE).text)
        until = breakers.rests_until("Films")
        assert before + timedelta(seconds=600) <= until <= timezone.now() + timedelta(seconds=600)
        local = timezone.localtime(until, timezone.get_default_timezone())
        assert f"rests until {local:%H:%M:%S}" in said

    def test_one_that_has_rested_and_was_not_asked_since(self, operator):
        self.failing("Films", rest=0)
        assert "has rested; the next call tries it" in services(operator.get(PAGE).text)

    def test_one_that_is_being_tried(self, operator):
        breaker = self.failing("Films", rest=0)
        breaker._admitted()
        assert "one call is trying it" in services(operator.get(PAGE).text)

    def test_one_that_is_asked_all_the_same_and_what_it_did_within_the_hour(self, operator):
        self.failing("Films", rest=60, failures=9)
        IntegrationErrorFactory(service="Films", last_at=timezone.now() - 3 * HOUR, count=100)
        said = services(operator.get(PAGE).text)
        assert "is asked" in said
        assert '<span class="num">3</span>' in said

    def test_those_that_failed_long_ago_are_not_named(self, operator):
        IntegrationErrorFactory(last_at=timezone.now() - timedelta(days=2))
        answer = operator.get(PAGE)
        assert 'id="services"' not in answer.text
        assert len(shown(answer)) == IntegrationError.objects.count() == 1

    def test_without_redis_the_page_is_there(self, operator, settings):
        self.failing("Films", rest=60)
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        assert "is asked" in services(operator.get(PAGE).text)

"""An answer that is still true is sent again; one that is not, or that is somebody else's, never."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from learning.handbook import commands
from project.foundation.http.kept import KeptAnswers

from .factories import published_technique, technique_entry

pytestmark = pytest.mark.django_db
URL = "/api/v1/techniques"


@pytest.fixture
def now():
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _technique(now):
    published_technique(now=now, slug="ap-chagi")


def slugs(answer):
    return [item["slug"] for item in answer.json()["items"]]


def test_the_second_time_costs_one_query_and_says_the_same(client, django_assert_num_queries):
    first = client.get(URL)
    with django_assert_num_queries(1):
        second = client.get(URL)
    assert second.content == first.content
    told = {name: value for name, value in first.items() if not name.startswith(("RateLimit", "X-Request-ID"))}
    assert {name: second[name] for name in told} == told
    assert second["X-Request-ID"] != first["X-Request-ID"]


def test_whoever_has_it_gets_304(client, django_assert_num_queries):
    tag = client.get(URL)["ETag"]
    with django_assert_num_queries(1):
        answer = client.get(URL, headers={"If-None-Match": f'"other", {tag}'})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert answer["Cache-Control"] == "public, no-cache"


def test_what_is_published_shows_at_once(client, now):
    client.get(URL)
    published_technique(now=now, slug="yop-chagi")
    assert slugs(client.get(URL)) == ["ap-chagi", "yop-chagi"]


def test_a_scheduled_edition_shows_at_its_instant(client, now):
    draft = commands.draft_technique(entry=technique_entry(slug="yop-chagi"), editor=None, now=now)
    at = timezone.now() + timedelta(hours=1)
    commands.publish_edition(edition=draft, valid_from=at, editor=None, now=now)
    for instant, seen in [(at - timedelta(seconds=1), ["ap-chagi"]), (at, ["ap-chagi", "yop-chagi"])]:
        with mock.patch("django.utils.timezone.now", return_value=instant):
            assert slugs(client.get(URL)) == slugs(client.get(URL)) == seen


def test_each_address_language_and_encoding_has_its_own(client):
    client.get(URL)
    assert slugs(client.get(f"{URL}?category=kick")) == []
    packed = client.get(URL, headers={"Accept-Encoding": "gzip"})
    plain = client.get(URL)
    assert plain.json()["items"]
    assert plain.get("Content-Encoding") is None
    assert packed["ETag"] == plain["ETag"]


def test_whoever_is_signed_in_gets_their_own(client, ben, django_assert_num_queries):
    client.get(URL)
    client.force_login(ben)
    answer = client.get(URL)
    assert answer["Cache-Control"] == "private, no-cache"
    client.logout()
    assert client.get(URL)["Cache-Control"] == "public, no-cache"


def test_refusals_are_not_kept(client):
    assert client.get(f"{URL}?limit=0").status_code == client.get(f"{URL}?limit=0").status_code == 422
    assert client.get(f"{URL}/later").status_code == 404
    published_technique(now=timezone.now(), slug="later")
    assert client.get(f"{URL}/later").status_code == 200


def test_kept_answers_count_for_the_limit_too(client, settings):
    settings.THROTTLES = settings.THROTTLES | {"anonymous": 3}
    answers = [client.get(URL) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers[:3]] == ["2", "1", "0"]


def test_one_process_keeps_only_so_much(client, monkeypatch):
    monkeypatch.setattr("project.foundation.http.kept.MOST_BYTES", 1500)
    made = []
    keep = KeptAnswers._keep

    def watched(self, question, kept):
        keep(self, question, kept)
        made.append(self)

    monkeypatch.setattr(KeptAnswers, "_keep", watched)
    for limit in range(1, 40):
        client.get(f"{URL}?limit={limit}")
    assert made[-1]._bytes <= 1500
    assert made[-1]._bytes == sum(len(kept.content) for kept in made[-1]._kept.values())
    assert f"limit={39}" in next(reversed(made[-1]._kept))[1]

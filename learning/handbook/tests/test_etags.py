"""Whoever has an answer already is told so without one being made; and never when anything has changed for them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from learning.handbook import commands, queries
from learning.handbook.api import techniques as technique_operations
from learning.handbook.models import Collection, GlossaryTerm, TechniqueEdition

from .factories import published_technique, small_handbook, technique_entry

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
KEPT = ("ETag", "Cache-Control", "Vary")

ANSWERS = [
    "/api/v1/techniques",
    "/api/v1/techniques?q=chagi&limit=3&ordering=-belt",
    "/api/v1/techniques/ap-cha-busigi",
    "/api/v1/tuls",
    "/api/v1/tuls/chon-ji",
    "/api/v1/glossary",
    "/api/v1/glossary?topic=commands",
    "/api/v1/glossary/charyot",
    "/api/v1/theory",
    "/api/v1/theory/sine-wave",
    "/api/v1/exams/8/syllabus",
    "/api/v1/plans",
    "/api/v1/plans/fast-hands",
    "/api/v1/search?q=dolyo+chagi",
]


@pytest.fixture
def now():
    return timezone.now() - timedelta(seconds=1)


@pytest.fixture
def handbook(now):
    small_handbook(now=now)


def ask(client, url, tag="", **headers):
    return client.get(url, headers=({"If-None-Match": tag} if tag else {}) | headers)


def kept(answer):
    return {name: answer[name] for name in KEPT}


class TestNotModified:
    @pytest.mark.parametrize("url", ANSWERS)
    def test_one_query_is_enough_and_the_headers_are_the_same(self, handbook, client, url, django_assert_num_queries):
        answer = ask(client, url)
        assert answer.status_code == 200
        with django_assert_num_queries(1):
            again = ask(client, url, answer["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        assert kept(again) == kept(answer)
        assert answer["Cache-Control"] == "public, no-cache"
        assert {"Accept-Encoding", "Accept-Language", "Cookie"} <= set(answer["Vary"].split(", "))

    @pytest.mark.parametrize("url", ANSWERS)
    def test_a_member_costs_two_and_is_told_to_keep_it_to_themselves(
        self, handbook, signed_in, url, django_assert_num_queries
    ):
        answer = ask(signed_in, url)
        with django_assert_num_queries(3 if "/plans" in url else 2):  # whose clubs they are
            again = ask(signed_in, url, answer["ETag"])
        assert again.status_code == 304
        assert kept(again) == kept(answer)
        assert answer["Cache-Control"] == "private, no-cache"

    @pytest.fixture
    def tag(self, client, now):
        published_technique(now=now, slug="ap-chagi")
        return ask(client, "/api/v1/techniques")["ETag"]

    @pytest.mark.parametrize("form", ["{}", '"other", {}', '{}, "other"', 'W/"other",{}', "*"])
    def test_it_is_found_in_every_form(self, client, tag, form):
        strong = tag.removeprefix("W/")
        for each in (tag, strong):
            assert ask(client, "/api/v1/techniques", form.format(each)).status_code == 304

    @pytest.mark.parametrize("form", ['"other"', "nonsense", '"', "W/", ",", "W/W/{}", "x{}"])
    def test_and_nothing_else_is_taken_for_it(self, client, tag, form):
        assert ask(client, "/api/v1/techniques", form.format(tag[3:-1])).status_code == 200

    def test_any_at_all_does_not_make_something_of_what_is_not_there(self, client, tag):
        assert ask(client, "/api/v1/techniques/nothing", "*").status_code == 404
        assert ask(client, "/api/v1/techniques?limit=0", "*").status_code == 422

    def test_a_tag_does_not_save_a_wrong_question(self, client, tag):
        assert ask(client, "/api/v1/techniques?colour=red", tag).status_code == 422
        assert ask(client, "/api/v1/techniques?limit=0", tag).status_code == 422

    def test_a_refusal_has_no_tag_and_is_not_kept(self, client, tag):
        answer = ask(client, "/api/v1/techniques/nothing")
        assert "ETag" not in answer
        assert answer["Cache-Control"] == "no-store"

    def test_it_is_the_same_packed_or_not(self, client, handbook):
        packed = ask(client, "/api/v1/techniques", **{"Accept-Encoding": "gzip"})
        assert packed["Content-Encoding"] == "gzip"
        assert kept(packed) == kept(ask(client, "/api/v1/techniques"))

    def test_every_question_language_and_audience_has_its_own(self, client, signed_in, tag):
        published_technique(now=timezone.now(), slug="yop-chagi")
        stranger = Client()
        tags = [
            ask(stranger, "/api/v1/techniques")["ETag"],
            ask(stranger, "/api/v1/techniques?limit=1")["ETag"],
            ask(stranger, "/api/v1/techniques/yop-chagi")["ETag"],
            ask(stranger, "/api/v1/techniques", **{"Accept-Language": "ko"})["ETag"],
            ask(signed_in, "/api/v1/techniques")["ETag"],
        ]
        assert len(set(tags)) == len(tags)

    def test_one_members_plans_are_not_anothers(self, ben, cleo):
        tags = set()
        for person in (ben, cleo):
            client = Client()
            client.force_login(person)
            tags.add(ask(client, "/api/v1/plans")["ETag"])
        assert len(tags) == 2

    def test_another_installation_makes_other_tags(self, client, tag, settings):
        settings.SECRET_KEY = "x" * 60
        assert ask(Client(), "/api/v1/techniques")["ETag"] != tag

    def test_what_meilisearch_finds_has_none(self, client, tag, settings, monkeypatch):
        monkeypatch.setattr(queries, "search", lambda **_: queries.Found([]))
        settings.MEILISEARCH_URL = "http://localhost:1"
        answer = ask(client, "/api/v1/search?q=x")
        assert answer.status_code == 200
        assert "ETag" not in answer


class TestChanges:
    def test_a_draft_changes_no_tag(self, client, now):
        published_technique(now=now, slug="ap-chagi")
        urls = ["/api/v1/techniques", "/api/v1/techniques/ap-chagi", "/api/v1/search?q=chagi"]
        before = [ask(client, url)["ETag"] for url in urls]
        draft = commands.draft_technique(entry=technique_entry(slug="ap-chagi"), editor=None, now=now)
        commands.draft_technique(entry=technique_entry(slug="secret-chagi"), editor=None, now=now)
        assert [ask(client, url)["ETag"] for url in urls] == before
        commands.discard_draft(edition=draft, editor=None, now=now)
        assert [ask(client, url)["ETag"] for url in urls] == before

    def test_what_is_published_changes_it_at_once(self, client, now):
        published_technique(now=now, slug="ap-chagi")
        tag = ask(client, "/api/v1/techniques")["ETag"]
        published_technique(now=now, slug="yop-chagi")
        answer = ask(client, "/api/v1/techniques", tag)
        assert answer.status_code == 200
        assert "yop-chagi" in answer.content.decode()

    def test_a_word_that_is_changed_where_it_stands_changes_it(self, client):
        word = GlossaryTerm.objects.create(
            slug="charyot", topic="commands", name_pl="", name_en="", hangul="", transliteration="", min_belt=10
        )
        tags = {url: ask(client, url)["ETag"] for url in ("/api/v1/glossary", "/api/v1/glossary/charyot")}
        GlossaryTerm.objects.filter(pk=word.pk).update(name_en="attention")
        for url, tag in tags.items():
            assert ask(client, url, tag).json() != {}, "the old one holds no more"

    def test_other_collections_keep_theirs(self, client, now):
        tag = ask(client, "/api/v1/theory")["ETag"]
        published_technique(now=now, slug="ap-chagi")
        assert ask(client, "/api/v1/theory", tag).status_code == 304

    def test_a_change_while_the_answer_is_being_made_is_never_hidden(self, client, now, monkeypatch):
        published_technique(now=now, slug="ap-chagi")
        listed = queries.techniques

        def slowly(**asked):
            published_technique(now=now, slug="yop-chagi")
            return listed(**asked)

        monkeypatch.setattr(technique_operations.queries, "techniques", slowly)
        tag = ask(client, "/api/v1/techniques")["ETag"]
        monkeypatch.undo()
        assert ask(client, "/api/v1/techniques", tag).status_code == 200


class TestTheVeryInstant:
    """List, detail, search and tag go over to the next edition together, and nobody writes or runs anything then."""

    @pytest.fixture
    def begins(self, now):
        published_technique(now=now, slug="ap-chagi", names={"pl": "stare", "en": "old", "ko": "옛"})
        entry = technique_entry(slug="ap-chagi", names={"pl": "nowe", "en": "new", "ko": "새"})
        draft = commands.draft_technique(entry=entry, editor=None, now=now)
        commands.publish_edition(edition=draft, valid_from=now + DAY, editor=None, now=now)
        return now + DAY

    @pytest.fixture
    def at(self, monkeypatch, client):
        def seen(instant):
            """The English name in list, detail and search, the tags, and what PostgreSQL was told."""
            monkeypatch.setattr(timezone, "now", lambda: instant)
            answers = [ask(client, url) for url in self.URLS]
            listed, told, found = (answer.json() for answer in answers)
            names = {listed["items"][0]["names"]["en"], told["names"]["en"], found["items"][0]["title"]["en"]}
            return names, [answer["ETag"] for answer in answers]

        return seen

    URLS = ("/api/v1/techniques", "/api/v1/techniques/ap-chagi", "/api/v1/search?q=ap+chagi")

    def test_all_four_agree(self, begins, at, now):
        moment = timedelta(microseconds=1)
        names, before = at(now)
        assert names == {"old"}
        assert at(begins - moment) == ({"old"}, before), "up to the last moment nothing is different"
        names, after = at(begins)
        assert names == {"new"}
        assert not set(before) & set(after)
        assert at(begins + DAY) == ({"new"}, after), "and then it stays so"

    def test_who_has_the_old_one_gets_the_new_one(self, begins, client, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: begins - timedelta(seconds=1))
        tags = {url: ask(client, url)["ETag"] for url in self.URLS}
        assert [ask(client, url, tag).status_code for url, tag in tags.items()] == [304, 304, 304]
        monkeypatch.setattr(timezone, "now", lambda: begins)
        assert [ask(client, url, tag).status_code for url, tag in tags.items()] == [200, 200, 200]

    def test_the_queries_agree_as_well(self, begins, now):
        def names(at):
            asked = queries.Asked(now=at)
            return {
                queries.techniques(now=at).get().name["en"],
                queries.technique(slug="ap-chagi", now=at).name["en"],
                queries.search(q="ap chagi", asked=asked, language="en").hits[0].document.title["en"],
            }

        before, after = begins - timedelta(microseconds=1), begins
        assert (names(before), names(after)) == ({"old"}, {"new"})
        assert queries.state(Collection.TECHNIQUES, now=before) != queries.state(Collection.TECHNIQUES, now=after)

    def test_an_edition_that_ends_without_another_is_gone_from_all(self, begins, at, client, monkeypatch):
        _, before = at(begins)
        edition = TechniqueEdition.objects.get(valid_from=begins)
        TechniqueEdition.objects.filter(pk=edition.pk).update(valid_to=begins + DAY)
        monkeypatch.setattr(timezone, "now", lambda: begins + DAY)
        answers = [ask(client, url, tag) for url, tag in zip(self.URLS, before, strict=True)]
        assert [answer.status_code for answer in answers][:2] == [200, 404]
        assert answers[0].json()["items"] == []
